//! The one map from [`Error`] to Python exceptions.
//!
//! The exceptions have two bases where Python has a name for the kind of failure: whoever catches `ValueError` or `OSError`
//! catches ours too. PyO3's macros give an exception one base only, so the classes are made here by calling `type`.

use std::path::Path;

use pampax_base::Error;
use pyo3::exceptions::{PyConnectionError, PyException, PyKeyboardInterrupt, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

/// The exception classes.
struct Classes {
    base: Py<PyType>,
    invalid_input: Py<PyType>,
    budget_too_small: Py<PyType>,
    bad_path: Py<PyType>,
    store: Py<PyType>,
    index_corrupt: Py<PyType>,
    newer_format: Py<PyType>,
    store_locked: Py<PyType>,
    not_indexed: Py<PyType>,
    input_output: Py<PyType>,
    remote: Py<PyType>,
    internal: Py<PyType>,
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

impl Classes {
    fn get(py: Python<'_>) -> PyResult<&Self> {
        CLASSES.get_or_try_init(py, || Self::new(py))
    }

    fn new<'py>(py: Python<'py>) -> PyResult<Self> {
        let value = py.get_type::<PyValueError>();
        let system = py.get_type::<PyOSError>();
        let make = |name: &str, doc: &str, bases: &[&Bound<'py, PyType>]| class(py, name, doc, bases);

        let base = make(
            "PampaxError",
            "What pampax raises: the base of all its exceptions.",
            &[&py.get_type::<PyException>()],
        )?;
        let invalid_input = make(
            "InvalidInput",
            "A value is outside what is accepted; the message names it and says what is accepted.",
            &[&base, &value],
        )?;
        let budget_too_small = make(
            "BudgetTooSmall",
            "No item fits the budget. `budget` is what was given, `least` the smallest that returns something, in tokens.",
            &[&invalid_input],
        )?;
        let bad_path =
            make("BadPath", "There is nothing at `path` to open, or it is not what is needed.", &[&base, &system])?;
        let store = make("StoreError", "Something is wrong with the store at `path`.", &[&base])?;
        let index_corrupt =
            make("IndexCorrupt", "The file at `path` does not hold what its checksum or format says.", &[&store])?;
        let newer_format = make(
            "NewerFormat",
            "The store was written by a newer pampax: in format `found`, this one reads up to `supported`.",
            &[&store],
        )?;
        let store_locked = make("StoreLocked", "The process `pid` is writing to the store.", &[&store])?;
        let not_indexed = make("NotIndexed", "The repository at `path` has no index yet.", &[&store])?;
        let input_output = make(
            "InputOutputError",
            "The system refused an operation on the file at `path`; `errno` says why.",
            &[&base, &system],
        )?;
        let remote = make(
            "RemoteError",
            "An endpoint that gives vectors or ranks hits did not answer, or not in a way that can be used.",
            &[&base, &py.get_type::<PyConnectionError>()],
        )?;
        let internal = make("InternalError", "Something happened that should not: please report it.", &[&base])?;

        Ok(Self {
            base: base.unbind(),
            invalid_input: invalid_input.unbind(),
            budget_too_small: budget_too_small.unbind(),
            bad_path: bad_path.unbind(),
            store: store.unbind(),
            index_corrupt: index_corrupt.unbind(),
            newer_format: newer_format.unbind(),
            store_locked: store_locked.unbind(),
            not_indexed: not_indexed.unbind(),
            input_output: input_output.unbind(),
            remote: remote.unbind(),
            internal: internal.unbind(),
        })
    }

    fn all(&self) -> [&Py<PyType>; 12] {
        [
            &self.base,
            &self.invalid_input,
            &self.budget_too_small,
            &self.bad_path,
            &self.store,
            &self.index_corrupt,
            &self.newer_format,
            &self.store_locked,
            &self.not_indexed,
            &self.input_output,
            &self.remote,
            &self.internal,
        ]
    }
}

/// An exception class named `pampax.<name>`, under which it can be imported and pickled.
fn class<'py>(py: Python<'py>, name: &str, doc: &str, bases: &[&Bound<'py, PyType>]) -> PyResult<Bound<'py, PyType>> {
    let namespace = PyDict::new(py);
    namespace.set_item("__module__", "pampax")?;
    namespace.set_item("__doc__", doc)?;
    let made = py.get_type::<PyType>().call1((name, PyTuple::new(py, bases)?, namespace))?;
    Ok(made.cast_into::<PyType>()?)
}

/// Adds the exception classes to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    for class in Classes::get(py)?.all() {
        let class = class.bind(py);
        module.add(class.name()?, class)?;
    }
    Ok(())
}

/// The Python exception for `error`.
pub fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    // Making an exception fails only where Python itself does (no memory): then that is the exception.
    exception(py, error).unwrap_or_else(|failure| failure)
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let classes = Classes::get(py)?;
    let plain = |class: &Py<PyType>| raised(py, class, (error.to_string(),));
    match error {
        Error::Io { operation, path, source } => {
            let exception = match source.raw_os_error() {
                // These arguments make OSError set errno, strerror and filename.
                Some(errno) => {
                    let said = source.to_string();
                    let reason = said.strip_suffix(&format!(" (os error {errno})")).unwrap_or(&said);
                    raised(
                        py,
                        &classes.input_output,
                        (errno, format!("cannot {operation}: {reason}"), path.as_os_str()),
                    )?
                }
                None => plain(&classes.input_output)?,
            };
            with_path(py, exception, path)
        }
        Error::Corrupt { path, .. } => with_path(py, plain(&classes.index_corrupt)?, path),
        Error::NewerFormat { path, found, supported } => {
            let exception = plain(&classes.newer_format)?;
            exception.value(py).setattr("found", *found)?;
            exception.value(py).setattr("supported", *supported)?;
            with_path(py, exception, path)
        }
        Error::Locked { path, pid } => {
            let exception = plain(&classes.store_locked)?;
            exception.value(py).setattr("pid", *pid)?;
            with_path(py, exception, path)
        }
        Error::BadPath { path, .. } => with_path(py, plain(&classes.bad_path)?, path),
        Error::NotIndexed { path } => with_path(py, plain(&classes.not_indexed)?, path),
        Error::InvalidInput { .. } => plain(&classes.invalid_input),
        Error::BudgetTooSmall { budget, least } => {
            let exception = plain(&classes.budget_too_small)?;
            exception.value(py).setattr("budget", *budget)?;
            exception.value(py).setattr("least", *least)?;
            Ok(exception)
        }
        Error::Remote { .. } => plain(&classes.remote),
        Error::Cancelled => Ok(PyKeyboardInterrupt::new_err(error.to_string())),
        // `Error` may grow; a kind without a class of its own is at least one of ours.
        _ => plain(&classes.internal),
    }
}

