//! The Python package: `tiqu.extract("英伟达CEO黄仁勋…").mentions[0].text` is `英伟达`.
//!
//! Nothing is decided here. Texts go into [`tiqu::Tiqu`] as they are; records come back as objects that look into the
//! record that Rust holds, so that what nobody asks for is never built.

mod arrow;
mod extractor;
mod html;
mod many;
mod record;

use pyo3::prelude::*;

/// Errors keep the wording of the command.
fn error(why: tiqu::Error) -> PyErr {
    let message = why.to_string();
    match why {
        tiqu::Error::File { .. } => pyo3::exceptions::PyOSError::new_err(message),
        _ => pyo3::exceptions::PyValueError::new_err(message),
    }
}

#[pymodule]
fn _tiqu(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("SCHEMA", tiqu::record::SCHEMA)?;
    module.add_class::<extractor::Extractor>()?;
    module.add_class::<many::Records>()?;
    module.add_class::<record::Record>()?;
    module.add_class::<record::Mention>()?;
    module.add_class::<record::Entity>()?;
    module.add_class::<record::Relation>()?;
    module.add_class::<record::Amount>()?;
    module.add_class::<record::Count>()?;
    module.add_class::<record::Days>()?;
    module.add_function(wrap_pyfunction!(record::record_from_json, module)?)
}
