//! Training of the tagger: the same data gives the same bytes, from annotated articles as from records.

use std::path::{Path, PathBuf};
use tiqu::feature::Observer;
use tiqu::gold::{Article, articles, articles_and_records};
use tiqu::lexicon::Lexicon;
use tiqu::segment::Segmenter;
use tiqu::train::{Example, Options, examples, train};
use tiqu::{Tiqu, train_subject};

/// What training on [`PART`] gives. It moves with the training data of that part, with the dictionaries and the segmenter
/// (they are what the tagger sees), and with the training itself; it does not move by itself. When it has moved for a
/// reason that you know, make the shipped model anew (`dictionaries/names.md` has the command), and put the digest that the
/// failing test prints here.
///
/// All floats are added and multiplied in a fixed order, exponentials come from a portable library, and rounding is
/// that of IEEE 754, so that by construction the digest is the same on every 64-bit machine, with any number of cores
/// and at every level of optimisation. What the language does not promise is the last bit of `f32::powi` in the steps of
/// Adam: it is the place to look at if a platform should ever give another digest.
const DIGEST: &str = "03f39796404ae877525a161ad6746bef";

/// Two of the shortest files.
const PART: [&str; 2] = ["u4-10.ann", "u6-12.ann"];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/train")
}

/// The digest of the model that a short training gives.
fn trained(articles: &[Article]) -> String {
    let lexicon = Lexicon::new(&[] as &[&Path]).unwrap();
    let (segmenter, observer) = (Segmenter::new(&lexicon), Observer::new(&lexicon));
    let examples = examples(articles, &lexicon, &segmenter, &observer);
    let examples: Vec<&Example> = examples.iter().collect();
    let options = Options { epochs: 2, cut: 3, ..Options::default() };
    blake3::hash(&train(&examples, options, |_, _| {}).to_bytes()).to_hex()[..32].to_owned()
}

/// Each network has a thread of its own, so that every run mixes them in another order.
#[test]
fn the_same_data_gives_the_same_bytes() {
    let articles: Vec<Article> = PART.iter().map(|name| Article::read(corpus().join(name)).unwrap()).collect();
    let (first, second) = (trained(&articles), trained(&articles));
    assert_eq!(first, second, "two trainings on the same data differ: something in them is left to chance");
    assert_eq!(first, DIGEST, "training gives other bytes than before; if you know why, put '{first}' into DIGEST");
}

/// Whose a figure is, is learned by as many threads as there are folds.
#[test]
fn the_same_articles_give_the_same_table() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/golden");
    let articles = ["ai-funding.ann", "chip-earnings.ann"].map(|name| Article::read(golden.join(name)).unwrap());
    let tiqu = Tiqu::new().unwrap();
    let options = train_subject::Options { rounds: 1, epochs: 3, ..train_subject::Options::default() };
    let learned = || train_subject::table(&train_subject::train(&articles.each_ref(), &tiqu, options));
    let table = learned();
    assert_eq!(table, learned(), "two trainings on the same articles differ");
    let shipped = include_str!("../dictionaries/subject_net.tsv");
    let names = |table: &str| -> Vec<String> {
        table
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split('\t').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&table), names(shipped), "the shipped table was learned with other cues: learn it anew");
}

#[test]
fn records_teach_what_annotation_teaches() {
    let annotated = articles(corpus().join(PART[1])).unwrap();
    let lines: String = annotated
        .iter()
        .map(|article| {
            let mention = |mark: &tiqu::gold::Mark| {
                serde_json::json!({
                    "kind": mark.kind, "text": mark.text, "start": mark.start, "end": mark.end, "optional": mark.optional,
                })
            };
            let mentions: Vec<_> = article.marks.iter().map(mention).collect();
            format!("{}\n\n", serde_json::json!({"id": article.id, "text": article.text, "mentions": mentions}))
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.jsonl"), lines).unwrap();
    let read = articles_and_records(folder.path()).unwrap();
    let names = |articles: &[Article]| -> Vec<_> {
        let mark = |mark: &tiqu::gold::Mark| (mark.kind, mark.start, mark.end, mark.text.clone(), mark.optional);
        articles
            .iter()
            .map(|article| (article.text.clone(), article.marks.iter().map(mark).collect::<Vec<_>>()))
            .collect()
    };
    assert_eq!(names(&read), names(&annotated));
}

#[cfg(feature = "cli")]
mod command {
    use std::fs;
    use std::process::{Command, Output};

    fn train(folder: &std::path::Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tiqu"));
        command.current_dir(folder).arg("train").args(arguments).output().unwrap()
    }

    #[test]
    fn the_command_trains_on_what_extraction_writes() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.txt"), "王华加入澜图科技。李明说，王华很忙。").unwrap();
        let extract = Command::new(env!("CARGO_BIN_EXE_tiqu"))
            .current_dir(folder.path())
            .args(["extract", "a.txt", "--with-text", "-o", "a.jsonl"])
            .output()
            .unwrap();
        assert!(extract.status.success(), "{extract:?}");
        let data = ["a.jsonl", "--epochs", "1", "--cut", "1", "-q"];
        for model in ["a.model", "b.model"] {
            let output = train(folder.path(), &[&data[..], &["-o", model]].concat());
            assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        }
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        assert!(read("a.model") == read("b.model"), "two trainings on the same data differ");
        let used = Command::new(env!("CARGO_BIN_EXE_tiqu"))
            .current_dir(folder.path())
            .args(["extract", "a.txt", "--model", "a.model"])
            .output()
            .unwrap();
        assert!(used.status.success(), "{used:?}");
    }

    #[test]
    fn a_wrong_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let good = r#"{"text":"王华说。","mentions":[{"kind":"PERSON","text":"王华","start":0,"end":2}]}"#;
        fs::write(folder.path().join("a.jsonl"), format!("{good}\n\n{}\n", good.replace(":2}", ":3}"))).unwrap();
        let output = train(folder.path(), &["a.jsonl", "-o", "a.model"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.starts_with("tiqu: a.jsonl:3: PERSON '王华' is not what stands at 0..3: '王华说'"), "{told}");
        assert!(!output.status.success() && !folder.path().join("a.model").exists());
        let wrong = [&["a.jsonl", "-o", "none/a.model"][..], &["a.jsonl", "-o", "m", "--epochs", "0"], &["-o", "m"]];
        for arguments in wrong {
            assert!(!train(folder.path(), arguments).status.success(), "{arguments:?}");
        }
    }
}
