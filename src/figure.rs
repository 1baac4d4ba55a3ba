//! Figures and changes: `周转率从4%升至6%，欠款3亿元` is change(周转率, 4% -> 6%) and figure(欠款, 3亿元).
//!
//! Every amount is read in its clause. The words before it, from right to left, are link words (约, 达, 仅占), a
//! direction (下降), a basis (同比, 比年初), and then the measure, which begins behind the last name, date, adverb or
//! opening verb. [`MEASURES`] says where the measure is looked for, in order.

use crate::clause::{Clause, Piece, Scene, Unit};
use crate::cue::{Choice, Question, Set, having};
use crate::mention::{self, Kind, Mention, Value};
use crate::segment::Tag;
use crate::statement::{Class, Confidence, Relation, RelationKind, Trigger, class};
use crate::subject::{Ask, Cast, Kept, question};
use crate::text::Span;
use std::cell::OnceCell;

/// Words that are measures, whatever else they are.
const NOUN: Class =
    class!("money") | class!("ratio") | class!("count") | class!("org") | class!("person") | class!("product");
/// Words that stand between the measure and the value.
const LINK: Class = class!("link") | class!("basis") | class!("up") | class!("down") | class!("from") | class!("to");
/// Words in front of the measure.
const CUT: Class =
    LINK | class!("open") | class!("self-org") | class!("self-person") | class!("self-product") | class!("after");

/// Verbs whose object is the measure: 支付三成预付款.
const PAYS: [&str; 8] = ["支付", "派发", "收取", "缴纳", "发放", "获得", "收到", "预付"];

/// What a number begins with.
const NUMERALS: [char; 12] = ['一', '两', '二', '三', '四', '五', '六', '七', '八', '九', '十', '百'];

/// Verbs behind which something new is said.
const SAID: [&str; 12] = ["说", "称", "并称", "表示", "认为", "指出", "透露", "坦言", "写道", "还说", "又说", "补充说"];

/// Heads that need the measure before to say anything.
const GENERIC: [&str; 10] = ["占比", "比例", "比重", "增幅", "降幅", "涨幅", "跌幅", "增速", "金额", "份额"];

/// By how much a subject leads that is without much doubt.
const SURE: i64 = 100_000;
/// And that of a certain figure.
const CERTAIN: i64 = 250_000;

/// The longest measure that is kept, in characters.
const LONGEST: usize = 20;

