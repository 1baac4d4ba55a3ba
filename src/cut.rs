//! Cuts a stream of bytes into documents: lines, JSON values, rows of a table; `a,"b⏎c"⏎d,e` is two rows.
//!
//! Law: every byte of the stream is in one piece or between two, and no more than the limit is held of it. A fault ends
//! a piece and never the stream, as long as the stream itself can be read.

use std::collections::VecDeque;
use std::io::{self, BufRead};

/// Why reading stopped before its end.
#[derive(Debug)]
pub enum Stop {
    /// Whoever takes the items wants no more.
    Enough,
    /// An error of the system: a file vanished, a disk cannot be read.
    System(io::Error),
}

impl From<io::Error> for Stop {
    fn from(why: io::Error) -> Self {
        Self::System(why)
    }
}

/// Whether to go on.
pub type Flow = Result<(), Stop>;

/// What is kept of something too long to be read, in bytes.
pub const REMNANT: usize = 1000;

/// Cuts a stream into pieces no longer than a limit, each with its line or number.
pub type Cutter<'a> = &'a dyn Fn(&mut dyn BufRead, usize, &mut dyn FnMut(u64, Cut) -> Flow) -> Flow;

/// Something cut out.
#[derive(Debug)]
pub enum Cut {
    /// All of it.
    Whole(Vec<u8>),
    /// Too long: its length and its beginning.
    Long(usize, Vec<u8>),
    /// The input ends within it.
    Open(Vec<u8>),
    /// The line of a table that opens a quote which nothing closes.
    Unquoted(Vec<u8>),
    /// The input cannot be read on: why, and what was read of it.
    Damaged(io::Error, Vec<u8>),
}

/// Collects a piece, of which only the beginning is kept once it is over the limit.
struct Piece {
    bytes: Vec<u8>,
    length: usize,
    limit: usize,
}

impl Piece {
    fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), length: 0, limit }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        if self.length <= self.limit {
            self.bytes.extend_from_slice(bytes);
        } else if self.bytes.len() > REMNANT {
            self.bytes.truncate(REMNANT);
            self.bytes.shrink_to_fit();
        }
    }

    fn take(&mut self) -> Cut {
        let bytes = std::mem::take(&mut self.bytes);
        let length = std::mem::take(&mut self.length);
        if length <= self.limit { Cut::Whole(bytes) } else { Cut::Long(length, bytes) }
    }
}

/// Reads line by line.
struct Lines<'a> {
    reader: &'a mut dyn BufRead,
    newline: u8,
    piece: Piece,
    number: u64,
    ended: bool,
}

impl<'a> Lines<'a> {
    fn new(reader: &'a mut dyn BufRead, newline: u8, limit: usize) -> Self {
        Self { reader, newline, piece: Piece::new(limit), number: 1, ended: false }
    }

    /// The next line and its number: whole, too long, or damaged, and then the last.
    fn next(&mut self) -> Result<Option<(u64, Cut)>, Stop> {
        while !self.ended {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
                Err(why) if why.raw_os_error().is_some() => return Err(why.into()),
                Err(why) => {
                    self.ended = true;
                    return Ok(Some((self.number, Cut::Damaged(why, std::mem::take(&mut self.piece.bytes)))));
                }
            };
            if available.is_empty() {
                self.ended = true;
                return Ok((self.piece.length > 0).then(|| (self.number, self.piece.take())));
            }
            let newline = memchr::memchr(self.newline, available);
            let end = newline.unwrap_or(available.len());
            self.piece.push(&available[..end]);
            self.reader.consume(end + usize::from(newline.is_some()));
            if newline.is_some() {
                self.number += 1;
                return Ok(Some((self.number - 1, self.piece.take())));
            }
        }
        Ok(None)
    }
}

fn is_blank(cut: &Cut) -> bool {
    matches!(cut, Cut::Whole(bytes) if bytes.trim_ascii().is_empty())
}

