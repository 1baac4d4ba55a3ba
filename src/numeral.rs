//! Numerals and nothing else: in `募资1亿2千万，约三十多家` stand `1亿2千万` (120000000) and `三十多` (30, and more).
//!
//! [`Numerals`] walks over a shadow once and yields every numeral, exact: digits with separators, Chinese and
//! financial characters, magnitudes in any mixture, what is left out in speech (一万三, 四百五), approximations (七八十,
//! 30多亿, 数十亿, 十几), decimals, and parts (百分之, 三分之一). What the number counts is not its business.
//!
//! Law: numerals are disjoint, in order, on character borders; the time is linear in the text, whatever it is.

use crate::number::Decimal;
use crate::text::{Span, Text};
use rustc_hash::FxHashMap;

/// How open the value of a numeral is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// As written: 三百.
    No,
    /// Somewhat more: 三百多, 30余亿.
    More,
    /// Somewhere about it: 三百来.
    About,
    /// Only the order is said: 数十亿, 十几, 几百万.
    Order,
}

/// Which characters a numeral is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Begins with a digit 0 to 9: 3.2, 1,200, 3亿5000.
    Arabic,
    /// Chinese or financial characters only: 三十五, 壹佰.
    Chinese,
    /// Begins with a magnitude that no number stands before: 千万, 百, 亿.
    Bare,
}

/// One numeral of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numeral {
    /// Where it stands, without a sign; with 多 余 来 where a magnitude follows them (30多亿).
    pub span: Span,
    /// The value, or the lower of two (七八十: 70); `None` when it does not fit.
    pub low: Option<Decimal>,
    /// The value, or the higher of two (七八十: 80).
    pub high: Option<Decimal>,
    /// How open the value is.
    pub open: Open,
    /// A 多 余 来 directly behind: where it ends and what it says. It belongs to the numeral if a unit follows.
    pub tail: Option<(usize, Open)>,
    /// How it is written.
    pub script: Script,
    /// Powers of ten that another number may share with this one, the larger first: 3千万 has 7 and 4, for `2-3千万` and
    /// `500-3千万`. Zero for none.
    pub shared: [u8; 2],
    /// Whether any magnitude stands in it.
    pub magnitude: bool,
    /// Start of a sign, 负 or -, directly before.
    pub sign: Option<usize>,
    /// The parts of a whole: 百分之七 has 100, 三分之一 has 3; `low` and `high` are then the numerator.
    pub denominator: Option<Decimal>,
    /// Whether the denominator is a bare magnitude: 百分之, not 五百分之.
    pub hundredths: bool,
    /// Chinese digits read out one by one, as in 二五折 (25): how many there are, else 0.
    pub spelled: usize,
    /// A Latin letter that may be a magnitude (1.5b, 20m): its power of ten and where it ends. Not in the value.
    pub latin: Option<(u8, usize)>,
    /// An Arabic number that is part of a longer code: a letter stands before it, or a point and more digits.
    pub glued: bool,
    /// How many digits an Arabic integer has that stands alone, without magnitude, point or separator; else 0.
    pub digits: usize,
}

impl Numeral {
    /// The value with the sign, the fraction worked out, rounded to eighteen places where it does not end.
    pub fn value(&self) -> Option<Decimal> {
        let number = match self.denominator {
            None => self.low?,
            Some(denominator) => divide(self.low?, denominator, 18)?,
        };
        Some(if self.sign.is_some() { number.negated() } else { number })
    }
}

/// `a / b`, cut behind that many places and rounded half up.
pub fn divide(a: Decimal, b: Decimal, places: u32) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (a.parts(), b.parts());
    // a / 10^x over b / 10^y, times 10^places: bring both to whole numbers first.
    let top = a.checked_mul(10i128.checked_pow(places + b_scale)?)?;
    let bottom = b.checked_mul(10i128.checked_pow(a_scale)?)?;
    if bottom <= 0 {
        return None;
    }
    Decimal::new((top.checked_mul(2)?.checked_add(bottom)?).div_euclid(bottom.checked_mul(2)?), places)
}

/// What a character is to a numeral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Nothing.
    Other,
    /// 0 to 9.
    Digit(u8),
    /// 零 to 九, 两, 壹 to 玖.
    Chinese(u8),
    /// 十 百 千 and 拾 佰 仟, as a power of ten.
    Small(u8),
    /// 万 亿 兆, as a power of ten.
    Big(u8),
    /// 几.
    Few,
    /// 数.
    Several,
    /// 半, and 对 in 打对折, where a unit of shares follows.
    Half,
}

