//! Offices and moves: `原副总裁秦岭已于9月退休` is role(秦岭, 副总裁, …, former) and move(秦岭, left, …).
//!
//! [`HOLDERS`] says where the holder of a title is looked for, in order. The organisation of a title stands directly
//! before it; else 公司 and 其 are followed to theirs, and the offices that every company has (首席财务官, 董事长) belong
//! to the organisation that the paragraph or the document is about; other bare titles have none. The titles of those
//! who made the article (记者, 编辑) are no news.
//!
//! A move is a verb of the table with a person and an organisation. What is denied or only rumoured is none.

use crate::clause::Scene;
use crate::figure::name_part;
use crate::mention::Kind;
use crate::statement::{Confidence, Office, Relation, RelationKind, Trigger, class};
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
}

/// Who holds a post, and what that says of it.
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
const HOLDERS: [Place; 5] = [
    behind,    // 英伟达CEO黄仁勋; 合伙人、前研究员吴清
    dismissed, // 免去阿迪力的林业厅副厅长职务; 辞去监事职务
    held,      // 现任公司首席技术官; 任命高山为副局长
    directly,  // 刘维教授
    appended,  // 贺程，跬步科技创始人
];

/// The offices and moves of a document.
pub(crate) fn roles_and_moves(scene: &Scene) -> Vec<Relation> {
    let mut roles: Vec<Relation> = Vec::new();
    let mut moves: Vec<Relation> = Vec::new();
    let mut next = 0;
    // The last holder with the organisation, for lists: 甲公司CTO张三、训练负责人李四.
    let mut before: Option<(usize, u32)> = None;
    while next < scene.mentions.len() {
        if scene.mentions[next].kind != Kind::Title {
            next += 1;
            continue;
        }
        let mut post = post(scene, next);
        next = post.titles.last().map_or(next, |&last| last) + 1;
        let Some(holding) = HOLDERS.iter().find_map(|place| place(scene, &post)) else { continue };
        if post.org.is_none() {
            let lead = scene.text.shadow()[..post.start].trim_end();
            let lead = ["、", "和", "以及", "与", "及"].iter().find_map(|word| lead.strip_suffix(word));
            let listed = lead.and_then(|lead| scene.mention_before(lead.len()));
            let same = before.filter(|&(person, _)| listed == Some(person));
            // A new office is one of the organisation that the sentence is about.
            let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
            let new = clause.org.filter(|_| holding.action == Some("appointed"));
            post.org = holding.org.or(same.map(|(_, org)| org)).or(new);
        }
        before = holding.persons.last().copied().zip(post.org);
        for &person in &holding.persons {
            let Some(holder) = scene.entity_of[person] else { continue };
            hold(scene, &post, &holding, (person, holder), &mut roles, &mut moves);
        }
    }
    let gone = moves.len();
    let (said, planned) = verbs(scene, &roles);
    moves.extend(said);
    let done: Vec<Relation> = moves
        .iter()
        .enumerate()
        .filter(|(n, _)| *n < gone || !planned.contains(&(n - gone)))
        .map(|(_, r)| r.clone())
        .collect();
    founders(scene, &roles, &mut moves);
    let moves = once(moves, |relation| {
        (relation.target("person"), relation.part("action").map(str::to_owned), relation.target("org"))
    });
    settle(&mut roles, &done);
    let mut found = merge(roles);
    found.extend(moves);
    found
}

/// Notes the offices and the move of one holder.
fn hold(
    scene: &Scene,
    post: &Post,
    holding: &Holding,
    (person, holder): (usize, u32),
    roles: &mut Vec<Relation>,
    moves: &mut Vec<Relation>,
) {
    let span = scene.mentions[person].span;
    let evidence = Span::new(post.start.min(span.start()), post.end.max(span.end()));
    for &title in &post.titles {
        let office = scene.tables.office(scene.read(scene.mentions[title].span));
        if office.byline || (office.position && !post.named) {
            continue;
        }
        let (org, sure) = owner(scene, post, title, office);
        let mut role = Relation::new(RelationKind::Role, evidence);
        name_part(scene, &mut role, "person", Some(holder));
        role.parts.push(("title", scene.text.surface(scene.mentions[title].span).to_owned()));
        name_part(scene, &mut role, "org", org);
        role.parts.push(("status", if post.former || holding.former { "former" } else { "current" }.to_owned()));
        role.confidence = if sure { holding.confidence } else { Confidence::Likely };
        roles.push(role);
        if let Some(action) = holding.action {
            moves.extend(org.map(|org| movement(scene, holder, action, org, evidence, holding.confidence)));
        }
    }
}

