//! Amounts, shares and counts: in `融资超150亿美元，持股三成五，约30家` stand 15000000000 USD (over), 35 percent, 30 (about).
//!
//! A numeral of [`Numerals`] becomes a *figure* by what stands directly around it: a currency before or behind, a unit of
//! shares, a measure word. Figures join to ranges (10亿至15亿美元) and lend their unit to a list before them (5亿和7.5亿元).
//! Qualifiers stand outside. Dates are read first and keep their numbers.
//!
//! Law: mentions are disjoint, in order and on character borders; the same text gives the same mentions; no text makes
//! it fail or takes more than linear time. A value that does not fit is [`Quantity::Unknown`].

use crate::date;
use crate::mention::{Amount, By, Currency, Kind, Mention, Qualifier, Quantity, Reason, Unit, Value};
use crate::money::{self, Countries};
use crate::number::Decimal;
use crate::numeral::{Numeral, Numerals, Open, Script, divide};
use crate::text::{Span, Text};
use crate::units::{Certainty, Measure, Money, Share, Topic, Units};

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

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sense {
    /// A number, and nothing says of what.
    Bare,
    /// No quantity of ours: a duration, an ordinal, a code.
    Other,
    /// Money: the currency, and the rule that told it.
    Money(Currency, &'static str),
    /// A share.
    Share(Unit, &'static str),
    /// A count with its measure word.
    Count(Span),
}

/// A numeral with what stands directly around it.
#[derive(Clone, Debug)]
struct Figure {
    start: usize,
    end: usize,
    numeral: Numeral,
    sense: Sense,
    /// The value in whole units, sign included.
    low: Option<Decimal>,
    high: Option<Decimal>,
    open: Open,
    /// The power of ten by which the unit scales a number: 成 1, 角 -1.
    scale: i32,
    /// Whether a unit stands behind the number; if not, a magnitude behind a range may belong to it too.
    closed: bool,
    /// A qualifier that stands inside the mention, 上 in 上百亿元.
    inner: Option<Qualifier>,
}

struct Grammar<'a> {
    text: &'a Text,
    shadow: &'a str,
    units: &'a Units,
    countries: Countries<'a>,
    home: (Currency, &'static str),
    /// Bare numbers that a list joins to what follows.
    list: Vec<Figure>,
    /// The tables of the text whose heads name a unit of money, last first.
    tables: Vec<Table>,
    mentions: Vec<Mention>,
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
            countries: Countries::new(shadow, units),
            home,
            list: Vec::new(),
            tables: tables(shadow, units, home.0),
            mentions: Vec::new(),
        }
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.shadow[at..].chars().next()
    }

    fn before(&self, at: usize) -> Option<char> {
        self.shadow[..at].chars().next_back()
    }

    fn starts(&self, at: usize, word: &str) -> bool {
        self.shadow[at..].starts_with(word)
    }

    /// Behind at most three spaces.
    fn behind_spaces(&self, at: usize) -> usize {
        at + self.shadow.as_bytes()[at..].iter().take(3).take_while(|&&b| b == b' ').count()
    }

    /// Before at most three spaces.
    fn before_spaces(&self, at: usize) -> usize {
        at - self.shadow.as_bytes()[..at].iter().rev().take(3).take_while(|&&b| b == b' ').count()
    }

    /// Reads the whole text; `dates` keep their numbers.
    fn read(&mut self, dates: &[Mention]) {
        let mut numerals = Numerals::new(self.text, &self.units.words);
        let mut dates = dates.iter().map(|mention| mention.span).peekable();
        let mut done = 0;
        while let Some(numeral) = numerals.next() {
            while dates.peek().is_some_and(|date| date.end() <= numeral.span.start()) {
                dates.next();
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
            let mut figure = self.figure(numeral, done);
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
            self.value(&mut item, &figure.numeral);
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

    /// The figure around a numeral. Nothing before `done` belongs to it.
    fn figure(&mut self, numeral: Numeral, done: usize) -> Figure {
        let mut figure = Figure {
            start: numeral.sign.filter(|&at| at >= done).unwrap_or(numeral.span.start()),
            end: numeral.span.end(),
            low: numeral.low,
            high: numeral.high,
            open: numeral.open,
            sense: Sense::Bare,
            scale: 0,
            closed: false,
            inner: None,
            numeral,
        };
        if figure.start == figure.numeral.span.start() {
            figure.numeral.sign = None;
        }
        if self.before(figure.start) == Some('第') {
            figure.sense = Sense::Other;
            return figure;
        }
        if figure.numeral.denominator.is_some() {
            self.part(&mut figure);
            return figure;
        }
        let prefix = self.prefix(&figure, done);
        let places = [figure.numeral.tail.map(|(end, _)| end), Some(figure.numeral.span.end())];
        for at in places.into_iter().flatten() {
            if self.unit(&mut figure, at, prefix) {
                if Some(at) == places[0]
                    && let Some((_, open)) = figure.numeral.tail
                {
                    figure.open = open;
                }
                break;
            }
        }
        if figure.sense == Sense::Bare
            && let Some((start, money)) = prefix
        {
            self.prefixed(&mut figure, start, money);
        }
        let numeral = figure.numeral.clone();
        self.value(&mut figure, &numeral);
        figure
    }

    /// 百分之七, 三分之一.
    fn part(&mut self, figure: &mut Figure) {
        let numeral = &figure.numeral;
        let denominator = numeral.denominator.expect("called for parts");
        let hundred = Decimal::from(100);
        let share = |part: Option<Decimal>, places| divide(part?.mul(hundred)?, denominator, places);
        if numeral.hundredths {
            (figure.low, figure.high) = (share(numeral.low, 18), share(numeral.high, 18));
            figure.sense = Sense::Share(Unit::Percent, "parts of a hundred");
        } else {
            // Only proper fractions of small numbers are shares; 33.33 is exact enough for a third.
            let small =
                denominator <= hundred && numeral.low < numeral.denominator && numeral.low > Some(Decimal::ZERO);
            let whole = numeral.low.is_some_and(|n| n.parts().1 == 0)
                && numeral.low == numeral.high
                && denominator.parts().1 == 0;
            let final_round = self.starts(figure.end, "决赛");
            if !small || !whole || final_round || numeral.magnitude && numeral.low > Some(hundred) {
                figure.sense = Sense::Other;
                return;
            }
            (figure.low, figure.high) = (share(numeral.low, 2), share(numeral.high, 2));
            figure.sense = Sense::Share(Unit::Percent, "fraction, two places");
        }
        figure.closed = true;
        self.negate(figure);
    }

    fn negate(&self, figure: &mut Figure) {
        if figure.numeral.sign.is_some() {
            (figure.low, figure.high) = (figure.low.map(Decimal::negated), figure.high.map(Decimal::negated));
        }
    }

    /// Works out the value of a figure; a number without magnitude may share those of `other`.
    fn value(&self, figure: &mut Figure, other: &Numeral) {
        if figure.numeral.denominator.is_some() {
            return;
        }
        let mut shift = figure.scale;
        if !figure.numeral.magnitude || figure.numeral.shared[0] < 4 && other.shared[1] >= 4 {
            // 2-3千万: the largest magnitude under which the first number stays the smaller one.
            let value = figure.numeral.low;
            let coefficient = |exponent: u8| other.low?.shift(-i32::from(exponent));
            let shared = other.shared.into_iter().filter(|&exponent| exponent > 0);
            if let Some(exponent) = shared.into_iter().find(|&exponent| {
                let limit = if figure.start < other.span.start() { coefficient(exponent) } else { None };
                value.is_some()
                    && limit.is_some_and(|limit| value <= limit.mul(Decimal::from(20)))
                    && !(figure.numeral.digits == 4 && limit < value)
            }) {
                shift += i32::from(exponent);
            }
        }
        let shift = |n: Option<Decimal>| n?.shift(shift);
        (figure.low, figure.high) = (shift(figure.numeral.low), shift(figure.numeral.high));
        self.negate(figure);
    }

    /// A currency directly before the number.
    fn prefix(&self, figure: &Figure, done: usize) -> Option<(usize, Money)> {
        let at = self.before_spaces(figure.start);
        let (start, money) = self.units.money.before(self.shadow, at).find(|&(start, money)| {
            let symbol = self.shadow[start..at].chars().any(|c| "$¥€£₩₹₽฿₫₱₪".contains(c));
            start >= done && money.before && (money.certainty != Certainty::Ambiguous || symbol)
        })?;
        Some((start, *money))
    }

    /// A number with a currency before it and none behind.
    fn prefixed(&mut self, figure: &mut Figure, start: usize, money: Money) {
        let name = &self.shadow[start..self.before_spaces(figure.start)];
        let symbol = self.is_sign(start, figure.start);
        let numeral = &figure.numeral;
        let whole = numeral.low.is_some_and(|n| n.parts().1 == 0);
        // A currency's name before a small fraction is a rate: 人民币7.12.
        let rate = self.before(start).is_some_and(|c| "对兑换比".contains(c));
        if !symbol && (rate || !(numeral.magnitude || (whole && numeral.script == Script::Arabic && name != "美元")))
        {
            return;
        }
        if let Some((exponent, end)) = numeral.latin.filter(|_| symbol) {
            figure.end = end;
            figure.scale = i32::from(exponent);
        }
        if self.starts(figure.end, "-")
            && numeral.digits > 0
            && self.char_at(figure.end + 1).is_some_and(|c| c.is_ascii_alphabetic())
        {
            return;
        }
        let (currency, rule) = self.currency(&money, start);
        figure.start = start;
        figure.sense = Sense::Money(currency, rule);
        // -$5
        let joined = |c: char| c.is_alphanumeric() || c == '-';
        if symbol
            && self.before(start) == Some('-')
            && !self.before(start - 1).is_some_and(|c| joined(c) && c.is_ascii())
        {
            figure.start = start - 1;
            figure.numeral.sign = Some(start - 1);
        }
    }

    /// Whether the currency between two positions is a sign or a code: US$, RMB.
    fn is_sign(&self, start: usize, end: usize) -> bool {
        self.before(self.before_spaces(end)).is_none_or(|c| c <= '\u{2e80}' || start == end)
    }

    /// What a currency's name means at a position.
    fn currency(&mut self, money: &Money, at: usize) -> (Currency, &'static str) {
        match money.certainty {
            Certainty::Home => self.home,
            Certainty::ByCountry if money.currency.code() == "USD" && self.home.0.code() == "HKD" => {
                (self.home.0, "$ where Hong Kong is home")
            }
            _ => self.countries.currency(money, at),
        }
    }

    /// Tries to find the unit of a number behind `at`. Returns whether there is one.
    fn unit(&mut self, figure: &mut Figure, at: usize, prefix: Option<(usize, Money)>) -> bool {
        let behind = self.behind_unit_spaces(at, figure);
        let units = self.units;
        let longest = |end: Option<usize>| end.unwrap_or(0);
        let share = units.shares.at(self.shadow, behind).next().map(|(end, share)| (end, *share));
        let share = share.or_else(|| self.spaced_share(behind));
        let measure = units.measures.at(self.shadow, behind).next().map(|(end, measure)| (end, *measure));
        let measure = measure.filter(|&(end, _)| behind - at <= 1 || end - behind > 2 && behind - at <= 2);
        // HK$3.5亿回购: what has the sign of a currency before it is not counted.
        let signed = prefix.is_some_and(|(start, _)| self.is_sign(start, figure.start));
        let measure = measure.filter(|_| !signed);
        let money: Vec<(usize, Money)> = units
            .money
            .at(self.shadow, behind)
            .filter(|(_, money)| money.after)
            .map(|(end, money)| (end, *money))
            .take(4)
            .collect();
        if let Some((end, share)) = share
            && (end >= longest(measure.map(|m| m.0)) || self.starts(behind, "成"))
            && self.share(figure, behind, end, share)
        {
            return true;
        }
        for (end, money) in money {
            if measure.is_some_and(|(measure, _)| measure > end && !self.shadow[behind..measure].starts_with("元")) {
                break;
            }
            // 人民币 between two numbers belongs to the second, unless that has a currency of its own: 李四人民币50元.
            if money.before && self.belongs_to_next(end, &money) {
                return false;
            }
            // 英镑 9.3204 林吉特 0.58302: in a table the name stands before its number.
            let rest = self.behind_spaces(end);
            if behind > at && rest > end && self.char_at(rest).is_some_and(|c| c.is_ascii_digit()) {
                continue;
            }
            if self.money(figure, at, behind, end, money, prefix) {
                return true;
            }
        }
        if let Some((end, measure)) = measure {
            self.count(figure, behind, end, measure);
            return figure.sense != Sense::Bare;
        }
        false
    }

    /// Behind the spaces, or the one line break, that may stand between a number and its unit.
    fn behind_unit_spaces(&self, at: usize, figure: &Figure) -> usize {
        let behind = self.behind_spaces(at);
        let broken = figure.numeral.magnitude && self.starts(behind, "\n");
        if broken
            && self
                .units
                .money
                .at(self.shadow, behind + 1)
                .any(|(_, money)| money.certainty == Certainty::Home || money.certainty == Certainty::Certain)
        {
            behind + 1
        } else {
            behind
        }
    }

    /// 个 百 分 点, written with spaces.
    fn spaced_share(&self, mut at: usize) -> Option<(usize, Share)> {
        for c in "个百分点".chars() {
            at = self.behind_spaces(at);
            if self.char_at(at) != Some(c) {
                return None;
            }
            at += c.len_utf8();
        }
        Some((at, Share { unit: Unit::Point, scale: 0, doubtful: false }))
    }

    /// A number with a unit of shares.
    fn share(&mut self, figure: &mut Figure, start: usize, end: usize, share: Share) -> bool {
        let numeral = &figure.numeral;
        let unit = &self.shadow[start..end];
        let mut end = end;
        let mut scale = share.scale;
        let mut extra = None;
        let next = self.char_at(end);
        match unit {
            // In an address %20 is no share.
            "%" if next.is_some_and(|c| c.is_ascii_alphanumeric()) || self.before(figure.start) == Some('%') => {
                return false;
            }
            "成" => {
                let small = numeral.low <= Some(Decimal::from(10))
                    && numeral.low.is_some()
                    && numeral.script != Script::Bare
                    && !numeral.glued;
                if !small || numeral.open == Open::Order || numeral.spelled > 2 || self.is_word_with_cheng(end) {
                    return false;
                }
                if numeral.spelled == 2 && numeral.low == numeral.high {
                    return false;
                }
                let behind = self.behind_spaces(end);
                if next == Some('半') && !self.starts(end, "半年") && !self.starts(end, "半导") {
                    (extra, end) = (Decimal::new(5, 0), end + '半'.len_utf8());
                } else if let Some((digit, to)) = self.odd_digit(if behind == end + 1 { behind } else { end }) {
                    (extra, end) = (Some(digit), to);
                }
            }
            "折" => {
                let spelled = numeral.spelled == 2;
                let spaced = self.spaced_discount(figure);
                let numeral = &figure.numeral;
                let two = spelled || numeral.digits == 2 && numeral.low > Some(Decimal::from(10));
                if numeral.magnitude && numeral.low != Some(Decimal::from(10))
                    || numeral.glued
                    || next.is_some_and(|c| "叠射旧返回断磨中戟合线纸页腾屏桌伞梯弯损算价".contains(c))
                {
                    return false;
                }
                if self.before(figure.start).is_some_and(|c| "波曲骨打不".contains(c))
                    && self.before(figure.start) != Some('打')
                {
                    return false;
                }
                if numeral.low > Some(Decimal::from(100)) || numeral.low.is_none() {
                    return false;
                }
                if spelled && numeral.low != numeral.high {
                    // 八九折 is 89 percent, as 二五折 is 25.
                    let digits = numeral.low.and_then(|a| a.shift(1)?.add(numeral.high?));
                    (figure.numeral.low, figure.numeral.high) = (digits, digits);
                }
                if two || spaced {
                    scale = 0;
                }
            }
            "趴" | "点子" if numeral.script != Script::Arabic => return false,
            "个点"
                if numeral.low == Some(Decimal::from(1))
                    && !self.before(figure.start).is_some_and(|c| "涨跌升降高低多少差加减了".contains(c)) =>
            {
                return false;
            }
            "个点" if next.is_some_and(|c| "位球燃火餐击评赞名心".contains(c)) || numeral.script == Script::Bare =>
            {
                return false;
            }
            _ if numeral.script == Script::Bare && numeral.span.len() <= 3 => return false,
            _ => {}
        }
        // 一个半百分点, and 一成五.
        if let Some(extra) = extra {
            let add = |n: Option<Decimal>| n?.shift(1)?.add(extra);
            (figure.numeral.low, figure.numeral.high) = (add(figure.numeral.low), add(figure.numeral.high));
            scale = 0;
        }
        figure.sense = Sense::Share(
            share.unit,
            match unit {
                "成" => "tenths",
                "折" => "discount",
                _ => "share",
            },
        );
        (figure.end, figure.scale, figure.closed) = (end, scale, true);
        true
    }

    /// 7 2 折: the digit before belongs to the discount.
    fn spaced_discount(&self, figure: &mut Figure) -> bool {
        let start = figure.numeral.span.start();
        if figure.numeral.magnitude
            || start == 0
            || self.shadow.as_bytes()[start - 1] != b' '
            || figure.numeral.digits > 1
        {
            return false;
        }
        let at = start - 1;
        let Some(c) = self.before(at) else { return false };
        let Some(digit) = digit(c).filter(|_| {
            !self.before(at - c.len_utf8()).is_some_and(|c| c.is_ascii_alphanumeric() || digit(c).is_some())
        }) else {
            return false;
        };
        let add = |n: Option<Decimal>| digit.shift(1)?.add(n?);
        (figure.numeral.low, figure.numeral.high) = (add(figure.numeral.low), add(figure.numeral.high));
        figure.start = at - c.len_utf8();
        true
    }

    /// A single digit that the unit before it leaves without its own: 三块五, 两成五. None where it counts something else.
    fn odd_digit(&self, at: usize) -> Option<(Decimal, usize)> {
        let c = self.char_at(at)?;
        let value = digit(c).filter(|&n| n > Decimal::ZERO)?;
        let end = at + c.len_utf8();
        // 三百块一趟
        let part =
            |at: usize| self.units.measures.at(self.shadow, at).any(|(_, measure)| matches!(measure, Measure::Part(_)));
        if c == '一' && part(end) {
            return None;
        }
        match self.char_at(end) {
            Some(next) if next.is_ascii_alphanumeric() || "十百千万亿拾佰仟.点%分".contains(next) => None,
            Some(next) if digit(next).is_some() => {
                // 三块五一斤: one of something follows.
                let behind = end + next.len_utf8();
                let counted = "一1".contains(next) && self.units.measures.at(self.shadow, behind).next().is_some();
                counted.then_some((value, end))
            }
            Some(next)
                if "个斤只张件条本瓶袋盒碗串根支名人次天年月日家位元块美港日米厘公毫里平亩吨克岁、-~"
                    .contains(next)
                    && !self.starts(end, "人民币") =>
            {
                // 十块三个, 三成2家
                (next == '、').then_some((value, end))
            }
            _ => Some((value, end)),
        }
    }

    /// Whether 成 and what follows are a word: 三|成员, but 三成|员工.
    fn is_word_with_cheng(&self, behind: usize) -> bool {
        let Some(c) = self.char_at(behind) else { return false };
        let next = self.char_at(behind + c.len_utf8());
        CHENG.iter().any(|&(first, apart)| first == c && !next.is_some_and(|next| apart.contains(next)))
    }

    /// A number with a currency behind it.
    fn money(
        &mut self,
        figure: &mut Figure,
        at: usize,
        start: usize,
        end: usize,
        money: Money,
        prefix: Option<(usize, Money)>,
    ) -> bool {
        let name = &self.shadow[start..end];
        let numeral = &figure.numeral;
        let arabic = numeral.script == Script::Arabic;
        let next = self.char_at(end);
        if numeral.spelled > 2 || numeral.spelled == 2 && numeral.low == numeral.high {
            return false;
        }
        // 三元桥 and its like are words; here the unit is the beginning of another: 元宇宙, 元旦.
        if name.ends_with('元') && NOT_YUAN.iter().any(|word| self.starts(end - '元'.len_utf8(), word)) {
            return false;
        }
        match money.certainty {
            Certainty::Ambiguous if !arabic && !(name == "盾" || name == "镑" || numeral.magnitude) => return false,
            Certainty::Ambiguous
                if name.chars().count() == 1
                    && next.is_some_and(|c| c > '\u{2e80}' && !"，。、；！？）」”：的/每多左上以起".contains(c))
                    && !numeral.magnitude =>
            {
                return false;
            }
            _ => {}
        }
        let lone = numeral.span.len() == '一'.len_utf8() && !arabic;
        let one = lone && self.starts(numeral.span.start(), "一");
        match name {
            "分" => return false,
            "分钱" if one && self.before(figure.start) == Some('每') => return false,
            "块" if !self.is_money_piece(figure, end, one) => return false,
            "角" if !arabic => return false,
            "毛" if one || lone && self.starts(numeral.span.start(), "三") => return false,
            "元" | "圆" if arabic && numeral.low == Some(Decimal::ZERO) && next == Some('购') => return false,
            _ => {}
        }
        if start > at && name.is_ascii() && !numeral.magnitude && arabic && numeral.glued {
            return false;
        }
        if numeral.script == Script::Bare {
            let above = self.before(figure.start) == Some('上');
            // 站上千亿元 is a verb, and qualifies from outside.
            let verb =
                above && self.before(figure.start - '上'.len_utf8()).is_some_and(|c| "站登跃冲升迈踏重".contains(c));
            if above && !verb {
                figure.start -= '上'.len_utf8();
                figure.inner = Some(Qualifier::Over);
            } else if numeral.span.len() == '万'.len_utf8()
                && numeral.open == Open::No
                && !self.is_open_amount(figure, at, end)
            {
                figure.sense = Sense::Other;
                figure.end = end;
                return true;
            }
        }
        let (mut currency, mut rule) = self.currency(&money, start);
        if let Some((prefix_start, prefix)) = prefix {
            let (outer, outer_rule) = self.currency(&prefix, prefix_start);
            if money.certainty == Certainty::Home || outer == currency {
                (currency, rule, figure.start) = (outer, outer_rule, prefix_start);
            }
        }
        (figure.end, figure.scale, figure.closed) = (end, money.scale, true);
        figure.sense = Sense::Money(currency, rule);
        if !numeral.magnitude || money.certainty == Certainty::Home {
            self.smaller_units(figure, &money, name);
        }
        true
    }

    /// 元 角 分 in a row: adds the smaller units behind the first.
    fn smaller_units(&mut self, figure: &mut Figure, money: &Money, name: &str) {
        let spoken = matches!(name, "块" | "毛" | "角");
        let mut scale = money.scale;
        let mut sum = Decimal::ZERO;
        loop {
            let at = figure.end;
            let from = if self.starts(at, "又") {
                at + '又'.len_utf8()
            } else if self.starts(at, "零") {
                at + '零'.len_utf8()
            } else {
                at
            };
            let numerals = Numerals::new(self.text, &self.units.words);
            let small = numerals
                .at(from)
                .filter(|n| !n.magnitude && n.low == n.high && n.denominator.is_none() && n.spelled == 0);
            let unit = small.as_ref().and_then(|small| {
                let (end, unit) = self.units.money.at(self.shadow, small.span.end()).next()?;
                let fits = unit.scale < scale
                    && (unit.certainty == Certainty::Home || unit.currency == money.currency)
                    && small.digits <= 2;
                fits.then_some((small.low?.shift(unit.scale)?, end, unit.scale))
            });
            if let Some((value, end, smaller)) = unit {
                sum = sum.add(value).unwrap_or(sum);
                (scale, figure.end) = (smaller, end);
                continue;
            }
            // 三块五毛五, 两块八: the last digit goes without its unit.
            if (spoken || scale < money.scale)
                && scale > -2
                && from == at
                && let Some((digit, end)) = self.odd_digit(at)
            {
                sum = digit.shift(scale - 1).and_then(|digit| sum.add(digit)).unwrap_or(sum);
                figure.end = end;
            }
            break;
        }
        if sum != Decimal::ZERO {
            let add = |n: Option<Decimal>| n?.shift(money.scale)?.add(sum);
            (figure.numeral.low, figure.numeral.high) = (add(figure.numeral.low), add(figure.numeral.high));
            figure.scale = 0;
            for word in ["整", "钱"] {
                if self.starts(figure.end, word) && !self.starts(figure.end, "整个") {
                    figure.end += word.len();
                    break;
                }
            }
        }
    }

    /// Whether 块 means money: 三块五, 5块钱, 3块多, and not 三块金牌.
    fn is_money_piece(&self, figure: &Figure, end: usize, one: bool) -> bool {
        if self.odd_digit(end).is_some() {
            return true;
        }
        let numeral = &figure.numeral;
        let before = self.before(figure.start);
        // 切成八块, and the one piece.
        if one || before == Some('成') {
            return false;
        }
        let ten = numeral.low > Some(Decimal::from(10)) || numeral.low != numeral.high;
        let large = numeral.magnitude || ten || numeral.open != Open::No;
        let mut last = self.shadow[..figure.start].chars().rev().take(3);
        let priced = before.is_some_and(|c| PRICED.contains(c)) || last.any(|c| "花费卖付收价钱买赚省欠罚".contains(c));
        let hundreds = numeral.low.and_then(|n| n.shift(-2)).is_some_and(|n| n.parts().1 == 0);
        match self.char_at(end) {
            None => large || priced,
            Some(c) if "，。、；：！？）」”》—…的".contains(c) => large || priced,
            Some(c) if c < '\u{2e80}' => !c.is_ascii_alphabetic() && (large || priced),
            Some(c) if "多左上以每一就不起到至和".contains(c) || digit(c).is_some() => true,
            // 三百块工资, but 一百一十七块招牌.
            Some(_) => hundreds && numeral.open == Open::No && numeral.tail.is_none(),
        }
    }

    /// Whether a currency behind a number belongs to the next one.
    fn belongs_to_next(&self, end: usize, money: &Money) -> bool {
        let at = self.behind_spaces(end);
        let numerals = Numerals::new(self.text, &self.units.words);
        let Some(next) = numerals.at(at) else { return false };
        let behind = self.behind_spaces(next.tail.map_or(next.span.end(), |(end, _)| end));
        match self.units.money.at(self.shadow, behind).find(|(_, unit)| unit.after) {
            Some((_, unit)) => unit.certainty == Certainty::Home || unit.currency == money.currency,
            None => false,
        }
    }

    /// Whether 亿元 stands where it means an amount: 近亿元, 亿元级; not 单位：亿元 or 万元户.
    fn is_open_amount(&self, figure: &Figure, at: usize, end: usize) -> bool {
        at > figure.numeral.span.end()
            || self.starts(end, "级")
            || self.starts(end, "大关")
            || self.qualifier_before(figure.start, figure).is_some()
            || self.qualifier_after(end, Kind::Money).is_some()
    }

    /// A number with a measure word, a noun, or something that makes it no count.
    fn count(&mut self, figure: &mut Figure, start: usize, end: usize, measure: Measure) {
        let numeral = &figure.numeral;
        let arabic = numeral.script == Script::Arabic;
        let lone = !arabic && numeral.span.len() == '一'.len_utf8();
        if &self.shadow[start..end] == "个" && self.starts(end, "亿") && !self.starts(end, "亿纬") && !numeral.magnitude
        {
            // 八个亿, said of money.
            (figure.end, figure.scale) = (end + '亿'.len_utf8(), 8);
            figure.sense = Sense::Money(self.home.0, "so many 亿");
            return;
        }
        if self.is_word_with_measure(start, end) {
            return;
        }
        figure.end = end;
        figure.closed = true;
        let unit = Span::new(start, end);
        let vague = match numeral.script {
            Script::Bare => numeral.open == Open::No && numeral.tail.is_none(),
            _ => numeral.open == Open::Order && !self.starts(numeral.span.start(), "十"),
        };
        let one = lone && self.starts(numeral.span.start(), "一");
        let spelled = numeral.spelled > 2 || numeral.spelled == 2 && numeral.low == numeral.high;
        let code = numeral.glued || numeral.digits > 9 || numeral.digits > 1 && self.starts(numeral.span.start(), "0");
        // 二 before a measure word is the second, not two: 二套房, 二期.
        let second = lone
            && self.starts(numeral.span.start(), "二")
            && !matches!(&self.shadow[start..end], "位" | "人" | "名" | "斤");
        // 九点四十分, 1小时59分; 零封
        let time = self.starts(start, "分") && self.before(figure.start).is_some_and(|c| "点时".contains(c));
        let zero = !arabic && numeral.low == Some(Decimal::ZERO);
        // 前三名 ranks, 前2025名 counts.
        let rank = self.before(figure.start) == Some('前')
            && numeral.low <= Some(Decimal::from(20))
            && self.starts(start, "名");
        let counts = !vague
            && !time
            && !zero
            && !rank
            && !second
            && !spelled
            && !code
            && !one
            && numeral.sign.is_none()
            && !self.is_part_of_code(figure);
        figure.sense = match measure {
            Measure::Part(any) if counts && (any || !lone) => Sense::Count(unit),
            Measure::Points if counts && arabic && numeral.low.is_some_and(|n| n.parts().1 > 0) => Sense::Count(unit),
            Measure::Place if counts && arabic => Sense::Count(unit),
            Measure::Noun => {
                figure.end = numeral.span.end();
                figure.closed = false;
                Sense::Bare
            }
            // 900万|月活用户
            Measure::Duration if numeral.magnitude && self.starts(start, "月") => {
                figure.end = numeral.span.end();
                figure.closed = false;
                Sense::Bare
            }
            _ => Sense::Other,
        };
        // A measure word may be the beginning of another word: 2个|体户 stays a count, 3分|钟 is the longer entry.
        if figure.sense == Sense::Other && matches!(measure, Measure::None | Measure::Duration) {
            figure.end = numeral.span.end().max(start);
        }
    }

    /// Whether a measure word is the beginning of another word: 四十万手|术费.
    fn is_word_with_measure(&self, start: usize, end: usize) -> bool {
        let unit = &self.shadow[start..end];
        let next = self.char_at(end);
        MEASURE_WORDS.iter().any(|&(measure, words)| measure == unit && next.is_some_and(|next| words.contains(next)))
    }

    /// A number inside brackets of a document's number, or behind a colon of a score.
    fn is_part_of_code(&self, figure: &Figure) -> bool {
        let before = self.before(figure.start);
        let joined = before.is_some_and(|c| ":/".contains(c))
            && self.before(figure.start - 1).is_some_and(|c| c.is_ascii_digit());
        figure.numeral.script == Script::Arabic && (joined || before.is_some_and(|c| "〕]#№.".contains(c)))
    }

    /// A number without unit: money or a count where the words around say so.
    fn bare(&mut self, figure: &mut Figure) {
        if self.cell(figure) {
            return;
        }
        let numeral = &figure.numeral;
        let large = numeral.magnitude && numeral.shared[0] >= 4
            || numeral.magnitude && numeral.low >= Some(Decimal::from(10_000));
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
            (Some(Topic::Money), false) => Sense::Money(self.home.0, "money by what is said of it"),
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
        self.value(figure, &numeral);
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
                if low.numeral.low.is_some() && !low.numeral.glued && !self.is_part_of_code(&low) =>
            {
                (low.sense, low.scale) = (high.sense, high.scale);
                self.value(&mut low, &high.numeral);
            }
            (Sense::Share(unit, rule), Sense::Bare) if low.numeral.hundredths => {
                let denominator = low.numeral.denominator.expect("hundredths have a denominator");
                let share = |n: Option<Decimal>| divide(n?.mul(Decimal::from(100))?, denominator, 18);
                high.sense = Sense::Share(unit, rule);
                (high.low, high.high) = (share(high.numeral.low), share(high.numeral.high));
            }
            (Sense::Money(currency, rule), Sense::Bare) if !low.closed => {
                high.sense = Sense::Money(currency, rule);
                self.value(&mut low, &high.numeral);
            }
            (Sense::Money(a, _), Sense::Money(b, _)) if a == b => {
                if !low.closed {
                    self.value(&mut low, &high.numeral);
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
        Some(self.figure(numeral, at))
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
        let qualifier =
            self.qualifier_before(figure.start, figure).or(inside).or_else(|| self.qualifier_after(figure.end, kind));
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

    /// The qualifier directly before a figure, across particles: 超过了, 约占.
    fn qualifier_before(&self, start: usize, figure: &Figure) -> Option<Qualifier> {
        let mut at = start;
        for _ in 0..3 {
            at = self.before_spaces(at);
            let adjacent = at == self.before_spaces(start);
            let mut words = self.units.before.before(self.shadow, at);
            let found = words.find(|&(from, _)| self.qualifies(from, at, adjacent, figure));
            if let Some((_, qualifier)) = found {
                return *qualifier;
            }
            let c = self.before(at)?;
            if c == '的' {
                // 高于预期的27亿 says what was expected; only a share takes the qualifier of its whole.
                return if matches!(figure.sense, Sense::Share(..)) { self.share_of(at - c.len_utf8()) } else { None };
            }
            if let Some(each) = self.each(at) {
                at = each;
            } else if let Some(verb) = CHANGES.iter().find(|verb| self.shadow[..at].ends_with(**verb)) {
                at -= verb.len();
            } else if "了为达到有是占要在合需过出".contains(c) {
                at -= c.len_utf8();
            } else {
                return self.adverb(at);
            }
        }
        None
    }

    /// Before the 每月 that ends here, 每 and at most two characters.
    fn each(&self, mut at: usize) -> Option<usize> {
        for _ in 0..3 {
            let c = self.before(at).filter(|c| c.is_alphabetic())?;
            at -= c.len_utf8();
            if c == '每' {
                return Some(at);
            }
        }
        None
    }

    /// 至少奖励一万元: an adverb and the verb that it belongs to, at most four characters.
    fn adverb(&self, mut at: usize) -> Option<Qualifier> {
        for _ in 0..4 {
            let c =
                self.before(at).filter(|&c| c.is_alphabetic() && !c.is_ascii() && c != '的' && digit(c).is_none())?;
            at -= c.len_utf8();
            let (from, qualifier) = self.units.before.before(self.shadow, at).next().unwrap_or((at, &None));
            if ADVERBS.contains(&&self.shadow[from..at]) {
                return *qualifier;
            }
        }
        None
    }

    /// 约占净利润的六成, 不超过货款的百分之三: the qualifier stands before what the share is of.
    fn share_of(&self, mut at: usize) -> Option<Qualifier> {
        for _ in 0..14 {
            let c =
                self.before(at).filter(|&c| c.is_alphabetic() && !"零一二三四五六七八九十百千万亿的".contains(c))?;
            let (from, qualifier) = self.units.before.before(self.shadow, at).next().unwrap_or((at, &None));
            // One character alone is too often part of a word here, unless 占 follows: 约占.
            if at - from > c.len_utf8() || from < at && self.starts(at, "占") {
                // 问得最多的三个 compares, it does not qualify.
                return qualifier.filter(|_| !ADVERBS.contains(&&self.shadow[from..at]));
            }
            at -= c.len_utf8();
        }
        None
    }

    /// Whether a word at these bytes qualifies: not 近 in 最近, 约 in 签约, 过 in 罚过.
    fn qualifies(&self, from: usize, to: usize, adjacent: bool, figure: &Figure) -> bool {
        let before = self.before(from);
        let not_behind = |characters: &str| !before.is_some_and(|c| characters.contains(c));
        let bare = figure.numeral.script == Script::Bare;
        match &self.shadow[from..to] {
            "近" => adjacent && not_behind("最附临靠邻接逼远亲将贴切就相新走"),
            "约" => not_behind("合签续履违毁解邀预契赴爽"),
            // 够不到, 看不到: a verb that fails, not a number that is small.
            "不到" => not_behind("够看找买拿收赚感听见想做吃得遇碰用查等抢"),
            "过" => bare || before.is_none_or(|c| "早已均也都刚再年".contains(c) || !c.is_alphabetic()),
            "破" => not_behind("打攻击识看说揭爆侦升跌"),
            "上" => adjacent && bare && not_behind("以晚早线网身手路地海岸市加"),
            "超" => not_behind("赶"),
            "高于" | "低于" | "多于" | "少于" | "大于" | "小于" => not_behind("不"),
            _ => true,
        }
    }

    /// The qualifier directly behind a figure, across a per-unit price: 8.5元/斤左右.
    fn qualifier_after(&self, end: usize, kind: Kind) -> Option<Qualifier> {
        let mut at = self.behind_spaces(end);
        if kind == Kind::Money && self.starts(at, "/") {
            if let Some((to, _)) = self.units.measures.at(self.shadow, at + 1).next() {
                at = to;
            }
        }
        let (to, qualifier) = self.units.after.at(self.shadow, at).next()?;
        let word = &self.shadow[at..to];
        if kind == Kind::Count && matches!(word, "多" | "余" | "不到") {
            return None;
        }
        *qualifier
    }
}

/// Verbs that stand between a qualifier and its number: 约减少0.4个百分点.
const CHANGES: [&str; 22] = [
    "增长", "增加", "减少", "下降", "下滑", "上升", "上涨", "下跌", "提升", "提高", "降低", "回落", "收窄", "需要",
    "花费", "投入", "节省", "增", "减", "升", "降", "涨",
];

/// Qualifiers that stand before a verb as well as before a number.
const ADVERBS: [&str; 9] = ["至少", "最少", "起码", "至多", "最多", "顶多", "大约", "大概", "差不多"];

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

/// The value of a single digit, Chinese or not.
fn digit(c: char) -> Option<Decimal> {
    let value = match c {
        '0'..='9' => u64::from(c as u32 - '0' as u32),
        _ => u64::try_from("零一二三四五六七八九".chars().position(|digit| digit == c)?).ok()?,
    };
    Some(value.into())
}

/// Characters that make a word with 成 before them, and those behind that take them away again: 成员, but 成|员工.
const CHENG: [(char, &str); 48] = [
    ('员', "工"),
    ('本', "科地土市届省国校人年月周"),
    ('分', "析布店子公行"),
    ('年', "轻收度龄来"),
    ('功', "能"),
    ('交', "易由给通出"),
    ('立', "足"),
    ('长', "期假三者"),
    ('果', ""),
    ('品', "牌种类"),
    ('绩', ""),
    ('熟', ""),
    ('色', ""),
    ('语', ""),
    ('套', ""),
    ('天', ""),
    ('群', "众体"),
    ('行', "业人政"),
    ('名', "额单"),
    ('家', "庭长族居企公电具"),
    ('型', "号"),
    ('形', ""),
    ('因', "为此病"),
    ('全', "部国职球年市"),
    ('败', ""),
    ('见', ""),
    ('效', "率果益"),
    ('婚', ""),
    ('像', ""),
    ('瘾', ""),
    ('片', ""),
    ('文', "章件化"),
    ('军', "人"),
    ('团', "队"),
    ('活', "跃"),
    ('份', "额"),
    ('仙', ""),
    ('倍', ""),
    ('堆', ""),
    ('双', ""),
    ('灾', "民"),
    ('材', "料"),
    ('器', ""),
    ('才', "有能是"),
    ('衣', ""),
    ('亲', ""),
    ('不', "足到超少能同愿会需满"),
    ('千', ""),
];

/// Characters before a few 块 that say a price: 卖三块, 一斤三块.
const PRICED: &str = "斤碗个只条份张瓶杯盒卖要花涨跌降付收价贵宜赚省到从为才仅就费钱掏给欠罚奖每";

/// Characters that make a word with a measure word before them.
const MEASURE_WORDS: [(&str, &str); 14] = [
    ("回", "购应报升落调暖收款"),
    ("手", "术机段续法工下表"),
    ("只", "是有能要好得会"),
    ("部", "长队委署落门"),
    ("名", "单字额称义"),
    ("组", "织"),
    ("口", "岸感味"),
    ("头", "部条寸"),
    ("台", "湾风积"),
    ("对", "手阵外于比"),
    ("笔", "记者"),
    ("本", "次届周月报科地土市金"),
    ("单", "位日月"),
    ("次", "日品"),
];

/// Words that begin with 元 and are no currency.
const NOT_YUAN: [&str; 13] = [
    "元宇宙",
    "元旦",
    "元首",
    "元素",
    "元器件",
    "元帅",
    "元凶",
    "元朝",
    "元大期货",
    "元大证券",
    "元大投",
    "元大金",
    "元宵",
];
