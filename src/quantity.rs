//! Amounts, shares and counts: in `融资超150亿美元，持股三成五，约30家` stand 15000000000 USD (over), 35 percent, 30 (about).
//!
//! A numeral of [`Numerals`] becomes a *figure* by what stands directly around it: a currency before or behind, a unit of
//! shares, a measure word. Figures join to ranges (10亿至15亿美元) and lend their unit to a list before them (5亿和7.5亿元).
//! Qualifiers stand outside. Dates are read first and keep their numbers.
//!
//! Law: mentions are disjoint, in order and on character borders; the same text gives the same mentions; no text makes
//! it fail or takes more than linear time. A value that does not fit is [`Quantity::Unknown`].

use crate::amount::{Figure, Figures, Sense};
use crate::date;
use crate::mention::{Amount, By, Currency, Kind, Mention, Qualifier, Quantity, Reason, Unit, Value};
use crate::money;
use crate::number::Decimal;
use crate::numeral::{Around, Numerals, Open, Script, divide};
use crate::qualifier::Qualifiers;
use crate::text::{Span, Text};
use crate::units::{Certainty, Measure, Topic, Units};

/// What is known from outside of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// The currency of 元, whatever the text says.
    pub currency: Option<Currency>,
    /// The day on which the article appeared.
    pub date: Option<jiff::civil::Date>,
}

/// All amounts, shares, dates and counts of a text, sorted and disjoint.
pub fn quantities(text: &Text, units: &Units, setting: &Setting) -> Vec<Mention> {
    let dates = date::dates(text, setting.date);
    let mut grammar = Grammar::new(text, units, setting.currency);
    grammar.read(&dates);
    let mut mentions = grammar.mentions;
    mentions.extend(dates);
    mentions.sort_unstable_by_key(|mention| mention.span);
    mentions
}

struct Grammar<'a> {
    text: &'a Text,
    shadow: &'a str,
    units: &'a Units,
    figures: Figures<'a>,
    qualifiers: Qualifiers<'a>,
    /// Bare numbers that a list joins to what follows.
    list: Vec<Figure>,
    /// The tables of the text whose heads name a unit of money, last first.
    tables: Vec<Table>,
    mentions: Vec<Mention>,
}

impl Around for Grammar<'_> {
    fn shadow(&self) -> &str {
        self.shadow
    }
}

/// Most numbers before the one that lends its unit.
const LONGEST_LIST: usize = 12;

/// Between the numbers of a list.
const LIST: [&str; 8] = ["、", "和", "与", "及", "或", "以及", "或者", "和约"];

/// Between the ends of a range.
const RANGE: [&str; 10] = ["至", "到", "-", "~", "——", "—", "–", "--", "－", "～"];

impl<'a> Grammar<'a> {
    fn new(text: &'a Text, units: &'a Units, currency: Option<Currency>) -> Self {
        let shadow = text.shadow();
        let home = money::home(text, currency);
        Self {
            text,
            shadow,
            units,
            figures: Figures::new(text, units, home),
            qualifiers: Qualifiers::new(shadow, units),
            list: Vec::new(),
            tables: tables(shadow, units, home.0),
            mentions: Vec::new(),
        }
    }

    /// Reads the whole text; `dates` keep their numbers.
    fn read(&mut self, dates: &[Mention]) {
        let mut numerals = Numerals::new(self.text, &self.units.words);
        let mut dates = dates.iter().map(|mention| mention.span).peekable();
        let mut done = 0;
        while let Some(numeral) = numerals.next() {
            // A currency before the number begins behind the date before it: 今日|圆300.
            while let Some(date) = dates.next_if(|date| date.end() <= numeral.span.start()) {
                done = done.max(date.end());
            }
            if let Some(date) = dates.peek()
                && date.overlaps(numeral.span)
            {
                done = done.max(date.end());
                numerals.seek(date.end().max(numeral.span.end()));
                self.list.clear();
                continue;
            }
            let border = dates.peek().map_or(self.shadow.len(), |date| date.start());
            let mut figure = self.figures.figure(numeral, done);
            if figure.end > border {
                continue;
            }
            if let Some(range) = self.range(&figure, &numerals).filter(|range| range.end <= border) {
                figure = range;
            }
            done = done.max(self.settle(figure, done));
            numerals.seek(done.max(numerals.position()));
        }
    }

