//! Opens an input and cuts it into items, without holding more than one of them: `a.jsonl.gz` is its lines.
//!
//! Nothing here fails as a whole: what cannot be read becomes an item with a fault, and the reading goes on behind it
//! where there is a behind. Only a system's error (a disk gone, a file vanished) is handed up.

use crate::cut::{self, Cut, Cutter, Dialect, REMNANT};
pub use crate::cut::{Flow, Stop};
use crate::decode::{Charset, Utf8Reader};
use crate::item::{Fields, Form, Item, Raw, too_long};
use crate::source::{Kind, Pack, Source, of_name};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use encoding_rs::{Encoding, UTF_8};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read, Seek, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a user can say of the inputs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The encoding of everything.
    pub encoding: Option<&'static Encoding>,
    /// The names of fields.
    pub fields: Fields,
    /// What the inputs are, whatever their names say.
    pub kind: Option<Kind>,
    /// The longest article, in bytes of UTF-8.
    pub max_article: usize,
    /// How many times larger than the file what is unpacked from it may be.
    pub max_ratio: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { encoding: None, fields: Fields::default(), kind: None, max_article: 16 << 20, max_ratio: 500 }
    }
}

/// Bytes taken from files so far, before unpacking; and those of them that an earlier run took.
#[derive(Debug, Default)]
pub struct Meter(AtomicU64, AtomicU64);

impl Meter {
    /// The number of bytes.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts bytes that were read by an earlier run.
    pub fn pass(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
        self.1.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The number of bytes that were read by an earlier run.
    pub fn passed(&self) -> u64 {
        self.1.load(Ordering::Relaxed)
    }
}

/// What the reader hands on.
pub enum Event {
    /// The form of an input, found from its beginning: to be told to the user.
    Form(Kind, Arc<Form>),
    /// The next item.
    Item(Item),
}

/// How much of the beginning of an input decides about its encoding and fields.
const SAMPLE: usize = 1 << 16;

/// Unpacked bytes that are always allowed, however small the file.
const FREE: u64 = 64 << 20;

/// Reads one input to its end, or until told to stop.
///
/// # Errors
/// What `on` said, or an error of the system.
pub fn read(source: &Source, options: &Options, meter: &Meter, on: &mut dyn FnMut(Event) -> Flow) -> Flow {
    let mut reading = Reading { options, on, name: source.name.clone() };
    if let Err(why) = &source.stamp {
        return reading.fault(None, why.clone(), Vec::new());
    }
    let result = if source.is_stdin() {
        reading.stream(Metered { inner: io::stdin().lock(), meter }, None, Pack::None, false)
    } else {
        match File::open(&source.path) {
            Ok(file) => reading.file(file, meter),
            // It was there a moment ago, when it was listed.
            Err(why) if why.kind() == io::ErrorKind::NotFound => Err(why.into()),
            Err(why) => reading.fault(None, why.to_string(), Vec::new()),
        }
    };
    reading.damage(result)
}

/// One input being read.
struct Reading<'a> {
    options: &'a Options,
    on: &'a mut dyn FnMut(Event) -> Flow,
    /// Its name; that of a member while one is read.
    name: String,
}

type Sampled<R> = Chain<Cursor<Vec<u8>>, Rest<R>>;