/// The class of a shadow's character.
fn class(c: char) -> Class {
    match c {
        '0'..='9' => Class::Digit(c as u8 - b'0'),
        '零' => Class::Chinese(0),
        '一' | '壹' => Class::Chinese(1),
        '二' | '贰' | '两' | '俩' => Class::Chinese(2),
        '三' | '叁' => Class::Chinese(3),
        '四' | '肆' => Class::Chinese(4),
        '五' | '伍' => Class::Chinese(5),
        '六' | '陆' => Class::Chinese(6),
        '七' | '柒' => Class::Chinese(7),
        '八' | '捌' => Class::Chinese(8),
        '九' | '玖' => Class::Chinese(9),
        '十' | '拾' => Class::Small(1),
        '百' | '佰' => Class::Small(2),
        '千' | '仟' => Class::Small(3),
        '万' => Class::Big(4),
        '亿' => Class::Big(8),
        '兆' => Class::Big(12),
        '几' => Class::Few,
        '数' => Class::Several,
        '半' | '对' => Class::Half,
        _ => Class::Other,
    }
}

/// Every character that a numeral may begin with, for the table of the fast scan.
const BEGINNINGS: &str = "零一壹二贰两俩三叁四肆五伍六陆七柒八捌九玖十拾百佰千仟万亿兆几数半对";

/// Looks around positions of a shadow; a position is a character border.
pub(crate) trait Around {
    /// The text that is looked at.
    fn shadow(&self) -> &str;

    /// The character at a position.
    fn char_at(&self, at: usize) -> Option<char> {
        self.shadow()[at..].chars().next()
    }

    /// The character before a position.
    fn before(&self, at: usize) -> Option<char> {
        self.shadow()[..at].chars().next_back()
    }

    /// Whether a word begins at a position.
    fn starts(&self, at: usize, word: &str) -> bool {
        self.shadow()[at..].starts_with(word)
    }

    /// Behind at most three spaces.
    fn behind_spaces(&self, at: usize) -> usize {
        at + self.shadow().as_bytes()[at..].iter().take(3).take_while(|&&b| b == b' ').count()
    }

    /// Before at most three spaces.
    fn before_spaces(&self, at: usize) -> usize {
        at - self.shadow().as_bytes()[..at].iter().rev().take(3).take_while(|&&b| b == b' ').count()
    }
}

/// The value of a single digit, 0 to 9 or 零 to 九.
pub(crate) fn digit_value(c: char) -> Option<Decimal> {
    match class(c) {
        Class::Digit(digit) => Some(u64::from(digit).into()),
        Class::Chinese(digit) if "零一二三四五六七八九".contains(c) => Some(u64::from(digit).into()),
        _ => None,
    }
}

/// Bit table over the basic plane: whether a numeral may begin with the character.
static BEGINS: [u64; 0x1_0000 / 64] = {
    let mut table = [0u64; 0x1_0000 / 64];
    let bytes = BEGINNINGS.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let code = ((bytes[at] as usize & 0x0f) << 12)
            | ((bytes[at + 1] as usize & 0x3f) << 6)
            | (bytes[at + 2] as usize & 0x3f);
        table[code / 64] |= 1 << (code % 64);
        at += 3;
    }
    table
};

/// The first position from `at` on where a numeral may begin. Steps over a character in a few instructions.
fn next_beginning(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(&lead) = bytes.get(at) {
        match lead {
            0x00..=0x7f => {
                if lead.is_ascii_digit() {
                    return Some(at);
                }
                at += 1;
            }
            // All beginnings lie in U+4E00..=U+9FFF, whose characters have three bytes and these leads.
            0xe4..=0xe9 => {
                let code = (usize::from(lead & 0x0f) << 12)
                    | (usize::from(bytes[at + 1] & 0x3f) << 6)
                    | usize::from(bytes[at + 2] & 0x3f);
                if BEGINS[code / 64] >> (code % 64) & 1 == 1 {
                    return Some(at);
                }
                at += 3;
            }
            0x80..=0xdf => at += 2,
            0xe0..=0xef => at += 3,
            0xf0..=0xff => at += 4,
        }
    }
    None
}

/// A word that is no numeral: what stands before its first numeral character, and the rest from there on.
type Word = (Box<str>, Box<str>);

/// Numeral characters that end words as often as they are numerals: 找零, 大陆, 收拾.
const ENDINGS: &str = "零陆拾肆伍";

/// Words that hold numeral characters and are no numerals: 万科, 三元桥, 五角大楼, 一成不变.
#[derive(Default)]
pub struct Words {
    /// By the first numeral character of the word and the character behind it, longest first.
    by_characters: FxHashMap<(char, Option<char>), Vec<Word>>,
}

