//! The commands around snapshots: `snapshot`, `review`, `show` and `report`.

use crate::batch;
use crate::cli_extract::{NO_INPUT, Reading, remarkable};
use crate::error::{Error, Result};
use crate::item::{Item, Raw, Reject};
use crate::options::{FINE, SOME_FAILED as DIFFERS, Settings};
use crate::pipeline::{Document, Tiqu};
use crate::reader::{self, Event, Flow, Meter, Stop};
use crate::record::{Offsets, Record};
use crate::report::Report;
use crate::review::{self, Decision, Review, SNAP};
use crate::snapshot::{Change, Snapshot, Summary, compare};
use crate::source::{Pack, Source, Walk, of_name};
use crate::view::{Paint, counted, view};
use crate::{page, review_web, terminal};
use clap::Args;
use rayon::prelude::*;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// So many bytes are worked on at once: enough to keep every core busy, little enough to stay in memory.
const CHUNK: usize = 16 << 20;

#[derive(Args)]
pub struct SnapshotArgs {
    /// What to extract from: files and folders of everything that `tiqu extract` reads; `-` is standard input.
    #[arg(required = true, value_name = "CORPUS")]
    paths: Vec<PathBuf>,
    /// Write the snapshot of every document into this folder.
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    into: Option<PathBuf>,
    /// Compare with the snapshots in this folder; what differs waits there for `tiqu review`.
    #[arg(long, value_name = "DIR", conflicts_with = "into")]
    check: Option<PathBuf>,
    /// With --into: remove the snapshots of documents that the corpus no longer holds.
    #[arg(long, conflicts_with = "check")]
    prune: bool,
    /// With --check: print the differences as JSON.
    #[arg(long, conflicts_with = "into")]
    json: bool,
    /// With --check: write the outcome in the form of JUnit, for continuous integration.
    #[arg(long, value_name = "FILE", conflicts_with = "into")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten, next_help_heading = "What is extracted")]
    settings: Settings,
}

#[derive(Args)]
pub struct ReviewArgs {
    /// A folder of snapshots with changes that wait.
    dir: PathBuf,
    /// Review in the browser: serve a page on this machine only, and print its address.
    #[arg(long)]
    web: bool,
    /// The port of the page [default: any that is free].
    #[arg(long, value_name = "N", requires = "web")]
    port: Option<u16>,
    /// Do not open the page in a browser.
    #[arg(long, requires = "web")]
    no_open: bool,
    /// Accept all that waits, without a look.
    #[arg(long, conflicts_with_all = ["web", "reject_all"])]
    accept_all: bool,
    /// Reject all that waits, without a look.
    #[arg(long, conflicts_with = "web")]
    reject_all: bool,
}

#[derive(Args)]
pub struct ShowArgs {
    /// A file of everything that `tiqu extract` reads; `-` is standard input.
    file: PathBuf,
    /// The document to show, where the file holds several [default: the first].
    #[arg(long)]
    id: Option<String>,
    /// Write one self-contained page to this file.
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten, next_help_heading = "What is extracted")]
    settings: Settings,
}

#[derive(Args)]
pub struct ReportArgs {
    /// Records as `tiqu extract --format jsonl` writes them: files (.jsonl, .gz, .zst) and folders of parts; `-` is
    /// standard input.
    #[arg(required = true)]
    records: Vec<PathBuf>,
    /// Write one self-contained page to this file.
    #[arg(long, value_name = "OUT")]
    html: PathBuf,
}

/// What was found about one document.
enum Finding {
    Same,
    Differs(Vec<Change>),
    Failed(String),
}

struct Checked {
    /// The document; or the place in the input that could not be read.
    id: String,
    finding: Finding,
}

impl SnapshotArgs {
    /// Writes or compares.
    pub fn run(&self) -> Result<u8> {
        let tiqu = self.settings.builder().offsets(Offsets::Chars).explain(self.check.is_some()).build()?;
        match (&self.into, &self.check) {
            (Some(dir), _) => self.write(&tiqu, dir),
            (_, Some(dir)) => self.compare(&tiqu, dir),
            _ => Err(Error::Usage("say where: --into DIR or --check DIR".to_owned())),
        }
    }

