//! Columns of numbers from Python: NumPy arrays as they are, or lists, which are copied.

use numpy::{Element, PyArrayDescrMethods, PyReadonlyArray1, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::error::invalid;

/// A number that a column can hold.
pub trait Number: Element + Copy + for<'a, 'py> FromPyObject<'a, 'py> {
    /// NumPy's name of the type.
    const DTYPE: &'static str;
    /// What stands in a list instead.
    const PLAIN: &'static str;
}

impl Number for u32 {
    const DTYPE: &'static str = "uint32";
    const PLAIN: &'static str = "integers from 0 to 2**32 - 1";
}

impl Number for u64 {
    const DTYPE: &'static str = "uint64";
    const PLAIN: &'static str = "integers from 0 to 2**64 - 1";
}

impl Number for f32 {
    const DTYPE: &'static str = "float32";
    const PLAIN: &'static str = "floats";
}

impl Number for f64 {
    const DTYPE: &'static str = "float64";
    const PLAIN: &'static str = "floats";
}

/// A one-dimensional column of numbers.
pub enum Column<'py, T: Element> {
    /// The memory of a NumPy array, not copied.
    Array(PyReadonlyArray1<'py, T>),
    /// A copy of a Python sequence.
    Copied(Vec<T>),
}

impl<'py, T: Number> Column<'py, T> {
    /// The column that `value` holds; `what` names the argument in the error.
    pub fn new(what: &'static str, value: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(array) = value.extract::<PyReadonlyArray1<'py, T>>() {
            return if array.as_slice().is_ok() { Ok(Self::Array(array)) } else { Err(Self::refused(what, value)) };
        }
        if value.is_instance_of::<PyUntypedArray>() {
            return Err(Self::refused(what, value));
        }
        value.extract().map(Self::Copied).map_err(|_| Self::refused(what, value))
    }

    /// As [`Column::new`], for an argument that may be left out.
    pub fn optional(what: &'static str, value: Option<&Bound<'py, PyAny>>) -> PyResult<Option<Self>> {
        value.map(|value| Self::new(what, value)).transpose()
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[T] {
        match self {
            // Checked when the column was made, and an array does not change its shape while it is borrowed.
            Self::Array(array) => array.as_slice().unwrap_or_default(),
            Self::Copied(numbers) => numbers,
        }
    }

    fn refused(what: &'static str, value: &Bound<'_, PyAny>) -> PyErr {
        let given = match value.cast::<PyUntypedArray>() {
            Ok(array) if array.ndim() != 1 => format!("an array of {} dimensions", array.ndim()),
            Ok(array) if !array.dtype().is_equiv_to(&T::get_dtype(value.py())) => {
                format!("an array of {}", array.dtype())
            }
            Ok(_) => "an array that is not contiguous or not aligned (numpy.ascontiguousarray copies it)".to_owned(),
            Err(_) => value.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string()),
        };
        let detail = format!(
            "expected a one-dimensional contiguous numpy array of {}, or a list of {}, got {given}",
            T::DTYPE,
            T::PLAIN
        );
        invalid(value.py(), what, detail)
    }
}
