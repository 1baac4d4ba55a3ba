//! Decisions about changed snapshots: what waits as `a.txt.snap.new` beside `a.txt.snap` is taken over or turned down,
//! fact by fact.
//!
//! The two files are the whole state. To accept a change writes it into the old snapshot; to reject one takes it out of
//! the new. Either way the difference shrinks, and where none is left, the new snapshot goes. So nothing is lost when
//! the program is killed, git shows every decision, and a second reviewer at work on the same folder is noticed by the
//! *version* of a document, a digest of both files. The journal `.review.jsonl` serves `undo` and the counts; its lock
//! lets one process write at a time.

use crate::error::{Error, Result};
use crate::snapshot::{Change, Group, Snapshot, Sort, compare};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// The ending of a snapshot.
pub const SNAP: &str = ".snap";
/// The ending of what waits for review.
pub const NEW: &str = ".snap.new";
/// The longest part of a path that an id gives, in bytes.
const LONGEST: usize = 215;
const JOURNAL: &str = ".review.jsonl";
/// More files than this in one go are left to the system to bring to the disk: each forced write takes milliseconds.
const FORCED_WRITES: usize = 64;

/// What a reviewer says of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The new fact holds.
    Accept,
    /// The old fact holds.
    Reject,
}

/// A document that waits for review.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Its file below the folder, without `.snap`.
    pub name: String,
    /// A digest of both files.
    pub version: String,
    /// What was kept.
    pub old: Option<Snapshot>,
    /// What was read now.
    pub new: Snapshot,
    /// What is still to be decided.
    pub changes: Vec<Change>,
}

/// What a list shows of a change.
#[derive(Clone, Debug, Serialize)]
pub struct Brief {
    /// Tells it from the others of its document.
    pub id: String,
    /// Shared by changes of the same sort and surface.
    pub group: String,
    /// How the fact changed.
    pub sort: Sort,
    /// Of what kind.
    pub kind: String,
    /// The change in words.
    pub label: String,
}

/// What a list shows of a document.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its file below the folder, without `.snap`.
    pub name: String,
    /// Its title, or the first line of its text.
    pub title: String,
    /// A digest of both files.
    pub version: String,
    /// What is still to be decided.
    pub changes: Vec<Brief>,
    /// Why it cannot be reviewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    #[serde(skip)]
    stamp: [Option<(SystemTime, u64)>; 2],
}

/// Which changes of a document a decision is about, and the version that the reviewer has seen.
#[derive(Clone, Debug, Deserialize)]
pub struct Choice {
    /// The document.
    pub name: String,
    /// Its version when the reviewer saw it.
    pub version: String,
    /// The changes, by id.
    pub changes: Vec<String>,
}

impl Choice {
    /// All changes of a document.
    pub fn all(entry: &Entry) -> Self {
        let changes = entry.changes.iter().map(|change| change.id.clone()).collect();
        Self { name: entry.name.clone(), version: entry.version.clone(), changes }
    }
}

/// What became of a decision.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// How many changes were decided or taken back.
    pub done: usize,
    /// The documents that are now others.
    pub documents: Vec<String>,
    /// Documents that someone else has changed meanwhile; nothing was decided about them.
    pub conflicts: Vec<String>,
}

/// How many decisions there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Accepted changes.
    pub accepted: usize,
    /// Rejected changes.
    pub rejected: usize,
}

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "lowercase")]
enum Line {
    Decided(Box<Decided>),
    Undone { batch: String },
}

#[derive(Debug, Serialize, Deserialize)]
struct Decided {
    /// Decisions that were taken, and are taken back, together.
    batch: String,
    name: String,
    decision: Decision,
    /// The version that the decision left behind.
    after: String,
    changes: Vec<Change>,
    /// Names and relations before the decision, for their order; only where the decision is about such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<Group>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relations: Option<Vec<String>>,
    /// Both files before a decision about the whole document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    files: Option<[Option<String>; 2]>,
}

/// A folder of snapshots under review.
pub struct Review {
    dir: PathBuf,
    entries: BTreeMap<String, Entry>,
}

