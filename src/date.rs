//! Calendar points and periods: in an article of 2026-02-05, `去年三季度` is 2025-07-01 to 2025-09-30, `上周五` 2026-01-30.
//!
//! Dates stand in the text as years, parts of years, months, days, weeks and words for them. What they mean needs the day
//! of the article: given from outside, or found in the text as its first full date near the beginning or its last near
//! the end. An expression that names its year needs none. Lengths of time (近三年, 两个月) are no dates.
//!
//! Law: mentions are disjoint and in order; every look around a position is bounded, so the time is linear.

use crate::mention::{By, Kind, Mention, Reason, Value};
use crate::money::is_traditional;
use crate::text::{Span, Text};
use jiff::ToSpan;
use jiff::civil::Date;

/// The dates of a text. `article` is the day on which it appeared, if known from outside.
pub fn dates(text: &Text, article: Option<Date>) -> Vec<Mention> {
    let reader = Reader { shadow: text.shadow(), republic: is_traditional(text) };
    let found = reader.all();
    let article = article.or_else(|| dateline(text, &found));
    found
        .into_iter()
        .map(|(span, from, to)| Mention {
            kind: Kind::Date,
            span,
            value: resolve(&from, to.as_ref(), article)
                .map_or(Value::None, |(from, to)| Value::Date(Some(from), Some(to))),
            by: By::Grammar,
            reason: Reason::Rule("date"),
        })
        .collect()
}

/// How far from the beginning or the end a dateline may stand, in bytes.
const DATELINE: usize = 1200;

/// The article's own date: the first full date near the beginning, else the last near the end that closes its line.
fn dateline(text: &Text, found: &[Found]) -> Option<Date> {
    let full = |(_, time, to): &Found| {
        let whole = matches!((time.year, time.month, time.day), (Some(Year::Of(_)), Some(Month::Of(_)), Some(_)))
            && to.is_none();
        if whole { resolve(time, None, None).map(|(date, _)| date) } else { None }
    };
    let head = found.iter().take_while(|(span, ..)| span.start() < DATELINE).find_map(full);
    let tail = || {
        let end = text.shadow().len();
        let near = found.iter().rev().take_while(|(span, ..)| span.end() + DATELINE > end);
        near.filter(|(span, ..)| matches!(text.after(span.end()), None | Some('\n'))).find_map(full)
    };
    head.or_else(tail)
}

/// A year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Year {
    /// By number; years before Christ are not resolved and stand as `None`.
    Of(Option<i16>),
    /// So many years after the article's.
    After(i16),
}

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Month {
    /// By number.
    Of(i8),
    /// From one to another: 1至10月.
    Between(i8, i8),
    /// So many months after the article's.
    After(i8),
}

/// A part of what year and month name, or a time of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Part {
    /// All of it.
    #[default]
    Whole,
    /// 上半年 and 下半年, as 1 and 2.
    Half(i8),
    /// A quarter, from 1.
    Quarter(i8),
    /// From one quarter to another: 前三季度 is 1 to 3.
    Quarters(i8, i8),
    /// So many quarters after the article's.
    QuarterAfter(i8),
    /// 初, 中, 底, as 1 to 3: of a year two months from its border, of a month a third.
    Third(i8),
    /// So many days after the article's.
    DayAfter(i32),
    /// So many weeks after the article's, and the day in it from Monday as 0; the week alone has none.
    Week(i32, Option<i8>),
    /// Known to be a time, but not which: 第三财季, 春节.
    Unclear,
}

/// A point or period as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
struct Time {
    year: Option<Year>,
    month: Option<Month>,
    day: Option<(i8, i8)>,
    part: Part,
}

/// Where a date stands, and what it says: a time, or the two ends of a range.
type Found = (Span, Time, Option<Time>);

/// Between the ends of a range.
const RANGE: [&str; 7] = ["至", "到", "-", "~", "——", "—", "–"];

/// Words for days near the article's, with the distance in days.
const DAYS: [(&str, i32); 20] = [
    ("大前天", -3),
    ("前天", -2),
    ("前日", -2),
    ("昨天", -1),
    ("昨日", -1),
    ("昨晚", -1),
    ("昨夜", -1),
    ("昨晨", -1),
    ("昨早", -1),
    ("今天", 0),
    ("今日", 0),
    ("今晚", 0),
    ("今晨", 0),
    ("今早", 0),
    ("明天", 1),
    ("明日", 1),
    ("明晚", 1),
    ("明早", 1),
    ("后天", 2),
    ("后日", 2),
];

/// Names that begin like a day: 今日头条.
const NOT_DAYS: [&str; 15] = [
    "今日头条",
    "今日资本",
    "今日说法",
    "今日俄罗斯",
    "今日美国",
    "今日国际",
    "明日方舟",
    "明日之",
    "明天系",
    "明天控股",
    "后天性",
    "后天努力",
    "后天形成",
    "明日黄花",
    "前日本",
];

/// Words for years near the article's.
const YEARS: [(&str, i16); 14] = [
    ("今年", 0),
    ("本年度", 0),
    ("本年", 0),
    ("去年度", -1),
    ("去年", -1),
    ("上年度", -1),
    ("上年", -1),
    ("上一年度", -1),
    ("明年度", 1),
    ("明年", 1),
    ("下一年度", 1),
    ("下年度", 1),
    ("前年", -2),
    ("后年", 2),
];

