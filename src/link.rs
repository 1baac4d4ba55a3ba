//! Mentions of one name together: `Jerry Tworek` and `Tworek`, `北京大学` and `北大`, `萨姆·奥特曼（Sam Altman）`.
//!
//! Surfaces are joined, not single mentions: in one document a name stands for one body. The evidence, strongest
//! first: the same surface; a short name that the text defines (以下简称); an original in brackets; one line of a
//! dictionary; then, only where a single fuller name fits, a part of it (a surname, a core of a legal name, its
//! letters in order). Two people of one surname stay apart: a bare surname then goes to whichever of them was named
//! last before it, since that is how it is read. Law: each mention of a person, organisation, place or product
//! belongs to exactly one entity, and `name` is one of its surfaces.

use crate::known::{Form, Forms, defined, in_order};
use crate::lexicon::Lexicon;
use crate::mention::{Kind, Mention};
use crate::text::{Span, Text};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// All mentions of one name in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// PERSON, ORG, LOC or PRODUCT.
    pub kind: Kind,
    /// The fullest form in the document.
    pub name: String,
    /// The other forms, in order of appearance.
    pub aliases: Vec<String>,
    /// Indices into the document's mentions.
    pub mentions: Vec<u32>,
}

/// A surface of one kind and where it stands.
struct Surface<'a> {
    kind: Kind,
    /// As read.
    folded: &'a str,
    /// As written where it stands first.
    written: &'a str,
    first: Span,
    mentions: Vec<u32>,
}

/// Groups the mentions of people, organisations, places and products by the name that they stand for.
pub fn link(text: &Text, mentions: &[Mention], lexicon: &Lexicon, forms: &Forms) -> Vec<Entity> {
    let mut surfaces: Vec<Surface> = Vec::new();
    let mut index: FxHashMap<(Kind, &str), usize> = FxHashMap::default();
    for (number, mention) in (0u32..).zip(mentions) {
        if !matches!(mention.kind, Kind::Person | Kind::Org | Kind::Loc | Kind::Product) {
            continue;
        }
        let folded = text.read(mention.span);
        let at = *index.entry((mention.kind, folded)).or_insert_with(|| {
            let written = text.surface(mention.span);
            surfaces.push(Surface { kind: mention.kind, folded, written, first: mention.span, mentions: vec![] });
            surfaces.len() - 1
        });
        surfaces[at].mentions.push(number);
    }
    let mut groups = Groups::new(surfaces.len());
    join_defined(text, mentions, &surfaces, &index, &mut groups);
    let bracketed = join_brackets(text, mentions, &index, &mut groups);
    join_dictionary(&surfaces, lexicon, &mut groups);
    join_parts(&surfaces, lexicon, forms, &mut groups);
    entities(&surfaces, mentions, &bracketed, forms, &mut groups)
}

/// Which surfaces belong together: each points to an earlier one or itself.
struct Groups(Vec<usize>);

