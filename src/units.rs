//! What stands around numbers: behind `30亿` stands `美元` (USD), behind `75` the measure word `名`, before both `近`.
//!
//! The tables come from `dictionaries/`: currencies, measures, qualifiers, words that hold numerals. They are looked up
//! at one position at a time, longest first; nothing is searched for.

use crate::lexicon::{rows, table};
use crate::mention::{Currency, Qualifier, Unit};
use crate::numeral::Words;
use crate::text::Folding;
use rustc_hash::FxHashMap;

/// Surfaces that are looked up where they begin or where they end.
pub struct Table<T> {
    /// By first character, longest first.
    by_first: FxHashMap<char, Vec<(Box<str>, T)>>,
    /// By last character: the index of the list above and in it.
    by_last: FxHashMap<char, Vec<(char, usize)>>,
}

impl<T> Table<T> {
    /// A table of folded surfaces; of two equal ones the first counts.
    pub fn new(entries: impl IntoIterator<Item = (Box<str>, T)>) -> Self {
        let mut by_first: FxHashMap<char, Vec<(Box<str>, T)>> = FxHashMap::default();
        for (surface, value) in entries {
            if let Some(c) = surface.chars().next() {
                by_first.entry(c).or_default().push((surface, value));
            }
        }
        let mut by_last: FxHashMap<char, Vec<(char, usize)>> = FxHashMap::default();
        for (&first, list) in &mut by_first {
            list.sort_by_key(|(surface, _)| std::cmp::Reverse(surface.len()));
            list.dedup_by(|later, earlier| later.0 == earlier.0);
            for (n, (surface, _)) in list.iter().enumerate() {
                let last = surface.chars().next_back().expect("a surface has a first character");
                by_last.entry(last).or_default().push((first, n));
            }
        }
        for list in by_last.values_mut() {
            list.sort_by_key(|&(first, n)| (std::cmp::Reverse(by_first[&first][n].0.len()), first, n));
        }
        Self { by_first, by_last }
    }

    /// The entries that begin at a position, longest first, with their ends.
    pub fn at<'a>(&'a self, shadow: &'a str, at: usize) -> impl Iterator<Item = (usize, &'a T)> {
        let rest = &shadow[at..];
        let list = rest.chars().next().and_then(|c| self.by_first.get(&c));
        list.into_iter().flatten().filter_map(move |(surface, value)| {
            let end = at + surface.len();
            (rest.starts_with(&**surface) && !splits_word(shadow, end)).then_some((end, value))
        })
    }

    /// The entries that end at a position, longest first, with their beginnings.
    pub fn before<'a>(&'a self, shadow: &'a str, at: usize) -> impl Iterator<Item = (usize, &'a T)> {
        let head = &shadow[..at];
        let list = head.chars().next_back().and_then(|c| self.by_last.get(&c));
        list.into_iter().flatten().filter_map(move |&(first, n)| {
            let (surface, value) = &self.by_first[&first][n];
            let start = at.checked_sub(surface.len())?;
            (head.ends_with(&**surface) && !splits_word(shadow, start)).then_some((start, value))
        })
    }
}

/// Whether a position lies inside a run of Latin letters.
fn splits_word(shadow: &str, at: usize) -> bool {
    let bytes = shadow.as_bytes();
    at > 0 && at < bytes.len() && bytes[at - 1].is_ascii_alphabetic() && bytes[at].is_ascii_alphabetic()
}

/// How certain it is that a currency's name means money, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Always this currency.
    Certain,
    /// 元, 块, 角, 分: the currency of the article's place.
    Home,
    /// 卢比, 克朗, $: a country in the text decides, else the commonest.
    ByCountry,
    /// Also an ordinary word: 刀, 盾.
    Ambiguous,
}

/// A currency's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// The currency, or the commonest of the name.
    pub currency: Currency,
    /// How certain it is.
    pub certainty: Certainty,
    /// Whether it may stand before the number, and behind it.
    pub before: bool,
    /// Whether it may stand behind the number.
    pub after: bool,
    /// The power of ten of the main unit that one of these is: 角 -1, 分 -2.
    pub scale: i32,
    /// The line of the dictionary, to look up its countries.
    pub line: u32,
}

/// What stands behind a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// A measure word or unit, part of the count; and whether it may follow a single Chinese digit.
    Part(bool),
    /// A unit that only a decimal fraction makes a count: 3997.56点.
    Points,
    /// A noun that is counted without measure word: 6市.
    Place,
    /// A noun counted behind 万 and 亿, outside the count: 900万|用户.
    Noun,
    /// A length of time or an age.
    Duration,
    /// No count: 5级, 3号线.
    None,
}

/// A unit of shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Percent, points or basis points.
    pub unit: Unit,
    /// The power of ten of one percent: ‰ has -1, 成 1.
    pub scale: i32,
    /// 成, 折 and 点 need a look at what stands around them.
    pub doubtful: bool,
}

/// How surely words in a clause say that a bare number is money, or a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// 估值, 营收.
    Money,
    /// 销量, 人次.
    Count,
    /// 约, 达, 增至: says nothing, and may stand between.
    Filler,
}

