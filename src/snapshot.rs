//! Snapshots: what was extracted from a document, kept as a text that a person and git can read.
//!
//! ```text
//! tiqu snapshot 1
//! id: 2026/a.txt
//!
//! [ORG 澜图智能]（[ORG LumenGrid AI]）完成[MONEY 1.8亿美元]融资。
//!
//! --- entities
//! ORG     澜图智能 = LumenGrid AI
//!
//! --- amounts
//! MONEY   1.8亿美元 = 180000000 USD
//! ```
//!
//! One line a fact, in the order of the text. The form reads back exactly: `\` and a `[ORG ` that stand in the article
//! itself are escaped, and so are control characters and those that turn the direction of writing. White space at the
//! end of the article is left out. Laws: `parse(render(s)) == s`; applying every change between two snapshots of one
//! text to the first gives the second.

use crate::mention::Kind;
use crate::record::{Record, RecordMention};
use crate::view::{self, is_unseen};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// The first line of every snapshot.
pub const HEAD: &str = "tiqu snapshot 1";
/// Stands in the place of the text where the corpus no longer holds the document.
const GONE: &str = "gone: the corpus no longer holds this document";

/// What a snapshot says of one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The front matter of insta, if insta wrote the file; kept as it is.
    pub front: Option<String>,
    /// The document's name.
    pub id: String,
    /// The title, where it was given apart from the text.
    pub title: Option<String>,
    /// Whether the corpus no longer holds the document: only in what waits for review.
    pub gone: bool,
    /// The article, without white space at its end.
    pub text: String,
    /// What is marked in it, sorted and disjoint.
    pub marks: Vec<Mark>,
    /// Names that stand for one another, in the order of the text; a name without another is not kept here.
    pub groups: Vec<Group>,
    /// What the text says, a line each.
    pub relations: Vec<String>,
}

/// A marked piece of the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// First byte in the text.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
    /// PERSON ORG LOC PRODUCT TITLE MONEY PERCENT DATE COUNT
    pub kind: String,
    /// The marked characters.
    pub surface: String,
    /// The value, as a line says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Which stage found it, and why; only in what waits for review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The names of one entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// PERSON ORG LOC PRODUCT
    pub kind: String,
    /// The fullest name.
    pub name: String,
    /// The other names; at least one.
    pub others: Vec<String>,
}

impl Group {
    /// The line of the section `entities`.
    pub fn line(&self) -> String {
        format!("{:<7} {} = {}", self.kind, self.name, self.others.join(" = "))
    }
}

impl Mark {
    /// Whether both say the same of the same place; why they do is not compared.
    pub fn same(&self, other: &Self) -> bool {
        (self.start, self.end, &self.kind, &self.value) == (other.start, other.end, &other.kind, &other.value)
    }

    /// `MONEY 150亿美元 = 15000000000 USD`, for messages.
    pub fn line(&self) -> String {
        let surface = view::flat(&self.surface);
        self.value
            .as_ref()
            .map_or_else(|| format!("{} {surface}", self.kind), |value| format!("{} {surface} = {value}", self.kind))
    }
}

/// Kinds whose mentions have values.
fn is_valued(kind: &str) -> bool {
    matches!(kind, "MONEY" | "PERCENT" | "DATE" | "COUNT")
}

/// Kinds whose mentions are names of entities.
fn is_named(kind: &str) -> bool {
    matches!(kind, "PERSON" | "ORG" | "LOC" | "PRODUCT")
}

