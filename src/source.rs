//! Which files a corpus consists of: `news/` is `news/2026/01.jsonl.gz`, `news/2026/02.csv`, …, in the order of names.
//!
//! Folders are walked lazily, so that a million files cost no memory; the order is that of the sorted paths.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What the bytes of an input, once unpacked, are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One article, as it stands.
    Text,
    /// One page, of which the main text is taken.
    Html,
    /// One JSON object a line.
    Lines,
    /// A JSON array of objects, or one object, or several one after the other.
    Json,
    /// Rows with a header, separated by commas.
    Csv,
    /// Rows with a header, separated by tabs.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// Web archive.
    Warc,
}

impl Kind {
    /// Every kind with the name that `--input-format` knows it by.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Text, "text"),
        (Self::Html, "html"),
        (Self::Lines, "jsonl"),
        (Self::Json, "json"),
        (Self::Csv, "csv"),
        (Self::Tsv, "tsv"),
        (Self::Parquet, "parquet"),
        (Self::Warc, "warc"),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).expect("the table holds every kind").1
    }

    /// What the ending of a file's name says.
    fn of_ending(ending: &str) -> Option<Self> {
        Some(match ending {
            "txt" | "text" | "md" => Self::Text,
            "html" | "htm" | "xhtml" | "shtml" => Self::Html,
            "jsonl" | "ndjson" | "jl" => Self::Lines,
            "json" => Self::Json,
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "parquet" | "pq" => Self::Parquet,
            "warc" | "wet" => Self::Warc,
            _ => return None,
        })
    }

    /// What the first bytes look like, where the name says nothing.
    pub fn of_content(sample: &[u8]) -> Self {
        let start = sample.trim_ascii_start();
        if sample.starts_with(b"PAR1") {
            Self::Parquet
        } else if start.starts_with(b"WARC/") {
            Self::Warc
        } else if start.starts_with(b"{")
            || (start.starts_with(b"[") && start[1..].trim_ascii_start().starts_with(b"{"))
        {
            Self::Json
        } else if start.starts_with(b"<")
            && [&b"<!doctype html"[..], b"<html", b"<?xml"]
                .iter()
                .any(|tag| start.len() >= tag.len() && start[..tag.len()].eq_ignore_ascii_case(tag))
        {
            Self::Html
        } else {
            Self::Text
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind).ok_or_else(|| {
            let known = Self::ALL.map(|(_, name)| name).join(", ");
            format!("unknown input format '{name}', expected one of {known}")
        })
    }
}

/// What an input is packed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pack {
    /// Nothing.
    None,
    /// gzip, of one or several members.
    Gzip,
    /// Zstandard, of one or several frames.
    Zstd,
    /// A zip archive of such files.
    Zip,
}

impl Pack {
    /// What the ending of a file's name says.
    fn of_ending(ending: &str) -> Self {
        match ending {
            "gz" => Self::Gzip,
            "zst" | "zstd" => Self::Zstd,
            "zip" => Self::Zip,
            _ => Self::None,
        }
    }

    /// What the first bytes say; never wrong on text, which holds none of these.
    pub fn of_content(sample: &[u8]) -> Self {
        match sample {
            [0x1F, 0x8B, 0x08, ..] => Self::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Self::Zstd,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            _ => Self::None,
        }
    }
}

/// The packing and the kind that a name tells: `a.csv.gz` is a packed table, `a.bin` tells nothing.
pub fn of_name(name: &str) -> (Pack, Option<Kind>) {
    let name = name.to_ascii_lowercase();
    let ending = |name: &str| name.rsplit_once('.').map(|(stem, ending)| (stem.to_owned(), ending.to_owned()));
    let Some((stem, last)) = ending(&name) else { return (Pack::None, None) };
    match Pack::of_ending(&last) {
        Pack::None => (Pack::None, Kind::of_ending(&last)),
        pack => (pack, ending(&stem).and_then(|(_, inner)| Kind::of_ending(&inner))),
    }
}

/// Whether a file met in a folder is an input; one named on the command line always is.
fn is_input(name: &str) -> bool {
    !name.starts_with('.') && of_name(name) != (Pack::None, None) && !name.ends_with(".tar.gz")
}

/// One input: a file, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it is; `-` is standard input.
    pub path: PathBuf,
    /// Its name in ids and messages: relative to the folder given, with `/`; or the path as given.
    pub name: String,
    /// Its size and time of change; or why it cannot be read.
    pub stamp: Result<Stamp, String>,
}

/// What tells that a file is still the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: u64,
}

