//! Sentences: `“走吧。”他说。估值3.5亿` is `“走吧。”`, `他说。`, `估值3.5亿`.
//!
//! A sentence ends behind 。！？；… and the quotes and brackets that close there, at a line end, and behind an ASCII
//! stop that is no decimal point and no abbreviation. Law: sentences are sorted, disjoint, hold no line end, and
//! cover every character that is not white space.

use crate::text::{Span, Text};

/// A sentence is cut here at the latest, so that later stages work on bounded pieces; in bytes.
const LONGEST: usize = 3000;

/// The sentences of a text, without the white space around them.
pub fn sentences(text: &Text) -> Vec<Span> {
    let shadow = text.shadow();
    let mut sentences = Vec::with_capacity(shadow.len() / 60 + 1);
    let mut start = 0;
    let mut last_comma = 0;
    let mut chars = shadow.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let behind = at + c.len_utf8();
        let end = match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' | '\u{85}' => Some(at),
            '。' | '！' | '？' | '；' | '…' | '!' | '?' | ';' => Some(behind),
            '.' if is_stop(shadow, start, at) => Some(behind),
            '，' | ',' | '、' | '：' => {
                last_comma = behind;
                (behind - start > LONGEST).then_some(behind)
            }
            _ if behind - start > LONGEST => Some(if last_comma > start { last_comma } else { behind }),
            _ => None,
        };
        let Some(mut end) = end else { continue };
        if end == behind {
            // Further stops (？！, ……) and what closes behind them belong to the sentence.
            while let Some((next, c)) = chars.next_if(|&(_, c)| is_closing(c) || is_terminal(c)) {
                end = next + c.len_utf8();
            }
        }
        push(&mut sentences, shadow, start, end);
        start = end;
    }
    push(&mut sentences, shadow, start, shadow.len());
    sentences
}

fn push(sentences: &mut Vec<Span>, shadow: &str, start: usize, end: usize) {
    let piece = &shadow[start..end];
    let trimmed = piece.trim_start();
    let start = start + piece.len() - trimmed.len();
    let trimmed = trimmed.trim_end();
    if !trimmed.is_empty() {
        sentences.push(Span::new(start, start + trimmed.len()));
    }
}

fn is_terminal(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '…' | '!' | '?')
}

fn is_closing(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '】' | '》' | '〉' | ']' | '"')
}

/// Whether the ASCII full stop at `at` ends a sentence: not within a number or a word (3.5, openai.com), not behind a
/// number that opens the line (`1. 背景`), a single letter (`J. Smith`) or a usual abbreviation.
fn is_stop(shadow: &str, start: usize, at: usize) -> bool {
    let next = shadow[at + 1..].chars().next();
    if next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_' || c == '-') {
        return false;
    }
    let before = &shadow[start..at];
    let word_start = before
        .rfind(|c: char| !c.is_ascii_alphanumeric())
        .map_or(0, |n| n + before[n..].chars().next().map_or(1, char::len_utf8));
    let word = &before[word_start..];
    let opens_line = before[..word_start].trim().is_empty();
    let numbered = opens_line && !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let initial = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    !(numbered || initial || ABBREVIATIONS.contains(&word))
}

/// English abbreviations that end in a full stop inside a sentence, folded.
const ABBREVIATIONS: [&str; 22] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "inc", "corp", "co", "ltd", "llc", "plc", "vs", "etc", "no",
    "vol", "fig", "dept", "gov", "gen",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn split(source: &str) -> Vec<String> {
        let text = Text::new(source, &crate::lexicon::folding());
        sentences(&text).into_iter().map(|span| text.surface(span).to_owned()).collect()
    }

    #[test]
    fn stops_take_what_closes_behind_them() {
        assert_eq!(split("“走吧。”他说。估值3.5亿"), ["“走吧。”", "他说。", "估值3.5亿"]);
        assert_eq!(split("真的？！（假的！）\n\n  标题\r\n正文……"), ["真的？！", "（假的！）", "标题", "正文……"]);
    }

    #[test]
    fn ascii_stops_end_a_sentence_only_between_words() {
        assert_eq!(split("1. 见openai.com官网.第二句."), ["1. 见openai.com官网.", "第二句."]);
        assert_eq!(split("J. Smith与Apple Inc. 签约"), ["J. Smith与Apple Inc. 签约"]);
    }
}
