//! Training of the tagger: annotated articles in, a [`Model`] out, the same bytes on every machine.
//!
//! The network is that of [`model`](crate::model) in floats. Its loss is the log probability of the labels in a
//! conditional random field; where annotators could disagree, every labelling that they allow counts as right. Rows
//! learn by AdaGrad after each sentence, the dense layers by Adam after each few; half of all features are dropped at
//! random, so that none is relied on alone. Everything runs in one thread in a fixed order, with exponentials from a
//! portable library and random numbers from a generator of our own, so that no machine and no version changes a bit.

#![expect(clippy::needless_range_loop, reason = "the loops run over several arrays of the same length at once")]

use crate::feature::{Observed, Observer, PAD};
use crate::gold::Article;
use crate::known::{Forms, KNOWN_KINDS, Known, KnownNames};
use crate::lexicon::Lexicon;
use crate::mention::Kind;
use crate::model::{
    DILATIONS, Dense, FloatRows, Index, KINDS, KNOWN_TABLE, LABELS, Model, NAMES_TABLE, NETWORKS, PART, TABLES, begins,
    ends, follows, key, label,
};
use crate::score::Tally;
use crate::segment::Segmenter;
use crate::sentence::sentences;
use crate::tagger::{Scratch, Tagged, Tagger};
use crate::text::{Span, Text};
use rustc_hash::FxHashMap;

/// What can be chosen.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Passes over the data.
    pub epochs: usize,
    /// A feature seen fewer times than this gets no row.
    pub cut: u32,
    /// Share of features dropped, in 256ths.
    pub feature_dropout: u8,
    /// Share of hidden units dropped, in 256ths.
    pub unit_dropout: u8,
    /// Start of the random numbers.
    pub seed: u64,
    /// Step of AdaGrad.
    pub row_rate: f32,
    /// Step of Adam at the beginning; it falls to a tenth.
    pub dense_rate: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self { epochs: 10, cut: 11, feature_dropout: 128, unit_dropout: 38, seed: 1, row_rate: 0.1, dense_rate: 0.002 }
    }
}

/// A sentence as the network sees it, with what its labels may be.
pub struct Example {
    seen: Observed,
    /// For each character a bit for each label that is allowed.
    allowed: Vec<u32>,
    /// Which article it is from.
    article: usize,
}

/// Reads articles into sentences with labels. Articles within one file stand apart by lines of dashes.
pub fn examples(articles: &[Article], lexicon: &Lexicon, segmenter: &Segmenter, observer: &Observer) -> Vec<Example> {
    let mut examples = Vec::new();
    let forms = Forms::new(lexicon);
    let mut random = Random(1);
    for (number, article) in articles.iter().enumerate() {
        let text = Text::new(&article.text, &lexicon.folding);
        let labels = labels(article);
        let names = names(article, &text);
        let sentences = sentences(&text);
        for piece in sentences.split_inclusive(|&sentence| is_rule(text.read(sentence))) {
            for &sentence in piece {
                let tokens: Vec<_> = segmenter.segment(&text, sentence).collect();
                let mut seen = Observed::default();
                observer.observe(&text, sentence, &tokens, &mut seen);
                let known = known_elsewhere(&text, sentence, piece, &names, &forms, &mut random);
                seen.recall(sentence, &known.find(text.read(sentence)));
                let at = text.shadow()[..sentence.start()].chars().count();
                let mut allowed = labels[at..at + seen.len()].to_vec();
                if !has_path(&allowed) {
                    // A mark runs over the end of a sentence; what is left of it can be no name.
                    allowed.iter_mut().for_each(|mask| *mask |= 1);
                }
                examples.push(Example { seen, allowed, article: number });
            }
        }
    }
    examples
}

/// A line of dashes between two articles of one file.
fn is_rule(line: &str) -> bool {
    line.chars().all(|c| matches!(c, '—' | '-' | '=' | '*'))
}

/// The sure marks of an article as spans of its shadow.
fn names(article: &Article, text: &Text) -> Vec<(Kind, Span)> {
    let mut starts: Vec<usize> = text.shadow().char_indices().map(|(at, _)| at).collect();
    starts.push(text.shadow().len());
    let sure = article.marks.iter().filter(|mark| !mark.optional && KNOWN_KINDS.contains(&mark.kind));
    sure.map(|mark| (mark.kind, Span::new(starts[mark.start], starts[mark.end]))).collect()
}

