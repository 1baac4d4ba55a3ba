//! The laws of snapshots, on texts and records that nobody would write: what is written reads back, and the changes
//! between two snapshots lead from one to the other.
#![cfg(feature = "cli")]

use proptest::prelude::*;
use std::sync::LazyLock;
use tiqu::record::{Record, RecordAmount, RecordCount, RecordDate, RecordEntity, RecordMention, RecordRelation};
use tiqu::snapshot::{Snapshot, Sort, compare};
use tiqu::{Kind, Tiqu};

static TIQU: LazyLock<Tiqu> = LazyLock::new(|| Tiqu::builder().explain(true).build().unwrap());

/// What the form of a snapshot is made of, what hides in text, and what extraction finds something in.
const PIECES: [&str; 44] = [
    "[ORG ",
    "[MONEY 1]",
    "[",
    "]",
    "\\",
    "\\u{41}",
    "\\n",
    "=",
    " = ",
    "= ",
    " =",
    "==",
    "-",
    "--- ",
    "--- entities",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\t",
    " ",
    "\u{3000}",
    "\0",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "😀",
    "👨‍👩‍👧",
    "e\u{301}",
    "tiqu snapshot 1",
    "id: x",
    "---\n",
    "gone: the corpus no longer holds this document",
    "甲",
    "。",
    "英伟达CEO黄仁勋",
    "超1300亿美元",
    "12%至15%",
    "北京灵枢科技有限公司（以下简称“灵枢”）",
    "2026年2月5日",
    "75名",
];

fn any_piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any_piece(), 0..24).prop_map(|pieces| pieces.concat())
}

/// A mark: so far behind the last, so long, its kind, its value's form, and a text that goes into the value.
type Drawn = (usize, usize, usize, u8, String);

fn any_marks() -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec((0..6_usize, 1..6_usize, 0..Kind::ALL.len(), 0..6_u8, any_piece()), 0..8)
}

fn any_relations() -> impl Strategy<Value = Vec<RecordRelation>> {
    let part = (prop::sample::select(&["subject", "measure", "value", "content", "unheard"][..]), any_text());
    let kind = prop::sample::select(&["role", "move", "figure", "change", "quote"][..]);
    prop::collection::vec((kind, prop::collection::vec(part, 0..4)), 0..4).prop_map(|drawn| {
        let relation = |(kind, parts): (&str, Vec<(&str, String)>)| RecordRelation {
            kind: kind.to_owned(),
            parts: parts.into_iter().map(|(part, value)| (part.to_owned(), value)).collect(),
            confidence: "likely".to_owned(),
            ..RecordRelation::default()
        };
        drawn.into_iter().map(relation).collect()
    })
}

