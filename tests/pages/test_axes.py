import dataclasses
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import bncore
from ui.page.claims import say, sentence
from ui.page.registry import ROOT
from ui.questions.axes import check, controls, norms
from ui.questions.axes import state as view
from ui.questions.axes.answers import claims, scaler
from ui.questions.axes.state import AxisState
from ui.questions.axes.words import WORDS
from ui.state.arrays import FrozenArray
from ui.state.fields import FieldError, encode_value
from ui.training import service

PAGES = ("axes", "images", "norms")
MATRIX = encode_value(AxisState().data)


@pytest.fixture(autouse=True)
def no_service():
    service.install(None)


def open_page(name="axes", **query):
    app = AppTest.from_file(ROOT / "pages" / f"{name}.py", default_timeout=300)
    app.query_params.update(query)
    return app.run()


def answer(state, picture=None):
    return say(claims(state, picture or view.picture(state)), WORDS)


def words(app):
    return "\n".join(element.value for element in app.markdown)


@pytest.mark.page
def test_the_question_is_answered_with_its_numbers():
    app = open_page()
    assert not app.exception
    text = words(app)
    assert "[2, 20, 200, 2000]" in text
    assert "[277.75, 555.5, 833.25]" in text
    assert "`axis=1` (or `axis=-1`)" in text
    assert "x.mean(axis=0)" in text
    assert "BatchNormalization(axis=1)" in text
    assert "StandardScaler" in text


@pytest.mark.page
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_complaint(page):
    app = open_page(page)
    assert not app.exception
    assert not app.warning


@pytest.mark.page
def test_either_row_of_axes_moves_the_other():
    app = open_page()
    kept, collapsed = (row for row in app.pills if row.label.startswith("Axes"))
    assert (kept.value, collapsed.value) == ([1], [0])
    collapsed.set_value([1]).run()
    assert "[277.75, 555.5, 833.25]" in words(app)
    kept = next(row for row in app.pills if "kept" in row.label)
    assert kept.value == [0]


def move_bracket(app, number, axis):
    event = [number, "bracket", "input", [axis], "", [0, 1]]
    app.session_state[f"{app.session_state['bnlab:current-page']}-grid"] = {
        "events": {"from": "tab", "list": [event]}
    }
    app.run()
    assert not app.exception


@pytest.mark.page
def test_the_bracket_moves_both_rows_of_axes_and_every_spelling():
    app = open_page()
    move_bracket(app, 1, 0)
    assert [row.value for row in app.pills if row.label.startswith("Axes")] == [[0], [1]]
    assert "BatchNormalization(axis=0)" in words(app)
    assert "x.mean(axis=1)" in words(app)
    move_bracket(app, 2, 1)
    assert "BatchNormalization(axis=1)" in words(app)


@pytest.mark.page
@pytest.mark.parametrize(
    ("name", "query"), [("axes", {"kept": "~"}), ("images", {}), ("norms", {"data": MATRIX})]
)
def test_a_bracket_that_is_not_there_moves_nothing(name, query):
    app = open_page(name, **query)
    before = app.session_state[f"bnlab:page:{name}"].history.present
    move_bracket(app, 1, 0)
    assert app.session_state[f"bnlab:page:{name}"].history.present == before


@pytest.mark.parametrize(
    ("state", "bracket"),
    [
        (AxisState(), 1),
        (AxisState(kept=(0,)), 0),
        (AxisState(kept=()), None),
        (AxisState(kept=(0, 1)), None),
        (AxisState(family="layer"), None),
        (AxisState(data=FrozenArray([1.0, 2.0])), None),
        (AxisState(data=FrozenArray(np.ones((2, 3, 4))), kept=(2,)), None),
    ],
)
def test_a_matrix_has_a_bracket_at_the_one_axis_that_is_kept(state, bracket):
    assert view.bracket(state) == bracket


