//! What the tagger sees of a sentence: for each character itself, its class, the dictionaries' and the segmenter's
//! opinion of it.
//!
//! `刘伟教授` becomes, for `伟`: the character, "given-name character", "inside no dictionary name", "end of a word
//! tagged nr". Training and extraction look through the same code, so that they see the same.

use crate::known::{Known, known_code};
use crate::lexicon::{Entry, Lexicon, rows, single, table};
use crate::mention::Kind;
use crate::segment::{Tag, Token};
use crate::text::{Span, Text};
use crate::trie::Trie;

/// Positions that a sentence is padded with on either side, so that windows need no border cases.
pub const PAD: usize = 2;

/// The observations of one sentence. All vectors have one element for each character, and `PAD` more on either side.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The character: digits are all 0, punctuation is folded further than in the shadow.
    pub chars: Vec<u16>,
    /// The class of the character, below [`CLASSES`].
    pub classes: Vec<u8>,
    /// Dictionary names: kinds, place within the match, length; below [`NAME_CODES`].
    pub names: Vec<u16>,
    /// Parts of names (titles, heads, foreign names): list, place within the match, length; below [`PART_CODES`].
    pub parts: Vec<u16>,
    /// The segmenter: place within the word and its tag; below [`WORD_CODES`].
    pub words: Vec<u8>,
    /// Names that the document has shown elsewhere: kind, form, place within; below [`KNOWN_CODES`](crate::known::KNOWN_CODES).
    pub known: Vec<u8>,
    /// First byte of each character in the shadow, and the end of the sentence; without padding.
    pub starts: Vec<u32>,
}

/// Character classes: forms of letters and signs, then Chinese characters by their use in names.
pub const CLASSES: usize = FORMS + 12;
/// Classes that are not of Chinese characters.
const FORMS: usize = 16;
/// Codes of [`Observed::names`]; 0 is no match.
pub const NAME_CODES: usize = 1 + 12 * PLACES;
/// Codes of [`Observed::parts`]; 0 is no match.
pub const PART_CODES: usize = 1 + PART_LISTS * PLACES;
/// Codes of [`Observed::words`]; 0 is the padding.
pub const WORD_CODES: usize = 1 + 4 * Tag::COUNT;

/// Places within a match: begin, middle, end or alone, for lengths up to six.
const PLACES: usize = 4 * 6;

/// The lists of parts of names, in the order of their codes.
const PART_LISTS: usize = 16;

/// Looks at sentences through the dictionaries.
pub struct Observer {
    /// The class of each character of the basic plane.
    classes: Box<[u8; 0x1_0000]>,
    /// What is looked for, with the number that its codes are made of: names of the dictionaries with their
    /// [`name_list`], then titles, heads of organisations and places, and foreign names with their list.
    surfaces: Trie<2>,
}

/// The padding's character code, which no character has.
const EDGE: u16 = 1;

impl Observer {
    /// Builds the tables from the dictionaries.
    pub fn new(lexicon: &Lexicon) -> Self {
        let names = lexicon.names.iter().map(|(surface, entries)| (surface, 0, name_list(entries)));
        let parts = parts(lexicon);
        let parts = parts.iter().map(|(surface, list)| (&**surface, 1, *list));
        Self { classes: classes(), surfaces: Trie::new(names.chain(parts)) }
    }

