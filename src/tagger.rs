//! The tagger at work: a sentence as [`feature`](crate::feature) sees it in, names with their kinds out.
//!
//! The numbers are those of a [`Model`], arranged for reading: rows that always stand together are added up
//! beforehand (a word with its pairs, a class with its pairs and its triple), and what most characters share (being in
//! no dictionary) is one row that is always there. Sums of integers do not depend on their order, so the result is that
//! of adding every row by itself.

use crate::feature::{CLASSES, NAME_CODES, Observed, PAD, PART_CODES, WORD_CODES};
use crate::known::KNOWN_CODES;
use crate::model::{
    Convolution, DILATIONS, HIDDEN_MOST, KINDS, LABEL_REGISTERS, LABELS, LABELS_PADDED, LANES, Model, PART,
    PART_REGISTERS, Rows, WIDTH, Weights, begins, ends, label,
};

/// A trained model, ready to tag.
pub struct Tagger {
    /// Row of each character of the basic plane; row 0 is nothing.
    character_rows: Box<[u16]>,
    /// What a character means to those from two behind it to two before it.
    characters: Vec<[[i8; WIDTH]; 2 * PAD + 1]>,
    bigram_rows: Hashed,
    bigrams: Vec<[[i8; WIDTH]; 2 * PAD]>,
    word_character_rows: Hashed,
    word_characters: Vec<[i8; WIDTH]>,
    classes: Classes,
    words: WordPairs,
    /// In no dictionary and not known, here and on both sides.
    nothing: [i16; WIDTH],
    matches: [Matches; 3],
    convolutions: Vec<[Convolution; 2]>,
    output: Vec<Weights>,
    bias: [[i32; LANES]; LABEL_REGISTERS],
    transitions: Transitions,
    unit: f32,
    vectors: Vectors,
}

