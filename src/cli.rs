//! What the command line offers, and what it answers.

use crate::cli_review::{ReportArgs, ReviewArgs, ShowArgs, SnapshotArgs};
use crate::feature::Observer;
use crate::gold;
use crate::lexicon::Lexicon;
use crate::mention::{Currency, Kind};
use crate::model::KINDS;
use crate::pipeline::{Builder, Document, Tiqu};
use crate::record::{Offsets, Record};
use crate::relation::RelationKind;
use crate::score::{Score, Tally, score};
use crate::segment::Segmenter;
use crate::train::{self, Example};
use crate::view::{Paint, view};
use crate::{Error, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// From Chinese news to records: people, organisations, money and percentages, with exact values and positions.
#[derive(Parser)]
#[command(name = "tiqu", version, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Extract records from texts.
    Extract(Extract),
    /// Compare extraction with annotated articles: precision, recall, F1, values, canonical names.
    Eval(Eval),
    /// Train the tagger of names on annotated articles.
    Train(Train),
    /// Keep what is extracted from a corpus as snapshots, or compare with those kept.
    Snapshot(SnapshotArgs),
    /// Decide what to do about changed snapshots, in the terminal or in the browser.
    Review(ReviewArgs),
    /// Show what is extracted from one article.
    Show(ShowArgs),
    /// Draw a corpus at a glance from its records.
    Report(ReportArgs),
}

#[derive(Args)]
struct Extract {
    /// Text files and folders (recursive, sorted); `-` is standard input.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Form of the output [default: pretty on a terminal, jsonl elsewhere].
    #[arg(short, long)]
    format: Option<Format>,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// One JSON object a line.
    Jsonl,
    /// One JSON array, indented.
    Json,
    /// Marked text and facts, to be read.
    Pretty,
}

#[derive(Args)]
struct Eval {
    /// An annotated article (.ann) or a folder of them.
    gold: PathBuf,
    /// Show this many errors in their context.
    #[arg(long, value_name = "N", default_value_t = 0)]
    show: usize,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct Train {
    /// Annotated articles (.ann) and folders of them.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// Write the model to this file.
    #[arg(short, long, value_name = "MODEL")]
    output: PathBuf,
    /// Passes over the data.
    #[arg(long, value_name = "N", default_value_t = train::Options::default().epochs)]
    epochs: usize,
    /// A feature seen fewer times than this is left out.
    #[arg(long, value_name = "N", default_value_t = train::Options::default().cut)]
    cut: u32,
    /// First, train this many times on all but one part of the data and report how well the rest is tagged.
    #[arg(long, value_name = "N", default_value_t = 0)]
    folds: usize,
    /// Start of the random numbers.
    #[arg(long, value_name = "N", default_value_t = train::Options::default().seed)]
    seed: u64,
    /// Annotated articles to measure on after training, never trained on; may be given several times.
    #[arg(long, value_name = "GOLD")]
    held_out: Vec<PathBuf>,
}

impl Train {
    fn run(&self) -> Result<u8> {
        let mut articles = Vec::new();
        for path in &self.data {
            articles.extend(gold::articles(path)?);
        }
        let lexicon = Lexicon::new(&[] as &[&Path])?;
        let (segmenter, observer) = (Segmenter::new(&lexicon), Observer::new(&lexicon));
        let examples = train::examples(&articles, &lexicon, &segmenter, &observer);
        let chars: usize = examples.iter().map(Example::chars).sum();
        anstream::eprintln!("{} articles, {} sentences, {chars} characters", articles.len(), examples.len());
        let options =
            train::Options { epochs: self.epochs, cut: self.cut, seed: self.seed, ..train::Options::default() };
        if self.folds > 1 {
            let tallies: Vec<_> = (0..self.folds)
                .into_par_iter()
                .map(|fold| {
                    let inside = |example: &&Example| example.article() % self.folds == fold;
                    let rest: Vec<&Example> = examples.iter().filter(|example| !inside(example)).collect();
                    let model = train::train(&rest, options, |_, _| {});
                    train::evaluate(&model, examples.iter().filter(inside), false)
                })
                .collect();
            anstream::eprintln!("cross-validation in {} folds, sentence by sentence:", self.folds);
            report(&tallies);
        }
        let all: Vec<&Example> = examples.iter().collect();
        let model = train::train(&all, options, |epoch, loss| {
            anstream::eprintln!("epoch {epoch} of {}: loss {loss:.4}", options.epochs);
        });
        let bytes = model.to_bytes();
        std::fs::write(&self.output, &bytes).map_err(|why| Error::file(&self.output, why))?;
        for (name, rows) in model.sizes() {
            anstream::eprintln!("{name}: {rows} rows");
        }
        anstream::eprintln!("{}: {} bytes", self.output.display(), bytes.len());
        for path in &self.held_out {
            let articles = gold::articles(path)?;
            let examples = train::examples(&articles, &lexicon, &segmenter, &observer);
            anstream::eprintln!("{}, sentence by sentence:", path.display());
            report(&[train::evaluate(&model, examples.iter(), false)]);
            anstream::eprintln!("with the names of the other sentences known:");
            report(&[train::evaluate(&model, examples.iter(), true)]);
        }
        Ok(FINE)
    }
}

/// Prints precision, recall and F1 for each kind and for all.
fn report(folds: &[[Tally; KINDS.len()]]) {
    let mut sums = [Tally::default(); KINDS.len() + 1];
    for tallies in folds {
        for (kind, tally) in tallies.iter().enumerate() {
            for sum in [kind, KINDS.len()] {
                sums[sum].gold += tally.gold;
                sums[sum].found += tally.found;
                sums[sum].hit += tally.hit;
            }
        }
    }
    for (kind, sum) in sums.iter().enumerate() {
        let name = KINDS.get(kind).map_or("ALL", |kind| kind.name());
        let row = sum.row();
        anstream::eprintln!(
            "{name:8} gold {:5} pred {:5}  P {:.4} R {:.4} F1 {:.4}",
            row.gold,
            row.pred,
            row.p,
            row.r,
            row.f1
        );
    }
}

#[derive(Args)]
pub(crate) struct Settings {
    /// Keep only these kinds: person,org,loc,product,title,money,percent,date,count.
    #[arg(long, value_delimiter = ',', value_name = "KINDS")]
    kinds: Vec<Kind>,
    /// Keep only these relations: role,move,figure,change,quote.
    #[arg(long, value_delimiter = ',', value_name = "RELATIONS")]
    relations: Vec<RelationKind>,
    /// Unit of positions: chars, bytes or utf16.
    #[arg(long, default_value = "chars", value_name = "UNIT")]
    offsets: Offsets,
    /// Say for every mention why it was made.
    #[arg(long)]
    explain: bool,
    /// Put the source text into the record.
    #[arg(long)]
    with_text: bool,
    /// A dictionary of your own; may be given several times. Lines: surface<TAB>KIND[<TAB>canonical name].
    #[arg(long = "dict", value_name = "FILE")]
    dictionaries: Vec<PathBuf>,
    /// The currency of 元 and 块, as ISO 4217 code [default: read from the text].
    #[arg(long, value_name = "CODE", value_parser = currency)]
    currency: Option<Currency>,
    /// Day of publication of texts that do not say it, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    date: Option<jiff::civil::Date>,
    /// Read names with this model instead of the embedded one.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

fn currency(code: &str) -> std::result::Result<Currency, String> {
    Currency::new(code).ok_or_else(|| format!("'{code}' is no ISO 4217 code such as CNY or USD"))
}

impl Settings {
    fn extractor(&self) -> Result<Tiqu> {
        self.builder().build()
    }