/// The names of the other sentences of an article. Some are left out at random, as the first look will miss some.
fn known_elsewhere<'a>(
    text: &'a Text,
    sentence: Span,
    piece: &[Span],
    names: &[(Kind, Span)],
    forms: &Forms,
    random: &mut Random,
) -> KnownNames<'a> {
    let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return KnownNames::default() };
    let whole = Span::new(first.start(), last.end());
    let mut known = Vec::new();
    for &(kind, at) in names.iter().filter(|(_, at)| whole.contains(*at) && !sentence.contains(*at)) {
        if random.below(5) > 0 {
            forms.each(kind, text.read(at), |surface, form| known.push((surface, Known { kind, form, at })));
        }
    }
    KnownNames::new(known)
}

/// For each character of an article the labels that its marks allow.
fn labels(article: &Article) -> Vec<u32> {
    let mut labels = vec![1; article.text.chars().count()];
    for mark in &article.marks {
        let Some(kind) = KINDS.iter().position(|kind| *kind == mark.kind) else { continue };
        for at in mark.start..mark.end {
            let part = match (at == mark.start, at + 1 == mark.end) {
                (true, true) => 3,
                (true, false) => 0,
                (false, true) => 2,
                (false, false) => 1,
            };
            let bit = 1 << label(kind, part);
            labels[at] = if mark.optional { labels[at] | bit } else { bit };
        }
    }
    labels
}

fn has_path(allowed: &[u32]) -> bool {
    let mut reach: u32 = (0..LABELS).filter(|&to| begins(to)).map(|to| 1 << to).sum::<u32>() & allowed[0];
    for &mask in &allowed[1..] {
        let next = (0..LABELS).filter(|&to| (0..LABELS).any(|from| reach >> from & 1 == 1 && follows(from, to)));
        reach = next.map(|to| 1 << to).sum::<u32>() & mask;
    }
    (0..LABELS).any(|from| reach >> from & 1 == 1 && ends(from))
}

/// Numbers from a seed, by SplitMix64: short, and the same for ever, which a crate's generator does not promise.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Between -1 and 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// A stream of random bytes.
struct Bytes<'a> {
    random: &'a mut Random,
    left: u64,
    count: u32,
}

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        if self.count == 0 {
            (self.left, self.count) = (self.random.next(), 8);
        }
        let byte = self.left as u8;
        self.left >>= 8;
        self.count -= 1;
        byte
    }
}

/// A family's rows while they are learnt.
#[derive(Clone)]
struct Rows {
    keys: Vec<u32>,
    values: Vec<f32>,
    squares: Vec<f32>,
}

/// A dense layer's weights while they are learnt.
#[derive(Clone, Default)]
struct Weights {
    values: Vec<f32>,
    gradient: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl Weights {
    fn new(size: usize, spread: f32, random: &mut Random) -> Self {
        let values = (0..size).map(|_| random.unit() * spread).collect();
        Self { values, gradient: vec![0.0; size], mean: vec![0.0; size], square: vec![0.0; size] }
    }

    /// One step of Adam. `scale` makes the gradient a mean; `step` counts from one.
    fn learn(&mut self, rate: f32, scale: f32, step: i32) {
        let (first, second) = (1.0 - 0.9f32.powi(step), 1.0 - 0.999f32.powi(step));
        for at in 0..self.values.len() {
            let g = self.gradient[at] * scale;
            self.mean[at] = 0.9 * self.mean[at] + 0.1 * g;
            self.square[at] = 0.999 * self.square[at] + 0.001 * g * g;
            self.values[at] -= rate * (self.mean[at] / first) / ((self.square[at] / second).sqrt() + 1e-8);
            self.gradient[at] = 0.0;
        }
    }
}

/// Sums of the rows of each family, and of the dense layers.
type Sums = (Vec<Vec<f32>>, Vec<Vec<f32>>);

/// The network while it is learnt.
struct Network {
    rows: Vec<Rows>,
    convolutions: [Weights; 2],
    biases: [Weights; 2],
    output: Weights,
    direct: Weights,
    bias: Weights,
    transitions: Weights,
}

/// The rows of one sentence: for each family and padded position, row number plus one.
type Places = Vec<Vec<u32>>;

/// Trains on the examples; `progress` is told the epochs done and the mean loss of a character.
pub fn train(examples: &[&Example], options: Options, progress: impl Fn(usize, f32) + Sync) -> Model {
    let (rows, places) = rows(examples, options.cut);
    let (rows, places, progress) = (&rows, &places, &progress);
    // Each network has its own thread, its own random numbers, and nothing to wait for: the order of threads is
    // without effect.
    let networks: Vec<(Vec<FloatRows>, Dense)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..NETWORKS as u64)
            .map(|number| {
                let seed = options.seed.wrapping_mul(1000).wrapping_add(number);
                scope
                    .spawn(move || train_network(examples, rows.clone(), places, Options { seed, ..options }, progress))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("training does not panic")).collect()
    });
    Model::quantise(&networks)
}

