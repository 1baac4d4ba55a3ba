//! Quantities.

use crate::mention::{Currency, Mention};
use crate::text::{Folding, Text};
use jiff::civil::Date;

/// Units.
pub struct Units {}

impl Units {
    /// New.
    pub fn new(_folding: &Folding) -> Self {
        Self {}
    }
}

/// Setting.
pub struct Setting {
    /// Currency.
    pub currency: Option<Currency>,
    /// Date.
    pub date: Option<Date>,
}

/// Quantities.
pub fn quantities(_text: &Text, _units: &Units, _setting: &Setting) -> Vec<Mention> {
    Vec::new()
}
