//! Lists of surfaces looked for all at once: `英伟达和北京大学`, with `英伟达`, `北京` and `北京大学` on one list and `大学` on
//! another, gives `英伟达`, `北京大学` of the one and `大学` of the other.
//!
//! From every place of a text a walk goes through the trie of the surfaces as far as the characters lead. Nearly all
//! places are done with before: a table of bits says that no surface begins with the two characters that stand there.
//! An automaton need not go back, but it waits for memory at every character.
//!
//! Law: the matches of a list are disjoint, left to right, and at each place its longest surface. The time is in
//! proportion to the text times the longest surface, and in practice to the text.

use crate::text::Span;

/// Lists of surfaces, each surface with a number in each list that it is on.
pub(crate) struct Trie<const LISTS: usize> {
    /// The nodes by parent and character, in open addressing: at most half of the slots are taken.
    slots: Box<[Slot]>,
    shift: u32,
    /// For each surface its number in each list.
    surfaces: Vec<[Option<u32>; LISTS]>,
    /// The pairs of characters that surfaces begin with.
    pairs: Bits,
    /// The surfaces of one character.
    singles: Bits,
}

/// A node: one load from memory says all of it.
#[derive(Clone, Copy, Default)]
struct Slot {
    parent: u32,
    /// Its character, and above that a bit for the hash of each of its children's: most children that are looked for
    /// do not exist.
    letter: u32,
    /// A first character is the node of its own number; the others are numbered behind all characters. 0 is no node.
    id: u32,
    /// The number of the surface that ends here, and one.
    surface: u32,
}

/// The parent of the first characters.
const ROOT: u32 = u32::MAX;
/// Bits of a character.
const LETTER: u32 = 21;

