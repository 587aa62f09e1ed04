"""Where TensorFlow can be installed at all: on some machines there is no package of it.

Standard library only, and nothing of `bncore`: `tools/install.py` runs this file before anything
is installed. The markers in requirements.txt say the same (a test compares them).
"""

import platform
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)  # the newest Python that TensorFlow 2.21 has packages for


def without_tensorflow(
    version: tuple[int, ...] = tuple(sys.version_info[:2]),
    system: str = sys.platform,
    machine: str = platform.machine(),
) -> str:
    """Why TensorFlow cannot be installed here, and what to do; "" where it can.

    >>> without_tensorflow((3, 13), "linux", "x86_64")
    ''
    >>> without_tensorflow((3, 14), "linux", "x86_64")
    'TensorFlow has no package for Python 3.14 yet. To train, install Python 3.13 and run `make \
clean run`.'
    """
    if version[:2] > NEWEST:
        here, newest = (".".join(map(str, each[:2])) for each in (version, NEWEST))
        return (
            f"TensorFlow has no package for Python {here} yet. "
            f"To train, install Python {newest} and run `make clean run`."
        )
    if (system, machine) == ("darwin", "x86_64"):
        return (
            "TensorFlow has no package for Macs with Intel processors any more. "
            "To train, use another machine."
        )
    return ""
