//! A corpus through the extractor: one reader, many workers, one writer, in bounded memory and in the order of the input.
//!
//! With a folder as output the run is a sequence of *parts*. Where a part ends is decided by the bytes read alone, so
//! the parts are the same with any number of workers. A part is written beside its place, synced, renamed, and then
//! written down in `manifest.jsonl` with the position behind it; what is not written down never happened, and a later
//! run goes on from the last line. `docs/batch.md` describes the folder.

use crate::decode::Charset;
use crate::error::{Error, Result};
use crate::heap;
use crate::item::{self, Fields, Item, Raw, Reject};
use crate::mention::Kind;
use crate::pipeline::Tiqu;
use crate::reader::{self, Event, Flow, Meter, Stop};
use crate::source::{self, Source, Walk};
use crate::write::{Encoded, Encoder, Form, Framed, Part, TEMPORARY, Written, digest, is_whole, sync_folder};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// Bytes of documents handed to a worker at once.
const CHUNK: usize = 256 << 10;
/// Documents handed to a worker at once.
const CHUNK_ITEMS: usize = 256;
/// Bytes of documents between the reader and the writer; one longer document is let through alone.
const IN_FLIGHT: usize = 12 << 20;
/// With more than this between them the reader does not begin the next document: it might be a long one too.
const ENOUGH: usize = 8 << 20;
/// Documents in a part at most.
const PART_ITEMS: u64 = 200_000;
/// Stack of a worker: pages nest deeply, and memory of a stack costs only where it is touched.
const STACK: usize = 64 << 20;
/// Names that a summary keeps of each part.
const TOP: usize = 100;
/// Names that are counted at once; the rarest are forgotten first.
const NAMES: usize = 20_000;
/// A chunk this large came from long articles, behind which memory is given back.
const LONG: usize = 1 << 20;
/// Inputs that a part names; of more, only the checksum is kept.
const NAMED: usize = 16;

/// A run over a corpus.
pub struct Batch<'a> {
    /// The extractor.
    pub tiqu: &'a Tiqu,
    /// The inputs.
    pub paths: Vec<PathBuf>,
    /// What is known of the inputs.
    pub reading: reader::Options,
    /// The form of the output.
    pub form: Form,
    /// A folder that is no input, wherever it is met.
    pub exclude: Option<PathBuf>,
    /// Workers.
    pub jobs: usize,
    /// Bytes of input in a part.
    pub part_bytes: u64,
    /// Set from outside to end the run behind the part in hand.
    pub stop: &'a AtomicBool,
    /// Bytes read so far.
    pub meter: &'a Meter,
    /// Where rejects are written, if not where they usually are.
    pub rejects: Option<PathBuf>,
    /// Told what a person should know.
    pub say: &'a (dyn Fn(Note) + Sync),
}

/// Something that a person should know while the run goes on.
pub enum Note<'a> {
    /// An input was opened.
    Form(source::Kind, &'a item::Form),
    /// A document was rejected.
    Reject(&'a Reject),
    /// Broken bytes were replaced in a document.
    Broken(&'a str, u64),
    /// This much is done.
    Progress(Progress),
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Documents extracted.
    pub documents: u64,
    /// Documents rejected.
    pub rejects: u64,
    /// Bytes of text extracted from.
    pub bytes: u64,
}

impl Progress {
    fn add(&mut self, tally: &Tally) {
        self.documents += tally.documents;
        self.rejects += tally.rejects;
        self.bytes += tally.bytes;
    }
}

/// What was found, in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Documents extracted.
    pub documents: u64,
    /// Documents rejected.
    pub rejects: u64,
    /// Broken bytes replaced.
    pub broken: u64,
    /// Bytes of text extracted from.
    pub bytes: u64,
    /// Mentions of each kind.
    pub mentions: BTreeMap<String, u64>,
    /// Relations of each kind.
    pub relations: BTreeMap<String, u64>,
    /// Mentions of each person, of the most frequent ones.
    pub people: BTreeMap<String, u64>,
    /// Mentions of each organisation, of the most frequent ones.
    pub organisations: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.rejects += other.rejects;
        self.broken += other.broken;
        self.bytes += other.bytes;
        let pairs = [
            (&mut self.mentions, &other.mentions),
            (&mut self.relations, &other.relations),
            (&mut self.people, &other.people),
            (&mut self.organisations, &other.organisations),
        ];
        for (sums, counts) in pairs {
            for (name, count) in counts {
                match sums.get_mut(name) {
                    Some(sum) => *sum += count,
                    None => {
                        sums.insert(name.clone(), *count);
                    }
                }
            }
            if sums.len() > NAMES {
                *sums = most(sums, NAMES / 2);
            }
        }
    }

    /// Leaves only the most frequent names.
    fn shorten(&mut self) {
        self.people = most(&self.people, TOP);
        self.organisations = most(&self.organisations, TOP);
    }
}

