//! The dictionaries: `英伟达` is a company, also written `nvidia` and `辉达`; `北大` is short for `北京大学`.
//!
//! All built-in tables are text files under `dictionaries/`, compiled in. A line is tab-separated; `#` starts a
//! comment line. Surfaces are folded like the text that they are looked up in.

use crate::error::{Error, Result};
use crate::mention::Kind;
use crate::text::Folding;
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::path::Path;

/// A built-in table by name: `table!("titles")` is the text of `dictionaries/titles.tsv`.
macro_rules! table {
    ($name:literal) => {
        include_str!(concat!("../dictionaries/", $name, ".tsv"))
    };
}

pub(crate) use table;

/// The lines of a table that are not comments, with their number (counted from one) and their fields.
pub fn rows(table: &str) -> impl Iterator<Item = (u32, Vec<&str>)> {
    (1..)
        .zip(table.lines())
        .filter(|(_, line)| !line.starts_with('#') && !line.is_empty())
        .map(|(n, line)| (n, line.split('\t').collect()))
}

/// The fold made from `dictionaries/traditional.tsv`.
pub fn folding() -> Folding {
    let pairs = rows(table!("traditional")).filter_map(|(_, row)| Some((single(row.first()?)?, single(row.get(1)?)?)));
    Folding::new(pairs)
}

/// The only character of a string.
pub(crate) fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// What a dictionary says of a surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it names.
    pub kind: Kind,
    /// The class in the dictionary's own words: company, city, model.
    pub class: Box<str>,
    /// Surfaces of one body share a group.
    pub group: u32,
    /// Index of the file among [`Lexicon::files`].
    pub file: u16,
    /// The line, counted from one.
    pub line: u32,
    /// False for a surface that is an ordinary word as well and needs evidence beside it.
    pub certain: bool,
}

/// Surfaces and what they stand for.
pub struct Gazetteer {
    /// The entries of each surface, as a range of `entries`.
    surfaces: Vec<Range<u32>>,
    entries: Vec<Entry>,
    by_surface: FxHashMap<Box<str>, u32>,
}

impl Gazetteer {
    /// From (surface, entry) pairs; a surface may come several times.
    fn new(mut pairs: Vec<(Box<str>, Entry)>) -> Self {
        // A stable sort: entries of one surface keep their order.
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        let (mut surfaces, mut entries): (Vec<Range<u32>>, Vec<Entry>) = (Vec::new(), Vec::new());
        let mut by_surface: FxHashMap<Box<str>, u32> = FxHashMap::default();
        for (surface, entry) in pairs {
            let next = entries.len() as u32;
            match by_surface.get(&surface) {
                Some(&known) => surfaces[known as usize].end = next + 1,
                None => {
                    by_surface.insert(surface, surfaces.len() as u32);
                    surfaces.push(next..next + 1);
                }
            }
            entries.push(entry);
        }
        Self { surfaces, entries, by_surface }
    }

    /// What the dictionaries say of a whole folded surface.
    pub fn get(&self, surface: &str) -> &[Entry] {
        self.by_surface.get(surface).map_or(&[], |&n| self.entries_of(n))
    }

    /// How many distinct surfaces there are.
    pub fn len(&self) -> usize {
        self.surfaces.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.surfaces.is_empty()
    }

    /// Every surface with its entries, sorted by surface.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Entry])> {
        let mut all: Vec<_> = self.by_surface.iter().map(|(surface, &n)| (&**surface, self.entries_of(n))).collect();
        all.sort_unstable_by_key(|&(surface, _)| surface);
        all.into_iter()
    }

    fn entries_of(&self, surface: u32) -> &[Entry] {
        let Range { start, end } = self.surfaces[surface as usize];
        &self.entries[start as usize..end as usize]
    }
}

/// The built-in names and those of the user.
pub struct Lexicon {
    /// How text is folded before it is looked up.
    pub folding: Folding,
    /// Organisations, places and products that are well known: features for the tagger, evidence for rules.
    pub names: Gazetteer,
    /// Entries of the user's dictionaries: decisions.
    pub user: Gazetteer,
    /// The dictionary files, by the index that entries carry.
    files: Vec<String>,
}

/// The built-in tables of names with the kind of their entries.
const NAMES: [(&str, Kind, &str); 3] = [
    ("organisations.tsv", Kind::Org, table!("organisations")),
    ("places.tsv", Kind::Loc, table!("places")),
    ("products.tsv", Kind::Product, table!("products")),
];

