//! Names: people, organisations, places, products, titles.
//!
//! `英伟达CEO黄仁勋表示……黄仁勋还说` gives `英伟达` ORG, `CEO` TITLE, `黄仁勋` PERSON twice. The tagger reads sentence by
//! sentence; then the document as a whole is looked at: a name that the tagger is sure of in one place is looked for
//! in all others, with the short forms that follow from it (`Jerry Tworek`: `Tworek`), and a surface that was given
//! several kinds keeps the one that most of its places speak for.

use crate::error::{Error, Result};
use crate::feature::{Observed, Observer};
use crate::known::{Form, Forms, Known, KnownNames, defined};
use crate::lexicon::{Entry, Lexicon};
use crate::mention::{By, Kind, Mention, Reason, Value};
use crate::model::{KINDS, Model};
use crate::segment::Words;
use crate::tagger::{Scratch, Tagged, Tagger};
use crate::text::{Span, Text};
use crate::trie::Trie;
use rustc_hash::FxHashMap;
use std::path::Path;

/// The tagger that is compiled in; `dictionaries/names.md` says how it was made.
const EMBEDDED: &[u8] = include_bytes!("../dictionaries/names.model");

/// Finds names.
pub struct Names {
    observer: Observer,
    forms: Forms,
    tagger: Tagger,
    /// The surfaces of the user's dictionaries.
    user: Trie<1>,
}

impl Names {
    /// With the embedded model, or the one in this file.
    ///
    /// # Errors
    /// A model that cannot be read, is damaged, or is of another version.
    pub fn new(lexicon: &Lexicon, model: Option<&Path>) -> Result<Self> {
        let model = match model {
            Some(path) => Model::from_bytes(&std::fs::read(path).map_err(|why| Error::file(path, why))?)?,
            None => Model::from_bytes(EMBEDDED)?,
        };
        Ok(Self {
            observer: Observer::new(lexicon),
            forms: Forms::new(lexicon),
            tagger: Tagger::new(&model),
            user: Trie::new(lexicon.user.iter().map(|(surface, _)| (surface, 0, 0))),
        })
    }

    /// How short names follow from full ones.
    pub fn forms(&self) -> &Forms {
        &self.forms
    }

    /// All candidates in a text.
    pub fn find(&self, text: &Text, sentences: &[Span], words: &Words, lexicon: &Lexicon) -> Vec<Mention> {
        let mut mentions = self.tag(text, sentences, words);
        agree_on_kinds(text, &mut mentions);
        self.user_names(text, lexicon, &mut mentions);
        mentions
    }

    /// The user's entries, wherever they stand.
    fn user_names(&self, text: &Text, lexicon: &Lexicon, mentions: &mut Vec<Mention>) {
        self.user.find(text.shadow(), |_, span, _| {
            if text.inside_word(span.start()) || text.inside_word(span.end()) {
                return;
            }
            if let Some(Entry { kind, file, line, .. }) = lexicon.user.get(text.read(span)).first() {
                let reason = Reason::Entry(*file, *line);
                mentions.push(Mention { kind: *kind, span, value: Value::None, by: By::User, reason });
            }
        });
    }

    /// The tagger: a first look at every sentence, then a second one where the first saw less than the rest of the
    /// document makes likely.
    fn tag(&self, text: &Text, sentences: &[Span], words: &Words) -> Vec<Mention> {
        let mut look = Look::default();
        let mut mentions: Vec<Vec<Mention>> = Vec::with_capacity(sentences.len());
        for (number, &sentence) in sentences.iter().enumerate() {
            self.observer.observe(text, sentence, words.of(number), &mut look.seen);
            mentions.push(look.mentions(&self.tagger));
        }
        let known = self.known(text, mentions.iter().flatten());
        if known.is_empty() {
            return mentions.concat();
        }
        for (number, &sentence) in sentences.iter().enumerate() {
            let expected = known.find(text.read(sentence));
            let settled = expected.iter().all(|&(span, name)| {
                let span = Span::new(sentence.start() + span.start(), sentence.start() + span.end());
                mentions[number].iter().any(|mention| mention.span.contains(span) && (mention.kind == name.kind))
            });
            if !settled {
                self.observer.observe(text, sentence, words.of(number), &mut look.seen);
                look.seen.recall(sentence, &expected);
                mentions[number] = look.mentions(&self.tagger);
            }
        }
        mentions.concat()
    }

