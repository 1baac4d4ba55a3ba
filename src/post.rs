//! An office as a text names it, and whose it is: `北京协和医院前院长` is the office 院长 of 北京协和医院, no longer held.
//!
//! The organisation of a title stands directly before it, but for the name of a department; else 公司 and 其 are followed
//! to theirs, and the offices that every company has (首席财务官, 董事长) belong to the organisation that the sentence,
//! the passage or the document is about. Other bare titles have none.

use crate::antecedent::{between, lead_in};
use crate::clause::{Clause, Scene};
use crate::mention::Kind;
use crate::statement::{Class, Office};
use crate::text::Span;

/// A title, or several side by side, with what belongs to them.
pub(crate) struct Post {
    pub titles: Vec<usize>,
    pub org: Option<u32>,
    /// Whether the organisation stands with the title.
    pub named: bool,
    /// Where the whole begins: at the organisation, or its 前 or 原.
    pub start: usize,
    pub end: usize,
    pub former: bool,
    /// 驻日本大使: of whom it is, nobody says.
    pub abroad: bool,
}

/// The titles that stand together from this one on, and what stands before them.
pub(crate) fn post(scene: &Scene, first: usize) -> Post {
    let mut titles = vec![first];
    while let Some(next) = scene.mentions.get(titles[titles.len() - 1] + 1)
        && next.kind == Kind::Title
        && matches!(
            between(scene, titles[titles.len() - 1]).trim(),
            "" | "兼" | "、" | "和" | "与" | "及" | "/" | "暨" | "兼任" | "以及"
        )
    {
        titles.push(titles[titles.len() - 1] + 1);
    }
    let mut start = scene.mentions[first].span.start();
    let end = scene.mentions[titles[titles.len() - 1]].span.end();
    let shadow = scene.text.shadow();
    let mut near = shadow[..start].trim_end_matches(' ');
    // 云帆科技前研究员: the mark stands between the organisation and the title.
    let former_title = former(&shadow[..start]);
    if former_title {
        near = &near[..near.len() - former_mark(near)];
    }
    let unmarked = near.len();
    for word in ["派来的", "委派的", "的", "旗下", "》"] {
        near = near.strip_suffix(word).unwrap_or(near);
    }
    let mut org = None;
    let elected = || {
        let last = first.checked_sub(1)?;
        let place = if scene.mentions[last].kind == Kind::Date { last.checked_sub(1)? } else { last };
        let at = scene.mentions[first].span.start();
        let gap = scene.read(Span::new(scene.mentions[place].span.end().min(at), at));
        let title = scene.read(scene.mentions[titles[0]].span);
        let fits = scene.mentions[place].kind == Kind::Loc && gap.ends_with('的') && gap.chars().count() <= 12;
        let national = scene.tables.context.national.close(title).is_some();
        (fits && national && !gap.contains(['，', '、'])).then_some(place)
    };
    let place = scene.mention_before(unmarked).filter(|&m| matches!(scene.mentions[m].kind, Kind::Loc | Kind::Org));
    let abroad = place.is_some_and(|m| shadow[..scene.mentions[m].span.start()].ends_with('驻'));
    if let Some(mention) = scene.mention_before(near.len()).or_else(|| department(scene, first, unmarked))
        && (scene.mentions[mention].kind == Kind::Org
            || (scene.mentions[mention].kind == Kind::Loc
                && is_local(scene, scene.read(scene.mentions[titles[0]].span))
                && near.len() == unmarked))
    {
        org = scene.entity_of[mention];
        start = scene.mentions[mention].span.start();
        // 驻日本大使 is no office of Japan's; 出身启明电子的总经理 is one of another company.
        if ["驻", "出身", "毕业于"].iter().any(|word| shadow[..start].ends_with(word)) {
            org = None;
        }
    }
    if let Some(place) = elected().filter(|_| org.is_none()) {
        org = scene.entity_of[place];
        start = scene.mentions[place].span.start();
    }
    let is_former = former(&shadow[..start]);
    let mark = is_former || former_title;
    if is_former {
        start -= former_mark(&shadow[..start]);
    }
    Post { titles, named: org.is_some(), org, start, end, former: mark, abroad }
}

/// How long the 前 or 原 is that closes a text, in bytes.
fn former_mark(before: &str) -> usize {
    let marks = ["前任", "原任", "时任", "已故", "前", "原"];
    marks.iter().find(|mark| before.ends_with(**mark)).map_or(0, |mark| mark.len())
}

