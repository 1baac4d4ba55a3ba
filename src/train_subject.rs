//! Learns how much a cue counts for the subject of a figure, from annotated articles.
//!
//! Several networks are learned from different beginnings and put side by side into one. All numbers come from sums,
//! products, quotients and square roots in one order, and all chance from one seed: the same articles give the same table
//! on every machine. The subject of the figure before is a cue itself. So that a net learns how far that is to be trusted,
//! it is the one that a net chooses which has not seen the article; only for the first such nets it is the annotated one.

use crate::clause::Scene;
use crate::cue::{CUES, INPUTS, Net, Question, Set, UNIT, WIDTH, bits, having, inputs};
use crate::gold::Article;
use crate::mention::{Kind, Mention};
use crate::pipeline::Tiqu;
use crate::text::Text;
use std::fmt::Write as _;
use std::thread;

/// How a net is learned.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Times that the subjects of the figures before are chosen anew.
    pub rounds: usize,
    /// Passes over the examples in a round.
    pub epochs: usize,
    /// The share of inputs that are left out at every look.
    pub dropout: f32,
    /// How dear large weights are.
    pub penalty: f32,
    /// Start of the random numbers.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds: 2, epochs: 60, dropout: 0.3, penalty: 1e-3, seed: 1 }
    }
}

/// Networks that are put side by side.
const NETS: usize = 4;
/// Hidden units of one of them.
const UNITS: usize = WIDTH / NETS;
/// Questions that are looked at before the weights move.
const BATCH: usize = 64;
const RATE: f32 = 3e-3;

/// A question of the articles with the place of the right candidate, if it is among them.
struct Example {
    traits: Set,
    candidates: Vec<Set>,
    right: Option<usize>,
}

/// Learns a net.
pub fn train(articles: &[&Article], tiqu: &Tiqu, options: Options) -> Net {
    let gather = |article: &&Article, net: Option<&Net>| examples(article, tiqu, net);
    let mut gathered: Vec<Vec<Example>> = articles.iter().map(|article| gather(article, None)).collect();
    for _ in 0..options.rounds {
        let read = &|fold: usize| -> Vec<(usize, Vec<Example>)> {
            let rest = gathered.iter().enumerate().filter(|(at, _)| at % FOLDS != fold);
            let net = learn(rest.flat_map(|(_, examples)| examples), options);
            let inside = articles.iter().enumerate().filter(|(at, _)| at % FOLDS == fold);
            inside.map(|(at, article)| (at, gather(article, Some(&net)))).collect()
        };
        let folds: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..FOLDS).map(|fold| scope.spawn(move || read(fold))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("a fold that panics is a fault of this file"))
                .collect()
        });
        for (at, examples) in folds.into_iter().flatten() {
            gathered[at] = examples;
        }
    }
    learn(gathered.iter().flatten(), options)
}

/// Parts of the articles, each of which is read by a net that has not seen it.
const FOLDS: usize = 5;

/// How many questions there are, for how many the annotated subject is a candidate, and for how many it is chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Questions that the annotation answers.
    pub asked: usize,
    /// Those with the annotated subject among the candidates.
    pub within_reach: usize,
    /// Those for which it is chosen.
    pub right: usize,
}

/// Asks a net the questions of some articles.
pub fn evaluate(articles: &[&Article], tiqu: &Tiqu, net: &Net) -> Tally {
    let mut tally = Tally::default();
    for example in articles.iter().flat_map(|article| examples(article, tiqu, Some(net))) {
        tally.asked += 1;
        let Some(right) = example.right else { continue };
        tally.within_reach += 1;
        tally.right += usize::from(net.best(example.traits, example.candidates.iter().copied()).0 == right);
    }
    tally
}

