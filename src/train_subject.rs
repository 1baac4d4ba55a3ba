//! Learns how much a cue counts for the subject of a figure, from annotated articles.
//!
//! A linear model of few numbers, kept small by a penalty, since there are few annotated figures. The subject of the figure before is a cue itself: in the first round
//! it is the annotated one, in the later ones the one that the table of the round before would choose.

use crate::cue::{CUES, Question, Set, TRAITS, Weights, bits};
use crate::gold::Article;
use crate::mention::Kind;
use crate::pipeline::Tiqu;
use crate::text::Text;
use std::fmt::Write as _;

/// How the table is learned.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Times that the examples are gathered, each time with the table before.
    pub rounds: usize,
    /// Steps down the slope in a round.
    pub steps: usize,
    /// How long a step is.
    pub step: f64,
    /// How dear large weights are.
    pub penalty: f64,
}

/// A weight of one is kept as this number.
const UNIT: f64 = 1000.0;

impl Default for Options {
    fn default() -> Self {
        Self { rounds: 3, steps: 200, step: 2e-5, penalty: 80.0 }
    }
}

/// A question of the articles with the place of the right candidate, if it is among them.
struct Example {
    traits: Set,
    candidates: Vec<Set>,
    right: Option<usize>,
    note: String,
}

/// Learns a table.
pub fn train(articles: &[&Article], tiqu: &Tiqu, options: Options) -> Weights {
    let mut weights = Weights::zero();
    for round in 0..options.rounds {
        let taught = if round == 0 { None } else { Some(&weights) };
        let examples: Vec<Example> =
            articles.iter().flat_map(|article| examples(article, tiqu, taught)).collect();
        weights = learn(&examples, options);
    }
    weights
}

/// The questions of some articles for which a table chooses the annotated subject, and all of them.
pub fn evaluate(articles: &[&Article], tiqu: &Tiqu, weights: &Weights) -> (usize, usize, usize) {
    let mut tally = (0, 0, 0);
    if let Ok(file) = std::env::var("TIQU_DUMP") {
        use std::io::Write as _;
        let mut out = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
        for (n, article) in articles.iter().enumerate() {
            for e in examples(article, tiqu, None) {
                writeln!(out, "{{\"a\":{n},\"t\":{},\"c\":{:?},\"r\":{},\"n\":{}}}", e.traits, e.candidates, e.right.map_or(-1, |r| r as i64), serde_json::to_string(&e.note).unwrap()).unwrap();
            }
        }
    }
    for example in articles.iter().flat_map(|article| examples(article, tiqu, Some(weights))) {
        tally.1 += 1;
        let Some(right) = example.right else { continue };
        tally.2 += 1;
        tally.0 += usize::from(best(weights, &example) == right);
    }
    tally
}

/// The questions that an article's annotation answers. Without a table the subject of the figure before is the annotated.
fn examples(article: &Article, tiqu: &Tiqu, weights: Option<&Weights>) -> Vec<Example> {
    let text = Text::new(&article.text, &tiqu.lexicon().folding);
    let marks = article.mentions(&text);
    let mut open: Vec<&Vec<String>> =
        article.relations.iter().filter(|r| matches!(&*r[0], "figure" | "change")).collect();
    let mut found = Vec::new();
    tiqu.judged(&text, &mut |scene, question: &Question| {
        let change = question.traits & crate::cue::having!("change") != 0;
        let kind = if change { "change" } else { "figure" };
        let surface = scene.text.surface(scene.mentions[question.value].span);
        let measure = question.measure.as_deref().unwrap_or("-");
        let value = |r: &&Vec<String>| {
            r[0] == kind && if change { r[3].split(" -> ").next() == Some(surface) } else { r[3] == surface }
        };
        let fits = |r: &&Vec<String>| r[2].contains(measure) || measure.contains(&*r[2]);
        let mut alike = open.iter().filter(|r| value(r));
        let first = alike.next();
        let single = alike.all(|r| first.is_some_and(|first| first[1] == r[1]));
        let gold = open.iter().position(|r| value(&r) && fits(&r)).or_else(|| {
            open.iter().position(|r| value(&r)).filter(|_| single)
        });
        let chosen = weights.map(|weights| weights.choose(question));
        let Some(gold) = gold.map(|at| open.remove(at)) else { return chosen.unwrap_or((None, 0)) };
        let entity = if gold[1] == "-" { Some(None) } else { entity(article, scene, &marks, &gold[1]).map(Some) };
        let right = entity.and_then(|entity| question.candidates.iter().position(|c| c.entity == entity));
        found.push(Example {
            traits: question.traits,
            candidates: question.candidates.iter().map(|candidate| candidate.cues).collect(),
            right,
            note: format!("{} | {} | {:?} | gold {:?} | {}", article.id, surface, question.measure, gold[1], question.candidates.iter().map(|c| c.entity.map_or("-".to_owned(), |e| scene.name(e))).collect::<Vec<_>>().join("/")) + " << " + scene.read(scene.clauses[scene.clause_of[question.value]].span),
        });
        chosen.unwrap_or((entity.flatten(), 0))
    });
    found
}

