//! Arrow in, Arrow out, without Python objects between: the tables of the command's Parquet output, or one row a
//! document in which the rows of those tables are nested as lists.

use crate::many::{pool, read, threads};
use arrow_array::builder::{StringBuilder, UInt64Builder};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use pyo3::exceptions::{PyKeyError, PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3_arrow::input::AnyRecordBatch;
use pyo3_arrow::{PyRecordBatch, PyTable};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, LazyLock};
use tiqu::Tiqu;
use tiqu::columns::{Tables, TablesBuilder, schemas};

/// Rows read at a time: bounds what is held beside input and output.
const ROWS: usize = 4096;
/// Pieces for each thread in such a run, so that threads end together.
const PIECES: usize = 8;

/// The records of some rows, and the rows without one.
struct Found {
    tables: Tables,
    rejects: RecordBatch,
}

/// Rows that could not be read.
static REJECTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let needed = |name: &str, data_type| Field::new(name, data_type, false);
    let fields = vec![
        needed("document", DataType::UInt64),
        Field::new("id", DataType::Utf8, true),
        needed("reason", DataType::Utf8),
    ];
    Arc::new(Schema::new(fields))
});

/// The names of the three nested tables, and their place among [`tiqu::columns::TABLES`].
const NESTED: [(&str, usize); 3] = [("mentions", 1), ("entities", 2), ("relations", 3)];

static RECORDS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let maybe = |name: &str, data_type| Field::new(name, data_type, true);
    let mut fields =
        vec![maybe("id", DataType::Utf8), maybe("chars", DataType::UInt64), maybe("digest", DataType::Utf8)];
    fields.extend(NESTED.map(|(name, table)| Field::new(name, list_type(&schemas()[table]), false)));
    fields.push(maybe("reason", DataType::Utf8));
    Arc::new(Schema::new(fields))
});

/// A list of a table's rows; the first two columns say which document they belong to, and are not repeated.
fn list_type(schema: &Schema) -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Struct(schema.fields()[2..].into()), false)))
}

type Strings = Vec<Option<String>>;

/// Rows to read, and the names of the columns that count.
pub struct Input<'a> {
    pub data: AnyRecordBatch,
    pub text: &'a str,
    pub id: Option<&'a str>,
    pub jobs: Option<usize>,
}

/// One row a row of the input, in batches like the input's.
pub fn records<'py>(py: Python<'py>, tiqu: &Tiqu, input: Input) -> PyResult<Bound<'py, PyAny>> {
    let single = matches!(input.data, AnyRecordBatch::RecordBatch(_));
    let batches = each(py, tiqu, input, nested)?;
    let schema = RECORDS.clone();
    if single {
        let batch = concat_batches(&schema, &batches).map_err(failed)?;
        return PyRecordBatch::new(batch).into_pyarrow(py);
    }
    PyTable::try_new(batches, schema)?.into_pyarrow(py)
}

/// Documents, mentions, entities, relations, rejects.
pub fn tables<'py>(py: Python<'py>, tiqu: &Tiqu, input: Input) -> PyResult<Bound<'py, PyTuple>> {
    let found = each(py, tiqu, input, |found, _, _| found)?;
    let mut columns: [Vec<RecordBatch>; 5] = Default::default();
    for Found { tables: Tables { documents, mentions, entities, relations }, rejects } in found {
        for (column, batch) in columns.iter_mut().zip([documents, mentions, entities, relations, rejects]) {
            column.push(batch);
        }
    }
    let schemas = schemas().iter().chain([&*REJECTS]);
    let tables = columns.into_iter().zip(schemas);
    let tables = tables.map(|(batches, schema)| PyTable::try_new(batches, schema.clone())?.into_pyarrow(py));
    PyTuple::new(py, tables.collect::<PyResult<Vec<_>>>()?)
}

fn failed(why: arrow_schema::ArrowError) -> PyErr {
    PyRuntimeError::new_err(why.to_string())
}

