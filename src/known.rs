//! Names that a document has shown elsewhere: after `北京灵枢科技有限公司`, `灵枢` and `灵枢科技` may be the company; after
//! `Jerry Tworek`, `Tworek` the man.
//!
//! They are not decisions but features of the tagger's second look. Training makes them from the annotation of the
//! rest of the article, extraction from the first look's sure names, both by this code.

use crate::lexicon::{Lexicon, rows, table};
use crate::mention::Kind;
use crate::text::Span;
use rustc_hash::{FxHashMap, FxHashSet};

/// The kinds that a known name can have, in the order of their codes.
pub const KNOWN_KINDS: [Kind; 4] = [Kind::Person, Kind::Org, Kind::Loc, Kind::Product];

/// How a surface follows from a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// The name itself.
    Full,
    /// A part or a short form of it.
    Derived,
}

/// A surface to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// What the name is.
    pub kind: Kind,
    /// Whether it is the name or follows from it.
    pub form: Form,
    /// Where the name was read.
    pub at: Span,
}

/// What short forms are made with: the words that open and close names of organisations, and compound surnames.
pub struct Forms {
    heads: FxHashSet<Box<str>>,
    places: FxHashSet<Box<str>>,
    compound_surnames: FxHashSet<Box<str>>,
    longest_head: usize,
}

/// A short form has at least this many Chinese characters.
const LEAST_CHARS: usize = 2;

impl Forms {
    /// Reads the dictionaries.
    pub fn new(lexicon: &Lexicon) -> Self {
        let heads: FxHashSet<Box<str>> =
            rows(table!("organisation_heads")).map(|(_, row)| lexicon.fold(row[0])).collect();
        let places = lexicon.names.iter().filter(|(surface, entries)| {
            surface.chars().count() >= 2 && entries.iter().any(|entry| entry.kind == Kind::Loc)
        });
        Self {
            longest_head: heads.iter().map(|head| head.chars().count()).max().unwrap_or(0),
            heads,
            places: places.map(|(surface, _)| surface.into()).collect(),
            compound_surnames: rows(table!("surnames"))
                .filter(|(_, row)| row.get(1) == Some(&"compound"))
                .map(|(_, row)| lexicon.fold(row[0]))
                .collect(),
        }
    }

    /// Calls `add` with each surface that follows from a folded name, the name itself first.
    pub fn each<'a>(&self, kind: Kind, name: &'a str, mut add: impl FnMut(&'a str, Form)) {
        let least = if name.is_ascii() { 2 } else { 3 * LEAST_CHARS };
        if name.len() < least {
            return;
        }
        add(name, Form::Full);
        match kind {
            Kind::Person => self.person(name, add),
            Kind::Org => self.organisation(name, add),
            _ => {}
        }
    }

    fn person<'a>(&self, name: &'a str, mut add: impl FnMut(&'a str, Form)) {
        if name.contains([' ', '·']) {
            for part in name.split([' ', '·']) {
                if part.len() >= if part.is_ascii() { 3 } else { 3 * LEAST_CHARS } {
                    add(part, Form::Derived);
                }
            }
            return;
        }
        let mut borders = name.char_indices().map(|(at, _)| at);
        let (Some(second), Some(third)) = (borders.nth(1), borders.next()) else { return };
        let compound = self.compound_surnames.contains(&name[..third]);
        if compound {
            add(&name[..third], Form::Derived);
        }
        // 明远 of 诸葛明远, 思远 of 李思远: the given name alone.
        let given = &name[if compound { third } else { second }..];
        if given.chars().count() == 2 {
            add(given, Form::Derived);
        }
    }

    /// Takes heads off the end and places off the front, one after the other.
    fn organisation<'a>(&self, name: &'a str, mut add: impl FnMut(&'a str, Form)) {
        let long_enough = |name: &str| {
            name.chars().count() >= LEAST_CHARS && !self.heads.contains(name) && !self.places.contains(name)
        };
        let without_place = |name: &'a str| -> Option<&'a str> {
            let borders: Vec<usize> = name.char_indices().map(|(at, _)| at).take(9).collect();
            let place = borders.iter().rev().find(|&&at| self.places.contains(&name[..at]))?;
            Some(&name[*place..])
        };
        let mut rest = name;
        while let Some(shorter) = self.without_head(rest) {
            rest = shorter;
            if long_enough(rest) {
                add(rest, Form::Derived);
            }
            if let Some(bare) = without_place(rest).filter(|bare| long_enough(bare)) {
                add(bare, Form::Derived);
            }
        }
        if let Some(bare) = without_place(name).filter(|bare| long_enough(bare)) {
            add(bare, Form::Derived);
        }
    }

