//! Offices and moves: `原副总裁秦岭已于9月退休` is role(秦岭, 副总裁, …, former) and move(秦岭, left, …).
//!
//! [`HOLDERS`] says where the holder of a title is looked for, in order. The organisation of a title stands directly
//! before it; else 公司 and 其 are followed to theirs, and the offices that every company has (首席财务官, 董事长) belong
//! to the organisation that the paragraph or the document is about; other bare titles have none. The titles of those
//! who made the article (记者, 编辑) are no news.
//!
//! An office that begins or ends by this is a move too; the moves that verbs say are found in `movement`.

use crate::antecedent::{actor, antecedent, between, described, is_bare, is_object, persons_before, subject_in, tail};
use crate::clause::{Clause, Scene};
use crate::figure::name_part;
use crate::mention::Kind;
use crate::movement::{ALIKE, denied, doubtful, founders, movement, moves, stays};
use crate::statement::{Class, Confidence, Office, Relation, RelationKind, class};
use crate::text::Span;
use std::collections::HashMap;

/// A title, or several side by side, with what belongs to them.
struct Post {
    titles: Vec<usize>,
    org: Option<u32>,
    /// Whether the organisation stands with the title.
    named: bool,
    /// Where the whole begins: at the organisation, or its 前 or 原.
    start: usize,
    end: usize,
    former: bool,
    /// 驻日本大使: of whom it is, nobody says.
    abroad: bool,
}

/// Who holds a post, and what that says of it.
#[derive(Clone)]
struct Holding {
    persons: Vec<usize>,
    former: bool,
    /// joined, left, founded or appointed, where the holding is also a move.
    action: Option<&'static str>,
    confidence: Confidence,
    /// The organisation that stands with the holder instead: 江州大学刘维教授.
    org: Option<u32>,
}

/// Looks for the holder of a post in one place.
type Place = fn(&Scene, &Post) -> Option<Holding>;

/// Where the holder of a post is looked for, in order.
const HOLDERS: [Place; 7] = [
    behind,    // 英伟达CEO黄仁勋; 合伙人、前研究员吴清
    entrusted, // CEO由顾北辰兼任
    risen,     // 由厂长升任
    dismissed, // 免去阿迪力的林业厅副厅长职务; 辞去监事职务
    held,      // 现任公司首席技术官; 任命高山为副局长
    directly,  // 刘维教授
    appended,  // 贺程，跬步科技创始人
];

/// An office found, with how its organisation is known.
struct Draft {
    role: Relation,
    /// Whether the text says whose office it is.
    attached: bool,
    /// Whether it is one of an organisation that the article is not about.
    other: bool,
    /// Whether a verb says it: 任, 是.
    by_verb: bool,
    sentence: usize,
}

/// The offices and moves of a document.
pub(crate) fn roles_and_moves(scene: &Scene) -> Vec<Relation> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut said: Vec<Relation> = Vec::new();
    let mut next = 0;
    // The last holder with the organisation, for lists: 甲公司CTO张三、训练负责人李四.
    let mut before: Option<(usize, u32)> = None;
    // The last post held by a verb, for lists: 历任甲公司工程师、乙公司总监.
    let mut last: Option<(usize, Holding)> = None;
    while next < scene.mentions.len() {
        if scene.mentions[next].kind != Kind::Title {
            next += 1;
            continue;
        }
        let mut post = post(scene, next);
        next = post.titles.last().map_or(next, |&last| last) + 1;
        let goes_on = || last.as_ref().filter(|(end, holding)| continues(scene, &post, *end, holding)).map(|(_, h)| h.clone());
        let found = behind(scene, &post).or_else(goes_on).or_else(|| HOLDERS.iter().find_map(|place| place(scene, &post)));
        let Some(holding) = found else { continue };
        last = (scene.mentions[holding.persons[0]].span.start() < post.start).then(|| (post.end, holding.clone()));
        if post.org.is_none() && !post.abroad {
            let lead = scene.text.shadow()[..post.start].trim_end();
            let lead = ["、", "和", "以及", "与", "及"].iter().find_map(|word| lead.strip_suffix(word));
            let listed = lead.and_then(|lead| scene.mention_before(lead.len()));
            let same = before.filter(|&(person, _)| listed == Some(person));
            // A new office is one of the organisation that the sentence is about.
            let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
            let new = || {
                let office = scene.tables.office(scene.read(scene.mentions[post.titles[0]].span));
                let bare = !office.other && owner(scene, &post, post.titles[0], office, (None, None)).0.is_none();
                clause.org.filter(|_| holding.action == Some("appointed") && bare)
            };
            let career = || career(scene, &post, &holding, &drafts, clause.sentence);
            post.org = holding.org.or(same.map(|(_, org)| org)).or_else(career).or_else(new);
        }
        before = holding.persons.last().copied().zip(post.org);
        for &person in &holding.persons {
            let Some(holder) = scene.entity_of[person] else { continue };
            hold(scene, &post, &holding, (person, holder), &mut drafts, &mut said);
        }
    }
    let roles: Vec<(&Relation, bool)> = drafts.iter().map(|draft| (&draft.role, draft.attached)).collect();
    let known = said.len();
    let found = moves(scene, &roles, &said);
    said.extend(found.found);
    let done = (0..said.len()).filter(|n| n.checked_sub(known).is_none_or(|n| !found.planned.contains(&n)));
    let done = done.map(|n| (&said[n], n < known + found.said));
    let done: Vec<(&Relation, bool)> = done.filter(|(said, _)| said.part("action") == Some("left")).collect();
    settle(scene, &mut drafts, &done);
    name_founders(scene, &mut drafts, &said);
    outgrow(&mut drafts, &said);
    let roles: Vec<Relation> = drafts.into_iter().map(|draft| draft.role).collect();
    founders(scene, &roles, &mut said);
    let mut all = merge(roles);
    all.extend(once(said, |relation| {
        (relation.target("person"), relation.part("action").map(str::to_owned), relation.target("org"))
    }));
    all
}