impl Snapshot {
    /// The snapshot of a record; its positions are characters of `source`.
    pub fn new(record: &Record, source: &str) -> Self {
        let text = source.trim_end();
        let mut chars = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).enumerate();
        let mut byte_of =
            |position: u64| chars.by_ref().find(|&(at, _)| at as u64 == position).map_or(text.len(), |(_, byte)| byte);
        let mut marks = Vec::with_capacity(record.mentions.len());
        let mut last = (0, 0);
        for mention in &record.mentions {
            // Mentions may touch: the end of one is then the start of the next, and was already counted.
            let start = if mention.start == last.0 && last.0 > 0 { last.1 } else { byte_of(mention.start) };
            let end = byte_of(mention.end);
            last = (mention.end, end);
            marks.push(Mark {
                start,
                end,
                kind: mention.kind.clone(),
                surface: mention.text.clone(),
                value: view::mention_value(mention),
                why: why(mention),
            });
        }
        Self {
            id: record.id.clone(),
            title: record.title.clone(),
            text: text.to_owned(),
            marks,
            groups: groups(record),
            relations: record.relations.iter().map(|relation| one_line(&view::relation_line(relation))).collect(),
            ..Self::default()
        }
    }

    /// What waits in the place of a snapshot whose document is no longer there.
    pub fn gone(id: &str) -> Self {
        Self { id: id.to_owned(), gone: true, ..Self::default() }
    }

    /// The snapshot as text. `reasons` adds why each mention was made, for what waits for review.
    pub fn render(&self, reasons: bool) -> String {
        let mut out = String::with_capacity(self.text.len() * 3 / 2 + 256);
        if let Some(front) = &self.front {
            out.push_str(front);
        }
        let _ = writeln!(out, "{HEAD}\nid: {}", one_line(&self.id));
        if let Some(title) = &self.title {
            let _ = writeln!(out, "title: {}", one_line(title));
        }
        out.push('\n');
        if self.gone {
            let _ = writeln!(out, "{GONE}");
            return out;
        }
        if self.text == GONE {
            out.push('\\');
        }
        let mut at = 0;
        for mark in &self.marks {
            escape(&self.text[at..mark.start], false, &mut out);
            let _ = write!(out, "[{} ", mark.kind);
            escape(&self.text[mark.start..mark.end], true, &mut out);
            out.push(']');
            at = mark.end;
        }
        escape(&self.text[at..], false, &mut out);
        out.push('\n');
        view::section(&mut out, "entities", self.entity_lines().into_iter());
        view::section(&mut out, "amounts", self.amount_lines());
        view::section(&mut out, "relations", self.relations.iter().cloned());
        if reasons {
            let lines = self.marks.iter().map(|mark| one_line(mark.why.as_deref().unwrap_or("")));
            view::section(&mut out, "reasons", lines);
        }
        out
    }

    /// Every name in the order of the text, with the others of its entity.
    pub fn entity_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut group_of: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (index, group) in self.groups.iter().enumerate() {
            for name in std::iter::once(&group.name).chain(&group.others) {
                group_of.entry((&group.kind, name)).or_default().push(index);
            }
        }
        let mut seen = std::collections::HashSet::new();
        let mut written = vec![false; self.groups.len()];
        for mark in self.marks.iter().filter(|mark| is_named(&mark.kind)) {
            let surface = name_line(&mark.surface);
            match group_of.get(&(mark.kind.as_str(), surface.as_str())) {
                Some(groups) => {
                    for &index in groups {
                        if !std::mem::replace(&mut written[index], true) {
                            lines.push(self.groups[index].line());
                        }
                    }
                }
                None => {
                    let line = format!("{:<7} {surface}", mark.kind);
                    if seen.insert(line.clone()) {
                        lines.push(line);
                    }
                }
            }
        }
        let rest = self.groups.iter().zip(written).filter(|(_, written)| !written);
        lines.extend(rest.map(|(group, _)| group.line()));
        lines
    }

    /// The values in the order of the text. Where some mentions of a surface have a value and others not, those
    /// without say `-`, so that every line finds its mention.
    fn amount_lines(&self) -> impl Iterator<Item = String> + '_ {
        let valued = || self.marks.iter().filter(|mark| is_valued(&mark.kind));
        let known: std::collections::HashSet<(&str, &str)> = valued()
            .filter(|mark| mark.value.is_some())
            .map(|mark| (mark.kind.as_str(), mark.surface.as_str()))
            .collect();
        valued().filter(move |mark| known.contains(&(mark.kind.as_str(), mark.surface.as_str()))).map(|mark| {
            let value = mark.value.as_deref().unwrap_or("-");
            format!("{:<7} {} = {}", mark.kind, one_line(&mark.surface), name_line(value))
        })
    }

    /// Reads a snapshot.
    ///
    /// # Errors
    /// A text that is no snapshot, or one written by hand in a way that cannot be read; the message says where.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut snapshot = Self::default();
        let unix;
        let mut rest = source;
        if source.contains("\r\n") {
            // Returns of the article itself are escaped: these are what a checkout on Windows has added.
            unix = source.replace("\r\n", "\n");
            rest = &unix;
        }
        if rest.starts_with("---\n")
            && let Some(end) = rest[4..].find("\n---\n")
        {
            let (front, body) = rest.split_at(4 + end + 5);
            snapshot.front = Some(front.to_owned());
            rest = body;
        }
        let mut lines = rest.split_inclusive('\n');
        let mut used = 0;
        let mut first = true;
        loop {
            let Some(line) = lines.next() else { return Err("it ends before its text".to_owned()) };
            used += line.len();
            let line = line.trim_end_matches(['\n', '\r']);
            if std::mem::take(&mut first) {
                if line != HEAD {
                    return Err(format!("its first line is not '{HEAD}'"));
                }
            } else if let Some(id) = line.strip_prefix("id: ") {
                snapshot.id = plain_line(id);
            } else if let Some(title) = line.strip_prefix("title: ") {
                snapshot.title = Some(plain_line(title));
            } else if line.is_empty() {
                break;
            }
        }
        let body = &rest[used..];
        if body.trim_end() == GONE {
            snapshot.gone = true;
            return Ok(snapshot);
        }
        let end = if body.starts_with("--- ") { Some(0) } else { body.find("\n--- ").map(|at| at + 1) };
        let (text, sections) = body.split_at(end.unwrap_or(body.len()));
        (snapshot.text, snapshot.marks) = unmark(text.trim_end_matches(['\n', '\r']))?;
        let mut values: HashMap<(String, String), std::collections::VecDeque<&str>> = HashMap::new();
        let mut reasons = Vec::new();
        let mut name = "";
        for line in sections.lines() {
            if let Some(next) = line.strip_prefix("--- ") {
                name = next.trim_end();
                continue;
            }
            if line.is_empty() && name != "reasons" {
                continue;
            }
            match name {
                "entities" => snapshot.groups.extend(group(line)?),
                "amounts" => {
                    let (head, value) = line.rsplit_once(" = ").ok_or_else(|| format!("no value in '{line}'"))?;
                    let (kind, surface) = kind_and_rest(head)?;
                    values.entry((kind.to_owned(), surface.to_owned())).or_default().push_back(value);
                }
                "relations" => snapshot.relations.push(line.to_owned()),
                "reasons" => reasons.push(line),
                _ => return Err(format!("unknown section '{name}'")),
            }
        }
        for mark in snapshot.marks.iter_mut().filter(|mark| is_valued(&mark.kind)) {
            let queue = values.get_mut(&(mark.kind.clone(), one_line(&mark.surface)));
            let value = queue.and_then(std::collections::VecDeque::pop_front);
            mark.value = value.filter(|&value| value != "-").map(plain_line);
        }
        if let Some(((kind, surface), _)) = values.iter().find(|(_, left)| !left.is_empty()) {
            return Err(format!("the amount of {kind} {surface} has no mark in the text"));
        }
        for (mark, why) in snapshot.marks.iter_mut().zip(reasons) {
            mark.why = (!why.is_empty()).then(|| plain_line(why));
        }
        Ok(snapshot)
    }
}

