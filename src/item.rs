//! From a cut-out piece of an input to a document: `{"content":"英伟达…","url":"https://…"}` is a text, an id and no more.
//!
//! Cutting apart is the reader's work, in one thread; decoding and parsing is done here, by the workers.

use crate::cut;
use crate::decode::{Charset, declared_in_html};
use crate::pipeline::Document;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The names that fields usually have; the first that is there is taken.
const TEXT: &[&str] = &["content", "text", "body", "正文", "内容", "article", "文本", "新闻内容", "news_content"];
const ID: &[&str] = &["url", "id", "link", "网址", "链接", "编号", "doc_id", "news_id"];
const TITLE: &[&str] = &["title", "标题", "headline", "新闻标题"];
const DATE: &[&str] =
    &["publish_time", "date", "发布时间", "publish_date", "published", "pub_time", "published_at", "time", "日期"];

/// Longest piece of a rejected input that goes into the list of rejects, in bytes.
const EXCERPT: usize = 1000;

/// Which field is which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// The text.
    pub text: Option<String>,
    /// The id.
    pub id: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The day of publication.
    pub date: Option<String>,
}

impl Fields {
    /// Completes what the user said with the usual names among those that are there.
    pub fn found_in<'a>(&self, names: impl Iterator<Item = &'a str> + Clone) -> Self {
        let find = |given: &Option<String>, usual: &[&str]| {
            let known = |wanted: &&str| names.clone().find(|name| name.trim().eq_ignore_ascii_case(wanted));
            given.clone().or_else(|| usual.iter().find_map(known).map(str::to_owned))
        };
        Self {
            text: find(&self.text, TEXT),
            id: find(&self.id, ID),
            title: find(&self.title, TITLE),
            date: find(&self.date, DATE),
        }
    }
}

impl std::fmt::Display for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [("text", &self.text), ("id", &self.id), ("title", &self.title), ("date", &self.date)];
        let said = parts.iter().filter_map(|(part, name)| Some(format!("{part} from '{}'", name.as_ref()?)));
        f.write_str(&said.collect::<Vec<_>>().join(", "))
    }
}

/// What all pieces of one input have in common.
#[derive(Clone, Debug)]
pub struct Form {
    /// The name of the input, `a.zip/b.csv` for a member.
    pub name: String,
    /// How its bytes become text; UTF-8 where the reader decoded them.
    pub charset: Charset,
    /// Which field is which.
    pub fields: Fields,
    /// Whether the reader decoded the bytes, so that broken ones are already U+FFFD.
    pub decoded: bool,
    /// Names of the columns, for tables.
    pub header: Vec<String>,
    /// What separates fields, for tables in text form.
    pub delimiter: u8,
}

/// A piece of an input: one document, or what went wrong with one.
#[derive(Debug)]
pub struct Item {
    /// What it has in common with its neighbours.
    pub form: Arc<Form>,
    /// Its line, row or number within the input, counted from one; none for a whole file.
    pub at: Option<u64>,
    /// Its content.
    pub raw: Raw,
}

/// The content of a piece.
#[derive(Debug)]
pub enum Raw {
    /// A text.
    Text(Vec<u8>),
    /// A page, with its encoding if a header says it.
    Html(Vec<u8>, Option<String>),
    /// A JSON value.
    Json(Vec<u8>),
    /// A row of a table, as it is written.
    Row(Vec<u8>),
    /// Fields already read.
    Fields(Map<String, Value>),
    /// From a web archive: the content, the address and further fields.
    Web(Box<Raw>, String, Map<String, Value>),
    /// It could not be read: why, and the bytes that can be shown.
    Fault(String, Vec<u8>),
}

/// A document that was not extracted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The input.
    pub input: String,
    /// Its line, row or number within the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// Why.
    pub reason: String,
    /// The beginning of what was read.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub raw: String,
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}:{at}: {}", self.input, self.reason),
            None => write!(f, "{}: {}", self.input, self.reason),
        }
    }
}

