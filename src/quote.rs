//! Who says what: `“先把路修好，”沈以宁说` is quote(沈以宁, 先把路修好，).
//!
//! A quotation has its speaker before it with a verb of saying or a colon (`他表示：“…”`), behind it (`“…”他说`), or
//! is the next of the same speaker (`“…”他说。“…”`). A quoted piece of a sentence counts where a verb of saying governs
//! it (`笑称手里的钱“够用三年”`), or where it closes a sentence about a person (`分析师上调目标价，“还有得做”`); other
//! words in quotation marks are no speech. Where a text alternates questions and answers, what follows `姓名：` or `A：`
//! is speech without marks.

use crate::antecedent::{antecedent, behind_bracket, is_object, is_subject};
use crate::clause::{Quotation, Scene};
use crate::figure::name_part;
use crate::mention::Kind;
use crate::statement::{Confidence, Relation, RelationKind, class};
use crate::text::Span;

/// The shortest piece of a sentence that is taken for speech, in characters.
const SHORTEST: usize = 4;
/// How far a verb of saying may stand before a quoted piece, in characters.
const REACH: usize = 32;
/// How far behind a quotation its speaker may stand, in characters.
const BEHIND: usize = 60;

/// A speaker with the confidence in it.
struct Speaker {
    entity: u32,
    at: Span,
    confidence: Confidence,
}

/// The quotations of a document with a known speaker, in the order of the text.
pub(crate) fn quotes(scene: &Scene) -> Vec<Relation> {
    let mut found = Vec::new();
    let mut last: Option<(u32, usize, usize)> = None;
    for (index, quotation) in scene.quotations.iter().enumerate() {
        let chars = scene.read(quotation.inner).chars().count();
        if chars < 2 {
            continue;
        }
        // “买入” is no speech that ends what stands before.
        let speech = scene.quotations[..index].iter().rev().take(4).find(|before| scene.read(before.inner).len() > 12);
        let floor = speech.map_or(0, |before| before.outer.end());
        let next = scene.quotations.get(index + 1).map_or(scene.text.shadow().len(), |q| q.outer.start());
        let ends = scene.read(quotation.inner).chars().next_back();
        let whole = matches!(ends, Some('。' | '！' | '？' | '…' | '!' | '?' | '.'));
        let open = matches!(ends, Some('，' | ','));
        let head = head(scene, quotation, floor);
        let paragraph =
            scene.clauses.get(scene.clause_at(quotation.outer.start())).map_or(0, |clause| clause.paragraph);
        let starts = scene.read(head).trim().is_empty();
        // "拿着六成的钱,操两倍的心",他自嘲: the words begin a clause and their speaker goes on.
        let tails = scene.read(head).trim_end().ends_with(['，', ','])
            && scene.text.shadow()[quotation.outer.end()..].starts_with(['，', ',']);
        let speaker = if open || (starts && whole) {
            behind(scene, quotation, next, open).or_else(|| before(scene, quotation, head, chars))
        } else {
            before(scene, quotation, head, chars)
                .or_else(|| behind(scene, quotation, next, false).filter(|_| (starts || tails) && chars >= SHORTEST))
        };
        let speaker = speaker.or_else(|| {
            let (entity, end, known) =
                last.filter(|&(_, end, known)| known == paragraph && end <= quotation.outer.start())?;
            let gap = Span::new(end, quotation.outer.start());
            let others = scene.mentions_in(gap).any(|m| scene.mentions[m].kind == Kind::Person);
            let gap = scene.read(gap).trim();
            let comma = gap.ends_with(['，', '：', ',', ':']) && (whole || closed(scene, quotation));
            // 坦言“没有退路”，但也“不会蛮干”
            let and = scene.tables.context.goes_on.close(gap).is_some()
                && gap.chars().count() <= 6
                && closed(scene, quotation);
            let goes_on = (starts && whole) || ((comma || and) && chars >= SHORTEST && !gap.contains('。'));
            let at = quotation.outer;
            (known == paragraph && goes_on && !others).then_some(Speaker { entity, at, confidence: Confidence::Likely })
        });
        // Nobody is named: the person whom the paragraph is about.
        let speaker = speaker.or_else(|| {
            let at = scene.clause_at(quotation.outer.start());
            let clause = scene.clauses.get(at.checked_sub(1)?)?;
            let entity = sayer(scene, at, paragraph).or(clause.person);
            let entity = entity.filter(|_| clause.paragraph == paragraph && starts && whole)?;
            Some(Speaker { entity, at: quotation.outer, confidence: Confidence::Likely })
        });
        let speaker = speaker.or_else(|| closing(scene, quotation, head, chars));
        let Some(speaker) = speaker else { continue };
        let start = speaker.at.start().min(quotation.outer.start());
        let end = speaker.at.end().max(quotation.outer.end());
        last = Some((speaker.entity, end, paragraph));
        found.push(relation(scene, &speaker, quotation.inner, Span::new(start, end)));
    }
    found.extend(answers(scene));
    found.sort_by_key(|relation| relation.evidence.start());
    found
}

