//! The tagger at work: a sentence as [`feature`](crate::feature) sees it in, names with their kinds out.
//!
//! The numbers are those of a [`Model`], arranged for reading: rows that always stand together are added up
//! beforehand (a word with its pairs, a class with its pairs and its triple), and what most characters share (being in
//! no dictionary) is one row that is always there. Sums of integers do not depend on their order, so the result is that
//! of adding every row by itself.

use crate::feature::{CLASSES, NAME_CODES, Observed, PAD, PART_CODES, WORD_CODES};
use crate::known::KNOWN_CODES;
use crate::model::{Convolution, DILATIONS, HIDDEN_MOST, Hashed, KINDS, LABELS, Model, NETWORKS, PART, Rows, WIDTH};
use crate::vectors::{Inputs, LANES, MultiplyAdd, REGISTERS, Sums, Task, Vectors, Weights, fetch};

/// A trained model, ready to tag.
pub struct Tagger {
    /// Row of each character of the basic plane; row 0 is nothing.
    character_rows: Box<[u16]>,
    /// What a character means to those from two behind it to two before it.
    characters: Vec<[[i8; WIDTH]; WINDOW]>,
    bigram_rows: Hashed,
    bigrams: Vec<[[i8; WIDTH]; 2 * PAD]>,
    word_character_rows: Hashed,
    word_characters: Vec<[i8; WIDTH]>,
    classes: Classes,
    words: WordPairs,
    /// In no dictionary and not known, here and on both sides.
    nothing: Row,
    matches: [Matches; 3],
    convolutions: Vec<[Convolution; 2]>,
    output: Vec<Weights>,
    bias: Sums,
    transitions: Transitions,
    unit: f32,
    vectors: Vectors,
}

/// The vector of a character in all networks.
type Row = [i16; WIDTH];

/// Memory of one decoding, used again for the next sentence.
#[derive(Default)]
pub struct Scratch {
    /// For each character the rows of itself, of it and the next, and of it and its word.
    rows: Vec<[u32; 3]>,
    /// The sum of its rows at each character.
    sums: Vec<Row>,
    /// The layers, with [`EDGE`] zeros on either side.
    hidden: [Vec<Row>; 3],
    /// The score of each label at each character.
    scores: Vec<[i32; COLUMNS]>,
    back: Vec<Back>,
    path: Vec<u8>,
}

/// The part of the work that is vector instructions.
struct Decode<'a> {
    tagger: &'a Tagger,
    seen: &'a Observed,
    scratch: &'a mut Scratch,
}

impl Task for Decode<'_> {
    #[inline(always)]
    fn run(self, vectors: impl MultiplyAdd) {
        self.tagger.sum_rows(self.seen, self.scratch);
        self.tagger.scores(vectors, self.scratch);
        self.tagger.viterbi(self.scratch);
    }
}

/// The characters around one that its rows look at, itself in the middle.
const WINDOW: usize = 2 * PAD + 1;

/// Characters that are computed together, so that the weights are read once for all.
const BLOCK: usize = 4;

/// Zeros on either side of a layer, so that no window needs a border case: the taps of a convolution, or what is left
/// of the last block.
const EDGE: usize = 4;

const _: () = assert!(EDGE >= DILATIONS[0] && EDGE >= DILATIONS[1] && EDGE >= BLOCK - 1, "edges are wide enough");

/// A tagged name: characters from `first` to before `behind`, index into [`KINDS`], margin in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// First character.
    pub first: usize,
    /// Behind the last.
    pub behind: usize,
    /// Index into [`KINDS`].
    pub kind: usize,
    /// How far the labels of the path lie before the next best ones, in thousandths, the least of the name's ends.
    pub margin: i32,
}