/// The words before an amount.
#[derive(Default)]
struct Left {
    /// The measure: 毛利率 in 综合毛利率约为.
    noun: Option<Span>,
    /// The measure before an opening verb: 税收收入 in 税收收入完成.
    topic: Option<Span>,
    /// A verb that can be the measure itself: 裁员, 投入.
    verb: Option<Span>,
    /// A verb of one character directly before the amount, which is the measure where there is no other: 亏, 捐, 报.
    action: Option<Span>,
    /// A name that stands where the measure would: 新西兰.
    name: Option<usize>,
    /// 每股, 每平方米.
    per: Option<Span>,
    /// 同比, 较年初.
    basis: Option<Span>,
    /// Whether the basis is a word of its own, and belongs to the name of the measure.
    basis_word: bool,
    direction: Option<(&'static str, Span)>,
    /// Whether nothing but link words stands before the amount.
    bare: bool,
    /// Whether a link word (为, 占, 达) stands before the amount.
    linked: bool,
    /// Whether the measure ends with a verb, so that the noun behind the amount may be its object.
    closes_with_verb: bool,
    /// Whether 价值 stands before the amount.
    worth: bool,
    /// Whether the amount is a rate of what stands before (按合同价的万分之五计收).
    by: bool,
    /// Whether 把 or 将 governs the amount.
    governed: bool,
}

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

/// Where the words before an amount begin: at its clause, or behind the amount before it.
fn left_start(scene: &Scene, value: usize, last: Option<usize>) -> usize {
    let clause = scene.clause_of[value];
    let start = scene.clauses[clause].span.start();
    let end = scene.mentions[value].span.start();
    let is_amount = |n: &usize| matches!(scene.mentions[*n].kind, Kind::Money | Kind::Percent);
    let previous = last.or_else(|| (0..value).rev().take(12).find(is_amount));
    let previous = previous.filter(|&last| scene.clause_of[last] == clause && scene.mentions[last].kind != Kind::Count);
    let start = previous.map_or(start, |last| {
        let behind = scene.mentions[last].span.end();
        let rest = scene.read(Span::new(behind, end.max(behind)));
        // 3元/斤至4元/斤
        let unit = if rest.starts_with('/') { rest.chars().take(2).map(char::len_utf8).sum() } else { 0 };
        start.max(behind + unit)
    });
    // 1亿元的天使轮、2亿元的A轮: the noun before the comma is of the amount before.
    let between = scene.read(Span::new(start.min(end), end));
    let start = match previous.filter(|_| between.starts_with('的')).and(between.rfind(['、', '和', '及'])) {
        Some(comma) => start + comma + between[comma..].chars().next().map_or(0, char::len_utf8),
        None => start,
    };
    // 导演说下一部八成已经拍完: what is said begins behind the verb.
    let said = (start < end).then(|| scene.last_trigger_in(&scene.say, Span::new(start, end), class!("say"))).flatten();
    let said = said.filter(|verb| SAID.contains(&scene.read(verb.span)));
    said.map_or(start, |verb| start.max(verb.span.end()))
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

/// The classes of the measure words in a span.
fn classes_in(scene: &Scene, span: Span) -> Class {
    scene.figures_in(span).iter().fold(0, |all, trigger: &Trigger| all | trigger.class)
}

/// What only says that an amount is a limit or a sum.
const LIMITS: [&str; 9] = ["最高", "最低", "最多", "至多", "合计", "总计", "累计", "共计", "总共"];

impl Left {
    /// Whether what stands before the amount only says that it is what is left over.
    fn rest(&self, scene: &Scene) -> bool {
        let words = ["剩下", "剩余", "余下", "其余", "剩"];
        self.noun.or(self.verb).or(self.action).is_some_and(|span| words.contains(&scene.read(span)))
    }

    /// Whether the verb says at what price a share is traded.
    fn closes_market(&self, scene: &Scene) -> bool {
        let verb = self.verb.or(self.action).map_or("", |span| scene.read(span));
        matches!(verb, "收于" | "收报" | "报" | "收在" | "报收" | "收" | "触及" | "报于")
    }

    /// Whether what stands before the amount only says that it is a limit or a sum: 最高5万元的补贴.
    fn limit(&self, scene: &Scene) -> bool {
        self.noun.or(self.verb).is_some_and(|span| LIMITS.contains(&scene.read(span)))
    }

    /// Whether the verb is one that the tables know for a measure.
    fn is_act(&self, scene: &Scene) -> bool {
        self.verb.is_some_and(|span| classes_in(scene, span) & (class!("act") | class!("loss")) != 0)
    }
}

/// Reads the words before an amount from right to left.
fn read_left(scene: &Scene, units: &[Unit]) -> Left {
    let mut left = Left::default();
    let mut rest = units;
    strip(scene, &mut rest, &mut left);
    // 比上一代多, 较年初增长: what is compared with is no measure.
    let comparison = rest.iter().rposition(|unit| matches!(scene.read(unit.span), "比" | "较" | "比起" | "相比"));
    if let Some(at) = comparison
        && (left.direction.is_some() || left.basis.is_some() || at == 0)
    {
        let end = units[units.len() - 1].span.end().min(left.direction.map_or(usize::MAX, |(_, s)| s.start()));
        left.basis = Some(Span::new(rest[at].span.start(), end.max(rest[at].span.end())));
        left.basis_word = false;
        rest = &rest[..at];
        strip(scene, &mut rest, &mut left);
    }
    // 出苗率高出山区2个百分点
    let over = rest
        .iter()
        .rposition(|unit| matches!(scene.read(unit.span), "高出" | "多出" | "超出" | "领先" | "低于" | "高于"));
    if let Some(at) = over
        && at > 0
        && rest.len() - at <= 4
        && !rest[at + 1..].iter().any(|unit| unit.is(NOUN) || scene.read(unit.span).ends_with('率'))
    {
        left.direction = Some((if scene.read(rest[at].span).starts_with('低') { "down" } else { "up" }, rest[at].span));
        rest = &rest[..at];
        strip(scene, &mut rest, &mut left);
    }
    // 产能利用率已经回到九成: what stands between the measure's noun and the amount is its verb.
    if let Some(noun) = rest.iter().rposition(|unit| unit.is(NOUN))
        && noun + 1 < rest.len()
        && !matches!(scene.read(rest[noun + 1].span), "率" | "额" | "数" | "价" | "量" | "比" | "面" | "值" | "分")
        && rest[noun + 1..].iter().all(|unit| match unit.piece {
            Piece::Word(tag) => {
                matches!(tag, Tag::Verb | Tag::Adverb | Tag::Particle | Tag::Preposition)
                    && scene.read(unit.span) != "的"
            }
            Piece::Trigger(found) => found & (class!("adv") | class!("link")) != 0,
            Piece::Mention(_) => false,
        })
    {
        rest = &rest[..=noun];
    }
    if let Some(before) = copula(scene, rest) {
        rest = before;
        strip(scene, &mut rest, &mut left);
    }
    left.bare = rest.is_empty();
    left.governed |= rest.last().is_some_and(|unit| matches!(scene.read(unit.span), "把" | "将" | "以"));
    let cut = rest.iter().enumerate().rposition(|(at, unit)| {
        // 研发投入占营业收入的比例
        let share = rest.last().is_some_and(|last| GENERIC.contains(&scene.read(last.span)));
        if scene.read(unit.span) == "占" && at > 0 && share && !cuts(scene, &rest[at - 1]) {
            return false;
        }
        // 前五大客户
        if scene.read(unit.span) == "前"
            && rest.get(at + 1).is_some_and(|next| scene.read(next.span).starts_with(NUMERALS))
        {
            return false;
        }
        // “70后” is a noun.
        if matches!(scene.read(unit.span), "后" | "前")
            && at > 0
            && scene.read(rest[at - 1].span).bytes().all(|b| b.is_ascii_digit())
        {
            return false;
        }
        // 增长预测 is one noun.
        let joined = unit.is(class!("up") | class!("down"))
            && rest
                .get(at + 1)
                .is_some_and(|next| matches!(next.piece, Piece::Word(Tag::Noun | Tag::VerbalNoun)) || next.is(NOUN));
        !joined && cuts(scene, unit)
    });
    if cut.is_some_and(|cut| matches!(scene.read(rest[cut].span), "按" | "按照" | "以")) {
        (left.by, left.governed) = (true, true);
    }
    let mut noun = &rest[cut.map_or(0, |cut| cut + 1)..];
    while let Some(first) = noun.first()
        && (matches!(first.piece, Piece::Word(Tag::Particle | Tag::Locative)) || is_mark(scene, first))
        && !matches!(scene.read(first.span), "“" | "「" | "\"")
    {
        noun = &noun[1..];
    }
    if noun.is_empty() {
        // 地方税收收入完成90亿元: the measure stands before the verb.
        if let Some(at) = cut
            .filter(|&at| at > 0 && (rest[at].is(class!("open")) || matches!(rest[at].piece, Piece::Word(Tag::Verb))))
        {
            let before = &rest[..at];
            let from = before.iter().rposition(|unit| cuts(scene, unit)).map_or(0, |cut| cut + 1);
            let noun = &before[from..];
            let named =
                noun.iter().any(|unit| unit.is(NOUN) || matches!(unit.piece, Piece::Word(Tag::Noun | Tag::VerbalNoun)));
            if named && let (Some(first), Some(last)) = (noun.first(), noun.last()) {
                left.topic = Some(shorten(scene, Span::new(first.span.start(), last.span.end()), noun));
            }
        }
        if let Some(Piece::Mention(mention)) = cut.map(|cut| rest[cut].piece) {
            left.name = Some(mention);
        } else if let Some(cut) = cut.filter(|&cut| matches!(rest[cut].piece, Piece::Word(Tag::Verb))) {
            let span = rest[cut].span;
            let slot = if scene.read(span).chars().count() > 1 { &mut left.verb } else { &mut left.action };
            *slot = Some(span);
        }
        return left;
    }
    // 派发现金红利: the verb is no part of the measure.
    let pays = PAYS.contains(&scene.read(noun[0].span));
    if pays && noun.len() > 1 {
        noun = &noun[1..];
    }
    // “70后” has lost its closing mark.
    if noun.len() > 1
        && matches!(scene.read(noun[0].span), "“" | "「")
        && !noun.iter().any(|u| matches!(scene.read(u.span), "”" | "」"))
    {
        noun = &noun[1..];
    }
    let span = Span::new(noun[0].span.start(), noun[noun.len() - 1].span.end());
    // 动用比例: a head that says nothing alone takes its verb.
    let verb = cut
        .filter(|&cut| !scene.read(rest[cut].span).starts_with('这'))
        .map(|cut| rest[cut])
        .filter(|unit| unit.is(class!("open")) && unit.span.end() == span.start());
    let span =
        match verb.filter(|unit| GENERIC.contains(&scene.read(span)) && scene.read(unit.span).chars().count() > 1) {
            Some(verb) => Span::new(verb.span.start(), span.end()),
            None => span,
        };
    // 折合人民币约5亿元; 还差5亿元: no measure.
    let text = scene.read(span);
    let single =
        text.chars().count() == 1 && matches!(noun[noun.len() - 1].piece, Piece::Word(tag) if tag != Tag::Noun);
    if single || text == "人民币" && rest.iter().any(|unit| scene.read(unit.span).contains('合')) {
        left.bare = !single;
        let last = noun[noun.len() - 1];
        let verb =
            matches!(last.piece, Piece::Word(Tag::Verb)) || last.is(class!("act") | class!("loss") | class!("open"));
        left.action = Some(last.span).filter(|_| single && verb);
        return left;
    }
    let verb_only = noun.iter().all(|unit| match unit.piece {
        Piece::Word(tag) => matches!(tag, Tag::Verb | Tag::Adverb | Tag::Particle | Tag::Numeral | Tag::Measure),
        Piece::Trigger(found) => found & (NOUN | class!("own")) == 0,
        Piece::Mention(_) => false,
    });
    let span = shorten(scene, span, noun);
    // 这一数字: the measure before is meant.
    if scene.read(span).ends_with("数字")
        || (cut.is_some_and(|cut| scene.read(rest[cut].span).starts_with('这')) && scene.read(span) == "比例")
    {
        left.linked = true;
        return left;
    }
    left.closes_with_verb = matches!(noun[noun.len() - 1].piece, Piece::Word(Tag::Verb));
    if scene.read(span).ends_with("价值") {
        // 价值90万元的发电机: the thing is measured.
        left.worth = true;
        left.bare = true;
    } else if verb_only {
        let known = noun.iter().any(|unit| unit.is(class!("act") | class!("loss")));
        left.verb = Some(span).filter(|&span| known || scene.read(span).chars().count() > 1);
    } else {
        left.noun = Some(span);
    }
    left
}

/// Takes link words, directions, bases and dates from the right end.
fn strip(scene: &Scene, rest: &mut &[Unit], left: &mut Left) {
    while let Some((unit, before)) = rest.split_last() {
        match unit.piece {
            Piece::Trigger(found) => {
                if found & NOUN != 0 && found & class!("basis") == 0 {
                    return;
                }
                if found & (class!("up") | class!("down")) != 0 {
                    let direction = if found & class!("up") != 0 { "up" } else { "down" };
                    left.direction.get_or_insert((direction, unit.span));
                }
                if found & class!("basis") != 0 {
                    left.basis = Some(unit.span);
                    left.basis_word = true;
                }
                left.linked |= found & class!("link") != 0 && scene.read(unit.span).contains(['占', '为', '是', '达']);
                if found & class!("adv") != 0 && found & class!("act") == 0 {
                    *rest = before;
                    continue;
                }
                if found & LINK == 0 || (found & class!("act") != 0 && found & (class!("up") | class!("down")) == 0) {
                    return;
                }
            }
            Piece::Mention(mention) => match scene.mentions[mention].kind {
                Kind::Date => {}
                Kind::Count if before.last().is_some_and(|unit| scene.read(unit.span) == "每") => {
                    left.per = Some(Span::new(before[before.len() - 1].span.start(), unit.span.end()));
                    *rest = &before[..before.len() - 1];
                    continue;
                }
                _ => return,
            },
            Piece::Word(tag) => {
                let word = scene.read(unit.span);
                // 每平方米, 每百万tokens
                let numerals = |text: &str| {
                    text.chars().all(|c| NUMERALS.contains(&c) || "千万亿".contains(c) || c.is_ascii_digit())
                };
                let each = before.iter().rposition(|unit| scene.read(unit.span).starts_with('每')).filter(|&at| {
                    numerals(&scene.read(before[at].span)["每".len()..])
                        && before[at + 1..].iter().all(|unit| numerals(scene.read(unit.span)))
                });
                if each.is_some() || (word.starts_with('每') && word.chars().count() <= 4) {
                    let start = each.map_or(unit.span, |at| before[at].span).start();
                    left.per = Some(Span::new(start, unit.span.end()));
                    *rest = each.map_or(before, |at| &before[..at]);
                    continue;
                }
                let opening = matches!(word, "“" | "「" | "‘" | "\"" | "《");
                let plain = matches!(tag, Tag::Adverb | Tag::Particle) || is_mark(scene, unit) || opening;
                if matches!(word, "按" | "以") {
                    left.governed = true;
                } else if !plain && !matches!(word, "则" | "也" | "均" | "只" | "为" | "在" | "上") {
                    return;
                }
            }
        }
        *rest = before;
    }
}

/// Whether a unit can be part of the name of a thing.
fn is_nominal(scene: &Scene, unit: &Unit) -> bool {
    match unit.piece {
        Piece::Word(tag) => {
            matches!(
                tag,
                Tag::Noun
                    | Tag::VerbalNoun
                    | Tag::Latin
                    | Tag::ProperName
                    | Tag::Morpheme
                    | Tag::Adjective
                    | Tag::Numeral
            ) || is_mark(scene, unit)
        }
        Piece::Trigger(found) => found & (NOUN | class!("own")) != 0,
        Piece::Mention(mention) => !matches!(scene.mentions[mention].kind, Kind::Money | Kind::Percent | Kind::Count),
    }
}

/// Whether a unit is a mark of punctuation.
fn is_mark(scene: &Scene, unit: &Unit) -> bool {
    scene.read(unit.span).chars().all(|c| !c.is_alphanumeric())
}

/// 存货 in 存货占总资产的20%, 房贷利率 in 房贷利率为LPR减20个基点: what stands before the verb is measured.
fn copula<'u>(scene: &Scene, rest: &'u [Unit]) -> Option<&'u [Unit]> {
    let at = rest.iter().rposition(|unit| {
        let word = scene.read(unit.span);
        unit.is(class!("link")) && (word.contains('占') || matches!(word, "为" | "是" | "则为"))
    })?;
    let before = &rest[..at];
    // 房贷利率多为
    let near = before
        .iter()
        .rposition(|unit| !matches!(unit.piece, Piece::Word(Tag::Adverb)) && !unit.is(class!("adv") | class!("up")));
    let before = &before[..near.map_or(0, |near| near + 1)];
    let noun = before.last().is_some_and(|unit| match unit.piece {
        Piece::Word(tag) => matches!(
            tag,
            Tag::Noun | Tag::VerbalNoun | Tag::Latin | Tag::ProperName | Tag::Adverb | Tag::Adjective | Tag::Numeral
        ),
        Piece::Trigger(found) => found & (NOUN | class!("own")) != 0,
        Piece::Mention(_) => false,
    });
    let after = &rest[at + 1..];
    // 研发投入占营业收入的比例: the whole is the measure.
    let whole = after.last().is_some_and(|unit| GENERIC.contains(&scene.read(unit.span)));
    let takes = whole || after.iter().any(|unit| matches!(scene.read(unit.span), "把" | "将"));
    (noun && !after.is_empty() && !takes).then_some(before)
}

