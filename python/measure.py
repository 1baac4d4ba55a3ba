"""The package beside the command, on the same corpus, jobs and machine:

    python3 benches/make_corpus.py 20M corpus.jsonl
    cargo build --release
    python python/measure.py target/release/tiqu corpus.jsonl [jobs]
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time

import pyarrow as pa
import tiqu

RUNS = 3


def seconds(work):
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main(command, corpus, jobs=2):
    jobs = int(jobs)
    with open(corpus, encoding="utf-8") as lines:
        texts = [json.loads(line)["content"] for line in lines]
    size = sum(len(text.encode()) for text in texts) / 1e6
    extractor = tiqu.Extractor()
    table = pa.table({"content": texts})

    def run(path, jobs):
        options = ["--progress", "none", "-q", "-f", "jsonl", "-o", "/dev/null", "-j", str(jobs)]
        return seconds(lambda: subprocess.run([command, "extract", path, *options], check=True))

    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as empty:
        start = run(empty.name, jobs)
    rows = {
        "command, without its start": run(corpus, jobs) - start,
        "extract_many": seconds(lambda: extractor.extract_many(texts, jobs=jobs)),
        "extract_many, from a generator": seconds(lambda: sum(1 for _ in extractor.extract_many(iter(texts), jobs=jobs))),
        "extract_arrow": seconds(lambda: extractor.extract_arrow(table, jobs=jobs)),
        "extract_tables": seconds(lambda: extractor.extract_tables(table, jobs=jobs)),
    }
    print(f"{len(texts)} articles, {size:.1f} MB, {jobs} jobs, command's start {start:.2f} s")
    base = rows["command, without its start"]
    for name, time_ in rows.items():
        print(f"{name:32} {time_:7.2f} s {size / time_:6.2f} MB/s {time_ / base:6.2f}")

    article = sorted(texts, key=len)[len(texts) // 2]
    count = 2000
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as many:
        many.writelines(json.dumps({"content": article}, ensure_ascii=False) + "\n" for _ in range(count))
        many.flush()
        rust = (run(many.name, 1) - start) / count
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        extractor.extract(article)
        times.append(time.perf_counter() - begin)
    python = statistics.mean(times)
    print(f"one article of {len(article)} characters: command {rust * 1e3:.3f} ms, extract {python * 1e3:.3f} ms {python / rust:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