/// Festivals that may follow a year. Which days they are is not worked out.
const FESTIVALS: [&str; 28] = [
    "元旦",
    "春节",
    "国庆节",
    "国庆",
    "中秋节",
    "中秋",
    "端午节",
    "端午",
    "清明节",
    "清明",
    "五一",
    "十一",
    "双十一",
    "双11",
    "618",
    "除夕",
    "圣诞节",
    "圣诞",
    "春天",
    "夏天",
    "秋天",
    "冬天",
    "春季",
    "夏季",
    "秋季",
    "冬季",
    "元宵节",
    "元宵",
];

/// The quarters by ordinal character.
const FOUR: [(&str, i8); 8] = [("一", 1), ("二", 2), ("三", 3), ("四", 4), ("1", 1), ("2", 2), ("3", 3), ("4", 4)];

/// A place in a text, where expressions may begin.
#[derive(Clone, Copy)]
struct Reader<'a> {
    shadow: &'a str,
    /// Whether three-digit years of the Republic stand without 民国.
    republic: bool,
}

/// Characters that dates begin with, beside the digits.
const BEGINNINGS: &str = "今明昨前去后上下本周星礼年月第首民公这大翌次同当来一二三四五六七八九十零廿";

impl<'a> Reader<'a> {
    /// All expressions, left to right.
    fn all(self) -> Vec<Found> {
        let mut found = Vec::new();
        let bytes = self.shadow.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let lead = bytes[at];
            let width = match lead {
                0x00..=0x7f => 1,
                0x80..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xff => 4,
            };
            let begins = match width {
                1 => lead.is_ascii_digit() && !(at > 0 && bytes[at - 1].is_ascii_digit()) || lead == b'q',
                3 => BEGINS[code(bytes, at) / 64] >> (code(bytes, at) % 64) & 1 == 1,
                _ => false,
            };
            if begins
                && self.promises(at)
                && let Some((end, from, to)) = self.expression(at)
            {
                found.push((Span::new(at, end), from, to));
                at = end;
            } else {
                at += width;
            }
        }
        found
    }

    /// Whether the next characters can go on with a date that begins here. Spares the grammar most positions.
    fn promises(self, at: usize) -> bool {
        let mut characters = self.rest(at).chars();
        let Some(first) = characters.next() else { return false };
        let number = |c: char| digit(c).is_some() || "十廿".contains(c);
        if number(first) {
            let behind = self.rest(at).chars().take(5).find(|&c| !number(c));
            return behind.is_some_and(|c| "年月日号季财世至到-~—–、/.".contains(c));
        }
        let Some(next) = characters.next() else { return first == '昨' };
        match first {
            'q' => next.is_ascii_digit(),
            '今' | '明' | '昨' => true,
            '去' => "年春夏秋冬".contains(next),
            '同' | '当' | '次' | '翌' | '来' => next == '年',
            '前' | '后' => "年天日一二三四两五六七八九十".contains(next) || next.is_ascii_digit(),
            '上' | '下' => "半年月周季个一上下世星礼".contains(next),
            '本' | '这' => "年月周季个世星礼".contains(next),
            '周' => "一二三四五六日末".contains(next),
            '星' => next == '期',
            '礼' => next == '拜',
            '年' | '月' => "初中底末".contains(next),
            '第' => "一二三四1234".contains(next),
            '首' => "季一二三四两五六七八九十".contains(next) || next.is_ascii_digit(),
            '民' => next == '国',
            '公' => next == '元',
            '大' => next == '前',
            _ => true,
        }
    }

    /// The text from a position on; nothing where the position is not a character border.
    fn rest(self, at: usize) -> &'a str {
        self.shadow.get(at..).unwrap_or("")
    }

    fn char_at(self, at: usize) -> Option<char> {
        self.rest(at).chars().next()
    }

    fn before(self, at: usize) -> Option<char> {
        self.shadow[..at].chars().next_back()
    }

    fn starts(self, at: usize, word: &str) -> bool {
        self.rest(at).starts_with(word)
    }

    /// The entry of a table that stands at a position; of several the first.
    fn word<T: Copy>(self, at: usize, table: &[(&str, T)]) -> Option<(usize, T)> {
        table.iter().find(|(word, _)| self.starts(at, word)).map(|&(word, value)| (at + word.len(), value))
    }

    /// A time or a range of times.
    fn expression(self, at: usize) -> Option<(usize, Time, Option<Time>)> {
        // 2023-2025年 has one 年 for two years.
        let years = self.range_of_years(at);
        let (end, from) = years.or_else(|| self.time(at))?;
        for separator in RANGE {
            if !self.starts(end, separator) {
                continue;
            }
            let second = end + separator.len();
            // 8日-10日: behind a dash a day is no number of its own.
            let day = || {
                self.days(second)
                    .filter(|_| from.day.is_some())
                    .map(|(end, day)| (end, Time { day: Some(day), ..Time::default() }))
            };
            if let Some((end, to)) = self.time(second).or_else(day)
                && continues(&from, &to)
            {
                return Some((end, from, Some(to)));
            }
        }
        years.is_none().then_some((end, from, None))
    }

    /// The `2023` of 2023-2025年: a year that has its 年 behind the other.
    fn range_of_years(self, at: usize) -> Option<(usize, Time)> {
        let (end, year) = self.number(at, 4)?;
        if end - at != 4 || !self.is_free(at) || !(1000..2200).contains(&year) {
            return None;
        }
        let separator = RANGE.iter().find(|separator| self.starts(end, separator))?;
        let (behind, other) = self.number(end + separator.len(), 4)?;
        let years = behind - end - separator.len() == 4 && other > year && other < 2200 && self.starts(behind, "年");
        years.then_some((
            end,
            Time { year: Some(Year::Of(i16::try_from(year).ok())), part: Part::Whole, ..Time::default() },
        ))
    }

    /// A single time at a position.
    fn time(self, at: usize) -> Option<(usize, Time)> {
        self.numeric(at)
            .or_else(|| self.with_year(at))
            .or_else(|| self.century(at))
            .or_else(|| self.in_year(at, false))
            .or_else(|| self.near(at))
            .or_else(|| self.week(at))
            .or_else(|| self.lone_day(at))
    }

    /// Whether a number that begins here is not the end of another.
    fn is_free(self, at: usize) -> bool {
        let digit_before = |at: usize| self.before(at).is_some_and(|c| c.is_ascii_digit());
        !self.before(at).is_some_and(|c| {
            c.is_ascii_digit()
                || "零一二三四五六七八九十百千万亿点第".contains(c)
                || ".,".contains(c) && digit_before(at - 1)
        })
    }

    /// 2026-02-05, 2026/2/5, 2026.2.5; and (2/5) between brackets.
    fn numeric(self, at: usize) -> Option<(usize, Time)> {
        let (end, first) = self.number(at, 4)?;
        if !self.is_free(at) || self.before(at).is_some_and(|c| c.is_ascii_alphanumeric()) {
            return None;
        }
        let separator = self.char_at(end).filter(|c| "-/.".contains(*c))?;
        let (end_of_second, second) = self.number(end + 1, 2)?;
        if end - at < 3 {
            let (month, day) = (i8::try_from(first).ok()?, i8::try_from(second).ok()?);
            let bracketed = matches!(self.before(at), Some('（' | '('))
                && matches!(self.char_at(end_of_second), Some('）' | ')' | '，' | ' '));
            let dated = self.before(at).is_some_and(|c| "昨今於于在至从".contains(c))
                && self.char_at(end_of_second).is_some_and(|c| "（(晚上下凌日".contains(c));
            let valid = separator == '/' && Date::new(2024, month, day).is_ok() && (bracketed || dated);
            return valid.then_some((
                end_of_second,
                Time { month: Some(Month::Of(month)), day: Some((day, day)), ..Time::default() },
            ));
        }
        if self.char_at(end_of_second) != Some(separator) || end - at != 4 {
            return None;
        }
        let (end, third) = self.number(end_of_second + 1, 2)?;
        let date = Date::new(i16::try_from(first).ok()?, i8::try_from(second).ok()?, i8::try_from(third).ok()?).ok()?;
        let closed = !self.char_at(end).is_some_and(|c| c.is_ascii_digit() || c == separator)
            && (1000..2200).contains(&date.year());
        closed.then_some((
            end,
            Time {
                year: Some(Year::Of(Some(date.year()))),
                month: Some(Month::Of(date.month())),
                day: Some((date.day(), date.day())),
                part: Part::Whole,
            },
        ))
    }

    /// A year, and what of it: 2025年底, 去年三季度, 民国114年第3季.
    fn with_year(self, at: usize) -> Option<(usize, Time)> {
        let (end, year, word) = self.year(at)?;
        let time = Time { year: Some(year), ..Time::default() };
        let spaced = if self.starts(end, " ") { end + 1 } else { end };
        if let Some((end, within)) = self.in_year(spaced, true) {
            return Some((end, Time { year: Some(year), ..within }));
        }
        if let Some((end, third)) = self.third(end, word) {
            return Some((end, Time { part: Part::Third(third), ..time }));
        }
        if self.starts(end, "同期") {
            return Some((end + "同期".len(), time));
        }
        if let Some(festival) = FESTIVALS.iter().find(|festival| self.starts(end, festival)) {
            let behind = end + festival.len();
            let behind = ["黄金周", "长假", "假期"]
                .iter()
                .find(|word| self.starts(behind, word))
                .map_or(behind, |word| behind + word.len());
            // 2025年国庆档 is a season of the cinemas in that year.
            let season = self.char_at(behind).is_some_and(|c| "档晚".contains(c));
            return Some(if season { (end, time) } else { (behind, Time { part: Part::Unclear, ..time }) });
        }
        Some((end, time))
    }

    /// 初, 中, 底, 末 of a year, doubled or not: 2025年底, 2025年年底.
    fn third(self, at: usize, word: bool) -> Option<(usize, i8)> {
        let doubled = self.starts(at, "年");
        let at = if doubled { at + '年'.len_utf8() } else { at };
        let c = self.char_at(at)?;
        let end = at + c.len_utf8();
        let third = match c {
            '初' if !self.char_at(end).is_some_and(|c| "中级审步创期".contains(c)) => 1,
            '中' if self.char_at(end).is_some_and(|c| "期，。、".contains(c)) && (doubled || !word) => 2,
            '底' | '末' if !self.char_at(end).is_some_and(|c| "部层盘牌".contains(c)) => 3,
            _ => return None,
        };
        let end = if third == 2 && self.starts(end, "期") { end + '期'.len_utf8() } else { end };
        Some((end, third))
    }

    /// A year alone: where it ends, which, and whether it is a word (今年) rather than a number.
    fn year(self, at: usize) -> Option<(usize, Year, bool)> {
        if let Some((end, years)) = self.word(at, &YEARS) {
            let word = match self.char_at(at)? {
                '前' => self.before(at).is_some_and(|c| digit(c).is_some() || c == '多'),
                '上' | '后' => self.before(at).is_some_and(|c| "以之".contains(c)),
                '去' => self.before(at).is_some_and(|c| "过离".contains(c)),
                '本' => self.starts(end, "级") || self.starts(end, "轻"),
                _ => false,
            };
            // 税后|年薪, 餐前|年轻
            let apart = matches!(self.char_at(at)?, '前' | '后' | '上')
                && self.char_at(end).is_some_and(|c| "薪收化均检终轻龄会货报纪".contains(c));
            return (!word && !apart).then_some((end, Year::After(years), true));
        }
        if self.starts(at, "公元前") {
            let (end, _) = self.number(at + "公元前".len(), 5)?;
            return self.starts(end, "年").then_some((end + '年'.len_utf8(), Year::Of(None), false));
        }
        // 翌年3月: the year depends on what was said before.
        if let Some(word) = ["翌年", "次年", "同年", "当年", "来年"].into_iter().find(|word| self.starts(at, word))
        {
            let end = at + word.len();
            let month =
                self.char_at(end).is_some_and(|c| digit(c).is_some() || c == '十') && self.in_year(end, true).is_some();
            return month.then_some((end, Year::Of(None), true));
        }
        let era = ["公元", "民国"].into_iter().find(|era| self.starts(at, era)).unwrap_or("");
        let digits = at + era.len();
        if era.is_empty() && !self.is_free(at) {
            return None;
        }
        let (end, year) = self.number(digits, 4).or_else(|| self.spelled(digits))?;
        let width = end - digits;
        let year = i16::try_from(year).ok()?;
        let behind = end + '年'.len_utf8();
        if !self.starts(end, "年") {
            let fiscal = self.starts(end, "财年") && width == 4;
            return fiscal.then_some((end + "财年".len(), Year::Of(Some(year)), false));
        }
        let behind = if self.starts(behind, "度") && !self.starts(behind, "度过") {
            behind + '度'.len_utf8()
        } else {
            behind
        };
        match (era, width) {
            ("民国", _) => Some((behind, Year::Of(year.checked_add(1911)), false)),
            ("公元", _) => Some((behind, Year::Of(Some(year)), false)),
            (_, 4 | 12) if (1000..2200).contains(&year) && !self.starts(behind, "期") && !self.is_age(at, behind) => {
                Some((behind, Year::Of(Some(year)), false))
            }
            (_, 3)
                if self.republic
                    && (100..140).contains(&year)
                    && !self.char_at(behind).is_some_and(|c| "来前后间期历以之多".contains(c)) =>
            {
                Some((behind, Year::Of(Some(year + 1911)), false))
            }
            // 25年11月
            (_, 2)
                if (10..60).contains(&year)
                    && (self.in_year(behind, true).is_some()
                        || self.third(behind, true).is_some_and(|(_, third)| third == 3)) =>
            {
                Some((behind, Year::Of(Some(year + 2000)), false))
            }
            _ => None,
        }
    }

    /// Whether so many years are a length of time: 近2000年, 2000年历史.
    fn is_age(self, at: usize, end: usize) -> bool {
        let behind = ["历史", "的历史", "之久", "传统", "文明", "间隔"].iter().any(|word| self.starts(end, word));
        behind || self.before(at).is_some_and(|c| "近逾超距满".contains(c))
    }

    /// Four Chinese digits read out: 二零二五.
    fn spelled(self, at: usize) -> Option<(usize, u32)> {
        let mut year = 0;
        let mut end = at;
        for _ in 0..4 {
            let c = self.char_at(end).filter(|c| !c.is_ascii())?;
            year = year * 10 + digit(c)?;
            end += c.len_utf8();
        }
        Some((end, year))
    }

    /// Months, quarters and halves, behind a year or alone.
    fn in_year(self, at: usize, behind_year: bool) -> Option<(usize, Time)> {
        if !behind_year && self.char_at(at)?.is_ascii_digit() && !self.is_free(at) {
            return None;
        }
        let part = |end: usize, part: Part| Some((end, Time { part, ..Time::default() }));
        for (word, half) in [("上半年", 1), ("下半年", 2), ("h1", 1), ("h2", 2)] {
            if self.starts(at, word) && (behind_year || !word.is_ascii()) {
                return part(at + word.len(), Part::Half(half));
            }
        }
        if self.starts(at, "q") && !self.before(at).is_some_and(|c| c.is_ascii_alphanumeric()) {
            let (end, quarter) = self.word(at + 1, &FOUR[4..])?;
            // `Q1：` and `Q1（某报）` at the head of a line are questions.
            let question = self.before(at).is_none_or(|c| c == '\n')
                && self.char_at(end).is_some_and(|c| matches!(c, ':' | '：' | '(' | '（' | '.' | '、' | '】'));
            return if question || self.char_at(end).is_some_and(|c| c.is_ascii_alphanumeric()) {
                None
            } else {
                part(end, Part::Quarter(quarter))
            };
        }
        if self.starts(at, "首季") {
            let end = at + "首季".len();
            return part(if self.starts(end, "度") { end + '度'.len_utf8() } else { end }, Part::Quarter(1));
        }
        self.first_months(at).or_else(|| self.quarters(at)).or_else(|| self.months(at, behind_year))
    }

    /// 前10个月, 首七月: the months from January.
    fn first_months(self, at: usize) -> Option<(usize, Time)> {
        let digits = ["前", "首"].into_iter().find(|lead| self.starts(at, lead)).map(|lead| at + lead.len())?;
        let (end, months) = self.small(digits)?;
        let whole = ["个月", "月"].into_iter().find(|word| self.starts(end, word))?;
        let last = i8::try_from(months).ok().filter(|last| (2..=12).contains(last))?;
        Some((end + whole.len(), Time { month: Some(Month::Between(1, last)), ..Time::default() }))
    }

    /// 第三季度, 三季度, 前三季度, 一至三季度, 第3季, 第三财季.
    fn quarters(self, at: usize) -> Option<(usize, Time)> {
        let lead = ["第", "前", "首", "后"].into_iter().find(|lead| self.starts(at, lead)).unwrap_or("");
        if lead.is_empty() && self.before(at).is_some_and(|c| digit(c).is_some() || "十个第".contains(c)) {
            return None;
        }
        let (mut end, first) = self.word(at + lead.len(), &FOUR).or_else(|| {
            let both = self.word(at + lead.len(), &[("两", 2)])?;
            matches!(lead, "前" | "首").then_some(both)
        })?;
        let mut last = first;
        if let Some(separator) = RANGE.iter().chain(&["、"]).find(|separator| self.starts(end, separator))
            && let Some((behind, second)) = self.word(end + separator.len(), &FOUR)
            && second > first
        {
            (end, last) = (behind, second);
        }
        let whole = ["季度", "财季", "季"].into_iter().find(|word| self.starts(end, word))?;
        if whole == "季"
            && (lead.is_empty() || self.char_at(end + '季'.len_utf8()).is_some_and(|c| "报后赛节".contains(c)))
        {
            return None;
        }
        end += whole.len();
        if self.starts(end, "末") || self.starts(end, "初") {
            end += '末'.len_utf8();
        }
        let part = match (lead, whole) {
            (_, "财季") => Part::Unclear,
            ("前" | "首", _) => Part::Quarters(1, last),
            ("后", _) => Part::Quarters(5 - last, 4),
            _ if first != last => Part::Quarters(first, last),
            _ => Part::Quarter(first),
        };
        Some((end, Time { part, ..Time::default() }))
    }

    /// 11月, 11月下旬, 1至10月, 11月27日, 12月3-8日, 9月末.
    fn months(self, at: usize, behind_year: bool) -> Option<(usize, Time)> {
        if !behind_year && self.before(at).is_some_and(|c| digit(c).is_some() || "十百千万第个近每满逾".contains(c))
        {
            return None;
        }
        let (mut end, first) = self.small(at)?;
        let mut month = Month::Of(i8::try_from(first).ok()?);
        if !self.starts(end, "月")
            && let Some(separator) = RANGE.iter().find(|separator| self.starts(end, separator))
            && let Some((behind, last)) = self.small(end + separator.len())
            && self.starts(behind, "月")
            && first < last
            && last <= 12
        {
            (end, month) = (behind, Month::Between(i8::try_from(first).ok()?, i8::try_from(last).ok()?));
        }
        if !(1..=12).contains(&first) || !self.starts(end, "月") {
            return None;
        }
        end += '月'.len_utf8();
        let time = Time { month: Some(month), ..Time::default() };
        if self.starts(end, "份") && !self.starts(end, "份额") {
            return Some((end + '份'.len_utf8(), time));
        }
        // 十月初三 is a day of the old calendar.
        let lunar = self.starts(end, "初") && !self.rest(at).starts_with(|c: char| c.is_ascii());
        if lunar && let Some((end, _)) = self.small(end + '初'.len_utf8()) {
            return Some((end, Time { part: Part::Unclear, ..Time::default() }));
        }
        for (word, third) in [("上旬", 1), ("中旬", 2), ("下旬", 3), ("初", 1), ("底", 3), ("末", 3)] {
            if self.starts(end, word) && !self.starts(end, "初步") {
                return Some((end + word.len(), Time { part: Part::Third(third), ..time }));
            }
        }
        let spaced = if self.starts(end, " ") { end + 1 } else { end };
        if let Some((end, day)) = self.days(spaced) {
            return Some((end, Time { day: Some(day), ..time }));
        }
        // 五月天, 12月龄, 三月兔
        let word = self.char_at(end).is_some_and(|c| "天龄薪饼亮球光兔".contains(c))
            || (self.char_at(at)?.is_ascii_digit() && self.starts(end, "票"));
        (!word).then_some((end, time))
    }

    /// A day or two of a month: 27日, 3-8日, 8日.
    fn days(self, at: usize) -> Option<(usize, (i8, i8))> {
        let (mut end, first) = self.small(at)?;
        let mut last = first;
        if let Some(separator) = RANGE.iter().find(|separator| self.starts(end, separator))
            && let Some((behind, second)) = self.small(end + separator.len())
            && (self.starts(behind, "日") || self.starts(behind, "号"))
        {
            (end, last) = (behind, second);
        }
        let day = |n: u32| i8::try_from(n).ok().filter(|n| (1..=31).contains(n));
        let closed = self.starts(end, "日") || self.starts(end, "号");
        if !closed || last < first {
            return None;
        }
        Some((end + '日'.len_utf8(), (day(first)?, day(last)?)))
    }

    /// A number below 100 in digits or Chinese: 27, 二十七, 十.
    fn small(self, at: usize) -> Option<(usize, u32)> {
        if let Some(number) = self.number(at, 2) {
            return Some(number);
        }
        let mut end = at;
        let (mut value, mut tens) = (None, false);
        for _ in 0..3 {
            match self.char_at(end) {
                Some('十') if !tens => {
                    (value, tens) = (Some(value.unwrap_or(1) * 10), true);
                }
                Some('廿') if value.is_none() => (value, tens) = (Some(20), true),
                Some(c)
                    if !c.is_ascii()
                        && digit(c).is_some()
                        && (value.is_none() || tens && value.is_some_and(|n| n % 10 == 0)) =>
                {
                    value = Some(value.unwrap_or(0) + digit(c).unwrap_or(0));
                }
                _ => break,
            }
            end += '十'.len_utf8();
        }
        Some((end, value?))
    }

    /// Up to so many digits 0 to 9, no more behind them.
    fn number(self, at: usize, most: usize) -> Option<(usize, u32)> {
        let bytes = self.rest(at).as_bytes();
        let length = bytes.iter().take(most + 1).take_while(|b| b.is_ascii_digit()).count();
        let value = bytes[..length].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
        (1..=most).contains(&length).then_some((at + length, value))
    }

    /// 公元前5世纪, 21世纪, 上世纪80年代, 90年代.
    fn century(self, at: usize) -> Option<(usize, Time)> {
        let unclear = Time { part: Part::Unclear, ..Time::default() };
        let lead = ["公元前", "公元", "上世纪", "本世纪"].into_iter().find(|lead| self.starts(at, lead)).unwrap_or("");
        let number = at + lead.len();
        if lead.is_empty() && !self.is_free(at) {
            return None;
        }
        let decade = |at: usize| {
            let (end, value) = self.small(at)?;
            (value % 10 == 0 && self.starts(end, "年代")).then_some(end + "年代".len())
        };
        if lead.ends_with("世纪") {
            let end = decade(number).unwrap_or(number);
            let late =
                ["末", "初", "中叶", "后期", "前期"].into_iter().find(|word| self.starts(end, word)).unwrap_or("");
            return Some((end + late.len(), unclear));
        }
        if let Some(end) = decade(at) {
            return Some((end, unclear));
        }
        let (end, _) = self.small(number)?;
        if !self.starts(end, "世纪") || self.starts(end, "世纪经济") {
            return None;
        }
        let end = end + "世纪".len();
        let end = decade(end).unwrap_or(end);
        let late = ["末", "初", "中叶", "后期", "前期"].into_iter().find(|word| self.starts(end, word)).unwrap_or("");
        Some((end + late.len(), unclear))
    }

    /// 昨天, 昨（12）日, 本月, 上季度, 年底, 上半年.
    fn near(self, at: usize) -> Option<(usize, Time)> {
        if NOT_DAYS.iter().any(|word| self.starts(at, word)) {
            return None;
        }
        let part = |part: Part| Time { part, ..Time::default() };
        if ["今春", "今夏", "今秋", "今冬", "去春", "去夏", "去秋", "去冬"].iter().any(|word| self.starts(at, word))
        {
            return Some((at + "今春".len(), part(Part::Unclear)));
        }
        if let Some((end, days)) = self.word(at, &DAYS) {
            // 三天, 目前天气, 然后天黑
            let word =
                self.before(at).is_some_and(|c| "三五以目日多数然之此先随今最".contains(c) || digit(c).is_some())
                    && self.char_at(at) != Some('昨');
            return (!word).then_some((end, part(Part::DayAfter(days))));
        }
        if let Some((end, days)) = self.word(at, &[("昨", -1), ("今", 0), ("明", 1)]) {
            // 昨（12）日; and 昨 alone, as Taiwanese papers write it.
            if let Some(open @ ('（' | '(')) = self.char_at(end) {
                let (close, _) = self.number(end + open.len_utf8(), 2)?;
                let c = self.char_at(close).filter(|c| "）)".contains(*c))?;
                let behind = close + c.len_utf8();
                let end = ["日", "天", "晚", "早"]
                    .into_iter()
                    .find(|word| self.starts(behind, word))
                    .map(|word| behind + word.len())?;
                return Some((end, part(Part::DayAfter(days))));
            }
            let alone = self.republic && days == -1 && self.char_at(end).is_some_and(char::is_alphabetic);
            return alone.then_some((end, part(Part::DayAfter(-1))));
        }
        for (word, months) in [("上个月", -1), ("下个月", 1), ("这个月", 0), ("上月", -1), ("本月", 0), ("下月", 1)]
        {
            if self.starts(at, word) && !self.before(at).is_some_and(|c| "以基根样版日资成".contains(c)) {
                let end = at + word.len();
                let time = Time { month: Some(Month::After(months)), ..Time::default() };
                for (word, third) in [("上旬", 1), ("中旬", 2), ("下旬", 3), ("初", 1), ("底", 3), ("末", 3)] {
                    if self.starts(end, word) {
                        return Some((end + word.len(), Time { part: Part::Third(third), ..time }));
                    }
                }
                if let Some((end, day)) = self.days(end) {
                    return Some((end, Time { day: Some(day), ..time }));
                }
                return Some((end, time));
            }
        }
        for (word, quarters) in [
            ("上季度", -1),
            ("本季度", 0),
            ("下季度", 1),
            ("上一季度", -1),
            ("上个季度", -1),
            ("下个季度", 1),
            ("下一季度", 1),
        ] {
            if self.starts(at, word) {
                return Some((at + word.len(), part(Part::QuarterAfter(quarters))));
            }
        }
        for (word, quarters) in [("上季", -1), ("本季", 0), ("下季", 1)] {
            if self.starts(at, word) && !self.char_at(at + word.len()).is_some_and(|c| "后赛节报".contains(c)) {
                return Some((at + word.len(), part(Part::QuarterAfter(quarters))));
            }
        }
        let number =
            self.before(at).is_some_and(|c| digit(c).is_some() || "十百千几多两每半当同数整余历学大".contains(c));
        for (word, third) in [("年初", 1), ("年中", 2), ("年底", 3), ("年末", 3)] {
            let end = at + word.len();
            let other = third == 2 && !self.char_at(end).is_some_and(|c| "，。、以前后报的".contains(c))
                || self.starts(end, "步");
            if self.starts(at, word) && !number && !other && !self.starts(end, "报") {
                return Some((end, Time { year: Some(Year::After(0)), part: Part::Third(third), ..Time::default() }));
            }
        }
        for (word, third) in [("月初", 1), ("月底", 3), ("月末", 3)] {
            if self.starts(at, word) && !number && !self.before(at).is_some_and(|c| "个份".contains(c)) {
                return Some((
                    at + word.len(),
                    Time { month: Some(Month::After(0)), part: Part::Third(third), ..Time::default() },
                ));
            }
        }
        None
    }

    /// 周五, 上周五, 本周, 下个星期.
    fn week(self, at: usize) -> Option<(usize, Time)> {
        let leads: [(&str, i32); 10] = [
            ("上上", -2),
            ("上个", -1),
            ("上", -1),
            ("下下", 2),
            ("下个", 1),
            ("下", 1),
            ("本", 0),
            ("这个", 0),
            ("这", 0),
            ("", 0),
        ];
        let (start, weeks) = self.word(at, &leads)?;
        let lead = start > at;
        let name = ["周", "星期", "礼拜"].into_iter().find(|name| self.starts(start, name))?;
        let end = start + name.len();
        if !lead
            && self
                .before(at)
                .is_some_and(|c| digit(c).is_some() || "十两几每半隔首第多数个整老小姓逢上下本这".contains(c))
            || self.starts(end, "期") && name == "周"
        {
            return None;
        }
        if lead && self.before(at).is_some_and(|c| "以之日基样版".contains(c)) && self.char_at(at) != Some('这')
        {
            return None;
        }
        let days = [("一", 0), ("二", 1), ("三", 2), ("四", 3), ("五", 4), ("六", 5), ("日", 6), ("天", 6)];
        let day = self.word(end, &days).filter(|&(to, day)| {
            // 周天 is no day; 周一围 may be a name, 周二十 a number.
            let sky = name == "周" && day == 6 && self.starts(end, "天");
            let number = self.char_at(to).is_some_and(|c| digit(c).is_some() || "十年圈度百千个位次".contains(c));
            !sky && !number
        });
        match day {
            Some((end, day)) => Some((end, Time { part: Part::Week(weeks, Some(day)), ..Time::default() })),
            None if lead && self.starts(end, "末") => {
                Some((end + '末'.len_utf8(), Time { part: Part::Week(weeks, None), ..Time::default() }))
            }
            None if lead && !self.char_at(end).is_some_and(|c| "转年岁边围长".contains(c)) => {
                Some((end, Time { part: Part::Week(weeks, None), ..Time::default() }))
            }
            None => None,
        }
    }

    /// 24日: a day without its month; 7日内 is a length of time, 5日元 money.
    fn lone_day(self, at: usize) -> Option<(usize, Time)> {
        if !self.is_free(at)
            || self
                .before(at)
                .is_some_and(|c| c.is_ascii_alphabetic() || "第每近满续去期时共用约超逾前后连-/个".contains(c))
        {
            return None;
        }
        let (end, day) = self.days(at)?;
        let next = self.char_at(end);
        let number = self.rest(at).chars().next()?;
        let number_sign = self.starts(end - '号'.len_utf8(), "号");
        if number_sign {
            let timed = ["上午", "下午", "晚", "凌晨", "清晨", "中午", "早", "傍晚", "当天", "起，"]
                .iter()
                .any(|word| self.starts(end, word));
            if !timed || !number.is_ascii() {
                return None;
            }
        }
        let not_money = self.starts(end, "元旦") || self.starts(end, "元宇宙");
        if next.is_some_and(|c| "内游均线年龄间本币系子志常化后之生的/".contains(c) || !not_money && "元圆".contains(c))
        {
            return None;
        }
        if !number.is_ascii() && (day.0 < 11 || day.0 != day.1) {
            return None;
        }
        Some((end, Time { day: Some(day), ..Time::default() }))
    }
}