impl Reading<'_> {
    fn item(&mut self, form: &Arc<Form>, at: Option<u64>, raw: Raw) -> Flow {
        (self.on)(Event::Item(Item { form: form.clone(), at, raw }))
    }

    /// Makes of an error that lies in the bytes a fault of the input.
    fn damage(&mut self, result: Flow) -> Flow {
        match result {
            Err(Stop::System(why)) if why.raw_os_error().is_none() => self.fault(None, why.to_string(), Vec::new()),
            result => result,
        }
    }

    fn fault(&mut self, at: Option<u64>, reason: String, raw: Vec<u8>) -> Flow {
        let form = Arc::new(self.form(Charset::Ascii, Fields::default()));
        self.item(&form, at, Raw::Fault(reason, raw))
    }

    fn form(&self, charset: Charset, fields: Fields) -> Form {
        Form { name: self.name.clone(), charset, fields, decoded: false, header: Vec::new(), delimiter: b',' }
    }

    /// A file: archives and Parquet are read from where they say, everything else from front to back.
    fn file(&mut self, mut file: File, meter: &Meter) -> Flow {
        let mut head = [0; 8];
        let length = read_full(&mut file, &mut head)?;
        file.rewind()?;
        let (pack, kind) = of_name(&self.name);
        let kind = self.options.kind.or(kind);
        let pack = match Pack::of_content(&head[..length]) {
            Pack::None => pack,
            found => found,
        };
        if pack == Pack::Zip {
            return self.archive(file, meter);
        }
        if pack == Pack::None && (kind == Some(Kind::Parquet) || head.starts_with(b"PAR1")) {
            let size = file.metadata()?.len();
            let flow = self.table(file);
            meter.0.fetch_add(size, Ordering::Relaxed);
            return flow;
        }
        if pack == Pack::None
            && kind == Some(Kind::Text)
            && file.metadata()?.len() > 2 * self.options.max_article as u64
        {
            // No need to read what will not be taken: UTF-16 is at most twice as long as UTF-8.
            let size = file.metadata()?.len() as usize;
            return self.fault(None, too_long(size, self.options.max_article), Vec::new());
        }
        let reader = Metered { inner: BufReader::with_capacity(1 << 16, file), meter };
        self.stream(reader, kind, pack, false)
    }

    /// Bytes from front to back; `unpacked` says that they come out of a packed input.
    fn stream<R: BufRead>(&mut self, reader: R, kind: Option<Kind>, pack: Pack, unpacked: bool) -> Flow {
        let pack = if unpacked { Pack::None } else { pack };
        let mut reader = Counted { inner: reader, count: Rc::default() };
        let count = reader.count.clone();
        let guard = |ratio| Guard { packed: count.clone(), ratio, out: 0 };
        match pack {
            Pack::None if !unpacked => {
                // Standard input has no name; its first bytes tell.
                let (head, rest) = sample(reader, 8);
                let pack = Pack::of_content(&head);
                let reader = Cursor::new(head).chain(rest);
                match pack {
                    Pack::None => self.content(reader, kind),
                    Pack::Zip => {
                        let file = spool(reader)?;
                        self.archive(file, &Meter::default())
                    }
                    pack => self.unpacked(reader, pack, kind, guard(self.options.max_ratio)),
                }
            }
            Pack::None => self.content(reader, kind),
            Pack::Zip => {
                let file = spool(&mut reader)?;
                self.archive(file, &Meter::default())
            }
            pack => self.unpacked(reader, pack, kind, guard(self.options.max_ratio)),
        }
    }

    fn unpacked<R: BufRead>(&mut self, reader: R, pack: Pack, kind: Option<Kind>, guard: Guard) -> Flow {
        if pack == Pack::Gzip {
            // A plain decoder would stop behind the first of several members.
            let inner = Named { inner: flate2::bufread::MultiGzDecoder::new(reader), what: "gzip" };
            self.content(BufReader::with_capacity(1 << 16, Guarded { inner, guard }), kind)
        } else {
            let inner = Named { inner: zstd::stream::read::Decoder::with_buffer(reader)?, what: "zstd" };
            self.content(BufReader::with_capacity(1 << 16, Guarded { inner, guard }), kind)
        }
    }

    /// The members of a zip archive, in its order.
    fn archive(&mut self, file: File, meter: &Meter) -> Flow {
        let size = file.metadata()?.len();
        let name = self.name.clone();
        let mut archive = match zip::ZipArchive::new(BufReader::new(file)) {
            Ok(archive) => archive,
            Err(zip::result::ZipError::Io(why)) if why.raw_os_error().is_some() => return Err(why.into()),
            Err(why) => return self.fault(None, format!("not a readable zip archive: {why}"), Vec::new()),
        };
        let count = archive.len();
        for index in 0..count {
            let listed = archive.name_for_index(index).and_then(|name| Some(name.ok()?.into_owned()));
            let member = match archive.by_index(index) {
                Ok(member) => member,
                Err(why) => {
                    self.name = format!("{name}/{}", listed.unwrap_or_else(|| index.to_string()));
                    self.fault(None, format!("the member cannot be read: {why}"), Vec::new())?;
                    continue;
                }
            };
            let raw_name = member.name_raw().to_vec();
            // Names of archives made on Chinese systems are in GBK, and do not say so.
            let (member_name, _) = Charset::detect(&raw_name, None).0.decode(raw_name);
            let base = member_name.rsplit('/').next().unwrap_or_default();
            let (pack, kind) = of_name(&member_name);
            if !member.is_file() || base.starts_with('.') || member_name.starts_with("__MACOSX/") {
                continue;
            }
            self.name = format!("{name}/{member_name}");
            if pack == Pack::Zip {
                self.fault(None, "an archive within an archive is not opened; unpack it first".to_owned(), Vec::new())?;
                continue;
            }
            if kind.is_none() && pack == Pack::None && self.options.kind.is_none() {
                continue;
            }
            let packed = Rc::new(Cell::new(member.compressed_size()));
            let guard = Guard { packed, ratio: self.options.max_ratio, out: 0 };
            let inner = Named { inner: member, what: "zip member" };
            let reader = BufReader::with_capacity(1 << 16, Guarded { inner, guard });
            let kind = self.options.kind.or(kind);
            let result = match pack {
                Pack::None => self.stream(reader, kind, Pack::None, true),
                pack => {
                    let counted = Counted { inner: reader, count: Rc::default() };
                    let guard = Guard { packed: counted.count.clone(), ratio: self.options.max_ratio, out: 0 };
                    self.unpacked(counted, pack, kind, guard)
                }
            };
            self.damage(result)?;
        }
        meter.0.fetch_add(size, Ordering::Relaxed);
        Ok(())
    }

    /// Unpacked bytes of one input or member.
    fn content<R: BufRead>(&mut self, reader: R, kind: Option<Kind>) -> Flow {
        let (sampled, rest) = sample(reader, SAMPLE);
        let kind = match kind.or(self.options.kind) {
            // Many files called .json hold one object a line.
            None | Some(Kind::Json) if is_lines(&sampled) => Kind::Lines,
            Some(kind) => kind,
            None => Kind::of_content(&sampled),
        };
        let (charset, mark) = match self.options.encoding {
            Some(encoding) => match Encoding::for_bom(&sampled) {
                Some((found, length)) if found == encoding => (Charset::Known(encoding), length),
                _ => (Charset::Known(encoding), 0),
            },
            None if matches!(kind, Kind::Html | Kind::Warc) => (Charset::Ascii, 0),
            None => Charset::detect(cut_to_lines(&sampled), None),
        };
        let mut start = Cursor::new(sampled);
        start.set_position(mark as u64);
        let reader: Sampled<R> = start.chain(rest);
        match (kind, charset) {
            (Kind::Text, _) => self.text(reader, charset),
            (Kind::Html, _) => self.html(reader, charset),
            (Kind::Warc, _) => self.web(reader, charset),
            (Kind::Parquet, _) => {
                let file = spool(reader)?;
                self.table(file)
            }
            (_, Charset::Known(encoding))
                if !charset.is_ascii_compatible() || (kind != Kind::Lines && !charset.is_utf8()) =>
            {
                self.pieces(Utf8Reader::new(reader, encoding), kind, charset, true)
            }
            _ => self.pieces(reader, kind, charset, false),
        }
    }

    /// JSON and tables.
    fn pieces<R: BufRead>(&mut self, reader: R, kind: Kind, charset: Charset, decoded: bool) -> Flow {
        let charset = if decoded { Charset::Known(UTF_8) } else { charset };
        match kind {
            Kind::Csv | Kind::Tsv => self.rows(reader, kind, charset, decoded),
            Kind::Lines => self.objects(reader, kind, charset, decoded, &cut::lines),
            _ => self.objects(reader, kind, charset, decoded, &cut::values),
        }
    }

    fn text<R: BufRead>(&mut self, reader: R, charset: Charset) -> Flow {
        let form = Arc::new(self.form(charset, Fields::default()));
        (self.on)(Event::Form(Kind::Text, form.clone()))?;
        match whole(reader, 2 * self.options.max_article)? {
            Ok(bytes) => self.item(&form, None, Raw::Text(bytes)),
            Err(start) => {
                let reason = format!("the text has more bytes than the {} of --max-article", self.options.max_article);
                self.item(&form, None, Raw::Fault(reason, start))
            }
        }
    }

    fn html<R: BufRead>(&mut self, reader: R, charset: Charset) -> Flow {
        let form = Arc::new(self.form(charset, Fields::default()));
        (self.on)(Event::Form(Kind::Html, form.clone()))?;
        match whole(reader, self.options.max_article)? {
            Ok(bytes) => self.item(&form, None, Raw::Html(bytes, None)),
            Err(start) => {
                let reason = format!("the page has more bytes than the {} of --max-article", self.options.max_article);
                self.item(&form, None, Raw::Fault(reason, start))
            }
        }
    }

    /// JSON objects, cut apart by `cut`.
    fn objects<R: BufRead>(&mut self, reader: R, kind: Kind, charset: Charset, decoded: bool, cut: Cutter) -> Flow {
        let (sampled, rest) = sample(reader, SAMPLE);
        let text = charset.decode(cut_to_lines(&sampled).to_vec()).0;
        let mut form = self.form(charset, self.options.fields.found_in(keys(&text).iter().map(String::as_str)));
        form.decoded = decoded;
        let form = Arc::new(form);
        (self.on)(Event::Form(kind, form.clone()))?;
        let mut reader = Cursor::new(sampled).chain(rest);
        // A character may be written as six bytes of escape, and there are other fields beside the text.
        let limit = 2 * self.options.max_article + (1 << 20);
        let max = self.options.max_article;
        cut(&mut reader, limit, &mut |at, cut| self.item(&form, Some(at), raw(cut, max, Raw::Json)))
    }

    /// The rows of a table in text form.
    fn rows<R: BufRead>(&mut self, reader: R, kind: Kind, charset: Charset, decoded: bool) -> Flow {
        let (sampled, rest) = sample(reader, SAMPLE);
        let dialect = dialect(&sampled, kind);
        let mut form = self.form(charset, Fields::default());
        form.decoded = decoded;
        form.delimiter = dialect.delimiter;
        let mut form = Arc::new(form);
        let (mut first, mut headless) = (true, false);
        let max = self.options.max_article;
        // A quote may be written as two, and there are other fields beside the text.
        let limit = 2 * max + (1 << 20);
        let mut reader = Cursor::new(sampled).chain(rest);
        let flow = cut::rows(&mut reader, dialect, limit, &mut |line, cut| match cut {
            Cut::Whole(row) if first => {
                first = false;
                form = Arc::new(self.headed(&form, &row));
                (self.on)(Event::Form(kind, form.clone()))?;
                let Some(reason) = no_text(&form) else { return Ok(()) };
                self.item(&form, Some(line), Raw::Fault(reason, Vec::new()))?;
                headless = true;
                Err(Stop::Enough)
            }
            cut if first => {
                let Raw::Fault(reason, start) = raw(cut, max, Raw::Row) else {
                    unreachable!("a whole row is no fault")
                };
                self.item(&form, Some(line), Raw::Fault(format!("no header: {reason}"), start))?;
                headless = true;
                Err(Stop::Enough)
            }
            cut => self.item(&form, Some(line), raw(cut, max, Raw::Row)),
        });
        match flow {
            // The table is over, not the run.
            Err(Stop::Enough) if headless => Ok(()),
            flow => flow,
        }
    }

    /// The form with the header that a table begins with.
    fn headed(&self, form: &Form, row: &[u8]) -> Form {
        let header: Vec<String> = cut::fields(row, form.delimiter)
            .into_iter()
            .map(|name| form.charset.decode(name.trim_ascii().to_vec()).0)
            .collect();
        let fields = self.options.fields.found_in(header.iter().map(String::as_str));
        Form { fields, header, ..form.clone() }
    }

    /// The rows of a Parquet file, a few at a time.
    fn table(&mut self, file: File) -> Flow {
        let builder = match ParquetRecordBatchReaderBuilder::try_new(file.try_clone()?) {
            Ok(builder) => builder,
            Err(why) => return self.fault(None, format!("not a readable Parquet file: {why}"), Vec::new()),
        };
        let metadata = builder.metadata().clone();
        let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let fields = self.options.fields.found_in(names.iter().map(String::as_str));
        let mut form = self.form(Charset::Known(UTF_8), fields);
        form.header = names;
        let form = Arc::new(form);
        (self.on)(Event::Form(Kind::Parquet, form.clone()))?;
        if let Some(reason) = no_text(&form) {
            return self.item(&form, None, Raw::Fault(reason, Vec::new()));
        }
        let bytes = self.options.encoding.map_or(Charset::Ascii, Charset::Known);
        let mut row = 0;
        for (index, group) in metadata.row_groups().iter().enumerate() {
            let end = row + group.num_rows() as u64;
            // As many rows at a time as hold four megabytes, if none is repeated: what is lies in the file once.
            let width = (group.total_byte_size() / group.num_rows().max(1)).max(1) as usize;
            let size = ((4 << 20) / width).clamp(1, 64);
            let ratio = self.options.max_ratio;
            let bomb = group.columns().iter().any(|column| {
                let [packed, unpacked] =
                    [column.compressed_size(), column.uncompressed_size()].map(|size| u64::try_from(size).unwrap_or(0));
                unpacked > FREE && unpacked / packed.max(1) > ratio
            });
            let batches = if bomb { Err(too_packed(ratio)) } else { group_batches(&file, index, size) };
            let batches = match batches {
                Ok(batches) => batches,
                Err(why) => {
                    let reason = format!("rows {} to {end} cannot be read: {why}", row + 1);
                    self.item(&form, Some(row + 1), Raw::Fault(reason, Vec::new()))?;
                    row = end;
                    continue;
                }
            };
            for batch in batches {
                let batch = batch.map_err(|why| why.to_string());
                let read = batch
                    .as_ref()
                    .map_err(String::clone)
                    .and_then(|batch| Ok((batch.num_rows(), columns(batch, bytes)?)));
                let (rows, columns) = match read {
                    Ok(read) => read,
                    Err(why) => {
                        let reason = format!("rows {} to {end} cannot be read: {why}", row + 1);
                        self.item(&form, Some(row + 1), Raw::Fault(reason, Vec::new()))?;
                        break;
                    }
                };
                for index in 0..rows {
                    row += 1;
                    let fields = form.header.iter().zip(&columns);
                    let fields = fields.filter_map(|(name, column)| Some((name.clone(), column.value(index)?)));
                    self.item(&form, Some(row), Raw::Fields(fields.collect()))?;
                }
            }
            row = end;
        }
        Ok(())
    }

    /// The pages and texts of a web archive.
    fn web<R: BufRead>(&mut self, mut reader: R, charset: Charset) -> Flow {
        let form = Arc::new(self.form(charset, Fields::default()));
        (self.on)(Event::Form(Kind::Warc, form.clone()))?;
        let mut number = 0;
        loop {
            number += 1;
            let record = match crate::warc::record(&mut reader, self.options.max_article) {
                Ok(Some(record)) => record,
                Ok(None) => return Ok(()),
                Err(why) if why.raw_os_error().is_some() => return Err(why.into()),
                Err(why) => return self.item(&form, Some(number), Raw::Fault(why.to_string(), Vec::new())),
            };
            if let Some(raw) = record.content(self.options.max_article) {
                self.item(&form, Some(number), raw)?;
            }
        }
    }
}