fn train_network(
    examples: &[&Example],
    rows: Vec<Rows>,
    places: &[Places],
    options: Options,
    progress: &(impl Fn(usize, f32) + Sync),
) -> (Vec<FloatRows>, Dense) {
    let mut random = Random(options.seed);
    let mut network = Network::new(rows, &mut random);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut buffers = Buffers::default();
    let characters: usize = examples.iter().map(|example| example.seen.len()).sum();
    let batches = examples.len().div_ceil(BATCH) * options.epochs;
    let mut step = 0;
    let mut mean: Option<Sums> = None;
    let averaged = options.epochs.min(3);
    for epoch in 0..options.epochs {
        for at in (1..order.len()).rev() {
            order.swap(at, random.below(at + 1));
        }
        let mut loss = 0.0;
        for batch in order.chunks(BATCH) {
            for &number in batch {
                loss += network.learn(examples[number], &places[number], &options, &mut random, &mut buffers);
            }
            step += 1;
            let left = 1.0 - 0.9 * step as f32 / batches as f32;
            network.learn_dense(options.dense_rate * left, 1.0 / BATCH as f32, step);
        }
        // The model is the mean of the network after each of the last epochs.
        if epoch + averaged >= options.epochs {
            network.add_to(&mut mean, 1.0 / averaged as f32);
        }
        progress(epoch + 1, loss / characters as f32);
    }
    network.floats(mean)
}

/// Sentences between two steps of the dense layers.
const BATCH: usize = 8;

/// Counts features, gives the frequent ones rows, and looks every sentence's rows up.
fn rows(examples: &[&Example], cut: u32) -> (Vec<Rows>, Vec<Places>) {
    let mut places: Vec<Places> = examples.iter().map(|_| Vec::with_capacity(TABLES.len())).collect();
    let mut all = Vec::new();
    for (number, table) in TABLES.iter().enumerate() {
        let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
        for example in examples {
            for j in 0..example.seen.len() + 2 * PAD + 1 - table.reach {
                *counts.entry(key(number, &example.seen, j)).or_default() += 1;
            }
        }
        let mut keys: Vec<u32> = counts.into_iter().filter(|&(_, count)| count >= cut).map(|(key, _)| key).collect();
        keys.sort_unstable();
        let index = Index::new(number, &keys);
        for (example, places) in examples.iter().zip(&mut places) {
            let found =
                (0..example.seen.len() + 2 * PAD + 1 - table.reach).map(|j| index.row(key(number, &example.seen, j)));
            places.push(found.collect());
        }
        let size = keys.len() * table.shifts.len() * PART;
        all.push(Rows { keys, values: vec![0.0; size], squares: vec![1e-4; size] });
    }
    (all, places)
}

/// Memory of one step, used again for the next.
#[derive(Default)]
struct Buffers {
    sums: Vec<f32>,
    hidden: [Vec<f32>; 3],
    /// What each convolution adds, before the ReLU.
    raised: [Vec<f32>; 2],
    scores: Vec<f32>,
    d_scores: Vec<f32>,
    d_hidden: [Vec<f32>; 3],
    d_raised: Vec<f32>,
    d_sums: Vec<f32>,
    /// Which features were kept: one byte for each part of each row, in the order of the forward pass.
    kept: Vec<bool>,
    /// Which hidden units were kept, as factors.
    masks: [Vec<f32>; 3],
    field: Field,
}

