"""The player of recorded runs: it moves in the browser, exactly and for everyone."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.waiting import until

UPDATES = 300
COUNT_MESSAGES = """() => {
    window.sent = 0;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) { window.sent += 1; return send.call(this, data); };
}"""


PLAYED = """it => new Promise(told => {
    // The first other step that is shown once it plays.
    const stood = it.ariaValueNow;
    const look = () => it.ariaValueNow !== stood && told(Number(it.ariaValueNow));
    new MutationObserver(look).observe(it, { attributeFilter: ["aria-valuenow"] });
    it.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
})"""


@pytest.fixture
def played(server, visit):
    """Open the moving statistics, train, and wait for the player; its requests from then on."""

    def open_player(**options):
        motion = options.pop("motion", "reduce")
        visitor = visit(**options)
        visitor.page.emulate_media(reduced_motion=motion)
        visitor.goto(f"{server.url}/moving?updates={UPDATES}&variants=keras-3~unbiased")
        visitor.train("moving")
        expect(slider(visitor.page)).to_be_visible()
        visitor.settle()
        return visitor

    return open_player


def slider(page):
    return page.locator(".player .slider")


def now(page) -> int:
    return int(slider(page).get_attribute("aria-valuenow"))


def engine(keep: float = 0.99) -> np.ndarray:
    """The moving variance of Keras 3 on the question's data, by hand."""
    np.random.seed(3)
    data = np.random.rand(5, 6)
    at = [np.ones(6)]
    for _ in range(UPDATES):
        at.append(keep * at[-1] + (1 - keep) * data.var(axis=0))
    return np.array(at)