/// A record of the text that keeps what every record promises: mentions sorted, disjoint, not of white space at the end.
fn record(text: &str, drawn: &[Drawn], relations: Vec<RecordRelation>) -> Record {
    let chars: Vec<char> = text.trim_end().chars().collect();
    let mut at = 0;
    let mut mentions: Vec<RecordMention> = Vec::new();
    let mut entities: Vec<RecordEntity> = Vec::new();
    for (gap, length, kind, form, said) in drawn {
        let (start, end) = (at + gap, at + gap + length);
        if end > chars.len() {
            break;
        }
        at = end;
        let kind = Kind::ALL[*kind];
        let surface: String = chars[start..end].iter().collect();
        let mut mention = RecordMention {
            kind: kind.name().to_owned(),
            text: surface.clone(),
            start: start as u64,
            end: end as u64,
            entity: None,
            by: "model".to_owned(),
            amount: None,
            date: None,
            count: None,
            why: Some(format!("as {said}")),
        };
        let number = |wanted: u8| (*form == wanted).then(|| format!("{}.5", length));
        match kind {
            Kind::Money | Kind::Percent if *form > 0 => {
                mention.amount = Some(Box::new(RecordAmount {
                    value: number(1),
                    low: number(2),
                    high: number(2),
                    magnitude: number(3),
                    currency: Some("USD".to_owned()),
                    unit: None,
                    qualifier: (*form == 4).then(|| "over".to_owned()),
                }));
            }
            Kind::Date if *form > 0 => {
                let day = |wanted: u8| (*form != wanted).then(|| "2026-02-05".to_owned());
                mention.date = Some(Box::new(RecordDate { from: day(1), to: day(2) }));
            }
            Kind::Count if *form > 0 => {
                mention.count = Some(Box::new(RecordCount {
                    value: number(1),
                    unit: Some(said.clone()),
                    ..RecordCount::default()
                }));
            }
            Kind::Person | Kind::Org | Kind::Loc | Kind::Product => {
                // A surface belongs to one entity; now and then it joins the last of its kind.
                let known = entities.iter().position(|entity| {
                    entity.kind == kind.name() && (entity.name == surface || entity.aliases.contains(&surface))
                });
                let joined = || entities.iter().rposition(|entity| *form > 2 && entity.kind == kind.name());
                let id = known.or_else(joined).unwrap_or_else(|| {
                    let (id, kind) = (entities.len() as u32, kind.name().to_owned());
                    entities.push(RecordEntity { id, kind, name: surface.clone(), ..RecordEntity::default() });
                    entities.len() - 1
                });
                let entity = &mut entities[id];
                entity.mentions.push(mentions.len() as u32);
                if entity.name != surface && !entity.aliases.contains(&surface) {
                    entity.aliases.push(surface);
                }
                mention.entity = Some(id as u32);
            }
            _ => {}
        }
        mentions.push(mention);
    }
    Record { id: text.to_owned(), title: Some(text.to_owned()), mentions, entities, relations, ..Record::default() }
}

/// Written and read again, with and without the reasons.
fn reads_back(snapshot: &Snapshot) -> Result<(), TestCaseError> {
    let written = snapshot.render(true);
    let unseen = written.chars().find(|&c| c != '\n' && tiqu::view::is_unseen(c));
    prop_assert_eq!(unseen, None, "nothing that hides is left in the file");
    let read = Snapshot::parse(&written).map_err(TestCaseError::fail)?;
    prop_assert_eq!(&read, snapshot, "{}", written);
    prop_assert_eq!(&Snapshot::parse(&written.replace('\n', "\r\n")).map_err(TestCaseError::fail)?, snapshot);
    let mut plain = snapshot.clone();
    plain.marks.iter_mut().for_each(|mark| mark.why = None);
    prop_assert_eq!(Snapshot::parse(&snapshot.render(false)).map_err(TestCaseError::fail)?, plain);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_extracted_reads_back(text in any_text()) {
        reads_back(&Snapshot::new(&TIQU.extract(&text), &text))?;
    }

    #[test]
    fn whatever_is_marked_reads_back(text in any_text(), marks in any_marks(), relations in any_relations()) {
        reads_back(&Snapshot::new(&record(&text, &marks, relations), &text))?;
    }

    #[test]
    fn the_changes_lead_from_one_to_the_other(
        text in any_text(), old in any_marks(), new in any_marks(), before in any_relations(), after in any_relations(),
    ) {
        let none = Snapshot::new(&record(&text, &[], Vec::new()), &text);
        let old = Snapshot::new(&record(&text, &old, before), &text);
        let new = Snapshot::new(&record(&text, &new, after), &text);
        let lead = |from: &Snapshot| {
            let mut applied = from.clone();
            let changes = compare(Some(from), &new);
            changes.iter().filter(|change| !change.sort.is_whole()).for_each(|change| applied.apply(change, &new));
            applied
        };
        prop_assert_eq!(&lead(&none), &new);
        // Where both sides have facts in another order, the order stays that of the first.
        let left = compare(Some(&lead(&old)), &new);
        prop_assert!(left.iter().all(|change| change.sort == Sort::Form), "{:?}", left);
    }
}