impl Words {
    /// Words from folded surfaces; one without a numeral character is left out.
    pub fn new<'a>(surfaces: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = Self::default();
        for surface in surfaces {
            let first = surface.char_indices().find(|&(_, c)| !matches!(class(c), Class::Other | Class::Half));
            if let Some((at, c)) = first {
                let key = (c, surface[at..].chars().nth(1));
                words.by_characters.entry(key).or_default().push((surface[..at].into(), surface[at..].into()));
            }
        }
        for list in words.by_characters.values_mut() {
            list.sort_by(|a, b| (b.0.len() + b.1.len()).cmp(&(a.0.len() + a.1.len())).then_with(|| a.cmp(b)));
        }
        words
    }

    /// Where a word ends whose first numeral character stands at `at`.
    pub fn end_at(&self, shadow: &str, at: usize) -> Option<usize> {
        let mut characters = shadow[at..].chars();
        let first = characters.next()?;
        let with = |next: Option<char>| {
            let (_, rest) = self.by_characters.get(&(first, next))?.iter().find(|(before, rest)| {
                shadow[at..].starts_with(&**rest) && (before.is_empty() || shadow[..at].ends_with(&**before))
            })?;
            Some(at + rest.len())
        };
        with(characters.next().filter(|c| !c.is_ascii()))
            .or_else(|| if ENDINGS.contains(first) { with(None) } else { None })
    }
}

/// The numerals of a text, left to right.
pub struct Numerals<'a> {
    text: &'a Text,
    shadow: &'a str,
    words: &'a Words,
    at: usize,
}

impl<'a> Numerals<'a> {
    /// The numerals of `text`, none of them inside one of the `words`.
    pub fn new(text: &'a Text, words: &'a Words) -> Self {
        Self { text, shadow: text.shadow(), words, at: 0 }
    }

    /// Goes on from `at`, a character border.
    pub fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// Where the search goes on.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The numeral that begins exactly at `at`, a character border.
    pub fn at(&self, at: usize) -> Option<Numeral> {
        let begins = class(self.shadow[at..].chars().next()?) != Class::Other;
        (begins && self.words.end_at(self.shadow, at).is_none())
            .then(|| Reader::new(self.text, self.words, at).read())?
    }
}

impl Iterator for Numerals<'_> {
    type Item = Numeral;

    fn next(&mut self) -> Option<Numeral> {
        loop {
            let at = next_beginning(self.shadow.as_bytes(), self.at)?;
            if let Some(end) = self.words.end_at(self.shadow, at) {
                self.at = end;
                continue;
            }
            match Reader::new(self.text, self.words, at).read() {
                Some(numeral) => {
                    self.at = numeral.span.end();
                    return Some(numeral);
                }
                None => self.at = at + self.shadow[at..].chars().next().map_or(1, char::len_utf8),
            }
        }
    }
}

/// A number or two, for 七八十 (70 and 80); `None` where it does not fit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pair(Option<Decimal>, Option<Decimal>);

impl Pair {
    const ZERO: Self = Self(Some(Decimal::ZERO), Some(Decimal::ZERO));

    fn one(n: u64) -> Self {
        Self(Some(n.into()), Some(n.into()))
    }

    fn shift(self, exponent: u32) -> Self {
        if exponent == 0 {
            return self;
        }
        let shift = |n: Option<Decimal>| n?.shift(i32::try_from(exponent).ok()?);
        Self(shift(self.0), shift(self.1))
    }

    fn add(self, other: Self) -> Self {
        // Most numerals are one piece: nothing to add to.
        if self == Self::ZERO {
            return other;
        }
        if other == Self::ZERO {
            return self;
        }
        let add = |a: Option<Decimal>, b: Option<Decimal>| a?.add(b?);
        Self(add(self.0, other.0), add(self.1, other.1))
    }
}

/// One number and the magnitudes behind it: the `5000万` of 3亿5000万, the `五百` of 一千五百.
struct Piece {
    /// Behind the piece.
    end: usize,
    /// The number, if one stands before the magnitudes.
    number: Option<Pair>,
    /// Whether 零 stands before it.
    zero: bool,
    /// Whether the number is written in digits 0 to 9.
    arabic: bool,
    /// The power of ten of 十 百 千, 0 for none.
    small: u8,
    /// The sum of the powers of 万 亿 兆, 0 for none.
    big: u32,
    /// What a 多 余 来 几 in it says.
    open: Open,
}

