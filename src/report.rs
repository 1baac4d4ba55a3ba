//! A corpus at a glance, from its records: who is mentioned most, who with whom, sums and shares, and where it is said.

use crate::number::Decimal;
use crate::page::{Bar, KINDS, TAIL, bars, escape, grouped, short, titled};
use crate::record::{Record, RecordRelation};
use crate::view::counted;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// So many bars in a plot, and rows and columns in a table of pairs: more are not read.
const BARS: usize = 15;
const PAIRED: usize = 12;
/// So many places are named as evidence of one figure.
const EVIDENCE: usize = 8;

/// A corpus at a glance, gathered record by record.
#[derive(Default)]
pub struct Report {
    documents: usize,
    mentions: BTreeMap<String, usize>,
    people: HashMap<String, Tally>,
    orgs: HashMap<String, Tally>,
    /// Person and organisation in one document.
    pairs: HashMap<(String, String), Tally>,
    sums: BTreeMap<SumOf, Sum>,
    shares: Vec<Share>,
}

/// How often, and where.
#[derive(Default)]
struct Tally {
    count: usize,
    documents: Vec<String>,
}

/// What is added up: only what is said of one subject, in one measure, month and currency.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SumOf {
    subject: String,
    measure: String,
    month: String,
    currency: String,
}

#[derive(Default)]
struct Sum {
    /// Each amount once: news tells the same sum again and again.
    amounts: BTreeSet<Decimal>,
    figures: Vec<String>,
}

impl Sum {
    /// The total; none where it has more digits than can be counted exactly.
    fn total(&self) -> Option<Decimal> {
        self.amounts.iter().try_fold(Decimal::from(0), |total, amount| total.add(*amount))
    }
}

