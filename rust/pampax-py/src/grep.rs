//! Lines that match a regular expression, as Python sees them.

use pampax_base::{Error, Result};
use pampax_engine as engine;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::record::{parse, record};

/// What is listed, by its name in Python.
pub(crate) fn mode(name: &str) -> Result<engine::GrepMode> {
    match name {
        "lines" => Ok(engine::GrepMode::Lines),
        "counts" => Ok(engine::GrepMode::Counts),
        "files" => Ok(engine::GrepMode::Files),
        _ => Err(Error::InvalidInput { what: "mode", detail: format!("\"{name}\" is not lines, counts or files") }),
    }
}

record! {
    /// Lines that match.
    PyGrepAnswer = "GrepAnswer" over engine::GrepAnswer {
        /// How many lines match, or how many files there are if only those are listed.
        matches: u64,
        /// Whether the index could leave files out; else all were read.
        planned: bool,
        /// How many files were read.
        candidates: u64,
    }
    /// What limits the answer, in words.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.inner.notes()
    }

    /// The lines as grep writes them.
    fn to_lines<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.to_lines())
    }

    /// The answer as JSON ("pampax.grep/1").
    fn to_json(&self) -> String {
        self.inner.to_json()
    }

    /// What `to_json` gives, as Python objects.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.inner.to_json())
    }
}
