//! The extractor, set up once with dictionaries and choices.

use crate::arrow::{self, Input};
use crate::error;
use crate::many::{Records, guarded};
use crate::record::{Record, Utf8};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping, PyString, PyTuple};
use pyo3_arrow::input::AnyRecordBatch;
use std::path::PathBuf;
use std::sync::Arc;
use tiqu::mention::Currency;
use tiqu::{Document, Kind, Tiqu};

/// Reads texts from any number of threads; loading takes a moment, so keep it.
#[pyclass(frozen, subclass, module = "tiqu._tiqu")]
pub struct Extractor {
    tiqu: Arc<Tiqu>,
    /// The arguments, for a copy in another process.
    settings: Py<PyDict>,
}

/// One value or several.
#[derive(FromPyObject)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    fn items(self) -> Vec<T> {
        match self {
            Self::One(item) => vec![item],
            Self::More(items) => items,
        }
    }
}

/// `ORG` and `org,money` alike, as on the command line.
fn names<T: std::str::FromStr<Err = String>>(names: OneOrMore<String>) -> PyResult<Vec<T>> {
    let names = names.items();
    let names = names.iter().flat_map(|names| names.split(','));
    names.map(|name| name.trim().parse().map_err(PyValueError::new_err)).collect()
}

/// `2026-02-05`, a `datetime.date` or a `datetime.datetime`.
fn day(date: &Bound<'_, PyAny>) -> PyResult<jiff::civil::Date> {
    let text = date.str()?.to_string();
    text.parse().map_err(|why| PyValueError::new_err(format!("date '{text}': {why}")))
}

/// Further fields of a document: whatever JSON can say.
fn fields(meta: &Bound<'_, PyAny>) -> PyResult<serde_json::Map<String, serde_json::Value>> {
    let py = meta.py();
    let Ok(mapping) = meta.cast::<PyMapping>() else {
        return Err(PyTypeError::new_err(format!("meta is {}, expected dict", meta.get_type().name()?)));
    };
    let dict = PyDict::new(py);
    dict.update(mapping)?;
    let strict = PyDict::new(py);
    strict.set_item("allow_nan", false)?;
    let json: String = py.import("json")?.call_method("dumps", (dict,), Some(&strict))?.extract()?;
    serde_json::from_str(&json).map_err(|why| PyValueError::new_err(format!("meta: {why}")))
}

#[pymethods]
impl Extractor {
    #[new]
    #[pyo3(signature = (*, dicts=None, kinds=None, relations=None, currency=None, date=None, model=None, explain=false, with_text=false))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments")]
    fn new(
        py: Python<'_>,
        dicts: Option<OneOrMore<PathBuf>>,
        kinds: Option<OneOrMore<String>>,
        relations: Option<OneOrMore<String>>,
        currency: Option<String>,
        date: Option<Bound<'_, PyAny>>,
        model: Option<PathBuf>,
        explain: bool,
        with_text: bool,
    ) -> PyResult<Self> {
        let settings = PyDict::new(py);
        let mut builder = Tiqu::builder().explain(explain).with_text(with_text);
        if let Some(dicts) = dicts {
            let paths = dicts.items();
            settings.set_item("dicts", paths.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>())?;
            builder = paths.into_iter().fold(builder, tiqu::Builder::dictionary);
        }
        if let Some(kinds) = kinds {
            let kinds: Vec<Kind> = names(kinds)?;
            settings.set_item("kinds", kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>())?;
            builder = builder.kinds(kinds);
        }
        if let Some(relations) = relations {
            let relations: Vec<tiqu::relation::RelationKind> = names(relations)?;
            settings.set_item("relations", relations.iter().map(|kind| kind.name()).collect::<Vec<_>>())?;
            builder = builder.relations(relations);
        }
        if let Some(code) = currency {
            let currency = Currency::new(&code)
                .ok_or_else(|| PyValueError::new_err(format!("'{code}' is no ISO 4217 code such as CNY or USD")))?;
            settings.set_item("currency", code)?;
            builder = builder.currency(currency);
        }
        if let Some(date) = date {
            let date = day(&date)?;
            settings.set_item("date", date.to_string())?;
            builder = builder.date(date);
        }
        if let Some(model) = model {
            settings.set_item("model", model.to_string_lossy())?;
            builder = builder.model(model);
        }
        if explain {
            settings.set_item("explain", true)?;
        }
        if with_text {
            settings.set_item("with_text", true)?;
        }
        let tiqu = py.detach(|| builder.build()).map_err(error)?;
        Ok(Self { tiqu: Arc::new(tiqu), settings: settings.unbind() })
    }

    /// What a text says.
    #[pyo3(signature = (text, *, id=None, title=None, date=None, meta=None))]
    fn extract(
        &self,
        py: Python<'_>,
        text: Bound<'_, PyString>,
        id: Option<Bound<'_, PyString>>,
        title: Option<Bound<'_, PyString>>,
        date: Option<Bound<'_, PyAny>>,
        meta: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Record> {
        let document = Document {
            id: id.map(|id| id.encode_utf8_lossy()).transpose()?.unwrap_or_default(),
            title: title.map(|title| title.encode_utf8_lossy()).transpose()?,
            date: date.as_ref().map(day).transpose()?,
            meta: meta.as_ref().map(fields).transpose()?.unwrap_or_default(),
            text: text.encode_utf8_lossy()?,
        };
        let record = py.detach(|| guarded(&document.text, || self.tiqu.extract_document(&document)));
        Ok(Record::new(record.map_err(PyRuntimeError::new_err)?, Some(text.unbind())))
    }

    /// What many texts say, in their order: a list for a list, a generator for a generator.
    #[pyo3(signature = (texts, *, jobs=None))]
    fn extract_many<'py>(
        &self,
        py: Python<'py>,
        texts: Bound<'py, PyAny>,
        jobs: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if texts.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err("texts is one str, expected several"));
        }
        let records = Bound::new(py, Records::new(self.tiqu.clone(), texts.try_iter()?, jobs)?)?;
        if !texts.hasattr("__len__")? {
            return Ok(records.into_any());
        }
        let list = PyList::empty(py);
        for record in records.try_iter()? {
            list.append(record?)?;
        }
        Ok(list.into_any())
    }

    /// One row a row of `data`.
    fn arrow_records<'py>(
        &self,
        py: Python<'py>,
        data: AnyRecordBatch,
        text: &str,
        id: Option<&str>,
        jobs: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        arrow::records(py, &self.tiqu, Input { data, text, id, jobs })
    }

    /// The tables of the command's Parquet output, and the rejects.
    fn arrow_tables<'py>(
        &self,
        py: Python<'py>,
        data: AnyRecordBatch,
        text: &str,
        id: Option<&str>,
        jobs: Option<usize>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        arrow::tables(py, &self.tiqu, Input { data, text, id, jobs })
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyTuple>, Py<PyDict>) {
        (PyTuple::empty(py), self.settings.clone_ref(py))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let settings = self.settings.bind(py).iter();
        let settings: Vec<String> = settings
            .map(|(name, value)| {
                format!("{name}={}", value.repr().map_or_else(|_| "?".to_owned(), |text| text.to_string()))
            })
            .collect();
        format!("Extractor({})", settings.join(", "))
    }
}
