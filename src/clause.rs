//! Clauses and whom they are about: in `云帆科技去年营收12亿元，毛利率31%。公司计划裁员` all three are about 云帆科技.
//!
//! The rule by which a subject is carried: a clause is about the first name in it that no preposition governs and no
//! verb precedes; a name that only says something (表示, 数据显示) is not what the clause is about. A clause without
//! such a name is about what the clause before it in the same sentence is about. 公司 and its like stand for the
//! last organisation of the paragraph that a clause was about, or else for the organisation that the document is
//! about: the one named clearly most often, or introduced with its short form (以下简称).
//!
//! Law: clauses are sorted by their start; what stands in brackets is a clause of its own inside the outer one.

use crate::link::Entity;
use crate::mention::{Kind, Mention};
use crate::segment::{Tag, Token, Words};
use crate::statement::{Class, RelationWords, Trigger, class};
use crate::text::{Span, Text};

/// A stretch of a sentence between two of ，；：。 or inside brackets.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub span: Span,
    pub sentence: usize,
    pub paragraph: usize,
    /// Whether it stands in brackets.
    pub bracket: bool,
    /// Whom it is about, named in it or carried inside the sentence.
    pub topic: Option<u32>,
    /// Whether the topic is named in the clause itself.
    pub own: bool,
    /// Whether the sentence reports what somebody found out (某院数据显示).
    pub source: bool,
    /// The organisation that 公司 stands for: of the sentence, else of the document.
    pub org: Option<u32>,
    /// The last organisation that a clause was about.
    pub last_org: Option<u32>,
    /// A place set before (在中国，…).
    pub place: Option<u32>,
    pub person: Option<u32>,
    pub product: Option<u32>,
}

/// A quotation: what stands between the marks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotation {
    /// With the marks.
    pub outer: Span,
    /// Without them.
    pub inner: Span,
}

/// A piece of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A mention.
    Mention(usize),
    /// A word of the figure tables.
    Trigger(Class),
    /// Another word.
    Word(Tag),
}

/// A piece with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub span: Span,
    pub piece: Piece,
}

impl Unit {
    /// Whether the unit is a trigger of one of these classes.
    pub fn is(&self, classes: Class) -> bool {
        matches!(self.piece, Piece::Trigger(class) if class & classes != 0)
    }
}

/// A document with everything that patterns look at.
pub(crate) struct Scene<'a> {
    pub text: &'a Text,
    pub mentions: &'a [Mention],
    pub entities: &'a [Entity],
    pub tables: &'a RelationWords,
    words: &'a Words,
    /// The entity of every mention that has one.
    pub entity_of: Vec<Option<u32>>,
    pub clauses: Vec<Clause>,
    /// The clause of every mention.
    pub clause_of: Vec<usize>,
    pub quotations: Vec<Quotation>,
    pub say: Vec<Trigger>,
    pub moves: Vec<Trigger>,
    pub roles: Vec<Trigger>,
    figures: Vec<Trigger>,
    /// The outermost brackets, with their marks.
    brackets: Vec<Span>,
    /// The organisation that the document is about.
    pub main_org: Option<u32>,
    /// The product that it is about.
    pub main_product: Option<u32>,
    /// The court of which judges without one are: the organisation that the document is about, or the first court.
    pub court: Option<u32>,
}

/// What stands before a name that is no subject.
pub(crate) const GOVERNORS: [&str; 30] = [
    "据", "在", "对", "向", "自", "从", "由", "与", "给", "受", "经", "被", "把", "将", "以", "为", "于", "至", "到",
    "比", "较", "为了", "随着", "根据", "关于", "按", "跟", "像", "和", "同",
];

/// What stands behind a name that is only the source of a statement.
const SOURCES: [&str; 16] = [
    "数据",
    "的数据",
    "统计",
    "监测",
    "测算",
    "显示",
    "资料",
    "报告",
    "预估",
    "估计",
    "公布的",
    "调查",
    "测试",
    "发布的",
    "估算",
    "研究",
];

/// Verbs that close a clause in which something is only made known.
const ANNOUNCE: [&str; 9] = ["公布", "披露", "通报", "发布", "指出", "认为", "透露", "介绍", "预测"];

/// Verbs of the tables that take a name for their object.
const OBJECTS: [&str; 8] = ["包括", "持有", "拥有", "收购", "给予", "提供", "来自", "如"];

/// How the names of those end who judge or supervise others.
const AUTHORITIES: [&str; 13] = [
    "法院",
    "检察院",
    "公安局",
    "分局",
    "派出所",
    "支队",
    "大队",
    "管理局",
    "监管局",
    "总局",
    "指挥部",
    "防总",
    "证监会",
];

/// So many bytes of a clause before and behind an amount are looked at.
const NEAR: usize = 360;

