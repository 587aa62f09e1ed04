"""The one list of pages. Navigation, Home, README and the tests are all derived from it.

A new page costs one entry here and one file in `pages/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bncore.datasets import DATASETS
from ui.page.sources import LAYER, batch_norm, keras, paper, thread
from ui.state.arrays import FrozenArray
from ui.state.fields import encode_value

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Question:
    """A question in people's own words, and the state of its page that answers it.

    `preset` holds the fields of the page's state that differ from their defaults; `hint` says in
    one line what there is to do and to see; `sources` are links to read on (`ui.page.sources`).
    """

    id: str
    text: str
    hint: str
    preset: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

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
                sources=(
                    keras(13463, "“axis confusion”"),
                    keras(1921, "“along wrong axis”, with the answer"),
                    LAYER,
                ),
            ),
            Question(
                id="Q3",
                text="Images: which axis for NHWC, for NCHW, and what does a list of axes do?",
                hint="A small batch of images, sliced, with both layouts.",
                preset={"data": _data("images-nhwc"), "shown": ("input", "statistics", "x_hat")},
                sources=(
                    batch_norm("section 3.2, on feature maps"),
                    keras(5328, "channels first"),
                    LAYER,
                ),
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
                sources=(
                    paper("1607.06450"),
                    paper("1607.08022"),
                    paper("1803.08494"),
                ),
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
                sources=(
                    batch_norm(
                        "section 3: one mean belongs to one activation, over the mini-batch"
                    ),
                    LAYER,
                ),
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
                sources=(
                    batch_norm("Algorithm 1 and section 3.1"),
                    keras(13463, "“axis confusion”"),
                    LAYER,
                ),
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
                sources=(
                    batch_norm("section 3.1, and Algorithm 2 for the unbiased variance"),
                    keras(8982, "“population statistics is wrong with small minibatches”"),
                    keras(10443, "“incorrect value for moving variance?”"),
                    keras(9028, "the change of January 2018"),
                    LAYER,
                ),
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
                sources=(
                    keras(7265, "“significant difference on the exact same data”"),
                    keras(12851, "“validation loss >> train loss, same data”"),
                    batch_norm(
                        "Algorithm 2, whose steps 8 to 10 average over batches after training"
                    ),
                ),
            ),
            Question(
                id="Q9-modes",
                text="Why do fit and predict give different outputs for the same rows?",
                hint="One batch in both modes, update by update, down to a batch of one.",
                sources=(
                    batch_norm("section 3.1 and Algorithm 2"),
                    thread(
                        "TensorFlow",
                        36446,
                        "“enormous difference between train loss and val loss on the same data”",
                    ),
                    LAYER,
                ),
            ),
            Question(
                id="Q9-freezing",
                text="What freezes the layer: training=False or trainable=False?",
                hint="35 combinations, run in Keras: what moved, and what was used.",
                preset={"part": "freezing"},
                sources=(
                    keras(20285, "training=False in Keras 3"),
                    keras(7085, "frozen and still changing"),
                    keras(9965, "the pull request about frozen layers"),
                    LAYER,
                ),
            ),
            Question(
                id="Q9-nan",
                text="One NaN in one batch: what does the layer remember?",
                hint="One bad number among clean batches, and 2,000 updates that do not heal it.",
                preset={"part": "poison"},
                sources=(
                    keras(9646, "“moving_mean goes to infinity then nan”"),
                    keras(11927, "NaN in shared layers"),
                ),
            ),
        ),
    ),
    PageEntry(
        path="pages/placement.py",
        title="Where does it go?",
        icon=":material/account_tree:",
        url_path="placement",
        summary="Before or after the activation, and which differences are clear.",
        questions=(
            Question(
                id="Q6",
                text="Where do I put the layer: before or after the activation?",
                hint="Five variants of the asker's classifier, each trained eight times.",
                sources=(
                    batch_norm("section 3.2, puts it before the activation"),
                    keras(1802, "“Is it wrong?”, with an answer by Keras' author"),
                    keras(5465, "before or after?"),
                    paper("1801.05134"),
                ),
            ),
            Question(
                id="Q6-rates",
                text="Does batch normalisation allow higher learning rates?",
                hint="The same variants with rates from 0.01 to 10: which still train?",
                preset={"part": "rates", "epochs": 10, "replicas": 4, "optimizer": "sgd"},
                sources=(batch_norm("section 3.3"),),
            ),
            Question(
                id="Q7",
                text="Why use_bias=False before BatchNormalization?",
                hint="The gradient of that bias in both modes, measured.",
                preset={"part": "bias"},
                sources=(batch_norm("section 3.2, where the bias b “can be ignored”"),),
            ),
            Question(
                id="Q8",
                text="What happens to the distributions inside the network?",
                hint="Histograms of every layer over the updates; saturated and dead shares.",
                preset={"part": "distributions"},
                sources=(
                    batch_norm("section 1, on “internal covariate shift”"),
                    paper("1805.11604"),
                ),
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
                sources=(
                    batch_norm("Algorithm 1, and section 3 for the backward pass"),
                    LAYER,
                ),
            ),
        ),
    ),
    PageEntry(
        path="pages/conventions.py",
        title="Conventions",
        icon=":material/table_view:",
        url_path="conventions",
        summary="One batch through twenty framework versions at once, computed by the engine; real "
        "layers run beside it where they are installed.",
        questions=(
            Question(
                id="Q11",
                text="Which framework stores what: biased or unbiased, which momentum, which axis?",
                hint="One batch through any of twenty conventions; carry weights between them.",
                sources=(
                    batch_norm("Algorithms 1 and 2"),
                    keras(9028, "which brought n/(n−(1+ε)) in January 2018"),
                    thread(
                        "TensorFlow",
                        55545,
                        "fused and not fused store different variances",
                    ),
                    thread("PyTorch", 77427, "what the documentation said, and what is stored"),
                ),
            ),
        ),
    ),
)


def questions() -> tuple[tuple[PageEntry, Question], ...]:
    """Every question with its page, in the order of the pages."""
    return tuple((entry, question) for entry in PAGES for question in entry.questions)
