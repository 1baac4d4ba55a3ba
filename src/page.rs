//! Records as pages to look at: the article with its marks, its largest amounts as plots, then entities, figures and
//! relations.
//!
//! A page is one file that loads nothing and runs nothing; plots are SVG in it, and every figure links to the place it
//! was read from. Everything that comes from an article goes through [`escape`].

use crate::record::{Record, RecordMention};
use crate::view::{self, is_unseen};
use std::collections::BTreeMap;
use std::fmt::Write;

/// So many plots of a kind, for its most frequent units, and so many bars in each: more are not read.
const PLOTS: usize = 3;
const BARS: usize = 10;
/// So much of the text is shown as the evidence of a relation, in characters.
const EVIDENCE: usize = 160;
/// So much of a clause stands for a subject that is not known, in characters.
const CLAUSE: usize = 18;
/// What parts clauses.
const STOPS: [char; 12] = ['，', '。', '；', '！', '？', '：', '、', ',', ';', '“', '（', '\n'];

/// The kinds as people name them, in the order in which they are shown.
pub(crate) const KINDS: [(&str, &str); 9] = [
    ("PERSON", "人物"),
    ("ORG", "机构"),
    ("LOC", "地点"),
    ("PRODUCT", "产品"),
    ("TITLE", "职务"),
    ("MONEY", "金额"),
    ("PERCENT", "比例"),
    ("DATE", "日期"),
    ("COUNT", "数量"),
];

/// A text as part of a page: shown as it is, never read as markup.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => {}
            c if is_unseen(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Everything before the first document of a page of several.
pub fn head() -> String {
    titled("tiqu")
}

/// Everything behind the last document.
pub const TAIL: &str = "</main>\n</body></html>\n";

/// The beginning of a page.
pub(crate) fn titled(title: &str) -> String {
    let title = escape(title);
    let look = concat!(include_str!("page/look.css"), include_str!("page/sheet.css"));
    format!(
        "<!doctype html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{look}</style>\n</head>\n<body>\n<main class=\"sheet\">\n"
    )
}

/// One article as a page of its own; the positions of the record are characters of `source`.
pub fn alone(record: &Record, source: &str) -> String {
    format!("{}{}{TAIL}", titled(&title(record, source)), article(record, source))
}

/// The title that was given, or the first line.
fn title(record: &Record, source: &str) -> String {
    let first = source.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(&record.id);
    record.title.as_deref().unwrap_or(first).chars().take(80).collect()
}

/// A record with its source, while it is drawn.
struct Drawing<'a> {
    record: &'a Record,
    source: Vec<char>,
}

/// One document of a page; the positions of the record are characters of `source`.
pub fn article(record: &Record, source: &str) -> String {
    let drawing = Drawing { record, source: source.trim_end().chars().collect() };
    let mut out = String::from("<section class=\"document\">\n");
    let _ = writeln!(
        out,
        "<header><h1>{}</h1><p class=\"soft\">{} · {} characters</p></header>",
        escape(&title(record, source)),
        escape(&record.id),
        record.chars
    );
    drawing.legend(&mut out);
    drawing.text(&mut out);
    drawing.plots(&mut out);
    drawing.entities(&mut out);
    drawing.figures(&mut out);
    drawing.relations(&mut out);
    out.push_str("</section>\n");
    out
}

