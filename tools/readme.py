"""Write the tables of the README: ``python -m tools.readme``. Questions, checks, figures, costs.

The figures are those of docs/figures.jsonl (``python -m benchmarks --json > docs/figures.jsonl``),
the costs those of docs/costs.jsonl (``python -m benchmarks.load --cost --json``).
"""

from __future__ import annotations

import json
from pathlib import Path

from bncore.basis import everything
from bncore.conventions import CONVENTIONS
from ui.page.registry import PAGES, QUESTIONS

ROOT = Path(__file__).resolve().parent.parent
README, FIGURES = ROOT / "README.md", ROOT / "docs" / "figures.jsonl"
COSTS = ROOT / "docs" / "costs.jsonl"


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


TABLES = {"questions": _questions, "checked": _checked, "figures": _figures, "costs": _costs}


def with_tables(readme: str) -> str:
    """The README's text with its tables brought up to date."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: python -m tools.readme -->", f"<!-- /{name} -->"
        before, rest = readme.split(begin)
        readme = f"{before}{begin}\n{table()}\n{end}{rest.split(end)[1]}"
    return readme


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
