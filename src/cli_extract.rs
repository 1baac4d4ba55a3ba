//! `tiqu extract`: a corpus to records.

use crate::batch::{Batch, Note, Outcome, Progress, Tally, top};
use crate::decode::Charset;
use crate::heap;
use crate::item::{self, Fields};
use crate::mention::Kind;
use crate::options::{FINE, SOME_FAILED, Settings, closed};
use crate::reader::{self, Event, Meter, Stop};
use crate::record::Offsets;
use crate::source::{self, Walk};
use crate::view::{Paint, counted};
use crate::write::{Form, Format, Pack, Packed, TEMPORARY, content};
use crate::{Error, Result};
use clap::Args;
use encoding_rs::Encoding;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Rejects that are told one by one when they are also written to a file.
const TOLD: u64 = 10;

/// What is said of a corpus without a document.
pub(crate) const NO_INPUT: &str =
    "no document found; in folders, files are taken by their endings, such as .txt .html .jsonl .csv .parquet .gz";

/// What `extract` takes.
#[derive(Args)]
pub struct Extract {
    /// Files and folders (recursive, sorted); `-` is standard input. Texts, HTML, JSON Lines, JSON, CSV, TSV, Parquet
    /// and WARC, as they are or in .gz, .zst or .zip.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Form of the output: jsonl json csv parquet conll brat label-studio html pretty, packed with .gz or .zst
    /// (jsonl.zst) [default: by the name of the output; pretty on a terminal, jsonl elsewhere].
    #[arg(short, long, value_parser = format)]
    format: Option<(Format, Pack)>,
    /// Write to this file, if its name has an ending that is known (.jsonl .csv .jsonl.zst …); else to this folder, in
    /// parts, from which a run that was stopped goes on.
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// Workers [default: all cores].
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// Begin anew in a folder that holds parts of an earlier run, and remove these.
    #[arg(long)]
    restart: bool,
    /// Show the inputs, their encodings and fields, and extract nothing.
    #[arg(long)]
    dry_run: bool,
    /// Input that makes a part of the output folder.
    #[arg(long, value_name = "SIZE", default_value = "16M", value_parser = size)]
    part_size: usize,
    /// Write rejected documents to this file [default: rejects.jsonl in the output folder, else told on stderr].
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Begin a CSV with a byte order mark, so that Excel reads it as UTF-8.
    #[arg(long)]
    bom: bool,
    /// How to show progress: auto (a bar on a terminal), json (a line a second on stderr), none.
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = ["auto", "json", "none"])]
    progress: String,
    /// Say only what is wrong.
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten, next_help_heading = "What is extracted")]
    settings: Settings,
}

/// How inputs are read.
#[derive(Args)]
#[command(next_help_heading = "How inputs are read")]
pub(crate) struct Reading {
    /// Encoding of all inputs, such as gbk or big5 [default: byte order mark, declaration, detection].
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<&'static Encoding>,
    /// What all inputs are: text html jsonl json csv tsv parquet warc [default: by name, then by content].
    #[arg(long, value_name = "KIND")]
    input_format: Option<source::Kind>,
    /// Field of the text [default: content, text, body, 正文, …].
    #[arg(long, value_name = "NAME")]
    text_field: Option<String>,
    /// Field of the id [default: url, id, …; else the input's name and line].
    #[arg(long, value_name = "NAME")]
    id_field: Option<String>,
    /// Field of the title [default: title, 标题, …].
    #[arg(long, value_name = "NAME")]
    title_field: Option<String>,
    /// Field of the day of publication [default: publish_time, date, 发布时间, …].
    #[arg(long, value_name = "NAME")]
    date_field: Option<String>,
    /// Longest article; a longer one is rejected.
    #[arg(long, value_name = "SIZE", default_value = "16M", value_parser = size)]
    max_article: usize,
    /// How many times its size a packed input may unpack to; what goes beyond is rejected.
    #[arg(long, value_name = "N", default_value_t = reader::Options::default().max_ratio)]
    max_ratio: u64,
}