fn movement(scene: &Scene, person: u32, action: &str, org: u32, evidence: Span, confidence: Confidence) -> Relation {
    let mut relation = Relation::new(RelationKind::Move, evidence);
    name_part(scene, &mut relation, "person", Some(person));
    relation.parts.push(("action", action.to_owned()));
    name_part(scene, &mut relation, "org", Some(org));
    relation.confidence = confidence;
    relation
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
    for word in ["派来的", "委派的", "的", "旗下", "》"] {
        near = near.strip_suffix(word).unwrap_or(near);
    }
    let mut org = None;
    let former_title = former(&shadow[..start]);
    if !former_title
        && let Some(mention) = scene.mention_before(near.len())
        && (scene.mentions[mention].kind == Kind::Org
            || (scene.mentions[mention].kind == Kind::Loc
                && is_public(scene.read(scene.mentions[titles[0]].span))
                && near.len() == start))
    {
        org = scene.entity_of[mention];
        start = scene.mentions[mention].span.start();
        // 驻日本大使 is no office of Japan's; 出身启明电子的总经理 is one of another company.
        if ["驻", "出身", "来自", "毕业于"].iter().any(|word| shadow[..start].ends_with(word)) {
            org = None;
        }
    }
    let is_former = former(&shadow[..start]);
    let mark = is_former || former_title;
    if is_former {
        let mark = ["前任", "原任", "时任", "已故", "前", "原"].iter().find(|word| shadow[..start].ends_with(**word));
        start -= mark.map_or(0, |mark| mark.len());
    }
    Post { titles, named: org.is_some(), org, start, end, former: mark }
}

/// Whether what comes next is said to be no longer so: 前, 原, 时任, 已故, but not 目前 or 此前.
fn former(before: &str) -> bool {
    if ["此前任", "之前任", "以前任"].iter().any(|word| before.ends_with(word)) {
        return false;
    }
    if ["原", "时任", "已故", "前任"].iter().any(|word| before.ends_with(word)) {
        return true;
    }
    let Some(rest) = before.strip_suffix('前') else { return false };
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

/// The text between a mention and the next.
fn between<'a>(scene: &Scene<'a>, mention: usize) -> &'a str {
    let end = scene.mentions[mention].span.end();
    let next = scene.mentions.get(mention + 1).map_or(end, |next| next.span.start());
    scene.read(Span::new(end, next.max(end)))
}

