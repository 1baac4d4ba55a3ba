#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
pub mod error;
pub mod text;
pub mod number;
pub mod lexicon;
pub mod mention;
