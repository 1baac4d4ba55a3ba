//! Figures and changes: `周转率从4%升至6%，欠款3亿元` is change(周转率, 4% -> 6%) and figure(欠款, 3亿元).
//!
//! Every amount is read in its clause, with the words around it ([`crate::around`]). [`MEASURES`] says where its measure is
//! looked for, in order; [`crate::subject`] says whose it is.

use crate::around::{GENERIC, Left, NOUN, NUMERALS, PAYS, Right, classes_in, is_nominal, left_start, read_left};
use crate::clause::{Clause, Piece, Scene, Unit};
use crate::cue::{Choice, Question, Set, having};
use crate::mention::{self, Kind, Mention, Value};
use crate::segment::Tag;
use crate::statement::{Class, Confidence, Relation, RelationKind, class};
use crate::subject::{Ask, Cast, Kept, question};
use crate::text::Span;
use std::cell::OnceCell;

/// By how much a subject leads that is without much doubt.
const SURE: i64 = 100_000;
/// And that of a certain figure.
const CERTAIN: i64 = 250_000;

/// Where the measure was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    LeftNoun,
    RightNoun,
    Topic,
    Verb,
    Heading,
    Carried,
    Earlier,
    Predicate,
    Name,
    Action,
    Per,
    Direction,
}

/// The order in which a measure is looked for.
const MEASURES: [Place; 12] = [
    Place::LeftNoun,  // 净利润率仅6%
    Place::RightNoun, // 签下2000万美元合作
    Place::Topic,     // 税收收入完成90亿元
    Place::Verb,      // 裁员约20%
    Place::Heading,   // 预算金额：120万元
    Place::Carried,   // ……，同比下降3.2%
    Place::Earlier,   // 中间价报8.1，调降30个基点
    Place::Predicate, // 五成用于设备更新
    Place::Name,      // 新西兰90万元
    Place::Action,    // 报35元
    Place::Per,       // 每股12元
    Place::Direction, // 苹果上涨0.9%
];

/// The trait of a place.
fn trait_of_place(place: Place) -> Set {
    match place {
        Place::LeftNoun => having!("left"),
        Place::RightNoun => having!("right"),
        Place::Topic | Place::Verb | Place::Action => having!("verb"),
        Place::Heading => having!("heading"),
        Place::Carried => having!("carried"),
        Place::Earlier => having!("earlier"),
        Place::Predicate => having!("predicate"),
        Place::Name => having!("name"),
        Place::Per => having!("per"),
        Place::Direction => having!("direction"),
    }
}

/// The measure of the amount before.
#[derive(Clone)]
struct Carried {
    measure: String,
    class: Class,
    subject: Option<u32>,
    sentence: usize,
    paragraph: usize,
    noun: bool,
    /// By how much its subject led.
    lead: i64,
    /// The mention of its amount.
    value: usize,
}

impl Carried {
    /// What it says to a later clause of whom that is about.
    fn told(&self, clause: &Clause) -> Kept {
        let near = self.sentence == clause.sentence;
        Kept {
            value: self.value,
            subject: self.subject,
            sure: self.lead >= SURE,
            near,
            paragraph: self.paragraph == clause.paragraph,
        }
    }
}

/// Who decides whose an amount is.
pub(crate) type Judge<'j> = dyn FnMut(&Question) -> Choice + 'j;

