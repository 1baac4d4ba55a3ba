//! Whose figure an amount is: of `云帆科技` in `云帆科技去年营收12亿元，毛利率31%`, of nobody in `全国新房均价1.2万元`.
//!
//! Every name that could be meant is a candidate, and so is nobody. What is seen of a candidate are its cues (it stands
//! directly before the measure, the clause is about it, the figure before was its), what is seen of the amount are the
//! traits of the question (the measure is one of organisations, the clause opens with 其中). A small network, learned
//! from annotated articles, says how much they count together; the candidate that counts most is taken.

use crate::clause::{Clause, GOVERNORS, Piece, Scene};
use crate::cue::{Candidate, Question, Set, cue, having};
use crate::mention::Kind;
use crate::segment::Tag;
use crate::statement::{Class, class};
use crate::text::Span;

/// Whose the figure before was.
pub(crate) struct Kept {
    /// The mention of its amount.
    pub value: usize,
    pub subject: Option<u32>,
    /// Whether that was without much doubt.
    pub sure: bool,
    /// Whether it stands in the same sentence.
    pub near: bool,
    /// Whether it stands in the same paragraph.
    pub paragraph: bool,
}

/// What the pattern of the amount knows.
pub(crate) struct Ask {
    pub value: usize,
    /// Where the measure stands, if in the clause.
    pub measure: Option<Span>,
    pub text: Option<String>,
    pub class: Class,
    pub traits: Set,
    /// Whose the figure is by the place of the measure.
    pub given: Option<Option<u32>>,
    /// Whose figures of the same measure were told before.
    pub same_measure: Vec<u32>,
    /// Whose the figure before was.
    pub kept: Option<Kept>,
}

/// Words that stand for those who speak.
const WE: [&str; 4] = ["我", "咱", "自己", "本人"];

/// Words for the whole of a market or a country.
const WHOLES: [&str; 12] =
    ["全国", "全球", "全行业", "全市", "全省", "全县", "全区", "行业", "同类产品", "全年票房", "大盘", "市场规模"];

/// What is known of a document before its amounts are read.
pub(crate) struct Cast {
    /// How often each entity is named.
    count: Vec<usize>,
    /// The organisation in whose office a person is named: 英伟达CEO黄仁勋.
    office_of: Vec<Option<u32>>,
    /// The most frequent count and the number of entities of organisations, persons, products and places.
    most: [(usize, usize); 4],
    /// The first of each in the title or the first paragraph.
    lead: [Option<u32>; 4],
    /// The most frequent of each, if named more than once.
    often: [Option<u32>; 4],
}

const KINDS: [Kind; 4] = [Kind::Org, Kind::Person, Kind::Product, Kind::Loc];

fn kind_of(kind: Kind) -> Option<usize> {
    KINDS.iter().position(|known| *known == kind)
}

impl Cast {
    pub fn new(scene: &Scene) -> Self {
        let count: Vec<usize> = scene.entities.iter().map(|entity| entity.mentions.len()).collect();
        let mut most = [(0, 0); 4];
        for (entity, &count) in scene.entities.iter().zip(&count) {
            if let Some(kind) = kind_of(entity.kind) {
                most[kind] = (most[kind].0.max(count), most[kind].1 + 1);
            }
        }
        let mut office_of = vec![None; scene.entities.len()];
        let mut org: Option<(u32, usize)> = None;
        for (index, mention) in scene.mentions.iter().enumerate() {
            let close = org.is_some_and(|(_, end)| {
                let gap = scene.text.shadow().get(end..mention.span.start()).unwrap_or("，");
                matches!(gap.trim(), "" | "的" | "、" | "兼" | "及" | "和")
            });
            match mention.kind {
                Kind::Org => org = scene.entity_of[index].map(|id| (id, mention.span.end())),
                Kind::Title if close => org = org.map(|(id, _)| (id, mention.span.end())),
                Kind::Person if close => {
                    if let (Some(person), Some((id, _))) = (scene.entity_of[index], org) {
                        office_of[person as usize].get_or_insert(id);
                    }
                    org = None;
                }
                _ => org = None,
            }
        }
        let lead = KINDS.map(|kind| scene.lead(kind));
        let often = [0, 1, 2, 3].map(|kind| {
            let first = (0..).zip(scene.entities).find(|&(id, entity)| {
                entity.kind == KINDS[kind] && count[id as usize] == most[kind].0 && most[kind].0 > 1
            });
            first.map(|(id, _)| id)
        });
        Self { count, office_of, most, lead, often }
    }
}