@pytest.mark.keras
def test_keys_reach_every_update_and_the_numbers_are_the_recorded_ones(played):
    page = played().page
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.evaluate(COUNT_MESSAGES)
    variance = engine()
    slider(page).focus()
    for key, update in (
        ("End", UPDATES), ("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1),
        ("Shift+ArrowRight", 11), ("ArrowUp", 12), ("Shift+ArrowDown", 2), ("ArrowDown", 1),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert now(page) == update, key
        row = page.locator(".player table.now td[data-curve=keras-3]")
        shown = [float(row.nth(n).get_attribute("title").replace("−", "-")) for n in range(6)]
        np.testing.assert_allclose(shown, variance[update], rtol=1e-5)
    expect(page.locator(".player .formula")).to_contain_text("0.99 · 1.000000 + 0.01 · 0.0394998")
    assert slider(page).get_attribute("aria-valuetext").startswith("update 1 of 300. Keras 3: ")
    assert asked == []
    assert page.evaluate("window.sent") == 0


@pytest.mark.keras
def test_it_plays_pauses_and_reaches_the_end_without_the_server(played):
    page = played().page
    page.evaluate(COUNT_MESSAGES)
    play = page.locator(".player .bar button").first
    expect(play).to_have_attribute("aria-label", "Play")
    slider(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("-")  # slower
    page.keyboard.press("Space")
    expect(play).to_have_attribute("aria-label", "Pause")
    page.wait_for_function("Number(document.querySelector('[class*=moving-player]') ? 1 : 1)")
    expect(slider(page)).not_to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("Space")
    expect(play).to_have_attribute("aria-label", "Play")
    stands = now(page)
    assert 0 < stands < UPDATES
    page.keyboard.press("+")
    play.click()
    expect(slider(page)).to_have_attribute("aria-valuenow", str(UPDATES))
    expect(play).to_have_attribute("aria-label", "Play")
    assert page.evaluate("window.sent") == 0


@pytest.mark.keras
def test_who_wants_less_motion_sees_the_end_and_others_see_it_play_once(played):
    assert now(played().page) == UPDATES
    page = played(motion="no-preference").page
    expect(slider(page)).to_have_attribute("aria-valuenow", str(UPDATES))


@pytest.mark.keras
def test_what_is_looked_at_is_drawn_at_once_and_stands_in_the_link(played):
    visitor = played()
    page = visitor.page
    page.locator(".player table.now td[data-feature='3']").first.click()
    expect(page.locator(".player figcaption").first).to_contain_text("feature 3")
    page.wait_for_url(re.compile("feature=3"))
    page.get_by_role("checkbox", name="logarithmic axes").uncheck()
    page.wait_for_url(re.compile("log=0"))
    page.keyboard.press("Home")
    assert visitor.overflow() <= 0


@pytest.mark.keras
def test_a_question_about_a_step_is_answered_by_the_server(played):
    page = played(width=390).page
    slider(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Verdict at this update").click()
    expect(page.get_by_text("not there yet after 1 update: 0.99 of the").first).to_be_visible()
    assert now(page) == 1


@pytest.mark.keras
def test_it_can_be_taken_away(played):
    page = played().page
    with page.expect_download() as coming:
        page.get_by_role("button", name="All numbers (CSV)").click()
    lines = coming.value.path().read_text().splitlines()
    assert len(lines) == UPDATES + 2
    assert lines[0].startswith("update,keras-3 variance feature 0,")
    np.testing.assert_allclose(
        [float(cell) for cell in lines[101].split(",")[1:7]], engine()[100], rtol=1e-5
    )
    with page.expect_download() as coming:
        page.get_by_role("button", name="Moving variance (SVG)").click()
    assert coming.value.path().read_text().startswith("<svg")


@pytest.fixture(scope="module")
def grows(start_module_server) -> str:
    command = "-m streamlit run tests/browser/apps/player_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


def press(visitor, name, stands):
    """A button of the page; the slider then stands there."""
    visitor.page.get_by_role("button", name=name, exact=True).click()
    expect(slider(visitor.page)).to_have_attribute("aria-valuenow", str(stands))


def test_a_shorter_run_that_begins_alike_is_shown_to_its_own_end(grows, visit):
    """Undo, back to fewer updates: the first piece is the same, and the step is not there."""
    visitor = visit().goto(grows)
    page = visitor.page
    press(visitor, "More", 119)
    press(visitor, "Less", 99)
    expect(slider(page)).to_have_attribute("aria-valuemax", "99")
    expect(page.locator(".player .where")).to_have_text("update 99 of 299")
    slider(page).press("ArrowLeft")
    expect(slider(page)).to_have_attribute("aria-valuenow", "98")


def test_a_run_that_goes_on_grows_in_the_same_player_and_no_piece_is_fetched_twice(grows, visit):
    visitor = visit()
    page, pieces = visitor.page, []
    page.emulate_media(reduced_motion="reduce")
    page.on("request", lambda request: "/record/" in request.url and pieces.append(request.url))
    visitor.goto(grows)
    expect(slider(page)).to_have_attribute("aria-valuenow", "99")
    slider(page).evaluate("node => { node.dataset.same = 'yes' }")
    press(visitor, "More", 119)
    press(visitor, "More", 139)
    expect(page.locator(".player .where")).to_have_text("update 139 of 299")
    assert len(pieces) == len(set(pieces)) == 3
    slider(page).focus()
    page.keyboard.press("Home")
    press(visitor, "More", 0)  # who looks at another step is left there
    expect(slider(page)).to_have_attribute("aria-valuemax", "159")
    slider(page).focus()
    page.keyboard.press("End")
    press(visitor, "More", 179)  # and follows again from its end
    assert slider(page).get_attribute("data-same") == "yes"
    press(visitor, "End", UPDATES - 1)  # in another place of the page
    assert slider(page).get_attribute("data-same") is None
    assert len(pieces) == len(set(pieces)) == 6
    cells = page.locator(".player table.now td[data-curve]")
    for update in (250, 299):
        slider(page).focus()
        page.keyboard.press("Home" if update == 250 else "End")
        for _ in range(25 if update == 250 else 0):
            page.keyboard.press("Shift+ArrowRight")
        shown = [float(cells.nth(n).get_attribute("title").replace("−", "-")) for n in range(2)]
        recorded = [np.random.default_rng(n).normal(size=(UPDATES, 1))[update, 0] for n in range(2)]
        assert shown == recorded


def test_the_end_of_a_run_plays_once_unless_the_visitor_looks_at_another_step(grows, visit):
    visitor = visit()
    page = visitor.page
    visitor.goto(grows)
    expect(slider(page)).to_have_attribute("aria-valuenow", "99")
    press(visitor, "More", 119)
    slider(page).focus()
    page.keyboard.press("ArrowLeft")
    press(visitor, "End", 118)
    visitor.settle()
    assert now(page) == 118
    expect(page.locator(".player .bar button").first).to_have_attribute("aria-label", "Play")
    again = visit()
    again.goto(grows)
    expect(slider(again.page)).to_have_attribute("aria-valuenow", "99")
    again.page.get_by_role("button", name="End", exact=True).click()
    play = again.page.locator(".player .bar button").first
    expect(play).to_have_attribute("aria-label", "Pause")
    expect(slider(again.page)).to_have_attribute("aria-valuenow", str(UPDATES - 1))
    expect(play).to_have_attribute("aria-label", "Play")


def test_players_of_one_clock_stand_at_the_same_step_and_play_together(grows, visit):
    visitor = visit()
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    visitor.goto(f"{grows}/?secret=1&clock=one")
    first, second = (page.locator(".player").nth(n) for n in range(2))
    thumbs = [each.locator(".slider") for each in (first, second)]
    plays = [each.locator(".bar button").first for each in (first, second)]

    def both(name, *values):
        for place, value in zip(
            thumbs if name.startswith("aria-v") else plays, values, strict=True
        ):
            expect(place).to_have_attribute(name, str(value))

    both("aria-valuenow", 0, 0)
    thumbs[0].press("Shift+ArrowRight")
    both("aria-valuenow", 10, 10)
    expect(page.locator(".player.secret")).to_have_count(0)  # who has moved one has moved both
    thumbs[1].press("End")
    both("aria-valuenow", 249, 249)
    thumbs[0].press("End")
    both("aria-valuenow", 299, 249)
    first.get_by_role("combobox", name="Play").select_option("step by step")
    expect(second.get_by_role("combobox", name="Play")).to_have_value("0")
    thumbs[0].press("Home")
    both("aria-valuenow", 0, 0)
    plays[0].click()
    both("aria-label", "Pause", "Pause")
    expect(thumbs[1]).not_to_have_attribute("aria-valuenow", "0")
    plays[1].click()
    both("aria-label", "Play", "Play")
    stands = thumbs[0].get_attribute("aria-valuenow")
    both("aria-valuenow", stands, stands)
    second.get_by_role("combobox", name="Play").select_option("in 1 s")
    plays[1].click()
    both("aria-valuenow", 249, 249)
    both("aria-label", "Play", "Play")


def test_it_plays_from_where_it_stands_and_again_and_again(grows, visit):
    page = visit().goto(f"{grows}/?secret=1").page
    speed = page.get_by_role("combobox", name="Play")
    play = page.locator(".player .bar button").first
    for label in ("step by step", "in 20 s"):
        slider(page).press("End")
        for _ in range(10):
            slider(page).press("Shift+ArrowLeft")
        speed.select_option(label)
        assert slider(page).evaluate(PLAYED) > 199
    speed.select_option("in 4 s")
    for key, label in (("-", "in 8 s"), ("+", "in 4 s"), ("+", "in 1 s"), ("+", "in 1 s")):
        slider(page).press(key)
        expect(speed.locator("option:checked")).to_have_text(label)
    slider(page).press("End")
    slider(page).press("Shift+ArrowLeft")
    again = page.get_by_role("checkbox", name="again and again")
    again.check()
    play.click()
    until(page, lambda: now(page) < 199)  # it began behind that
    expect(play).to_have_attribute("aria-label", "Pause")
    again.uncheck()
    expect(play).to_have_attribute("aria-label", "Play")
    assert now(page) == UPDATES - 1


@pytest.mark.keras
def test_a_pinned_run_is_drawn_beside_the_next_and_fetched_no_more(played):
    visitor = played()
    page = visitor.page
    pinned = engine()[-1]
    page.get_by_role("button", name="Pin this run").click()
    expect(page.get_by_text("Pinned. Change a setting")).to_be_visible()
    keep = page.locator('[class*="st-key-moving-keep"] input').first
    keep.fill("0.5")
    keep.press("Enter")
    visitor.settle()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    visitor.train("moving")
    expect(page.get_by_text("Pinned run: keep 0.99")).to_be_visible()
    row = page.locator(".player table.now tr", has_text="Keras 3, keep 0.99").first.locator("td")
    expect(row).to_have_count(6)
    shown = [float(row.nth(n).get_attribute("title").replace("−", "-")) for n in range(6)]
    np.testing.assert_allclose(shown, pinned, rtol=1e-5)
    assert len([url for url in asked if "/bnlab/record/" in url]) <= 2  # the new run's alone
    assert visitor.overflow() <= 0


@pytest.mark.keras
def test_a_link_brings_two_runs_and_no_prediction(played, visit):
    visitor = played()
    page = visitor.page
    page.get_by_role("button", name="Pin this run").click()
    expect(page.get_by_text("Pinned. Change a setting")).to_be_visible()
    page.get_by_text("the unbiased", exact=False).first.click()  # a prediction of the sender's
    keep = page.locator('[class*="st-key-moving-keep"] input').first
    keep.fill("0.5")
    keep.press("Enter")
    page.wait_for_url(re.compile("pin=keep%3D0.99"))
    visitor.settle()
    visitor.train("moving")
    expect(page.get_by_text("Pinned run: keep 0.99")).to_be_visible()
    assert "guess" not in page.url
    other = visit()
    other.goto(page.url)
    expect(slider(other.page)).to_have_attribute("aria-valuenow", "0")
    expect(other.page.get_by_text("Pinned run")).to_have_count(0)  # it would tell what comes
    slider(other.page).press("End")
    expect(other.page.get_by_text("Pinned run: keep 0.99")).to_be_visible()
    row = other.page.locator(".player table.now tr", has_text="Keras 3, keep 0.99").first
    shown = [float(cell.get_attribute("title")) for cell in row.locator("td").all()]
    np.testing.assert_allclose(shown, engine()[-1], rtol=1e-5)
    expect(other.page.get_by_text("You predicted")).to_have_count(0)


SHOWN = """canvas => {
    // Between the axes, right of the first step's points, and where the curves' names end: whether
    // a row of pixels there has several colors, as one of grid lines alone has not.
    const drawn = (from, to) => {
        const [x, width] = [from, to - from].map((share) => Math.round(share * canvas.width));
        const height = Math.round(0.8 * canvas.height);
        const { data } = canvas.getContext("2d").getImageData(x, 0, width, height);
        return data.some((byte, i) => byte !== data[i - (i % (4 * width)) + (i % 4)]);
    };
    return [drawn(0.2, 0.6), drawn(0.97, 1)];
}"""


def test_before_the_picture_has_moved_nothing_shows_what_comes(grows, visit):
    visitor = visit()
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    visitor.goto(f"{grows}/?secret=1")
    expect(slider(page)).to_have_attribute("aria-valuenow", "0")
    visitor.settle()
    picture, cells = page.locator(".player canvas").first, page.locator("td[data-curve]")

    def shown() -> list[list[bool]]:
        """Whether curves and names are seen, by themselves and while a cell is pointed at."""
        page.mouse.move(0, 0)
        expect(page.locator(".player td.lit")).to_have_count(0)
        seen = [picture.evaluate(SHOWN)]
        for curve in "ab":
            cells.and_(page.locator(f"[data-curve={curve}]")).first.hover()
            expect(page.locator(f".player td.lit[data-curve={curve}]")).to_have_count(1)
            seen.append(picture.evaluate(SHOWN))
        return seen

    assert shown() == [[False, False]] * 3
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".player.secret")).to_have_count(0)
    assert shown() == [[True, True]] * 3


def test_a_curve_that_would_answer_the_prediction_is_not_there_before(grows, visit):
    visitor = visit()
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    visitor.goto(f"{grows}/?secret=1&late=1")
    rows = [page.locator("tr", has=page.locator(f"td[data-curve={name}]")) for name in "ab"]
    picture = page.locator(".player canvas").first
    expect(rows[0]).to_be_visible()
    expect(rows[1]).to_be_hidden()
    expect(page.locator(".player .key")).to_have_text(["First"])
    for told, name in ((picture, "aria-label"), (slider(page), "aria-valuetext")):
        assert "First" in told.get_attribute(name)
        assert "Second" not in told.get_attribute(name)
    slider(page).press("End")
    expect(rows[1]).to_be_visible()
    expect(picture).to_have_attribute("aria-label", re.compile("Second"))
