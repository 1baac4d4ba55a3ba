//! The text as given and as read: `ＧＰＴ－４估值１００億` is read as `gpt-4估值100亿`, and every position maps back.
//!
//! Reading happens on a *shadow*: full-width forms become half-width, traditional characters simplified, capitals
//! small. The fold replaces one character by one character, so the shadow has as many characters as the source; only
//! the number of bytes may differ, and [`OffsetMap`] keeps that as sparse runs.
//!
//! Law: for every span on character borders, the source under the mapped span folds to the shadow under the span.

use std::ops::Range;

/// A half-open range of bytes in the shadow of a [`Text`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The span from `start` to `end`, in bytes of the shadow.
    ///
    /// # Panics
    /// When `end < start`, or a position does not fit 32 bits ([`Text`] never makes such a position).
    pub fn new(start: usize, end: usize) -> Self {
        assert!(start <= end, "a span ends before it starts: {start}..{end}");
        let fit = |at| u32::try_from(at).expect("a text is shorter than 4 GiB");
        Self { start: fit(start), end: fit(end) }
    }

    /// The first byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// The byte behind the last.
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end() - self.start()
    }

    /// Whether the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The span as an index range.
    pub fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// Whether `other` lies inside this span (equal spans do).
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// Which character each character is read as.
///
/// Built once from the table of traditional characters; a lookup is one array access in the basic plane.
pub struct Folding {
    /// Indexed by code point; 0 where a character stays as it is.
    basic: Box<[u16; 0x1_0000]>,
}

impl Folding {
    /// The fold for case and width, and for the given pairs (traditional, simplified).
    pub fn new(traditional: impl IntoIterator<Item = (char, char)>) -> Self {
        let mut basic: Box<[u16; 0x1_0000]> =
            vec![0; 0x1_0000].into_boxed_slice().try_into().expect("the length is the array's");
        let mut set = |from: char, to: char| {
            if let (Ok(from), Ok(to)) = (u16::try_from(u32::from(from)), u16::try_from(u32::from(to))) {
                basic[usize::from(from)] = to;
            }
        };
        for (from, to) in traditional {
            set(from, to);
        }
        // Letters with a capital: Latin, Greek, Cyrillic, Armenian. A capital that becomes several letters stays.
        for from in ('A'..='\u{58f}').chain('\u{1e00}'..='\u{1fff}') {
            let mut lower = from.to_lowercase();
            if let (Some(to), None) = (lower.next(), lower.next())
                && to != from
            {
                set(from, to);
            }
        }
        // Full-width forms, but for the marks that Chinese text has in full width as a rule: those carry structure,
        // and folding them would make the runs of the offset map dense.
        for from in '\u{ff01}'..='\u{ff5e}' {
            if !"，：；！？（）".contains(from) {
                let half = u8::try_from(u32::from(from) - 0xfee0).expect("ff01..=ff5e lies 0xfee0 over ASCII");
                set(from, char::from(half.to_ascii_lowercase()));
            }
        }
        for (from, to) in [
            ('￥', '¥'),
            ('￡', '£'),
            ('￠', '¢'),
            ('￦', '₩'),
            ('﹪', '%'),
            ('﹩', '$'),
            ('−', '-'),
            ('‐', '-'),
            ('‑', '-'),
            ('﹣', '-'),
            ('〜', '~'),
            ('∼', '~'),
            ('•', '·'),
            ('・', '·'),
            ('‧', '·'),
            ('∙', '·'),
            ('⋅', '·'),
            ('\u{a0}', ' '),
            ('\u{3000}', ' '),
            ('\u{202f}', ' '),
            ('\u{205f}', ' '),
            ('\t', ' '),
            ('〇', '零'),
            ('○', '零'),
        ] {
            set(from, to);
        }
        for space in '\u{2000}'..='\u{200a}' {
            set(space, ' ');
        }
        Self { basic }
    }

    /// What `c` is read as.
    #[inline]
    pub fn fold(&self, c: char) -> char {
        match self.basic.get(c as usize) {
            None | Some(0) => c,
            Some(&to) => char::from_u32(u32::from(to)).unwrap_or(c),
        }
    }
}

/// A stretch of characters that all have the same lengths in shadow and source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// First byte in the shadow.
    shadow: u32,
    /// First byte in the source.
    source: u32,
    /// Bytes of one character in the shadow, 0 where bytes correspond one to one.
    shadow_step: u8,
    /// Bytes of one character in the source.
    source_step: u8,
}

/// Which byte of the source a byte of the shadow stands for.
///
/// ```text
/// source  Ａ Ｉ 估 值      3+3+3+3 bytes
/// shadow  a  i  估 值      1+1+3+3 bytes
/// runs    (shadow 0, source 0, 1 → 3) (shadow 2, source 6, one to one)
/// ```
#[derive(Clone, Debug)]
pub struct OffsetMap {
    runs: Vec<Run>,
}

impl OffsetMap {
    fn new() -> Self {
        Self { runs: vec![Run { shadow: 0, source: 0, shadow_step: 0, source_step: 0 }] }
    }

