//! Bytes to text: `B0 A2 C0 EF` is 阿里 in GBK, `AA FC A8 BD` is 阿里 in Big5.
//!
//! A flag of the user is trusted first, then a byte order mark, then what the document declares, then what the bytes
//! look like. Broken bytes become U+FFFD and are counted; nothing fails.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, CoderResult, Decoder, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{BufRead, Read};

/// How the bytes of an input become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// One encoding for all of the input.
    Known(&'static Encoding),
    /// The beginning is plain ASCII and tells nothing: each document is looked at by itself.
    Ascii,
}

impl Charset {
    /// The encoding of a label such as `gbk`, `big5`, `utf-16le`. GBK is read as GB18030, which contains it.
    pub fn named(label: &str) -> Option<&'static Encoding> {
        Encoding::for_label(label.trim().as_bytes()).map(|encoding| if encoding == GBK { GB18030 } else { encoding })
    }

    /// The encoding that a sample from the beginning is in, and the length of its byte order mark.
    pub fn detect(sample: &[u8], declared: Option<&str>) -> (Self, usize) {
        if let Some((encoding, length)) = Encoding::for_bom(sample) {
            return (Self::Known(encoding), length);
        }
        if let Some(encoding) = declared.and_then(Self::named) {
            return (Self::Known(encoding), 0);
        }
        if let Some(encoding) = utf16(sample) {
            return (Self::Known(encoding), 0);
        }
        if sample.is_ascii() {
            return (Self::Ascii, 0);
        }
        (Self::Known(guess(sample)), 0)
    }

    /// The name as the Encoding Standard writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Known(encoding) => encoding.name(),
            Self::Ascii => "ASCII",
        }
    }

    /// Whether lines and fields can be cut apart before decoding: no byte of a longer character is a newline or a comma.
    pub fn is_ascii_compatible(self) -> bool {
        !matches!(self, Self::Known(encoding) if encoding == UTF_16BE || encoding == UTF_16LE)
    }

    /// Whether the bytes are UTF-8 as they stand, so that JSON can be cut apart before decoding. In GBK and Big5 the
    /// second byte of a character may be a bracket or a backslash.
    pub fn is_utf8(self) -> bool {
        matches!(self, Self::Ascii) || self == Self::Known(UTF_8)
    }

    /// The text, and how often broken bytes were replaced.
    pub fn decode(self, bytes: Vec<u8>) -> (String, u64) {
        let encoding = match self {
            Self::Known(encoding) => encoding,
            Self::Ascii if bytes.is_ascii() => UTF_8,
            Self::Ascii => guess(&bytes),
        };
        if encoding == UTF_8 {
            return match String::from_utf8(bytes) {
                Ok(text) => (text, 0),
                Err(broken) => replaced(UTF_8, broken.as_bytes()),
            };
        }
        match encoding.decode_without_bom_handling_and_without_replacement(&bytes) {
            Some(text) => (text.into_owned(), 0),
            None => replaced(encoding, &bytes),
        }
    }
}

/// Decodes bytes that are known to be broken somewhere.
fn replaced(encoding: &'static Encoding, bytes: &[u8]) -> (String, u64) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len()));
    let (mut broken, mut at) = (0, 0);
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(&bytes[at..], &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return (text, broken),
            DecoderResult::Malformed(..) => {
                broken += 1;
                text.push('\u{FFFD}');
            }
            DecoderResult::OutputFull => text.reserve(bytes.len() - at + 16),
        }
    }
}

/// UTF-16 without a mark: Chinese text in it has its high bytes in a few rows, ASCII has zeros there.
fn utf16(sample: &[u8]) -> Option<&'static Encoding> {
    let pairs = sample.len() / 2;
    if pairs < 2 || std::str::from_utf8(sample).is_ok_and(|text| !text.contains('\0')) {
        return None;
    }
    let share = |first: usize| {
        let high = sample.iter().skip(first).step_by(2).take(pairs);
        let likely = |byte: &u8| *byte == 0 || *byte == 0x30 || *byte == 0xFF || (0x4E..=0x9F).contains(byte);
        let zeros = high.clone().filter(|byte| **byte == 0).count();
        // Without one newline, digit or Latin letter there is no zero byte, and no way to tell it from GBK.
        if zeros == 0 { 0 } else { high.filter(|byte| likely(byte)).count() }
    };
    let (big, little) = (share(0), share(1));
    let enough = pairs * 9 / 10;
    match big.max(little) {
        best if best < enough.max(1) => None,
        best if best == little && little > big => Some(UTF_16LE),
        best if best == big && big > little => Some(UTF_16BE),
        _ => None,
    }
}

