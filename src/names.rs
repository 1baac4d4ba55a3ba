//! Names: people, organisations, places, products, titles.

use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::mention::{By, Mention, Reason, Value};
use crate::segment::Words;
use crate::text::{Span, Text};
use std::path::Path;

/// Finds names.
pub struct Names {}

impl Names {
    /// With the embedded model, or the one in this file.
    ///
    /// # Errors
    /// A model that cannot be read.
    pub fn new(_lexicon: &Lexicon, _model: Option<&Path>) -> Result<Self> {
        Ok(Self {})
    }

    /// All candidates in a text.
    pub fn find(&self, text: &Text, _sentences: &[Span], _words: &Words, lexicon: &Lexicon) -> Vec<Mention> {
        let found = lexicon.names.find(text.shadow()).filter_map(|found| {
            let entry = found.entries.iter().find(|entry| entry.certain)?;
            Some(Mention {
                kind: entry.kind,
                span: found.span,
                value: Value::None,
                by: By::Lexicon,
                reason: Reason::Entry(entry.file, entry.line),
            })
        });
        found.collect()
    }
}
