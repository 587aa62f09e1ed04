"""Write the README's table of questions from the registry: ``python -m tools.readme``."""

from __future__ import annotations

from pathlib import Path

from ui.registry import questions

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- questions: python -m tools.readme -->", "<!-- /questions -->"


def table() -> str:
    """The questions and the page that answers each, as a Markdown table."""
    rows = ["| question | page |", "|---|---|"]
    rows += [f"| {question.text} | {page.title} |" for page, question in questions()]
    return "\n".join(rows)


def with_table(readme: str) -> str:
    """The README's text with the table brought up to date."""
    before, rest = readme.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text()))