    fn write(&self, tiqu: &Tiqu, dir: &Path) -> Result<u8> {
        std::fs::create_dir_all(dir).map_err(|why| Error::file(dir, why))?;
        let mut corpus = Corpus::new(&self.reading, dir);
        let mut failed = 0;
        corpus.each(
            &self.paths,
            |document, name| {
                let (path, new) = review::paths(dir, name)?;
                let text = Snapshot::new(&tiqu.extract_document(document), &document.text).render(false);
                if review::read(&path)?.as_deref() != Some(&text) {
                    review::write(&path, &text, false)?;
                }
                review::remove(&new)
            },
            |_, done| {
                if let Err(why) = done.unwrap_or_else(|why| Err(Error::Usage(why))) {
                    anstream::eprintln!("tiqu: {why}");
                    failed += 1;
                }
            },
        );
        let stale = corpus.stale()?;
        for name in stale.iter().flatten().filter(|_| self.prune) {
            let (path, new) = review::paths(dir, name)?;
            review::remove(&path)?;
            review::remove(&new)?;
        }
        review::forget(dir)?;
        anstream::eprintln!("{} in {}", counted(corpus.documents, "snapshot", "snapshots"), dir.display());
        match stale.map(|stale| stale.len()) {
            None => anstream::eprintln!("what the corpus no longer holds is not looked for: {UNREAD}"),
            Some(0) => {}
            Some(count) => {
                let done = if self.prune { "removed" } else { "kept; --prune removes them" };
                anstream::eprintln!("{count} of documents that the corpus does not hold: {done}");
            }
        }
        Ok(if failed > 0 { DIFFERS } else { FINE })
    }

    fn compare(&self, tiqu: &Tiqu, dir: &Path) -> Result<u8> {
        if !dir.is_dir() {
            return Err(Error::file(dir, "no such folder; write it first: tiqu snapshot CORPUS --into DIR"));
        }
        let mut corpus = Corpus::new(&self.reading, dir);
        let mut all: Vec<Checked> = Vec::new();
        corpus.each(
            &self.paths,
            |document, name| check(tiqu, document, name, dir).unwrap_or_else(Finding::Failed),
            |id, finding| all.push(Checked { id, finding: finding.unwrap_or_else(Finding::Failed) }),
        );
        let stale = corpus.stale()?;
        if stale.is_none() {
            anstream::eprintln!("tiqu: what the corpus no longer holds is not looked for: {UNREAD}");
        }
        for name in stale.unwrap_or_default() {
            let (old_path, new_path) = review::paths(dir, &name)?;
            let old = review::read(&old_path)?.and_then(|text| Snapshot::parse(&text).ok());
            let id = old.as_ref().map_or(name, |old| old.id.clone());
            let gone = Snapshot::gone(&id);
            review::write(&new_path, &gone.render(false), false)?;
            let changes = compare(old.as_ref(), &gone);
            all.push(Checked { id, finding: Finding::Differs(changes) });
        }
        if let Some(path) = &self.junit {
            review::write(path, &junit(&all), false)?;
        }
        let mut summary = Summary::default();
        let (mut differ, mut failed) = (0, 0);
        for checked in &all {
            match &checked.finding {
                Finding::Same => {}
                Finding::Differs(changes) => {
                    differ += 1;
                    changes.iter().for_each(|change| summary.add(change));
                }
                Finding::Failed(why) => {
                    failed += 1;
                    anstream::eprintln!("tiqu: {why}");
                }
            }
        }
        let mut out = anstream::stdout();
        let _ = if self.json {
            writeln!(out, "{}", json(&all, &summary, differ, failed))
        } else if differ == 0 {
            writeln!(out, "{}, all as in {}", documents(all.len() - failed), dir.display())
        } else {
            let changes = counted(summary.total(), "change", "changes");
            let head = format!("{}, {differ} differ in {changes}", documents(all.len()));
            writeln!(out, "{head}\n\n{}\nsee them: tiqu review {}", summary.table(), dir.display())
        };
        Ok(if differ + failed > 0 { DIFFERS } else { FINE })
    }
}

/// What `tiqu extract` writes beside the parts in a folder.
const BESIDE_PARTS: [&str; 2] = [batch::MANIFEST, batch::REJECTS];
fn documents(count: usize) -> String {
    counted(count, "document", "documents")
}

/// Why what is gone is not looked for.
const UNREAD: &str = "an input could not be read to its end";

