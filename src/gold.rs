//! Annotated articles: `{{ORG|英伟达}}{{TITLE|CEO}}{{PERSON|黄仁勋}}` is a text of eight characters with three marks.
//!
//! The form is described in `corpus/GUIDELINES.md`. Positions are Unicode scalar values of the plain text.

use crate::error::{Error, Result};
use crate::link::Entity;
use crate::mention::{Amount, By, Currency, Kind, Mention, Qualifier, Quantity, Reason, Unit, Value};
use crate::number::Decimal;
use crate::pipeline::Tiqu;
use crate::record::{Record, SCHEMA};
use crate::text::{Span, Text};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// An annotated article.
#[derive(Clone, Debug, Default)]
pub struct Article {
    /// The file's stem.
    pub id: String,
    /// The text without marks.
    pub text: String,
    /// The marks, in the order of the text.
    pub marks: Vec<Mark>,
    /// Relations: the kind and its parts, as written.
    pub relations: Vec<Vec<String>>,
}

/// A marked mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// First character.
    pub start: usize,
    /// The character behind the last.
    pub end: usize,
    /// The kind.
    pub kind: Kind,
    /// The marked characters.
    pub text: String,
    /// Neither rewarded nor punished.
    pub optional: bool,
    /// The name that the mention stands for, if it is another than the text.
    pub canonical: Option<String>,
    /// Value of MONEY and PERCENT.
    pub amount: Option<GoldAmount>,
    /// Qualifier of MONEY and PERCENT.
    pub qualifier: Option<Qualifier>,
}

/// The annotated value of an amount; low and high are equal for a single number, `None` for an unknown one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldAmount {
    /// The value, or both ends of the range.
    pub range: Option<(Decimal, Decimal)>,
    /// ISO 4217 code for MONEY.
    pub currency: Option<Currency>,
    /// percent, pp or bp for PERCENT.
    pub unit: Option<&'static str>,
}

const RELATIONS: [(&str, usize); 5] = [("role", 4), ("move", 3), ("figure", 3), ("change", 3), ("quote", 2)];

impl Article {
    /// Reads one annotated file.
    ///
    /// # Errors
    /// A file that cannot be read, or a mark or relation that cannot, with its line.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let source = std::fs::read_to_string(path).map_err(|why| Error::file(path, why))?;
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self::parse(id, &source).map_err(|(line, reason)| Error::line(path, line, reason))
    }

    /// Reads an annotated text.
    ///
    /// # Errors
    /// A mark or relation that cannot be read, with its line.
    pub fn parse(id: String, source: &str) -> std::result::Result<Self, (usize, String)> {
        let (body, tail) = match source.split_once("\n=== RELATIONS\n") {
            Some((body, tail)) => (body.trim_end_matches('\n'), Some(tail)),
            None => (source, None),
        };
        let mut article = Self { id, ..Self::default() };
        let mut length = 0;
        let mut rest = body;
        while let Some(open) = rest.find("{{") {
            let line = || body[..body.len() - rest.len() + open].matches('\n').count() + 1;
            let plain = &rest[..open];
            let Some(close) = rest[open..].find("}}") else { return Err((line(), "a mark is not closed".to_owned())) };
            let inner = &rest[open + 2..open + close];
            length += plain.chars().count();
            article.text.push_str(plain);
            let mark = mark(inner, length).map_err(|reason| (line(), format!("mark '{inner}': {reason}")))?;
            length = mark.end;
            article.text.push_str(&mark.text);
            article.marks.push(mark);
            rest = &rest[open + close + 2..];
        }
        article.text.push_str(rest);
        let first = body.matches('\n').count() + 3;
        for (line, relation) in (first..).zip(tail.unwrap_or_default().lines()) {
            if relation.trim().is_empty() || relation.starts_with('#') {
                continue;
            }
            let (kind, parts) = relation.split_once(':').unwrap_or((relation, ""));
            let parts: Vec<String> = parts.split('|').map(|part| part.trim().to_owned()).collect();
            match RELATIONS.iter().find(|(name, _)| *name == kind) {
                Some(&(_, count)) if count == parts.len() => {
                    article.relations.push(std::iter::once(kind.to_owned()).chain(parts).collect());
                }
                Some((_, count)) => return Err((line, format!("{kind} has {count} parts, found {}", parts.len()))),
                None => return Err((line, format!("unknown relation '{kind}'"))),
            }
        }
        Ok(article)
    }
}