@pytest.mark.page
def test_a_list_of_axes_is_refused_by_keras_3_only():
    state = AxisState(data=FrozenArray(bncore.DATASETS["images-nhwc"]().values), kept=(1, 2, 3))
    picture = view.picture(state)
    assert picture.moments.mean.shape == (3, 4, 5)
    app = open_page(kept="0~1")
    assert "not possible" in words(app)
    assert "TypeError" in words(app)


@pytest.mark.parametrize("family", list(bncore.FAMILIES))
@pytest.mark.parametrize("layout", ["channels last", "channels first"])
def test_the_output_has_the_mean_beta_in_every_group(family, layout):
    name = "images-nhwc" if layout == "channels last" else "images-nchw"
    state = AxisState(
        data=FrozenArray(bncore.DATASETS[name]().values),
        family=family,
        layout=layout,
        kept=(3,) if layout == "channels last" else (1,),
        groups=5,
    )
    p = view.picture(state)
    for group in range(p.moments.mean.size):
        assert p.x_hat[p.index == group].mean() == pytest.approx(0, abs=1e-12)
    assert len(view.panels(p)) == 7
    if family != "batch":
        np.testing.assert_allclose(p.output, p.x_hat)


def test_the_wrong_channel_axis_is_named():
    data = FrozenArray(bncore.DATASETS["images-nchw"]().values)
    state = AxisState(data=data, layout="channels first", kept=(-1,))
    assert "axis 3 is W" in answer(state)
    assert ":orange" not in answer(dataclasses.replace(state, kept=(1,)))


def test_gamma_of_another_shape_is_forgotten_not_misapplied():
    state = AxisState(gamma=FrozenArray([1.0, 2.0, 3.0]), beta=FrozenArray([5.0]))
    p = view.picture(state)
    np.testing.assert_array_equal(p.gamma, np.ones(4))
    np.testing.assert_array_equal(p.beta, np.full(4, 5.0))


@pytest.mark.page
def test_groups_that_do_not_divide_are_explained():
    app = open_page("norms", family="group", groups="3", data=MATRIX)
    assert not app.exception
    assert "do not divide 4 channels" in app.warning[0].value
    assert not open_page("norms", family="layer", groups="3", data=MATRIX).warning


@pytest.mark.page
def test_axes_out_of_range_are_explained():
    app = open_page(kept="4")
    assert not app.exception
    assert "out of range" in app.warning[0].value


@pytest.mark.parametrize("typed", ["", "3 × -1", "a", "2 2 2 2 2 2", "600"])
def test_a_shape_that_is_none(typed):
    with pytest.raises(FieldError):
        controls.reshaped(AxisState(), typed)


def shape_alone():
    import streamlit as st

    from ui.questions.axes.controls import shape_field
    from ui.questions.axes.state import AxisState
    from ui.state.page import open_page

    shape_field(open_page("axes", AxisState))
    st.button("Again")


@pytest.mark.page
def test_a_refused_shape_is_told_until_the_next_try():
    app = AppTest.from_function(shape_alone, default_timeout=300).run()
    change, again = app.button
    app.text_input[0].set_value("600 $x$")
    change.click().run()
    again.click().run()  # whatever else makes the page run
    assert "“600 \\$x\\$” is not a shape" in words(app)
    assert app.text_input[0].value == "600 $x$"
    app.text_input[0].set_value("2 x 6")
    app.button[0].click().run()
    assert app.text_input[0].value == "2 × 6"
    assert "is not a shape" not in words(app)
    app.text_input[0].set_value("3 x 4")
    app.button[0].click().run()  # back where it was refused
    assert app.text_input[0].value == "3 × 4"
    assert "is not a shape" not in words(app)
    assert not app.exception


def test_changing_the_shape_keeps_the_numbers():
    changes = controls.reshaped(AxisState(), "(4, 4)")
    np.testing.assert_array_equal(changes["data"].ravel()[:12], AxisState().data.array.ravel())