/// All tables of quantities.
pub struct Units {
    /// Names and codes of currencies.
    pub money: Table<Money>,
    /// Measure words, units, counted nouns.
    pub measures: Table<Measure>,
    /// %, 个百分点, 成.
    pub shares: Table<Share>,
    /// Qualifiers before a number.
    pub before: Table<Option<Qualifier>>,
    /// Qualifiers behind a number and its unit; `None` for what only looks like one.
    pub after: Table<Option<Qualifier>>,
    /// What a bare number is about.
    pub topics: Table<Topic>,
    /// Words that hold numerals and are none.
    pub words: Words,
    /// For the line of a currency's name: the place words that decide, and their currencies.
    countries: FxHashMap<u32, Vec<(Box<str>, Currency)>>,
}

/// The units of shares with their scale; those that also are ordinary words are doubtful.
const SHARES: [(&str, Unit, i32, bool); 19] = [
    ("点子", Unit::BasisPoint, 0, true),
    ("%", Unit::Percent, 0, false),
    ("‰", Unit::Percent, -1, false),
    ("‱", Unit::Percent, -2, false),
    ("percent", Unit::Percent, 0, false),
    ("成", Unit::Percent, 1, true),
    ("折", Unit::Percent, 1, true),
    ("趴", Unit::Percent, 0, true),
    ("个百分点", Unit::Point, 0, false),
    ("百分点", Unit::Point, 0, false),
    ("个百份点", Unit::Point, 0, false),
    ("个点", Unit::Point, 0, true),
    ("个基点", Unit::BasisPoint, 0, false),
    ("基点", Unit::BasisPoint, 0, false),
    ("个bp", Unit::BasisPoint, 0, false),
    ("bp", Unit::BasisPoint, 0, false),
    ("bps", Unit::BasisPoint, 0, false),
    ("个bps", Unit::BasisPoint, 0, false),
    ("pct", Unit::Point, 0, false),
];

impl Units {
    /// The built-in tables, folded like the texts they are looked up in.
    pub fn new(folding: &Folding) -> Self {
        let fold = |surface: &str| -> Box<str> { surface.chars().map(|c| folding.fold(c)).collect() };
        let mut lines: FxHashMap<Box<str>, u32> = FxHashMap::default();
        let money: Vec<_> = rows(table!("currencies"))
            .filter_map(|(line, row)| {
                let surface = fold(row.first()?);
                lines.entry(surface.clone()).or_insert(line);
                Some((surface, money(line, &row)?))
            })
            .collect();
        let mut countries: FxHashMap<u32, Vec<_>> = FxHashMap::default();
        for (_, row) in rows(table!("currency_countries")) {
            if let [name, place, code] = row[..]
                && let (Some(&line), Some(currency)) = (lines.get(&fold(name)), Currency::new(code))
            {
                countries.entry(line).or_default().push((fold(place), currency));
            }
        }
        let measures = rows(table!("measures")).filter_map(|(_, row)| Some((fold(row.first()?), measure(&row)?)));
        let shares = SHARES.map(|(surface, unit, scale, doubtful)| (fold(surface), Share { unit, scale, doubtful }));
        let qualifiers = |position: &'static str| {
            rows(table!("qualifiers"))
                .filter(move |(_, row)| row.get(1) == Some(&position))
                .filter_map(|(_, row)| Some((fold(row.first()?), Qualifier::from_name(row.get(2)?))))
        };
        let topics = rows(table!("topics")).filter_map(|(_, row)| {
            let topic = match *row.get(1)? {
                "money" => Topic::Money,
                "count" => Topic::Count,
                _ => Topic::Filler,
            };
            Some((fold(row.first()?), topic))
        });
        let words: Vec<_> = rows(table!("numeral_words")).filter_map(|(_, row)| Some(fold(row.first()?))).collect();
        Self {
            money: Table::new(money),
            measures: Table::new(measures),
            shares: Table::new(shares),
            before: Table::new(qualifiers("before")),
            after: Table::new(qualifiers("after")),
            topics: Table::new(topics),
            words: Words::new(words.iter().map(|word| &**word)),
            countries,
        }
    }

    /// The place words that decide what a currency's name means, with the currency of each.
    pub fn countries(&self, money: &Money) -> &[(Box<str>, Currency)] {
        self.countries.get(&money.line).map_or(&[], |list| list)
    }
}

/// A line of `currencies.tsv`: surface, code, position, certainty, scale. Codes that are not ISO 4217's are left out.
fn money(line: u32, row: &[&str]) -> Option<Money> {
    let &[surface, code, position, certainty, scale] = row else { return None };
    let certainty = match certainty {
        _ if ["元", "块", "圆", "角", "毛", "分"].iter().any(|home| surface.starts_with(home))
            && code == "CNY"
            && certainty == "by_country" =>
        {
            Certainty::Home
        }
        "certain" => Certainty::Certain,
        "by_country" => Certainty::ByCountry,
        _ => Certainty::Ambiguous,
    };
    let scale = match scale {
        "0.1" => -1,
        "0.01" => -2,
        _ => 0,
    };
    let currency = Currency::new(code)?;
    Some(Money { currency, certainty, before: position != "after", after: position != "before", scale, line })
}

/// A line of `measures.tsv`: surface, class, numerals.
fn measure(row: &[&str]) -> Option<Measure> {
    Some(match (*row.get(1)?, *row.get(2)?) {
        ("measure", "points") => Measure::Points,
        ("measure", numerals) => Measure::Part(numerals == "any"),
        ("place", _) => Measure::Place,
        ("noun", _) => Measure::Noun,
        ("duration", _) => Measure::Duration,
        _ => Measure::None,
    })
}