/// The questions that an article's annotation answers. Without a table the subject of the figure before is the annotated.
fn examples(article: &Article, tiqu: &Tiqu, net: Option<&Net>) -> Vec<Example> {
    let text = Text::new(&article.text, &tiqu.lexicon().folding);
    let marks = article.mentions(&text);
    let mut open: Vec<&Vec<String>> =
        article.relations.iter().filter(|r| matches!(&*r[0], "figure" | "change")).collect();
    let mut found = Vec::new();
    tiqu.judged(&text, &mut |scene, question: &Question| {
        let change = question.traits & having!("change") != 0;
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
        let gold =
            open.iter().position(|r| value(r) && fits(r)).or_else(|| open.iter().position(value).filter(|_| single));
        let chosen = net.map(|net| net.choose(question));
        let Some(gold) = gold.map(|at| open.remove(at)) else { return chosen.unwrap_or((None, 0)) };
        let entity = if gold[1] == "-" { Some(None) } else { entity(article, scene, &marks, &gold[1]).map(Some) };
        let right = entity.and_then(|entity| question.candidates.iter().position(|c| c.entity == entity));
        found.push(Example {
            traits: question.traits,
            candidates: question.candidates.iter().map(|candidate| candidate.cues).collect(),
            right,
        });
        chosen.unwrap_or((entity.flatten(), i64::MAX))
    });
    found
}

/// The entity of an annotated name: of that name, or with a mention where the name is marked.
fn entity(article: &Article, scene: &Scene, marks: &[Mention], name: &str) -> Option<u32> {
    let exact = scene.entities.iter().position(|entity| entity.name == name);
    exact.map(|id| id as u32).or_else(|| {
        let marked = article.marks.iter().zip(marks).filter(|(mark, _)| {
            matches!(mark.kind, Kind::Org | Kind::Person | Kind::Product | Kind::Loc)
                && mark.canonical.as_ref().unwrap_or(&mark.text) == name
        });
        marked
            .filter_map(|(_, mark)| {
                let index = scene.mentions.iter().position(|m| m.span.overlaps(mark.span))?;
                scene.entity_of[index]
            })
            .next()
    })
}

fn learn<'e>(examples: impl Iterator<Item = &'e Example>, options: Options) -> Net {
    let examples: Vec<&Example> = examples.filter(|example| example.right.is_some()).collect();
    let mut net = Net::zero();
    let whole = |weight: f32| (weight * UNIT).round().clamp(-32767.0, 32767.0) as i16;
    for number in 0..NETS {
        let learner = Learner::new(options, number as u64).learn(&examples);
        let part = number * UNITS..(number + 1) * UNITS;
        for (row, learned) in net.rows.iter_mut().zip(learner.weights[ROWS].chunks(UNITS)) {
            row[part.clone()].iter_mut().zip(learned).for_each(|(cell, &weight)| *cell = whole(weight));
        }
        net.bias[part.clone()].iter_mut().zip(&learner.weights[BIAS]).for_each(|(cell, &weight)| *cell = whole(weight));
        net.out[part].iter_mut().zip(&learner.weights[OUT]).for_each(|(cell, &weight)| *cell = whole(weight));
        for (alone, &learned) in net.alone.iter_mut().zip(&learner.weights[ALONE]) {
            *alone += (learned * UNIT * UNIT).round() as i32;
        }
    }
    net
}

/// The weights of one network in one list.
const ROWS: std::ops::Range<usize> = 0..INPUTS * UNITS;
const BIAS: std::ops::Range<usize> = ROWS.end..ROWS.end + UNITS;
const OUT: std::ops::Range<usize> = BIAS.end..BIAS.end + UNITS;
const ALONE: std::ops::Range<usize> = OUT.end..OUT.end + INPUTS;

/// A network while it learns, with the running means of its slopes and their squares (Adam).
struct Learner {
    options: Options,
    random: u64,
    weights: Vec<f32>,
    slope: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
    /// What is still missing in both means, as they begin with nothing.
    missing: (f32, f32),
}

