//! Records as Arrow tables: `documents`, `mentions`, `entities`, `relations`, joined by the column `document`.
//!
//! One schema serves the Parquet files of the command and the batches of the Python package. It is described in
//! `docs/batch.md`; a column is never renamed or given another type within a version of the record.

use crate::record::{Record, RecordMention};
use arrow_array::builder::{
    Date32Builder, Decimal128Builder, ListBuilder, StringBuilder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::{Arc, LazyLock};

/// Digits of a value in all, and behind the point: 28 before it hold any sum of money in the world, and percentages
/// are not told to more than ten places. A value that does not fit exactly is null; its characters are in `text`.
pub const PRECISION: u8 = 38;
/// Digits of a value behind the point.
pub const SCALE: i8 = 10;

/// The parts of relations that have a column of their own, and in Python an attribute.
const PARTS: [&str; 14] = [
    "person",
    "title",
    "org",
    "status",
    "action",
    "subject",
    "measure",
    "value",
    "from",
    "to",
    "basis",
    "direction",
    "speaker",
    "content",
];

/// The parts that refer to an entity or, the last three, to a mention.
const REFS: [(&str, &str); 7] = [
    ("person", "person_entity"),
    ("org", "org_entity"),
    ("subject", "subject_entity"),
    ("speaker", "speaker_entity"),
    ("value", "value_mention"),
    ("from", "from_mention"),
    ("to", "to_mention"),
];

/// The four tables of some documents.
#[derive(Clone, Debug)]
pub struct Tables {
    /// One row a document.
    pub documents: RecordBatch,
    /// One row a mention.
    pub mentions: RecordBatch,
    /// One row an entity.
    pub entities: RecordBatch,
    /// One row a relation.
    pub relations: RecordBatch,
}

/// The names of the tables, in the order of [`schemas`].
pub const TABLES: [&str; 4] = ["documents", "mentions", "entities", "relations"];

fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

fn needed(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

fn maybe(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

fn list(name: &str, data_type: DataType) -> Field {
    needed(name, DataType::List(Arc::new(Field::new("item", data_type, true))))
}

static SCHEMAS: LazyLock<[SchemaRef; 4]> = LazyLock::new(|| {
    use DataType::{Date32, UInt32, UInt64, Utf8};
    let decimal = DataType::Decimal128(PRECISION, SCALE);
    let key = || [needed("document", UInt64), needed("id", Utf8)];
    let documents = key().into_iter().chain([
        maybe("title", Utf8),
        needed("chars", UInt64),
        needed("digest", Utf8),
        maybe("text", Utf8),
        maybe("meta", Utf8),
    ]);
    let mentions = key().into_iter().chain([
        needed("mention", UInt32),
        needed("kind", Utf8),
        needed("text", Utf8),
        needed("start", UInt32),
        needed("end", UInt32),
        maybe("entity", UInt32),
        needed("by", Utf8),
        maybe("value", decimal.clone()),
        maybe("low", decimal.clone()),
        maybe("high", decimal.clone()),
        maybe("magnitude", decimal),
        maybe("currency", Utf8),
        maybe("unit", Utf8),
        maybe("qualifier", Utf8),
        maybe("date_from", Date32),
        maybe("date_to", Date32),
        maybe("why", Utf8),
    ]);
    let entities = key().into_iter().chain([
        needed("entity", UInt32),
        needed("kind", Utf8),
        needed("name", Utf8),
        list("aliases", Utf8),
        list("mentions", UInt32),
    ]);
    let relations = key()
        .into_iter()
        .chain([
            needed("relation", UInt32),
            needed("kind", Utf8),
            needed("confidence", Utf8),
            needed("start", UInt32),
            needed("end", UInt32),
        ])
        .chain(PARTS.iter().map(|part| maybe(part, Utf8)))
        .chain(REFS.iter().map(|(_, column)| maybe(column, UInt32)))
        .chain([maybe("other", Utf8)]);
    [schema(documents.collect()), schema(mentions.collect()), schema(entities.collect()), schema(relations.collect())]
});

/// The schemas of the four tables, in the order of [`TABLES`].
pub fn schemas() -> &'static [SchemaRef; 4] {
    &SCHEMAS
}

/// Collects records into tables.
#[derive(Debug)]
pub struct TablesBuilder {
    documents: Documents,
    mentions: Mentions,
    entities: Entities,
    relations: Relations,
}

#[derive(Debug, Default)]
struct Key {
    document: UInt64Builder,
    id: StringBuilder,
}

impl Key {
    fn push(&mut self, document: u64, id: &str) {
        self.document.append_value(document);
        self.id.append_value(id);
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.document.finish()), Arc::new(self.id.finish())]
    }
}

#[derive(Debug, Default)]
struct Documents {
    key: Key,
    title: StringBuilder,
    chars: UInt64Builder,
    digest: StringBuilder,
    text: StringBuilder,
    meta: StringBuilder,
}