/// The rows of one row group, `size` at a time.
fn group_batches(file: &File, group: usize, size: usize) -> Result<ParquetRecordBatchReader, String> {
    let file = file.try_clone().map_err(|why| why.to_string())?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|why| why.to_string())?;
    builder.with_row_groups(vec![group]).with_batch_size(size).build().map_err(|why| why.to_string())
}

/// A column of a Parquet file, whose values become fields.
enum Column<'a> {
    Integer(arrow_array::Int64Array),
    Natural(&'a arrow_array::UInt64Array),
    Real(arrow_array::Float64Array),
    Truth(&'a arrow_array::BooleanArray),
    /// Text that does not say that it is text, as older writers leave it; or bytes.
    Bytes(arrow_array::BinaryArray, Charset),
    List(&'a arrow_array::ListArray, Box<Column<'a>>),
    Struct(&'a arrow_array::StructArray, Vec<(&'a str, Column<'a>)>),
    /// What is shown as text; the sign tells numbers, whose digits are kept as they are.
    Shown(ArrayFormatter<'a>, &'a dyn Array, bool),
}

impl<'a> Column<'a> {
    fn new(array: &'a dyn Array, charset: Charset) -> Result<Self, arrow_schema::ArrowError> {
        const FORMAT: FormatOptions<'static> = FormatOptions::new();
        let cast = |to: &DataType| arrow_cast::cast(array, to);
        Ok(match array.data_type() {
            DataType::UInt64 => Self::Natural(array.as_primitive()),
            kind if kind.is_integer() => Self::Integer(cast(&DataType::Int64)?.as_primitive().clone()),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                Self::Real(cast(&DataType::Float64)?.as_primitive().clone())
            }
            DataType::Boolean => Self::Truth(array.as_boolean()),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
                Self::Bytes(cast(&DataType::Binary)?.as_binary().clone(), charset)
            }
            DataType::List(_) => {
                let list: &arrow_array::ListArray = array.as_list();
                Self::List(list, Box::new(Self::new(list.values(), charset)?))
            }
            DataType::Struct(fields) => {
                let whole = array.as_struct();
                let parts = fields.iter().zip(whole.columns());
                let parts = parts.map(|(field, part)| Ok((field.name().as_str(), Self::new(part, charset)?)));
                Self::Struct(whole, parts.collect::<Result<_, arrow_schema::ArrowError>>()?)
            }
            kind => Self::Shown(ArrayFormatter::try_new(array, &FORMAT)?, array, kind.is_decimal()),
        })
    }

    /// The value in a row; none where it is null.
    fn value(&self, row: usize) -> Option<Value> {
        match self {
            Self::Integer(array) => array.is_valid(row).then(|| array.value(row).into()),
            Self::Natural(array) => array.is_valid(row).then(|| array.value(row).into()),
            Self::Real(array) => array.is_valid(row).then(|| array.value(row).into()),
            Self::Truth(array) => array.is_valid(row).then(|| array.value(row).into()),
            Self::Bytes(array, charset) => {
                array.is_valid(row).then(|| charset.decode(array.value(row).to_vec()).0.into())
            }
            Self::List(list, items) => list.is_valid(row).then(|| {
                let [start, end] = [0, 1].map(|next| list.value_offsets()[row + next] as usize);
                (start..end).map(|item| items.value(item).unwrap_or_default()).collect()
            }),
            Self::Struct(whole, parts) => whole.is_valid(row).then(|| {
                let fields = parts.iter().filter_map(|(name, part)| Some(((*name).to_owned(), part.value(row)?)));
                Value::Object(fields.collect())
            }),
            Self::Shown(formatter, array, is_number) => array.is_valid(row).then(|| {
                let shown = formatter.value(row).to_string();
                let number = is_number.then(|| shown.parse().ok()).flatten();
                number.map_or_else(|| Value::String(shown), Value::Number)
            }),
        }
    }
}