    /// Looks at one sentence. `out` is overwritten; it is a parameter so that its memory is used again.
    pub fn observe(&self, text: &Text, sentence: Span, tokens: &[Token], out: &mut Observed) {
        let shadow = text.read(sentence);
        let base = sentence.start();
        out.clear();
        for ((at, c), given) in shadow.char_indices().zip(text.surface(sentence).chars()) {
            out.starts.push((base + at) as u32);
            out.chars.push(code(c));
            out.classes.push(self.class(c, given));
        }
        out.starts.push(sentence.end() as u32);
        let length = out.starts.len() - 1;
        out.chars.extend([EDGE; PAD]);
        out.classes.extend([0; PAD]);
        out.names.resize(length + 2 * PAD, 0);
        out.parts.resize(length + 2 * PAD, 0);
        out.words.resize(length + 2 * PAD, 0);
        out.known.resize(length + 2 * PAD, 0);

        let mut cursor = Cursor { starts: &out.starts, at: 0 };
        for token in tokens {
            let (first, behind) = cursor.chars(token.span);
            for at in first..behind {
                let place = place(at, first, behind);
                out.words[PAD + at] = (1 + place * Tag::COUNT + token.tag as usize) as u8;
            }
        }
        let mut lists = [&mut out.names, &mut out.parts].map(|codes| (codes, Cursor { starts: &out.starts, at: 0 }));
        self.surfaces.find(shadow, |list, span, number| {
            let span = shifted(span, base);
            let inside_word = |at: usize| base < at && at < sentence.end() && text.inside_word(at);
            if !inside_word(span.start()) && !inside_word(span.end()) {
                let (codes, cursor) = &mut lists[list];
                let (first, behind) = cursor.chars(span);
                for at in first..behind {
                    codes[PAD + at] = match_code(number as usize, at, first, behind);
                }
            }
        });
    }

    /// The class of a character of the shadow; its form in the source tells capitals.
    fn class(&self, c: char, given: char) -> u8 {
        // The first test spares most characters the second, which looks tables up.
        if !('\u{2e80}'..='\u{9fff}').contains(&given) && given.is_uppercase() {
            return 3;
        }
        self.classes.get(c as usize).copied().unwrap_or(12)
    }
}

impl Observed {
    /// How many characters the sentence has.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds what is known of this sentence from the rest of the document: names that stand in it, in bytes of it.
    pub fn recall(&mut self, sentence: Span, known: &[(Span, Known)]) {
        self.known.fill(0);
        let mut cursor = Cursor { starts: &self.starts, at: 0 };
        for &(span, name) in known {
            let (first, behind) = cursor.chars(shifted(span, sentence.start()));
            for at in first..behind {
                self.known[PAD + at] = known_code(name, place(at, first, behind));
            }
        }
    }

    fn clear(&mut self) {
        self.starts.clear();
        self.chars.clear();
        self.chars.extend([EDGE; PAD]);
        self.classes.clear();
        self.classes.extend([0; PAD]);
        self.names.clear();
        self.parts.clear();
        self.words.clear();
        self.known.clear();
    }
}

/// Turns byte spans that come in order into ranges of characters.
struct Cursor<'a> {
    starts: &'a [u32],
    at: usize,
}

impl Cursor<'_> {
    fn chars(&mut self, span: Span) -> (usize, usize) {
        let mut find = |byte: usize| {
            while self.at + 1 < self.starts.len() && (self.starts[self.at] as usize) < byte {
                self.at += 1;
            }
            self.at
        };
        (find(span.start()), find(span.end()))
    }
}

fn shifted(span: Span, by: usize) -> Span {
    Span::new(span.start() + by, span.end() + by)
}

/// Begin, middle, end or alone.
fn place(at: usize, first: usize, behind: usize) -> usize {
    match (at == first, at + 1 == behind) {
        (true, true) => 3,
        (true, false) => 0,
        (false, true) => 2,
        (false, false) => 1,
    }
}

fn match_code(list: usize, at: usize, first: usize, behind: usize) -> u16 {
    let length = (behind - first).min(6) - 1;
    (1 + (list * 6 + length) * 4 + place(at, first, behind)) as u16
}

/// Below 12: one of the kinds alone and certain (0–3), alone and doubtful (4–7), or a pair of kinds (8–11).
fn name_list(entries: &[Entry]) -> u32 {
    let index = |kind: Kind| match kind {
        Kind::Org => 0,
        Kind::Loc => 1,
        Kind::Product => 2,
        _ => 3,
    };
    let first = index(entries[0].kind);
    match entries.iter().map(|entry| index(entry.kind)).find(|&kind| kind != first) {
        Some(_) => 8 + first,
        None if entries.iter().any(|entry| entry.certain) => first,
        None => 4 + first,
    }
}