/// Whom a sentence is about that ends in what somebody says: 分析师翁韵琪上调目标价，“旺季前仍有得炒”。
fn closing(scene: &Scene, quotation: &Quotation, head: Span, chars: usize) -> Option<Speaker> {
    let text = scene.read(head).trim_end();
    let rest = &scene.text.shadow()[quotation.outer.end()..];
    let ends = rest.is_empty() || rest.starts_with(['。', '；', '\n', '\r']);
    if chars < SHORTEST || !text.ends_with(['，', ',']) || !ends || scene.tables.context.unnamed.inside(text) {
        return None;
    }
    let persons = || scene.mentions_in(head).filter(|&m| scene.mentions[m].kind == Kind::Person);
    let person = persons().rev().find(|&m| is_subject(scene, m) && !listener(scene, m))?;
    let entity = scene.entity_of[person]?;
    Some(Speaker { entity, at: scene.mentions[person].span, confidence: Confidence::Likely })
}

/// Who says something in the sentence before a clause: 祝铭确认，…。“…”
fn sayer(scene: &Scene, clause: usize, paragraph: usize) -> Option<u32> {
    let sentence = scene.clauses.get(clause)?.sentence;
    let before = scene.clauses[..clause].iter().rev().take(24).skip_while(|c| c.sentence == sentence);
    let last = before.clone().next()?.sentence;
    let said = before.take_while(|c| c.sentence == last && c.paragraph == paragraph).filter_map(|clause| {
        let person = scene.mentions_in(clause.span).find(|&m| scene.mentions[m].kind == Kind::Person)?;
        let end = scene.mentions[person].span.end();
        scene.speaks(end, clause.span.end().max(end)).then_some(scene.entity_of[person]?)
    });
    said.last()
}

fn relation(scene: &Scene, speaker: &Speaker, content: Span, evidence: Span) -> Relation {
    let mut relation = Relation::new(RelationKind::Quote, evidence);
    name_part(scene, &mut relation, "speaker", Some(speaker.entity));
    relation.parts.push(("content", scene.text.surface(content).to_owned()));
    relation.confidence = speaker.confidence;
    relation
}

/// What stands before a quotation in its sentence, down to the quotation before.
fn head(scene: &Scene, quotation: &Quotation, floor: usize) -> Span {
    let start = quotation.outer.start();
    let from = start.saturating_sub(300).max(floor);
    let from = (from..=start).find(|&at| scene.text.shadow().is_char_boundary(at)).unwrap_or(start);
    let head = &scene.text.shadow()[from..start];
    let cut = head
        .rfind(['。', '！', '？', '；', '\n', '\r', '】', '●', '•'])
        .map_or(0, |at| at + head[at..].chars().next().map_or(0, char::len_utf8));
    Span::new(from + cut, start)
}