fn columns(batch: &arrow_array::RecordBatch, charset: Charset) -> Result<Vec<Column<'_>>, String> {
    batch.columns().iter().map(|array| Column::new(array, charset).map_err(|why| why.to_string())).collect()
}

/// The names of the fields of the objects at the beginning of an input, in order; the last object may be cut off.
fn keys(text: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let (mut depth, mut base) = (0usize, None);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '"' => {
                let (literal, behind) = rest.split_at(string_end(rest));
                if base == Some(depth) && behind.trim_start().starts_with(':') {
                    keys.extend(serde_json::from_str(literal).ok().filter(|key| !keys.contains(key)));
                }
                rest = behind;
                continue;
            }
            '{' | '[' => {
                depth += 1;
                if c == '{' && base.is_none() {
                    base = Some(depth);
                }
            }
            '}' | ']' => depth = depth.saturating_sub(1),
            // A broken line must not shift the depth of all that follow it.
            '\n' if rest[1..].starts_with('{') => depth = base.map_or(0, |base| base - 1),
            _ => {}
        }
        rest = &rest[c.len_utf8()..];
    }
    keys
}

/// Where the string literal that `text` begins with ends.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether the input begins with an object that ends with its line: JSON Lines under another name.
fn is_lines(sample: &[u8]) -> bool {
    let sample = sample.trim_ascii_start();
    let Some(end) = memchr::memchr(b'\n', sample) else { return false };
    let line = sample[..end].trim_ascii();
    let more = sample[end..].trim_ascii_start();
    line.starts_with(b"{")
        && (more.is_empty() || more.starts_with(b"{"))
        && serde_json::from_slice::<Map<String, Value>>(line).is_ok()
}