impl Source {
    /// Whether this is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path == Path::new("-")
    }

    fn new(path: PathBuf, name: String) -> Self {
        let stamp = if path == Path::new("-") {
            Ok(Stamp::default())
        } else {
            fs::metadata(&path).map_err(|why| why.to_string()).map(|meta| {
                let since = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                Stamp { size: meta.len(), modified: since.map_or(0, |time| time.as_nanos() as u64) }
            })
        };
        Self { path, name, stamp }
    }
}

/// The inputs under some paths, one after the other.
pub struct Walk {
    paths: std::vec::IntoIter<PathBuf>,
    /// The folder given on the command line that is being walked.
    root: PathBuf,
    /// Open folders, outermost first: the folder, and what is left in it, last name first.
    open: Vec<(PathBuf, Vec<(OsString, bool)>)>,
    /// A folder never to be entered: the one being written to.
    exclude: Option<PathBuf>,
}

impl Walk {
    /// Walks the paths in the order given. The folder `exclude` is passed over wherever it is met.
    pub fn new(paths: &[PathBuf], exclude: Option<&Path>) -> Self {
        let exclude = exclude.and_then(|path| path.canonicalize().ok());
        Self { paths: Vec::from(paths).into_iter(), root: PathBuf::new(), open: Vec::new(), exclude }
    }

    /// Enters a folder; an unreadable one becomes an input with a fault.
    fn enter(&mut self, folder: PathBuf) -> Option<Source> {
        let real = folder.canonicalize().ok();
        let within = |(outer, _): &(PathBuf, _)| outer.canonicalize().ok() == real;
        if real.is_some() && (real == self.exclude || self.open.iter().any(within)) {
            // The output, or a link that leads back to a folder we are in.
            return None;
        }
        match names(&folder) {
            Ok(names) => {
                self.open.push((folder, names));
                None
            }
            Err(why) => {
                let name = self.name(&folder);
                Some(Source { path: folder, name, stamp: Err(why.to_string()) })
            }
        }
    }

    fn name(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        if inside.as_os_str().is_empty() {
            return path.display().to_string();
        }
        inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    }
}

/// The names in a folder that can be inputs or folders, last first; and which are folders.
fn names(folder: &Path) -> std::io::Result<Vec<(OsString, bool)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let mut kind = entry.file_type()?;
        if kind.is_symlink() {
            // A dangling link is no input.
            let Ok(target) = fs::metadata(entry.path()) else { continue };
            kind = target.file_type();
        }
        let text = name.to_string_lossy();
        if kind.is_dir() {
            if !text.starts_with('.') {
                names.push((name, true));
            }
        } else if kind.is_file() && is_input(&text) {
            names.push((name, false));
        }
    }
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

impl Iterator for Walk {
    type Item = Source;

    fn next(&mut self) -> Option<Source> {
        loop {
            if let Some((folder, names)) = self.open.last_mut() {
                let Some((name, is_folder)) = names.pop() else {
                    self.open.pop();
                    continue;
                };
                let path = folder.join(name);
                if !is_folder {
                    if fs::metadata(&path).is_err_and(|why| why.kind() == std::io::ErrorKind::NotFound) {
                        // Gone since the folder was listed: as if it had gone before the run.
                        continue;
                    }
                    let name = self.name(&path);
                    return Some(Source::new(path, name));
                }
                if let Some(fault) = self.enter(path) {
                    return Some(fault);
                }
                continue;
            }
            let path = self.paths.next()?;
            if path.is_dir() {
                self.root.clone_from(&path);
                if let Some(fault) = self.enter(path) {
                    return Some(fault);
                }
                continue;
            }
            let name = path.display().to_string();
            return Some(Source::new(path, name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_packing_and_kind() {
        assert_eq!(of_name("2026.csv.gz"), (Pack::Gzip, Some(Kind::Csv)));
        assert_eq!(of_name("新闻.TXT"), (Pack::None, Some(Kind::Text)));
        assert_eq!(of_name("dump.zip"), (Pack::Zip, None));
        assert_eq!(of_name("README"), (Pack::None, None));
    }

    #[test]
    fn folders_are_walked_in_the_order_of_sorted_paths() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.txt", "a/2.txt", "a/1.jsonl", "a.txt", ".hidden.txt", "x.ann", ".git/c.txt", "out/part.jsonl"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        let out = folder.path().join("out");
        let found: Vec<String> = Walk::new(&[folder.path().to_owned()], Some(&out)).map(|source| source.name).collect();
        assert_eq!(found, ["a/1.jsonl", "a/2.txt", "a.txt", "b.txt"]);
    }
}