impl Article {
    /// The marks as the stages before relations would have found them; counts and dates without a value. `text` is the
    /// article's.
    pub fn mentions(&self, text: &Text) -> Vec<Mention> {
        let mut borders: Vec<usize> = text.shadow().char_indices().map(|(at, _)| at).collect();
        borders.push(text.shadow().len());
        let (by, reason) = (By::User, Reason::Rule("annotation"));
        self.marks
            .iter()
            .map(|mark| {
                let span = Span::new(borders[mark.start], borders[mark.end]);
                Mention { kind: mark.kind, span, value: mark.value(), by, reason }
            })
            .collect()
    }

    /// The marks of one canonical name together.
    pub fn entities(&self) -> Vec<Entity> {
        let mut entities: Vec<Entity> = Vec::new();
        for (index, mark) in self.marks.iter().enumerate() {
            if !matches!(mark.kind, Kind::Person | Kind::Org | Kind::Loc | Kind::Product) {
                continue;
            }
            let name = mark.canonical.as_ref().unwrap_or(&mark.text);
            let id = entities.iter().position(|entity| entity.kind == mark.kind && entity.name == *name);
            let id = id.unwrap_or_else(|| {
                let name = name.clone();
                entities.push(Entity { kind: mark.kind, name, aliases: vec![], mentions: vec![] });
                entities.len() - 1
            });
            let entity = &mut entities[id];
            entity.mentions.push(index as u32);
            if mark.text != entity.name && !entity.aliases.contains(&mark.text) {
                entity.aliases.push(mark.text.clone());
            }
        }
        entities
    }
}

impl Article {
    /// What the relation stage finds in the article when its marks are taken for the mentions.
    pub fn relate(&self, tiqu: &Tiqu) -> Record {
        let text = Text::new(&self.text, &tiqu.lexicon().folding);
        Record { id: self.id.clone(), ..tiqu.relate(&text, &self.mentions(&text), &self.entities()) }
    }
}

impl Mark {
    /// The annotated amount as a value.
    fn value(&self) -> Value {
        let Some(amount) = &self.amount else { return Value::None };
        let quantity = match amount.range {
            None => Quantity::Unknown,
            Some((low, high)) if low == high => Quantity::Exact(low),
            Some((low, high)) => Quantity::Range(Some(low), Some(high)),
        };
        let unit = match (amount.currency, amount.unit) {
            (Some(currency), _) => Unit::Currency(currency),
            (None, Some("pp")) => Unit::Point,
            (None, Some("bp")) => Unit::BasisPoint,
            (None, _) => Unit::Percent,
        };
        Value::Amount(Amount { quantity, unit, qualifier: self.qualifier })
    }
}

fn mark(inner: &str, start: usize) -> std::result::Result<Mark, String> {
    let mut fields = inner.split('|');
    let head = fields.next().unwrap_or_default();
    let kind: Kind = head.trim_start_matches('?').parse()?;
    let text = fields.next().unwrap_or_default().to_owned();
    if text.is_empty() {
        return Err("the surface is empty".to_owned());
    }
    let mut mark = Mark {
        start,
        end: start + text.chars().count(),
        kind,
        text,
        optional: head.starts_with('?'),
        canonical: None,
        amount: None,
        qualifier: None,
    };
    if matches!(kind, Kind::Money | Kind::Percent) {
        mark.amount = Some(amount(fields.next().ok_or("an amount needs a value")?, kind)?);
    }
    for field in fields {
        if let Some(name) = field.strip_prefix('=') {
            mark.canonical = Some(name.to_owned());
        } else {
            mark.qualifier = Some(Qualifier::from_name(field).ok_or_else(|| format!("cannot read '{field}'"))?);
        }
    }
    Ok(mark)
}

