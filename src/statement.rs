//! A relation and how sure it is, and the words that give rise to one: `表示` says, `加盟` joins, `毛利率` is a measure.
//!
//! The tables are `quote_verbs.tsv`, `move_verbs.tsv`, `figure_words.tsv`, `role_words.tsv` and, for the words around
//! them, `context_words.tsv` and `seats.tsv`. A word of one character
//! counts only where the segmenter takes it for a word of its own: 任 in 任务 is none.

use crate::context::Context;
use crate::cue::{Net, place};
use crate::lexicon::rows;
use crate::text::{Folding, Span, Text};
use crate::trie::Trie;
use rustc_hash::FxHashMap;

/// The kind of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// person, title, org, status
    Role,
    /// person, action, org
    Move,
    /// subject, measure, value
    Figure,
    /// subject, measure, value (from -> to)
    Change,
    /// speaker, content
    Quote,
}

impl RelationKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Role, Self::Move, Self::Figure, Self::Change, Self::Quote];

    /// The name in records and annotation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Move => "move",
            Self::Figure => "figure",
            Self::Change => "change",
            Self::Quote => "quote",
        }
    }
}

impl Relation {
    /// A relation without parts yet.
    pub(crate) fn new(kind: RelationKind, evidence: Span) -> Self {
        Self { kind, parts: Vec::new(), refs: Vec::new(), evidence, confidence: Confidence::Certain }
    }

    /// The text of a part.
    pub fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(part, _)| *part == name).map(|(_, text)| &**text)
    }

    /// What a part refers to.
    pub fn target(&self, name: &str) -> Option<u32> {
        self.refs.iter().find(|(part, _)| *part == name).map(|&(_, id)| id)
    }
}

impl std::str::FromStr for RelationKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            format!("unknown relation '{name}', expected one of {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}

/// How sure a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The words stand side by side and leave no choice.
    Certain,
    /// A part was carried over from an earlier clause, or chosen among several.
    Likely,
}

impl Confidence {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
        }
    }
}

/// A relation between what was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its kind.
    pub kind: RelationKind,
    /// Its parts by name, in the order of the kind's definition.
    pub parts: Vec<(&'static str, String)>,
    /// For each part that is an entity, its index; for values the index of the mention.
    pub refs: Vec<(&'static str, u32)>,
    /// The clause that says so.
    pub evidence: Span,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What a word does, as a set of bits; the names of the classes are those of the tables.
pub type Class = u64;

/// The classes of the tables by name. A name stands once; the bit is its place.
const CLASSES: [&str; 35] = [
    "say",
    "joined",
    "left",
    "founded",
    "appointed",
    "subject",
    "passive",
    "object",
    "money",
    "ratio",
    "count",
    "link",
    "basis",
    "up",
    "down",
    "loss",
    "from",
    "to",
    "after",
    "open",
    "act",
    "self-org",
    "self-person",
    "self-product",
    "own",
    "org",
    "person",
    "product",
    "former",
    "past",
    "hold",
    "adv",
    "either",
    "heir",
    "adjacent",
];

/// The bits of some classes.
///
/// # Panics
/// When there is no class of that name: the callers are constants of this crate.
pub(crate) const fn class_of(name: &str) -> Class {
    1 << place(&CLASSES, name)
}

/// The bits of a class, reckoned while compiling: `class!("say")`.
macro_rules! class {
    ($name:literal) => {
        const { $crate::statement::class_of($name) }
    };
}
pub(crate) use class;

/// A word of the tables in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Where it stands.
    pub span: Span,
    /// What it does.
    pub class: Class,
}

/// The words of one table with what they do.
fn classes(folding: &Folding, tables: &[&str]) -> FxHashMap<String, Class> {
    let mut words: FxHashMap<String, Class> = FxHashMap::default();
    for (_, row) in tables.iter().flat_map(|table| rows(table)) {
        let word = row[0].chars().map(|c| folding.fold(c)).collect();
        let classes = row[1..].iter().flat_map(|field| field.split(' ')).filter(|name| CLASSES.contains(name));
        *words.entry(word).or_default() |= classes.fold(0, |all, name| all | class_of(name));
    }
    words
}

/// Whose office a title is, and whether it is news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Office {
    pub byline: bool,
    pub position: bool,
    pub corporate: bool,
    pub judicial: bool,
    pub public: bool,
    /// Of an organisation that the article is not about.
    pub other: bool,
}