fn why(mention: &RecordMention) -> Option<String> {
    let reason = mention.why.as_deref()?;
    Some(format!("{}: {reason}", mention.by))
}

/// The entities that have more than one name in the document.
fn groups(record: &Record) -> Vec<Group> {
    let mut groups = Vec::new();
    for entity in &record.entities {
        let name = name_line(&entity.name);
        let mut others: Vec<String> = Vec::new();
        let surfaces = entity.mentions.iter().filter_map(|&index| record.mentions.get(index as usize));
        let surfaces = surfaces.map(|mention| &mention.text);
        for other in entity.aliases.iter().chain(surfaces).map(|other| name_line(other)) {
            if other != name && !others.contains(&other) {
                others.push(other);
            }
        }
        if !others.is_empty() {
            groups.push(Group { kind: entity.kind.clone(), name, others });
        }
    }
    groups
}

/// Writes a piece of the article. Inside a mark `]` is escaped too.
fn escape(piece: &str, in_mark: bool, out: &mut String) {
    let mut plain = 0;
    for (at, c) in piece.char_indices() {
        let escaped = match c {
            '\\' => true,
            '[' => kind_ahead(&piece[at + 1..]).is_some(),
            ']' => in_mark,
            // A line that looks like the head of a section; before a mark too, where the piece starts a line.
            '-' => piece[at..].starts_with("--- ") && (piece[..at].ends_with('\n') || at == 0 && out.ends_with('\n')),
            c => is_unseen(c),
        };
        if escaped {
            out.push_str(&piece[plain..at]);
            plain = at + c.len_utf8();
            if is_unseen(c) {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            } else {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out.push_str(&piece[plain..]);
}

/// A name or value as part of a line: no line ends, nothing unseen.
fn one_line(text: &str) -> String {
    if !text.contains(|c: char| c == '\n' || c == '\\' || is_unseen(c)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\u{a}"),
            c if is_unseen(c) => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// A name as part of a line whose names are parted by ` = `.
fn name_line(name: &str) -> String {
    let line = one_line(name);
    let parts = |at: usize| {
        let (before, behind) = (&line[..at], &line[at + 1..]);
        (before.is_empty() || before.ends_with(' ')) && (behind.is_empty() || behind.starts_with(' '))
    };
    if !line.match_indices('=').any(|(at, _)| parts(at)) {
        return line;
    }
    let plain = |(at, c): (usize, char)| if c == '=' && parts(at) { "\\u{3d}".to_owned() } else { c.to_string() };
    line.char_indices().map(plain).collect()
}

/// Undoes [`one_line`].
fn plain_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (c, used) = unescape(&rest[at + 1..]);
        out.extend(c);
        rest = &rest[at + 1 + used..];
    }
    out.push_str(rest);
    out
}

/// The character that stands behind a `\`, and how many bytes it takes there.
fn unescape(rest: &str) -> (Option<char>, usize) {
    if let Some(hex) = rest.strip_prefix("u{")
        && let Some(end) = hex.find('}')
        && let Some(c) = u32::from_str_radix(&hex[..end], 16).ok().and_then(char::from_u32)
    {
        return (Some(c), 2 + end + 1);
    }
    let c = rest.chars().next();
    (c, c.map_or(0, char::len_utf8))
}

/// The kind whose name and a space open the text.
fn kind_ahead(text: &str) -> Option<Kind> {
    // Kinds have at most seven letters: nothing further needs to be looked at.
    if !text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    Kind::ALL.into_iter().find(|kind| text.strip_prefix(kind.name()).is_some_and(|rest| rest.starts_with(' ')))
}

fn unmark(source: &str) -> Result<(String, Vec<Mark>), String> {
    let mut text = String::with_capacity(source.len());
    let mut marks = Vec::new();
    let mut open: Option<(usize, Kind)> = None;
    let mut rest = source;
    while let Some(at) = rest.find(['\\', '[', ']']) {
        text.push_str(&rest[..at]);
        let c = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match (c, open) {
            (b'\\', _) => {
                let (c, used) = unescape(rest);
                text.extend(c);
                rest = &rest[used..];
            }
            (b'[', None) => match kind_ahead(rest) {
                Some(kind) => {
                    open = Some((text.len(), kind));
                    rest = &rest[kind.name().len() + 1..];
                }
                None => text.push('['),
            },
            (b']', Some((start, kind))) => {
                let surface = text[start..].to_owned();
                let (end, kind) = (text.len(), kind.name().to_owned());
                marks.push(Mark { start, end, kind, surface, value: None, why: None });
                open = None;
            }
            (other, _) => text.push(other as char),
        }
    }
    if let Some((start, kind)) = open {
        let line = text[..start].matches('\n').count() + 1;
        return Err(format!("the mark [{kind} in line {line} of the text is not closed"));
    }
    text.push_str(rest);
    Ok((text, marks))
}

fn kind_and_rest(line: &str) -> Result<(&str, &str), String> {
    let (kind, rest) = line.split_once(' ').ok_or_else(|| format!("no kind in '{line}'"))?;
    // Kinds are padded to seven letters and a space.
    let pad = 7_usize.saturating_sub(kind.len()).min(rest.len() - rest.trim_start_matches(' ').len());
    Ok((kind, &rest[pad..]))
}

fn group(line: &str) -> Result<Option<Group>, String> {
    let (kind, names) = kind_and_rest(line)?;
    let mut names = names.split(" = ").map(str::to_owned);
    let name = names.next().unwrap_or_default();
    let others: Vec<String> = names.collect();
    Ok((!others.is_empty()).then(|| Group { kind: kind.to_owned(), name, others }))
}

/// How a fact changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// It is there now and was not.
    Added,
    /// It was there and is no longer.
    Lost,
    /// The same place, another value; for names, other names of the same entity; for relations, another part.
    Value,
    /// A place that overlaps the old one.
    Span,
    /// The same place, another kind.
    Kind,
    /// The article itself is another: everything is taken from the new reading or nothing.
    Text,
    /// A document without a snapshot.
    New,
    /// A snapshot without a document.
    Gone,
    /// The same facts, written down differently.
    Form,
}

impl Sort {
    /// Every sort, in the order in which counts are shown.
    pub const ALL: [Self; 9] =
        [Self::Added, Self::Lost, Self::Value, Self::Span, Self::Kind, Self::Text, Self::New, Self::Gone, Self::Form];

    /// The name in JSON and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Lost => "lost",
            Self::Value => "value",
            Self::Span => "span",
            Self::Kind => "kind",
            Self::Text => "text",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Form => "form",
        }
    }

    /// The name as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Lost => "lost",
            Self::Value => "changed value",
            Self::Span => "changed span",
            Self::Kind => "changed kind",
            Self::Text => "changed text",
            Self::New => "new document",
            Self::Gone => "document gone",
            Self::Form => "other form",
        }
    }

    /// Whether it is about the whole document.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Text | Self::New | Self::Gone | Self::Form)
    }
}

