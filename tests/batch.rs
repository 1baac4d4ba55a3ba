//! Parts, manifest and resume: the same bytes with any number of workers and after any number of kills.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const A: &str = "英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。";

/// A folder with inputs of several forms, some of them with faults.
fn corpus(documents: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs::create_dir(&input).unwrap();
    let line = |id: usize| {
        if id % 50 == 7 {
            return format!("{{broken {id}\n");
        }
        format!("{{\"id\":\"{id}\",\"text\":\"{A}今年投入{id}万元，占{}%。\"}}\n", id % 90)
    };
    fs::write(input.join("a.jsonl"), (0..documents).map(line).collect::<String>()).unwrap();
    let row = |id: usize| format!("c{id},{A}共{id}亿元\n");
    fs::write(input.join("b.csv"), "id,text\n".to_owned() + &(0..documents / 2).map(row).collect::<String>()).unwrap();
    for id in 0..documents / 20 {
        fs::write(input.join(format!("t{id:04}.txt")), format!("{A}{id}元")).unwrap();
    }
    folder
}

fn command(folder: &Path, out: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiqu"));
    command.current_dir(folder).args(["extract", "in", "-o", out, "--part-size", "20K"]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(folder: &Path, out: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command(folder, out, arguments).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

/// Every file under a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn same(folder: &Path, one: &str, other: &str) {
    let (one, other) = (contents(&folder.join(one)), contents(&folder.join(other)));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(bytes == &other[name], "{name} differs");
    }
}

#[test]
fn the_output_is_the_same_with_any_number_of_workers() {
    let folder = corpus(400);
    for format in ["jsonl", "csv", "parquet", "jsonl.zst", "csv.gz", "brat", "json.gz"] {
        for jobs in ["1", "2", "5"] {
            let (code, stderr) = run(folder.path(), &format!("{format}-dir-{jobs}/"), &["-f", format, "-j", jobs]);
            assert_eq!(code, Some(1), "{stderr}");
        }
        same(folder.path(), &format!("{format}-dir-1"), &format!("{format}-dir-2"));
        same(folder.path(), &format!("{format}-dir-1"), &format!("{format}-dir-5"));
    }
    let rejects = fs::read_to_string(folder.path().join("jsonl-dir-1/rejects.jsonl")).unwrap();
    assert_eq!(rejects.lines().count(), 8);
    assert!(rejects.starts_with("{\"input\":\"a.jsonl\",\"at\":8,\"reason\":\"broken JSON"), "{rejects}");
    let whole: Vec<u8> = contents(&folder.path().join("jsonl-dir-1"))
        .into_iter()
        .filter(|(name, _)| name.starts_with("part-"))
        .flat_map(|(_, bytes)| bytes)
        .collect();
    let stream = Command::new(env!("CARGO_BIN_EXE_tiqu"))
        .current_dir(folder.path())
        .args(["extract", "in", "-q", "-f", "jsonl"])
        .output()
        .unwrap();
    assert!(stream.stdout == whole);
}

/// Waits for the end, or kills at the moment; true if it was killed.
fn kill_at(child: &mut Child, moment: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < moment {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    // SIGKILL on Unix.
    let _ = child.kill();
    child.wait().unwrap();
    true
}

/// Kills runs until `kills` of them died, in several formats, and compares with the uninterrupted run each time one ends.
fn kills(documents: usize, kills: usize, formats: &[&str]) {
    let folder = corpus(documents);
    let mut random = 88_172_645_463_325_252_u64;
    for format in formats {
        let clock = Instant::now();
        let whole = format!("whole-{format}-dir");
        run(folder.path(), &whole, &["-f", format]);
        let takes = clock.elapsed();
        let (mut killed, mut ended) = (0, 0);
        let out = format!("killed-{format}-dir");
        let broken = folder.path().join(&out);
        while killed < kills || ended == 0 {
            // xorshift64: the moments are spread over a run, the same ones each time.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let moment = if killed < kills { takes.mul_f64((random % 1000) as f64 / 1000.0) } else { takes * 20 };
            let jobs = ["1", "2", "3"][(random >> 40) as usize % 3];
            let mut child = command(folder.path(), &out, &["-f", format, "-j", jobs, "-q"]).spawn().unwrap();
            if kill_at(&mut child, moment) {
                killed += 1;
                continue;
            }
            assert_eq!(child.wait().unwrap().code(), Some(1), "{}", {
                let mut stderr = String::new();
                std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut stderr).unwrap();
                stderr
            });
            same(folder.path(), &whole, &out);
            ended += 1;
            fs::remove_dir_all(&broken).unwrap();
        }
        eprintln!("{format}: {killed} kills, {ended} runs came to their end, all equal");
    }
}

#[test]
fn a_run_that_is_killed_goes_on_without_loss() {
    kills(300, 6, &["jsonl", "parquet"]);
}

/// `cargo test --release --test batch -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn two_hundred_kills_lose_nothing() {
    kills(3000, 50, &["jsonl", "parquet", "jsonl.zst", "brat"]);
}

