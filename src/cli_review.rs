//! The commands around snapshots: `snapshot`, `review`, `show` and `report`.

use crate::error::{Error, Result};
use crate::options::Settings;
use crate::pipeline::{Document, Tiqu};
use crate::record::{Offsets, Record};
use crate::review::{self, Decision, Review, SNAP};
use crate::snapshot::{Change, Snapshot, Summary, compare};
use crate::view::{Paint, view};
use crate::{review_web, show, terminal};
use clap::Args;
use rayon::prelude::*;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// All fine; something differs or failed.
const FINE: u8 = 0;
const DIFFERS: u8 = 1;
/// So many characters are worked on at once: enough to keep every core busy, little enough to stay in memory.
const CHUNK: usize = 16 << 20;

#[derive(Args)]
pub struct SnapshotArgs {
    /// What to extract from: text files and folders.
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
    #[arg(long, value_name = "N", requires = "web", default_value_t = 0)]
    port: u16,
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
    /// A text file; `-` is standard input.
    file: PathBuf,
    /// Write one self-contained page to this file.
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
pub struct ReportArgs {
    /// Records as `tiqu extract --format jsonl` writes them; `-` is standard input.
    records: PathBuf,
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
    id: String,
    name: String,
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
        let mut seen = HashSet::new();
        let mut failed = 0;
        std::fs::create_dir_all(dir).map_err(|why| Error::file(dir, why))?;
        each(&self.paths, |document| -> Result<String> {
            let document = document?;
            let name = review::name_of(&document.id);
            let (path, new) = review::paths(dir, &name)?;
            let text = Snapshot::new(&tiqu.extract_document(&document), &document.text).render(false);
            if review::read(&path)?.as_deref() != Some(&text) {
                review::write(&path, &text, false)?;
            }
            review::remove(&new)?;
            Ok(name)
        })
        .for_each(|done| match done {
            Ok(name) => {
                seen.insert(name);
            }
            Err(why) => {
                anstream::eprintln!("tiqu: {why}");
                failed += 1;
            }
        });
        let mut stale = 0;
        for name in review::names(dir, SNAP)?.into_iter().filter(|name| !seen.contains(name)) {
            stale += 1;
            if self.prune {
                let (path, new) = review::paths(dir, &name)?;
                review::remove(&path)?;
                review::remove(&new)?;
            }
        }
        review::forget(dir)?;
        anstream::eprintln!("{} snapshots in {}", seen.len(), dir.display());
        if stale > 0 {
            let done = if self.prune { "removed" } else { "kept; --prune removes them" };
            anstream::eprintln!("{stale} of documents that the corpus does not hold: {done}");
        }
        Ok(if failed > 0 { DIFFERS } else { FINE })
    }

    fn compare(&self, tiqu: &Tiqu, dir: &Path) -> Result<u8> {
        if !dir.is_dir() {
            return Err(Error::file(dir, "no such folder; write it first: tiqu snapshot CORPUS --into DIR"));
        }
        let mut all: Vec<Checked> = each(&self.paths, |document| {
            let (id, finding) = match document {
                Ok(document) => (document.id.clone(), check(tiqu, &document, dir).unwrap_or_else(Finding::Failed)),
                Err(why) => (String::new(), Finding::Failed(why.to_string())),
            };
            Checked { name: review::name_of(&id), id, finding }
        })
        .collect();
        let seen: HashSet<String> = all.iter().map(|checked| checked.name.clone()).collect();
        for name in review::names(dir, SNAP)?.into_iter().filter(|name| !seen.contains(name)) {
            let (old_path, new_path) = review::paths(dir, &name)?;
            let old = review::read(&old_path)?.and_then(|text| Snapshot::parse(&text).ok());
            let id = old.as_ref().map_or_else(|| name.clone(), |old| old.id.clone());
            let gone = Snapshot::gone(&id);
            review::write(&new_path, &gone.render(false), false)?;
            let changes = compare(old.as_ref(), &gone);
            all.push(Checked { id, name, finding: Finding::Differs(changes) });
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
            writeln!(out, "{} documents, all as in {}", all.len() - failed, dir.display())
        } else {
            let total = summary.total();
            let head = format!("{} documents, {differ} differ in {total} changes", all.len());
            writeln!(out, "{head}\n\n{}\nsee them: tiqu review {}", summary.table(), dir.display())
        };
        Ok(if differ + failed > 0 { DIFFERS } else { FINE })
    }
}

