"""The page about freezing: what it says is what its run returned."""

import dataclasses

import pytest

from bncore.experiments.freezing import FreezingRow, ways
from ui.questions.freezing import answers, switches
from ui.questions.freezing.state import FreezingState


def test_it_opens_ready_to_train(visit):
    assert not visit("freezing").app.button(key="freezing-train").disabled


@pytest.mark.keras
def test_what_freezes_is_read_off_what_moved(visit):
    page = visit("freezing", guess="training").train("freezing")
    text = page.words
    assert "`bn(x, training=False)`: gamma and the moving statistics moved" in text
    assert "Your prediction did not freeze it." in text
    assert "then compile again`: nothing moved" in text
    frame = page.app.dataframe[0].value
    assert "So it was in all 35 combinations run here." in text
    assert len(frame) == 15
    assert frame["frozen?"].tolist().count("yes") == 9


def rows_of(frozen=lambda when: when in answers.IN_TIME, **changed):
    """Rows as the experiment returns them; `frozen` says in which of them nothing moved."""
    outputs = ("moving", "moving", "batch")
    return [
        dataclasses.replace(
            FreezingRow(
                *way, *[not frozen(way[2])] * 2, "moving" if frozen(way[2]) else "batch", *outputs
            ),
            **changed,
        )
        for way in ways()
    ]


def test_the_rule_is_said_only_where_every_result_agrees():
    def rule(rows):
        return answers.words(FreezingState(), rows)[0]

    assert "So it was in all 35 combinations" in rule(rows_of())
    late = rule(rows_of(lambda when: when != "never"))
    assert "no simple rule" in late
    assert "wrong in 7 of all 35" in late
    assert "no simple rule" in rule(rows_of(lambda when: False))
    some = rows_of()
    some[1] = dataclasses.replace(some[1], statistics_moved=None)
    assert "None of the 34 of 35 combinations" in rule(some)
    assert "No verdict" in rule(rows_of(statistics_moved=None, gamma_moved=False))


def test_what_cannot_be_told_is_not_told():
    """A batch of mean 0 and variance 1 moves nothing that starts there."""
    rows = rows_of(gamma_moved=False, statistics_moved=None, fit="cannot tell")
    state = dataclasses.replace(FreezingState(), guess="compiled")
    text = "\n".join(answers.words(state, rows))
    assert "**Frozen.**" not in text
    assert "predicted it" not in text
    assert "normalised with the statistics" not in text
    assert "reverse trap" not in text
    assert "these data cannot tell" in text
    assert "would not have moved in any case" in text


def test_what_moved_at_all_is_not_frozen():
    (row, *_) = rows_of(gamma_moved=False, statistics_moved=True)
    assert answers.is_frozen(row) is False


def test_the_table_says_what_moved():
    row = FreezingRow(
        "functional", "False", "never", True, False, "batch", "moving", "moving", "batch"
    )
    frame = answers.table([row])
    assert (frame["gamma"][0], frame["moving statistics"][0]) == ("moved", "stayed")


def test_every_column_of_the_table():
    outputs = {"predict": "moving", "call": "cannot tell", "call_training": "batch"}
    unknown = rows_of(**outputs, gamma_moved=None, statistics_moved=False)
    assert answers.table(rows_of(**outputs)[:2] + unknown[:1]).to_dict("list") == {
        "training in the call": ["not given"] * 3,
        "trainable=False set": ["never", "before compile", "never"],
        "gamma": ["moved", "stayed", "cannot tell"],
        "moving statistics": ["moved", "stayed", "stayed"],
        "frozen?": ["no", "yes", "cannot tell"],
        "fit normalises with": ["batch", "moving", "batch"],
        "predict": ["moving"] * 3,
        "model(x)": ["cannot tell"] * 3,
        "model(x, training=True)": ["batch"] * 3,
    }


@pytest.mark.parametrize(("moved", "fit", "said"), [
    (False, "moving", True), (False, "batch", False), (True, "moving", False),
    (None, "moving", False),
])  # fmt: skip
def test_the_reverse_trap_is_told_wherever_it_snapped(moved, fit, said):
    rows = rows_of(statistics_moved=moved, fit=fit)
    assert any("reverse trap" in text for text in answers.words(FreezingState(), rows)) == said


@pytest.mark.parametrize("model", ["functional", "subclassed"])
def test_every_combination_of_the_switches_shows_what_its_own_run_measured(model):
    """Rows of which no two neighbours say the same."""
    states = [True, False, None]
    rows = [
        dataclasses.replace(row, gamma_moved=states[n % 3], statistics_moved=states[n // 3 % 3])
        for n, row in enumerate(rows_of())
        if row.model == model
    ]
    choices, cases = switches.choices(rows), switches.cases(rows)
    assert len(cases) == len(rows) == {"functional": 15, "subclassed": 20}[model]
    assert [len(each) for each in choices.values()] == [len(rows) // 5, 5]
    for row in rows:
        case = cases[row.training, row.frozen]
        assert list(case.changed.values()) == [row.gamma_moved, row.statistics_moved]
        verdict = {True: "Frozen: ", False: "Not frozen: ", None: "Frozen or not: cannot tell"}
        assert case.said.startswith(verdict[answers.is_frozen(row)])
        if row.gamma_moved and row.statistics_moved is False:
            assert "gamma changed, moving statistics did not change; fit normal" in case.said
