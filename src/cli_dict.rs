//! `tiqu dict check`: what is wrong with a user dictionary, all of it at once.
//!
//! `灵枢 5 nx` gives `names.txt:1: error: tag 'nx' says no kind; …`. The lines are read by what `--dict` reads them with,
//! so that a dictionary without errors here is one that extraction takes.

use crate::error::{Error, Result};
use crate::lexicon::{Lexicon, UserLine, user_content, user_lines};
use crate::mention::{By, Kind, Mention, Reason, Value};
use crate::options::{FINE, SOME_FAILED, closed};
use crate::resolve::resolve;
use crate::text::{Span, Text};
use crate::view::counted;
use clap::{Args, Subcommand};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A longer surface is more likely a sentence than a name, in characters.
const LONGEST: usize = 40;

#[derive(Args)]
pub struct Dict {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is in dictionaries of your own, and what is wrong with them: all errors, with file and line.
    ///
    /// A line is 'surface<TAB>KIND', 'surface<TAB>KIND<TAB>canonical name', or as jieba has it 'surface frequency tag'
    /// with one of the tags nr (people), ns (places), nt (organisations), nz (other names); a line that begins with '#' is
    /// a comment. Exit code 0: extraction takes them (there may be warnings); 1: it does not; 2: wrong use.
    Check(Check),
}

#[derive(Args)]
struct Check {
    /// Dictionaries as --dict takes them; give together those that are used together.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Say only errors.
    #[arg(short, long)]
    quiet: bool,
}

impl Dict {
    /// Runs it; the exit code.
    pub fn run(&self) -> Result<u8> {
        let Command::Check(check) = &self.command;
        check.run()
    }
}

/// What is known of one line.
struct Finding {
    line: usize,
    is_error: bool,
    what: String,
}

/// An entry that was read before: the file, the line, and what it says.
struct Before<'a> {
    path: &'a Path,
    line: u32,
    kind: Kind,
    surface: String,
}

impl Check {
    fn run(&self) -> Result<u8> {
        let lexicon = Lexicon::new(&[] as &[&Path])?;
        let mut before: FxHashMap<Box<str>, Before> = FxHashMap::default();
        let mut out = anstream::stdout();
        let mut failed = false;
        for path in &self.files {
            let (text, errors) = match user_content(path) {
                Ok(content) => self.report(path, &content, &lexicon, &mut before),
                Err(Error::Line { line, reason, .. }) => (format!("{}:{line}: error: {reason}\n", path.display()), 1),
                Err(Error::File { reason, .. }) => (format!("{}: error: {reason}\n", path.display()), 1),
                Err(why) => return Err(why),
            };
            failed |= errors > 0;
            if let Err(why) = out.write_all(text.as_bytes()) {
                return closed(&why, None);
            }
        }
        Ok(if failed { SOME_FAILED } else { FINE })
    }

    /// The findings in a file and its figures as text, and how many errors there are.
    fn report<'a>(
        &self,
        path: &'a Path,
        content: &str,
        lexicon: &Lexicon,
        before: &mut FxHashMap<Box<str>, Before<'a>>,
    ) -> (String, usize) {
        let mut findings = Vec::new();
        let mut counts = [0usize; Kind::ALL.len()];
        let told: Vec<(u32, UserLine)> = user_lines(content)
            .filter_map(|(line, said)| match said {
                Ok(said) => Some((line, said)),
                Err(what) => {
                    findings.push(Finding { line: line as usize, is_error: true, what });
                    None
                }
            })
            .collect();
        let names = Names::new(&told, lexicon);
        for (line, said) in &told {
            counts[Kind::ALL.iter().position(|kind| *kind == said.kind).expect("every kind is in the list")] += 1;
            let mut warn = |what| findings.push(Finding { line: *line as usize, is_error: false, what });
            let folded = lexicon.fold(said.surface);
            warnings(said, &folded, lexicon).into_iter().for_each(&mut warn);
            names.warning(said).into_iter().for_each(&mut warn);
            match before.get(&folded) {
                Some(first) => warn(first.doubled(path, said)),
                None => {
                    let first = Before { path, line: *line, kind: said.kind, surface: said.surface.to_owned() };
                    before.insert(folded, first);
                }
            }
        }
        findings.sort_by_key(|finding| finding.line);
        let mut out = String::new();
        for finding in findings.iter().filter(|finding| finding.is_error || !self.quiet) {
            let grade = if finding.is_error { "error" } else { "warning" };
            let _ = writeln!(out, "{}:{}: {grade}: {}", path.display(), finding.line, finding.what);
        }
        let errors = findings.iter().filter(|finding| finding.is_error).count();
        if !self.quiet {
            let kinds = Kind::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
            let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{} {count}", kind.name())).collect();
            let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
            let (entries, warnings) = (told.len(), findings.len() - errors);
            let _ = writeln!(
                out,
                "{}: {}{kinds}, {}, {}",
                path.display(),
                counted(entries, "entry", "entries"),
                counted(errors, "error", "errors"),
                counted(warnings, "warning", "warnings"),
            );
        }
        (out, errors)
    }
}