impl Review {
    /// Looks for what waits in a folder.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self> {
        let dir = dir.into();
        if !dir.is_dir() {
            let reason = "no such folder; write it first: tiqu snapshot CORPUS --into DIR";
            return Err(Error::file(dir, reason));
        }
        let mut review = Self { dir, entries: BTreeMap::new() };
        review.refresh()?;
        Ok(review)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What waits, by name.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// What waits of one document.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// Looks again; only files that changed are read.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn refresh(&mut self) -> Result<()> {
        let names = names(&self.dir, NEW)?;
        let mut before = std::mem::take(&mut self.entries);
        let known: Vec<(String, Option<Entry>)> = names
            .into_iter()
            .map(|name| {
                let entry = before.remove(&name);
                (name, entry)
            })
            .collect();
        let dir = &self.dir;
        let entries: Vec<Entry> = known
            .into_par_iter()
            .filter_map(|(name, entry)| {
                let stamp = stamps(dir, &name);
                match entry {
                    Some(entry) if entry.stamp == stamp => Some(entry),
                    _ => read_entry(dir, &name, stamp),
                }
            })
            .collect();
        self.entries = entries.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
        Ok(())
    }

    fn refresh_one(&mut self, name: &str) {
        match read_entry(&self.dir, name, stamps(&self.dir, name)) {
            Some(entry) => self.entries.insert(name.to_owned(), entry),
            None => self.entries.remove(name),
        };
    }

    /// Reads a document that waits; `None` where nothing waits any more.
    ///
    /// # Errors
    /// A name that leads out of the folder, or a snapshot that cannot be read.
    pub fn load(&self, name: &str) -> Result<Option<Pending>> {
        load(&self.dir, name)
    }

    /// Decides. Documents that changed since the reviewer saw them are left alone and named as conflicts.
    ///
    /// # Errors
    /// A file that cannot be read or written; what was decided before it stays decided.
    pub fn decide(&mut self, choices: &[Choice], decision: Decision) -> Result<Outcome> {
        let mut journal = Journal::open(&self.dir)?;
        let batch = journal.next_batch()?;
        let forced = choices.len() <= FORCED_WRITES;
        let mut outcome = Outcome::default();
        for choice in choices {
            let name = &choice.name;
            let pending = load(&self.dir, name)?;
            let Some(mut pending) = pending.filter(|pending| pending.version == choice.version) else {
                outcome.conflicts.push(name.clone());
                self.refresh_one(name);
                continue;
            };
            let changes = std::mem::take(&mut pending.changes);
            let chosen: Vec<Change> =
                changes.iter().filter(|change| choice.changes.contains(&change.id)).cloned().collect();
            if chosen.is_empty() {
                continue;
            }
            let left = changes.len() > chosen.len();
            outcome.done += chosen.len();
            let decided = self.carry_out(pending, chosen, left, decision, batch.clone(), forced)?;
            journal.write(&Line::Decided(Box::new(decided)))?;
            outcome.documents.push(name.clone());
            self.refresh_one(name);
        }
        journal.close()?;
        Ok(outcome)
    }

    fn carry_out(
        &self,
        pending: Pending,
        changes: Vec<Change>,
        left: bool,
        decision: Decision,
        batch: String,
        forced: bool,
    ) -> Result<Decided> {
        let Pending { name, mut old, mut new, .. } = pending;
        let (old_path, new_path) = paths(&self.dir, &name)?;
        let (mut groups, mut relations, mut files) = (None, None, None);
        if let Some(whole) = changes.iter().find(|change| change.sort.is_whole()) {
            files = Some([read(&old_path)?, read(&new_path)?]);
            match (decision, whole.sort) {
                (Decision::Accept, Sort::Gone) => remove(&old_path)?,
                (Decision::Accept, _) => {
                    let front = old.as_ref().and_then(|old| old.front.clone()).or(new.front.as_deref().map(lasting));
                    write(&old_path, &Snapshot { front, ..new }.render(false), forced)?;
                }
                (Decision::Reject, _) => {}
            }
            remove(&new_path)?;
        } else {
            let kept = old.as_mut().expect("only a new document has no old snapshot, and that is a whole change");
            let target = if decision == Decision::Accept { &*kept } else { &new };
            let about = |some: fn(&Change) -> bool| changes.iter().any(some);
            if about(|change| !change.old.groups.is_empty() || !change.new.groups.is_empty()) {
                groups = Some(target.groups.clone());
            }
            if about(|change| !change.old.relations.is_empty() || !change.new.relations.is_empty()) {
                relations = Some(target.relations.clone());
            }
            for change in &changes {
                match decision {
                    Decision::Accept => kept.apply(change, &new),
                    Decision::Reject => new.apply(&change.inverse(), kept),
                }
            }
            if !left {
                // Nothing is left to tell the two apart but the order of facts; that of the new reading is kept.
                let front = kept.front.take();
                let settled = Snapshot { front, ..new }.render(false);
                if read(&old_path)?.as_deref() != Some(&settled) {
                    write(&old_path, &settled, forced)?;
                }
                remove(&new_path)?;
            } else if decision == Decision::Accept {
                write(&old_path, &kept.render(false), forced)?;
            } else {
                write(&new_path, &new.render(true), forced)?;
            }
        }
        let after = version(read(&old_path)?.as_deref(), read(&new_path)?.as_deref());
        Ok(Decided { batch, name, decision, after, changes, groups, relations, files })
    }

    /// Takes the last decision back, with all that was decided together with it.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn undo(&mut self) -> Result<Outcome> {
        let mut journal = Journal::open(&self.dir)?;
        let decided = journal.last_batch()?;
        let mut outcome = Outcome::default();
        let Some(batch) = decided.first().map(|decided| decided.batch.clone()) else { return Ok(outcome) };
        let forced = decided.len() <= FORCED_WRITES;
        for decided in decided.into_iter().rev() {
            let (old_path, new_path) = paths(&self.dir, &decided.name)?;
            let (old_text, new_text) = (read(&old_path)?, read(&new_path)?);
            if version(old_text.as_deref(), new_text.as_deref()) != decided.after {
                outcome.conflicts.push(decided.name);
                continue;
            }
            outcome.done += decided.changes.len();
            if let Some([old, new]) = &decided.files {
                restore(&old_path, old.as_deref(), forced)?;
                restore(&new_path, new.as_deref(), forced)?;
            } else {
                let mut old = parse(&old_path, old_text.as_deref().unwrap_or_default())?;
                let mut new = match &new_text {
                    Some(text) => parse(&new_path, text)?,
                    None => old.clone(),
                };
                let target = if decided.decision == Decision::Accept { &mut old } else { &mut new };
                let source = target.clone();
                for change in decided.changes.iter().rev() {
                    match decided.decision {
                        Decision::Accept => target.apply(&change.inverse(), &source),
                        Decision::Reject => target.apply(change, &source),
                    }
                }
                target.groups = decided.groups.unwrap_or_else(|| std::mem::take(&mut target.groups));
                target.relations = decided.relations.unwrap_or_else(|| std::mem::take(&mut target.relations));
                // The new snapshot first: should the program end here, the change is simply undecided again.
                write(&new_path, &new.render(true), forced)?;
                write(&old_path, &old.render(false), forced)?;
            }
            self.refresh_one(&decided.name);
            outcome.documents.push(decided.name);
        }
        journal.write(&Line::Undone { batch })?;
        journal.close()?;
        Ok(outcome)
    }

    /// How many decisions the journal holds.
    ///
    /// # Errors
    /// A journal that cannot be read.
    pub fn counts(&self) -> Result<Counts> {
        let mut counts = Counts::default();
        for decided in Journal::open(&self.dir)?.standing()? {
            match decided.decision {
                Decision::Accept => counts.accepted += decided.changes.len(),
                Decision::Reject => counts.rejected += decided.changes.len(),
            }
        }
        Ok(counts)
    }
}

