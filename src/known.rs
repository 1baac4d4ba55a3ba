//! Names that a document has shown elsewhere: after `北京灵枢科技有限公司`, `灵枢` and `灵枢科技` may be the company; after
//! `Jerry Tworek`, `Tworek` the man.
//!
//! They are not decisions but features of the tagger's second look. Training makes them from the annotation of the
//! rest of the article, extraction from the first look's sure names, both by this code.

use crate::lexicon::{Lexicon, rows, table};
use crate::mention::Kind;
use crate::text::{Span, Text};
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
    /// 先生, 总, 警官: what may stand behind a bare surname.
    addresses: FxHashSet<Box<str>>,
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
            addresses: rows(table!("titles")).map(|(_, row)| lexicon.fold(row[0])).collect(),
            compound_surnames: rows(table!("surnames"))
                .filter(|(_, row)| row.get(1) == Some(&"compound"))
                .chain(rows(table!("foreign_names")).filter(|(_, row)| row.get(1) == Some(&"japanese-family")))
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

    /// Whether a surface is the head of an organisation's name and nothing else.
    pub fn is_head(&self, surface: &str) -> bool {
        self.heads.contains(surface)
    }

    /// The surname of a Chinese or Japanese full name.
    pub fn surname<'a>(&self, name: &'a str) -> Option<&'a str> {
        if name.is_ascii() || name.contains('·') {
            return None;
        }
        let borders: Vec<usize> = name.char_indices().map(|(at, _)| at).take(4).collect();
        let compound = borders.iter().skip(2).rev().find(|&&at| self.compound_surnames.contains(&name[..at]));
        compound.or(borders.get(1)).map(|&at| &name[..at])
    }

    /// The surname of a form of address: 李 of 李先生, 老李, 李总; also of a bare compound surname.
    pub fn addressed<'a>(&self, name: &'a str) -> Option<&'a str> {
        let familiar = ["老", "小", "阿", "大"].iter().find_map(|prefix| name.strip_prefix(prefix));
        let is_surname = |name: &str| name.chars().count() == 1 || self.compound_surnames.contains(name);
        if let Some(rest) = familiar.filter(|rest| is_surname(rest)) {
            return Some(rest);
        }
        if is_surname(name) {
            return Some(name);
        }
        let borders: Vec<usize> = name.char_indices().map(|(at, _)| at).chain([name.len()]).take(4).collect();
        let surname = borders.iter().skip(1).rev().find(|&&at| {
            let rest = &name[at..];
            let first = borders.get(1) == Some(&at) || self.compound_surnames.contains(&name[..at]);
            first && (rest == "老" || self.addresses.contains(rest))
        });
        surname.map(|&at| &name[..at])
    }

    /// What stands behind the place that a name begins with.
    pub fn without_place<'a>(&self, name: &'a str) -> Option<&'a str> {
        let borders: Vec<usize> = name.char_indices().map(|(at, _)| at).take(9).collect();
        let place = borders.iter().rev().find(|&&at| self.places.contains(&name[..at]))?;
        Some(&name[*place..])
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
        // 小野寺 of 小野寺爱, 诸葛 of 诸葛明远.
        let longer = borders.next().filter(|&fourth| self.compound_surnames.contains(&name[..fourth]));
        let compound = longer.or(Some(third).filter(|&third| self.compound_surnames.contains(&name[..third])));
        if let Some(behind) = compound.filter(|&behind| behind < name.len()) {
            add(&name[..behind], Form::Derived);
        }
        // 明远 of 诸葛明远, 思远 of 李思远: the given name alone.
        let given = &name[compound.unwrap_or(second)..];
        if given.chars().count() == 2 {
            add(given, Form::Derived);
        }
    }

    /// Takes heads off the end, and a place off the front.
    fn organisation<'a>(&self, whole: &'a str, mut add: impl FnMut(&'a str, Form)) {
        let long_enough = |name: &str| {
            name.chars().count() >= LEAST_CHARS && !self.heads.contains(name) && !self.places.contains(name)
        };
        // Helvion of Helvion Pharma: the first word of a Latin name.
        if let Some((first, _)) = whole.split_once(' ').filter(|(first, _)| first.is_ascii() && first.len() > 3) {
            if long_enough(first) && !COMMON.contains(&first) {
                add(first, Form::Derived);
            }
            return;
        }
        // A bracket at the end belongs to the legal form: 灵枢会计师事务所（特殊普通合伙）.
        let name =
            whole.strip_suffix(['）', ')']).and_then(|open| open.rfind(['（', '('])).map_or(whole, |at| &whole[..at]);
        let borders: Vec<usize> = name.char_indices().map(|(at, _)| at).chain([name.len()]).collect();
        let place = borders.iter().take(9).rev().find(|&&at| self.places.contains(&name[..at])).copied();
        // Whether what begins at each border is made of heads alone, from the end on: 科技|股份|有限公司.
        let mut only_heads = vec![false; borders.len()];
        only_heads[borders.len() - 1] = true;
        for first in (1..borders.len() - 1).rev() {
            let reach = borders.len().min(first + self.longest_head + 1);
            only_heads[first] = (first + 1..reach)
                .any(|behind| only_heads[behind] && self.heads.contains(&name[borders[first]..borders[behind]]));
        }
        for at in borders.iter().zip(&only_heads).filter(|(_, only)| **only).map(|(at, _)| *at) {
            for rest in [Some(&name[..at]), place.and_then(|place| name.get(place..at))].into_iter().flatten() {
                if rest.len() < whole.len() && long_enough(rest) {
                    add(rest, Form::Derived);
                }
            }
        }
        // 港湾 of 津门港湾, 赣江 of 赣江新材: either half of a name of four characters.
        if name.len() == 12 && name.chars().count() == 4 {
            for half in [&name[..6], &name[6..]].into_iter().filter(|half| long_enough(half)) {
                add(half, Form::Derived);
            }
        }
    }
}