/// The organisation in front of an unnamed part of it: 云帆科技自动驾驶部门负责人, 江州大学经济学院的教授.
pub(crate) fn department(scene: &Scene, title: usize, at: usize) -> Option<usize> {
    let clause = scene.clause_of[title];
    let near = (0..title).rev().take(4).take_while(|&m| scene.clause_of[m] == clause);
    let org = near.into_iter().find(|&m| !matches!(scene.mentions[m].kind, Kind::Loc | Kind::Product | Kind::Title))?;
    let end = scene.mentions[org].span.end();
    if scene.mentions[org].kind != Kind::Org || end >= at {
        return None;
    }
    let gap = scene.read(Span::new(end, at));
    let part = gap.chars().count() <= 14 && gap.chars().all(|c| c.is_alphanumeric() || "·《》“”-".contains(c));
    let verb = scene.trigger_in(&scene.moves, Span::new(end, at), Class::MAX);
    (part && verb.is_none() && !scene.tables.context.divides.inside(gap)).then_some(org)
}

/// Whether what comes next is said to be no longer so: 前, 原, 时任, 已故, but not 目前 or 此前.
pub(crate) fn former(before: &str) -> bool {
    if ["原", "时任", "已故"].iter().any(|word| before.ends_with(word)) {
        return true;
    }
    let Some(rest) = before.strip_suffix("前任").or_else(|| before.strip_suffix('前')) else { return false };
    !rest.ends_with([
        '目', '此', '之', '以', '日', '提', '当', '年', '月', '周', '天', '会', '赛', '午', '先', '眼', '面', '跟',
        '空', '向',
    ])
}

/// Whether the office can be a place's: 副县长, 财政部长.
fn is_local(scene: &Scene, title: &str) -> bool {
    scene.tables.context.local.close(title).is_some()
}

/// What stands near an office of which nobody says whose it is.
pub(crate) struct Near {
    /// The organisation of the office named before in the sentence.
    pub recent: Option<u32>,
    /// The country or the town of one named before in the paragraph: 法国总理杜兰辞职，国防部长贝尔接任.
    pub place: Option<u32>,
    /// The company that the document names most, or with which its title begins.
    pub company: Option<u32>,
    /// The place that the document names most.
    pub country: Option<u32>,
}

impl Near {
    /// What the document as a whole tells.
    pub fn new(scene: &Scene) -> Self {
        let company = most_named(scene, |id| scene.kind(id) == Kind::Org && !is_body(scene, id), 3);
        let headline = || headline(scene).filter(|&org| !is_body(scene, org));
        let country = scene.lead(Kind::Loc).or_else(|| most_named(scene, |id| scene.kind(id) == Kind::Loc, 2));
        Self { recent: None, place: None, company: headline().or(company), country }
    }
}

/// The entity that is named most often, where it is named often enough.
fn most_named(scene: &Scene, fits: impl Fn(u32) -> bool, least: usize) -> Option<u32> {
    let ids = (0..scene.entities.len() as u32).filter(|&id| fits(id));
    let count = |id: u32| scene.entities[id as usize].mentions.len();
    let best = ids.clone().max_by_key(|&id| (count(id), std::cmp::Reverse(id)))?;
    let second = ids.filter(|&id| id != best).map(count).max().unwrap_or(0);
    (count(best) >= least && count(best) * 2 >= second * 3).then_some(best)
}

/// Whether an organisation is a public body and no company.
fn is_body(scene: &Scene, org: u32) -> bool {
    let name = &*scene.entities[org as usize].name;
    let club = ["俱乐部", "事业部"].iter().any(|end| name.ends_with(end));
    scene.is_authority(org) || (!club && scene.tables.context.body.close(name).is_some())
}