/// The facts on one side of a change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Marks of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Names of one entity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Lines of relations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<String>,
}

impl Facts {
    /// The facts, a line each.
    pub fn lines(&self) -> Vec<String> {
        let marks = self.marks.iter().map(Mark::line);
        marks.chain(self.groups.iter().map(Group::line)).chain(self.relations.iter().cloned()).collect()
    }
}

/// One difference between two snapshots of a document: what is decided in one go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Tells the change from the others of its document; the same in every run.
    pub id: String,
    /// Changes with the same surface and the same difference share it, whatever their documents.
    pub group: String,
    /// How the fact changed.
    pub sort: Sort,
    /// PERSON …, role …, or `document`.
    pub kind: String,
    /// What the old snapshot says.
    pub old: Facts,
    /// What the new one says.
    pub new: Facts,
}

impl Change {
    fn of(sort: Sort, kind: &str, old: Facts, new: Facts) -> Self {
        let mut change = Self { id: String::new(), group: String::new(), sort, kind: kind.to_owned(), old, new };
        let says = |facts: &Facts| facts.lines().join("\n");
        let group = format!("{}\0{kind}\0{}\0{}", sort.name(), says(&change.old), says(&change.new));
        let places = |facts: &Facts| facts.marks.iter().map(|mark| format!("{},", mark.start)).collect::<String>();
        let id = format!("{group}\0{}\0{}", places(&change.old), places(&change.new));
        change.group = short_hash(&group);
        change.id = short_hash(&id);
        change
    }