/// What introduces the short form of a name.
const SHORT_FORMS: [&str; 6] = ["以下简称", "下称", "简称", "以下称", "下文简称", "下简称"];

impl<'a> Scene<'a> {
    pub fn new(
        text: &'a Text,
        sentences: &[Span],
        words: &'a Words,
        mentions: &'a [Mention],
        entities: &'a [Entity],
        tables: &'a RelationWords,
    ) -> Self {
        let mut entity_of = vec![None; mentions.len()];
        for (id, entity) in (0..).zip(entities) {
            for &mention in &entity.mentions {
                entity_of[mention as usize] = Some(id);
            }
        }
        let singles = Singles::new(text, sentences.len(), words);
        let has = |kind: Kind| mentions.iter().any(|mention| mention.kind == kind);
        let (persons, titles) = (has(Kind::Person), has(Kind::Title));
        let [say, moves, figures, roles] = tables.find(text);
        let whole = |found: Vec<Trigger>, verbs: bool| whole_words(found, verbs, &singles, mentions);
        let mut scene = Self {
            text,
            mentions,
            entities,
            tables,
            words,
            entity_of,
            clauses: Vec::new(),
            clause_of: vec![0; mentions.len()],
            quotations: quotations(text.shadow()),
            say: whole(say, true),
            moves: if persons { whole(moves, true) } else { vec![] },
            roles: if persons && titles { whole(roles, true) } else { vec![] },
            figures: whole(figures, false),
            brackets: Vec::new(),
            main_org: None,
            main_product: None,
            court: None,
        };
        scene.cut(sentences);
        scene.main_org = scene.most_named(Kind::Org);
        scene.main_product = scene.most_named(Kind::Product);
        let court = |id: &u32| scene.kind(*id) == Kind::Org && scene.entities[*id as usize].name.ends_with("法院");
        scene.court = scene.main_org.filter(court).or_else(|| (0..entities.len() as u32).find(court));
        scene.carry();
        scene
    }