/// Reads the input run by run and makes of each what `make` makes of it.
fn each<T: Send>(
    py: Python<'_>,
    tiqu: &Tiqu,
    Input { data, text, id, jobs }: Input,
    make: impl Fn(Found, Range<u64>, &Strings) -> T + Sync,
) -> PyResult<Vec<T>> {
    let jobs = threads(jobs)?;
    let reader = data.into_reader()?;
    let mut made = Vec::new();
    let mut document = 0;
    for batch in reader {
        let batch = batch.map_err(failed)?;
        let texts = column(&batch, text)?;
        if !is_string(texts.data_type()) {
            return Err(PyTypeError::new_err(format!("column '{text}' holds {}, expected strings", texts.data_type())));
        }
        let ids = id.map(|id| column(&batch, id)).transpose()?;
        for start in (0..batch.num_rows()).step_by(ROWS) {
            py.check_signals()?;
            let count = ROWS.min(batch.num_rows() - start);
            let texts = texts.slice(start, count);
            let ids = ids.as_ref().map(|ids| ids.slice(start, count));
            let pool = if jobs > 1 { Some(pool(jobs)?) } else { None };
            let (rows, make) = (document..document + count as u64, &make);
            let run = py.detach(move || -> Result<T, arrow_schema::ArrowError> {
                let ids = match ids {
                    Some(ids) => owned(&ids)?,
                    None => vec![None; count],
                };
                let texts = plain_strings(&texts)?;
                let found = match pool {
                    None => read_rows(tiqu, &texts, &ids, rows.start),
                    Some(pool) => {
                        let size = count.div_ceil(jobs * PIECES);
                        let pieces = texts.par_chunks(size).zip(ids.par_chunks(size)).enumerate();
                        let pieces = pieces.map(|(piece, (texts, ids))| {
                            read_rows(tiqu, texts, ids, rows.start + (piece * size) as u64)
                        });
                        join(&pool.install(|| pieces.collect::<Vec<_>>()))?
                    }
                };
                Ok(make(found, rows, &ids))
            });
            made.push(run.map_err(failed)?);
            document += count as u64;
        }
    }
    Ok(made)
}

fn column(batch: &RecordBatch, name: &str) -> PyResult<ArrayRef> {
    batch.column_by_name(name).cloned().ok_or_else(|| {
        let schema = batch.schema();
        let known: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        PyKeyError::new_err(format!("no column '{name}', there are {}", known.join(", ")))
    })
}

fn is_string(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Dictionary(_, values) => is_string(values),
        _ => false,
    }
}

/// A column of texts, borrowed where its layout allows.
enum Texts {
    Utf8(ArrayRef),
    Large(ArrayRef),
    View(ArrayRef),
}

/// The values as large strings, whatever they are.
fn large(array: &ArrayRef) -> Result<ArrayRef, arrow_schema::ArrowError> {
    arrow_cast::cast(array, &DataType::LargeUtf8)
}

fn owned(array: &ArrayRef) -> Result<Strings, arrow_schema::ArrowError> {
    let array = large(array)?;
    Ok(array.as_string::<i64>().iter().map(|value| value.map(str::to_owned)).collect())
}

/// Places in the column; the characters stay where they are.
fn plain_strings(array: &ArrayRef) -> Result<Vec<Place>, arrow_schema::ArrowError> {
    let texts = Arc::new(match array.data_type() {
        DataType::Utf8 => Texts::Utf8(array.clone()),
        DataType::LargeUtf8 => Texts::Large(array.clone()),
        DataType::Utf8View => Texts::View(array.clone()),
        _ => Texts::Large(large(array)?),
    });
    Ok((0..array.len()).map(|row| Place { texts: texts.clone(), row }).collect())
}

struct Place {
    texts: Arc<Texts>,
    row: usize,
}

impl Place {
    fn get(&self) -> Option<&str> {
        let row = self.row;
        match &*self.texts {
            Texts::Utf8(array) => array.is_valid(row).then(|| array.as_string::<i32>().value(row)),
            Texts::Large(array) => array.is_valid(row).then(|| array.as_string::<i64>().value(row)),
            Texts::View(array) => array.is_valid(row).then(|| array.as_string_view().value(row)),
        }
    }
}