/// First words that say nothing of whom they name, as read.
const COMMON: [&str; 16] = [
    "first",
    "united",
    "american",
    "national",
    "general",
    "international",
    "global",
    "royal",
    "saint",
    "north",
    "south",
    "east",
    "west",
    "central",
    "university",
    "world",
];

/// The known surfaces of a document.
#[derive(Default)]
pub struct KnownNames<'a> {
    known: FxHashMap<&'a str, Known>,
    /// The lengths in bytes of the surfaces that begin with a character, longest first.
    lengths: FxHashMap<char, Vec<usize>>,
}

/// Longer surfaces are not looked for: it bounds the number of lengths, and so the time for each character.
const LONGEST: usize = 120;

impl<'a> KnownNames<'a> {
    /// From surfaces; where one comes several times the first that is [`Form::Full`], else the first, counts.
    pub fn new(surfaces: impl IntoIterator<Item = (&'a str, Known)>) -> Self {
        let mut names = Self::default();
        for (surface, candidate) in surfaces {
            let Some(first) = surface.chars().next().filter(|_| surface.len() <= LONGEST) else { continue };
            let slot = names.known.entry(surface).or_insert(candidate);
            if candidate.form < slot.form {
                *slot = candidate;
            }
            let lengths = names.lengths.entry(first).or_default();
            if let Err(place) = lengths.binary_search_by(|length| surface.len().cmp(length)) {
                lengths.insert(place, surface.len());
            }
        }
        names
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
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
            let Some(lengths) = self.lengths.get(&c).filter(|_| at >= free && !inside_word(at)) else { continue };
            let longest = lengths.iter().find_map(|length| {
                let surface = shadow.get(at..at + length)?;
                self.known.get(surface).filter(|_| !inside_word(at + length)).map(|known| (*length, *known))
            });
            if let Some((length, known)) = longest {
                free = at + length;
                found.push((Span::new(at, free), known));
            }
        }
        found
    }
}

/// Whether the letters of a short name stand in a full one in the same order.
pub fn in_order(short: &str, full: &str) -> bool {
    let mut letters = full.chars();
    short.chars().all(|c| letters.any(|letter| letter == c))
}

/// The short name in the bracket behind an organisation's full one, made of its letters: 海岚电气（海岚，01926）.
pub fn short_in_bracket(text: &Text, full: Span) -> Option<&str> {
    let inside = text.shadow()[full.end()..].strip_prefix(['（', '('])?;
    let short = &inside[..inside.find(['）', ')', '，', ',', '、', '；'])?];
    let name = text.read(full);
    let chars = short.chars().count();
    ((LEAST_CHARS..=8).contains(&chars) && short.len() < name.len() && in_order(short, name)).then_some(short)
}

/// Short names that the text itself defines: `（以下简称“灵枢”）`. Gives the span of each definition's name, and the
/// position of the bracket that opens it: what stands before is the full name.
pub fn defined(text: &Text) -> Vec<(Span, usize)> {
    let shadow = text.shadow();
    let mut found = Vec::new();
    for (at, opener) in shadow.match_indices(['（', '(']) {
        let inside = &shadow[at + opener.len()..];
        // （Lingshu，下称灵枢）: the definition may come second.
        let first = |inside: &str| DEFINERS.iter().find(|word| inside.starts_with(**word)).map(|word| word.len());
        let second = || {
            let comma = inside.char_indices().take(40).take_while(|(_, c)| !matches!(c, '）' | ')' | '\n'));
            let comma = comma.into_iter().find(|(_, c)| matches!(c, '，' | ',' | '；'))?;
            let behind = comma.0 + comma.1.len_utf8();
            Some(behind + first(&inside[behind..])?)
        };
        let Some(word) = first(inside).or_else(second) else { continue };
        let rest = inside[word..].trim_start_matches(['：', ':', ' ', '为']);
        let start = shadow.len() - rest.len();
        let rest = rest.trim_start_matches(['“', '"', '「', '‘', '\'']);
        let quoted = shadow.len() - rest.len();
        // A definition is short; what closes it stands within a few characters.
        let close = rest
            .char_indices()
            .take(24)
            .find(|(_, c)| matches!(c, '”' | '"' | '」' | '’' | '\'' | '）' | ')' | '，' | ',' | '、'));
        if let Some((length, _)) = close
            && length > 0
            && (quoted > start || !rest[..length].contains(['。', '；']))
        {
            found.push((Span::new(quoted, quoted + length), at));
        }
    }
    found
}

/// What introduces a short name, longest first.
const DEFINERS: [&str; 8] = ["以下简称", "以下称", "下文简称", "下简称", "下称", "后称", "全称", "简称"];

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
    fn texts_define_short_names() {
        let text =
            Text::new("北京灵枢科技有限公司（以下简称“灵枢”或“公司”）与甲公司(下称甲方)", &crate::lexicon::folding());
        let names: Vec<&str> = defined(&text).into_iter().map(|(span, _)| text.read(span)).collect();
        assert_eq!(names, ["灵枢", "甲方"]);
    }

    #[test]
    fn people_give_their_parts() {
        assert_eq!(forms(Kind::Person, "jerry tworek"), ["jerry tworek", "jerry", "tworek"]);
        assert_eq!(forms(Kind::Person, "诸葛明远"), ["诸葛明远", "诸葛", "明远"]);
        assert_eq!(forms(Kind::Person, "埃隆·马斯克"), ["埃隆·马斯克", "埃隆", "马斯克"]);
    }
}
