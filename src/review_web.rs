//! Review in the browser: a page on this machine only, and the small JSON interface that it works over.
//!
//! | request | answer |
//! |---|---|
//! | `GET /`, `/page.js`, `/page.css`, `/icon.svg` | the page; nothing in it is secret |
//! | `GET /api/list` | documents with their changes, each a pair of id and group; the groups; the counts |
//! | `GET /api/document?name=` | one document: text, old and new marks, changes; positions in UTF-16 |
//! | `GET /api/search?q=` | the names of the documents whose article holds the words |
//! | `POST /api/decide` | `{"decision", "choices": [{"name", "version", "changes"}]}`; conflicts are named in the answer |
//! | `POST /api/undo` | takes the last decision back |
//!
//! What keeps strangers out: the socket is bound to the loopback address; `Host` must be that address (a page of
//! another site that resolves to 127.0.0.1 is refused); `Origin`, where sent, must be this page, and to decide it must
//! be sent; every `/api` request carries the token of the printed address in a header, which a foreign page cannot set
//! without asking first, and nothing here says yes. The page may load from here only, and runs no inline script.

use crate::error::{Error, Result};
use crate::review::{Choice, Counts, Decision, Entry, Outcome, Pending, Review};
use crate::snapshot::{Change, Mark, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use tiny_http::{Header, Method, Request, Response, Server};

/// A group of a hundred thousand changes still fits.
const LONGEST_BODY: u64 = 32 << 20;
/// One waits for a slow reader, the others go on.
const THREADS: usize = 4;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: [(&str, &str, &str); 4] = [
    ("/", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("/page.js", "text/javascript; charset=utf-8", include_str!("page/page.js")),
    ("/page.css", "text/css; charset=utf-8", concat!(include_str!("page/look.css"), include_str!("page/page.css"))),
    ("/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
];

struct Site {
    review: Mutex<Review>,
    token: String,
    /// `127.0.0.1:4173` and `localhost:4173`.
    hosts: [String; 2],
    /// The file that brings the browser here without showing the token to other users; gone after the first request.
    doorway: Mutex<Option<PathBuf>>,
}

/// Serves the page until the process is ended.
///
/// # Errors
/// A port that is taken.
pub fn serve(review: Review, port: u16, open: bool) -> Result<()> {
    let server = Server::http(("127.0.0.1", port))
        .map_err(|why| Error::Usage(format!("port {port} cannot be used: {why}; choose another with --port")))?;
    let port = server.server_addr().to_ip().map_or(port, |address| address.port());
    let token = token()?;
    let address = format!("http://127.0.0.1:{port}/#token={token}");
    let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let site = Arc::new(Site { review: Mutex::new(review), token, hosts, doorway: Mutex::new(None) });
    let mut out = std::io::stdout();
    let _ = writeln!(out, "review at {address}\nwho knows this address can decide; Ctrl-C ends it");
    let _ = out.flush();
    if open && has_desktop() {
        *site.doorway.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = open_browser(&address);
    }
    let server = Arc::new(server);
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (server, site) = (Arc::clone(&server), Arc::clone(&site));
            std::thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    site.answer(request);
                }
            })
        })
        .collect();
    for thread in threads {
        let _ = thread.join();
    }
    Ok(())
}