/// The most frequent names with their counts; of equals the first in the order of characters.
pub fn top(names: &BTreeMap<String, u64>, count: usize) -> Vec<(&str, u64)> {
    let mut sorted: Vec<_> = names.iter().map(|(name, count)| (&**name, *count)).collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    sorted.truncate(count);
    sorted
}

fn most(names: &BTreeMap<String, u64>, count: usize) -> BTreeMap<String, u64> {
    top(names, count).into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// A place in the corpus: everything before it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Inputs before the one that is being read.
    pub input: u64,
    /// Items of that input.
    pub item: u64,
    /// Items of all inputs.
    pub total: u64,
}

/// The inputs begun so far, as far as needed to notice that one changed.
#[derive(Clone, Debug, Default)]
struct Seen {
    hasher: blake3::Hasher,
    count: u64,
    /// The first of those begun since the last part.
    recent: Vec<Stamped>,
}

/// An input as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamped {
    name: String,
    size: u64,
    modified: u64,
}

impl Seen {
    fn add(&mut self, source: &Source) {
        let stamp = source.stamp.as_ref().copied().unwrap_or_default();
        self.hasher.update(source.name.as_bytes());
        self.hasher.update(&[0]);
        self.hasher.update(&stamp.size.to_le_bytes());
        self.hasher.update(&stamp.modified.to_le_bytes());
        self.count += 1;
        if self.recent.len() < NAMED {
            self.recent.push(Stamped { name: source.name.clone(), size: stamp.size, modified: stamp.modified });
        }
    }
}

/// Documents for one worker.
struct Chunk {
    /// The number of the first item in the run.
    first: u64,
    items: Vec<Item>,
    bytes: usize,
    cut: Option<Cut>,
}

/// The end of a part.
struct Cut {
    next: Position,
    inputs: u64,
    inputs_digest: String,
    recent: Vec<Stamped>,
    /// Whether the corpus ends here.
    end: bool,
}

/// What ends with a chunk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Boundary {
    None,
    Part,
    Corpus,
}

/// A chunk behind the extractor.
struct Done {
    encoded: Encoded,
    tally: Tally,
    rejects: Vec<Reject>,
    broken: Vec<(String, u64)>,
    items: usize,
    bytes: usize,
    cut: Option<Cut>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// What was found, in this run and those that it goes on from.
    pub tally: Tally,
    /// Whether it was stopped before the end of the corpus.
    pub stopped: bool,
    /// Whether whoever read the output went away.
    pub closed: bool,
    /// Documents of earlier runs.
    pub resumed: u64,
}

/// Takes what the workers made, in order.
trait Sink {
    fn take(&mut self, done: Done, batch: &Batch) -> Result<()>;
}

