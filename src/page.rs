//! Records as one self-contained page: the text with its marks, then entities and relations. No script, no network.

use crate::mention::Kind;
use crate::record::Record;
use crate::view::relation_line;
use std::fmt::Write;

/// Everything before the first document.
pub fn head() -> String {
    let colours: String = Kind::ALL
        .iter()
        .map(|kind| {
            let colour = match kind {
                Kind::Person => "#bae6fd",
                Kind::Org => "#fde68a",
                Kind::Loc => "#bbf7d0",
                Kind::Product => "#f5d0fe",
                Kind::Title => "#e5e7eb",
                Kind::Money => "#fecaca",
                Kind::Percent => "#fbcfe8",
                Kind::Date => "#c7d2fe",
                Kind::Count => "#d9f99d",
            };
            format!("mark.{}{{background:{colour}}}", kind.name())
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>tiqu</title><style>\
         body{{font:16px/1.8 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color:#111;background:#fff}}\
         article{{border-bottom:1px solid #ccc;padding-bottom:1em}}.text{{white-space:pre-wrap}}\
         mark{{color:#111;border-radius:.2em;padding:0 .1em}}table{{border-collapse:collapse;font-size:.9em}}\
         td{{padding:.1em .8em .1em 0;vertical-align:top}}{colours}</style></head><body>\n"
    )
}

/// Everything behind the last document.
pub const TAIL: &str = "</body></html>\n";

/// One document. `source` is the text that the record's positions, in characters, refer to.
pub fn article(record: &Record, source: &str) -> String {
    let mut out = format!("<article>\n<h2>{}</h2>\n", escaped(record.title.as_deref().unwrap_or(&record.id)));
    if record.title.is_some() {
        let _ = writeln!(out, "<p><small>{}</small></p>", escaped(&record.id));
    }
    out.push_str("<div class=\"text\">");
    let mut chars = source.chars();
    let mut at = 0;
    for mention in &record.mentions {
        let before: String = chars.by_ref().take((mention.start - at) as usize).collect();
        let surface: String = chars.by_ref().take((mention.end - mention.start) as usize).collect();
        at = mention.end;
        let kind = &mention.kind;
        let _ = write!(out, "{}<mark class=\"{kind}\" title=\"{}\">", escaped(&before), escaped(&tip(record, mention)));
        let _ = write!(out, "{}</mark>", escaped(&surface));
    }
    let _ = writeln!(out, "{}</div>", escaped(chars.as_str()));
    if !record.entities.is_empty() {
        out.push_str("<h3>entities</h3>\n<table>\n");
        for entity in &record.entities {
            let (kind, name) = (&entity.kind, escaped(&entity.name));
            let aliases = escaped(&entity.aliases.join("、"));
            let count = entity.mentions.len();
            let _ = writeln!(
                out,
                "<tr><td><mark class=\"{kind}\">{kind}</mark></td><td>{name}</td><td>{aliases}</td><td>×{count}</td></tr>"
            );
        }
        out.push_str("</table>\n");
    }
    if !record.relations.is_empty() {
        out.push_str("<h3>relations</h3>\n<ul>\n");
        for relation in &record.relations {
            let _ = writeln!(out, "<li>{}</li>", escaped(&relation_line(relation)));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</article>\n");
    out
}

/// What is shown when the mouse rests on a mark: the kind, and the name or value it stands for.
fn tip(record: &Record, mention: &crate::record::RecordMention) -> String {
    let name = mention.entity.and_then(|id| record.entities.get(id as usize)).map(|entity| entity.name.clone());
    let value = mention.amount.as_deref().map(crate::view::amount_value);
    [Some(mention.kind.clone()), name, value].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let tiqu = crate::Tiqu::new().unwrap();
        let source = "<script>英伟达</script> & \"黄仁勋\"";
        let html = article(&tiqu.extract(source), source);
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;") && html.contains("&amp;"));
    }
}
