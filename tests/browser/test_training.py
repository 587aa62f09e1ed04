"""The training panel in a real browser: it follows a run by itself, and lets go of it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import until

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def address(start_module_server: Callable[..., Any]) -> str:
    command = "-m streamlit run tests/browser/apps/training_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


def asked(address: str) -> Any:
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def newest_job(address: str) -> str:
    return asked(f"{address}/jobs")[-1]


def text(page: Page, name: str) -> str:
    line = page.locator("[data-testid=stText]", has_text=f"{name}:")
    return line.inner_text().removeprefix(f"{name}:").strip()


def train(page: Page, total: int) -> None:
    field = page.get_by_label("Total")
    field.fill(str(total))
    field.press("Enter")
    expect(page.get_by_role("button", name="Train")).to_be_enabled()
    page.get_by_role("button", name="Train").click()


def test_a_run_is_followed_to_its_end_and_then_the_page_is_quiet(visit, address, tmp_path):
    visitor = visit()
    page, frames, questions = visitor.page, [], []
    page.on("websocket", lambda each: each.on("framereceived", lambda f: frames.append(f)))
    page.on("request", lambda request: questions.append(request.url))
    visitor.goto(f"{address}/?until={tmp_path / 'end'}")
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_role("button", name="Stop")).to_be_enabled()
    expect(page.get_by_text("whole runs: 2")).to_be_visible()  # opened, and Train pressed
    seen: set[str] = set()
    until(page, lambda: seen.add(text(page, "counted")) or len(seen) > 2)
    assert text(page, "whole runs") == "2"  # the fragment alone was repeated
    (tmp_path / "end").touch()
    done = page.get_by_text("Done: ")
    expect(done).to_be_visible()
    expect(page.get_by_text("state: done")).to_be_visible()
    assert f"Done: {text(page, 'counted')} numbers" in done.inner_text()
    assert text(page, "whole runs") == "3"
    visitor.settle()
    assert any("/api/news" in url for url in questions)
    before = len(frames), len(questions)
    page.wait_for_timeout(1200)  # nothing is waited for: a time in which nothing may come
    assert (len(frames), len(questions)) == before


def test_who_waits_sends_nothing_until_something_has_come(visit, address):
    first = visit().goto(address).page
    train(first, 100_003)
    until(first, lambda: int(text(first, "counted")) > 2)
    visitor = visit()
    page, frames = visitor.page, []
    page.on("websocket", lambda each: each.on("framesent", lambda f: frames.append(f)))
    visitor.goto(address)
    train(page, 100_004)
    expect(page.get_by_text("Waiting: next in the queue.")).to_be_visible()
    visitor.settle()
    sent = len(frames)
    page.wait_for_timeout(1500)  # nothing is waited for: a time in which nothing may be sent
    assert len(frames) == sent
    first.get_by_role("button", name="Stop").click()
    until(page, lambda: int(text(page, "counted")) > 2)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped on request")).to_be_visible()


def test_what_is_being_typed_is_left_alone(visit, address):
    page = visit().goto(address).page
    train(page, 100_000)
    until(page, lambda: int(text(page, "counted")) > 2)
    page.get_by_label("Total").fill("123")  # not entered yet
    before = int(text(page, "counted"))
    until(page, lambda: int(text(page, "counted")) > before + 10)
    assert page.get_by_label("Total").input_value() == "123"
    page.get_by_label("Total").fill("100000")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped on request")).to_be_visible()
    assert int(text(page, "counted")) > before


def test_a_closed_tab_takes_its_run_with_it(visit, address):
    """After the grace, which is short here; tests/ui/test_runs.py has what happens within it."""
    asked(f"{address}/grace/0.5")
    page = visit().goto(address).page
    train(page, 100_001)
    until(page, lambda: int(text(page, "counted")) > 2)
    page.close()
    other = visit().goto(address).page
    until(other, lambda: newest_job(address) == "cancelled")