/// Lines that are not blank, with their numbers.
///
/// # Errors
/// What `on` said, or an error of the system.
pub fn lines(reader: &mut dyn BufRead, limit: usize, on: &mut dyn FnMut(u64, Cut) -> Flow) -> Flow {
    let mut lines = Lines::new(reader, b'\n', limit);
    while let Some((number, cut)) = lines.next()? {
        if !is_blank(&cut) {
            on(number, cut)?;
        }
    }
    Ok(())
}

/// How a table in text form is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What separates fields.
    pub delimiter: u8,
    /// What ends a row, where it is not within quotes.
    pub newline: u8,
}

/// Where in a row one is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the beginning of a field, where a quote opens.
    Start,
    /// In a field without quotes.
    Plain,
    /// Within quotes.
    Quoted,
    /// Behind a quote, which closes unless another follows.
    Closed,
    /// In the blanks behind a closing quote.
    Blank,
}

/// What is known of a row so far.
#[derive(Clone, Copy)]
struct Scan {
    place: Place,
    fields: usize,
    /// Whether something stands between a closing quote and the end of its field: that quote may have been meant to
    /// open, and the one before it to close.
    odd: bool,
}

impl Scan {
    const NEW: Self = Self { place: Place::Start, fields: 1, odd: false };

    /// Goes on over a line.
    fn over(mut self, line: &[u8], delimiter: u8) -> Self {
        let mut at = 0;
        while let Some(&byte) = line.get(at) {
            let (next, place) = match self.place {
                Place::Quoted => (memchr::memchr(b'"', &line[at..]), Place::Closed),
                Place::Plain => (memchr::memchr(delimiter, &line[at..]), Place::Start),
                _ if byte == delimiter => (Some(0), Place::Start),
                Place::Start | Place::Closed if byte == b'"' => (Some(0), Place::Quoted),
                Place::Start => (Some(0), Place::Plain),
                Place::Closed | Place::Blank if byte.is_ascii_whitespace() => (Some(0), Place::Blank),
                Place::Closed | Place::Blank => {
                    self.odd = true;
                    (Some(0), Place::Plain)
                }
            };
            let Some(next) = next else { return self };
            self.fields += usize::from(place == Place::Start);
            self.place = place;
            at += next + 1;
        }
        self
    }
}

/// The fields of a row, as every reader of such tables takes them: a doubled quote within quotes is one, a quote in
/// the middle of a field is itself.
pub fn fields(row: &[u8], delimiter: u8) -> Vec<Vec<u8>> {
    let mut rest = row.strip_suffix(b"\r").unwrap_or(row);
    let mut fields = Vec::new();
    loop {
        let mut field = Vec::new();
        let mut quoted = rest.strip_prefix(b"\"");
        while let Some(inside) = quoted {
            let end = memchr::memchr(b'"', inside).unwrap_or(inside.len());
            field.extend_from_slice(&inside[..end]);
            rest = inside.get(end + 1..).unwrap_or_default();
            quoted = rest.strip_prefix(b"\"");
            if quoted.is_some() {
                field.push(b'"');
            }
        }
        let end = memchr::memchr(delimiter, rest);
        field.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
        fields.push(field);
        let Some(end) = end else { return fields };
        rest = &rest[end + 1..];
    }
}

/// The lines of a row as one.
fn joined(row: &mut Vec<(u64, Vec<u8>)>, newline: u8) -> Vec<u8> {
    let mut lines = row.drain(..).map(|(_, line)| line);
    let mut joined = lines.next().unwrap_or_default();
    for line in lines {
        joined.push(newline);
        joined.extend_from_slice(&line);
    }
    joined
}

