//! How much what is seen of a name counts for it being the subject of a figure.
//!
//! What is seen of a name are its cues (it stands directly before the measure), what is seen of the amount are the
//! traits of the question (the measure is one of organisations). Both go into a network of one hidden layer, whose
//! table, `subject_net.tsv`, is learned from annotated articles by `tiqu train-subjects`.

use crate::lexicon::rows;

/// A set of cues or of traits, as bits.
pub(crate) type Set = u64;

/// The place of a name in a list, reckoned while compiling.
///
/// # Panics
/// When the list has no such name: the callers are constants of this crate.
pub(crate) const fn place(list: &[&str], name: &str) -> usize {
    let name = name.as_bytes();
    let mut n = 0;
    while n < list.len() {
        let known = list[n].as_bytes();
        if known.len() == name.len() {
            let mut at = 0;
            while at < name.len() && known[at] == name[at] {
                at += 1;
            }
            if at == name.len() {
                return n;
            }
        }
        n += 1;
    }
    panic!("no such name")
}

/// What can be seen of a candidate.
pub(crate) const CUES: &[&str] = &[
    "nobody",
    "org",
    "person",
    "product",
    "place",
    // Where it stands in the clause of the amount.
    "owner",
    "before",
    "nearest-before",
    "behind",
    "governed",
    "object",
    "listed",
    "opens",
    "titled",
    // Where else it stands.
    "clause-before",
    "sentence",
    "sentence-before",
    "nearest",
    "lead",
    "paragraph-before",
    // What the clause makes of it.
    "own-topic",
    "topic",
    "company",
    "last-org",
    "last-person",
    "last-product",
    "setting",
    // What the document makes of it.
    "main",
    "hero",
    "often",
    "only",
    "authority",
    "source",
    "medium",
    // What was said before.
    "bracket",
    "same-sentence",
    "same-paragraph",
    "figure-before",
    "sure",
    "given",
    "fined",
    "speaker",
    "speaker-org",
    "stands-for",
    "same-measure",
    "paired",
];

/// What can be seen of the amount.
pub(crate) const TRAITS: &[&str] = &[
    "any",
    "money",
    "percent",
    "change",
    // The classes of the measure.
    "m-money",
    "m-ratio",
    "m-count",
    "m-org",
    "m-person",
    "m-product",
    "m-own",
    "m-act",
    "m-loss",
    "m-other",
    "m-none",
    // Where the measure was found.
    "left",
    "right",
    "verb",
    "heading",
    "carried",
    "earlier",
    "predicate",
    "name",
    "per",
    "direction",
    // The clause.
    "quoted",
    "we",
    "company-word",
    "in-bracket",
    "reported",
    "whole",
    "among",
    "own",
    "moved",
    "bare",
    "price",
    "fine",
    "share",
    "headline",
    "worth",
    "main-org",
    "main-product",
    "place-word",
    "linked",
    // How the measure ends.
    "rate",
    "fee",
    "sum",
    "amount",
    "part",
    "number",
    // The document.
    "crowd",
    // Since the figure before.
    "name-between",
    "in-sentence",
    "in-paragraph",
];

/// The bit of a cue, reckoned while compiling: `cue!("owner")`.
macro_rules! cue {
    ($name:literal) => {
        const { (1 as $crate::cue::Set) << $crate::cue::place($crate::cue::CUES, $name) }
    };
}
pub(crate) use cue;

/// The bit of a trait: `having!("percent")`.
macro_rules! having {
    ($name:literal) => {
        const { (1 as $crate::cue::Set) << $crate::cue::place($crate::cue::TRAITS, $name) }
    };
}
pub(crate) use having;

/// A name that could be meant, with its cues.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub entity: Option<u32>,
    pub cues: Set,
}

/// The subject that was chosen, and by how much it leads.
pub(crate) type Choice = (Option<u32>, i64);

/// An amount whose subject is asked for.
pub(crate) struct Question {
    /// The mention of the amount.
    pub value: usize,
    pub measure: Option<String>,
    pub traits: Set,
    pub candidates: Vec<Candidate>,
}

