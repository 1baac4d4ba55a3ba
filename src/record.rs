//! The record of a document, schema 1: what goes out as JSON, CSV and Parquet.
//!
//! Here, and only here, spans of the shadow become positions in the source, in the unit that the user chose.

use crate::lexicon::Lexicon;
use crate::link::Entity;
use crate::mention::{Amount, By, Kind, Mention, Qualifier, Quantity, Reason, Unit, Value};
use crate::relation::Relation;
use crate::text::{Span, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the record format.
pub const SCHEMA: u32 = 1;

/// The unit of positions in a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offsets {
    /// Unicode scalar values: what a Python string counts.
    #[default]
    Chars,
    /// Bytes of UTF-8.
    Bytes,
    /// UTF-16 code units: what JavaScript and Java count.
    Utf16,
}

impl std::str::FromStr for Offsets {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "chars" => Ok(Self::Chars),
            "bytes" => Ok(Self::Bytes),
            "utf16" => Ok(Self::Utf16),
            _ => Err(format!("unknown offsets '{name}', expected chars, bytes or utf16")),
        }
    }
}

/// What was extracted from one document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the format, 1.
    pub schema: u32,
    /// The document's name: a path, an address, whatever was given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The title, where it was given apart from the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Further fields of the document as they were given.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// Length of the source in Unicode scalar values.
    pub chars: u64,
    /// BLAKE3 of the source's UTF-8 bytes, `b3:` and 32 hexadecimal digits.
    pub digest: String,
    /// The source itself, where asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What was found, sorted and disjoint.
    pub mentions: Vec<RecordMention>,
    /// Mentions of one name together.
    pub entities: Vec<RecordEntity>,
    /// What the text says of them.
    pub relations: Vec<RecordRelation>,
}

/// A mention in a record: `source[start..end] == text`. Most have no value, so that values stand apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordMention {
    /// PERSON ORG LOC PRODUCT TITLE MONEY PERCENT DATE COUNT
    pub kind: String,
    /// The characters it was read from.
    pub text: String,
    /// Where it begins in the source.
    pub start: u64,
    /// Where it ends, exclusive.
    pub end: u64,
    /// The entity that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<u32>,
    /// grammar model lexicon alias user
    pub by: String,
    /// MONEY and PERCENT: the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Box<RecordAmount>>,
    /// DATE: the days, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Box<RecordDate>>,
    /// COUNT: the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Box<RecordCount>>,
    /// Why, with `--explain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// An exact amount; numbers are decimal strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAmount {
    /// The number, in whole units of the currency or in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The lower end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<String>,
    /// The upper end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<String>,
    /// The order of magnitude where nothing more is said (数十亿).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub magnitude: Option<String>,
    /// ISO 4217 code, for MONEY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// percent, pp or bp, for PERCENT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// over under near about at_least at_most
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

/// The first and the last day of a date, ISO 8601, both included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDate {
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// How many of what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordCount {
    /// The number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The lower end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<String>,
    /// The upper end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<String>,
    /// The order of magnitude where nothing more is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub magnitude: Option<String>,
    /// The measure word or unit as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// over under near about at_least at_most
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

/// All mentions of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordEntity {
    /// Its index among the record's entities.
    pub id: u32,
    /// PERSON ORG LOC PRODUCT
    pub kind: String,
    /// The fullest form in the document.
    pub name: String,
    /// The other forms in the document, in order of appearance.
    pub aliases: Vec<String>,
    /// Indices of its mentions.
    pub mentions: Vec<u32>,
}

/// Something that the text says of its entities. Which fields are set depends on `kind`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRelation {
    /// role move figure change quote
    pub kind: String,
    /// The parts: person title org status action subject measure value basis direction speaker content.
    #[serde(flatten)]
    pub parts: BTreeMap<String, String>,
    /// certain or likely
    pub confidence: String,
    /// Where the clause that says so begins.
    pub start: u64,
    /// Where it ends, exclusive.
    pub end: u64,
    /// For each part that is an entity its id; for `value`, `from` and `to` the index of the mention.
    pub refs: BTreeMap<String, u32>,
}

/// Everything that the stages found in one text. It is used up: a long article finds as much as it holds.
pub(crate) struct Findings<'a> {
    pub text: &'a Text,
    pub mentions: Vec<Mention>,
    pub entities: Vec<Entity>,
    pub relations: Vec<Relation>,
}

