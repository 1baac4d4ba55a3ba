//! Review in a terminal: one change after the other, with its sentence.
//!
//! ```text
//! [3 of 120] 2026/a.txt — 澜图智能完成融资
//! changed span · PERSON
//!   - 总部位于张江的公司由[李明]华创立。
//!   + 总部位于张江的公司由[李明华]创立。
//! accept, reject, skip, … >
//! ```

use crate::error::Result;
use crate::review::{Choice, Counts, Decision, Outcome, Pending, Review};
use crate::snapshot::{Change, Mark, Sort};
use crate::view::is_unseen;
use crate::view::style;
use anstyle::{AnsiColor, Style};
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{IsTerminal, Read, Write};
use std::ops::Range;

const HELP: &str = "\
a  accept: the new fact holds      A  accept all of this sort (same surface, same change)
r  reject: the old fact holds      R  reject all of this sort
d  accept all of this document     D  reject all of this document
s  skip for now                    u  undo the last decision
q  quit; go on later               ?  this help";

/// Where keys come from: a terminal key by key, or any other input letter by letter.
struct Keys {
    raw: bool,
}

impl Keys {
    fn new() -> Self {
        Self { raw: std::io::stdin().is_terminal() && std::io::stdout().is_terminal() }
    }

    /// The next key; `None` at the end of the input.
    fn next(&self) -> Option<char> {
        if !self.raw {
            let mut byte = [0];
            loop {
                match std::io::stdin().read(&mut byte) {
                    Ok(1) if byte[0].is_ascii_whitespace() => {}
                    Ok(1) => return Some(byte[0] as char),
                    _ => return None,
                }
            }
        }
        // Raw mode lasts for one key only, so that a kill at any other time leaves the terminal as it was.
        crossterm::terminal::enable_raw_mode().ok()?;
        let key = loop {
            match crossterm::event::read() {
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => match key.code {
                    KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => break Some('q'),
                    KeyCode::Char(c) => break Some(c),
                    KeyCode::Right | KeyCode::Down => break Some('s'),
                    KeyCode::Esc => break Some('q'),
                    _ => {}
                },
                Ok(_) => {}
                Err(_) => break None,
            }
        };
        let _ = crossterm::terminal::disable_raw_mode();
        key
    }
}

/// Reviews until nothing is left or the user has had enough.
///
/// # Errors
/// A snapshot that cannot be read or written.
pub fn review(review: &mut Review) -> Result<()> {
    let keys = Keys::new();
    let mut out = anstream::stdout();
    let mut skipped: HashSet<(String, String)> = HashSet::new();
    let mut note = String::new();
    for entry in review.entries().filter(|entry| entry.problem.is_some()) {
        let _ = writeln!(out, "left out: {}", entry.problem.as_deref().unwrap_or_default());
    }
    loop {
        let next = review.entries().find_map(|entry| {
            let open = |change: &&crate::review::Brief| !skipped.contains(&(entry.name.clone(), change.id.clone()));
            entry.changes.iter().find(open).map(|change| (entry.name.clone(), change.id.clone()))
        });
        let Some((name, id)) = next else {
            if review.counts()? == Counts::default() {
                break;
            }
            // The last decision can be taken back as well as any other.
            let _ = write!(out, "{note}\nnothing more to decide: u undo, q quit > ");
            let _ = out.flush();
            match keys.next() {
                Some('u') => {
                    skipped.clear();
                    note = taken_back(&review.undo()?);
                    continue;
                }
                None | Some('q') => break,
                Some(_) => continue,
            }
        };
        let Some(pending) = review.load(&name)? else {
            review.refresh()?;
            continue;
        };
        let Some(change) = pending.changes.iter().find(|change| change.id == id).cloned() else {
            review.refresh()?;
            continue;
        };
        if keys.raw {
            let _ = write!(out, "\x1b[2J\x1b[H");
        }
        let open: usize = review.entries().map(|entry| entry.changes.len()).sum();
        let _ = write!(out, "{}", screen(&pending, &change, open - skipped.len().min(open), &note));
        let alike = alike(review, &change);
        let _ = write!(
            out,
            "a accept, r reject, s skip, A/R all {} of this sort, d/D the document, u undo, q quit, ? help > ",
            alike.iter().map(|choice| choice.changes.len()).sum::<usize>()
        );
        let _ = out.flush();
        let key = keys.next();
        let _ = writeln!(out, "{}", key.unwrap_or(' '));
        note.clear();
        let one = || vec![Choice { name: name.clone(), version: pending.version.clone(), changes: vec![id.clone()] }];
        let document = || {
            let changes = pending.changes.iter().map(|change| change.id.clone()).collect();
            vec![Choice { name: name.clone(), version: pending.version.clone(), changes }]
        };
        let outcome = match key {
            Some('a') => review.decide(&one(), Decision::Accept)?,
            Some('r') => review.decide(&one(), Decision::Reject)?,
            Some('A') => review.decide(&alike, Decision::Accept)?,
            Some('R') => review.decide(&alike, Decision::Reject)?,
            Some('d') => review.decide(&document(), Decision::Accept)?,
            Some('D') => review.decide(&document(), Decision::Reject)?,
            Some('s') => {
                skipped.insert((name, id));
                continue;
            }
            Some('u') => {
                skipped.clear();
                note = taken_back(&review.undo()?);
                continue;
            }
            Some('?') => {
                HELP.clone_into(&mut note);
                continue;
            }
            None | Some('q') => break,
            Some(other) => {
                note = format!("no such key: {other}\n{HELP}");
                continue;
            }
        };
        if outcome.done > 1 {
            note = format!("{} changes in {} documents decided", outcome.done, outcome.documents.len());
        }
        conflicts(&outcome, &mut note);
    }
    let counts = review.counts()?;
    let left: usize = review.entries().map(|entry| entry.changes.len()).sum();
    let _ = writeln!(out, "{} accepted, {} rejected, {left} left", counts.accepted, counts.rejected);
    Ok(())
}