/// Whether a post is the next in a list of posts of the same holder.
fn continues(scene: &Scene, post: &Post, end: usize, holding: &Holding) -> bool {
    let gap = scene.read(Span::new(end.min(post.start), post.start));
    let listed = matches!(gap.trim(), "、" | "和" | "以及" | "及" | "，兼" | "、兼");
    // 曾任甲公司工程师，乙公司总监: only posts that are over and said whose they are.
    listed || (matches!(gap.trim(), "，" | "；" | ",") && holding.former && post.named)
}

/// The organisation where the sentence has the holder: 2018年加入云帆科技，现任首席运营官.
fn career(scene: &Scene, post: &Post, holding: &Holding, drafts: &[Draft], sentence: usize) -> Option<u32> {
    let person = scene.entity_of[*holding.persons.first()?];
    // Only where the post stands behind its holder.
    let later = scene.mentions[holding.persons[0]].span.end() <= post.start;
    if !later || unnamed_company(scene, post) {
        return None;
    }
    joined_before(scene, post, person?).or_else(|| {
        let same = drafts.iter().rev().take(8).find(|draft| {
            let current = draft.role.part("status") == Some("current");
            draft.sentence == sentence && draft.role.target("person") == person && draft.attached && current
        });
        same?.role.target("org")
    })
}

/// Notes the offices and the move of one holder.
fn hold(
    scene: &Scene,
    post: &Post,
    holding: &Holding,
    (person, holder): (usize, u32),
    drafts: &mut Vec<Draft>,
    moves: &mut Vec<Relation>,
) {
    let span = scene.mentions[person].span;
    let evidence = Span::new(post.start.min(span.start()), post.end.max(span.end()));
    for &title in &post.titles {
        let office = scene.tables.office(scene.read(scene.mentions[title].span));
        if office.byline || (office.position && !post.named) {
            continue;
        }
        let sentence = scene.clauses[scene.clause_of[title]].sentence;
        let recent = drafts.last().filter(|draft| {
            draft.sentence == sentence && draft.role.part("status") == Some("current") && !draft.other
        });
        let recent = recent.and_then(|draft| draft.role.target("org"));
        let paragraph = scene.clauses[scene.clause_of[title]].paragraph;
        let here = |draft: &&Draft| scene.clauses[scene.clause_at(draft.role.evidence.start())].paragraph == paragraph;
        let place = drafts.last().filter(here).and_then(|draft| draft.role.target("org"));
        let place = place.filter(|&org| scene.kind(org) == Kind::Loc);
        let (org, sure) = owner(scene, post, title, office, (recent, place));
        let mut role = Relation::new(RelationKind::Role, evidence);
        name_part(scene, &mut role, "person", Some(holder));
        role.parts.push(("title", scene.text.surface(scene.mentions[title].span).to_owned()));
        name_part(scene, &mut role, "org", org);
        role.parts.push(("status", if post.former || holding.former { "former" } else { "current" }.to_owned()));
        role.confidence = if sure { holding.confidence } else { Confidence::Likely };
        drafts.push(Draft { role, attached: sure && org.is_some(), other: office.other || post.abroad, by_verb: span.end() <= post.start, sentence });
        if let Some(action) = holding.action {
            moves.extend(org.map(|org| movement(scene, (holder, action, org), evidence, holding.confidence)));
        }
    }
}