impl Network {
    fn new(rows: Vec<Rows>, random: &mut Random) -> Self {
        let he = (6.0 / (3.0 * PART as f32)).sqrt() * 0.5;
        let glorot = (6.0 / (PART + LABELS) as f32).sqrt();
        let mut weights = |size: usize, spread: f32| Weights::new(size, spread, random);
        Self {
            rows,
            convolutions: [weights(3 * PART * PART, he), weights(3 * PART * PART, he)],
            biases: [weights(PART, 0.0), weights(PART, 0.0)],
            output: weights(PART * LABELS, glorot),
            direct: weights(PART * LABELS, glorot),
            bias: weights(LABELS, 0.0),
            transitions: weights(LABELS * LABELS, 0.0),
        }
    }

    /// One sentence forward and backward; rows learn at once, dense layers gather their gradient. Gives the loss.
    fn learn(
        &mut self,
        example: &Example,
        places: &Places,
        options: &Options,
        random: &mut Random,
        b: &mut Buffers,
    ) -> f32 {
        let length = example.seen.len();
        // The first look knows nothing of the rest of the document.
        let first_look = random.below(2) == 0;
        // In half of the sentences the dictionaries are out of reach, so that unknown names are learnt by context too:
        // nearly all real names of the training articles stand in the dictionaries, but few of tomorrow's news do.
        let without_names = random.below(2) == 0;
        let mut bytes = Bytes { random, left: 0, count: 0 };
        let mut kept = places.clone();
        for (table, hidden) in [(KNOWN_TABLE, first_look), (NAMES_TABLE, without_names)] {
            if hidden {
                kept[table].fill(0);
            }
        }
        let places = &kept;
        self.forward(length, places, options, &mut bytes, b);
        b.d_scores.clear();
        b.d_scores.resize(length * LABELS, 0.0);
        let loss = b.field.gradient(
            &b.scores,
            &self.transitions.values,
            &example.allowed,
            &mut b.d_scores,
            &mut self.transitions.gradient,
        );
        self.backward(length, places, options, b);
        loss
    }

    fn forward(&self, length: usize, places: &Places, options: &Options, bytes: &mut Bytes, b: &mut Buffers) {
        zero(&mut b.sums, length * PART);
        b.kept.clear();
        let keep = 256.0 / (256.0 - f32::from(options.feature_dropout));
        for (rows, (table, places)) in self.rows.iter().zip(TABLES.iter().zip(places)) {
            for (j, &place) in places.iter().enumerate() {
                let Some(row) = (place as usize).checked_sub(1) else { continue };
                let row = &rows.values[row * table.shifts.len() * PART..][..table.shifts.len() * PART];
                for (part, shift) in row.chunks_exact(PART).zip(table.shifts) {
                    let kept = bytes.next() >= options.feature_dropout;
                    b.kept.push(kept);
                    let at = (j as isize + shift - PAD as isize) as usize;
                    if kept && at < length {
                        add_scaled(&mut b.sums[at * PART..][..PART], part, keep);
                    }
                }
            }
        }
        let keep = 256.0 / (256.0 - f32::from(options.unit_dropout));
        for mask in &mut b.masks {
            mask.clear();
            mask.extend((0..length * PART).map(|_| if bytes.next() >= options.unit_dropout { keep } else { 0.0 }));
        }
        zero(&mut b.hidden[0], length * PART);
        for (at, value) in b.hidden[0].iter_mut().enumerate() {
            *value = b.sums[at].max(0.0) * b.masks[0][at];
        }
        for layer in 0..2 {
            zero(&mut b.raised[layer], length * PART);
            zero(&mut b.hidden[layer + 1], length * PART);
            let (before, after) = b.hidden.split_at_mut(layer + 1);
            let (input, out) = (&before[layer], &mut after[0]);
            let raised = &mut b.raised[layer];
            for at in 0..length {
                let sums = &mut raised[at * PART..][..PART];
                sums.copy_from_slice(&self.biases[layer].values);
                for tap in 0..3 {
                    let Some(from) = tap_at(at, tap, DILATIONS[layer], length) else { continue };
                    let weights = &self.convolutions[layer].values[tap * PART * PART..][..PART * PART];
                    for (value, weights) in input[from * PART..][..PART].iter().zip(weights.chunks_exact(PART)) {
                        if *value != 0.0 {
                            add_scaled(sums, weights, *value);
                        }
                    }
                }
                for column in 0..PART {
                    let index = at * PART + column;
                    out[index] = input[index] + sums[column].max(0.0) * b.masks[layer + 1][index];
                }
            }
        }
        zero(&mut b.scores, length * LABELS);
        for at in 0..length {
            let scores = &mut b.scores[at * LABELS..][..LABELS];
            scores.copy_from_slice(&self.bias.values);
            for (input, weights) in [(&b.hidden[2], &self.output.values), (&b.sums, &self.direct.values)] {
                for (value, weights) in input[at * PART..][..PART].iter().zip(weights.chunks_exact(LABELS)) {
                    add_scaled(scores, weights, *value);
                }
            }
        }
    }