/// Whose office it is.
fn owner(scene: &Scene, post: &Post, title: usize, office: Office) -> (Option<u32>, bool) {
    if post.org.is_some() {
        return (post.org, true);
    }
    let clause = &scene.clauses[scene.clause_of[title]];
    let before = scene.text.shadow()[..post.start].trim_end_matches("的");
    // 某物流公司HR
    let lead = scene.read(Span::new(clause.span.start().min(post.start), post.start));
    if before.ends_with("公司") && (lead.contains('某') || lead.contains("一家")) {
        return (None, true);
    }
    if let Some(org) = ["该行", "该院", "该校", "该局"]
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
    if before.ends_with('驻') || before.ends_with("驻日本") {
        return (None, false);
    }
    if let Some(seat) = seat(scene, scene.read(scene.mentions[title].span), post.start) {
        return (Some(seat), false);
    }
    if office.judicial {
        return (scene.court, false);
    }
    let local = scene
        .mentions_in(Span::new(clause.span.start().min(post.start), post.start))
        .rev()
        .find(|&m| scene.mentions[m].kind == Kind::Org);
    if office.corporate {
        // A company's officer is none of a court's or a ministry's.
        let org = clause.org.or_else(|| local.and_then(|m| scene.entity_of[m]));
        return (org.filter(|&org| !scene.is_authority(org)).or(scene.main_org), false);
    }
    if office.public {
        return (clause.org, false);
    }
    (None, true)
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
                && matches!(between(scene, persons[persons.len() - 1]), "、" | "和" | "与")
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

/// Persons side by side that end at a position, with 女士 and the like left out.
fn persons_before(scene: &Scene, at: usize) -> Vec<usize> {
    let mut near = scene.text.shadow()[..at].trim_end_matches(' ');
    for word in ["女士", "先生", "同志", "等", "教授", "博士"] {
        near = near.strip_suffix(word).unwrap_or(near);
    }
    let mut persons = Vec::new();
    let mut next = scene.mention_before(near.len());
    while let Some(person) = next.filter(|&m| scene.mentions[m].kind == Kind::Person) {
        persons.push(person);
        let before = &scene.text.shadow()[..scene.mentions[person].span.start()];
        let cut = before.strip_suffix('、').or_else(|| before.strip_suffix('和')).or_else(|| before.strip_suffix('与'));
        let cut = cut.map(|cut| cut.strip_suffix("女士").or_else(|| cut.strip_suffix("先生")).unwrap_or(cut));
        next = cut.and_then(|cut| scene.mention_before(cut.len()));
    }
    persons.reverse();
    persons
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
        if negated(scene, clause.span, left) {
            return None;
        }
        let inside =
            persons_before(scene, post.start - if scene.text.shadow()[..post.start].ends_with('的') { 3 } else { 0 });
        let persons = if inside.is_empty() { vec![actor(scene, left, clause.span)?] } else { inside };
        return Some(Holding {
            persons,
            former: true,
            action: Some("left"),
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

/// Verbs that say that an office begins.
const BEGIN: [&str; 22] = [
    "任命", "聘任", "出任", "升任", "接任", "当选", "获任", "调任", "转任", "受聘", "聘", "委任", "晋升", "新任",
    "就任", "提拔", "延揽", "选举", "核准", "获聘", "拟任", "履新",
];

/// 曾任毕马威审计经理; 任命高山为副局长; 现任公司首席技术官.
fn held(scene: &Scene, post: &Post) -> Option<Holding> {
    let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
    let window = Span::new(clause.span.start().min(post.start), post.start);
    let verb = scene.last_trigger_in(&scene.roles, window, class!("hold"));
    let tail = scene.read(window);
    // 为 and 任 are often part of a longer word of the segmenter's.
    let bare = ["为", "任", "是", "兼"].iter().find(|word| tail.ends_with(**word));
    let (at, word) = match (verb, bare) {
        (Some(verb), _) if scene.read(Span::new(verb.span.end(), post.start)).chars().count() <= 14 => {
            (verb.span.start(), scene.read(verb.span))
        }
        (_, Some(bare)) => (post.start - bare.len(), *bare),
        // 历任首席风险官、副行长 over a list that the clause border cut.
        _ => return None,
    };
    let sentence = Span::new(window.start(), at);
    let lead = scene.read(sentence);
    let started = BEGIN.iter().any(|begin| word.contains(begin)) || BEGIN.iter().any(|begin| lead.contains(begin));
    let decided = word == "为" && decision(scene, at) == Some("appointed");
    let past = !started
        && (post.former
            || ["曾", "历任", "此前", "以前", "早年", "更早前", "先后"]
                .iter()
                .any(|mark| lead.contains(mark) || word.contains(mark)));
    if lead.ends_with(['不', '未', '非'])
        || (!started && word == "为" && !decided && !past && persons_before(scene, at).is_empty())
    {
        return None;
    }
    let mut persons = persons_before(scene, at);
    if persons.is_empty() {
        let within = scene.mentions_in(sentence).rev().find(|&m| scene.mentions[m].kind == Kind::Person);
        let before = || {
            let person = previous_person(scene, clause.span.start(), post.titles[0])?;
            // 高山任副局长: another subject, though nobody knows it for a name.
            is_bare(scene, sentence).then_some(person)
        };
        persons = vec![within.or_else(before)?];
    }
    let appointed = started || decided || (word == "任" && !past && !lead.contains('现'));
    // 在毕马威任审计经理
    let seat = scene.mention_before(at).filter(|&m| post.org.is_none() && scene.mentions[m].kind == Kind::Org);
    let seat = seat.and_then(|m| scene.entity_of[m]).or_else(|| joined_before(scene, post).filter(|_| past));
    if lead.contains("或将") || lead.contains("可能") || lead.contains("传") || lead.contains("有望") {
        return None;
    }
    Some(Holding {
        persons,
        former: past,
        action: appointed.then_some("appointed"),
        confidence: if lead.trim().is_empty() { Confidence::Likely } else { Confidence::Certain },
        org: seat,
    })
}

/// 2019年加入该行，历任首席风险官: the organisation that a clause before says was joined.
fn joined_before(scene: &Scene, post: &Post) -> Option<u32> {
    let index = scene.clause_of[post.titles[0]];
    let sentence = scene.clauses[index].sentence;
    let near = scene.clauses[..index].iter().rev().take(2).take_while(|clause| clause.sentence == sentence);
    near.into_iter().find_map(|clause| {
        let verb = scene.trigger_in(&scene.moves, clause.span, class!("joined"))?;
        let behind = Span::new(verb.span.end(), clause.span.end().max(verb.span.end()));
        let org = scene.mentions_in(behind).find(|&m| scene.mentions[m].kind == Kind::Org);
        let alike = || {
            let word =
                ["该行", "该院", "该校", "该局"].into_iter().find(|word| scene.read(behind).starts_with(word))?;
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

/// The person whom the clauses before in the paragraph were about, or who was named last in the sentence before.
fn previous_person(scene: &Scene, at: usize, mention: usize) -> Option<usize> {
    let clause = &scene.clauses[scene.clause_of[mention]];
    let end = scene.mentions.partition_point(|m| m.span.start() < at);
    let person = (0..end).rev().take(30).find(|&m| scene.mentions[m].kind == Kind::Person)?;
    (scene.clauses[scene.clause_of[person]].paragraph == clause.paragraph).then_some(person)
}

/// 刘维教授
fn directly(scene: &Scene, post: &Post) -> Option<Holding> {
    let person = scene.mention_before(post.start).filter(|&m| scene.mentions[m].kind == Kind::Person)?;
    let gap = scene.read(Span::new(scene.mentions[person].span.end(), post.start));
    if gap.contains(['，', '、', ',']) {
        return None;
    }
    let org = scene.mention_before(scene.mentions[person].span.start());
    let org = org.filter(|&m| scene.mentions[m].kind == Kind::Org).and_then(|m| scene.entity_of[m]);
    Some(Holding { persons: vec![person], former: false, action: None, confidence: Confidence::Certain, org })
}

/// 贺程，跬步科技创始人兼CEO，前大疆工程师
fn appended(scene: &Scene, post: &Post) -> Option<Holding> {
    let before = scene.text.shadow()[..post.start].trim_end_matches(' ');
    let cut = before.strip_suffix(['，', ',', '(', '（', '：'])?;
    let rest = &scene.text.shadow()[post.end..];
    if !rest.is_empty() && !rest.starts_with(['，', ',', '。', '.', '）', ')', '；', '\n', '、', '\r']) {
        return None;
    }
    let last = scene.mention_before(cut.len())?;
    let person = match scene.mentions[last].kind {
        Kind::Person => last,
        // The post before of the same person.
        Kind::Title => {
            let clause = scene.clause_of[last];
            let span = scene.clauses[clause].span;
            let lead = scene.text.shadow()[..span.start()].strip_suffix(['，', ','])?;
            scene.mention_before(lead.len()).filter(|&m| scene.mentions[m].kind == Kind::Person)?
        }
        _ => return None,
    };
    Some(Holding { persons: vec![person], former: false, action: None, confidence: Confidence::Likely, org: None })
}

/// Words that take back what a verb says, or leave it open.
const NEGATIONS: [&str; 22] = [
    "否认", "没有", "不会", "不想", "并未", "尚未", "从未", "或将", "或会", "可能", "传闻", "据传", "盛传", "考虑",
    "有意", "假如", "如果", "是否", "无意", "拒绝", "打算", "并不",
];

/// Whether a verb only modifies a noun (离职高管) or names another kind of thing (离开那天).
fn modifies(scene: &Scene, verb: &Trigger) -> bool {
    let behind = &scene.text.shadow()[verb.span.end()..];
    let nouns = [
        "高管",
        "员工",
        "信",
        "潮",
        "率",
        "导火索",
        "时",
        "原因",
        "那天",
        "人员",
        "手续",
        "补偿",
        "创业",
        "传闻",
        "风波",
        "元老",
    ];
    verb.class & class!("left") != 0 && nouns.iter().any(|noun| behind.starts_with(noun)) && !behind.starts_with("时任")
}

/// Whether a verb is denied or only rumoured in its clause.
fn negated(scene: &Scene, clause: Span, verb: &Trigger) -> bool {
    // Names are no words: 林若溪 supposes nothing.
    let start = clause.start().min(verb.span.start());
    let mut words = String::new();
    let mut at = start;
    for mention in scene.mentions_in(Span::new(start, verb.span.start())) {
        let span = scene.mentions[mention].span;
        words.push_str(scene.read(Span::new(at, span.start().max(at))));
        words.push(' ');
        at = span.end().max(at);
    }
    words.push_str(scene.read(Span::new(at.min(verb.span.start()), verb.span.start())));
    let behind = &scene.text.shadow()[verb.span.end()..clause.end().max(verb.span.end())];
    let near = words.char_indices().rev().nth(11).map_or(&*words, |(at, _)| &words[at..]);
    NEGATIONS.iter().any(|word| near.contains(word))
        || near.trim_end().ends_with(['不', '未', '没', '拟', '欲'])
        || words.trim_start().starts_with(['传', '若'])
        || ["传闻", "的传言", "传言", "的消息不实"].iter().any(|word| behind.starts_with(word))
        || words.contains("否认")
}

/// Whether nothing stands in a span that could be a subject of its own: only names of organisations, dates and such
/// words as 曾, 已于, 此前.
fn is_bare(scene: &Scene, span: Span) -> bool {
    const WORDS: [&str; 34] = [
        "曾",
        "现",
        "此前",
        "之前",
        "更早前",
        "已",
        "于",
        "将",
        "并",
        "后",
        "又",
        "先后",
        "目前",
        "随后",
        "再",
        "则",
        "自",
        "从",
        "由",
        "在",
        "被",
        "因",
        "个人原因",
        "也",
        "还",
        "他",
        "她",
        "后来",
        "正式",
        "宣布",
        "选择",
        "公司",
        "最终",
        "经",
    ];
    let mut at = span.start();
    let mut words = String::new();
    for mention in scene.mentions_in(span) {
        let name = scene.mentions[mention].span;
        words.push_str(scene.read(Span::new(at, name.start().max(at))));
        at = name.end().max(at);
    }
    words.push_str(scene.read(Span::new(at.min(span.end()), span.end())));
    let mut rest = words.trim_matches([' ', '，', ',']);
    while let Some(word) = WORDS.iter().find(|word| rest.starts_with(**word)) {
        rest = rest[word.len()..].trim_start();
    }
    rest.is_empty()
}

/// Who does what a verb says: the nearest person before it in the clause, or whom the clause is about.
fn actor(scene: &Scene, verb: &Trigger, clause: Span) -> Option<usize> {
    let window = Span::new(clause.start().min(verb.span.start()), verb.span.start());
    let named = scene.mentions_in(window).rev().find(|&m| scene.mentions[m].kind == Kind::Person);
    if named.is_some() {
        return named;
    }
    let index = scene.clause_at(verb.span.start());
    let here = &scene.clauses[index];
    let lead = scene.read(window);
    if lead.trim_start().starts_with('我')
        && let Some(speaker) = here.person
    {
        let mut mentions = scene.entities[speaker as usize].mentions.iter().rev();
        return mentions.find(|&&m| scene.mentions[m as usize].span.start() < window.start()).map(|&m| m as usize);
    }
    let other = scene.mentions_in(window).any(|m| scene.mentions[m].kind == Kind::Org)
        && !["自", "从", "由"].iter().any(|word| lead.contains(word));
    if other {
        return None;
    }
    // The person named last in the sentence, or in the paragraph where a pronoun or nothing stands for the subject.
    let end = scene.mentions.partition_point(|m| m.span.start() < window.start());
    let last = (0..end).rev().take(20).find(|&m| scene.mentions[m].kind == Kind::Person)?;
    let same = &scene.clauses[scene.clause_of[last]];
    let pronoun = lead.trim_start().starts_with(['他', '她', '其']);
    ((same.sentence == here.sentence && is_bare(scene, window)) || (pronoun && same.paragraph == here.paragraph))
        .then_some(last)
}

/// The moves that verbs say, and the indices of those that are yet to come (将卸任).
fn verbs(scene: &Scene, roles: &[Relation]) -> (Vec<Relation>, std::collections::HashSet<usize>) {
    let mut home: HashMap<u32, Vec<(usize, u32, bool)>> = HashMap::new();
    for role in roles {
        if let (Some(person), Some(org)) = (role.target("person"), role.target("org")) {
            let current = role.part("status") == Some("current");
            home.entry(person).or_default().push((role.evidence.start(), org, current));
        }
    }
    let mut found = Vec::new();
    let mut planned = std::collections::HashSet::new();
    for verb in &scene.moves {
        let index = scene.clause_at(verb.span.start());
        let Some(clause) = scene.clauses.get(index) else { continue };
        if negated(scene, clause.span, verb) || modifies(scene, verb) {
            continue;
        }
        let evidence = Span::new(clause.span.start().min(verb.span.start()), clause.span.end().max(verb.span.end()));
        let before = scene.read(Span::new(evidence.start(), verb.span.start()));
        let near = before.char_indices().rev().nth(15).map_or(before, |(at, _)| &before[at..]);
        for (person, action, org, confidence) in moved(scene, verb, index, &home) {
            if near.contains('将') || near.contains("拟") {
                planned.insert(found.len());
            }
            if action == "joined" {
                // Whoever leaves later leaves what was joined.
                home.entry(person).or_default().push((evidence.start(), org, true));
            }
            found.push(movement(scene, person, action, org, evidence, confidence));
        }
    }
    found.extend(origins(scene));
    (found, planned)
}

/// The moves of one verb.
fn moved(
    scene: &Scene,
    verb: &Trigger,
    index: usize,
    home: &HashMap<u32, Vec<(usize, u32, bool)>>,
) -> Vec<(u32, &'static str, u32, Confidence)> {
    let clause = &scene.clauses[index];
    let shadow = scene.text.shadow();
    let after = Span::new(verb.span.end(), clause.span.end().max(verb.span.end()));
    let before = Span::new(clause.span.start().min(verb.span.start()), verb.span.start());
    let org_behind = scene.mentions_in(after).find(|&m| {
        let gap = scene.read(Span::new(verb.span.end(), scene.mentions[m].span.start()));
        scene.mentions[m].kind == Kind::Org && (gap.chars().count() <= 8 && !gap.contains(['、', '，']))
    });
    let org_behind = org_behind.and_then(|m| scene.entity_of[m]);
    let itself = ["公司", "我们", "本公司", "该公司", "集团", "该行", "俱乐部", "球队"]
        .iter()
        .any(|word| shadow[verb.span.end()..].starts_with(word));
    // 加入该行: the last bank.
    let alike =
        ["该行", "本行", "该校", "该院", "该局"].into_iter().find(|word| shadow[verb.span.end()..].starts_with(*word));
    let org_behind = org_behind.or_else(|| scene.alike(alike?, verb.span.start()));
    // 周恺被云帆科技解雇
    let passive = scene.read(before).contains('被');
    let person = if verb.class & class!("object") != 0 && !passive {
        let close =
            |m: &usize| scene.read(Span::new(verb.span.end(), scene.mentions[*m].span.start())).chars().count() <= 30;
        scene.mentions_in(after).find(|&m| scene.mentions[m].kind == Kind::Person).filter(close)
    } else {
        actor(scene, verb, clause.span)
    };
    let mut out = Vec::new();
    if verb.class & class!("founded") != 0 {
        // 纸鸢由周铮创办; xAI（马斯克创立）; 周铮创立纸鸢工作室.
        let org = org_behind.or_else(|| {
            let subject = scene.mentions_in(before).find(|&m| scene.mentions[m].kind == Kind::Org);
            let around = clause.bracket.then(|| {
                let before = shadow[..clause.span.start()].trim_end_matches(['（', '(']);
                scene.mention_before(before.len())
            });
            let around = around.flatten().filter(|&m| scene.mentions[m].kind == Kind::Org);
            let by = scene.read(before).contains('由') || clause.bracket;
            subject.or(around).filter(|_| by).and_then(|m| scene.entity_of[m])
        });
        let org = org.or_else(|| clause.org.filter(|_| itself || scene.read(before).starts_with("公司由")));
        for person in together(scene, person) {
            if let (Some(person), Some(org)) = (scene.entity_of[person], org.filter(|&o| scene.kind(o) == Kind::Org)) {
                out.push((person, "founded", org, Confidence::Certain));
            }
        }
        return out;
    }
    for person in together(scene, person) {
        let Some(entity) = scene.entity_of[person] else { continue };
        let span = scene.mentions[person].span;
        let homes = home.get(&entity);
        let near_home =
            homes.and_then(|homes| homes.iter().min_by_key(|(at, _, _)| at.abs_diff(span.start()))).map(|h| h.1);
        let action_org = if verb.class & class!("left") != 0 {
            let of_verb = if passive {
                scene.mentions_in(before).rev().find(|&m| {
                    scene.mentions[m].kind == Kind::Org && shadow[..scene.mentions[m].span.start()].ends_with('被')
                })
            } else if verb.class & class!("object") != 0 {
                scene.mentions_in(before).find(|&m| scene.mentions[m].kind == Kind::Org)
            } else {
                scene.mentions_in(before).rev().find(|&m| {
                    scene.mentions[m].kind == Kind::Org
                        && ["从", "自"].iter().any(|w| shadow[..scene.mentions[m].span.start()].ends_with(w))
                })
            };
            let of_verb = of_verb.and_then(|m| scene.entity_of[m]);
            Some("left").zip(org_behind.or(of_verb).or(near_home).or(clause.org))
        } else if verb.class & class!("joined") != 0 {
            let origin = scene.mentions_in(before).rev().find(|&m| {
                scene.mentions[m].kind == Kind::Org
                    && ["从", "自", "由"].iter().any(|w| shadow[..scene.mentions[m].span.start()].ends_with(w))
            });
            let origin = origin.and_then(|m| scene.entity_of[m]);
            // 海州蓝鲨从葡萄牙球会里斯本引进莫塔: the one behind 从 is left.
            let source = |m: usize| {
                let lead = &shadow[clause.span.start()..scene.mentions[m].span.start().max(clause.span.start())];
                let near = lead.char_indices().rev().nth(6).map_or(lead, |(at, _)| &lead[at..]);
                near.contains(['从', '自'])
            };
            let own = scene
                .mentions_in(before)
                .find(|&m| scene.mentions[m].kind == Kind::Org && verb.class & class!("object") != 0 && !source(m));
            let topic = clause.topic.filter(|_| verb.class & class!("object") != 0);
            let target = org_behind.or(own.and_then(|m| scene.entity_of[m])).or(topic).or(
                if itself
                    || shadow[verb.span.end()..].starts_with(['，', '。', ',', '.', '；', '的'])
                    || verb.span.end() >= clause.span.end()
                {
                    clause.org.or(scene.main_org)
                } else {
                    None
                },
            );
            Some("joined").zip(target.filter(|&org| Some(org) != origin))
        } else {
            let own = scene.mentions_in(before).find(|&m| scene.mentions[m].kind == Kind::Org);
            let titled = scene.mentions_in(after).any(|m| scene.mentions[m].kind == Kind::Title);
            // With a title the office itself says where.
            if titled {
                None
            } else {
                Some("appointed").zip(org_behind.or(clause.org).or(own.and_then(|m| scene.entity_of[m])))
            }
        };
        if let Some((action, org)) = action_org.filter(|&(_, org)| scene.kind(org) == Kind::Org) {
            out.push((
                entity,
                action,
                org,
                if org_behind == Some(org) { Confidence::Certain } else { Confidence::Likely },
            ));
        }
    }
    out
}

/// A person and those who stand in one list before: 甲、副总裁乙等6人先后离职.
fn together(scene: &Scene, person: Option<usize>) -> Vec<usize> {
    let Some(last) = person else { return vec![] };
    let mut persons = vec![last];
    let sentence = scene.clauses[scene.clause_of[last]].sentence;
    let listed = scene.text.shadow()[scene.mentions[last].span.end()..].starts_with('等');
    let mut next = last;
    while let Some(before) = next.checked_sub(1) {
        let gap = between(scene, before);
        let kind = scene.mentions[before].kind;
        let joins = if listed {
            gap.chars().all(|c| "、，和与及兼原前,".contains(c))
        } else {
            matches!(gap, "、" | "和" | "与")
        };
        let title = listed && matches!(kind, Kind::Title | Kind::Org) && gap.chars().all(|c| "、，兼".contains(c));
        if scene.clauses[scene.clause_of[before]].sentence != sentence || !(title || (joins && kind == Kind::Person)) {
            break;
        }
        if kind == Kind::Person {
            persons.push(before);
        }
        next = before;
    }
    persons.reverse();
    persons
}

/// 她从云帆过来; 出身启明电子.
fn origins(scene: &Scene) -> Vec<Relation> {
    let shadow = scene.text.shadow();
    let mut found = Vec::new();
    for (index, mention) in scene.mentions.iter().enumerate() {
        if mention.kind != Kind::Org {
            continue;
        }
        let (before, behind) = (&shadow[..mention.span.start()], &shadow[mention.span.end()..]);
        let near = before.char_indices().rev().nth(6).map_or(before, |(at, _)| &before[at..]);
        let from = near.rfind(['从', '自']).is_some_and(|at| !near[at..].contains(['，', '。', '、', '\n']));
        let comes =
            ["过来", "来到", "出来", "加入", "加盟", "跳槽", "离职", "转投", "转会", "离开", "引进", "挖来", "来的"]
                .iter()
                .any(|word| behind.starts_with(word));
        let clause = &scene.clauses[scene.clause_of[index]];
        let rest = Span::new(mention.span.end(), clause.span.end().max(mention.span.end()));
        let person = if from && comes {
            let window = Span::new(clause.span.start().min(mention.span.start()), mention.span.start());
            let named = scene.mentions_in(window).rev().find(|&m| scene.mentions[m].kind == Kind::Person);
            named
                .or_else(|| {
                    scene
                        .mentions_in(rest)
                        .find(|&m| scene.mentions[m].kind == Kind::Person)
                        .filter(|_| behind.starts_with("引进") || behind.starts_with("挖来"))
                })
                .or_else(|| previous_person(scene, clause.span.start(), index))
        } else if before.ends_with("出身") {
            scene.mentions_in(rest).find(|&m| scene.mentions[m].kind == Kind::Person)
        } else {
            None
        };
        if let (Some(person), Some(org)) = (person.and_then(|p| scene.entity_of[p]), scene.entity_of[index]) {
            found.push(movement(scene, person, "left", org, clause.span, Confidence::Likely));
        }
    }
    found
}

/// Who is called founder has founded.
fn founders(scene: &Scene, roles: &[Relation], moves: &mut Vec<Relation>) {
    for role in roles {
        let title = role.part("title").unwrap_or_default();
        if let (true, Some(person), Some(org)) =
            (title.ends_with("创始人") || title.ends_with("创办人"), role.target("person"), role.target("org"))
        {
            moves.push(movement(scene, person, "founded", org, role.evidence, Confidence::Likely));
        }
    }
}

/// A person who has left an organisation no longer holds the office that the text gives them there.
fn settle(roles: &mut [Relation], moves: &[Relation]) {
    let mut left: HashMap<(u32, u32), ()> = HashMap::new();
    for relation in moves {
        if let (Some("left"), Some(person), Some(org), Confidence::Certain | Confidence::Likely) =
            (relation.part("action"), relation.target("person"), relation.target("org"), relation.confidence)
        {
            left.insert((person, org), ());
        }
    }
    for role in roles {
        let key = role.target("person").zip(role.target("org"));
        if key.is_some_and(|key| left.contains_key(&key))
            && let Some(status) = role.parts.iter_mut().find(|(part, _)| *part == "status")
        {
            status.1 = "former".to_owned();
        }
    }
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
