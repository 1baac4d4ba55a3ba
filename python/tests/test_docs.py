"""The recipes of docs/python.md, run as they stand."""

import re
from pathlib import Path

import pytest

for package in ("pandas", "polars", "pyarrow", "duckdb", "fastapi", "httpx"):
    pytest.importorskip(package)

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 9
    space = {"__name__": "recipes"}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), space)
    printed = capsys.readouterr().out
    assert "130000000000 USD over" in printed
    assert "黄仁勋 CEO 英伟达" in printed
    assert "[{'document': 2, 'id': 'c', 'reason': 'no text'}]" in printed
    assert set(space["mentions"]["kind"]) >= {"ORG", "PERSON", "MONEY"}
    assert space["sums"]["text"].to_list() == ["3亿元"]
    assert space["df"]["money"].tolist() == [["300000000"], []]
    assert ("b", "李明", "百度") in space["left"]
    assert {(name, currency) for name, currency, _ in space["largest"]} >= {("百度", "CNY")}

    from fastapi.testclient import TestClient

    answer = TestClient(space["app"]).post("/extract", content="英伟达投资3亿元。", headers={"content-type": "text/plain"})
    assert answer.status_code == 200
    assert answer.json()["mentions"][-1]["text"] == "3亿元"