/// The part of a sample up to its last newline, so that no character is cut; all of it if there is none.
fn cut_to_lines(sample: &[u8]) -> &[u8] {
    if sample.len() < SAMPLE {
        return sample;
    }
    memchr::memrchr(b'\n', sample).map_or(sample, |end| &sample[..end])
}

/// How a table is written: its first line holds most of what separates, and old Macs end lines in their own way.
fn dialect(sample: &[u8], kind: Kind) -> Dialect {
    let newline = if !sample.contains(&b'\n') && sample.contains(&b'\r') { b'\r' } else { b'\n' };
    let line = sample.split(|byte| *byte == newline).next().unwrap_or_default();
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    // The last of equals is taken: the comma.
    let most = [b'|', b'\t', b';', b','].into_iter().max_by_key(|wanted| count(*wanted));
    let delimiter = if kind == Kind::Tsv { b'\t' } else { most.expect("there are four") };
    Dialect { delimiter, newline }
}

/// Why no row of a table can be read, if its header has no text.
fn no_text(form: &Form) -> Option<String> {
    let names = form.header.join(", ");
    match &form.fields.text {
        Some(text) if form.header.contains(text) => None,
        Some(text) => Some(format!("no column '{text}' among the columns {names}")),
        None => Some(format!("no text among the columns {names}; name it with --text-field")),
    }
}