/// Whether the measure can only begin behind this unit.
fn cuts(scene: &Scene, unit: &Unit) -> bool {
    match unit.piece {
        Piece::Mention(_) => true,
        Piece::Trigger(found) => found & NOUN == 0 && found & (class!("act") | class!("own")) == 0 && found & CUT != 0,
        Piece::Word(tag) => {
            matches!(tag, Tag::Preposition | Tag::Conjunction | Tag::Adverb | Tag::Pronoun | Tag::Time)
                || matches!(
                    scene.read(unit.span),
                    "、" | "了" | "着" | "过" | "被" | "把" | "将" | "对" | "以" | "》" | "/"
                )
        }
    }
}

/// A measure of bearable length: what stands behind its last 的, if it is long.
fn shorten(scene: &Scene, span: Span, noun: &[Unit]) -> Span {
    if scene.read(span).chars().count() <= LONGEST {
        return span;
    }
    let de = noun.iter().rposition(|unit| scene.read(unit.span) == "的").filter(|&at| at + 1 < noun.len());
    let mut start = de.map_or(noun[0].span.start(), |at| noun[at + 1].span.start());
    for unit in noun {
        if scene.read(Span::new(start, span.end())).chars().count() <= LONGEST {
            break;
        }
        start = start.max(unit.span.end());
    }
    if start >= span.end() { span } else { Span::new(start, span.end()) }
}