    /// The change as a person reads it: `PERSON 张江 → LOC 张江`.
    pub fn label(&self) -> String {
        let join = |facts: &Facts| facts.lines().join(" + ");
        match self.sort {
            Sort::Added => join(&self.new),
            Sort::Lost => join(&self.old),
            sort if sort.is_whole() => sort.title().to_owned(),
            _ => format!("{} → {}", join(&self.old), join(&self.new)),
        }
    }

    /// The same change the other way round.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let mut change = self.clone();
        std::mem::swap(&mut change.old, &mut change.new);
        change
    }
}

/// Sixteen hexadecimal digits of a digest.
pub fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// What changed from the old snapshot to the new one, in the order of the text; names and relations behind the marks.
pub fn compare(old: Option<&Snapshot>, new: &Snapshot) -> Vec<Change> {
    let whole = |sort, kind: &str| vec![Change::of(sort, kind, Facts::default(), Facts::default())];
    let Some(old) = old else {
        return whole(if new.gone { Sort::Gone } else { Sort::New }, "document");
    };
    if new.gone {
        return whole(Sort::Gone, "document");
    }
    if old.text != new.text || old.title != new.title {
        return whole(Sort::Text, "document");
    }
    let mut changes = Vec::new();
    compare_marks(&old.marks, &new.marks, &mut changes);
    compare_groups(&old.groups, &new.groups, &mut changes);
    compare_relations(&old.relations, &new.relations, &mut changes);
    if changes.is_empty() && old.render(false) != (Snapshot { front: old.front.clone(), ..new.clone() }).render(false) {
        return whole(Sort::Form, "document");
    }
    // The same relation said twice may be lost twice: the second takes another id.
    let mut seen: HashMap<String, usize> = HashMap::new();
    for change in &mut changes {
        let count = seen.entry(change.id.clone()).or_default();
        *count += 1;
        if *count > 1 {
            change.id = short_hash(&format!("{}\0{count}", change.id));
        }
    }
    changes
}