impl Batch<'_> {
    /// Writes to a stream and gives it back; `name` stands in messages. Rejects are only told where no file is named.
    ///
    /// # Errors
    /// The stream cannot be written; a closed pipe is no error.
    pub fn to_stream<W: Write + Send>(&self, out: W, name: &Path) -> Result<(Outcome, W)> {
        let create = |path: &PathBuf| Ok((path.clone(), File::create(path).map_err(|why| Error::file(path, why))?));
        let mut sink = Stream {
            out: Framed::new(self.form, out),
            name: name.to_owned(),
            rejects: self.rejects.as_ref().map(create).transpose()?,
            tally: Tally::default(),
            progress: Progress::default(),
            closed: false,
        };
        let ran = sink.begin().and_then(|()| self.run(&mut sink, Position::default(), false));
        let ended = ran.and_then(|stopped| sink.end().map(|()| stopped));
        let closed = sink.closed;
        let stopped = match ended {
            Err(_) if closed => true,
            ended => ended?,
        };
        Ok((Outcome { tally: sink.tally, stopped, closed, resumed: 0 }, sink.out.into_inner()))
    }

    /// Writes parts to a folder, or goes on writing them. `settings` is everything that the output depends on.
    ///
    /// # Errors
    /// Another run's folder, changed settings or inputs, or a system's error. The manifest is sound in any case.
    pub fn to_folder(&self, folder: &Path, settings: &Map<String, Value>, restart: bool) -> Result<Outcome> {
        let mut parts = Parts::open(folder, self.form, self.rejects.as_deref(), settings, restart)?;
        parts.verify_inputs(&self.paths)?;
        parts.verify_parts(self.jobs)?;
        if parts.ended {
            let resumed = parts.tally.documents;
            return Ok(Outcome { resumed, tally: parts.tally, stopped: false, closed: false });
        }
        let from = parts.next;
        if from.total > 0 && self.paths.iter().any(|path| path == Path::new("-")) {
            let reason = "standard input cannot be read again; use --restart, or files as input";
            return Err(Error::file(folder, reason));
        }
        let resumed = parts.tally.documents;
        let stopped = self.run(&mut parts, from, true)?;
        Ok(Outcome { tally: parts.tally, stopped, closed: false, resumed })
    }

    /// The way of everything from the position on; true if it was stopped before the end.
    fn run(&self, sink: &mut (dyn Sink + Send), from: Position, strict: bool) -> Result<bool> {
        if self.jobs <= 1 {
            // One thread, on which reading, extracting and writing follow each other.
            let alone = || {
                let mut failed = None;
                let produced = self.produce(from, strict, &mut |chunk| {
                    sink.take(self.work(chunk), self).map_err(|why| {
                        failed = Some(why);
                        Stop::Enough
                    })
                });
                failed.map_or(produced, Err)
            };
            return std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, alone);
                join(thread.map_err(|why| Error::file("thread", why))?)
            });
        }
        let budget = Budget::default();
        let (to_workers, chunks) = crossbeam_channel::unbounded::<(u64, Chunk)>();
        let (to_writer, done) = crossbeam_channel::unbounded::<(u64, Done)>();
        std::thread::scope(|scope| {
            let spawn = |name: &str| std::thread::Builder::new().name(name.to_owned()).stack_size(STACK);
            let no_thread = |why: io::Error| Error::file("thread", why);
            let budget = &budget;
            let reader = spawn("reader").spawn_scoped(scope, move || {
                let mut number = 0;
                self.produce(from, strict, &mut |chunk| {
                    if !budget.acquire(chunk.bytes) || to_workers.send((number, chunk)).is_err() {
                        return Err(Stop::Enough);
                    }
                    number += 1;
                    budget.wait();
                    Ok(())
                })
            });
            let reader = reader.map_err(no_thread)?;
            for _ in 0..self.jobs {
                let (chunks, to_writer) = (chunks.clone(), to_writer.clone());
                let worker = spawn("worker").spawn_scoped(scope, move || {
                    for (number, chunk) in chunks {
                        if to_writer.send((number, self.work(chunk))).is_err() {
                            return;
                        }
                    }
                });
                if let Err(why) = worker {
                    budget.close();
                    return Err(no_thread(why));
                }
            }
            drop((chunks, to_writer));
            let written = in_order(done, |done| {
                let bytes = done.bytes;
                sink.take(done, self)?;
                budget.release(bytes);
                Ok(())
            });
            budget.close();
            let stopped = join(reader);
            written?;
            stopped
        })
    }

    /// Reads the corpus from the position on and cuts it into chunks; true if it was stopped before the end.
    fn produce(&self, from: Position, strict: bool, on: &mut dyn FnMut(Chunk) -> Flow) -> Result<bool> {
        let mut producer = Producer {
            batch: self,
            on,
            at: Position { input: 0, item: 0, total: from.total },
            chunk: Vec::new(),
            bytes: 0,
            part_bytes: 0,
            part_items: 0,
            seen: Seen::default(),
            stopped: false,
        };
        for source in Walk::new(&self.paths, self.exclude.as_deref()) {
            producer.seen.add(&source);
            if producer.at.input < from.input {
                producer.at.input += 1;
                producer.seen.recent.clear();
                self.meter.pass(source.stamp.map_or(0, |stamp| stamp.size));
                continue;
            }
            let mut skip = if producer.at.input == from.input { from.item } else { 0 };
            producer.at.item = skip;
            if skip > 0 {
                producer.seen.recent.clear();
            }
            let result = reader::read(&source, &self.reading, self.meter, &mut |event| match event {
                Event::Form(kind, form) => {
                    (self.say)(Note::Form(kind, &form));
                    Ok(())
                }
                Event::Item(_) if skip > 0 => {
                    skip -= 1;
                    Ok(())
                }
                Event::Item(item) => producer.push(item),
            });
            match result {
                Ok(()) => {}
                Err(Stop::Enough) => return Ok(producer.stopped),
                Err(Stop::System(why)) if strict => {
                    let reason =
                        format!("{why}; the parts written so far are whole, and the same command goes on behind them");
                    return Err(Error::file(&source.path, reason));
                }
                Err(Stop::System(why)) => {
                    let form = item::Form {
                        name: source.name.clone(),
                        charset: Charset::Ascii,
                        fields: Fields::default(),
                        decoded: false,
                        header: Vec::new(),
                        delimiter: b',',
                    };
                    let fault = Item { form: Arc::new(form), at: None, raw: Raw::Fault(why.to_string(), Vec::new()) };
                    if producer.push(fault).is_err() {
                        return Ok(producer.stopped);
                    }
                }
            }
            producer.at.input += 1;
            producer.at.item = 0;
        }
        // The last part, which may be empty: it says that the end was reached.
        let _ = producer.hand_on(Boundary::Corpus);
        Ok(false)
    }

    /// Extracts a chunk.
    fn work(&self, chunk: Chunk) -> Done {
        let mut encoder = Encoder::new(self.form);
        let mut tally = Tally::default();
        let mut mentions = [0; Kind::ALL.len()];
        let mut names: HashMap<(bool, String), u64> = HashMap::new();
        let (mut rejects, mut broken) = (Vec::new(), Vec::new());
        let items = chunk.items.len();
        for (number, item) in (chunk.first..).zip(chunk.items) {
            let (input, at) = item.place();
            let (mut document, replaced) = match item.document(self.reading.max_article) {
                Ok(read) => read,
                Err(reject) => {
                    rejects.push(reject);
                    continue;
                }
            };
            if replaced > 0 {
                tally.broken += replaced;
                broken.push((document.id.clone(), replaced));
            }
            // Extraction never panics, as far as its tests reach; one article must not end a run of millions.
            let beginning: String = document.text.chars().take(300).collect();
            let extracted = catch_unwind(AssertUnwindSafe(|| self.tiqu.extract_lent(&mut document)));
            let Ok(record) = extracted else {
                let reason = "the extractor failed on this article; please report it with its text".to_owned();
                rejects.push(Reject { input, at, reason, raw: beginning });
                continue;
            };
            tally.documents += 1;
            tally.bytes += document.text.len() as u64;
            for mention in &record.mentions {
                if let Some(kind) = mention.kind() {
                    mentions[Kind::ALL.iter().position(|known| *known == kind).expect("every kind is there")] += 1;
                }
            }
            for relation in &record.relations {
                *tally.relations.entry(relation.kind.clone()).or_default() += 1;
            }
            for entity in &record.entities {
                if matches!(&*entity.kind, "PERSON" | "ORG") {
                    *names.entry((entity.kind == "ORG", entity.name.clone())).or_default() +=
                        entity.mentions.len() as u64;
                }
            }
            encoder.push(number, &document, &record);
        }
        tally.rejects = rejects.len() as u64;
        let found = Kind::ALL.iter().zip(mentions).filter(|(_, count)| *count > 0);
        tally.mentions = found.map(|(kind, count)| (kind.name().to_owned(), count)).collect();
        for ((is_org, name), count) in names {
            let names = if is_org { &mut tally.organisations } else { &mut tally.people };
            names.insert(name, count);
        }
        let encoded = encoder.finish();
        if chunk.bytes > LONG {
            heap::give_back();
        }
        Done { encoded, tally, rejects, broken, items, bytes: chunk.bytes, cut: chunk.cut }
    }

    fn tell(&self, done: &Done, progress: Progress) {
        for reject in &done.rejects {
            (self.say)(Note::Reject(reject));
        }
        for (id, count) in &done.broken {
            (self.say)(Note::Broken(id, *count));
        }
        (self.say)(Note::Progress(progress));
    }
}

