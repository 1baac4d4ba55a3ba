//! Which currency is meant: `1,050元` in a Taiwanese article is TWD, `2亿卢比` beside 巴基斯坦 PKR.
//!
//! # The home currency of 元, 块, 角, 毛, 分
//! CNY, unless one of these holds:
//! 1. the text is in traditional characters, and Taiwan's words (新台币, 台湾, 台北, …) are at least as many as Hong
//!    Kong's: TWD; or Hong Kong's (港元, 港币, 香港, …) are more: HKD. With neither, and with words of the mainland,
//!    CNY stays;
//! 2. the text is in simplified characters, names only TWD or only HKD as a currency in words, at least twice, and
//!    names the place more than twice as often as the mainland, for Hong Kong the money's own name not counted.
//!
//! A currency given from outside overrides all. Each decision is a rule's name in the mention's reason.

use crate::mention::Currency;
use crate::text::Text;
use crate::units::{Certainty, Money, Units};
use memchr::memmem;
use rustc_hash::FxHashMap;

/// Words (folded) that speak for Taiwan, Hong Kong or the mainland.
const TAIWAN: [&str; 14] = [
    "新台币",
    "台币",
    "台湾",
    "台北",
    "台积电",
    "行政院",
    "立法院",
    "民国",
    "中央社",
    "新竹",
    "高雄",
    "国民党",
    "民进党",
    "台股",
];
const HONG_KONG: [&str; 12] =
    ["港元", "港币", "香港", "港府", "特首", "港交所", "恒指", "港股", "九龙", "新界", "立法会", "港铁"];
const MAINLAND: [&str; 8] = ["人民币", "中国", "北京", "上海", "深圳", "国务院", "内地", "大陆"];
/// Provinces and their seats speak for the mainland where Hong Kong's money is not the home's: a company there that lists
/// its shares in Hong Kong goes on to reckon in 元.
const PROVINCES: [&str; 36] = [
    "浙江",
    "江苏",
    "广东",
    "山东",
    "福建",
    "安徽",
    "湖北",
    "湖南",
    "四川",
    "河南",
    "河北",
    "江西",
    "陕西",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "云南",
    "贵州",
    "广西",
    "重庆",
    "天津",
    "杭州",
    "广州",
    "苏州",
    "南京",
    "成都",
    "武汉",
    "宁波",
    "合肥",
    "温州",
    "厦门",
    "青岛",
    "无锡",
    "西安",
    "郑州",
];

/// The currency of 元 in a text, and the rule that says so.
pub fn home(text: &Text, forced: Option<Currency>) -> (Currency, &'static str) {
    if let Some(currency) = forced {
        return (currency, "home currency as set");
    }
    let shadow = text.shadow();
    let count =
        |words: &[&str]| -> usize { words.iter().map(|word| memmem::find_iter(shadow.as_bytes(), word).count()).sum() };
    let (twd, hkd) = (Currency::new("TWD").expect("three capitals"), Currency::new("HKD").expect("three capitals"));
    if is_traditional(text) {
        let (taiwan, hong_kong) = (count(&TAIWAN), count(&HONG_KONG));
        if taiwan + hong_kong == 0 && count(&MAINLAND) > 0 {
            return (Currency::CNY, "home currency by places of the mainland");
        }
        return if hong_kong > taiwan {
            (hkd, "home currency by script and places of Hong Kong")
        } else {
            (twd, "home currency by script")
        };
    }
    let (taiwan, hong_kong, mainland) = (count(&TAIWAN[..2]), count(&HONG_KONG[..2]), count(&["人民币"]));
    if mainland == 0 && taiwan >= 2 && hong_kong == 0 && count(&TAIWAN) > 2 * count(&MAINLAND) {
        return (twd, "home currency by currencies and places of Taiwan");
    }
    // The money alone does not make a place: companies of the mainland raise it, and go on to speak of 元.
    let places = count(&HONG_KONG[2..]);
    let here = count(&MAINLAND) + count(&PROVINCES);
    if mainland == 0 && hong_kong >= 2 && places > 2 * here && taiwan == 0 {
        return (hkd, "home currency by currencies and places of Hong Kong");
    }
    (Currency::CNY, "home currency")
}

/// Whether a text is written in traditional characters: at least eight of them, and one in thirty of all from U+4E00 on.
pub fn is_traditional(text: &Text) -> bool {
    let (mut traditional, mut all) = (0usize, 0usize);
    // Beginning and end suffice, and bound the time: the fold has one character for one.
    for (source, read) in text.source().chars().zip(text.shadow().chars()).take(20_000) {
        if ('\u{4e00}'..='\u{9fff}').contains(&source) {
            all += 1;
            traditional += usize::from(source != read && source != '〇');
        }
    }
    traditional >= 8 && traditional * 30 >= all || traditional >= 2 && traditional * 8 >= all
}

/// The meanings of shared currency names in one text.
pub struct Countries<'a> {
    shadow: &'a str,
    units: &'a Units,
    /// By the dictionary line of the name: what the whole text says.
    known: FxHashMap<u32, Option<Currency>>,
}

impl<'a> Countries<'a> {
    /// For the text of this shadow.
    pub fn new(shadow: &'a str, units: &'a Units) -> Self {
        Self { shadow, units, known: FxHashMap::default() }
    }

    /// The currency of a name at a position, and the rule: the place word nearest before, within forty characters; else the
    /// one that the text names most; else the commonest.
    pub fn currency(&mut self, money: &Money, at: usize) -> (Currency, &'static str) {
        let places = self.units.countries(money);
        if money.certainty == Certainty::Certain || places.is_empty() {
            return (money.currency, "currency by name");
        }
        let near = self.shadow[..at].char_indices().rev().take(40).last().map_or(at, |(near, _)| near);
        let window = &self.shadow[near..at];
        let nearest =
            places.iter().filter_map(|(place, currency)| Some((window.rfind(&**place)?, place.len(), *currency))).max();
        if let Some((.., currency)) = nearest {
            return (currency, "currency by country nearby");
        }
        let shadow = self.shadow;
        let most = *self.known.entry(money.line).or_insert_with(|| {
            // $ and ¥ stand in texts about many countries: only what stands nearby tells.
            if matches!(money.currency.code(), "USD" | "CNY") {
                return None;
            }
            let counts = places.iter().map(|(place, currency)| (shadow.matches(&**place).count(), *currency));
            counts.filter(|&(count, _)| count > 0).max().map(|(_, currency)| currency)
        });
        match most {
            Some(currency) => (currency, "currency by country in the text"),
            None => (money.currency, "commonest currency of the name"),
        }
    }
}