impl Reading {
    /// As the reader takes it.
    pub(crate) fn options(&self) -> reader::Options {
        let fields = Fields {
            text: self.text_field.clone(),
            id: self.id_field.clone(),
            title: self.title_field.clone(),
            date: self.date_field.clone(),
        };
        reader::Options {
            encoding: self.encoding,
            fields,
            kind: self.input_format,
            max_article: self.max_article,
            max_ratio: self.max_ratio,
        }
    }
}

fn format(name: &str) -> std::result::Result<(Format, Pack), String> {
    let (stem, pack) = match name.rsplit_once('.') {
        Some((stem, "gz")) => (stem, Pack::Gzip),
        Some((stem, "zst")) => (stem, Pack::Zstd),
        _ => (name, Pack::None),
    };
    let found = Format::ALL.iter().find(|(_, known)| *known == stem);
    let known = || Format::ALL.map(|(_, name)| name).join(", ");
    let format = found.ok_or_else(|| format!("unknown format '{name}', expected one of {}", known()))?.0;
    if pack != Pack::None && format.needs_folder() {
        return Err(format!("{stem} cannot be packed"));
    }
    Ok((format, pack))
}

fn encoding(label: &str) -> std::result::Result<&'static Encoding, String> {
    Charset::named(label)
        .ok_or_else(|| format!("unknown encoding '{label}', expected such as utf-8, gbk, big5, utf-16le"))
}

/// `16M`, `2G`, `500K`, `1000`.
fn size(text: &str) -> std::result::Result<usize, String> {
    let upper = text.to_ascii_uppercase();
    let number = upper.trim_end_matches('B');
    let (number, shift) = match number.strip_suffix(['K', 'M', 'G']) {
        Some(rest) => (rest, 10 * (1 + "KMG".find(&number[rest.len()..]).expect("it ends with one of them"))),
        None => (number, 0),
    };
    let wrong = || format!("'{text}' is no size such as 500K, 16M or 1G");
    let number: usize = number.parse().map_err(|_| wrong())?;
    number.checked_shl(shift as u32).filter(|size| *size > 0 && *size >> shift == number).ok_or_else(wrong)
}

/// Where the output goes.
enum Target {
    Stdout,
    File(PathBuf),
    Folder(PathBuf),
}

