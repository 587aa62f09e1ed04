"""The code on the screen, run: it makes the layers that the experiments train."""

import dataclasses
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import bncore
from bncore.experiments.batch_axis import AXES
from bncore.frameworks import installed, live_layer
from bncore.placement import PLACEMENTS
from bncore.porting import LAYOUTS
from ui.questions.axes import norms
from ui.questions.axes import state as axes
from ui.questions.axes.state import AxisState
from ui.questions.batch_axis import state as batch_axis
from ui.questions.batch_axis.state import BatchAxisState
from ui.questions.classifier.study import study_job
from ui.questions.conventions.carry import asked as carry_asked
from ui.questions.conventions.state import ConventionsState
from ui.questions.freezing import switches
from ui.questions.iris import state as iris
from ui.questions.iris.state import IrisState
from ui.questions.placement.code import code
from ui.questions.placement.state import PlacementState
from ui.state.arrays import FrozenArray

pytestmark = pytest.mark.keras
keras = pytest.importorskip("bncore.keras.framework").keras
from bncore.experiments.freezing import Freezing, ways  # noqa: E402
from bncore.keras import batch_axis as batch_axis_experiment  # noqa: E402
from bncore.keras import freezing as freezing_experiment  # noqa: E402
from bncore.keras import iris as iris_experiment  # noqa: E402
from bncore.keras import live, stacked  # noqa: E402

OTHER = {"keep": 0.87654321, "epsilon": 0.0123456789}  # nobody's defaults, and more than 6 digits
NAMES = {**vars(keras.layers), "Sequential": keras.Sequential, "Input": keras.Input}


def settings(layer):
    """What a batch normalisation was made with."""
    return {name: layer.get_config()[name] for name in ("axis", "momentum", "epsilon")}


def normalisations(layers):
    return [settings(layer) for layer in layers if "BatchNormalization" in type(layer).__name__]


@pytest.mark.parametrize("way", ways(), ids=" ".join)
def test_freezing(way):
    """What the code on the screen changes is what the run of this way says has changed."""
    data = np.random.default_rng(0).normal(3, 2, (8, 2)).astype("f4")
    row = freezing_experiment._tried(Freezing(data), *way)
    *lines, last = (text for text, _ in switches.code(row))
    held = {**NAMES, "Model": keras.Model, "data": data, "targets": data[::-1].copy()}
    exec("\n".join(lines), held)
    before = [weight.numpy() for weight in held["bn"].weights]
    exec(last, held)
    gamma, _, *statistics = (
        bool((weight.numpy() != old).any())
        for weight, old in zip(held["bn"].weights, before, strict=True)
    )
    assert (gamma, any(statistics)) == (row.gamma_moved, row.statistics_moved)


@pytest.mark.parametrize("block", ["dense", "conv"])
@pytest.mark.parametrize("name", list(PLACEMENTS))
def test_placement(name, block):
    state = dataclasses.replace(PlacementState(), **OTHER, block=block, units=4)
    held = dict(NAMES)
    exec(code(state, name), held)
    shown = held["model"].layers
    architecture = study_job(state).asked.architecture
    plain, _ = stacked.plain_model(architecture, PLACEMENTS[name])
    trained = stacked.stacked_model(architecture, PLACEMENTS[name], 2)
    assert [type(layer) for layer in shown] == [type(layer) for layer in plain.layers]
    momentum, epsilon = OTHER["keep"], OTHER["epsilon"]
    for layers in (shown, plain.layers, trained.model.layers, trained.orphans):
        for found in normalisations(layers):
            assert (found["momentum"], found["epsilon"]) == (momentum, epsilon)
    assert len(normalisations(trained.model.layers)) == len(normalisations(shown))
    orphans = [line for line in code(state, name).splitlines() if "never added" in line]
    assert len(orphans) == len(trained.orphans)
    for line in orphans:
        made = settings(eval(line, dict(NAMES)))
        assert (made["momentum"], made["epsilon"]) == (momentum, epsilon)


@pytest.mark.parametrize("axis", AXES)
def test_batch_axis(axis):
    state = dataclasses.replace(BatchAxisState(), **OTHER)
    made = []

    def noted(**options):
        made.append(keras.layers.BatchNormalization(**options))
        return made[-1]

    exec(batch_axis.code(state, "fixed", axis), {**NAMES, "BatchNormalization": noted})
    trained = batch_axis_experiment._model(batch_axis.job(state).asked, axis, len(state.data.array))
    assert normalisations(made) == normalisations(trained.layers) != []
    assert [layer.moving_mean.shape for layer in made] == [trained.layers[-1].moving_mean.shape]


def test_batch_axis_is_fitted_as_it_is_written(monkeypatch):
    """Every argument of compile, fit and predict that is shown is one that is given."""
    state, calls = BatchAxisState(), []
    for name in ("compile", "fit", "predict"):
        real = getattr(keras.Model, name)

        def noted(model, *arguments, _name=name, _real=real, **options):
            calls.append((_name, options))
            return _real(model, *arguments, **options)

        monkeypatch.setattr(keras.Model, name, noted)
    batch_axis_experiment._stepped(batch_axis.job(state).asked, "-1")
    shown = []
    model = SimpleNamespace(**{
        name: lambda *_, _name=name, **options: shown.append((_name, options))
        for name in ("compile", "fit", "predict")
    })  # fmt: skip
    for step in ("fit", "other", "multiple"):
        exec(batch_axis.code(state, step, "-1"), {"model": model, "data": [], "rows": []})
    asked = [(name, {k: v for k, v in options.items() if k not in ("verbose", "epochs")})
             for name, options in calls]  # fmt: skip
    assert asked == shown
    assert all(options.get("epochs", 1) == 1 for _, options in calls)  # the default of fit


