//! Mentions of one name together: `Jerry Tworek` and `Tworek`, `北京大学` and `北大`.

use crate::lexicon::Lexicon;
use crate::mention::{Kind, Mention};
use crate::text::Text;

/// All mentions of one name in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// PERSON, ORG, LOC or PRODUCT.
    pub kind: Kind,
    /// The fullest form in the document.
    pub name: String,
    /// The other forms, in order of appearance.
    pub aliases: Vec<String>,
    /// Indices into the document's mentions.
    pub mentions: Vec<u32>,
}

/// Groups the mentions of people, organisations, places and products by the name that they stand for.
pub fn link(text: &Text, mentions: &[Mention], _lexicon: &Lexicon) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    for (index, mention) in mentions.iter().enumerate() {
        if !matches!(mention.kind, Kind::Person | Kind::Org | Kind::Loc | Kind::Product) {
            continue;
        }
        let name = text.surface(mention.span);
        match entities.iter_mut().find(|entity| entity.kind == mention.kind && entity.name == name) {
            Some(entity) => entity.mentions.push(index as u32),
            None => entities.push(Entity {
                kind: mention.kind,
                name: name.to_owned(),
                aliases: vec![],
                mentions: vec![index as u32],
            }),
        }
    }
    entities
}