/// The speaker in front: `黄仁勋在会上表示：“`, `她说“`, `马力：“`.
fn before(scene: &Scene, quotation: &Quotation, head: Span, chars: usize) -> Option<Speaker> {
    let start = quotation.outer.start();
    let colon = scene.read(head).trim_end_matches([' ', '：', ':']);
    let colon = head.start() + colon.len();
    if colon < start
        && colon > head.start()
        && let Some(person) = scene.mention_before(colon).filter(|&m| scene.mentions[m].kind == Kind::Person)
        && scene.read(Span::new(colon, start)).trim() != ""
    {
        let entity = scene.entity_of[person]?;
        return Some(Speaker { entity, at: scene.mentions[person].span, confidence: Confidence::Certain });
    }
    let Some(verb) = scene.last_trigger_in(&scene.say, head, class!("say")) else {
        // 何锦也不生气：“…”: a colon is enough where a person is all that the clause is about.
        let colon = scene.read(Span::new(colon, start)).contains(['：', ':']) && chars >= 5;
        let clause = scene.read(head).rfind(['，', ',']).map_or(head, |at| Span::new(head.start() + at, head.end()));
        let person = [clause, head].into_iter().find_map(|span| {
            scene.mentions_in(span).rev().find(|&m| scene.mentions[m].kind == Kind::Person && !listener(scene, m))
        });
        let pronoun = || {
            let clause = scene.clauses.get(scene.clause_at(head.start()))?;
            let lead = scene.read(clause_of_head(scene, head));
            let lead = lead.trim_start_matches(['，', ',', ' ']);
            let stands = lead.starts_with(['他', '她']) && !lead.starts_with("他的") && !lead.starts_with("她的");
            antecedent(scene, head.start(), clause.paragraph).filter(|_| stands)
        };
        let person = pronoun().or(person).filter(|_| colon)?;
        let entity = scene.entity_of[person]?;
        return Some(Speaker { entity, at: scene.mentions[person].span, confidence: Confidence::Likely });
    };
    let gap = scene.read(Span::new(verb.span.end(), start));
    let direct =
        gap.trim_matches(['：', ':', '，', ',', ' ', '了', '道', '，']).is_empty() || gap.ends_with(['：', ':']);
    let whole = scene.read(quotation.inner).ends_with(['。', '！', '？', '…', '!', '?']);
    if direct && chars < 10 && !closed(scene, quotation) && !whole && !gap.is_empty() {
        return None;
    }
    if !direct {
        // A quoted piece: it ends where a clause ends, and is no quoted word (“夜间巡检”方向).
        let clause = gap.trim_end().ends_with(['，', ',']) || scene.tables.context.goes_on.close(gap).is_some();
        let far = gap.chars().count() > if clause { 2 * REACH } else { REACH };
        // 设立“青苗基金”
        if scene.tables.context.naming.close(gap).is_some() {
            return None;
        }
        let short = chars < if gap.chars().count() > 8 { SHORTEST } else { 2 };
        if far || short || !(closed(scene, quotation) || whole) {
            return None;
        }
    }
    let (entity, at, confidence) = speaker_before(scene, head, verb.span.start())?;
    let confidence = if direct { confidence } else { Confidence::Likely };
    Some(Speaker { entity, at, confidence })
}

/// The last clause of what stands before a quotation.
fn clause_of_head(scene: &Scene, head: Span) -> Span {
    let cut = scene
        .read(head)
        .rfind(['，', ','])
        .map_or(0, |at| at + scene.read(head)[at..].chars().next().map_or(0, char::len_utf8));
    Span::new(head.start() + cut, head.end())
}

/// Whether a clause ends behind a quotation.
fn closed(scene: &Scene, quotation: &Quotation) -> bool {
    let rest = &scene.text.shadow()[quotation.outer.end()..];
    rest.is_empty()
        || rest.starts_with(['，', '。', '；', '！', '？', ',', ';', '.', '!', '?', '\n', '\r', '）', '、', '：'])
}

