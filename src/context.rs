//! Words around a relation, by what they do there: 曾 says that an office is over, 否认 that nothing has happened.
//!
//! The table is `context_words.tsv`; its classes are the fields of [`Context`].

use crate::lexicon::rows;
use crate::text::Folding;

/// The words of one class, the longest first.
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Whether one of the words stands in a text.
    pub fn inside(&self, text: &str) -> bool {
        self.0.iter().any(|word| text.contains(&**word))
    }

    /// What stands behind the word with which a text begins.
    pub fn open<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().find_map(|word| text.strip_prefix(&**word))
    }

    /// What stands before the word with which a text ends.
    pub fn close<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().find_map(|word| text.strip_suffix(&**word))
    }

    /// Whether a text is one of the words.
    pub fn are(&self, text: &str) -> bool {
        self.0.iter().any(|word| word == text)
    }

    /// The word with which a text begins.
    pub fn first(&self, text: &str) -> Option<&str> {
        self.0.iter().map(|word| &**word).find(|word| text.starts_with(word))
    }
}

/// Makes the struct and its reader of one list of classes.
macro_rules! context {
    ($($(#[$doc:meta])* $class:ident,)*) => {
        /// The words of the table by class.
        pub(crate) struct Context {
            $($(#[$doc])* pub $class: Words,)*
        }

        impl Context {
            /// The embedded table, folded as texts are.
            pub fn new(folding: &Folding) -> Self {
                let table: Vec<(String, Vec<&str>)> = rows(TABLE)
                    .map(|(_, row)| (row[0].chars().map(|c| folding.fold(c)).collect(), row[1].split(' ').collect()))
                    .collect();
                Self { $($class: words(&table, stringify!($class)),)* }
            }
        }

        #[cfg(test)]
        const CLASSES: &[&str] = &[$(stringify!($class)),*];
    };
}

context! {
    /// An office begins: 出任.
    begin,
    /// An office is over: 曾, 此前.
    past,
    /// An office goes on: 现, 至今.
    now,
    /// Whoever lays down an office keeps another: 保留.
    stays,
    /// An office is left for a higher one, behind it: 由厂长升任.
    rises,
    /// What is said is denied or left open: 否认, 或将.
    doubt,
    /// It is only guessed: 猜测.
    guess,
    /// Behind a verb of leaving: it describes a thing (离职高管) or a time.
    described,
    /// Behind an organisation: what one leaves without leaving it (总部).
    premises,
    /// Behind a verb of taking office: only a time (上任以来).
    onset,
    /// Behind an organisation with 从: one comes from there (过来).
    comes,
    /// Of these, somebody is taken from there (挖来).
    taken,
    /// Before these (被, 正式) nothing changes.
    aside,
    /// Stands for the organisation that the sentence is about.
    company,
    /// Stands for the last organisation whose name it closes: 合作社.
    institution,
    /// Stands for the last organisation of its kind.
    alike,
    /// Behind this word the one stands who goes.
    succeeds,
    /// Behind this word somebody stands who does nothing.
    towards,
    /// No subject, whatever the segmenter takes it for.
    filler,
    /// Before a person: an unnamed relation (前同事).
    fellow,
    /// Does not stand between an organisation and its department's office.
    divides,
    /// Before an organisation: it is not what the passage is about.
    governs,
    /// Behind an organisation: it is not what the passage is about.
    passing,
    /// Closes an office that a place can have: 州长.
    local,
    /// Closes an office that a country has: 总统.
    national,
    /// Closes the name of a public body, which has no chief financial officer.
    body,
    /// Says what an office is to its holder before 由: 一职.
    duty,
    /// Somebody speaks who has no name: 网友.
    unnamed,
    /// Before a quotation: a name follows and no speech (设立“青苗基金”).
    naming,
    /// Between two pieces of what somebody says: 也.
    goes_on,
}

const TABLE: &str = include_str!("../dictionaries/context_words.tsv");

fn words(table: &[(String, Vec<&str>)], class: &str) -> Words {
    let rows = table.iter().filter(|(_, classes)| classes.contains(&class));
    let mut words: Vec<String> = rows.map(|(word, _)| word.clone()).collect();
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    Words(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_known_classes() {
        let words: Vec<&str> = rows(TABLE).map(|(_, row)| row[0]).collect();
        assert!(words.is_sorted_by(|a, b| a < b), "the words are not sorted, or one stands twice");
        for (line, row) in rows(TABLE) {
            for class in row[1].split(' ') {
                assert!(CLASSES.contains(&class), "line {line}: no class {class}");
            }
        }
        for class in CLASSES {
            assert!(rows(TABLE).any(|(_, row)| row[1].split(' ').any(|c| c == *class)), "no word of class {class}");
        }
    }
}