/// The documents of a corpus, read as `tiqu extract` reads them.
struct Corpus<'a> {
    reading: reader::Options,
    /// The snapshots, which are no part of the corpus.
    dir: &'a Path,
    /// The names that documents have, or would have if they could be read.
    seen: HashSet<String>,
    /// How many could be read.
    documents: usize,
    /// Whether an input could not be read to its end.
    unread: bool,
}

impl<'a> Corpus<'a> {
    fn new(reading: &Reading, dir: &'a Path) -> Self {
        Self { reading: reading.options(), dir, seen: HashSet::new(), documents: 0, unread: false }
    }

    /// Works on every document and the name of its snapshot on all cores, some at a time. The results come in the order
    /// of the corpus, each with the document's id; for what could not be read the place and the reason.
    fn each<T: Send>(
        &mut self,
        paths: &[PathBuf],
        work: impl Fn(&Document, &str) -> T + Sync,
        mut on: impl FnMut(String, std::result::Result<T, String>),
    ) {
        let reading = self.reading.clone();
        let (mut chunk, mut size) = (Vec::new(), 0);
        read(paths, Some(self.dir), &reading, &mut |item| {
            size += item.as_ref().map_or(0, Item::size);
            chunk.push(item);
            if size >= CHUNK {
                size = 0;
                self.work(std::mem::take(&mut chunk), &work, &mut on);
            }
            Ok(())
        });
        self.work(chunk, &work, &mut on);
        if self.seen.is_empty() {
            anstream::eprintln!("tiqu: {NO_INPUT}");
        }
    }

    fn work<T: Send>(
        &mut self,
        chunk: Vec<std::result::Result<Item, Reject>>,
        work: &(impl Fn(&Document, &str) -> T + Sync),
        on: &mut impl FnMut(String, std::result::Result<T, String>),
    ) {
        let longest = self.reading.max_article;
        let read = |item: std::result::Result<Item, Reject>| {
            let lost = item.as_ref().map_or(true, |item| matches!(item.raw, Raw::Fault(..)));
            (lost, item.and_then(|item| item.document(longest)))
        };
        let documents: Vec<_> = chunk.into_par_iter().map(read).collect();
        // One after the other, so that of two documents with one id the first has it.
        let named = documents.into_iter().map(|(lost, document)| {
            // Nobody knows what stood behind the place where an input breaks off.
            self.unread |= lost;
            self.named(document)
        });
        let named: Vec<_> = named.collect();
        let done: Vec<_> = named
            .into_par_iter()
            .map(|named| match named {
                Ok((document, name)) => {
                    let done = work(&document, &name);
                    (document.id, Ok(done))
                }
                Err((place, why)) => (place, Err(why)),
            })
            .collect();
        done.into_iter().for_each(|(id, done)| on(id, done));
    }

    /// A document with the name of its snapshot; or the place and what is wrong there.
    fn named(
        &mut self,
        document: std::result::Result<(Document, u64), Reject>,
    ) -> std::result::Result<(Document, String), (String, String)> {
        match document {
            Ok((document, broken)) => {
                if broken > 0 {
                    anstream::eprintln!("tiqu: {}: {broken} broken bytes replaced by U+FFFD", document.id);
                }
                let name = review::name_of(&document.id);
                if !self.seen.insert(name.clone()) {
                    let why = format!("{}: another document has this id; name the field with --id-field", document.id);
                    return Err((document.id, why));
                }
                self.documents += 1;
                Ok((document, name))
            }
            Err(reject) => {
                let place = place(&reject);
                self.seen.insert(review::name_of(&place));
                Err((place, reject.to_string()))
            }
        }
    }

    /// The snapshots of documents that the corpus does not hold; none where nobody can tell.
    fn stale(&self) -> Result<Option<Vec<String>>> {
        if self.unread {
            return Ok(None);
        }
        let names = review::names(self.dir, SNAP)?;
        Ok(Some(names.into_iter().filter(|name| !self.seen.contains(name)).collect()))
    }
}

/// Where it is: `a.jsonl:3`.
fn place(reject: &Reject) -> String {
    reject.at.map_or_else(|| reject.input.clone(), |at| format!("{}:{at}", reject.input))
}