    /// Decides on a figure; returns where what was used up ends.
    fn settle(&mut self, mut figure: Figure, done: usize) -> usize {
        let joined = self.list.last().is_some_and(|last| self.is_list(last.end, figure.start));
        if !joined {
            self.list.clear();
        }
        if figure.sense == Sense::Bare {
            self.bare(&mut figure);
        }
        match figure.sense {
            Sense::Bare => {
                if figure.numeral.sign.is_none()
                    && !figure.numeral.glued
                    && figure.numeral.denominator.is_none()
                    && figure.open != Open::Order
                {
                    if self.list.len() == LONGEST_LIST {
                        self.list.remove(0);
                    }
                    self.list.push(figure);
                } else {
                    self.list.clear();
                }
                done
            }
            Sense::Other => {
                self.list.clear();
                figure.end
            }
            Sense::Money(..) | Sense::Share(..) => {
                if figure.closed {
                    self.lend(&figure);
                }
                self.list.clear();
                let end = figure.end;
                if figure.start >= done {
                    self.emit(&figure);
                }
                end
            }
            Sense::Count(_) => {
                self.list.clear();
                let end = figure.end;
                if figure.start >= done {
                    self.emit(&figure);
                }
                end
            }
        }
    }

    /// Gives the unit of a figure to the bare numbers of the list before it.
    fn lend(&mut self, figure: &Figure) {
        let list = std::mem::take(&mut self.list);
        // A number at the beginning of a line is a heading's: 1、500万元.
        let from = list.iter().rposition(|item| self.is_heading(item)).map_or(0, |n| n + 1);
        for mut item in list.into_iter().skip(from) {
            item.sense = figure.sense;
            item.scale = figure.scale;
            self.figures.value(&mut item, &figure.numeral);
            self.emit(&item);
        }
    }

    /// Whether a number stands where a heading's would.
    fn is_heading(&self, item: &Figure) -> bool {
        let at = self.before_spaces(item.start);
        (item.numeral.digits > 0 && item.numeral.digits < 3
            || item.numeral.script == Script::Chinese && !item.numeral.magnitude)
            && matches!(self.before(at), None | Some('\n' | '。' | '；' | ';' | '第' | '：'))
            || self.before(item.start) == Some('第')
    }

    /// Whether two figures are items of one list.
    fn is_list(&self, end: usize, start: usize) -> bool {
        if start < end || start - end > 24 {
            return false;
        }
        let gap = self.shadow[end..start].trim_matches(' ');
        LIST.contains(&gap)
            || (!gap.is_empty()
                && self.units.before.at(gap, 0).any(|(to, qualifier)| to == gap.len() && qualifier.is_some()))
    }

    /// A number without unit: money or a count where the words around say so.
    fn bare(&mut self, figure: &mut Figure) {
        if self.cell(figure) {
            return;
        }
        let numeral = &figure.numeral;
        let large = numeral.magnitude && (numeral.shared[0] >= 4 || numeral.low >= Some(Decimal::from(10_000)));
        if !large || numeral.glued || numeral.denominator.is_some() {
            return;
        }
        let end = numeral.span.end();
        if numeral.script == Script::Bare && numeral.span.len() == '万'.len_utf8() {
            return;
        }
        let noun = self.noun_behind(end);
        let topic = self.topic_before(figure.start);
        if numeral.open == Open::Order && !self.starts(numeral.span.start(), "十") && topic != Some(Topic::Money) {
            return;
        }
        figure.sense = match (topic, noun) {
            (Some(Topic::Money), false) => Sense::Money(self.figures.home.0, "money by what is said of it"),
            (_, true) | (Some(Topic::Count), _) => Sense::Count(Span::new(end, end)),
            _ => return,
        };
        figure.closed = false;
    }

    /// Whether a counted noun stands within a few words behind: 8亿|ChatGPT用户, 900万|月活用户.
    fn noun_behind(&self, end: usize) -> bool {
        let mut at = self.behind_spaces(end);
        for _ in 0..6 {
            if self.units.measures.at(self.shadow, at).any(|(_, measure)| matches!(measure, Measure::Noun)) {
                return true;
            }
            match self.char_at(at) {
                Some(c) if c.is_ascii_alphanumeric() => {
                    at += self.shadow.as_bytes()[at..]
                        .iter()
                        .take(16)
                        .take_while(|b| b.is_ascii_alphanumeric() || b"-. ".contains(b))
                        .count();
                }
                Some(c) if ('\u{4e00}'..='\u{9fff}').contains(&c) && !"的是在了到至，元和与为被将已、".contains(c) => {
                    at += c.len_utf8()
                }
                _ => return false,
            }
        }
        false
    }

    /// What the words directly before a number say that it is about.
    fn topic_before(&self, start: usize) -> Option<Topic> {
        let mut at = start;
        for _ in 0..5 {
            let behind = self.before_spaces(at);
            let topic = self.units.topics.before(self.shadow, behind).next();
            if let Some((from, topic)) = topic {
                match topic {
                    Topic::Filler => at = from,
                    topic => return Some(*topic),
                }
            } else {
                at = self.units.before.before(self.shadow, behind).next()?.0;
            }
        }
        None
    }

