#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
pub mod error;
pub mod text;
pub mod number;
pub mod lexicon;
pub mod mention;
pub mod numeral;
pub mod units;
pub mod money;
pub mod date;
pub mod quantity;