/// Works on every document on all cores, some at a time; the results come in the order of the corpus.
fn each<'a, T: Send + 'a>(
    paths: &'a [PathBuf],
    work: impl Fn(Result<Document>) -> T + Sync + 'a,
) -> impl Iterator<Item = T> + 'a {
    let mut documents = inputs(paths).map(|input| input.and_then(|(path, id)| document(&path, id)));
    std::iter::from_fn(move || {
        let mut chunk = Vec::new();
        let mut size = 0;
        while size < CHUNK
            && let Some(document) = documents.next()
        {
            size += document.as_ref().map_or(0, |document| document.text.len());
            chunk.push(document);
        }
        (!chunk.is_empty()).then(|| chunk.into_par_iter().map(&work).collect::<Vec<T>>())
    })
    .flatten()
}

fn check(tiqu: &Tiqu, document: &Document, dir: &Path) -> std::result::Result<Finding, String> {
    let say = |why: Error| why.to_string();
    let (old_path, new_path) = review::paths(dir, &review::name_of(&document.id)).map_err(say)?;
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
        let _ = write!(out, "<testcase classname=\"tiqu\" name=\"{}\"", show::escape(&checked.id));
        let _ = match &checked.finding {
            Finding::Same => writeln!(out, "/>"),
            Finding::Differs(changes) => {
                let lines: Vec<String> =
                    changes.iter().map(|change| format!("{}: {}", change.sort.title(), change.label())).collect();
                let lines = show::escape(&lines.join("\n"));
                writeln!(out, "><failure message=\"{} changes\">{lines}</failure></testcase>", changes.len())
            }
            Finding::Failed(why) => writeln!(out, "><error message=\"{}\"/></testcase>", show::escape(why)),
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
            anstream::println!("{} changes in {} documents decided", outcome.done, outcome.documents.len());
            return Ok(if outcome.conflicts.is_empty() { FINE } else { DIFFERS });
        }
        if self.web {
            review_web::serve(review, self.port, !self.no_open)?;
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
        let id = self.file.display().to_string();
        let document = document(&self.file, id)?;
        let record = tiqu.extract_document(&document);
        match &self.html {
            Some(path) => review::write(path, &show::article(&record, &document.text), false)?,
            None => {
                let _ = write!(anstream::stdout(), "{}", view(&record, &document.text, Paint::Colour));
            }
        }
        Ok(FINE)
    }
}

impl ReportArgs {
    /// Draws a corpus.
    pub fn run(&self) -> Result<u8> {
        let mut report = show::Report::default();
        let source: Box<dyn std::io::Read> = if self.records == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            Box::new(std::fs::File::open(&self.records).map_err(|why| Error::file(&self.records, why))?)
        };
        let lines = std::io::BufRead::lines(std::io::BufReader::new(source));
        for (number, line) in (1..).zip(lines) {
            let line = line.map_err(|why| Error::line(&self.records, number, why))?;
            if line.trim().is_empty() {
                continue;
            }
            let record: Record = serde_json::from_str(&line).map_err(|why| {
                Error::line(&self.records, number, format!("no record, one JSON object a line: {why}"))
            })?;
            report.add(&record);
        }
        review::write(&self.html, &report.html(), false)?;
        Ok(FINE)
    }
}

/// Every text file under the paths with its id: the path relative to the given folder, or the given path itself.
fn inputs(paths: &[PathBuf]) -> impl Iterator<Item = Result<(PathBuf, String)>> + '_ {
    paths.iter().flat_map(|path| -> Vec<Result<(PathBuf, String)>> {
        if !path.is_dir() {
            return vec![Ok((path.clone(), path.display().to_string()))];
        }
        let mut files = Vec::new();
        if let Err(why) = text_files(path, &mut files) {
            return vec![Err(why)];
        }
        files.sort();
        let id = |file: &Path| {
            let parts = file.strip_prefix(path).unwrap_or(file).iter().map(|part| part.to_string_lossy());
            parts.collect::<Vec<_>>().join("/")
        };
        files.into_iter().map(|file| Ok((file.clone(), id(&file)))).collect()
    })
}

fn text_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(|why| Error::file(folder, why))? {
        let path = entry.map_err(|why| Error::file(folder, why))?.path();
        if path.is_dir() {
            text_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            files.push(path);
        }
    }
    Ok(())
}

fn document(path: &Path, id: String) -> Result<Document> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|why| Error::file("standard input", why))?;
        bytes
    } else {
        std::fs::read(path).map_err(|why| Error::file(path, why))?
    };
    let text = String::from_utf8(bytes).map_err(|why| Error::file(path, format!("not UTF-8: {}", why.utf8_error())))?;
    Ok(Document { id, text, ..Document::default() })
}