def test_no_layer_is_asked_about_nan():
    state = AxisState()
    p = view.picture(state)
    assert check.asked(state, p).feature_axis == 1
    spoilt = view.picture(AxisState(data=FrozenArray([[np.inf, 1.0], [2.0, 3.0]])))
    assert check.asked(state, spoilt) is None


@pytest.mark.keras
def test_a_layer_that_returns_nan_is_no_agreement(visit):
    constant = encode_value(FrozenArray([[1.0, 2.0], [1.0, 3.0]]))
    app = visit("axes", data=constant, epsilon="0").app
    for _ in range(200):
        if app.warning:
            break
        time.sleep(0.1)
        app.run()
    assert "Nothing to compare" in app.warning[0].value
    assert not app.success


@pytest.mark.page
def test_what_the_screen_says_of_the_corner_cases():
    assert "Axis 0 is the batch" in words(open_page(kept="0"))
    assert "keeps an axis at least" in words(open_page(kept="~"))
    grouped = open_page("norms", family="group", groups="2", data=MATRIX)
    assert "of the grouped shape (3, 2, 2)" in words(grouped)
    constant = {"data": encode_value(FrozenArray([[1.0, 2.0], [1.0, 3.0]]))}
    assert "the output is beta" in words(open_page(**constant))
    text = words(open_page(**constant, epsilon="0"))
    assert "x̂ is 0/0, NaN" in text
    assert "StandardScaler" not in text


@pytest.mark.page
def test_pytorch_keeps_dimension_one():
    nchw = FrozenArray(bncore.DATASETS["images-nchw"]().values)
    app = open_page(data=encode_value(nchw), layout="channels first")
    next(b for b in app.button if b.label.startswith("PyTorch")).click().run()
    assert next(row for row in app.pills if "kept" in row.label).value == [1]
    assert "torch.nn.BatchNorm2d(5)(x)" in words(app)


@pytest.mark.page
def test_a_variance_beyond_float64_is_said():
    text = words(open_page(data=encode_value(FrozenArray([[1e308, 1.0], [2.0, 3.0]]))))
    assert "1 of 2 variances are beyond float64" in text
    assert "nan" not in text


def test_numpys_means_are_numpys():
    """The sentence compares: with another mean on the screen it is another sentence."""
    state = AxisState()
    p = view.picture(state)
    assert "**the same 4 means**" in answer(state)
    other = bncore.Moments(p.moments.mean * (1 + 1e-9), p.moments.variance, p.moments.count)
    text = answer(state, dataclasses.replace(p, moments=other))
    assert "the same" not in text
    assert "**other means, though**" in text


def test_the_scaler_is_held_against_what_is_shown():
    p = view.picture(AxisState(epsilon=0.0))
    shown = (p.x_hat, p.x_hat + 0.25)
    said = [sentence(scaler(dataclasses.replace(p, x_hat=x_hat)), WORDS) for x_hat in shown]
    assert float(said[0].split("**")[1]) < 1e-12
    assert "**0.25**" in said[1]


@pytest.mark.page
@pytest.mark.parametrize(
    "button", ["NHWC, axis −1", "NCHW, axis 1", "NHWC, a list: axis [1, 2, 3]"]
)
def test_the_layouts_of_images_are_one_click_away(button):
    app = open_page("images")
    next(b for b in app.button if b.label == button).click().run()
    assert not app.exception
    assert "axis 3 is W" not in words(app)


@pytest.mark.page
def test_the_wrong_axis_of_images_is_named():
    app = open_page("images")
    next(b for b in app.button if "wrong" in b.label).click().run()
    assert "axis 3 is W" in words(app)


@pytest.mark.keras
@pytest.mark.parametrize("family", ["layer", "instance", "group"])
def test_the_other_families_compute_the_same_in_both_modes(family):
    import keras

    state = AxisState(family=family, groups=2)
    layer = eval(norms.code(state), {"keras": keras})
    outputs = [np.asarray(layer(state.data.array, training=mode)) for mode in (True, False)]
    np.testing.assert_array_equal(*outputs)
    assert all(weight.trainable for weight in layer.weights)