/// Reads one numeral, piece by piece.
///
/// What is summed up stands in two places, `whole` and the `section` that the next 万 or 亿 multiplies:
/// ```text
/// 十二亿     whole 1200000000   section 0
/// 三千       whole 1200000000   section 3000
/// 四百       whole 1200000000   section 3400
/// 五十万     whole 1234500000   section 0
/// ```
struct Reader<'a> {
    text: &'a Text,
    shadow: &'a str,
    words: &'a Words,
    start: usize,
    /// Behind what has been read.
    at: usize,
    whole: Pair,
    section: Pair,
    /// The last magnitude below 万 in the section, and the last from 万 on; 0 for none.
    small: u8,
    big: u32,
    pieces: usize,
    open: Open,
    script: Script,
    shared: [u8; 2],
    magnitude: bool,
    /// Whether the last character read is a magnitude.
    complete: bool,
    spelled: usize,
    digits: usize,
    glued: bool,
}

/// Most digits of a number that has a value; Chinese text has no longer ones.
const MOST_DIGITS: usize = 36;

impl Around for Reader<'_> {
    fn shadow(&self) -> &str {
        self.shadow
    }
}

impl<'a> Reader<'a> {
    fn new(text: &'a Text, words: &'a Words, at: usize) -> Self {
        Self {
            text,
            shadow: text.shadow(),
            words,
            start: at,
            at,
            whole: Pair::ZERO,
            section: Pair::ZERO,
            small: 0,
            big: 0,
            pieces: 0,
            open: Open::No,
            script: Script::Chinese,
            shared: [0; 2],
            magnitude: false,
            complete: false,
            spelled: 0,
            digits: 0,
            glued: false,
        }
    }

    fn class_at(&self, at: usize) -> Class {
        self.char_at(at).map_or(Class::Other, class)
    }

    /// Reads the numeral that begins at the start, or nothing where the characters are no number.
    fn read(mut self) -> Option<Numeral> {
        let numeral = self.plain()?;
        let numeral = self.parts(numeral);
        Some(self.mixed(numeral))
    }

    /// 三又二分之一: a whole number and parts.
    fn mixed(&self, whole: Numeral) -> Numeral {
        let at = self.behind_spaces(whole.span.end());
        if whole.denominator.is_some() || whole.open != Open::No || !self.shadow[at..].starts_with('又') {
            return whole;
        }
        let at = self.behind_spaces(at + '又'.len_utf8());
        if matches!(self.class_at(at), Class::Other | Class::Half) {
            return whole;
        }
        let mut reader = Reader::new(self.text, self.words, at);
        let Some(parts) =
            reader.plain().map(|numeral| reader.parts(numeral)).filter(|parts| parts.denominator.is_some())
        else {
            return whole;
        };
        let sum = |n: Option<Decimal>, part: Option<Decimal>| n?.mul(parts.denominator?)?.add(part?);
        Numeral {
            span: Span::new(whole.span.start(), parts.span.end()),
            low: sum(whole.low, parts.low),
            high: sum(whole.high, parts.high),
            denominator: parts.denominator,
            hundredths: false,
            tail: None,
            ..whole
        }
    }

    /// A numeral without 分之.
    fn plain(&mut self) -> Option<Numeral> {
        if self.class_at(self.start) == Class::Half {
            return self.half();
        }
        match self.class_at(self.start) {
            Class::Digit(_) => self.script = Script::Arabic,
            Class::Small(2..) | Class::Big(_) => self.script = Script::Bare,
            _ => {}
        }
        while let Some(piece) = self.piece() {
            if !self.accept(&piece) {
                break;
            }
        }
        if self.pieces == 0 {
            return None;
        }
        if self.script != Script::Arabic {
            self.decimals();
        } else if self.pieces == 1 {
            self.latin_word();
        }
        Some(self.numeral())
    }

    /// 半成, 半个百分点, 打对折: a half before a unit of shares only.
    fn half(&mut self) -> Option<Numeral> {
        let end = self.start + '半'.len_utf8();
        let rest = &self.shadow[end..];
        let tenths = match self.char_at(self.start) {
            Some('半') if ["成", "折", "个百分点", "个基点"].iter().any(|unit| rest.starts_with(unit)) => 5,
            // Half of ten tenths.
            Some('对') if rest.starts_with('折') && self.before(self.start) == Some('打') => 50,
            _ => return None,
        };
        let value = Decimal::new(tenths, 1);
        (self.whole, self.at, self.pieces) = (Pair(value, value), end, 1);
        Some(self.numeral())
    }