impl Learner {
    fn new(options: Options, number: u64) -> Self {
        let zero = vec![0.0; ALONE.end];
        let random = options.seed.wrapping_add(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut learner = Self {
            options,
            random,
            weights: zero.clone(),
            slope: zero.clone(),
            mean: zero.clone(),
            square: zero,
            missing: (1.0, 1.0),
        };
        for at in ROWS.chain(OUT) {
            learner.weights[at] = learner.chance() - 0.5;
        }
        learner
    }

    /// A number from 0 to 1 (splitmix64).
    fn chance(&mut self) -> f32 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn learn(mut self, examples: &[&Example]) -> Self {
        let mut order: Vec<usize> = (0..examples.len()).collect();
        for _ in 0..self.options.epochs {
            for at in (1..order.len()).rev() {
                let other = (self.chance() * (at + 1) as f32) as usize;
                order.swap(at, other.min(at));
            }
            for batch in order.chunks(BATCH) {
                self.slope.fill(0.0);
                for &example in batch {
                    self.look(examples[example], 1.0 / batch.len() as f32);
                }
                self.step();
            }
        }
        self
    }

    /// Adds one question's slope: the chosen shares of its candidates less the right one's.
    fn look(&mut self, example: &Example, share: f32) {
        let Some(right) = example.right else { return };
        let keep = 1.0 - self.options.dropout;
        let mut seen: Vec<(Vec<usize>, [f32; UNITS], f32)> = Vec::with_capacity(example.candidates.len());
        for &cues in &example.candidates {
            let inputs: Vec<usize> = inputs_of(cues, example.traits).filter(|_| self.chance() < keep).collect();
            let mut hidden = [0.0; UNITS];
            hidden.copy_from_slice(&self.weights[BIAS]);
            let mut sum = 0.0;
            for &input in &inputs {
                let row = &self.weights[input * UNITS..(input + 1) * UNITS];
                hidden.iter_mut().zip(row).for_each(|(unit, weight)| *unit += weight / keep);
                sum += self.weights[ALONE.start + input] / keep;
            }
            sum += hidden.iter().zip(&self.weights[OUT]).map(|(unit, out)| unit.max(0.0) * out).sum::<f32>();
            seen.push((inputs, hidden, sum));
        }
        let most = seen.iter().map(|(_, _, sum)| *sum).fold(f32::MIN, f32::max);
        let total: f32 = seen.iter().map(|(_, _, sum)| power(sum - most)).sum();
        for (at, (inputs, hidden, sum)) in seen.iter().enumerate() {
            let wrong = (power(sum - most) / total - if at == right { 1.0 } else { 0.0 }) * share;
            let mut back = [0.0; UNITS];
            for unit in 0..UNITS {
                if hidden[unit] > 0.0 {
                    self.slope[OUT.start + unit] += wrong * hidden[unit];
                    back[unit] = wrong * self.weights[OUT.start + unit];
                    self.slope[BIAS.start + unit] += back[unit];
                }
            }
            for &input in inputs {
                let row = &mut self.slope[input * UNITS..(input + 1) * UNITS];
                row.iter_mut().zip(&back).for_each(|(slope, back)| *slope += back / keep);
                self.slope[ALONE.start + input] += wrong / keep;
            }
        }
    }

    fn step(&mut self) {
        self.missing = (self.missing.0 * 0.9, self.missing.1 * 0.999);
        let (first, second) = (1.0 - self.missing.0, 1.0 - self.missing.1);
        for at in 0..self.weights.len() {
            let slope = self.slope[at] + self.options.penalty * self.weights[at];
            self.mean[at] = 0.9 * self.mean[at] + 0.1 * slope;
            self.square[at] = 0.999 * self.square[at] + 0.001 * slope * slope;
            self.weights[at] -= RATE * (self.mean[at] / first) / ((self.square[at] / second).sqrt() + 1e-8);
        }
    }
}

/// The inputs of a candidate.
fn inputs_of(cues: Set, traits: Set) -> impl Iterator<Item = usize> {
    bits(cues).chain(bits(traits).map(|of| CUES.len() + of))
}

/// e to the power of a number that is not positive, by products alone, which are the same on every machine.
fn power(x: f32) -> f32 {
    let mut power = (1.0 + x / 1024.0).max(0.0);
    for _ in 0..10 {
        power *= power;
    }
    power
}

/// The table as it is kept.
pub fn table(net: &Net) -> String {
    let mut table = String::from(
        "# a network that says whose a figure is: src/cue.rs reads it\n\
         # columns: cue or trait<TAB>what it counts alone<TAB>its part in each hidden unit\n\
         # source: learned by `tiqu train-subjects corpus/golden`\n\
         # licence: CC0-1.0\n",
    );
    let numbers = |row: &[i16]| row.iter().map(i16::to_string).collect::<Vec<_>>().join(" ");
    let mut line = |name: &str, alone: i32, row: &[i16]| {
        writeln!(table, "{name}\t{alone}\t{}", numbers(row)).expect("writing to a string never fails");
    };
    line("bias", 0, &net.bias);
    line("out", 0, &net.out);
    for ((name, row), &alone) in inputs().zip(&net.rows).zip(&net.alone) {
        line(name, alone, row);
    }
    table
}
