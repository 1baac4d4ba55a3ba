//! What can fail: reading, data files and writing. Extraction itself cannot.

use std::path::{Path, PathBuf};

/// An error with the place it arose, worded for the person who has to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// A line of a data file (dictionary, annotation, corpus) is wrong.
    #[error("{}:{line}: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from one.
        line: usize,
        /// What is wrong and what is expected.
        reason: String,
    },
    /// A model file is not one, is damaged, or belongs to another version.
    #[error("model: {0}")]
    Model(String),
    /// An option has a value that cannot be used.
    #[error("{0}")]
    Usage(String),
}

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error about a whole file.
    pub fn file(path: impl AsRef<Path>, reason: impl ToString) -> Self {
        Self::File { path: path.as_ref().to_owned(), reason: reason.to_string() }
    }

    /// An error about one line of a file, counted from one.
    pub fn line(path: impl AsRef<Path>, line: usize, reason: impl ToString) -> Self {
        Self::Line { path: path.as_ref().to_owned(), line, reason: reason.to_string() }
    }
}