/// `150e8 USD`, `10..15`, `1.5pp`, `? USD`.
fn amount(field: &str, kind: Kind) -> std::result::Result<GoldAmount, String> {
    let (number, currency, unit) = if kind == Kind::Money {
        let (number, code) = field.rsplit_once(' ').ok_or("money needs a currency code")?;
        let currency = Currency::new(code).ok_or_else(|| format!("not an ISO 4217 code: '{code}'"))?;
        (number, Some(currency), None)
    } else if let Some(number) = field.strip_suffix("pp") {
        (number, None, Some("pp"))
    } else if let Some(number) = field.strip_suffix("bp") {
        (number, None, Some("bp"))
    } else {
        (field, None, Some("percent"))
    };
    let range = match (number, number.split_once("..")) {
        ("?", _) => None,
        (_, Some((low, high))) => Some((low.parse()?, high.parse()?)),
        (_, None) => {
            let value: Decimal = number.parse()?;
            Some((value, value))
        }
    };
    Ok(GoldAmount { range, currency, unit })
}

/// The files with one of the endings under a path, sorted: the file itself, whatever its ending, or every one below the
/// folder.
fn files(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(next) = open.pop() {
        if next.is_dir() {
            for entry in std::fs::read_dir(&next).map_err(|why| Error::file(&next, why))? {
                open.push(entry.map_err(|why| Error::file(&next, why))?.path());
            }
        } else if next == path || endings.iter().any(|ending| has_ending(&next, ending)) {
            files.push(next);
        }
    }
    files.sort();
    if files.is_empty() {
        let endings = endings.iter().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(" or ");
        return Err(Error::file(path, format!("no annotated file ({endings}) in it")));
    }
    Ok(files)
}

fn has_ending(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(wanted))
}

/// Every annotated article (`.ann`) under a path, sorted by file.
///
/// # Errors
/// The first file that cannot be read, or a path that holds none.
pub fn articles(path: impl AsRef<Path>) -> Result<Vec<Article>> {
    files(path.as_ref(), &["ann"])?.iter().map(Article::read).collect()
}

/// Every article to learn names from under a path, sorted by file: annotated ones (`.ann`), and records with their text
/// (`.jsonl`), one a line.
///
/// # Errors
/// The first file or line that cannot be read, or a path that holds none.
pub fn articles_and_records(path: impl AsRef<Path>) -> Result<Vec<Article>> {
    let mut articles = Vec::new();
    for file in files(path.as_ref(), &["ann", "jsonl"])? {
        if !has_ending(&file, "jsonl") {
            articles.push(Article::read(&file)?);
            continue;
        }
        let bytes = std::fs::read(&file).map_err(|why| Error::file(&file, why))?;
        for (line, record) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if !record.trim_ascii().is_empty() {
                let mut article = Article::of_record(record).map_err(|why| Error::line(&file, line, why))?;
                if article.id.is_empty() {
                    article.id = format!("{}:{line}", file.display());
                }
                articles.push(article);
            }
        }
    }
    Ok(articles)
}

/// What is read of a record to learn names from it.
#[derive(Deserialize)]
struct Annotated {
    #[serde(default)]
    schema: Option<u32>,
    #[serde(default)]
    id: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    mentions: Option<Vec<Annotation>>,
}

#[derive(Deserialize)]
struct Annotation {
    kind: String,
    text: String,
    start: usize,
    end: usize,
    #[serde(default)]
    optional: bool,
}