/// The candidates of an amount with their cues, and the traits of the question.
pub(crate) fn question(scene: &Scene, cast: &Cast, ask: Ask) -> Question {
    let place = scene.clause_of[ask.value];
    let clause = &scene.clauses[place];
    let mut found = Candidates { scene, cast, list: vec![Candidate { entity: None, cues: cue!("nobody") }] };
    let limit = ask.measure.map_or(scene.mentions[ask.value].span.start(), Span::start);
    let limit = limit.min(scene.mentions[ask.value].span.start());
    found.in_clause(&ask, clause, place, limit);
    found.around(clause, place);
    found.told(&ask, clause);
    let mut traits = ask.traits | traits_of(scene, &ask, clause, limit);
    if cast.most[0].1 >= 8 && scene.main_org.is_none() {
        traits |= having!("crowd");
    }
    for (list, bit) in [(scene.main_org, having!("main-org")), (scene.main_product, having!("main-product"))] {
        if list.is_some() {
            traits |= bit;
        }
    }
    Question { value: ask.value, measure: ask.text, traits, candidates: found.list }
}

/// What the clause and the measure say of the question.
fn traits_of(scene: &Scene, ask: &Ask, clause: &Clause, limit: usize) -> Set {
    let mut traits = having!("any");
    let mut set = |on: bool, bit: Set| {
        if on {
            traits |= bit;
        }
    };
    match scene.mentions[ask.value].kind {
        Kind::Percent => set(true, having!("percent")),
        Kind::Money => set(true, having!("money")),
        _ => {}
    }
    let classes = [
        (class!("money"), having!("m-money")),
        (class!("ratio"), having!("m-ratio")),
        (class!("count"), having!("m-count")),
        (class!("org"), having!("m-org")),
        (class!("person"), having!("m-person")),
        (class!("product"), having!("m-product")),
        (class!("own"), having!("m-own")),
        (class!("act"), having!("m-act")),
        (class!("loss"), having!("m-loss")),
    ];
    let any = classes.iter().fold(0, |all, (class, _)| all | class);
    for (class, bit) in classes {
        set(ask.class & class != 0, bit);
    }
    if let Some(kept) = &ask.kept {
        set(kept.near, having!("in-sentence"));
        set(kept.paragraph && !kept.near, having!("in-paragraph"));
        let between = (kept.value + 1..ask.value).rev().take(12);
        let named =
            between.into_iter().any(|n| matches!(scene.mentions[n].kind, Kind::Org | Kind::Person | Kind::Product));
        set(named, having!("name-between"));
    }
    set(ask.text.is_none(), having!("m-none"));
    set(ask.text.is_some() && ask.class & any == 0, having!("m-other"));
    let value = scene.mentions[ask.value].span;
    let near = scene.near(clause, value.start());
    let words = scene.read(Span::new(near.start().min(limit), value.start().max(limit)));
    let text = scene.read(near);
    let measure = ask.text.as_deref().unwrap_or_default();
    set(scene.quotation_at(value.start()).is_some(), having!("quoted"));
    set(WE.iter().any(|word| text.contains(word)), having!("we"));
    let stands = class!("self-org") | class!("self-person") | class!("self-product");
    set(scene.figures_in(near).iter().any(|t| t.class & stands != 0), having!("company-word"));
    set(clause.bracket, having!("in-bracket"));
    set(clause.source, having!("reported"));
    set(WHOLES.iter().any(|word| words.contains(word)), having!("whole"));
    let lead = text.trim_start();
    set(["其中", "而", "其余", "但", "另有", "另一"].iter().any(|word| lead.starts_with(word)), having!("among"));
    set(clause.own, having!("own"));
    set(measure.ends_with('价') || measure.contains("价格") || measure.contains("租金"), having!("price"));
    set(measure.contains('罚'), having!("fine"));
    set(measure.ends_with('率'), having!("rate"));
    set(measure.ends_with(['费', '酬', '薪', '资']), having!("fee"));
    set(measure.ends_with(['款', '金', '债', '贷']), having!("sum"));
    set(measure.ends_with(['额', '入', '润', '值', '出']), having!("amount"));
    set(
        ["占比", "比例", "比重", "份额", "股权", "股份", "持股"].iter().any(|end| measure.ends_with(end)),
        having!("part"),
    );
    set(measure.ends_with(['量', '数', '者', '人', '户', '们', '家']), having!("number"));
    set(words.contains('占') || measure.contains('占'), having!("share"));
    set(clause.paragraph == 0, having!("headline"));
    set(scene.mentions_in(near).any(|m| scene.mentions[m].kind == Kind::Loc), having!("place-word"));
    traits
}