def test_iris():
    state = dataclasses.replace(IrisState(), **OTHER, hidden=7)
    held = {"keras": keras}
    exec(iris.code(state, 4, 3), held)
    trained = iris_experiment._model(iris.job(state).asked)
    shown = held["model"]
    assert normalisations(shown.layers) == normalisations(trained.layers) != []
    assert [w.shape for w in shown.weights] == [w.shape for w in trained.weights]
    activations = [[getattr(layer, "activation", None) for layer in model.layers]
                   for model in (shown, trained)]  # fmt: skip
    assert activations[0] == activations[1]


@pytest.mark.parametrize("family", list(bncore.FAMILIES))
@pytest.mark.parametrize("layout", ["channels last", "channels first"])
def test_four_norms(family, layout):
    """The code that is shown computes the x̂ that is shown, epsilon included."""
    name = "images-nhwc" if layout == "channels last" else "images-nchw"
    data = FrozenArray(bncore.DATASETS[name]().values)
    state = norms.in_norm(AxisState(data=data, layout=layout, groups=5, epsilon=0.3), family)
    layer = eval(norms.code(state), {"keras": keras})
    output = np.asarray(layer(data.array.astype("float32"), training=True))
    np.testing.assert_allclose(output, axes.picture(state).x_hat, atol=1e-5)


def carried(name):
    """The live layer that the check of a carried layer makes of this framework."""
    made = []

    def noted(*arguments):
        made.append(live_layer(*arguments))
        return made[-1]

    state = dataclasses.replace(ConventionsState(), **OTHER, source=name, target=name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "live_layer", noted)
        patch.setattr(live, "installed", lambda _: "1.0")
        next(live.carry(carry_asked(state)))
    return made[0]


def written(name):
    width = ConventionsState().layer.shape[1]
    return LAYOUTS[name].written(OTHER["keep"], OTHER["epsilon"], width)


@pytest.mark.parametrize("name", ["keras-3", "tf_keras"])
def test_the_porting_card_of_keras(name):
    if not installed(name):
        pytest.skip(f"{name} is not installed")
    layer = carried(name)._layer
    shown = eval(written(name), vars(sys.modules[type(layer).__module__]))
    shown.build((None, ConventionsState().layer.shape[1]))
    assert settings(shown)["momentum"] == settings(layer)["momentum"] == OTHER["keep"]
    assert settings(shown)["epsilon"] == settings(layer)["epsilon"] == OTHER["epsilon"]
    assert shown.moving_mean.shape == layer.moving_mean.shape


def test_the_porting_card_of_onnx(monkeypatch):
    if not installed("onnxruntime"):
        pytest.skip("onnxruntime is not installed")
    from bncore.frameworks import onnx

    made, real = [], onnx.onnx.helper.make_node
    monkeypatch.setattr(
        onnx.onnx.helper, "make_node",
        lambda kind, *_, **options: made.append((kind, options)) or real(kind, *_, **options),
    )  # fmt: skip
    carried("onnxruntime")
    shown = eval(written("onnxruntime"), {"make_node": lambda kind, *_, **o: (kind, o)})
    kind, options = made[0]
    assert shown == (kind, {name: options[name] for name in shown[1]})
    assert set(shown[1]) == {"momentum", "epsilon"}


def test_the_porting_card_of_pytorch(monkeypatch):
    """Without PyTorch: the class that is asked for, and what it is made with."""

    class Layer:
        def __init__(self, kind, *arguments, **options):
            self.made = kind, arguments, options

        def load_state_dict(self, state, strict):
            pass

        def eval(self):
            return lambda x: SimpleNamespace(numpy=lambda: x)

    class Nothing:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    nn = SimpleNamespace(
        **{f"BatchNorm{n}d": lambda *a, _n=n, **o: Layer(f"BatchNorm{_n}d", *a, **o)
           for n in (1, 2, 3)}
    )  # fmt: skip
    fake = SimpleNamespace(nn=nn, from_numpy=lambda x: x, no_grad=Nothing)
    monkeypatch.setitem(sys.modules, "torch", fake)
    monkeypatch.delitem(sys.modules, "bncore.frameworks.torch", raising=False)
    monkeypatch.setattr("bncore.frameworks.installed", lambda _: "torch 1.0")
    kind, arguments, options = carried("torch")._layer.made
    monkeypatch.delitem(sys.modules, "bncore.frameworks.torch")
    shown = eval(written("torch"), {"torch": fake}).made
    assert (kind, arguments) == shown[:2]
    assert options["eps"] == shown[2]["eps"]
    assert options["momentum"] == pytest.approx(shown[2]["momentum"])
