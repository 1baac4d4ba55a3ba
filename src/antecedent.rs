//! Who is meant where a clause does not say it: in `周恺此前是启明电子总监，上月跳槽到云帆科技` the second clause is about 周恺.
//!
//! A verb is done by the nearest person before it in its clause who is nobody's object (`贺程接替周恺出任…`: 贺程), or by
//! the person whom it describes (`加入云帆科技的周恺`). A clause without a subject goes on about the person of the clause
//! before; 他 and 她 stand for the last person of the paragraph who was a subject.

use crate::clause::{GOVERNORS, Piece, Scene};
use crate::mention::Kind;
use crate::segment::Tag;
use crate::statement::{Trigger, class};
use crate::text::Span;

/// The text between a mention and the next.
pub(crate) fn between<'a>(scene: &Scene<'a>, mention: usize) -> &'a str {
    let end = scene.mentions[mention].span.end();
    let next = scene.mentions.get(mention + 1).map_or(end, |next| next.span.start());
    scene.read(Span::new(end, next.max(end)))
}

/// The last characters of a text.
pub(crate) fn tail(text: &str, chars: usize) -> &str {
    chars.checked_sub(1).and_then(|n| text.char_indices().rev().nth(n)).map_or(text, |(at, _)| &text[at..])
}

/// What stands in a clause before a position, of a very long clause only the end.
pub(crate) fn lead_in(scene: &Scene, clause: Span, at: usize) -> Span {
    let start = clause.start().min(at).max(at.saturating_sub(LONGEST));
    Span::new((start..=at).find(|&at| scene.text.shadow().is_char_boundary(at)).unwrap_or(at), at)
}

/// How much of a clause is looked at, in bytes.
const LONGEST: usize = 900;

/// What follows the short bracket with which a text begins.
pub(crate) fn behind_bracket(text: &str) -> &str {
    let inner = text.strip_prefix('（');
    let close = inner.and_then(|inner| inner.char_indices().take(40).find(|&(_, c)| c == '）'));
    close.map_or(text, |(at, c)| &text['（'.len_utf8() + at + c.len_utf8()..])
}

