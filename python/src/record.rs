//! Records as Python sees them: each object is a place in the record that Rust holds, and is read when asked for.

use crate::html::html;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tiqu::record::{RecordAmount, RecordCount, RecordDate, RecordEntity, RecordMention, RecordRelation};

/// What was extracted from one text.
#[pyclass(frozen, module = "tiqu")]
pub struct Record {
    record: Arc<tiqu::Record>,
    source: Option<Py<PyString>>,
}

/// Characters of the text with their kind, place and value.
#[pyclass(frozen, module = "tiqu")]
pub struct Mention {
    record: Arc<tiqu::Record>,
    index: usize,
}

/// All mentions of one name.
#[pyclass(frozen, module = "tiqu")]
pub struct Entity {
    record: Arc<tiqu::Record>,
    index: usize,
}

/// Something that the text says of its entities.
#[pyclass(frozen, module = "tiqu", eq)]
pub struct Relation {
    record: Arc<tiqu::Record>,
    index: usize,
}

/// How much money, or which share.
#[pyclass(frozen, module = "tiqu", eq)]
#[derive(PartialEq)]
pub struct Amount(RecordAmount);

/// How many of what.
#[pyclass(frozen, module = "tiqu", eq)]
#[derive(PartialEq)]
pub struct Count(RecordCount);

/// The first and the last day of a date.
#[pyclass(frozen, module = "tiqu", eq)]
#[derive(PartialEq)]
pub struct Days(RecordDate);

/// An exact `decimal.Decimal`.
fn decimal<'py>(py: Python<'py>, number: Option<&String>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Some(number) = number else { return Ok(None) };
    DECIMAL.import(py, "decimal", "Decimal")?.call1((number,)).map(Some)
}

fn day<'py>(py: Python<'py>, day: Option<&String>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static DATE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Some(day) = day else { return Ok(None) };
    DATE.import(py, "datetime", "date")?.call_method1("fromisoformat", (day,)).map(Some)
}

/// JSON as dicts, lists and strings.
fn plain<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(value) => value.into_bound_py_any(py),
        Value::Number(value) => match (value.as_i64(), value.as_u64()) {
            (Some(value), _) => value.into_bound_py_any(py),
            (_, Some(value)) => value.into_bound_py_any(py),
            _ => value.as_f64().into_bound_py_any(py),
        },
        Value::String(value) => value.into_bound_py_any(py),
        Value::Array(values) => {
            let list = pyo3::types::PyList::empty(py);
            for value in values {
                list.append(plain(py, value)?)?;
            }
            Ok(list.into_any())
        }
        Value::Object(fields) => {
            let dict = PyDict::new(py);
            for (name, value) in fields {
                dict.set_item(name, plain(py, value)?)?;
            }
            Ok(dict.into_any())
        }
    }
}

fn value(data: &impl serde::Serialize) -> Value {
    serde_json::to_value(data).expect("a record is plain data")
}

fn hash(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// The function that makes a copy in another process, and its arguments.
type Rebuilt<'py> = (Bound<'py, PyAny>, (String, Option<Py<PyString>>));

impl Record {
    pub fn new(record: tiqu::Record, source: Option<Py<PyString>>) -> Self {
        Self { record: Arc::new(record), source }
    }

    fn tuple<'py, T: pyo3::PyClass + Into<pyo3::PyClassInitializer<T>>>(
        &self,
        py: Python<'py>,
        count: usize,
        item: impl Fn(Arc<tiqu::Record>, usize) -> T,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let items = (0..count).map(|index| Bound::new(py, item(self.record.clone(), index)));
        PyTuple::new(py, items.collect::<PyResult<Vec<_>>>()?)
    }
}