/// The records of some rows; the first has the number `document`.
fn read_rows(tiqu: &Tiqu, texts: &[Place], ids: &[Option<String>], document: u64) -> Found {
    let mut tables = TablesBuilder::new();
    let (mut numbers, mut names, mut reasons) = (UInt64Builder::new(), StringBuilder::new(), StringBuilder::new());
    for ((document, text), id) in (document..).zip(texts).zip(ids) {
        match text.get().ok_or_else(|| "no text".to_owned()).and_then(|text| read(tiqu, text)) {
            Ok(mut record) => {
                record.id = id.clone().unwrap_or_default();
                tables.push(document, &record);
            }
            Err(reason) => {
                numbers.append_value(document);
                names.append_option(id.as_deref());
                reasons.append_value(reason);
            }
        }
    }
    let columns: Vec<ArrayRef> = vec![Arc::new(numbers.finish()), Arc::new(names.finish()), Arc::new(reasons.finish())];
    let rejects = RecordBatch::try_new(REJECTS.clone(), columns).expect("the builders follow the schema");
    Found { tables: tables.finish(), rejects }
}

fn join(pieces: &[Found]) -> Result<Found, arrow_schema::ArrowError> {
    let [documents, mentions, entities, relations] = schemas();
    Ok(Found {
        tables: Tables {
            documents: concat_batches(documents, pieces.iter().map(|piece| &piece.tables.documents))?,
            mentions: concat_batches(mentions, pieces.iter().map(|piece| &piece.tables.mentions))?,
            entities: concat_batches(entities, pieces.iter().map(|piece| &piece.tables.entities))?,
            relations: concat_batches(relations, pieces.iter().map(|piece| &piece.tables.relations))?,
        },
        rejects: concat_batches(&REJECTS, pieces.iter().map(|piece| &piece.rejects))?,
    })
}

/// One row for each of `rows`: the rows of the other tables as lists in it, shared, not copied.
fn nested(found: Found, rows: Range<u64>, ids: &Strings) -> RecordBatch {
    let Found { tables, rejects } = found;
    let number = |batch: &RecordBatch| batch.column(0).as_primitive::<UInt64Type>().values().to_vec();
    let (known, rejected) = (number(&tables.documents), number(&rejects));
    let text = |batch: &RecordBatch, name: &str| batch.column_by_name(name).expect("a column of the schema").clone();
    let (chars, digest, reason) =
        (text(&tables.documents, "chars"), text(&tables.documents, "digest"), text(&rejects, "reason"));
    let (mut chars_out, mut digest_out, mut reason_out) =
        (UInt64Builder::new(), StringBuilder::new(), StringBuilder::new());
    let (mut read, mut failed) = (0, 0);
    for row in rows.clone() {
        if known.get(read) == Some(&row) {
            chars_out.append_value(chars.as_primitive::<UInt64Type>().value(read));
            digest_out.append_value(digest.as_string::<i32>().value(read));
            reason_out.append_null();
            read += 1;
        } else {
            debug_assert_eq!(rejected.get(failed), Some(&row), "a row is read or rejected");
            chars_out.append_null();
            digest_out.append_null();
            reason_out.append_value(reason.as_string::<i32>().value(failed));
            failed += 1;
        }
    }
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(arrow_array::StringArray::from_iter(ids.iter().map(Option::as_deref))),
        Arc::new(chars_out.finish()),
        Arc::new(digest_out.finish()),
    ];
    for table in [&tables.mentions, &tables.entities, &tables.relations] {
        columns.push(lists(table, rows.clone()));
    }
    columns.push(Arc::new(reason_out.finish()));
    RecordBatch::try_new(RECORDS.clone(), columns).expect("the columns follow the schema")
}

/// A table's rows, sorted by document, as one list a document.
fn lists(table: &RecordBatch, rows: Range<u64>) -> ArrayRef {
    let documents = table.column(0).as_primitive::<UInt64Type>().values();
    let mut offsets = vec![0];
    let mut at = 0;
    for row in rows {
        at += documents[at..].iter().take_while(|&&document| document == row).count();
        offsets.push(i32::try_from(at).expect("a run holds fewer than 2^31 rows"));
    }
    let DataType::List(item) = list_type(&table.schema()) else { unreachable!("a list type") };
    let DataType::Struct(fields) = item.data_type() else { unreachable!("a struct type") };
    let rows = StructArray::new(fields.clone(), table.columns()[2..].to_vec(), None);
    Arc::new(ListArray::new(item, OffsetBuffer::new(ScalarBuffer::from(offsets)), Arc::new(rows), None))
}