/// Bit table over the basic plane: whether a date may begin with the character.
static BEGINS: [u64; 0x1_0000 / 64] = {
    let mut table = [0u64; 0x1_0000 / 64];
    let bytes = BEGINNINGS.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let code = code(bytes, at);
        table[code / 64] |= 1 << (code % 64);
        at += 3;
    }
    table
};

/// The code point of a character of three bytes.
const fn code(bytes: &[u8], at: usize) -> usize {
    ((bytes[at] as usize & 0x0f) << 12) | ((bytes[at + 1] as usize & 0x3f) << 6) | (bytes[at + 2] as usize & 0x3f)
}

/// The value of a digit.
fn digit(c: char) -> Option<u32> {
    c.to_digit(10)
        .or_else(|| "零一二三四五六七八九".chars().position(|digit| digit == c).and_then(|n| u32::try_from(n).ok()))
}

/// Whether a second time may be the other end of a range that begins with the first.
fn continues(from: &Time, to: &Time) -> bool {
    let whole = |time: &Time| time.part == Part::Whole;
    let both = |has: fn(&Time) -> bool| has(from) && has(to);
    whole(from)
        && whole(to)
        && (both(|time| time.day.is_some())
            || to.day.is_none() && both(|time| time.month.is_some())
            || to.day.is_none() && to.month.is_none() && both(|time| time.year.is_some()))
        || matches!(
            (from.part, to.part),
            (Part::Week(..), Part::Week(..))
                | (Part::Third(_), Part::Third(_))
                | (Part::Quarter(_), Part::Quarter(_))
                | (Part::DayAfter(_), Part::DayAfter(_))
        )
}

