//! The words around an amount: `约` and `仅` link it to what stands before, `同比下降` is a basis and a direction, and then comes
//! the measure, which begins behind the last name, date, adverb or opening verb; behind it stand a noun (2000万元合作) or
//! what is done with it (六成用于设备更新).

use crate::clause::{Clause, Piece, Scene, Unit};
use crate::mention::Kind;
use crate::segment::Tag;
use crate::statement::{Class, Trigger, class};
use crate::text::Span;

/// Words that are measures, whatever else they are.
pub(crate) const NOUN: Class =
    class!("money") | class!("ratio") | class!("count") | class!("org") | class!("person") | class!("product");
/// Words that stand between the measure and the value.
const LINK: Class = class!("link") | class!("basis") | class!("up") | class!("down") | class!("from") | class!("to");
/// Words in front of the measure.
const CUT: Class =
    LINK | class!("open") | class!("self-org") | class!("self-person") | class!("self-product") | class!("after");

/// Verbs whose object is the measure: 支付三成预付款.
pub(crate) const PAYS: [&str; 8] = ["支付", "派发", "收取", "缴纳", "发放", "获得", "收到", "预付"];

/// What a number begins with.
pub(crate) const NUMERALS: [char; 12] = ['一', '两', '二', '三', '四', '五', '六', '七', '八', '九', '十', '百'];

/// Verbs behind which something new is said.
const SAID: [&str; 12] = ["说", "称", "并称", "表示", "认为", "指出", "透露", "坦言", "写道", "还说", "又说", "补充说"];

/// Heads that need the measure before to say anything.
pub(crate) const GENERIC: [&str; 10] = ["占比", "比例", "比重", "增幅", "降幅", "涨幅", "跌幅", "增速", "金额", "份额"];

/// The longest measure that is kept, in characters.
const LONGEST: usize = 20;

/// The words before an amount.
#[derive(Default)]
pub(crate) struct Left {
    /// The measure: 毛利率 in 综合毛利率约为.
    pub noun: Option<Span>,
    /// The measure before an opening verb: 税收收入 in 税收收入完成.
    pub topic: Option<Span>,
    /// A verb that can be the measure itself: 裁员, 投入.
    pub verb: Option<Span>,
    /// A verb of one character directly before the amount, which is the measure where there is no other: 亏, 捐, 报.
    pub action: Option<Span>,
    /// A name that stands where the measure would: 新西兰.
    pub name: Option<usize>,
    /// 每股, 每平方米.
    pub per: Option<Span>,
    /// 同比, 较年初.
    pub basis: Option<Span>,
    /// Whether the basis is a word of its own, and belongs to the name of the measure.
    pub basis_word: bool,
    pub direction: Option<(&'static str, Span)>,
    /// Whether nothing but link words stands before the amount.
    pub bare: bool,
    /// Whether a link word (为, 占, 达) stands before the amount.
    pub linked: bool,
    /// Whether the measure ends with a verb, so that the noun behind the amount may be its object.
    pub closes_with_verb: bool,
    /// Whether 价值 stands before the amount.
    pub worth: bool,
    /// Whether the amount is a rate of what stands before (按合同价的万分之五计收).
    pub by: bool,
    /// Whether 把 or 将 governs the amount.
    pub governed: bool,
}

/// Where the words before an amount begin: at its clause, or behind the amount before it.
pub(crate) fn left_start(scene: &Scene, value: usize, last: Option<usize>) -> usize {
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

/// The classes of the measure words in a span.
pub(crate) fn classes_in(scene: &Scene, span: Span) -> Class {
    scene.figures_in(span).iter().fold(0, |all, trigger: &Trigger| all | trigger.class)
}

/// What only says that an amount is a limit or a sum.
const LIMITS: [&str; 9] = ["最高", "最低", "最多", "至多", "合计", "总计", "累计", "共计", "总共"];

impl Left {
    /// Whether what stands before the amount only says that it is what is left over.
    pub fn rest(&self, scene: &Scene) -> bool {
        let words = ["剩下", "剩余", "余下", "其余", "剩"];
        self.noun.or(self.verb).or(self.action).is_some_and(|span| words.contains(&scene.read(span)))
    }

    /// Whether the verb says at what price a share is traded.
    pub fn closes_market(&self, scene: &Scene) -> bool {
        let verb = self.verb.or(self.action).map_or("", |span| scene.read(span));
        matches!(verb, "收于" | "收报" | "报" | "收在" | "报收" | "收" | "触及" | "报于")
    }

    /// Whether what stands before the amount only says that it is a limit or a sum: 最高5万元的补贴.
    pub fn limit(&self, scene: &Scene) -> bool {
        self.noun.or(self.verb).is_some_and(|span| LIMITS.contains(&scene.read(span)))
    }

    /// Whether the verb is one that the tables know for a measure.
    pub fn is_act(&self, scene: &Scene) -> bool {
        self.verb.is_some_and(|span| classes_in(scene, span) & (class!("act") | class!("loss")) != 0)
    }
}

/// Reads the words before an amount from right to left.
pub(crate) fn read_left(scene: &Scene, units: &[Unit]) -> Left {
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
pub(crate) fn is_nominal(scene: &Scene, unit: &Unit) -> bool {
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
pub(crate) struct Right {
    /// 合作 in 2000万美元合作, 股份 in 7%的股份.
    pub noun: Option<Span>,
    /// The whole rest of the clause: 担心收入减少.
    pub predicate: Option<Span>,
    /// Whether 的 joins the noun to the amount.
    pub of: bool,
}

/// What may stand between an amount and the words that belong to it.
const SUFFIXES: [&str; 14] =
    ["以上", "左右", "上下", "以内", "以下", "之多", "不等", "多", "余", "起", "强", "整", "的", "/"];

impl Right {
    pub fn read(scene: &Scene, value: usize, clause: &Clause) -> Self {
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
