//! The direction of imports: a module imports only from those that stand before it in `src/lib.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Names behind `crate::` in a source file, comments and tests left out.
fn imports(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = code.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    lines
        .flat_map(|line| line.match_indices("crate::").map(move |(at, word)| &line[at + word.len()..]))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned())
        .filter(|name| !name.is_empty() && name.chars().next().is_some_and(char::is_lowercase))
        .collect()
}

#[test]
fn a_module_imports_only_from_those_before_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    let order: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    assert!(order.len() > 20, "the list of modules in lib.rs was not understood: {order:?}");
    let place = |name: &str| order.iter().position(|module| *module == name);
    let mut wrong = Vec::new();
    for (at, module) in order.iter().enumerate() {
        let source = fs::read_to_string(src.join(format!("{module}.rs"))).unwrap();
        for import in imports(&source) {
            // What is no module is a re-export of the crate's head, such as `crate::Error`, or a macro.
            if place(&import).is_some_and(|before| before > at) {
                wrong.push(format!("{module} imports from {import}, which stands behind it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_is_in_the_list() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    for entry in fs::read_dir(&src).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "rs") && name != "lib" && name != "main" {
            assert!(lib.contains(&format!("mod {name};")), "src/{name}.rs is in no list of modules");
        }
    }
}
