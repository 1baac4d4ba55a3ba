//! What is extracted from the golden articles, kept as snapshots: they say what changed, the annotation says what is
//! right. Changes are looked at with `tiqu review snapshots`.
#![cfg(feature = "cli")]

use std::path::Path;
use tiqu::snapshot::Snapshot;

#[test]
fn golden_articles_are_read_as_before() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut articles: Vec<_> = std::fs::read_dir(root.join("corpus/golden"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    articles.sort();
    assert!(!articles.is_empty());
    let tiqu = tiqu::Tiqu::new().unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root.join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::allow_duplicates!({
            let mut wrong = Vec::new();
            for path in articles {
                let id = path.file_stem().unwrap().to_string_lossy().into_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                let record =
                    tiqu.extract_document(&tiqu::Document { id: id.clone(), text: text.clone(), ..Default::default() });
                let snapshot = Snapshot::new(&record, &text).render(false);
                assert_eq!(Snapshot::parse(&snapshot).unwrap().render(false), snapshot, "{id} reads back");
                // All differences are written down for review before the test fails.
                let compared = std::panic::catch_unwind(|| insta::assert_snapshot!(id.as_str(), snapshot));
                if compared.is_err() {
                    wrong.push(id);
                }
            }
            assert!(wrong.is_empty(), "changed: {wrong:?}; see them: cargo run -- review snapshots");
        });
    });
}