/// What was cut out as content, or as what is wrong with it.
fn raw(cut: Cut, max_article: usize, content: fn(Vec<u8>) -> Raw) -> Raw {
    match cut {
        Cut::Whole(bytes) => content(bytes),
        Cut::Long(length, start) => Raw::Fault(too_long(length, max_article), start),
        Cut::Open(start) => Raw::Fault("the file ends within a JSON value".to_owned(), start),
        Cut::Unquoted(start) => {
            let reason = "the line opens a quote that nothing closes; this line is left out, the next ones are read";
            Raw::Fault(reason.to_owned(), start)
        }
        Cut::Damaged(why, start) => Raw::Fault(why.to_string(), start),
    }
}

/// All bytes, or the first of them if there are more than the limit.
fn whole(mut reader: impl BufRead, limit: usize) -> io::Result<Result<Vec<u8>, Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.by_ref().take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() <= limit {
        return Ok(Ok(bytes));
    }
    bytes.truncate(REMNANT);
    Ok(Err(bytes))
}

/// Bytes in a file without a name, for what must be read from its end.
fn spool(mut reader: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut reader, &mut file)?;
    file.flush()?;
    file.rewind()?;
    Ok(file)
}

fn read_full(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < out.len() {
        match reader.read(&mut out[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(length)
}

/// The first bytes of a stream, and the stream behind them. An error met is kept for whoever reads on.
fn sample<R: BufRead>(mut reader: R, size: usize) -> (Vec<u8>, Rest<R>) {
    let mut bytes = vec![0; size];
    let mut length = 0;
    let mut error = None;
    while length < size {
        match reader.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => {
                error = Some(why);
                break;
            }
        }
    }
    bytes.truncate(length);
    (bytes, Rest { inner: reader, error })
}

/// A stream that first gives an error, if there is one.
struct Rest<R> {
    inner: R,
    error: Option<io::Error>,
}

impl<R: Read> Read for Rest<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.error.take() {
            Some(why) => Err(why),
            None => self.inner.read(out),
        }
    }
}

