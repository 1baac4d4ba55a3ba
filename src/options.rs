//! What several commands take and answer: the settings of the extractor, and the exit codes.

use crate::mention::{Currency, Kind};
use crate::pipeline::{Builder, Tiqu};
use crate::record::Offsets;
use crate::relation::RelationKind;
use crate::{Error, Result};
use clap::Args;
use serde_json::{Map, Value, json};
use std::io;
use std::path::{Path, PathBuf};

/// Settings of the extractor.
#[derive(Args)]
pub struct Settings {
    /// Keep only these kinds: person,org,loc,product,title,money,percent,date,count.
    #[arg(long, value_delimiter = ',', value_name = "KINDS")]
    pub kinds: Vec<Kind>,
    /// Keep only these relations: role,move,figure,change,quote.
    #[arg(long, value_delimiter = ',', value_name = "RELATIONS")]
    relations: Vec<RelationKind>,
    /// Unit of positions: chars, bytes or utf16.
    #[arg(long, default_value = "chars", value_name = "UNIT")]
    pub offsets: Offsets,
    /// Say for every mention why it was made.
    #[arg(long)]
    explain: bool,
    /// Put the source text into the record.
    #[arg(long)]
    pub with_text: bool,
    /// A dictionary of your own; may be given several times. Lines: surface, KIND and perhaps the canonical name, tab-separated.
    #[arg(long = "dict", value_name = "FILE")]
    dictionaries: Vec<PathBuf>,
    /// The currency of 元 and 块, as ISO 4217 code [default: read from the text].
    #[arg(long, value_name = "CODE", value_parser = currency)]
    currency: Option<Currency>,
    /// Day of publication of texts that do not say it, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    date: Option<jiff::civil::Date>,
    /// Read names with this model instead of the embedded one.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

fn currency(code: &str) -> std::result::Result<Currency, String> {
    Currency::new(code).ok_or_else(|| format!("'{code}' is no ISO 4217 code such as CNY or USD"))
}

impl Settings {
    /// The extractor with these settings.
    ///
    /// # Errors
    /// A dictionary or model that cannot be read.
    pub fn extractor(&self) -> Result<Tiqu> {
        self.builder().build()
    }

    /// The settings as the library takes them.
    pub fn builder(&self) -> Builder {
        let mut builder = Tiqu::builder().offsets(self.offsets).explain(self.explain).with_text(self.with_text);
        for path in &self.dictionaries {
            builder = builder.dictionary(path);
        }
        if !self.kinds.is_empty() {
            builder = builder.kinds(self.kinds.iter().copied());
        }
        if !self.relations.is_empty() {
            builder = builder.relations(self.relations.iter().copied());
        }
        if let Some(currency) = self.currency {
            builder = builder.currency(currency);
        }
        if let Some(date) = self.date {
            builder = builder.date(date);
        }
        if let Some(model) = &self.model {
            builder = builder.model(model);
        }
        builder
    }
}

/// Exit code: all fine.
pub const FINE: u8 = 0;
/// Some input failed.
pub const SOME_FAILED: u8 = 1;
/// Wrong use.
pub const WRONG_USE: u8 = 2;

/// A closed pipe ends the run quietly; any other failure to write is an error.
///
/// # Errors
/// The failure to write.
pub fn closed(why: &io::Error, output: Option<&Path>) -> Result<u8> {
    if why.kind() == io::ErrorKind::BrokenPipe {
        return Ok(FINE);
    }
    Err(Error::file(output.unwrap_or(Path::new("standard output")), why))
}

impl Settings {
    /// Everything in them that a record depends on, with the content of files as checksums.
    ///
    /// # Errors
    /// A dictionary or model that cannot be read.
    pub fn described(&self) -> Result<Map<String, Value>> {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
        let relations: Vec<&str> = self.relations.iter().map(|kind| kind.name()).collect();
        let dictionaries = self.dictionaries.iter().map(|path| checksum(path)).collect::<Result<Vec<_>>>()?;
        let described = json!({
            "--kinds": kinds, "--relations": relations, "--offsets": format!("{:?}", self.offsets).to_lowercase(),
            "--explain": self.explain, "--with-text": self.with_text, "--dict": dictionaries,
            "--currency": self.currency.map(|currency| currency.code().to_owned()),
            "--date": self.date.map(|date| date.to_string()), "--model": self.model.as_deref().map(checksum).transpose()?,
        });
        let Value::Object(described) = described else { unreachable!("it is written as an object") };
        Ok(described)
    }
}

/// `a.tsv` and its content as a checksum.
fn checksum(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|why| Error::file(path, why))?;
    Ok(format!("{} {}", path.display(), &blake3::hash(&bytes).to_hex()[..32]))
}