struct Share {
    label: String,
    shown: String,
    value: Decimal,
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
        let Some(value) = amount.value.as_ref().and_then(|value| value.parse::<Decimal>().ok()) else { return };
        let part = |name: &str| relation.parts.get(name).filter(|part| *part != "-").cloned().unwrap_or_default();
        let (subject, measure) = (part("subject"), part("measure"));
        let evidence = format!("{} {}–{}: {subject} {measure} {}", record.id, mention.start, mention.end, mention.text);
        if let Some(currency) = &amount.currency
            && !subject.is_empty()
        {
            let of = SumOf { subject, measure, month: month.to_owned(), currency: currency.clone() };
            let sum = self.sums.entry(of).or_default();
            sum.amounts.insert(value);
            sum.figures.push(evidence);
        } else if amount.unit.as_deref() == Some("percent") && value <= Decimal::from(100) {
            let label = format!("{subject} {measure}").trim().to_owned();
            self.shares.push(Share { label, shown: mention.text.clone(), value, evidence });
        }
    }

    /// The page.
    pub fn html(&self) -> String {
        let mut body = titled("The corpus at a glance");
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
            let _ = writeln!(body, "<section><h2>{title}</h2><div class=\"panel\">{}</div></section>", bars(list));
        }
        body.push_str("</div>\n");
        self.pairs(&mut body, &mut evidence);
        self.sums(&mut body, &mut evidence);
        self.shares(&mut body, &mut evidence);
        evidence.write(&mut body);
        body.push_str(TAIL);
        body
    }

    /// People and organisations of the pairs that are most frequent: every row and column has a square.
    fn paired(&self) -> (Vec<&String>, Vec<&String>) {
        let count = |tallies: &HashMap<String, Tally>, name: &String| tallies.get(name).map_or(0, |tally| tally.count);
        let mut order: Vec<_> = self.pairs.iter().collect();
        order.sort_by_key(|(pair, tally)| {
            let mentions = count(&self.people, &pair.0).min(count(&self.orgs, &pair.1));
            (std::cmp::Reverse((tally.count, mentions)), *pair)
        });
        let (mut people, mut orgs): (Vec<&String>, Vec<&String>) = (Vec::new(), Vec::new());
        for ((person, org), _) in order {
            let room = |names: &[&String], name| names.contains(&name) || names.len() < PAIRED;
            if room(&people, person) && room(&orgs, org) {
                for (names, name) in [(&mut people, person), (&mut orgs, org)] {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        (people, orgs)
    }

    /// Who appears with whom: people down, organisations across, a square for each pair.
    fn pairs(&self, body: &mut String, evidence: &mut Evidence) {
        let (people, orgs) = self.paired();
        if people.is_empty() {
            return;
        }
        let most = people
            .iter()
            .flat_map(|person| orgs.iter().filter_map(|org| self.pairs.get(&((*person).clone(), (*org).clone()))))
            .map(|tally| tally.count)
            .max()
            .unwrap_or(1);
        let (left, head, cell) = (180, 150, 58);
        let (width, height) = (left + orgs.len() * cell + 60, head + people.len() * 30 + 6);
        let _ = write!(
            body,
            "<h2>Who appears with whom</h2>\n<div class=\"panel wide\" tabindex=\"0\" role=\"region\" \
             aria-label=\"Who appears with whom\"><svg class=\"matrix\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"group\" \
             aria-label=\"People and organisations in the same documents\">"
        );
        for (x, org) in orgs.iter().enumerate() {
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
            for (x, org) in orgs.iter().enumerate() {
                let Some(tally) = self.pairs.get(&((*person).clone(), (*org).clone())) else { continue };
                // Area says how often: the side grows with the root.
                let side = 6.0 + 18.0 * (tally.count as f64 / most as f64).sqrt();
                let title = format!("{person} · {org}: {}", counted(tally.count, "document", "documents"));
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
            "<h2>Sums by subject and month</h2>\n<p class=\"soft\">What texts of one month say of one subject in one measure \
             and currency, added up; the same amount told again counts once.</p>\n<div class=\"panel wide\"><table><thead><tr>\
             <th>Subject</th><th>Measure</th><th>Month</th><th class=\"n\">Sum</th><th class=\"n\">Figures</th></tr>\
             </thead><tbody>\n",
        );
        let mut weight: BTreeMap<&str, usize> = BTreeMap::new();
        for (of, sum) in &self.sums {
            *weight.entry(&of.subject).or_default() += sum.figures.len();
        }
        let mut subjects: Vec<(&str, usize)> = weight.into_iter().collect();
        subjects.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        subjects.truncate(BARS);
        for (wanted, _) in subjects {
            for (of, sum) in self.sums.iter().filter(|(of, _)| of.subject == wanted) {
                let SumOf { subject, measure, month, currency } = of;
                let figures: Vec<String> = sum.figures.iter().take(EVIDENCE).cloned().collect();
                let what = format!("{subject} {measure} {month} {currency}");
                let link = evidence.link(&what, &figures);
                let total = sum.total().map_or_else(|| "?".to_owned(), spoken);
                let exact = sum.total().map_or_else(String::new, |total| grouped(&total.to_string()));
                let _ = writeln!(
                    body,
                    "<tr><td>{}</td><td>{}</td><td class=\"d\">{}</td><td class=\"n\"><a href=\"{link}\" title=\"{exact}\">{total}</a> {}</td>\
                     <td class=\"n\">{}</td></tr>",
                    escape(subject),
                    escape(measure),
                    escape(month),
                    escape(currency),
                    sum.figures.len()
                );
            }
        }
        body.push_str("</tbody></table></div>\n");
    }

    fn shares(&self, body: &mut String, evidence: &mut Evidence) {
        let mut shares: Vec<&Share> = self.shares.iter().collect();
        shares.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.evidence.cmp(&b.evidence)));
        shares.dedup_by(|a, b| a.label == b.label && a.shown == b.shown);
        let list: Vec<Bar> = shares
            .into_iter()
            .take(BARS)
            .map(|share| Bar {
                label: share.label.clone(),
                shown: share.shown.clone(),
                size: share.value.to_string().parse().unwrap_or_default(),
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
        .filter_map(|name| record.meta.get(*name).and_then(|value| value.as_str()))
        .find_map(month_of);
    let read = || record.mentions.iter().find_map(|mention| month_of(mention.date.as_ref()?.from.as_deref()?));
    given.or_else(read).unwrap_or_else(|| "—".to_owned())
}

/// `2026-09` of `2026/09/17 08:00`.
fn month_of(date: &str) -> Option<String> {
    let head = date.get(..7)?.replace(['/', '.'], "-");
    let is_month =
        head.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() });
    is_month.then_some(head)
}

fn thousands(number: usize) -> String {
    grouped(&number.to_string())
}

/// A sum as it is spoken of, cut to two digits behind the point: 1.5亿, 3000万.
fn spoken(sum: Decimal) -> String {
    let unit = [(8, "亿"), (4, "万")].into_iter().find(|(zeros, _)| sum >= Decimal::from(10_u64.pow(*zeros)));
    let (zeros, unit) = unit.unwrap_or((0, ""));
    let text = sum.shift(-(zeros as i32)).unwrap_or(sum).to_string();
    let end = text.find('.').map_or(text.len(), |point| text.len().min(point + 3));
    let text = text[..end].trim_end_matches(|c| c == '0' && text.contains('.'));
    format!("{}{unit}", grouped(text.trim_end_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_spoken_of_in_wan_and_yi() {
        let spoken = |number: &str| spoken(number.parse().unwrap());
        assert_eq!(
            ["1500000000", "30000000", "12.5", "100", "123456789012.3"].map(spoken),
            ["15亿", "3,000万", "12.5", "100", "1,234.56亿"]
        );
        assert_eq!(month_of("2026/09/17 08:00").as_deref(), Some("2026-09"));
        assert_eq!(month_of("1758067200"), None);
    }

    #[test]
    fn only_like_is_added_to_like() {
        let tiqu = crate::Tiqu::new().unwrap();
        let mut report = Report::default();
        for text in ["英伟达营收5亿美元。", "英伟达营收5亿美元。", "英伟达营收3亿元，英伟达估值9亿美元。"]
        {
            report.add(&tiqu.extract(text));
        }
        let sums: Vec<String> = report
            .sums
            .iter()
            .map(|(of, sum)| format!("{} {} {}", of.measure, of.currency, spoken(sum.total().unwrap())))
            .collect();
        assert_eq!(sums, ["估值 USD 9亿", "营收 CNY 3亿", "营收 USD 5亿"]);
    }
}