impl Lexicon {
    /// The built-in dictionaries and the given files of the user.
    ///
    /// # Errors
    /// A file of the user that cannot be read, or a bad line in it.
    pub fn new(user_files: &[impl AsRef<Path>]) -> Result<Self> {
        let folding = folding();
        let mut files = Vec::new();
        let mut names = Vec::new();
        let mut group = 0;
        for (file, kind, table) in NAMES {
            for (line, row) in rows(table) {
                let &[name, class, aliases] = &row[..] else {
                    return Err(Error::line(file, line as usize, "expected three fields: name, class, aliases"));
                };
                group += 1;
                for surface in std::iter::once(name).chain(aliases.split('|').filter(|alias| !alias.is_empty())) {
                    let plain = surface.trim_start_matches('?');
                    let entry = Entry {
                        kind,
                        class: class.into(),
                        group,
                        file: files.len() as u16,
                        line,
                        certain: plain.len() == surface.len(),
                    };
                    names.push((fold(&folding, plain), entry));
                }
            }
            files.push(file.to_owned());
        }
        let mut user = Vec::new();
        for path in user_files {
            let path = path.as_ref();
            let content = user_content(path)?;
            for (name, mut entry) in user_entries(path, &content)? {
                entry.file = files.len() as u16;
                entry.group += group;
                user.push((fold(&folding, &name), entry));
            }
            group += content.lines().count() as u32;
            files.push(path.display().to_string());
        }
        Ok(Self { folding, names: Gazetteer::new(names), user: Gazetteer::new(user), files })
    }

    /// A surface as it stands in a shadow.
    pub fn fold(&self, surface: &str) -> Box<str> {
        fold(&self.folding, surface)
    }

    /// The dictionary files, by the index that entries carry.
    pub fn files(&self) -> &[String] {
        &self.files
    }
}

/// A surface as it stands in a shadow.
fn fold(folding: &Folding, surface: &str) -> Box<str> {
    surface.chars().map(|c| folding.fold(c)).collect()
}

/// Reads the text of a user dictionary.
///
/// # Errors
/// A file that cannot be read, or the first line that is not UTF-8.
pub fn user_content(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|why| Error::file(path, why))?;
    String::from_utf8(bytes).map_err(|why| {
        let line = why.as_bytes()[..why.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::line(path, line, "not UTF-8; save the dictionary as UTF-8")
    })
}

/// What a line of a user dictionary says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLine<'a> {
    /// The characters to look for.
    pub surface: &'a str,
    /// What they name.
    pub kind: Kind,
    /// The name that they stand for; the surface itself where no other is given.
    pub canonical: &'a str,
}

/// The lines of a user dictionary that say something, with their number (counted from one). Two forms, told apart by
/// the tab: `surface<TAB>KIND[<TAB>canonical name]`, and the segmenter's own `surface [frequency] [tag]` with a tag of
/// people (nr), places (ns), organisations (nt) or other names (nz). A line in neither form is an error, worded for
/// the person who has to mend it.
pub fn user_lines(content: &str) -> impl Iterator<Item = (u32, std::result::Result<UserLine<'_>, String>)> {
    let lines = (1..).zip(content.trim_start_matches('\u{feff}').lines());
    let lines = lines.map(|(line, text)| (line, text.trim_end_matches('\r')));
    let told = lines.filter(|(_, text)| !text.trim().is_empty() && !text.starts_with('#'));
    told.map(|(line, text)| (line, user_line(text)))
}

fn user_line(text: &str) -> std::result::Result<UserLine<'_>, String> {
    let (surface, kind, canonical) = if text.contains('\t') {
        let fields: Vec<&str> = text.split('\t').map(str::trim).collect();
        let (surface, kind) = match fields[..] {
            [surface, kind] | [surface, kind, _] => (surface, kind),
            _ => {
                let count = fields.len();
                return Err(format!("expected 'surface<TAB>KIND[<TAB>canonical name]', found {count} fields"));
            }
        };
        let canonical = fields.get(2).copied().filter(|name| !name.is_empty()).unwrap_or(surface);
        (surface, kind.parse()?, canonical)
    } else {
        let mut words = text.split_whitespace();
        let surface = words.next().expect("the line is not blank");
        let rest: Vec<&str> = words.collect();
        let tag = match rest[..] {
            [tag] => tag,
            [frequency, tag] if frequency.bytes().all(|b| b.is_ascii_digit()) => tag,
            _ => return Err("expected 'surface [frequency] tag', or tab-separated 'surface<TAB>KIND'".to_owned()),
        };
        let kind = match tag {
            "nr" | "nrt" | "nrfg" => Kind::Person,
            "ns" => Kind::Loc,
            "nt" => Kind::Org,
            "nz" => Kind::Product,
            _ => return Err(format!("tag '{tag}' says no kind; use nr, ns, nt or nz, or 'surface<TAB>KIND'")),
        };
        (surface, kind, surface)
    };
    if surface.is_empty() {
        return Err("the surface is empty".to_owned());
    }
    Ok(UserLine { surface, kind, canonical })
}

/// The entries of a user dictionary.
///
/// # Errors
/// The first line that is in neither form, with its number.
pub fn user_entries(path: &Path, content: &str) -> Result<Vec<(String, Entry)>> {
    let mut groups: FxHashMap<&str, u32> = FxHashMap::default();
    user_lines(content)
        .map(|(line, said)| {
            let UserLine { surface, kind, canonical } = said.map_err(|why| Error::line(path, line as usize, why))?;
            let group = *groups.entry(canonical).or_insert(line);
            Ok((surface.to_owned(), Entry { kind, class: canonical.into(), group, file: 0, line, certain: true }))
        })
        .collect()
}
