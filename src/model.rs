//! The tagger: a small network over what [`feature`](crate::feature) sees, and the best path through its labels.
//!
//! Each character's vector is the sum of rows, one for every feature in its window; then a ReLU, two residual
//! convolutions of width three, and a linear layer that gives each label a score. A path of labels (BIOES for each
//! kind) is scored by its labels and their transitions, and the best one is found by Viterbi's algorithm.
//!
//! Everything at run time is integers, so that the result is the same on every machine: rows are 8 bits with one
//! scale for each column; scores are 32 bits in one common unit.

use crate::error::{Error, Result};
use crate::feature::{CLASSES, NAME_CODES, Observed, PAD, PART_CODES, WORD_CODES};
use crate::known::KNOWN_CODES;
use crate::mention::Kind;
use multiversion::multiversion;
use rustc_hash::FxHashMap;

/// Length of a character's vector.
pub const WIDTH: usize = 32;

/// The kinds that the tagger knows, in the order of their labels.
pub const KINDS: [Kind; 5] = [Kind::Person, Kind::Org, Kind::Loc, Kind::Product, Kind::Title];

/// Outside, then begin, inside, end and single for each kind.
pub const LABELS: usize = 1 + 4 * KINDS.len();

/// Labels padded to a whole number of vector registers.
const LABELS_PADDED: usize = 24;

/// The label of a kind's part: 0 begin, 1 inside, 2 end, 3 single.
pub fn label(kind: usize, part: usize) -> usize {
    1 + 4 * kind + part
}

/// Whether label `to` may stand behind label `from`.
pub fn follows(from: usize, to: usize) -> bool {
    let part = |label: usize| (label + 3) % 4;
    let open = from != 0 && part(from) < 2;
    let continues = to != 0 && matches!(part(to), 1 | 2);
    if open || continues { open && continues && (from - 1) / 4 == (to - 1) / 4 } else { true }
}

/// Whether a sentence may begin with the label, and whether it may end with it.
pub fn begins(label: usize) -> bool {
    follows(0, label)
}

/// See [`begins`].
pub fn ends(label: usize) -> bool {
    follows(label, 0)
}

/// A family of features: how a place of the sentence turns into a key, and which characters its row is added to.
pub struct Table {
    /// Its name, for figures.
    pub name: &'static str,
    /// The row at `j` is added to the character at `j + shift`, one part of the row for each shift.
    pub shifts: &'static [isize],
    /// How many characters from `j` on the key looks at.
    pub reach: usize,
    /// Number of keys where they are dense, 0 where they are hashed.
    pub dense: usize,
}

/// All families. For characters, say, the row of the character at `j` has five parts: what it means to the one two
/// places behind it (shift 2), one behind, to itself, and to those before it.
pub const TABLES: [Table; 11] = [
    Table { name: "characters", shifts: &[2, 1, 0, -1, -2], reach: 1, dense: 0x1_0000 },
    Table { name: "bigrams", shifts: &[2, 1, 0, -1], reach: 2, dense: 0 },
    Table { name: "classes", shifts: &[2, 1, 0, -1, -2], reach: 1, dense: CLASSES },
    Table { name: "class pairs", shifts: &[2, 1, 0, -1], reach: 2, dense: CLASSES * CLASSES },
    Table { name: "class triples", shifts: &[1], reach: 3, dense: CLASSES * CLASSES * CLASSES },
    Table { name: "names", shifts: &[1, 0, -1], reach: 1, dense: NAME_CODES },
    Table { name: "parts", shifts: &[1, 0, -1], reach: 1, dense: PART_CODES },
    Table { name: "words", shifts: &[1, 0, -1], reach: 1, dense: WORD_CODES },
    Table { name: "word pairs", shifts: &[1, 0], reach: 2, dense: WORD_CODES * WORD_CODES },
    Table { name: "words with characters", shifts: &[0], reach: 1, dense: 0 },
    Table { name: "known", shifts: &[1, 0, -1], reach: 1, dense: KNOWN_CODES },
];

/// The family of names known from the rest of the document.
pub const KNOWN_TABLE: usize = 10;

