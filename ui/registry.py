"""The one list of pages. Navigation, Home, README and the tests are all derived from it.

A new page costs one entry here and one file in `pages/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bncore.datasets import DATASETS
from ui.arrays import FrozenArray
from ui.fields import encode_value

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Question:
    """A question in people's own words, and the state of its page that answers it.

    `preset` holds the fields of the page's state that differ from their defaults; `hint` says in
    one line what there is to do and to see.
    """

    id: str
    text: str
    hint: str
    preset: Mapping[str, Any] = field(default_factory=dict)

    def query(self) -> dict[str, str]:
        """The preset as query parameters."""
        return {name: encode_value(value) for name, value in self.preset.items()}


@dataclass(frozen=True)
class PageEntry:
    """A page: its script (relative to the repository), its words, and its questions.

    `url_path` is the address ("axes" -> /axes) and the name the page opens its state by; the
    empty one is Home.
    """

    path: str
    title: str
    icon: str
    url_path: str
    summary: str
    questions: tuple[Question, ...] = ()

    @property
    def script(self) -> Path:
        """The script's absolute path."""
        return ROOT / self.path


def _data(name: str) -> FrozenArray:
    return FrozenArray(DATASETS[name]().values)


HOME = PageEntry(
    path="pages/home.py",
    title="Home",
    icon=":material/home:",
    url_path="",
    summary="What this is, and the questions it answers.",
)

PAGES: tuple[PageEntry, ...] = (
    HOME,
    PageEntry(
        path="pages/axes.py",
        title="Axis explorer",
        icon=":material/grid_on:",
        url_path="axes",
        summary="Which cells share one mean? Edit a tensor, choose axes, watch the groups.",
        questions=(
            Question(
                id="Q1",
                text="NumPy's axis=0 and Keras' axis=-1: are they the same?",
                hint="Change a cell of a 3 × 4 matrix and see which mean moves.",
            ),
            Question(
                id="Q3",
                text="Images: which axis for NHWC, for NCHW, and what does a list of axes do?",
                hint="A small batch of images, sliced, with both layouts.",
                preset={"data": _data("images-nhwc"), "shown": ("input", "statistics", "x_hat")},
            ),
            Question(
                id="Q12",
                text="Batch, layer, instance, group norm: what is the difference?",
                hint="The same tensor, four ways to group its cells.",
                preset={
                    "data": _data("images-nhwc"),
                    "family": "instance",
                    "shown": ("input", "statistics"),
                },
            ),
        ),
    ),
    PageEntry(
        path="pages/batch_axis.py",
        title="Batch axis",
        icon=":material/swap_vert:",
        url_path="batch-axis",
        summary="What real Keras does with axis=0, step by step, beside axis=-1.",
        questions=(
            Question(
                id="Q4",
                text="Why not normalise over the batch axis (axis=0)?",
                hint="Build it, train it, predict with it, shuffle the rows: the real errors.",
            ),
        ),
    ),
    PageEntry(
        path="pages/iris.py",
        title="Iris",
        icon=":material/local_florist:",
        url_path="iris",
        summary="A classifier trained live: count the means and see where they go.",
        questions=(
            Question(
                id="Q2",
                text="150 samples, 4 features: how many means does a real layer hold?",
                hint="The Iris classifier, trained live for 100 epochs.",
            ),
        ),
    ),
    PageEntry(
        path="pages/moving.py",
        title="Moving statistics",
        icon=":material/timeline:",
        url_path="moving",
        summary="What does a layer remember? Train real Keras and watch its moving statistics.",
        questions=(
            Question(
                id="Q5",
                text="Why is moving_variance not the variance of my data?",
                hint="Train 10,000 updates and see which variance the layer arrives at.",
            ),
        ),
    ),
    PageEntry(
        path="pages/modes.py",
        title="Training or inference",
        icon=":material/compare:",
        url_path="modes",
        summary="The same layer and the same batch in both modes: the gap, freezing, one NaN.",
        questions=(
            Question(
                id="Q9",
                text="Training is fine, validation is stuck: why?",
                hint="A real classifier, stuck; the same rows in both modes; two cures.",
                preset={"part": "stuck"},
            ),
            Question(
                id="Q9-modes",
                text="Why do fit and predict give different outputs for the same rows?",
                hint="One batch in both modes, update by update, down to a batch of one.",
            ),
            Question(
                id="Q9-freezing",
                text="What freezes the layer: training=False or trainable=False?",
                hint="28 ways, every one really tried: what moved, and what was used.",
                preset={"part": "freezing"},
            ),
            Question(
                id="Q9-nan",
                text="One NaN in one batch: what does the layer remember?",
                hint="One bad number among clean batches, and 2,000 updates that do not heal it.",
                preset={"part": "poison"},
            ),
        ),
    ),
    PageEntry(
        path="pages/placement.py",
        title="Where does it go?",
        icon=":material/account_tree:",
        url_path="placement",
        summary="Before or after the activation, with the spread over initialisations.",
        questions=(
            Question(
                id="Q6",
                text="Where do I put the layer: before or after the activation?",
                hint="Five variants of the asker's classifier, eight initialisations each.",
            ),
            Question(
                id="Q6-rates",
                text="Does batch normalisation allow higher learning rates?",
                hint="The same variants with rates from 0.01 to 10: which still train?",
                preset={"part": "rates", "epochs": 10, "replicas": 4, "optimizer": "sgd"},
            ),
            Question(
                id="Q7",
                text="Why use_bias=False before BatchNormalization?",
                hint="The gradient of that bias in both modes, measured.",
                preset={"part": "bias"},
            ),
            Question(
                id="Q8",
                text="What happens to the distributions inside the network?",
                hint="Histograms of every layer over the epochs; saturated and dead shares.",
                preset={"part": "distributions"},
            ),
        ),
    ),
    PageEntry(
        path="pages/steps.py",
        title="Step by step",
        icon=":material/footprint:",
        url_path="steps",
        summary="From z to a and back again, one step at a time, every cell with its arithmetic.",
        questions=(
            Question(
                id="Q10",
                text="What exactly is computed, and what is the gradient?",
                hint="Sixteen steps forward and back; click a cell to see its own numbers.",
            ),
        ),
    ),
    PageEntry(
        path="pages/conventions.py",
        title="Conventions",
        icon=":material/table_view:",
        url_path="conventions",
        summary="One batch through twenty framework versions at once, live where installed.",
        questions=(
            Question(
                id="Q11",
                text="Which framework stores what: biased or unbiased, which momentum, which axis?",
                hint="One batch through any of twenty conventions; carry weights between them.",
            ),
        ),
    ),
)


def questions() -> tuple[tuple[PageEntry, Question], ...]:
    """Every question with its page, in the order of the pages."""
    return tuple((entry, question) for entry in PAGES for question in entry.questions)