/// The figures and changes of a document, in the order of their amounts.
///
/// `judge` says whose an amount is, and by how much the answer leads.
pub(crate) fn figures(scene: &Scene, judge: &mut Judge) -> Vec<Relation> {
    let cast = Cast::new(scene);
    let mut told: Vec<(String, u32)> = Vec::new();
    let mut judge = |mut ask: Ask| {
        if let Some(text) = &ask.text {
            ask.same_measure = told.iter().filter(|(known, _)| known == text).map(|&(_, id)| id).collect();
        }
        let text = ask.text.clone();
        let (subject, lead) = judge(&question(scene, &cast, ask));
        if let (Some(text), Some(id)) = (text, subject)
            && told.len() < 512
            && !told.iter().any(|(known, of)| *known == text && *of == id)
        {
            told.push((text, id));
        }
        (subject, lead)
    };
    let mut found: Vec<Relation> = Vec::new();
    let mut carried: Option<Carried> = None;
    let mut before: Option<usize> = None;
    let mut skip = None;
    for (value, mention) in scene.mentions.iter().enumerate() {
        if !matches!(mention.kind, Kind::Money | Kind::Percent | Kind::Count) {
            continue;
        }
        let last = before.replace(value);
        if let Some(from) = last
            && let Some(relation) = change(scene, from, value, &mut carried, &mut judge)
        {
            // The first side was taken for a figure of its own.
            if found.last().is_some_and(|r| r.kind == RelationKind::Figure && r.target("value") == Some(from as u32)) {
                found.pop();
            }
            found.push(relation);
            continue;
        }
        if skip == Some(value) {
            continue;
        }
        if is_rate(scene, value) {
            skip = Some(value + 1);
            continue;
        }
        if is_vague(scene.read(mention.span)) || is_bare_sum(mention, scene.read(mention.span)) {
            continue;
        }
        if let Some(relation) = figure(scene, value, last, &mut carried, &mut judge) {
            found.push(relation);
        }
    }
    once(found)
}

/// A fact that is told again is one relation: the same subject and value, and one measure within the other.
fn once(found: Vec<Relation>) -> Vec<Relation> {
    let mut seen: std::collections::HashMap<(RelationKind, String), Vec<usize>> = std::collections::HashMap::new();
    let mut kept: Vec<Relation> = Vec::new();
    for relation in found {
        let value = relation.part("value").unwrap_or_default().to_owned();
        let same = seen.entry((relation.kind, value)).or_default();
        let measure = relation.part("measure").unwrap_or_default();
        let known = same.iter().copied().take(8).find(|&known| {
            let other = &kept[known];
            let other_measure = other.part("measure").unwrap_or_default();
            let subjects = (other.part("subject"), relation.part("subject"));
            (subjects.0 == subjects.1 || subjects.0.is_none() || subjects.1.is_none())
                && (other_measure.contains(measure) || measure.contains(other_measure))
        });
        match known {
            // Of two tellings the one that names the subject says more.
            Some(known) => {
                if kept[known].part("subject").is_none() && relation.part("subject").is_some() {
                    kept[known] = relation;
                }
            }
            None => {
                same.push(kept.len());
                kept.push(relation);
            }
        }
    }
    kept
}

/// Whether an amount is a discount (八折) or a bare fraction (三分之一), which is seldom a figure of anything.
fn is_vague(surface: &str) -> bool {
    let exact = ["百分之", "千分之", "万分之"].iter().any(|word| surface.contains(word));
    surface.ends_with('折') || surface == "一半" || (surface.contains("分之") && !exact)
}

/// Whether a sum names no currency: 募资6亿.
fn is_bare_sum(mention: &Mention, surface: &str) -> bool {
    mention.kind == Kind::Money
        && surface.ends_with(['万', '亿', '千', '百'])
        && surface.chars().all(|c| c.is_ascii_digit() || NUMERALS.contains(&c) || ".,几数多余万亿千零〇".contains(c))
}

/// Whether an amount is one side of a rate of exchange: 1欧元对人民币9元.
fn is_rate(scene: &Scene, value: usize) -> bool {
    let Some(next) = scene.mentions.get(value + 1) else { return false };
    let this = &scene.mentions[value];
    let between = scene.text.shadow()[this.span.end()..next.span.start()].trim();
    let rate = between.ends_with(['对', '兑', '换', '=', '≈', '合']) && between.chars().count() <= 4;
    this.kind == Kind::Money && next.kind == Kind::Money && rate && !between.contains('约')
}