@pytest.mark.keras
def test_no_framework_warns_about_the_wrong_channel_axis(recwarn):
    import keras

    keras.layers.BatchNormalization(axis=1)(np.ones((2, 3, 4, 5), "float32"), training=True)
    assert not recwarn.list


def test_every_part_of_the_picture_is_what_it_says():
    state = AxisState(data=FrozenArray(np.arange(6.0).reshape(3, 2)), family="layer")
    p = view.picture(state)
    drawn = {panel.id: panel for panel in view.panels(p)}
    assert [(panel.id, panel.title, panel.subtitle) for panel in drawn.values()] == [
        ("input", "Input x", "shape (3, 2)"),
        ("mean", "Mean", "shape (3,), n = 2"),
        ("variance", "Variance (biased)", "shape (3,)"),
        ("x_hat", "Normalised x̂", "(x − mean) / √(variance + ε)"),
        ("gamma", "Gamma γ", "shape (2,), learned"),
        ("beta", "Beta β", "shape (2,), learned"),
        ("output", "Output", "γ · x̂ + β"),
    ]
    for name, values in (("mean", [0.5, 2.5, 4.5]), ("variance", [0.25] * 3)):
        np.testing.assert_allclose(drawn[name].values, values)
        assert drawn[name].groups.tolist() == [0, 1, 2]
        assert drawn[name].axes == ("N",)
    for name in ("input", "x_hat", "output"):
        assert drawn[name].groups.tolist() == [[0, 0], [1, 1], [2, 2]]
        assert (drawn[name].axes, drawn[name].role) == (("N", "C"), "cells")
    np.testing.assert_array_equal(drawn["input"].values, p.x)
    np.testing.assert_array_equal(drawn["x_hat"].values, p.x_hat)
    np.testing.assert_array_equal(drawn["output"].values, p.output)
    assert drawn["input"].symbol == "x"
    assert {name for name in drawn if drawn[name].editable} == {"input", "gamma", "beta"}
    statistics = {name for name in drawn if drawn[name].role == "statistic"}
    assert statistics == {"mean", "variance", "gamma", "beta"}
    # A gamma per channel belongs to no row's mean; one per mean lights up with it.
    assert drawn["gamma"].groups is drawn["beta"].groups is None
    own = view.panels(view.picture(dataclasses.replace(state, family="batch")), ("parameters",))
    assert [(panel.id, panel.groups.tolist()) for panel in own] == [
        ("gamma", [0, 1]), ("beta", [0, 1]),
    ]  # fmt: skip


def test_a_group_of_channels_is_named_so():
    data = bncore.DATASETS["images-nhwc"]().values
    state = AxisState(data=FrozenArray(data), family="group", groups=1)
    (mean, _) = view.panels(view.picture(state), ("statistics",))
    assert mean.axes == ("N", "group")


@pytest.mark.parametrize(("kept", "means", "vertical"), [((1,), [1.5, 3.5, 5.5], True),
                                                         ((0,), [3.0, 4.0], False)])  # fmt: skip
def test_the_mean_along_the_other_axis_of_a_matrix_stands_beside_it(kept, means, vertical):
    x = FrozenArray([[1.0, 2], [3, 4], [5, 6]])
    (*_, other) = view.panels(view.picture(AxisState(data=x, kept=kept)), ("statistics",))
    assert (other.id, other.values.tolist(), other.vertical) == ("other", means, vertical)
    assert other.groups is None  # no cell of the layer's lights up with it
    assert f"axis={kept[0]}" in other.subtitle
    for state in (
        AxisState(data=x, kept=(0, 1)),
        AxisState(data=x, family="layer"),
        AxisState(data=FrozenArray(np.ones((2, 3, 4))), kept=(2,)),
    ):
        assert len(view.panels(view.picture(state), ("statistics",))) == 2