    fn backward(&mut self, length: usize, places: &Places, options: &Options, b: &mut Buffers) {
        zero(&mut b.d_sums, length * PART);
        for d in &mut b.d_hidden {
            zero(d, length * PART);
        }
        for at in 0..length {
            let d = &b.d_scores[at * LABELS..][..LABELS];
            add_scaled(&mut self.bias.gradient, d, 1.0);
            let [_, _, d_last] = &mut b.d_hidden;
            for (input, weights, d_input) in
                [(&b.hidden[2], &mut self.output, d_last), (&b.sums, &mut self.direct, &mut b.d_sums)]
            {
                for column in 0..PART {
                    let index = at * PART + column;
                    let range = column * LABELS..(column + 1) * LABELS;
                    d_input[index] += dot(&weights.values[range.clone()], d);
                    add_scaled(&mut weights.gradient[range], d, input[index]);
                }
            }
        }
        for layer in (0..2).rev() {
            let (before, after) = b.d_hidden.split_at_mut(layer + 1);
            let (d_input, d_out) = (&mut before[layer], &after[0]);
            let input = &b.hidden[layer];
            zero(&mut b.d_raised, length * PART);
            for index in 0..length * PART {
                d_input[index] += d_out[index];
                if b.raised[layer][index] > 0.0 {
                    b.d_raised[index] = d_out[index] * b.masks[layer + 1][index];
                }
            }
            for at in 0..length {
                let d = &b.d_raised[at * PART..][..PART];
                add_scaled(&mut self.biases[layer].gradient, d, 1.0);
                for tap in 0..3 {
                    let Some(from) = tap_at(at, tap, DILATIONS[layer], length) else { continue };
                    let offset = tap * PART * PART;
                    for column in 0..PART {
                        let index = from * PART + column;
                        let range = offset + column * PART..offset + (column + 1) * PART;
                        d_input[index] += dot(&self.convolutions[layer].values[range.clone()], d);
                        if input[index] != 0.0 {
                            add_scaled(&mut self.convolutions[layer].gradient[range], d, input[index]);
                        }
                    }
                }
            }
        }
        for index in 0..length * PART {
            if b.sums[index] > 0.0 {
                b.d_sums[index] += b.d_hidden[0][index] * b.masks[0][index];
            }
        }
        let keep = 256.0 / (256.0 - f32::from(options.feature_dropout));
        let mut kept = b.kept.iter();
        for (rows, (table, places)) in self.rows.iter_mut().zip(TABLES.iter().zip(places)) {
            let size = table.shifts.len() * PART;
            for (j, &place) in places.iter().enumerate() {
                let Some(row) = (place as usize).checked_sub(1) else { continue };
                let range = row * size..(row + 1) * size;
                let values = rows.values[range.clone()].chunks_exact_mut(PART);
                let squares = rows.squares[range].chunks_exact_mut(PART);
                for ((values, squares), shift) in values.zip(squares).zip(table.shifts) {
                    let at = (j as isize + shift - PAD as isize) as usize;
                    if !kept.next().expect("one for each part") || at >= length {
                        continue;
                    }
                    for ((value, square), d) in values.iter_mut().zip(squares).zip(&b.d_sums[at * PART..][..PART]) {
                        let g = d * keep;
                        *square += g * g;
                        *value -= options.row_rate * g / square.sqrt();
                    }
                }
            }
        }
    }

    fn dense(&mut self) -> [&mut Weights; 8] {
        let [first, second] = &mut self.convolutions;
        let [first_bias, second_bias] = &mut self.biases;
        let Self { output, direct, bias, transitions, .. } = self;
        [first, second, first_bias, second_bias, output, direct, bias, transitions]
    }

