"""The recipes of docs/python.md and the notebook, run as they stand."""

import re
from pathlib import Path

import pytest

for package in ("pandas", "polars", "pyarrow", "duckdb", "fastapi", "httpx"):
    pytest.importorskip(package)

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
NOTEBOOK = Path(__file__).parents[1] / "examples" / "notebook.ipynb"


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


def test_the_notebook(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    article, mentions, left, figures = (
        "".join(output["data"].get("text/html", "") for output in cell["outputs"] if "data" in output)
        for cell in notebook.cells
        if cell["cell_type"] == "code"
    )
    assert ">黄仁勋<" in article and "MONEY 130000000000 USD over" in article
    assert "1300亿美元" in mentions and "130000000000" in mentions
    assert "李明" in left and "百度" in left and "黄仁勋" not in left
    assert "市场份额" in figures and "27%" in figures