impl Tagger {
    /// Arranges the numbers of a model.
    pub fn new(model: &Model) -> Self {
        let [
            characters,
            bigrams,
            classes,
            class_pairs,
            class_triples,
            names,
            parts,
            words,
            pairs,
            word_characters,
            known,
        ] = &model.tables;
        let mut nothing = [0; WIDTH];
        let matches = [(names, NAME_CODES), (parts, PART_CODES), (known, KNOWN_CODES)].map(|(rows, codes)| {
            for shift in 0..3 {
                add(&mut nothing, rows.part(0, shift));
            }
            (0..codes)
                .map(|code| {
                    [0, 1, 2].map(|shift| {
                        let mut row = [0; WIDTH];
                        add(&mut row, rows.part(code, shift));
                        subtract(&mut row, rows.part(0, shift));
                        row
                    })
                })
                .collect()
        });
        let mut character_rows = vec![0; 0x1_0000].into_boxed_slice();
        for (&key, row) in characters.keys.iter().zip(1u16..) {
            character_rows[key as usize] = row;
        }
        Self {
            character_rows,
            characters: behind_nothing(characters),
            bigram_rows: Hashed::new(&bigrams.keys),
            bigrams: behind_nothing(bigrams),
            word_character_rows: Hashed::new(&word_characters.keys),
            word_characters: behind_nothing(word_characters).into_iter().map(|[row]| row).collect(),
            classes: Classes::new(classes, class_pairs, class_triples),
            words: WordPairs::new(words, pairs),
            nothing,
            matches,
            convolutions: model.convolutions.clone(),
            output: model.output.iter().map(by_column).collect(),
            bias: bias_by_column(&model.bias),
            transitions: Transitions::new(&model.transitions),
            unit: model.unit,
            vectors: Vectors::of_this_machine(),
        }
    }

    /// Tags one sentence.
    pub fn tag(&self, seen: &Observed, scratch: &mut Scratch, out: &mut Vec<Tagged>) {
        out.clear();
        if seen.is_empty() {
            return;
        }
        self.vectors.run(Decode { tagger: self, seen, scratch });
        self.names(scratch, out);
    }

    /// Adds up the rows of every feature at every character.
    #[inline(always)]
    fn sum_rows(&self, seen: &Observed, scratch: &mut Scratch) {
        let Scratch { rows, sums, .. } = scratch;
        // Rows are the larger part of the time, and most of it is waiting for memory: an article needs many rows that
        // the one before it did not. So all are fetched before any is added, and what says where they are before that.
        let nexts = seen.chars.iter().skip(1).chain([&0]);
        let keys = seen.chars.iter().zip(nexts).zip(&seen.words).map(|((&here, &next), &word)| {
            let here = u32::from(here);
            (here, here << 16 | u32::from(next), u32::from(word) << 16 | here)
        });
        for (_, bigram, word_character) in keys.clone() {
            self.bigram_rows.fetch(bigram);
            self.word_character_rows.fetch(word_character);
        }
        rows.clear();
        for (character, bigram, word_character) in keys {
            let character = u32::from(self.character_rows[character as usize]);
            let (bigram, word_character) = (self.bigram_rows.row(bigram), self.word_character_rows.row(word_character));
            fetch(&self.characters[character as usize]);
            fetch(&self.bigrams[bigram as usize]);
            fetch(&self.word_characters[word_character as usize]);
            rows.push([character, bigram, word_character]);
        }
        for (classes, words) in seen.classes.windows(WINDOW).zip(seen.words.windows(WINDOW)) {
            for row in self.classes.rows(classes) {
                fetch(row);
            }
            for row in self.words.rows(words) {
                fetch(row);
            }
        }
        sums.clear();
        sums.resize(seen.len(), [0; WIDTH]);
        for (at, sums) in sums.iter_mut().enumerate() {
            // Position `at` stands at `at + PAD` of the padded observations, in the middle of this window.
            let window = at..at + WINDOW;
            let rows: &[[u32; 3]; WINDOW] = rows[window.clone()].try_into().expect("the window has this length");
            let character = |d: usize| &self.characters[rows[d][0] as usize][d];
            let bigram = |d: usize| &self.bigrams[rows[d][1] as usize][d];
            let narrow = [
                character(0),
                character(1),
                character(2),
                character(3),
                character(4),
                bigram(0),
                bigram(1),
                bigram(2),
                bigram(3),
                &self.word_characters[rows[PAD][2] as usize],
            ];
            let [left, middle, right] = self.classes.rows(&seen.classes[window.clone()]);
            let [before, after] = self.words.rows(&seen.words[window]);
            let wide = [left, middle, right, before, after, &self.nothing];
            for (column, sum) in sums.iter_mut().enumerate() {
                let narrow: i16 = narrow.iter().map(|row| i16::from(row[column])).sum();
                *sum = narrow + wide.iter().map(|row| row[column]).sum::<i16>();
            }
            for d in 0..3 {
                let beside = at + PAD - 1 + d;
                let codes =
                    [usize::from(seen.names[beside]), usize::from(seen.parts[beside]), usize::from(seen.known[beside])];
                for (matches, code) in self.matches.iter().zip(codes).filter(|(_, code)| *code != 0) {
                    add_wide(sums, &matches[code][d]);
                }
            }
        }
    }