/// The words behind an amount.
struct Right {
    /// 合作 in 2000万美元合作, 股份 in 7%的股份.
    noun: Option<Span>,
    /// The whole rest of the clause: 担心收入减少.
    predicate: Option<Span>,
    /// Whether 的 joins the noun to the amount.
    of: bool,
}

/// What may stand between an amount and the words that belong to it.
const SUFFIXES: [&str; 14] =
    ["以上", "左右", "上下", "以内", "以下", "之多", "不等", "多", "余", "起", "强", "整", "的", "/"];

impl Right {
    fn read(scene: &Scene, value: usize, clause: &Clause) -> Self {
        let mention = &scene.mentions[value];
        let mut end = clause.span.end().max(mention.span.end());
        if let Some(next) =
            scene.mentions[value + 1..].iter().take(12).find(|m| matches!(m.kind, Kind::Money | Kind::Percent))
            && next.span.start() < end
        {
            end = next.span.start();
        }
        let mut at = mention.span.end();
        let mut of = false;
        let rest = |at: usize| &scene.text.shadow()[at..end];
        while let Some(suffix) = SUFFIXES.iter().find(|suffix| rest(at).starts_with(**suffix)) {
            at += suffix.len();
            of |= *suffix == "的";
            if *suffix == "/" {
                return Self { noun: None, predicate: None, of };
            }
        }
        let units = scene.units(Span::new(at, end), clause.sentence);
        let joins = |unit: &Unit| matches!(scene.read(unit.span), "和" | "及" | "与" | "以及" | "或");
        let whole = |from: usize| -> Option<Span> {
            if units.get(from).is_some_and(&joins) {
                return None;
            }
            let mut last = from;
            let mut chars = 0;
            for unit in &units[from..] {
                chars += scene.read(unit.span).chars().count();
                if chars > LONGEST {
                    break;
                }
                last += 1;
            }
            let end = units.get(last.checked_sub(1)?)?.span.end();
            let start = units.get(from)?.span.start();
            (start < end && !is_mark(scene, &units[from])).then(|| Span::new(start, end))
        };
        if units.first().is_some_and(|unit| unit.is(class!("after"))) {
            return Self { noun: None, predicate: whole(1), of };
        }
        let mut last = 0;
        let mut has_noun = false;
        for (n, unit) in units.iter().enumerate() {
            let fits = match unit.piece {
                Piece::Trigger(found) => found & (NOUN | class!("act")) != 0,
                Piece::Mention(_) => false,
                Piece::Word(tag) => match tag {
                    Tag::Noun
                    | Tag::VerbalNoun
                    | Tag::Latin
                    | Tag::ProperName
                    | Tag::Morpheme
                    | Tag::Abbreviation
                    | Tag::Adjective
                    | Tag::Idiom
                    | Tag::Prefix => true,
                    // 价格扣除, 合作: the last word of the clause may be a verb by the segmenter's word.
                    // 预计负债
                    Tag::Verb => n + 1 == units.len() || (of && !has_noun) || (n == 0 && units[n + 1].is(NOUN)),
                    Tag::Numeral | Tag::Measure | Tag::Time => !has_noun,
                    Tag::Particle => n > 0 && scene.read(unit.span) == "的",
                    _ => false,
                },
            };
            if !fits || is_mark(scene, unit) {
                break;
            }
            has_noun |= match unit.piece {
                Piece::Trigger(_) => true,
                Piece::Word(Tag::Verb) => n + 1 == units.len(),
                Piece::Word(tag) => {
                    !matches!(tag, Tag::Adjective | Tag::Particle | Tag::Numeral | Tag::Measure | Tag::Time)
                }
                Piece::Mention(_) => false,
            };
            last = n + 1;
        }
        while last > 0 && scene.read(units[last - 1].span) == "的" {
            last -= 1;
        }
        let noun = (has_noun && last > 0).then(|| Span::new(units[0].span.start(), units[last - 1].span.end()));
        Self { noun, predicate: if units.is_empty() { None } else { whole(0) }, of }
    }
}
