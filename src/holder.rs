//! Who holds an office: `任命高山为副局长` says it of 高山, `CEO由顾北辰兼任` of 顾北辰.
//!
//! [`HOLDERS`] says where the holder of a title is looked for, in order. An office that begins or ends by this is a move.

use crate::antecedent::{
    actor, antecedent, behind_bracket, between, described, is_bare, is_object, lead_in, persons_before, subject_in,
    tail,
};
use crate::clause::Scene;
use crate::mention::Kind;
use crate::movement::{denied, doubtful, stays};
use crate::post::{Post, department, former};
use crate::statement::{Confidence, class};
use crate::text::Span;

/// Who holds a post, and what that says of it.
#[derive(Clone)]
pub(crate) struct Holding {
    pub persons: Vec<usize>,
    pub former: bool,
    /// joined, left, founded or appointed, where the holding is also a move.
    pub action: Option<&'static str>,
    pub confidence: Confidence,
    /// The organisation that stands with the holder instead: 江州大学刘维教授.
    pub org: Option<u32>,
}

/// Looks for the holder of a post in one place.
pub(crate) type Place = fn(&Scene, &Post) -> Option<Holding>;

/// Where the holder of a post is looked for, in order.
pub(crate) const HOLDERS: [Place; 7] = [
    behind,    // 英伟达CEO黄仁勋; 合伙人、前研究员吴清
    entrusted, // CEO由顾北辰兼任
    risen,     // 由厂长升任
    dismissed, // 免去阿迪力的林业厅副厅长职务; 辞去监事职务
    held,      // 现任公司首席技术官; 任命高山为副局长
    directly,  // 刘维教授
    appended,  // 贺程，跬步科技创始人
];