fn join<T>(thread: std::thread::ScopedJoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Hands on what arrives in any order in the order of the numbers.
fn in_order(done: crossbeam_channel::Receiver<(u64, Done)>, mut on: impl FnMut(Done) -> Result<()>) -> Result<()> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, chunk) in done {
        waiting.insert(number, chunk);
        while let Some(chunk) = waiting.remove(&next) {
            next += 1;
            on(chunk)?;
        }
    }
    Ok(())
}

/// Bytes between the reader and the writer.
#[derive(Default)]
struct Budget {
    /// Bytes taken, and whether nobody will give any back.
    state: Mutex<(usize, bool)>,
    freed: Condvar,
}

impl Budget {
    /// Waits for room; false when the run is over.
    fn acquire(&self, bytes: usize) -> bool {
        let mut state = self.state.lock().expect("no holder panics");
        while !state.1 && state.0 > 0 && state.0 + bytes > IN_FLIGHT {
            state = self.freed.wait(state).expect("no holder panics");
        }
        state.0 += bytes;
        !state.1
    }

    /// Waits until there is room for more than what was taken last.
    fn wait(&self) {
        let mut state = self.state.lock().expect("no holder panics");
        while !state.1 && state.0 > ENOUGH {
            state = self.freed.wait(state).expect("no holder panics");
        }
    }