/// The rows of a table, with the numbers of the lines that they begin in.
///
/// A quote that is not closed would make one field of all that follows. Such a row is given up when it gets too long,
/// has far too many fields, or has text behind a quote that closes in a later line; then its first line alone is left
/// out, and the lines behind it are read once more.
///
/// # Errors
/// What `on` said, or an error of the system.
pub fn rows(reader: &mut dyn BufRead, dialect: Dialect, limit: usize, on: &mut dyn FnMut(u64, Cut) -> Flow) -> Flow {
    let Dialect { delimiter, newline } = dialect;
    let mut lines = Lines::new(reader, newline, limit);
    // Lines of a row that was given up, to be read once more.
    let mut again: VecDeque<(u64, Vec<u8>)> = VecDeque::new();
    // Lines of the row in hand, and their length.
    let mut row: Vec<(u64, Vec<u8>)> = Vec::new();
    let (mut length, mut scan, mut width) = (0, Scan::NEW, None);
    let mut end: Option<(u64, Cut)> = None;
    loop {
        let next = match again.pop_front() {
            Some((number, line)) => Some((number, Cut::Whole(line))),
            None if end.is_some() => None,
            None => lines.next()?,
        };
        match next {
            Some((_, cut)) if row.is_empty() && is_blank(&cut) => continue,
            Some((number, Cut::Whole(line))) if length + line.len() <= limit || row.is_empty() => {
                scan = scan.over(&line, delimiter);
                length += line.len() + 1;
                row.push((number, line));
                let many = width.is_some_and(|width| scan.fields > 4 * width + 64);
                let given_up = row.len() > 1 && (scan.odd || many);
                if scan.place == Place::Quoted && !given_up {
                    continue;
                }
                if !given_up {
                    width.get_or_insert(scan.fields);
                    let number = row[0].0;
                    on(number, Cut::Whole(joined(&mut row, newline)))?;
                    (length, scan) = (0, Scan::NEW);
                    continue;
                }
            }
            Some((number, cut)) if row.is_empty() => {
                let last = matches!(cut, Cut::Damaged(..));
                on(number, cut)?;
                if last {
                    return Ok(());
                }
                continue;
            }
            Some((number, Cut::Whole(line))) => again.push_front((number, line)),
            Some(other) => end = Some(other),
            None if row.is_empty() => match end.take() {
                Some((number, cut)) => on(number, cut)?,
                None => return Ok(()),
            },
            None => {}
        }
        // The row is given up.
        let mut given_up = std::mem::take(&mut row).into_iter();
        (length, scan) = (0, Scan::NEW);
        if let Some((number, line)) = given_up.next() {
            on(number, Cut::Unquoted(line))?;
        }
        for line in given_up.rev() {
            again.push_front(line);
        }
    }
}

/// The elements of an array, or values one after the other; counted from one.
///
/// # Errors
/// What `on` said, or an error of the system.
pub fn values(reader: &mut dyn BufRead, limit: usize, on: &mut dyn FnMut(u64, Cut) -> Flow) -> Flow {
    let mut piece = Piece::new(limit);
    let (mut number, mut depth, mut in_array, mut in_string, mut escaped) = (1, 0usize, false, false, false);
    loop {
        let available = match reader.fill_buf() {
            Ok(available) => available,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
            Err(why) if why.raw_os_error().is_some() => return Err(why.into()),
            Err(why) => return on(number, Cut::Damaged(why, piece.bytes)),
        };
        if available.is_empty() {
            if piece.length == 0 && !in_array {
                return Ok(());
            }
            return on(number, Cut::Open(piece.bytes));
        }
        let length = available.len();
        let mut from = 0;
        for (index, &byte) in available.iter().enumerate() {
            if in_string {
                if escaped {
                    escaped = false;
                } else if byte == b'\\' {
                    escaped = true;
                } else if byte == b'"' {
                    in_string = false;
                }
                continue;
            }
            let at_rest = depth == 0 && piece.length == 0 && from == index;
            let mut complete = false;
            match byte {
                b'"' => in_string = true,
                b'[' if at_rest && !in_array => {
                    in_array = true;
                    from = index + 1;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    complete = depth == 0;
                }
                b']' if in_array => {
                    // Whatever stands between the last comma and the end is a value that is none.
                    piece.push(&available[from..index]);
                    from = index + 1;
                    in_array = false;
                    if piece.length > 0 {
                        emit(&mut piece, &mut number, on)?;
                    }
                }
                b',' if depth == 0 => {
                    piece.push(&available[from..index]);
                    from = index + 1;
                    if piece.length > 0 {
                        emit(&mut piece, &mut number, on)?;
                    }
                }
                b' ' | b'\t' | b'\r' | b'\n' if at_rest => from = index + 1,
                b'\n' if depth == 0 => {
                    // A scalar outside of any object ends with its line.
                    piece.push(&available[from..index]);
                    from = index + 1;
                    if piece.length > 0 {
                        emit(&mut piece, &mut number, on)?;
                    }
                }
                _ => {}
            }
            if complete {
                piece.push(&available[from..=index]);
                from = index + 1;
                emit(&mut piece, &mut number, on)?;
            }
        }
        piece.push(&available[from..]);
        reader.consume(length);
    }
}