#[pymethods]
impl Record {
    #[getter]
    fn schema(&self) -> u32 {
        self.record.schema
    }
    #[getter]
    fn id(&self) -> &str {
        &self.record.id
    }
    #[getter]
    fn title(&self) -> Option<&str> {
        self.record.title.as_deref()
    }
    #[getter]
    fn meta<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &value(&self.record.meta))
    }
    #[getter]
    fn chars(&self) -> u64 {
        self.record.chars
    }
    #[getter]
    fn digest(&self) -> &str {
        &self.record.digest
    }
    /// The text that positions refer to, as it was given.
    #[getter]
    fn source(&self, py: Python<'_>) -> Option<Py<PyString>> {
        let held = self.source.as_ref().map(|source| source.clone_ref(py));
        held.or_else(|| self.record.text.as_ref().map(|text| PyString::new(py, text).unbind()))
    }
    #[getter]
    fn mentions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.tuple(py, self.record.mentions.len(), |record, index| Mention { record, index })
    }
    #[getter]
    fn entities<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.tuple(py, self.record.entities.len(), |record, index| Entity { record, index })
    }
    #[getter]
    fn relations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.tuple(py, self.record.relations.len(), |record, index| Relation { record, index })
    }
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &value(&*self.record))
    }
    /// The line that the command writes.
    fn to_json(&self) -> String {
        serde_json::to_string(&*self.record).expect("a record is plain data")
    }
    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let source = self.source(py);
        let source = source.as_ref().map(|source| source.bind(py).encode_utf8_lossy()).transpose()?;
        Ok(html(&self.record, source.as_deref()))
    }
    fn __repr__(&self) -> String {
        let record = &self.record;
        let (mentions, entities, relations) = (record.mentions.len(), record.entities.len(), record.relations.len());
        format!(
            "<Record of {} characters: {mentions} mentions, {entities} entities, {relations} relations>",
            record.chars
        )
    }
    fn __eq__(&self, other: &Self) -> bool {
        self.record == other.record
    }
    fn __hash__(&self) -> u64 {
        hash((&self.record.id, &self.record.digest))
    }
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Rebuilt<'py>> {
        let rebuild = py.import("tiqu._tiqu")?.getattr("record_from_json")?;
        Ok((rebuild, (self.to_json(), self.source.as_ref().map(|source| source.clone_ref(py)))))
    }
}

/// A text as UTF-8, without leaving a copy in the string object. A lone surrogate, which UTF-8 cannot say, is read as
/// one question mark, so that positions stay.
pub trait Utf8 {
    fn encode_utf8_lossy(&self) -> PyResult<String>;
}

impl Utf8 for Bound<'_, PyString> {
    fn encode_utf8_lossy(&self) -> PyResult<String> {
        let bytes = self.encode_utf8().or_else(|_| {
            let bytes = self.call_method1("encode", ("utf-8", "replace"))?;
            bytes.cast_into::<pyo3::types::PyBytes>().map_err(PyErr::from)
        })?;
        String::from_utf8(bytes.as_bytes().to_vec()).map_err(|why| PyValueError::new_err(why.to_string()))
    }
}

/// A record from its JSON line, with the text that it was read from where a notebook is to show it.
#[pyfunction]
#[pyo3(signature = (line, source=None))]
pub fn record_from_json(line: &str, source: Option<Py<PyString>>) -> PyResult<Record> {
    let record: tiqu::Record =
        serde_json::from_str(line).map_err(|why| PyValueError::new_err(format!("record: {why}")))?;
    let (mentions, entities) = (record.mentions.len(), record.entities.len());
    let mut named = record.entities.iter().flat_map(|entity| &entity.mentions);
    let mut naming = record.mentions.iter().filter_map(|mention| mention.entity);
    if named.any(|&index| index as usize >= mentions) || naming.any(|index| index as usize >= entities) {
        return Err(PyValueError::new_err("record: a number points to no mention or entity"));
    }
    Ok(Record::new(record, source))
}

impl Mention {
    fn data(&self) -> &RecordMention {
        &self.record.mentions[self.index]
    }
}

#[pymethods]
impl Mention {
    #[getter]
    fn kind(&self) -> &str {
        &self.data().kind
    }
    #[getter]
    fn text(&self) -> &str {
        &self.data().text
    }
    #[getter]
    fn start(&self) -> u64 {
        self.data().start
    }
    #[getter]
    fn end(&self) -> u64 {
        self.data().end
    }
    #[getter]
    fn by(&self) -> &str {
        &self.data().by
    }
    #[getter]
    fn why(&self) -> Option<&str> {
        self.data().why.as_deref()
    }
    /// The entity that it names.
    #[getter]
    fn entity(&self) -> Option<Entity> {
        let index = self.data().entity? as usize;
        Some(Entity { record: self.record.clone(), index })
    }
    #[getter]
    fn amount(&self) -> Option<Amount> {
        self.data().amount.as_deref().cloned().map(Amount)
    }
    #[getter]
    fn date(&self) -> Option<Days> {
        self.data().date.as_deref().cloned().map(Days)
    }
    #[getter]
    fn count(&self) -> Option<Count> {
        self.data().count.as_deref().cloned().map(Count)
    }
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &value(self.data()))
    }
    fn __repr__(&self) -> String {
        let mention = self.data();
        format!("<Mention {} {} {}:{}>", mention.kind, mention.text, mention.start, mention.end)
    }
    fn __eq__(&self, other: &Self) -> bool {
        self.data() == other.data()
    }
    fn __hash__(&self) -> u64 {
        let mention = self.data();
        hash((&mention.kind, &mention.text, mention.start))
    }
}

