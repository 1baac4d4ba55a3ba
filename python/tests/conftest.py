import pytest
import tiqu

ARTICLES = [
    "英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。",
    "😀OpenAI首席研究官Mark Chen宣布，公司估值达5000亿美元，市场份额从12%升至27%。",
    "2026年2月5日，北京大学教授李明加入阿里巴巴，年薪约300万元。",
    "",
    "今天天气不错。",
]


@pytest.fixture(scope="session")
def extractor():
    return tiqu.Extractor()


@pytest.fixture
def articles():
    return list(ARTICLES)