/// The entity of an annotated name: of that name, or with a mention where the name is marked.
fn entity(
    article: &Article,
    scene: &crate::clause::Scene,
    marks: &[crate::mention::Mention],
    name: &str,
) -> Option<u32> {
    let exact = scene.entities.iter().position(|entity| entity.name == name);
    exact.map(|id| id as u32).or_else(|| {
        let marked = article.marks.iter().zip(marks).filter(|(mark, _)| {
            matches!(mark.kind, Kind::Org | Kind::Person | Kind::Product | Kind::Loc)
                && mark.canonical.as_ref().unwrap_or(&mark.text) == name
        });
        marked.filter_map(|(_, mark)| {
            let index = scene.mentions.iter().position(|m| m.span.overlaps(mark.span))?;
            scene.entity_of[index]
        })
        .next()
    })
}

/// The candidate that a table chooses.
fn best(weights: &Weights, example: &Example) -> usize {
    let sums = example.candidates.iter().enumerate();
    let sums = sums.map(|(at, &cues)| (weights.sum(cues, example.traits), std::cmp::Reverse(at)));
    sums.max().map_or(0, |(_, at)| at.0)
}

/// The pairs of cue and trait that speak for a candidate.
fn pairs(cues: Set, traits: Set) -> impl Iterator<Item = usize> + Clone {
    bits(cues).flat_map(move |cue| bits(traits).map(move |of| cue * TRAITS.len() + of))
}

/// Squared hinge loss over all rivals of the right candidate, with a penalty on the weights, brought down by Nesterov's
/// accelerated gradient. Only sums and products, in one order: the same numbers on every machine.
fn learn(examples: &[Example], options: Options) -> Weights {
    let size = CUES.len() * TRAITS.len();
    let mut weights = vec![0_f64; size];
    let mut ahead = weights.clone();
    let mut momentum = 1_f64;
    for _ in 0..options.steps {
        let mut slope: Vec<f64> = ahead.iter().map(|weight| weight * options.penalty).collect();
        for example in examples {
            let Some(right) = example.right else { continue };
            let sums: Vec<f64> = example
                .candidates
                .iter()
                .map(|&cues| pairs(cues, example.traits).map(|pair| ahead[pair]).sum())
                .collect();
            let mut total = 0.0;
            for (at, &cues) in example.candidates.iter().enumerate() {
                let short = 1.0 - (sums[right] - sums[at]);
                if at != right && short > 0.0 {
                    total += 2.0 * short;
                    pairs(cues, example.traits).for_each(|pair| slope[pair] += 2.0 * short);
                }
            }
            pairs(example.candidates[right], example.traits).for_each(|pair| slope[pair] -= total);
        }
        let next_momentum = (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) / 2.0;
        let carry = (momentum - 1.0) / next_momentum;
        momentum = next_momentum;
        for ((weight, ahead), slope) in weights.iter_mut().zip(&mut ahead).zip(&slope) {
            let next = *ahead - options.step * slope;
            *ahead = next + carry * (next - *weight);
            *weight = next;
        }
    }
    Weights::of(weights.into_iter().map(|weight| (weight * UNIT).round() as i32).collect())
}

/// The table as it is kept.
pub fn table(weights: &Weights) -> String {
    let mut table = String::from(
        "# how much a cue of a name counts for it being the subject of a figure, under each trait of the figure\n\
         # columns: cue<TAB>trait<TAB>weight\n\
         # source: learned by `tiqu train-subjects corpus/golden`\n\
         # licence: CC0-1.0\n",
    );
    for (cue, name) in CUES.iter().enumerate() {
        for (of, under) in TRAITS.iter().enumerate() {
            let weight = weights.weight(cue, of);
            if weight != 0 {
                writeln!(table, "{name}\t{under}\t{weight}").expect("writing to a string never fails");
            }
        }
    }
    table
}
