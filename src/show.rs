//! Records as pages to look at: one article with its marks, tables and largest amounts, or a whole corpus at a glance.
//!
//! A page is one file that loads nothing and runs nothing; plots are SVG in it, and every figure links to the place it
//! was read from. Everything that comes from an article goes through [`escape`].

use crate::record::{Record, RecordMention, RecordRelation};
use crate::snapshot::is_unseen;
use crate::view;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// So many bars in a plot, and rows and columns in a table of pairs: more are not read.
const BARS: usize = 15;
const PAIRED: usize = 12;
/// So many places are named as evidence of one figure.
const EVIDENCE: usize = 8;

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

fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    let look = concat!(include_str!("page/look.css"), include_str!("page/sheet.css"));
    format!(
        "<!doctype html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{look}</style>\n</head>\n<body>\n<main class=\"sheet\">\n{body}</main>\n</body>\n</html>\n"
    )
}

/// The kinds as people name them, in the order in which they are shown.
const KINDS: [(&str, &str); 9] = [
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

/// One article as a page; the positions of the record are characters of `source`.
pub fn article(record: &Record, source: &str) -> String {
    let mut body = String::new();
    let first = source.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(&record.id);
    let title: String = record.title.as_deref().unwrap_or(first).chars().take(80).collect();
    let _ = writeln!(
        body,
        "<header><h1>{}</h1><p class=\"soft\">{} · {} characters</p></header>",
        escape(&title),
        escape(&record.id),
        record.chars
    );
    body.push_str("<ul class=\"legend\" aria-label=\"Legend\">");
    for (kind, name) in KINDS {
        let count = record.mentions.iter().filter(|mention| mention.kind == kind).count();
        if count > 0 {
            let _ = write!(body, "<li><span class=\"m k-{kind}\">{name}</span> {kind} {count}</li>");
        }
    }
    body.push_str("</ul>\n<article class=\"prose panel\">\n");
    marked(record, source, &mut body);
    body.push_str("</article>\n");
    let sums = bars(largest(record, "MONEY"));
    let shares = bars(largest(record, "PERCENT"));
    if !sums.is_empty() || !shares.is_empty() {
        body.push_str("<h2>Largest sums and shares</h2>\n<div class=\"halves\">\n");
        for (name, plot) in [("Sums", sums), ("Shares", shares)] {
            if !plot.is_empty() {
                let _ = writeln!(body, "<section class=\"panel\" aria-label=\"{name}\">{plot}</section>");
            }
        }
        body.push_str("</div>\n");
    }
    entities(record, &mut body);
    figures(record, &mut body);
    page(&title, &body)
}

fn marked(record: &Record, source: &str, out: &mut String) {
    let mut chars = source.trim_end().chars();
    let mut take = |count: u64| -> String { chars.by_ref().take(count as usize).collect() };
    out.push_str("<p>");
    let paragraphs = |text: &str, out: &mut String| {
        let mut breaks = 0;
        for c in text.chars() {
            if c == '\n' {
                breaks += 1;
                continue;
            }
            if breaks > 0 {
                out.push_str("</p>\n<p>");
                breaks = 0;
            }
            out.push_str(&escape(c.encode_utf8(&mut [0; 4])));
        }
        if breaks > 0 {
            out.push_str("</p>\n<p>");
        }
    };
    let mut at = 0;
    for (index, mention) in record.mentions.iter().enumerate() {
        paragraphs(&take(mention.start - at), out);
        let surface = take(mention.end - mention.start);
        at = mention.end;
        let _ = write!(
            out,
            "<span class=\"m k-{}\" id=\"m{index}\" title=\"{}\">{}</span>",
            escape(&mention.kind),
            escape(&tip(record, mention)),
            escape(&surface)
        );
    }
    paragraphs(&take(u64::MAX), out);
    out.push_str("</p>\n");
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
struct Bar {
    label: String,
    shown: String,
    size: f64,
    link: String,
    class: String,
}

/// The largest amounts of a kind; of several currencies the most frequent one, since sums of different ones cannot be
/// drawn on one scale.
fn largest(record: &Record, kind: &str) -> Vec<Bar> {
    let amounts = || {
        record.mentions.iter().enumerate().filter(move |(_, mention)| mention.kind == kind).filter_map(
            |(at, mention)| {
                let amount = mention.amount.as_ref()?;
                let size =
                    amount.value.as_ref().or(amount.high.as_ref()).or(amount.low.as_ref())?.parse::<f64>().ok()?;
                let unit = amount.currency.as_deref().or(amount.unit.as_deref()).unwrap_or_default();
                Some((at, mention, size, unit))
            },
        )
    };
    let mut units: BTreeMap<&str, usize> = BTreeMap::new();
    amounts().for_each(|(.., unit)| *units.entry(unit).or_default() += 1);
    let Some(unit) =
        units.iter().max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name))).map(|(unit, _)| *unit)
    else {
        return Vec::new();
    };
    let mut bars: Vec<Bar> = amounts()
        .filter(|(.., size, own)| *own == unit && *size > 0.0)
        .map(|(at, mention, size, _)| Bar {
            label: subject(record, at as u32).unwrap_or_default(),
            shown: mention.text.clone(),
            size,
            link: format!("#m{at}"),
            class: format!("b-{kind}"),
        })
        .collect();
    bars.sort_by(|a, b| b.size.total_cmp(&a.size));
    bars.dedup_by(|a, b| a.shown == b.shown && a.label == b.label);
    bars.truncate(10);
    bars
}