fn taken_back(outcome: &Outcome) -> String {
    let mut note = match outcome.done {
        0 if outcome.conflicts.is_empty() => "nothing to undo".to_owned(),
        done => format!("{done} taken back"),
    };
    conflicts(outcome, &mut note);
    note
}

fn conflicts(outcome: &Outcome, note: &mut String) {
    if !outcome.conflicts.is_empty() {
        let _ = write!(note, " not decided, changed meanwhile: {}", outcome.conflicts.join(", "));
    }
}

/// All changes of the same sort and surface.
pub fn alike(review: &Review, change: &Change) -> Vec<Choice> {
    let of_entry = |entry: &crate::review::Entry| {
        let changes: Vec<String> =
            entry.changes.iter().filter(|other| other.group == change.group).map(|other| other.id.clone()).collect();
        let (name, version) = (entry.name.clone(), entry.version.clone());
        (!changes.is_empty()).then_some(Choice { name, version, changes })
    };
    review.entries().filter_map(of_entry).collect()
}

const LOST: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const ADDED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const FAINT: Style = Style::new().dimmed();

fn screen(pending: &Pending, change: &Change, open: usize, note: &str) -> String {
    let mut out = String::new();
    if !note.is_empty() {
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", shown(note));
    }
    let text = if pending.new.gone { pending.old.as_ref().map_or("", |old| &old.text) } else { &pending.new.text };
    let title = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let title: String = title.chars().take(40).collect();
    let _ = writeln!(out, "\n{FAINT}{open} open{FAINT:#}  {} — {}", shown(&pending.name), shown(&title));
    let _ = writeln!(out, "{} · {}", change.sort.title(), change.kind);
    if change.sort.is_whole() {
        let _ = writeln!(out, "{}", whole(pending, change.sort));
        return out;
    }
    let old_marks = pending.old.as_ref().map_or(&[][..], |old| &old.marks);
    if let Some((sentence, place)) = pending.new.place(change) {
        let sides =
            [("-", LOST, old_marks, &change.old.marks), ("+", ADDED, &pending.new.marks[..], &change.new.marks)];
        if change.old.marks.is_empty() && change.new.marks.is_empty() {
            let _ = writeln!(out, "    {}", painted(text, &sentence, &pending.new.marks, &[place]));
        } else {
            for (sign, style, marks, changed) in sides {
                let places: Vec<Range<usize>> = changed.iter().map(|mark| mark.start..mark.end).collect();
                let _ = writeln!(out, "  {style}{sign}{style:#} {}", painted(text, &sentence, marks, &places));
            }
        }
    }
    for (sign, style, facts) in [("-", LOST, &change.old), ("+", ADDED, &change.new)] {
        for line in facts.lines() {
            let _ = writeln!(out, "  {style}{sign} {}{style:#}", shown(&line));
        }
    }
    for why in change.new.marks.iter().filter_map(|mark| mark.why.as_deref()) {
        let _ = writeln!(out, "    {FAINT}because: {}{FAINT:#}", shown(why));
    }
    out
}

fn whole(pending: &Pending, sort: Sort) -> String {
    match sort {
        Sort::New => format!("    {} marks, {} relations", pending.new.marks.len(), pending.new.relations.len()),
        Sort::Gone => "    the corpus no longer holds it; accepting removes its snapshot".to_owned(),
        Sort::Text => {
            "    the article has changed; accepting takes the new text and all that was read from it".to_owned()
        }
        _ => "    the same facts in another order or form".to_owned(),
    }
}

/// A sentence with its marks in colour; those at `places` in reverse, and in brackets where there is no colour.
fn painted(text: &str, sentence: &Range<usize>, marks: &[Mark], places: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = sentence.start;
    let first = marks.partition_point(|mark| mark.end <= sentence.start);
    let inside = marks[first..].iter().take_while(|mark| mark.start < sentence.end);
    for mark in inside {
        let start = mark.start.max(at);
        out.push_str(&shown(&text[at..start]));
        let style = mark.kind.parse().map_or(Style::new(), style);
        let surface = shown(&text[start..mark.end]);
        if places.contains(&(mark.start..mark.end)) {
            let style = style.invert();
            let _ = write!(out, "{style}[{surface}]{style:#}");
        } else {
            let _ = write!(out, "{style}{surface}{style:#}");
        }
        at = mark.end;
    }
    if at < sentence.end {
        out.push_str(&shown(&text[at..sentence.end]));
    }
    out
}

/// A text that does nothing to the terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && is_unseen(c) { '\u{fffd}' } else { c }).collect()
}