/// A measure, and what else its place says.
struct Measure {
    text: String,
    /// Where it stands, if it stands in the clause of the amount.
    span: Option<Span>,
    class: Class,
    /// Whose it is, where the place decides that.
    subject: Option<Option<u32>>,
}

/// An amount in its clause.
struct Reading<'s, 'a> {
    scene: &'s Scene<'a>,
    value: usize,
    clause: &'s Clause,
    left: Left,
    /// Read when a place asks for it.
    right: OnceCell<Right>,
    /// The measure before in the sentence.
    kept: Option<&'s Carried>,
    /// The measure before in the paragraph.
    near: Option<&'s Carried>,
}

impl Reading<'_, '_> {
    fn right(&self) -> &Right {
        self.right.get_or_init(|| Right::read(self.scene, self.value, self.clause))
    }

    /// The measure from one place, if it can be had there.
    fn measure(&self, place: Place) -> Option<Measure> {
        let (scene, left) = (self.scene, &self.left);
        let mention = &scene.mentions[self.value];
        let at = |span: Span, span_counts: bool| Measure {
            text: scene.text.surface(span).to_owned(),
            span: span_counts.then_some(span),
            class: classes_in(scene, span),
            subject: None,
        };
        let moved = left.basis.is_some() || left.direction.is_some();
        let percent = mention.kind == Kind::Percent;
        match place {
            // 处五十万元以下罚款
            Place::LeftNoun
                if left.noun.is_some_and(|span| scene.read(span).chars().count() == 1)
                    && self.right().noun.is_some_and(|noun| classes_in(scene, noun) & NOUN != 0) =>
            {
                None
            }
            // 剩下的15%补充流动资金
            Place::LeftNoun | Place::Verb if left.rest(scene) && percent && self.right().predicate.is_some() => None,
            Place::LeftNoun | Place::Verb if left.limit(scene) && self.right().of && self.right().noun.is_some() => {
                None
            }
            Place::LeftNoun if left.by && self.right().predicate.is_some() => None,
            Place::LeftNoun => left
                .noun
                .filter(|_| !(left.closes_with_verb && self.right().of && self.right().noun.is_some()))
                .map(|span| at(span, true)),
            Place::RightNoun => {
                let noun = self.right().noun?;
                // 支付三成预付款: the object of the verb is a measure itself.
                let pays = left.verb.is_some_and(|verb| PAYS.contains(&scene.read(verb)));
                let object = pays || (classes_in(scene, noun) & NOUN != 0 && !self.right().of);
                let act = left.verb.is_some() && left.is_act(scene) && !object;
                let carries = moved && self.kept.is_some();
                let longer = self.right().predicate.is_some_and(|predicate| predicate.len() > noun.len());
                let predicate = percent && left.bare && left.verb.is_none() && longer;
                (!act && !carries && !predicate).then(|| at(noun, false))
            }
            Place::Topic => left.topic.map(|span| at(span, true)),
            // 股价上涨……，收于22元: the price is measured.
            Place::Verb | Place::Action
                if self.kept.is_some_and(|kept| kept.measure.contains("股价")) && left.closes_market(scene) =>
            {
                None
            }
            Place::Verb if moved && !left.is_act(scene) && (self.kept.is_some() || self.near.is_some()) => None,
            Place::Verb if !percent && !left.is_act(scene) && self.clause.topic.is_none() => None,
            Place::Verb => left.verb.map(|span| at(span, true)),
            // 临时加价（两成）: what stands before the bracket is measured.
            Place::Heading
                if self.clause.bracket
                    && left.bare
                    && scene.name_around(self.clause.span.start()).is_none()
                    && !scene.value_before(self.clause.span.start()) =>
            {
                let end = scene.text.shadow()[..self.clause.span.start()].strip_suffix(['（', '(', '〔'])?.len();
                let around = &scene.clauses[scene.clause_at(end.checked_sub(1)?)];
                let start = scene.near(around, end).start().min(end);
                let units = scene.units(Span::new(start, end), around.sentence);
                let head = read_left(scene, &units);
                Some(Measure { span: None, ..at(head.noun.or(head.verb)?, false) })
            }
            Place::Heading => {
                let index = scene.clause_of[self.value].checked_sub(1).filter(|_| left.bare && !self.clause.bracket)?;
                let before = &scene.clauses[index];
                let gap = scene.read(Span::new(before.span.end(), self.clause.span.start().max(before.span.end())));
                let units = scene.units(scene.near(before, before.span.end()), before.sentence);
                let head = read_left(scene, &units);
                // 应收账款，8亿元: an item of a list.
                let item = gap.trim_end().ends_with(['，', ',']) && units.iter().all(|unit| is_nominal(scene, unit));
                let heading = item || gap.trim_end().ends_with(['：', ':']);
                let heading = heading && before.sentence == self.clause.sentence;
                let span = head.noun.or(head.verb).filter(|_| heading)?;
                let subject = scene.mentions_in(before.span).find_map(|m| {
                    scene.entity_of[m].filter(|_| !matches!(scene.mentions[m].kind, Kind::Loc | Kind::Person))
                });
                Some(Measure { subject: Some(subject.or(before.topic)), span: None, ..at(span, false) })
            }
            Place::Carried => {
                let name = left.name.map(|name| scene.mentions[name].kind);
                let free = match name {
                    None => true,
                    Some(Kind::Loc | Kind::Count | Kind::Date) => false,
                    // 山鹰为60%: the same measure of another.
                    Some(_) => self.kept.is_some_and(|kept| kept.noun) && self.right().noun.is_none(),
                };
                let predicate = percent && left.bare && !moved && !left.linked && self.right().predicate.is_some();
                let bracket = !self.clause.bracket || left.bare && scene.value_before(self.clause.span.start());
                let kept = self.kept.filter(|kept| kept.noun || !moved);
                let fresh = self.clause.own && name.is_some() && moved && !left.linked;
                let near = self.near.filter(|near| moved && (!self.clause.own || near.subject == self.clause.topic));
                let kept = kept.or(near).filter(|_| free && !predicate && bracket && !fresh)?;
                let subject = if name.is_some() { None } else { Some(kept.subject).filter(|_| !self.clause.own) };
                Some(Measure { text: kept.measure.clone(), span: None, class: kept.class, subject })
            }
            Place::Earlier => {
                let start = scene.mentions[..self.value]
                    .iter()
                    .rev()
                    .take(6)
                    .find(|m| matches!(m.kind, Kind::Money | Kind::Percent))
                    .map_or(0, |m| m.span.end());
                let first = scene.clauses[..scene.clause_of[self.value]]
                    .iter()
                    .rev()
                    .take(3)
                    .take_while(|clause| clause.sentence == self.clause.sentence)
                    .last()?;
                let window =
                    Span::new(first.span.start().max(start).min(self.clause.span.start()), self.clause.span.start());
                let word = scene.figures_in(window).iter().rev().find(|t| t.class & (NOUN | class!("own")) != 0)?;
                let clause = &scene.clauses[scene.clause_at(word.span.start())];
                let units =
                    scene.units(Span::new(clause.span.start().max(window.start()), word.span.end()), clause.sentence);
                let span = read_left(scene, &units).noun.filter(|_| moved || left.linked)?;
                Some(Measure { subject: Some(clause.topic), ..at(span, false) })
            }
            Place::Predicate => {
                // 六成担心收入减少 is of nobody; 云帆以9亿元买下对手 is of the one who does.
                let fits = left.governed || (left.bare && percent);
                let subject = if self.clause.own { None } else { Some(None) };
                self.right().predicate.filter(|_| fits).map(|span| Measure { subject, ..at(span, false) })
            }
            Place::Name => {
                let name = left.name.filter(|&name| matches!(scene.mentions[name].kind, Kind::Loc))?;
                Some(Measure {
                    subject: Some(self.clause.topic.filter(|_| !self.clause.own)),
                    ..at(scene.mentions[name].span, true)
                })
            }
            Place::Action => left.action.map(|span| at(span, true)),
            Place::Per => left.per.map(|span| at(span, false)),
            Place::Direction => left.direction.map(|(_, span)| at(span, false)),
        }
    }
}