/// The journal, open and locked.
struct Journal {
    file: File,
    path: PathBuf,
    lines: Option<Vec<Line>>,
}

impl Journal {
    fn open(dir: &Path) -> Result<Self> {
        let path = dir.join(JOURNAL);
        if path.is_symlink() {
            return Err(Error::file(path, "is a link; remove it"));
        }
        let file = File::options()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|why| Error::file(&path, why))?;
        Ok(Self { file, path, lines: None })
    }

    /// Reads the lines; a last one that was cut off when the program was killed does not count.
    fn lines(&mut self) -> Result<&mut Vec<Line>> {
        if self.lines.is_none() {
            let mut text = String::new();
            self.file.read_to_string(&mut text).map_err(|why| Error::file(&self.path, why))?;
            if !text.is_empty() && !text.ends_with('\n') {
                self.file.write_all(b"\n").map_err(|why| Error::file(&self.path, why))?;
            }
            self.lines = Some(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect());
        }
        Ok(self.lines.as_mut().expect("was read above"))
    }

    /// The decisions that were not taken back.
    fn standing(mut self) -> Result<Vec<Decided>> {
        self.lines()?;
        Ok(standing(self.lines.take().unwrap_or_default()))
    }

    fn last_batch(&mut self) -> Result<Vec<Decided>> {
        self.lines()?;
        let mut standing = standing(self.lines.take().unwrap_or_default());
        let Some(batch) = standing.last().map(|decided| decided.batch.clone()) else { return Ok(Vec::new()) };
        standing.retain(|decided| decided.batch == batch);
        Ok(standing)
    }

    /// A name for a batch: the length of the journal, which only grows.
    fn next_batch(&mut self) -> Result<String> {
        let length = self.file.metadata().map_err(|why| Error::file(&self.path, why))?.len();
        Ok(format!("{length}"))
    }

    fn write(&mut self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_string(line).expect("a line is plain data");
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(|why| Error::file(&self.path, why))
    }

    fn close(self) -> Result<()> {
        self.file.sync_data().map_err(|why| Error::file(&self.path, why))
    }
}