    /// The score of every label at every character.
    #[inline(always)]
    fn scores(&self, vectors: impl MultiplyAdd, scratch: &mut Scratch) {
        let Scratch { sums, hidden: [first, second, third], scores, .. } = scratch;
        first.clear();
        first.resize(EDGE + sums.len().next_multiple_of(BLOCK) + EDGE, [0; WIDTH]);
        for (hidden, sums) in first[EDGE..].iter_mut().zip(&*sums) {
            for (hidden, sum) in hidden.iter_mut().zip(sums) {
                *hidden = (*sum).clamp(0, HIDDEN_MOST);
            }
        }
        self.convolve(vectors, 0, sums.len(), first, second);
        self.convolve(vectors, 1, sums.len(), second, third);
        let (from_hidden, from_sums) = self.output.as_chunks::<{ PART / 2 }>().0.split_at(NETWORKS);
        let last = sums.len() - 1;
        scores.clear();
        scores.resize(sums.len(), [0; COLUMNS]);
        for (number, scores) in scores.chunks_mut(BLOCK).enumerate() {
            let at = number * BLOCK;
            let mut block = [self.bias; BLOCK];
            for network in 0..NETWORKS {
                let mut hidden = [&NOTHING; BLOCK];
                let mut direct = [&NOTHING; BLOCK];
                for (n, (hidden, direct)) in hidden.iter_mut().zip(&mut direct).enumerate() {
                    // What is left of the last block is computed, and not used.
                    let at = (at + n).min(last);
                    *hidden = inputs(&third[EDGE + at], network);
                    *direct = inputs(&sums[at], network);
                }
                vectors.multiply_add(&mut block, hidden, &from_hidden[network]);
                vectors.multiply_add(&mut block, direct, &from_sums[network]);
            }
            for (scores, block) in scores.iter_mut().zip(&block) {
                for (score, sum) in scores.iter_mut().zip(block.as_flattened()) {
                    *score = (*sum).clamp(-SCORE_MOST, SCORE_MOST);
                }
            }
        }
    }

    /// `out = input + relu(convolution of input)`, in units of the input's columns. Both are padded with [`EDGE`].
    #[inline(always)]
    fn convolve(&self, vectors: impl MultiplyAdd, layer: usize, length: usize, input: &[Row], out: &mut Vec<Row>) {
        let dilation = DILATIONS[layer];
        out.clear();
        out.extend_from_slice(input);
        for (network, layers) in self.convolutions.iter().enumerate() {
            let Convolution { weights, bias, shift } = &layers[layer];
            for at in (EDGE..EDGE + length).step_by(BLOCK) {
                let mut block = [*bias; BLOCK];
                for (tap, weights) in weights.as_chunks::<{ PART / 2 }>().0.iter().enumerate() {
                    let from = at + tap * dilation - dilation;
                    let mut values = [&NOTHING; BLOCK];
                    for (values, row) in values.iter_mut().zip(&input[from..from + BLOCK]) {
                        *values = inputs(row, network);
                    }
                    vectors.multiply_add(&mut block, values, weights);
                }
                for (out, block) in out[at..at + BLOCK].iter_mut().zip(&block) {
                    let out = &mut out.as_chunks_mut::<PART>().0[network];
                    for ((out, sum), shift) in out.iter_mut().zip(block.as_flattened()).zip(shift) {
                        let change = (sum >> shift).clamp(0, i32::from(HIDDEN_MOST)) as i16;
                        *out = (*out + change).min(HIDDEN_MOST);
                    }
                }
            }
        }
        // What is left of the last block stands outside of the sentence.
        out[EDGE + length..].fill([0; WIDTH]);
    }