impl Drawing<'_> {
    /// The name of a mention's place; that of the text is in it, since a page may hold several documents.
    fn anchor(&self, mention: usize) -> String {
        format!("m{}-{mention}", self.record.digest.get(3..11).unwrap_or_default())
    }

    /// The characters from `start` to `end`.
    fn read(&self, start: u64, end: u64) -> String {
        let end = (end as usize).min(self.source.len());
        self.source[(start as usize).min(end)..end].iter().collect()
    }

    fn legend(&self, out: &mut String) {
        if self.record.mentions.is_empty() {
            let what = if self.source.is_empty() { "The text is empty." } else { "Nothing was found in this text." };
            let _ = writeln!(out, "<p class=\"soft\">{what}</p>");
            return;
        }
        out.push_str("<ul class=\"legend\" aria-label=\"Legend\">");
        for (kind, name) in KINDS {
            let count = self.record.mentions.iter().filter(|mention| mention.kind == kind).count();
            if count > 0 {
                let _ = write!(out, "<li><span class=\"m k-{kind}\">{name}</span> {kind} {count}</li>");
            }
        }
        out.push_str("</ul>\n");
    }

    fn text(&self, out: &mut String) {
        if self.source.is_empty() {
            return;
        }
        out.push_str("<article class=\"prose panel\">\n<p>");
        let mut at = 0;
        for (index, mention) in self.record.mentions.iter().enumerate() {
            paragraphs(&self.read(at, mention.start), out);
            at = mention.end;
            let _ = write!(
                out,
                "<span class=\"m k-{}\" id=\"{}\" title=\"{}\">{}</span>",
                escape(&mention.kind),
                self.anchor(index),
                escape(&tip(self.record, mention)),
                escape(&self.read(mention.start, mention.end))
            );
        }
        paragraphs(&self.read(at, u64::MAX), out);
        out.push_str("</p>\n</article>\n");
    }

    fn plots(&self, out: &mut String) {
        let mut plots = self.largest("MONEY");
        plots.extend(self.largest("PERCENT"));
        if plots.is_empty() {
            return;
        }
        out.push_str("<h2>Largest sums and shares</h2>\n<div class=\"halves\">\n");
        for (unit, plot) in plots {
            let name = match unit.as_str() {
                "percent" => "Percent".to_owned(),
                "pp" => "Percentage points".to_owned(),
                "bp" => "Basis points".to_owned(),
                currency => format!("Sums in {}", escape(currency)),
            };
            let _ = writeln!(out, "<section class=\"panel\"><h3>{name}</h3>{}</section>", bars(plot));
        }
        out.push_str("</div>\n");
    }

    /// The largest amounts of a kind, each unit by itself, the most frequent first: what is in different currencies
    /// cannot be drawn on one scale.
    fn largest(&self, kind: &str) -> Vec<(String, Vec<Bar>)> {
        let mut units: BTreeMap<&str, Vec<(f64, usize)>> = BTreeMap::new();
        for (at, mention) in self.record.mentions.iter().enumerate().filter(|(_, mention)| mention.kind == kind) {
            let Some(amount) = &mention.amount else { continue };
            let number = amount.value.as_ref().or(amount.high.as_ref()).or(amount.low.as_ref());
            let Some(size) = number.and_then(|number| number.parse::<f64>().ok()).filter(|size| *size > 0.0) else {
                continue;
            };
            let unit = amount.currency.as_deref().or(amount.unit.as_deref()).unwrap_or_default();
            units.entry(unit).or_default().push((size, at));
        }
        let mut units: Vec<_> = units.into_iter().collect();
        units.sort_by_key(|(_, amounts)| std::cmp::Reverse(amounts.len()));
        units.truncate(PLOTS);
        let plot = |(unit, mut amounts): (&str, Vec<(f64, usize)>)| {
            amounts.sort_by(|a, b| b.0.total_cmp(&a.0));
            let bar = |(size, at): (f64, usize)| Bar {
                label: self.subject(at).unwrap_or_else(|| self.clause(at)),
                shown: self.record.mentions[at].text.clone(),
                size,
                link: format!("#{}", self.anchor(at)),
                class: format!("b-{kind}"),
            };
            let mut bars: Vec<Bar> = amounts.into_iter().map(bar).collect();
            bars.dedup_by(|a, b| a.shown == b.shown && a.label == b.label);
            bars.truncate(BARS);
            (unit.to_owned(), bars)
        };
        units.into_iter().map(plot).collect()
    }

    /// Of what a figure is said: its subject and measure.
    fn subject(&self, mention: usize) -> Option<String> {
        let is_value = |id: Option<&u32>| id == Some(&(mention as u32));
        let relation = self.record.relations.iter().find(|relation| is_value(relation.refs.get("value")))?;
        let part = |name: &str| relation.parts.get(name).filter(|part| *part != "-").cloned().unwrap_or_default();
        Some(format!("{} {}", part("subject"), part("measure")).trim().to_owned())
    }

    /// What is written before a mention in its clause, where no relation says what it is of.
    fn clause(&self, mention: usize) -> String {
        let start = self.record.mentions[mention].start as usize;
        let before = &self.source[..start.min(self.source.len())];
        // A comma may stand in a number: ４８，２１６．
        let is_digit = |at: usize| before.get(at).is_some_and(|c| c.is_numeric());
        let is_stop = |at: &usize| STOPS.contains(&before[*at]) && !(*at > 0 && is_digit(at - 1) && is_digit(at + 1));
        let clause = &before[(0..before.len()).rev().find(is_stop).map_or(0, |at| at + 1)..];
        let mut from = clause.len().saturating_sub(CLAUSE);
        let cut = from > 0;
        while from > 0 && from < clause.len() && clause[from - 1..=from].iter().all(char::is_ascii_alphanumeric) {
            from += 1;
        }
        let words: String = clause[from..].iter().collect();
        format!("{}{}…", if cut { "…" } else { "" }, words.trim())
    }

    fn entities(&self, out: &mut String) {
        if self.record.entities.is_empty() {
            return;
        }
        out.push_str(
            "<h2>Entities</h2>\n<div class=\"panel wide\"><table><thead><tr><th>Kind</th><th>Name</th><th>Also</th>\
             <th class=\"n\">Mentions</th></tr></thead><tbody>\n",
        );
        let mut order: Vec<_> = self.record.entities.iter().collect();
        let rank = |kind: &str| KINDS.iter().position(|(name, _)| *name == kind).unwrap_or(KINDS.len());
        order.sort_by_key(|entity| (rank(&entity.kind), std::cmp::Reverse(entity.mentions.len()), entity.id));
        for entity in order {
            let first = entity.mentions.first().copied().unwrap_or(0) as usize;
            let _ = writeln!(
                out,
                "<tr><td><span class=\"m k-{0}\">{0}</span></td><td><a href=\"#{1}\">{2}</a></td><td>{3}</td>\
                 <td class=\"n\">{4}</td></tr>",
                escape(&entity.kind),
                self.anchor(first),
                escape(&entity.name),
                escape(&entity.aliases.join("、")),
                entity.mentions.len()
            );
        }
        out.push_str("</tbody></table></div>\n");
    }

    fn figures(&self, out: &mut String) {
        let mut rows = String::new();
        for (at, mention) in self.record.mentions.iter().enumerate() {
            let Some(value) = view::mention_value(mention) else { continue };
            let _ = writeln!(
                rows,
                "<tr><td><span class=\"m k-{0}\">{0}</span></td><td><a href=\"#{1}\">{2}</a></td><td class=\"v\">{3}</td><td>{4}</td></tr>",
                escape(&mention.kind),
                self.anchor(at),
                escape(&mention.text),
                escape(&if mention.date.is_some() { value } else { grouped(&value) }),
                escape(&self.subject(at).unwrap_or_default())
            );
        }
        if !rows.is_empty() {
            let _ = writeln!(
                out,
                "<h2>Figures</h2>\n<div class=\"panel wide\"><table><thead><tr><th>Kind</th><th>As written</th>\
                 <th>Value</th><th>Of</th></tr></thead><tbody>\n{rows}</tbody></table></div>"
            );
        }
    }

    /// Each relation with the words that it was read from.
    fn relations(&self, out: &mut String) {
        if self.record.relations.is_empty() {
            return;
        }
        out.push_str(
            "<h2>Relations</h2>\n<div class=\"panel wide\"><table><thead><tr><th>Kind</th><th>What the text says</th></tr>\
             </thead><tbody>\n",
        );
        for relation in &self.record.relations {
            let at = self.record.mentions.iter().position(|mention| mention.end > relation.start).unwrap_or(0);
            let parts = view::relation_parts(relation);
            let parts: Vec<String> = parts
                .into_iter()
                .map(|(part, value)| format!("<span><small>{}</small> {}</span>", escape(part), escape(value)))
                .collect();
            let evidence = view::flat(self.read(relation.start, relation.end).trim());
            let mut shown: String = evidence.chars().take(EVIDENCE).collect();
            if shown.len() < evidence.len() {
                shown.push('…');
            }
            let _ = writeln!(
                out,
                "<tr><td><a href=\"#{}\">{}</a></td><td><div class=\"parts\">{}<span><small>{}</small></span></div>\
                 <blockquote>{}</blockquote></td></tr>",
                self.anchor(at),
                escape(&relation.kind),
                parts.concat(),
                escape(&relation.confidence),
                escape(&shown)
            );
        }
        out.push_str("</tbody></table></div>\n");
    }
}

