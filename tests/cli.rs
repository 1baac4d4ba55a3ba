//! The command as people use it: files of every form in, records out, faults told and survived.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const A: &str = "英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。";
const B: &str = "工信部副部长张云明在发布会上介绍，今年电信业务收入同比增长8.5%。";

fn tiqu(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tiqu")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The records of a run that must end with the exit code.
fn records(folder: &Path, arguments: &[&str], code: i32) -> Vec<serde_json::Value> {
    let output = tiqu(folder, &[&["extract", "-f", "jsonl", "--with-text"], arguments].concat());
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Each record's id and text; every mention must be what stands at its place.
fn texts(folder: &Path, arguments: &[&str], code: i32) -> Vec<(String, String)> {
    let take = |record: serde_json::Value| {
        let source: Vec<char> = record["text"].as_str().unwrap().chars().collect();
        for mention in record["mentions"].as_array().unwrap() {
            let (start, end) = (mention["start"].as_u64().unwrap() as usize, mention["end"].as_u64().unwrap() as usize);
            assert_eq!(source[start..end].iter().collect::<String>(), mention["text"].as_str().unwrap());
        }
        (record["id"].as_str().unwrap().to_owned(), record["text"].as_str().unwrap().to_owned())
    };
    records(folder, arguments, code).into_iter().map(take).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn encoded(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

#[test]
fn texts_in_folders_have_relative_ids() {
    let folder = folder(&[("news/b.txt", B.as_bytes()), ("news/2026/a.txt", A.as_bytes()), ("news/x.ann", b"T1")]);
    assert_eq!(texts(folder.path(), &["news"], 0), pairs(&[("2026/a.txt", A), ("b.txt", B)]));
    assert_eq!(texts(folder.path(), &["news/b.txt"], 0), pairs(&[("news/b.txt", B)]));
    assert_eq!(texts(folder.path(), &["news/b.txt", "-o", "-"], 0), pairs(&[("news/b.txt", B)]));
}

#[test]
fn every_kind_of_input_gives_its_documents() {
    let line = |id: &str, text: &str| format!("{{\"url\":\"{id}\",\"标题\":\"题\",\"content\":\"{text}\",\"n\":1}}\n");
    let lines = line("1", A) + "\n" + &line("2", B);
    let array = format!("[\n{}, {}]", line("1", A), line("2", B));
    let table = format!("\u{FEFF}id,正文,title\r\n1,\"{A}\",x\r\n2,\"{B}\",\"a\n\"\"b\"\"\"\r\n");
    let tabs = format!("id\tbody\n1\t{A}\n2\t{B}\n");
    let members = [gzip(line("1", A).as_bytes()), gzip(line("2", B).as_bytes())].concat();
    let zstd = zstd::encode_all(lines.as_bytes(), 3).unwrap();
    let archive = zip(&[
        ("x/1.jsonl", line("1", A).as_bytes()),
        ("x/pic.png", b"png"),
        ("2.csv", format!("id,text\n2,{B}\n").as_bytes()),
    ]);
    let inputs: [(&str, &[u8]); 10] = [
        ("a.jsonl", lines.as_bytes()),
        ("a.json", array.as_bytes()),
        ("lines.json", lines.as_bytes()),
        ("a.csv", table.as_bytes()),
        ("a.tsv", tabs.as_bytes()),
        ("members.jsonl.gz", &members),
        ("a.jsonl.zst", &zstd),
        ("a.zip", &archive),
        ("unnamed", lines.as_bytes()),
        ("unnamed-gz", &members),
    ];
    let folder = folder(&inputs);
    for (name, _) in inputs {
        assert_eq!(texts(folder.path(), &[name], 0), pairs(&[("1", A), ("2", B)]), "{name}");
    }
    let record = &records(folder.path(), &["a.jsonl"], 0)[0];
    assert_eq!((record["title"].as_str(), record["meta"]["n"].as_i64()), (Some("题"), Some(1)));
    let output = tiqu(folder.path(), &["extract", "a.csv"]);
    assert!(text(&output.stderr).contains("text from '正文', id from 'id', title from 'title'"), "{:?}", output.stderr);
}

#[test]
fn parquet_is_read_and_written() {
    let folder = folder(&[(
        "a.jsonl",
        format!("{{\"id\":\"1\",\"text\":\"{A}\"}}\n{{\"id\":\"2\",\"text\":\"{B}\"}}\n").as_bytes(),
    )]);
    let output = tiqu(folder.path(), &["extract", "a.jsonl", "-f", "parquet", "-o", "out", "--with-text"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for table in ["documents", "mentions", "entities", "relations"] {
        assert!(folder.path().join("out").join(table).join("part-00000.parquet").exists());
    }
    assert_eq!(texts(folder.path(), &["out/documents/part-00000.parquet"], 0), pairs(&[("1", A), ("2", B)]));
    let gz = gzip(&fs::read(folder.path().join("out/documents/part-00000.parquet")).unwrap());
    fs::write(folder.path().join("p.parquet.gz"), gz).unwrap();
    assert_eq!(texts(folder.path(), &["p.parquet.gz"], 0), pairs(&[("1", A), ("2", B)]));
}

#[test]
fn other_fields_pass_through_as_they_are() {
    let line = format!(
        "{{\"text\":\"{A}\",\"n\":12345678901234567890123456789,\"x\":1.10,\"y\":[1e400,null],\"id\":98765432109876543210}}"
    );
    let folder = folder(&[("a.jsonl", line.as_bytes())]);
    let output = tiqu(folder.path(), &["extract", "a.jsonl", "-q", "-f", "jsonl"]);
    let record = text(&output.stdout);
    let meta =
        "\"id\":\"98765432109876543210\",\"meta\":{\"n\":12345678901234567890123456789,\"x\":1.10,\"y\":[1e400,null]}";
    assert!(record.contains(meta) || record.contains(&meta.replace("1e400", "1e+400")), "{record}");
}

#[test]
fn parquet_of_other_writers_is_read() {
    use arrow_array::types::Int32Type;
    use arrow_array::{ArrayRef, BinaryArray, Decimal128Array, ListArray, RecordBatch, StructArray, UInt64Array};
    use std::sync::Arc;
    let columns: [(&str, ArrayRef); 5] = [
        // Text without its mark, as Hive and Impala write it.
        ("content", Arc::new(BinaryArray::from_vec(vec![A.as_bytes(), B.as_bytes()]))),
        ("id", Arc::new(UInt64Array::from(vec![u64::MAX, 2]))),
        ("tags", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1), None]), None]))),
        ("price", Arc::new(Decimal128Array::from(vec![1230, 5]).with_precision_and_scale(10, 2).unwrap())),
        ("source", {
            let names: ArrayRef = Arc::new(arrow_array::StringArray::from(vec![Some("新华社"), None]));
            Arc::new(StructArray::try_from(vec![("name", names)]).unwrap())
        }),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let folder = folder(&[("a.parquet", &writer.into_inner().unwrap())]);
    assert_eq!(texts(folder.path(), &["a.parquet"], 0), pairs(&[("18446744073709551615", A), ("2", B)]));
    let output = tiqu(folder.path(), &["extract", "a.parquet", "-q", "-f", "jsonl"]);
    let found = text(&output.stdout);
    assert!(found.contains("\"meta\":{\"price\":12.30,\"source\":{\"name\":\"新华社\"},\"tags\":[1,null]}"), "{found}");
    assert!(found.contains("\"meta\":{\"price\":0.05,\"source\":{}}"), "{found}");
}

#[test]
fn encodings_are_found_or_given() {
    let traditional = "台積電董事長魏哲家今日表示，第三季營收達新台幣七千五百九十六億元，較去年同期成長三成九。";
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(A.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let rows = format!("id,content\n1,{A}\n");
    let rows16: Vec<u8> = [0xFE, 0xFF].into_iter().chain(rows.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let array = format!("[{{\"id\":\"1\",\"content\":\"{A}\"}}]");
    let folder = folder(&[
        ("gb.txt", &encoded(A, encoding_rs::GB18030)),
        ("big5.txt", &encoded(traditional, encoding_rs::BIG5)),
        ("16.txt", &utf16),
        ("16.csv", &rows16),
        ("gb.csv", &encoded(&rows, encoding_rs::GB18030)),
        ("gb.json", &encoded(&array, encoding_rs::GB18030)),
        ("broken.txt", &[b"\xFF", A.as_bytes()].concat()),
    ]);
    for (name, wanted) in
        [("gb.txt", A), ("big5.txt", traditional), ("16.txt", A), ("16.csv", A), ("gb.csv", A), ("gb.json", A)]
    {
        assert_eq!(texts(folder.path(), &[name], 0)[0].1, wanted, "{name}");
    }
    assert_eq!(texts(folder.path(), &["--encoding", "gbk", "gb.txt"], 0)[0].1, A);
    assert_eq!(texts(folder.path(), &["broken.txt"], 0)[0].1, format!("\u{FFFD}{A}"));
    let output = tiqu(folder.path(), &["extract", "broken.txt"]);
    assert!(text(&output.stderr).contains("broken.txt: 1 broken bytes replaced"), "{}", text(&output.stderr));
    assert_eq!(tiqu(folder.path(), &["extract", "--encoding", "klingon", "gb.txt"]).status.code(), Some(2));
}

/// The reasons in rejects.jsonl after extracting one input into a folder, and how many documents came through.
fn rejects(name: &str, bytes: &[u8], arguments: &[&str]) -> (Vec<String>, usize) {
    let folder = folder(&[(name, bytes)]);
    let output = tiqu(folder.path(), &[&["extract", name, "-o", "out"], arguments].concat());
    let lines = fs::read_to_string(folder.path().join("out/rejects.jsonl")).unwrap();
    let reason = |line: &str| {
        let reject: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(reject["input"].as_str().unwrap().starts_with(name));
        format!("{}: {}", reject["at"], reject["reason"].as_str().unwrap())
    };
    let reasons: Vec<String> = lines.lines().map(reason).collect();
    assert_eq!(output.status.code(), Some(i32::from(!reasons.is_empty())), "{}", text(&output.stderr));
    let parts = fs::read_to_string(folder.path().join("out/part-00000.jsonl")).unwrap();
    (reasons, parts.lines().count())
}

/// A table with one text of 80 MB that packs to next to nothing.
fn parquet_bomb() -> Vec<u8> {
    use parquet::basic::{Compression, ZstdLevel};
    let text: arrow_array::ArrayRef = std::sync::Arc::new(arrow_array::StringArray::from(vec!["x".repeat(80 << 20)]));
    let batch = arrow_array::RecordBatch::try_from_iter([("text", text)]).unwrap();
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None)
        .build();
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn faults_are_rejected_and_the_run_goes_on() {
    let good = format!("{{\"content\":\"{A}\"}}\n");
    let check = |name: &str, bytes: &[u8], arguments: &[&str], reason: &str, documents: usize| {
        let (reasons, found) = rejects(name, bytes, arguments);
        assert!(reasons.len() == 1 && reasons[0].contains(reason), "{name}: {reasons:?}");
        assert_eq!(found, documents, "{name}: {reasons:?}");
    };
    check("a.jsonl", format!("{good}{{broken\n{good}").as_bytes(), &[], "2: broken JSON", 2);
    check("a.jsonl", format!("{good}{{\"url\":\"1\"}}\n").as_bytes(), &[], "2: the field 'content' is missing", 1);
    check("a.jsonl", format!("{good}{{\"content\":7}}\n").as_bytes(), &[], "2: the field 'content' is a number", 1);
    check("a.jsonl", format!("{good}[1]\n").as_bytes(), &[], "2: a JSON object", 1);
    check("a.json", format!("[{good},{good}").as_bytes(), &[], "3: the file ends within", 2);
    check(
        "a.csv",
        format!("id,content\n1,{A}\n2\n3,{B}\n").as_bytes(),
        &[],
        "3: the row has 1 fields, the header 2",
        2,
    );
    check("a.csv", b"id,x\n1,2\n", &[], "no text among the columns id, x", 0);
    let packed = gzip(good.repeat(2000).as_bytes());
    let (reasons, found) = rejects("a.jsonl.gz", &packed[..packed.len() - 20], &[]);
    assert!(reasons.len() == 1 && reasons[0].contains("damaged gzip") && found > 1000, "{reasons:?} {found}");
    check("a.jsonl.gz", b"\x1F\x8B\x08garbage", &[], "damaged gzip", 0);
    check("a.jsonl.zst", b"\x28\xB5\x2F\xFDgarbage", &[], "damaged zstd", 0);
    let packed = zstd::encode_all(good.repeat(2000).as_bytes(), 3).unwrap();
    let (reasons, found) = rejects("a.jsonl.zst", &packed[..packed.len() - 2], &[]);
    assert!(reasons.len() == 1 && reasons[0].contains("damaged zstd") && found > 1000, "{reasons:?} {found}");
    let mut archive = zip(&[("1.txt", A.as_bytes()), ("2.txt", B.as_bytes())]);
    archive[40] ^= 0xFF;
    check("a.zip", &archive, &[], "damaged zip member", 1);
    let record =
        |length: usize| format!("WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: {length}\r\n\r\n{A}\r\n\r\n");
    check("a.warc", (record(A.len()) + &record(9999)).as_bytes(), &[], "2: damaged WARC record: it ends early", 1);
    check("b.zip", b"PK\x03\x04garbage", &[], "not a readable zip", 0);
    check("a.parquet", b"PAR1garbagePAR1", &[], "not a readable Parquet", 0);
    let long = format!("{good}{{\"content\":\"{}\"}}\n{good}", "长".repeat(5000));
    check("a.jsonl", long.as_bytes(), &["--max-article", "10K"], "2: the article has 15000 bytes", 2);
    check("a.txt", "长".repeat(5000).as_bytes(), &["--max-article", "1K"], "more than the 1024 of --max-article", 0);
    let line = format!("{good}{}\n{good}", "x".repeat(3 << 20));
    check("a.jsonl", line.as_bytes(), &["--max-article", "1K"], "2: the article has", 2);
    let open = format!("id,content\n1,{A}\n2,\"{A}\n3,{B}\n");
    check("a.csv", open.as_bytes(), &[], "3: the line opens a quote that nothing closes", 2);
    check("a.csv", b"id,\"content\n1,x\n", &[], "1: no header: the line opens a quote", 0);
    let bomb = gzip(&vec![b'x'; 80 << 20]);
    check("a.jsonl.gz", &bomb, &[], "unpacks to more than 500 times", 0);
    check("a.parquet", &parquet_bomb(), &[], "unpacks to more than 500 times", 0);
}

#[test]
fn a_damaged_page_of_parquet_loses_its_row_group_only() {
    let lines: String = (0..3000).map(|id| format!("{{\"id\":\"{id}\",\"text\":\"{A}{id}\"}}\n")).collect();
    let folder = folder(&[("a.jsonl", lines.as_bytes())]);
    tiqu(folder.path(), &["extract", "a.jsonl", "-f", "parquet", "-o", "out", "--with-text", "--kinds", "money"]);
    let path = folder.path().join("out/documents/part-00000.parquet");
    let mut bytes = fs::read(&path).unwrap();
    let pages = 4..bytes.len() * 2 / 3;
    bytes[pages].fill(0xFF);
    let (reasons, _) = rejects("b.parquet", &bytes, &[]);
    assert!(reasons.len() == 1 && reasons[0].contains("cannot be read"), "{reasons:?}");
}

#[test]
fn what_is_missing_is_told_and_the_rest_is_done() {
    let folder = folder(&[("a.txt", A.as_bytes())]);
    let output = tiqu(folder.path(), &["extract", "none.txt", "a.txt"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("none.txt: No such file"), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 1);
}

#[test]
fn a_folder_without_an_input_is_told() {
    let folder = folder(&[("in/a.ann", b"x")]);
    for arguments in [&["extract", "in"][..], &["snapshot", "in", "--into", "kept"]] {
        let output = tiqu(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stderr).starts_with("tiqu: no document found"), "{output:?}");
    }
}

#[test]
fn pages_and_web_archives_give_their_main_text() {
    let paragraphs = format!("<p>{}</p>", A.repeat(6)) + &format!("<p>{}</p>", B.repeat(6));
    let html = format!(
        "<!doctype html><html><head><meta charset=gbk><title>新闻</title></head><body><nav><a href=/>首页</a></nav>\
         <article><h1>新闻</h1>{paragraphs}</article><footer>版权所有</footer></body></html>"
    );
    let page = encoded(&html, encoding_rs::GBK);
    let answer = [&b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gb2312\r\n\r\n"[..], &page].concat();
    let record = |kind: &str, block: &[u8]| {
        let head = format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://news.example/1\r\nWARC-Date: 2026-02-05T00:00:00Z\r\n\
             Content-Length: {}\r\n\r\n",
            block.len()
        );
        [head.as_bytes(), block, b"\r\n\r\n"].concat()
    };
    let archive = [gzip(&record("request", b"GET / HTTP/1.1\r\n\r\n")), gzip(&record("response", &answer))].concat();
    let folder = folder(&[("a.html", &page), ("b.warc.gz", &archive)]);
    for (name, id) in [("a.html", "a.html"), ("b.warc.gz", "https://news.example/1")] {
        let found = texts(folder.path(), &[name], 0);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, id);
        assert!(found[0].1.contains("黄仁勋") && !found[0].1.contains("版权"), "{}", found[0].1);
    }
}

#[test]
fn every_format_is_written() {
    let lines = format!("{{\"id\":\"1\",\"text\":\"{A}\"}}\n{{\"id\":\"2\",\"text\":\"{B}\"}}\n");
    let folder = folder(&[("a.jsonl", lines.as_bytes())]);
    let run = |format: &str| {
        let output = tiqu(folder.path(), &["extract", "a.jsonl", "-q", "-f", format]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        output.stdout
    };
    for format in ["json", "label-studio"] {
        let array: serde_json::Value = serde_json::from_slice(&run(format)).unwrap();
        assert_eq!(array.as_array().unwrap().len(), 2, "{format}");
    }
    assert!(text(&run("csv")).starts_with("id,title,mention,kind,text,"));
    assert!(text(&run("conll")).contains("\n黄\tB-PERSON\n仁\tI-PERSON\n"));
    assert!(text(&run("html")).ends_with("</body></html>\n"));
    assert!(text(&run("pretty")).starts_with("=== 1\n"));
    for format in ["jsonl", "csv", "json", "html"] {
        let mut unpacked = String::new();
        let packed = run(&format!("{format}.gz"));
        flate2::read::MultiGzDecoder::new(&packed[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text(&run(format)));
    }
    fs::write(folder.path().join("none.jsonl"), "").unwrap();
    let none = tiqu(folder.path(), &["extract", "none.jsonl", "-q", "-f", "jsonl.gz"]).stdout;
    let mut unpacked = String::new();
    assert_eq!(flate2::read::MultiGzDecoder::new(&none[..]).read_to_string(&mut unpacked).unwrap(), 0);
    assert!(!none.is_empty());
    assert_eq!(zstd::decode_all(&run("jsonl.zst")[..]).unwrap(), run("jsonl"));
    for name in ["a.csv", "out.jsonl.zst", "out.html"] {
        assert_eq!(tiqu(folder.path(), &["extract", "a.jsonl", "-q", "--bom", "-o", name]).status.code(), Some(0));
        assert!(folder.path().join(name).is_file());
    }
    assert!(fs::read(folder.path().join("a.csv")).unwrap().starts_with("\u{FEFF}id,".as_bytes()));
    assert_eq!(tiqu(folder.path(), &["extract", "a.jsonl", "-q", "-f", "brat", "-o", "brat"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("brat/part-00000/0000000-1.txt")).unwrap(), A);
    assert_eq!(tiqu(folder.path(), &["extract", "a.jsonl", "-f", "parquet"]).status.code(), Some(2));
    assert_eq!(
        tiqu(folder.path(), &["extract", "a.jsonl", "-f", "conll", "--offsets", "bytes"]).status.code(),
        Some(2)
    );
}

#[test]
fn standard_input_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let run = |bytes: &[u8]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tiqu"))
            .args(["extract", "-", "-q", "--with-text"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        text(&child.wait_with_output().unwrap().stdout)
    };
    assert!(run(A.as_bytes()).starts_with("{\"schema\":1,\"id\":\"-\","));
    let lines = format!("{{\"id\":\"x\",\"text\":\"{A}\"}}\n");
    for bytes in [lines.clone().into_bytes(), gzip(lines.as_bytes()), zip(&[("a.jsonl", lines.as_bytes())])] {
        assert!(run(&bytes).starts_with("{\"schema\":1,\"id\":\"x\","));
    }
}

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    let lines = format!("{{\"text\":\"{A}\"}}\n").repeat(3000);
    let folder = folder(&[("a.jsonl", lines.as_bytes())]);
    for jobs in ["1", "2"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tiqu"))
            .args(["extract", "a.jsonl", "-q", "-j", jobs])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    }
}

#[test]
fn a_dry_run_shows_the_inputs_and_writes_nothing() {
    let folder = folder(&[
        ("in/a.csv", format!("url,body\n1,{A}\n").as_bytes()),
        ("in/b.txt", &encoded(A, encoding_rs::GB18030)),
    ]);
    let output = tiqu(folder.path(), &["extract", "in", "--dry-run", "-o", "out"]);
    let shown = text(&output.stdout);
    assert!(shown.contains("a.csv") && shown.contains("text from 'body', id from 'url'"), "{shown}");
    assert!(shown.contains("gb18030") && shown.contains("2 inputs"), "{shown}");
    assert!(!folder.path().join("out").exists());
}

/// The lines that `dict check` prints, after the file's name.
fn findings(output: &Output, file: &str) -> Vec<String> {
    text(&output.stdout).lines().map(|line| line.strip_prefix(file).unwrap_or(line).to_owned()).collect()
}

#[test]
fn a_dictionary_is_checked_to_its_end() {
    let good = "# 公司\n北京灵枢科技\tORG\n灵枢\tORG\t北京灵枢科技\nJerry Tworek\tPERSON\n";
    let bad = "灵枢\tFIRM\n李澜 5 nx\n澜图\n\tORG\nａＢ\tORG\nAb\tPERSON\n澜图\tORG\t澜图智能\n甲\tORG\n英伟达\tORG\n五成\tPERCENT\n";
    let folder = folder(&[
        ("good.tsv", good.as_bytes()),
        ("jieba.txt", "灵枢科技 12 nt\n张云明 nr\n".as_bytes()),
        ("bad.tsv", bad.as_bytes()),
        ("gbk.tsv", &encoded("# a\n灵枢\tORG\n", encoding_rs::GBK)),
    ]);
    let output = tiqu(folder.path(), &["dict", "check", "good.tsv", "jieba.txt"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        text(&output.stdout),
        "good.tsv: 3 entries (PERSON 1, ORG 2), 0 errors, 0 warnings\n\
         jieba.txt: 2 entries (PERSON 1, ORG 1), 0 errors, 0 warnings\n"
    );
    let output = tiqu(folder.path(), &["dict", "check", "bad.tsv"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let wanted = [
        ":1: error: unknown kind 'FIRM', expected one of PERSON, ",
        ":2: error: tag 'nx' says no kind; use nr, ",
        ":3: error: expected 'surface [frequency] tag', ",
        ":4: error: the surface is empty",
        ":6: warning: 'Ab' reads like 'ａＢ' in line 5 (width, case and script are folded) as ORG, and the first counts",
        ":7: warning: the canonical name '澜图智能' has no line",
        ":8: warning: '甲' is a single character",
        ":9: warning: '英伟达' is built in as ORG (organisations.tsv:",
        ":10: warning: a PERCENT from a dictionary has no value",
        ": 6 entries (PERSON 1, ORG 4, PERCENT 1), 4 errors, 5 warnings",
    ];
    let found = findings(&output, "bad.tsv");
    assert!(found.len() == wanted.len() && found.iter().zip(wanted).all(|(f, w)| f.starts_with(w)), "{found:#?}");
    // The very reader of extraction: it stops at the first of these lines.
    let extracted = tiqu(folder.path(), &["extract", "good.tsv", "--dict", "bad.tsv"]);
    assert!(text(&extracted.stderr).contains("bad.tsv:1: unknown kind 'FIRM'"), "{extracted:?}");
    let quiet = tiqu(folder.path(), &["dict", "check", "-q", "good.tsv", "gbk.tsv", "none.tsv", "bad.tsv"]);
    assert_eq!(quiet.status.code(), Some(1));
    let found = text(&quiet.stdout);
    assert_eq!(found.lines().count(), 6, "{found}");
    assert!(
        found.contains("gbk.tsv:2: error: not UTF-8") && found.contains("none.tsv: error: No such file"),
        "{found}"
    );
    assert_eq!(tiqu(folder.path(), &["dict", "check"]).status.code(), Some(2));
    let twice = tiqu(folder.path(), &["dict", "check", "good.tsv", "good.tsv"]);
    assert!(text(&twice.stdout).contains("good.tsv:2: warning: '北京灵枢科技' is already in "), "{twice:?}");
}