fn standing(lines: Vec<Line>) -> Vec<Decided> {
    let mut standing: Vec<Decided> = Vec::new();
    for line in lines {
        match line {
            Line::Decided(decided) => standing.push(*decided),
            Line::Undone { batch } => standing.retain(|decided| decided.batch != batch),
        }
    }
    standing
}

/// Forgets all decisions: what they were about has been written anew.
///
/// # Errors
/// A journal that cannot be removed.
pub fn forget(dir: &Path) -> Result<()> {
    remove(&dir.join(JOURNAL))
}

/// The documents of a folder that have a file with this ending, sorted. Links are not followed.
///
/// # Errors
/// A folder that cannot be read.
pub fn names(dir: &Path, ending: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut open = vec![(dir.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|why| Error::file(&folder, why))? {
            let entry = entry.map_err(|why| Error::file(&folder, why))?;
            let kind = entry.file_type().map_err(|why| Error::file(entry.path(), why))?;
            let Some(name) = entry.file_name().to_str().map(|name| format!("{prefix}{name}")) else { continue };
            if kind.is_dir() {
                open.push((entry.path(), name + "/"));
            } else if kind.is_file()
                && let Some(name) = name.strip_suffix(ending)
                && !name.is_empty()
            {
                names.push(name.to_owned());
            }
        }
    }
    names.sort();
    Ok(names)
}

/// The file of a document below the folder: its id where that is a plain relative path. Where it is not (an address,
/// a path that leads upwards), the difference is made up for by a digest, so that no two ids share a file.
pub fn name_of(id: &str) -> String {
    let clean: Vec<String> = id
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .map(|part| {
            let part: String = part
                .chars()
                .map(|c| if c.is_control() || "\\:*?\"<>|".contains(c) { '_' } else { c })
                .take(80)
                .collect();
            // A file's name has 255 bytes at most, and the digest, `.snap.new` and `.PID.tmp` come behind.
            part[..part.floor_char_boundary(LONGEST)].to_owned()
        })
        .collect();
    let name = clean.join("/");
    if name == id && !name.is_empty() { name } else { format!("{name}~{}", &crate::snapshot::short_hash(id)[..8]) }
}

/// The old and the new snapshot of a document.
///
/// # Errors
/// A name that leads out of the folder, directly or over a link.
pub fn paths(dir: &Path, name: &str) -> Result<(PathBuf, PathBuf)> {
    let outside = || Error::Usage(format!("'{name}' is no document of {}", dir.display()));
    if name.is_empty() || name.contains('\0') {
        return Err(outside());
    }
    let mut folder = dir.to_owned();
    let parts: Vec<&std::ffi::OsStr> = Path::new(name)
        .components()
        .map(|part| if let Component::Normal(part) = part { Ok(part) } else { Err(outside()) })
        .collect::<Result<_>>()?;
    let (last, folders) = parts.split_last().ok_or_else(outside)?;
    for part in folders {
        folder.push(part);
        if folder.is_symlink() {
            return Err(outside());
        }
    }
    let file = |ending: &str| {
        let mut file = (*last).to_owned();
        file.push(ending);
        let path = folder.join(file);
        if path.is_symlink() { Err(outside()) } else { Ok(path) }
    };
    Ok((file(SNAP)?, file(NEW)?))
}

fn stamps(dir: &Path, name: &str) -> [Option<(SystemTime, u64)>; 2] {
    let stamp = |ending: &str| {
        let data = fs::symlink_metadata(dir.join(format!("{name}{ending}"))).ok()?;
        Some((data.modified().ok()?, data.len()))
    };
    [stamp(SNAP), stamp(NEW)]
}