/// Hands a value on.
fn emit(piece: &mut Piece, number: &mut u64, on: &mut dyn FnMut(u64, Cut) -> Flow) -> Flow {
    let cut = piece.take();
    let at = *number;
    *number += 1;
    on(at, cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    const COMMAS: Dialect = Dialect { delimiter: b',', newline: b'\n' };

    /// The pieces of a table, each as its line and its text; one not closed with `!`.
    fn table(text: &str, limit: usize) -> Vec<String> {
        let mut found = Vec::new();
        // A small buffer, so that lines lie across its borders.
        let mut reader = BufReader::with_capacity(5, text.as_bytes());
        let flow = rows(&mut reader, COMMAS, limit, &mut |line, cut| {
            let (sign, bytes) = match cut {
                Cut::Whole(bytes) => ("", bytes),
                Cut::Unquoted(bytes) => ("!", bytes),
                Cut::Long(_, bytes) => ("long ", bytes),
                other => panic!("{other:?}"),
            };
            found.push(format!("{line}{sign} {}", String::from_utf8(bytes).unwrap()));
            Ok(())
        });
        assert!(flow.is_ok());
        found
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_its_line_alone() {
        let found = table("id,t\n1,\"a\nb\"\n\n2,\"open\n3,c\n4,d\n", 1000);
        assert_eq!(found, ["1 id,t", "2 1,\"a\nb\"", "5! 2,\"open", "6 3,c", "7 4,d"]);
        // The quotes of the rows behind it close it and open anew, in turns.
        let found = table("id,t\n1,\"open\n2,\"b\"\n3,\"c\nc\"\n", 1000);
        assert_eq!(found, ["1 id,t", "2! 1,\"open", "3 2,\"b\"", "4 3,\"c\nc\""]);
        // Nothing closes it within the limit.
        let found = table(&format!("id,t\n1,\"open\n{}", "2,b\n".repeat(100)), 50);
        assert_eq!((found.len(), &*found[1], &*found[101]), (102, "2! 1,\"open", "102 2,b"));
        // A line over the limit behind it.
        let found = table(&format!("id,t\n1,\"open\n2,{}\n3,d\n", "b".repeat(100)), 50);
        assert_eq!((found.len(), &*found[1], &*found[3]), (4, "2! 1,\"open", "4 3,d"));
    }

    #[test]
    fn what_opens_a_quote_again_and_again_takes_no_longer() {
        let text = "id,t\n".to_owned() + &"x\",\"b\n".repeat(200_000) + &"y,\"\"\"\n".repeat(200_000);
        assert!(table(&text, 1 << 20).len() > 200_000);
    }

    proptest! {
        #[test]
        fn rows_are_those_of_any_other_reader(
            table in prop::collection::vec(prop::collection::vec("[ab,\"\n\r京]{0,6}", 2..4), 1..8)
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let mut found: Vec<Vec<String>> = Vec::new();
            let mut reader = BufReader::with_capacity(7, &bytes[..]);
            rows(&mut reader, COMMAS, 1000, &mut |_, cut| {
                let Cut::Whole(row) = cut else { panic!("{cut:?}") };
                found.push(fields(&row, b',').into_iter().map(|field| String::from_utf8(field).unwrap()).collect());
                Ok(())
            }).unwrap();
            prop_assert_eq!(found, table);
        }
    }
}