impl Extract {
    /// Runs it; the exit code.
    ///
    /// # Errors
    /// Wrong use, or output that cannot be written.
    pub fn run(&self) -> Result<u8> {
        if self.dry_run {
            return self.dry();
        }
        let (target, form) = self.target()?;
        let meter = Meter::default();
        let stop = Arc::new(AtomicBool::new(false));
        let folder = match &target {
            Target::Folder(folder) => Some(folder.clone()),
            _ => None,
        };
        heap::set_up();
        let described = self.settings.described()?;
        let tiqu = self.settings.extractor()?;
        let to_terminal = matches!(target, Target::Stdout) && io::stdout().is_terminal();
        let console = Console::new(self, &meter, folder.is_some() || self.rejects.is_some(), to_terminal);
        let batch = Batch {
            tiqu: &tiqu,
            paths: self.paths.clone(),
            reading: self.reading.options(),
            form,
            exclude: folder.clone(),
            jobs: self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1),
            part_bytes: self.part_size as u64,
            stop: &stop,
            meter: &meter,
            rejects: self.rejects.clone(),
            say: &|note| console.say(&note),
        };
        let result = match &target {
            Target::Stdout => {
                let out = BufWriter::with_capacity(1 << 16, Output::stdout(form.format));
                packed(&batch, out, Path::new("standard output")).map(|(outcome, _)| outcome)
            }
            Target::File(path) => to_file(&batch, path),
            Target::Folder(folder) => {
                end_on_signals(&stop);
                batch.to_folder(folder, &self.identity(described, form), self.restart)
            }
        };
        console.end();
        let outcome = result?;
        if outcome.closed {
            return Ok(FINE);
        }
        if !self.quiet && outcome.tally.documents + outcome.tally.rejects == 0 {
            anstream::eprintln!("tiqu: {NO_INPUT}");
        } else if !self.quiet && self.wants_summary(&outcome.tally, to_terminal) {
            anstream::eprint!("{}", summary(&outcome, console.started.elapsed()));
        }
        if outcome.stopped {
            anstream::eprintln!("tiqu: stopped behind a whole part; the same command goes on from there");
        }
        Ok(if outcome.tally.rejects > 0 || outcome.stopped { SOME_FAILED } else { FINE })
    }

    fn wants_summary(&self, tally: &Tally, to_terminal: bool) -> bool {
        self.output.is_some() || (!to_terminal && tally.documents + tally.rejects > 1)
    }

    fn target(&self) -> Result<(Target, Form)> {
        // `-` is standard output, as it is standard input.
        let output = self.output.as_ref().filter(|path| *path != Path::new("-"));
        let named = output.and_then(|path| Form::of_name(&path.file_name()?.to_string_lossy()));
        let (format, pack) = match (self.format, named, output) {
            (Some((format, Pack::None)), Some((named, pack)), _) if named == format => (format, pack),
            (Some(chosen), ..) => chosen,
            (None, Some(named), _) => named,
            (None, None, None) if io::stdout().is_terminal() => (Format::Pretty, Pack::None),
            (None, None, _) => (Format::Jsonl, Pack::None),
        };
        let target = match output {
            None => Target::Stdout,
            Some(path) if path.is_dir() => Target::Folder(path.clone()),
            Some(path) if format.needs_folder() => Target::Folder(path.clone()),
            Some(path) if named.is_some() || path.exists() => Target::File(path.clone()),
            Some(path) => Target::Folder(path.clone()),
        };
        if format.needs_folder() && !matches!(target, Target::Folder(_)) {
            return Err(Error::Usage(format!("{} needs a folder to write to: give one with -o DIR", format.name())));
        }
        if format.needs_chars() && self.settings.offsets != Offsets::Chars {
            return Err(Error::Usage(format!("{} counts in characters: leave --offsets out", format.name())));
        }
        if self.restart && !matches!(target, Target::Folder(_)) {
            return Err(Error::Usage("--restart needs a folder to write to: give one with -o DIR".to_owned()));
        }
        let plain = !matches!(target, Target::Stdout) || !io::stdout().is_terminal();
        let paint = if plain { Paint::Plain } else { Paint::Colour };
        Ok((target, Form { format, pack, bom: self.bom, paint }))
    }

    /// Everything that the bytes of the output depend on.
    fn identity(&self, described: Map<String, Value>, form: Form) -> Map<String, Value> {
        let paths: Vec<_> = self.paths.iter().map(|path| path.display().to_string()).collect();
        let reading = &self.reading;
        let own = json!({
            "inputs": paths, "--format": form.ending(), "format": form.format.name(), "--bom": self.bom,
            "--encoding": reading.encoding.map(Encoding::name), "--input-format": reading.input_format.map(source::Kind::name),
            "--text-field": reading.text_field, "--id-field": reading.id_field, "--title-field": reading.title_field,
            "--date-field": reading.date_field, "--max-article": reading.max_article, "--max-ratio": reading.max_ratio,
            "--part-size": self.part_size, "--rejects": self.rejects.as_ref().map(|path| path.display().to_string()),
            "program": program(),
        });
        let Value::Object(mut identity) = own else { unreachable!("it is written as an object") };
        identity.extend(described);
        identity
    }

    fn dry(&self) -> Result<u8> {
        let mut out = io::stdout().lock();
        let (target, form) = self.target()?;
        let exclude = match &target {
            Target::Folder(folder) => Some(&**folder),
            _ => None,
        };
        let (meter, options) = (Meter::default(), self.reading.options());
        let (mut inputs, mut bytes, mut failed) = (0u64, 0u64, false);
        let mut written = Ok(());
        for source in Walk::new(&self.paths, exclude) {
            let size = source.stamp.as_ref().map_or(0, |stamp| stamp.size);
            (inputs, bytes) = (inputs + 1, bytes + size);
            let mut line = format!("{}\t{}", source.name, megabytes(size));
            let result = reader::read(&source, &options, &meter, &mut |event| {
                match event {
                    Event::Form(kind, form) => line.push_str(&format!("\t{}", described(kind, &form))),
                    Event::Item(item) => {
                        if let item::Raw::Fault(reason, _) = item.raw {
                            failed = true;
                            let _ = write!(line, "\t{reason}");
                        }
                        return Err(Stop::Enough);
                    }
                }
                Err(Stop::Enough)
            });
            if let Err(Stop::System(why)) = result {
                failed = true;
                let _ = write!(line, "\t{why}");
            }
            written = writeln!(out, "{line}");
            if written.is_err() {
                break;
            }
        }
        let to = match &target {
            Target::Stdout => "standard output".to_owned(),
            Target::File(path) => format!("the file {}", path.display()),
            Target::Folder(path) => format!("parts in the folder {}", path.display()),
        };
        let end = written
            .and_then(|()| writeln!(out, "{inputs} inputs, {}; {} to {to}", megabytes(bytes), form.format.name()));
        match end {
            Err(why) => closed(&why, None),
            Ok(()) => Ok(if failed { SOME_FAILED } else { FINE }),
        }
    }
}