    /// The shadow under a span.
    pub fn read(&self, span: Span) -> &'a str {
        self.text.read(span)
    }

    /// The canonical name of an entity.
    pub fn name(&self, entity: u32) -> String {
        self.entities[entity as usize].name.clone()
    }

    pub fn kind(&self, entity: u32) -> Kind {
        self.entities[entity as usize].kind
    }

    /// The mentions that lie in a span.
    pub fn mentions_in(&self, span: Span) -> std::ops::Range<usize> {
        let start = self.mentions.partition_point(|mention| mention.span.start() < span.start());
        let end = self.mentions.partition_point(|mention| mention.span.start() < span.end());
        start..end.max(start)
    }

    /// The figure words in a span.
    pub fn figures_in(&self, span: Span) -> &[Trigger] {
        let start = self.figures.partition_point(|trigger| trigger.span.start() < span.start());
        let end = self.figures.partition_point(|trigger| trigger.span.end() <= span.end());
        &self.figures[start..end.max(start)]
    }

    /// The first of some triggers that lies in a span and has one of the classes.
    pub fn trigger_in<'t>(&self, triggers: &'t [Trigger], span: Span, classes: Class) -> Option<&'t Trigger> {
        let start = triggers.partition_point(|trigger| trigger.span.start() < span.start());
        triggers[start..].iter().take_while(|t| t.span.end() <= span.end()).find(|t| t.class & classes != 0)
    }

    /// The last of some triggers that lies in a span and has one of the classes.
    pub fn last_trigger_in<'t>(&self, triggers: &'t [Trigger], span: Span, classes: Class) -> Option<&'t Trigger> {
        let end = triggers.partition_point(|trigger| trigger.span.end() <= span.end());
        let inside = triggers[..end].iter().rev().take_while(|t| t.span.start() >= span.start());
        inside.into_iter().find(|t| t.class & classes != 0)
    }

    /// The mention that ends at a position, spaces and closed brackets between left out of account.
    pub fn mention_before(&self, at: usize) -> Option<usize> {
        let mut at = self.text.shadow()[..at].trim_end_matches(' ').len();
        let brackets = self.brackets.partition_point(|bracket| bracket.end() <= at);
        if brackets > 0 && self.brackets[brackets - 1].end() == at {
            at = self.text.shadow()[..self.brackets[brackets - 1].start()].trim_end_matches(' ').len();
        }
        let index = self.mentions.partition_point(|mention| mention.span.end() <= at);
        (index > 0 && self.mentions[index - 1].span.end() == at).then(|| index - 1)
    }

    /// The part of a clause around a position. Of a very long clause no more is looked at, so that its amounts take time in
    /// proportion to its length.
    pub fn near(&self, clause: &Clause, at: usize) -> Span {
        let shadow = self.text.shadow();
        let start = shadow.ceil_char_boundary(at.saturating_sub(NEAR)).max(clause.span.start());
        let end = shadow.floor_char_boundary(at + NEAR).min(clause.span.end());
        Span::new(start.min(at), end.max(at))
    }

    /// The name in front of the bracket in which a clause starts.
    pub fn name_around(&self, start: usize) -> Option<u32> {
        let before = self.text.shadow()[..start].strip_suffix(['（', '(', '〔'])?;
        self.entity_of[self.mention_before(before.trim_end_matches(['》', '”']).len())?]
    }

    /// Whether an amount stands in front of the bracket in which a clause starts.
    pub fn value_before(&self, start: usize) -> bool {
        let before = self.text.shadow()[..start].strip_suffix(['（', '(', '〔']);
        // 4元/公斤（-2%）: the unit is short.
        let before = before.map(|before| {
            let tail = before.char_indices().rev().nth(4).map_or(0, |(at, _)| at);
            before[tail..].rfind('/').map_or(before, |slash| &before[..tail + slash])
        });
        let mention = before.and_then(|before| self.mention_before(before.len()));
        mention.is_some_and(|m| matches!(self.mentions[m].kind, Kind::Money | Kind::Percent | Kind::Count))
    }

    /// Whether a name stands in a list with another of its kind: 江州银行、北河银行.
    pub fn in_list(&self, mention: usize) -> bool {
        let joined = |a: usize, b: usize| {
            let (Some(a), Some(b)) = (self.mentions.get(a), self.mentions.get(b)) else { return false };
            let gap = &self.text.shadow()[a.span.end()..b.span.start().max(a.span.end())];
            let gap = gap.trim_matches(['《', '》', '“', '”']);
            a.kind == b.kind
                && (matches!(gap, "、" | "与" | "和" | "及" | "以及")
                    || (gap.starts_with('（') && gap.ends_with(['与', '、', '和'])))
        };
        let skip = |n: usize| if self.mentions.get(n).is_some_and(|m| self.in_bracket(m.span)) { n + 1 } else { n };
        joined(mention, mention + 1)
            || joined(mention, skip(mention + 1))
            || mention.checked_sub(1).is_some_and(|n| joined(n, mention))
    }

    /// Whether a span lies in brackets.
    fn in_bracket(&self, span: Span) -> bool {
        let at = self.brackets.partition_point(|bracket| bracket.end() <= span.start());
        self.brackets.get(at).is_some_and(|bracket| bracket.start() < span.start())
    }

    /// The mention that starts at a position, spaces left out of account.
    pub fn mention_after(&self, at: usize) -> Option<usize> {
        let rest = &self.text.shadow()[at..];
        let at = at + rest.len() - rest.trim_start_matches(' ').len();
        let index = self.mentions.partition_point(|mention| mention.span.start() < at);
        (index < self.mentions.len() && self.mentions[index].span.start() == at).then_some(index)
    }

    /// The clause at a position: the innermost one.
    pub fn clause_at(&self, at: usize) -> usize {
        let mut index = self.clauses.partition_point(|clause| clause.span.start() <= at).saturating_sub(1);
        let mut steps = 0;
        while index > 0 && self.clauses[index].span.end() <= at && self.clauses[index].bracket && steps < 16 {
            index -= 1;
            steps += 1;
        }
        index
    }

    /// The pieces of a span, what stands in brackets left out.
    pub fn units(&self, span: Span, sentence: usize) -> Vec<Unit> {
        let tokens: &[Token] = self.words.of(sentence);
        let mut token = tokens.partition_point(|token| token.span.end() <= span.start());
        let mut mention = self.mentions.partition_point(|mention| mention.span.end() <= span.start());
        let mut trigger = self.figures.partition_point(|trigger| trigger.span.start() < span.start());
        let mut bracket = self.brackets.partition_point(|bracket| bracket.start() < span.start());
        let mut units = Vec::new();
        let mut at = span.start();
        while at < span.end() {
            while self.brackets.get(bracket).is_some_and(|b| b.end() <= at) {
                bracket += 1;
            }
            while self.mentions.get(mention).is_some_and(|m| m.span.end() <= at) {
                mention += 1;
            }
            while self.figures.get(trigger).is_some_and(|t| t.span.start() < at) {
                trigger += 1;
            }
            while tokens.get(token).is_some_and(|t| t.span.end() <= at) {
                token += 1;
            }
            let next_bracket = self.brackets.get(bracket).map_or(span.end(), |b| b.start());
            if next_bracket == at {
                at = self.brackets[bracket].end();
                continue;
            }
            let next_mention = self.mentions.get(mention).map_or(span.end(), |m| m.span.start());
            let next_trigger = self.figures.get(trigger).map_or(span.end(), |t| t.span.start());
            let (end, piece) = if next_mention <= at {
                (self.mentions[mention].span.end(), Piece::Mention(mention))
            } else if next_trigger == at {
                (self.figures[trigger].span.end(), Piece::Trigger(self.figures[trigger].class))
            } else {
                let word = tokens.get(token);
                let end = word.map_or(span.end(), |t| t.span.end());
                let end = end.min(next_mention).min(next_trigger).min(next_bracket);
                (end, Piece::Word(word.map_or(Tag::Other, |t| t.tag)))
            };
            let end = end.min(span.end());
            let part = Span::new(at, end);
            if !self.read(part).trim().is_empty() {
                units.push(Unit { span: part, piece });
            }
            at = end;
        }
        units
    }

    /// Cuts the sentences into clauses.
    fn cut(&mut self, sentences: &[Span]) {
        let shadow = self.text.shadow();
        let mut paragraph = 0;
        let mut last_end = 0;
        let mut mention = 0;
        for (sentence, &span) in sentences.iter().enumerate() {
            if shadow[last_end..span.start()].contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
                paragraph += 1;
            }
            last_end = span.end();
            let clause = |start: usize, end: usize, bracket: bool| Clause {
                span: Span::new(start, end),
                sentence,
                paragraph,
                bracket,
                topic: None,
                own: false,
                source: false,
                org: None,
                last_org: None,
                place: None,
                person: None,
                product: None,
            };
            // The open clause, and the one around the open bracket with the place of the bracket.
            let mut open = self.clauses.len();
            let mut outer: Option<(usize, usize)> = None;
            self.clauses.push(clause(span.start(), span.end(), false));
            let mut at = span.start();
            while at < span.end() {
                if let Some(next) = self.mentions.get(mention)
                    && next.span.start() <= at
                {
                    self.clause_of[mention] = open;
                    at = next.span.end().max(at);
                    mention += 1;
                    continue;
                }
                // Chinese characters, letters and digits are no borders; most of a text is stepped over here.
                let step = match shadow.as_bytes()[at] {
                    0xe4..=0xe9 => 3,
                    byte if byte.is_ascii_alphanumeric() => 1,
                    _ => 0,
                };
                if step > 0 {
                    at += step;
                    continue;
                }
                let c = shadow[at..].chars().next().expect("a position inside the sentence");
                let behind = at + c.len_utf8();
                let border = match c {
                    '（' | '(' | '〔' if outer.is_none() => {
                        outer = Some((open, at));
                        open = self.clauses.len();
                        self.clauses.push(clause(behind, span.end(), true));
                        at = behind;
                        continue;
                    }
                    '）' | ')' | '〕' if outer.is_some() => {
                        let (around, start) = outer.take().expect("a bracket is open");
                        self.clauses[open].span = Span::new(self.clauses[open].span.start(), at);
                        self.brackets.push(Span::new(start, behind));
                        open = around;
                        at = behind;
                        continue;
                    }
                    '，' | '；' | '。' | '！' | '？' | '：' | ';' | '!' | '?' | '…' | '•' | '●' | '【' | '】' => {
                        true
                    }
                    ',' | ':' => {
                        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
                        !(digit(self.text.before(at)) && digit(self.text.after(behind)))
                    }
                    ' ' => {
                        let han = |c: Option<char>| c.is_none_or(|c| c == ' ' || c >= '\u{2e80}');
                        han(self.text.before(at)) && han(self.text.after(behind))
                    }
                    '—' | '―' => true,
                    _ => false,
                };
                if border {
                    self.clauses[open].span = Span::new(self.clauses[open].span.start(), at);
                    let bracket = self.clauses[open].bracket;
                    open = self.clauses.len();
                    self.clauses.push(clause(behind, span.end(), bracket));
                }
                at = behind;
            }
            // A bracket that never closed ends with the sentence.
            if let Some((around, start)) = outer {
                self.clauses[around].span = Span::new(self.clauses[around].span.start(), start);
            }
            // A mention that reaches over the end of a sentence belongs to its first part.
            while self.mentions.get(mention).is_some_and(|next| next.span.start() < span.end()) {
                self.clause_of[mention] = open;
                mention += 1;
            }
        }
    }

    /// The organisation and the product that the document is about, where one stands out: named in its first third,
    /// and often, or introduced with its short form.
    fn most_named(&self, kind: Kind) -> Option<u32> {
        let mut weight = vec![0_usize; self.entities.len()];
        let third = self.mentions.last().map_or(0, |mention| mention.span.end() / 3);
        let mut early = vec![false; self.entities.len()];
        for (index, mention) in self.mentions.iter().enumerate() {
            let Some(entity) = self.entity_of[index] else { continue };
            if mention.kind != kind {
                continue;
            }
            // Who asks in an interview is not what it is about.
            if self.asks(index) {
                continue;
            }
            let lead = &self.text.shadow()[..mention.span.start()];
            let start = lead.trim_end_matches(['“', '"', '「', '‘', ' ', '为', '：', ':']);
            let introduced = SHORT_FORMS.iter().any(|form| start.ends_with(form));
            early[entity as usize] |= mention.span.start() <= third;
            weight[entity as usize] += if introduced { 7 } else { 2 };
        }
        if let Some(lead) = self.lead(kind) {
            weight[lead as usize] += 2;
        }
        let early = (0..).zip(weight).filter(|&(id, _)| early[id as usize]);
        let best = early.clone().max_by_key(|&(id, weight)| (weight, std::cmp::Reverse(id)));
        let (id, most) = best.filter(|&(_, most)| most >= 6)?;
        let second = early.filter(|&(other, _)| other != id).map(|(_, weight)| weight).max().unwrap_or(0);
        (most * 2 >= second * 3).then_some(id)
    }

    /// Whether an organisation stands before the colon of a question: 商周人物：今年怎么样？
    pub fn asks(&self, mention: usize) -> bool {
        let span = self.mentions[mention].span;
        let shadow = self.text.shadow();
        let line = shadow[..span.start()].trim_end_matches([' ', '\u{3000}']);
        let rest = shadow[span.end()..].strip_prefix(['：', ':']);
        let rest = rest.filter(|_| line.is_empty() || line.ends_with(['\n', '\r']));
        let asked = rest.map(|rest| rest.split(['\n', '\r']).next().unwrap_or_default().trim_end());
        self.mentions[mention].kind == Kind::Org && asked.is_some_and(|asked| asked.ends_with(['？', '?']))
    }

    /// The name of a kind with which the title or the first paragraph opens, names of the medium left out.
    pub fn lead(&self, kind: Kind) -> Option<u32> {
        let shadow = self.text.shadow();
        let near = (0..self.mentions.len()).take_while(|&m| self.clauses[self.clause_of[m]].paragraph <= 1);
        let first = near.into_iter().find(|&m| {
            let before = &shadow[..self.mentions[m].span.start()];
            let behind = shadow[self.mentions[m].span.end()..].trim_start_matches(['》', ' ', '\u{3000}']);
            let medium =
                before.ends_with('《') || ["讯", "记者", "特约", "电", "报道"].iter().any(|w| behind.starts_with(w));
            self.mentions[m].kind == kind && !medium && !self.in_list(m) && !self.in_bracket(self.mentions[m].span)
        })?;
        self.entity_of[first]
    }

    /// Decides whom each clause is about.
    fn carry(&mut self) {
        let (mut topic, mut org, mut person, mut product) = (None, self.main_org, None, self.main_product);
        let (mut place, mut title_product) = (None, None);
        let mut source = false;
        let (mut sentence, mut paragraph) = (usize::MAX, usize::MAX);
        for index in 0..self.clauses.len() {
            let clause = &self.clauses[index];
            if clause.paragraph != paragraph {
                paragraph = clause.paragraph;
                org = self.main_org;
                person = None;
                if paragraph == 1 {
                    title_product = product;
                }
                product = self.main_product.or(title_product);
                (topic, place) = (None, None);
            }
            if clause.sentence != sentence {
                sentence = clause.sentence;
                // What ；joins goes on about the same.
                let before = self.text.shadow()[..clause.span.start()].trim_end();
                if !before.ends_with(['；', ';']) {
                    (topic, place) = (None, None);
                    source = false;
                }
            }
            // Who stands before a colon speaks.
            let before = self.text.shadow()[..clause.span.start()].trim_end_matches([' ', '“', '"', '「']);
            if before.ends_with(['：', ':']) && topic.is_some_and(|id| self.kind(id) == Kind::Person) {
                topic = self.main_org;
            }
            // 公司 is whom the sentence is about, else whom the document is about, else the last one.
            let sentence_org = topic.filter(|&id| self.kind(id) == Kind::Org);
            let company = sentence_org.or(self.main_org).or(org);
            let own = if clause.bracket { None } else { self.subject(clause, (company, org), person, product) };
            // 公司 in what an officer says is his own.
            if own.is_none()
                && let Some(found) = self.officers(&self.clauses[index])
            {
                org = Some(found);
            }
            source |= own.is_none() && !self.clauses[index].bracket && self.is_source(&self.clauses[index]);
            // Who only makes something known is no topic, but for the organisation that the document is about.
            let text = self.read(self.clauses[index].span).trim_end();
            let announced = own.filter(|&id| {
                self.kind(id) == Kind::Org && own != self.main_org && ANNOUNCE.iter().any(|verb| text.ends_with(verb))
            });
            if announced.is_some() {
                (org, source, topic) = (announced, true, None);
            } else if let Some(entity) = own {
                source = false;
                topic = Some(entity);
                match self.kind(entity) {
                    Kind::Org => org = own,
                    Kind::Person => person = own,
                    Kind::Product => product = own,
                    _ => {}
                }
            }
            let clause = &self.clauses[index];
            if own.is_none() && !clause.bracket {
                place = self.setting(clause).or(place);
            }
            if own.is_none_or(|id| self.kind(id) != Kind::Product) && !clause.bracket {
                product = self.launched(clause).or(product);
            }
            let sentence_org = topic.filter(|&id| self.kind(id) == Kind::Org);
            let company = sentence_org.or(self.main_org).or(org);
            let clause = &mut self.clauses[index];
            (clause.topic, clause.own, clause.place) = (topic, own.is_some(), place);
            clause.source = source;
            (clause.org, clause.last_org, clause.person, clause.product) = (company, org, person, product);
        }
    }

    /// The organisation whose officer speaks in a clause: 海桥保险经理吴清说.
    fn officers(&self, clause: &Clause) -> Option<u32> {
        let range = self.mentions_in(clause.span);
        let kinds = |n: usize| self.mentions.get(n).map(|mention| mention.kind);
        let first = range.into_iter().find(|&n| {
            kinds(n) == Some(Kind::Org) && kinds(n + 1) == Some(Kind::Title) && kinds(n + 2) == Some(Kind::Person)
        })?;
        let title = self.read(self.mentions[first + 1].span);
        let speaks = self.speaks(self.mentions[first + 2].span.end(), clause.span.end());
        (speaks && self.tables.office(title).corporate).then_some(self.entity_of[first]?)
    }

    /// Whether a clause names an organisation only for what it found out.
    fn is_source(&self, clause: &Clause) -> bool {
        let found = self.mentions_in(clause.span).find(|&m| self.mentions[m].kind == Kind::Org);
        found.is_some_and(|m| {
            let behind = &self.text.shadow()[self.mentions[m].span.end()..];
            self.is_source_word(behind)
        })
    }

    /// The product that a clause brings up: 发布新车S8.
    fn launched(&self, clause: &Clause) -> Option<u32> {
        let product = self.mentions_in(clause.span).find(|&m| self.mentions[m].kind == Kind::Product)?;
        let lead = self.read(Span::new(clause.span.start(), self.mentions[product].span.start()));
        ["发布", "推出", "上市", "上线", "产品", "研发", "旗下"]
            .iter()
            .any(|verb| lead.contains(verb))
            .then_some(self.entity_of[product]?)
    }

    /// The place that a clause of its own sets: 在中国，….
    fn setting(&self, clause: &Clause) -> Option<u32> {
        let range = self.mentions_in(clause.span);
        let first = range.clone().next()?;
        let mention = &self.mentions[first];
        let lead = self.read(Span::new(clause.span.start(), mention.span.start())).trim();
        let rest = self.read(Span::new(mention.span.end(), clause.span.end().max(mention.span.end()))).trim();
        let alone = matches!(rest, "" | "方面" | "市场" | "那边" | "境内");
        (mention.kind == Kind::Loc && matches!(lead, "在" | "") && alone).then_some(self.entity_of[first]?)
    }

    /// The name that a clause is about. `org` is what 公司 and what 其 would stand for.
    fn subject(
        &self,
        clause: &Clause,
        (company, org): (Option<u32>, Option<u32>),
        person: Option<u32>,
        product: Option<u32>,
    ) -> Option<u32> {
        // 在任期间，; 干部中，: a setting, not a subject.
        let text = self.read(clause.span).trim_end();
        let setting =
            ["期间", "之中", "中", "时", "之际", "之后", "以来", "后", "前"].iter().any(|end| text.ends_with(end));
        let supposed = ["若", "如果", "假如", "一旦", "倘若"].iter().any(|word| text.trim_start().starts_with(word));
        if setting || supposed {
            return None;
        }
        let stands = class!("self-org") | class!("self-person") | class!("self-product");
        let named = self
            .mentions_in(clause.span)
            .any(|m| matches!(self.mentions[m].kind, Kind::Org | Kind::Person | Kind::Product));
        if !named && !self.figures_in(clause.span).iter().any(|trigger| trigger.class & stands != 0) {
            return None;
        }
        let units = self.units(clause.span, clause.sentence);
        let mut action = false;
        let mut governed = false;
        for (at, unit) in units.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| units[at]);
            let word = self.read(unit.span);
            let next = units.get(at + 1).map_or(unit.span.end(), |next| next.span.start());
            let behind = &self.text.shadow()[next..];
            match unit.piece {
                Piece::Mention(mention) => {
                    let mention_kind = self.mentions[mention].kind;
                    if !matches!(mention_kind, Kind::Org | Kind::Person | Kind::Product) {
                        continue;
                    }
                    let object = before.is_some_and(|unit| {
                        let word = self.read(unit.span);
                        let verb = matches!(unit.piece, Piece::Word(Tag::Verb)) && word.chars().count() > 1;
                        (verb || matches!(word, "了" | "过" | "着" | "以"))
                            || unit.is(class!("act") | class!("link"))
                            || OBJECTS.contains(&self.read(unit.span))
                    });
                    if governed || (object && at > 0) || (action && before.is_some_and(|u| self.read(u.span) == "、"))
                    {
                        // The phrase ends with its name, unless the name is only part of it.
                        governed = governed && behind.starts_with(['的', '、', '和', '与']);
                        continue;
                    }
                    if mention_kind != Kind::Person && self.in_list(mention) {
                        return None;
                    }
                    let next = units.get(at + 1);
                    let next_mention = next.and_then(|unit| match unit.piece {
                        Piece::Mention(next) => Some(self.mentions[next].kind),
                        _ => None,
                    });
                    match mention_kind {
                        // 英伟达CEO, 特斯拉Model Y, 某部门: the organisation only says whose.
                        Kind::Org if matches!(next_mention, Some(Kind::Title | Kind::Org | Kind::Product)) => continue,
                        // 某院派来的研究员, 某局的局长
                        Kind::Org
                            if units[at + 1..].iter().take(5).zip(&units[(at + 2).min(units.len())..]).any(
                                |(de, next)| {
                                    let title =
                                        matches!(next.piece, Piece::Mention(m) if self.mentions[m].kind == Kind::Title);
                                    title && self.read(de.span).ends_with('的')
                                },
                            ) =>
                        {
                            continue;
                        }
                        Kind::Org if self.is_source_word(behind) => return None,
                        _ => {}
                    }
                    let dated = next_mention == Some(Kind::Date);
                    if mention_kind == Kind::Org && dated && (text.ends_with('讯') || text.ends_with('电')) {
                        return None;
                    }
                    if mention_kind == Kind::Person && self.speaks(unit.span.end(), clause.span.end()) {
                        return None;
                    }
                    return self.entity_of[mention];
                }
                // 该公司 stands for an organisation only where nothing happens before it, and no name follows (公司OpenAI).
                Piece::Trigger(found) if found & class!("self-org") != 0 && company.is_some() => {
                    let named = units.get(at + 1).is_some_and(|unit| match unit.piece {
                        Piece::Mention(next) => self.mentions[next].kind == Kind::Org,
                        _ => false,
                    });
                    let leads = !action && !governed && (before.is_none() || word != "其");
                    if leads && !named {
                        let near = word.starts_with(['该', '其']) || word == "俱乐部";
                        let alike = self.alike(word, unit.span.start());
                        return alike.or(if near { org.or(company) } else { company });
                    }
                    if !named {
                        action = true;
                    }
                }
                Piece::Trigger(found) if found & class!("self-product") != 0 && product.is_some() => return product,
                Piece::Trigger(found) if found & class!("self-person") != 0 && person.is_some() && !action => {
                    return person;
                }
                Piece::Word(Tag::Preposition) => governed = true,
                Piece::Word(Tag::Locative) if before.is_none_or(|unit| !GOVERNORS.contains(&self.read(unit.span))) => {
                    governed = false;
                }
                Piece::Word(Tag::Verb) => action = true,
                _ if GOVERNORS.contains(&word) => governed = true,
                _ => {}
            }
        }
        None
    }

    /// Whether what stands behind a name makes it the source of a statement.
    pub fn is_source_word(&self, behind: &str) -> bool {
        SOURCES.iter().any(|source| behind.starts_with(source))
    }

    /// The quotation in which a position lies.
    pub fn quotation_at(&self, at: usize) -> Option<Quotation> {
        let after = self.quotations.partition_point(|quotation| quotation.outer.start() <= at);
        self.quotations[..after].last().copied().filter(|quotation| at < quotation.outer.end())
    }

    /// Who says what stands at a position: the last person before the quotation behind whom a verb of saying stands,
    /// else the first behind it, both in its paragraph.
    pub fn speaker_around(&self, at: usize) -> Option<u32> {
        let clause = self.clause_at(at);
        let paragraph = self.clauses[clause].paragraph;
        let Some(quotation) = self.quotation_at(at) else {
            // 王华：公司今年……: what follows the colon is said.
            let first = self.clauses.partition_point(|clause| clause.paragraph < paragraph);
            let name = self.mentions_in(self.clauses[first].span).next()?;
            let behind = &self.text.shadow()[self.mentions[name].span.end()..];
            let turn = self.mentions[name].kind == Kind::Person && behind.starts_with(['：', ':']);
            return self.entity_of[name].filter(|_| turn);
        };
        let speaks = |index: usize| {
            let clause = &self.clauses[self.clause_of[index]];
            let end = self.mentions[index].span.end();
            let person = self.mentions[index].kind == Kind::Person && clause.paragraph == paragraph;
            person && self.speaks(end, clause.span.end().max(end))
        };
        let before = self.mentions.partition_point(|mention| mention.span.end() <= quotation.outer.start());
        let behind = self.mentions.partition_point(|mention| mention.span.start() < quotation.outer.end());
        let last = (0..before).rev().take(12).find(|&index| speaks(index));
        let next = (behind..self.mentions.len()).take(3).find(|&index| speaks(index));
        let close = |index: usize| {
            let gap = self.mentions[index].span.start().checked_sub(quotation.outer.end());
            gap.is_some_and(|gap| gap < 30)
        };
        self.entity_of[next.filter(|&index| close(index)).or(last)?]
    }

    /// Whether an organisation has to do with the affairs of others: a court or a police station is not what the
    /// figures of its cases are about.
    pub fn is_authority(&self, entity: u32) -> bool {
        let name = &*self.entities[entity as usize].name;
        self.kind(entity) == Kind::Org && AUTHORITIES.iter().any(|end| name.ends_with(end))
    }

    /// The last organisation of the kind that 该行 or 该院 says: 银行, 法院.
    pub fn alike(&self, word: &str, at: usize) -> Option<u32> {
        let kind = word.strip_prefix('该').or_else(|| word.strip_prefix('本'))?;
        if kind.chars().count() != 1 {
            return None;
        }
        let end = self.mentions.partition_point(|mention| mention.span.end() <= at);
        let near = (0..end).rev().take(16).find(|&index| {
            let name = |id: u32| self.entities[id as usize].name.ends_with(kind);
            let short = self.read(self.mentions[index].span).ends_with(kind);
            self.mentions[index].kind == Kind::Org && (short || self.entity_of[index].is_some_and(name))
        });
        self.entity_of[near?]
    }

    /// Whether a verb of saying stands between two positions.
    pub fn speaks(&self, from: usize, to: usize) -> bool {
        from < to && self.trigger_in(&self.say, Span::new(from, to), class!("say")).is_some()
    }
}

