//! Records of the engine as frozen classes.

use pyo3::prelude::*;

/// A class over a record of the engine, with a property for each field named.
macro_rules! record {
    ($(#[$meta:meta])* $class:ident = $name:literal over $inner:ty { $($(#[$fmeta:meta])* $field:ident : $type:ty,)* } $($methods:tt)*) => {
        $(#[$meta])*
        #[pyclass(frozen, name = $name, module = "pampax")]
        pub struct $class {
            pub(crate) inner: $inner,
        }

        #[pymethods]
        impl $class {
            $($(#[$fmeta])* #[getter] fn $field(&self) -> $type { self.inner.$field.clone() })*
            $($methods)*
        }
    };
}
pub(crate) use record;

/// JSON text as Python objects.
pub(crate) fn parse<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (json,))
}