/// The version, and a checksum of the program itself, which holds dictionaries and model.
fn program() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let content = std::env::current_exe().and_then(|path| content(&path));
    content.map_or_else(|_| version.to_owned(), |(_, digest)| format!("{version} {digest}"))
}

/// Lets a signal remove what is not whole: a file is written at a stretch or not at all.
fn remove_on_signals(temporary: &Path, path: &Path) {
    let (temporary, path) = (temporary.to_owned(), path.to_owned());
    let _ = ctrlc::set_handler(move || {
        let _ = fs::remove_file(&temporary);
        eprintln!("tiqu: stopped, {} is not written; a folder with -o DIR can be gone on with", path.display());
        std::process::exit(i32::from(SOME_FAILED));
    });
}

/// Lets the first signal end the run behind the part in hand, and the second at once.
fn end_on_signals(stop: &Arc<AtomicBool>) {
    let stop = stop.clone();
    // Without handlers a signal ends the run at once, which loses no more than the part in hand.
    let _ = ctrlc::set_handler(move || {
        if stop.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(SOME_FAILED));
        }
        eprintln!("tiqu: finishing the part in hand; press again to leave it");
    });
}

/// Standard output, with colours taken out where they are not wanted.
struct Output(anstream::AutoStream<io::Stdout>);