#[derive(Debug)]
struct Mentions {
    key: Key,
    mention: UInt32Builder,
    /// kind, text, by
    names: [StringBuilder; 3],
    start: UInt32Builder,
    end: UInt32Builder,
    entity: UInt32Builder,
    /// value, low, high, magnitude
    numbers: [Decimal128Builder; 4],
    /// currency, unit, qualifier, why
    words: [StringBuilder; 4],
    /// first, last
    days: [Date32Builder; 2],
}

#[derive(Debug, Default)]
struct Entities {
    key: Key,
    entity: UInt32Builder,
    kind: StringBuilder,
    name: StringBuilder,
    aliases: ListBuilder<StringBuilder>,
    mentions: ListBuilder<UInt32Builder>,
}

#[derive(Debug, Default)]
struct Relations {
    key: Key,
    relation: UInt32Builder,
    kind: StringBuilder,
    confidence: StringBuilder,
    start: UInt32Builder,
    end: UInt32Builder,
    parts: [StringBuilder; PARTS.len()],
    refs: [UInt32Builder; REFS.len()],
    other: StringBuilder,
}

impl Default for TablesBuilder {
    fn default() -> Self {
        let decimal = || {
            let data_type = DataType::Decimal128(PRECISION, SCALE);
            Decimal128Builder::new().with_data_type(data_type)
        };
        let mentions = Mentions {
            key: Key::default(),
            mention: UInt32Builder::new(),
            names: Default::default(),
            start: UInt32Builder::new(),
            end: UInt32Builder::new(),
            entity: UInt32Builder::new(),
            numbers: [decimal(), decimal(), decimal(), decimal()],
            words: Default::default(),
            days: Default::default(),
        };
        Self {
            documents: Documents::default(),
            mentions,
            entities: Entities::default(),
            relations: Relations::default(),
        }
    }
}

impl TablesBuilder {
    /// No records yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record under a number that joins its rows.
    pub fn push(&mut self, document: u64, record: &Record) {
        let id = &record.id;
        let table = &mut self.documents;
        table.key.push(document, id);
        table.title.append_option(record.title.as_deref());
        table.chars.append_value(record.chars);
        table.digest.append_value(&record.digest);
        table.text.append_option(record.text.as_deref());
        let meta = (!record.meta.is_empty()).then(|| json(&record.meta));
        table.meta.append_option(meta);
        for (index, mention) in record.mentions.iter().enumerate() {
            self.mentions.key.push(document, id);
            self.mentions.push(index, mention);
        }
        for entity in &record.entities {
            let table = &mut self.entities;
            table.key.push(document, id);
            table.entity.append_value(entity.id);
            table.kind.append_value(&entity.kind);
            table.name.append_value(&entity.name);
            table.aliases.append_value(entity.aliases.iter().map(Some));
            table.mentions.append_value(entity.mentions.iter().map(|mention| Some(*mention)));
        }
        for (index, relation) in record.relations.iter().enumerate() {
            let table = &mut self.relations;
            table.key.push(document, id);
            table.relation.append_value(index as u32);
            table.kind.append_value(&relation.kind);
            table.confidence.append_value(&relation.confidence);
            table.start.append_value(relation.start as u32);
            table.end.append_value(relation.end as u32);
            for (part, column) in PARTS.iter().zip(&mut table.parts) {
                column.append_option(relation.parts.get(*part));
            }
            for ((part, _), column) in REFS.iter().zip(&mut table.refs) {
                column.append_option(relation.refs.get(*part).copied());
            }
            // A part that has no column yet is not lost.
            let known = |part: &str| PARTS.contains(&part);
            let other: serde_json::Map<_, _> = relation
                .parts
                .iter()
                .filter(|(part, _)| !known(part))
                .map(|(part, value)| (part.clone(), value.clone().into()))
                .collect();
            table.other.append_option((!other.is_empty()).then(|| json(&other)));
        }
    }

    /// The tables of the records so far; the builder is empty again.
    pub fn finish(&mut self) -> Tables {
        let [documents, mentions, entities, relations] = schemas().clone();
        let batch = |schema, columns| RecordBatch::try_new(schema, columns).expect("the builders follow the schema");
        Tables {
            documents: batch(documents, self.documents.finish()),
            mentions: batch(mentions, self.mentions.finish()),
            entities: batch(entities, self.entities.finish()),
            relations: batch(relations, self.relations.finish()),
        }
    }
}

fn json(fields: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(fields).expect("a map of plain values")
}

impl Documents {
    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut columns = self.key.finish();
        columns.push(Arc::new(self.title.finish()));
        columns.push(Arc::new(self.chars.finish()));
        columns.push(Arc::new(self.digest.finish()));
        columns.push(Arc::new(self.text.finish()));
        columns.push(Arc::new(self.meta.finish()));
        columns
    }
}