struct Candidates<'s, 'a> {
    scene: &'s Scene<'a>,
    cast: &'s Cast,
    list: Vec<Candidate>,
}

impl Candidates<'_, '_> {
    /// Adds cues to a candidate; a new one brings what is known of its entity.
    fn add(&mut self, entity: Option<u32>, cues: Set) {
        let Some(id) = entity else { return };
        if let Some(known) = self.list.iter_mut().find(|known| known.entity == entity) {
            known.cues |= cues;
            return;
        }
        let Some(kind) = kind_of(self.scene.kind(id)) else { return };
        let of_kind = [cue!("org"), cue!("person"), cue!("product"), cue!("place")][kind];
        let (most, entities) = self.cast.most[kind];
        let count = self.cast.count[id as usize];
        let mut all = cues | of_kind;
        if count == most && count > 1 {
            all |= cue!("often");
        }
        if entities == 1 {
            all |= cue!("only");
        }
        if self.cast.lead[kind] == entity {
            all |= cue!("lead");
        }
        if self.scene.is_authority(id) {
            all |= cue!("authority");
        }
        if all & cue!("often") != 0 && all & cue!("lead") != 0 {
            all |= cue!("hero");
        }
        if self.scene.main_org == entity || self.scene.main_product == entity {
            all |= cue!("main");
        }
        self.list.push(Candidate { entity, cues: all });
    }

