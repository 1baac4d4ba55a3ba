//! Who joins, leaves and founds: `周恺从启明电子加盟云帆科技` is move(周恺, joined, 云帆科技) and move(周恺, left, 启明电子).
//!
//! A move is a verb of `move_verbs.tsv` with a person and an organisation: the one named with the verb, else the one
//! where the text has the person last, else the one that the clause is about. What is denied or only rumoured is none.

use crate::antecedent::{actor, antecedent, between, described, is_bare, lead_in, tail, together, words_in};
use crate::clause::{Clause, Scene};
use crate::figure::name_part;
use crate::mention::Kind;
use crate::statement::{Class, Confidence, Relation, RelationKind, Trigger, class};
use crate::text::Span;
use std::collections::{HashMap, HashSet};

/// A move.
pub(crate) fn movement(
    scene: &Scene,
    (person, action, org): (u32, &str, u32),
    evidence: Span,
    confidence: Confidence,
) -> Relation {
    let mut relation = Relation::new(RelationKind::Move, evidence);
    name_part(scene, &mut relation, "person", Some(person));
    relation.parts.push(("action", action.to_owned()));
    name_part(scene, &mut relation, "org", Some(org));
    relation.confidence = confidence;
    relation
}

/// The moves that verbs say.
pub(crate) struct Moves {
    pub found: Vec<Relation>,
    /// The indices of those that are yet to come (将卸任).
    pub planned: HashSet<usize>,
    /// How many of them verbs say; the others only say where somebody is from.
    pub said: usize,
}

/// Where the text has somebody: positions and organisations of each person.
#[derive(Default)]
struct Homes {
    of: HashMap<u32, Vec<Home>>,
    /// Where anybody holds an office, in the order of the text.
    all: Vec<(usize, u32)>,
}

#[derive(Clone, Copy)]
struct Home {
    at: usize,
    org: u32,
    left: bool,
    /// Whether an office begins there.
    new: bool,
    /// Whether the text says so.
    sure: bool,
}

impl Homes {
    fn add(&mut self, person: u32, home: Home) {
        self.all.push((home.at, home.org));
        self.of.entry(person).or_default().push(home);
    }

    /// What a person leaves at a position: where the sentence has him last; else what he is said to have left before;
    /// else where he is named nearest.
    ///
    /// Who has taken an office there in an earlier sentence does not leave it by a word that names nothing.
    fn near(&self, person: u32, sentence: Span, at: usize) -> Option<u32> {
        let near = || {
            let homes = self.of.get(&person).into_iter().flatten().rev().take(24);
            // What comes later in the sentence is where he goes.
            homes.filter(|home| home.sure && !(home.at > at && home.at < sentence.end()))
        };
        let here = near().filter(|home| (sentence.start()..=at).contains(&home.at)).max_by_key(|home| home.at);
        let before = || near().find(|home| home.left);
        let found = here.or_else(before).or_else(|| near().min_by_key(|home| home.at.abs_diff(at)));
        found.filter(|home| !home.new || home.at >= sentence.start()).map(|home| home.org)
    }

    /// The organisation of the office that the sentence has named last: 兼任云帆科技总裁，接替离职的周恺.
    fn last(&self, sentence: Span) -> Option<u32> {
        let end = self.all.partition_point(|&(at, _)| at < sentence.end());
        self.all[..end].last().filter(|&&(at, _)| at >= sentence.start()).map(|&(_, org)| org)
    }

    /// Where a person holds an office in a sentence, as far as one can guess.
    fn within(&self, person: u32, sentence: Span) -> Option<u32> {
        let near = self.of.get(&person).into_iter().flatten().rev().take(24);
        near.into_iter().find(|home| sentence.start() <= home.at && home.at < sentence.end()).map(|home| home.org)
    }
}

/// A verb in its clause.
struct Event<'s> {
    verb: Trigger,
    clause: &'s Clause,
    before: Span,
    after: Span,
    /// The organisation that is the verb's object: named, or 该行.
    object: Option<u32>,
    /// Where the verb and its object end.
    end: usize,
    /// 加盟公司
    itself: bool,
    /// 周恺被云帆科技解雇
    passive: bool,
}

