#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

// In the order of the pipeline: a file imports only from those before it.
#[cfg(feature = "cli")]
pub mod batch;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod cli_extract;
#[cfg(feature = "arrow")]
pub mod columns;
#[cfg(feature = "cli")]
pub mod decode;
pub mod error;
pub mod feature;
pub mod gold;
#[cfg(feature = "cli")]
pub mod item;
pub mod known;
pub mod lexicon;
pub mod link;
pub mod mention;
pub mod model;
pub mod names;
pub mod number;
#[cfg(feature = "cli")]
pub mod options;
#[cfg(feature = "cli")]
pub mod page;
pub mod pipeline;
pub mod quantity;
#[cfg(feature = "cli")]
pub mod reader;
pub mod record;
pub mod relation;
pub mod resolve;
pub mod score;
pub mod segment;
pub mod sentence;
#[cfg(feature = "cli")]
pub mod source;
pub mod text;
pub mod train;
#[cfg(feature = "cli")]
pub mod view;
#[cfg(feature = "cli")]
pub mod warc;
#[cfg(feature = "cli")]
pub mod write;

pub use error::{Error, Result};
pub use mention::Kind;
pub use pipeline::{Builder, Document, Tiqu};
pub use record::{Offsets, Record};