    /// The name without its longest head, and without brackets that close it (灵枢（北京）有限公司).
    fn without_head<'a>(&self, name: &'a str) -> Option<&'a str> {
        if name.ends_with(['）', ')'])
            && let Some(open) = name.rfind(['（', '('])
        {
            return Some(&name[..open]).filter(|rest| !rest.is_empty());
        }
        let borders: Vec<usize> = name.char_indices().map(|(at, _)| at).collect();
        let earliest = borders.len().saturating_sub(self.longest_head);
        let head =
            borders[earliest.max(1).min(borders.len())..].iter().find(|&&at| self.heads.contains(&name[at..]))?;
        Some(&name[..*head])
    }
}

/// The known surfaces of a document, found by their first character.
#[derive(Default)]
pub struct KnownNames<'a> {
    by_first: FxHashMap<char, Vec<(&'a str, Known)>>,
}

impl<'a> KnownNames<'a> {
    /// From surfaces; where one comes several times the first that is [`Form::Full`], else the first, counts.
    pub fn new(surfaces: impl IntoIterator<Item = (&'a str, Known)>) -> Self {
        let mut known: FxHashMap<&str, Known> = FxHashMap::default();
        for (surface, candidate) in surfaces {
            let slot = known.entry(surface).or_insert(candidate);
            if candidate.form < slot.form {
                *slot = candidate;
            }
        }
        let mut by_first: FxHashMap<char, Vec<(&str, Known)>> = FxHashMap::default();
        for (surface, known) in known {
            if let Some(first) = surface.chars().next() {
                by_first.entry(first).or_default().push((surface, known));
            }
        }
        for surfaces in by_first.values_mut() {
            surfaces.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.0.cmp(b.0)));
        }
        Self { by_first }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_first.is_empty()
    }

    /// Where known surfaces stand in a piece of shadow text, left to right, the longest at each place. Positions are
    /// bytes of the piece. A surface does not match inside a Latin word.
    pub fn find(&self, shadow: &str) -> Vec<(Span, Known)> {
        let bytes = shadow.as_bytes();
        let inside_word = |at: usize| {
            at > 0 && at < bytes.len() && bytes[at - 1].is_ascii_alphanumeric() && bytes[at].is_ascii_alphanumeric()
        };
        let mut found = Vec::new();
        let mut free = 0;
        for (at, c) in shadow.char_indices() {
            if at < free {
                continue;
            }
            let Some(surfaces) = self.by_first.get(&c) else { continue };
            let fits = |surface: &str| {
                shadow[at..].starts_with(surface) && !inside_word(at) && !inside_word(at + surface.len())
            };
            if let Some((surface, known)) = surfaces.iter().find(|(surface, _)| fits(surface)) {
                free = at + surface.len();
                found.push((Span::new(at, free), *known));
            }
        }
        found
    }
}

/// Codes of known names; 0 is none.
pub const KNOWN_CODES: usize = 1 + KNOWN_KINDS.len() * 2 * 4;

/// The code of a place within a known name.
pub fn known_code(known: Known, place: usize) -> u8 {
    let kind = KNOWN_KINDS.iter().position(|kind| *kind == known.kind).unwrap_or(0);
    (1 + (kind * 2 + known.form as usize) * 4 + place) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(kind: Kind, name: &str) -> Vec<String> {
        let lexicon = Lexicon::new(&[] as &[&str]).unwrap();
        let mut all = Vec::new();
        Forms::new(&lexicon).each(kind, name, |surface, _| all.push(surface.to_owned()));
        all
    }

    #[test]
    fn legal_names_give_their_core() {
        let all = forms(Kind::Org, "北京灵枢科技股份有限公司");
        assert!(all.contains(&"灵枢".to_owned()) && all.contains(&"灵枢科技".to_owned()), "{all:?}");
        assert_eq!(forms(Kind::Org, "北京大学"), ["北京大学"]);
    }

    #[test]
    fn people_give_their_parts() {
        assert_eq!(forms(Kind::Person, "jerry tworek"), ["jerry tworek", "jerry", "tworek"]);
        assert_eq!(forms(Kind::Person, "诸葛明远"), ["诸葛明远", "诸葛", "明远"]);
        assert_eq!(forms(Kind::Person, "埃隆·马斯克"), ["埃隆·马斯克", "埃隆", "马斯克"]);
    }
}
