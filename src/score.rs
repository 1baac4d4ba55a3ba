//! Records against annotation: precision, recall and F1 for each kind, values and canonical names.
//!
//! A mention is right when kind and span are. Place marks that touch are joined on both sides before (四川|成都 is
//! 四川成都). What lies on a mark that the annotation calls optional counts neither way. A relation is right when all
//! its parts are, compared as annotators write them: loosely for measures, titles and quotations.

use crate::gold::{Article, Mark};
use crate::mention::Kind;
use crate::number::Decimal;
use crate::record::{Record, RecordAmount, RecordRelation};
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts of one row of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Annotated.
    pub gold: usize,
    /// Found.
    pub found: usize,
    /// Both, with the same span.
    pub hit: usize,
    /// Hits whose value, currency and unit are right too; for names every hit.
    pub value: usize,
    /// Hits whose qualifier is right; for names every hit.
    pub qualifier: usize,
    /// Hits that are tied to the right canonical name.
    pub canonical: usize,
    /// Hits that have a canonical name.
    pub canonical_of: usize,
}

/// The shares of a row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Annotated.
    pub gold: usize,
    /// Found.
    pub pred: usize,
    /// Precision.
    pub p: f64,
    /// Recall.
    pub r: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// Share of hits with the right value.
    pub value: f64,
    /// F1 of span and value together.
    pub both: f64,
    /// Share of hits with the right qualifier.
    pub qualifier: f64,
    /// Share of hits with the right canonical name.
    pub canon: f64,
}

/// `gold   137 pred   137  P 0.9708 R 0.9708 F1 0.9708`.
impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { gold, pred, p, r, f1, .. } = self;
        write!(f, "gold {gold:5} pred {pred:5}  P {p:.4} R {r:.4} F1 {f1:.4}")
    }
}

impl Tally {
    /// Precision, recall and the rest.
    pub fn row(self) -> Row {
        let share = |a: usize, b: usize| if b == 0 { 0.0 } else { a as f64 / b as f64 };
        Row {
            gold: self.gold,
            pred: self.found,
            p: share(self.hit, self.found),
            r: share(self.hit, self.gold),
            f1: share(2 * self.hit, self.found + self.gold),
            value: share(self.value, self.hit),
            both: share(2 * self.value, self.found + self.gold),
            qualifier: share(self.qualifier, self.hit),
            canon: share(self.canonical, self.canonical_of),
        }
    }
}

/// Something that is not as annotated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Miss {
    /// The document.
    pub id: String,
    /// Where, in characters.
    pub at: usize,
    /// The kind of mention or relation.
    pub kind: String,
    /// missed, spurious, or what was found instead.
    pub problem: String,
    /// The mention in its surroundings, or the parts of the relation.
    pub context: String,
}

/// The comparison of a set of documents.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// A row for each kind, then CORE and ALL, then each kind of relation.
    pub rows: Vec<(String, Tally)>,
    /// What is not as annotated, sorted.
    pub misses: Vec<Miss>,
    /// How many documents were compared.
    pub documents: usize,
    /// How many of them had no record.
    pub absent: usize,
    /// Mentions whose text is not the source under their positions.
    pub misquoted: usize,
}

/// The kinds that the CORE row sums.
const CORE: [Kind; 4] = [Kind::Person, Kind::Org, Kind::Percent, Kind::Money];

/// The order of rows: the core kinds first.
const ORDER: [Kind; 9] = [
    Kind::Person,
    Kind::Org,
    Kind::Percent,
    Kind::Money,
    Kind::Loc,
    Kind::Product,
    Kind::Title,
    Kind::Date,
    Kind::Count,
];

/// The parts of each relation in the order of the annotation.
const RELATIONS: [(&str, &[&str]); 5] = [
    ("role", &["person", "title", "org", "status"]),
    ("move", &["person", "action", "org"]),
    ("figure", &["subject", "measure", "value"]),
    ("change", &["subject", "measure", "value"]),
    ("quote", &["speaker", "content"]),
];

/// What a mention is compared by.
struct Found<'a> {
    amount: Option<&'a RecordAmount>,
    name: Option<&'a str>,
}

type Key = (usize, usize, Kind);

/// Compares records, whose positions must be in characters, with annotated articles. `records` is asked by id.
pub fn score<'a>(articles: &[Article], record_of: impl Fn(&str) -> Option<&'a Record>, kinds: &[Kind]) -> Score {
    let mut score = Score { documents: articles.len(), ..Score::default() };
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for article in articles {
        let record = record_of(&article.id);
        score.absent += usize::from(record.is_none());
        let empty = Record::default();
        let record = record.unwrap_or(&empty);
        mentions(article, record, kinds, &mut tallies, &mut score);
        if !article.relations.is_empty() {
            relations(article, record, &mut tallies, &mut score);
        }
    }
    let names =
        ORDER.iter().map(|kind| kind.name()).chain(["CORE", "ALL"]).chain(RELATIONS.iter().map(|(name, _)| *name));
    score.rows = names.filter_map(|name| Some((name.to_owned(), *tallies.get(name)?))).collect();
    score.misses.sort();
    score
}