fn figure(
    scene: &Scene,
    value: usize,
    last: Option<usize>,
    carried: &mut Option<Carried>,
    judge: &mut impl FnMut(Ask) -> Choice,
) -> Option<Relation> {
    let mention = &scene.mentions[value];
    let clause = &scene.clauses[scene.clause_of[value]];
    let start = left_start(scene, value, last);
    let units = scene.units(Span::new(start, mention.span.start().max(start)), clause.sentence);
    let reading = Reading {
        scene,
        value,
        clause,
        left: read_left(scene, &units),
        right: OnceCell::new(),
        kept: carried.as_ref().filter(|kept| kept.sentence == clause.sentence),
        near: carried.as_ref().filter(|kept| kept.paragraph == clause.paragraph && kept.noun),
    };
    let left = &reading.left;
    let found = MEASURES.into_iter().find_map(|place| Some((place, reading.measure(place)?)));
    let place = found.as_ref().map(|(place, _)| *place);
    let measure = found.map(|(_, measure)| measure);
    let class_of = measure.as_ref().map_or(0, |measure| measure.class);
    let span = measure.as_ref().and_then(|measure| measure.span);
    let given = measure.as_ref().and_then(|measure| measure.subject);
    let inside = clause.bracket && left.bare;
    let worth = left.worth;
    let kept = reading.kept.filter(|_| place == Some(Place::LeftNoun));
    let kept = kept.filter(|kept| {
        measure.as_ref().is_some_and(|m| GENERIC.contains(&&*m.text) && !kept.measure.contains(&*m.text))
    });
    let text = measure.map(|measure| match kept {
        Some(kept) => kept.measure.clone() + &measure.text,
        None => measure.text,
    });
    let mut traits = place.map_or(0, trait_of_place);
    for (on, bit) in [
        (worth, having!("worth")),
        (left.bare, having!("bare")),
        (left.linked, having!("linked")),
        (left.basis.is_some() || left.direction.is_some(), having!("moved")),
    ] {
        traits |= if on { bit } else { 0 };
    }
    let ask = Ask {
        value,
        measure: span,
        text: text.clone(),
        class: class_of,
        traits,
        given,
        same_measure: Vec::new(),
        kept: reading.near.or(carried.as_ref()).map(|kept| kept.told(clause)),
    };
    let (subject, lead) = judge(ask);
    // 灵鹊（40%）: nothing else is said of the amount.
    let around = scene.name_around(clause.span.start()).filter(|_| inside && text.is_none());
    let subject = around.or(subject);
    let per = mention.kind == Kind::Count && left.per.is_some_and(|per| per.end() >= mention.span.end());
    let unit = mention.kind == Kind::Count && scene.text.shadow()[..mention.span.start()].ends_with('每');
    if let Some(text) = text.as_ref().filter(|_| !per && !unit) {
        *carried = Some(Carried {
            measure: text.clone(),
            class: class_of,
            subject,
            sentence: clause.sentence,
            paragraph: clause.paragraph,
            noun: match place {
                Some(Place::Direction | Place::Predicate | Place::Per | Place::Name | Place::Action) => false,
                Some(Place::Verb) => class_of & (NOUN | class!("loss")) != 0,
                _ => true,
            },
            lead,
            value,
        });
    }
    // Without a measure only 灵鹊（40%） and 灵鹊40% say something.
    let named = left.name.is_some_and(|name| scene.entity_of[name] == subject);
    if mention.kind == Kind::Count || (text.is_none() && (subject.is_none() || !(inside || named))) {
        return None;
    }
    let mut relation = Relation::new(RelationKind::Figure, evidence(clause.span, mention.span));
    name_part(scene, &mut relation, "subject", subject);
    let source = |span: Span| scene.text.surface(span).to_owned();
    if let Some(mut text) = text {
        // 营业收入同比增长12%: the growth is another figure than the revenue.
        if left.basis_word
            && matches!(place, Some(Place::Carried | Place::LeftNoun | Place::Earlier))
            && let Some(basis) = left.basis
        {
            text.push_str(scene.text.surface(basis));
        }
        relation.parts.push(("measure", text));
    }
    relation.parts.push(("value", source(mention.span)));
    if let Some(basis) = left.basis {
        relation.parts.push(("basis", source(basis)));
    }
    let loss = (class_of & class!("loss") != 0).then_some("loss");
    if let Some(direction) = left.direction.map(|(direction, _)| direction).or(loss) {
        relation.parts.push(("direction", direction.to_owned()));
    }
    relation.refs.push(("value", value as u32));
    // A measure of the tables directly before the amount, of whom the clause or the sentence is about.
    let known = class_of & (NOUN | class!("loss")) != 0 && matches!(place, Some(Place::LeftNoun | Place::Verb));
    if !(known && lead >= CERTAIN && subject.is_some() && !clause.bracket) {
        relation.confidence = Confidence::Likely;
    }
    Some(relation)
}

