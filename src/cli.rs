//! What the command line offers, and what it answers.

use crate::cli_dict::Dict;
use crate::cli_extract::Extract;
use crate::cli_review::{ReportArgs, ReviewArgs, ShowArgs, SnapshotArgs};
use crate::cli_train::{Train, TrainSubjects};
use crate::gold;
use crate::mention::Kind;
use crate::options::{FINE, SOME_FAILED, Settings, WRONG_USE, closed};
use crate::record::Record;
use crate::relation::RelationKind;
use crate::score::{Score, score};
use crate::{Error, Result};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  tiqu show article.txt                    one article with its marks, and what it says
  tiqu extract news -o records.jsonl       a folder of articles to records
  tiqu extract news -o records             the same, in parts that a stopped run goes on from
  tiqu report records --html report.html   these records at a glance
  tiqu snapshot news --into kept           keep what is extracted; after a change of a dictionary …
  tiqu snapshot news --check kept          … see what differs …
  tiqu review kept --web                   … and decide";

/// From Chinese news to records: people, organisations, money and percentages, with exact values and positions.
#[derive(Parser)]
#[command(name = "tiqu", version, max_term_width = 120, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Extract records from texts.
    Extract(Box<Extract>),
    /// Compare extraction with annotated articles: precision, recall, F1, values, canonical names.
    Eval(Eval),
    /// Train the tagger of names on annotated articles and records.
    Train(Train),
    /// Learn from annotated articles whose a figure is.
    TrainSubjects(TrainSubjects),
    /// Look after dictionaries of your own.
    Dict(Dict),
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
struct Eval {
    /// An annotated article (.ann) or a folder of them.
    gold: PathBuf,
    /// Show this many errors in their context.
    #[arg(long, value_name = "N", default_value_t = 0)]
    show: usize,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten, next_help_heading = "What is extracted")]
    settings: Settings,
}

/// The command line. How a record is written has no say where none is written: these options are not shown there.
fn command() -> clap::Command {
    ["eval", "snapshot", "show"].into_iter().fold(Cli::command(), |command, name| {
        command.mut_subcommand(name, |command| {
            let record = ["offsets", "explain", "with_text"].into_iter();
            record.fold(command, |command, option| command.mut_arg(option, |option| option.hide(true)))
        })
    })
}

/// Runs the command with the arguments of this process.
pub fn run() -> ExitCode {
    let cli = Cli::from_arg_matches(&command().get_matches()).unwrap_or_else(|why| why.exit());
    let done = match cli.command {
        Command::Extract(extract) => extract.run(),
        Command::Eval(eval) => eval.run(),
        Command::Train(train) => train.run(),
        Command::TrainSubjects(train) => train.run(),
        Command::Dict(dict) => dict.run(),
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
        let _ = write!(out, "{name:8} {row}");
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