    /// The best path of labels.
    #[inline(always)]
    fn viterbi(&self, scratch: &mut Scratch) {
        let Scratch { scores, back, path, .. } = scratch;
        let Transitions { outside, lead, inside } = &self.transitions;
        back.clear();
        back.resize(scores.len(), Back::default());
        // The best sums of paths that end in O, E or S, and of those that end in B or I. A sentence begins as behind O.
        let mut closed = [LEAST; CLOSED];
        closed[0] = 0;
        let mut begun = [LEAST; KINDS.len()];
        let mut within = [LEAST; KINDS.len()];
        for (scores, back) in scores.iter().zip(back.iter_mut()) {
            // Into O, B and S from O, whose sum is 0, and from E and S where one of them may lead further than O.
            let mut open = outside[0];
            if closed.iter().zip(lead).any(|(closed, lead)| closed + lead > 0) {
                let mut came_from = [0; OPEN];
                for (from, (row, closed)) in (0..).zip(outside.iter().zip(closed)).skip(1) {
                    let choices = open.iter_mut().zip(&mut came_from).zip(row);
                    for ((open, came_from), step) in choices {
                        let through = closed + step;
                        *came_from = if through > *open { from } else { *came_from };
                        *open = through.max(*open);
                    }
                }
                back.open = came_from;
            }
            for (open, score) in open.iter_mut().zip(scores) {
                *open += score;
            }
            // What all have in common says nothing of the best path; without it the sums stay small.
            let common = open[0];
            let less = |sum: i32| (sum - common).max(LEAST);
            // Into I and E from B and I of the same kind.
            for kind in 0..KINDS.len() {
                let [[begin_inside, begin_end], [inside_inside, inside_end]] = inside[kind];
                let (begin, middle) = (begun[kind] + begin_inside, within[kind] + inside_inside);
                back.inside[kind] = middle > begin;
                let (begin_end, middle_end) = (begun[kind] + begin_end, within[kind] + inside_end);
                back.end[kind] = middle_end > begin_end;
                within[kind] = less(begin.max(middle) + scores[INSIDE + kind]);
                closed[END + kind] = less(begin_end.max(middle_end) + scores[LAST + kind]);
                begun[kind] = less(open[BEGIN + kind]);
                closed[SINGLE + kind] = less(open[SINGLE + kind]);
            }
            closed[0] = 0;
        }
        path.clear();
        path.resize(scores.len(), 0);
        // A sentence ends in O, E or S.
        let mut column = (0..CLOSED).max_by_key(|&from| (closed[from], CLOSED - from)).unwrap_or(0);
        column = closed_column(column);
        for (path, back) in path.iter_mut().zip(back.iter()).rev() {
            *path = LABEL_OF[column];
            column = match column {
                0..CLOSED => closed_column(back.open[column] as usize),
                INSIDE..LAST => {
                    let kind = column - INSIDE;
                    if back.inside[kind] { column } else { BEGIN + kind }
                }
                _ => {
                    let kind = column - LAST;
                    if back.end[kind] { INSIDE + kind } else { BEGIN + kind }
                }
            };
        }
    }

    /// Reads the names off the path.
    fn names(&self, scratch: &Scratch, out: &mut Vec<Tagged>) {
        let mut first = 0;
        for (at, &tag) in scratch.path.iter().enumerate() {
            if tag == 0 {
                continue;
            }
            let (kind, part) = ((tag as usize - 1) / 4, (tag as usize - 1) % 4);
            match part {
                0 => first = at,
                2 | 3 => {
                    let first = if part == 3 { at } else { first };
                    let margin = |at: usize| self.margin(&scratch.scores[at], scratch.path[at]);
                    let margin = margin(first).min(margin(at));
                    out.push(Tagged { first, behind: at + 1, kind, margin });
                }
                _ => {}
            }
        }
    }

    /// How far a label lies before the best other one, in thousandths.
    fn margin(&self, scores: &[i32; COLUMNS], label: u8) -> i32 {
        let (mut chosen, mut other) = (0, i32::MIN);
        for (&score, column) in scores.iter().zip(LABEL_OF).take(LABELS) {
            if column == label {
                chosen = score;
            } else {
                other = other.max(score);
            }
        }
        ((chosen - other) as f32 / self.unit * 1000.0) as i32
    }
}

// ---- rows ----

/// For each code of a family of matches what it adds to [`Tagger::nothing`], to the character before, at, behind it.
type Matches = Vec<[Row; 3]>;

