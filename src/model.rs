//! The tagger: a small network over what [`feature`](crate::feature) sees, and the best path through its labels.
//!
//! Each character's vector is the sum of rows, one for every feature in its window; then a ReLU, two residual
//! convolutions of width three, and a linear layer that gives each label a score. A path of labels (BIOES for each
//! kind) is scored by its labels and their transitions, and the best one is found by Viterbi's algorithm.
//!
//! Everything at run time is integers, so that the result is the same on every machine: rows are 8 bits with one
//! scale for each column; scores are 32 bits in one common unit.

use crate::error::{Error, Result};
use crate::feature::{CLASSES, NAME_CODES, Observed, PART_CODES, WORD_CODES};
use crate::known::KNOWN_CODES;
use crate::mention::Kind;
use crate::vectors::{LANES, REGISTERS, Sums, Weights, fetch};

/// The model is the mean of this many networks, trained apart and read together.
pub const NETWORKS: usize = 3;

/// Length of a character's vector in one network.
pub const PART: usize = 24;

/// Length of a character's vector in all networks together.
pub(crate) const WIDTH: usize = NETWORKS * PART;

/// The kinds that the tagger knows, in the order of their labels.
pub const KINDS: [Kind; 5] = [Kind::Person, Kind::Org, Kind::Loc, Kind::Product, Kind::Title];

/// Outside, then begin, inside, end and single for each kind.
pub const LABELS: usize = 1 + 4 * KINDS.len();

const _: () = assert!(PART == REGISTERS * LANES, "a network's vector fills the registers of sums");
const _: () = assert!(LABELS <= REGISTERS * LANES, "the labels fit the registers of sums");

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

/// The family of names in the dictionaries.
pub const NAMES_TABLE: usize = 5;

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

/// From keys to rows, numbered from 1; 0 is none.
#[derive(Clone, Debug)]
pub enum Index {
    /// By key.
    Dense(Vec<u32>),
    /// Where keys are too many for that.
    Hashed(Hashed),
}

impl Index {
    /// An index over distinct keys, rows numbered in their order.
    pub fn new(table: usize, keys: &[u32]) -> Self {
        match TABLES[table].dense {
            0 => Self::Hashed(Hashed::new(keys)),
            size => {
                let mut rows = vec![0; size];
                for (&key, row) in keys.iter().zip(1..) {
                    rows[key as usize] = row;
                }
                Self::Dense(rows)
            }
        }
    }

    /// The row of a key.
    #[inline]
    pub fn row(&self, key: u32) -> u32 {
        match self {
            Self::Dense(rows) => rows[key as usize],
            Self::Hashed(rows) => rows.row(key),
        }
    }
}

/// From keys to rows by hash. A key is in one bucket, and all of a bucket is looked at, so that no branch waits for
/// memory: many keys can be looked up at once.
#[derive(Clone, Debug)]
pub struct Hashed {
    buckets: Box<[Bucket]>,
    multiplier: u32,
    shift: u32,
}

/// Some keys and their rows, in one cache line; what is empty has row 0.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Bucket {
    keys: [u32; BUCKET],
    rows: [u32; BUCKET],
}

const BUCKET: usize = 8;

impl Hashed {
    /// Rows are numbered from 1 in the order of the keys.
    pub(crate) fn new(keys: &[u32]) -> Self {
        let bits = (keys.len() / 3).next_power_of_two().trailing_zeros().max(1);
        // Odd multipliers near 2^32 over the golden ratio spread keys well, and one of the first leaves no bucket
        // overfull; were none to do, more buckets would.
        let tries = (bits..32).flat_map(|bits| (0..64).map(move |n| (bits, 0x9e37_79b9 + 2 * n)));
        let mut all = tries.filter_map(|(bits, multiplier)| Self::with(keys, bits, multiplier));
        all.next().expect("2^31 buckets are enough for distinct keys of 32 bits")
    }