    /// The names of the clause of the amount.
    fn in_clause(&mut self, ask: &Ask, clause: &Clause, place: usize, limit: usize) {
        let scene = self.scene;
        let value = scene.mentions[ask.value].span;
        // The last name before the measure, and whether nothing comes between.
        let range = scene.mentions_in(clause.span);
        let range = range.start.max(ask.value.saturating_sub(12))..range.end.min(ask.value + 8);
        let near = range.clone().rev().find(|&m| {
            scene.clause_of[m] == place
                && scene.mentions[m].span.end() <= limit
                && !matches!(scene.mentions[m].kind, Kind::Date | Kind::Title)
        });
        for index in range {
            let mention = &scene.mentions[index];
            if kind_of(mention.kind).is_none() || scene.clause_of[index] != place {
                continue;
            }
            let before = scene.read(Span::new(clause.span.start().min(mention.span.start()), mention.span.start()));
            let mut cues = if mention.span.start() < value.start() { cue!("before") } else { cue!("behind") };
            let mut set = |on: bool, cue: Set| {
                if on {
                    cues |= cue;
                }
            };
            set(near == Some(index), cue!("nearest-before"));
            set(near == Some(index) && self.close(mention.span.end(), limit, clause.sentence), cue!("owner"));
            set(GOVERNORS.iter().any(|word| before.trim_end().ends_with(word)), cue!("governed"));
            set(before.trim().is_empty(), cue!("opens"));
            set(scene.in_list(index), cue!("listed"));
            set(before.ends_with('《'), cue!("medium"));
            let next = scene.mentions.get(index + 1);
            let touching = next.is_some_and(|next| next.span.start() == mention.span.end());
            set(touching && next.is_some_and(|next| next.kind == Kind::Title), cue!("titled"));
            let behind = &scene.text.shadow()[mention.span.end()..];
            set(scene.is_source_word(behind), cue!("source"));
            if !before.is_empty() && mention.kind != Kind::Loc {
                let start = mention.span.start();
                let from = before.char_indices().rev().nth(5).map_or(0, |(at, _)| at);
                let units = scene.units(Span::new(start - (before.len() - from), start), clause.sentence);
                let verb = units.last().is_some_and(|unit| match unit.piece {
                    Piece::Word(tag) => tag == Tag::Verb || matches!(scene.read(unit.span), "了" | "过"),
                    Piece::Trigger(found) => found & (class!("act") | class!("open")) != 0,
                    Piece::Mention(_) => false,
                });
                set(verb, cue!("object"));
            }
            self.add(scene.entity_of[index], cues);
        }
    }

    /// Whether only particles, adverbs and names stand between two positions.
    fn close(&self, from: usize, to: usize, sentence: usize) -> bool {
        let scene = self.scene;
        scene.units(Span::new(from, to.max(from)), sentence).iter().all(|unit| match unit.piece {
            Piece::Mention(_) => true,
            Piece::Trigger(found) => found & (class!("adv") | class!("open")) != 0 && !scene.speaks(from, to),
            Piece::Word(tag) => {
                let text = scene.read(unit.span);
                let mark = text.chars().all(|c| !c.is_alphanumeric());
                matches!(tag, Tag::Particle | Tag::Adverb | Tag::Time) || (mark && !text.contains('、'))
            }
        })
    }

    /// The names of the clauses before, the sentence before, and those that the clauses carry.
    fn around(&mut self, clause: &Clause, place: usize) {
        let scene = self.scene;
        let start = clause.span.start();
        let end = scene.mentions.partition_point(|mention| mention.span.start() < start);
        let mut nearest = [true; 4];
        for index in (0..end).rev().take(14) {
            let mention = &scene.mentions[index];
            let Some(kind) = kind_of(mention.kind) else { continue };
            let other = &scene.clauses[scene.clause_of[index]];
            if other.paragraph != clause.paragraph || other.sentence + 1 < clause.sentence {
                break;
            }
            let mut cues = if other.sentence == clause.sentence { cue!("sentence") } else { cue!("sentence-before") };
            if scene.clause_of[index] + 1 == place {
                cues |= cue!("clause-before");
            }
            if std::mem::take(&mut nearest[kind]) {
                cues |= cue!("nearest");
            }
            self.add(scene.entity_of[index], cues);
        }
        if clause.own {
            self.add(clause.topic, cue!("own-topic"));
        } else {
            self.add(clause.topic, cue!("topic"));
        }
        self.add(clause.org, cue!("company"));
        self.add(clause.last_org, cue!("last-org"));
        self.add(clause.person, cue!("last-person"));
        self.add(clause.product, cue!("last-product"));
        self.add(clause.place, cue!("setting"));
        // The last that the paragraph before was about.
        let earlier =
            scene.clauses[..place].iter().rev().take(64).find(|c| c.paragraph != clause.paragraph && c.topic.is_some());
        self.add(earlier.and_then(|clause| clause.topic), cue!("paragraph-before"));
        for id in [scene.main_org, scene.main_product].into_iter().chain(self.cast.lead).chain(self.cast.often) {
            self.add(id, 0);
        }
        if clause.bracket {
            self.add(scene.name_around(clause.span.start()), cue!("bracket"));
        }
    }