/// The titles that stand together from this one on, and what stands before them.
fn post(scene: &Scene, first: usize) -> Post {
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
    let place = scene.mention_before(unmarked).filter(|&m| matches!(scene.mentions[m].kind, Kind::Loc | Kind::Org));
    let abroad = place.is_some_and(|m| shadow[..scene.mentions[m].span.start()].ends_with('驻'));
    if let Some(mention) = scene.mention_before(near.len()).or_else(|| department(scene, first, unmarked))
        && (scene.mentions[mention].kind == Kind::Org
            || (scene.mentions[mention].kind == Kind::Loc
                && is_public(scene.read(scene.mentions[titles[0]].span))
                && near.len() == unmarked))
    {
        org = scene.entity_of[mention];
        start = scene.mentions[mention].span.start();
        // 驻日本大使 is no office of Japan's; 出身启明电子的总经理 is one of another company.
        if ["驻", "出身", "毕业于"].iter().any(|word| shadow[..start].ends_with(word)) {
            org = None;
        }
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
fn department(scene: &Scene, title: usize, at: usize) -> Option<usize> {
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
    (part && verb.is_none() && !gap.contains(BREAKS) && !BREAKING.iter().any(|word| gap.contains(word))).then_some(org)
}

/// Characters that do not stand inside the name of a department.
const BREAKS: [char; 38] = [
    '在', '向', '对', '把', '被', '与', '和', '及', '由', '从', '自', '为', '是', '说', '称', '任', '了', '将', '已',
    '曾', '也', '都', '就', '又', '再', '让', '使', '给', '因', '而', '但', '后', '前', '某', '当', '做', '兼', '出',
];

/// Words that do not stand there.
const BREAKING: [&str; 9] = ["宣布", "公告", "公司", "披露", "显示", "报道", "同时", "投资", "聘"];

/// Whether what comes next is said to be no longer so: 前, 原, 时任, 已故, but not 目前 or 此前.
fn former(before: &str) -> bool {
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
fn is_public(title: &str) -> bool {
    [
        "长",
        "书记",
        "总统",
        "总理",
        "首相",
        "主席",
        "国王",
        "发言人",
        "议员",
        "大臣",
        "特首",
        "州长",
        "专员",
        "代表",
        "参赞",
        "主任",
    ]
    .iter()
    .any(|end| title.ends_with(end))
}

/// Whose office it is.
///
/// `recent` is the organisation of the office named before in the sentence, `place` the country or the town of one named
/// before in the paragraph: 法国总理杜兰辞职，国防部长贝尔接任.
fn owner(
    scene: &Scene,
    post: &Post,
    title: usize,
    office: Office,
    (recent, place): (Option<u32>, Option<u32>),
) -> (Option<u32>, bool) {
    if post.org.is_some() {
        return (post.org, true);
    }
    let clause = &scene.clauses[scene.clause_of[title]];
    let before = scene.text.shadow()[..post.start].trim_end_matches("的");
    if post.abroad || unnamed_company(scene, post) {
        return (None, true);
    }
    if let Some(org) = ALIKE
        .into_iter()
        .find(|word| before.ends_with(word))
        .and_then(|word| scene.alike(word, post.start))
    {
        return (Some(org), false);
    }
    if ["公司", "集团", "该行", "本行", "该所", "协会", "该校", "俱乐部"].iter().any(|word| before.ends_with(word))
    {
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
        .find(|&m| scene.mentions[m].kind == Kind::Org);
    if let Some(org) = heading(scene, clause) {
        return (Some(org), true);
    }
    if office.other {
        return (None, true);
    }
    if let Some(place) = place.filter(|_| is_public(scene.read(scene.mentions[title].span))) {
        return (Some(place), false);
    }
    if office.corporate || office == Office::default() {
        // A company's officer is none of a court's or a ministry's.
        // Where the document is about no organisation, the passage is about one.
        let nearest = || {
            let recent = recent.filter(|&org| scene.kind(org) == Kind::Org);
            passage_org(scene, clause, post.start).or(recent).or(clause.last_org)
        };
        let passage = if scene.main_org.is_none() { nearest() } else { introduced(scene, clause, post.start) };
        let org = sentence_org(scene, clause).or(passage).or(clause.org).or_else(|| local.and_then(|m| scene.entity_of[m]));
        let org = org.filter(|&org| !scene.is_authority(org)).or(scene.main_org);
        return (org.or_else(|| headline(scene).filter(|_| clause.paragraph > 0)), false);
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
    const GOVERN: [&str; 12] = ["据", "由", "从", "向", "与", "和", "在", "被", "给", "《", "、", "获"];
    const BEHIND: [&str; 12] = ["等", "的", "》", "讯", "电", "报道", "消息", "领投", "、", "和", "与", "数据"];
    let end = scene.mentions.partition_point(|mention| mention.span.start() < at);
    let here = (0..end).rev().take(30).take_while(|&m| scene.clauses[scene.clause_of[m]].paragraph == clause.paragraph);
    let found = here.into_iter().find(|&m| {
        let span = scene.mentions[m].span;
        let (before, behind) = (&scene.text.shadow()[..span.start()], &scene.text.shadow()[span.end()..]);
        let titled = scene.mentions.get(m + 1).is_some_and(|next| {
            matches!(next.kind, Kind::Title | Kind::Org | Kind::Person | Kind::Loc) && next.span.start() == span.end()
        });
        scene.mentions[m].kind == Kind::Org
            && !titled
            && !scene.clauses[scene.clause_of[m]].bracket
            && !GOVERN.iter().any(|word| before.ends_with(word))
            && !BEHIND.iter().any(|word| behind.starts_with(word))
    })?;
    scene.entity_of[found]
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

/// The organisation at the head of a line: 云帆科技：CFO周恺离职.
fn heading(scene: &Scene, clause: &Clause) -> Option<u32> {
    let shadow = scene.text.shadow();
    let line = shadow[..clause.span.start()].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let first = scene.mentions_in(Span::new(line, clause.span.start().max(line))).next()?;
    let lead = scene.read(Span::new(line, scene.mentions[first].span.start()));
    let list = lead.chars().all(|c| !c.is_alphabetic());
    // 中国科学院自动化研究所“紫东太初”团队：
    let rest = scene.read(Span::new(scene.mentions[first].span.end(), clause.span.start().max(scene.mentions[first].span.end())));
    let head = rest.find(['：', ':']).is_some_and(|at| rest[..at].chars().count() <= 12 && !rest[..at].contains(['，', '。']));
    let head = head && !scene.asks(first);
    scene.entity_of[first].filter(|_| list && head && scene.mentions[first].kind == Kind::Org)
}

/// 某物流公司HR
fn unnamed_company(scene: &Scene, post: &Post) -> bool {
    let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
    let lead = scene.read(Span::new(clause.span.start().min(post.start), post.start)).trim_end_matches("的");
    lead.ends_with("公司") && (lead.contains('某') || lead.contains("一家"))
}

/// Offices that name the kind of their organisation, and how the names of such organisations end.
const SEATS: [(&str, &[&str]); 13] = [
    ("镇长", &["镇人民政府", "镇政府"]),
    ("乡长", &["乡人民政府", "乡政府"]),
    ("县长", &["县人民政府", "县政府"]),
    ("区长", &["区人民政府", "区政府"]),
    ("市长", &["市人民政府", "市政府"]),
    ("省长", &["省人民政府", "省政府"]),
    ("局长", &["局"]),
    ("厅长", &["厅"]),
    ("校长", &["大学", "学院", "学校", "中学", "小学"]),
    ("行长", &["银行", "支行", "分行"]),
    ("馆长", &["馆"]),
    ("所长", &["所"]),
    ("台长", &["台"]),
];

/// The organisation of the kind that a bare office names: 镇长 is of the last 镇人民政府 of the paragraph or the document.
fn seat(scene: &Scene, title: &str, at: usize) -> Option<u32> {
    let (_, ends) = SEATS.iter().find(|(office, _)| title.ends_with(office))?;
    let before = scene.mentions.partition_point(|mention| mention.span.end() <= at);
    (0..before).rev().take(40).filter(|&m| scene.mentions[m].kind == Kind::Org).find_map(|m| {
        let entity = scene.entity_of[m]?;
        let name = &*scene.entities[entity as usize].name;
        ends.iter().any(|end| name.ends_with(end)).then_some(entity)
    })
}

/// 黄仁勋 behind his title; the holder of `合伙人、前云帆研究员吴清` is the same for both.
fn behind(scene: &Scene, post: &Post) -> Option<Holding> {
    let shadow = scene.text.shadow();
    let mut at = post.end;
    for _ in 0..4 {
        let direct = scene.mention_after(at);
        if let Some(person) = direct.filter(|&m| scene.mentions[m].kind == Kind::Person) {
            let mut persons = vec![person];
            while let Some(next) = scene.mentions.get(persons[persons.len() - 1] + 1)
                && next.kind == Kind::Person
                && matches!(between(scene, persons[persons.len() - 1]), "、" | "和" | "与" | " " | "\u{3000}")
                && scene.mentions.get(persons[persons.len() - 1] + 2).is_none_or(|m| m.kind != Kind::Title)
            {
                persons.push(persons[persons.len() - 1] + 1);
            }
            return Some(Holding { persons, former: false, action: None, confidence: Confidence::Certain, org: None });
        }
        let rest = &shadow[at..];
        let lead = ["、", "兼", "，兼", "：", "(", "（"].iter().find(|lead| rest.starts_with(**lead))?;
        at += lead.len();
        if matches!(*lead, "：") {
            continue;
        }
        if matches!(*lead, "(" | "（") {
            return None;
        }
        // The next post of the same person.
        let rest = &shadow[at..];
        let mark = ["前任", "前", "原", "时任"].iter().find(|mark| rest.starts_with(**mark)).map_or(0, |m| m.len());
        let mut next = scene.mention_after(at + mark)?;
        if scene.mentions[next].kind == Kind::Org && between(scene, next).is_empty() {
            next += 1;
        }
        if scene.mentions.get(next)?.kind != Kind::Title {
            return None;
        }
        while scene.mentions.get(next + 1).is_some_and(|m| m.kind == Kind::Title)
            && matches!(between(scene, next), "" | "兼" | "、" | "和" | "与" | "及" | "/")
        {
            next += 1;
        }
        at = scene.mentions[next].span.end();
    }
    None
}

/// 免去阿迪力的林业厅副厅长职务; 张三辞去首席财务官一职.
fn dismissed(scene: &Scene, post: &Post) -> Option<Holding> {
    let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
    let window = Span::new(clause.span.start().min(post.start), post.start);
    let behind = &scene.text.shadow()[post.end..];
    let duty = ["职务", "一职", "的职务", "职位", "之职", "的请求"].iter().any(|word| behind.starts_with(word));
    if let Some(left) = scene.last_trigger_in(&scene.moves, window, class!("left"))
        && scene.read(Span::new(left.span.end(), post.start)).chars().count() <= 24
    {
        if denied(scene, clause.span, left) {
            return None;
        }
        let inside =
            persons_before(scene, post.start - if scene.text.shadow()[..post.start].ends_with('的') { 3 } else { 0 });
        let persons = if inside.is_empty() { vec![actor(scene, left, clause.span)?] } else { inside };
        return Some(Holding {
            persons,
            former: true,
            action: (!stays(scene, post.end, clause.sentence)).then_some("left"),
            confidence: Confidence::Certain,
            org: None,
        });
    }
    let before = &scene.text.shadow()[..post.start];
    if duty && before.ends_with('的') {
        let persons = persons_before(scene, post.start - "的".len());
        if !persons.is_empty() {
            return Some(Holding {
                persons,
                former: true,
                action: Some("left"),
                confidence: Confidence::Likely,
                org: None,
            });
        }
    }
    None
}

/// CEO由顾北辰兼任; 董事长一职由总经理周恺接任
fn entrusted(scene: &Scene, post: &Post) -> Option<Holding> {
    let shadow = scene.text.shadow();
    let mut rest = &shadow[post.end..];
    for word in ["的", "一职", "职务", "职位", "人选", "将", "则", "暂", "拟", "改", "也", "已", "现"] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix('由')?;
    let mut next = scene.mention_after(shadow.len() - rest.len())?;
    while matches!(scene.mentions.get(next)?.kind, Kind::Org | Kind::Title) && matches!(between(scene, next), "" | "兼" | "、") {
        next += 1;
    }
    let person = Some(next).filter(|&m| scene.mentions[m].kind == Kind::Person)?;
    let span = scene.mentions[person].span;
    let verb = scene.trigger_in(&scene.roles, Span::new(span.end(), shadow.len()), class!("hold"))?;
    let gap = scene.read(Span::new(span.end(), verb.span.start()));
    (gap.len() <= 18 && !gap.contains(['，', '。'])).then_some(Holding {
        persons: vec![person],
        former: false,
        action: Some("appointed"),
        confidence: Confidence::Certain,
        org: None,
    })
}

/// 罗振邦由工厂厂长升任
fn risen(scene: &Scene, post: &Post) -> Option<Holding> {
    const RISES: [&str; 9] = ["升任", "晋升", "转任", "调任", "改任", "升为", "岗位", "任上", "一职升"];
    let rest = &scene.text.shadow()[post.end..];
    let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
    let lead = scene.read(Span::new(clause.span.start().min(post.start), post.start));
    let from = lead.rfind(['由', '从']).filter(|&at| lead[at..].chars().count() <= 9)?;
    if !RISES.iter().any(|word| rest.starts_with(word)) {
        return None;
    }
    let front = Span::new(clause.span.start().min(post.start), clause.span.start().min(post.start) + from);
    let person = subject_in(scene, front).or_else(|| {
        let person = antecedent(scene, front.start(), clause.paragraph)?;
        is_bare(scene, front, clause.sentence).then_some(person)
    });
    Some(Holding {
        persons: vec![person?],
        former: true,
        action: None,
        confidence: Confidence::Certain,
        org: None,
    })
}

/// Verbs that say that an office begins.
const BEGIN: [&str; 32] = [
    "任命", "聘任", "出任", "升任", "接任", "当选", "获任", "调任", "转任", "受聘", "聘", "委任", "晋升", "新任",
    "就任", "提拔", "延揽", "选举", "核准", "获聘", "拟任", "履新", "补选", "推选", "增补", "推举", "代理", "到任",
    "接掌", "执掌", "接过", "获选",
];

/// 曾任毕马威审计经理; 任命高山为副局长; 现任公司首席技术官.
fn held(scene: &Scene, post: &Post) -> Option<Holding> {
    let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
    let window = Span::new(clause.span.start().min(post.start), post.start);
    let verb = scene.last_trigger_in(&scene.roles, window, class!("hold"));
    let lead = scene.read(window);
    // 为 and 任 are often part of a longer word of the segmenter's.
    let bare = ["当过", "做过", "任过", "为", "任", "是", "兼", "当", "做"].iter().find(|word| lead.ends_with(**word));
    let (at, word) = match (verb, bare) {
        (Some(verb), _) if scene.read(Span::new(verb.span.end(), post.start)).chars().count() <= 14 => {
            (verb.span.start(), scene.read(verb.span))
        }
        (_, Some(bare)) => (post.start - bare.len(), *bare),
        // 历任首席风险官、副行长 over a list that the clause border cut.
        _ => return None,
    };
    let front = Span::new(window.start(), at);
    // 贺程接替周恺出任…
    let mut persons: Vec<usize> = persons_before(scene, at).into_iter().filter(|&m| !is_object(scene, m)).collect();
    let within = persons.last().copied().or_else(|| subject_in(scene, front));
    // 曾在启明电子任职的周恺如今是: what describes the holder says nothing of the post.
    let lead = match within.map(|m| phrase(scene, front, m)) {
        Some((start, end)) if scene.read(Span::new(front.start(), start)).ends_with(['的', '来', '了']) => {
            scene.read(Span::new(end.min(at), at))
        }
        _ => scene.read(front),
    };
    let started = BEGIN.iter().any(|begin| word.contains(begin) || lead.contains(begin));
    let decided = word == "为" && decision(scene, at) == Some("appointed");
    let past = !started && (post.former || is_past(scene, lead, word, front));
    if lead.ends_with(['不', '未', '非'])
        || (!started && word == "为" && !decided && !past && persons.is_empty())
    {
        return None;
    }
    if persons.is_empty() {
        let before = || {
            let person = antecedent(scene, clause.span.start(), clause.paragraph)?;
            // 高山任副局长: another subject, though nobody knows it for a name.
            let pronoun = lead.trim_start().starts_with(['他', '她']);
            (pronoun || is_bare(scene, front, clause.sentence)).then_some(person)
        };
        // 曾任云帆科技CEO的马岚
        persons = vec![within.or_else(|| described(scene, post.end)).or_else(before)?];
    }
    // 在毕马威任审计经理
    let seat = scene.mention_before(at).filter(|&m| scene.mentions[m].kind == Kind::Org);
    let seated = seat.is_some_and(|m| scene.text.shadow()[..scene.mentions[m].span.start()].ends_with('在'));
    // 注册云帆科技，任法定代表人
    let own = founded_before(scene, post);
    let appointed = started || decided || (word == "任" && !past && !seated && !current);
    let seat = seat.filter(|_| post.org.is_none()).and_then(|m| scene.entity_of[m]);
    // 获云帆科技聘为首席顾问
    let by = || {
        let org = scene.mentions_in(front).rev().find(|&m| scene.mentions[m].kind == Kind::Org)?;
        let lead = &scene.text.shadow()[..scene.mentions[org].span.start()];
        scene.entity_of[org].filter(|_| lead.ends_with(['获', '被', '受']))
    };
    if doubtful(lead) {
        return None;
    }
    Some(Holding {
        persons,
        former: past,
        action: (appointed && !own).then_some("appointed"),
        confidence: if lead.trim().is_empty() { Confidence::Likely } else { Confidence::Certain },
        org: seat.or_else(by),
    })
}

/// Whether the holder has founded the organisation in the clause before.
fn founded_before(scene: &Scene, post: &Post) -> bool {
    let index = scene.clause_of[post.titles[0]];
    let before = index.checked_sub(1).map(|before| &scene.clauses[before]);
    before.is_some_and(|before| {
        let same = before.sentence == scene.clauses[index].sentence;
        same && scene.trigger_in(&scene.moves, before.span, class!("founded")).is_some()
    })
}

/// Where a name with its titles begins and ends, inside a span.
fn phrase(scene: &Scene, span: Span, person: usize) -> (usize, usize) {
    let mut first = person;
    while let Some(before) = first.checked_sub(1)
        && matches!(scene.mentions[before].kind, Kind::Title | Kind::Org)
        && scene.mentions[before].span.start() >= span.start()
        && matches!(between(scene, before), "" | "前" | "原")
    {
        first = before;
    }
    (scene.mentions[first].span.start(), scene.mentions[person].span.end())
}

/// Whether what is held was so at another time: 曾, 创立前, 2015年至2018年.
fn is_past(scene: &Scene, lead: &str, word: &str, front: Span) -> bool {
    const PAST: [&str; 16] = [
        "曾", "历任", "此前", "以前", "早年", "更早", "再早", "先后", "之前", "年轻时", "当时", "一度", "原先", "从前",
        "过去", "原本",
    ];
    const NOW: [&str; 6] = ["现", "如今", "目前", "至今", "仍", "起"];
    let marked = PAST.iter().any(|mark| lead.contains(mark) || word.contains(mark)) || word.ends_with('过') || word.starts_with('原') || lead.ends_with('原');
    // 创立前, 退休前, but not 目前 or 日前; 在加入云帆科技之前，….
    let before = lead.char_indices().any(|(at, c)| c == '前' && former(&lead[..at + c.len_utf8()]));
    let index = scene.clause_at(front.start());
    let setting = index.checked_sub(1).map(|before| &scene.clauses[before]);
    let setting = setting.filter(|before| before.sentence == scene.clauses[index].sentence);
    let before = before || setting.is_some_and(|setting| {
        let text = scene.read(setting.span).trim_end();
        text.ends_with("之前") || (former(text) && text.ends_with('前'))
    });
    let period = {
        let mut dates = scene.mentions_in(front).filter(|&m| scene.mentions[m].kind == Kind::Date);
        dates.any(|m| {
            let date = scene.read(scene.mentions[m].span);
            let to = |text: &str| text.contains(['至', '到', '-', '—', '–', '~']);
            let joined = scene.mentions.get(m + 1).is_some_and(|next| next.kind == Kind::Date && to(between(scene, m)));
            joined || (date.contains('年') && to(date))
        })
    };
    (marked || before || period) && !NOW.iter().any(|now| tail(lead, 6).contains(now))
}

/// 2019年加入该行，历任首席风险官: the organisation that a clause before says was joined.
fn joined_before(scene: &Scene, post: &Post, person: u32) -> Option<u32> {
    let index = scene.clause_of[post.titles[0]];
    let sentence = scene.clauses[index].sentence;
    let near = scene.clauses[..index].iter().rev().take(2).take_while(|clause| clause.sentence == sentence);
    near.into_iter().find_map(|clause| {
        let mut persons = scene.mentions_in(clause.span).filter(|&m| scene.mentions[m].kind == Kind::Person).peekable();
        if persons.peek().is_some() && !persons.any(|m| scene.entity_of[m] == Some(person)) {
            return None;
        }
        let verb = scene.trigger_in(&scene.moves, clause.span, class!("joined") | class!("founded"))?;
        let behind = Span::new(verb.span.end(), clause.span.end().max(verb.span.end()));
        let org = scene.mentions_in(behind).find(|&m| scene.mentions[m].kind == Kind::Org);
        let alike = || {
            let word =
                ALIKE.into_iter().find(|word| scene.read(behind).starts_with(word))?;
            scene.alike(word, verb.span.start())
        };
        org.and_then(|m| scene.entity_of[m]).or_else(alike)
    })
}

/// The decision of an official notice under which a line stands: 任命：… or 免去：….
fn decision(scene: &Scene, at: usize) -> Option<&'static str> {
    let end = scene.moves.partition_point(|trigger| trigger.span.end() <= at);
    let last = scene.moves[..end].iter().rev().take(20).find(|t| t.class & class!("object") != 0)?;
    if at - last.span.end() > 900 {
        return None;
    }
    if last.class & class!("appointed") != 0 {
        Some("appointed")
    } else if last.class & class!("left") != 0 {
        Some("left")
    } else {
        None
    }
}

/// 刘维教授
fn directly(scene: &Scene, post: &Post) -> Option<Holding> {
    let person = scene.mention_before(post.start).filter(|&m| scene.mentions[m].kind == Kind::Person)?;
    // 核准马岚北河银行行长的任职资格
    let start = scene.mentions[person].span.start();
    let front = Span::new(scene.clauses[scene.clause_of[person]].span.start().min(start), start);
    let verb = scene.last_trigger_in(&scene.moves, front, class!("appointed"));
    let named = verb.filter(|verb| verb.span.end() == start && post.named);
    let gap = scene.read(Span::new(scene.mentions[person].span.end(), post.start));
    if gap.contains(['，', '、', ',']) {
        return None;
    }
    let org = scene.mention_before(start).or_else(|| {
        // 江州大学经济学院的刘维教授
        department(scene, person, scene.text.shadow()[..start].strip_suffix('的')?.len())
    });
    let org = org.filter(|&m| scene.mentions[m].kind == Kind::Org).and_then(|m| scene.entity_of[m]);
    let action = named.map(|_| "appointed");
    Some(Holding { persons: vec![person], former: false, action, confidence: Confidence::Certain, org })
}

/// 贺程，跬步科技创始人兼CEO，前大疆工程师
fn appended(scene: &Scene, post: &Post) -> Option<Holding> {
    let before = scene.text.shadow()[..post.start].trim_end_matches(' ');
    let cut = before.strip_suffix(['，', ',', '(', '（', '：'])?;
    let rest = &scene.text.shadow()[post.end..];
    if !rest.is_empty() && !rest.starts_with(['，', ',', '。', '.', '）', ')', '；', '\n', '、', '\r']) {
        return None;
    }
    let named = || {
        // 周恺，1988年生，毕业于江州大学，云帆科技创始人: the sentence is about its first name.
        let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
        let first = scene.clauses.partition_point(|other| other.sentence < clause.sentence);
        let first = scene.mention_after(scene.clauses[first].span.start())?;
        let alone = post.named && scene.read(clause.span).trim().len() <= post.end - post.start;
        let behind = &scene.text.shadow()[scene.mentions[first].span.end()..];
        (alone && scene.mentions[first].kind == Kind::Person && behind.starts_with(['，', ',', '（'])).then_some(first)
    };
    let Some(last) = scene.mention_before(cut.len()) else {
        let persons = vec![named()?];
        return Some(Holding { persons, former: false, action: None, confidence: Confidence::Likely, org: None });
    };
    let person = match scene.mentions[last].kind {
        Kind::Person => last,
        // The post before of the same person.
        Kind::Title => {
            let clause = scene.clause_of[last];
            let span = scene.clauses[clause].span;
            let lead = scene.text.shadow()[..span.start()].strip_suffix(['，', ','])?;
            scene.mention_before(lead.len()).filter(|&m| scene.mentions[m].kind == Kind::Person)?
        }
        Kind::Org | Kind::Loc | Kind::Date => named()?,
        _ => return None,
    };
    Some(Holding { persons: vec![person], former: false, action: None, confidence: Confidence::Likely, org: None })
}

/// A person who has left an organisation no longer holds the office that the text gives them there; an office of
/// which nobody says whose it is is one where its holder left (制作人林知夏离开拾光游戏). Who founded it stays its founder.
///
/// `left` are the moves, and whether a verb says them: who comes 从高盛 has his office elsewhere.
fn settle(scene: &Scene, drafts: &mut [Draft], left: &[(&Relation, bool)]) {
    let mut gone: HashMap<u32, Vec<(&Relation, bool)>> = HashMap::new();
    for &(relation, said) in left {
        if let Some(person) = relation.target("person") {
            gone.entry(person).or_default().push((relation, said));
        }
    }
    for draft in drafts {
        let Some(moves) = draft.role.target("person").and_then(|person| gone.get(&person)) else { continue };
        let moves = &moves[..moves.len().min(16)];
        let founder = is_founder(&draft.role);
        let org = draft.role.target("org");
        let mut former = moves.iter().any(|(relation, _)| relation.target("org") == org) && !founder;
        let same = moves.first().and_then(|(first, _)| first.target("org"));
        let one = same.filter(|_| moves.iter().all(|(relation, _)| relation.target("org") == same));
        // The office stands in the sentence that says that its holder left.
        let near = moves.iter().any(|(relation, said)| {
            let clause = scene.clause_at(relation.evidence.start());
            *said && scene.clauses[clause].sentence == draft.sentence
        });
        if let Some(org) = one
            && !draft.attached
            && !draft.other
            && (near || draft.role.part("status") == Some("former"))
        {
            set_org(scene, &mut draft.role, org);
            former |= near && !founder;
        }
        if former {
            retire(&mut draft.role);
        }
    }
}

/// Who has gone elsewhere later in the sentence no longer holds what he held: 2014年起在甲公司任研究员，2019年加入乙公司.
fn outgrow(drafts: &mut [Draft], said: &[Relation]) {
    let joined = || said.iter().filter(|said| said.part("action") == Some("joined"));
    if joined().next().is_none() {
        return;
    }
    let mut latest: HashMap<u32, &Relation> = HashMap::new();
    for relation in joined() {
        if let Some(person) = relation.target("person") {
            latest.insert(person, relation);
        }
    }
    for draft in drafts.iter_mut().filter(|draft| draft.attached && draft.by_verb) {
        let later = draft.role.target("person").and_then(|person| latest.get(&person));
        let later = later.filter(|later| later.target("org") != draft.role.target("org"));
        let gap = later.and_then(|later| later.evidence.start().checked_sub(draft.role.evidence.end()));
        if gap.is_some_and(|gap| gap < 120) {
            retire(&mut draft.role);
        }
    }
}

fn retire(role: &mut Relation) {
    if let Some(status) = role.parts.iter_mut().find(|(part, _)| *part == "status") {
        status.1 = "former".to_owned();
    }
}

/// A founder of whom nobody says what he founded has founded what the text says elsewhere.
fn name_founders(scene: &Scene, drafts: &mut [Draft], said: &[Relation]) {
    for draft in drafts.iter_mut().filter(|draft| !draft.attached) {
        let person = draft.role.target("person");
        let mut founded = said.iter().filter(|said| said.part("action") == Some("founded"));
        let Some(own) = founded.find(|said| said.target("person") == person) else { continue };
        // 理事长田富返乡创办…
        let here = || scene.clauses[scene.clause_at(own.evidence.start())].sentence == draft.sentence;
        if let Some(org) = own.target("org").filter(|_| {
            is_founder(&draft.role) || (draft.role.target("org").is_none() && !draft.other && here())
        }) {
            set_org(scene, &mut draft.role, org);
        }
    }
}

fn is_founder(role: &Relation) -> bool {
    role.part("title").is_some_and(|title| title.ends_with("创始人"))
}

fn set_org(scene: &Scene, role: &mut Relation, org: u32) {
    role.parts.retain(|(part, _)| *part != "org");
    role.refs.retain(|(part, _)| *part != "org");
    let status = role.parts.pop();
    name_part(scene, role, "org", Some(org));
    role.parts.extend(status);
}

/// One relation of each office; one that is called former somewhere is former, and one without an organisation
/// yields to one with it.
fn merge(roles: Vec<Relation>) -> Vec<Relation> {
    let mut kept: Vec<Relation> = Vec::new();
    let mut seen: HashMap<(u32, String), Vec<usize>> = HashMap::new();
    for role in roles {
        let Some(person) = role.target("person") else { continue };
        let same = seen.entry((person, role.part("title").unwrap_or_default().to_owned())).or_default();
        let known = same.iter().copied().take(8).find(|&n| {
            let (a, b) = (kept[n].target("org"), role.target("org"));
            a == b || a.is_none() || b.is_none()
        });
        match known {
            Some(n) => {
                let former = kept[n].part("status") == Some("former") || role.part("status") == Some("former");
                if kept[n].target("org").is_none() {
                    kept[n] = role;
                }
                if former && let Some(status) = kept[n].parts.iter_mut().find(|(part, _)| *part == "status") {
                    status.1 = "former".to_owned();
                }
            }
            None => {
                same.push(kept.len());
                kept.push(role);
            }
        }
    }
    kept
}

/// The first of those that are equal by a key.
fn once<K: Eq + std::hash::Hash>(relations: Vec<Relation>, key: impl Fn(&Relation) -> K) -> Vec<Relation> {
    let mut seen = std::collections::HashSet::new();
    relations.into_iter().filter(|relation| seen.insert(key(relation))).collect()
}