/// First and last day of a time or range, as far as the article's date tells.
fn resolve(from: &Time, to: Option<&Time>, article: Option<Date>) -> Option<(Date, Date)> {
    let first = days(from, article, None)?;
    let Some(to) = to else { return Some(first) };
    let mut to = *to;
    to.year = to.year.or(from.year);
    to.month = to.month.or(if to.day.is_some() { from.month } else { None });
    let last = days(&to, article, Some(first.0))?;
    (first.0 <= last.1).then_some((first.0, last.1))
}

/// First and last day of a time. `after` is the beginning of a range that this time closes.
fn days(time: &Time, article: Option<Date>, after: Option<Date>) -> Option<(Date, Date)> {
    let shift = |date: Date, days: i32| date.checked_add(days.days()).ok();
    match time.part {
        Part::Unclear => return None,
        Part::DayAfter(days) => return shift(article?, days).map(|day| (day, day)),
        Part::Week(weeks, day) => {
            let article = article?;
            let monday = shift(article, weeks * 7 - i32::from(article.weekday().to_monday_zero_offset()))?;
            return Some(match day {
                Some(day) => (shift(monday, day.into())?, shift(monday, day.into())?),
                None => (monday, shift(monday, 6)?),
            });
        }
        Part::QuarterAfter(quarters) => {
            let article = article?;
            let months =
                i32::from(article.year()) * 12 + i32::from((article.month() - 1) / 3 * 3) + 3 * i32::from(quarters);
            return between(months, months + 2);
        }
        _ => {}
    }
    let year = match time.year {
        Some(Year::Of(year)) => Some(year?),
        Some(Year::After(years)) => Some(article?.year().checked_add(years)?),
        None => None,
    };
    let Some(month) = time.month else {
        if let Some((first, last)) = time.day {
            return lone_day(first, last, article?);
        }
        let year = year.or(article.map(Date::year))?;
        let from = i32::from(year) * 12;
        return match time.part {
            Part::Half(half) => between(from + 6 * (i32::from(half) - 1), from + 6 * i32::from(half) - 1),
            Part::Quarter(quarter) => between(from + 3 * (i32::from(quarter) - 1), from + 3 * i32::from(quarter) - 1),
            Part::Quarters(first, last) => between(from + 3 * (i32::from(first) - 1), from + 3 * i32::from(last) - 1),
            Part::Third(1) => between(from, from + 1),
            Part::Third(2) => between(from + 5, from + 6),
            Part::Third(_) => between(from + 10, from + 11),
            _ => between(from, from + 11),
        };
    };
    let (first, last) = match month {
        Month::After(months) => {
            let article = article?;
            let month = i32::from(article.year()) * 12 + i32::from(article.month()) - 1 + i32::from(months);
            (month, month)
        }
        Month::Of(first) | Month::Between(first, _) => {
            let year = match (year, after) {
                (Some(year), _) => year,
                // The second of a range comes after the first: 11月至2月.
                (None, Some(after)) => after.year() + i16::from(first < after.month()),
                (None, None) => nearest_year(first, article?),
            };
            let last = if let Month::Between(_, last) = month { last } else { first };
            (i32::from(year) * 12 + i32::from(first) - 1, i32::from(year) * 12 + i32::from(last) - 1)
        }
    };
    let (from, to) = between(first, last)?;
    let day = |day: i8| Date::new(from.year(), from.month(), day).ok();
    match (time.day, time.part) {
        (Some((first, last)), _) => Some((day(first)?, day(last)?)),
        (None, Part::Third(1)) => Some((from, day(10)?)),
        (None, Part::Third(2)) => Some((day(11)?, day(20)?)),
        (None, Part::Third(_)) => Some((day(21)?, to)),
        _ => Some((from, to)),
    }
}