/// Memory of one decoding, used again for the next sentence.
#[derive(Default)]
pub struct Scratch {
    rows: Vec<[u32; 2]>,
    sums: Vec<[i16; WIDTH]>,
    hidden: [Vec<[i16; WIDTH]>; 3],
    scores: Vec<[i32; LABELS_PADDED]>,
    back: Vec<[u8; LABELS]>,
    path: Vec<u8>,
}

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
        let [characters, bigrams, classes, class_pairs, class_triples, names, parts, words, pairs, word_characters, known] =
            &model.tables;
        let mut nothing = [0; WIDTH];
        let matches = [(names, NAME_CODES), (parts, PART_CODES), (known, KNOWN_CODES)].map(|(rows, codes)| {
            let place = |code: usize, shift: usize| rows.part(code, shift);
            for shift in 0..3 {
                add(&mut nothing, place(0, shift));
            }
            (0..codes)
                .map(|code| {
                    [0, 1, 2].map(|shift| {
                        let mut row = [0; WIDTH];
                        add(&mut row, place(code, shift));
                        subtract(&mut row, place(0, shift));
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
            output: model.output.clone(),
            bias: model.bias,
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
        match self.vectors {
            #[cfg(target_arch = "x86_64")]
            Vectors::V3(v3) => v3.vectorize(Decode { tagger: self, vectors: v3, seen, scratch }),
            Vectors::Plain => self.decode(Plain, seen, scratch),
        }
        self.names(scratch, out);
    }

    #[inline(always)]
    fn decode<V: MultiplyAdd>(&self, vectors: V, seen: &Observed, scratch: &mut Scratch) {
        self.sum_rows(seen, scratch);
        self.scores(vectors, scratch);
        self.viterbi(scratch);
    }

    /// Adds up the rows of every feature at every character.
    #[inline(always)]
    fn sum_rows(&self, seen: &Observed, scratch: &mut Scratch) {
        let Scratch { rows, sums, .. } = scratch;
        // All rows are looked up before any is read, so that the reads wait for memory together.
        rows.clear();
        rows.extend(seen.chars.iter().zip(seen.chars.iter().skip(1).chain([&0])).map(|(&here, &next)| {
            let bigram = self.bigram_rows.row(u32::from(here) << 16 | u32::from(next));
            [u32::from(self.character_rows[usize::from(here)]), bigram]
        }));
        sums.clear();
        sums.resize(seen.len(), [0; WIDTH]);
        for (at, sums) in sums.iter_mut().enumerate() {
            // Position `at` stands at `at + PAD` of the padded observations, in the middle of this window.
            let window = at..at + 2 * PAD + 1;
            let rows: &[[u32; 2]; 2 * PAD + 1] = rows[window.clone()].try_into().expect("the window has this length");
            let character = |d: usize| &self.characters[rows[d][0] as usize][d];
            let bigram = |d: usize| &self.bigrams[rows[d][1] as usize][d];
            let word = u32::from(seen.words[at + PAD]) << 16 | u32::from(seen.chars[at + PAD]);
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
                &self.word_characters[self.word_character_rows.row(word) as usize],
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
                let codes = [usize::from(seen.names[beside]), usize::from(seen.parts[beside]), usize::from(seen.known[beside])];
                for (matches, code) in self.matches.iter().zip(codes).filter(|(_, code)| *code != 0) {
                    add_wide(sums, &matches[code][d]);
                }
            }
        }
    }

    /// The score of every label at every character.
    #[inline(always)]
    fn scores<V: MultiplyAdd>(&self, vectors: V, scratch: &mut Scratch) {
        let [first, second, third] = &mut scratch.hidden;
        first.clear();
        first.extend(scratch.sums.iter().map(|sums| sums.map(|sum| sum.clamp(0, HIDDEN_MOST))));
        self.convolve(vectors, 0, first, second);
        self.convolve(vectors, 1, second, third);
        scratch.scores.clear();
        let (from_hidden, from_sums) = self.output.split_at(WIDTH / 2 * LABEL_REGISTERS);
        // A loop and no iterator: the vector instructions need all of this within one function.
        for (hidden, sums) in third.iter().zip(&scratch.sums) {
            let mut scores = self.bias;
            vectors.multiply_add(&mut scores, hidden, from_hidden);
            vectors.multiply_add(&mut scores, sums, from_sums);
            let mut row = [0; LABELS_PADDED];
            row.copy_from_slice(scores.as_flattened());
            scratch.scores.push(row);
        }
    }

    /// `out = input + relu(convolution of input)`, in units of the input's columns.
    #[inline(always)]
    fn convolve<V: MultiplyAdd>(&self, vectors: V, layer: usize, input: &[[i16; WIDTH]], out: &mut Vec<[i16; WIDTH]>) {
        let dilation = DILATIONS[layer];
        out.clear();
        out.extend_from_slice(input);
        for (network, layers) in self.convolutions.iter().enumerate() {
            let Convolution { weights, bias, shift } = &layers[layer];
            let columns = network * PART..(network + 1) * PART;
            for (at, out) in out.iter_mut().enumerate() {
                let mut sums = *bias;
                for (tap, weights) in weights.chunks_exact(PART / 2 * PART_REGISTERS).enumerate() {
                    if let Some(input) = (at + tap * dilation).checked_sub(dilation).and_then(|from| input.get(from)) {
                        vectors.multiply_add(&mut sums, &input[columns.clone()], weights);
                    }
                }
                for ((out, sum), shift) in out[columns.clone()].iter_mut().zip(sums.as_flattened()).zip(shift) {
                    let change = (sum >> shift).clamp(0, i32::from(HIDDEN_MOST)) as i16;
                    *out = (*out + change).min(HIDDEN_MOST);
                }
            }
        }
    }

    /// The best path of labels.
    #[inline(always)]
    fn viterbi(&self, scratch: &mut Scratch) {
        let Scratch { scores, back, path, .. } = scratch;
        let transitions = &self.transitions;
        back.clear();
        back.resize(scores.len(), [0; LABELS]);
        let mut best = [0; LABELS];
        for (to, slot) in best.iter_mut().enumerate() {
            *slot = if begins(to) { score(scores[0][to]) + transitions.start[to] } else { LEAST };
        }
        for (here, from) in scores.iter().zip(back.iter_mut()).skip(1) {
            // Only O, E and S may stand before O, B and S.
            let mut open = [LEAST; CLOSED];
            let mut opened_from = [0; CLOSED];
            for (row, &before) in transitions.outside.iter().zip(&ENDING) {
                for to in 0..CLOSED {
                    let through = best[before] + row[to];
                    let better = through > open[to];
                    open[to] = if better { through } else { open[to] };
                    opened_from[to] = if better { before as i32 } else { opened_from[to] };
                }
            }
            let mut next = [0; LABELS];
            for ((&to, &score), &before) in OPENING.iter().zip(&open).zip(&opened_from) {
                next[to] = score;
                from[to] = before as u8;
            }
            // Only B and I of a kind before its I and E.
            for (kind, inside) in transitions.inside.iter().enumerate() {
                for (part, [from_begin, from_inside]) in [(1, inside[0]), (2, inside[1])] {
                    let (begin, inside) = (best[label(kind, 0)] + from_begin, best[label(kind, 1)] + from_inside);
                    let to = label(kind, part);
                    next[to] = begin.max(inside);
                    from[to] = label(kind, usize::from(inside > begin)) as u8;
                }
            }
            // What all have in common says nothing of the best path; without it the sums stay small.
            let most = next.iter().copied().max().unwrap_or(0);
            for ((best, next), &here) in best.iter_mut().zip(next).zip(here) {
                *best = (next - most).max(LEAST) + score(here);
            }
        }
        let mut last =
            (0..LABELS).filter(|&label| ends(label)).max_by_key(|&label| (best[label], LABELS - label)).unwrap_or(0);
        path.clear();
        path.resize(scores.len(), 0);
        for (path, from) in path.iter_mut().zip(back.iter()).rev() {
            *path = last as u8;
            last = usize::from(from[last]);
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
                    let margin = self.margin(scratch, first).min(self.margin(scratch, at));
                    out.push(Tagged { first, behind: at + 1, kind, margin });
                }
                _ => {}
            }
        }
    }

    /// How far the path's label lies before the best other one at a character, in thousandths.
    fn margin(&self, scratch: &Scratch, at: usize) -> i32 {
        let scores = &scratch.scores[at][..LABELS];
        let chosen = usize::from(scratch.path[at]);
        let other = (0..LABELS).filter(|&label| label != chosen).map(|label| scores[label]).max().unwrap_or(0);
        ((scores[chosen] - other) as f32 / self.unit * 1000.0) as i32
    }
}

// ---- rows ----

/// For each code of a family of matches what it adds to [`Tagger::nothing`], to the character before, at, behind it.
type Matches = Vec<[[i16; WIDTH]; 3]>;

/// Rows as arrays of their parts, a row of zeros first.
fn behind_nothing<const PARTS: usize>(rows: &Rows) -> Vec<[[i8; WIDTH]; PARTS]> {
    let (parts, rest) = rows.values.as_chunks::<PARTS>();
    debug_assert!(rest.is_empty());
    std::iter::once(&[[0; WIDTH]; PARTS]).chain(parts).copied().collect()
}

fn add(sums: &mut [i16; WIDTH], row: Option<&[i8; WIDTH]>) {
    for (sum, &value) in sums.iter_mut().zip(row.into_iter().flatten()) {
        *sum += i16::from(value);
    }
}

/// The sum of vectors, each given by its family, key and number of its shift.
fn sum(parts: &[(&Rows, usize, usize)]) -> [i16; WIDTH] {
    let mut sum = [0; WIDTH];
    for &(rows, key, shift) in parts {
        add(&mut sum, rows.part(key, shift));
    }
    sum
}

fn subtract(sums: &mut [i16; WIDTH], row: Option<&[i8; WIDTH]>) {
    for (sum, &value) in sums.iter_mut().zip(row.into_iter().flatten()) {
        *sum -= i16::from(value);
    }
}

#[inline(always)]
fn add_wide(sums: &mut [i16; WIDTH], row: &[i16; WIDTH]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += value;
    }
}