    /// What was said before, and who speaks.
    fn told(&mut self, ask: &Ask, clause: &Clause) {
        let scene = self.scene;
        if let Some(kept) = &ask.kept {
            let cue = match (kept.near, kept.paragraph) {
                (true, _) => cue!("same-sentence"),
                (false, true) => cue!("same-paragraph"),
                _ => cue!("figure-before"),
            };
            let cue = cue | if kept.sure { cue!("sure") } else { 0 };
            match kept.subject {
                Some(_) => self.add(kept.subject, cue),
                None => self.list[0].cues |= cue,
            }
        }
        for &id in &ask.same_measure {
            self.add(Some(id), cue!("same-measure"));
        }
        match ask.given {
            Some(Some(id)) => self.add(Some(id), cue!("given")),
            Some(None) => self.list[0].cues |= cue!("given"),
            None => {}
        }
        // 对山鹰罚款, 判处张某……罚金: the one who is punished pays.
        if ask.text.as_deref().is_some_and(|text| text.contains('罚')) {
            let punished = (0..ask.value).rev().take(8).find(|&index| {
                let before = scene.text.shadow()[..scene.mentions[index].span.start()].trim_end_matches("被告人");
                let named = matches!(scene.mentions[index].kind, Kind::Org | Kind::Person);
                let punished = ["对", "判处", "处以", "给予", "责令", "判令"].iter().any(|word| before.ends_with(word));
                named && punished && scene.clauses[scene.clause_of[index]].sentence == clause.sentence
            });
            self.add(punished.and_then(|index| scene.entity_of[index]), cue!("fined"));
        }
        if let Some(index) = paired(scene, ask.value, clause) {
            self.add(scene.entity_of[index], cue!("paired"));
        }
        if let Some(speaker) = scene.speaker_around(scene.mentions[ask.value].span.start()) {
            self.add(Some(speaker), cue!("speaker"));
            self.add(self.cast.office_of[speaker as usize], cue!("speaker-org"));
        }
        let near = scene.near(clause, scene.mentions[ask.value].span.start());
        let like = scene.figures_in(near).iter().find(|trigger| trigger.class & class!("self-org") != 0);
        if let Some(word) = like {
            self.add(scene.alike(scene.read(word.span), word.span.start()), cue!("stands-for"));
        }
    }
}

/// The name in the place of the amount, where names and amounts stand in two lists of one length: 甲、乙分别增长5%、7%.
fn paired(scene: &Scene, value: usize, clause: &Clause) -> Option<usize> {
    let text = scene.read(scene.near(clause, scene.mentions[value].span.start()));
    if !["分别", "各", "依次"].iter().any(|word| text.contains(word)) {
        return None;
    }
    let amount = |n: usize| scene.mentions.get(n).is_some_and(|m| matches!(m.kind, Kind::Money | Kind::Percent));
    let place = scene.clause_of[value];
    let same = |n: usize| scene.clause_of.get(n) == Some(&place);
    let first = (value.saturating_sub(8)..=value).rev().take_while(|&n| amount(n) && same(n)).last()?;
    let last = (value..value + 8).take_while(|&n| amount(n) && same(n)).last()?;
    // The last list of names before the amounts in the sentence.
    let end = (first.saturating_sub(6)..first).rev().find(|&n| kind_of(scene.mentions[n].kind).is_some())?;
    let joined = |n: usize| {
        let gap = Span::new(scene.mentions[n].span.end(), scene.mentions[n + 1].span.start());
        scene.mentions[n].kind == scene.mentions[end].kind
            && matches!(scene.read(gap), "、" | "和" | "与" | "及" | "以及")
    };
    let start = (end.saturating_sub(8)..end).rev().take_while(|&n| joined(n)).last().unwrap_or(end);
    let near = scene.clauses[scene.clause_of[start]].sentence == clause.sentence;
    (near && end - start == last - first && last > first).then(|| start + (value - first))
}
