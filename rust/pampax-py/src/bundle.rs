//! Bundles and what is in them, as Python sees them.

use std::collections::BTreeMap;

use pampax_engine as engine;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::record::{parse, record};
use crate::repository::PyCoverage;

record! {
    /// A piece of a bundle.
    PyItem = "Item" over engine::Item {
        /// Names this piece within its bundle.
        id: String,
        /// The file, relative to the root, with forward slashes.
        path: String,
        /// The lines shown: first and last of each run, counted from 1.
        spans: Vec<(u32, u32)>,
        /// The qualified name of the definition these lines belong to.
        symbol: Option<String>,
        /// The kind of that definition.
        kind: Option<&'static str>,
        /// The language of the file.
        language: Option<&'static str>,
        /// Whether the piece is only part of its symbol, which is too long for one.
        part: bool,
        /// Its place among the hits of the search, from 1; None if the words of the task did not find it.
        rank: Option<u32>,
        /// What it costs.
        tokens: u32,
        /// How much it is worth; comparable within one bundle only.
        score: f64,
        /// Why it is there.
        why: Vec<String>,
        /// The code shown.
        text: String,
    }
    /// How much of it is shown.
    #[getter]
    fn level(&self) -> &'static str {
        self.inner.level.name()
    }

    /// What it is: code, tests, examples, configuration or documents.
    #[getter]
    fn category(&self) -> &'static str {
        self.inner.category.name()
    }

    /// The edge over which it was reached: its kind, of what, and how sure; None if the words of the task found it.
    #[getter]
    fn edge(&self) -> Option<(String, String, f64)> {
        self.inner.edge.as_ref().map(|edge| (edge.kind.clone(), edge.of.clone(), (f64::from(edge.confidence) * 100.0).round() / 100.0))
    }
}

record! {
    /// What a bundle left out.
    PyDropped = "Dropped" over engine::DroppedItem {
        /// The file, relative to the root, with forward slashes.
        path: String,
        /// The first line, counted from 1.
        start_line: u32,
        /// The last line, included.
        end_line: u32,
        /// The qualified name of the definition these lines belong to.
        symbol: Option<String>,
        /// Why it was left out.
        reason: String,
        /// What it would have cost.
        tokens: u32,
    }
}

record! {
    /// The code that a task needs, within a budget.
    PyBundle = "Bundle" over engine::Bundle {
        /// Names this bundle.
        id: String,
        /// The task.
        task: String,
        /// What kind of bundle it is: the intent, or "api", "change" or "expansion".
        shape: &'static str,
        /// What `to_text` costs; never more than the budget.
        tokens: u32,
        /// The most that `to_text` may cost, in tokens.
        budget: u32,
        /// The encoding that tokens are counted in.
        encoding: &'static str,
        /// Whether tokens are counted, rather than bounded by characters.
        exact: bool,
        /// How many pieces were left out, listed in `dropped` or not.
        dropped_total: u32,
        /// Why there is no more in it.
        stop_reason: String,
        /// The commit a change is reviewed against.
        base: Option<String>,
        /// Why there are no items; None if there are some.
        empty_reason: Option<&'static str>,
        /// How long each step took, in milliseconds.
        timings: BTreeMap<&'static str, f64>,
    }
    /// What kind of task it was taken for.
    #[getter]
    fn intent(&self) -> &'static str {
        self.inner.intent.name()
    }

    /// The pieces, in the order to read them.
    #[getter]
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.items.iter().map(|item| PyItem { inner: item.clone() }))
    }

    /// What was considered and left out.
    #[getter]
    fn dropped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.dropped.iter().map(|item| PyDropped { inner: item.clone() }))
    }

    /// The form of the text that is counted: markdown, report or xml.
    #[getter]
    fn format(&self) -> &'static str {
        self.inner.format.name()
    }

    /// What a quarter more budget would have added: "budget", "items", "tokens", "worth" (a share) and the "first" places.
    #[getter]
    fn more<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let more = PyDict::new(py);
        more.set_item("budget", self.inner.more.budget)?;
        more.set_item("items", self.inner.more.items)?;
        more.set_item("tokens", self.inner.more.tokens)?;
        more.set_item("worth", self.inner.more.worth)?;
        more.set_item("first", &self.inner.more.first)?;
        Ok(more)
    }

    /// What the bundle is based on.
    #[getter]
    fn coverage(&self) -> PyCoverage {
        PyCoverage { inner: self.inner.coverage.clone() }
    }

    /// The bundle in its format: what `tokens` counts.
    fn to_text(&self) -> String {
        self.inner.to_text()
    }

    /// The code as Markdown, to be put before a model.
    fn to_markdown(&self) -> String {
        self.inner.to_markdown()
    }

    /// The bundle as a report for people: summary, evidence, what was left out, the code.
    fn to_report(&self) -> String {
        self.inner.to_report()
    }

    /// The code in tags.
    fn to_xml(&self) -> String {
        self.inner.to_xml()
    }

    /// The bundle as JSON ("pampax.bundle/1"), the same bytes for the same bundle unless `timings`.
    #[pyo3(signature = (timings = false))]
    fn to_json(&self, timings: bool) -> String {
        self.inner.to_json(timings)
    }

    /// What `to_json` gives, as Python objects.
    #[pyo3(signature = (timings = false))]
    fn to_dict<'py>(&self, py: Python<'py>, timings: bool) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.inner.to_json(timings))
    }
}
