//! Records in the forms that people use: JSON Lines, tables, and the formats of annotation tools.
//!
//! A worker encodes documents ([`Encoder`]); the writer only puts the encoded pieces one behind the other, into a
//! stream ([`Framed`]) or into a part of a folder ([`Part`]).

use crate::columns::{TABLES, Tables, TablesBuilder, schemas};
use crate::page;
use crate::pipeline::Document;
use crate::record::{Record, RecordMention, RecordRelation};
use crate::view::{Paint, amount_value, view};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// One JSON array, indented.
    Json,
    /// One row a mention, separated by commas.
    Csv,
    /// Four tables in a folder.
    Parquet,
    /// One character a line, with its label.
    Conll,
    /// A text and an annotation file for each document.
    Brat,
    /// Tasks with predictions for Label Studio.
    LabelStudio,
    /// A page to be opened in a browser.
    Html,
    /// Marked text and facts, to be read in a terminal.
    Pretty,
}

/// How the output is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pack {
    /// Not at all.
    #[default]
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// The output as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The form of the records.
    pub format: Format,
    /// How it is packed.
    pub pack: Pack,
    /// Whether a table begins with a byte order mark, by which Excel knows UTF-8.
    pub bom: bool,
    /// Colours of `Format::Pretty`.
    pub paint: Paint,
}

impl Format {
    /// Every format and its name.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Jsonl, "jsonl"),
        (Self::Json, "json"),
        (Self::Csv, "csv"),
        (Self::Parquet, "parquet"),
        (Self::Conll, "conll"),
        (Self::Brat, "brat"),
        (Self::LabelStudio, "label-studio"),
        (Self::Html, "html"),
        (Self::Pretty, "pretty"),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(format, _)| *format == self).expect("the table holds every format").1
    }

    /// Whether it needs a folder: it consists of several files.
    pub fn needs_folder(self) -> bool {
        matches!(self, Self::Parquet | Self::Brat)
    }

    /// Whether it sets marks into the text, and so needs positions in characters.
    pub fn needs_chars(self) -> bool {
        matches!(self, Self::Conll | Self::Brat | Self::LabelStudio | Self::Html | Self::Pretty)
    }

    fn ending(self) -> &'static str {
        match self {
            Self::LabelStudio => "json",
            Self::Pretty => "txt",
            format => format.name(),
        }
    }

    fn separator(self) -> &'static str {
        match self {
            Self::Json | Self::LabelStudio => ",\n",
            Self::Pretty => "\n",
            _ => "",
        }
    }
}

impl Form {
    /// What a file's name says: `a.jsonl.zst`.
    pub fn of_name(name: &str) -> Option<(Format, Pack)> {
        let lower = name.to_ascii_lowercase();
        let (stem, pack) = match lower.rsplit_once('.')? {
            (stem, "gz") => (stem, Pack::Gzip),
            (stem, "zst" | "zstd") => (stem, Pack::Zstd),
            _ => (&*lower, Pack::None),
        };
        let format = match stem.rsplit_once('.')?.1 {
            "jsonl" | "ndjson" => Format::Jsonl,
            "json" => Format::Json,
            "csv" => Format::Csv,
            "conll" => Format::Conll,
            "html" | "htm" => Format::Html,
            "txt" => Format::Pretty,
            _ => return None,
        };
        Some((format, pack))
    }

    /// The ending of the files of this form.
    pub fn ending(&self) -> String {
        let pack = match self.pack {
            Pack::None => "",
            Pack::Gzip => ".gz",
            Pack::Zstd => ".zst",
        };
        format!("{}{pack}", self.format.ending())
    }

    /// Whether the workers pack, each chunk as a gzip member of its own, which every reader of gzip puts together: one
    /// thread packs no more than a few workers make. Not for Zstandard, which packs ten times as fast and of which some
    /// readers stop behind the first frame; and not where something stands between documents, since what the first
    /// chunk is only the writer knows.
    fn packs_apart(&self) -> bool {
        self.pack == Pack::Gzip && self.format.separator().is_empty()
    }

    /// The packing that is left to the writer.
    pub fn outer_pack(&self) -> Pack {
        if self.packs_apart() { Pack::None } else { self.pack }
    }