    /// Whether a number is the cell of a table whose head says 单位：万元, and makes it money.
    fn cell(&mut self, figure: &mut Figure) -> bool {
        while self.tables.last().is_some_and(|table| table.end <= figure.start) {
            self.tables.pop();
        }
        let Some(table) = self.tables.last().filter(|table| table.start <= figure.start).copied() else { return false };
        let edge = |c: Option<char>| c.is_none_or(|c| " \n|,;：:）)（(-".contains(c));
        let numeral = &figure.numeral;
        let written = self.shadow[numeral.span.range()].contains(['.', ',']) || numeral.digits > 4;
        let alone = edge(self.before(figure.start)) && edge(self.char_at(figure.end));
        if !written || !alone || numeral.script != Script::Arabic || numeral.magnitude || numeral.glued {
            return false;
        }
        (figure.sense, figure.scale) = (Sense::Money(table.currency, "money by the head of the table"), table.scale);
        let numeral = numeral.clone();
        self.figures.value(figure, &numeral);
        true
    }

    /// The range that a figure begins, if one stands here.
    fn range(&mut self, figure: &Figure, numerals: &Numerals) -> Option<Figure> {
        if matches!(figure.sense, Sense::Other) && self.before(figure.start) != Some('第')
            || figure.numeral.open == Open::Order
        {
            return None;
        }
        let end = self.behind_spaces(figure.end);
        let separator = RANGE.iter().find(|separator| self.starts(end, separator))?;
        let at = self.behind_spaces(end + separator.len());
        let next = self.second(at, numerals)?;
        if figure.sense == Sense::Other {
            // 第3至5名: an ordinal range.
            return Some(Figure { end: next.end, ..figure.clone() });
        }
        // 0378-6655012 is a telephone's.
        let zero = |figure: &Figure| figure.numeral.digits > 1 && self.starts(figure.numeral.span.start(), "0");
        if zero(figure) || zero(&next) {
            return None;
        }
        let mut low = figure.clone();
        let mut high = next;
        match (low.sense, high.sense) {
            (Sense::Bare, Sense::Money(..) | Sense::Share(..) | Sense::Count(_))
                if low.numeral.low.is_some() && !low.numeral.glued && !self.figures.is_part_of_code(&low) =>
            {
                (low.sense, low.scale) = (high.sense, high.scale);
                self.figures.value(&mut low, &high.numeral);
            }
            (Sense::Share(unit, rule), Sense::Bare) if low.numeral.hundredths => {
                let denominator = low.numeral.denominator.expect("hundredths have a denominator");
                let share = |n: Option<Decimal>| divide(n?.mul(Decimal::from(100))?, denominator, 18);
                high.sense = Sense::Share(unit, rule);
                (high.low, high.high) = (share(high.numeral.low), share(high.numeral.high));
            }
            // 月薪8千到1.5万
            (Sense::Bare, Sense::Bare)
                if low.numeral.magnitude
                    && high.numeral.shared[0] >= 4
                    && !high.closed
                    && self.topic_before(low.start) == Some(Topic::Money) =>
            {
                high.sense = Sense::Money(self.figures.home.0, "money by what is said of it");
            }
            (Sense::Money(currency, rule), Sense::Bare) if !low.closed => {
                high.sense = Sense::Money(currency, rule);
                self.figures.value(&mut low, &high.numeral);
            }
            (Sense::Money(a, _), Sense::Money(b, _)) if a == b => {
                if !low.closed {
                    self.figures.value(&mut low, &high.numeral);
                }
            }
            (Sense::Share(a, _), Sense::Share(b, _)) if a == b && low.end - low.start > 0 => {}
            (Sense::Count(a), Sense::Count(b)) if self.text.read(a) == self.text.read(b) => {}
            _ => return None,
        }
        if low.low.is_some() && high.high.is_some() && low.low > high.high || high.open == Open::Order {
            return None;
        }
        // 涨10元至1465元: by how much, and to what.
        let moved = matches!(low.sense, Sense::Money(..))
            && self.before(low.start).is_some_and(|c| "涨跌升降加减调".contains(c));
        if moved && low.closed && high.low > low.low.and_then(|n| n.mul(Decimal::from(5))) {
            return None;
        }
        Some(Figure { start: low.start, low: low.low, inner: low.inner, ..high })
    }

