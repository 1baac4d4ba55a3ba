//! `tiqu train`: annotated articles to a model of names.

use crate::feature::Observer;
use crate::gold::{self, Article};
use crate::lexicon::Lexicon;
use crate::model::{KINDS, NETWORKS};
use crate::options::FINE;
use crate::pipeline::Tiqu;
use crate::score::Tally;
use crate::segment::Segmenter;
use crate::train::{self, Example};
use crate::train_subject;
use crate::{Error, Result};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Args)]
pub struct Train {
    /// Annotated articles (.ann), records with their text (.jsonl), and folders of both.
    ///
    /// A line of a .jsonl file is a record as 'tiqu extract --with-text -f jsonl' writes it, or by hand
    /// {"text":"王华说。","mentions":[{"kind":"PERSON","text":"王华","start":0,"end":2}]}: all names of the text must be among
    /// the mentions; positions count characters; mentions must not overlap; with "optional":true a mention may be found or
    /// not. Kinds that are no names (MONEY, DATE, …) are passed over.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// Write the model to this file.
    #[arg(short, long, value_name = "MODEL")]
    output: PathBuf,
    /// Passes over the data.
    #[arg(long, value_name = "N", default_value_t = train::Options::default().epochs, value_parser = at_least_one())]
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
    /// Annotated articles or records to measure on after training, never trained on; may be given several times.
    #[arg(long, value_name = "GOLD")]
    held_out: Vec<PathBuf>,
    /// Say only what is wrong, and what was asked to be measured.
    #[arg(short, long)]
    quiet: bool,
}

fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

impl Train {
    /// Runs it; the exit code.
    pub fn run(&self) -> Result<u8> {
        found_folder(&self.output)?;
        let mut articles = Vec::new();
        for path in &self.data {
            articles.extend(gold::articles_and_records(path)?);
        }
        let held_out = self.held_out.iter().map(gold::articles_and_records).collect::<Result<Vec<_>>>()?;
        right_folds(self.folds, articles.len())?;
        let lexicon = Lexicon::new(&[] as &[&Path])?;
        let (segmenter, observer) = (Segmenter::new(&lexicon), Observer::new(&lexicon));
        let read = |articles: &[Article]| train::examples(articles, &lexicon, &segmenter, &observer);
        let examples = read(&articles);
        let chars: usize = examples.iter().map(Example::chars).sum();
        self.say(&format!("{} articles, {} sentences, {chars} characters", articles.len(), examples.len()));
        if examples.is_empty() {
            return Err(Error::Usage("there is no sentence to train on".to_owned()));
        }
        let options =
            train::Options { epochs: self.epochs, cut: self.cut, seed: self.seed, ..train::Options::default() };
        let steps = NETWORKS * self.epochs;
        if self.folds > 1 {
            let progress = Progress::new(self.quiet, "folds", self.folds * steps);
            let tallies: Vec<_> = (0..self.folds)
                .into_par_iter()
                .map(|fold| {
                    let inside = |example: &&Example| example.article() % self.folds == fold;
                    let rest: Vec<&Example> = examples.iter().filter(|example| !inside(example)).collect();
                    let model = train::train(&rest, options, |_, _| progress.step(None));
                    train::evaluate(&model, examples.iter().filter(inside), false)
                })
                .collect();
            progress.end();
            anstream::eprintln!("cross-validation in {} folds, sentence by sentence:", self.folds);
            report(&tallies);
        }
        let all: Vec<&Example> = examples.iter().collect();
        let progress = Progress::new(self.quiet, "training", steps);
        let model = train::train(&all, options, |epoch, loss| progress.step(Some((epoch, options.epochs, loss))));
        progress.end();
        let bytes = model.to_bytes();
        std::fs::write(&self.output, &bytes).map_err(|why| Error::file(&self.output, why))?;
        for (name, rows) in model.sizes() {
            self.say(&format!("{name}: {rows} rows"));
        }
        self.say(&format!("{}: {} bytes", self.output.display(), bytes.len()));
        for (path, articles) in self.held_out.iter().zip(&held_out) {
            let examples = read(articles);
            anstream::eprintln!("{}, sentence by sentence:", path.display());
            report(&[train::evaluate(&model, examples.iter(), false)]);
            anstream::eprintln!("with the names of the other sentences known:");
            report(&[train::evaluate(&model, examples.iter(), true)]);
        }
        Ok(FINE)
    }

    fn say(&self, line: &str) {
        if !self.quiet {
            anstream::eprintln!("{line}");
        }
    }
}

