//! Objects of Python as what the engine asks for vectors and judgements. See `pampax.remote` for those the package has.

use pampax_base::{Error, Result};
use pampax_engine::{BatchLimits, Purpose, Reranker, TextEmbedder};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::gate::call_back;

/// An object with `identity`, `name`, `batch_texts`, `batch_bytes`, `text_bytes` and `embed(texts, question, keep_going)`.
pub struct PyEmbedder {
    object: Py<PyAny>,
    identity: String,
    name: String,
    limits: BatchLimits,
}

impl PyEmbedder {
    pub fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let number = |name: &str| object.getattr(name)?.extract::<usize>();
        Ok(Self {
            identity: object.getattr("identity")?.extract()?,
            name: object.getattr("name")?.extract()?,
            limits: BatchLimits {
                texts: number("batch_texts")?,
                bytes: number("batch_bytes")?,
                text_bytes: number("text_bytes")?,
            },
            object: object.clone().unbind(),
        })
    }
}

impl TextEmbedder for PyEmbedder {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn limits(&self) -> BatchLimits {
        self.limits
    }

    fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<f32>>> {
        let numbers = call_back("embedder", |py, keep_going| {
            let arguments = (PyList::new(py, texts)?, purpose == Purpose::Question, keep_going);
            floats(&self.object.bind(py).call_method1("embed", arguments)?)
        })?;
        let dimensions = numbers.len() / texts.len().max(1);
        if dimensions == 0 || numbers.len() != dimensions * texts.len() {
            let detail = format!("{} numbers came for {} texts", numbers.len(), texts.len());
            return Err(Error::InvalidInput { what: "embedder", detail });
        }
        Ok(numbers.chunks_exact(dimensions).map(<[f32]>::to_vec).collect())
    }
}

/// An object with `name`, `candidates`, `text_bytes` and `score(question, texts, keep_going)`.
pub struct PyReranker {
    object: Py<PyAny>,
    name: String,
    candidates: usize,
    text_bytes: usize,
}

impl PyReranker {
    pub fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self {
            name: object.getattr("name")?.extract()?,
            candidates: object.getattr("candidates")?.extract()?,
            text_bytes: object.getattr("text_bytes")?.extract()?,
            object: object.clone().unbind(),
        })
    }
}

impl Reranker for PyReranker {
    fn name(&self) -> &str {
        &self.name
    }

    fn candidates(&self) -> usize {
        self.candidates
    }

    fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    fn score(&self, question: &str, texts: &[String]) -> Result<Vec<f32>> {
        call_back("reranker", |py, keep_going| {
            let arguments = (question, PyList::new(py, texts)?, keep_going);
            floats(&self.object.bind(py).call_method1("score", arguments)?)
        })
    }
}

/// The numbers in bytes as `array("f")` gives them: 32 bits each, in the machine's order.
fn floats(bytes: &Bound<'_, PyAny>) -> PyResult<Vec<f32>> {
    let bytes = bytes.cast::<PyBytes>()?.as_bytes();
    let number = |four: &[u8]| four.try_into().map(f32::from_ne_bytes).unwrap_or_default();
    Ok(bytes.chunks_exact(4).map(number).collect())
}