/// The content of a file; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(Error::file(path, why)),
    }
}

/// Writes a file so that at every moment either the old or the new content is there in full.
pub(crate) fn write(path: &Path, text: &str, forced: bool) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut waiting = path.as_os_str().to_owned();
    waiting.push(format!(".{}.tmp", std::process::id()));
    let waiting = PathBuf::from(waiting);
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut file = File::create(&waiting)?;
        file.write_all(text.as_bytes())?;
        if forced {
            file.sync_data()?;
        }
        fs::rename(&waiting, path)
    });
    written.map_err(|why| {
        let _ = fs::remove_file(&waiting);
        Error::file(path, why)
    })
}

pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(Error::file(path, why)),
        _ => Ok(()),
    }
}

fn restore(path: &Path, text: Option<&str>, forced: bool) -> Result<()> {
    match text {
        Some(text) => write(path, text, forced),
        None => remove(path),
    }
}

fn version(old: Option<&str>, new: Option<&str>) -> String {
    let mut hash = blake3::Hasher::new();
    for text in [old, new] {
        hash.update(&text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hash.update(text.unwrap_or_default().as_bytes());
    }
    hash.finalize().to_hex()[..16].to_owned()
}

fn parse(path: &Path, text: &str) -> Result<Snapshot> {
    Snapshot::parse(text).map_err(|reason| Error::file(path, format!("no snapshot that can be read: {reason}")))
}

fn load(dir: &Path, name: &str) -> Result<Option<Pending>> {
    let (old_path, new_path) = paths(dir, name)?;
    let (old_text, new_text) = (read(&old_path)?, read(&new_path)?);
    let Some(new) = new_text.as_deref().map(|text| parse(&new_path, text)).transpose()? else { return Ok(None) };
    let old = old_text.as_deref().map(|text| parse(&old_path, text)).transpose()?;
    let changes = compare(old.as_ref(), &new);
    let version = version(old_text.as_deref(), new_text.as_deref());
    Ok(Some(Pending { name: name.to_owned(), version, old, new, changes }))
}

fn read_entry(dir: &Path, name: &str, stamp: [Option<(SystemTime, u64)>; 2]) -> Option<Entry> {
    let mut entry = Entry {
        name: name.to_owned(),
        title: String::new(),
        version: String::new(),
        changes: Vec::new(),
        problem: None,
        stamp,
    };
    match load(dir, name) {
        // Killed between the last decision and the removal of the file: nothing is left to decide.
        Ok(Some(pending)) if pending.changes.is_empty() => return None,
        Ok(None) => return None,
        Ok(Some(pending)) => {
            entry.title = title(pending.old.as_ref().filter(|_| pending.new.gone).unwrap_or(&pending.new));
            entry.version = pending.version;
            entry.changes = pending.changes.iter().map(brief).collect();
        }
        Err(why) => entry.problem = Some(why.to_string()),
    }
    Some(entry)
}

/// The title, or the first line of the text.
fn title(snapshot: &Snapshot) -> String {
    let line = snapshot.title.as_deref().or_else(|| snapshot.text.lines().map(str::trim).find(|line| !line.is_empty()));
    line.unwrap_or_default().chars().take(60).collect()
}

fn brief(change: &Change) -> Brief {
    let label = change.label();
    // A quote can be a paragraph long; a list has no use for all of it.
    let label = if label.chars().count() > 160 { label.chars().take(159).chain(['…']).collect() } else { label };
    Brief { id: change.id.clone(), group: change.group.clone(), sort: change.sort, kind: change.kind.clone(), label }
}

/// Front matter of insta as it stays: where the assertion stood is only for what waits.
fn lasting(front: &str) -> String {
    front.split_inclusive('\n').filter(|line| !line.starts_with("assertion_line:")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_becomes_a_path_below_the_folder() {
        assert_eq!(name_of("2026/02/a.txt"), "2026/02/a.txt");
        for id in ["../../etc/passwd", "/etc/passwd", "https://example.com/a?b", "-/../", "", "a//b"] {
            let name = name_of(id);
            assert!(paths(Path::new("dir"), &name).is_ok(), "{id} → {name}");
            assert_ne!(name, id);
        }
        for name in ["../a", "/a", "a/../../b", "", "a\0"] {
            assert!(paths(Path::new("dir"), name).is_err(), "{name}");
        }
    }
}