    /// The settings as the library takes them.
    pub(crate) fn builder(&self) -> Builder {
        let mut builder = Tiqu::builder().offsets(self.offsets).explain(self.explain).with_text(self.with_text);
        for path in &self.dictionaries {
            builder = builder.dictionary(path);
        }
        if !self.kinds.is_empty() {
            builder = builder.kinds(self.kinds.iter().copied());
        }
        if !self.relations.is_empty() {
            builder = builder.relations(self.relations.iter().copied());
        }
        if let Some(currency) = self.currency {
            builder = builder.currency(currency);
        }
        if let Some(date) = self.date {
            builder = builder.date(date);
        }
        if let Some(model) = &self.model {
            builder = builder.model(model);
        }
        builder
    }
}

/// Exit codes: all fine, some input failed, wrong use.
const FINE: u8 = 0;
const SOME_FAILED: u8 = 1;
const WRONG_USE: u8 = 2;

/// Runs the command with the arguments of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Extract(extract) => extract.run(),
        Command::Eval(eval) => eval.run(),
        Command::Train(train) => train.run(),
        Command::Snapshot(snapshot) => snapshot.run(),
        Command::Review(review) => review.run(),
        Command::Show(show) => show.run(),
        Command::Report(report) => report.run(),
    };
    ExitCode::from(done.unwrap_or_else(|why| {
        anstream::eprintln!("tiqu: {why}");
        if matches!(why, Error::File { .. }) { SOME_FAILED } else { WRONG_USE }
    }))
}

