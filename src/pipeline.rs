//! The way of an article through the stages, and the settings that it takes.

use crate::clause::Scene;
use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::link::{Entity, link};
use crate::mention::{Currency, Kind, Mention};
use crate::names::Names;
use crate::quantity::{Setting, quantities};
use crate::record::{Findings, Form, Offsets, Record};
use crate::relation::{Judge, RelationKind, RelationWords, judged, relations};
use crate::resolve::resolve;
use crate::segment::{Segmenter, Words};
use crate::sentence::sentences;
use crate::text::{Span, Text};
use crate::units::Units;
use jiff::civil::Date;
use std::path::PathBuf;

/// The extractor: embedded data loaded once, then any number of texts from any number of threads.
///
/// ```
/// let tiqu = tiqu::Tiqu::new()?;
/// let record = tiqu.extract("英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。");
/// let money = record.mentions.iter().find(|mention| mention.kind == "MONEY").unwrap();
/// assert_eq!(money.text, "1300亿美元");
/// assert_eq!(money.amount.as_ref().unwrap().value.as_deref(), Some("130000000000"));
/// # Ok::<(), tiqu::Error>(())
/// ```
pub struct Tiqu {
    lexicon: Lexicon,
    segmenter: Segmenter,
    units: Units,
    names: Names,
    relation_words: RelationWords,
    settings: Settings,
}

/// What is known of a text before its relations.
struct Layers {
    sentences: Vec<Span>,
    words: Words,
    mentions: Vec<Mention>,
    entities: Vec<Entity>,
}

/// What a caller can choose.
#[derive(Clone, Debug, Default)]
struct Settings {
    dictionaries: Vec<PathBuf>,
    model: Option<PathBuf>,
    kinds: Option<Vec<Kind>>,
    relations: Option<Vec<RelationKind>>,
    currency: Option<Currency>,
    date: Option<Date>,
    offsets: Offsets,
    explain: bool,
    with_text: bool,
}

/// Sets up an extractor.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    settings: Settings,
}

/// A text with what is known of it beforehand.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its name; goes into the record as `id`.
    pub id: String,
    /// The title, where it is not part of the text.
    pub title: Option<String>,
    /// The day of publication, from which 去年 and 周三 are reckoned.
    pub date: Option<Date>,
    /// Further fields, passed through to the record.
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// The text; positions of the record refer to it.
    pub text: String,
}

impl Tiqu {
    /// An extractor with the embedded data and the usual settings.
    ///
    /// # Errors
    /// None in practice: the embedded data is checked by the tests of this crate.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Settings to choose from.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// What the text says. Never fails, and takes time in proportion to the text's length.
    pub fn extract(&self, text: &str) -> Record {
        self.read(Text::new(text, &self.lexicon.folding), self.settings.date).0
    }

    /// What a document says; its id, title and meta go over into the record.
    pub fn extract_document(&self, document: &Document) -> Record {
        let text = Text::new(&document.text, &self.lexicon.folding);
        let (record, _) = self.read(text, document.date.or(self.settings.date));
        named(record, document)
    }

    /// The same without a copy of the text, which is taken from the document while it is read.
    pub fn extract_lent(&self, document: &mut Document) -> Record {
        let text = Text::of(std::mem::take(&mut document.text), &self.lexicon.folding);
        let (record, text) = self.read(text, document.date.or(self.settings.date));
        document.text = text;
        named(record, document)
    }

    /// The order of the stages.
    fn read(&self, text: Text, date: Option<Date>) -> (Record, String) {
        let Layers { sentences, words, mentions, entities } = self.layers(&text, date);
        let mut relations = relations(&text, &sentences, &words, &mentions, &entities, &self.relation_words);
        if let Some(kinds) = &self.settings.relations {
            relations.retain(|relation| kinds.contains(&relation.kind));
        }
        // In a long article these are a third of what it takes, and the record needs none of them.
        drop((words, sentences));
        let findings = Findings { text: &text, mentions, entities, relations };
        let form =
            Form { offsets: self.settings.offsets, explain: self.settings.explain, with_text: self.settings.with_text };
        let mut record = Record::new(findings, form, &self.lexicon);
        if let Some(kinds) = &self.settings.kinds {
            record.keep_kinds(kinds);
        }
        (record, text.into_source())
    }