/// The key of a family at the padded position `j`.
#[inline]
pub fn key(table: usize, seen: &Observed, j: usize) -> u32 {
    let chars = &seen.chars;
    let class = |at: usize| u32::from(seen.classes[at]);
    let word = |at: usize| u32::from(seen.words[at]);
    match table {
        0 => u32::from(chars[j]),
        1 => u32::from(chars[j]) << 16 | u32::from(chars[j + 1]),
        2 => class(j),
        3 => class(j) * CLASSES as u32 + class(j + 1),
        4 => (class(j) * CLASSES as u32 + class(j + 1)) * CLASSES as u32 + class(j + 2),
        5 => u32::from(seen.names[j]),
        6 => u32::from(seen.parts[j]),
        7 => word(j),
        8 => word(j) * WORD_CODES as u32 + word(j + 1),
        9 => (word(j) << 16) | u32::from(chars[j]),
        _ => u32::from(seen.known[j]),
    }
}

/// From keys to rows.
#[derive(Clone, Debug)]
pub enum Index {
    /// Row number plus one by key; 0 where there is no row.
    Dense(Vec<u32>),
    /// Row number by key.
    Hashed(FxHashMap<u32, u32>),
}

impl Index {
    /// An index over distinct keys, rows numbered in their order.
    pub fn new(table: usize, keys: &[u32]) -> Self {
        let numbered = keys.iter().zip(0u32..);
        match TABLES[table].dense {
            0 => Self::Hashed(numbered.map(|(&key, row)| (key, row)).collect()),
            size => {
                let mut rows = vec![0; size];
                for (&key, row) in numbered {
                    rows[key as usize] = row + 1;
                }
                Self::Dense(rows)
            }
        }
    }

    /// The row of a key.
    #[inline]
    pub fn row(&self, key: u32) -> Option<usize> {
        match self {
            Self::Dense(rows) => (rows[key as usize] as usize).checked_sub(1),
            Self::Hashed(rows) => rows.get(&key).map(|&row| row as usize),
        }
    }
}

/// The dense layers, as floats: what training makes and quantisation reads.
#[derive(Clone, Debug)]
pub struct Dense {
    /// Two convolutions: for each output, width three times inputs. `[layer][tap][input][output]`.
    pub convolutions: [Vec<f32>; 2],
    /// Their biases.
    pub biases: [Vec<f32>; 2],
    /// From the last layer to labels, `[input][label]`.
    pub output: Vec<f32>,
    /// From the sum of rows directly to labels, `[input][label]`.
    pub direct: Vec<f32>,
    /// Bias of each label.
    pub bias: Vec<f32>,
    /// `[from][to]`.
    pub transitions: Vec<f32>,
}

/// Distance between the taps of each convolution.
pub const DILATIONS: [usize; 2] = [1, 2];

/// Rows as 8-bit integers.
struct Rows {
    index: Index,
    keys: Vec<u32>,
    values: Vec<i8>,
}

/// A convolution: weights interleaved in pairs of inputs for multiply-add of 16-bit pairs.
struct Convolution {
    /// `[tap][input pair][output][2]`
    weights: Vec<i16>,
    /// Bias in units of the accumulator.
    bias: [i32; WIDTH],
    /// From the accumulator's unit to the unit of the output's column.
    scale: [f32; WIDTH],
}

/// A trained tagger.
pub struct Model {
    tables: Vec<Rows>,
    convolutions: [Convolution; 2],
    /// `[input pair of (last layer, rows)][label][2]`
    output: Vec<i16>,
    bias: [i32; LABELS_PADDED],
    transitions: [[i32; LABELS]; LABELS],
    /// How many score units are one unit of the log probability.
    unit: f32,
}

/// The largest value of a hidden unit; keeps sums of products within 32 bits.
const HIDDEN_MOST: i16 = 2047;
/// The largest weight of a convolution: 96 products of 2047 and this stay below 2^31.
const WEIGHT_MOST: f32 = 8191.0;
/// A transition that cannot be.
const NEVER: i32 = i32::MIN / 2;

