#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
// But for two small modules that say why: the tagger's widest instructions and reading ahead, and memory given back.
#![deny(unsafe_code)]

// In the order of the way that an article takes; a file imports only from those before it (tests/layers.rs).

// What every stage builds on.
pub mod error;
pub mod text;
pub mod number;
pub mod mention;
mod trie;
pub mod lexicon;

// The text in pieces.
pub mod sentence;
pub mod segment;

// Quantities: read from the text itself.
pub mod numeral;
pub mod units;
pub mod money;
pub mod date;
mod qualifier;
mod amount;
pub mod quantity;

// Names: what the tagger sees, the tagger, the document as a whole.
pub mod known;
pub mod feature;
pub mod vectors;
pub mod model;
pub mod tagger;
pub mod names;

// What was found, put together.
pub mod resolve;
pub mod link;

// What the text says of it.
mod context;
mod cue;
mod statement;
mod clause;
mod subject;
mod around;
mod figure;
mod antecedent;
mod quote;
mod movement;
mod post;
mod holder;
mod role;
pub mod relation;

pub mod record;
pub mod pipeline;

// Against annotation.
pub mod gold;
pub mod score;
pub mod train;
pub mod train_subject;

// Corpora: in, out, and safely to the end.
#[cfg(feature = "arrow")]
pub mod columns;
#[cfg(feature = "cli")]
pub mod view;
#[cfg(feature = "cli")]
pub mod page;
#[cfg(feature = "cli")]
pub mod decode;
#[cfg(feature = "cli")]
pub mod cut;
#[cfg(feature = "cli")]
pub mod item;
#[cfg(feature = "cli")]
pub mod source;
#[cfg(feature = "cli")]
pub mod warc;
#[cfg(feature = "cli")]
pub mod reader;
#[cfg(feature = "cli")]
pub mod write;
#[cfg(feature = "cli")]
mod heap;
#[cfg(feature = "cli")]
pub mod batch;
#[cfg(feature = "cli")]
pub mod options;
#[cfg(feature = "cli")]
pub mod cli_extract;
#[cfg(feature = "cli")]
mod cli_dict;
#[cfg(feature = "cli")]
mod cli_train;

// What a change does to the records of a corpus.
#[cfg(feature = "cli")]
pub mod snapshot;
#[cfg(feature = "cli")]
pub mod review;
#[cfg(feature = "cli")]
mod terminal;
#[cfg(feature = "cli")]
mod review_web;
#[cfg(feature = "cli")]
mod report;
#[cfg(feature = "cli")]
mod cli_review;

#[cfg(feature = "cli")]
pub mod cli;

pub use error::{Error, Result};
pub use mention::Kind;
pub use pipeline::{Builder, Document, Tiqu};
pub use record::{Offsets, Record};