/// How many hidden units the net has.
pub const WIDTH: usize = 128;
/// One is kept as this number.
pub const UNIT: f32 = 256.0;

/// What is put into the net: the cues of a candidate, then the traits of the question.
pub const INPUTS: usize = CUES.len() + TRAITS.len();

/// The names of the inputs, in their order.
pub fn inputs() -> impl Iterator<Item = &'static str> {
    CUES.iter().chain(TRAITS).copied()
}

/// One input's part in every hidden unit.
pub type Row = [i16; WIDTH];

/// A small network: every candidate has a sum of rows for its cues and the question's traits, what is positive in it
/// counts, and so does every cue by itself. Whole numbers, so that every machine decides alike.
pub struct Net {
    /// For each input.
    pub rows: Vec<Row>,
    /// For each input, what it counts by itself.
    pub alone: Vec<i32>,
    /// What every hidden unit begins with.
    pub bias: Row,
    /// What every hidden unit counts.
    pub out: Row,
}

impl Net {
    /// One in which nothing counts.
    pub(crate) fn zero() -> Self {
        Self { rows: vec![[0; WIDTH]; INPUTS], alone: vec![0; INPUTS], bias: [0; WIDTH], out: [0; WIDTH] }
    }

    /// The embedded table.
    pub(crate) fn embedded() -> Self {
        Self::read(include_str!("../dictionaries/subject_net.tsv"))
    }

    /// Reads a table: a name, what it counts alone, and its row; rows of names that are not known any more are left out.
    pub(crate) fn read(table: &str) -> Self {
        let mut net = Self::zero();
        for (_, fields) in rows(table) {
            let number = |field: &str| field.parse::<i32>().expect("the table holds whole numbers");
            let mut row = [0; WIDTH];
            for (cell, field) in row.iter_mut().zip(fields[2].split(' ')) {
                *cell = number(field) as i16;
            }
            match fields[0] {
                "bias" => net.bias = row,
                "out" => net.out = row,
                name => {
                    if let Some(at) = inputs().position(|known| known == name) {
                        net.rows[at] = row;
                        net.alone[at] = number(fields[1]);
                    }
                }
            }
        }
        net
    }

    /// How much a candidate counts of whose hidden units the traits are already in.
    fn close(&self, mut hidden: [i32; WIDTH], cues: Set) -> i64 {
        let mut sum = 0_i64;
        for cue in bits(cues) {
            add(&mut hidden, &self.rows[cue]);
            sum += i64::from(self.alone[cue]);
        }
        sum + hidden.iter().zip(&self.out).map(|(&unit, &out)| i64::from(unit.max(0)) * i64::from(out)).sum::<i64>()
    }

    /// Of the sets of cues the place of the one that counts most, the first of equals, and by how much it leads.
    pub(crate) fn best(&self, traits: Set, candidates: impl Iterator<Item = Set>) -> (usize, i64) {
        let mut shared = self.bias.map(i32::from);
        for of in bits(traits) {
            add(&mut shared, &self.rows[CUES.len() + of]);
        }
        let mut best = (0, i64::MIN);
        let mut second = i64::MIN;
        for (at, cues) in candidates.enumerate() {
            let sum = self.close(shared, cues);
            if sum > best.1 {
                second = best.1;
                best = (at, sum);
            } else {
                second = second.max(sum);
            }
        }
        (best.0, best.1.saturating_sub(second))
    }

    /// The candidate that counts most, and by how much it leads.
    pub(crate) fn choose(&self, question: &Question) -> Choice {
        let (best, lead) = self.best(question.traits, question.candidates.iter().map(|candidate| candidate.cues));
        (question.candidates.get(best).and_then(|candidate| candidate.entity), lead)
    }
}

fn add(sum: &mut [i32; WIDTH], row: &Row) {
    for (sum, &part) in sum.iter_mut().zip(row) {
        *sum += i32::from(part);
    }
}

/// The places of the set bits.
pub(crate) fn bits(mut set: Set) -> impl Iterator<Item = usize> + Clone {
    std::iter::from_fn(move || {
        let at = set.trailing_zeros();
        set &= set.wrapping_sub(1);
        (at < 64).then_some(at as usize)
    })
}