/// Memory of one decoding, used again for the next sentence.
#[derive(Default)]
pub struct Scratch {
    sums: Vec<i16>,
    hidden: [Vec<i16>; 3],
    scores: Vec<i32>,
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

impl Model {
    /// Tags one sentence.
    pub fn tag(&self, seen: &Observed, scratch: &mut Scratch, out: &mut Vec<Tagged>) {
        out.clear();
        let length = seen.len();
        if length == 0 {
            return;
        }
        self.sum_rows(seen, scratch);
        let [first, second, third] = &mut scratch.hidden;
        relu(&scratch.sums, first);
        convolve(&self.convolutions[0], DILATIONS[0], first, second);
        convolve(&self.convolutions[1], DILATIONS[1], second, third);
        scratch.scores.clear();
        scratch.scores.resize(length * LABELS_PADDED, 0);
        emissions(&self.output, &self.bias, third, &scratch.sums, &mut scratch.scores);
        self.viterbi(length, scratch);
        self.names(scratch, out);
    }

    /// Adds up the rows of every feature. The sums of character `i` stand at `i * WIDTH`.
    fn sum_rows(&self, seen: &Observed, scratch: &mut Scratch) {
        let length = seen.len();
        let sums = &mut scratch.sums;
        sums.clear();
        sums.resize(length * WIDTH, 0);
        for (number, rows) in self.tables.iter().enumerate() {
            let Table { shifts, reach, .. } = &TABLES[number];
            for j in 0..length + 2 * PAD + 1 - reach {
                let Some(row) = rows.index.row(key(number, seen, j)) else { continue };
                let row = &rows.values[row * shifts.len() * WIDTH..][..shifts.len() * WIDTH];
                for (part, &shift) in row.chunks_exact(WIDTH).zip(*shifts) {
                    let at = (j as isize + shift - PAD as isize) as usize;
                    if at < length {
                        add_row(&mut sums[at * WIDTH..][..WIDTH], part);
                    }
                }
            }
        }
    }