/// The inputs of a network that are nothing.
const NOTHING: Inputs<{ PART / 2 }> = [[0; 2]; PART / 2];

/// The part of a vector that is a network's, in pairs.
#[inline(always)]
fn inputs(row: &Row, network: usize) -> &Inputs<{ PART / 2 }> {
    &row.as_chunks::<2>().0.as_chunks::<{ PART / 2 }>().0[network]
}

/// Rows as arrays of their parts, a row of zeros first.
fn behind_nothing<const PARTS: usize>(rows: &Rows) -> Vec<[[i8; WIDTH]; PARTS]> {
    let (parts, rest) = rows.values.as_chunks::<PARTS>();
    debug_assert!(rest.is_empty());
    std::iter::once(&[[0; WIDTH]; PARTS]).chain(parts).copied().collect()
}

fn add(sums: &mut Row, row: Option<&[i8; WIDTH]>) {
    for (sum, &value) in sums.iter_mut().zip(row.into_iter().flatten()) {
        *sum += i16::from(value);
    }
}

/// The sum of vectors, each given by its family, key and number of its shift.
fn sum(parts: &[(&Rows, usize, usize)]) -> Row {
    let mut sum = [0; WIDTH];
    for &(rows, key, shift) in parts {
        add(&mut sum, rows.part(key, shift));
    }
    sum
}

fn subtract(sums: &mut Row, row: Option<&[i8; WIDTH]>) {
    for (sum, &value) in sums.iter_mut().zip(row.into_iter().flatten()) {
        *sum -= i16::from(value);
    }
}

#[inline(always)]
fn add_wide(sums: &mut Row, row: &Row) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += value;
    }
}

/// The five classes around a character as three rows: the pair at either end, and the triple in the middle.
struct Classes {
    left: Vec<Row>,
    middle: Vec<Row>,
    right: Vec<Row>,
}

impl Classes {
    fn new(singles: &Rows, pairs: &Rows, triples: &Rows) -> Self {
        let all = || 0..CLASSES;
        let two = || all().flat_map(move |a| all().map(move |b| (a, b)));
        let pair = |a: usize, b: usize| a * CLASSES + b;
        Self {
            left: two().map(|(a, b)| sum(&[(singles, a, 0), (pairs, pair(a, b), 0)])).collect(),
            middle: two()
                .flat_map(|(a, b)| all().map(move |c| (a, b, c)))
                .map(|(a, b, c)| {
                    let singles = [(singles, a, 1), (singles, b, 2), (singles, c, 3)];
                    let pairs = [(pairs, pair(a, b), 1), (pairs, pair(b, c), 2)];
                    sum(&[&singles[..], &pairs, &[(triples, pair(a, b) * CLASSES + c, 0)]].concat())
                })
                .collect(),
            right: two().map(|(a, b)| sum(&[(singles, b, 4), (pairs, pair(a, b), 3)])).collect(),
        }
    }

    /// The rows of a window of five.
    #[inline(always)]
    fn rows(&self, window: &[u8]) -> [&Row; 3] {
        let class = |d: usize| usize::from(window[d]);
        let pair = |d: usize| class(d) * CLASSES + class(d + 1);
        [&self.left[pair(0)], &self.middle[pair(1) * CLASSES + class(3)], &self.right[pair(3)]]
    }
}

/// The words at a character and on both sides as two rows.
struct WordPairs {
    before: Vec<Row>,
    after: Vec<Row>,
}

impl WordPairs {
    fn new(singles: &Rows, pairs: &Rows) -> Self {
        let two = || (0..WORD_CODES).flat_map(|a| (0..WORD_CODES).map(move |b| (a, b)));
        let pair = |a: usize, b: usize| a * WORD_CODES + b;
        Self {
            before: two().map(|(a, b)| sum(&[(singles, a, 0), (singles, b, 1), (pairs, pair(a, b), 0)])).collect(),
            after: two().map(|(a, b)| sum(&[(singles, b, 2), (pairs, pair(a, b), 1)])).collect(),
        }
    }

    /// The rows of a window of five.
    #[inline(always)]
    fn rows(&self, window: &[u8]) -> [&Row; 2] {
        let pair = |d: usize| usize::from(window[d]) * WORD_CODES + usize::from(window[d + 1]);
        [&self.before[pair(1)], &self.after[pair(2)]]
    }
}