    /// Nothing when a bucket overflows.
    fn with(keys: &[u32], bits: u32, multiplier: u32) -> Option<Self> {
        let mut hashed = Self { buckets: vec![Bucket::default(); 1 << bits].into(), multiplier, shift: 32 - bits };
        for (&key, row) in keys.iter().zip(1..) {
            let at = hashed.bucket(key);
            let Bucket { keys, rows } = &mut hashed.buckets[at];
            let free = rows.iter().position(|row| *row == 0)?;
            (keys[free], rows[free]) = (key, row);
        }
        Some(hashed)
    }

    #[inline(always)]
    fn bucket(&self, key: u32) -> usize {
        (key.wrapping_mul(self.multiplier) >> self.shift) as usize
    }

    /// To be called some time before [`row`](Self::row).
    #[inline(always)]
    pub(crate) fn fetch(&self, key: u32) {
        fetch(&self.buckets[self.bucket(key)]);
    }

    /// The row of a key, 0 for none.
    #[inline(always)]
    pub(crate) fn row(&self, key: u32) -> u32 {
        let Bucket { keys, rows } = &self.buckets[self.bucket(key)];
        keys.iter().zip(rows).fold(0, |found, (&other, &row)| found | if other == key { row } else { 0 })
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
#[derive(Clone)]
pub(crate) struct Rows {
    index: Index,
    pub(crate) keys: Vec<u32>,
    /// One vector for each shift of each row.
    pub(crate) values: Vec<[i8; WIDTH]>,
    shifts: usize,
}

impl Rows {
    fn new(table: usize, keys: Vec<u32>, values: Vec<[i8; WIDTH]>) -> Self {
        Self { index: Index::new(table, &keys), keys, values, shifts: TABLES[table].shifts.len() }
    }

    /// The vector of a key for the shift with this number.
    pub(crate) fn part(&self, key: usize, shift: usize) -> Option<&[i8; WIDTH]> {
        let row = (self.index.row(u32::try_from(key).ok()?) as usize).checked_sub(1)?;
        self.values.get(row * self.shifts + shift)
    }
}

/// A convolution of one network.
#[derive(Clone)]
pub(crate) struct Convolution {
    /// `[tap][input pair]`
    pub(crate) weights: Vec<Weights>,
    /// Bias in units of the accumulator.
    pub(crate) bias: Sums,
    /// The accumulator's unit is this power of two smaller than the unit of the output's column.
    pub(crate) shift: [u32; PART],
}

/// A trained tagger, as training leaves it and a file holds it; [`Tagger`](crate::tagger::Tagger) puts it to work.
#[derive(Clone)]
pub struct Model {
    pub(crate) tables: [Rows; TABLES.len()],
    /// `[network][layer]`
    pub(crate) convolutions: Vec<[Convolution; 2]>,
    /// `[input pair of last layer, then of rows]`
    pub(crate) output: Vec<Weights>,
    pub(crate) bias: Sums,
    pub(crate) transitions: [[i32; LABELS]; LABELS],
    /// How many score units are one unit of the log probability.
    pub(crate) unit: f32,
}

/// The largest value of a hidden unit; keeps sums of products within 32 bits.
pub(crate) const HIDDEN_MOST: i16 = 2047;
/// The largest weight: 96 products of it and 2047 stay below 2^31.
const WEIGHT_MOST: f32 = 8191.0;
/// A transition that cannot be.
const NEVER: i32 = i32::MIN / 2;

/// A family's float rows, for quantisation: `[row][shift][column]`.
pub struct FloatRows {
    /// The key of each row.
    pub keys: Vec<u32>,
    /// The rows.
    pub values: Vec<f32>,
}

impl Model {
    /// Turns the floats of [`NETWORKS`] networks, trained on the same examples, into the integers of one model.
    ///
    /// Each column of the rows gets the scale that makes its 99.99th percentile 127; the few larger values are cut.
    /// All that follows is expressed in these units. The scores are the mean of the networks' scores.
    pub fn quantise(networks: &[(Vec<FloatRows>, Dense)]) -> Self {
        assert_eq!(networks.len(), NETWORKS, "a model is made of a fixed number of networks");
        let scales: Vec<[f32; PART]> = networks.iter().map(|(tables, _)| column_scales(tables)).collect();
        let tables = (0..TABLES.len()).map(|table| {
            let keys = networks[0].0[table].keys.clone();
            let rows = (0..keys.len() * TABLES[table].shifts.len()).map(|row| {
                let mut values = [0; WIDTH];
                for (column, value) in values.iter_mut().enumerate() {
                    let (network, column) = (column / PART, column % PART);
                    let float = networks[network].0[table].values[row * PART + column];
                    *value = round_to(float / scales[network][column], 127.0) as i8;
                }
                values
            });
            Rows::new(table, keys, rows.collect())
        });
        let tables = fixed(tables.collect());
        let convolutions = networks
            .iter()
            .zip(&scales)
            .map(|((_, dense), scales)| [0, 1].map(|layer| convolution(dense, layer, scales)))
            .collect();

        let share = 1.0 / NETWORKS as f32;
        let weight = |input: usize, label: usize| {
            let (half, column) = (input / WIDTH, input % WIDTH);
            let (network, column) = (column / PART, column % PART);
            let dense = &networks[network].1;
            let matrix = if half == 0 { &dense.output } else { &dense.direct };
            matrix[column * LABELS + label] * scales[network][column] * share
        };
        let most = (0..2 * WIDTH * LABELS).map(|at| weight(at / LABELS, at % LABELS).abs()).fold(1e-9, f32::max);
        let step = most / WEIGHT_MOST;
        let mut output = vec![Weights::default(); WIDTH];
        for (input, label) in (0..2 * WIDTH).flat_map(|input| (0..LABELS).map(move |label| (input, label))) {
            let register = &mut output[input / 2][label / LANES];
            register[label % LANES * 2 + input % 2] = round_to(weight(input, label) / step, WEIGHT_MOST) as i16;
        }
        let mean = |of: &dyn Fn(&Dense) -> f32| networks.iter().map(|(_, dense)| of(dense)).sum::<f32>() * share;
        let mut bias = Sums::default();
        for label in 0..LABELS {
            bias[label / LANES][label % LANES] = round_to(mean(&|dense| dense.bias[label]) / step, 1e8) as i32;
        }
        let mut transitions = [[NEVER; LABELS]; LABELS];
        for (from, row) in transitions.iter_mut().enumerate() {
            for (to, slot) in row.iter_mut().enumerate().filter(|(to, _)| follows(from, *to)) {
                *slot = round_to(mean(&|dense| dense.transitions[from * LABELS + to]) / step, 1e8) as i32;
            }
        }
        Self { tables, convolutions, output, bias, transitions, unit: 1.0 / step }
    }

    /// Number of rows of each family, for figures.
    pub fn sizes(&self) -> impl Iterator<Item = (&'static str, usize)> {
        TABLES.iter().zip(&self.tables).map(|(table, rows)| (table.name, rows.keys.len()))
    }
}

fn round_to(value: f32, most: f32) -> f32 {
    value.round().clamp(-most, most)
}

/// A layer in units of its columns. The accumulator's unit is the largest power-of-two part of the output's unit in
/// which every weight fits, so that a shift leads back.
fn convolution(dense: &Dense, layer: usize, scales: &[f32; PART]) -> Convolution {
    let weight = |tap: usize, input: usize, output: usize| {
        dense.convolutions[layer][(tap * PART + input) * PART + output] * scales[input] / scales[output]
    };
    let places = || (0..3 * PART).map(|at| (at / PART, at % PART));
    let mut quantised =
        Convolution { weights: vec![Weights::default(); 3 * PART / 2], bias: Sums::default(), shift: [0; PART] };
    for (output, scale) in scales.iter().enumerate() {
        let most = places().map(|(tap, input)| weight(tap, input, output).abs()).fold(1e-9, f32::max);
        let shift = (0..20).rev().find(|&shift| most * (1u32 << shift) as f32 <= WEIGHT_MOST).unwrap_or(0);
        let unit = (1u32 << shift) as f32;
        quantised.shift[output] = shift;
        let half = if shift > 0 { 1 << (shift - 1) } else { 0 };
        let bias = round_to(dense.biases[layer][output] / scale * unit, 1e8) as i32;
        quantised.bias[output / LANES][output % LANES] = bias + half;
        for (tap, input) in places() {
            let pair = &mut quantised.weights[tap * PART / 2 + input / 2];
            pair[output / LANES][output % LANES * 2 + input % 2] =
                round_to(weight(tap, input, output) * unit, WEIGHT_MOST) as i16;
        }
    }
    quantised
}

fn column_scales(tables: &[FloatRows]) -> [f32; PART] {
    let mut scales = [0.0; PART];
    for (column, scale) in scales.iter_mut().enumerate() {
        let rows = tables.iter().flat_map(|rows| rows.values.iter().skip(column).step_by(PART));
        let mut values: Vec<f32> = rows.map(|value| value.abs()).collect();
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
        for n in [NETWORKS, PART, LABELS, TABLES.len()] {
            put(&mut out, n as u32);
        }
        for rows in &self.tables {
            put(&mut out, rows.keys.len() as u32);
            rows.keys.iter().for_each(|&key| put(&mut out, key));
            out.extend(rows.values.as_flattened().iter().map(|&value| value as u8));
        }
        for layer in self.convolutions.iter().flatten() {
            layer.weights.as_flattened().as_flattened().iter().for_each(|weight| out.extend(weight.to_le_bytes()));
            layer.bias.as_flattened().iter().for_each(|bias| out.extend(bias.to_le_bytes()));
            layer.shift.iter().for_each(|&shift| put(&mut out, shift));
        }
        self.output.as_flattened().as_flattened().iter().for_each(|weight| out.extend(weight.to_le_bytes()));
        self.bias.as_flattened().iter().for_each(|bias| out.extend(bias.to_le_bytes()));
        self.transitions.as_flattened().iter().for_each(|score| out.extend(score.to_le_bytes()));
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
        let mut reader = Reader { rest: body.get(MAGIC.len()..).ok_or_else(damaged)? };
        let head = reader.array(5, u32::from_le_bytes)?;
        let want = [VERSION, NETWORKS as u32, PART as u32, LABELS as u32, TABLES.len() as u32];
        if head != want {
            let reason = format!("version and sizes are {head:?}, this program reads {want:?}; train the model again");
            return Err(Error::Model(reason));
        }
        let mut tables = Vec::new();
        for (number, table) in TABLES.iter().enumerate() {
            let count = reader.u32()? as usize;
            let keys: Vec<u32> = reader.array(count, u32::from_le_bytes)?;
            let values = reader.array(count * table.shifts.len(), |row: [u8; WIDTH]| row.map(|value| value as i8))?;
            if table.dense > 0 && keys.iter().any(|&key| key as usize >= table.dense) {
                return Err(damaged());
            }
            tables.push(Rows::new(number, keys, values));
        }
        let tables = fixed(tables);
        let mut layer = || -> Result<Convolution> {
            Ok(Convolution {
                weights: registers(&registers::<_, { 2 * LANES }>(&reader.array(3 * PART * PART, i16::from_le_bytes)?)),
                bias: fixed(registers(&reader.array(PART, i32::from_le_bytes)?)),
                shift: fixed(reader.array(PART, |bytes| u32::from_le_bytes(bytes) % 32)?),
            })
        };
        let convolutions = (0..NETWORKS).map(|_| Ok([layer()?, layer()?])).collect::<Result<Vec<_>>>()?;
        let output = registers(&registers::<_, { 2 * LANES }>(
            &reader.array(WIDTH * REGISTERS * 2 * LANES, i16::from_le_bytes)?,
        ));
        let bias = fixed(registers(&reader.array(REGISTERS * LANES, i32::from_le_bytes)?));
        let transitions = fixed(registers(&reader.array(LABELS * LABELS, i32::from_le_bytes)?));
        let unit = f32::from_le_bytes(reader.u32()?.to_le_bytes());
        if !reader.rest.is_empty() {
            return Err(damaged());
        }
        Ok(Self { tables, convolutions, output, bias, transitions, unit })
    }
}

/// Numbers in groups of a register's size; the reader gave a whole number of groups.
fn registers<T: Copy, const N: usize>(values: &[T]) -> Vec<[T; N]> {
    values.as_chunks::<N>().0.to_vec()
}

fn fixed<T, const N: usize>(values: Vec<T>) -> [T; N] {
    values.try_into().ok().expect("the reader gave as many as asked for")
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
