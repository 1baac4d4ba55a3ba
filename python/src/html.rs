//! A record as a notebook shows it: the article with its marks, then what it says.

use std::fmt::Write;
use tiqu::Record;

/// Background of a kind's marks.
fn colour(kind: &str) -> &'static str {
    match kind {
        "PERSON" => "#9bd7e5",
        "ORG" => "#f6dc8a",
        "LOC" => "#b5dfae",
        "PRODUCT" => "#dfc1ea",
        "TITLE" => "#d9d9d9",
        "MONEY" => "#f5b3a8",
        "PERCENT" => "#f3bfdc",
        "DATE" => "#b7c8f2",
        _ => "#cdebc5",
    }
}

fn escape(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(char),
        }
    }
}

/// HTML that needs no style sheet and no script. Without the source only the mentions are shown, not what is between.
pub fn html(record: &Record, source: Option<&str>) -> String {
    let mut out = String::from("<div class=\"tiqu\"><div style=\"white-space:pre-wrap;line-height:1.8\">");
    let mut rest = source.unwrap_or_default().chars();
    let mut at = 0;
    for mention in &record.mentions {
        if source.is_some() {
            let between: String = rest.by_ref().take(mention.start.saturating_sub(at) as usize).collect();
            escape(&between, &mut out);
            rest.by_ref().take(mention.end.saturating_sub(mention.start) as usize).for_each(drop);
            at = mention.end;
        } else {
            out.push(' ');
        }
        let colour = colour(&mention.kind);
        let _ =
            write!(out, "<mark style=\"background:{colour};color:#000;border-radius:3px;padding:1px 3px\" title=\"");
        title(mention, &mut out);
        out.push_str("\">");
        escape(&mention.text, &mut out);
        out.push_str("<sub style=\"font-size:60%;opacity:.6\"> ");
        escape(&mention.kind, &mut out);
        out.push_str("</sub></mark>");
    }
    escape(rest.as_str(), &mut out);
    out.push_str("</div>");
    if !record.relations.is_empty() {
        out.push_str("<table><tbody>");
        for relation in &record.relations {
            out.push_str("<tr><th>");
            escape(&relation.kind, &mut out);
            out.push_str("</th><td style=\"text-align:left\">");
            for (index, (part, value)) in relation.parts.iter().enumerate() {
                out.push_str(if index > 0 { " · <i>" } else { "<i>" });
                escape(part, &mut out);
                out.push_str("</i> ");
                escape(value, &mut out);
            }
            out.push_str("</td><td>");
            escape(&relation.confidence, &mut out);
            out.push_str("</td></tr>");
        }
        out.push_str("</tbody></table>");
    }
    out.push_str("</div>");
    out
}

/// The value of a mention, shown where the pointer rests.
fn title(mention: &tiqu::record::RecordMention, out: &mut String) {
    escape(&mention.kind, out);
    let fields = if let Some(amount) = &mention.amount {
        [&amount.value, &amount.low, &amount.high, &amount.currency, &amount.unit, &amount.qualifier].map(Clone::clone)
    } else if let Some(count) = &mention.count {
        [&count.value, &count.low, &count.high, &None, &count.unit, &count.qualifier].map(Clone::clone)
    } else if let Some(date) = &mention.date {
        [date.from.clone(), date.to.clone(), None, None, None, None]
    } else {
        [None, None, None, None, None, None]
    };
    for field in fields.iter().flatten() {
        out.push(' ');
        escape(field, out);
    }
}