    /// Notes a replaced character at these bytes, or the return to one to one (steps 0).
    fn push(&mut self, shadow: usize, source: usize, steps: (u8, u8)) {
        let last = self.runs.last().expect("there is always a first run");
        if (last.shadow_step, last.source_step) == steps {
            return;
        }
        let run = Run { shadow: shadow as u32, source: source as u32, shadow_step: steps.0, source_step: steps.1 };
        if last.shadow == run.shadow {
            self.runs.pop();
        }
        self.runs.push(run);
    }

    fn run(&self, shadow: u32) -> &Run {
        let behind = self.runs.partition_point(|run| run.shadow <= shadow);
        &self.runs[behind - 1]
    }

    /// The source bytes under these shadow bytes, snapped outward to borders of replaced characters.
    pub fn source_range(&self, span: Span) -> Range<usize> {
        let map = |at: u32, up: bool| {
            let run = self.run(at);
            let into = at - run.shadow;
            let into = match u32::from(run.shadow_step) {
                0 => into,
                step => (if up { into.div_ceil(step) } else { into / step }) * u32::from(run.source_step),
            };
            (run.source + into) as usize
        };
        map(span.start, false)..map(span.end, true)
    }

    /// How many runs the map needs: a measure of how much was folded.
    pub fn runs(&self) -> usize {
        self.runs.len()
    }
}

/// A document: the source as given, its shadow, and the map between the two.
#[derive(Clone, Debug)]
pub struct Text {
    source: String,
    shadow: String,
    map: OffsetMap,
}

/// Longest source that positions of 32 bits can hold, in bytes; the rest of a longer one is not read.
pub const LONGEST: usize = u32::MAX as usize / 2;

impl Text {
    /// Folds `source`. A source over [`LONGEST`] bytes is read up to the last whole character before that.
    pub fn new(source: &str, folding: &Folding) -> Self {
        Self::of(source[..source.floor_char_boundary(LONGEST)].to_owned(), folding)
    }

    /// Folds `source` without making a copy of it.
    pub fn of(mut source: String, folding: &Folding) -> Self {
        source.truncate(source.floor_char_boundary(LONGEST));
        let mut shadow = String::with_capacity(source.len());
        let mut map = OffsetMap::new();
        for (at, c) in source.char_indices() {
            let to = folding.fold(c);
            let (from_len, to_len) = (c.len_utf8(), to.len_utf8());
            let steps = if from_len == to_len { (0, 0) } else { (to_len as u8, from_len as u8) };
            map.push(shadow.len(), at, steps);
            shadow.push(to);
        }
        Self { source, shadow, map }
    }

    /// The text as given, back again.
    pub fn into_source(self) -> String {
        self.source
    }

    /// The text as given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text as read.
    pub fn shadow(&self) -> &str {
        &self.shadow
    }

    /// The whole shadow as a span.
    pub fn span(&self) -> Span {
        Span::new(0, self.shadow.len())
    }

    /// The shadow under a span.
    #[inline]
    pub fn read(&self, span: Span) -> &str {
        &self.shadow[span.range()]
    }

    /// The source under a span: what stands in the document, case and script kept.
    pub fn surface(&self, span: Span) -> &str {
        &self.source[self.map.source_range(span)]
    }

    /// The source bytes under a span.
    pub fn source_range(&self, span: Span) -> Range<usize> {
        self.map.source_range(span)
    }

    /// The map from shadow to source.
    pub fn map(&self) -> &OffsetMap {
        &self.map
    }

    /// Whether a position of the shadow lies inside a Latin word or a number.
    pub fn inside_word(&self, at: usize) -> bool {
        let bytes = self.shadow.as_bytes();
        at > 0 && at < bytes.len() && bytes[at - 1].is_ascii_alphanumeric() && bytes[at].is_ascii_alphanumeric()
    }

    /// The character before a position of the shadow.
    #[inline]
    pub fn before(&self, at: usize) -> Option<char> {
        self.shadow[..at].chars().next_back()
    }

    /// The character at a position of the shadow.
    #[inline]
    pub fn after(&self, at: usize) -> Option<char> {
        self.shadow[at..].chars().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> Text {
        Text::new(source, &Folding::new([('億', '亿'), ('達', '达')]))
    }

    #[test]
    fn folds_width_script_and_case() {
        let text = text("ＧＰＴ－４估值１００億，输给英偉達");
        assert_eq!(text.shadow(), "gpt-4估值100亿，输给英偉达");
        let at = text.shadow().find("100亿").unwrap();
        assert_eq!(text.surface(Span::new(at, at + "100亿".len())), "１００億");
    }

    #[test]
    fn runs_are_as_many_as_changes_of_width() {
        assert_eq!(text("没有折叠的文字，plain ASCII, too").map().runs(), 1);
        assert_eq!(text("前１２３后").map().runs(), 3);
    }

    #[test]
    fn an_empty_span_maps_to_an_empty_range() {
        let text = text("１２");
        assert_eq!(text.source_range(Span::new(1, 1)), 3..3);
    }
}