/// Whose office it is, and whether the text says so.
pub(crate) fn owner(scene: &Scene, post: &Post, title: usize, office: Office, near: &Near) -> (Option<u32>, bool) {
    if post.org.is_some() {
        return (post.org, true);
    }
    let clause = &scene.clauses[scene.clause_of[title]];
    let before = scene.text.shadow()[..post.start].trim_end_matches("的");
    // 评委会主席
    let named = scene.tables.context.company.close(before).is_some();
    let committee = before.ends_with(['会', '组'])
        && !named
        && !["董事会", "监事会", "工会"].iter().any(|word| before.ends_with(word));
    if post.abroad || committee || unnamed_company(scene, post) {
        return (None, true);
    }
    let alike = scene.tables.context.alike.close(before).map(|rest| &before[rest.len()..]);
    if let Some(org) = alike.and_then(|word| scene.alike(word, post.start)) {
        return (Some(org), false);
    }
    if let Some(rest) = scene.tables.context.institution.close(before) {
        // 合作社的电商主管
        let word = &before[rest.len()..];
        let end = scene.mentions.partition_point(|mention| mention.span.start() < post.start);
        let orgs = (0..end).rev().take(30).filter(|&m| scene.mentions[m].kind == Kind::Org);
        let same = orgs.filter_map(|m| scene.entity_of[m]).find(|&id| scene.entities[id as usize].name.ends_with(word));
        if same.is_some() {
            return (same, false);
        }
    }
    if scene.tables.context.company.close(before).is_some() {
        return (clause.org, false);
    }
    if before.ends_with('其') {
        let before = scene.clauses[..scene.clause_of[title]].last();
        return (before.filter(|c| c.paragraph == clause.paragraph).and_then(|c| c.org).or(clause.org), false);
    }
    if let Some(seat) = seat(scene, scene.read(scene.mentions[title].span), post.start) {
        return (Some(seat), false);
    }
    if office.judicial {
        return (scene.court, false);
    }
    let first = scene.clauses.partition_point(|other| other.sentence < clause.sentence);
    let sentence = scene.clauses[first].span.start();
    let local = scene
        .mentions_in(Span::new(sentence.min(post.start), post.start))
        .rev()
        .take(40)
        .find(|&m| scene.mentions[m].kind == Kind::Org && !taken(scene, m));
    // A guide whom a line names later is none of the body at its head.
    let head = heading(scene, clause).filter(|_| !office.other || list_item(scene, clause));
    if let Some(org) = head {
        return (Some(org), true);
    }
    if office.other {
        return (None, true);
    }
    let name = scene.read(scene.mentions[title].span);
    if scene.tables.context.national.close(name).is_some() {
        return (near.place.or(near.country).or(clause.org), false);
    }
    if let Some(place) = near.place.filter(|_| is_local(scene, scene.read(scene.mentions[title].span))) {
        return (Some(place), false);
    }
    if office.corporate || office == Office::default() {
        // A company's officer is none of a court's or a ministry's.
        // Where the document is about no organisation, the passage is about one.
        let nearest = || {
            let recent = near.recent.filter(|&org| scene.kind(org) == Kind::Org);
            passage_org(scene, clause, post.start).or(recent).or(clause.last_org)
        };
        let passage = if scene.main_org.is_none() { nearest() } else { introduced(scene, clause, post.start) };
        let org =
            sentence_org(scene, clause).or(passage).or(clause.org).or_else(|| local.and_then(|m| scene.entity_of[m]));
        let fits =
            |&org: &u32| !(scene.is_authority(org) || (office.corporate && !office.public && is_body(scene, org)));
        let org = org.filter(fits).or(scene.main_org.filter(fits));
        return (org.or(near.company.filter(|_| clause.paragraph > 0)), false);
    }
    if office.public {
        return (clause.org, false);
    }
    (None, true)
}

/// The organisation that the sentence before brings up: 走得最多的是云帆科技。联合创始人周恺….
fn introduced(scene: &Scene, clause: &Clause, at: usize) -> Option<u32> {
    let end = scene.mentions.partition_point(|mention| mention.span.start() < at);
    let near = (0..end).rev().take(12).take_while(|&m| {
        let other = &scene.clauses[scene.clause_of[m]];
        other.paragraph == clause.paragraph && other.sentence + 2 > clause.sentence
    });
    let org = near.into_iter().find(|&m| scene.mentions[m].kind == Kind::Org)?;
    let span = scene.mentions[org].span;
    let (before, behind) = (&scene.text.shadow()[..span.start()], &scene.text.shadow()[span.end()..]);
    scene.entity_of[org].filter(|_| before.ends_with('是') && behind.starts_with(['。', '，']))
}