impl Output {
    /// Only the pretty form has colours; what is packed must go through byte for byte.
    fn stdout(format: Format) -> Self {
        Self(match format {
            Format::Pretty => anstream::AutoStream::auto(io::stdout()),
            _ => anstream::AutoStream::always_ansi(io::stdout()),
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Runs with a packer around the stream; the stream back.
fn packed<W: Write + Send>(batch: &Batch, out: W, name: &Path) -> Result<(Outcome, Option<W>)> {
    let out = Packed::new(out, batch.form.outer_pack()).map_err(|why| Error::file(name, why))?;
    let (outcome, out) = batch.to_stream(out, name)?;
    if outcome.closed {
        return Ok((outcome, None));
    }
    let mut out = out.finish().map_err(|why| Error::file(name, why))?;
    out.flush().map_err(|why| Error::file(name, why))?;
    Ok((outcome, Some(out)))
}

/// Writes a file beside its place and puts it there when it is whole.
fn to_file(batch: &Batch, path: &Path) -> Result<Outcome> {
    let wrong = |why: io::Error| Error::file(path, why);
    if path.exists() && !path.is_file() {
        // A device or a pipe.
        let out = BufWriter::new(File::options().write(true).open(path).map_err(wrong)?);
        return Ok(packed(batch, out, path)?.0);
    }
    let name = path.file_name().ok_or_else(|| Error::Usage(format!("{}: no name of a file", path.display())))?;
    let temporary = path.with_file_name(format!("{TEMPORARY}{}", name.to_string_lossy()));
    remove_on_signals(&temporary, path);
    let out = BufWriter::with_capacity(1 << 18, File::create(&temporary).map_err(wrong)?);
    let result = packed(batch, out, path).and_then(|(outcome, out)| {
        let Some(out) = out else { return Ok(outcome) };
        let file = out.into_inner().map_err(|why| wrong(why.into_error()))?;
        file.sync_all().map_err(wrong)?;
        fs::rename(&temporary, path).map_err(wrong)?;
        Ok(outcome)
    });
    if result.is_err() {
        // What is not whole is of no use; if it cannot be removed either, the first error says more.
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// `jsonl, gb18030, text from 'content', id from 'url'`.
fn described(kind: source::Kind, form: &item::Form) -> String {
    let encoding = match kind {
        source::Kind::Parquet => String::new(),
        // Every page says for itself.
        source::Kind::Html | source::Kind::Warc if form.charset == Charset::Ascii => String::new(),
        _ => format!(", {}", form.charset.name()),
    };
    let fields = form.fields.to_string();
    let separator = if fields.is_empty() { "" } else { ", " };
    format!("{}{encoding}{separator}{fields}", kind.name())
}

/// What is worth telling of an input: how its fields and an encoding other than UTF-8 were understood.
pub(crate) fn remarkable(kind: source::Kind, form: &item::Form) -> Option<String> {
    let plain = matches!(form.charset.name(), "UTF-8" | "ASCII");
    (form.fields.text.is_some() || !plain).then(|| described(kind, form))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// What a person sees while the run goes on.
struct Console<'a> {
    quiet: bool,
    /// Whether rejects also go to a file.
    rejects_kept: bool,
    bar: Option<ProgressBar>,
    json: bool,
    started: Instant,
    meter: &'a Meter,
    total: Arc<AtomicU64>,
    state: Mutex<ConsoleState>,
}

#[derive(Default)]
struct ConsoleState {
    forms: HashSet<String>,
    rejects: u64,
    broken: u64,
    shown: Option<Instant>,
    last: Progress,
}

impl<'a> Console<'a> {
    fn new(extract: &Extract, meter: &'a Meter, rejects_kept: bool, to_terminal: bool) -> Self {
        let json = extract.progress == "json";
        let wants_bar = extract.progress == "auto" && !extract.quiet && !to_terminal && io::stderr().is_terminal();
        let total = Arc::new(AtomicU64::new(0));
        let bar = wants_bar.then(|| {
            let bar = ProgressBar::new(0);
            let style =
                ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {msg} {eta} left");
            bar.set_style(style.expect("the template is right"));
            bar
        });
        if bar.is_some() || json {
            // The sizes are summed up beside the run: a million files take a while to be looked at.
            let (paths, total) = (extract.paths.clone(), total.clone());
            let folder = extract.output.clone();
            std::thread::spawn(move || {
                for source in Walk::new(&paths, folder.as_deref()) {
                    total.fetch_add(source.stamp.map_or(0, |stamp| stamp.size), Ordering::Relaxed);
                }
            });
        }
        Self {
            quiet: extract.quiet,
            rejects_kept,
            bar,
            json,
            started: Instant::now(),
            meter,
            total,
            state: Mutex::default(),
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| anstream::eprintln!("tiqu: {text}")),
            None => anstream::eprintln!("tiqu: {text}"),
        }
    }

    fn say(&self, note: &Note) {
        let mut state = self.state.lock().expect("no holder panics");
        match note {
            Note::Form(kind, form) => {
                if let Some(description) = remarkable(*kind, form).filter(|_| !self.quiet)
                    && state.forms.insert(description.clone())
                {
                    self.line(&format!("{}: {description}", form.name));
                }
            }
            Note::Reject(reject) => {
                state.rejects += 1;
                let told = if self.quiet { 0 } else { TOLD };
                if !self.rejects_kept || state.rejects <= told {
                    self.line(&reject.to_string());
                } else if state.rejects == told + 1 && !self.quiet {
                    self.line("further rejects are only written down");
                }
            }
            Note::Broken(id, count) => {
                state.broken += 1;
                if !self.quiet && state.broken <= TOLD {
                    self.line(&format!("{id}: {count} broken bytes replaced by U+FFFD"));
                } else if !self.quiet && state.broken == TOLD + 1 {
                    self.line("further documents with broken bytes are only counted");
                }
            }
            Note::Progress(progress) => {
                state.last = *progress;
                let due = state.shown.is_none_or(|shown| shown.elapsed() >= Duration::from_secs(1));
                if due || self.bar.is_some() {
                    self.show(&mut state);
                }
            }
        }
    }

    fn show(&self, state: &mut ConsoleState) {
        let (read, total) = (self.meter.bytes(), self.total.load(Ordering::Relaxed));
        // What an earlier run did says nothing of the speed of this one.
        let passed = self.meter.passed();
        if let Some(bar) = &self.bar {
            bar.set_length(total.max(read));
            if state.shown.is_none() && passed > 0 {
                bar.set_position(passed);
                bar.reset_eta();
                state.shown = Some(Instant::now());
            }
            bar.set_position(read);
            bar.set_message(format!("{} documents, {} rejects,", state.last.documents, state.last.rejects));
        }
        if self.json {
            state.shown = Some(Instant::now());
            let seconds = self.started.elapsed().as_secs_f64();
            let now = read - passed;
            let left = (now > 0 && total > read).then(|| seconds * (total - read) as f64 / now as f64);
            let line = json!({
                "documents": state.last.documents, "rejects": state.last.rejects, "text_bytes": state.last.bytes,
                "read_bytes": read, "total_bytes": total, "seconds": round(seconds),
                "bytes_per_second": round(now as f64 / seconds.max(1e-3)), "seconds_left": left.map(round),
            });
            eprintln!("{line}");
        }
    }

    fn end(&self) {
        let mut state = self.state.lock().expect("no holder panics");
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.json {
            self.show(&mut state);
        }
    }
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// What was found, for a person.
fn summary(outcome: &Outcome, took: Duration) -> String {
    let tally = &outcome.tally;
    let mut out = String::new();
    let seconds = took.as_secs_f64();
    let documents = counted(tally.documents as usize, "document", "documents");
    let _ = write!(out, "{documents}, {}", megabytes(tally.bytes));
    if outcome.resumed > 0 {
        let _ = write!(out, ", {} of them in earlier runs", outcome.resumed);
    }
    let rejects = counted(tally.rejects as usize, "reject", "rejects");
    let _ = writeln!(out, ", {rejects}, {seconds:.1} s");
    if tally.broken > 0 {
        let _ = writeln!(out, "{} broken bytes replaced", tally.broken);
    }
    let kinds = Kind::ALL.iter().filter_map(|kind| Some((kind.name(), tally.mentions.get(kind.name())?)));
    let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{kind} {count}")).collect();
    let relations: Vec<String> = tally.relations.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    for (title, counts) in [("mentions", kinds), ("relations", relations)] {
        if !counts.is_empty() {
            let _ = writeln!(out, "{title:<14} {}", counts.join("  "));
        }
    }
    for (title, names) in [("people", &tally.people), ("organisations", &tally.organisations)] {
        let names: Vec<String> = top(names, 10).iter().map(|(name, count)| format!("{name} {count}")).collect();
        if !names.is_empty() {
            let _ = writeln!(out, "{title:<14} {}", names.join("  ").replace(['\n', '\r'], "⏎"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("16M"), Ok(16 << 20));
        assert_eq!(size("500kb"), Ok(500 << 10));
        assert_eq!(size("1000"), Ok(1000));
        assert!(size("0").is_err() && size("M").is_err() && size("99999999999G").is_err());
    }

    #[test]
    fn formats_are_read() {
        assert_eq!(format("jsonl.zst"), Ok((Format::Jsonl, Pack::Zstd)));
        assert!(format("parquet.gz").is_err() && format("xml").is_err());
    }
}