    fn learn_dense(&mut self, rate: f32, scale: f32, step: i32) {
        for weights in self.dense() {
            weights.learn(rate, scale, step);
        }
    }

    /// Adds the present weights to a mean.
    fn add_to(&mut self, mean: &mut Option<Sums>, share: f32) {
        let zeros = |of: &Vec<f32>| vec![0.0; of.len()];
        let mut sums = mean.take().unwrap_or_else(|| {
            let rows = self.rows.iter().map(|rows| zeros(&rows.values)).collect();
            (rows, self.dense().iter().map(|weights| zeros(&weights.values)).collect())
        });
        for (sum, rows) in sums.0.iter_mut().zip(&self.rows) {
            add_scaled(sum, &rows.values, share);
        }
        for (sum, weights) in sums.1.iter_mut().zip(self.dense()) {
            add_scaled(sum, &weights.values, share);
        }
        *mean = Some(sums);
    }

    fn floats(mut self, mean: Option<Sums>) -> (Vec<FloatRows>, Dense) {
        let (rows, dense) = mean.unwrap_or_else(|| {
            let dense = self.dense().iter().map(|weights| weights.values.clone()).collect();
            (self.rows.iter().map(|rows| rows.values.clone()).collect(), dense)
        });
        let tables =
            self.rows.into_iter().zip(rows).map(|(rows, values)| FloatRows { keys: rows.keys, values }).collect();
        let [first, second, first_bias, second_bias, output, direct, bias, transitions]: [Vec<f32>; 8] =
            dense.try_into().expect("there are eight dense parts");
        let dense = Dense {
            convolutions: [first, second],
            biases: [first_bias, second_bias],
            output,
            direct,
            bias,
            transitions,
        };
        (tables, dense)
    }
}

fn tap_at(at: usize, tap: usize, dilation: usize, length: usize) -> Option<usize> {
    (at + tap * dilation).checked_sub(dilation).filter(|&from| from < length)
}

fn zero(values: &mut Vec<f32>, size: usize) {
    values.clear();
    values.resize(size, 0.0);
}

#[inline]
fn add_scaled(to: &mut [f32], from: &[f32], by: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from * by;
    }
}

#[inline]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Forward and backward sums over the paths of labels.
#[derive(Default)]
struct Field {
    forward: Vec<f32>,
    backward: Vec<f32>,
    weights: Vec<f32>,
    moves: Vec<f32>,
}

impl Field {
    /// Adds the gradient of `log(all paths) - log(allowed paths)` to scores and transitions; gives that loss.
    fn gradient(
        &mut self,
        scores: &[f32],
        transitions: &[f32],
        allowed: &[u32],
        d_scores: &mut [f32],
        d_moves: &mut [f32],
    ) -> f32 {
        self.moves.clear();
        self.moves.extend(
            (0..LABELS * LABELS).map(
                |at| {
                    if follows(at / LABELS, at % LABELS) { libm::expf(transitions[at]) } else { 0.0 }
                },
            ),
        );
        let all = self.sums(scores, allowed, false, 1.0, d_scores, d_moves);
        let right = self.sums(scores, allowed, true, -1.0, d_scores, d_moves);
        all - right
    }