/// Mentions after which memory is given back while they are written down.
const GIVEN_BACK: usize = 1 << 14;

/// How the record is to be written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Form {
    pub offsets: Offsets,
    pub explain: bool,
    pub with_text: bool,
}

impl Record {
    /// Writes the findings down, with positions in the source.
    pub(crate) fn new(findings: Findings, form: Form, lexicon: &Lexicon) -> Self {
        let positions = Positions::new(form.offsets, &findings);
        let Findings { text, mentions: mut found, entities, relations } = findings;
        let mut entity_of = vec![None; found.len()];
        for (id, entity) in entities.iter().enumerate() {
            for &mention in &entity.mentions {
                entity_of[mention as usize] = Some(id as u32);
            }
        }
        let relations = relations
            .into_iter()
            .map(|relation| {
                let (start, end) = positions.of(relation.evidence);
                RecordRelation {
                    kind: relation.kind.name().to_owned(),
                    parts: relation.parts.into_iter().map(|(part, value)| (part.to_owned(), value)).collect(),
                    confidence: relation.confidence.name().to_owned(),
                    start,
                    end,
                    refs: relation.refs.into_iter().map(|(part, id)| (part.to_owned(), id)).collect(),
                }
            })
            .collect();
        let entities = (0..)
            .zip(entities)
            .map(|(id, Entity { kind, name, aliases, mentions })| {
                let kind = kind.name().to_owned();
                RecordEntity { id, kind, name, aliases, mentions }
            })
            .collect();
        // From the last to the first, so that what is written down is no longer held.
        let mut mentions = Vec::with_capacity(found.len());
        while let Some(mention) = found.pop() {
            let (start, end) = positions.of(mention.span);
            mentions.push(RecordMention {
                kind: mention.kind.name().to_owned(),
                text: text.surface(mention.span).to_owned(),
                start,
                end,
                entity: entity_of[found.len()],
                by: by_name(mention.by).to_owned(),
                amount: amount(&mention).map(Box::new),
                date: date(&mention).map(Box::new),
                count: count(&mention, text).map(Box::new),
                why: form.explain.then(|| why(mention.reason, text, lexicon)),
            });
            if found.len().is_multiple_of(GIVEN_BACK) {
                found.shrink_to_fit();
            }
        }
        mentions.reverse();
        let source = text.source();
        let digest = blake3::hash(source.as_bytes()).to_hex();
        Self {
            schema: SCHEMA,
            chars: source.chars().count() as u64,
            digest: format!("b3:{}", &digest[..32]),
            text: form.with_text.then(|| source.to_owned()),
            mentions,
            entities,
            relations,
            ..Self::default()
        }
    }
}

impl Record {
    /// Drops mentions of other kinds, the entities without a mention, and the relations that refer to what is dropped.
    pub(crate) fn keep_kinds(&mut self, kinds: &[Kind]) {
        let keep: Vec<bool> =
            self.mentions.iter().map(|m| m.kind().is_some_and(|kind| kinds.contains(&kind))).collect();
        let renumber = |keep: &[bool]| -> Vec<Option<u32>> {
            let mut next = 0..;
            keep.iter().map(|&kept| if kept { next.next() } else { None }).collect()
        };
        let mention_ids = renumber(&keep);
        let entity_keep: Vec<bool> =
            self.entities.iter().map(|e| e.mentions.iter().any(|&m| keep[m as usize])).collect();
        let entity_ids = renumber(&entity_keep);
        let mut kept = keep.iter();
        self.mentions.retain(|_| kept.next() == Some(&true));
        for mention in &mut self.mentions {
            mention.entity = mention.entity.and_then(|id| entity_ids[id as usize]);
        }
        let mut kept = entity_keep.iter();
        self.entities.retain(|_| kept.next() == Some(&true));
        for entity in &mut self.entities {
            entity.id = entity_ids[entity.id as usize].expect("only kept entities are left");
            entity.mentions = entity.mentions.iter().filter_map(|&m| mention_ids[m as usize]).collect();
        }
        self.relations.retain_mut(|relation| {
            relation.refs.iter_mut().all(|(part, id)| {
                let new = if is_mention_part(part) { mention_ids[*id as usize] } else { entity_ids[*id as usize] };
                *id = new.unwrap_or(*id);
                new.is_some()
            })
        });
    }
}

/// Whether a part of a relation refers to a mention; the others refer to entities.
fn is_mention_part(part: &str) -> bool {
    matches!(part, "value" | "from" | "to")
}