#[derive(Args)]
pub struct TrainSubjects {
    /// Annotated articles with relations (.ann), and folders of them.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// Write the table to this file.
    #[arg(short, long, value_name = "TABLE")]
    output: PathBuf,
    /// First, learn this many times from all but one part of the articles and report how often the rest is right.
    #[arg(long, value_name = "N", default_value_t = 0)]
    folds: usize,
    /// Annotated articles to measure on, never learned from; may be given several times.
    #[arg(long, value_name = "GOLD")]
    held_out: Vec<PathBuf>,
    /// Passes over the examples.
    #[arg(long, value_name = "N", default_value_t = train_subject::Options::default().epochs, value_parser = at_least_one())]
    epochs: usize,
    /// Start of the random numbers.
    #[arg(long, value_name = "N", default_value_t = train_subject::Options::default().seed)]
    seed: u64,
    /// Say only what is wrong, and what was asked to be measured.
    #[arg(short, long)]
    quiet: bool,
}

impl TrainSubjects {
    /// Runs it; the exit code.
    pub fn run(&self) -> Result<u8> {
        found_folder(&self.output)?;
        let mut articles = Vec::new();
        for path in &self.data {
            articles.extend(gold::articles(path)?);
        }
        articles.retain(|article| !article.relations.is_empty());
        if articles.is_empty() {
            return Err(Error::Usage("there is no article with relations to learn from".to_owned()));
        }
        right_folds(self.folds, articles.len())?;
        let held_out = self.held_out.iter().map(gold::articles).collect::<Result<Vec<_>>>()?;
        let tiqu = Tiqu::new()?;
        let options =
            train_subject::Options { epochs: self.epochs, seed: self.seed, ..train_subject::Options::default() };
        let part = |inside: &dyn Fn(usize) -> bool| -> Vec<&Article> {
            articles.iter().enumerate().filter(|(at, _)| inside(*at)).map(|(_, article)| article).collect()
        };
        if self.folds > 1 {
            let tallies: Vec<_> = (0..self.folds)
                .map(|fold| {
                    let net = train_subject::train(&part(&|at| at % self.folds != fold), &tiqu, options);
                    train_subject::evaluate(&part(&|at| at % self.folds == fold), &tiqu, &net)
                })
                .collect();
            report_subjects(&format!("cross-validation in {} folds", self.folds), &tallies);
        }
        let net = train_subject::train(&part(&|_| true), &tiqu, options);
        if !self.quiet {
            report_subjects("what was learned from", &[train_subject::evaluate(&part(&|_| true), &tiqu, &net)]);
        }
        for (path, articles) in self.held_out.iter().zip(&held_out) {
            let articles: Vec<&Article> = articles.iter().collect();
            report_subjects(&path.display().to_string(), &[train_subject::evaluate(&articles, &tiqu, &net)]);
        }
        std::fs::write(&self.output, train_subject::table(&net)).map_err(|why| Error::file(&self.output, why))?;
        Ok(FINE)
    }
}

/// Prints for how many amounts the annotated subject was chosen.
fn report_subjects(what: &str, tallies: &[train_subject::Tally]) {
    let sum = |part: fn(&train_subject::Tally) -> usize| tallies.iter().map(part).sum::<usize>();
    let (asked, reach, right) = (sum(|t| t.asked), sum(|t| t.within_reach), sum(|t| t.right));
    let share = right as f64 / asked.max(1) as f64;
    anstream::eprintln!("{what}: {right} of {asked} subjects right, {share:.3}; {reach} were among the candidates");
}

/// The folder of a file to be written, found before the minutes of training, not behind them.
fn found_folder(output: &Path) -> Result<()> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.is_dir()) {
        Some(folder) => Err(Error::file(folder, "no such folder to write the model to")),
        None => Ok(()),
    }
}

/// Whether so many articles can be parted into so many folds.
fn right_folds(folds: usize, count: usize) -> Result<()> {
    if folds == 1 || folds > count {
        return Err(Error::Usage(format!("--folds {folds} of {count} articles: expected 2 to the number of articles")));
    }
    Ok(())
}

/// How far training is: a bar on a terminal, a line an epoch elsewhere.
struct Progress {
    quiet: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `steps` are epochs of single networks.
    fn new(quiet: bool, what: &'static str, steps: usize) -> Self {
        let bar = (!quiet && stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(steps as u64);
            let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg} {elapsed}, {eta} left");
            bar.set_style(style.expect("the template is right"));
            bar.set_prefix(what);
            // An epoch takes a while: the clock goes on meanwhile.
            bar.enable_steady_tick(Duration::from_secs(1));
            bar
        });
        Self { quiet, bar }
    }

    /// One network is done with an epoch: which, of how many, and its mean loss.
    fn step(&self, done: Option<(usize, usize, f32)>) {
        let line = done.map(|(epoch, epochs, loss)| format!("epoch {epoch} of {epochs}: loss {loss:.4}"));
        match (&self.bar, line) {
            (Some(bar), line) => {
                bar.set_message(line.unwrap_or_default());
                bar.inc(1);
            }
            (None, Some(line)) if !self.quiet => anstream::eprintln!("{line}"),
            _ => {}
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
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
        anstream::eprintln!("{name:8} {}", sum.row());
    }
}
