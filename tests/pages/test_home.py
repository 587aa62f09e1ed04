"""Home lists every question of every page, and each card leads to a state that its page accepts."""

import re
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from ui.page.registry import HOME, PAGES, ROOT, questions

SHELL = str(ROOT / "ui" / "shell.py")
EVERY_QUESTION = [pytest.param(*pair, id=pair[1].id) for pair in questions()]


@pytest.fixture(scope="module")
def home() -> AppTest:
    return AppTest.from_file(SHELL, default_timeout=300).run()


def test_home_says_what_this_is(home):
    assert not home.exception
    assert home.title[0].value == "Batch Norm Lab"
    assert "batch normalisation" in home.markdown[0].value


@pytest.mark.parametrize(("entry", "question"), EVERY_QUESTION)
def test_every_question_has_a_card_with_its_link(home, entry, question):
    assert any(question.text in m.value for m in home.markdown)
    place = [listed for _, listed in questions()].index(question)
    link = home.get("page_link")[place].proto
    assert link.page == entry.url_path
    query = {name: values[-1] for name, values in parse_qs(link.query_string).items()}
    assert query == question.query()


@pytest.mark.parametrize(("entry", "question"), EVERY_QUESTION)
def test_a_question_opens_its_page_without_complaint(entry, question):
    app = AppTest.from_file(SHELL, default_timeout=300).run().switch_page(f"../{entry.path}")
    app.query_params.update(question.query())
    app.run()
    assert not app.exception
    assert not any("ignored" in warning.value for warning in app.warning)
    sources = "\n".join(f"- {source}" for source in question.sources)
    assert sources in [text.value for text in app.markdown]  # under "Read more" in the toolbar


@pytest.mark.parametrize(("entry", "question"), EVERY_QUESTION)
def test_every_question_says_where_to_read_on(entry, question):
    assert question.sources
    for source in question.sources:
        assert re.match(r"\[[^]]+\]\(https://(arxiv\.org/abs|github\.com)/[\w./-]+\)", source)


def test_the_registry_is_one_consistent_list():
    assert PAGES[0] is HOME
    assert len({entry.url_path for entry in PAGES}) == len(PAGES)
    assert len({question.id for _, question in questions()}) == len(questions())
    for entry in PAGES:
        assert entry.script.is_file()
    assert {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")} == {
        entry.path for entry in PAGES
    }