impl<R: BufRead> BufRead for Rest<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.error.take() {
            Some(why) => Err(why),
            None => self.inner.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

/// Counts bytes for the display of progress.
struct Metered<'a, R> {
    inner: R,
    meter: &'a Meter,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.meter.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.meter.0.fetch_add(amount as u64, Ordering::Relaxed);
        self.inner.consume(amount);
    }
}

/// Counts bytes before unpacking, for the limit.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count.set(self.count.get() + amount as u64);
        self.inner.consume(amount);
    }
}

/// The reason that what unpacks to too much is given.
fn too_packed(ratio: u64) -> String {
    format!("unpacks to more than {ratio} times its size; allow it with --max-ratio if it is meant")
}

/// The limit of what may come out of a packed input.
struct Guard {
    packed: Rc<Cell<u64>>,
    ratio: u64,
    out: u64,
}

/// Ends a stream that unpacks to more than is sensible.
struct Guarded<R> {
    inner: R,
    guard: Guard,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        let guard = &mut self.guard;
        guard.out += count as u64;
        if guard.out > FREE && guard.out / guard.packed.get().max(1) > guard.ratio {
            return Err(io::Error::new(io::ErrorKind::InvalidData, too_packed(guard.ratio)));
        }
        Ok(count)
    }
}

/// Says in an error of unpacking what was unpacked.
struct Named<R> {
    inner: R,
    what: &'static str,
}

impl<R: Read> Read for Named<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.inner.read(out).map_err(|why| match why.raw_os_error() {
            Some(_) => why,
            None => io::Error::new(why.kind(), format!("damaged {}: {why}", self.what)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Walk;

    #[test]
    fn a_file_that_vanishes_ends_the_reading() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "x").unwrap();
        let source = Walk::new(std::slice::from_ref(&path), None).next().unwrap();
        std::fs::remove_file(path).unwrap();
        let flow = read(&source, &Options::default(), &Meter::default(), &mut |_| Ok(()));
        assert!(matches!(flow, Err(Stop::System(why)) if why.kind() == io::ErrorKind::NotFound));
    }
}