/// The five classes around a character as three rows: the pair at either end, and the triple in the middle.
struct Classes {
    left: Vec<[i16; WIDTH]>,
    middle: Vec<[i16; WIDTH]>,
    right: Vec<[i16; WIDTH]>,
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
    fn rows(&self, window: &[u8]) -> [&[i16; WIDTH]; 3] {
        let class = |d: usize| usize::from(window[d]);
        let pair = |d: usize| class(d) * CLASSES + class(d + 1);
        [&self.left[pair(0)], &self.middle[pair(1) * CLASSES + class(3)], &self.right[pair(3)]]
    }
}

/// The words at a character and on both sides as two rows.
struct WordPairs {
    before: Vec<[i16; WIDTH]>,
    after: Vec<[i16; WIDTH]>,
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
    fn rows(&self, window: &[u8]) -> [&[i16; WIDTH]; 2] {
        let pair = |d: usize| usize::from(window[d]) * WORD_CODES + usize::from(window[d + 1]);
        [&self.before[pair(1)], &self.after[pair(2)]]
    }
}

/// From keys to rows by open addressing: at most half of the slots are taken, so that most keys are found, or found
/// missing, at the first.
struct Hashed {
    /// Key and row; the row of an empty slot is 0.
    slots: Box<[(u32, u32)]>,
    shift: u32,
}

