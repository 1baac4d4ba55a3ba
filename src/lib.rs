#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

// In the order of the pipeline: a file imports only from those before it.
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
mod cli_review;
pub mod error;
pub mod feature;
pub mod gold;
pub mod known;
pub mod lexicon;
pub mod link;
pub mod mention;
pub mod model;
pub mod names;
pub mod number;
pub mod pipeline;
pub mod quantity;
pub mod record;
pub mod relation;
pub mod resolve;
#[cfg(feature = "cli")]
pub mod review;
#[cfg(feature = "cli")]
mod review_web;
pub mod score;
pub mod segment;
pub mod sentence;
#[cfg(feature = "cli")]
mod show;
#[cfg(feature = "cli")]
pub mod snapshot;
#[cfg(feature = "cli")]
mod terminal;
pub mod text;
pub mod train;
#[cfg(feature = "cli")]
pub mod view;

pub use error::{Error, Result};
pub use mention::Kind;
pub use pipeline::{Builder, Document, Tiqu};
pub use record::{Offsets, Record};