#[test]
fn any_state_that_a_kill_can_leave_is_mended() {
    let folder = corpus(200);
    let path = |name: &str| folder.path().join(name);
    run(folder.path(), "whole-dir", &["-q"]);
    let manifest = fs::read_to_string(path("whole-dir/manifest.jsonl")).unwrap();
    let lines: Vec<&str> = manifest.split_inclusive('\n').collect();
    // Cut the manifest at each line, and in the middle of it; the parts behind are there already, or half written.
    for keep in 0..lines.len() {
        for cut in [0, lines[keep].len() / 2, lines[keep].len() - 1] {
            let _ = fs::remove_dir_all(path("cut-dir"));
            fs::create_dir(path("cut-dir")).unwrap();
            for (name, bytes) in contents(&path("whole-dir")) {
                fs::write(path("cut-dir").join(name), bytes).unwrap();
            }
            fs::write(path("cut-dir/manifest.jsonl"), lines[..keep].concat() + &lines[keep][..cut]).unwrap();
            fs::write(path("cut-dir/.tmp-part-00001.jsonl"), "half").unwrap();
            let (code, stderr) = run(folder.path(), "cut-dir", &["-q"]);
            assert_eq!(code, Some(1), "{stderr}");
            same(folder.path(), "whole-dir", "cut-dir");
        }
    }
}

#[test]
fn what_changed_is_noticed_and_refused() {
    let folder = corpus(100);
    let path = |name: &str| folder.path().join(name);
    fs::write(path("d.tsv"), "英伟达\tORG\n").unwrap();
    let with = ["-q", "--dict", "d.tsv"];
    let refused = |arguments: &[&str], reason: &str| {
        let (code, stderr) = run(folder.path(), "out-dir", arguments);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(reason) && stderr.contains("--restart"), "{stderr}");
    };
    assert_eq!(run(folder.path(), "out-dir", &with).0, Some(1));
    assert_eq!(run(folder.path(), "out-dir", &with).0, Some(1));
    refused(&["-q"], "another --dict");
    refused(&[&with[..], &["--offsets", "utf16"]].concat(), "another --offsets");
    fs::write(path("d.tsv"), "英伟达\tPRODUCT\n").unwrap();
    refused(&with, "another --dict");
    fs::write(path("d.tsv"), "英伟达\tORG\n").unwrap();
    fs::write(path("in/z.txt"), A).unwrap();
    refused(&with, "'z.txt' is new");
    fs::remove_file(path("in/z.txt")).unwrap();
    let b = fs::read_to_string(path("in/b.csv")).unwrap();
    fs::write(path("in/b.csv"), format!("{b}x,{A}\n")).unwrap();
    refused(&with, "'b.csv' had");
    assert_eq!(run(folder.path(), "out-dir", &[&with[..], &["--restart"]].concat()).0, Some(1));
    fs::remove_file(path("in/t0001.txt")).unwrap();
    refused(&with, "the inputs changed");
    assert_eq!(run(folder.path(), "out-dir", &[&with[..], &["--restart"]].concat()).0, Some(1));
    fs::remove_file(path("out-dir/part-00001.jsonl")).unwrap();
    refused(&with, "part-00001.jsonl");
    fs::create_dir(path("other-dir")).unwrap();
    fs::write(path("other-dir/precious"), "x").unwrap();
    let (code, stderr) = run(folder.path(), "other-dir", &["-q"]);
    assert!(code == Some(2) && stderr.contains("not empty"), "{stderr}");
    assert_eq!(run(folder.path(), "other-dir", &["-q", "--restart"]).0, Some(1));
    assert!(path("other-dir/precious").exists());
}

#[cfg(unix)]
#[test]
#[ignore = "takes minutes: the corpus must be longer than what the queues hold"]
fn a_signal_finishes_the_part_in_hand() {
    let folder = corpus(200_000);
    run(folder.path(), "whole-dir", &["-q", "--kinds", "money"]);
    for signal in ["-INT", "-TERM"] {
        let out = format!("signal{signal}-dir");
        let child = command(folder.path(), &out, &["--kinds", "money"]).spawn().unwrap();
        let manifest = folder.path().join(&out).join("manifest.jsonl");
        while !fs::read_to_string(&manifest).is_ok_and(|lines| lines.lines().count() > 2) {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && stderr.contains("stopped behind a whole part"), "{stderr}");
        assert!(fs::read_to_string(&manifest).unwrap().contains("\"end\":false"));
        assert!(contents(&folder.path().join(&out)).keys().all(|name| !name.starts_with(".tmp-")));
        assert_eq!(run(folder.path(), &out, &["-q", "--kinds", "money"]).0, Some(1));
        same(folder.path(), "whole-dir", &out);
    }
}