    /// The stages before relations.
    fn layers(&self, text: &Text, date: Option<Date>) -> Layers {
        let sentences = sentences(text);
        let words = self.segmenter.segment_all(text, &sentences);
        let setting = Setting { currency: self.settings.currency, date };
        let mut candidates = quantities(text, &self.units, &setting);
        candidates.extend(self.names.find(text, &sentences, &words, &self.lexicon));
        let mentions = resolve(text, candidates);
        let entities = link(text, &mentions, &self.lexicon, self.names.forms());
        Layers { sentences, words, mentions, entities }
    }

    /// Reads the figures of a text with another judge of whose they are.
    pub(crate) fn judged(&self, text: &Text, judge: &mut Judge) {
        let Layers { sentences, words, mentions, entities } = self.layers(text, self.settings.date);
        judged(&Scene::new(text, &sentences, &words, &mentions, &entities, &self.relation_words), judge);
    }

    /// What a text says when its mentions and entities are known beforehand: the relation stage alone.
    pub fn relate(&self, text: &Text, mentions: &[Mention], entities: &[Entity]) -> Record {
        let sentences = sentences(text);
        let words = self.segmenter.segment_all(text, &sentences);
        let relations = relations(text, &sentences, &words, mentions, entities, &self.relation_words);
        let findings = Findings { text, mentions: mentions.to_vec(), entities: entities.to_vec(), relations };
        Record::new(findings, Form::default(), &self.lexicon)
    }

    /// The dictionaries in use.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }
}

impl Builder {
    /// Adds a dictionary of the user: `surface<TAB>KIND[<TAB>canonical name]`, or jieba's `surface frequency tag`.
    #[must_use]
    pub fn dictionary(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.dictionaries.push(path.into());
        self
    }

    /// Reads names with this model instead of the embedded one.
    #[must_use]
    pub fn model(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.model = Some(path.into());
        self
    }

    /// Keeps only these kinds of mentions, and the relations that need no other.
    #[must_use]
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.settings.kinds = Some(kinds.into_iter().collect());
        self
    }

    /// Keeps only these kinds of relations.
    #[must_use]
    pub fn relations(mut self, kinds: impl IntoIterator<Item = RelationKind>) -> Self {
        self.settings.relations = Some(kinds.into_iter().collect());
        self
    }

    /// The currency that 元 and 块 stand for, whatever the text looks like.
    #[must_use]
    pub fn currency(mut self, currency: Currency) -> Self {
        self.settings.currency = Some(currency);
        self
    }

    /// The day of publication of texts that do not bring their own.
    #[must_use]
    pub fn date(mut self, date: Date) -> Self {
        self.settings.date = Some(date);
        self
    }

    /// The unit of positions.
    #[must_use]
    pub fn offsets(mut self, offsets: Offsets) -> Self {
        self.settings.offsets = offsets;
        self
    }

    /// Says for every mention why it was made.
    #[must_use]
    pub fn explain(mut self, explain: bool) -> Self {
        self.settings.explain = explain;
        self
    }

    /// Puts the source text into the record.
    #[must_use]
    pub fn with_text(mut self, with_text: bool) -> Self {
        self.settings.with_text = with_text;
        self
    }

    /// Loads the data.
    ///
    /// # Errors
    /// A dictionary or a model that cannot be read, with the file and the line.
    pub fn build(self) -> Result<Tiqu> {
        let lexicon = Lexicon::new(&self.settings.dictionaries)?;
        let segmenter = Segmenter::new(&lexicon);
        let units = Units::new(&lexicon.folding);
        let names = Names::new(&lexicon, self.settings.model.as_deref())?;
        let relation_words = RelationWords::new(&lexicon.folding);
        Ok(Tiqu { lexicon, segmenter, units, names, relation_words, settings: self.settings })
    }
}

/// The record with what is known of its document.
fn named(mut record: Record, document: &Document) -> Record {
    record.id.clone_from(&document.id);
    record.title.clone_from(&document.title);
    record.meta.clone_from(&document.meta);
    record
}

/// An extractor is shared between threads as it is.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Tiqu>();
};