    /// Bytes as they stand in the stream.
    fn packed(&self, bytes: Vec<u8>) -> Vec<u8> {
        if !self.packs_apart() {
            return bytes;
        }
        let mut out = Packed::new(Vec::with_capacity(bytes.len() / 4), self.pack).expect("gzip needs no setting up");
        out.write_all(&bytes).and_then(|()| out.finish()).expect("writing to memory does not fail")
    }

    fn head(&self) -> String {
        match self.format {
            Format::Json | Format::LabelStudio => "[\n".to_owned(),
            Format::Csv => format!("{}{}\n", if self.bom { "\u{FEFF}" } else { "" }, CSV_HEADER.join(",")),
            Format::Html => page::head(),
            _ => String::new(),
        }
    }

    fn tail(&self, empty: bool) -> &'static str {
        match self.format {
            Format::Json | Format::LabelStudio if empty => "]\n",
            Format::Json | Format::LabelStudio => "\n]\n",
            Format::Html => page::TAIL,
            _ => "",
        }
    }
}

const CSV_HEADER: [&str; 20] = [
    "id",
    "title",
    "mention",
    "kind",
    "text",
    "start",
    "end",
    "entity",
    "name",
    "by",
    "value",
    "low",
    "high",
    "magnitude",
    "currency",
    "unit",
    "qualifier",
    "date_from",
    "date_to",
    "why",
];

/// Encoded documents.
#[derive(Debug)]
pub enum Encoded {
    /// Bytes, in which each document begins with the separator.
    Bytes(Vec<u8>),
    /// Files with their names.
    Files(Vec<(String, Vec<u8>)>),
    /// Rows.
    Tables(Box<Tables>),
}

/// Encodes documents one after the other.
pub struct Encoder {
    form: Form,
    bytes: Vec<u8>,
    files: Vec<(String, Vec<u8>)>,
    tables: TablesBuilder,
}

impl Encoder {
    /// Nothing encoded yet.
    pub fn new(form: Form) -> Self {
        Self { form, bytes: Vec::new(), files: Vec::new(), tables: TablesBuilder::new() }
    }

    /// Adds a document, whose number in the run is `number`.
    pub fn push(&mut self, number: u64, document: &Document, record: &Record) {
        let format = self.form.format;
        let out = &mut self.bytes;
        out.extend_from_slice(format.separator().as_bytes());
        match format {
            Format::Jsonl => {
                serde_json::to_writer(&mut *out, record).expect("a record is plain data");
                out.push(b'\n');
            }
            Format::Json => serde_json::to_writer_pretty(out, record).expect("a record is plain data"),
            Format::Csv => csv_rows(record, out),
            Format::Parquet => self.tables.push(number, record),
            Format::Conll => out.extend_from_slice(conll(record, &document.text).as_bytes()),
            Format::Brat => {
                let stem = format!("{number:07}-{}", file_name(&record.id));
                self.files.push((format!("{stem}.txt"), document.text.clone().into_bytes()));
                self.files.push((format!("{stem}.ann"), brat(record, &document.text).into_bytes()));
            }
            Format::LabelStudio => {
                serde_json::to_writer(out, &task(record, &document.text)).expect("a task is plain data");
            }
            Format::Html => out.extend_from_slice(page::article(record, &document.text).as_bytes()),
            Format::Pretty => {
                let text = view(record, &document.text, self.form.paint);
                out.extend_from_slice(format!("=== {}\n{text}\n", record.id).as_bytes());
            }
        }
    }

    /// All that was encoded.
    pub fn finish(mut self) -> Encoded {
        match self.form.format {
            Format::Parquet => Encoded::Tables(Box::new(self.tables.finish())),
            Format::Brat => Encoded::Files(self.files),
            _ if self.bytes.is_empty() => Encoded::Bytes(self.bytes),
            _ => Encoded::Bytes(self.form.packed(self.bytes)),
        }
    }
}