fn mentions(
    article: &Article,
    record: &Record,
    kinds: &[Kind],
    tallies: &mut BTreeMap<&'static str, Tally>,
    score: &mut Score,
) {
    let chars: Vec<char> = article.text.chars().collect();
    let optional: Vec<(usize, usize)> =
        article.marks.iter().filter(|mark| mark.optional).map(|mark| (mark.start, mark.end)).collect();
    let gold = joined(
        article.marks.iter().map(|mark| (mark.start, mark.end, mark.kind, Some(mark), !mark.optional)).collect(),
    );
    let wanted: BTreeMap<Key, Option<&Mark>> = gold
        .into_iter()
        .filter(|&(_, _, kind, mark, _)| kinds.contains(&kind) && mark.is_none_or(|mark| !mark.optional))
        .map(|(start, end, kind, mark, _)| ((start, end, kind), mark))
        .collect();
    let names: BTreeMap<u32, &str> = record.entities.iter().map(|entity| (entity.id, &*entity.name)).collect();
    let mut marks = Vec::new();
    for mention in &record.mentions {
        let (start, end) = (mention.start as usize, mention.end as usize);
        let quoted = chars.get(start..end).is_some_and(|under| under.iter().collect::<String>() == mention.text);
        score.misquoted += usize::from(!quoted);
        if let Some(kind) = mention.kind() {
            let name = mention.entity.and_then(|id| names.get(&id)).copied();
            marks.push((start, end, kind, Some(Found { amount: mention.amount.as_deref(), name }), true));
        }
    }
    let found: BTreeMap<Key, Option<Found>> = joined(marks)
        .into_iter()
        .filter(|&(start, end, kind, _, _)| {
            kinds.contains(&kind) && !optional.iter().any(|&(from, to)| from < end && start < to)
        })
        .map(|(start, end, kind, found, _)| ((start, end, kind), found))
        .collect();

    let mut keys: Vec<Key> = wanted.keys().chain(found.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let (start, end, kind) = key;
        let (gold, prediction) = (wanted.get(&key), found.get(&key));
        let mut tally =
            Tally { gold: usize::from(gold.is_some()), found: usize::from(prediction.is_some()), ..Tally::default() };
        let problem = match (gold, prediction) {
            (Some(mark), Some(found)) => compare(*mark, found.as_ref(), kind, &mut tally),
            (Some(_), None) => Some("missed".to_owned()),
            _ => Some("spurious".to_owned()),
        };
        let groups = [Some(kind.name()), Some("ALL"), CORE.contains(&kind).then_some("CORE")];
        for group in groups.into_iter().flatten() {
            tallies.entry(group).or_default().add(tally);
        }
        if let Some(problem) = problem {
            let piece = |from: usize, to: usize| -> String {
                let to = to.min(chars.len());
                chars[from.min(to)..to].iter().map(|&c| if c == '\n' { '⏎' } else { c }).collect()
            };
            let context =
                format!("{}[{}]{}", piece(start.saturating_sub(12), start), piece(start, end), piece(end, end + 12));
            score.misses.push(Miss {
                id: article.id.clone(),
                at: start,
                kind: kind.name().to_owned(),
                problem,
                context,
            });
        }
    }
}

/// Fills in a tally for a hit, and says what is wrong with it apart from its span.
fn compare(mark: Option<&Mark>, found: Option<&Found>, kind: Kind, tally: &mut Tally) -> Option<String> {
    tally.hit = 1;
    if matches!(kind, Kind::Money | Kind::Percent) {
        let (mark, amount) = (mark?, found?.amount);
        let same_value = mark.amount.as_ref().map(gold_key) == Some(amount.map_or_else(Default::default, record_key));
        let same_qualifier =
            mark.qualifier.map(|qualifier| qualifier.name()) == amount.and_then(|amount| amount.qualifier.as_deref());
        (tally.value, tally.qualifier) = (usize::from(same_value), usize::from(same_qualifier));
        return (!(same_value && same_qualifier)).then(|| match amount {
            Some(amount) => serde_json::to_string(amount).expect("an amount is plain strings"),
            None => "no amount".to_owned(),
        });
    }
    (tally.value, tally.qualifier) = (1, 1);
    if !matches!(kind, Kind::Person | Kind::Org) {
        return None;
    }
    let mark = mark?;
    let name = found?.name;
    let right = name == Some(mark.canonical.as_deref().unwrap_or(&mark.text));
    (tally.canonical, tally.canonical_of) = (usize::from(right), 1);
    (!right).then(|| format!("canonical {}", name.unwrap_or("-")))
}