impl Event<'_> {
    fn is(&self, class: Class) -> bool {
        self.verb.class & class != 0
    }
}

/// The moves of a document; `roles` and `known` are those that offices say, `company` is what the document is about.
pub(crate) fn moves(scene: &Scene, roles: &[(&Relation, bool)], known: &[Relation], company: Option<u32>) -> Moves {
    let mut homes = Homes::default();
    for (relation, sure) in roles.iter().copied().chain(known.iter().map(|relation| (relation, true))) {
        if let (Some(person), Some(org)) = (relation.target("person"), relation.target("org")) {
            let (left, new) = (relation.part("action") == Some("left"), relation.part("action") == Some("appointed"));
            homes.add(person, Home { at: relation.evidence.end().saturating_sub(1), org, left, new, sure });
        }
    }
    homes.all.sort_unstable();
    let mut left: Vec<(usize, u32)> = known.iter().filter_map(departure).collect();
    left.sort_unstable();
    let mut all = Moves { found: Vec::new(), planned: HashSet::new(), said: 0 };
    for &verb in &scene.moves {
        let Some(clause) = scene.clauses.get(scene.clause_at(verb.span.start())) else { continue };
        let event = event(scene, verb, clause);
        if denied(scene, clause.span, &verb) || modifies(scene, &event) {
            continue;
        }
        let evidence = Span::new(clause.span.start().min(verb.span.start()), clause.span.end().max(verb.span.end()));
        let vacated = left.iter().rev().take(16).find(|(at, _)| *at <= verb.span.end());
        let vacated = vacated.filter(|(at, _)| scene.clauses[scene.clause_at(*at)].paragraph == clause.paragraph);
        let vacated = vacated.map(|&(_, org)| org);
        for (person, action, org, confidence) in moved(scene, &event, &homes, (vacated, company)) {
            if action == "left" && stays(scene, verb.span.end(), clause.sentence) {
                continue;
            }
            if tail(scene.read(event.before), 16).contains(['将', '拟']) {
                all.planned.insert(all.found.len());
            }
            homes.add(
                person,
                Home { at: verb.span.start(), org, left: action == "left", new: action == "appointed", sure: true },
            );
            if action == "left" {
                left.push((verb.span.start(), org));
            }
            all.found.push(movement(scene, (person, action, org), evidence, confidence));
        }
    }
    all.said = all.found.len();
    all.found.extend(origins(scene, company));
    all
}

/// Where and from what somebody went.
fn departure(relation: &Relation) -> Option<(usize, u32)> {
    (relation.part("action") == Some("left")).then_some((relation.evidence.start(), relation.target("org")?))
}

/// Whether whoever lays down an office stays with another: 卸任CEO，只保留董事长一职.
pub(crate) fn stays(scene: &Scene, at: usize, sentence: usize) -> bool {
    let clauses = scene.clauses[scene.clause_at(at)..].iter().take(4).take_while(|clause| clause.sentence == sentence);
    let end = clauses.last().map_or(at, |clause| clause.span.end()).max(at);
    let person = scene.mentions_in(Span::new(at, end)).find(|&m| scene.mentions[m].kind == Kind::Person);
    let rest = scene.read(Span::new(at, person.map_or(end, |m| scene.mentions[m].span.start())));
    scene.tables.context.stays.inside(rest)
}

fn event<'s>(scene: &'s Scene, verb: Trigger, clause: &'s Clause) -> Event<'s> {
    let shadow = scene.text.shadow();
    let after = Span::new(verb.span.end(), clause.span.end().max(verb.span.end()));
    let before = lead_in(scene, clause.span, verb.span.start());
    let named = scene.mentions_in(after).find(|&m| scene.mentions[m].kind == Kind::Org).filter(|&m| {
        let gap = scene.read(Span::new(verb.span.end(), scene.mentions[m].span.start()));
        gap.chars().count() <= 8 && !gap.contains(['、', '，'])
    });
    let end = named.map_or(verb.span.end(), |m| scene.mentions[m].span.end());
    let rest = &shadow[verb.span.end()..];
    let itself = scene.tables.context.company.open(rest).is_some();
    let alike = scene.tables.context.alike.first(rest);
    let object = named.and_then(|m| scene.entity_of[m]).or_else(|| scene.alike(alike?, verb.span.start()));
    let passive = scene.read(before).contains(['被', '遭']);
    Event { verb, clause, before, after, object, end, itself, passive }
}