// ---- paths ----

/// Columns of a character's scores, the labels padded to whole registers.
const COLUMNS: usize = REGISTERS * LANES;
/// The columns in their order: O, then B, S, I and E of every kind, so that the search reads them in runs.
const BEGIN: usize = 1;
const SINGLE: usize = BEGIN + KINDS.len();
const CLOSED: usize = SINGLE + KINDS.len();
const INSIDE: usize = CLOSED;
const LAST: usize = INSIDE + KINDS.len();
/// Where E stands among the states that close: O, E and S, as O, B and S among those that open.
const END: usize = BEGIN;
/// The states that open, or those that close, in whole vector registers.
const OPEN: usize = CLOSED.next_multiple_of(LANES);

/// The label of each column.
const LABEL_OF: [u8; COLUMNS] = {
    let mut labels = [0; COLUMNS];
    let mut kind = 0;
    while kind < KINDS.len() {
        let begin = 1 + 4 * kind as u8;
        labels[BEGIN + kind] = begin;
        labels[INSIDE + kind] = begin + 1;
        labels[LAST + kind] = begin + 2;
        labels[SINGLE + kind] = begin + 3;
        kind += 1;
    }
    labels
};

/// The column of a state among those that close.
fn closed_column(state: usize) -> usize {
    if (END..SINGLE).contains(&state) { LAST + state - END } else { state }
}

/// Where the best path into each state came from.
#[derive(Clone, Default)]
struct Back {
    /// Into O, B and S: which of O, E and S.
    open: [i32; OPEN],
    /// Into I and E of a kind: whether from I, not from B.
    inside: [bool; KINDS.len()],
    end: [bool; KINDS.len()],
}

/// The transitions that can be, in the order in which the search reads them.
struct Transitions {
    /// From O, E and S to O, B and S.
    outside: [[i32; OPEN]; CLOSED],
    /// By how much more than from O, at the most, one gains from each of these.
    lead: [i32; CLOSED],
    /// For each kind from B, then from I: to I and to E.
    inside: [[[i32; 2]; 2]; KINDS.len()],
}

impl Transitions {
    fn new(all: &[[i32; LABELS]; LABELS]) -> Self {
        let cost = |from: u8, to: u8| all[usize::from(from)][usize::from(to)].clamp(-SCORE_MOST, SCORE_MOST);
        let opening = |from: u8| {
            let mut row = [LEAST; OPEN];
            for (to, slot) in row.iter_mut().enumerate().take(CLOSED) {
                *slot = cost(from, LABEL_OF[to]);
            }
            row
        };
        let outside: [[i32; OPEN]; CLOSED] = std::array::from_fn(|from| opening(LABEL_OF[closed_column(from)]));
        let more = |row: &[i32; OPEN]| row.iter().zip(&outside[0]).map(|(step, from_o)| step - from_o).max();
        Self {
            outside,
            lead: outside.each_ref().map(|row| more(row).expect("there are columns")),
            inside: std::array::from_fn(|kind| {
                [BEGIN, INSIDE].map(|from| [INSIDE, LAST].map(|to| cost(LABEL_OF[from + kind], LABEL_OF[to + kind])))
            }),
        }
    }
}

/// A score or transition beyond this is cut, so that no sum in the search leaves 32 bits.
const SCORE_MOST: i32 = 1 << 26;
/// Below what any possible path can fall behind the best: no path.
const LEAST: i32 = -(1 << 30);

/// The output layer with its labels in the order of the columns.
fn by_column(of_labels: &Weights) -> Weights {
    let labels = of_labels.as_flattened().as_chunks::<2>().0;
    let mut columns = Weights::default();
    for (column, slot) in columns.as_flattened_mut().as_chunks_mut::<2>().0.iter_mut().enumerate().take(LABELS) {
        *slot = labels[usize::from(LABEL_OF[column])];
    }
    columns
}

fn bias_by_column(of_labels: &Sums) -> Sums {
    let mut columns = Sums::default();
    for (column, slot) in columns.as_flattened_mut().iter_mut().enumerate().take(LABELS) {
        *slot = of_labels.as_flattened()[usize::from(LABEL_OF[column])];
    }
    columns
}
