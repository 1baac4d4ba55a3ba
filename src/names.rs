//! Names: people, organisations, places, products, titles.
//!
//! `英伟达CEO黄仁勋表示……黄仁勋还说` gives `英伟达` ORG, `CEO` TITLE, `黄仁勋` PERSON twice. The tagger reads sentence by
//! sentence; then the document as a whole is looked at: a name that the tagger is sure of in one place is looked for
//! in all others, with the short forms that follow from it (`Jerry Tworek`: `Tworek`), and a surface that was given
//! several kinds keeps the one that most of its places speak for.

use crate::error::{Error, Result};
use crate::feature::{Observed, Observer};
use crate::known::{Form, Forms, Known, KnownNames, defined, short_in_bracket};
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
        take_descriptions_off(text, &mut mentions, &self.forms);
        for mention in mentions.iter_mut().filter(|mention| mention.kind == Kind::Person) {
            // 诸葛本人 is a name and a word.
            if let Some(name) = text.read(mention.span).strip_suffix("本人").filter(|name| !name.is_empty()) {
                mention.span = Span::new(mention.span.start(), mention.span.start() + name.len());
            }
        }
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
            mentions.push(look.mentions(text, &self.tagger));
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
                mentions[number] = look.mentions(text, &self.tagger);
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
        let short = all.filter(|mention| mention.kind == Kind::Org).filter_map(|mention| {
            let short = short_in_bracket(text, mention.span)?;
            Some((short, Known { kind: Kind::Org, form: Form::Full, at: mention.span }))
        });
        known.extend(short);
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
    fn mentions(&mut self, text: &Text, tagger: &Tagger) -> Vec<Mention> {
        let Self { seen, scratch, tagged } = self;
        tagger.tag(seen, scratch, tagged);
        let mut mentions = Vec::with_capacity(tagged.len());
        for name in &*tagged {
            let whole = Span::new(seen.starts[name.first] as usize, seen.starts[name.behind] as usize);
            let mention = |span| Mention {
                kind: KINDS[name.kind],
                span,
                value: Value::None,
                by: By::Model,
                reason: Reason::Score(name.margin),
            };
            closed(text, whole, |span| mentions.push(mention(span)));
        }
        mentions
    }
}

/// The parts of a span at brackets that open or close outside it: no name is `Novaris Inc.（诺瓦里斯`, those are two.
fn closed(text: &Text, whole: Span, mut part: impl FnMut(Span)) {
    let surface = text.read(whole);
    let mut open = None;
    let mut cut = None;
    for (at, c) in surface.char_indices() {
        match c {
            '（' | '(' => open = Some((at, c.len_utf8())),
            '）' | ')' if open.take().is_none() => cut = Some((at, c.len_utf8())),
            _ => {}
        }
    }
    let Some((at, length)) = cut.or(open) else { return part(whole) };
    for (start, end) in [(0, at), (at + length, surface.len())] {
        let inside = surface[start..end].trim_matches(' ');
        let start = start + surface[start..end].find(inside).unwrap_or(0);
        if inside.chars().any(char::is_alphanumeric) {
            part(Span::new(whole.start() + start, whole.start() + start + inside.len()));
        }
    }
}

/// The tagger's margin of a mention.
fn margin(mention: &Mention) -> i32 {
    match mention.reason {
        Reason::Score(margin) => margin.max(1),
        _ => 1,
    }
}

/// What says what an organisation is, before its name: 德国钢铁制造商|莱茵霍夫.
const DESCRIBES: [&str; 16] = [
    "制造商",
    "供应商",
    "运营商",
    "开发商",
    "生产商",
    "零售商",
    "经销商",
    "服务商",
    "升班马",
    "独角兽",
    "龙头企业",
    "巨头",
    "概念股",
    "龙头股",
    "子公司",
    "竞争对手",
];

/// Takes off the front of an organisation's name what is no part of it: of 钢铁制造商莱茵霍夫, of 时任城南支行.
fn take_descriptions_off(text: &Text, mentions: &mut [Mention], forms: &Forms) {
    for mention in mentions.iter_mut().filter(|mention| mention.kind == Kind::Org) {
        let (name, span) = (text.read(mention.span), mention.span);
        let described = DESCRIBES.iter().filter_map(|word| Some(name.find(word)? + word.len())).max();
        let held = ["时任", "现任", "曾任", "原任"].iter().find(|word| name.starts_with(**word)).map(|word| word.len());
        let described = described.or(held);
        if let Some(start) = described
            && name[start..].chars().count() >= 2
            && !forms.is_head(&name[start..])
        {
            mention.span = Span::new(span.start() + start, span.end());
        }
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