/// Value, or low and high, then currency and unit, as comparable strings.
type AmountKey = (Option<String>, Option<String>, Option<String>, String);

fn gold_key(amount: &crate::gold::GoldAmount) -> AmountKey {
    let (low, high) = match amount.range {
        Some((low, high)) => (Some(low.to_string()), Some(high.to_string())),
        None => (None, None),
    };
    let currency = amount.currency.map(|currency| currency.code().to_owned());
    (low, high, currency, amount.unit.unwrap_or("percent").to_owned())
}

fn record_key(amount: &RecordAmount) -> AmountKey {
    let plain = |n: &Option<String>| {
        n.as_ref().map(|n| n.parse::<Decimal>().map_or_else(|_| n.clone(), |number| number.to_string()))
    };
    let (low, high) = match &amount.value {
        Some(_) => (plain(&amount.value), plain(&amount.value)),
        None => (plain(&amount.low), plain(&amount.high)),
    };
    (low, high, amount.currency.clone(), amount.unit.clone().unwrap_or_else(|| "percent".to_owned()))
}

/// Joins places that touch; the last field says whether a mark may be joined.
fn joined<T>(mut marks: Vec<(usize, usize, Kind, Option<T>, bool)>) -> Vec<(usize, usize, Kind, Option<T>, bool)> {
    marks.sort_by_key(|&(start, end, ..)| (start, end));
    let mut out: Vec<(usize, usize, Kind, Option<T>, bool)> = Vec::with_capacity(marks.len());
    for mark in marks {
        match out.last_mut() {
            Some(last) if last.2 == Kind::Loc && mark.2 == Kind::Loc && last.1 == mark.0 && last.4 && mark.4 => {
                last.1 = mark.1;
            }
            _ => out.push(mark),
        }
    }
    out
}

fn relations(article: &Article, record: &Record, tallies: &mut BTreeMap<&'static str, Tally>, score: &mut Score) {
    let mut left: Vec<&RecordRelation> = record.relations.iter().collect();
    for (name, _) in RELATIONS {
        let found = left.iter().filter(|relation| relation.kind == name).count();
        tallies.entry(name).or_default().found += found;
    }
    for gold in &article.relations {
        let (name, parts) =
            RELATIONS.iter().find(|(name, _)| *name == gold[0]).expect("annotation is checked when read");
        let tally = tallies.entry(name).or_default();
        tally.gold += 1;
        let fitting = left.iter().position(|relation| {
            relation.kind == *name
                && parts.iter().zip(&gold[1..]).all(|(part, gold)| fits(part, gold, relation.parts.get(*part)))
        });
        match fitting {
            Some(index) => {
                left.remove(index);
                tally.hit += 1;
            }
            None => score.misses.push(Miss {
                id: article.id.clone(),
                at: 0,
                kind: (*name).to_owned(),
                problem: "missed".to_owned(),
                context: gold[1..].join(" | "),
            }),
        }
    }
    for relation in left {
        score.misses.push(Miss {
            id: article.id.clone(),
            at: relation.start as usize,
            kind: relation.kind.clone(),
            problem: "spurious".to_owned(),
            context: relation
                .parts
                .iter()
                .map(|(part, value)| format!("{part} {value}"))
                .collect::<Vec<_>>()
                .join(" | "),
        });
    }
}

/// A relation in the form of the annotation: `role: 黄仁勋 | CEO | 英伟达 | current`.
pub fn written(relation: &RecordRelation) -> String {
    let names = RELATIONS.iter().find(|(name, _)| *name == relation.kind).map_or(&[][..], |(_, parts)| parts);
    let parts: Vec<&str> = names.iter().map(|part| relation.parts.get(*part).map_or("-", String::as_str)).collect();
    format!("{}: {}", relation.kind, parts.join(" | "))
}

/// Whether a part of a relation says what the annotation says.
fn fits(part: &str, gold: &str, found: Option<&String>) -> bool {
    let plain = |text: &str| -> String {
        let text = text.replace(' ', "");
        text.trim_matches(['“', '”', '"', '‘', '’', '\'']).to_owned()
    };
    let gold = plain(gold);
    let found = plain(found.map_or("-", |found| if found.is_empty() { "-" } else { found }));
    let head = |text: &str, n: usize| -> String { text.chars().take(n).collect() };
    match part {
        "measure" if found.is_empty() || found == "-" => gold == found,
        "measure" => found.contains(&gold) || gold.contains(&found),
        "content" => found.starts_with(&head(&gold, 12)) || head(&found, 24).contains(&head(&gold, 8)),
        "title" => gold == found || found.ends_with(&gold) || gold.ends_with(&found),
        _ => gold == found,
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.gold += other.gold;
        self.found += other.found;
        self.hit += other.hit;
        self.value += other.value;
        self.qualifier += other.qualifier;
        self.canonical += other.canonical;
        self.canonical_of += other.canonical_of;
    }
}
