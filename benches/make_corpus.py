"""Makes a corpus of any size from the articles in corpus/, for measuring: seeded, varied, the same on every machine.

    python3 benches/make_corpus.py 200M out.jsonl            JSON Lines
    python3 benches/make_corpus.py 200M out.jsonl.gz         packed
    python3 benches/make_corpus.py 50M  out.csv              a table
    python3 benches/make_corpus.py 50M  out/                 a folder of texts
    python3 benches/make_corpus.py 50M  out.jsonl --encoding gb18030
    python3 benches/make_corpus.py 50M  out.jsonl --article 10M    articles of this size instead of 0.5 to 8 KB

An article is some paragraphs of different sources, with numbers changed, so that no two are equal and a packer finds
no more to save than in real news.
"""

import argparse
import csv
import gzip
import io
import json
import pathlib
import random
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent / "corpus"
MARK = re.compile(r"\{\{\??[A-Z]+\|([^|}]*)[^}]*\}\}")
NUMBER = re.compile(r"[0-9]+")
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文婷宇浩然欣怡子涵雨泽俊峰雪梅海燕晓东立新思远嘉禾"


def paragraphs():
    found = []
    for path in sorted([*ROOT.glob("golden/*.txt"), *ROOT.glob("train/*.ann")]):
        text = path.read_text(encoding="utf-8").split("\n=== RELATIONS\n")[0]
        text = MARK.sub(r"\1", text)
        found += [line for line in text.split("\n") if len(line) >= 15]
    return found


def size(text):
    number = text.upper().rstrip("B")
    return int(number[:-1]) << {"K": 10, "M": 20, "G": 30}[number[-1]] if number[-1] in "KMG" else int(number)


def articles(total, length, seed):
    """(number, title, day, text), until the texts have `total` bytes of UTF-8."""
    rng = random.Random(seed)
    source = paragraphs()
    made = number = 0

    def change(match):
        digits = match.group()
        if len(digits) == 4 and digits[:2] in ("19", "20"):
            return digits
        return str(rng.randint(1, 9)) + "".join(rng.choice("0123456789") for _ in digits[1:])

    while made < total:
        number += 1
        wanted = length or int(min(8000, rng.lognormvariate(7.6, 0.7)))
        lines, have = [], 0
        while have < wanted:
            line = NUMBER.sub(change, rng.choice(source))
            if rng.random() < 0.3:
                name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2))))
                line += f"{name}对记者说，{rng.choice(source)[:40]}"
            lines.append(line)
            have += len(line.encode())
        text = "\n".join(lines)
        made += len(text.encode())
        day = f"{rng.randint(2015, 2026)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        yield number, lines[0][:30], day, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", type=size)
    parser.add_argument("output")
    parser.add_argument("--encoding", default="utf-8")
    parser.add_argument("--article", type=size, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made = articles(given.size, given.article, given.seed)
    name = given.output
    if name.endswith("/") or pathlib.Path(name).is_dir():
        for number, title, day, text in made:
            path = pathlib.Path(name, day[:4], day[5:7], f"{number:07}.txt")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode(given.encoding, "replace"))
        return
    raw = gzip.GzipFile(name, "wb", 6, mtime=0) if name.endswith(".gz") else open(name, "wb")
    with io.TextIOWrapper(raw, encoding=given.encoding, errors="replace", newline="") as out:
        if ".csv" in name:
            table = csv.writer(out)
            table.writerow(["url", "title", "publish_time", "content"])
            for number, title, day, text in made:
                table.writerow([f"https://news.example/{number}", title, day, text])
        else:
            for number, title, day, text in made:
                fields = {"url": f"https://news.example/{number}", "title": title, "publish_time": day, "content": text}
                out.write(json.dumps(fields, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
