//! Runs `corpus/cases/*.jsonl`: one clause a line, with all that must be found in it.
//!
//! A line is `{"input":…, "expect":[{"kind":…, "text":…, …}], "why":…}`, with `date` and `currency` as set from outside and
//! `kinds` where only some kinds are expected. What is found is brought into the same form and must be equal: a field that
//! a line leaves out must not be found either. A file is run by the extractor of the first rule whose name it begins with.

use serde_json::{Map, Value as Json, json};
use std::path::Path;
use tiqu::lexicon::folding;
use tiqu::mention::{Currency, Mention, Quantity, Unit, Value};
use tiqu::quantity::{Setting, quantities};
use tiqu::text::{Folding, Text};
use tiqu::units::Units;

/// What a stage finds in a case, in the form of `expect`.
type Extractor<'a> = &'a dyn Fn(&Json) -> Vec<Json>;

/// The kinds expected where a line does not say which.
const QUANTITIES: [&str; 4] = ["MONEY", "PERCENT", "DATE", "COUNT"];

#[test]
fn quantity_cases() {
    let folding = folding();
    let units = Units::new(&folding);
    let extract = |case: &Json| find_quantities(case, &folding, &units);
    let rules: [(&str, Extractor); 6] = [
        ("money", &extract),
        ("percent", &extract),
        ("date", &extract),
        ("count", &extract),
        ("qualifier", &extract),
        ("traps", &extract),
    ];
    let (cases, failures) = run(&rules);
    assert!(cases >= 600, "only {cases} cases were run");
    assert!(failures.is_empty(), "{} of {cases} cases fail\n{}", failures.len(), failures.join("\n"));
}

/// Runs all case files that a rule names. Returns how many lines, and a report for each that fails.
fn run(rules: &[(&str, Extractor)]) -> (usize, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases");
    let entries = std::fs::read_dir(&folder).expect("corpus/cases is part of the repository");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("the folder can be listed").path()).collect();
    files.sort();
    let (mut cases, mut failures) = (0, Vec::new());
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("names are ASCII");
        let Some((_, extract)) = rules.iter().find(|(prefix, _)| name.starts_with(prefix)) else { continue };
        let content = std::fs::read_to_string(path).expect("a case file is UTF-8");
        for (line, text) in (1..).zip(content.lines()) {
            let case: Json = serde_json::from_str(text).unwrap_or_else(|why| panic!("{name}:{line}: {why}"));
            cases += 1;
            let found = extract(&case);
            if json!(found) != case["expect"] {
                let (input, why) = (&case["input"], &case["why"]);
                failures.push(format!(
                    "corpus/cases/{name}:{line}: {input} ({why})\n  expect {}\n  found  {}",
                    case["expect"],
                    json!(found)
                ));
            }
        }
    }
    (cases, failures)
}

fn find_quantities(case: &Json, folding: &Folding, units: &Units) -> Vec<Json> {
    let setting = Setting {
        currency: case["currency"].as_str().and_then(Currency::new),
        date: case["date"].as_str().map(|date| date.parse().expect("a case's date is a day")),
    };
    let text = Text::new(case["input"].as_str().expect("a case has an input"), folding);
    let kinds: Vec<&str> = match case["kinds"].as_array() {
        Some(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        None => QUANTITIES.to_vec(),
    };
    let mentions = quantities(&text, units, &setting);
    mentions
        .iter()
        .filter(|mention| kinds.contains(&mention.kind.name()))
        .map(|mention| record(&text, mention))
        .collect()
}

/// A mention in the form of `expect`.
fn record(text: &Text, mention: &Mention) -> Json {
    let mut fields = Map::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(key.to_owned(), json!(value));
        }
    };
    set("kind", Some(mention.kind.name().to_owned()));
    set("text", Some(text.surface(mention.span).to_owned()));
    let mut quantity = |quantity: Quantity| match quantity {
        Quantity::Exact(value) => set("value", Some(value.to_string())),
        Quantity::Range(low, high) => {
            set("low", low.map(|n| n.to_string()));
            set("high", high.map(|n| n.to_string()));
        }
        Quantity::Order(order) => set("magnitude", Some(order.to_string())),
        Quantity::Unknown => {}
    };
    match mention.value {
        Value::Amount(amount) => {
            quantity(amount.quantity);
            match amount.unit {
                Unit::Currency(currency) => set("currency", Some(currency.code().to_owned())),
                Unit::Percent => set("unit", Some("percent".to_owned())),
                Unit::Point => set("unit", Some("pp".to_owned())),
                Unit::BasisPoint => set("unit", Some("bp".to_owned())),
            }
            set("qualifier", amount.qualifier.map(|qualifier| qualifier.name().to_owned()));
        }
        Value::Count(number, unit, qualifier) => {
            quantity(number);
            set("unit", unit.map(|unit| text.surface(unit).to_owned()));
            set("qualifier", qualifier.map(|qualifier| qualifier.name().to_owned()));
        }
        Value::Date(from, to) => {
            set("from", from.map(|day| day.to_string()));
            set("to", to.map(|day| day.to_string()));
        }
        Value::None => {}
    }
    Json::Object(fields)
}
