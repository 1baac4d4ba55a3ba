//! Laws of the relation stage, for any text and any marks: it never panics, says the same twice, and refers only to
//! what there is.

use proptest::prelude::*;
use tiqu::Tiqu;
use tiqu::gold::Article;

/// Pieces that the patterns look for, marks among them; an article is any row of them.
const PIECES: [&str; 64] = [
    "{{ORG|云帆科技}}",
    "{{ORG|北河资本}}",
    "{{ORG|江州银行}}",
    "{{PERSON|周明远}}",
    "{{PERSON|许佳宁}}",
    "{{PERSON|林若溪}}",
    "{{TITLE|CEO}}",
    "{{TITLE|董事长}}",
    "{{TITLE|记者}}",
    "{{LOC|苏州}}",
    "{{PRODUCT|X7}}",
    "{{DATE|2026年}}",
    "{{MONEY|5亿元|5e8 CNY}}",
    "{{MONEY|1美元|1 USD}}",
    "{{PERCENT|12%|12}}",
    "{{PERCENT|八折|80}}",
    "{{COUNT|30家}}",
    "“",
    "”",
    "「",
    "」",
    "\"",
    "（",
    "）",
    "(",
    ")",
    "：",
    ":",
    "，",
    ",",
    "；",
    "。",
    "、",
    "\n",
    " ",
    "《",
    "》",
    "的",
    "兼",
    "前",
    "原",
    "此前任",
    "任命",
    "为",
    "免去",
    "辞去",
    "职务",
    "离职",
    "加入",
    "由",
    "创立",
    "从",
    "升至",
    "同比增长",
    "占",
    "毛利率",
    "该公司",
    "其",
    "他",
    "表示",
    "说",
    "Q：",
    "A：",
    "一",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn any_row_of_pieces_is_read(row in prop::collection::vec(0..PIECES.len(), 0..60)) {
        thread_local! {
            static TIQU: Tiqu = Tiqu::new().expect("the embedded data is good");
        }
        let source: String = row.iter().map(|&n| PIECES[n]).collect();
        let article = Article::parse(String::new(), &source).expect("the pieces are well formed");
        TIQU.with(|tiqu| {
            let record = article.relate(tiqu);
            prop_assert_eq!(&record, &article.relate(tiqu));
            for relation in &record.relations {
                prop_assert!(relation.start <= relation.end && relation.end <= record.chars);
                for (part, &id) in &relation.refs {
                    let there = match part.as_str() {
                        "value" | "from" | "to" => (id as usize) < record.mentions.len(),
                        _ => (id as usize) < record.entities.len(),
                    };
                    prop_assert!(there, "{part} refers to {id}");
                }
                for part in ["person", "org", "subject", "speaker"] {
                    prop_assert_eq!(relation.parts.contains_key(part), relation.refs.contains_key(part));
                }
            }
            Ok(())
        })?;
    }
}

/// Twice the text takes about twice the time: no clause, list or quotation is searched over and over.
#[test]
fn time_is_linear() {
    let tiqu = Tiqu::new().expect("the embedded data is good");
    let pieces = [
        "{{PERCENT|12%|12}}、",
        "{{PERSON|周明远}}、",
        "{{TITLE|CEO}}、",
        "（",
        "“",
        "“他说”",
        "{{ORG|云帆科技}}的",
        "离职",
        "，",
        "从{{MONEY|5亿元|5e8 CNY}}升至",
        "{{ORG|云帆科技}}营收{{MONEY|5亿元|5e8 CNY}}，",
        "“{{PERSON|周明远}}说。”",
        "\n{{PERSON|周明远}}：好。\nQ：好？",
        "（{{PERCENT|5%|5}}）",
        "{{ORG|云帆科技}}（{{PERCENT|5%|5}}）、",
    ];
    for piece in pieces {
        let mut times = [2_000, 8_000].map(|n| {
            let article = Article::parse(String::new(), &piece.repeat(n)).expect("the pieces are well formed");
            let start = std::time::Instant::now();
            article.relate(&tiqu);
            start.elapsed().as_secs_f64()
        });
        times[0] = times[0].max(0.005);
        assert!(times[1] / times[0] < 12.0, "{piece}: {times:?}");
    }
}
