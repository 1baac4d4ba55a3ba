//! Many surfaces looked for at once: `英伟达和北京大学`, with `英伟达`, `北京` and `北京大学` looked for, gives `英伟达` and
//! `北京大学`.
//!
//! From every place of a text a walk goes through the trie of the surfaces as far as the characters lead. Nearly all
//! places are done with before: a table of bits says that no surface begins with the two characters that stand there.
//! An automaton need not go back, but it waits for memory at every character.
//!
//! Law: matches are disjoint, left to right, and at each place the longest surface. The time is in proportion to the
//! text times the longest surface, and in practice to the text.

use std::ops::Range;

/// Surfaces, each with a number.
pub(crate) struct Trie {
    /// The nodes by parent and character, in open addressing: at most half of the slots are taken.
    slots: Box<[Slot]>,
    shift: u32,
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

impl Trie {
    /// A trie of surfaces with their numbers. Of equal surfaces the first counts; an empty one is nowhere found.
    pub fn new<'a>(surfaces: impl Iterator<Item = (&'a str, u32)>) -> Self {
        let mut surfaces: Vec<(&str, u32)> = surfaces.collect();
        surfaces.sort_by_key(|&(surface, _)| surface);
        // Each surface has a node for each character that is not in the one before it.
        let mut nodes = 1;
        let mut last = "";
        for (surface, _) in &surfaces {
            let common = surface.chars().zip(last.chars()).take_while(|(a, b)| a == b).count();
            nodes += surface.chars().count() - common;
            last = surface;
        }
        let bits = (2 * nodes).next_power_of_two().trailing_zeros();
        let mut trie = Self {
            slots: vec![Slot::default(); 1 << bits].into(),
            shift: 64 - bits,
            pairs: Bits::new(surfaces.len()),
            singles: Bits::new(surfaces.len()),
        };
        let mut next = u32::from(char::MAX) + 1;
        for (surface, number) in surfaces {
            let mut chars = surface.chars();
            match (chars.next(), chars.next()) {
                (Some(first), Some(second)) => trie.pairs.set(pair(first, second)),
                (Some(only), None) => trie.singles.set(u64::from(only)),
                _ => continue,
            }
            let (mut parent, mut last) = (ROOT, None);
            for c in surface.chars() {
                if let Some(parent) = last {
                    let parent: &mut Slot = &mut trie.slots[parent];
                    parent.letter |= child(c);
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
                slot.surface = number + 1;
            }
        }
        trie
    }

    /// Where surfaces stand in a text, with their numbers.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, u32)> + 'a {
        // The character at `start`, and those behind it.
        let mut chars = text.chars();
        let mut first = chars.next();
        let mut start = 0;
        std::iter::from_fn(move || {
            loop {
                let (at, c) = (start, first?);
                let behind = chars.clone();
                first = chars.next();
                start += c.len_utf8();
                let longer = first.is_some_and(|next| self.pairs.has(pair(c, next)));
                if (longer || self.singles.has(u64::from(c)))
                    && let Some((end, surface)) = self.longest(c, at, behind)
                {
                    chars = text[end..].chars();
                    first = chars.next();
                    start = end;
                    return Some((at..end, surface));
                }
            }
        })
    }

    /// The longest surface that begins with a character at a position: its end and its number.
    fn longest(&self, first: char, at: usize, behind: std::str::Chars) -> Option<(usize, u32)> {
        let mut end = at + first.len_utf8();
        let alone = if self.singles.has(u64::from(first)) { self.slots[self.place(ROOT, first)].surface } else { 0 };
        let (mut node, mut found, mut children) = (u32::from(first), (end, alone), u32::MAX);
        for c in behind {
            if children & child(c) == 0 {
                break;
            }
            let slot = self.slots[self.place(node, c)];
            if slot.id == 0 {
                break;
            }
            end += c.len_utf8();
            if slot.surface != 0 {
                found = (end, slot.surface);
            }
            (node, children) = (slot.id, slot.letter);
        }
        let (end, surface) = found;
        Some((end, surface.checked_sub(1)?))
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

    fn found<'t>(surfaces: &[&str], text: &'t str) -> Vec<&'t str> {
        let trie = Trie::new(surfaces.iter().copied().zip(0..));
        trie.find(text)
            .map(|(range, number)| {
                assert_eq!(&text[range.clone()], surfaces[number as usize]);
                &text[range]
            })
            .collect()
    }

    #[test]
    fn the_leftmost_then_the_longest_is_found() {
        let surfaces = ["北京", "北京大学", "大学生", "京", "x", "ab", "abcd"];
        assert_eq!(found(&surfaces, "北京大学生在东京，abcx"), ["北京大学", "京", "ab", "x"]);
        assert_eq!(found(&surfaces, "abcd京"), ["abcd", "京"]);
        assert_eq!(found(&[], "北京"), [""; 0]);
        assert_eq!(found(&["", "京"], ""), [""; 0]);
    }
}
