"""How many of the small wrong changes that mutmut made the tests miss: ``python -m tools.mutants``.

Reads what ``mutmut run`` left in ``mutants/``; ``mutmut show NAME`` prints one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("mutants")
MISSED = (0, 5, 33)  # exit codes: all tests pass, pytest and mutmut found none to run


def shares(folder: Path = FOLDER) -> Iterator[tuple[str, int, int]]:
    """For each module: its name, how many changes were tried, how many no test noticed."""
    for path in sorted(folder.rglob("*.py.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        tried = [code for code in codes if code is not None]
        if tried:
            name = str(path.relative_to(folder)).removesuffix(".meta")
            yield name, len(tried), sum(code in MISSED for code in tried)


def main() -> None:
    """Print the shares, and that of all modules together."""
    found = list(shares())
    total = ("all", sum(tried for _, tried, _ in found), sum(missed for *_, missed in found))
    for name, tried, missed in [*found, total]:
        share = 100 * missed / tried if tried else 0.0
        print(f"{name:40}{missed:5} of {tried:5} missed  {share:5.1f} %")


if __name__ == "__main__":
    main()
