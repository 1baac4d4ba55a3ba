//! Laws of the quantity stage, on values, writings and texts that no one chose.

use proptest::prelude::*;
use std::sync::LazyLock;
use tiqu::lexicon::folding;
use tiqu::mention::{Currency, Kind, Mention, Quantity, Unit, Value};
use tiqu::number::Decimal;
use tiqu::numeral::Numerals;
use tiqu::quantity::{Setting, quantities};
use tiqu::text::{Folding, Text};
use tiqu::units::Units;

static FOLDING: LazyLock<Folding> = LazyLock::new(folding);
static UNITS: LazyLock<Units> = LazyLock::new(|| Units::new(&FOLDING));

/// What is found in a text, with CNY as the home currency.
fn find(source: &str) -> (Text, Vec<Mention>) {
    let text = Text::new(source, &FOLDING);
    let setting = Setting { currency: Some(Currency::CNY), date: None };
    let mentions = quantities(&text, &UNITS, &setting);
    (text, mentions)
}

/// The only mention of a text: its surface, value and unit.
fn only(source: &str) -> Option<(String, Quantity, Unit)> {
    let (text, mentions) = find(source);
    match mentions[..] {
        [Mention { span, value: Value::Amount(amount), .. }] => {
            Some((text.surface(span).to_owned(), amount.quantity, amount.unit))
        }
        _ => None,
    }
}

/// 1234567 as 1,234,567.
fn separated(n: u64) -> String {
    let digits = n.to_string();
    let mut written = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// Digits, separators and points in full width.
fn full_width(text: &str) -> String {
    text.chars().map(|c| char::from_u32(c as u32 + 0xfee0).filter(|_| c.is_ascii()).unwrap_or(c)).collect()
}

/// 300050000 as 3亿5万.
fn mixed(n: u64) -> String {
    let (large, middle, small) = (n / 100_000_000, n / 10_000 % 10_000, n % 10_000);
    let mut written = String::new();
    for (part, unit) in [(large, "亿"), (middle, "万"), (small, "")] {
        if part > 0 {
            written.push_str(&format!("{part}{unit}"));
        }
    }
    written
}

/// A number in Chinese characters: digits from zero to nine, then ten, hundred, thousand, 万, 亿.
fn chinese(n: u64, characters: &str) -> String {
    let characters: Vec<char> = characters.chars().collect();
    let section = |n: u64| {
        let mut written = String::new();
        let mut gap = false;
        for power in (0..4u32).rev() {
            let digit = (n / 10u64.pow(power) % 10) as usize;
            if digit == 0 {
                gap = !written.is_empty();
                continue;
            }
            if std::mem::take(&mut gap) {
                written.push(characters[0]);
            }
            written.push(characters[digit]);
            if power > 0 {
                written.push(characters[9 + power as usize]);
            }
        }
        written
    };
    let mut written = String::new();
    for (power, unit) in [(8u32, Some(14)), (4, Some(13)), (0, None)] {
        let part = n / 10u64.pow(power) % 10_000;
        if part == 0 {
            continue;
        }
        if part < 1000 && !written.is_empty() {
            written.push(characters[0]);
        }
        written.push_str(&section(part));
        written.extend(unit.map(|unit: usize| characters[unit]));
    }
    written
}

const COMMON: &str = "零一二三四五六七八九十百千万亿";
const FINANCIAL: &str = "零壹贰叁肆伍陆柒捌玖拾佰仟万亿";
const TRADITIONAL: &str = "零一二三四五六七八九十百千萬億";

/// Characters that the grammar looks at, and some that it does not.
const ALPHABET: &str = "0123456789零〇一二三四五六七八九十百千万亿兆两几数多余来半点分之成折个%％‰元块角毛美港日圆年月号周季度上下本去今明昨前后第至到-~—、和超近约不足以左右起家名人万科旦员 　,，。（）()$￥€US.bBm\n台湾单位：：的占每又负/";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_value_reads_the_same_in_every_writing(n in prop_oneof![1u64..10_000, 1u64..1_000_000_000_000]) {
        let writings = [
            n.to_string(),
            separated(n),
            full_width(&n.to_string()),
            full_width(&separated(n)),
            mixed(n),
            chinese(n, COMMON),
            chinese(n, FINANCIAL),
            chinese(n, TRADITIONAL),
        ];
        for writing in writings {
            let source = format!("收到{writing}元。");
            let found = only(&source);
            let expected = Some((format!("{writing}元"), Quantity::Exact(n.into()), Unit::Currency(Currency::CNY)));
            prop_assert_eq!(found, expected, "{}", source);
        }
    }

    #[test]
    fn decimals_and_magnitudes_are_exact(mantissa in 1i128..10_000_000, scale in 0u32..4, magnitude in 0usize..4) {
        let number = Decimal::new(mantissa, scale).expect("few digits");
        let (unit, power) = [("", 0), ("万", 4), ("亿", 8), ("万亿", 12)][magnitude];
        let value = number.shift(power).expect("few digits");
        let source = format!("收到{number}{unit}美元。");
        prop_assert_eq!(only(&source).map(|found| found.1), Some(Quantity::Exact(value)), "{}", source);
    }

    #[test]
    fn shares_read_the_same_in_every_writing(n in 1u64..100) {
        let writings = [format!("{n}%"), full_width(&format!("{n}%")), format!("百分之{}", chinese(n, COMMON)), format!("百分之{n}")];
        for writing in writings {
            let writing = writing.replace("之一十", "之十");
            let source = format!("占{writing}。");
            prop_assert_eq!(only(&source), Some((writing, Quantity::Exact(n.into()), Unit::Percent)), "{}", source);
        }
    }

    #[test]
    fn text_around_an_amount_never_changes_it(left in "[\u{4e00}-\u{4fff}a-z，。、 ]{0,12}", right in "[\u{4e00}-\u{4fff}a-z，。、 ]{0,12}", n in 2u64..1_000_000, place in 0usize..6) {
        let amount = [
            format!("{n}元"),
            format!("{}万美元", separated(n)),
            format!("{}元", chinese(n, COMMON)),
            format!("人民币{n}元"),
            format!("{n}%"),
            format!("{n}个百分点"),
        ][place].clone();
        let alone = only(&amount).expect("an amount is found alone");
        let (text, mentions) = find(&format!("{left}：{amount}，{right}"));
        let start = text.shadow().find('：').expect("it was put there");
        let start = text.shadow()[..left.len().max(start)].rfind('：').unwrap_or(start) + '：'.len_utf8();
        let within: Vec<_> = mentions.iter().filter(|mention| mention.span.start() == start).collect();
        prop_assert_eq!(within.len(), 1, "{}", text.source());
        let Value::Amount(found) = within[0].value else { panic!("an amount stays an amount") };
        prop_assert_eq!((text.surface(within[0].span).to_owned(), found.quantity, found.unit), alone, "{}", text.source());
    }

    #[test]
    fn any_text_gives_spans_in_order(source in prop_oneof![any::<String>(), alphabet(80)]) {
        let (text, mentions) = find(&source);
        let mut end = 0;
        for mention in &mentions {
            prop_assert!(mention.span.start() >= end && !mention.span.is_empty());
            prop_assert!(text.shadow().is_char_boundary(mention.span.start()) && text.shadow().is_char_boundary(mention.span.end()));
            end = mention.span.end();
            prop_assert!(matches!(mention.kind, Kind::Money | Kind::Percent | Kind::Date | Kind::Count));
            if let Value::Date(Some(from), Some(to)) = mention.value {
                prop_assert!(from <= to);
            }
            if let Value::Count(_, Some(unit), _) = mention.value {
                prop_assert!(mention.span.contains(unit));
            }
        }
        prop_assert_eq!(find(&source).1, mentions);
    }

    #[test]
    fn numerals_are_in_order(source in prop_oneof![any::<String>(), alphabet(80)]) {
        let text = Text::new(&source, &FOLDING);
        let mut end = 0;
        for numeral in Numerals::new(&text, &UNITS.words) {
            prop_assert!(numeral.span.start() >= end && !numeral.span.is_empty());
            prop_assert!(!text.read(numeral.span).is_empty());
            prop_assert!(numeral.low <= numeral.high || numeral.low.is_none() || numeral.high.is_none());
            end = numeral.span.end();
        }
    }
}