/// Reads the pieces of all inputs, and says how the inputs were understood where that is worth telling.
fn read(
    paths: &[PathBuf],
    exclude: Option<&Path>,
    options: &reader::Options,
    on: &mut dyn FnMut(std::result::Result<Item, Reject>) -> Flow,
) {
    let mut told = HashSet::new();
    for source in Walk::new(paths, exclude) {
        let result = reader::read(&source, options, &Meter::default(), &mut |event| match event {
            Event::Form(kind, form) => {
                if let Some(description) = remarkable(kind, &form)
                    && told.insert(description.clone())
                {
                    anstream::eprintln!("tiqu: {}: {description}", form.name);
                }
                Ok(())
            }
            Event::Item(item) => on(Ok(item)),
        });
        let flow = match result {
            Err(Stop::System(why)) => {
                on(Err(Reject { input: source.name, at: None, reason: why.to_string(), raw: String::new() }))
            }
            flow => flow,
        };
        if flow.is_err() {
            return;
        }
    }
}

fn check(tiqu: &Tiqu, document: &Document, name: &str, dir: &Path) -> std::result::Result<Finding, String> {
    let say = |why: Error| why.to_string();
    let (old_path, new_path) = review::paths(dir, name).map_err(say)?;
    let new = Snapshot::new(&tiqu.extract_document(document), &document.text);
    let old_text = review::read(&old_path).map_err(say)?;
    // Most documents are as they were: for them the texts are compared and nothing is parsed.
    if old_text.as_deref() == Some(&new.render(false)) {
        review::remove(&new_path).map_err(say)?;
        return Ok(Finding::Same);
    }
    let old = match old_text.as_deref().map(Snapshot::parse).transpose() {
        Ok(old) => old,
        Err(reason) => {
            return Err(format!("{}: {reason}; mend it, or remove it and check again", old_path.display()));
        }
    };
    let changes = compare(old.as_ref(), &new);
    if changes.is_empty() {
        review::remove(&new_path).map_err(say)?;
        return Ok(Finding::Same);
    }
    review::write(&new_path, &new.render(true), false).map_err(say)?;
    Ok(Finding::Differs(changes))
}

fn json(all: &[Checked], summary: &Summary, differ: usize, failed: usize) -> serde_json::Value {
    let differences: Vec<_> = all
        .iter()
        .filter_map(|checked| match &checked.finding {
            Finding::Same => None,
            Finding::Differs(changes) => {
                let changes: Vec<_> = changes
                    .iter()
                    .map(|change| {
                        let (old, new) = (change.old.lines(), change.new.lines());
                        serde_json::json!({"sort": change.sort, "kind": change.kind, "old": old, "new": new})
                    })
                    .collect();
                Some(serde_json::json!({"id": checked.id, "changes": changes}))
            }
            Finding::Failed(why) => Some(serde_json::json!({"id": checked.id, "failed": why})),
        })
        .collect();
    serde_json::json!({
        "documents": all.len(), "same": all.len() - differ - failed, "differ": differ, "failed": failed,
        "changes": summary.total(), "summary": summary.json(), "differences": differences,
    })
}

fn junit(all: &[Checked]) -> String {
    let count = |wanted: fn(&Finding) -> bool| all.iter().filter(|checked| wanted(&checked.finding)).count();
    let failures = count(|finding| matches!(finding, Finding::Differs(_)));
    let errors = count(|finding| matches!(finding, Finding::Failed(_)));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites><testsuite name=\"tiqu snapshot\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        all.len()
    );
    for checked in all {
        let _ = write!(out, "<testcase classname=\"tiqu\" name=\"{}\"", page::escape(&checked.id));
        let _ = match &checked.finding {
            Finding::Same => writeln!(out, "/>"),
            Finding::Differs(changes) => {
                let lines: Vec<String> =
                    changes.iter().map(|change| format!("{}: {}", change.sort.title(), change.label())).collect();
                let lines = page::escape(&lines.join("\n"));
                writeln!(out, "><failure message=\"{} changes\">{lines}</failure></testcase>", changes.len())
            }
            Finding::Failed(why) => writeln!(out, "><error message=\"{}\"/></testcase>", page::escape(why)),
        };
    }
    out.push_str("</testsuite></testsuites>\n");
    out
}