/// The organisation that the paragraph has brought up last: 走得最多的是云帆科技。联合创始人周恺…
fn passage_org(scene: &Scene, clause: &Clause, at: usize) -> Option<u32> {
    let words = &scene.tables.context;
    let end = scene.mentions.partition_point(|mention| mention.span.start() < at);
    let here = (0..end).rev().take(30).take_while(|&m| scene.clauses[scene.clause_of[m]].paragraph == clause.paragraph);
    let found = here.into_iter().find(|&m| {
        let span = scene.mentions[m].span;
        let (before, behind) = (&scene.text.shadow()[..span.start()], &scene.text.shadow()[span.end()..]);
        scene.mentions[m].kind == Kind::Org
            && !titled(scene, m)
            && !scene.clauses[scene.clause_of[m]].bracket
            && words.governs.close(before).is_none()
            && words.passing.open(behind).is_none()
    })?;
    scene.entity_of[found]
}

/// Whether an organisation is that of another's office: 前云帆科技研究员周恺.
fn taken(scene: &Scene, org: usize) -> bool {
    let kind = |m: usize| scene.mentions.get(m).map(|mention| mention.kind);
    let named = kind(org + 1) == Some(Kind::Title) && kind(org + 2) == Some(Kind::Person);
    named && between(scene, org).is_empty() && between(scene, org + 1).is_empty()
}

/// Whether an organisation only says whose something is: 云帆科技CEO.
fn titled(scene: &Scene, org: usize) -> bool {
    scene.mentions.get(org + 1).is_some_and(|next| {
        let close = next.span.start() == scene.mentions[org].span.end();
        matches!(next.kind, Kind::Title | Kind::Org | Kind::Person | Kind::Loc) && close
    })
}

/// The organisation that the sentence is about.
fn sentence_org(scene: &Scene, clause: &Clause) -> Option<u32> {
    clause.topic.filter(|&topic| scene.kind(topic) == Kind::Org)
}

/// The organisation with which the title of the document begins.
fn headline(scene: &Scene) -> Option<u32> {
    let lead = scene.lead(Kind::Org)?;
    let first = *scene.entities[lead as usize].mentions.first()? as usize;
    (scene.clauses[scene.clause_of[first]].paragraph == 0).then_some(lead)
}

/// Whether a clause is the first behind the head of its line, or goes on in its list.
fn list_item(scene: &Scene, clause: &Clause) -> bool {
    let near = scene.text.shadow()[..clause.span.start()].trim_end_matches(' ');
    near.ends_with(['：', ':', '；', ';'])
}

/// The organisation at the head of a line: 云帆科技：CFO周恺离职.
fn heading(scene: &Scene, clause: &Clause) -> Option<u32> {
    let shadow = scene.text.shadow();
    // A line that goes on longer is about more than its head.
    let near = clause.span.start().saturating_sub(600);
    let lead = &shadow.as_bytes()[near..clause.span.start()];
    let line = match lead.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(at) => near + at + 1,
        None if near == 0 => 0,
        None => return None,
    };
    let first = scene.mentions_in(Span::new(line, clause.span.start().max(line))).next()?;
    let lead = scene.read(Span::new(line, scene.mentions[first].span.start()));
    let list = lead.chars().all(|c| !c.is_alphabetic());
    // 中国科学院自动化研究所“紫东太初”团队：
    let rest = scene
        .read(Span::new(scene.mentions[first].span.end(), clause.span.start().max(scene.mentions[first].span.end())));
    let head =
        rest.find(['：', ':']).is_some_and(|at| rest[..at].chars().count() <= 12 && !rest[..at].contains(['，', '。']));
    let head = head && !scene.asks(first);
    scene.entity_of[first].filter(|_| list && head && scene.mentions[first].kind == Kind::Org)
}

/// 某物流公司HR
pub(crate) fn unnamed_company(scene: &Scene, post: &Post) -> bool {
    let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
    let lead = scene.read(lead_in(scene, clause.span, post.start)).trim_end_matches("的");
    lead.ends_with("公司") && (lead.contains('某') || lead.contains("一家"))
}

/// The organisation of the kind that a bare office names: 镇长 is of the last 镇人民政府 of the paragraph or the document.
fn seat(scene: &Scene, title: &str, at: usize) -> Option<u32> {
    let ends = scene.tables.seats(title)?;
    let before = scene.mentions.partition_point(|mention| mention.span.end() <= at);
    (0..before).rev().take(40).filter(|&m| scene.mentions[m].kind == Kind::Org).find_map(|m| {
        let entity = scene.entity_of[m]?;
        let name = &*scene.entities[entity as usize].name;
        ends.iter().any(|end| name.ends_with(end)).then_some(entity)
    })
}