fn csv_rows(record: &Record, out: &mut Vec<u8>) {
    let mut rows = csv::Writer::from_writer(out);
    for (index, mention) in record.mentions.iter().enumerate() {
        let name = mention.entity.and_then(|id| record.entities.get(id as usize)).map(|entity| &*entity.name);
        let (amount, count, date) = (mention.amount.as_ref(), mention.count.as_ref(), mention.date.as_ref());
        let amount = amount.map(|a| [&a.value, &a.low, &a.high, &a.magnitude, &a.currency, &a.unit, &a.qualifier]);
        let count = count.map(|c| [&c.value, &c.low, &c.high, &c.magnitude, &None, &c.unit, &c.qualifier]);
        let number = |part: usize| amount.or(count).and_then(|parts| parts[part].as_deref()).unwrap_or("");
        let row = [
            &*record.id,
            record.title.as_deref().unwrap_or(""),
            &index.to_string(),
            &mention.kind,
            &mention.text,
            &mention.start.to_string(),
            &mention.end.to_string(),
            &mention.entity.map_or(String::new(), |id| id.to_string()),
            name.unwrap_or(""),
            &mention.by,
            number(0),
            number(1),
            number(2),
            number(3),
            number(4),
            number(5),
            number(6),
            date.and_then(|date| date.from.as_deref()).unwrap_or(""),
            date.and_then(|date| date.to.as_deref()).unwrap_or(""),
            mention.why.as_deref().unwrap_or(""),
        ];
        rows.write_record(row).expect("writing to memory does not fail");
    }
    rows.flush().expect("writing to memory does not fail");
}

/// One character a line with its label; a blank line behind each sentence. White space within a line is ▁, because
/// readers of this format split at white space.
fn conll(record: &Record, text: &str) -> String {
    let mut out = format!("# id = {}\n", record.id.replace(['\n', '\r'], " "));
    let mut mentions = record.mentions.iter().peekable();
    let mut open = false;
    for (at, c) in (0..).zip(text.chars()) {
        while mentions.next_if(|mention| mention.end <= at).is_some() {}
        let mention = mentions.peek().filter(|mention| mention.start <= at);
        if matches!(c, '\n' | '\r') {
            if open {
                out.push('\n');
                open = false;
            }
            continue;
        }
        let c = if c.is_whitespace() { '▁' } else { c };
        let _ = match mention {
            Some(mention) => writeln!(out, "{c}\t{}-{}", if mention.start == at { 'B' } else { 'I' }, mention.kind),
            None => writeln!(out, "{c}\tO"),
        };
        open = true;
        if mention.is_none() && matches!(c, '。' | '！' | '？' | '!' | '?') {
            out.push('\n');
            open = false;
        }
    }
    if open {
        out.push('\n');
    }
    out
}

/// The annotation of a document in brat's standoff form.
fn brat(record: &Record, text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (index, mention) in record.mentions.iter().enumerate() {
        // A line break within a mention makes it discontinuous.
        let mut fragments = Vec::new();
        let mut start = mention.start as usize;
        for at in mention.start as usize..=mention.end as usize {
            if at == mention.end as usize || chars.get(at) == Some(&'\n') {
                if at > start {
                    fragments.push(format!("{start} {at}"));
                }
                start = at + 1;
            }
        }
        let surface = mention.text.replace('\n', " ");
        let _ = writeln!(out, "T{}\t{} {}\t{surface}", index + 1, mention.kind, fragments.join(";"));
        if let Some(amount) = &mention.amount {
            let _ = writeln!(out, "#{}\tAnnotatorNotes T{}\t{}", index + 1, index + 1, amount_value(amount));
        }
    }
    for entity in record.entities.iter().filter(|entity| entity.mentions.len() > 1) {
        let mentions: Vec<String> = entity.mentions.iter().map(|mention| format!("T{}", mention + 1)).collect();
        let _ = writeln!(out, "*\tEquiv {}", mentions.join(" "));
    }
    let mut number = 0;
    for relation in &record.relations {
        if let Some((from, to)) = ends(record, relation) {
            number += 1;
            let _ = writeln!(out, "R{number}\t{} Arg1:T{} Arg2:T{}", relation.kind, from + 1, to + 1);
        }
    }
    out
}