    fn release(&self, bytes: usize) {
        self.state.lock().expect("no holder panics").0 -= bytes;
        self.freed.notify_one();
    }

    fn close(&self) {
        self.state.lock().expect("no holder panics").1 = true;
        self.freed.notify_all();
    }
}

/// Cuts the stream of items into chunks and parts.
struct Producer<'a, 'b> {
    batch: &'a Batch<'b>,
    on: &'a mut dyn FnMut(Chunk) -> Flow,
    at: Position,
    chunk: Vec<Item>,
    bytes: usize,
    part_bytes: u64,
    part_items: u64,
    seen: Seen,
    stopped: bool,
}

impl Producer<'_, '_> {
    fn push(&mut self, item: Item) -> Flow {
        // An item costs memory beside its bytes.
        let size = item.size() + 64;
        self.chunk.push(item);
        self.bytes += size;
        self.part_bytes += size as u64;
        self.part_items += 1;
        self.at.item += 1;
        self.at.total += 1;
        if self.part_bytes >= self.batch.part_bytes || self.part_items >= PART_ITEMS {
            self.hand_on(Boundary::Part)?;
            if self.batch.stop.load(Ordering::Relaxed) {
                self.stopped = true;
                return Err(Stop::Enough);
            }
            return Ok(());
        }
        if self.bytes >= CHUNK || self.chunk.len() >= CHUNK_ITEMS { self.hand_on(Boundary::None) } else { Ok(()) }
    }

    fn hand_on(&mut self, boundary: Boundary) -> Flow {
        let items = std::mem::take(&mut self.chunk);
        let bytes = std::mem::take(&mut self.bytes);
        let cut = (boundary != Boundary::None).then(|| {
            self.part_bytes = 0;
            self.part_items = 0;
            Cut {
                next: self.at,
                inputs: self.seen.count,
                inputs_digest: digest(&self.seen.hasher),
                recent: std::mem::take(&mut self.seen.recent),
                end: boundary == Boundary::Corpus,
            }
        });
        (self.on)(Chunk { first: self.at.total - items.len() as u64, items, bytes, cut })
    }
}

/// Output to one stream.
struct Stream<W> {
    out: Framed<W>,
    name: PathBuf,
    rejects: Option<(PathBuf, File)>,
    tally: Tally,
    progress: Progress,
    closed: bool,
}

impl<W: Write> Stream<W> {
    fn begin(&mut self) -> Result<()> {
        let written = self.out.begin();
        self.check(written)
    }

    fn end(&mut self) -> Result<()> {
        let written = self.out.end();
        self.check(written)
    }

    /// Tells a closed pipe from what is wrong.
    fn check(&mut self, written: io::Result<()>) -> Result<()> {
        written.map_err(|why| {
            self.closed |= why.kind() == io::ErrorKind::BrokenPipe;
            Error::file(&self.name, why)
        })
    }
}

impl<W: Write> Sink for Stream<W> {
    fn take(&mut self, done: Done, batch: &Batch) -> Result<()> {
        let Encoded::Bytes(bytes) = &done.encoded else { unreachable!("a format of several files needs a folder") };
        let written = self.out.append(bytes).and_then(|()| self.out.flush());
        self.check(written)?;
        if let Some((path, file)) = &mut self.rejects {
            write_rejects(file, &done.rejects).map_err(|why| Error::file(path, why))?;
        }
        self.tally.add(&done.tally);
        self.progress.add(&done.tally);
        batch.tell(&done, self.progress);
        Ok(())
    }
}