impl<const LISTS: usize> Trie<LISTS> {
    /// A trie of surfaces, each with its list and its number there. Of equal surfaces of a list the first counts; an
    /// empty one is nowhere found.
    pub fn new<'a>(surfaces: impl Iterator<Item = (&'a str, usize, u32)>) -> Self {
        let mut surfaces: Vec<(&str, usize, u32)> = surfaces.filter(|(surface, ..)| !surface.is_empty()).collect();
        surfaces.sort_by_key(|&(surface, ..)| surface);
        // Each surface has a node for each character that is not in the one before it.
        let mut nodes = 1;
        let mut last = "";
        for &(surface, ..) in &surfaces {
            let common = surface.chars().zip(last.chars()).take_while(|(a, b)| a == b).count();
            nodes += surface.chars().count() - common;
            last = surface;
        }
        let bits = (2 * nodes).next_power_of_two().trailing_zeros();
        let mut trie = Self {
            slots: vec![Slot::default(); 1 << bits].into(),
            shift: 64 - bits,
            surfaces: Vec::new(),
            pairs: Bits::new(surfaces.len()),
            singles: Bits::new(surfaces.len()),
        };
        let mut next = u32::from(char::MAX) + 1;
        for (surface, list, number) in surfaces {
            let mut chars = surface.chars();
            match (chars.next(), chars.next()) {
                (Some(first), Some(second)) => trie.pairs.set(pair(first, second)),
                (first, _) => first.into_iter().for_each(|only| trie.singles.set(u64::from(only))),
            }
            let (mut parent, mut last): (u32, Option<usize>) = (ROOT, None);
            for c in surface.chars() {
                if let Some(parent) = last {
                    trie.slots[parent].letter |= child(c);
                }
                let at = trie.place(parent, c);
                let slot = &mut trie.slots[at];
                if slot.id == 0 {
                    let id = if parent == ROOT { u32::from(c) } else { next };
                    next += u32::from(parent != ROOT);
                    *slot = Slot { parent, letter: u32::from(c), id, surface: 0 };
                }
                (parent, last) = (slot.id, Some(at));
            }
            let slot = &mut trie.slots[last.expect("the surface has a character")];
            if slot.surface == 0 {
                trie.surfaces.push([None; LISTS]);
                slot.surface = trie.surfaces.len() as u32;
            }
            trie.surfaces[slot.surface as usize - 1][list].get_or_insert(number);
        }
        trie
    }

    /// Calls `found` with the list, place and number of each surface in a text.
    pub fn find(&self, text: &str, mut found: impl FnMut(usize, Span, u32)) {
        if self.surfaces.is_empty() {
            return;
        }
        // Where the last match of each list ends.
        let mut free = [0; LISTS];
        let mut chars = text.chars();
        let mut first = chars.next();
        let mut behind = 0;
        while let Some(c) = first {
            let rest = chars.clone();
            first = chars.next();
            let start = behind;
            behind += c.len_utf8();
            let alone = self.singles.has(u64::from(c));
            let longer = first.is_some_and(|next| self.pairs.has(pair(c, next)));
            if !alone && !longer || free.iter().all(|free| *free > start) {
                continue;
            }
            let mut longest = [None; LISTS];
            let mut ends_here = |surface: u32, end: usize| {
                if let Some(surface) = surface.checked_sub(1) {
                    for (longest, number) in longest.iter_mut().zip(self.surfaces[surface as usize]) {
                        *longest = number.map(|number| (end, number)).or(*longest);
                    }
                }
            };
            if alone {
                ends_here(self.slots[self.place(ROOT, c)].surface, behind);
            }
            if longer {
                let (mut node, mut end, mut children) = (u32::from(c), behind, u32::MAX);
                for c in rest {
                    let slot = if children & child(c) == 0 { Slot::default() } else { self.slots[self.place(node, c)] };
                    if slot.id == 0 {
                        break;
                    }
                    end += c.len_utf8();
                    ends_here(slot.surface, end);
                    (node, children) = (slot.id, slot.letter);
                }
            }
            for (list, (longest, free)) in longest.into_iter().zip(&mut free).enumerate() {
                if let Some((end, number)) = longest.filter(|_| *free <= start) {
                    *free = end;
                    found(list, Span::new(start, end), number);
                }
            }
        }
    }

    /// The slot of a node, or the empty one where it would be.
    fn place(&self, parent: u32, c: char) -> usize {
        let key = u64::from(parent) << LETTER | u64::from(c);
        let mut at = (key.wrapping_mul(GOLDEN) >> self.shift) as usize;
        loop {
            let slot = &self.slots[at];
            let letter = slot.letter & ((1 << LETTER) - 1);
            if slot.id == 0 || (slot.parent == parent && letter == u32::from(c)) {
                return at;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// 2^64 over the golden ratio, for Fibonacci hashing: the high bits of a product.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The bit of a child above the letter.
fn child(c: char) -> u32 {
    1 << (LETTER + u32::from(c) % (u32::BITS - LETTER))
}

fn pair(first: char, second: char) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

/// A set that may say of a few others that they are in it: one bit each, by hash.
struct Bits {
    bits: Box<[u64]>,
    shift: u32,
}

impl Bits {
    /// Sixteen times as many bits as members.
    fn new(members: usize) -> Self {
        let bits = (16 * members.max(4)).next_power_of_two();
        Self { bits: vec![0; bits / 64].into(), shift: 64 - bits.trailing_zeros() }
    }

    fn place(&self, member: u64) -> (usize, u64) {
        let hash = member.wrapping_mul(GOLDEN) >> self.shift;
        ((hash / 64) as usize, 1 << (hash % 64))
    }

    fn set(&mut self, member: u64) {
        let (at, bit) = self.place(member);
        self.bits[at] |= bit;
    }

    fn has(&self, member: u64) -> bool {
        let (at, bit) = self.place(member);
        self.bits.get(at).is_some_and(|bits| bits & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t, const LISTS: usize>(lists: [&[&str]; LISTS], text: &'t str) -> [Vec<&'t str>; LISTS] {
        let surfaces = lists.iter().enumerate().flat_map(|(list, surfaces)| {
            surfaces.iter().zip(0..).map(move |(surface, number)| (*surface, list, number))
        });
        let mut found = [const { Vec::new() }; LISTS];
        Trie::<LISTS>::new(surfaces).find(text, |list, span, number| {
            assert_eq!(&text[span.range()], lists[list][number as usize]);
            found[list].push(&text[span.range()]);
        });
        found
    }

    #[test]
    fn the_leftmost_then_the_longest_is_found() {
        let surfaces = ["北京", "北京大学", "大学生", "京", "x", "ab", "abcd"];
        assert_eq!(found([&surfaces], "北京大学生在东京，abcx"), [["北京大学", "京", "ab", "x"]]);
        assert_eq!(found([&surfaces], "abcd京"), [["abcd", "京"]]);
        assert_eq!(found([&[]], "北京"), [[""; 0]]);
        assert_eq!(found([&["", "京"]], ""), [[""; 0]]);
    }

    #[test]
    fn each_list_has_its_own_matches() {
        let [names, heads] = found([&["北京大学", "北京"], &["大学", "京", "大学生"]], "北京大学生");
        assert_eq!((names, heads), (vec!["北京大学"], vec!["京", "大学生"]));
    }
}