impl Extract {
    fn run(&self) -> Result<u8> {
        let tiqu = self.settings.extractor()?;
        let mut out: Box<dyn Write> = match &self.output {
            Some(path) => {
                let file = std::fs::File::create(path).map_err(|why| Error::file(path, why))?;
                Box::new(std::io::BufWriter::new(file))
            }
            None => Box::new(std::io::BufWriter::new(anstream::AutoStream::auto(std::io::stdout()))),
        };
        let terminal = self.output.is_none() && std::io::stdout().is_terminal();
        let format = self.format.unwrap_or(if terminal { Format::Pretty } else { Format::Jsonl });
        let mut failed = false;
        let mut first = true;
        for input in inputs(&self.paths) {
            let document = match input.and_then(|(path, id)| document(&path, id)) {
                Ok(document) => document,
                Err(why) => {
                    anstream::eprintln!("tiqu: {why}");
                    failed = true;
                    continue;
                }
            };
            let record = tiqu.extract_document(&document);
            let written = match format {
                Format::Jsonl => writeln!(out, "{}", json(&record)),
                Format::Json => {
                    let text = serde_json::to_string_pretty(&record).expect("a record is plain data");
                    write!(out, "{}{text}", if first { "[\n" } else { ",\n" })
                }
                Format::Pretty => {
                    let head = if first { "" } else { "\n" };
                    writeln!(out, "{head}=== {}\n{}", record.id, view(&record, &document.text, Paint::Colour))
                }
            };
            first = false;
            if let Err(why) = written {
                return closed(&why, self.output.as_deref());
            }
        }
        let end = if format == Format::Json { writeln!(out, "{}", if first { "[]" } else { "\n]" }) } else { Ok(()) };
        if let Err(why) = end.and_then(|()| out.flush()) {
            return closed(&why, self.output.as_deref());
        }
        Ok(if failed { SOME_FAILED } else { FINE })
    }
}

/// A closed pipe ends the run quietly; any other failure to write is an error.
fn closed(why: &std::io::Error, output: Option<&Path>) -> Result<u8> {
    if why.kind() == std::io::ErrorKind::BrokenPipe {
        return Ok(FINE);
    }
    Err(Error::file(output.unwrap_or(Path::new("standard output")), why))
}

fn json(record: &Record) -> String {
    serde_json::to_string(record).expect("a record is plain data")
}

/// Every text file under the paths with its id: the path relative to the given folder, or the given path itself.
pub(crate) fn inputs(paths: &[PathBuf]) -> impl Iterator<Item = Result<(PathBuf, String)>> + '_ {
    paths.iter().flat_map(|path| -> Vec<Result<(PathBuf, String)>> {
        if !path.is_dir() {
            return vec![Ok((path.clone(), path.display().to_string()))];
        }
        let mut files = Vec::new();
        if let Err(why) = text_files(path, &mut files) {
            return vec![Err(why)];
        }
        files.sort();
        let id = |file: &Path| {
            let parts = file.strip_prefix(path).unwrap_or(file).iter().map(|part| part.to_string_lossy());
            parts.collect::<Vec<_>>().join("/")
        };
        files.into_iter().map(|file| Ok((file.clone(), id(&file)))).collect()
    })
}

fn text_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(|why| Error::file(folder, why))? {
        let path = entry.map_err(|why| Error::file(folder, why))?.path();
        if path.is_dir() {
            text_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            files.push(path);
        }
    }
    Ok(())
}

pub(crate) fn document(path: &Path, id: String) -> Result<Document> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|why| Error::file("standard input", why))?;
        bytes
    } else {
        std::fs::read(path).map_err(|why| Error::file(path, why))?
    };
    let text = String::from_utf8(bytes).map_err(|why| Error::file(path, format!("not UTF-8: {}", why.utf8_error())))?;
    Ok(Document { id, text, ..Document::default() })
}

impl Eval {
    fn run(&self) -> Result<u8> {
        let tiqu = self.settings.extractor()?;
        let articles = gold::articles(&self.gold)?;
        let records: BTreeMap<&str, Record> =
            articles.iter().map(|article| (&*article.id, tiqu.extract(&article.text))).collect();
        let kinds = if self.settings.kinds.is_empty() { Kind::ALL.to_vec() } else { self.settings.kinds.clone() };
        let result = score(&articles, |id| records.get(id), &kinds);
        let mut out = anstream::stdout();
        let text = if self.json { eval_json(&result) } else { eval_table(&result, self.show) };
        match out.write_all(text.as_bytes()) {
            Ok(()) => Ok(FINE),
            Err(why) => closed(&why, None),
        }
    }
}

fn eval_table(score: &Score, show: usize) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for (name, tally) in &score.rows {
        let row = tally.row();
        let _ = write!(
            out,
            "{name:8} gold {:5} pred {:5}  P {:.4} R {:.4} F1 {:.4}",
            row.gold, row.pred, row.p, row.r, row.f1
        );
        if name.parse::<RelationKind>().is_err() {
            let _ = write!(
                out,
                "  value {:.4} both {:.4} qualifier {:.4} canon {:.4}",
                row.value, row.both, row.qualifier, row.canon
            );
        }
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "documents {}, without a record {}, misquoted mentions {}",
        score.documents, score.absent, score.misquoted
    );
    for miss in score.misses.iter().take(show) {
        let _ = writeln!(out, "{}  {}  {}  {}  {}", miss.id, miss.at, miss.kind, miss.problem, miss.context);
    }
    out
}

fn eval_json(score: &Score) -> String {
    let rows: BTreeMap<&str, _> = score.rows.iter().map(|(name, tally)| (&**name, tally.row())).collect();
    let value = serde_json::json!({
        "rows": rows, "documents": score.documents, "absent": score.absent, "misquoted": score.misquoted, "misses": score.misses,
    });
    format!("{value}\n")
}