impl ReviewArgs {
    /// Reviews, in the terminal or in the browser.
    pub fn run(&self) -> Result<u8> {
        let mut review = Review::open(&self.dir)?;
        if self.accept_all || self.reject_all {
            let decision = if self.accept_all { Decision::Accept } else { Decision::Reject };
            let choices: Vec<review::Choice> = review.entries().map(review::Choice::all).collect();
            let outcome = review.decide(&choices, decision)?;
            let changes = counted(outcome.done, "change", "changes");
            anstream::println!("{changes} in {} decided", documents(outcome.documents.len()));
            return Ok(if outcome.conflicts.is_empty() { FINE } else { DIFFERS });
        }
        if self.web {
            review_web::serve(review, self.port.unwrap_or(0), !self.no_open)?;
            return Ok(FINE);
        }
        if review.entries().next().is_none() && review.counts()? == review::Counts::default() {
            let dir = self.dir.display();
            anstream::println!("nothing waits in {dir}; what changed is found by: tiqu snapshot CORPUS --check {dir}");
            return Ok(FINE);
        }
        terminal::review(&mut review)?;
        Ok(FINE)
    }
}

impl ShowArgs {
    /// Shows one article.
    pub fn run(&self) -> Result<u8> {
        let tiqu = self.settings.builder().offsets(Offsets::Chars).explain(true).build()?;
        let document = self.document()?;
        let record = tiqu.extract_document(&document);
        match &self.html {
            Some(path) => review::write(path, &page::alone(&record, &document.text), false)?,
            None => {
                let _ = write!(anstream::stdout(), "{}", view(&record, &document.text, Paint::Colour));
            }
        }
        Ok(FINE)
    }
}

impl ShowArgs {
    /// The document that is asked for.
    fn document(&self) -> Result<Document> {
        let options = self.reading.options();
        let mut found: Option<Result<Document>> = None;
        let (mut more, mut ids) = (false, Vec::new());
        read(std::slice::from_ref(&self.file), None, &options, &mut |item| {
            let read = item.and_then(|item| item.document(options.max_article));
            match read {
                _ if found.is_some() => {
                    more = true;
                    return Err(Stop::Enough);
                }
                Ok((document, _)) if self.id.as_ref().is_none_or(|id| *id == document.id) => {
                    found = Some(Ok(document));
                }
                Ok((document, _)) => ids.push(document.id),
                Err(reject) if self.id.is_none() => found = Some(Err(Error::file(place(&reject), reject.reason))),
                Err(_) => {}
            }
            if self.id.is_some() && found.is_some() { Err(Stop::Enough) } else { Ok(()) }
        });
        if more && matches!(found, Some(Ok(_))) {
            let file = self.file.display();
            anstream::eprintln!("tiqu: {file} holds further documents; --id shows another than the first");
        }
        found.unwrap_or_else(|| {
            let some: Vec<&str> = ids.iter().map(String::as_str).take(5).collect();
            Err(match &self.id {
                Some(id) => {
                    Error::file(&self.file, format!("no document '{id}' in it; it begins with {}", some.join(", ")))
                }
                None => Error::file(&self.file, "no document in it"),
            })
        })
    }
}

impl ReportArgs {
    /// Draws a corpus.
    pub fn run(&self) -> Result<u8> {
        let mut report = Report::default();
        let sources = Walk::new(&self.records, None).filter(|source| !BESIDE_PARTS.contains(&&*source.name));
        for source in sources {
            let wrong = |why: &dyn std::fmt::Display| Error::file(&source.path, why);
            source.stamp.as_ref().map_err(|why| wrong(why))?;
            let lines = lines(&source).map_err(|why| wrong(&why))?;
            for (number, line) in (1..).zip(lines) {
                let line = line.map_err(|why| Error::line(&source.path, number, why))?;
                if line.trim().is_empty() {
                    continue;
                }
                let record: Record = serde_json::from_str(&line).map_err(|why| {
                    Error::line(&source.path, number, format!("no record, one JSON object a line: {why}"))
                })?;
                report.add(&record);
            }
        }
        review::write(&self.html, &report.html(), false)?;
        Ok(FINE)
    }
}

/// The lines of a file of records, unpacked.
fn lines(source: &Source) -> std::io::Result<std::io::Lines<Box<dyn BufRead>>> {
    if source.is_stdin() {
        return Ok((Box::new(BufReader::new(std::io::stdin())) as Box<dyn BufRead>).lines());
    }
    let file = BufReader::new(File::open(&source.path)?);
    let reader: Box<dyn BufRead> = match of_name(&source.name).0 {
        Pack::Gzip => Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file))),
        Pack::Zstd => Box::new(BufReader::new(zstd::stream::read::Decoder::with_buffer(file)?)),
        Pack::None | Pack::Zip => Box::new(file),
    };
    Ok(reader.lines())
}