/// 黄仁勋 behind his title; the holder of `合伙人、前云帆研究员吴清` is the same for both.
pub(crate) fn behind(scene: &Scene, post: &Post) -> Option<Holding> {
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
        // 加纳前外交部长
        if matches!(scene.mentions[next].kind, Kind::Org | Kind::Loc)
            && matches!(between(scene, next), "" | "前" | "原")
        {
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
    let window = lead_in(scene, clause.span, post.start);
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
pub(crate) fn entrusted(scene: &Scene, post: &Post) -> Option<Holding> {
    let shadow = scene.text.shadow();
    let mut rest = &shadow[post.end..];
    for _ in 0..3 {
        rest = scene.tables.context.duty.open(rest).unwrap_or(rest);
    }
    let rest = rest.strip_prefix('由')?;
    let mut next = scene.mention_after(shadow.len() - rest.len())?;
    while matches!(scene.mentions.get(next)?.kind, Kind::Org | Kind::Title)
        && matches!(between(scene, next), "" | "兼" | "、")
    {
        next += 1;
    }
    let person = Some(next).filter(|&m| scene.mentions[m].kind == Kind::Person)?;
    let span = scene.mentions[person].span;
    let end = shadow.len() - behind_bracket(&shadow[span.end()..]).len();
    let verb = scene.trigger_in(&scene.roles, Span::new(end, shadow.len().min(end + 60)), class!("hold"))?;
    let gap = scene.read(Span::new(end, verb.span.start()));
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
    let rest = &scene.text.shadow()[post.end..];
    let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
    let window = lead_in(scene, clause.span, post.start);
    let lead = scene.read(window);
    let from = lead.rfind(['由', '从']).filter(|&at| lead[at..].chars().count() <= 9)?;
    scene.tables.context.rises.open(rest)?;
    let front = Span::new(window.start(), window.start() + from);
    let person = subject_in(scene, front).or_else(|| {
        let person = antecedent(scene, front.start(), clause.paragraph)?;
        is_bare(scene, front, clause.sentence).then_some(person)
    });
    Some(Holding { persons: vec![person?], former: true, action: None, confidence: Confidence::Certain, org: None })
}

/// 曾任毕马威审计经理; 任命高山为副局长; 现任公司首席技术官.
fn held(scene: &Scene, post: &Post) -> Option<Holding> {
    let clause = &scene.clauses[scene.clause_of[post.titles[0]]];
    let window = lead_in(scene, clause.span, post.start);
    let verb = scene.last_trigger_in(&scene.roles, window, class!("hold"));
    let lead = scene.read(window);
    // 为 and 任 are often part of a longer word of the segmenter's.
    let bare = ["当过", "做过", "任过", "为", "任", "是", "兼", "当", "做"].iter().find(|word| lead.ends_with(**word));
    // 在大疆做云台算法工程师
    let does = lead.rfind('做').filter(|&at| lead[at..].chars().count() <= 5).map(|at| window.start() + at);
    let does = does.filter(|&at| scene.mention_before(at).is_some_and(|m| scene.mentions[m].kind == Kind::Org));
    let (at, word) = match (verb, bare) {
        (None, None) if does.is_some() => (does.unwrap_or(post.start), "做"),
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
    let words = &scene.tables.context;
    // 请来裴度担任首席技术官
    let taken = !persons.is_empty() && words.begin.inside(tail(scene.read(front), 30));
    let started = words.begin.inside(word) || words.begin.inside(lead) || taken;
    let decided = word == "为" && decision(scene, at) == Some("appointed");
    let past = !started && (post.former || is_past(scene, lead, word, front));
    if lead.ends_with(['不', '未', '非']) || (!started && word == "为" && !decided && !past && persons.is_empty()) {
        return None;
    }
    if persons.is_empty() {
        let before = || {
            let person = antecedent(scene, clause.span.start(), clause.paragraph)?;
            // 高山任副局长: another subject, though nobody knows it for a name.
            let pronoun = lead.trim_start().starts_with(['他', '她']);
            if lead.trim_start().starts_with("后者") {
                let end = scene.mentions.partition_point(|m| m.span.start() < clause.span.start());
                return (0..end).rev().take(20).find(|&m| scene.mentions[m].kind == Kind::Person);
            }
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
    let appointed = started
        || decided
        || (word == "任" && !past && !seated && (lead.ends_with('起') || !words.now.inside(tail(lead, 6))));
    let seat = seat.filter(|_| post.org.is_none()).and_then(|m| scene.entity_of[m]);
    // 获云帆科技聘为首席顾问
    let by = || {
        let org = scene.mentions_in(front).rev().find(|&m| scene.mentions[m].kind == Kind::Org)?;
        let lead = &scene.text.shadow()[..scene.mentions[org].span.start()];
        scene.entity_of[org].filter(|_| lead.ends_with(['获', '被', '受']))
    };
    if doubtful(scene, lead) {
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
    let words = &scene.tables.context;
    let marked = words.past.inside(lead)
        || words.past.inside(word)
        || word.ends_with('过')
        || word.starts_with('原')
        || lead.ends_with('原');
    // 创立前, 退休前, but not 目前 or 日前; 在加入云帆科技之前，….
    let before = lead.char_indices().any(|(at, c)| c == '前' && former(&lead[..at + c.len_utf8()]));
    let index = scene.clause_at(front.start());
    let setting = index.checked_sub(1).map(|before| &scene.clauses[before]);
    let setting = setting.filter(|before| before.sentence == scene.clauses[index].sentence);
    let before = before
        || setting.is_some_and(|setting| {
            let text = scene.read(setting.span).trim_end();
            text.ends_with("之前") || (former(text) && text.ends_with('前'))
        });
    let period = {
        // 1998年至2006年，沈乃岩任…
        let around =
            Span::new(setting.map_or(front.start(), |setting| setting.span.start()).min(front.start()), front.end());
        let mut dates = scene.mentions_in(around).filter(|&m| scene.mentions[m].kind == Kind::Date);
        dates.any(|m| {
            let date = scene.read(scene.mentions[m].span);
            let to = |text: &str| text.contains(['至', '到', '-', '—', '–', '~']);
            let joined = scene.mentions.get(m + 1).is_some_and(|next| next.kind == Kind::Date && to(between(scene, m)));
            joined || (date.contains('年') && to(date))
        })
    };
    (marked || before || period) && !words.now.inside(tail(lead, 6))
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
    let front = lead_in(scene, scene.clauses[scene.clause_of[person]].span, start);
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

/// Whether a post is the next in a list of posts of the same holder.
pub(crate) fn continues(scene: &Scene, post: &Post, end: usize, holding: &Holding) -> bool {
    let gap = scene.read(Span::new(end.min(post.start), post.start));
    let listed = matches!(gap.trim(), "、" | "和" | "以及" | "及" | "，兼" | "、兼");
    // 曾任甲公司工程师，乙公司总监: only posts that are over and said whose they are.
    listed || (matches!(gap.trim(), "，" | "；" | ",") && holding.former && post.named)
}