/// Persons side by side that end at a position, with 女士 and the like left out.
pub(crate) fn persons_before(scene: &Scene, at: usize) -> Vec<usize> {
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

/// Where a name with its titles begins: at 云帆科技 in 云帆科技副总裁周恺.
fn phrase_start(scene: &Scene, person: usize) -> usize {
    let mut first = person;
    while let Some(before) = first.checked_sub(1)
        && matches!(scene.mentions[before].kind, Kind::Title | Kind::Org)
        && matches!(between(scene, before), "" | "兼" | "的")
    {
        first = before;
    }
    scene.mentions[first].span.start()
}

/// Whether a person is one to whom something is done, or after whom somebody comes: 接替周恺, 向周恺.
pub(crate) fn is_object(scene: &Scene, person: usize) -> bool {
    let clause = scene.clauses[scene.clause_of[person]].span;
    let start = phrase_start(scene, person);
    let near = scene.read(lead_in(scene, clause, start));
    let near = near.trim_end_matches(['前', '原']);
    let words = &scene.tables.context;
    let named = |text: &str| {
        let before = scene.mention_before(start - "的".len()).filter(|_| text.len() < near.len());
        before.is_some_and(|m| scene.mentions[m].kind == Kind::Person)
    };
    let succeeds = match near.strip_suffix('的') {
        // 接替布兰登的林可欣
        Some(described) if named(described) => false,
        // 接替退休的周恺
        Some(described) => words.succeeds.inside(tail(described, 6)),
        None => words.succeeds.close(near).is_some(),
    };
    succeeds || words.towards.close(near).is_some()
}

/// The last person in a span who is nobody's object.
pub(crate) fn subject_in(scene: &Scene, span: Span) -> Option<usize> {
    let persons = || scene.mentions_in(span).rev().filter(|&m| scene.mentions[m].kind == Kind::Person);
    persons().find(|&m| !is_object(scene, m))
}

/// The person whom a verb describes: 加入云帆科技的周恺. `at` is where the verb and its object end.
pub(crate) fn described(scene: &Scene, at: usize) -> Option<usize> {
    let rest = &scene.text.shadow()[at..];
    let lead = ["的是", "的", "、前", "、原", "、", "而来的", "来的", "过来的", "出来的", "任职的", "了的"]
        .iter()
        .find(|lead| rest.starts_with(**lead))?;
    let mut next = scene.mention_after(at + lead.len())?;
    for _ in 0..4 {
        match scene.mentions.get(next)?.kind {
            Kind::Person => return Some(next),
            Kind::Title | Kind::Org | Kind::Loc if matches!(between(scene, next), "" | "兼" | "的" | "、") => {
                next += 1
            }
            _ => return None,
        }
    }
    None
}

/// Whether nothing stands in a span that could be a subject of its own: 此前, 已于9月, 上月跳槽到云帆科技.
pub(crate) fn is_bare(scene: &Scene, span: Span, sentence: usize) -> bool {
    // Whether what follows belongs to a preposition or a verb, and whether a noun stood last that belongs to none.
    let (mut governed, mut noun) = (false, false);
    let mut acted = false;
    for unit in scene.units(span, sentence) {
        let word = scene.read(unit.span).trim_matches([' ', '，', ',']);
        if word.is_empty() || scene.tables.context.filler.are(word) {
            noun = false;
            continue;
        }
        // 跳槽 is a verb here, whatever the segmenter makes of it.
        if scene.moves.binary_search_by_key(&unit.span.start(), |verb| verb.span.start()).is_ok() {
            (acted, governed, noun) = (true, false, false);
            continue;
        }
        if GOVERNORS.contains(&word) {
            (governed, noun) = (true, false);
            continue;
        }
        match unit.piece {
            Piece::Mention(mention) => match scene.mentions[mention].kind {
                Kind::Person => return false,
                Kind::Org | Kind::Product if !governed && !acted => return false,
                Kind::Org | Kind::Product | Kind::Loc => (governed, noun) = (false, false),
                _ => noun = false,
            },
            Piece::Trigger(found) => {
                let pronoun = found & class!("self-person") != 0;
                if found & (class!("self-org") | class!("self-product")) != 0 && !governed && !acted {
                    return false;
                }
                governed = governed && !pronoun;
                noun = false;
            }
            Piece::Word(tag) => match tag {
                Tag::Preposition => (governed, noun) = (true, false),
                Tag::Verb => (acted, governed, noun) = (true, false, false),
                Tag::Person | Tag::PersonForeign => return false,
                Tag::Pronoun if matches!(word, "他" | "她" | "其" | "自己" | "本人" | "后者" | "此") => {
                    noun = false
                }
                Tag::Noun | Tag::Pronoun | Tag::Organisation | Tag::ProperName | Tag::Other | Tag::Latin => {
                    if !governed && !acted {
                        return false;
                    }
                    noun = !governed;
                }
                _ => noun = false,
            },
        }
    }
    !noun
}

/// The words of a span without the names in it: the 与 of 材料科学与工程学院 joins nothing.
pub(crate) fn words_in(scene: &Scene, span: Span) -> String {
    let mut words = String::new();
    let mut at = span.start();
    for mention in scene.mentions_in(span) {
        let name = scene.mentions[mention].span;
        words.push_str(scene.read(Span::new(at, name.start().max(at))));
        words.push(' ');
        at = name.end().max(at);
    }
    words.push_str(scene.read(Span::new(at.min(span.end()), span.end())));
    words
}

/// The person whom the text before a position goes on about: the last one of the paragraph who was a subject, else the
/// last one named.
pub(crate) fn antecedent(scene: &Scene, at: usize, paragraph: usize) -> Option<usize> {
    let end = scene.mentions.partition_point(|mention| mention.span.start() < at);
    let here = |m: &usize| scene.clauses[scene.clause_of[*m]].paragraph == paragraph;
    let persons = || {
        let near = (0..end).rev().take(40).take_while(here);
        near.filter(|&m| scene.mentions[m].kind == Kind::Person)
    };
    persons().find(|&m| is_subject(scene, m)).or_else(|| persons().next())
}

/// Whether a person is what the clause is about, outside brackets and quotations.
pub(crate) fn is_subject(scene: &Scene, person: usize) -> bool {
    let span = scene.mentions[person].span;
    let clause = &scene.clauses[scene.clause_of[person]];
    let first = together(scene, person).into_iter().find(|&m| scene.clause_of[m] == scene.clause_of[person]);
    let start = phrase_start(scene, first.unwrap_or(person));
    let front = lead_in(scene, clause.span, start);
    let lead = words_in(scene, front);
    // 容嘉音在剧中饰阮白鹭: who is named first is the subject.
    let second = scene.mentions_in(front).any(|m| scene.mentions[m].kind == Kind::Person && !is_object(scene, m));
    let rest = scene.read(Span::new(span.end(), clause.span.end().max(span.end()))).trim_end();
    let quotation = scene.quotations.partition_point(|quotation| quotation.outer.start() <= span.start());
    let quoted = scene.quotations[..quotation].last().is_some_and(|quotation| span.start() < quotation.outer.end());
    let setting = ["后", "时", "之际", "期间"].iter().any(|end| rest.ends_with(end));
    !second
        && !clause.bracket
        && !quoted
        && !setting
        && !is_object(scene, person)
        && !lead.contains(['被', '与', '和', '对', '向', '给', '把', '让', '从'])
}

/// Who does what a verb says.
pub(crate) fn actor(scene: &Scene, verb: &Trigger, clause: Span) -> Option<usize> {
    let window = lead_in(scene, clause, verb.span.start());
    if let Some(named) = subject_in(scene, window) {
        return Some(named);
    }
    let here = &scene.clauses[scene.clause_at(verb.span.start())];
    let lead = scene.read(window).trim_start();
    if lead.starts_with('我')
        && let Some(speaker) = here.person
    {
        let mut mentions = scene.entities[speaker as usize].mentions.iter().rev();
        return mentions.find(|&&m| scene.mentions[m as usize].span.start() < window.start()).map(|&m| m as usize);
    }
    // The person named last in the sentence, or in the paragraph where a pronoun or nothing stands for the subject.
    if lead.starts_with("后者") {
        let end = scene.mentions.partition_point(|m| m.span.start() < window.start());
        return (0..end).rev().take(20).find(|&m| scene.mentions[m].kind == Kind::Person);
    }
    // 在加入云帆科技之前，周恺…: the clause only sets the time.
    let text = scene.read(clause).trim_end();
    if ["前", "后", "时", "期间"].iter().any(|end| text.ends_with(end))
        && let Some(next) = scene.clauses.get(scene.clause_at(verb.span.start()) + 1)
        && next.sentence == here.sentence
        && let Some(person) = subject_in(scene, next.span)
        && is_bare(scene, window, here.sentence)
    {
        return Some(person);
    }
    let pronoun = lead.starts_with(['他', '她', '其']);
    let last = antecedent(scene, window.start(), here.paragraph)?;
    let same = &scene.clauses[scene.clause_of[last]];
    // 她原是副总裁，2018年离职: the pronoun is the subject of the whole sentence.
    let first = scene.clauses.partition_point(|clause| clause.sentence < here.sentence);
    let carried = scene.read(scene.clauses[first].span).trim_start().starts_with(['他', '她']);
    let near = same.sentence == here.sentence || carried;
    (pronoun || (near && is_bare(scene, window, here.sentence))).then_some(last)
}

/// A person and those who stand in one list before: 甲、副总裁乙等6人先后离职.
pub(crate) fn together(scene: &Scene, last: usize) -> Vec<usize> {
    let mut persons = vec![last];
    let sentence = scene.clauses[scene.clause_of[last]].sentence;
    let mut next = last;
    while let Some(before) = next.checked_sub(1).filter(|_| persons.len() < 40) {
        let gap = between(scene, before);
        let kind = scene.mentions[before].kind;
        let joins = gap.chars().all(|c| "、和与及以兼原前,".contains(c));
        let links = match kind {
            // The titles of the person behind.
            Kind::Title | Kind::Org => joins,
            Kind::Person => joins && !gap.is_empty(),
            _ => false,
        };
        if scene.clauses[scene.clause_of[before]].sentence != sentence || !links {
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
