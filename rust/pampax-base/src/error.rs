//! The one error type of the Rust side.

use std::path::{Path, PathBuf};

/// A result of any fallible operation of pampax.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, and in which operation. The binding maps each variant to one Python exception.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused an operation on a file.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// What was being done: "read", "write", "open", …
        operation: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A part of the store does not hold what its checksum or its format says.
    #[error("the store is damaged: {}: {detail}", path.display())]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The store was written by a newer pampax.
    #[error(
        "{} has store format {found}, this pampax reads up to format {supported}: upgrade pampax, or give another --store",
        path.display()
    )]
    NewerFormat {
        /// The store.
        path: PathBuf,
        /// The format number found.
        found: u32,
        /// The newest format number this build reads.
        supported: u32,
    },
    /// Another process is writing to the store.
    #[error("another pampax (process {pid}) is indexing into {}: wait for it, or stop it", path.display())]
    Locked {
        /// The store.
        path: PathBuf,
        /// The process that holds the lock; 0 if it has not said yet.
        pid: u32,
    },
    /// There is nothing at this path to open, or it is not what is needed.
    #[error("{}: {detail}", path.display())]
    BadPath {
        /// The path as it was given.
        path: PathBuf,
        /// What is wrong with it and what to do.
        detail: String,
    },
    /// The repository has no index yet.
    #[error("{} is not indexed: run `pampax index` there first", path.display())]
    NotIndexed {
        /// The root of the repository.
        path: PathBuf,
    },
    /// A value given by the caller is outside what is accepted.
    #[error("{what}: {detail}")]
    InvalidInput {
        /// Which argument.
        what: &'static str,
        /// What is wrong with it and what is accepted.
        detail: String,
    },
    /// No item fits the budget.
    #[error("a budget of {budget} tokens holds nothing: the smallest item needs {least}")]
    BudgetTooSmall {
        /// The budget given, in tokens.
        budget: u32,
        /// The least budget that returns something, in tokens.
        least: u32,
    },
    /// Something that is asked over a network, or a model beside pampax, did not answer.
    #[error("{service}: {detail}")]
    Remote {
        /// What was asked: a model and where it is, without anything secret.
        service: String,
        /// What happened and what to do.
        detail: String,
    },
    /// The caller asked to stop.
    #[error("interrupted")]
    Cancelled,
    /// A library reported something that should not happen.
    #[error("{operation}: {detail}")]
    Internal {
        /// What was being done.
        operation: &'static str,
        /// What was reported.
        detail: String,
    },
}

impl Error {
    /// An [`Error::Io`] for `operation` on `path`, as a closure for `map_err`.
    pub fn io(operation: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { operation, path, source }
    }

    /// An [`Error::Corrupt`] for `path`.
    pub fn corrupt(path: impl AsRef<Path>, detail: impl Into<String>) -> Self {
        Self::Corrupt { path: path.as_ref().to_path_buf(), detail: detail.into() }
    }

    /// An [`Error::Internal`] in `operation`, from anything that says what happened.
    #[expect(clippy::needless_pass_by_value, reason = "callers give the error they were given, inside `map_err`")]
    pub fn internal(operation: &'static str, detail: impl ToString) -> Self {
        Self::Internal { operation, detail: detail.to_string() }
    }
}
