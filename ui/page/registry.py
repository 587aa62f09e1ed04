"""The one list of pages. Navigation, Home, README and the tests are all derived from it.

A question is a page, and a page costs one row here and one script in `pages/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ui.page.sources import LAYER, batch_norm, keras, paper, thread

ROOT = Path(__file__).resolve().parents[2]

AXES, STORED, MODES = "Which axis?", "What is stored?", "Training and inference"
PLACE, COMPUTED = "Where does it go?", "What is computed?"
GROUPS = (AXES, STORED, MODES, PLACE, COMPUTED)


@dataclass(frozen=True)
class PageEntry:
    """A page and the question that it answers, in people's own words.

    `url_path` is the address ("batch-axis" -> /batch-axis), the name of the page's state, and that
    of its script (pages/batch_axis.py); the empty one is Home. `hint` says in one line what there
    is to do and to see; `sources` are links to read on (`ui.page.sources`).
    """

    url_path: str
    title: str
    icon: str
    hint: str
    group: str = ""
    id: str = ""
    question: str = ""
    sources: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The script, relative to the repository."""
        return f"pages/{self.url_path.replace('-', '_') or 'home'}.py"

    @property
    def script(self) -> Path:
        """The script's absolute path."""
        return ROOT / self.path


HOME = PageEntry("", "Home", ":material/home:", "What this is, and the questions it answers.")

