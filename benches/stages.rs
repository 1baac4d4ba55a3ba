//! Throughput of each stage and of the whole, in bytes of source, beside jieba-rs alone on the same text.
//!
//! The text is mixed news: the training articles without their marks. Run with `cargo bench`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tiqu::lexicon::Lexicon;
use tiqu::link::link;
use tiqu::names::Names;
use tiqu::quantity::{Setting, quantities};
use tiqu::relation::{RelationWords, relations};
use tiqu::resolve::resolve;
use tiqu::segment::Segmenter;
use tiqu::sentence::sentences;
use tiqu::text::Text;
use tiqu::units::Units;
use tiqu::{Tiqu, gold};

/// Articles of half a megabyte in all, taken from every part of the corpus.
fn articles() -> Vec<String> {
    let all = gold::articles(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/train")).expect("the corpus is there");
    let every = (all.len() / 24).max(1);
    all.into_iter().step_by(every).map(|article| article.text).collect()
}

fn stages(criterion: &mut Criterion) {
    let articles = articles();
    let bytes: usize = articles.iter().map(String::len).sum();
    let lexicon = Lexicon::new(&[] as &[&str]).expect("the embedded dictionaries are sound");
    let segmenter = Segmenter::new(&lexicon);
    let units = Units::new(&lexicon.folding);
    let names = Names::new(&lexicon, None).expect("the embedded model is sound");
    let relation_words = RelationWords::new(&lexicon.folding);
    let tiqu = Tiqu::new().expect("the embedded data is sound");
    let jieba = jieba_rs::Jieba::new();
    let setting = Setting { currency: None, date: None };
    let texts: Vec<Text> = articles.iter().map(|source| Text::new(source, &lexicon.folding)).collect();
    let cut: Vec<_> = texts.iter().map(sentences).collect();
    let words: Vec<_> = texts.iter().zip(&cut).map(|(text, cut)| segmenter.segment_all(text, cut)).collect();
    let mentions = |n: usize| {
        let mut candidates = quantities(&texts[n], &units, &setting);
        candidates.extend(names.find(&texts[n], &cut[n], &words[n], &lexicon));
        resolve(&texts[n], candidates)
    };
    let mentions: Vec<_> = (0..texts.len()).map(mentions).collect();
    let entities = |n: usize| link(&texts[n], &mentions[n], &lexicon, names.forms());
    let linked: Vec<_> = (0..texts.len()).map(entities).collect();

    let mut group = criterion.benchmark_group("stage");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.sample_size(20);
    let mut bench = |name: &str, run: &dyn Fn()| {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| bencher.iter(run));
    };
    bench("text", &|| {
        for source in &articles {
            black_box(Text::new(source, &lexicon.folding));
        }
    });
    bench("sentences", &|| {
        for text in &texts {
            black_box(sentences(text));
        }
    });
    bench("quantities", &|| {
        for text in &texts {
            black_box(quantities(text, &units, &setting));
        }
    });
    bench("words", &|| {
        for (text, cut) in texts.iter().zip(&cut) {
            black_box(segmenter.segment_all(text, cut));
        }
    });
    bench("names", &|| {
        for ((text, cut), words) in texts.iter().zip(&cut).zip(&words) {
            black_box(names.find(text, cut, words, &lexicon));
        }
    });
    bench("link", &|| {
        for n in 0..texts.len() {
            black_box(entities(n));
        }
    });
    bench("relations", &|| {
        for n in 0..texts.len() {
            black_box(relations(&texts[n], &cut[n], &words[n], &mentions[n], &linked[n], &relation_words));
        }
    });
    bench("whole", &|| {
        for source in &articles {
            black_box(tiqu.extract(source));
        }
    });
    bench("jieba-rs cut", &|| {
        for source in &articles {
            black_box(jieba.cut(source, false));
        }
    });
    bench("jieba-rs tag", &|| {
        for source in &articles {
            black_box(jieba.tag(source, false));
        }
    });
}

fn start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.sample_size(10);
    group.bench_function("Tiqu::new", |bencher| bencher.iter(|| black_box(Tiqu::new().is_ok())));
}

criterion_group!(benches, stages, start);
criterion_main!(benches);