/// The two mentions that a relation stands between, for tools that know nothing richer.
fn ends(record: &Record, relation: &RecordRelation) -> Option<(usize, usize)> {
    let inside = |mention: &RecordMention| mention.start >= relation.start && mention.end <= relation.end;
    let mention = |part: &str| -> Option<usize> {
        let id = *relation.refs.get(part)?;
        if matches!(part, "value" | "from" | "to") {
            return Some(id as usize);
        }
        let mentions = &record.entities.get(id as usize)?.mentions;
        let near = mentions.iter().find(|&&mention| record.mentions.get(mention as usize).is_some_and(inside));
        near.or_else(|| mentions.first()).map(|&mention| mention as usize)
    };
    let from = mention("person").or_else(|| mention("subject")).or_else(|| mention("speaker"))?;
    let to = mention("org").or_else(|| mention("value")).or_else(|| mention("to"))?;
    (from != to).then_some((from, to))
}

/// A task for Label Studio, with the mentions as predictions.
fn task(record: &Record, text: &str) -> serde_json::Value {
    let mentions = record.mentions.iter().enumerate().map(|(index, mention)| {
        json!({
            "id": format!("m{index}"), "from_name": "label", "to_name": "text", "type": "labels",
            "value": {"start": mention.start, "end": mention.end, "text": mention.text, "labels": [mention.kind]},
        })
    });
    let relations = record.relations.iter().filter_map(|relation| {
        let (from, to) = ends(record, relation)?;
        let (from, to) = (format!("m{from}"), format!("m{to}"));
        Some(json!({"from_id": from, "to_id": to, "type": "relation", "direction": "right", "labels": [relation.kind]}))
    });
    let result: Vec<_> = mentions.chain(relations).collect();
    let version = concat!("tiqu ", env!("CARGO_PKG_VERSION"));
    json!({
        "data": {"id": record.id, "title": record.title, "text": text, "meta": record.meta},
        "predictions": [{"model_version": version, "result": result}],
    })
}

/// An id as part of a file's name.
fn file_name(id: &str) -> String {
    let name: String = id.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    // The end of a path says more than its beginning; names of files are limited to 255 bytes.
    let skip = name.chars().count().saturating_sub(40);
    name.chars().skip(skip).collect()
}

/// A stream of documents with what stands before, between and behind them.
pub struct Framed<W> {
    form: Form,
    out: W,
    empty: bool,
}

impl<W: Write> Framed<W> {
    /// A stream not yet begun.
    pub fn new(form: Form, out: W) -> Self {
        Self { form, out, empty: true }
    }

    /// Writes what stands before the documents.
    ///
    /// # Errors
    /// The writer's.
    pub fn begin(&mut self) -> io::Result<()> {
        let head = self.form.head();
        if head.is_empty() { Ok(()) } else { self.out.write_all(&self.form.packed(head.into_bytes())) }
    }

    /// Adds encoded documents.
    ///
    /// # Errors
    /// The writer's.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let skip = if self.empty { self.form.format.separator().len() } else { 0 };
        self.empty = false;
        self.out.write_all(&bytes[skip..])
    }

    /// Hands on what is buffered.
    ///
    /// # Errors
    /// The writer's.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Writes what stands behind the documents.
    ///
    /// # Errors
    /// The writer's.
    pub fn end(&mut self) -> io::Result<()> {
        let tail = self.form.tail(self.empty);
        // Of nothing at all one empty member is left, since an empty file is none of gzip.
        if !tail.is_empty() || (self.empty && self.form.head().is_empty()) {
            self.out.write_all(&self.form.packed(tail.as_bytes().to_vec()))?;
        }
        self.out.flush()
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }
}

/// A packer around a writer.
pub enum Packed<W: Write> {
    /// As it is.
    None(W),
    /// gzip, without time and name, so that equal content is equal bytes.
    Gzip(flate2::write::GzEncoder<W>),
    /// Zstandard.
    Zstd(zstd::stream::write::Encoder<'static, W>),
}

impl<W: Write> Packed<W> {
    /// Begins packing.
    ///
    /// # Errors
    /// The packer cannot be set up.
    pub fn new(out: W, pack: Pack) -> io::Result<Self> {
        Ok(match pack {
            Pack::None => Self::None(out),
            Pack::Gzip => Self::Gzip(flate2::GzBuilder::new().write(out, flate2::Compression::default())),
            Pack::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(out, 3)?;
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Ends packing.
    ///
    /// # Errors
    /// The writer's.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::None(out) => Ok(out),
            Self::Gzip(out) => out.finish(),
            Self::Zstd(out) => out.finish(),
        }
    }
}

impl<W: Write> Write for Packed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::None(out) => out.write(bytes),
            Self::Gzip(out) => out.write(bytes),
            Self::Zstd(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Flushing a packer in the middle would change its bytes.
        match self {
            Self::None(out) => out.flush(),
            _ => Ok(()),
        }
    }
}

/// A file of a part that is written beside its place, with its length and checksum.
pub struct Beside {
    out: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
    temporary: PathBuf,
    place: PathBuf,
    name: String,
}

/// A finished file of a part.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Written {
    /// Its path within the folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its BLAKE3 checksum, 32 hexadecimal digits.
    pub digest: String,
}

