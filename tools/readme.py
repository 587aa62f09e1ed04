"""Write the tables of the README: ``python -m tools.readme``.

Those of numbers come from files: docs/figures.jsonl (``python -m benchmarks --json``),
docs/costs.jsonl (``python -m benchmarks.load --cost --json``) and docs/libraries.jsonl
(``python -m benchmarks.libraries --json``).
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from benchmarks.libraries import written
from bncore.basis import everything
from bncore.conventions import CONVENTIONS
from ui.page.registry import PAGES, QUESTIONS

ROOT = Path(__file__).resolve().parent.parent
README, FIGURES = ROOT / "README.md", ROOT / "docs" / "figures.jsonl"
COSTS, LIBRARIES = ROOT / "docs" / "costs.jsonl", ROOT / "docs" / "libraries.jsonl"


def _questions() -> str:
    """The questions and the page that answers each, as a Markdown table."""
    rows = ["| question | page |", "|---|---|"]
    rows += [f"| {entry.question} | {entry.title} |" for entry in QUESTIONS]
    return "\n".join(rows)


def _checked() -> str:
    """What each convention's numbers rest on, wherever the app runs."""
    rows = ["| convention | versions | live, with | recorded |", "|---|---|---|---|"]
    for basis in everything():
        convention = CONVENTIONS[basis.name]
        live = ", ".join(basis.packages) or "–"
        recorded = f"{basis.version}: {basis.cases}" if basis.recorded else "–"
        rows.append(f"| {convention.title} | {convention.versions} | {live} | {recorded} |")
    return "\n".join(rows)


def _figures() -> str:
    """What the benchmarks measured, and the goal of each figure."""
    rows = ["| figure | what | measured | goal |", "|---|---|---|---|"]
    for line in FIGURES.read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            f = json.loads(line)
            measured, goal = (f"{f[key]:.3g} {f['unit']}".rstrip() for key in ("value", "goal"))
            goal += "" if f["met"] else ", **missed**"
            rows.append(f"| `{f['name']}` | {f['title']} | {measured} | {f['sense']} {goal} |")
    return "\n".join(rows)


def _costs() -> str:
    """What one change costs the server, page by page."""
    rows = ["| page | CPU of the server | sent | messages |", "|---|--:|--:|--:|"]
    titles = {page.url_path: page.title for page in PAGES}
    for line in COSTS.read_text(encoding="utf-8").splitlines():
        c = json.loads(line)
        numbers = f"{c['cpu_ms']:.0f} ms | {c['kb']:.0f} kB | {c['messages']:.0f}"
        rows.append(f"| {titles[c['page']]} | {numbers} |")
    return "\n".join(rows)


def _libraries() -> str:
    """The engine beside other libraries, size by size."""
    cells = [json.loads(line) for line in LIBRARIES.read_text(encoding="utf-8").splitlines()]
    names = list(dict.fromkeys(cell["library"] for cell in cells))
    versions = {cell["library"]: cell["version"] or "not installed" for cell in cells}
    heads = [f"{name} ({versions[name]})" for name in names]
    rows = ["| shape | MB | " + " | ".join(heads) + " |", "|---|--:|" + "---|" * len(names)]
    for shape in dict.fromkeys(tuple(cell["shape"]) for cell in cells):
        told = [written(cell) for cell in cells if tuple(cell["shape"]) == shape]
        rows.append(f"| {shape} | {4e-6 * math.prod(shape):,.3g} | " + " | ".join(told) + " |")
    return "\n".join(rows)


TABLES = {
    "questions": _questions,
    "checked": _checked,
    "figures": _figures,
    "costs": _costs,
    "libraries": _libraries,
}


def with_tables(readme: str) -> str:
    """The README's text with its tables brought up to date."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: python -m tools.readme -->", f"<!-- /{name} -->"
        before, rest = readme.split(begin)
        readme = f"{before}{begin}\n{table()}\n{end}{rest.split(end)[1]}"
    return readme


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
