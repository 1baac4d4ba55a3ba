//! A record as a person reads it: the text with its marks, then entities, amounts and relations.
//!
//! The same form serves the terminal (in colour) and the snapshots (plain): one line a fact, in a stable order, so
//! that a change of one fact is a change of one line.

use crate::mention::Kind;
use crate::record::{Record, RecordAmount, RecordMention, RecordRelation};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;

/// Whether marks are shown by colour or by letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// ANSI colours, for terminals.
    Colour,
    /// Brackets with the kind: `[ORG 英伟达]`, for files.
    Plain,
}

/// The record as marked text, then its facts. `source` is the text that the record's positions, in characters, refer to.
pub fn view(record: &Record, source: &str, paint: Paint) -> String {
    let mut out = String::new();
    marked(record, source, paint, &mut out);
    section(
        &mut out,
        "entities",
        record.entities.iter().map(|entity| {
            let aliases =
                if entity.aliases.is_empty() { String::new() } else { format!(" = {}", entity.aliases.join(" = ")) };
            format!("{:<7} {}{aliases}  ×{}", entity.kind, flat(&entity.name), entity.mentions.len())
        }),
    );
    section(&mut out, "amounts", record.mentions.iter().filter_map(amount_line));
    section(&mut out, "relations", record.relations.iter().map(relation_line));
    out
}

/// The style of a kind.
pub fn style(kind: Kind) -> Style {
    let colour = match kind {
        Kind::Person => AnsiColor::Cyan,
        Kind::Org => AnsiColor::Yellow,
        Kind::Loc => AnsiColor::Green,
        Kind::Product => AnsiColor::Magenta,
        Kind::Title => AnsiColor::BrightBlack,
        Kind::Money => AnsiColor::BrightRed,
        Kind::Percent => AnsiColor::BrightMagenta,
        Kind::Date => AnsiColor::Blue,
        Kind::Count => AnsiColor::BrightGreen,
    };
    let style = Style::new().fg_color(Some(colour.into()));
    if matches!(kind, Kind::Person | Kind::Org | Kind::Money | Kind::Percent) { style.bold() } else { style }
}

fn marked(record: &Record, source: &str, paint: Paint, out: &mut String) {
    // An article must not steer the terminal that it is shown on.
    let steers = |c: char| paint == Paint::Colour && is_unseen(c);
    let mut chars = source.chars().map(|c| if steers(c) { '\u{fffd}' } else { c });
    let mut at = 0;
    for mention in &record.mentions {
        out.extend(chars.by_ref().take((mention.start - at) as usize));
        let surface: String = chars.by_ref().take((mention.end - mention.start) as usize).collect();
        at = mention.end;
        match (paint, mention.kind()) {
            (Paint::Colour, Some(kind)) => {
                let style = style(kind);
                let _ = write!(out, "{style}{surface}{style:#}");
            }
            _ => {
                let _ = write!(out, "[{} {surface}]", mention.kind);
            }
        }
    }
    out.extend(chars);
    while out.ends_with(char::is_whitespace) {
        out.pop();
    }
    out.push('\n');
}

/// A head and its lines, or nothing where there is no line.
pub(crate) fn section(out: &mut String, name: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n--- {name}");
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
}

/// Whether a character can change how the text around it is shown, or what a terminal does.
pub fn is_unseen(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `1 entry`, `2 entries`.
pub(crate) fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// A text on one line.
pub(crate) fn flat(text: &str) -> String {
    text.replace(['\n', '\r'], "⏎")
}

fn amount_line(mention: &RecordMention) -> Option<String> {
    let value = mention_value(mention)?;
    Some(format!("{:<7} {} = {value}", mention.kind, flat(&mention.text)))
}

/// The value of a mention, if it has one: `15000000000 USD over`, `2026-02-04`, `75 名 near`.
pub fn mention_value(mention: &RecordMention) -> Option<String> {
    Some(match (&mention.amount, &mention.date, &mention.count) {
        (Some(amount), ..) => amount_value(amount),
        (_, Some(date), _) => match (&date.from, &date.to) {
            (Some(from), Some(to)) if from == to => from.clone(),
            (from, to) => format!("{}..{}", from.as_deref().unwrap_or(""), to.as_deref().unwrap_or("")),
        },
        (_, _, Some(count)) => {
            let number = number(&count.value, &count.low, &count.high, &count.magnitude);
            let unit = count.unit.as_ref().map_or(String::new(), |unit| format!(" {}", flat(unit)));
            format!("{number}{unit}{}", qualifier(&count.qualifier))
        }
        _ => return None,
    })
}

/// `15000000000 USD over`, `10..15 percent`.
pub fn amount_value(amount: &RecordAmount) -> String {
    let number = number(&amount.value, &amount.low, &amount.high, &amount.magnitude);
    let unit = amount.currency.as_deref().or(amount.unit.as_deref()).unwrap_or("");
    format!("{number} {unit}{}", qualifier(&amount.qualifier))
}

fn number(value: &Option<String>, low: &Option<String>, high: &Option<String>, magnitude: &Option<String>) -> String {
    match (value, low, high, magnitude) {
        (Some(value), ..) => value.clone(),
        (_, None, None, Some(magnitude)) => format!("×{magnitude}"),
        (_, None, None, None) => "?".to_owned(),
        (_, low, high, _) => format!("{}..{}", low.as_deref().unwrap_or(""), high.as_deref().unwrap_or("")),
    }
}

fn qualifier(qualifier: &Option<String>) -> String {
    qualifier.as_ref().map_or(String::new(), |qualifier| format!(" {qualifier}"))
}

/// `role: person 黄仁勋 | title CEO | org 英伟达 | status current`.
pub fn relation_line(relation: &RecordRelation) -> String {
    let parts = relation_parts(relation);
    let parts: Vec<String> = parts.into_iter().map(|(part, value)| format!("{part} {}", flat(value))).collect();
    format!("{}: {} ({})", relation.kind, parts.join(" | "), relation.confidence)
}

/// The parts of a relation in the order in which they are shown.
pub fn relation_parts(relation: &RecordRelation) -> Vec<(&str, &str)> {
    let order = [
        "person",
        "action",
        "title",
        "org",
        "status",
        "subject",
        "measure",
        "value",
        "basis",
        "direction",
        "speaker",
        "content",
    ];
    let known = order.iter().filter_map(|part| Some((*part, relation.parts.get(*part)?.as_str())));
    let further = relation.parts.iter().map(|(part, value)| (part.as_str(), value.as_str()));
    known.chain(further.filter(|(part, _)| !order.contains(part))).collect()
}