/// A text in which every line is a paragraph; empty lines are not.
fn paragraphs(text: &str, out: &mut String) {
    let mut broken = false;
    for (at, line) in text.split('\n').enumerate() {
        broken |= at > 0;
        // A line that ends here goes on behind the mark that follows.
        if !line.is_empty() {
            if std::mem::take(&mut broken) {
                out.push_str("</p>\n<p>");
            }
            out.push_str(&escape(line));
        }
    }
    if broken {
        out.push_str("</p>\n<p>");
    }
}

/// What the pointer tells of a mention: kind, value, entity, reason.
fn tip(record: &Record, mention: &RecordMention) -> String {
    let mut tip = mention.kind.clone();
    if let Some(value) = view::mention_value(mention) {
        let _ = write!(tip, " = {value}");
    }
    let entity = mention.entity.and_then(|id| record.entities.get(id as usize));
    if let Some(entity) = entity.filter(|entity| entity.name != mention.text) {
        let _ = write!(tip, " · {}", entity.name);
    }
    if let Some(why) = &mention.why {
        let _ = write!(tip, " · {}: {why}", mention.by);
    }
    tip
}

/// A bar of a plot.
pub(crate) struct Bar {
    pub label: String,
    pub shown: String,
    pub size: f64,
    pub link: String,
    pub class: String,
}

