//! How exactly a number is meant: `超过了30%` is over 30, `8.5元/斤左右` about 8.5, `签约5亿元` neither.
//!
//! The words stand in `dictionaries/qualifiers.tsv`. They are looked for directly before a number, across particles and
//! short verbs, and directly behind it; a word that is part of another (近 in 最近, 约 in 签约) says nothing.

use crate::mention::{Kind, Qualifier};
use crate::numeral::{Around, digit_value};
use crate::units::Units;

/// What is qualified, as far as it matters for the words around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Qualified {
    /// Where it begins.
    pub start: usize,
    /// What it is.
    pub kind: Kind,
    /// Whether its number is a bare magnitude: 千亿, which 过 and 上 qualify.
    pub bare: bool,
}

/// The qualifiers of a text.
#[derive(Clone, Copy)]
pub(crate) struct Qualifiers<'a> {
    shadow: &'a str,
    units: &'a Units,
}

impl Around for Qualifiers<'_> {
    fn shadow(&self) -> &str {
        self.shadow
    }
}

impl<'a> Qualifiers<'a> {
    /// For the text of this shadow.
    pub fn new(shadow: &'a str, units: &'a Units) -> Self {
        Self { shadow, units }
    }

    /// The qualifier directly before a figure, across particles: 超过了, 约占.
    pub fn before_number(&self, figure: Qualified) -> Option<Qualifier> {
        let start = figure.start;
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
                return if figure.kind == Kind::Percent { self.share_of(at - c.len_utf8()) } else { None };
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
            let c = self
                .before(at)
                .filter(|&c| c.is_alphabetic() && !c.is_ascii() && c != '的' && digit_value(c).is_none())?;
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
    fn qualifies(&self, from: usize, to: usize, adjacent: bool, figure: Qualified) -> bool {
        let before = self.before(from);
        let not_behind = |characters: &str| !before.is_some_and(|c| characters.contains(c));
        let bare = figure.bare;
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
    pub fn after_number(&self, end: usize, kind: Kind) -> Option<Qualifier> {
        let mut at = self.behind_spaces(end);
        if kind == Kind::Money
            && self.starts(at, "/")
            && let Some((to, _)) = self.units.measures.at(self.shadow, at + 1).next()
        {
            at = to;
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
