//! What a text says of its entities: `英伟达CEO黄仁勋` is role(黄仁勋, CEO, 英伟达, current).
//!
//! Law: the same layers give the same relations; every part that is an entity refers to one of `entities`, every value
//! to one of `mentions`; a part that the text does not give is left out.

use crate::clause::Scene;
use crate::cue::{Choice, Question};
use crate::figure::figures;
use crate::link::Entity;
use crate::mention::Mention;
use crate::quote::quotes;
use crate::role::roles_and_moves;
use crate::segment::Words;
use crate::text::{Span, Text};

pub use crate::statement::{Confidence, Relation, RelationKind, RelationWords};

/// What the text says of its entities, in the order of the text.
pub fn relations(
    text: &Text,
    sentences: &[Span],
    words: &Words,
    mentions: &[Mention],
    entities: &[Entity],
    tables: &RelationWords,
) -> Vec<Relation> {
    if mentions.is_empty() {
        return Vec::new();
    }
    let scene = Scene::new(text, sentences, words, mentions, entities, tables);
    let mut found = roles_and_moves(&scene);
    found.extend(figures(&scene, &mut |question| tables.subjects.choose(question)));
    found.extend(quotes(&scene));
    found.sort_by_key(|relation| (relation.evidence.start(), relation.kind));
    found
}

/// Who decides whose a figure is.
pub(crate) type Judge<'j> = dyn FnMut(&Scene, &Question) -> Choice + 'j;

/// Reads the figures of a text with another judge of whose they are.
pub(crate) fn judged(scene: &Scene, judge: &mut Judge) {
    figures(scene, &mut |question| judge(scene, question));
}
