//! Offices and moves: `原副总裁秦岭已于9月退休` is role(秦岭, 副总裁, …, former) and move(秦岭, left, …).
//!
//! Each post of the text is taken with its holder; who has left no longer holds it. The titles of those who made the
//! article (记者, 编辑) are no news.

use crate::clause::Scene;
use crate::figure::name_part;
use crate::holder::{HOLDERS, Holding, behind, continues, entrusted};
use crate::mention::Kind;
use crate::movement::{founders, is_founder, movement, moves};
use crate::post::{Near, Post, owner, post, unnamed_company};
use crate::statement::{Confidence, Relation, RelationKind, class};
use crate::text::Span;
use std::collections::HashMap;

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
    let near = Near::new(scene);
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
        let goes_on =
            || last.as_ref().filter(|(end, holding)| continues(scene, &post, *end, holding)).map(|(_, h)| h.clone());
        let found = behind(scene, &post)
            .or_else(|| entrusted(scene, &post))
            .or_else(goes_on)
            .or_else(|| HOLDERS.iter().find_map(|place| place(scene, &post)));
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
                let bare = !office.other && owner(scene, &post, post.titles[0], office, &near).0.is_none();
                clause.org.filter(|_| holding.action == Some("appointed") && bare)
            };
            let career = || career(scene, &post, &holding, &drafts, clause.sentence);
            post.org = holding.org.or(same.map(|(_, org)| org)).or_else(career).or_else(new);
        }
        before = holding.persons.last().copied().zip(post.org);
        for &person in &holding.persons {
            let Some(holder) = scene.entity_of[person] else { continue };
            hold(scene, &post, &holding, (person, holder), &near, &mut drafts, &mut said);
        }
    }
    let roles: Vec<(&Relation, bool)> = drafts.iter().map(|draft| (&draft.role, draft.attached)).collect();
    let known = said.len();
    let found = moves(scene, &roles, &said, near.company);
    said.extend(found.found);
    let done = (0..said.len()).filter(|n| n.checked_sub(known).is_none_or(|n| !found.planned.contains(&n)));
    let done = done.map(|n| (&said[n], n < known + found.said));
    let done: Vec<(&Relation, bool)> = done.filter(|(said, _)| said.part("action") == Some("left")).collect();
    settle(scene, &mut drafts, &done);
    name_founders(scene, &mut drafts, &said);
    outgrow(&mut drafts, &said);
    // 金钟院长: whose office it is stands elsewhere.
    let key = |draft: &Draft| (draft.role.target("person"), draft.role.part("title").map(str::to_owned));
    let told: std::collections::HashSet<_> = drafts.iter().filter(|draft| draft.attached).map(key).collect();
    let address = |draft: &Draft| {
        let (evidence, title) = (draft.role.evidence, draft.role.part("title").unwrap_or_default());
        scene.mentions_in(evidence).len() == 2 && scene.text.surface(evidence).ends_with(title)
    };
    drafts.retain(|draft| draft.attached || !address(draft) || !told.contains(&key(draft)));
    let roles: Vec<Relation> = drafts.into_iter().map(|draft| draft.role).collect();
    founders(scene, &roles, &mut said);
    let mut all = merge(roles);
    all.extend(once(said, |relation| {
        (relation.target("person"), relation.part("action").map(str::to_owned), relation.target("org"))
    }));
    all
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
    near: &Near,
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
        let recent = drafts
            .last()
            .filter(|draft| draft.sentence == sentence && draft.role.part("status") == Some("current") && !draft.other);
        let recent = recent.and_then(|draft| draft.role.target("org"));
        let paragraph = scene.clauses[scene.clause_of[title]].paragraph;
        let here = |draft: &&Draft| scene.clauses[scene.clause_at(draft.role.evidence.start())].paragraph == paragraph;
        let place = drafts.last().filter(here).and_then(|draft| draft.role.target("org"));
        let place = place.filter(|&org| scene.kind(org) == Kind::Loc);
        let (org, sure) = owner(scene, post, title, office, &Near { recent, place, ..*near });
        let mut role = Relation::new(RelationKind::Role, evidence);
        name_part(scene, &mut role, "person", Some(holder));
        role.parts.push(("title", scene.text.surface(scene.mentions[title].span).to_owned()));
        name_part(scene, &mut role, "org", org);
        role.parts.push(("status", if post.former || holding.former { "former" } else { "current" }.to_owned()));
        role.confidence = if sure { holding.confidence } else { Confidence::Likely };
        drafts.push(Draft {
            role,
            attached: sure && org.is_some(),
            other: office.other || post.abroad,
            by_verb: span.end() <= post.start,
            sentence,
        });
        if let Some(action) = holding.action {
            moves.extend(org.map(|org| movement(scene, (holder, action, org), evidence, holding.confidence)));
        }
    }
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
        let founder = draft.role.part("title").is_some_and(is_founder);
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
    let mut founded: HashMap<u32, &Relation> = HashMap::new();
    for relation in said.iter().filter(|said| said.part("action") == Some("founded")) {
        if let Some(person) = relation.target("person") {
            founded.entry(person).or_insert(relation);
        }
    }
    for draft in drafts.iter_mut().filter(|draft| !draft.attached) {
        let Some(own) = draft.role.target("person").and_then(|person| founded.get(&person)) else { continue };
        // 理事长田富返乡创办…
        let here = || scene.clauses[scene.clause_at(own.evidence.start())].sentence == draft.sentence;
        if let Some(org) = own.target("org").filter(|_| {
            draft.role.part("title").is_some_and(is_founder)
                || (draft.role.target("org").is_none() && !draft.other && here())
        }) {
            set_org(scene, &mut draft.role, org);
        }
    }
}

fn set_org(scene: &Scene, role: &mut Relation, org: u32) {
    role.parts.retain(|(part, _)| *part != "org");
    role.refs.retain(|(part, _)| *part != "org");
    let status = role.parts.pop();
    name_part(scene, role, "org", Some(org));
    role.parts.extend(status);
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
            let word = scene.tables.context.alike.first(scene.read(behind))?;
            scene.alike(word, verb.span.start())
        };
        org.and_then(|m| scene.entity_of[m]).or_else(alike)
    })
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
                if former {
                    retire(&mut kept[n]);
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
