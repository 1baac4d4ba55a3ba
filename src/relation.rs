//! What a text says of its entities: `英伟达CEO黄仁勋` is role(黄仁勋, CEO, 英伟达, current).

use crate::link::Entity;
use crate::mention::Mention;
use crate::segment::Words;
use crate::text::{Span, Text};

/// The kind of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// person, title, org, status
    Role,
    /// person, action, org
    Move,
    /// subject, measure, value
    Figure,
    /// subject, measure, value (from -> to)
    Change,
    /// speaker, content
    Quote,
}

impl RelationKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Role, Self::Move, Self::Figure, Self::Change, Self::Quote];

    /// The name in records and annotation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Move => "move",
            Self::Figure => "figure",
            Self::Change => "change",
            Self::Quote => "quote",
        }
    }
}

impl std::str::FromStr for RelationKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            format!("unknown relation '{name}', expected one of {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}

/// How sure a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The words stand side by side and leave no choice.
    Certain,
    /// A part was carried over from an earlier clause, or chosen among several.
    Likely,
}

impl Confidence {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
        }
    }
}

/// A relation between what was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its kind.
    pub kind: RelationKind,
    /// Its parts by name, in the order of the kind's definition.
    pub parts: Vec<(&'static str, String)>,
    /// For each part that is an entity, its index; for values the index of the mention.
    pub refs: Vec<(&'static str, u32)>,
    /// The clause that says so.
    pub evidence: Span,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What the text says of its entities, in the order of the text.
pub fn relations(
    _text: &Text,
    _sentences: &[Span],
    _words: &Words,
    _mentions: &[Mention],
    _entities: &[Entity],
) -> Vec<Relation> {
    Vec::new()
}
