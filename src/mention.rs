//! What is found: a kind, the span it was read from, its value, and what found it.

use crate::number::Decimal;
use crate::text::Span;
use jiff::civil::Date;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// The kind of a mention. What each marks, and its borders: `corpus/GUIDELINES.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// The name of a person, without title: 黄仁勋, Jerry Tworek, 李先生.
    Person,
    /// A named organisation: 英伟达, 工信部, 浙江传媒学院互联网与社会研究院.
    Org,
    /// A place of any size: 中国, 朝阳区, 长江.
    Loc,
    /// A named product, model, work or law: ChatGPT, 流浪地球3.
    Product,
    /// A role as written: 首席研究官, CEO.
    Title,
    /// An amount of money: 150亿美元.
    Money,
    /// A share: 12%, 三成五, 1.5个百分点.
    Percent,
    /// A calendar point or period: 2026年2月5日, 去年三季度.
    Date,
    /// A number with its measure: 75名.
    Count,
}

impl Kind {
    /// Every kind, in the order in which counts are shown.
    pub const ALL: [Self; 9] = [
        Self::Person,
        Self::Org,
        Self::Loc,
        Self::Product,
        Self::Title,
        Self::Money,
        Self::Percent,
        Self::Date,
        Self::Count,
    ];

    /// The name in records and annotation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Org => "ORG",
            Self::Loc => "LOC",
            Self::Product => "PRODUCT",
            Self::Title => "TITLE",
            Self::Money => "MONEY",
            Self::Percent => "PERCENT",
            Self::Date => "DATE",
            Self::Count => "COUNT",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            format!("unknown kind '{name}', expected one of {known}")
        })
    }
}

/// How a number is meant: 超150亿 is over, 不足10% under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualifier {
    /// 超 逾 超过 突破 多 余
    Over,
    /// 不足 不到 低于 少于
    Under,
    /// 近 接近 将近
    Near,
    /// 约 大约 大概 左右 上下
    About,
    /// 至少 不低于 以上 起
    AtLeast,
    /// 至多 最多 不超过 以下 以内
    AtMost,
}

impl Qualifier {
    /// The name in records and annotation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Under => "under",
            Self::Near => "near",
            Self::About => "about",
            Self::AtLeast => "at_least",
            Self::AtMost => "at_most",
        }
    }

    /// The qualifier of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Over, Self::Under, Self::Near, Self::About, Self::AtLeast, Self::AtMost]
            .into_iter()
            .find(|qualifier| qualifier.name() == name)
    }
}

/// How much, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// One number.
    Exact(Decimal),
    /// Between two numbers; a missing one is an open end.
    Range(Option<Decimal>, Option<Decimal>),
    /// Only the order of magnitude is said: 数十亿 is the order 1000000000.
    Order(Decimal),
    /// A number is there but does not fit (more than 36 digits) or cannot be known.
    Unknown,
}

/// An ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Yuan renminbi.
    pub const CNY: Self = Self(*b"CNY");

    /// The currency of a three-letter code in capitals.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a code is three ASCII capitals")
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What an amount is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whole units of a currency: 元, not 万元.
    Currency(Currency),
    /// Percent: 三成 is 30, 3‰ is 0.3.
    Percent,
    /// Percentage points.
    Point,
    /// Basis points.
    BasisPoint,
}

/// An amount of money or a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// How much.
    pub quantity: Quantity,
    /// Of what.
    pub unit: Unit,
    /// How exactly it is meant.
    pub qualifier: Option<Qualifier>,
}

/// The value of a mention, where its kind has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Value {
    /// A name, or a date that could not be resolved.
    #[default]
    None,
    /// MONEY and PERCENT.
    Amount(Amount),
    /// DATE: first and last day, both included; a missing one is an open end.
    Date(Option<Date>, Option<Date>),
    /// COUNT: how many, the span of the measure word or unit if there is one, how exactly.
    Count(Quantity, Option<Span>, Option<Qualifier>),
}

/// Which stage or source found a mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The grammar of quantities, or a rule for names.
    Grammar,
    /// The trained tagger.
    Model,
    /// A built-in dictionary.
    Lexicon,
    /// Another mention of the same name in the document.
    Alias,
    /// A dictionary of the user.
    User,
}

/// Why a mention was made, for `--explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A rule, by name.
    Rule(&'static str),
    /// A line of a dictionary: the index of its file among the lexicon's, and the line counted from one.
    Entry(u16, u32),
    /// The tagger's margin for this mention, in thousandths of its log score.
    Score(i32),
    /// Like the mention at this place of the document.
    Like(Span),
}

/// Something found in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What it is.
    pub kind: Kind,
    /// Where it stands in the shadow.
    pub span: Span,
    /// Its value, if its kind has one.
    pub value: Value,
    /// Which stage or source found it.
    pub by: By,
    /// Why.
    pub reason: Reason,
}