/// Marks that overlap, on whichever side, change together: applied one by one they would leave overlapping marks.
fn compare_marks(old: &[Mark], new: &[Mark], changes: &mut Vec<Change>) {
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i].same(&new[j]) {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let (first_old, first_new) = (i, j);
        let start = |marks: &[Mark], at: usize| marks.get(at).map_or(usize::MAX, |mark| mark.start);
        let mut end = if start(old, i) <= start(new, j) {
            i += 1;
            old[i - 1].end
        } else {
            j += 1;
            new[j - 1].end
        };
        loop {
            if start(old, i) < end {
                end = end.max(old[i].end);
                i += 1;
            } else if start(new, j) < end {
                end = end.max(new[j].end);
                j += 1;
            } else {
                break;
            }
        }
        let (olds, news) = (&old[first_old..i], &new[first_new..j]);
        let sort = match (olds, news) {
            (_, []) => Sort::Lost,
            ([], _) => Sort::Added,
            ([a], [b]) if (a.start, a.end) == (b.start, b.end) && a.kind == b.kind => Sort::Value,
            ([a], [b]) if (a.start, a.end) == (b.start, b.end) => Sort::Kind,
            _ => Sort::Span,
        };
        let kind = news.first().or(olds.first()).map_or("", |mark| mark.kind.as_str());
        let facts = |marks: &[Mark]| Facts { marks: marks.to_vec(), ..Facts::default() };
        changes.push(Change::of(sort, kind, facts(olds), facts(news)));
    }
}

/// What is only on one side: each item as often as it stands there more often.
fn only<'a, T: PartialEq>(here: &'a [T], there: &[T]) -> Vec<&'a T> {
    let mut used = vec![false; there.len()];
    here.iter()
        .filter(|item| {
            let twin = (0..there.len()).find(|&at| !used[at] && there[at] == **item);
            twin.is_none_or(|at| {
                used[at] = true;
                false
            })
        })
        .collect()
}

/// Groups with a common name are one entity that has gained or lost names.
fn compare_groups(old: &[Group], new: &[Group], changes: &mut Vec<Change>) {
    let mut gained = only(new, old);
    let facts = |group: &Group| Facts { groups: vec![group.clone()], ..Facts::default() };
    for lost in only(old, new) {
        let names =
            |group: &Group| -> Vec<String> { std::iter::once(&group.name).chain(&group.others).cloned().collect() };
        let mine = names(lost);
        let twin =
            gained.iter().position(|group| group.kind == lost.kind && names(group).iter().any(|n| mine.contains(n)));
        changes.push(match twin {
            Some(at) => Change::of(Sort::Value, &lost.kind, facts(lost), facts(gained.remove(at))),
            None => Change::of(Sort::Lost, &lost.kind, facts(lost), Facts::default()),
        });
    }
    changes
        .extend(gained.into_iter().map(|group| Change::of(Sort::Added, &group.kind, Facts::default(), facts(group))));
}

/// Relations of one kind that differ in one part, or only in how sure they are, are one relation that changed.
fn compare_relations(old: &[String], new: &[String], changes: &mut Vec<Change>) {
    let mut gained = only(new, old);
    let facts = |line: &str| Facts { relations: vec![line.to_owned()], ..Facts::default() };
    for lost in only(old, new) {
        let twin = gained.iter().position(|line| differs_in_one_part(lost, line));
        changes.push(match twin {
            Some(at) => Change::of(Sort::Value, relation_kind(lost), facts(lost), facts(gained.remove(at))),
            None => Change::of(Sort::Lost, relation_kind(lost), facts(lost), Facts::default()),
        });
    }
    let added = |line: &String| Change::of(Sort::Added, relation_kind(line), Facts::default(), facts(line));
    changes.extend(gained.into_iter().map(added));
}

fn relation_kind(line: &str) -> &str {
    line.split(':').next().unwrap_or_default()
}

fn differs_in_one_part(a: &str, b: &str) -> bool {
    let parts = |line: &str| -> (String, Vec<String>) {
        let (body, _) = line.rsplit_once(" (").unwrap_or((line, ""));
        let (kind, body) = body.split_once(": ").unwrap_or((body, ""));
        (kind.to_owned(), body.split(" | ").map(str::to_owned).collect())
    };
    let ((kind_a, a), (kind_b, b)) = (parts(a), parts(b));
    let common = a.iter().filter(|part| b.contains(part)).count();
    kind_a == kind_b && common > 0 && common + 1 >= a.len().max(b.len())
}

impl Snapshot {
    /// Takes a change over from `source`: its old facts go, its new ones come, in the order that `source` has them.
    /// Changes about the whole document are not for this.
    pub fn apply(&mut self, change: &Change, source: &Self) {
        self.marks.retain(|mark| !change.old.marks.iter().any(|old| old.same(mark)));
        for mark in &change.new.marks {
            let at = self.marks.partition_point(|other| other.start < mark.start);
            self.marks.insert(at, mark.clone());
        }
        replace(&mut self.groups, &change.old.groups, &change.new.groups, &source.groups);
        replace(&mut self.relations, &change.old.relations, &change.new.relations, &source.relations);
    }

