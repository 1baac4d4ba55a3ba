//! Prints the amounts, shares, dates and counts of texts as records, one JSON object a line.
//!
//! ```text
//! quantities [--date 2026-02-05] [--currency CNY] [--numbers] FILE…
//! ```
//! A `.jsonl` file holds objects with `id` and `text` (and `date` where known); any other is one text, its id the name
//! without the ending. `--numbers` adds the bare numerals as `NUMBER`, as the numeral scanner reads them.

use serde_json::{Map, Value as Json, json};
use std::path::Path;
use tiqu::lexicon::folding;
use tiqu::mention::{Currency, Kind, Mention, Quantity, Unit, Value};
use tiqu::number::Decimal;
use tiqu::numeral::{Numerals, Script, divide};
use tiqu::quantity::{Setting, quantities};
use tiqu::text::{Folding, Span, Text};
use tiqu::units::Units;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folding = folding();
    let units = Units::new(&folding);
    let (mut setting, mut numbers) = (Setting::default(), false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--date" => setting.date = Some(args.next().ok_or("--date needs a day")?.parse()?),
            "--currency" => setting.currency = Currency::new(&args.next().ok_or("--currency needs a code")?),
            "--numbers" => numbers = true,
            path => {
                let content = std::fs::read_to_string(path)?;
                if path.ends_with(".jsonl") {
                    for line in content.lines().filter(|line| !line.trim().is_empty()) {
                        let document: Json = serde_json::from_str(line)?;
                        let text = document["text"].as_str().unwrap_or_default();
                        let date = document["date"].as_str().and_then(|date| date.parse().ok());
                        let setting = Setting { date: date.or(setting.date), ..setting };
                        print(document["id"].as_str().unwrap_or_default(), text, &folding, &units, &setting, numbers);
                    }
                } else {
                    let id = Path::new(path).file_stem().map_or(path, |stem| stem.to_str().unwrap_or(path));
                    print(id, &content, &folding, &units, &setting, numbers);
                }
            }
        }
    }
    Ok(())
}

/// Prints the record of one text.
fn print(id: &str, source: &str, folding: &Folding, units: &Units, setting: &Setting, numbers: bool) {
    let text = Text::new(source, folding);
    let found = quantities(&text, units, setting);
    let mut places = Places::new(&text);
    let mut mentions: Vec<Json> = found.iter().map(|mention| record(&text, &mut places, mention)).collect();
    if numbers {
        let mut places = Places::new(&text);
        mentions.extend(numbers_of(&text, units).into_iter().map(|(span, value)| {
            let mut number = places.place("NUMBER", span);
            number.insert("amount".to_owned(), json!({ "value": value.map(|value| value.to_string()) }));
            Json::Object(number)
        }));
    }
    println!("{}", json!({ "id": id, "mentions": mentions }));
}

/// The bare numbers of a text. What the grammar of amounts has no use for is put together here: `1 3/5`, dozens.
fn numbers_of(text: &Text, units: &Units) -> Vec<(Span, Option<Decimal>)> {
    let mut numbers: Vec<(Span, Option<Decimal>)> = Vec::new();
    for numeral in Numerals::new(text, &units.words).filter(|n| n.script != Script::Bare || n.span.len() > 3) {
        let (start, end) = (numeral.sign.unwrap_or(numeral.span.start()), numeral.span.end());
        let gap = numbers.last().map(|(last, _)| &text.shadow()[last.end().min(start)..start]);
        if let (Some("/"), Some((span, Some(top)))) = (gap, numbers.last().copied())
            && let Some(bottom) = numeral.value().filter(|_| numeral.digits > 0)
        {
            numbers.pop();
            let whole = numbers.last().copied().filter(|(whole, _)| text.shadow()[whole.end()..span.start()] == *" ");
            let mut value = divide(top, bottom, 18);
            let mut start = span.start();
            if let Some((span, Some(whole))) = whole {
                numbers.pop();
                (value, start) = (value.and_then(|value| whole.add(value)), span.start());
            }
            numbers.push((Span::new(start, end), value));
        } else if let (Some("^" | "^+" | "^-"), Some((span, Some(base)))) = (gap, numbers.last().copied()) {
            numbers.pop();
            let exponent = numeral.low.and_then(|n| n.to_string().parse().ok()).unwrap_or(0usize);
            let power = std::iter::repeat_n(base, exponent).try_fold(Decimal::from(1), Decimal::mul);
            let inverse = gap == Some("^") && numeral.sign.is_some();
            let one = if base < Decimal::ZERO { Decimal::from(1).negated() } else { Decimal::from(1) };
            let value = power.and_then(|power| if inverse { divide(one, power.mul(one)?, 18) } else { Some(power) });
            numbers.push((Span::new(span.start(), end), value));
        } else if let (Some((6, end)), true) = (numeral.latin, numeral.digits == 0) {
            numbers.push((Span::new(start, end), numeral.value().and_then(|n| n.shift(6))));
        } else if text.shadow()[end..].starts_with('打') && numeral.script == Script::Chinese {
            numbers.push((Span::new(start, end + '打'.len_utf8()), numeral.value().and_then(|n| n.mul(12.into()))));
        } else {
            numbers.push((Span::new(start, end), numeral.value()));
        }
    }
    numbers
}