impl Hashed {
    /// Rows are numbered from 1 in the order of the keys.
    fn new(keys: &[u32]) -> Self {
        let bits = (2 * keys.len()).next_power_of_two().trailing_zeros().max(1);
        let mut hashed = Self { slots: vec![(0, 0); 1 << bits].into(), shift: 32 - bits };
        for (&key, row) in keys.iter().zip(1..) {
            let mut at = hashed.slot(key);
            while hashed.slots[at].1 != 0 {
                at = (at + 1) & (hashed.slots.len() - 1);
            }
            hashed.slots[at] = (key, row);
        }
        hashed
    }

    /// Fibonacci hashing: the high bits of the product with 2^32 over the golden ratio.
    #[inline(always)]
    fn slot(&self, key: u32) -> usize {
        (key.wrapping_mul(0x9e37_79b9) >> self.shift) as usize
    }

    /// The row of a key, 0 for none.
    #[inline(always)]
    fn row(&self, key: u32) -> u32 {
        let mut at = self.slot(key);
        loop {
            let (found, row) = self.slots[at & (self.slots.len() - 1)];
            if row == 0 || found == key {
                return row;
            }
            at += 1;
        }
    }
}

// ---- paths ----

/// Labels that may open something or stand outside: O, then B and S of each kind.
const OPENING: [usize; CLOSED] = outside(0);
/// Labels behind which something may open: O, then E and S of each kind.
const ENDING: [usize; CLOSED] = outside(2);
const CLOSED: usize = 1 + 2 * KINDS.len();

const fn outside(part: usize) -> [usize; CLOSED] {
    let mut labels = [0; CLOSED];
    let mut kind = 0;
    while kind < KINDS.len() {
        labels[1 + 2 * kind] = 1 + 4 * kind + part;
        labels[2 + 2 * kind] = 1 + 4 * kind + 3;
        kind += 1;
    }
    labels
}

/// The transitions that can be, in the order in which the search reads them.
struct Transitions {
    /// From O, as before the first character.
    start: [i32; LABELS],
    /// `[ENDING][OPENING]`
    outside: [[i32; CLOSED]; CLOSED],
    /// For each kind, to I and to E: from B, from I.
    inside: [[[i32; 2]; 2]; KINDS.len()],
}