/// Writes rejects as lines; the number of bytes.
fn write_rejects(file: &mut File, rejects: &[Reject]) -> io::Result<u64> {
    if rejects.is_empty() {
        return Ok(0);
    }
    let mut lines = Vec::new();
    for reject in rejects {
        serde_json::to_writer(&mut lines, reject).expect("a reject is plain data");
        lines.push(b'\n');
    }
    file.write_all(&lines)?;
    Ok(lines.len() as u64)
}

/// The first line of a manifest.
#[derive(Serialize, Deserialize)]
struct Head {
    tiqu: String,
    settings: Map<String, Value>,
}

/// The line of a part.
#[derive(Serialize, Deserialize)]
struct PartLine {
    part: u64,
    files: Vec<Written>,
    next: Position,
    /// Inputs begun up to here, and the checksum of their names, sizes and times.
    inputs: u64,
    inputs_digest: String,
    /// Those begun in this part, the first of them.
    begun: Vec<Stamped>,
    /// Length of `rejects.jsonl` up to here.
    rejects_bytes: u64,
    /// Whether the corpus ends with this part.
    end: bool,
    found: Tally,
}

/// What was written, in a folder of parts.
pub(crate) const MANIFEST: &str = "manifest.jsonl";
/// What could not be read.
pub(crate) const REJECTS: &str = "rejects.jsonl";

/// Output to a folder.
struct Parts {
    folder: PathBuf,
    form: Form,
    manifest: File,
    rejects: File,
    rejects_path: PathBuf,
    rejects_bytes: u64,
    number: u64,
    /// Whether an earlier run reached the end of the corpus.
    ended: bool,
    part: Option<Part>,
    /// Found in the part in hand, and in all parts before.
    found: Tally,
    tally: Tally,
    progress: Progress,
    next: Position,
}

