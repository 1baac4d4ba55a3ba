//! Laws that hold for any text, tried on texts made of the pieces that news is made of, and on anything at all.

use proptest::prelude::*;
use std::sync::LazyLock;
use tiqu::sentence::sentences;
use tiqu::text::{Span, Text};
use tiqu::{Offsets, Record, Tiqu};

static TIQU: LazyLock<Tiqu> = LazyLock::new(|| Tiqu::new().unwrap());

/// Pieces of news, traps and dirt.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "英伟达",
            "黄仁勋",
            "CEO",
            "Jerry Tworek",
            "萨姆·奥特曼",
            "（Sam Altman）",
            "（以下简称“灵枢”）",
            "150亿美元",
            "不足10%",
            "从12%提升至27%",
            "2026年2月5日",
            "，",
            "。",
            "\n",
            "“",
            "”",
            "《金融时报》",
            "👩‍👩‍👧",
            "e\u{301}",
            "\u{200d}",
            "１２３億円",
            "北京灵枢科技有限公司",
            "李先生",
            "  • ",
            "\u{feff}",
            "\r\n",
            "百分之",
            "亿",
            "1-",
            "…",
            "()",
            "表示",
            "任命",
            "为",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat()), any::<String>()]
}

/// Checks a record against its source, with positions in the given unit.
fn check(record: &Record, source: &str, offsets: Offsets) -> Result<(), TestCaseError> {
    let utf16: Vec<u16> = source.encode_utf16().collect();
    let chars: Vec<char> = source.chars().collect();
    let under = |start: u64, end: u64| match offsets {
        Offsets::Chars => chars[start as usize..end as usize].iter().collect(),
        Offsets::Bytes => source[start as usize..end as usize].to_owned(),
        Offsets::Utf16 => String::from_utf16(&utf16[start as usize..end as usize]).unwrap(),
    };
    let mut free = 0;
    for mention in &record.mentions {
        prop_assert!(mention.start >= free && mention.start < mention.end, "mentions are sorted and disjoint");
        free = mention.end;
        prop_assert_eq!(under(mention.start, mention.end), mention.text.clone());
    }
    for (id, entity) in record.entities.iter().enumerate() {
        prop_assert_eq!(entity.id as usize, id);
        for &mention in &entity.mentions {
            prop_assert_eq!(record.mentions[mention as usize].entity, Some(entity.id));
        }
        let named = entity.mentions.iter().any(|&mention| record.mentions[mention as usize].text == entity.name);
        prop_assert!(named, "an entity's name is one of its surfaces");
    }
    for relation in &record.relations {
        prop_assert!(relation.start <= relation.end && relation.end <= chars.len().max(source.len()) as u64);
        for (part, &id) in &relation.refs {
            let size =
                if matches!(&**part, "value" | "from" | "to") { record.mentions.len() } else { record.entities.len() };
            prop_assert!((id as usize) < size, "a reference leads somewhere");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_record_quotes_its_source(source in any_text()) {
        let record = TIQU.extract(&source);
        check(&record, &source, Offsets::Chars)?;
        prop_assert_eq!(record.chars, source.chars().count() as u64);
        prop_assert_eq!(&TIQU.extract(&source), &record, "the same text gives the same record");
        let json = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
    }

    #[test]
    fn the_shadow_has_the_characters_of_the_source(source in any_text()) {
        let text = Text::new(&source, &TIQU.lexicon().folding);
        prop_assert_eq!(text.source(), &source);
        prop_assert_eq!(text.shadow().chars().count(), source.chars().count());
        let pairs = text.shadow().char_indices().zip(source.char_indices());
        for ((at, folded), (from, given)) in pairs {
            let span = Span::new(at, at + folded.len_utf8());
            prop_assert_eq!(text.source_range(span), from..from + given.len_utf8());
            prop_assert_eq!(TIQU.lexicon().folding.fold(given), folded);
            prop_assert_eq!(text.source_range(Span::new(at, at)), from..from);
        }
    }

    #[test]
    fn sentences_cover_all_that_is_not_white(source in any_text()) {
        let text = Text::new(&source, &TIQU.lexicon().folding);
        let mut at = 0;
        for sentence in sentences(&text) {
            prop_assert!(text.shadow()[at..sentence.start()].trim().is_empty());
            prop_assert!(!text.read(sentence).contains(['\n', '\r']) && !sentence.is_empty());
            at = sentence.end();
        }
        prop_assert!(text.shadow()[at..].trim().is_empty());
    }
}

#[test]
fn positions_come_in_the_unit_that_was_chosen() {
    let source = "👩‍👩‍👧英伟达CEO黄仁勋称，营收超１５０億美元。";
    for offsets in [Offsets::Chars, Offsets::Bytes, Offsets::Utf16] {
        let tiqu = Tiqu::builder().offsets(offsets).build().unwrap();
        let record = tiqu.extract(source);
        assert!(record.mentions.len() >= 3, "{record:?}");
        check(&record, source, offsets).unwrap();
    }
}

#[test]
fn repetition_without_end_is_read_to_its_end() {
    for piece in ["1-", "9", "亿", "百分之", "王", "王总", "《", "“", "（以下简称“", "A B ", "李明，", "\n", "e\u{301}"]
    {
        let source = piece.repeat(20_000);
        let record = TIQU.extract(&source);
        assert_eq!(record.chars, source.chars().count() as u64);
    }
}
