//! Records of a web archive: `WARC/1.0`, headers, as many bytes as they say; inside, what a server answered.
//!
//! Only what is needed to read crawls: responses, resources and conversions (the plain text of WET files).

use crate::item::Raw;
use serde_json::{Map, Value};
use std::io::{self, BufRead, Read};

/// A record: its headers, in small letters, and its block, if that is not too long.
pub struct Record {
    headers: Vec<(String, String)>,
    block: Option<Vec<u8>>,
}

/// Longest line of a header.
const LINE: u64 = 1 << 16;

fn broken(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("damaged WARC record: {reason}"))
}

/// The next record, or none at the end. A block over the limit is passed over.
///
/// # Errors
/// A record that is none, or ends early.
pub fn record(reader: &mut impl BufRead, limit: usize) -> io::Result<Option<Record>> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if !line.trim_ascii().is_empty() {
            break;
        }
    }
    if !line.starts_with(b"WARC/") {
        return Err(broken("it does not begin with WARC/"));
    }
    let headers = headers(reader)?;
    let length = find(&headers, "content-length").and_then(|length| length.parse::<u64>().ok());
    let length = length.ok_or_else(|| broken("no Content-Length"))?;
    let block = if length <= limit as u64 {
        let mut block = Vec::new();
        if reader.by_ref().take(length).read_to_end(&mut block)? < length as usize {
            return Err(broken("it ends early"));
        }
        Some(block)
    } else {
        if io::copy(&mut reader.by_ref().take(length), &mut io::sink())? < length {
            return Err(broken("it ends early"));
        }
        None
    };
    Ok(Some(Record { headers, block }))
}

fn headers(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
            return Err(broken("it ends within the headers"));
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(headers);
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
}

impl Record {
    /// The article or page in it; none for requests, pictures, redirections and the like.
    pub fn content(self, limit: usize) -> Option<Raw> {
        let kind = find(&self.headers, "warc-type")?;
        if !matches!(kind, "response" | "resource" | "conversion") {
            return None;
        }
        let address = find(&self.headers, "warc-target-uri").unwrap_or_default();
        let address = address.trim_start_matches('<').trim_end_matches('>').to_owned();
        let mut meta = Map::new();
        if let Some(date) = find(&self.headers, "warc-date") {
            meta.insert("crawled".to_owned(), Value::from(date));
        }
        let raw = match self.block {
            None => Raw::Fault(format!("the page has more bytes than the {limit} of --max-article"), Vec::new()),
            Some(block) if kind == "response" => match response(block, limit) {
                Ok(raw) => raw?,
                Err(reason) => Raw::Fault(reason, Vec::new()),
            },
            Some(block) => by_type(block, find(&self.headers, "content-type").unwrap_or("text/plain"))?,
        };
        Some(Raw::Web(Box::new(raw), address, meta))
    }
}

/// The content by its media type; none for what is no text.
fn by_type(body: Vec<u8>, content_type: &str) -> Option<Raw> {
    let lower = content_type.to_ascii_lowercase();
    let charset = lower.split_once("charset=").map(|(_, rest)| rest.trim_matches(['"', '\'', ' ', ';']).to_owned());
    if lower.starts_with("text/html") || lower.starts_with("application/xhtml") {
        Some(Raw::Html(body, charset))
    } else if lower.starts_with("text/plain") {
        Some(Raw::Text(body))
    } else {
        None
    }
}

/// What a server answered: status, headers, body; chunks and gzip undone.
fn response(block: Vec<u8>, limit: usize) -> Result<Option<Raw>, String> {
    let mut reader = &block[..];
    let mut status = Vec::new();
    reader.by_ref().take(LINE).read_until(b'\n', &mut status).map_err(|why| why.to_string())?;
    let fine =
        status.starts_with(b"HTTP/") && status.split(|byte| *byte == b' ').nth(1).is_some_and(|code| code == b"200");
    if !fine {
        return Ok(None);
    }
    let headers = headers(&mut reader).map_err(|why| why.to_string())?;
    let mut body = reader.to_vec();
    if find(&headers, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        // Crawlers often undo the chunks and leave the header.
        body = chunks(&body).unwrap_or(body);
    }
    let Some(raw) = by_type(Vec::new(), find(&headers, "content-type").unwrap_or("text/html")) else { return Ok(None) };
    match find(&headers, "content-encoding").map(str::to_ascii_lowercase).as_deref() {
        Some("gzip" | "x-gzip") if body.starts_with(&[0x1F, 0x8B]) => {
            let mut unpacked = Vec::new();
            let decoder = flate2::read::MultiGzDecoder::new(&body[..]);
            decoder.take(limit as u64 + 1).read_to_end(&mut unpacked).map_err(|why| format!("damaged gzip: {why}"))?;
            if unpacked.len() > limit {
                return Err(format!("the page has more bytes than the {limit} of --max-article"));
            }
            body = unpacked;
        }
        Some(packed @ ("br" | "deflate" | "zstd")) if std::str::from_utf8(&body).is_err() && !body.contains(&b'<') => {
            return Err(format!("the page is packed with '{packed}', which is not read"));
        }
        _ => {}
    }
    Ok(Some(match raw {
        Raw::Html(_, charset) => Raw::Html(body, charset),
        _ => Raw::Text(body),
    }))
}

/// The body without its chunk lengths, if it is made of chunks.
fn chunks(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    loop {
        let end = memchr::memchr(b'\n', body)?;
        let size = std::str::from_utf8(&body[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        body = &body[end + 1..];
        if size == 0 {
            return Some(joined);
        }
        joined.extend_from_slice(body.get(..size)?);
        body = body.get(size..)?;
        body = body.strip_prefix(b"\r\n").or_else(|| body.strip_prefix(b"\n"))?;
    }
}