fn raised<'py>(py: Python<'py>, class: &Py<PyType>, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyResult<PyErr> {
    Ok(PyErr::from_value(class.bind(py).call1(arguments)?))
}

fn with_path(py: Python<'_>, exception: PyErr, path: &Path) -> PyResult<PyErr> {
    exception.value(py).setattr("path", path.as_os_str())?;
    Ok(exception)
}

/// An [`Error::InvalidInput`] as an exception.
pub fn invalid(py: Python<'_>, what: &'static str, detail: String) -> PyErr {
    to_python(py, &Error::InvalidInput { what, detail })
}

/// Our error for an exception that Python's code raised when it was called back.
pub fn from_python(py: Python<'_>, operation: &'static str, exception: &PyErr) -> Error {
    let said = exception.value(py).to_string();
    let Ok(classes) = Classes::get(py) else { return Error::internal(operation, said) };
    if exception.is_instance_of::<PyKeyboardInterrupt>(py) {
        return Error::Cancelled;
    }
    if exception.is_instance(py, classes.remote.bind(py)) {
        let (service, detail) = said.split_once(": ").unwrap_or((operation, &said));
        return Error::Remote { service: service.to_owned(), detail: detail.to_owned() };
    }
    if exception.is_instance(py, classes.invalid_input.bind(py)) {
        let detail = said.strip_prefix(operation).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&said);
        return Error::InvalidInput { what: operation, detail: detail.to_owned() };
    }
    Error::internal(operation, exception)
}