impl Entity {
    fn data(&self) -> &RecordEntity {
        &self.record.entities[self.index]
    }
}

#[pymethods]
impl Entity {
    #[getter]
    fn id(&self) -> u32 {
        self.data().id
    }
    #[getter]
    fn kind(&self) -> &str {
        &self.data().kind
    }
    #[getter]
    fn name(&self) -> &str {
        &self.data().name
    }
    #[getter]
    fn aliases<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.data().aliases)
    }
    #[getter]
    fn mentions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let mentions = self.data().mentions.iter();
        let mentions =
            mentions.map(|&index| Bound::new(py, Mention { record: self.record.clone(), index: index as usize }));
        PyTuple::new(py, mentions.collect::<PyResult<Vec<_>>>()?)
    }
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &value(self.data()))
    }
    fn __repr__(&self) -> String {
        let entity = self.data();
        format!("<Entity {} {} ×{}>", entity.kind, entity.name, entity.mentions.len())
    }
    fn __eq__(&self, other: &Self) -> bool {
        self.data() == other.data()
    }
    fn __hash__(&self) -> u64 {
        hash((&self.data().kind, &self.data().name))
    }
}

impl Relation {
    fn data(&self) -> &RecordRelation {
        &self.record.relations[self.index]
    }
}

impl PartialEq for Relation {
    fn eq(&self, other: &Self) -> bool {
        self.data() == other.data()
    }
}

/// The parts that have an attribute, none where the text does not give them; all that there are stand in `parts`.
macro_rules! relation {
    ($($attribute:ident $part:literal),*) => {
        #[pymethods]
        impl Relation {
            $(#[getter]
            fn $attribute(&self) -> Option<&str> {
                self.data().parts.get($part).map(String::as_str)
            })*
            #[getter]
            fn kind(&self) -> &str {
                &self.data().kind
            }
            #[getter]
            fn confidence(&self) -> &str {
                &self.data().confidence
            }
            #[getter]
            fn start(&self) -> u64 {
                self.data().start
            }
            #[getter]
            fn end(&self) -> u64 {
                self.data().end
            }
            #[getter]
            fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let dict = PyDict::new(py);
                for (part, text) in &self.data().parts {
                    dict.set_item(part, text)?;
                }
                Ok(dict)
            }
            #[getter]
            fn refs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let dict = PyDict::new(py);
                for (part, id) in &self.data().refs {
                    dict.set_item(part, id)?;
                }
                Ok(dict)
            }
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                plain(py, &value(self.data()))
            }
            fn __repr__(&self) -> String {
                let relation = self.data();
                let parts: Vec<String> = relation.parts.iter().map(|(part, text)| format!("{part} {text}")).collect();
                format!("<Relation {}: {}>", relation.kind, parts.join(" | "))
            }
            fn __hash__(&self) -> u64 {
                hash((&self.data().kind, &self.data().parts, self.data().start))
            }
        }
    };
}

// `from` is a word of Python.
relation!(
    person "person", title "title", org "org", status "status", action "action", subject "subject",
    measure "measure", value "value", from_ "from", to "to", basis "basis", direction "direction",
    speaker "speaker", content "content"
);

/// `value`, `low`, `high` and `magnitude` as exact decimals.
macro_rules! numbers {
    ($class:ident { $($word:ident),* }) => {
        #[pymethods]
        impl $class {
            #[getter]
            fn value<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
                decimal(py, self.0.value.as_ref())
            }
            #[getter]
            fn low<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
                decimal(py, self.0.low.as_ref())
            }
            #[getter]
            fn high<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
                decimal(py, self.0.high.as_ref())
            }
            #[getter]
            fn magnitude<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
                decimal(py, self.0.magnitude.as_ref())
            }
            $(#[getter]
            fn $word(&self) -> Option<&str> {
                self.0.$word.as_deref()
            })*
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                plain(py, &value(&self.0))
            }
            fn __repr__(&self) -> String {
                format!("<{} {}>", stringify!($class), value(&self.0))
            }
            fn __hash__(&self) -> u64 {
                hash(value(&self.0).to_string())
            }
        }
    };
}

numbers!(Amount { currency, unit, qualifier });
numbers!(Count { unit, qualifier });

#[pymethods]
impl Days {
    #[getter]
    fn first<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        day(py, self.0.from.as_ref())
    }
    #[getter]
    fn last<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        day(py, self.0.to.as_ref())
    }
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &value(&self.0))
    }
    fn __repr__(&self) -> String {
        format!("<Days {}>", value(&self.0))
    }
    fn __hash__(&self) -> u64 {
        hash((&self.0.from, &self.0.to))
    }
}
