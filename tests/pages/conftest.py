"""A page under AppTest, with a training service in this process."""

import json
import time

import pytest
from streamlit.testing.v1 import AppTest

from tests.experiments.local import LocalService
from ui.page.registry import PAGES, ROOT
from ui.training import service


@pytest.hookimpl(tryfirst=True)  # before -m reads the marks
def pytest_collection_modifyitems(items):
    for item in items:
        if "visit" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.page)


class Visit:
    """A page that was opened with these query parameters; `guess` is predicted there."""

    def __init__(self, url_path, guess="", **query):
        entry = next(entry for entry in PAGES if entry.url_path == url_path)
        self.app = AppTest.from_file(ROOT / entry.path, default_timeout=300)
        self.app.query_params.update(query)
        self.app.session_state[f"{url_path}-settings"] = True  # the box of them is open
        self.app.run()
        if guess:
            self.app.radio(key=f"{url_path}-guess").set_value(guess).run()
        assert not self.app.exception

    @property
    def words(self):
        return "\n".join(element.value for element in self.app.markdown)

    @property
    def captions(self):
        return "\n".join(element.value for element in self.app.caption)

    @property
    def told(self):
        """What the browser's side of each component of the page is told."""
        return [json.loads(each.proto.json) for each in self.app.get("bidi_component")]

    @property
    def query(self):
        """What the address holds; AppTest has a text or a list, after which way it came there."""
        found = dict(self.app.query_params)
        return {name: v if isinstance(v, str) else v[-1] for name, v in found.items()}

    def reveal(self):
        """Ask for the answer of the page."""
        (button,) = (each for each in self.app.button if str(each.key).endswith("-reveal"))
        button.click().run()
        assert not self.app.exception
        return self

    def train(self, panel):
        """Press the panel's Train button and wait for the end of its run."""
        self.app.button(key=f"{panel}-train").click().run()
        end = time.monotonic() + 600
        while not self.app.button(key=f"{panel}-stop").disabled:
            assert time.monotonic() < end
            time.sleep(0.05)
            self.app.run()
        assert not self.app.exception
        return self


@pytest.fixture
def visit():
    local = LocalService()
    service.install(local)
    yield Visit
    service.install(None)
    local.close()