/// The places where the segmenter sees a word of one character, as bits over the bytes of the shadow.
struct Singles(Vec<u64>);

impl Singles {
    fn new(text: &Text, sentences: usize, words: &Words) -> Self {
        let mut bits = vec![0; text.shadow().len() / 64 + 1];
        for token in (0..sentences).flat_map(|sentence| words.of(sentence)) {
            if token.span.len() <= 3 {
                bits[token.span.start() / 64] |= 1 << (token.span.start() % 64);
            }
        }
        Self(bits)
    }

    fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }
}

/// Drops triggers inside mentions, and those of one character that are no words of their own; a verb directly behind a
/// name is one whatever the segmenter makes of it (周明远说), and so is what stands directly before an amount (约三成).
fn whole_words(mut found: Vec<Trigger>, verbs: bool, singles: &Singles, mentions: &[Mention]) -> Vec<Trigger> {
    let mut mention = 0;
    found.retain(|trigger| {
        while mentions.get(mention).is_some_and(|m| m.span.end() <= trigger.span.start()) {
            mention += 1;
        }
        let next = mentions.get(mention);
        if next.is_some_and(|m| m.span.overlaps(trigger.span)) {
            return false;
        }
        let behind_name = verbs && mention > 0 && mentions[mention - 1].span.end() == trigger.span.start();
        let before_amount = next.is_some_and(|m| m.span.start() == trigger.span.end());
        trigger.span.len() > 3 || behind_name || before_amount || singles.has(trigger.span.start())
    });
    found
}

/// The outermost quotations, within lines.
fn quotations(shadow: &str) -> Vec<Quotation> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char)> = None;
    let mut depth = 0;
    let bytes = shadow.as_bytes();
    let mut next = 0;
    while let Some(ahead) = bytes[next..].iter().position(|byte| matches!(byte, b'\n' | b'\r' | b'"' | 0xe2 | 0xe3)) {
        let at = next + ahead;
        let c = shadow[at..].chars().next().expect("these bytes begin a character");
        next = at + c.len_utf8();
        match (c, open) {
            ('\n' | '\r', _) => open = None,
            ('“' | '「' | '"', None) => {
                open = Some((at, c));
                depth = 0;
            }
            ('“', Some((_, '“'))) | ('「', Some((_, '「'))) => depth += 1,
            ('”', Some((start, '“'))) | ('」', Some((start, '「'))) | ('"', Some((start, '"'))) => {
                if depth > 0 {
                    depth -= 1;
                    continue;
                }
                let first = shadow[start..].chars().next().map_or(1, char::len_utf8);
                found.push(Quotation {
                    outer: Span::new(start, at + c.len_utf8()),
                    inner: Span::new(start + first, at),
                });
                open = None;
            }
            _ => {}
        }
    }
    found
}