impl Mentions {
    fn push(&mut self, index: usize, mention: &RecordMention) {
        self.mention.append_value(index as u32);
        for (column, name) in self.names.iter_mut().zip([&mention.kind, &mention.text, &mention.by]) {
            column.append_value(name);
        }
        self.start.append_value(mention.start as u32);
        self.end.append_value(mention.end as u32);
        self.entity.append_option(mention.entity);
        let (numbers, words) = if let Some(amount) = &mention.amount {
            let numbers = [&amount.value, &amount.low, &amount.high, &amount.magnitude];
            (numbers, [&amount.currency, &amount.unit, &amount.qualifier, &mention.why])
        } else if let Some(count) = &mention.count {
            let numbers = [&count.value, &count.low, &count.high, &count.magnitude];
            (numbers, [&None, &count.unit, &count.qualifier, &mention.why])
        } else {
            ([&None; 4], [&None, &None, &None, &mention.why])
        };
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.append_option(number.as_deref().and_then(decimal));
        }
        for (column, word) in self.words.iter_mut().zip(words) {
            column.append_option(word.as_deref());
        }
        let date = mention.date.as_ref();
        let days = [date.and_then(|date| date.from.as_deref()), date.and_then(|date| date.to.as_deref())];
        for (column, day) in self.days.iter_mut().zip(days) {
            column.append_option(day.and_then(days_since_1970));
        }
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let [kind, text, by] = &mut self.names;
        let [currency, unit, qualifier, why] = &mut self.words;
        let mut columns = self.key.finish();
        columns.push(Arc::new(self.mention.finish()));
        columns.push(Arc::new(kind.finish()));
        columns.push(Arc::new(text.finish()));
        columns.push(Arc::new(self.start.finish()));
        columns.push(Arc::new(self.end.finish()));
        columns.push(Arc::new(self.entity.finish()));
        columns.push(Arc::new(by.finish()));
        columns.extend(self.numbers.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.push(Arc::new(currency.finish()));
        columns.push(Arc::new(unit.finish()));
        columns.push(Arc::new(qualifier.finish()));
        columns.extend(self.days.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.push(Arc::new(why.finish()));
        columns
    }
}

impl Entities {
    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut columns = self.key.finish();
        columns.push(Arc::new(self.entity.finish()));
        columns.push(Arc::new(self.kind.finish()));
        columns.push(Arc::new(self.name.finish()));
        columns.push(Arc::new(self.aliases.finish()));
        columns.push(Arc::new(self.mentions.finish()));
        columns
    }
}

impl Relations {
    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut columns = self.key.finish();
        columns.push(Arc::new(self.relation.finish()));
        columns.push(Arc::new(self.kind.finish()));
        columns.push(Arc::new(self.confidence.finish()));
        columns.push(Arc::new(self.start.finish()));
        columns.push(Arc::new(self.end.finish()));
        columns.extend(self.parts.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.refs.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.push(Arc::new(self.other.finish()));
        columns
    }
}

/// `150.5` as 1505000000000 at scale 10; none where a digit would be lost.
fn decimal(number: &str) -> Option<i128> {
    let (negative, digits) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let scale = SCALE.unsigned_abs() as usize;
    if fraction.len() > scale || !(whole.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mantissa: i128 = format!("{whole}{fraction:0<scale$}").parse().ok()?;
    let limit = 10i128.pow(u32::from(PRECISION));
    (mantissa < limit).then_some(if negative { -mantissa } else { mantissa })
}

fn days_since_1970(day: &str) -> Option<i32> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.since(jiff::civil::Date::constant(1970, 1, 1)).ok()?.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, Decimal128Type, UInt32Type};

    #[test]
    fn values_are_exact_or_null() {
        assert_eq!(decimal("15000000000"), Some(150_000_000_000_000_000_000));
        assert_eq!(decimal("-1.5"), Some(-15_000_000_000));
        assert_eq!(decimal("0.12345678901"), None);
        assert_eq!(decimal("123456789012345678901234567890"), None);
        assert_eq!(days_since_1970("2026-02-05"), Some(20489));
    }

    #[test]
    fn a_record_becomes_rows_of_four_tables() {
        let tiqu = crate::Tiqu::new().unwrap();
        let record = tiqu.extract("英伟达CEO黄仁勋表示，2026年2月5日公司获得超150亿美元投资。");
        let mut builder = TablesBuilder::new();
        builder.push(7, &record);
        let tables = builder.finish();
        assert_eq!(tables.documents.num_rows(), 1);
        assert_eq!(tables.mentions.num_rows(), record.mentions.len());
        assert_eq!(tables.entities.num_rows(), record.entities.len());
        assert_eq!(tables.relations.num_rows(), record.relations.len());
        let column = |name: &str| tables.mentions.column_by_name(name).unwrap();
        for (row, mention) in record.mentions.iter().enumerate() {
            assert_eq!(u64::from(column("start").as_primitive::<UInt32Type>().value(row)), mention.start);
            if let Some(value) = mention.amount.as_ref().and_then(|amount| amount.value.as_deref()) {
                let stored = column("value").as_primitive::<Decimal128Type>();
                assert_eq!(Some(stored.value(row)), decimal(value));
            }
            if mention.date.is_some() {
                column("date_from").as_primitive::<Date32Type>();
            }
        }
        assert_eq!(builder.finish().documents.num_rows(), 0);
    }
}