    /// The part of the text that a change is about, with the sentence around it, in bytes: (sentence, place).
    pub fn place(&self, change: &Change) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
        let marks = || change.old.marks.iter().chain(&change.new.marks);
        let start = marks().map(|mark| mark.start).min();
        let end = marks().map(|mark| mark.end).max();
        let place = match (start, end) {
            (Some(start), Some(end)) => start..end,
            _ => self.find(change)?,
        };
        let stop = |c: char| matches!(c, '。' | '！' | '？' | '\n' | '…');
        let from = self.text[..place.start]
            .rfind(stop)
            .map_or(0, |at| at + self.text[at..].chars().next().map_or(1, char::len_utf8));
        let to = self.text[place.end..].find(stop).map_or(self.text.len(), |at| {
            let at = place.end + at;
            at + self.text[at..].chars().next().filter(|&c| c != '\n').map_or(0, char::len_utf8)
        });
        // What closes the sentence before belongs to it, and what opens the line is no more than space.
        let lead = self.text[from..place.start].len()
            - self.text[from..place.start].trim_start_matches(['”', '’', '」', '』', '）', '"', ' ', '\u{3000}']).len();
        Some((from + lead..to, place))
    }

    /// Where names or a relation are said: the line of the text that holds most of their words.
    fn find(&self, change: &Change) -> Option<std::ops::Range<usize>> {
        let facts =
            if change.new.groups.is_empty() && change.new.relations.is_empty() { &change.old } else { &change.new };
        let mut words: Vec<&str> = Vec::new();
        for group in &facts.groups {
            words.extend(std::iter::once(group.name.as_str()).chain(group.others.iter().map(String::as_str)));
        }
        for line in &facts.relations {
            let body = line.split_once(": ").map_or(line.as_str(), |(_, body)| body);
            let body = body.rsplit_once(" (").map_or(body, |(body, _)| body);
            words.extend(body.split(" | ").filter_map(|part| part.split_once(' ')).map(|(_, value)| value));
        }
        let mut best: Option<(usize, std::ops::Range<usize>)> = None;
        let mut start = 0;
        for sentence in self.text.split_inclusive(['。', '！', '？', '\n']) {
            let found: Vec<_> = words
                .iter()
                .filter_map(|word| sentence.find(word).map(|at| start + at..start + at + word.len()))
                .filter(|range| !range.is_empty())
                .collect();
            if let (Some(from), Some(to)) = (found.iter().map(|r| r.start).min(), found.iter().map(|r| r.end).max())
                && best.as_ref().is_none_or(|(count, _)| found.len() > *count)
            {
                best = Some((found.len(), from..to));
            }
            start += sentence.len();
        }
        best.map(|(_, range)| range)
    }
}

/// New items take the places of the old ones; one without such a place stands behind the item that it follows in
/// `source`.
fn replace<T: PartialEq + Clone>(items: &mut Vec<T>, old: &[T], new: &[T], source: &[T]) {
    let mut place = None;
    for item in old {
        if let Some(found) = items.iter().position(|other| other == item) {
            items.remove(found);
            place = place.or(Some(found));
        }
    }
    for item in new {
        let at = place.unwrap_or_else(|| {
            // The same item may stand there several times: the first is put in first.
            let here = nth(source, item, count(items, item)).unwrap_or(source.len());
            let before = (0..here).rev().find_map(|at| nth(items, &source[at], count(&source[..at], &source[at])));
            before.map_or(0, |before| before + 1)
        });
        items.insert(at, item.clone());
        place = Some(at + 1);
    }
}

fn count<T: PartialEq>(items: &[T], wanted: &T) -> usize {
    items.iter().filter(|item| *item == wanted).count()
}

/// Where the item stands for the time with this number, counted from zero.
fn nth<T: PartialEq>(items: &[T], wanted: &T, number: usize) -> Option<usize> {
    (0..items.len()).filter(|&at| items[at] == *wanted).nth(number)
}

/// How many changes there are of each kind and sort.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    counts: BTreeMap<String, BTreeMap<&'static str, usize>>,
}

impl Summary {
    /// Counts a change.
    pub fn add(&mut self, change: &Change) {
        *self.counts.entry(change.kind.clone()).or_default().entry(change.sort.name()).or_default() += 1;
    }

    /// How many changes were counted.
    pub fn total(&self) -> usize {
        self.counts.values().flat_map(BTreeMap::values).sum()
    }

    /// The counts as JSON: kind → sort → number.
    pub fn json(&self) -> serde_json::Value {
        serde_json::to_value(&self.counts).expect("names and numbers are plain data")
    }