impl Item {
    /// The bytes that it holds, for the bounds of memory and of parts.
    pub fn size(&self) -> usize {
        fn weight(value: &Value) -> usize {
            match value {
                Value::String(text) => text.len(),
                Value::Array(items) => items.iter().map(weight).sum(),
                Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + weight(value)).sum(),
                _ => 8,
            }
        }
        fn size(raw: &Raw) -> usize {
            match raw {
                Raw::Text(bytes) | Raw::Html(bytes, _) | Raw::Json(bytes) | Raw::Row(bytes) | Raw::Fault(_, bytes) => {
                    bytes.len()
                }
                Raw::Fields(fields) => fields.iter().map(|(name, value)| name.len() + weight(value)).sum(),
                Raw::Web(raw, ..) => size(raw),
            }
        }
        size(&self.raw)
    }

    /// The document, and how many broken bytes were replaced in it.
    pub fn document(self, max_article: usize) -> Result<(Document, u64), Reject> {
        let Self { form, at, raw } = self;
        let excerpt = excerpt(&raw, form.charset);
        let read = read(raw, &form).and_then(|(mut document, broken)| {
            if document.text.len() > max_article {
                return Err(too_long(document.text.len(), max_article));
            }
            if document.id.is_empty() {
                document.id = at.map_or_else(|| form.name.clone(), |at| format!("{}:{at}", form.name));
            }
            Ok((document, broken))
        });
        read.map_err(|reason| Reject { input: form.name.clone(), at, reason, raw: excerpt })
    }

    /// A rejection of this item for a reason found later.
    pub fn place(&self) -> (String, Option<u64>) {
        (self.form.name.clone(), self.at)
    }
}

/// The reason that an article over the limit is given.
pub fn too_long(length: usize, limit: usize) -> String {
    format!("the article has {length} bytes, more than the {limit} of --max-article")
}

/// The beginning of what was read; taken beforehand, because reading uses the bytes up.
fn excerpt(raw: &Raw, charset: Charset) -> String {
    match raw {
        Raw::Text(bytes) | Raw::Html(bytes, _) | Raw::Json(bytes) | Raw::Row(bytes) | Raw::Fault(_, bytes) => {
            charset.decode(beginning(bytes).to_vec()).0
        }
        Raw::Fields(fields) => {
            let short = |value: &Value| match value {
                Value::String(text) => text.chars().take(EXCERPT / 3).collect::<String>().into(),
                other => other.clone(),
            };
            let fields: Map<_, _> = fields.iter().map(|(name, value)| (name.clone(), short(value))).collect();
            serde_json::to_string(&fields).unwrap_or_default().chars().take(EXCERPT / 3).collect()
        }
        Raw::Web(raw, ..) => excerpt(raw, charset),
    }
}

/// The first bytes, up to the end of a character if they are UTF-8.
fn beginning(bytes: &[u8]) -> &[u8] {
    let mut end = bytes.len().min(EXCERPT);
    while end > 0 && end < bytes.len() && end + 3 > EXCERPT && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    &bytes[..end]
}

fn read(raw: Raw, form: &Form) -> Result<(Document, u64), String> {
    match raw {
        Raw::Fault(reason, _) => Err(reason),
        Raw::Text(bytes) => {
            let (text, broken) = form.charset.decode(bytes);
            Ok((Document { text, ..Document::default() }, broken))
        }
        Raw::Html(bytes, declared) => page(bytes, declared, form.charset),
        Raw::Json(bytes) => {
            let (text, mut broken) = form.charset.decode(bytes);
            if form.decoded {
                broken = text.matches('\u{FFFD}').count() as u64;
            }
            match serde_json::from_str(&text) {
                Ok(Value::Object(fields)) => Ok((document(fields, &form.fields)?, broken)),
                Ok(_) => Err("a JSON object with fields is expected".to_owned()),
                Err(why) => Err(format!("broken JSON: {why}")),
            }
        }
        Raw::Row(row) => {
            let row = cut::fields(&row, form.delimiter);
            if row.len() != form.header.len() {
                return Err(format!("the row has {} fields, the header {}", row.len(), form.header.len()));
            }
            let mut broken = 0;
            let fields = form.header.iter().zip(row).map(|(name, field)| {
                let (text, replaced) = form.charset.decode(field);
                broken += if form.decoded { text.matches('\u{FFFD}').count() as u64 } else { replaced };
                (name.clone(), Value::String(text))
            });
            let fields = fields.collect();
            Ok((document(fields, &form.fields)?, broken))
        }
        Raw::Fields(fields) => Ok((document(fields, &form.fields)?, 0)),
        Raw::Web(raw, address, meta) => {
            let (mut document, broken) = read(*raw, form)?;
            document.id = address;
            document.meta.extend(meta);
            Ok((document, broken))
        }
    }
}