/// The days from one month to another, months counted from the year 0.
fn between(first: i32, last: i32) -> Option<(Date, Date)> {
    let month =
        |n: i32| Date::new(i16::try_from(n.div_euclid(12)).ok()?, i8::try_from(n.rem_euclid(12)).ok()? + 1, 1).ok();
    Some((month(first)?, month(last)?.last_of_month()))
}

/// The year in which a month without year lies nearest to the article.
fn nearest_year(month: i8, article: Date) -> i16 {
    let ahead = month - article.month();
    article.year() + i16::from(ahead < -6) - i16::from(ahead > 6)
}

/// A day without month: the nearest one, this month or a neighbour.
fn lone_day(first: i8, last: i8, article: Date) -> Option<(Date, Date)> {
    let month = i32::from(article.year()) * 12 + i32::from(article.month()) - 1;
    let day = |month: i32| {
        let (from, _) = between(month, month)?;
        Some((Date::new(from.year(), from.month(), first).ok()?, Date::new(from.year(), from.month(), last).ok()?))
    };
    let distance = |(date, _): &(Date, Date)| {
        (article.since(*date).map_or(i32::MAX, |span| span.get_days().abs()), *date > article)
    };
    [month - 1, month, month + 1].into_iter().filter_map(day).min_by_key(distance)
}