    /// A table: a row for each kind, a column for each sort that occurs.
    pub fn table(&self) -> String {
        let sorts: Vec<Sort> = Sort::ALL
            .into_iter()
            .filter(|sort| self.counts.values().any(|row| row.contains_key(sort.name())))
            .collect();
        let mut out = format!("{:<9}", "");
        for sort in &sorts {
            let _ = write!(out, " {:>13}", sort.title());
        }
        out.push('\n');
        for (kind, row) in &self.counts {
            let _ = write!(out, "{kind:<9}");
            for sort in &sorts {
                let count = row.get(sort.name()).map_or_else(|| "·".to_owned(), usize::to_string);
                let _ = write!(out, " {count:>13}");
            }
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str, surface: &str, kind: &str, value: Option<&str>) -> Mark {
        let start = text.find(surface).unwrap();
        let (kind, value) = (kind.to_owned(), value.map(str::to_owned));
        Mark { start, end: start + surface.len(), kind, surface: surface.to_owned(), value, why: None }
    }

    fn snapshot(text: &str, marks: &[(&str, &str, Option<&str>)]) -> Snapshot {
        let marks = marks.iter().map(|(surface, kind, value)| mark(text, surface, kind, *value)).collect();
        Snapshot { id: "a.txt".to_owned(), text: text.to_owned(), marks, ..Snapshot::default() }
    }

    #[test]
    fn a_hostile_text_reads_back() {
        let text = "--- entities\n[ORG 甲] \\ \\u{1b} [\r\n\u{1b}[31m\u{202e}x]\n--- amounts\n三成]四";
        let mut before = snapshot(text, &[("甲", "ORG", None), ("三成]四", "PERCENT", Some("30 percent"))]);
        before.title = Some("题\n目".to_owned());
        before.relations.push("figure: measure 估值 | value 三成 (certain)".to_owned());
        before.groups.push(Group { kind: "ORG".to_owned(), name: "甲".to_owned(), others: vec!["乙".to_owned()] });
        let written = before.render(false);
        assert!(!written.contains('\u{1b}') && !written.contains('\u{202e}') && !written.contains('\r'));
        assert_eq!(Snapshot::parse(&written).unwrap(), before);
    }

    #[test]
    fn every_mention_finds_its_value() {
        let text = "周三，后来的周三，周三。";
        let mut before = snapshot(text, &[]);
        for (at, value) in text.match_indices("周三").map(|(at, _)| at).zip([None, Some("2026-02-04"), None]) {
            let mut mark = mark(text, "周三", "DATE", value);
            (mark.start, mark.end) = (at, at + "周三".len());
            before.marks.push(mark);
        }
        assert_eq!(Snapshot::parse(&before.render(true)).unwrap(), before);
    }

    #[test]
    fn changes_are_sorted_and_apply() {
        let text = "张江的李明华出资3000万元，占三成，王伟称。";
        let old = snapshot(
            text,
            &[
                ("张江", "PERSON", None),
                ("李明", "PERSON", None),
                ("3000万元", "MONEY", Some("3 CNY")),
                ("王伟", "PERSON", None),
            ],
        );
        let new = snapshot(
            text,
            &[
                ("张江", "LOC", None),
                ("李明华", "PERSON", None),
                ("3000万元", "MONEY", Some("30000000 CNY")),
                ("三成", "PERCENT", Some("30 percent")),
            ],
        );
        let changes = compare(Some(&old), &new);
        let sorts: Vec<Sort> = changes.iter().map(|change| change.sort).collect();
        assert_eq!(sorts, [Sort::Kind, Sort::Span, Sort::Value, Sort::Added, Sort::Lost]);
        let mut applied = old.clone();
        changes.iter().for_each(|change| applied.apply(change, &new));
        assert_eq!(applied, new);
        changes.iter().rev().for_each(|change| applied.apply(&change.inverse(), &old));
        assert_eq!(applied, old);
        let (sentence, place) = new.place(&changes[1]).unwrap();
        assert_eq!((&text[place], &text[sentence]), ("李明华", text));
    }

    #[test]
    fn a_relation_that_differs_in_one_part_is_one_change() {
        let mut old = snapshot("文", &[]);
        let mut new = old.clone();
        old.relations.push("figure: subject 甲 | measure 估值 | value 1亿元 (certain)".to_owned());
        new.relations.push("figure: subject 甲 | measure 估值 | value 2亿元 (certain)".to_owned());
        new.relations.push("quote: speaker 乙 | content 好 (likely)".to_owned());
        let changes = compare(Some(&old), &new);
        assert_eq!(changes.iter().map(|change| change.sort).collect::<Vec<_>>(), [Sort::Value, Sort::Added]);
    }
}