/// Sorts fields into their places; what has none is passed through.
fn document(mut fields: Map<String, Value>, names: &Fields) -> Result<Document, String> {
    let Some(text) = &names.text else {
        let there: Vec<&str> = fields.keys().map(String::as_str).take(20).collect();
        return Err(format!("no text among the fields {}; name it with --text-field", there.join(", ")));
    };
    let text = match fields.remove(text) {
        Some(Value::String(content)) => content,
        Some(other) => return Err(format!("the field '{text}' is {}, not text", type_name(&other))),
        None => return Err(format!("the field '{text}' is missing")),
    };
    let id = names.id.as_ref().and_then(|name| match fields.get(name)? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    if id.is_some() {
        fields.remove(names.id.as_ref().expect("it was read from there"));
    }
    let title = names.title.as_ref().filter(|name| fields.get(*name).is_some_and(Value::is_string));
    let title = title.and_then(|name| match fields.remove(name) {
        Some(Value::String(title)) => Some(title),
        _ => None,
    });
    // The date stays among the other fields: a record has no place for it, and only a day can be used.
    let date = names.date.as_ref().and_then(|name| day(fields.get(name)?));
    Ok(Document { id: id.unwrap_or_default(), title, date, meta: fields, text })
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The day in a field: `2026-02-05T08:00:00Z`, `2026/2/5 08:00`, `2026年2月5日`, `20260205`, seconds or milliseconds since 1970.
///
/// Seconds are taken as the day in China, UTC+8.
pub fn day(value: &Value) -> Option<Date> {
    let text = match value {
        Value::String(text) => text.trim(),
        Value::Number(number) => return epoch_day(number.as_i64()?),
        _ => return None,
    };
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.len() {
            8 => Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?).ok(),
            9.. => epoch_day(text.parse().ok()?),
            _ => None,
        };
    }
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let year = numbers.next().filter(|part| part.len() == 4 && text.starts_with(part))?;
    Date::new(year.parse().ok()?, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?).ok()
}

fn epoch_day(number: i64) -> Option<Date> {
    let seconds = if number.abs() >= 100_000_000_000 { number / 1000 } else { number };
    let days = (seconds + 8 * 3600).div_euclid(86400);
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The main text of a page, its title and its day.
fn page(bytes: Vec<u8>, declared: Option<String>, charset: Charset) -> Result<(Document, u64), String> {
    let (charset, mark) = match charset {
        Charset::Known(_) => (charset, 0),
        Charset::Ascii => Charset::detect(&bytes, declared.or_else(|| declared_in_html(&bytes)).as_deref()),
    };
    let (html, broken) = charset.decode(if mark == 0 { bytes } else { bytes[mark..].to_vec() });
    let config = dom_smoothie::Config { text_mode: dom_smoothie::TextMode::Formatted, ..Default::default() };
    let article = dom_smoothie::Readability::new(html, None, Some(config)).and_then(|mut page| page.parse());
    let article = article.map_err(|why| format!("no main text found in the page: {why}"))?;
    let text = article.text_content.trim().to_owned();
    if text.is_empty() {
        return Err("no main text found in the page".to_owned());
    }
    let mut meta = Map::new();
    for (name, value) in
        [("author", article.byline), ("site", article.site_name), ("published", article.published_time)]
    {
        if let Some(value) = value {
            meta.insert(name.to_owned(), Value::String(value));
        }
    }
    let date = meta.get("published").and_then(day);
    let title = Some(article.title).filter(|title| !title.is_empty());
    Ok((Document { title, date, meta, text, ..Document::default() }, broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_the_usual_forms() {
        let wanted = Date::constant(2026, 2, 5);
        for text in
            ["2026-02-05T23:59:59Z", "2026/2/5 08:00", "2026年2月5日 08:00", "20260205", "1770220800", "1770220800000"]
        {
            assert_eq!(day(&Value::from(text)), Some(wanted), "{text}");
        }
        assert_eq!(day(&Value::from(1_770_220_800)), Some(wanted));
        for text in ["", "昨天", "5 Feb 2026", "2026-13-01", "99"] {
            assert_eq!(day(&Value::from(text)), None, "{text}");
        }
    }

    #[test]
    fn usual_names_are_found_and_the_users_come_first() {
        let names = ["标题", "正文", "URL", "x"];
        let found = Fields::default().found_in(names.into_iter());
        assert_eq!(found.to_string(), "text from '正文', id from 'URL', title from '标题'");
        let given = Fields { text: Some("x".to_owned()), ..Fields::default() };
        assert_eq!(given.found_in(names.into_iter()).text.unwrap(), "x");
    }
}