/// The person, or the pronoun, nearest before a verb of saying.
fn speaker_before(scene: &Scene, head: Span, verb: usize) -> Option<(u32, Span, Confidence)> {
    let range = scene.mentions_in(Span::new(head.start(), verb));
    let persons = || {
        let named = range.clone().rev().filter(|&m| scene.mentions[m].kind == Kind::Person && !listener(scene, m));
        named.filter(|&m| scene.mentions[m].span.end() <= verb)
    };
    // The one nearest in the clause of the verb, else the last who was a subject.
    let clause = scene.clause_at(verb);
    let own = persons().next().filter(|&m| scene.clause_of[m] == clause);
    let named = own.or_else(|| persons().find(|&m| is_subject(scene, m))).or_else(|| persons().next());
    // Somebody without a name: 一位前同事说, 周明远的亲信表示.
    let from = named.map_or(head.start(), |named| scene.mentions[named].span.end());
    let near = scene.read(Span::new(from, verb));
    if scene.tables.context.unnamed.inside(near) {
        return None;
    }
    if let Some(named) = named {
        return Some((scene.entity_of[named]?, scene.mentions[named].span, Confidence::Certain));
    }
    let text = scene.read(Span::new(head.start(), verb));
    let lead = text.rfind(['，', ',']).map_or(text, |at| &text[at..]);
    let lead = lead.trim_start_matches(['，', ',', ' ', '但', '而', '不', '过']);
    let pronoun = ["他", "她", "该负责人", "这位负责人", "其本人"].iter().any(|word| lead.starts_with(word));
    if scene.tables.context.unnamed.inside(text) {
        return None;
    }
    // An organisation that speaks itself.
    let org = range.clone().rev().find(|&m| {
        let mention = &scene.mentions[m];
        let gap = &scene.text.shadow()[mention.span.end()..verb.max(mention.span.end())];
        mention.kind == Kind::Org && gap.chars().count() <= 6 && !listener(scene, m)
    });
    if let Some(org) = org.filter(|_| !pronoun) {
        return Some((scene.entity_of[org]?, scene.mentions[org].span, Confidence::Likely));
    }
    let clause = scene.clauses.get(scene.clause_at(verb))?;
    let short = text.chars().count() <= 12;
    let person = antecedent(scene, head.start(), clause.paragraph)?;
    (pronoun || (short && range.is_empty())).then_some((
        scene.entity_of[person]?,
        scene.mentions[person].span,
        Confidence::Likely,
    ))
}

/// Whether a name is the one who is spoken to: 对记者, 向他.
fn listener(scene: &Scene, mention: usize) -> bool {
    let before = &scene.text.shadow()[..scene.mentions[mention].span.start()];
    ["对", "向", "告诉", "对《", "向《", "接受"].iter().any(|word| before.ends_with(word))
}

/// The speaker behind: `”项目主持人、江州大学院士房玄说`.
fn behind(scene: &Scene, quotation: &Quotation, next: usize, open: bool) -> Option<Speaker> {
    let start = quotation.outer.end();
    let rest = &scene.text.shadow()[start..next.max(start)];
    let end = rest.find(['。', '！', '？', '\n', '\r', '；', '“', '：']).unwrap_or(rest.len());
    let end = rest[..end].char_indices().nth(BEHIND).map_or(end, |(at, _)| at);
    let tail = Span::new(start, start + end);
    let he = scene.read(tail).trim_start_matches(['，', ',', ' ']).starts_with(['他', '她']);
    let person = scene.mentions_in(tail).find(|&m| scene.mentions[m].kind == Kind::Person && !listener(scene, m));
    // “有人上车，”他说，公司请来了裴度
    let person = person.filter(|_| !(he && open));
    let whole = scene.read(quotation.inner).ends_with(['。', '！', '？', '…', '!', '?']);
    let Some(person) = person else {
        // “今年最邪门，”他指着玻璃柜: what goes on needs no verb of saying.
        let verb = scene.trigger_in(&scene.say, tail, class!("say")).map(|verb| verb.span).or(open.then_some(tail))?;
        let text = scene.read(Span::new(start, if open { tail.end() } else { verb.start() }));
        let pronoun = text.trim_start_matches(['，', ',', ' ']).starts_with(['他', '她']);
        let clause = scene.clauses.get(scene.clause_at(start))?;
        let person = antecedent(scene, quotation.outer.start(), clause.paragraph).filter(|_| pronoun)?;
        let entity = scene.entity_of[person]?;
        return Some(Speaker { entity, at: verb, confidence: Confidence::Likely });
    };
    let span = scene.mentions[person].span;
    let entity = scene.entity_of[person]?;
    let says = scene.speaks(span.end(), tail.end());
    // Only what belongs to the name may stand between: 、 and titles, no other clause.
    let lead = scene.read(Span::new(start, span.start()));
    let clean = !lead.trim_start_matches(['，', ',']).contains(['，', ',']) && lead.chars().count() <= 40;
    // “…？”1月19日下午，在会议室里，孙先生举着合同问
    let clean =
        clean || (whole && starts_paragraph(scene, quotation) && settings(scene, Span::new(start, span.start())));
    let first = lead.trim_matches(['，', ',', ' ']).is_empty();
    // “价格战打不赢。”周恺摇了摇头。
    let acts = whole && !open && starts_paragraph(scene, quotation) && clean && !is_object(scene, person);
    ((says && clean) || (open && (first || clean)) || acts).then_some(Speaker {
        entity,
        at: Span::new(span.start(), span.end()),
        confidence: if says { Confidence::Certain } else { Confidence::Likely },
    })
}

