"""Where to read on: papers, threads and source files, as Markdown links.

Pages name them in the registry, question by question; the toolbar shows them.
"""

from __future__ import annotations

_PAPERS = {
    "1502.03167": "Ioffe and Szegedy 2015",
    "1607.06450": "Ba, Kiros and Hinton 2016, “Layer normalization”",
    "1607.08022": "Ulyanov, Vedaldi and Lempitsky 2016, “Instance normalization”",
    "1801.05134": "Li et al. 2018, on dropout and batch normalisation together",
    "1803.08494": "Wu and He 2018, “Group normalization”",
    "1805.11604": "Santurkar et al. 2018, “How does batch normalization help optimization?”",
}
_REPOSITORIES = {
    "Keras": "keras-team/keras",
    "TensorFlow": "tensorflow/tensorflow",
    "PyTorch": "pytorch/pytorch",
}
LAYER = (
    "[The layer's source in Keras](https://github.com/keras-team/keras/blob/master/keras/src/"
    "layers/normalization/batch_normalization.py)"
)


def paper(number: str, note: str = "") -> str:
    """A paper on arXiv, and which part of it.

    >>> paper("1502.03167", "section 3.2")
    '[Ioffe and Szegedy 2015](https://arxiv.org/abs/1502.03167), section 3.2'
    """
    return _noted(f"[{_PAPERS[number]}](https://arxiv.org/abs/{number})", note)


def thread(project: str, number: int, note: str = "") -> str:
    """An issue or a pull request on GitHub, and what it is about.

    >>> thread("Keras", 1802, "“is it wrong?”")
    '[Keras #1802](https://github.com/keras-team/keras/issues/1802), “is it wrong?”'
    """
    link = f"https://github.com/{_REPOSITORIES[project]}/issues/{number}"
    return _noted(f"[{project} #{number}]({link})", note)


def keras(number: int, note: str = "") -> str:
    """A thread of Keras."""
    return thread("Keras", number, note)


def batch_norm(note: str) -> str:
    """A part of the paper that this is all about."""
    return paper("1502.03167", note)


def _noted(link: str, note: str) -> str:
    return f"{link}, {note}" if note else link