/// `从A升至B`, `由A增至B`, and `A升至B` where nothing else stands between.
fn change(
    scene: &Scene,
    from: usize,
    to: usize,
    carried: &mut Option<Carried>,
    judge: &mut impl FnMut(Ask) -> Choice,
) -> Option<Relation> {
    let (first, second) = (&scene.mentions[from], &scene.mentions[to]);
    let clause = &scene.clauses[scene.clause_of[from]];
    let goal = &scene.clauses[scene.clause_of[to]];
    if first.kind == Kind::Count
        || first.kind != second.kind
        || clause.sentence != goal.sentence
        || clause.bracket != goal.bracket
    {
        return None;
    }
    let between = Span::new(first.span.end(), second.span.start());
    if between.len() > 90 || unit_of(first) != unit_of(second) {
        return None;
    }
    if !scene.figures_in(between).iter().any(|trigger| trigger.class & class!("to") != 0) {
        return None;
    }
    let units = scene.units(between, clause.sentence);
    let verb = units.iter().rposition(|unit| unit.is(class!("to")))?;
    let small = |unit: &Unit| match unit.piece {
        Piece::Trigger(found) => found & NOUN == 0,
        Piece::Mention(mention) => matches!(scene.mentions[mention].kind, Kind::Date),
        Piece::Word(Tag::Noun) => false,
        Piece::Word(_) => true,
    };
    // Behind the verb only what qualifies the second amount: 逾, 每千次, 2030年的.
    if !units[verb + 1..].iter().all(|unit| small(unit) || scene.read(unit.span).starts_with('轮')) {
        let rest = &units[verb + 1..];
        let per = rest.first().is_some_and(|unit| scene.read(unit.span).starts_with('每'));
        let lot = rest.len() <= 3 && rest.last().is_some_and(|unit| scene.read(unit.span) == "的");
        if !per && !lot {
            return None;
        }
    }
    let start = left_start(scene, from, None);
    let before = scene.units(Span::new(start, first.span.start().max(start)), clause.sentence);
    let source = before.iter().rposition(|unit| {
        unit.is(class!("from")) && before.len() - 1 <= 12 + before.iter().position(|u| u == unit).unwrap_or(0)
    });
    let direct = verb == 0 || units[..verb].iter().all(small);
    let single = scene.read(units[verb].span).chars().count() == 1;
    let crossing = scene.clause_of[from] != scene.clause_of[to];
    let few = ["只有", "仅", "仅有", "仅为", "只", "不足", "不到", "才"];
    let limited = before.iter().rev().take(3).any(|unit| few.contains(&scene.read(unit.span)));
    let same = units[..verb].iter().all(|unit| match unit.piece {
        Piece::Trigger(found) => found & NOUN == 0,
        Piece::Mention(mention) => scene.mentions[mention].kind == Kind::Date,
        Piece::Word(_) => true,
    });
    let head = match source {
        Some(source) => &before[..source],
        // 81%升至85%; 头场占比只有8%，第三天爬到24%: without 从 only by a verb of more than one character, and over
        // a comma only from what is said to be little or much, with no other measure between.
        None if !single && (if crossing { limited && same } else { direct }) => &before[..],
        None => return None,
    };
    let mut left = read_left(scene, head);
    // 外债占产值的比例，已由30%升至40%: the measure stands before the comma.
    if left.noun.is_none()
        && left.name.is_none()
        && scene.text.shadow()[..clause.span.start()].ends_with(['，', ','])
        && let Some(before) = scene.clause_of[from].checked_sub(1).map(|at| &scene.clauses[at])
        && let whole = scene.near(before, before.span.end())
        && !scene.mentions_in(whole).any(|m| matches!(scene.mentions[m].kind, Kind::Money | Kind::Percent))
    {
        let units = scene.units(whole, before.sentence);
        left.noun = read_left(scene, &units).noun.filter(|&span| classes_in(scene, span) & NOUN != 0);
    }
    let kept = carried.as_ref().filter(|kept| kept.sentence == clause.sentence);
    let source_text = |span: Span| scene.text.surface(span).to_owned();
    let measure = left
        .noun
        .or(left.verb)
        .map(source_text)
        .or_else(|| left.name.map(|name| source_text(scene.mentions[name].span)))
        .or_else(|| kept.map(|kept| kept.measure.clone()));
    let classes = left.noun.map_or(0, |span| classes_in(scene, span));
    let measure_span = left.noun.or(left.name.map(|name| scene.mentions[name].span));
    let ask = Ask {
        value: from,
        measure: measure_span,
        text: measure.clone(),
        class: classes,
        traits: having!("change"),
        given: None,
        same_measure: Vec::new(),
        kept: carried.as_ref().map(|kept| kept.told(clause)),
    };
    let (subject, lead) = judge(ask);
    if measure.is_none() && subject.is_none() {
        return None;
    }
    if let Some(measure) = &measure {
        let (sentence, paragraph) = (clause.sentence, clause.paragraph);
        *carried = Some(Carried {
            measure: measure.clone(),
            class: classes,
            subject,
            sentence,
            paragraph,
            noun: true,
            lead,
            value: from,
        });
    }
    let evidence = Span::new(clause.span.start().min(first.span.start()), goal.span.end().max(second.span.end()));
    let mut relation = Relation::new(RelationKind::Change, evidence);
    name_part(scene, &mut relation, "subject", subject);
    if let Some(measure) = measure {
        relation.parts.push(("measure", measure));
    }
    let value = format!("{} -> {}", scene.text.surface(first.span), scene.text.surface(second.span));
    relation.parts.push(("value", value));
    relation.refs.extend([("from", from as u32), ("to", to as u32)]);
    if !(lead >= CERTAIN && subject.is_some() && left.noun.is_some() && source.is_some()) {
        relation.confidence = Confidence::Likely;
    }
    Some(relation)
}

/// What an amount is counted in, where its value is known.
fn unit_of(mention: &Mention) -> Option<mention::Unit> {
    match mention.value {
        Value::Amount(amount) => Some(amount.unit),
        _ => None,
    }
}

/// The clause, and the amount where it reaches over the clause.
fn evidence(clause: Span, value: Span) -> Span {
    Span::new(clause.start().min(value.start()), clause.end().max(value.end()))
}

pub(crate) fn name_part(scene: &Scene, relation: &mut Relation, part: &'static str, entity: Option<u32>) {
    if let Some(entity) = entity {
        relation.parts.push((part, scene.name(entity)));
        relation.refs.push((part, entity));
    }
}
