//! The only place where overlaps are decided.
//!
//! The rule: candidates are ranked by what found them (the user's entries, then quantities, then names by the
//! tagger, then the rest), then the longer one, then the one that starts first, then the order of `Kind`; each is
//! kept if it overlaps none that is kept already. Law: the result is sorted, disjoint, and cuts no grapheme.

use crate::mention::{By, Mention};
use crate::text::{Span, Text};
use unicode_segmentation::GraphemeCursor;

/// Decides between overlapping candidates.
pub fn resolve(text: &Text, mut candidates: Vec<Mention>) -> Vec<Mention> {
    candidates.retain(|mention| !mention.span.is_empty() && is_whole(text, mention.span));
    candidates.sort_by_key(|mention| {
        let span = mention.span;
        (rank(mention.by), usize::MAX - span.len(), span.start(), mention.kind)
    });
    // Kept spans by start; disjoint, so only the neighbours of a candidate can overlap it. They are noted by number:
    // a long article has hundreds of thousands.
    let mut kept = std::collections::BTreeMap::new();
    for (number, mention) in candidates.iter().enumerate() {
        let free_before = kept
            .range(..mention.span.end())
            .next_back()
            .is_none_or(|(_, &last): (_, &usize)| !candidates[last].span.overlaps(mention.span));
        if free_before {
            kept.insert(mention.span.start(), number);
        }
    }
    kept.into_values().map(|number| candidates[number]).collect()
}

fn rank(by: By) -> u8 {
    match by {
        By::User => 0,
        By::Grammar => 1,
        By::Model => 2,
        By::Alias => 3,
        By::Lexicon => 4,
    }
}

/// Whether both ends of a span are borders of graphemes. Between Chinese characters and ASCII that needs no look-up.
fn is_whole(text: &Text, span: Span) -> bool {
    let range = text.source_range(span);
    [range.start, range.end].into_iter().all(|at| {
        let source = text.source();
        let plain = |c: Option<char>| c.is_none_or(|c| matches!(c, ' '..='~' | '\n' | '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}'));
        if plain(source[at..].chars().next()) && plain(source[..at].chars().next_back()) {
            return true;
        }
        GraphemeCursor::new(at, source.len(), true).is_boundary(source, 0).unwrap_or(false)
    })
}