impl Transitions {
    fn new(all: &[[i32; LABELS]; LABELS]) -> Self {
        let cost = |from: usize, to: usize| score(all[from][to]);
        Self {
            start: std::array::from_fn(|to| cost(0, to)),
            outside: ENDING.map(|from| OPENING.map(|to| cost(from, to))),
            inside: std::array::from_fn(|kind| {
                [1, 2].map(|part| [0, 1].map(|before| cost(label(kind, before), label(kind, part))))
            }),
        }
    }
}

/// A score or transition beyond this is cut, so that no sum in the search leaves 32 bits.
const SCORE_MOST: i32 = 1 << 26;
/// Below what any possible path can fall behind the best: no path.
const LEAST: i32 = -(1 << 30);

#[inline(always)]
fn score(raw: i32) -> i32 {
    raw.clamp(-SCORE_MOST, SCORE_MOST)
}

// ---- vectors ----

/// The vector instructions to use, asked of the machine once. All give the same result, since all is integers.
#[derive(Clone, Copy)]
enum Vectors {
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    /// Whatever the compiler makes of plain loops.
    Plain,
}

impl Vectors {
    fn of_this_machine() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(v3) = pulp::x86::V3::try_new() {
            return Self::V3(v3);
        }
        Self::Plain
    }
}

/// One decoding as what pulp compiles for the instructions: a closure would not surely be inlined into them.
#[cfg(target_arch = "x86_64")]
struct Decode<'a> {
    tagger: &'a Tagger,
    vectors: pulp::x86::V3,
    seen: &'a Observed,
    scratch: &'a mut Scratch,
}

#[cfg(target_arch = "x86_64")]
impl pulp::NullaryFnOnce for Decode<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.tagger.decode(self.vectors, self.seen, self.scratch);
    }
}

/// `sums[output] += input · weights[·][output]`, with weights in pairs of inputs.
trait MultiplyAdd: Copy {
    fn multiply_add<const REGISTERS: usize>(
        self,
        sums: &mut [[i32; LANES]; REGISTERS],
        input: &[i16],
        weights: &[Weights],
    );
}

#[derive(Clone, Copy)]
struct Plain;

impl MultiplyAdd for Plain {
    fn multiply_add<const REGISTERS: usize>(
        self,
        sums: &mut [[i32; LANES]; REGISTERS],
        input: &[i16],
        weights: &[Weights],
    ) {
        for (&[a, b], weights) in input.as_chunks::<2>().0.iter().zip(weights.as_chunks::<REGISTERS>().0) {
            for (sums, weights) in sums.iter_mut().zip(weights) {
                for (sum, &[for_a, for_b]) in sums.iter_mut().zip(weights.as_chunks::<2>().0) {
                    *sum += i32::from(a) * i32::from(for_a) + i32::from(b) * i32::from(for_b);
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl MultiplyAdd for pulp::x86::V3 {
    #[inline(always)]
    fn multiply_add<const REGISTERS: usize>(
        self,
        sums: &mut [[i32; LANES]; REGISTERS],
        input: &[i16],
        weights: &[Weights],
    ) {
        let mut registers: [std::arch::x86_64::__m256i; REGISTERS] = sums.map(pulp::cast);
        for (&pair, weights) in input.as_chunks::<2>().0.iter().zip(weights.as_chunks::<REGISTERS>().0) {
            let pair = self.avx._mm256_set1_epi32(pulp::cast(pair));
            for (register, &weights) in registers.iter_mut().zip(weights) {
                let products = self.avx2._mm256_madd_epi16(pair, pulp::cast(weights));
                *register = self.avx2._mm256_add_epi32(*register, products);
            }
        }
        *sums = registers.map(pulp::cast);
    }
}