QUESTIONS: tuple[PageEntry, ...] = (
    PageEntry(
        "axes", "Axis explorer", ":material/grid_on:", group=AXES, id="Q1",
        question="NumPy's axis=0 and Keras' axis=-1: are they the same?",
        hint="Change a cell of a 3 × 4 matrix and see which mean moves.",
        sources=(
            keras(13463, "“axis confusion”"),
            keras(1921, "“along wrong axis”, with the answer"),
            LAYER,
        ),
    ),
    PageEntry(
        "images", "Images", ":material/image:", group=AXES, id="Q3",
        question="Images: which axis for NHWC, for NCHW, and what does a list of axes do?",
        hint="A small batch of images, sliced, with both layouts.",
        sources=(
            batch_norm("section 3.2, on feature maps"),
            keras(5328, "channels first"),
            LAYER,
        ),
    ),
    PageEntry(
        "norms", "Four norms", ":material/view_module:", group=AXES, id="Q12",
        question="Batch, layer, instance, group norm: what is the difference?",
        hint="The same tensor, four ways to group its cells.",
        sources=(paper("1607.06450"), paper("1607.08022"), paper("1803.08494")),
    ),
    PageEntry(
        "batch-axis", "Batch axis", ":material/swap_vert:", group=AXES, id="Q4",
        question="Why not normalise over the batch axis (axis=0)?",
        hint="Build it, train it, predict with it, shuffle the rows: the real errors.",
        sources=(
            batch_norm("section 3: one mean belongs to one activation, over the mini-batch"),
            LAYER,
        ),
    ),
    PageEntry(
        "iris", "Iris", ":material/local_florist:", group=STORED, id="Q2",
        question="150 samples, 4 features: how many means does a real layer hold?",
        hint="The Iris classifier over 100 epochs, update by update.",
        sources=(
            batch_norm("Algorithm 1 and section 3.1"),
            keras(13463, "“axis confusion”"),
            LAYER,
        ),
    ),
    PageEntry(
        "moving", "Moving statistics", ":material/timeline:", group=STORED, id="Q5",
        question="Why is moving_variance not the variance of my data?",
        hint="Train 10,000 updates and see which variance the layer arrives at.",
        sources=(
            batch_norm("section 3.1, and Algorithm 2 for the unbiased variance"),
            keras(8982, "“population statistics is wrong with small minibatches”"),
            keras(10443, "“incorrect value for moving variance?”"),
            keras(9028, "the change of January 2018"),
            LAYER,
        ),
    ),
    PageEntry(
        "conventions", "Conventions", ":material/table_view:", group=STORED, id="Q11",
        question="Which framework stores what: biased or unbiased, which momentum, which axis?",
        hint="One batch through any of twenty conventions; carry weights between them.",
        sources=(
            batch_norm("Algorithms 1 and 2"),
            keras(9028, "which brought n/(n−(1+ε)) in January 2018"),
            thread("TensorFlow", 55545, "fused and not fused store different variances"),
            thread("PyTorch", 77427, "what the documentation said, and what is stored"),
        ),
    ),
    PageEntry(
        "bad-number", "One bad number", ":material/warning:", group=STORED, id="Q9-nan",
        question="One NaN in one batch: what does the layer remember?",
        hint="One bad number, then 2,000 clean updates: does the layer heal?",
        sources=(
            keras(9646, "“moving_mean goes to infinity then nan”"),
            keras(11927, "NaN in shared layers"),
        ),
    ),
    PageEntry(
        "modes", "Two modes", ":material/compare:", group=MODES, id="Q9-modes",
        question="Why do fit and predict give different outputs for the same rows?",
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
    PageEntry(
        "stuck", "Validation is stuck", ":material/trending_flat:", group=MODES, id="Q9",
        question="Training is fine, validation is stuck: why?",
        hint="A real classifier, stuck; the same rows in both modes; two cures.",
        sources=(
            keras(7265, "“significant difference on the exact same data”"),
            keras(12851, "“validation loss >> train loss, same data”"),
            batch_norm("Algorithm 2, whose steps 8 to 10 average over batches after training"),
        ),
    ),
    PageEntry(
        "freezing", "Freezing", ":material/ac_unit:", group=MODES, id="Q9-freezing",
        question="What freezes the layer: training=False or trainable=False?",
        hint="35 combinations, run in Keras: what moved, and what was used.",
        sources=(
            keras(20285, "training=False in Keras 3"),
            keras(7085, "frozen and still changing"),
            keras(9965, "the pull request about frozen layers"),
            LAYER,
        ),
    ),
    PageEntry(
        "placement", "Before or after", ":material/account_tree:", group=PLACE, id="Q6",
        question="Where do I put the layer: before or after the activation?",
        hint="Five variants of the asker's classifier, each trained eight times.",
        sources=(
            batch_norm("section 3.2, puts it before the activation"),
            keras(1802, "“Is it wrong?”, with an answer by Keras' author"),
            keras(5465, "before or after?"),
            paper("1801.05134"),
        ),
    ),
    PageEntry(
        "rates", "Learning rates", ":material/speed:", group=PLACE, id="Q6-rates",
        question="Does batch normalisation allow higher learning rates?",
        hint="The same variants with rates from 0.01 to 10: which still train?",
        sources=(batch_norm("section 3.3"),),
    ),
    PageEntry(
        "distributions", "Distributions", ":material/bar_chart:", group=PLACE, id="Q8",
        question="What happens to the distributions inside the network?",
        hint="Hills of every layer that move with training; saturated and dead shares.",
        sources=(
            batch_norm("section 1, on “internal covariate shift”"),
            paper("1805.11604"),
        ),
    ),
    PageEntry(
        "bias", "The bias", ":material/exposure:", group=PLACE, id="Q7",
        question="Why use_bias=False before BatchNormalization?",
        hint="The gradient of that bias in both modes, measured.",
        sources=(batch_norm("section 3.2, where the bias b “can be ignored”"),),
    ),
    PageEntry(
        "steps", "Step by step", ":material/footprint:", group=COMPUTED, id="Q10",
        question="What exactly is computed, and what is the gradient?",
        hint="Sixteen steps forward and back; point at a cell to see where its number comes from.",
        sources=(
            batch_norm("Algorithm 1, and section 3 for the backward pass"),
            LAYER,
        ),
    ),
    PageEntry(
        "speed", "Speed and exactness", ":material/timer:", group=COMPUTED, id="Q13",
        question="How fast is it, and how exact?",
        hint="One tensor five ways, up to 154 MB: time, memory and error side by side.",
        sources=(
            keras(1309, "“slow BatchNormalization layers”"),
            keras(18795, "“Fix numerical issues in TF and JAX `moments` implementation”"),
            thread("TensorFlow", 3290, "“tf.nn.moments() produces negative variance”"),
            LAYER,
        ),
    ),
)  # fmt: skip

PAGES: tuple[PageEntry, ...] = (HOME, *QUESTIONS)


def entry_of(url_path: str) -> PageEntry:
    """The page at this address; KeyError where there is none.

    >>> entry_of("moving").title
    'Moving statistics'
    """
    found = {entry.url_path: entry for entry in PAGES}
    return found[url_path]