/// What the names of unfinished files begin with.
pub const TEMPORARY: &str = ".tmp-";

impl Beside {
    fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let place = folder.join(name);
        let file_name = place.file_name().expect("a part has a name").to_string_lossy().into_owned();
        let temporary = place.with_file_name(format!("{TEMPORARY}{file_name}"));
        let out = BufWriter::with_capacity(1 << 18, File::create(&temporary)?);
        Ok(Self { out, hasher: blake3::Hasher::new(), bytes: 0, temporary, place, name: name.to_owned() })
    }

    /// Makes the file durable, then visible.
    fn finish(self) -> io::Result<Written> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&self.temporary, &self.place)?;
        sync_folder(self.place.parent().expect("a part is in a folder"))?;
        Ok(Written { name: self.name, bytes: self.bytes, digest: digest(&self.hasher) })
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether a part is as it was written.
///
/// # Errors
/// It cannot be read.
pub fn is_whole(path: &Path, written: &Written) -> io::Result<bool> {
    let meta = fs::metadata(path)?;
    Ok((meta.is_dir() || meta.len() == written.bytes) && content(path)? == (written.bytes, written.digest.clone()))
}

/// Length and checksum of a file; of a folder, over the names and bytes of its files in the order of names.
///
/// # Errors
/// It cannot be read.
pub fn content(path: &Path) -> io::Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    if !path.is_dir() {
        let bytes = io::copy(&mut File::open(path)?, &mut Hashed(&mut hasher))?;
        return Ok((bytes, digest(&hasher)));
    }
    let names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<BTreeSet<_>>>()?;
    let mut bytes = 0;
    for name in names {
        hasher.update(name.as_encoded_bytes());
        let file = fs::read(path.join(name))?;
        bytes += file.len() as u64;
        hasher.update(&file);
    }
    Ok((bytes, digest(&hasher)))
}

/// Bytes on their way into a checksum.
struct Hashed<'a>(&'a mut blake3::Hasher);

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The checksum as it is written down.
pub fn digest(hasher: &blake3::Hasher) -> String {
    hasher.finalize().to_hex()[..32].to_owned()
}

/// Makes names in a folder durable, where the system can.
///
/// # Errors
/// The system's.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A part of the output in a folder; it becomes visible when it is finished.
pub struct Part {
    folder: PathBuf,
    name: String,
    body: Body,
}

enum Body {
    Bytes(Box<Framed<Packed<Beside>>>),
    Files(PathBuf, Vec<PathBuf>),
    Tables(Vec<ArrowWriter<Beside>>),
}