    /// The best path of labels.
    fn viterbi(&self, length: usize, scratch: &mut Scratch) {
        let Scratch { scores, back, path, .. } = scratch;
        back.clear();
        back.resize(length, [0; LABELS]);
        // Sums over a long sentence pass 32 bits.
        const LEAST: i64 = i64::MIN / 4;
        let mut best = [LEAST; LABELS];
        for (to, slot) in best.iter_mut().enumerate().filter(|(to, _)| begins(*to)) {
            *slot = i64::from(scores[to]) + i64::from(self.transitions[0][to]);
        }
        for at in 1..length {
            let here = &scores[at * LABELS_PADDED..][..LABELS];
            let mut next = [LEAST; LABELS];
            let from = &mut back[at];
            // Only these may stand before O, B and S: O, E and S. Only B and I of a kind before its I and E.
            for to in 0..LABELS {
                let part = (to + 3) % 4;
                let mut choice = (LEAST, 0);
                let mut consider = |label: usize| {
                    let score = best[label] + i64::from(self.transitions[label][to]);
                    if score > choice.0 {
                        choice = (score, label);
                    }
                };
                if to == 0 || matches!(part, 0 | 3) {
                    consider(0);
                    for kind in 0..KINDS.len() {
                        consider(label(kind, 2));
                        consider(label(kind, 3));
                    }
                } else {
                    let kind = (to - 1) / 4;
                    consider(label(kind, 0));
                    consider(label(kind, 1));
                }
                next[to] = choice.0 + i64::from(here[to]);
                from[to] = choice.1 as u8;
            }
            best = next;
        }
        let mut last =
            (0..LABELS).filter(|&label| ends(label)).max_by_key(|&label| (best[label], LABELS - label)).unwrap_or(0);
        path.clear();
        path.resize(length, 0);
        for at in (0..length).rev() {
            path[at] = last as u8;
            last = usize::from(back[at][last]);
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
        let scores = &scratch.scores[at * LABELS_PADDED..][..LABELS];
        let chosen = usize::from(scratch.path[at]);
        let other = (0..LABELS).filter(|&label| label != chosen).map(|label| scores[label]).max().unwrap_or(0);
        ((scores[chosen] - other) as f32 / self.unit * 1000.0) as i32
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2"))]
fn add_row(sums: &mut [i16], row: &[i8]) {
    for (sum, &value) in sums.iter_mut().zip(row) {
        *sum += i16::from(value);
    }
}

fn relu(sums: &[i16], out: &mut Vec<i16>) {
    out.clear();
    out.extend(sums.iter().map(|&sum| sum.clamp(0, HIDDEN_MOST)));
}

/// `out = input + relu(convolution of input)`, in units of the input's columns.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2"))]
fn convolve(layer: &Convolution, dilation: usize, input: &[i16], out: &mut Vec<i16>) {
    out.clear();
    let length = input.len() / WIDTH;
    for at in 0..length {
        let mut sums = layer.bias;
        for (tap, weights) in layer.weights.chunks_exact(WIDTH * WIDTH).enumerate() {
            let Some(from) = (at + tap * dilation).checked_sub(dilation).filter(|&from| from < length) else {
                continue;
            };
            let input = &input[from * WIDTH..][..WIDTH];
            multiply_add::<WIDTH>(&mut sums, input, weights);
        }
        let here = &input[at * WIDTH..][..WIDTH];
        for column in 0..WIDTH {
            let change = (sums[column] as f32 * layer.scale[column]) as i32;
            let value = i32::from(here[column]) + change.max(0);
            out.push(value.min(i32::from(HIDDEN_MOST)) as i16);
        }
    }
}

/// The score of every label at every character, from the last layer and from the sums of rows.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2"))]
fn emissions(weights: &[i16], bias: &[i32; LABELS_PADDED], hidden: &[i16], sums: &[i16], out: &mut [i32]) {
    let (from_hidden, from_sums) = weights.split_at(WIDTH * LABELS_PADDED);
    let places = hidden.chunks_exact(WIDTH).zip(sums.chunks_exact(WIDTH)).zip(out.chunks_exact_mut(LABELS_PADDED));
    for ((hidden, sums), out) in places {
        let mut scores = *bias;
        multiply_add::<LABELS_PADDED>(&mut scores, hidden, from_hidden);
        multiply_add::<LABELS_PADDED>(&mut scores, sums, from_sums);
        out.copy_from_slice(&scores);
    }
}

/// `sums[output] += input · weights[·][output]`, weights interleaved by pairs of inputs: `[input pair][output][2]`.
#[inline(always)]
fn multiply_add<const OUTPUTS: usize>(sums: &mut [i32; OUTPUTS], input: &[i16], weights: &[i16]) {
    for (pair, weights) in input.chunks_exact(2).zip(weights.chunks_exact(2 * OUTPUTS)) {
        let (a, b) = (i32::from(pair[0]), i32::from(pair[1]));
        for output in 0..OUTPUTS {
            sums[output] += a * i32::from(weights[2 * output]) + b * i32::from(weights[2 * output + 1]);
        }
    }
}

/// A family's float rows, for quantisation: `[row][shift][column]`.
pub struct FloatRows {
    /// The key of each row.
    pub keys: Vec<u32>,
    /// The rows.
    pub values: Vec<f32>,
}

impl Model {
    /// Turns floats into integers.
    ///
    /// Each column of the rows gets the scale that makes its 99.99th percentile 127; the few larger values are cut.
    /// All that follows is expressed in these units.
    pub fn quantise(tables: Vec<FloatRows>, dense: &Dense) -> Self {
        let scales = column_scales(&tables);
        let tables = tables
            .into_iter()
            .enumerate()
            .map(|(number, rows)| Rows {
                index: Index::new(number, &rows.keys),
                keys: rows.keys,
                values: rows
                    .values
                    .chunks_exact(WIDTH)
                    .flat_map(|row| row.iter().zip(&scales).map(|(value, scale)| round_to(value / scale, 127.0) as i8))
                    .collect(),
            })
            .collect();
        let convolution = |layer: usize| {
            let weights = &dense.convolutions[layer];
            let weight = |tap: usize, input: usize, output: usize| {
                weights[(tap * WIDTH + input) * WIDTH + output] * scales[input]
            };
            let mut quantised =
                Convolution { weights: vec![0; 3 * WIDTH * WIDTH], bias: [0; WIDTH], scale: [0.0; WIDTH] };
            for output in 0..WIDTH {
                let most = (0..3 * WIDTH).map(|at| weight(at / WIDTH, at % WIDTH, output).abs()).fold(1e-9, f32::max);
                let unit = most / WEIGHT_MOST;
                quantised.scale[output] = unit / scales[output];
                quantised.bias[output] = round_to(dense.biases[layer][output] / unit, 1e8) as i32;
                for at in 0..3 * WIDTH {
                    let (tap, input) = (at / WIDTH, at % WIDTH);
                    let place = ((tap * WIDTH / 2 + input / 2) * WIDTH + output) * 2 + input % 2;
                    quantised.weights[place] = round_to(weight(tap, input, output) / unit, WEIGHT_MOST) as i16;
                }
            }
            quantised
        };
        let columns = |matrix: &'_ [f32], input: usize, label: usize| matrix[input * LABELS + label] * scales[input];
        let halves = [&dense.output, &dense.direct];
        let all =
            halves.iter().flat_map(|matrix| (0..WIDTH * LABELS).map(|at| columns(matrix, at / LABELS, at % LABELS)));
        let step = all.map(f32::abs).fold(1e-9, f32::max) / WEIGHT_MOST;
        let mut output = vec![0; 2 * WIDTH * LABELS_PADDED];
        for (half, matrix) in halves.into_iter().enumerate() {
            for input in 0..WIDTH {
                for label in 0..LABELS {
                    let place = ((half * WIDTH / 2 + input / 2) * LABELS_PADDED + label) * 2 + input % 2;
                    output[place] = round_to(columns(matrix, input, label) / step, WEIGHT_MOST) as i16;
                }
            }
        }
        let mut bias = [0; LABELS_PADDED];
        for (slot, value) in bias.iter_mut().zip(&dense.bias) {
            *slot = round_to(value / step, 1e8) as i32;
        }
        let mut transitions = [[NEVER; LABELS]; LABELS];
        for (from, row) in transitions.iter_mut().enumerate() {
            for (to, slot) in row.iter_mut().enumerate().filter(|(to, _)| follows(from, *to)) {
                *slot = round_to(dense.transitions[from * LABELS + to] / step, 1e8) as i32;
            }
        }
        Self { tables, convolutions: [convolution(0), convolution(1)], output, bias, transitions, unit: 1.0 / step }
    }

    /// Number of rows of each family, for figures.
    pub fn sizes(&self) -> impl Iterator<Item = (&'static str, usize)> {
        TABLES.iter().zip(&self.tables).map(|(table, rows)| (table.name, rows.keys.len()))
    }
}

fn round_to(value: f32, most: f32) -> f32 {
    value.round().clamp(-most, most)
}

fn column_scales(tables: &[FloatRows]) -> [f32; WIDTH] {
    let mut scales = [0.0; WIDTH];
    for (column, scale) in scales.iter_mut().enumerate() {
        let mut values: Vec<f32> = tables
            .iter()
            .flat_map(|rows| rows.values.iter().skip(column).step_by(WIDTH))
            .map(|value| value.abs())
            .collect();
        values.sort_unstable_by(f32::total_cmp);
        let high = values.len().saturating_sub(1 + values.len() / 10_000);
        *scale = values.get(high).copied().unwrap_or(0.0).max(1e-6) / 127.0;
    }
    scales
}

// ---- the file ----

const MAGIC: &[u8; 8] = b"TIQUNAME";
const VERSION: u32 = 1;

impl Model {
    /// The model as a file: magic, version, the tables and layers in little-endian, and a checksum of all before it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let put = |out: &mut Vec<u8>, n: u32| out.extend(n.to_le_bytes());
        put(&mut out, VERSION);
        for n in [WIDTH, LABELS, TABLES.len()] {
            put(&mut out, n as u32);
        }
        for rows in &self.tables {
            put(&mut out, rows.keys.len() as u32);
            rows.keys.iter().for_each(|&key| put(&mut out, key));
            out.extend(rows.values.iter().map(|&value| value as u8));
        }
        for layer in &self.convolutions {
            layer.weights.iter().for_each(|weight| out.extend(weight.to_le_bytes()));
            layer.bias.iter().for_each(|bias| out.extend(bias.to_le_bytes()));
            layer.scale.iter().for_each(|scale| out.extend(scale.to_le_bytes()));
        }
        self.output.iter().for_each(|weight| out.extend(weight.to_le_bytes()));
        self.bias.iter().for_each(|bias| out.extend(bias.to_le_bytes()));
        self.transitions.iter().flatten().for_each(|score| out.extend(score.to_le_bytes()));
        out.extend(self.unit.to_le_bytes());
        let checksum = blake3::hash(&out);
        out.extend(&checksum.as_bytes()[..16]);
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote; every length is checked before it is used.
    ///
    /// # Errors
    /// Bytes that are no model, of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let damaged = || Error::Model("the file is damaged (its checksum does not fit)".to_owned());
        if !bytes.starts_with(MAGIC) {
            return Err(Error::Model("not a tiqu model (it does not begin with TIQUNAME)".to_owned()));
        }
        let (body, checksum) = bytes.split_at_checked(bytes.len().wrapping_sub(16)).ok_or_else(damaged)?;
        if blake3::hash(body).as_bytes()[..16] != *checksum {
            return Err(damaged());
        }
        let mut reader = Reader { rest: &body[MAGIC.len()..] };
        let head = [reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?];
        let want = [VERSION, WIDTH as u32, LABELS as u32, TABLES.len() as u32];
        if head != want {
            return Err(Error::Model(format!(
                "version and sizes are {head:?}, this program reads {want:?}; train the model again"
            )));
        }
        let mut tables = Vec::new();
        for (number, table) in TABLES.iter().enumerate() {
            let count = reader.u32()? as usize;
            let keys: Vec<u32> = reader.array(count, u32::from_le_bytes)?;
            let values = reader.array(count * table.shifts.len() * WIDTH, i8::from_le_bytes)?;
            if table.dense > 0 && keys.iter().any(|&key| key as usize >= table.dense) {
                return Err(damaged());
            }
            tables.push(Rows { index: Index::new(number, &keys), keys, values });
        }
        let mut layer = || -> Result<Convolution> {
            Ok(Convolution {
                weights: reader.array(3 * WIDTH * WIDTH, i16::from_le_bytes)?,
                bias: fixed(reader.array(WIDTH, i32::from_le_bytes)?),
                scale: fixed(reader.array(WIDTH, f32::from_le_bytes)?),
            })
        };
        let convolutions = [layer()?, layer()?];
        let output = reader.array(2 * WIDTH * LABELS_PADDED, i16::from_le_bytes)?;
        let bias = fixed(reader.array(LABELS_PADDED, i32::from_le_bytes)?);
        let flat: Vec<i32> = reader.array(LABELS * LABELS, i32::from_le_bytes)?;
        let mut transitions = [[NEVER; LABELS]; LABELS];
        for (row, values) in transitions.iter_mut().zip(flat.chunks_exact(LABELS)) {
            row.copy_from_slice(values);
        }
        let unit = f32::from_le_bytes(reader.u32()?.to_le_bytes());
        if !reader.rest.is_empty() {
            return Err(damaged());
        }
        Ok(Self { tables, convolutions, output, bias, transitions, unit })
    }
}

fn fixed<T: std::fmt::Debug, const N: usize>(values: Vec<T>) -> [T; N] {
    values.try_into().expect("the reader gave as many as asked for")
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn u32(&mut self) -> Result<u32> {
        Ok(self.array(1, u32::from_le_bytes)?[0])
    }

    fn array<T, const N: usize>(&mut self, count: usize, from: fn([u8; N]) -> T) -> Result<Vec<T>> {
        let bytes = count.checked_mul(N).and_then(|length| self.rest.split_at_checked(length));
        let (bytes, rest) = bytes.ok_or_else(|| Error::Model("the file is cut short".to_owned()))?;
        self.rest = rest;
        Ok(bytes.chunks_exact(N).map(|chunk| from(chunk.try_into().expect("chunks have this length"))).collect())
    }
}