/// Counts the characters of a text up to positions that come in order.
struct Places<'a> {
    text: &'a Text,
    byte: usize,
    characters: usize,
}

impl<'a> Places<'a> {
    fn new(text: &'a Text) -> Self {
        Self { text, byte: 0, characters: 0 }
    }

    /// Kind, text and place of a span; positions count Unicode scalar values.
    fn place(&mut self, kind: &str, span: Span) -> Map<String, Json> {
        let bytes = self.text.source_range(span);
        self.characters += self.text.source()[self.byte..bytes.start].chars().count();
        self.byte = bytes.start;
        let surface = &self.text.source()[bytes];
        let end = self.characters + surface.chars().count();
        let fields = json!({ "kind": kind, "text": surface, "start": self.characters, "end": end });
        fields.as_object().cloned().unwrap_or_default()
    }
}

/// A mention as a record.
fn record(text: &Text, places: &mut Places, mention: &Mention) -> Json {
    let mut record = places.place(mention.kind.name(), mention.span);
    let (key, fields) = match mention.value {
        Value::Amount(amount) => {
            let mut fields = quantity(&amount.quantity);
            match amount.unit {
                Unit::Currency(currency) => fields.insert("currency".to_owned(), json!(currency.code())),
                Unit::Percent => fields.insert("unit".to_owned(), json!("percent")),
                Unit::Point => fields.insert("unit".to_owned(), json!("pp")),
                Unit::BasisPoint => fields.insert("unit".to_owned(), json!("bp")),
            };
            if let Some(qualifier) = amount.qualifier {
                fields.insert("qualifier".to_owned(), json!(qualifier.name()));
            }
            ("amount", fields)
        }
        Value::Count(number, unit, qualifier) => {
            let mut fields = quantity(&number);
            if let Some(unit) = unit {
                fields.insert("unit".to_owned(), json!(text.surface(unit)));
            }
            if let Some(qualifier) = qualifier {
                fields.insert("qualifier".to_owned(), json!(qualifier.name()));
            }
            ("count", fields)
        }
        Value::Date(from, to) => {
            let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
            ("date", json!({ "from": day(from), "to": day(to) }).as_object().cloned().unwrap_or_default())
        }
        Value::None => ("date", Map::new()),
    };
    if mention.kind != Kind::Date || !fields.is_empty() {
        record.insert(key.to_owned(), Json::Object(fields));
    }
    record.insert("by".to_owned(), json!(mention.by));
    record.insert("reason".to_owned(), json!(format!("{:?}", mention.reason)));
    Json::Object(record)
}

/// The fields of a quantity.
fn quantity(quantity: &Quantity) -> Map<String, Json> {
    let fields = match quantity {
        Quantity::Exact(value) => json!({ "value": value.to_string() }),
        Quantity::Range(low, high) => json!({ "low": low.map(|n| n.to_string()), "high": high.map(|n| n.to_string()) }),
        Quantity::Order(order) => json!({ "magnitude": order.to_string() }),
        Quantity::Unknown => json!({}),
    };
    fields.as_object().cloned().unwrap_or_default()
}
