//! The commands around snapshots, as a user runs them.
#![cfg(feature = "cli")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder of its own for each test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("review-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    fn run(&self, arguments: &[&str], keys: &str) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(keys.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tiqu"));
        command.current_dir(&self.0).args(arguments).stdout(Stdio::piped());
        command
    }

    /// Two articles, their snapshots, and a dictionary that changes three facts.
    fn changed(name: &str) -> Self {
        let folder = Self::new(name);
        folder.write("c/a.txt", "甲地石桥镇的书院。\n\n石桥镇很安静。\n");
        folder.write("c/b/b.txt", "有人路过石桥镇。\n");
        assert!(folder.run(&["snapshot", "c", "--into", "s"], "").status.success());
        folder.write("d.tsv", "石桥镇的书院\tORG\n石桥镇\tORG\n");
        let checked = folder.run(&["snapshot", "c", "--check", "s", "--dict", "d.tsv", "--junit", "j.xml"], "");
        assert_eq!(checked.status.code(), Some(1), "{checked:?}");
        assert!(folder.has("s/a.txt.snap.new") && folder.has("s/b/b.txt.snap.new"));
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn what_is_unchanged_checks_and_what_is_changed_waits() {
    let folder = Folder::changed("check");
    let junit = folder.read("j.xml");
    assert!(junit.contains("tests=\"2\" failures=\"2\" errors=\"0\""), "{junit}");
    let checked = folder.run(&["snapshot", "c", "--check", "s"], "");
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    assert!(!folder.has("s/a.txt.snap.new"), "what is as it was no longer waits");
    fs::remove_file(folder.0.join("c/b/b.txt")).unwrap();
    let checked = folder.run(&["snapshot", "c", "--check", "s", "--json"], "");
    let json: serde_json::Value = serde_json::from_str(&text(&checked)).unwrap();
    assert_eq!(json["summary"]["document"]["gone"], 1, "{json}");
    assert!(text(&folder.run(&["review", "s"], "a")).contains("1 accepted"));
    assert!(!folder.has("s/b/b.txt.snap"));
    assert!(text(&folder.run(&["review", "s"], "u")).contains("1 left"));
    assert!(folder.has("s/b/b.txt.snap") && folder.has("s/b/b.txt.snap.new"));
}

#[test]
fn decisions_are_kept_and_taken_back() {
    let folder = Folder::changed("decide");
    let before = folder.read("s/a.txt.snap");
    // Accept the first, and be gone: the rest waits for the next time.
    assert!(text(&folder.run(&["review", "s"], "a")).contains("1 accepted, 0 rejected, 2 left"));
    assert!(folder.read("s/a.txt.snap").contains("[ORG 石桥镇的书院]"));
    assert!(text(&folder.run(&["review", "s"], "u")).contains("0 accepted, 0 rejected, 3 left"));
    assert_eq!(folder.read("s/a.txt.snap"), before);
    // All of one sort in both documents at once, and back as one.
    let done = text(&folder.run(&["review", "s"], "sA"));
    assert!(done.contains("2 accepted, 0 rejected, 1 left"), "{done}");
    assert!(text(&folder.run(&["review", "s"], "u")).contains("3 left"));
    assert_eq!(folder.read("s/a.txt.snap"), before);
    // What is rejected leaves the old snapshot as it was.
    assert!(text(&folder.run(&["review", "s"], "DD")).contains("0 accepted, 3 rejected, 0 left"));
    assert_eq!(folder.read("s/a.txt.snap"), before);
    assert!(!folder.has("s/a.txt.snap.new"));
    assert!(text(&folder.run(&["review", "s"], "uu")).contains("3 left"));
    assert!(text(&folder.run(&["review", "s", "--accept-all"], "")).contains("3 changes in 2 documents"));
    let checked = folder.run(&["snapshot", "c", "--check", "s", "--dict", "d.tsv"], "");
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
}

/// A server, ended with the test.
struct Served {
    child: Child,
    port: u16,
    token: String,
}

impl Served {
    fn start(folder: &Folder) -> Self {
        let mut child = folder.command(&["review", "s", "--web", "--no-open"]).spawn().unwrap();
        let mut line = Vec::new();
        let out = child.stdout.as_mut().unwrap();
        let mut byte = [0];
        while out.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            line.push(byte[0]);
        }
        let line = String::from_utf8(line).unwrap();
        let (address, token) = line.split_once("/#token=").unwrap();
        let port = address.rsplit(':').next().unwrap().parse().unwrap();
        Self { child, port, token: token.to_owned() }
    }

    fn ask(&self, head: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut request = format!("{head} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer[9..12].parse().unwrap(), answer)
    }

    fn json(&self, head: &str, body: &str) -> (u16, serde_json::Value) {
        let host = format!("127.0.0.1:{}", self.port);
        let origin = format!("http://{host}");
        let headers = [
            ("Host", host.as_str()),
            ("Origin", &origin),
            ("X-Tiqu-Token", &self.token),
            ("Content-Type", "application/json"),
        ];
        let (status, answer) = self.ask(head, &headers, body);
        let (start, end) = (answer.find('{').unwrap(), answer.rfind('}').unwrap());
        (status, serde_json::from_str(&answer[start..=end]).unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn strangers_are_refused() {
    let folder = Folder::changed("strangers");
    folder.write("secret.snap.new", "tiqu snapshot 1\nid: secret\n\n秘密\n");
    let served = Served::start(&folder);
    let (host, token) = (format!("127.0.0.1:{}", served.port), served.token.as_str());
    let own = format!("http://{host}");
    type Refused<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);
    let refused: [Refused; 8] = [
        ("GET /", &[("Host", "evil.example")], 403),
        ("GET /api/list", &[("Host", &host)], 401),
        ("GET /api/list", &[("Host", &host), ("X-Tiqu-Token", "0123456789abcdef0123456789abcdef")], 401),
        ("GET /api/list", &[("Host", "evil.example"), ("X-Tiqu-Token", token)], 403),
        ("GET /api/list", &[("Host", &host), ("X-Tiqu-Token", token), ("Origin", "http://evil.example")], 403),
        ("POST /api/undo", &[("Host", &host), ("X-Tiqu-Token", token), ("Content-Type", "application/json")], 403),
        (
            "POST /api/undo",
            &[("Host", &host), ("X-Tiqu-Token", token), ("Origin", &own), ("Content-Type", "text/plain")],
            403,
        ),
        ("GET /../Cargo.toml", &[("Host", &host), ("X-Tiqu-Token", token)], 404),
    ];
    for (head, headers, wanted) in refused {
        assert_eq!(served.ask(head, headers, "").0, wanted, "{head} {headers:?}");
    }
    for name in ["../secret", "/etc/passwd", "b/../../secret", "%2e%2e%2fsecret", ""] {
        let (status, answer) = served.json(&format!("GET /api/document?name={name}"), "");
        assert_eq!(status, 400, "{name}: {answer}");
    }
    let body = r#"{"decision":"accept","choices":[{"name":"../secret","version":"","changes":[]}]}"#;
    assert_eq!(served.json("POST /api/decide", body).0, 400);
    let (status, page) = served.ask("GET /", &[("Host", &host)], "");
    assert_eq!(status, 200);
    assert!(page.contains("script-src 'self'") && !page.contains("unsafe-inline") && !page.contains(token));
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out() {
    let folder = Folder::changed("links");
    folder.write("out/x.snap.new", "tiqu snapshot 1\nid: x\n\n秘密\n");
    std::os::unix::fs::symlink(folder.0.join("out"), folder.0.join("s/out")).unwrap();
    std::os::unix::fs::symlink(folder.0.join("out/x.snap.new"), folder.0.join("s/y.snap.new")).unwrap();
    let served = Served::start(&folder);
    let (_, list) = served.json("GET /api/list", "");
    assert_eq!(list["documents"].as_array().unwrap().len(), 2, "{list}");
    for name in ["out/x", "y"] {
        assert_eq!(served.json(&format!("GET /api/document?name={name}"), "").0, 400, "{name}");
    }
}

#[test]
fn the_second_reviewer_sees_a_conflict() {
    let folder = Folder::changed("conflict");
    let served = Served::start(&folder);
    let (_, list) = served.json("GET /api/list", "");
    let row = &list["documents"][0];
    let decide = |change: usize, decision: &str| {
        let choice =
            serde_json::json!({"name": row["name"], "version": row["version"], "changes": [row["changes"][change][0]]});
        served.json("POST /api/decide", &serde_json::json!({"decision": decision, "choices": [choice]}).to_string())
    };
    let (status, answer) = decide(0, "accept");
    assert_eq!((status, answer["done"].as_u64()), (200, Some(1)), "{answer}");
    let after = folder.read("s/a.txt.snap");
    let (status, answer) = decide(1, "reject");
    assert_eq!((status, &answer["conflicts"][0]), (409, &row["name"]), "{answer}");
    assert_eq!(folder.read("s/a.txt.snap"), after);
    // The terminal is a reviewer too.
    assert!(text(&folder.run(&["review", "s"], "a")).contains("2 accepted"));
    let (_, answer) = served.json("POST /api/undo", "{}");
    assert_eq!(answer["done"], 1);
    assert_eq!(folder.read("s/a.txt.snap"), after);
}

#[test]
fn pages_stand_alone() {
    let folder = Folder::new("pages");
    folder.write("a.txt", "<script>alert(1)</script>黄仁勋说。\n");
    assert!(folder.run(&["show", "a.txt", "--html", "a.html"], "").status.success());
    assert!(folder.run(&["extract", "a.txt", "-o", "r.jsonl"], "").status.success());
    assert!(folder.run(&["report", "r.jsonl", "--html", "r.html"], "").status.success());
    // A folder of parts, packed, with what was rejected beside them, draws the same page.
    folder.write("b.jsonl", "{broken\n");
    assert_eq!(
        folder.run(&["extract", "a.txt", "b.jsonl", "-f", "jsonl.zst", "-o", "parts"], "").status.code(),
        Some(1)
    );
    assert!(folder.has("parts/rejects.jsonl"));
    let drawn = folder.run(&["report", "parts", "--html", "p.html"], "");
    assert!(drawn.status.success() && folder.read("p.html") == folder.read("r.html"), "{drawn:?}");
    for page in [folder.read("a.html"), folder.read("r.html")] {
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn a_corpus_is_read_as_extraction_reads_it() {
    let folder = Folder::new("inputs");
    folder.write("c/a.txt", "甲地石桥镇的书院。\n");
    let line = |id: &str, text: &str| format!("{{\"url\":\"{id}\",\"title\":\"题\",\"content\":\"{text}\"}}\n");
    let lines = line("https://news.example/1", "黄仁勋说。") + "{broken\n" + &line("2", "张云明说。");
    fs::write(folder.0.join("c/b.jsonl.gz"), {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(lines.as_bytes()).unwrap();
        encoder.finish().unwrap()
    })
    .unwrap();
    let gbk = encoding_rs::GBK.encode("英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。").0;
    fs::write(folder.0.join("c/gbk.txt"), gbk).unwrap();
    let written = folder.run(&["snapshot", "c", "--into", "s"], "");
    let told = String::from_utf8_lossy(&written.stderr).into_owned();
    assert_eq!(written.status.code(), Some(1), "{told}");
    let extracted = folder.run(&["extract", "c", "-q", "-o", "o.jsonl"], "");
    let rejected = String::from_utf8_lossy(&extracted.stderr).into_owned();
    assert!(rejected.contains("tiqu: b.jsonl.gz:2: broken JSON") && told.contains(&rejected), "{told}\n{rejected}");
    assert!(told.contains("4 snapshots in s") && told.contains("gbk.txt: text, gb18030"), "{told}");
    assert!(folder.has("s/a.txt.snap") && folder.has("s/2.snap"));
    assert!(folder.read("s/gbk.txt.snap").contains("[ORG 英伟达]"));
    // A broken line is no document that has gone, and neither is what a lost file held.
    let check = |folder: &Folder| {
        let checked = folder.run(&["snapshot", "c", "--check", "s", "--json"], "");
        assert_eq!(checked.status.code(), Some(1), "{checked:?}");
        serde_json::from_str::<serde_json::Value>(&text(&checked)).unwrap()
    };
    let json = check(&folder);
    assert_eq!((&json["same"], &json["failed"], &json["differ"]), (&4.into(), &1.into(), &0.into()), "{json}");
    assert_eq!(json["differences"][0]["id"], "b.jsonl.gz:2");
    fs::write(folder.0.join("c/b.jsonl.gz"), b"\x1F\x8B\x08garbage").unwrap();
    let json = check(&folder);
    assert_eq!((&json["same"], &json["failed"], &json["differ"]), (&2.into(), &1.into(), &0.into()), "{json}");
    let pruned = folder.run(&["snapshot", "c", "--into", "s", "--prune"], "");
    assert!(folder.has("s/2.snap"), "{pruned:?}");
    // Two documents of one id do not overwrite one another.
    folder.write("twice.jsonl", &(line("1", "黄仁勋说。") + &line("1", "张云明说。")));
    let twice = folder.run(&["snapshot", "twice.jsonl", "--into", "t"], "");
    assert!(String::from_utf8_lossy(&twice.stderr).contains("another document has this id"), "{twice:?}");
    assert!(folder.read("t/1.snap").contains("[PERSON 黄仁勋]"));
    let shown = folder.run(&["show", "twice.jsonl", "--text-field", "content"], "");
    assert!(text(&shown).starts_with("[PERSON 黄仁勋]") || text(&shown).contains("黄仁勋"), "{shown:?}");
    assert!(String::from_utf8_lossy(&shown.stderr).contains("further documents"), "{shown:?}");
    assert_eq!(folder.run(&["show", "none.txt"], "").status.code(), Some(1));
}