/// The position of every span border, counted in one pass over the source.
struct Positions<'a> {
    text: &'a Text,
    /// Source byte → position, sorted.
    at: Vec<(usize, u64)>,
}

impl<'a> Positions<'a> {
    fn new(offsets: Offsets, findings: &Findings<'a>) -> Self {
        let text = findings.text;
        let spans = findings.mentions.iter().map(|mention| mention.span);
        let spans = spans.chain(findings.relations.iter().map(|relation| relation.evidence));
        let mut borders: Vec<usize> = spans
            .flat_map(|span| {
                let range = text.source_range(span);
                [range.start, range.end]
            })
            .collect();
        borders.sort_unstable();
        borders.dedup();
        let (mut byte, mut position) = (0, 0);
        let at = borders
            .into_iter()
            .map(|border| {
                let piece = &text.source()[byte..border];
                position += match offsets {
                    Offsets::Bytes => piece.len(),
                    Offsets::Chars => piece.chars().count(),
                    Offsets::Utf16 => piece.chars().map(char::len_utf16).sum(),
                } as u64;
                byte = border;
                (border, position)
            })
            .collect();
        Self { text, at }
    }

    fn of(&self, span: Span) -> (u64, u64) {
        let range = self.text.source_range(span);
        let find = |byte: usize| {
            let index = self.at.binary_search_by_key(&byte, |&(at, _)| at).expect("every border was counted");
            self.at[index].1
        };
        (find(range.start), find(range.end))
    }
}

fn by_name(by: By) -> &'static str {
    match by {
        By::Grammar => "grammar",
        By::Model => "model",
        By::Lexicon => "lexicon",
        By::Alias => "alias",
        By::User => "user",
    }
}

/// `value`, `low`, `high` and `magnitude` of a quantity.
fn numbers(quantity: Quantity) -> [Option<String>; 4] {
    match quantity {
        Quantity::Exact(value) => [Some(value.to_string()), None, None, None],
        Quantity::Range(low, high) => [None, low.map(|n| n.to_string()), high.map(|n| n.to_string()), None],
        Quantity::Order(magnitude) => [None, None, None, Some(magnitude.to_string())],
        Quantity::Unknown => [None, None, None, None],
    }
}

fn qualifier_name(qualifier: Option<Qualifier>) -> Option<String> {
    qualifier.map(|qualifier| qualifier.name().to_owned())
}

fn amount(mention: &Mention) -> Option<RecordAmount> {
    let Value::Amount(Amount { quantity, unit, qualifier }) = mention.value else { return None };
    let [value, low, high, magnitude] = numbers(quantity);
    let (currency, unit) = match unit {
        Unit::Currency(currency) => (Some(currency.code().to_owned()), None),
        Unit::Percent => (None, Some("percent")),
        Unit::Point => (None, Some("pp")),
        Unit::BasisPoint => (None, Some("bp")),
    };
    let unit = unit.map(str::to_owned);
    Some(RecordAmount { value, low, high, magnitude, currency, unit, qualifier: qualifier_name(qualifier) })
}

fn date(mention: &Mention) -> Option<RecordDate> {
    let Value::Date(from, to) = mention.value else { return None };
    Some(RecordDate { from: from.map(|day| day.to_string()), to: to.map(|day| day.to_string()) })
}

fn count(mention: &Mention, text: &Text) -> Option<RecordCount> {
    let Value::Count(quantity, unit, qualifier) = mention.value else { return None };
    let [value, low, high, magnitude] = numbers(quantity);
    let unit = unit.map(|span| text.surface(span).to_owned());
    Some(RecordCount { value, low, high, magnitude, unit, qualifier: qualifier_name(qualifier) })
}

fn why(reason: Reason, text: &Text, lexicon: &Lexicon) -> String {
    match reason {
        Reason::Rule(name) => format!("rule: {name}"),
        Reason::Entry(file, line) => {
            let file = lexicon.files().get(usize::from(file)).map_or("?", String::as_str);
            format!("{file}:{line}")
        }
        Reason::Score(margin) => format!("margin {}.{:03}", margin / 1000, margin.rem_euclid(1000)),
        Reason::Like(span) => format!("as {}", text.surface(span)),
    }
}

impl RecordMention {
    /// The kind, as a value.
    pub fn kind(&self) -> Option<Kind> {
        self.kind.parse().ok()
    }
}