/// Strings of the characters that the grammar looks at.
fn alphabet(longest: usize) -> impl Strategy<Value = String> {
    let characters: Vec<char> = ALPHABET.chars().collect();
    prop::collection::vec(prop::sample::select(characters), 0..longest)
        .prop_map(|characters| characters.into_iter().collect())
}

#[test]
fn a_number_that_does_not_fit_has_no_value_and_ends_no_run() {
    let digits = "9".repeat(60);
    assert_eq!(
        only(&format!("共{digits}元。")),
        Some((format!("{digits}元"), Quantity::Unknown, Unit::Currency(Currency::CNY)))
    );
    let (_, mentions) = find(&format!("{}元", "亿".repeat(100)));
    assert!(
        mentions
            .iter()
            .all(|mention| !matches!(mention.value, Value::Amount(amount) if amount.quantity != Quantity::Unknown))
    );
}

/// Texts made to be slow or to break: each is read, whatever comes of it.
#[test]
fn hostile_texts_are_read_to_the_end() {
    let patterns = [
        "1-",
        "1",
        "亿",
        "百分之",
        "百",
        "1、",
        "块1",
        "1万",
        "十",
        "1,000,",
        "1.",
        "2025-",
        "1月",
        "周",
        "约",
        "第1至",
        "$",
        "1个",
        "一分之",
        "又1",
        "1又",
        "负",
        "1e1",
        "３，",
        "1元和",
        "半",
        "至少",
        "的1",
        "1-2-",
        "3块5毛",
        "零",
        "几",
        "1多",
        "5亿和",
        "点一",
        "1至10月",
        "昨（1",
        "公元前",
        "(2/5",
        "卢比1",
        "单位：元",
        "单位：万元\n",
        "1 ",
        "百分之一百分之",
        "不超过",
        "的",
        "占",
        "每",
    ];
    for pattern in patterns {
        let (text, mentions) = find(&pattern.repeat(3000));
        assert!(mentions.last().is_none_or(|mention| mention.span.end() <= text.shadow().len()));
    }
}

/// The tables are kept by hand: sorted, no line twice, a header on top.
#[test]
fn tables_are_sorted() {
    for name in ["currencies", "currency_countries", "measures", "numeral_words", "qualifiers", "topics"] {
        let path = format!("{}/dictionaries/{name}.tsv", env!("CARGO_MANIFEST_DIR"));
        let table = std::fs::read_to_string(&path).expect("the table is part of the repository");
        assert!(table.starts_with("# "), "{name} has no header");
        let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
        // By surface, then by the second field where a table has several lines for one.
        let key = |line: &str| line.split('\t').take(2).map(str::to_owned).collect::<Vec<_>>();
        for pair in lines.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{name}: '{}' stands before '{}'", pair[0], pair[1]);
        }
    }
}