/// What encoding bytes that are not all ASCII look like: UTF-8, GB18030 or Big5, or what else the detector finds.
fn guess(bytes: &[u8]) -> &'static Encoding {
    // The first 64 KB decide; more costs time and says no more.
    let sample = &bytes[..bytes.len().min(1 << 16)];
    let whole = sample.len() == bytes.len();
    let (mut good, mut bad) = (0u64, 0u64);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
        bad += u64::from(!chunk.invalid().is_empty());
    }
    // A few broken bytes in UTF-8 are far likelier than another encoding that looks like UTF-8; the cut of the sample
    // may break one character more.
    if bad <= u64::from(!whole) || bad * 5 <= good {
        return UTF_8;
    }
    // Either Chinese encoding reads most bytes of the other, but into characters of private use or into none.
    let odd = |encoding| {
        let (text, broken) = replaced(encoding, sample);
        broken + text.chars().filter(|c| matches!(c, '\u{e000}'..='\u{f8ff}')).count() as u64
    };
    let (gb, big5) = (odd(GB18030), odd(BIG5));
    let limit = 1 + sample.len() as u64 / 200;
    match gb.min(big5) {
        least if least > limit => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(sample, whole);
            detector.guess(Some(b"cn"), Utf8Detection::Deny)
        }
        _ if big5 < gb => BIG5,
        _ => GB18030,
    }
}

/// A stream of another encoding as UTF-8, with broken bytes replaced.
pub struct Utf8Reader<R> {
    inner: R,
    decoder: Decoder,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: BufRead> Utf8Reader<R> {
    /// Reads `inner`, whose byte order mark is already behind, as `encoding`.
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { inner, decoder, buffer: Vec::new(), at: 0, ended: false }
    }
}

impl<R: BufRead> BufRead for Utf8Reader<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        while self.at == self.buffer.len() && !self.ended {
            let input = self.inner.fill_buf()?;
            let last = input.is_empty();
            // Three bytes of UTF-8 for each unit, and room for what the decoder held back.
            self.buffer.resize(input.len() * 3 + 32, 0);
            let (result, read, written, _) = self.decoder.decode_to_utf8(input, &mut self.buffer, last);
            self.inner.consume(read);
            self.buffer.truncate(written);
            self.at = 0;
            self.ended = last && result == CoderResult::InputEmpty;
        }
        Ok(&self.buffer[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl<R: BufRead> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// The encoding that an HTML page declares in its first kilobytes: `<meta charset="gb2312">`, `charset=big5`.
pub fn declared_in_html(page: &[u8]) -> Option<String> {
    let head = &page[..page.len().min(4096)];
    let at = head.windows(7).position(|window| window.eq_ignore_ascii_case(b"charset"))?;
    let rest = head[at + 7..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_".contains(byte)).unwrap_or(rest.len());
    std::str::from_utf8(&rest[..end]).ok().filter(|label| !label.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWS: &str =
        "阿里巴巴集團今日宣布，第三季營收較去年同期增長百分之八，達到兩千四百億元。張勇表示，公司將繼續投資。";
    const SIMPLIFIED: &str = "阿里巴巴集团今日宣布，第三季营收同比增长8%，达到2400亿元。张勇表示，公司将继续投资。";

    fn round(text: &str, encoding: &'static Encoding) -> (String, u64, &'static str) {
        let (bytes, ..) = encoding.encode(text);
        let (charset, bom) = Charset::detect(&bytes, None);
        let (decoded, broken) = charset.decode(bytes[bom..].to_vec());
        (decoded, broken, charset.name())
    }

    #[test]
    fn chinese_encodings_are_told_apart() {
        assert_eq!(round(NEWS, BIG5), (NEWS.to_owned(), 0, "Big5"));
        assert_eq!(round(SIMPLIFIED, GB18030), (SIMPLIFIED.to_owned(), 0, "gb18030"));
        assert_eq!(round(SIMPLIFIED, UTF_8), (SIMPLIFIED.to_owned(), 0, "UTF-8"));
    }

    #[test]
    fn utf16_is_found_with_and_without_a_mark() {
        for mark in [true, false] {
            let little: Vec<u8> = SIMPLIFIED.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = SIMPLIFIED.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for (bytes, bom) in [(little, [0xFF, 0xFE]), (big, [0xFE, 0xFF])] {
                let bytes = if mark { [&bom, &*bytes].concat() } else { bytes };
                let (charset, skip) = Charset::detect(&bytes, None);
                assert_eq!(charset.decode(bytes[skip..].to_vec()), (SIMPLIFIED.to_owned(), 0));
                let mut text = String::new();
                let Charset::Known(encoding) = charset else { panic!("UTF-16 not found") };
                Utf8Reader::new(&bytes[skip..], encoding).read_to_string(&mut text).unwrap();
                assert_eq!(text, SIMPLIFIED);
            }
        }
    }

    #[test]
    fn broken_bytes_are_replaced_and_counted() {
        let mut bytes = SIMPLIFIED.as_bytes().to_vec();
        bytes[0] = 0xFF;
        let (charset, _) = Charset::detect(&bytes, None);
        assert_eq!(charset.name(), "UTF-8");
        let (text, broken) = charset.decode(bytes);
        assert!(broken > 0 && text.starts_with('\u{FFFD}') && text.ends_with("公司将继续投资。"));
    }

    #[test]
    fn a_page_says_its_encoding() {
        assert_eq!(
            declared_in_html(b"<meta http-equiv=\"x\" content=\"text/html; charset=GB2312\">").unwrap(),
            "GB2312"
        );
        assert_eq!(declared_in_html(b"<meta charset='big5'>").unwrap(), "big5");
        assert_eq!(declared_in_html(b"<p>"), None);
    }
}