/// The tables of triggers, built once.
pub struct RelationWords {
    /// The words of all tables; the numbers are indices into `classes`.
    words: Trie<4>,
    classes: Vec<Class>,
    /// Words around a relation.
    pub(crate) context: Context,
    /// Offices that name the kind of their organisation, and how the names of such organisations end.
    seats: Vec<(String, Vec<String>)>,
    /// Whose a figure is.
    pub(crate) subjects: Net,
    /// Titles with their classes, the longest first.
    offices: Vec<(String, Office)>,
}

impl RelationWords {
    /// The embedded tables, folded as texts are.
    pub fn new(folding: &Folding) -> Self {
        const SAY: &str = include_str!("../dictionaries/quote_verbs.tsv");
        const MOVE: &str = include_str!("../dictionaries/move_verbs.tsv");
        const FIGURE: &str = include_str!("../dictionaries/figure_words.tsv");
        const CLAUSE: &str = include_str!("../dictionaries/clause_words.tsv");
        const ROLE: &str = include_str!("../dictionaries/role_words.tsv");
        const SEAT: &str = include_str!("../dictionaries/seats.tsv");
        let fold = |word: &str| -> String { word.chars().map(|c| folding.fold(c)).collect() };
        let mut offices: Vec<(String, Office)> = rows(ROLE)
            .map(|(_, row)| {
                let has = |name| row[1].split(' ').any(|class| class == name);
                let office = Office {
                    byline: has("byline"),
                    position: has("position"),
                    corporate: has("corporate"),
                    judicial: has("judicial"),
                    public: has("public"),
                    other: has("other"),
                };
                (row[0].chars().map(|c| folding.fold(c)).collect(), office)
            })
            .filter(|(_, office)| *office != Office::default())
            .collect();
        offices.sort_by_key(|(title, _)| std::cmp::Reverse(title.len()));
        let tables: [&[&str]; 4] = [&[SAY], &[MOVE], &[FIGURE, CLAUSE], &[ROLE]];
        let tables = tables.map(|tables| classes(folding, tables));
        let words = tables.iter().enumerate().flat_map(|(table, words)| words.iter().map(move |word| (table, word)));
        Self {
            words: Trie::new(words.clone().zip(0..).map(|((table, (word, _)), n)| (&**word, table, n))),
            classes: words.map(|(_, (_, class))| *class).collect(),
            context: Context::new(folding),
            seats: rows(SEAT).map(|(_, row)| (fold(row[0]), row[1].split(' ').map(fold).collect())).collect(),
            subjects: Net::embedded(),
            offices,
        }
    }

    /// The classes of a title: those of the longest known title that closes it.
    pub(crate) fn office(&self, title: &str) -> Office {
        self.offices.iter().find(|(known, _)| title.ends_with(&**known)).map_or_else(Office::default, |&(_, o)| o)
    }

    /// How the names of the organisations end of which a bare title is: 镇长 is of a 镇人民政府.
    pub(crate) fn seats(&self, title: &str) -> Option<&[String]> {
        self.seats.iter().find(|(office, _)| title.ends_with(&**office)).map(|(_, ends)| &**ends)
    }

    /// The words of saying, of moves, of figures and of roles in a text.
    pub(crate) fn find(&self, text: &Text) -> [Vec<Trigger>; 4] {
        let mut found = [const { Vec::new() }; 4];
        self.words.find(text.shadow(), |table, span, word| {
            found[table].push(Trigger { span, class: self.classes[word as usize] });
        });
        found
    }
}