/// Whether only times and places stand in a span, but for its last clause.
fn settings(scene: &Scene, span: Span) -> bool {
    let clauses = scene.read(span).split(['，', ',']).collect::<Vec<_>>();
    let (_, before) = clauses.split_last().unwrap_or((&"", &[]));
    let mut at = span.start();
    before.iter().all(|clause| {
        let here = Span::new(at, at + clause.len());
        at += clause.len() + scene.read(Span::new(here.end(), span.end())).chars().next().map_or(0, char::len_utf8);
        let dated = scene.mentions_in(here).next().is_some_and(|m| scene.mentions[m].kind == Kind::Date);
        let place = clause.trim_start().starts_with(['在', '当', '面'])
            || clause.trim_end().ends_with(['里', '中', '上', '时']);
        clause.trim().is_empty() || dated || place
    })
}

/// Whether a paragraph begins with a quotation.
fn starts_paragraph(scene: &Scene, quotation: &Quotation) -> bool {
    let before = scene.text.shadow()[..quotation.outer.start()].trim_end_matches([' ', '\u{3000}']);
    before.is_empty() || before.ends_with(['\n', '\r'])
}

/// The answers of an interview: lines that begin with a name or with A, where others begin with Q.
fn answers(scene: &Scene) -> Vec<Relation> {
    let mut found = Vec::new();
    let shadow = scene.text.shadow();
    let question =
        |line: &str| ["q:", "q：", "问:", "问：", "记者:", "记者："].iter().any(|lead| line.starts_with(lead));
    let asked = || (0..scene.mentions.len()).filter(|&m| scene.asks(m)).take(2).count();
    if shadow.lines().filter(|line| question(line.trim_start())).take(2).count() < 2 && asked() < 2 {
        return found;
    }
    let mut at = 0;
    let mut speaker: Option<u32> = None;
    for line in shadow.split_inclusive(['\n', '\r']) {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        let body = line.trim();
        if question(body) || body.is_empty() {
            continue;
        }
        let named = scene.mention_after(start).filter(|&m| {
            let mention = &scene.mentions[m];
            mention.kind == Kind::Person
                && mention.span.start() == start
                && behind_bracket(&shadow[mention.span.end()..]).starts_with([':', '：'])
        });
        let lead = match named {
            Some(mention) => {
                speaker = scene.entity_of[mention];
                shadow.len() - behind_bracket(&shadow[scene.mentions[mention].span.end()..]).len()
            }
            None if ["a:", "a：", "答:", "答："].iter().any(|lead| body.starts_with(lead)) => {
                start + body.find([':', '：']).unwrap_or(0)
            }
            None => continue,
        };
        let content = shadow[lead..start + body.len()].trim_start_matches([':', '：', ' ']);
        let content = Span::new(start + body.len() - content.len(), start + body.len());
        if content.is_empty() || scene.quotations.binary_search_by_key(&content.start(), |q| q.outer.start()).is_ok() {
            continue;
        }
        if let Some(entity) = speaker {
            let said = Speaker { entity, at: Span::new(start, content.start()), confidence: Confidence::Certain };
            found.push(relation(scene, &said, content, Span::new(start, content.end())));
        }
    }
    found
}