    /// What the sure names of a first look make known to the rest of the document.
    fn known<'a, 'm>(
        &self,
        text: &'a Text,
        mentions: impl DoubleEndedIterator<Item = &'m Mention> + Clone,
    ) -> KnownNames<'a> {
        let mut known = Vec::new();
        let all = mentions.clone();
        for mention in mentions.filter(|mention| mention.kind != Kind::Title && margin(mention) >= SURE) {
            let at = mention.span;
            self.forms.each(mention.kind, text.read(at), |surface, form| {
                known.push((surface, Known { kind: mention.kind, form, at }));
            });
        }
        // A definition names whatever stands before its bracket.
        let defined = defined(text).into_iter().filter_map(|(at, bracket)| {
            let full = all.clone().rfind(|mention| mention.span.end() == bracket)?;
            Some((text.read(at), Known { kind: full.kind, form: Form::Full, at: full.span }))
        });
        known.extend(defined);
        KnownNames::new(known)
    }
}

/// A name must be tagged with at least this margin in one of its places to be known to the others, in thousandths.
const SURE: i32 = 1500;

/// The memory of looking at sentences.
#[derive(Default)]
struct Look {
    seen: Observed,
    scratch: Scratch,
    tagged: Vec<Tagged>,
}

impl Look {
    /// Tags what was observed last.
    fn mentions(&mut self, tagger: &Tagger) -> Vec<Mention> {
        let Self { seen, scratch, tagged } = self;
        tagger.tag(seen, scratch, tagged);
        let mention = |name: &Tagged| Mention {
            kind: KINDS[name.kind],
            span: Span::new(seen.starts[name.first] as usize, seen.starts[name.behind] as usize),
            value: Value::None,
            by: By::Model,
            reason: Reason::Score(name.margin),
        };
        tagged.iter().map(mention).collect()
    }
}

/// The tagger's margin of a mention.
fn margin(mention: &Mention) -> i32 {
    match mention.reason {
        Reason::Score(margin) => margin.max(1),
        _ => 1,
    }
}

/// A surface that the tagger gave several kinds keeps the one with the greatest sum of margins. Titles stand apart:
/// the same word is a title before a name and something else in other places.
fn agree_on_kinds(text: &Text, mentions: &mut [Mention]) {
    let mut votes: FxHashMap<&str, [i64; KINDS.len()]> = FxHashMap::default();
    let index = |kind: Kind| KINDS.iter().position(|known| *known == kind).unwrap_or(0);
    for mention in mentions.iter().filter(|mention| mention.kind != Kind::Title) {
        let surface = text.read(mention.span);
        votes.entry(surface).or_default()[index(mention.kind)] += i64::from(margin(mention));
        // `Jerry Tworek` speaks for `Tworek` being a man, wherever it stands.
        if mention.kind == Kind::Person {
            for part in surface.split([' ', '·']).filter(|part| part.len() < surface.len() && part.len() >= 3) {
                votes.entry(part).or_default()[index(Kind::Person)] += i64::from(margin(mention));
            }
        }
    }
    for mention in mentions.iter_mut().filter(|mention| mention.kind != Kind::Title) {
        let votes = &votes[text.read(mention.span)];
        let best = (0..KINDS.len()).max_by_key(|&kind| (votes[kind], KINDS.len() - kind)).unwrap_or(0);
        mention.kind = KINDS[best];
    }
}
