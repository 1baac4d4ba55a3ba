"""The package beside the command, on the same corpus, jobs and machine:

    python3 benches/make_corpus.py 20M corpus.jsonl
    cargo build --release
    python python/measure.py target/release/tiqu corpus.jsonl [jobs]
"""

import json
import resource
import subprocess
import sys
import tempfile
import time

import pyarrow as pa

# The folder beside this file has no compiled part: the installed package is meant.
sys.path.pop(0)
import tiqu  # noqa: E402

RUNS = 3


def processor():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in used)


def seconds(works):
    """Seconds on the clock and of processors, the least of some runs; the works take turns, so that all have the
    same neighbours on the machine."""
    least = {}
    for _ in range(RUNS):
        for name, work in works.items():
            start, used = time.perf_counter(), processor()
            work()
            times = time.perf_counter() - start, processor() - used
            least[name] = tuple(map(min, times, least.get(name, times)))
    return least


def main(command, corpus, jobs=2):
    jobs = int(jobs)
    with open(corpus, encoding="utf-8") as lines:
        texts = [json.loads(line)["content"] for line in lines]
    size = sum(len(text.encode()) for text in texts) / 1e6
    extractor = tiqu.Extractor()
    table = pa.table({"content": texts})

    def run(path, jobs):
        options = ["--progress", "none", "-q", "-f", "jsonl", "-o", "/dev/null", "-j", str(jobs)]
        subprocess.run([command, "extract", path, *options], check=True)

    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as empty:
        start = seconds({"start": lambda: run(empty.name, jobs)})["start"]
    rows = seconds({
        "command, without its start": lambda: run(corpus, jobs),
        "extract_many": lambda: extractor.extract_many(texts, jobs=jobs),
        "extract_many, from a generator": lambda: sum(1 for _ in extractor.extract_many(iter(texts), jobs=jobs)),
        "extract_arrow": lambda: extractor.extract_arrow(table, jobs=jobs),
        "extract_tables": lambda: extractor.extract_tables(table, jobs=jobs),
    })
    name = "command, without its start"
    base = rows[name] = tuple(all_ - start_ for all_, start_ in zip(rows[name], start))
    print(f"{len(texts)} articles, {size:.1f} MB, {jobs} jobs, command's start {start[0]:.2f} s")
    for name, (clock, used) in rows.items():
        print(f"{name:32} {size / clock:6.2f} MB/s, ×{clock / base[0]:.2f}; processors {used:6.2f} s, ×{used / base[1]:.2f}")

    article = sorted(texts, key=len)[len(texts) // 2]
    count = 1000
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as many:
        many.writelines(json.dumps({"content": article}, ensure_ascii=False) + "\n" for _ in range(count))
        many.flush()
        rows = seconds({
            "rust": lambda: run(many.name, 1),
            "python": lambda: [extractor.extract(article) for _ in range(count)],
        })
    rust, python = (rows["rust"][1] - start[1]) / count, rows["python"][1] / count
    print(f"one article of {len(article)} characters: command {rust * 1e3:.3f} ms, extract {python * 1e3:.3f} ms, ×{python / rust:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