impl Parts {
    /// Opens the folder: a new one, or one that a run with the same settings left.
    fn open(
        folder: &Path,
        form: Form,
        rejects: Option<&Path>,
        settings: &Map<String, Value>,
        restart: bool,
    ) -> Result<Self> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |why: io::Error| Error::file(&path, why)
        };
        fs::create_dir_all(folder).map_err(at(folder))?;
        let path = folder.join(MANIFEST);
        if restart {
            clear(folder).map_err(at(folder))?;
        } else if !path.exists() && fs::read_dir(folder).map_err(at(folder))?.next().is_some() {
            let reason = "the folder is not empty and holds no manifest.jsonl of tiqu; choose another, or use --restart \
                          to replace the parts in it";
            return Err(Error::Usage(format!("{}: {reason}", folder.display())));
        }
        let mut manifest =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(at(&path))?;
        if let Err(fs::TryLockError::WouldBlock) = manifest.try_lock() {
            return Err(Error::Usage(format!("{}: another tiqu is writing to this folder", folder.display())));
        }
        let (mut tally, mut progress, mut last, mut number) = (Tally::default(), Progress::default(), None, 0);
        let (head, length) = read_manifest(&manifest, &path, &mut |line| {
            tally.add(&line.found);
            progress.add(&line.found);
            number += 1;
            last = Some(line);
            Ok(())
        })?;
        let end = |line: &PartLine| (line.next, line.rejects_bytes, line.end);
        let (next, rejects_bytes, ended) = last.as_ref().map_or_else(Default::default, end);
        // A line that a kill cut off was never written.
        manifest.set_len(length).and_then(|()| manifest.seek(SeekFrom::End(0))).map_err(at(&path))?;
        match head {
            Some(head) => same_settings(folder, &head, settings)?,
            None => {
                let head = Head { tiqu: env!("CARGO_PKG_VERSION").to_owned(), settings: settings.clone() };
                append_line(&mut manifest, &head).and_then(|()| sync_folder(folder)).map_err(at(&path))?;
            }
        }
        remove_temporary(folder).map_err(at(folder))?;
        let path = rejects.map_or_else(|| folder.join(REJECTS), Path::to_owned);
        let rejects = open_rejects(&path, rejects_bytes)?;
        Ok(Self {
            folder: folder.to_owned(),
            form,
            manifest,
            rejects,
            rejects_path: path,
            rejects_bytes,
            number,
            ended,
            part: None,
            found: Tally::default(),
            tally,
            progress,
            next,
        })
    }

    /// Reads the lines of earlier runs once more: a long run has more of them than should be held.
    fn each_earlier(&self, on: &mut dyn FnMut(PartLine) -> Result<()>) -> Result<()> {
        let path = self.folder.join(MANIFEST);
        let file = File::open(&path).map_err(|why| Error::file(&path, why))?;
        read_manifest(&file, &path, on).map(|_| ())
    }

    /// Compares the inputs with those of the earlier runs.
    fn verify_inputs(&self, paths: &[PathBuf]) -> Result<()> {
        let mut seen = Seen::default();
        let mut walk = Walk::new(paths, Some(&self.folder));
        self.each_earlier(&mut |line| {
            while seen.count < line.inputs {
                let Some(source) = walk.next() else {
                    let reason = format!("{} inputs are left of the {} read before", seen.count, line.inputs);
                    return Err(self.changed(&reason));
                };
                seen.add(&source);
            }
            if digest(&seen.hasher) != line.inputs_digest {
                let pair = line.begun.iter().zip(&seen.recent).find(|(before, now)| before != now);
                let reason = match pair {
                    Some((before, now)) if before.name != now.name => {
                        format!("where '{}' was read there is now '{}'", before.name, now.name)
                    }
                    Some((before, now)) if before.size != now.size => {
                        format!("'{}' had {} bytes and has {} now", before.name, before.size, now.size)
                    }
                    Some((before, _)) => format!("'{}' was written to since", before.name),
                    None => format!("one of the inputs of part {} changed", line.part),
                };
                return Err(self.changed(&reason));
            }
            seen.recent.clear();
            Ok(())
        })?;
        match walk.next() {
            Some(more) if self.ended => Err(self.changed(&format!("the run was complete, and '{}' is new", more.name))),
            _ => Ok(()),
        }
    }

    /// Compares the parts with what the manifest says of them. That takes a second for each gigabyte or less, where
    /// extracting it took minutes.
    fn verify_parts(&self, jobs: usize) -> Result<()> {
        let (to_readers, files) = crossbeam_channel::bounded::<Written>(64);
        let (first, folder) = (Mutex::new(None), &self.folder);
        let read = std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    for file in &files {
                        let path = folder.join(&file.name);
                        let reason = match is_whole(&path, &file) {
                            Ok(true) => continue,
                            Ok(false) => "it is not as it was written".to_owned(),
                            Err(why) => format!("{why}, but the manifest has it"),
                        };
                        // Of several the first is told, whichever thread finds it.
                        let mut first = first.lock().expect("no holder panics");
                        if first.as_ref().is_none_or(|(known, _)| *known > path) {
                            *first = Some((path, reason));
                        }
                    }
                });
            }
            let read = self.each_earlier(&mut |line| {
                line.files.into_iter().for_each(|file| to_readers.send(file).expect("the readers wait for the end"));
                Ok(())
            });
            drop(to_readers);
            read
        });
        read?;
        match first.into_inner().expect("no holder panics") {
            Some((path, reason)) => {
                Err(Error::Usage(format!("{}: {reason}; use --restart to begin anew", path.display())))
            }
            None => Ok(()),
        }
    }

    fn changed(&self, reason: &str) -> Error {
        Error::Usage(format!(
            "{}: the inputs changed since the parts in it were written: {reason}; use --restart to begin anew",
            self.folder.display()
        ))
    }

    fn failed(&self, path: &Path, why: &io::Error) -> Error {
        let parts = self.number;
        Error::file(
            path,
            format!("{why}; the parts written so far ({parts}) are whole, and the same command goes on behind them"),
        )
    }
}

/// Writes a line and makes it durable.
fn append_line(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line).expect("a line is plain data");
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    file.sync_data()
}

/// Hands on the lines of a manifest; the first of them, and the length of those that are whole.
fn read_manifest(file: &File, path: &Path, on: &mut dyn FnMut(PartLine) -> Result<()>) -> Result<(Option<Head>, u64)> {
    let mut reader = BufReader::new(file);
    let (mut head, mut length, mut number) = (None, 0, 0);
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).map_err(|why| Error::file(path, why))?;
        if !line.ends_with(b"\n") {
            return Ok((head, length));
        }
        number += 1;
        let broken = |why: serde_json::Error| {
            let reason = format!("not a line of a manifest: {why}; use --restart to begin anew");
            Error::Usage(format!("{}:{number}: {reason}", path.display()))
        };
        if number == 1 {
            head = Some(serde_json::from_slice(&line).map_err(broken)?);
        } else {
            on(serde_json::from_slice(&line).map_err(broken)?)?;
        }
        length += line.len() as u64;
    }
}