impl Before<'_> {
    /// Why a line that reads like this one is without effect.
    fn doubled(&self, path: &Path, said: &UserLine) -> String {
        let place = if self.path == path {
            format!("line {}", self.line)
        } else {
            format!("{}:{}", self.path.display(), self.line)
        };
        let alike = if self.surface == said.surface {
            format!("'{}' is already in {place}", said.surface)
        } else {
            format!("'{}' reads like '{}' in {place} (width, case and script are folded)", said.surface, self.surface)
        };
        if self.kind == said.kind {
            format!("{alike}; remove one of the two")
        } else {
            format!("{alike} as {}, and the first counts; remove one of the two", self.kind)
        }
    }
}

/// What can be said of an entry by itself.
fn warnings(said: &UserLine, folded: &str, lexicon: &Lexicon) -> Vec<String> {
    let mut found = Vec::new();
    let surface = said.surface;
    let length = surface.chars().count();
    if !surface.chars().any(char::is_alphanumeric) {
        found.push(format!("'{surface}' holds neither a letter nor a digit"));
    } else if length == 1 {
        found.push(format!("'{surface}' is a single character and is found inside every word that holds it"));
    } else if length > LONGEST {
        found.push(format!("{length} characters are more than a name has; it is found only where all of them stand"));
    }
    if !is_findable(surface, lexicon) {
        found.push(format!(
            "'{surface}' can never be found: it begins or ends within a character that is written together"
        ));
    } else if surface.contains(char::is_control) || surface.contains("  ") {
        found.push(format!(
            "'{}' is found only with the very same spaces and control characters",
            surface.escape_debug()
        ));
    }
    if matches!(said.kind, Kind::Money | Kind::Percent | Kind::Date | Kind::Count) {
        found.push(format!("a {} from a dictionary has no value; leave it to the reading of quantities", said.kind));
    }
    let built_in = lexicon.names.get(folded);
    if let Some(entry) = built_in.iter().find(|entry| entry.kind == said.kind).or(built_in.first()) {
        let place = format!("{}:{}", lexicon.files()[usize::from(entry.file)], entry.line);
        found.push(if entry.kind == said.kind {
            format!("'{surface}' is built in as {} ({place}); needed only where it is missed without", entry.kind)
        } else {
            format!("'{surface}' is built in as {} ({place}); this line overrules it", entry.kind)
        });
    }
    found
}

/// Whether a mention of the surface would be kept: nothing is cut out of what is written as one character.
fn is_findable(surface: &str, lexicon: &Lexicon) -> bool {
    let text = Text::new(&format!("一{surface}一"), &lexicon.folding);
    let span = Span::new("一".len(), text.shadow().len() - "一".len());
    let (by, reason) = (By::User, Reason::Rule("dictionary"));
    !resolve(&text, vec![Mention { kind: Kind::Org, span, value: Value::None, by, reason }]).is_empty()
}

/// The entries of one file by surface, to look canonical names up.
struct Names<'a> {
    by_surface: FxHashMap<&'a str, &'a (u32, UserLine<'a>)>,
    by_fold: FxHashMap<Box<str>, &'a (u32, UserLine<'a>)>,
    lexicon: &'a Lexicon,
}

impl<'a> Names<'a> {
    fn new(told: &'a [(u32, UserLine<'a>)], lexicon: &'a Lexicon) -> Self {
        let mut names = Self { by_surface: FxHashMap::default(), by_fold: FxHashMap::default(), lexicon };
        for entry in told {
            names.by_surface.entry(entry.1.surface).or_insert(entry);
            names.by_fold.entry(lexicon.fold(entry.1.surface)).or_insert(entry);
        }
        names
    }

    /// What is wrong with the canonical name of an entry.
    fn warning(&self, said: &UserLine) -> Option<String> {
        let UserLine { surface, kind, canonical } = said;
        if surface == canonical {
            return None;
        }
        let Some((line, own)) = self.by_surface.get(canonical) else {
            return Some(match self.by_fold.get(&self.lexicon.fold(canonical)) {
                Some((line, own)) => {
                    format!(
                        "the canonical name '{canonical}' is written '{}' in line {line}; write it alike",
                        own.surface
                    )
                }
                None => format!(
                    "the canonical name '{canonical}' has no line, so that the two are not linked; add '{canonical}<TAB>{kind}'"
                ),
            });
        };
        if own.kind != *kind {
            return Some(format!("'{canonical}' is {} in line {line}, and its other name here {kind}", own.kind));
        }
        (own.canonical != own.surface)
            .then(|| format!("'{canonical}' stands for '{}' in line {line}; name that one here", own.canonical))
    }
}
