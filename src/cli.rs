//! What the command line offers, and what it answers.

use crate::cli_extract::Extract;
use crate::feature::Observer;
use crate::gold;
use crate::lexicon::Lexicon;
use crate::mention::Kind;
use crate::model::KINDS;
use crate::options::{FINE, SOME_FAILED, Settings, WRONG_USE, closed};
use crate::record::Record;
use crate::relation::RelationKind;
use crate::score::{Score, Tally, score};
use crate::segment::Segmenter;
use crate::train::{self, Example};
use crate::{Error, Result};
use clap::{Args, Parser, Subcommand};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::Write;
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

/// Runs the command with the arguments of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Extract(extract) => extract.run(),
        Command::Eval(eval) => eval.run(),
        Command::Train(train) => train.run(),
    };
    ExitCode::from(done.unwrap_or_else(|why| {
        anstream::eprintln!("tiqu: {why}");
        if matches!(why, Error::File { .. }) { SOME_FAILED } else { WRONG_USE }
    }))
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