    /// The figure at the other side of a range's separator.
    fn second(&mut self, at: usize, numerals: &Numerals) -> Option<Figure> {
        let mut start = at;
        if let Some((end, _)) = self.units.money.at(self.shadow, at).find(|(_, money)| money.before) {
            start = self.behind_spaces(end);
        }
        for sign in ["-", "负"] {
            if self.starts(start, sign) {
                start += sign.len();
            }
        }
        let mut numeral = numerals.at(start)?;
        // The sign of the range stands before it, and joins it to no code.
        numeral.glued = false;
        Some(self.figures.figure(numeral, at))
    }

    /// Writes a figure down.
    fn emit(&mut self, figure: &Figure) {
        let (kind, rule) = match figure.sense {
            Sense::Money(_, rule) => (Kind::Money, rule),
            Sense::Share(_, rule) => (Kind::Percent, rule),
            Sense::Count(_) => (Kind::Count, "number and measure"),
            Sense::Bare | Sense::Other => return,
        };
        let quantity = match (figure.low, figure.high) {
            (Some(low), Some(_)) if figure.open == Open::Order => Quantity::Order(low),
            (Some(low), Some(high)) if low == high => Quantity::Exact(low),
            (Some(low), Some(high)) => Quantity::Range(Some(low.min(high)), Some(high.max(low))),
            _ => Quantity::Unknown,
        };
        let inside = match figure.open {
            Open::More => Some(Qualifier::Over),
            Open::About => Some(Qualifier::About),
            _ => figure.inner,
        };
        let qualifier = self
            .qualifiers
            .before_number(figure.qualified(kind))
            .or(inside)
            .or_else(|| self.qualifiers.after_number(figure.end, kind));
        let value = match figure.sense {
            Sense::Money(currency, _) => Value::Amount(Amount { quantity, unit: Unit::Currency(currency), qualifier }),
            Sense::Share(unit, _) => Value::Amount(Amount { quantity, unit, qualifier }),
            Sense::Count(unit) => Value::Count(quantity, Some(unit).filter(|unit| !unit.is_empty()), qualifier),
            Sense::Bare | Sense::Other => return,
        };
        let span = Span::new(figure.start, figure.end);
        // A list lends backwards: keep the order and the distance.
        if self.mentions.last().is_some_and(|last| last.span.end() > span.start()) {
            return;
        }
        self.mentions.push(Mention { kind, span, value, by: By::Grammar, reason: Reason::Rule(rule) });
    }
}

/// A table whose head names a unit of money.
#[derive(Clone, Copy, Debug)]
struct Table {
    start: usize,
    end: usize,
    scale: i32,
    currency: Currency,
}

/// The tables whose heads name a unit of money, last first: （单位：人民币万元）. A table goes to the next empty line, or to the
/// next line with a full stop.
fn tables(shadow: &str, units: &Units, home: Currency) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for (at, head) in shadow.match_indices("单位") {
        let mut from = at + head.len();
        for filler in ["：", ":", " ", "为"] {
            from += if shadow[from..].starts_with(filler) { filler.len() } else { 0 };
        }
        let Some((scale, currency, end)) = unit_of_table(shadow, units, home, from) else { continue };
        // A head within a table ends it, and its own table ends where that one would have: no line is looked at twice.
        let over = match tables.last_mut().filter(|last| last.end > end) {
            Some(last) => std::mem::replace(&mut last.end, at),
            None => end_of_table(shadow, end),
        };
        tables.push(Table { start: end, end: over, scale, currency });
    }
    tables.reverse();
    tables
}

/// 人民币万元: the power of ten, the currency, and where the unit ends.
fn unit_of_table(shadow: &str, units: &Units, home: Currency, from: usize) -> Option<(i32, Currency, usize)> {
    let prefix = units.money.at(shadow, from).find(|(_, money)| money.before);
    let at = prefix.map_or(from, |(end, _)| end);
    let scales = [("百万", 6), ("千万", 7), ("万", 4), ("亿", 8), ("千", 3), ("百亿", 10), ("十亿", 9), ("", 0)];
    let (scale, at) = scales
        .into_iter()
        .find(|(word, _)| shadow[at..].starts_with(word))
        .map(|(word, scale)| (scale, at + word.len()))?;
    let (end, money) = units.money.at(shadow, at).find(|(_, money)| money.after)?;
    let currency = match (money.certainty, prefix) {
        (Certainty::Home, Some((_, prefix))) => prefix.currency,
        (Certainty::Home, None) => home,
        _ => money.currency,
    };
    Some((scale + money.scale, currency, end))
}

/// Where the table ends whose head ends at `from`.
fn end_of_table(shadow: &str, from: usize) -> usize {
    let mut at = from;
    // The line of the head itself belongs to it whatever it holds.
    for (n, line) in shadow[from..].split_inclusive('\n').enumerate() {
        let over = n > 0 && (line.trim().is_empty() || line.contains('。'));
        if over {
            break;
        }
        at += line.len();
    }
    at
}