fn token() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|why| Error::Usage(format!("the system gives no random numbers: {why}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn has_desktop() -> bool {
    cfg!(any(target_os = "macos", target_os = "windows"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Opens the page over a file that only this user can read: arguments of a process can be read by all.
fn open_browser(address: &str) -> Option<PathBuf> {
    let path = std::env::temp_dir().join(format!("tiqu-review-{}.html", std::process::id()));
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let page = format!("<!doctype html><meta http-equiv=\"refresh\" content=\"0; url={address}\">");
    options.open(&path).and_then(|mut file| file.write_all(page.as_bytes())).ok()?;
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(target_os = "windows") {
        "explorer"
    } else {
        "xdg-open"
    };
    let quiet = std::process::Stdio::null;
    let _ = std::process::Command::new(program).arg(&path).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    Some(path)
}

/// What is sent back: status, type, body.
type Answer = (u16, &'static str, String);

const JSON: &str = "application/json; charset=utf-8";

fn problem(status: u16, why: &str) -> Answer {
    (status, JSON, json!({ "problem": why }).to_string())
}

fn fine(value: &impl Serialize) -> Answer {
    (200, JSON, serde_json::to_string(value).expect("an answer is plain data"))
}

impl Site {
    fn answer(&self, mut request: Request) {
        let (status, kind, body) = self.reply(&mut request);
        let mut response = Response::from_string(body).with_status_code(status);
        let headers = [
            ("Content-Type", kind),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
        ];
        for (name, value) in headers {
            response.add_header(Header::from_bytes(name, value).expect("the headers above are ASCII"));
        }
        let _ = request.respond(response);
    }

    fn reply(&self, request: &mut Request) -> Answer {
        let header = |name: &'static str| -> Option<String> {
            let mut found = request.headers().iter().filter(|header| header.field.equiv(name));
            let value = found.next().map(|header| header.value.as_str().to_owned());
            // A header sent twice is refused where it matters: no value is equal to none.
            if found.next().is_some() { Some(String::new()) } else { value }
        };
        let host = header("Host").unwrap_or_default();
        if !self.hosts.contains(&host) {
            return problem(403, "this address is not the one that was printed");
        }
        let origin = header("Origin");
        if origin.as_ref().is_some_and(|origin| *origin != format!("http://{host}")) {
            return problem(403, "requests from other pages are refused");
        }
        let url = request.url().to_owned();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        if let Some((_, kind, body)) = PAGE.iter().find(|(name, ..)| *name == path) {
            return match request.method() {
                Method::Get | Method::Head => (200, kind, (*body).to_owned()),
                _ => problem(405, "only GET"),
            };
        }
        if !path.starts_with("/api/") {
            return problem(404, "no such page");
        }
        if !equal(&header("X-Tiqu-Token").unwrap_or_default(), &self.token) {
            return problem(401, "open the address that was printed when the review was started, token included");
        }
        self.close_doorway();
        let done = match (request.method(), path) {
            (Method::Get, "/api/list") => self.list(),
            (Method::Get, "/api/document") => self.document(&parameter(query, "name")),
            (Method::Get, "/api/search") => self.search(&parameter(query, "q")),
            (Method::Post, "/api/decide" | "/api/undo") => {
                let kind = header("Content-Type").unwrap_or_default();
                if origin.is_none() || !kind.starts_with("application/json") {
                    return problem(403, "decisions are taken by the page itself");
                }
                let mut body = String::new();
                match request.as_reader().take(LONGEST_BODY + 1).read_to_string(&mut body) {
                    Ok(size) if size as u64 <= LONGEST_BODY => {}
                    Ok(_) => return problem(413, "too much in one request"),
                    Err(why) => return problem(400, &why.to_string()),
                }
                if path == "/api/undo" { self.undo() } else { self.decide(&body) }
            }
            (_, "/api/list" | "/api/document" | "/api/search" | "/api/decide" | "/api/undo") => {
                return problem(405, "another method is needed");
            }
            _ => return problem(404, "no such request"),
        };
        done.unwrap_or_else(|why| match why {
            Error::Usage(_) => problem(400, &why.to_string()),
            _ => problem(500, &why.to_string()),
        })
    }

    fn review(&self) -> MutexGuard<'_, Review> {
        // Every decision is on the disk before it is in memory: a thread that panicked has left nothing half done.
        self.review.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn close_doorway(&self) {
        let doorway = self.doorway.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(path) = doorway {
            let _ = std::fs::remove_file(path);
        }
    }

    fn list(&self) -> Result<Answer> {
        let mut review = self.review();
        review.refresh()?;
        let counts = review.counts()?;
        Ok(fine(&List::new(&review.dir().display().to_string(), review.entries(), counts)))
    }

    fn document(&self, name: &str) -> Result<Answer> {
        let pending = self.review().load(name)?;
        Ok(pending.map_or_else(
            || problem(404, "nothing waits for this document any more"),
            |pending| fine(&document_json(&pending)),
        ))
    }

    fn search(&self, words: &str) -> Result<Answer> {
        let (dir, names): (PathBuf, Vec<String>) = {
            let review = self.review();
            (review.dir().to_owned(), review.entries().map(|entry| entry.name.clone()).collect())
        };
        use rayon::prelude::*;
        let found: Vec<String> = names
            .into_par_iter()
            .filter(|name| {
                let Ok((old, new)) = crate::review::paths(&dir, name) else { return false };
                let text = [new, old].iter().find_map(|path| crate::review::read(path).ok().flatten());
                let text = text.and_then(|text| Snapshot::parse(&text).ok());
                text.is_some_and(|snapshot| snapshot.text.contains(words))
            })
            .collect();
        Ok(fine(&found))
    }

    fn decide(&self, body: &str) -> Result<Answer> {
        #[derive(Deserialize)]
        struct Request {
            decision: Decision,
            choices: Vec<Choice>,
        }
        let request: Request =
            serde_json::from_str(body).map_err(|why| Error::Usage(format!("the request cannot be read: {why}")))?;
        let mut review = self.review();
        let outcome = review.decide(&request.choices, request.decision)?;
        let (done, conflicts) = (outcome.done, !outcome.conflicts.is_empty());
        let (_, kind, body) = changed(&review, outcome)?;
        Ok((if done == 0 && conflicts { 409 } else { 200 }, kind, body))
    }

    fn undo(&self) -> Result<Answer> {
        let mut review = self.review();
        let outcome = review.undo()?;
        changed(&review, outcome)
    }
}

/// Whether two texts are equal, in a time that does not tell where they differ.
fn equal(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// The value of a parameter, with `%E5` and `+` undone; empty where it is missing or no UTF-8.
fn parameter(query: &str, name: &str) -> String {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|d| (d as char).to_digit(16)));
                match digits {
                    [Some(high), Some(low)] => (high * 16 + low) as u8,
                    _ => return String::new(),
                }
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[derive(Serialize)]
struct List<'a> {
    dir: &'a str,
    counts: Counts,
    documents: Vec<Row<'a>>,
    groups: Vec<GroupRow<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    title: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
    /// Id of the change, index of its group.
    changes: Vec<(&'a str, usize)>,
}

/// What changes of one group have in common.
#[derive(Serialize)]
struct GroupRow<'a> {
    id: &'a str,
    sort: &'static str,
    kind: &'a str,
    label: &'a str,
}

impl<'a> List<'a> {
    fn new(dir: &'a str, entries: impl Iterator<Item = &'a Entry>, counts: Counts) -> Self {
        let mut list = Self { dir, counts, documents: Vec::new(), groups: Vec::new() };
        let mut index_of: HashMap<&str, usize> = HashMap::new();
        for entry in entries {
            let changes = entry
                .changes
                .iter()
                .map(|change| {
                    let index = *index_of.entry(&change.group).or_insert_with(|| {
                        let (id, kind, label) = (change.group.as_str(), change.kind.as_str(), change.label.as_str());
                        list.groups.push(GroupRow { id, sort: change.sort.name(), kind, label });
                        list.groups.len() - 1
                    });
                    (change.id.as_str(), index)
                })
                .collect();
            let Entry { name, title, version, problem, .. } = entry;
            list.documents.push(Row { name, title, version, problem: problem.as_deref(), changes });
        }
        list
    }
}

/// What a decision or its undoing has changed, in the form of the list.
fn changed(review: &Review, outcome: Outcome) -> Result<Answer> {
    let names = || outcome.documents.iter().chain(&outcome.conflicts);
    let list = List::new("", names().filter_map(|name| review.entry(name)), review.counts()?);
    let gone: Vec<&String> = names().filter(|name| review.entry(name).is_none()).collect();
    Ok(fine(&json!({
        "done": outcome.done, "conflicts": outcome.conflicts, "counts": list.counts,
        "documents": list.documents, "groups": list.groups, "gone": gone,
    })))
}

/// Byte positions of a text as positions in UTF-16, which the page counts in.
struct Utf16(Vec<u32>);

impl Utf16 {
    fn new(text: &str) -> Self {
        let mut at = Vec::with_capacity(text.len() + 1);
        let mut units = 0;
        for c in text.chars() {
            at.extend(std::iter::repeat_n(units, c.len_utf8()));
            units += c.len_utf16() as u32;
        }
        at.push(units);
        Self(at)
    }

    fn at(&self, byte: usize) -> u32 {
        self.0.get(byte).or(self.0.last()).copied().unwrap_or(0)
    }
}

fn document_json(pending: &Pending) -> serde_json::Value {
    let Pending { name, version, old, new, changes } = pending;
    let shown = old.as_ref().filter(|_| new.gone).unwrap_or(new);
    let units = Utf16::new(&shown.text);
    let old_text = old.as_ref().map(|old| &old.text).filter(|text| **text != shown.text);
    let old_units = old_text.map(|text| Utf16::new(text));
    let old_marks = old.as_ref().map_or_else(Vec::new, |old| marks_json(old, old_units.as_ref().unwrap_or(&units)));
    let new_marks = marks_json(new, &units);
    let changes: Vec<_> = changes.iter().map(|change| change_json(change, shown, &units)).collect();
    json!({
        "name": name, "version": version, "id": shown.id, "title": shown.title, "gone": new.gone, "text": shown.text,
        "old_text": old_text, "old": old_marks, "new": new_marks, "changes": changes,
        "relations": shown.relations,
    })
}

fn marks_json(snapshot: &Snapshot, units: &Utf16) -> Vec<serde_json::Value> {
    let mut names: HashMap<(&str, &str), String> = HashMap::new();
    for group in &snapshot.groups {
        let line = std::iter::once(&group.name).chain(&group.others).cloned().collect::<Vec<_>>().join(" = ");
        for name in std::iter::once(&group.name).chain(&group.others) {
            names.entry((&group.kind, name)).or_insert_with(|| line.clone());
        }
    }
    let one = |mark: &Mark| {
        let entity = names.get(&(mark.kind.as_str(), mark.surface.as_str()));
        json!({
            "s": units.at(mark.start), "e": units.at(mark.end), "k": mark.kind, "v": mark.value, "n": entity,
            "y": mark.why,
        })
    };
    snapshot.marks.iter().map(one).collect()
}

fn change_json(change: &Change, shown: &Snapshot, units: &Utf16) -> serde_json::Value {
    let place = shown.place(change).filter(|_| !change.sort.is_whole());
    let range = place.map(|(_, place)| [units.at(place.start), units.at(place.end)]);
    let why: Vec<&str> = change.new.marks.iter().filter_map(|mark| mark.why.as_deref()).collect();
    json!({
        "id": change.id, "group": change.group, "sort": change.sort, "kind": change.kind, "label": change.label(),
        "old": change.old.lines(), "new": change.new.lines(), "why": why, "place": range,
        "marked": !(change.old.marks.is_empty() && change.new.marks.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        assert_eq!(parameter("a=1&name=%E5%BC%A0+%2F&b", "name"), "张 /");
        assert_eq!(parameter("name=%E5%", "name"), "");
        assert_eq!(parameter("", "name"), "");
    }

    #[test]
    fn positions_count_as_in_a_browser() {
        let units = Utf16::new("a𠮷张");
        assert_eq!([units.at(0), units.at(1), units.at(5), units.at(8)], [0, 1, 3, 4]);
    }
}