impl Part {
    /// Begins a part.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn create(folder: &Path, number: u64, form: Form) -> io::Result<Self> {
        let name = format!("part-{number:05}");
        let body = match form.format {
            Format::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).expect("3 is a level of zstd")))
                    .set_writer_version(WriterVersion::PARQUET_1_0)
                    .set_created_by(concat!("tiqu ", env!("CARGO_PKG_VERSION")).to_owned())
                    .build();
                let tables = TABLES.iter().zip(schemas()).map(|(table, schema)| {
                    fs::create_dir_all(folder.join(table))?;
                    let out = Beside::create(folder, &format!("{table}/{name}.parquet"))?;
                    ArrowWriter::try_new(out, schema.clone(), Some(properties.clone())).map_err(io::Error::other)
                });
                Body::Tables(tables.collect::<io::Result<_>>()?)
            }
            Format::Brat => {
                let temporary = folder.join(format!("{TEMPORARY}{name}"));
                if temporary.exists() {
                    fs::remove_dir_all(&temporary)?;
                }
                fs::create_dir(&temporary)?;
                Body::Files(temporary, Vec::new())
            }
            _ => {
                let out = Beside::create(folder, &format!("{name}.{}", form.ending()))?;
                let mut framed = Framed::new(form, Packed::new(out, form.outer_pack())?);
                framed.begin()?;
                Body::Bytes(Box::new(framed))
            }
        };
        Ok(Self { folder: folder.to_owned(), name, body })
    }

    /// Adds encoded documents.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn append(&mut self, encoded: &Encoded) -> io::Result<()> {
        match (&mut self.body, encoded) {
            (Body::Bytes(out), Encoded::Bytes(bytes)) => out.append(bytes),
            (Body::Files(folder, written), Encoded::Files(files)) => {
                for (name, bytes) in files {
                    let path = folder.join(name);
                    fs::write(&path, bytes)?;
                    written.push(path);
                }
                Ok(())
            }
            (Body::Tables(writers), Encoded::Tables(tables)) => {
                let batches = [&tables.documents, &tables.mentions, &tables.entities, &tables.relations];
                for (writer, batch) in writers.iter_mut().zip(batches) {
                    writer.write(batch).map_err(system)?;
                }
                Ok(())
            }
            _ => unreachable!("encoder and part are made from one form"),
        }
    }

    /// Makes the part durable and visible.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn finish(self) -> io::Result<Vec<Written>> {
        match self.body {
            Body::Bytes(mut out) => {
                out.end()?;
                Ok(vec![out.into_inner().finish()?.finish()?])
            }
            Body::Files(temporary, files) => {
                let place = self.folder.join(&self.name);
                if place.exists() {
                    // Left from a run that was killed before it wrote the part down.
                    fs::remove_dir_all(&place)?;
                }
                for file in &files {
                    File::open(file)?.sync_data()?;
                }
                sync_folder(&temporary)?;
                let (bytes, digest) = content(&temporary)?;
                fs::rename(&temporary, &place)?;
                sync_folder(&self.folder)?;
                Ok(vec![Written { name: self.name, bytes, digest }])
            }
            Body::Tables(writers) => {
                let close = |writer: ArrowWriter<Beside>| writer.into_inner().map_err(system)?.finish();
                writers.into_iter().map(close).collect()
            }
        }
    }
}

/// The system's error within Parquet's.
fn system(why: parquet::errors::ParquetError) -> io::Error {
    match why {
        parquet::errors::ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(inner) => io::Error::other(inner),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> (Document, Record) {
        let text = "英伟达CEO黄仁勋说，\n投资150亿美元。".to_owned();
        let document = Document { id: "a/1.txt".to_owned(), text, ..Document::default() };
        (document.clone(), crate::Tiqu::new().unwrap().extract_document(&document))
    }

    #[test]
    fn names_tell_format_and_packing() {
        assert_eq!(Form::of_name("a.jsonl.zst"), Some((Format::Jsonl, Pack::Zstd)));
        assert_eq!(Form::of_name("A.CSV"), Some((Format::Csv, Pack::None)));
        assert_eq!(Form::of_name("out"), None);
    }

    #[test]
    fn conll_labels_every_character() {
        let (document, record) = record();
        let lines = conll(&record, &document.text);
        let labelled = lines.lines().filter(|line| line.contains('\t')).count();
        assert_eq!(labelled, document.text.chars().filter(|c| *c != '\n').count());
        let begins = lines.lines().filter(|line| line.contains("\tB-")).count();
        assert_eq!(begins, record.mentions.len());
    }

    #[test]
    fn brat_positions_stand_on_the_text() {
        let (document, record) = record();
        let chars: Vec<char> = document.text.chars().collect();
        for line in brat(&record, &document.text).lines().filter(|line| line.starts_with('T')) {
            let parts: Vec<&str> = line.split('\t').collect();
            let mut span = parts[1].split(' ').skip(1).map(|number| number.parse::<usize>().unwrap());
            let (start, end) = (span.next().unwrap(), span.next().unwrap());
            assert_eq!(chars[start..end].iter().collect::<String>(), parts[2]);
        }
    }
}
