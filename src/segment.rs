//! Words with their part of speech: `英伟达发布新芯片` is `英伟达/nt 发布/v 新/a 芯片/n`.
//!
//! The words come from jieba's dictionary with ours on top. Law: the tokens of a sentence are its characters,
//! neither changed nor added nor left out.

use crate::lexicon::Lexicon;
use crate::mention::Kind;
use crate::text::{Span, Text};
use jieba_rs::Jieba;

/// A word: where it stands, and its part of speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where, in bytes of the shadow.
    pub span: Span,
    /// Its part of speech.
    pub tag: Tag,
}

/// A part of speech, as fine as the stages after need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Tag {
    Other,
    Noun,
    Person,
    PersonForeign,
    Place,
    Organisation,
    ProperName,
    Verb,
    VerbalNoun,
    Adjective,
    Adverb,
    Numeral,
    Measure,
    Time,
    Pronoun,
    Preposition,
    Conjunction,
    Particle,
    Locative,
    Idiom,
    Abbreviation,
    Morpheme,
    Latin,
    Prefix,
}

impl Tag {
    /// How many tags there are.
    pub const COUNT: usize = 24;

    /// The tag of jieba's name for it.
    fn of(name: &str) -> Self {
        // Bytes: a match of strings compares them one after the other, for every word of a text.
        match name.as_bytes() {
            b"nr" | b"nrfg" => Self::Person,
            b"nrt" => Self::PersonForeign,
            b"ns" => Self::Place,
            b"nt" => Self::Organisation,
            b"nz" => Self::ProperName,
            b"vn" | b"vd" | b"an" => Self::VerbalNoun,
            b"eng" => Self::Latin,
            other => match other.first() {
                Some(b'n') => Self::Noun,
                Some(b'v') => Self::Verb,
                Some(b'a' | b'b' | b'z') => Self::Adjective,
                Some(b'd') => Self::Adverb,
                Some(b'm') => Self::Numeral,
                Some(b'q') => Self::Measure,
                Some(b't') => Self::Time,
                Some(b'r') => Self::Pronoun,
                Some(b'p') => Self::Preposition,
                Some(b'c') => Self::Conjunction,
                Some(b'u' | b'y' | b'e' | b'o') => Self::Particle,
                Some(b'f' | b's') => Self::Locative,
                Some(b'i' | b'l') => Self::Idiom,
                Some(b'j') => Self::Abbreviation,
                Some(b'g') => Self::Morpheme,
                Some(b'h' | b'k') => Self::Prefix,
                _ => Self::Other,
            },
        }
    }
}

/// Cuts sentences into words.
pub struct Segmenter {
    jieba: Jieba,
}

/// How often a dictionary name is taken to occur: often enough to win over the words that it is made of. jieba's own
/// dictionary counts 60 million words; its company names stand between 3 and 3000.
const NAME_FREQUENCY: usize = 300;

impl Segmenter {
    /// A segmenter that knows the names of the lexicon, the user's included.
    pub fn new(lexicon: &Lexicon) -> Self {
        let mut jieba = Jieba::new();
        for (surface, entries) in lexicon.names.iter().chain(lexicon.user.iter()) {
            // Words cannot hold spaces or middle dots, and Latin runs are words already.
            let han = surface.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
            let short = surface.chars().count() <= 8;
            if let Some(entry) = entries.iter().find(|entry| entry.certain)
                && han
                && short
                && !jieba.has_word(surface)
            {
                jieba.add_word(surface, Some(NAME_FREQUENCY), Some(tag_name(entry.kind)));
            }
        }
        Self { jieba }
    }

    /// The words of one sentence.
    pub fn segment<'a>(&'a self, text: &'a Text, sentence: Span) -> impl Iterator<Item = Token> + 'a {
        let base = sentence.start();
        self.jieba.tag(text.read(sentence), false).into_iter().map(move |word| Token {
            span: Span::new(base + word.byte_start, base + word.byte_end),
            tag: Tag::of(word.tag),
        })
    }

    /// The words of every sentence.
    pub fn segment_all(&self, text: &Text, sentences: &[Span]) -> Words {
        let mut words =
            Words { tokens: Vec::with_capacity(text.shadow().len() / 4), ends: Vec::with_capacity(sentences.len()) };
        for &sentence in sentences {
            words.tokens.extend(self.segment(text, sentence));
            words.ends.push(words.tokens.len());
        }
        words
    }
}

/// The words of a document, sentence by sentence.
#[derive(Clone, Debug, Default)]
pub struct Words {
    tokens: Vec<Token>,
    /// For each sentence the index behind its last token.
    ends: Vec<usize>,
}

impl Words {
    /// The words of the sentence with this index.
    pub fn of(&self, sentence: usize) -> &[Token] {
        let start = if sentence == 0 { 0 } else { self.ends[sentence - 1] };
        &self.tokens[start..self.ends[sentence]]
    }
}

/// jieba's tag for a name of that kind.
fn tag_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "nr",
        Kind::Org => "nt",
        Kind::Loc => "ns",
        _ => "nz",
    }
}
