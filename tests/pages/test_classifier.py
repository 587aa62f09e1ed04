"""The pages about the classifier as one: what follows from page to page, and what does not."""

import pytest
from streamlit.testing.v1 import AppTest

from ui.page.registry import ROOT, entry_of

PAGES = ("placement", "distributions", "rates", "bias")
SMALL = {"rows": "120", "units": "6", "epochs": "3", "replicas": "3"}


class Session:
    """A visitor in the whole app, who goes from page to page."""

    def __init__(self):
        self.app = AppTest.from_file(ROOT / "ui" / "shell.py", default_timeout=300).run()

    def goto(self, name, **query):
        """Open a page by the navigation, or by a link with settings."""
        self.app.query_params.clear()
        self.app.query_params.update(query)
        self.app.session_state[f"{name}-settings"] = True  # the box of them is open
        self.app.switch_page(f"../{entry_of(name).path}").run()
        assert not self.app.exception
        return self

    def choose(self, page, name, value):
        self.app.selectbox(key=f"{page}-{name}").set_value(value).run()
        return self

    def type(self, page, name, text):
        self.app.text_input(key=f"{page}-{name}").set_value(text).run()
        return self

    def press(self, page, button):
        self.app.button(key=f"{page}-{button}").click().run()
        return self

    def record(self, page):
        return self.app.session_state[f"bnlab:page:{page}"].history.present

    @property
    def query(self):
        found = dict(self.app.query_params)
        return {name: v if isinstance(v, str) else v[-1] for name, v in found.items()}


@pytest.fixture
def session(visit):
    return Session()


def test_the_model_follows_and_the_training_of_one_page_does_not(session):
    session.goto("placement").choose("placement", "activation", "sigmoid")
    session.type("placement", "epochs", "7")
    assert session.record("placement")["epochs"] == 7
    session.goto("rates")
    assert session.app.selectbox(key="rates-activation").value == "sigmoid"
    assert session.query == {"activation": "sigmoid"}
    found = session.record("rates")
    assert (found["epochs"], found["replicas"], found["optimizer"]) == (10, 4, "sgd")
    session.goto("bias")
    assert session.query == {"activation": "sigmoid"}


def test_two_pages_that_read_one_run_share_its_whole_training(session):
    session.goto("placement").type("placement", "epochs", "7").goto("distributions")
    assert session.query == {"epochs": "7"}
    session.type("distributions", "replicas", "3").goto("placement")
    assert session.query == {"epochs": "7", "replicas": "3"}


def test_what_is_changed_on_the_smallest_page_follows_to_all(session):
    session.goto("bias").choose("bias", "activation", "sigmoid").type("bias", "updates", "50")
    for name in ("placement", "distributions", "rates"):
        assert session.goto(name).query == {"activation": "sigmoid"}


def test_a_reset_stays(session):
    session.goto("placement").choose("placement", "activation", "sigmoid").goto("rates")
    session.press("rates", "reset")
    assert session.query == {}
    assert session.goto("bias").query == {}
    assert session.goto("rates").query == {}


def test_a_link_says_all_itself(session):
    session.goto("placement").choose("placement", "activation", "sigmoid")
    session.goto("rates", depth="3")
    assert session.query == {"depth": "3"}
    assert session.record("rates")["activation"] == "relu"


def test_undo_takes_back_what_came_along(session):
    session.goto("rates").goto("placement").choose("placement", "activation", "sigmoid")
    session.goto("rates")
    session.press("rates", "undo")
    assert session.record("rates")["activation"] == "relu"


@pytest.mark.keras
def test_a_run_of_one_page_is_there_on_the_other(visit):
    from tests.pages.conftest import Visit

    session = Session().goto("placement", variants="before~after", **SMALL)
    Visit.train(session, "placement")
    session.goto("distributions")
    words = "\n".join(element.value for element in session.app.markdown)
    assert "Smallest share over all blocks: **" in words  # without training again
    assert session.app.session_state["bnlab:player:distributions-player"].rows["steps"] == 9


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_with_a_train_button(visit, name):
    page = visit(name)
    (button,) = [b for b in page.app.button if b.label == "Train"]
    assert button.key == f"{name}-train"
    assert not button.disabled


@pytest.mark.parametrize("name", PAGES[:3])
def test_convolutions_on_digits(visit, name):
    page = visit(name, epochs="1", replicas="2")
    page.app.button(key=f"{name}-button-Convolutions on digits").click().run()
    assert not page.app.exception
    assert "1,797 images of digits, 8 × 8 pixels" in page.captions
    assert page.query["block"] == "conv"


@pytest.mark.parametrize("name", PAGES[:3])
def test_what_cannot_be_trained_is_said_and_not_offered(visit, name):
    page = visit(name, epochs="200", rows="5000")
    assert page.app.button(key=f"{name}-train").disabled
    assert "at most 40,000 are trained here" in page.captions


@pytest.mark.parametrize("name", PAGES[:3])
def test_a_batch_larger_than_the_training_rows_cannot_be_trained(visit, name):
    page = visit(name, rows="50", batch_size="64")
    assert page.app.button(key=f"{name}-train").disabled
    assert "is between 1 and the 40 training rows; got 64" in page.captions