/// A plot of bars, longest first, each with its link. Lengths are shares of the width, so that letters keep their size
/// on a narrow screen; the label stands above its bar, where there is room for a long name.
pub(crate) fn bars(bars: Vec<Bar>) -> String {
    if bars.is_empty() {
        return "<p class=\"soft\">none</p>".to_owned();
    }
    let most = bars.iter().map(|bar| bar.size).fold(f64::MIN_POSITIVE, f64::max);
    let height = bars.len() * 42;
    let mut out = format!("<svg width=\"100%\" height=\"{height}\" role=\"group\" aria-label=\"Bars, longest first\">");
    for (at, bar) in bars.iter().enumerate() {
        let y = at * 42;
        let length = (bar.size / most * 58.0).max(0.5);
        let title = escape(&format!("{} {}", bar.label, bar.shown));
        let (label, shown) = (escape(&short(&bar.label, 22)), escape(&short(&bar.shown, 7)));
        // Whoever hears the page is told what others see, and then what was cut off.
        let cut = if label.ends_with('…') || shown.ends_with('…') { format!(": {title}") } else { String::new() };
        let _ = write!(
            out,
            "<a href=\"{}\" aria-label=\"{label} {shown}{cut}\"><title>{title}</title>\
             <text y=\"{}\" class=\"soft\">{label}</text> \
             <rect class=\"bar {}\" y=\"{}\" width=\"{length:.1}%\" height=\"14\" rx=\"3\"/>\
             <text x=\"{length:.1}%\" dx=\"8\" y=\"{}\">{shown}</text></a>",
            escape(&bar.link),
            y + 14,
            escape(&bar.class),
            y + 20,
            y + 32
        );
    }
    out.push_str("</svg>");
    out
}

/// A text cut to the room of so many Chinese characters.
pub(crate) fn short(text: &str, most: usize) -> String {
    // An ASCII letter takes about half the room.
    let mut room = most * 2;
    let mut out = String::new();
    for c in text.chars() {
        let need = if c.is_ascii() { 1 } else { 2 };
        if need > room {
            out.push('…');
            break;
        }
        room -= need;
        out.push(c);
    }
    out
}

/// `12000000.5 USD` as `12,000,000.5 USD`: digits before a point in groups of three.
pub(crate) fn grouped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(first) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(first);
        let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        out.push_str(before);
        let fraction = before.ends_with('.') && !before.ends_with("..");
        for (at, digit) in digits[..length].chars().enumerate() {
            if at > 0 && !fraction && (length - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        rest = &digits[length..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_shown_and_never_run() {
        let source = "<script>alert(1)</script>甲\n\n\u{202e}\"乙'";
        let mention = RecordMention {
            kind: "PERSON".to_owned(),
            text: "甲".to_owned(),
            start: 25,
            end: 26,
            entity: None,
            by: "model".to_owned(),
            amount: None,
            date: None,
            count: None,
            why: Some("\"><img>".to_owned()),
        };
        let record = Record { mentions: vec![mention], ..Record::default() };
        let page = alone(&record, source);
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;<span class=\"m k-PERSON\" id=\"m-0\""), "{page}");
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'));
    }

    #[test]
    fn every_currency_has_a_plot_of_its_own() {
        let source = "甲公司营收5亿美元，乙公司营收3亿元，另付7000万美元。";
        let page = article(&crate::Tiqu::new().unwrap().extract(source), source);
        let plots: Vec<&str> = page.split("<section class=\"panel\">").skip(1).collect();
        assert_eq!(plots.len(), 2, "{page}");
        assert!(plots[0].starts_with("<h3>Sums in USD") && plots[0].matches("<rect").count() == 2, "{page}");
        assert!(plots[1].starts_with("<h3>Sums in CNY") && plots[1].matches("<rect").count() == 1, "{page}");
    }

    #[test]
    fn lines_are_paragraphs() {
        let mut out = String::new();
        paragraphs("甲\n\n乙\n", &mut out);
        assert_eq!(out, "甲</p>\n<p>乙</p>\n<p>");
        assert_eq!(grouped("12000000.5005 USD"), "12,000,000.5005 USD");
        assert_eq!(grouped("1000..25000 CNY"), "1,000..25,000 CNY");
    }
}
