//! How much what is seen of a name counts for it being the subject of a figure.
//!
//! What is seen of a name are its cues (it stands directly before the measure), what is seen of the amount are the
//! traits of the question (the measure is one of organisations). The table `subject_weights.tsv` holds a whole number
//! for every pair; a candidate has the sum over its cues and the traits. It is learned from annotated articles by
//! `tiqu train-subjects`, and can be read and changed by hand.

use crate::lexicon::rows;

/// A set of cues or of traits, as bits.
pub(crate) type Set = u64;

/// Declares names whose places are bits.
macro_rules! names {
    ($(#[$doc:meta])* $list:ident, $bit:ident: $($name:literal),* $(,)?) => {
        $(#[$doc])*
        pub(crate) const $list: &[&str] = &[$($name),*];
        pub(crate) const fn $bit(name: &str) -> Set {
            let mut n = 0;
            while n < $list.len() {
                if same($list[n], name) {
                    return 1 << n;
                }
                n += 1;
            }
            panic!("no such name")
        }
    };
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

names! {
    /// What can be seen of a candidate.
    CUES, cue_bit:
    "nobody", "org", "person", "product", "place",
    // Where it stands in the clause of the amount.
    "owner", "before", "behind", "governed", "object", "listed", "opens", "titled",
    // Where else it stands.
    "clause-before", "sentence", "sentence-before", "nearest", "lead", "paragraph-before",
    // What the clause makes of it.
    "own-topic", "topic", "company", "last-org", "last-person", "last-product", "setting",
    // What the document makes of it.
    "main", "often", "only", "authority", "source", "medium",
    // What was said before.
    "bracket", "same-sentence", "same-paragraph", "given", "fined", "speaker", "speaker-org", "stands-for", "same-measure",
}

names! {
    /// What can be seen of the amount.
    TRAITS, trait_bit:
    "any", "money", "percent", "change",
    // The classes of the measure.
    "m-money", "m-ratio", "m-count", "m-org", "m-person", "m-product", "m-own", "m-act", "m-loss", "m-other", "m-none",
    // Where the measure was found.
    "left", "right", "verb", "heading", "carried", "earlier", "predicate", "name", "per", "direction",
    // The clause.
    "quoted", "we", "company-word", "in-bracket", "reported", "whole", "among", "own", "moved", "bare", "price", "fine",
    "share", "headline", "worth", "main-org", "main-product", "place-word", "linked",
    // How the measure ends.
    "rate", "fee", "sum", "amount", "part", "number",
    // The document.
    "crowd", "interview",
}

/// The bit of a cue, reckoned while compiling: `cue!("owner")`.
macro_rules! cue {
    ($name:literal) => {
        const { $crate::cue::cue_bit($name) }
    };
}
pub(crate) use cue;

/// The bit of a trait: `having!("percent")`.
macro_rules! having {
    ($name:literal) => {
        const { $crate::cue::trait_bit($name) }
    };
}
pub(crate) use having;

/// A name that could be meant, with its cues.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub entity: Option<u32>,
    pub cues: Set,
}

/// An amount whose subject is asked for.
pub(crate) struct Question {
    /// The mention of the amount.
    pub value: usize,
    pub measure: Option<String>,
    pub traits: Set,
    pub candidates: Vec<Candidate>,
}

/// How much each cue counts under each trait.
pub struct Weights(Vec<i32>);

impl Weights {
    /// No cue counts.
    pub fn zero() -> Self {
        Self(vec![0; CUES.len() * TRAITS.len()])
    }

    /// The embedded table.
    pub fn embedded() -> Self {
        let mut weights = Self::zero();
        for (_, row) in rows(include_str!("../dictionaries/subject_weights.tsv")) {
            let place = |list: &[&str], name: &str| list.iter().position(|known| *known == name);
            if let (Some(cue), Some(of)) = (place(CUES, row[0]), place(TRAITS, row[1])) {
                weights.0[cue * TRAITS.len() + of] = row[2].parse().expect("the weights of the table are numbers");
            }
        }
        weights
    }

    /// A table of these weights.
    pub fn of(weights: Vec<i32>) -> Self {
        assert_eq!(weights.len(), CUES.len() * TRAITS.len(), "a weight for every pair");
        Self(weights)
    }

    /// All weights, cue by cue.
    pub fn all(&self) -> &[i32] {
        &self.0
    }

    pub fn weight(&self, cue: usize, of: usize) -> i32 {
        self.0[cue * TRAITS.len() + of]
    }

    /// Adds to all weights of a candidate under some traits.
    pub fn add(&mut self, cues: Set, traits: Set, step: i32) {
        for cue in bits(cues) {
            for of in bits(traits) {
                self.0[cue * TRAITS.len() + of] += step;
            }
        }
    }

    pub fn sum(&self, cues: Set, traits: Set) -> i32 {
        bits(cues).map(|cue| bits(traits).map(|of| self.weight(cue, of)).sum::<i32>()).sum()
    }

    /// The candidate with the highest sum, the first of equals, and by how much it leads.
    pub(crate) fn choose(&self, question: &Question) -> (Option<u32>, i32) {
        let mut best = (None, i32::MIN);
        let mut second = i32::MIN;
        for candidate in &question.candidates {
            let sum = self.sum(candidate.cues, question.traits);
            if sum > best.1 {
                second = best.1;
                best = (candidate.entity, sum);
            } else {
                second = second.max(sum);
            }
        }
        (best.0, best.1.saturating_sub(second))
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