    /// The log of the sum over paths; adds the expected counts of labels and transitions times `sign`.
    fn sums(
        &mut self,
        scores: &[f32],
        allowed: &[u32],
        only_allowed: bool,
        sign: f32,
        d_scores: &mut [f32],
        d_moves: &mut [f32],
    ) -> f32 {
        let length = allowed.len();
        let mut total = 0.0;
        zero(&mut self.weights, length * LABELS);
        zero(&mut self.forward, length * LABELS);
        zero(&mut self.backward, length * LABELS);
        for at in 0..length {
            let scores = &scores[at * LABELS..][..LABELS];
            let most = scores.iter().copied().fold(f32::MIN, f32::max);
            total += most;
            for (to, weight) in self.weights[at * LABELS..][..LABELS].iter_mut().enumerate() {
                if !only_allowed || allowed[at] >> to & 1 == 1 {
                    *weight = libm::expf(scores[to] - most);
                }
            }
        }
        let mut norms = vec![0.0; length];
        for at in 0..length {
            let mut next = [0.0f32; LABELS];
            if at == 0 {
                for (to, slot) in next.iter_mut().enumerate().filter(|(to, _)| begins(*to)) {
                    // A sentence begins as if behind an O.
                    *slot = self.moves[to];
                }
            } else {
                for from in 0..LABELS {
                    let value = self.forward[(at - 1) * LABELS + from];
                    if value != 0.0 {
                        add_scaled(&mut next, &self.moves[from * LABELS..][..LABELS], value);
                    }
                }
            }
            let here = &mut self.forward[at * LABELS..][..LABELS];
            let mut sum = 0.0;
            for to in 0..LABELS {
                here[to] = next[to] * self.weights[at * LABELS + to];
                if at + 1 == length && !ends(to) {
                    here[to] = 0.0;
                }
                sum += here[to];
            }
            let sum = sum.max(1e-30);
            norms[at] = sum;
            total += libm::logf(sum);
            here.iter_mut().for_each(|value| *value /= sum);
        }
        for at in (0..length).rev() {
            let mut here = [0.0f32; LABELS];
            if at + 1 == length {
                here = [1.0; LABELS];
            } else {
                let mut behind = [0.0f32; LABELS];
                for (to, slot) in behind.iter_mut().enumerate() {
                    let index = (at + 1) * LABELS + to;
                    *slot = self.weights[index] * self.backward[index] / norms[at + 1];
                    if at + 2 == length && !ends(to) {
                        *slot = 0.0;
                    }
                }
                for from in 0..LABELS {
                    here[from] = dot(&self.moves[from * LABELS..][..LABELS], &behind);
                    let value = self.forward[at * LABELS + from];
                    if value != 0.0 {
                        let d = &mut d_moves[from * LABELS..][..LABELS];
                        for to in 0..LABELS {
                            d[to] += sign * value * self.moves[from * LABELS + to] * behind[to];
                        }
                    }
                }
            }
            self.backward[at * LABELS..][..LABELS].copy_from_slice(&here);
            for label in 0..LABELS {
                let index = at * LABELS + label;
                d_scores[index] += sign * self.forward[index] * here[label];
            }
        }
        for to in 0..LABELS {
            if begins(to) {
                d_moves[to] += sign * self.forward[to] * self.backward[to];
            }
        }
        total
    }
}

/// How well a model tags examples: a tally for each of [`KINDS`]. The second look is given the names of the other
/// sentences as annotated.
pub fn evaluate<'a>(
    model: &Model,
    examples: impl Iterator<Item = &'a Example>,
    second_look: bool,
) -> [Tally; KINDS.len()] {
    let tagger = Tagger::new(model);
    let mut tallies = [Tally::default(); KINDS.len()];
    let mut scratch = Scratch::default();
    let mut found: Vec<Tagged> = Vec::new();
    for example in examples {
        let mut seen = example.seen.clone();
        if !second_look {
            seen.known.fill(0);
        }
        tagger.tag(&seen, &mut scratch, &mut found);
        let (sure, doubtful) = marks(&example.allowed);
        for &(first, behind, kind) in &sure {
            tallies[kind].gold += 1;
            tallies[kind].hit +=
                usize::from(found.iter().any(|name| (name.first, name.behind, name.kind) == (first, behind, kind)));
        }
        for name in &found {
            let optional = doubtful.iter().any(|&(first, behind, _)| first < name.behind && name.first < behind);
            tallies[name.kind].found += usize::from(!optional);
        }
    }
    tallies
}

/// First character, the one behind the last, index of the kind.
type Place = (usize, usize, usize);

/// Reads sure and optional marks back from what the labels may be.
fn marks(allowed: &[u32]) -> (Vec<Place>, Vec<Place>) {
    let (mut sure, mut doubtful) = (Vec::new(), Vec::new());
    for kind in 0..KINDS.len() {
        let mut first = 0;
        for (at, &mask) in allowed.iter().enumerate() {
            let has = |part: usize| mask >> label(kind, part) & 1 == 1;
            if has(0) {
                first = at;
            }
            if has(2) || has(3) {
                let mark = (if has(3) { at } else { first }, at + 1, kind);
                if mask & 1 == 1 { doubtful.push(mark) } else { sure.push(mark) }
            }
        }
    }
    (sure, doubtful)
}

impl Example {
    /// Which of the articles it is from.
    pub fn article(&self) -> usize {
        self.article
    }

    /// Its length in characters.
    pub fn chars(&self) -> usize {
        self.seen.len()
    }
}
