"""Whether app, scheduler and workers run the same code.

A job is a record: what it computes is decided by the code beside the worker. So a worker with other
code than the app's may compute something else than the page says; the app then says so instead of
training. Another Python or Keras computes the same up to rounding, and is told.
"""

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
UNKNOWN = {"code": "unknown"}
"""What a process says that cannot load this module."""


class OtherCodeError(RuntimeError):
    """Scheduler or workers run other code than this process; the message says what to do."""


@cache
def mine() -> Mapping[str, str]:
    """What this process runs: the code of `bncore` (a fingerprint), Python, Keras ("" if none).

    >>> sorted(mine()), len(mine()["code"])
    (['code', 'keras', 'python'], 12)
    """
    return {
        "code": fingerprint(PACKAGE),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "keras": _release("keras"),
    }


@cache
def computed_by() -> str:
    """A name for the code and the libraries that results come from: with others they may differ."""
    libraries = (
        f"{name} {_release(name)}" for name in ("numpy", "keras", "tensorflow", "tf_keras")
    )
    return hashlib.sha256("\n".join([mine()["code"], *libraries]).encode()).hexdigest()[:12]


def fingerprint(folder: Path) -> str:
    """The content of all Python files below a folder, as 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def describe() -> dict[str, str]:
    """`mine`, to be asked of another process."""
    return dict(mine())


def compare(theirs: Mapping[str, Mapping[str, str]]) -> str:
    """What else Python and Keras are there, in a sentence; "" where nothing differs.

    Args:
        theirs: who (a name for people) -> what it said.

    OtherCodeError where the code differs.

    >>> compare({"the worker": mine()})
    ''
    >>> compare({"the worker": {**mine(), "python": "3.99"}}).partition(",")[0]
    'the worker has Python 3.99'
    """
    notes = []
    for who, said in theirs.items():
        if said.get("code") == UNKNOWN["code"]:
            raise OtherCodeError(
                f"Training is not available: {who} cannot load bncore as this server has it. Start "
                "it with `make scheduler` or `make worker` from the same version of Batch Norm Lab."
            )
        if said.get("code") != mine()["code"]:
            raise OtherCodeError(
                f"Training is not available: {who} runs other code of Batch Norm Lab "
                f"({said.get('code')}) than this server ({mine()['code']}). Install the same "
                "version on both, and start it again."
            )
        for name, label in (("python", "Python"), ("keras", "Keras")):
            here, there = mine()[name], said.get(name, "")
            if here and there and here != there:
                notes.append(f"{who} has {label} {there}, this server {here}")
    return "; ".join(notes)


def _release(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