/// Of what a figure is said: its subject and measure.
fn subject(record: &Record, mention: u32) -> Option<String> {
    let relation = record.relations.iter().find(|relation| relation.refs.get("value") == Some(&mention))?;
    let part = |name: &str| relation.parts.get(name).filter(|part| *part != "-").cloned().unwrap_or_default();
    Some(format!("{} {}", part("subject"), part("measure")).trim().to_owned())
}

/// A plot of bars, longest first, each with its link.
fn bars(bars: Vec<Bar>) -> String {
    if bars.is_empty() {
        return String::new();
    }
    let most = bars.iter().map(|bar| bar.size).fold(f64::MIN_POSITIVE, f64::max);
    let height = bars.len() * 30 + 6;
    let mut out = format!("<svg viewBox=\"0 0 480 {height}\" role=\"group\" aria-label=\"Bars, longest first\">");
    for (at, bar) in bars.iter().enumerate() {
        let y = at * 30;
        let length = (bar.size / most * 190.0).max(2.0);
        let label = escape(&short(&bar.label, 13));
        let title = escape(&format!("{} {}", bar.label, bar.shown));
        let _ = write!(
            out,
            "<a href=\"{}\" aria-label=\"{title}\"><title>{title}</title>\
             <text x=\"172\" y=\"{}\" text-anchor=\"end\" class=\"soft\">{label}</text>\
             <rect class=\"bar {}\" x=\"180\" y=\"{}\" width=\"{length:.1}\" height=\"18\" rx=\"3\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text></a>",
            escape(&bar.link),
            y + 20,
            escape(&bar.class),
            y + 6,
            186.0 + length,
            y + 20,
            escape(&short(&bar.shown, 9))
        );
    }
    out.push_str("</svg>");
    out
}