impl Article {
    /// Reads a record with its text, as `--with-text` writes it, as an annotation of names; of the mentions only kind,
    /// text and position are read, and `"optional": true`. Positions count characters.
    ///
    /// # Errors
    /// What is wrong with it, and what is expected.
    ///
    /// ```
    /// let record = r#"{"text":"王华说。","mentions":[{"kind":"PERSON","text":"王华","start":0,"end":2}]}"#;
    /// let article = tiqu::gold::Article::of_record(record.as_bytes())?;
    /// assert_eq!(article.marks[0].text, "王华");
    /// # Ok::<(), String>(())
    /// ```
    pub fn of_record(line: &[u8]) -> std::result::Result<Self, String> {
        let record: Annotated =
            serde_json::from_slice(line).map_err(|why| format!("no record, one JSON object a line: {why}"))?;
        if let Some(schema) = record.schema.filter(|schema| *schema != SCHEMA) {
            return Err(format!("the record has schema {schema}, expected {SCHEMA}"));
        }
        let text = record.text.ok_or("the record has no 'text'; write it with --with-text")?;
        let mentions = record.mentions.ok_or("the record has no 'mentions'; a text without any has an empty list")?;
        let mut borders: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        borders.push(text.len());
        let mut marks = Vec::with_capacity(mentions.len());
        for Annotation { kind, text: surface, start, end, optional } in mentions {
            let kind: Kind = kind.parse()?;
            let there = match (borders.get(start), borders.get(end)) {
                (Some(&from), Some(&to)) if from < to => &text[from..to],
                _ => {
                    let chars = borders.len() - 1;
                    return Err(format!(
                        "{kind} '{surface}' at {start}..{end} is no place in a text of {chars} characters"
                    ));
                }
            };
            if there != surface {
                return Err(format!(
                    "{kind} '{surface}' is not what stands at {start}..{end}: '{there}'; positions count characters"
                ));
            }
            let (canonical, amount, qualifier) = (None, None, None);
            marks.push(Mark { start, end, kind, text: surface, optional, canonical, amount, qualifier });
        }
        marks.sort_by_key(|mark| mark.start);
        if let Some(pair) = marks.windows(2).find(|pair| pair[1].start < pair[0].end) {
            let [first, second] = [&pair[0], &pair[1]].map(|mark| format!("{} '{}'", mark.kind, mark.text));
            return Err(format!("{first} and {second} at {} overlap; keep one", pair[1].start));
        }
        Ok(Self { id: record.id, text, marks, relations: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_positions_and_values() {
        let source = "{{ORG|英伟达}}{{TITLE|CEO}}{{?PERSON|黄仁勋}}超{{MONEY|150亿美元|150e8 USD|over}}\n\n=== RELATIONS\nrole: 黄仁勋 | CEO | 英伟达 | current\n";
        let article = Article::parse("a".to_owned(), source).unwrap();
        assert_eq!(article.text, "英伟达CEO黄仁勋超150亿美元");
        assert_eq!((article.marks[3].start, article.marks[3].end), (10, 16));
        assert_eq!(article.marks[3].qualifier, Some(Qualifier::Over));
        assert!(article.marks[2].optional);
        assert_eq!(article.relations[0][3], "英伟达");
    }

    #[test]
    fn an_error_names_the_line() {
        let wrong = Article::parse("a".to_owned(), "一行\n{{ORG|}}").unwrap_err();
        assert_eq!(wrong.0, 2);
        let wrong = Article::parse("a".to_owned(), "文\n=== RELATIONS\nrole: 甲 | 乙\n").unwrap_err();
        assert_eq!(wrong.0, 3);
    }

    #[test]
    fn a_record_is_an_annotation() {
        let read = |mentions: &str| {
            Article::of_record(format!(r#"{{"text":"王华加入澜图。","mentions":[{mentions}]}}"#).as_bytes())
        };
        let person = r#"{"kind":"PERSON","text":"王华","start":0,"end":2,"by":"model"}"#;
        let org = r#"{"kind":"ORG","text":"澜图","start":4,"end":6,"optional":true}"#;
        let article = read(&format!("{org},{person}")).unwrap();
        assert_eq!(article.marks.iter().map(|mark| &*mark.text).collect::<Vec<_>>(), ["王华", "澜图"]);
        assert!(article.marks[1].optional);
        for (wrong, reason) in [
            (org.replace("澜图", "澜"), "is not what stands at 4..6: '澜图'"),
            (org.replace('6', "60"), "is no place in a text of 7 characters"),
            (org.replace("ORG", "FIRM"), "unknown kind 'FIRM'"),
            (format!("{person},{person}"), "overlap"),
        ] {
            let why = read(&wrong).unwrap_err();
            assert!(why.contains(reason), "{why}");
        }
        for (wrong, reason) in [("{", "no record"), ("{}", "no 'text'"), (r#"{"text":"文"}"#, "no 'mentions'")] {
            let why = Article::of_record(wrong.as_bytes()).unwrap_err();
            assert!(why.contains(reason), "{why}");
        }
    }
}