type Moved = (u32, &'static str, u32, Confidence);

/// The moves of one verb. `vacated` is what somebody left before.
fn moved(scene: &Scene, event: &Event, homes: &Homes, (vacated, company): (Option<u32>, Option<u32>)) -> Vec<Moved> {
    let founded = event.is(class!("founded"));
    let persons = movers(scene, event);
    let mut out = Vec::new();
    for person in persons {
        let Some(entity) = scene.entity_of[person] else { continue };
        let first = scene.clauses.partition_point(|clause| clause.sentence < event.clause.sentence);
        let last = scene.clauses.partition_point(|clause| clause.sentence <= event.clause.sentence);
        let (start, end) = (scene.clauses[first].span.start(), scene.clauses[last - 1].span.end());
        let (sentence, so_far) = (Span::new(start, end.max(start)), Span::new(start, event.verb.span.end()));
        let (action, org) = if founded {
            ("founded", founded_by(scene, event))
        } else if event.is(class!("left")) {
            let succeeds = scene.tables.context.succeeds.inside(scene.read(event.before));
            let guess = || homes.within(entity, so_far).or_else(|| homes.last(so_far).filter(|_| succeeds));
            ("left", left_by(scene, event, homes.near(entity, sentence, event.verb.span.start())).or_else(guess))
        } else if event.is(class!("joined")) {
            ("joined", joined_by(scene, event, company))
        } else {
            ("appointed", appointed_to(scene, event, vacated, homes.within(entity, so_far)))
        };
        // Of a country or a town only whoever holds an office there leaves it.
        let place = |org| action == "left" && scene.kind(org) == Kind::Loc && event.object.is_none();
        let Some(org) = org.filter(|&org| scene.kind(org) == Kind::Org || place(org)) else { continue };
        let certain = founded || event.object == Some(org);
        out.push((entity, action, org, if certain { Confidence::Certain } else { Confidence::Likely }));
    }
    out
}

/// Who moves.
fn movers(scene: &Scene, event: &Event) -> Vec<usize> {
    let behind = || {
        let start = event.verb.span.end();
        let person = scene.mentions_in(event.after).find(|&m| scene.mentions[m].kind == Kind::Person)?;
        let near = scene.mentions[person].span.start() == start;
        if scene.read(event.verb.span).ends_with('者') && !near {
            return None;
        }
        (scene.read(Span::new(start, scene.mentions[person].span.start())).chars().count() <= 30).then_some(person)
    };
    // O签约P, but P签约O.
    let either = event.is(class!("either"));
    let object = event.is(class!("object")) || (either && event.object.is_none());
    if (object && !event.passive) || event.is(class!("heir")) {
        let Some(first) = behind() else { return vec![] };
        let mut persons = vec![first];
        while let Some(&last) = persons.last()
            && scene.mentions.get(last + 1).is_some_and(|m| m.kind == Kind::Person)
            && matches!(between(scene, last), "、" | "和" | "与" | "及")
        {
            persons.push(last + 1);
        }
        return persons;
    }
    let alone =
        event.object.is_none() || !scene.mentions_in(event.before).any(|m| scene.mentions[m].kind == Kind::Person);
    // 接替布兰登的林可欣
    let replaced = scene.mention_after(event.verb.span.end()).filter(|&m| scene.mentions[m].kind == Kind::Person);
    let heir = replaced.and_then(|m| described(scene, scene.mentions[m].span.end()));
    if let Some(heir) = heir.filter(|_| event.is(class!("appointed"))) {
        return vec![heir];
    }
    let person = match described(scene, event.end) {
        Some(person) if alone => Some(person),
        _ => actor(scene, &event.verb, event.clause.span),
    };
    let mut persons = person.map_or(vec![], |person| together(scene, person));
    // 2022年与蒂姆合伙创办…: with whom the sentence is about.
    if let Some(&first) = persons.first()
        && let lead = scene.read(Span::new(
            event.before.start().min(scene.mentions[first].span.start()),
            scene.mentions[first].span.start(),
        ))
        && let named = scene.tables.context.fellow.close(lead).unwrap_or(lead)
        && let Some(front) = named.strip_suffix(['与', '和', '同', '跟'])
        && let front = Span::new(event.before.start(), event.before.start() + front.len())
        && is_bare(scene, front, event.clause.sentence)
        && let Some(other) = antecedent(scene, front.start(), event.clause.paragraph)
    {
        persons.insert(0, other);
    }
    persons
}

/// 纸鸢由周铮创办; xAI（马斯克创立）; 周铮创立纸鸢工作室.
fn founded_by(scene: &Scene, event: &Event) -> Option<u32> {
    let shadow = scene.text.shadow();
    let lead = scene.read(event.before);
    if event.is(class!("adjacent")) {
        let next = scene.mention_after(event.verb.span.end())?;
        return scene.entity_of[next].filter(|_| scene.mentions[next].kind == Kind::Org);
    }
    let around = || {
        // 由启明电子前副总裁周恺创办: the one behind 由 is not what is founded.
        let by = lead.rfind('由').map_or(event.before.end(), |at| event.before.start() + at);
        let front = Span::new(event.before.start(), by);
        let subject = scene.mentions_in(front).find(|&m| scene.mentions[m].kind == Kind::Org);
        let around = event.clause.bracket.then(|| {
            let before = shadow[..event.clause.span.start()].trim_end_matches(['（', '(']);
            scene.mention_before(before.len())
        });
        let around = around.flatten().filter(|&m| scene.mentions[m].kind == Kind::Org);
        let by = lead.contains('由') || event.clause.bracket;
        subject.or(around).filter(|_| by).and_then(|m| scene.entity_of[m])
    };
    let open = ["公司由", "由"].iter().any(|word| lead.trim_start().starts_with(word));
    let company = event.clause.org.filter(|_| event.itself || open);
    event.object.or_else(around).or(company)
}

fn org_in(scene: &Scene, span: Span, fits: impl Fn(usize) -> bool) -> Option<u32> {
    let found = scene.mentions_in(span).rev().find(|&m| scene.mentions[m].kind == Kind::Org && fits(m));
    found.and_then(|m| scene.entity_of[m])
}

/// Whether a word stands directly before a mention.
fn behind_word(scene: &Scene, mention: usize, words: &[&str]) -> bool {
    let lead = &scene.text.shadow()[..scene.mentions[mention].span.start()];
    words.iter().any(|word| lead.ends_with(word))
}

/// `home` is where the text has the person.
fn left_by(scene: &Scene, event: &Event, home: Option<u32>) -> Option<u32> {
    let with_verb = if event.passive {
        org_in(scene, event.before, |m| behind_word(scene, m, &["被", "遭"]))
    } else if event.is(class!("object")) {
        let first = scene.mentions_in(event.before).find(|&m| scene.mentions[m].kind == Kind::Org);
        first.and_then(|m| scene.entity_of[m])
    } else {
        org_in(scene, event.before, |m| behind_word(scene, m, &["从", "自"]))
    };
    // 与T1解约
    let word = scene.read(event.verb.span);
    let ends = ["约", "合同"].iter().any(|end| word.ends_with(end));
    let with_verb = with_verb
        .or_else(|| org_in(scene, event.before, |m| behind_word(scene, m, &["与", "和", "同"])).filter(|_| ends));
    event.object.or(with_verb).or(home).or(event.clause.org)
}

fn joined_by(scene: &Scene, event: &Event, company: Option<u32>) -> Option<u32> {
    let rest = &scene.text.shadow()[event.verb.span.end()..];
    let object = event.is(class!("object")) || (event.is(class!("either")) && event.object.is_none());
    let origin = org_in(scene, event.before, |m| behind_word(scene, m, &["从", "自", "由"]));
    // 海州蓝鲨从葡萄牙球会里斯本引进莫塔: the one behind 从 is left.
    let source = |m: usize| {
        let start = scene.mentions[m].span.start();
        let lead = scene.read(Span::new(event.before.start().min(start), start));
        tail(lead, 7).contains(['从', '自'])
    };
    let own = scene.mentions_in(event.before).find(|&m| scene.mentions[m].kind == Kind::Org && !source(m));
    let own = own.filter(|_| object).and_then(|m| scene.entity_of[m]);
    // 引进前云帆科技研究员周恺: his old office is no place to go to.
    let target = event.object.filter(|_| !object).or(own).or(event.clause.topic.filter(|_| object)).or_else(|| {
        let alone = event.itself
            || object
            || origin.is_some()
            || rest.starts_with(['，', '。', ',', '.', '；', '的', '、'])
            || event.verb.span.end() >= event.clause.span.end();
        alone.then_some(event.clause.org.or(scene.main_org).or(company))?
    });
    target.filter(|&org| Some(org) != origin)
}

fn appointed_to(scene: &Scene, event: &Event, vacated: Option<u32>, home: Option<u32>) -> Option<u32> {
    let own = scene.mentions_in(event.before).find(|&m| scene.mentions[m].kind == Kind::Org);
    let own = own.and_then(|m| scene.entity_of[m]);
    if event.is(class!("heir")) {
        return vacated.or(event.clause.org).or(own);
    }
    // 拟任 and 出任 need an office behind them; 接任 and 上任 do not.
    let word = scene.read(event.verb.span);
    let incomplete = word.ends_with(['任', '为', '理', '选']) && !word.starts_with(['接', '继', '上', '就', '到']);
    if incomplete && event.object.is_none() {
        return None;
    }
    // 上任首日, 就任以来: only a time.
    if scene.tables.context.onset.open(&scene.text.shadow()[event.verb.span.end()..]).is_some() {
        return None;
    }
    // With a title the office itself says where.
    if scene.mentions_in(event.after).any(|m| scene.mentions[m].kind == Kind::Title) {
        return None;
    }
    let succeeds = ["接", "继", "代"].iter().any(|begin| word.contains(begin));
    event.object.or(vacated.filter(|_| succeeds)).or(event.clause.org).or(own).or(home)
}

/// Whether a text leaves open what comes behind it.
pub(crate) fn doubtful(scene: &Scene, lead: &str) -> bool {
    scene.tables.context.doubt.inside(lead) || scene.tables.context.guess.inside(lead)
}

/// Whether a verb only modifies a noun (离职高管), names another kind of thing (离开那天) or sets a time (退役前).
fn modifies(scene: &Scene, event: &Event) -> bool {
    let shadow = scene.text.shadow();
    let (behind, rest) = (&shadow[event.verb.span.end()..], &shadow[event.end..]);
    let words = &scene.tables.context;
    let noun = words.described.open(behind).is_some() && !behind.starts_with("时任");
    // 办完离职手续
    let before = scene.read(event.before);
    let noun = noun
        && !(behind.starts_with("手续") && ["办完", "办理", "办了", "办妥"].iter().any(|word| before.ends_with(word)));
    let place = event.end > event.verb.span.end() && words.premises.open(rest).is_some() && !rest.starts_with("时任");
    let career = event.object.is_none() && behind.starts_with('前') && !behind.starts_with("前往");
    event.is(class!("left")) && (noun || place || career)
}

/// Whether a verb is denied or only rumoured in its clause.
pub(crate) fn denied(scene: &Scene, clause: Span, verb: &Trigger) -> bool {
    // Names are no words: 林若溪 supposes nothing.
    let start = lead_in(scene, clause, verb.span.start()).start();
    let words = words_in(scene, Span::new(start, verb.span.start()));
    let behind = &scene.text.shadow()[verb.span.end()..clause.end().max(verb.span.end())];
    scene.tables.context.doubt.inside(tail(&words, 12))
        || tail(&words, 12).trim_end().ends_with(['不', '未', '没', '拟', '欲'])
        || words.trim_start().starts_with(['传', '若'])
        || ["传闻", "的传言", "传言", "的消息不实"].iter().any(|word| behind.starts_with(word))
        || words.contains("否认")
}

/// 她从云帆过来; 出身启明电子; 启明电子出身的石成.
fn origins(scene: &Scene, company: Option<u32>) -> Vec<Relation> {
    let context = &scene.tables.context;
    let shadow = scene.text.shadow();
    let mut found = Vec::new();
    for (index, mention) in scene.mentions.iter().enumerate() {
        if mention.kind != Kind::Org {
            continue;
        }
        // 育碧蒙特利尔
        let place =
            scene.mentions.get(index + 1).filter(|next| next.kind == Kind::Loc && between(scene, index).is_empty());
        let end = place.map_or(mention.span.end(), |place| place.span.end());
        let (before, mut behind) = (&shadow[..mention.span.start()], &shadow[end..]);
        for _ in 0..2 {
            behind = context.aside.open(behind).unwrap_or(behind);
        }
        let end = shadow.len() - behind.len();
        let near = tail(before, 7);
        let from = near.rfind(['从', '自']).is_some_and(|at| !near[at..].contains(['，', '。', '、', '\n']));
        let comes = context.comes.first(behind);
        // 由启明电子转投云帆科技
        let from = from
            || (near.ends_with('由')
                && comes.is_some_and(|word| ["转投", "转会", "跳槽", "加盟", "加入"].contains(&word)));
        let clause = &scene.clauses[scene.clause_of[index]];
        let rest = Span::new(mention.span.end(), clause.span.end().max(mention.span.end()));
        let next = || scene.mentions_in(rest).find(|&m| scene.mentions[m].kind == Kind::Person);
        let person = if let (true, Some(comes)) = (from, comes) {
            let window = Span::new(clause.span.start().min(mention.span.start()), mention.span.start());
            let named = scene.mentions_in(window).rev().find(|&m| scene.mentions[m].kind == Kind::Person);
            let taken = context.taken.are(comes);
            let owner = described(scene, end + comes.len());
            named.or(owner).or_else(|| next().filter(|_| taken)).or_else(|| {
                let front = lead_in(scene, clause.span, mention.span.start());
                antecedent(scene, clause.span.start(), clause.paragraph)
                    .filter(|_| is_bare(scene, front, clause.sentence))
            })
        } else if before.ends_with("出身") {
            next()
        } else if let Some(rest) = behind.strip_prefix("出身") {
            described(scene, shadow.len() - rest.len())
        } else {
            None
        };
        if let (Some(person), Some(org)) = (person.and_then(|p| scene.entity_of[p]), scene.entity_of[index]) {
            found.push(movement(scene, (person, "left", org), clause.span, Confidence::Likely));
            // 现任董事长尤嘉从东方资产调来
            let here = clause.org.or(scene.main_org).or(company).filter(|&here| here != org);
            if let Some(here) = here.filter(|_| comes == Some("调来")) {
                found.push(movement(scene, (person, "joined", here), clause.span, Confidence::Likely));
            }
        }
    }
    found
}

/// Whether a title says that its holder has founded the organisation.
pub(crate) fn is_founder(title: &str) -> bool {
    ["创始人", "创办人", "創始人", "創辦人"].iter().any(|end| title.ends_with(end))
}

/// Who is called founder has founded.
pub(crate) fn founders(scene: &Scene, roles: &[Relation], moves: &mut Vec<Relation>) {
    for role in roles {
        let title = role.part("title").unwrap_or_default();
        if let (true, Some(person), Some(org)) = (is_founder(title), role.target("person"), role.target("org")) {
            moves.push(movement(scene, (person, "founded", org), role.evidence, Confidence::Likely));
        }
    }
}
