//! One number and what stands directly around it: `人民币壹佰万元整` is 1000000 CNY, `三成五` 35 percent, `75名` a count.
//!
//! A numeral becomes a [`Figure`] by a currency before or behind it, a unit of shares, or a measure word. What looks like
//! one and is another word (三|成员, 元|宇宙, 3|分钟) is told apart here, by tables of the characters that follow.

use crate::mention::{Currency, Kind, Qualifier, Unit};
use crate::money::Countries;
use crate::number::Decimal;
use crate::numeral::{Around, Numeral, Numerals, Open, Script, digit_value, divide};
use crate::qualifier::{Qualified, Qualifiers};
use crate::text::{Span, Text};
use crate::units::{Certainty, Measure, Money, Share, Units};

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sense {
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
pub(crate) struct Figure {
    pub start: usize,
    pub end: usize,
    pub numeral: Numeral,
    pub sense: Sense,
    /// The value in whole units, sign included.
    pub low: Option<Decimal>,
    pub high: Option<Decimal>,
    pub open: Open,
    /// The power of ten by which the unit scales a number: 成 1, 角 -1.
    pub scale: i32,
    /// Whether a unit stands behind the number; if not, a magnitude behind a range may belong to it too.
    pub closed: bool,
    /// A qualifier that stands inside the mention, 上 in 上百亿元.
    pub inner: Option<Qualifier>,
}

/// Reads the figures of a text.
pub(crate) struct Figures<'a> {
    text: &'a Text,
    shadow: &'a str,
    units: &'a Units,
    countries: Countries<'a>,
    qualifiers: Qualifiers<'a>,
    /// The currency of 元, and the rule that told it.
    pub home: (Currency, &'static str),
}

impl Around for Figures<'_> {
    fn shadow(&self) -> &str {
        self.shadow
    }
}

impl<'a> Figures<'a> {
    /// For a text whose 元 are of the `home` currency.
    pub fn new(text: &'a Text, units: &'a Units, home: (Currency, &'static str)) -> Self {
        let shadow = text.shadow();
        let qualifiers = Qualifiers::new(shadow, units);
        Self { text, shadow, units, countries: Countries::new(shadow, units), qualifiers, home }
    }

    /// The figure around a numeral. Nothing before `done` belongs to it.
    pub fn figure(&mut self, numeral: Numeral, done: usize) -> Figure {
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
    pub fn value(&self, figure: &mut Figure, other: &Numeral) {
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
        let Some(digit) = digit_value(c).filter(|_| {
            !self.before(at - c.len_utf8()).is_some_and(|c| c.is_ascii_alphanumeric() || digit_value(c).is_some())
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
        let value = digit_value(c).filter(|&n| n > Decimal::ZERO)?;
        let end = at + c.len_utf8();
        // 三百块一趟
        let part =
            |at: usize| self.units.measures.at(self.shadow, at).any(|(_, measure)| matches!(measure, Measure::Part(_)));
        if c == '一' && part(end) {
            return None;
        }
        match self.char_at(end) {
            Some(next) if next.is_ascii_alphanumeric() || "十百千万亿拾佰仟.点%分".contains(next) => None,
            Some(next) if digit_value(next).is_some() => {
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
            Certainty::Ambiguous if !(arabic || numeral.magnitude || name == "盾" || name == "镑") => return false,
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
            // 张三元 and 由一元走向多元 are no prices.
            "元" | "圆" if lone && numeral.script == Script::Chinese && !self.is_small_price(figure, end) => {
                return false;
            }
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

    /// Whether a single Chinese digit before 元 stands where a price does: 每份两元, 三元一斤, 五元三毛.
    fn is_small_price(&self, figure: &Figure, end: usize) -> bool {
        let priced = self.before(figure.start).is_some_and(|c| !c.is_alphabetic() || c != '张' && PRICED.contains(c));
        let next = self.char_at(end);
        priced
            || next.is_none_or(|c| {
                !c.is_alphabetic()
                    || digit_value(c).is_some()
                    || "的起左上以每到至降涨升跌不就多和与或打调整两".contains(c)
            })
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
            Some(c) if "多左上以每一就不起到至和".contains(c) || digit_value(c).is_some() => true,
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
            || self.qualifiers.before_number(figure.qualified(Kind::Money)).is_some()
            || self.qualifiers.after_number(end, Kind::Money).is_some()
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
        let seconds = digit_value(self.char_at(end).unwrap_or(' ')).is_some();
        let time =
            self.starts(start, "分") && (seconds || self.before(figure.start).is_some_and(|c| "点时".contains(c)));
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
    pub fn is_part_of_code(&self, figure: &Figure) -> bool {
        let before = self.before(figure.start);
        let joined = before.is_some_and(|c| ":/".contains(c))
            && self.before(figure.start - 1).is_some_and(|c| c.is_ascii_digit());
        figure.numeral.script == Script::Arabic && (joined || before.is_some_and(|c| "〕]#№.".contains(c)))
    }
}

impl Figure {
    /// What its qualifiers have to know of it.
    pub fn qualified(&self, kind: Kind) -> Qualified {
        Qualified { start: self.start, kind, bare: self.numeral.script == Script::Bare }
    }
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