/// Makes what is in a file durable; a pipe or a device cannot be asked for that.
fn sync_regular(file: &File) -> io::Result<()> {
    if file.metadata()?.is_file() { file.sync_data() } else { Ok(()) }
}

/// Opens the list of rejects behind those that are written down.
fn open_rejects(path: &Path, bytes: u64) -> Result<File> {
    let wrong = |why: io::Error| Error::file(path, why);
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(wrong)?;
    let meta = file.metadata().map_err(wrong)?;
    if !meta.is_file() {
        // A pipe or a device keeps nothing.
        return Ok(file);
    }
    if meta.len() < bytes {
        let reason = format!("has {} bytes, {bytes} when it was written; use --restart to begin anew", meta.len());
        return Err(Error::Usage(format!("{}: {reason}", path.display())));
    }
    file.set_len(bytes).and_then(|()| file.seek(SeekFrom::End(0))).map_err(wrong)?;
    Ok(file)
}

fn same_settings(folder: &Path, head: &Head, settings: &Map<String, Value>) -> Result<()> {
    let names = head.settings.keys().chain(settings.keys());
    let changed = names.into_iter().find(|name| head.settings.get(*name) != settings.get(*name));
    let Some(name) = changed else { return Ok(()) };
    let show = |settings: &Map<String, Value>| settings.get(name).map_or("not given".to_owned(), Value::to_string);
    Err(Error::Usage(format!(
        "{}: its parts were written with another {name} ({}, now {}); use the same, another folder, or --restart to begin anew",
        folder.display(),
        show(&head.settings),
        show(settings)
    )))
}

/// Names of our files in a folder of parts.
fn is_ours(name: &str) -> bool {
    name.starts_with("part-") || name.starts_with(TEMPORARY)
}

/// Removes the parts and the manifest, and nothing else. The manifest goes last: until then the folder is known as ours.
fn clear(folder: &Path) -> io::Result<()> {
    remove_named(folder, is_ours)?;
    for name in [REJECTS, MANIFEST] {
        let path = folder.join(name);
        if path.exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Removes what a killed run left unfinished.
fn remove_temporary(folder: &Path) -> io::Result<()> {
    remove_named(folder, |name| name.starts_with(TEMPORARY))
}

/// Removes what has such a name in the folder itself and in those of its tables.
fn remove_named(folder: &Path, is_meant: impl Fn(&str) -> bool) -> io::Result<()> {
    let mut folders: Vec<PathBuf> = crate::columns::TABLES.iter().map(|table| folder.join(table)).collect();
    folders.push(folder.to_owned());
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if is_meant(&entry.file_name().to_string_lossy()) {
                remove(&entry.path())?;
            }
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

impl Sink for Parts {
    fn take(&mut self, done: Done, batch: &Batch) -> Result<()> {
        // The corpus may end where a part ended; but a run without any document leaves one empty part.
        if self.part.is_none() && (done.items > 0 || self.number == 0) {
            let part = Part::create(&self.folder, self.number, self.form);
            self.part = Some(part.map_err(|why| self.failed(&self.folder, &why))?);
        }
        if let Some(part) = &mut self.part {
            let written = part.append(&done.encoded);
            written.map_err(|why| self.failed(&self.folder, &why))?;
        }
        let rejects = write_rejects(&mut self.rejects, &done.rejects);
        self.rejects_bytes += rejects.map_err(|why| self.failed(&self.rejects_path, &why))?;
        self.found.add(&done.tally);
        self.progress.add(&done.tally);
        batch.tell(&done, self.progress);
        let Some(cut) = done.cut else { return Ok(()) };
        let files = self.part.take().map_or(Ok(Vec::new()), Part::finish);
        let files = files.map_err(|why| self.failed(&self.folder, &why))?;
        sync_regular(&self.rejects).map_err(|why| self.failed(&self.rejects_path, &why))?;
        let mut found = std::mem::take(&mut self.found);
        found.shorten();
        // From the shortened figures, so that a run in pieces and one at a stretch say the same in the end.
        self.tally.add(&found);
        let line = PartLine {
            part: self.number,
            files,
            next: cut.next,
            inputs: cut.inputs,
            inputs_digest: cut.inputs_digest,
            begun: cut.recent,
            rejects_bytes: self.rejects_bytes,
            end: cut.end,
            found,
        };
        append_line(&mut self.manifest, &line).map_err(|why| self.failed(&self.folder.join(MANIFEST), &why))?;
        self.number += 1;
        Ok(())
    }
}