/// The character as a feature: digits alike, full-width and ASCII punctuation alike, beyond the basic plane alike.
fn code(c: char) -> u16 {
    let c = match c {
        '0'..='9' => '0',
        '，' => ',',
        '：' => ':',
        '；' => ';',
        '！' => '!',
        '？' => '?',
        '（' => '(',
        '）' => ')',
        '「' | '『' | '“' | '”' | '」' | '』' => '"',
        '—' | '–' | '－' => '-',
        _ => c,
    };
    u16::try_from(u32::from(c)).unwrap_or(2)
}

fn classes() -> Box<[u8; 0x1_0000]> {
    let mut classes: Box<[u8; 0x1_0000]> =
        vec![13; 0x1_0000].into_boxed_slice().try_into().expect("the length is the array's");
    for (at, class) in classes.iter_mut().enumerate() {
        let Some(c) = u32::try_from(at).ok().and_then(char::from_u32) else { continue };
        *class = match c {
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => FORMS as u8,
            '0'..='9' => 1,
            'a'..='z' | '\u{df}'..='\u{24f}' => 2,
            '\u{3040}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' => 4,
            '\u{ac00}'..='\u{d7a3}' => 5,
            '·' => 7,
            '“' | '‘' | '「' | '『' | '《' | '〈' | '（' | '(' | '[' | '【' => 8,
            '”' | '’' | '」' | '』' | '》' | '〉' | '）' | ')' | ']' | '】' => 9,
            '，' | ',' | '、' | '：' | ':' | '；' | ';' => 10,
            '。' | '.' | '！' | '!' | '？' | '?' | '…' => 11,
            '-' | '&' | '/' | '_' | '\'' => 14,
            _ if c.is_whitespace() => 6,
            _ if c.is_alphabetic() => 12,
            _ => 13,
        };
    }
    // Chinese characters: surname (0 none, 1 rare, 2 common) × given name × transliteration.
    let mut raise = |surface: &str, by: u8, bits: u8| {
        if let Some(c) = single(surface)
            && let Some(class) = classes.get_mut(c as usize)
            && *class >= FORMS as u8
        {
            let bare = *class - FORMS as u8;
            let set = match bits {
                3 => (bare & 3) + 4 * by,
                _ => bare | by,
            };
            *class = FORMS as u8 + set;
        }
    };
    for (_, row) in rows(table!("surnames")) {
        if row.get(1) == Some(&"single") {
            raise(row[0], if row.get(2) == Some(&"common") { 2 } else { 1 }, 3);
        }
    }
    for (_, row) in rows(table!("given_names")) {
        raise(row[0], 1, 0);
    }
    for (_, row) in rows(table!("transliteration")) {
        raise(row[0], 2, 0);
    }
    classes
}

/// The tables of parts with the list of each of their classes. The first list that a surface is in counts.
fn parts(lexicon: &Lexicon) -> Vec<(Box<str>, u32)> {
    let lists: [(&str, &[(&str, u32)]); 7] = [
        (table!("titles"), &[("post", 0), ("head", 1), ("modifier", 2), ("address", 3)]),
        (table!("surnames"), &[("compound", 4)]),
        (table!("foreign_names"), &[("given", 5), ("family", 6), ("japanese-family", 7)]),
        (table!("latin_names"), &[("given", 8), ("family", 9)]),
        (table!("organisation_heads"), &[("strong", 10), ("weak", 11)]),
        (table!("place_heads"), &[("", 12)]),
        (table!("say_verbs"), &[("", 13)]),
    ];
    let mut surfaces = Vec::new();
    for (table, classes) in lists {
        for (_, row) in rows(table) {
            let class = row.get(1).copied().unwrap_or_default();
            if let Some(&(_, list)) = classes.iter().find(|(name, _)| name.is_empty() || *name == class) {
                surfaces.push((lexicon.fold(row[0]), list));
            }
        }
    }
    surfaces
}