fn short(text: &str, most: usize) -> String {
    // An ASCII letter takes about half the room of a Chinese character.
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

fn entities(record: &Record, out: &mut String) {
    if record.entities.is_empty() {
        return;
    }
    out.push_str(
        "<h2>Entities</h2>\n<div class=\"panel wide\"><table><thead><tr><th>Kind</th><th>Name</th><th>Also</th>\
         <th class=\"n\">Mentions</th></tr></thead><tbody>\n",
    );
    let mut order: Vec<_> = record.entities.iter().collect();
    let rank = |kind: &str| KINDS.iter().position(|(name, _)| *name == kind).unwrap_or(KINDS.len());
    order.sort_by_key(|entity| (rank(&entity.kind), std::cmp::Reverse(entity.mentions.len()), entity.id));
    for entity in order {
        let first = entity.mentions.first().copied().unwrap_or(0);
        let _ = writeln!(
            out,
            "<tr><td><span class=\"m k-{0}\">{0}</span></td><td><a href=\"#m{first}\">{1}</a></td><td>{2}</td><td class=\"n\">{3}</td></tr>",
            escape(&entity.kind),
            escape(&entity.name),
            escape(&entity.aliases.join("、")),
            entity.mentions.len()
        );
    }
    out.push_str("</tbody></table></div>\n");
}

fn figures(record: &Record, out: &mut String) {
    let valued: Vec<(usize, &RecordMention, String)> = record
        .mentions
        .iter()
        .enumerate()
        .filter_map(|(at, mention)| Some((at, mention, view::mention_value(mention)?)))
        .collect();
    if !valued.is_empty() {
        out.push_str(
            "<h2>Figures</h2>\n<div class=\"panel wide\"><table><thead><tr><th>Kind</th><th>As written</th>\
             <th>Value</th><th>Of</th></tr></thead><tbody>\n",
        );
        for (at, mention, value) in valued {
            let _ = writeln!(
                out,
                "<tr><td><span class=\"m k-{0}\">{0}</span></td><td><a href=\"#m{at}\">{1}</a></td><td>{2}</td><td>{3}</td></tr>",
                escape(&mention.kind),
                escape(&mention.text),
                escape(&value),
                escape(&subject(record, at as u32).unwrap_or_default())
            );
        }
        out.push_str("</tbody></table></div>\n");
    }
    if !record.relations.is_empty() {
        out.push_str("<h2>Relations</h2>\n<div class=\"panel wide\"><table><tbody>\n");
        for relation in &record.relations {
            let at = record.mentions.iter().position(|mention| mention.end > relation.start).unwrap_or(0);
            let line = view::relation_line(relation);
            let (kind, rest) = line.split_once(": ").unwrap_or(("", &line));
            let _ = writeln!(out, "<tr><td><a href=\"#m{at}\">{}</a></td><td>{}</td></tr>", escape(kind), escape(rest));
        }
        out.push_str("</tbody></table></div>\n");
    }
}

/// A corpus at a glance, gathered record by record.
#[derive(Default)]
pub struct Report {
    documents: usize,
    mentions: BTreeMap<String, usize>,
    people: HashMap<String, Tally>,
    orgs: HashMap<String, Tally>,
    /// Person and organisation in one document.
    pairs: HashMap<(String, String), Tally>,
    /// Organisation, month, currency.
    sums: BTreeMap<(String, String, String), Sum>,
    shares: Vec<Share>,
}

/// How often, and where.
#[derive(Default)]
struct Tally {
    count: usize,
    documents: Vec<String>,
}

#[derive(Default)]
struct Sum {
    total: f64,
    figures: Vec<String>,
}

struct Share {
    label: String,
    shown: String,
    size: f64,
    evidence: String,
}

impl Tally {
    fn add(&mut self, count: usize, id: &str) {
        self.count += count;
        if self.documents.len() < EVIDENCE && self.documents.last().is_none_or(|last| last != id) {
            self.documents.push(id.to_owned());
        }
    }
}

impl Report {
    /// Takes a record in.
    pub fn add(&mut self, record: &Record) {
        self.documents += 1;
        for mention in &record.mentions {
            *self.mentions.entry(mention.kind.clone()).or_default() += 1;
        }
        let named = |kind: &str| -> Vec<(&str, usize)> {
            let own = record.entities.iter().filter(|entity| entity.kind == kind);
            own.map(|entity| (entity.name.as_str(), entity.mentions.len())).collect()
        };
        let (people, orgs) = (named("PERSON"), named("ORG"));
        for (names, tallies) in [(&people, &mut self.people), (&orgs, &mut self.orgs)] {
            for (name, count) in names {
                tallies.entry((*name).to_owned()).or_default().add(*count, &record.id);
            }
        }
        for (person, _) in &people {
            for (org, _) in &orgs {
                self.pairs.entry(((*person).to_owned(), (*org).to_owned())).or_default().add(1, &record.id);
            }
        }
        let month = month(record);
        for relation in record.relations.iter().filter(|relation| relation.kind == "figure") {
            self.figure(record, relation, &month);
        }
    }

    fn figure(&mut self, record: &Record, relation: &RecordRelation, month: &str) {
        let Some(mention) = relation.refs.get("value").and_then(|&at| record.mentions.get(at as usize)) else { return };
        let Some(amount) = &mention.amount else { return };
        let Some(size) = amount.value.as_ref().and_then(|value| value.parse::<f64>().ok()) else { return };
        let part = |name: &str| relation.parts.get(name).filter(|part| *part != "-").cloned().unwrap_or_default();
        let (subject, measure) = (part("subject"), part("measure"));
        let evidence = format!("{} {}–{}: {subject} {measure} {}", record.id, mention.start, mention.end, mention.text);
        if let Some(currency) = &amount.currency
            && !subject.is_empty()
        {
            let sum = self.sums.entry((subject, month.to_owned(), currency.clone())).or_default();
            sum.total += size;
            sum.figures.push(evidence);
        } else if amount.unit.as_deref() == Some("percent") && size <= 100.0 {
            let label = format!("{subject} {measure}").trim().to_owned();
            self.shares.push(Share { label, shown: mention.text.clone(), size, evidence });
        }
    }

    /// The page.
    pub fn html(&self) -> String {
        let mut body = String::new();
        let mut evidence = Evidence::default();
        let _ = write!(
            body,
            "<header><h1>The corpus at a glance</h1><div class=\"tiles\"><div><b>{}</b>documents</div>",
            thousands(self.documents)
        );
        for (kind, name) in KINDS {
            if let Some(count) = self.mentions.get(kind) {
                let _ = write!(body, "<div><b>{}</b>{name} {kind}</div>", thousands(*count));
            }
        }
        body.push_str("</div></header>\n<div class=\"halves\">\n");
        for (title, tallies, kind) in
            [("People mentioned most", &self.people, "PERSON"), ("Organisations mentioned most", &self.orgs, "ORG")]
        {
            let list = top(tallies)
                .into_iter()
                .take(BARS)
                .map(|(name, tally)| Bar {
                    label: name.clone(),
                    shown: thousands(tally.count),
                    size: tally.count as f64,
                    link: evidence.link(&format!("{name}: {}", thousands(tally.count)), &tally.documents),
                    class: format!("b-{kind}"),
                })
                .collect();
            let _ =
                writeln!(body, "<section><h2>{title}</h2><div class=\"panel\">{}</div></section>", or_none(bars(list)));
        }
        body.push_str("</div>\n");
        self.pairs(&mut body, &mut evidence);
        self.sums(&mut body, &mut evidence);
        self.shares(&mut body, &mut evidence);
        evidence.write(&mut body);
        page("The corpus at a glance", &body)
    }

    /// Who appears with whom: people down, organisations across, a square for each pair.
    fn pairs(&self, body: &mut String, evidence: &mut Evidence) {
        let people: Vec<&String> = top(&self.people).into_iter().take(PAIRED).map(|(name, _)| name).collect();
        let mut weight: BTreeMap<&String, usize> = BTreeMap::new();
        for ((person, org), tally) in &self.pairs {
            if people.contains(&person) {
                *weight.entry(org).or_default() += tally.count;
            }
        }
        let mut orgs: Vec<(&String, usize)> = weight.into_iter().collect();
        orgs.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        orgs.truncate(PAIRED);
        if people.is_empty() || orgs.is_empty() {
            return;
        }
        let most = people
            .iter()
            .flat_map(|person| orgs.iter().filter_map(|(org, _)| self.pairs.get(&((*person).clone(), (*org).clone()))))
            .map(|tally| tally.count)
            .max()
            .unwrap_or(1);
        let (left, head, cell) = (180, 150, 58);
        let (width, height) = (left + orgs.len() * cell + 60, head + people.len() * 30 + 6);
        let _ = write!(
            body,
            "<h2>Who appears with whom</h2>\n<div class=\"panel\"><svg viewBox=\"0 0 {width} {height}\" role=\"group\" \
             aria-label=\"People and organisations in the same documents\">"
        );
        for (x, (org, _)) in orgs.iter().enumerate() {
            let at = left + x * cell + cell / 2;
            let _ = write!(
                body,
                "<text transform=\"translate({at} {}) rotate(-38)\">{}</text>",
                head - 10,
                escape(&short(org, 10))
            );
        }
        for (y, person) in people.iter().enumerate() {
            let top = head + y * 30;
            let _ = write!(
                body,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><path class=\"axis\" d=\"M{left} {}H{}\"/>",
                left - 10,
                top + 19,
                escape(&short(person, 11)),
                top + 29,
                left + orgs.len() * cell
            );
            for (x, (org, _)) in orgs.iter().enumerate() {
                let Some(tally) = self.pairs.get(&((*person).clone(), (*org).clone())) else { continue };
                // Area says how often: the side grows with the root.
                let side = 6.0 + 18.0 * (tally.count as f64 / most as f64).sqrt();
                let title = format!("{person} · {org}: {} documents", tally.count);
                let link = evidence.link(&title, &tally.documents);
                let _ = write!(
                    body,
                    "<a href=\"{link}\" aria-label=\"{0}\"><title>{0}</title><rect class=\"bar\" x=\"{1:.1}\" y=\"{2:.1}\" \
                     width=\"{side:.1}\" height=\"{side:.1}\" rx=\"3\"/></a>",
                    escape(&title),
                    (left + x * cell + cell / 2) as f64 - side / 2.0,
                    (top + 15) as f64 - side / 2.0
                );
            }
        }
        body.push_str("</svg></div>\n");
    }

    fn sums(&self, body: &mut String, evidence: &mut Evidence) {
        if self.sums.is_empty() {
            return;
        }
        body.push_str(
            "<h2>Sums by organisation and month</h2>\n<p class=\"soft\">Figures that a text gives for a subject, added up \
             as they stand: the same sum told twice counts twice.</p>\n<div class=\"panel wide\"><table><thead><tr>\
             <th>Subject</th><th>Month</th><th class=\"n\">Sum</th><th>Currency</th><th class=\"n\">Figures</th></tr>\
             </thead><tbody>\n",
        );
        let mut weight: BTreeMap<&str, usize> = BTreeMap::new();
        for ((subject, ..), sum) in &self.sums {
            *weight.entry(subject).or_default() += sum.figures.len();
        }
        let mut subjects: Vec<(&str, usize)> = weight.into_iter().collect();
        subjects.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        subjects.truncate(BARS);
        for (wanted, _) in subjects {
            for ((subject, month, currency), sum) in self.sums.iter().filter(|((subject, ..), _)| subject == wanted) {
                let figures: Vec<String> = sum.figures.iter().take(EVIDENCE).cloned().collect();
                let link = evidence.link(&format!("{subject} {month} {currency}"), &figures);
                let _ = writeln!(
                    body,
                    "<tr><td>{}</td><td>{}</td><td class=\"n\"><a href=\"{link}\">{}</a></td><td>{}</td><td class=\"n\">{}</td></tr>",
                    escape(subject),
                    escape(month),
                    money(sum.total),
                    escape(currency),
                    sum.figures.len()
                );
            }
        }
        body.push_str("</tbody></table></div>\n");
    }

    fn shares(&self, body: &mut String, evidence: &mut Evidence) {
        let mut shares: Vec<&Share> = self.shares.iter().collect();
        shares.sort_by(|a, b| b.size.total_cmp(&a.size).then_with(|| a.evidence.cmp(&b.evidence)));
        shares.dedup_by(|a, b| a.label == b.label && a.shown == b.shown);
        let list: Vec<Bar> = shares
            .into_iter()
            .take(BARS)
            .map(|share| Bar {
                label: share.label.clone(),
                shown: share.shown.clone(),
                size: share.size,
                link: evidence.link(&format!("{} {}", share.label, share.shown), std::slice::from_ref(&share.evidence)),
                class: "b-PERCENT".to_owned(),
            })
            .collect();
        if !list.is_empty() {
            let _ = writeln!(body, "<h2>Largest shares</h2>\n<div class=\"panel\">{}</div>", bars(list));
        }
    }
}

/// The places that figures link to, at the end of the page.
#[derive(Default)]
struct Evidence {
    items: Vec<(String, Vec<String>)>,
}

impl Evidence {
    fn link(&mut self, what: &str, places: &[String]) -> String {
        self.items.push((what.to_owned(), places.to_vec()));
        format!("#e{}", self.items.len())
    }

    fn write(&self, out: &mut String) {
        if self.items.is_empty() {
            return;
        }
        out.push_str("<h2>Evidence</h2>\n<div class=\"panel wide\"><table><tbody>\n");
        for (at, (what, places)) in (1..).zip(&self.items) {
            let unique: BTreeSet<&String> = places.iter().collect();
            let places: Vec<String> = unique.into_iter().map(|place| escape(place)).collect();
            let _ = writeln!(out, "<tr id=\"e{at}\"><td>{}</td><td>{}</td></tr>", escape(what), places.join("<br>"));
        }
        out.push_str("</tbody></table></div>\n");
    }
}

fn or_none(plot: String) -> String {
    if plot.is_empty() { "<p class=\"soft\">none</p>".to_owned() } else { plot }
}

/// Most first; equal counts by name.
fn top(tallies: &HashMap<String, Tally>) -> Vec<(&String, &Tally)> {
    let mut order: Vec<_> = tallies.iter().collect();
    order.sort_by(|a, b| b.1.count.cmp(&a.1.count).then(a.0.cmp(b.0)));
    order
}

/// The month of a document: its `date`, else the first day that its text names.
fn month(record: &Record) -> String {
    let given = ["date", "published", "publish_date", "pubdate", "time"]
        .iter()
        .find_map(|name| record.meta.get(*name).and_then(|value| value.as_str()));
    let read = || record.mentions.iter().find_map(|mention| mention.date.as_ref()?.from.as_deref());
    given.or_else(read).and_then(|date| date.get(..7)).unwrap_or("—").to_owned()
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A sum as it is spoken of: 1.5亿, 3000万.
fn money(sum: f64) -> String {
    let (size, unit) = if sum >= 1e8 {
        (sum / 1e8, "亿")
    } else if sum >= 1e4 {
        (sum / 1e4, "万")
    } else {
        (sum, "")
    };
    let text = format!("{size:.2}");
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
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
        let page = article(&record, source);
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;<span class=\"m k-PERSON\" id=\"m0\""), "{page}");
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'));
    }

    #[test]
    fn sums_are_spoken_of_in_wan_and_yi() {
        assert_eq!([money(1.5e9), money(3e7), money(12.5)], ["15亿", "3000万", "12.5"]);
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