impl Groups {
    fn new(size: usize) -> Self {
        Self((0..size).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    /// For each surface the number of those it is joined with, itself included.
    fn sizes(&mut self) -> Vec<usize> {
        let roots: Vec<usize> = (0..self.0.len()).map(|at| self.root(at)).collect();
        let mut sizes = vec![0; roots.len()];
        roots.iter().for_each(|&root| sizes[root] += 1);
        roots.into_iter().map(|root| sizes[root]).collect()
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

type Index<'a> = FxHashMap<(Kind, &'a str), usize>;

/// `北京灵枢科技有限公司（以下简称“灵枢”）`.
fn join_defined(text: &Text, mentions: &[Mention], surfaces: &[Surface], index: &Index, groups: &mut Groups) {
    for (name, bracket) in defined(text) {
        let full = mentions.partition_point(|mention| mention.span.end() <= bracket);
        let Some(full) = full.checked_sub(1).map(|at| &mentions[at]).filter(|full| full.span.end() == bracket) else {
            continue;
        };
        let Some(&full_at) = index.get(&(full.kind, text.read(full.span))) else { continue };
        if let Some(&short) = index.get(&(full.kind, text.read(name)))
            && surfaces[short].kind == surfaces[full_at].kind
        {
            groups.join(full_at, short);
        }
    }
}

/// `萨姆·奥特曼（Sam Altman）`, `小岛鱼（本名谭静）`: a bracket that holds one name of the same kind. The name outside is the
/// one that the text goes on with; those inside are noted.
fn join_brackets(text: &Text, mentions: &[Mention], index: &Index, groups: &mut Groups) -> FxHashSet<usize> {
    let mut inside_ones = FxHashSet::default();
    for pair in mentions.windows(2) {
        let [outside, inside] = pair else { continue };
        if outside.kind != inside.kind || !matches!(outside.kind, Kind::Person | Kind::Org | Kind::Product) {
            continue;
        }
        let between = text.read(Span::new(outside.span.end(), inside.span.start())).trim();
        let Some(word) = between.strip_prefix(['（', '(']) else { continue };
        let opens = word.is_empty() || OTHER_NAME.contains(&word.trim_end_matches(['：', ':', '为', ' ', '“', '"']));
        let closes =
            text.after(inside.span.end()).is_some_and(|c| matches!(c, '）' | ')' | '，' | ',' | '、' | '”' | '"'));
        if opens && closes {
            let find = |mention: &Mention| index.get(&(mention.kind, text.read(mention.span))).copied();
            if let (Some(a), Some(b)) = (find(outside), find(inside)) {
                groups.join(a, b);
                // 民航局（中国民用航空局）: the one outside is short for the one inside.
                let (short, full) = (text.read(outside.span), text.read(inside.span));
                if !(outside.kind == Kind::Org && full.len() > short.len() && in_order(short, full)) {
                    inside_ones.insert(b);
                }
            }
        }
    }
    inside_ones
}

/// What may stand before another name in a bracket.
const OTHER_NAME: [&str; 12] =
    ["本名", "原名", "中文名", "英文名", "又名", "别名", "化名", "即", "简称", "以下简称", "下称", "全称"];

/// Surfaces of one dictionary entry, the user's dictionaries first.
fn join_dictionary(surfaces: &[Surface], lexicon: &Lexicon, groups: &mut Groups) {
    let mut first_of: FxHashMap<u32, usize> = FxHashMap::default();
    for (at, surface) in surfaces.iter().enumerate() {
        let entries = lexicon.user.get(surface.folded).iter().chain(lexicon.names.get(surface.folded));
        if let Some(entry) = entries.into_iter().find(|entry| entry.kind == surface.kind) {
            let first = *first_of.entry(entry.group).or_insert(at);
            groups.join(first, at);
        }
    }
}

/// Parts of fuller names: 灵枢 of 北京灵枢科技有限公司, Tworek, 马斯克, 明远, 李总 of 李明远.
fn join_parts(surfaces: &[Surface], lexicon: &Lexicon, forms: &Forms, groups: &mut Groups) {
    // Every part, with the surfaces that it can be a part of.
    let mut fuller: FxHashMap<(Kind, &str), Vec<usize>> = FxHashMap::default();
    for (at, surface) in surfaces.iter().enumerate() {
        forms.each(surface.kind, surface.folded, |part, form| {
            if form == Form::Derived {
                push_within(fuller.entry((surface.kind, part)).or_default(), at);
            }
        });
    }
    // People by surname; organisations by first and by last character, of which a short form shares one. Long lists
    // are cut, so that the time stays in proportion to the text.
    let mut bearers: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    let mut by_end: FxHashMap<End, Vec<usize>> = FxHashMap::default();
    for (at, surface) in surfaces.iter().enumerate() {
        let full = surface.kind == Kind::Person && !surface.folded.contains('某');
        if let Some(surname) = forms.surname(surface.folded)
            && full
            && surname.len() < surface.folded.len()
            && forms.addressed(surface.folded).is_none()
        {
            push_within(bearers.entry(surname).or_default(), at);
        }
        if surface.kind == Kind::Org {
            for end in ends(surface.folded) {
                push_within(by_end.entry(end).or_default(), at);
            }
        }
    }
    let settled: Vec<bool> = groups.sizes().into_iter().map(|size| size > 1).collect();
    for (at, surface) in surfaces.iter().enumerate() {
        // A short name that the text or a dictionary has tied to a full one needs no guess.
        if settled[at] && surface.kind == Kind::Org || surface.folded.contains('某') {
            continue;
        }
        let mut candidates = fuller.get(&(surface.kind, surface.folded)).cloned().unwrap_or_default();
        if candidates.is_empty() {
            candidates = match surface.kind {
                Kind::Person => {
                    let surname = forms.addressed(surface.folded);
                    surname.and_then(|surname| bearers.get(surname)).cloned().unwrap_or_default()
                }
                // 中国科学院 is itself, and not short for a longer name with its letters.
                Kind::Org
                    if surface.folded.chars().count() > SHORTEST_FULL
                        && !lexicon.names.get(surface.folded).is_empty() =>
                {
                    Vec::new()
                }
                Kind::Org => {
                    let alike = ends(surface.folded).into_iter().filter_map(|end| by_end.get(&end)).flatten();
                    alike.copied().filter(|&other| is_short_for(surface, &surfaces[other], forms)).collect()
                }
                _ => Vec::new(),
            };
            candidates.retain(|&other| other != at);
        }
        // Candidates that are one body already count once.
        let mut bodies: Vec<usize> = candidates.iter().map(|&candidate| groups.root(candidate)).collect();
        bodies.sort_unstable();
        bodies.dedup();
        match bodies[..] {
            [body] => groups.join(body, at),
            [] => {}
            _ if surface.kind == Kind::Person => {
                let before = candidates.into_iter().filter(|&other| surfaces[other].first < surface.first);
                if let Some(nearest) = before.max_by_key(|&other| surfaces[other].first) {
                    groups.join(nearest, at);
                }
            }
            // Of several bodies the one that the text names by far most often.
            _ => {
                let mut named: Vec<(usize, usize)> =
                    bodies.iter().map(|&body| (surfaces[body].mentions.len(), body)).collect();
                named.sort_unstable_by(|a, b| b.cmp(a));
                if named[0].0 >= 2 * named[1].0 && surfaces[named[0].1].first < surface.first {
                    groups.join(named[0].1, at);
                }
            }
        }
    }
}

/// The first or the last character of a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum End {
    First(char),
    Last(char),
}

/// Both ends of a name that is not empty.
fn ends(name: &str) -> [End; 2] {
    let mut chars = name.chars();
    let first = chars.next().unwrap_or_default();
    [End::First(first), End::Last(chars.next_back().unwrap_or(first))]
}

/// No short name is compared with more names than this in one list.
const MOST_CANDIDATES: usize = 256;

fn push_within(list: &mut Vec<usize>, at: usize) {
    if list.len() < MOST_CANDIDATES {
        list.push(at);
    }
}

/// A name of a dictionary with more characters is no short form of another: 财政部 can be 芬兰财政部, 中国科学院 is itself.
const SHORTEST_FULL: usize = 3;

/// A name of more characters is no short form by its letters alone.
const LONGEST_SHORT: usize = 7;

/// Whether an organisation's name is short for a fuller one.
///
/// - the beginning of a legal name: `赣江新材` of `赣江新材料股份有限公司`, but not `中国银行` of `中国银行南岭分行`;
/// - the end of a name given before: `湖东分局` of `江口市公安局湖东分局`;
/// - its letters in order, from the beginning of the name or of the part behind a place, to the same end: `南岭市局` of
///   `南岭市公安局`.
fn is_short_for(short: &Surface, full: &Surface, forms: &Forms) -> bool {
    let (given_before, short, full) = (full.first < short.first, short.folded, full.folded);
    let length = short.chars().count();
    if short.is_ascii() || length < 2 || length >= full.chars().count() {
        return false;
    }
    if let Some(rest) = full.strip_prefix(short) {
        // 远泰金 of 远泰金控
        return rest == "控" || rest.ends_with("公司") && !rest.ends_with("分公司") && !rest.ends_with("子公司");
    }
    if full.ends_with(short) {
        return given_before && length >= 3;
    }
    let (first, last) = (short.chars().next(), short.chars().next_back());
    let starts = full.char_indices().filter(|&(at, c)| {
        let behind_place = full[..at].ends_with(['市', '省', '县', '国', '区', '州']);
        Some(c) == first && (at == 0 || behind_place || forms.without_place(full) == Some(&full[at..]))
    });
    // 瑞禾集团 of 四川瑞禾医院管理集团有限公司: the legal form has no letter in a short name.
    let body = full.strip_suffix("公司").map_or(full, |rest| {
        let forms = ["有限责任", "股份有限", "有限", "股份"];
        forms.iter().find_map(|form| rest.strip_suffix(form)).unwrap_or(rest)
    });
    if length > LONGEST_SHORT {
        return false;
    }
    let ends_alike = [full, body].iter().any(|full| last == full.chars().next_back());
    ends_alike && starts.into_iter().any(|(at, _)| in_order(short, &full[at..]))
}

/// Makes entities of the groups, in order of first appearance.
fn entities(
    surfaces: &[Surface],
    mentions: &[Mention],
    bracketed: &FxHashSet<usize>,
    forms: &Forms,
    groups: &mut Groups,
) -> Vec<Entity> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..surfaces.len() {
        members.entry(groups.root(at)).or_default().push(at);
    }
    let mut entities: Vec<Entity> = members
        .into_values()
        .map(|members| {
            let rank = |at: usize| (!bracketed.contains(&at), fullness(&surfaces[at], forms), usize::MAX - at);
            let fullest = members.iter().copied().max_by_key(|&at| rank(at));
            let fullest = fullest.expect("a group has a member");
            let others = members.iter().filter(|&&at| at != fullest);
            let mut ids: Vec<u32> = members.iter().flat_map(|&at| surfaces[at].mentions.iter().copied()).collect();
            ids.sort_unstable();
            Entity {
                kind: surfaces[fullest].kind,
                name: surfaces[fullest].written.to_owned(),
                aliases: others.map(|&at| surfaces[at].written.to_owned()).collect(),
                mentions: ids,
            }
        })
        .collect();
    entities.sort_by_key(|entity| mentions[entity.mentions[0] as usize].span);
    entities
}

/// How full a form is. For people: the number of names in it, no form of address counting, and then a Chinese form
/// before a Latin one; for the rest the length, Latin letters counting a third.
fn fullness(surface: &Surface, forms: &Forms) -> (usize, usize) {
    let chars = surface.folded.chars().count();
    let latin = surface.folded.is_ascii();
    match surface.kind {
        Kind::Person if forms.addressed(surface.folded).is_some() => (0, 0),
        Kind::Person => {
            let parts = surface.folded.split([' ', '·']).count();
            let full = !latin
                && parts == 1
                && forms.surname(surface.folded).is_some_and(|name| name.len() < surface.folded.len());
            (if full { 2 } else { parts }, if latin { 0 } else { chars })
        }
        _ if latin => (chars / 3, 0),
        _ => (chars, 0),
    }
}