    /// The piece that follows, whether or not it fits what was read.
    fn piece(&mut self) -> Option<Piece> {
        let first = self.pieces == 0;
        let mut at = if first { self.at } else { self.next_piece_start()? };
        let mut piece = Piece { end: at, number: None, zero: false, arabic: false, small: 0, big: 0, open: Open::No };
        if !first && self.complete && self.class_at(at) == Class::Chinese(0) {
            piece.zero = true;
            at = self.behind_spaces(at + '零'.len_utf8());
        }
        match self.class_at(at) {
            Class::Digit(_) => {
                let (end, value) = self.arabic(at);
                (piece.number, piece.arabic, at) = (Some(Pair(value, value)), true, end);
            }
            Class::Chinese(_) => {
                let (end, value) = self.chinese(at, first);
                (piece.number, at) = (Some(value), end);
            }
            Class::Half => return None,
            // 几十, 数百; and 十几, 一百零几万, where it adds nothing to the value.
            Class::Few | Class::Several => {
                let opens = self.class_at(at) == Class::Several
                    && first
                    && !self.before(at).is_some_and(is_word_before_several);
                let few = self.class_at(at) == Class::Few;
                if !opens && !few {
                    return None;
                }
                piece.open = Open::Order;
                at += '几'.len_utf8();
                piece.number = Some(if first { Pair::one(1) } else { Pair::ZERO });
                if first && !matches!(self.class_at(at), Class::Small(_) | Class::Big(_)) {
                    return None;
                }
            }
            _ => {}
        }
        let numbered = piece.number.is_some() || piece.zero;
        at = self.magnitudes(at, numbered, &mut piece);
        let empty = piece.number.is_none() && piece.small == 0 && piece.big == 0;
        piece.end = at;
        (!empty).then_some(piece)
    }

