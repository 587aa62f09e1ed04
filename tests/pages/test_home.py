"""Home lists every question of every page, and each card leads to a state that its page accepts."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from ui.page.registry import GROUPS, HOME, PAGES, QUESTIONS, ROOT

SHELL = str(ROOT / "ui" / "shell.py")
EVERY_QUESTION = [pytest.param(entry, id=entry.id) for entry in QUESTIONS]


@pytest.fixture(scope="module")
def home() -> AppTest:
    return AppTest.from_file(SHELL, default_timeout=300).run()


def test_home_says_what_this_is(home):
    assert not home.exception
    assert home.title[0].value == "Batch Norm Lab"
    assert "batch normalisation" in home.markdown[0].value


@pytest.mark.parametrize("entry", EVERY_QUESTION)
def test_every_question_has_a_card_with_its_link(home, entry):
    assert any(entry.question in m.value for m in home.markdown)
    link = home.get("page_link")[QUESTIONS.index(entry)].proto
    assert (link.page, link.query_string) == (entry.url_path, "")


@pytest.mark.parametrize("entry", EVERY_QUESTION)
def test_a_question_opens_its_page_without_complaint(entry):
    app = AppTest.from_file(SHELL, default_timeout=300).run().switch_page(f"../{entry.path}")
    app.run()
    assert not app.exception
    assert not any("ignored" in warning.value for warning in app.warning)
    assert any(entry.question in m.value for m in app.markdown)  # under the title
    app.button(key=f"{entry.url_path}-read-more").click().run()
    sources = "\n".join(f"- {source}" for source in entry.sources)
    assert sources in [text.value for text in app.markdown]


def test_a_dialog_closes_with_the_page_that_opened_it():
    app = AppTest.from_file(SHELL, default_timeout=300).run().switch_page("../pages/axes.py").run()
    app.button(key="axes-share").click().run()
    shown = "**Link to exactly this state**"
    assert shown in [text.value for text in app.markdown]
    app.switch_page("../pages/home.py").run()
    app.switch_page("../pages/axes.py").run()
    assert shown not in [text.value for text in app.markdown]


@pytest.mark.parametrize("entry", EVERY_QUESTION)
def test_every_question_says_where_to_read_on(entry):
    assert entry.sources
    for source in entry.sources:
        assert re.match(r"\[[^]]+\]\(https://(arxiv\.org/abs|github\.com)/[\w./-]+\)", source)


def test_the_registry_is_one_consistent_list():
    assert PAGES[0] is HOME
    assert len({entry.url_path for entry in PAGES}) == len(PAGES)
    assert len({entry.id for entry in QUESTIONS}) == len(QUESTIONS)
    for entry in PAGES:
        assert entry.script.is_file()
    assert {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")} == {
        entry.path for entry in PAGES
    }
    assert list(dict.fromkeys(entry.group for entry in QUESTIONS)) == list(GROUPS)