#[test]
fn a_damaged_part_is_noticed() {
    let folder = corpus(100);
    for (format, part) in [("jsonl", "part-00001.jsonl"), ("parquet", "mentions/part-00000.parquet"), ("brat", "")] {
        let out = folder.path().join(format!("{format}-dir"));
        let again = || run(folder.path(), out.to_str().unwrap(), &["-q", "-f", format]);
        assert_eq!(again().0, Some(1));
        assert_eq!(again().0, Some(1));
        let part = match part {
            "" => fs::read_dir(out.join("part-00000")).unwrap().next().unwrap().unwrap().path(),
            part => out.join(part),
        };
        let mut bytes = fs::read(&part).unwrap();
        bytes[20] ^= 1;
        fs::write(&part, bytes).unwrap();
        let (code, stderr) = again();
        assert!(code == Some(2) && stderr.contains("not as it was written; use --restart"), "{stderr}");
    }
}

#[test]
fn rejects_go_where_they_are_wanted() {
    let folder = corpus(200);
    run(folder.path(), "usual-dir", &["-q"]);
    let usual = fs::read(folder.path().join("usual-dir/rejects.jsonl")).unwrap();
    let wanted = ["-q", "--rejects", "wanted.jsonl"];
    assert_eq!(run(folder.path(), "wanted-dir", &wanted).0, Some(1));
    assert_eq!(fs::read(folder.path().join("wanted.jsonl")).unwrap(), usual);
    assert!(!folder.path().join("wanted-dir/rejects.jsonl").exists());
    assert_eq!(run(folder.path(), "wanted-dir", &wanted).0, Some(1));
    let (code, stderr) = run(folder.path(), "wanted-dir", &["-q"]);
    assert!(code == Some(2) && stderr.contains("another --rejects"), "{stderr}");
}

/// What is written to stops taking bytes; behind it everything goes on.
#[cfg(target_os = "linux")]
#[test]
fn a_run_into_a_full_disk_can_be_gone_on_with() {
    let folder = corpus(200);
    let path = |name: &str| folder.path().join(name);
    let wanted = ["-q", "--rejects", "rejects.jsonl"];
    std::os::unix::fs::symlink("/dev/full", path("rejects.jsonl")).unwrap();
    let (code, stderr) = run(folder.path(), "full-dir", &wanted);
    assert!(code == Some(1) && stderr.contains("rejects.jsonl: No space left on device"), "{stderr}");
    assert!(stderr.contains("are whole, and the same command goes on"), "{stderr}");
    fs::remove_file(path("rejects.jsonl")).unwrap();
    assert_eq!(run(folder.path(), "full-dir", &wanted).0, Some(1));
    fs::rename(path("rejects.jsonl"), path("first.jsonl")).unwrap();
    run(folder.path(), "whole-dir", &wanted);
    assert_eq!(fs::read(path("rejects.jsonl")).unwrap(), fs::read(path("first.jsonl")).unwrap());
    same(folder.path(), "whole-dir", "full-dir");
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_half_file() {
    let folder = corpus(20_000);
    let mut child = command(folder.path(), "out.jsonl", &["-q"]).spawn().unwrap();
    let temporary = folder.path().join(".tmp-out.jsonl");
    while !temporary.exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(!temporary.exists() && !folder.path().join("out.jsonl").exists());
}

#[test]
fn two_runs_do_not_write_to_one_folder() {
    let folder = corpus(20_000);
    let mut first = command(folder.path(), "out-dir", &["-q"]).spawn().unwrap();
    while !folder.path().join("out-dir/manifest.jsonl").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(50));
    let (code, stderr) = run(folder.path(), "out-dir", &["-q"]);
    let _ = first.kill();
    first.wait().unwrap();
    assert!(code == Some(2) && stderr.contains("another tiqu is writing"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_nothing_behind() {
    let folder = corpus(100);
    let output = Command::new(env!("CARGO_BIN_EXE_tiqu"))
        .current_dir(folder.path())
        .args(["extract", "in", "-q", "-f", "jsonl", "-o", "/dev/full"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && stderr.contains("/dev/full: No space left on device"), "{stderr}");
}