    /// Where the next piece may begin: directly behind, or behind spaces in a numeral that is written with spaces.
    fn next_piece_start(&self) -> Option<usize> {
        if !self.complete {
            return None;
        }
        let at = self.behind_spaces(self.at);
        if at > self.at
            && (self.words.end_at(self.shadow, at).is_some() || matches!(self.class_at(at), Class::Digit(_)))
        {
            // A number in digits behind a space is another number, unless a magnitude closes it as in 7万 5千.
            let digits = self.shadow.as_bytes()[at..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
            return (digits > 0
                && matches!(self.class_at(self.behind_spaces(at + digits)), Class::Small(2..) | Class::Big(_)))
            .then_some(at);
        }
        Some(at)
    }

    /// 十 百 千, then 万 亿 兆 in a row, with 多 余 来 between: 千多万, 万亿. Returns where they end.
    fn magnitudes(&self, mut at: usize, numbered: bool, piece: &mut Piece) -> usize {
        let skip = |at: usize| {
            let behind = self.behind_spaces(at);
            // A space ends the numeral where a word begins: 2025 万科.
            if behind > at && (!numbered || self.words.end_at(self.shadow, behind).is_some()) { at } else { behind }
        };
        let next = skip(at);
        if let Class::Small(exponent) = self.class_at(next)
            && !(piece.arabic && exponent == 1 && next > at)
            && !(piece.arabic && self.shadow[next..].starts_with("百分"))
        {
            piece.small = exponent;
            at = next + '十'.len_utf8();
        }
        loop {
            let mut next = skip(at);
            let mut open = piece.open;
            if let Some(word @ ('多' | '余' | '来' | '几')) = self.char_at(next)
                && (piece.number.is_some() || piece.small > 0 || piece.big > 0)
                && (piece.arabic || piece.small > 0 || piece.big > 0)
            {
                open = match word {
                    '来' => Open::About,
                    '几' => Open::Order,
                    _ => Open::More,
                };
                next = skip(next + '多'.len_utf8());
                if !matches!(self.class_at(next), Class::Big(_)) {
                    return at;
                }
            }
            match self.class_at(next) {
                Class::Big(exponent) if exponent != 12 || !self.is_mega(next) => {
                    piece.big = piece.big.saturating_add(u32::from(exponent));
                    piece.open = open;
                    at = next + '万'.len_utf8();
                }
                _ => return at,
            }
        }
    }

    /// Whether 兆 is the mega of a physical unit: 兆瓦.
    fn is_mega(&self, at: usize) -> bool {
        self.char_at(at + '兆'.len_utf8()).is_some_and(|c| "瓦帕赫欧字比伏焦安丰头示周位".contains(c))
    }

    /// Adds a piece if it goes on with the numeral; 三百 五百 and 三亿 五亿 are two.
    fn accept(&mut self, piece: &Piece) -> bool {
        let first = self.pieces == 0;
        let last = piece.small == 0 && piece.big == 0;
        let mut number = piece.number.unwrap_or(Pair::one(1));
        if !first {
            let bare = piece.number.is_none() && !(piece.small == 1 && (piece.zero || self.small == 0));
            let section_grows = piece.small > 0 && self.small > 0 && piece.small >= self.small;
            let whole_grows = piece.big > 0
                && self.big > 0
                && piece.big >= self.big
                && (piece.arabic
                    || piece.big == self.big
                    || !(self.section.0 >= Some(Decimal::from(1000)) || piece.small == 3 || piece.zero));
            if bare || section_grows || whole_grows {
                return false;
            }
            if last {
                let below = if self.small > 0 { u32::from(self.small) } else { self.big };
                if piece.arabic {
                    // 3万1,200: the number must be whole and fit below the magnitude before it.
                    let limit = Decimal::from(1).shift(below.min(30) as i32);
                    let lone = self.shadow[self.at..piece.end].bytes().filter(u8::is_ascii_digit).count() == 1;
                    if number.0.is_none_or(|n| n.parts().1 > 0) || number.0 >= limit {
                        return false;
                    }
                    // 3万5, said; but 3万5元 counts the five.
                    let said = self.char_at(piece.end).is_none_or(|c| !c.is_alphanumeric() || "的块".contains(c));
                    if lone && !piece.zero && said {
                        number = number.shift(below - 1);
                    }
                } else if !piece.zero && below > 1 && piece.open == Open::No {
                    // 一万三 is 13000; but 一万一台 is ten thousand for one.
                    let price = number == Pair::one(1)
                        && self
                            .char_at(piece.end)
                            .is_some_and(|c| "台只个斤晚张亩年月天位人次套瓶件条平份家辆公两碗杯块".contains(c));
                    if price {
                        return false;
                    }
                    number = number.shift(below - 1);
                }
            }
        }
        self.section = self.section.add(number.shift(u32::from(piece.small)));
        if piece.big > 0 {
            self.whole = match piece.big < self.big {
                true => self.whole.add(self.section.shift(piece.big)),
                false => self.whole.add(self.section).shift(piece.big),
            };
            self.section = Pair::ZERO;
        }
        let alone = self.big == 0;
        self.shared = match (first, piece.big.min(99) as u8) {
            (true, 0) => [piece.small, 0],
            (true, big) if piece.number.is_some() => [piece.small + big, if piece.small > 0 { big } else { 0 }],
            (_, big) if alone && big > 0 => [big, 0],
            _ => [0; 2],
        };
        (self.small, self.big) = if piece.big > 0 {
            (0, piece.big)
        } else if piece.small > 0 {
            (piece.small, self.big)
        } else {
            (self.small, self.big)
        };
        if piece.open != Open::No {
            self.open = piece.open;
        }
        self.magnitude |= !last;
        self.complete = !last;
        self.pieces += 1;
        self.at = piece.end;
        true
    }

    /// Digits 0 to 9 with separators and a point. Returns where they end and their value.
    fn arabic(&mut self, start: usize) -> (usize, Option<Decimal>) {
        let bytes = self.shadow.as_bytes();
        let run = |at: usize| at + bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut end = run(start);
        let lone = end - start;
        // .5 without its zero
        if start == self.start
            && start > 0
            && bytes[start - 1] == b'.'
            && !self.before(start - 1).is_some_and(|c| c.is_ascii_alphanumeric() || c == '.')
        {
            self.start = start - 1;
            let digits: Option<i128> = self.shadow[start..end].parse().ok();
            return (end, digits.and_then(|digits| Decimal::new(digits, lone as u32)));
        }
        if lone <= 3 {
            while let Some(comma) = self.separator(end)
                && run(end + comma) == end + comma + 3
            {
                end += comma + 3;
            }
        }
        let whole = end;
        let point = |at: usize| bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        let behind_point = start > 1 && bytes[start - 1] == b'.' && bytes[start - 2].is_ascii_digit();
        let mut scale = 0;
        if point(end) && !behind_point {
            let fraction = run(end + 1);
            // 2.1.3 is a section or a version.
            if !point(fraction) {
                scale = fraction - end - 1;
                end = fraction;
            }
        }
        if start == self.start {
            let before = self.before(start);
            let joined = |c: char| match c {
                '-' | '_' => self.before(start - 1).is_some_and(|c| c.is_ascii_alphanumeric()),
                '/' | '.' | ':' => self.before(start - 1).is_some_and(|c| c.is_ascii_digit()),
                _ => c.is_ascii_alphabetic(),
            };
            self.glued = before.is_some_and(joined) || point(end);
            self.digits = if end == start + lone { lone } else { 0 };
        }
        let digits = bytes[start..whole].iter().chain(&bytes[end - scale..end]).filter(|b| b.is_ascii_digit());
        if end - start > 2 * MOST_DIGITS {
            return (end, None);
        }
        let exponent = self.exponent(end);
        let mantissa = digits.skip_while(|&&b| b == b'0').try_fold((0i128, 0), |(n, count), b| {
            (count < MOST_DIGITS).then(|| (n * 10 + i128::from(b - b'0'), count + 1))
        });
        let value = mantissa.and_then(|(n, _)| Decimal::new(n, scale as u32));
        match exponent {
            Some((end, exponent)) => (end, value.and_then(|value| value.shift(exponent))),
            None => (end, value),
        }
    }

    /// The exponent of 2.5e-3, and where it ends.
    fn exponent(&self, at: usize) -> Option<(usize, i32)> {
        let rest = self.shadow[at..].strip_prefix('e')?;
        let (negative, digits) = match rest.as_bytes().first()? {
            b'-' => (true, &rest[1..]),
            b'+' => (false, &rest[1..]),
            _ => (false, rest),
        };
        let length = digits.bytes().take(3).take_while(u8::is_ascii_digit).count();
        let closed = !digits[length..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if !closed || !(1..=2).contains(&length) {
            return None;
        }
        let exponent: i32 = digits[..length].parse().ok()?;
        Some((at + 1 + (rest.len() - digits.len()) + length, if negative { -exponent } else { exponent }))
    }

    /// How many bytes a separator of thousands has. A full-width comma separates digits that are full-width too: in
    /// `2023，200元` it ends a clause.
    fn separator(&self, at: usize) -> Option<usize> {
        match self.char_at(at)? {
            ',' => Some(1),
            '，' if self.text.surface(Span::new(at - 1, at)).len() == 3 => Some('，'.len_utf8()),
            _ => None,
        }
    }

    /// Chinese digits: one, two that stand for a choice (七八), or several read out (二五, 二零二五).
    fn chinese(&mut self, start: usize, first: bool) -> (usize, Pair) {
        let digit = |at: usize| match self.class_at(at) {
            Class::Chinese(digit) => Some(u64::from(digit)),
            _ => None,
        };
        let width = '一'.len_utf8();
        let one = digit(start).expect("called at a digit");
        let Some(two) = digit(start + width) else { return (start + width, Pair::one(one)) };
        let more = digit(start + 2 * width).is_some();
        let choice = !more && one > 0 && (two == one + 1 || (one, two) == (3, 5));
        if choice {
            let closed = matches!(self.class_at(start + 2 * width), Class::Small(_) | Class::Big(_));
            if first && !closed {
                self.spelled = 2;
            }
            return (start + 2 * width, Pair(Some(one.into()), Some(two.into())));
        }
        // 二十五一个: the one belongs to what follows. So it does behind 块: 三块五一斤.
        if !first || (two == 1 && self.before(start).is_some_and(|c| "块毛角元".contains(c))) {
            return (start + width, Pair::one(one));
        }
        let end =
            start + self.shadow[start..].chars().take_while(|&c| matches!(class(c), Class::Chinese(_))).count() * width;
        self.spelled = (end - start) / width;
        let digits = self.shadow[start..end].chars().filter_map(|c| match class(c) {
            Class::Chinese(digit) => Some(i128::from(digit)),
            _ => None,
        });
        let value = (self.spelled <= MOST_DIGITS)
            .then(|| digits.fold(0, |n, digit| n * 10 + digit))
            .and_then(|n| Decimal::new(n, 0));
        (end, Pair(value, value))
    }

    /// 点 and Chinese digits, and the magnitude of all: 六点五, 三点二亿.
    fn decimals(&mut self) {
        let at = self.behind_spaces(self.at);
        if self.char_at(at) != Some('点') || self.open != Open::No {
            return;
        }
        let start = self.behind_spaces(at + '点'.len_utf8());
        let mut end = start;
        let (mut mantissa, mut scale) = (0i128, 0u32);
        while let Class::Chinese(digit) = self.class_at(end) {
            end += '一'.len_utf8();
            if scale < MOST_DIGITS as u32 {
                (mantissa, scale) = (mantissa * 10 + i128::from(digit), scale + 1);
            }
        }
        // 八点三十 is a time of day, 三点二十 too.
        if scale == 0 || matches!(self.class_at(end), Class::Small(_)) {
            return;
        }
        let fraction = Decimal::new(mantissa, scale);
        let mut value = self.whole.add(self.section).add(Pair(fraction, fraction));
        let mut piece =
            Piece { end, number: Some(value), zero: false, arabic: false, small: 0, big: 0, open: Open::No };
        end = self.magnitudes(end, true, &mut piece);
        value = value.shift(piece.big);
        (self.whole, self.section, self.at, self.shared) = (value, Pair::ZERO, end, [piece.big.min(99) as u8, 0]);
        self.complete = piece.big > 0;
        self.magnitude |= self.complete;
    }

    /// k, thousand, million, billion, trillion behind digits.
    fn latin_word(&mut self) {
        if self.magnitude {
            return;
        }
        let at = self.behind_spaces(self.at);
        let word = self.latin(at);
        let exponent = match word {
            "k" => 3,
            "thousand" => 3,
            "million" => 6,
            "billion" => 9,
            "trillion" => 12,
            _ => return,
        };
        self.section = self.section.shift(exponent);
        (self.at, self.digits, self.shared) = (at + word.len(), 0, [exponent as u8, 0]);
        (self.magnitude, self.complete) = (true, true);
    }

    /// The Latin word at a position; empty where it goes on with digits.
    fn latin(&self, at: usize) -> &'a str {
        let rest = &self.shadow[at..];
        let length = rest.bytes().take(12).take_while(u8::is_ascii_alphabetic).count();
        if rest.as_bytes().get(length).is_some_and(u8::is_ascii_digit) { "" } else { &rest[..length] }
    }

    /// What was read, as a numeral.
    fn numeral(&self) -> Numeral {
        let Pair(low, high) = self.whole.add(self.section);
        let tail = match self.char_at(self.at) {
            Some(word @ ('多' | '余')) if self.complete || self.script == Script::Arabic => Some((word, Open::More)),
            Some('来') if self.complete && self.script != Script::Arabic => Some(('来', Open::About)),
            _ => None,
        };
        let latin = match (self.script, self.magnitude, self.latin(self.behind_spaces(self.at))) {
            (Script::Arabic, false, word @ ("m" | "mn" | "mln")) => Some((6, word)),
            (Script::Arabic, false, word @ ("b" | "bn")) => Some((9, word)),
            (Script::Arabic, false, word @ ("t" | "tn")) => Some((12, word)),
            _ => None,
        };
        let sign = match self.before(self.start) {
            Some('负') => Some(self.start - '负'.len_utf8()),
            Some('-') => {
                let at = self.start - 1;
                let joins =
                    |c: char| c.is_ascii_alphanumeric() || "-%‰)）]".contains(c) || !matches!(class(c), Class::Other);
                (!self.before(at).is_some_and(joins)).then_some(at)
            }
            _ => None,
        };
        Numeral {
            span: Span::new(self.start, self.at),
            low,
            high,
            open: self.open,
            tail: tail.map(|(word, open)| (self.at + word.len_utf8(), open)),
            script: self.script,
            shared: self.shared,
            magnitude: self.magnitude,
            sign,
            denominator: None,
            hundredths: false,
            spelled: self.spelled,
            latin: latin.map(|(exponent, word)| (exponent, self.behind_spaces(self.at) + word.len())),
            glued: self.glued,
            digits: if self.magnitude { 0 } else { self.digits },
        }
    }

    /// A numerator behind 分之, if there is one: the numeral before was the denominator.
    fn parts(&self, whole: Numeral) -> Numeral {
        let at = self.behind_spaces(whole.span.end());
        let Some(at) = self.shadow[at..].strip_prefix('分').map(|_| self.behind_spaces(at + '分'.len_utf8())) else {
            return whole;
        };
        let Some(at) = self.shadow[at..].strip_prefix('之').map(|_| self.behind_spaces(at + '之'.len_utf8())) else {
            return whole;
        };
        let negative = self.shadow[at..].starts_with('负');
        let at = if negative { at + '负'.len_utf8() } else { at };
        if matches!(self.class_at(at), Class::Other | Class::Half) || whole.low != whole.high || whole.open != Open::No
        {
            return whole;
        }
        let Some(part) = Reader::new(self.text, self.words, at).plain() else { return whole };
        let sign = if negative { if whole.sign.is_some() { None } else { Some(self.start) } } else { whole.sign };
        Numeral {
            span: Span::new(whole.span.start(), part.span.end()),
            denominator: whole.low,
            hundredths: whole.script == Script::Bare,
            sign,
            glued: false,
            digits: 0,
            ..part
        }
    }
}

/// Whether 数 after this character ends a word: 多数, 总数, 指数.
fn is_word_before_several(c: char) -> bool {
    "多少总指参系函倍岁个人次分基级对负整小奇偶无读".contains(c)
}
