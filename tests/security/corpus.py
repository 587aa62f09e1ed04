"""Nasty links, texts, tables, files and events, each of a kind that has broken something somewhere.

`MARKS` are texts that mean something in HTML, Markdown, LaTeX or a spreadsheet: shown to a person
they must be escaped, so none of `UNESCAPED` may stand in what a browser renders.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

MARKS = (
    "<img src=x onerror=pwn()>", "<script>pwn()</script>", "<svg/onload=pwn()>",
    "[pwn](javascript:pwn())", "![pwn](//pwn.invalid/x.png)", "$\\href{javascript:pwn()}{pwn}$",
    "$$\\pwn$$", ":red[pwn]", ":material/pwn:", "**pwn**", "`pwn`", "| pwn | pwn |", "# pwn",
    "<https://pwn.invalid>", "&lt;pwn&gt;", "'\"><pwn>", "]]><pwn>", "--><pwn>",
    "=pwn|' /C calc'!A0",
)  # fmt: skip
_RAW = (
    "<img src=x", "<script>pwn", "<svg/onload", "[pwn](", "$\\href", "$$\\pwn", ":red[pwn",
    ":material/pwn", "**pwn", "`pwn`", "| pwn |", "# pwn", "<https://pwn", "&lt;pwn", "<pwn>",
)  # fmt: skip
# As they were, or not escaped at their first sign.
UNESCAPED = re.compile("|".join(rf"(?<!\\){re.escape(mark)}" for mark in _RAW))

TEXTS = (
    *MARKS,
    "", "   ", "\t", "nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e-999", "0x10",
    "1_000", "1,5", "1.5.5", "1,234", "--1", "+-1", "−1", "１２", "١", "1e", "e1", ".", ",", "1/0",
    "1j", "True", "None", "9" * 400, "9" * 5000, "0." + "0" * 4000 + "1", "1e308", "4.9e-324",
    "-0", "0", "-1", "1e18", "9007199254740993", "2147483648", "-2147483649", "9" * 20,
    "\x00", "\x07", "\u202eevil", "\u200b", "\ufffe", "\U0010ffff", "\u2028", "é" * 50, "😀",
    "' OR 1=1 --", "; rm -rf /", "$(pwn)", "../../etc/passwd", "%00", "%s%s%n", "{0.__class__}",
    "__import__('os')", "none", "~", "~~", "1~2~3~~", "-1~0", "\r\nSet-Cookie: pwn=1",
)  # fmt: skip

TABLES = (
    *MARKS[:12],
    "1\t2\n3", "1;2;3\n4;5", "[[1,2],[3]]", "[[1,2],[3,4]", "]]", "[" * 200, "[" * 100_000, "(",
    "((((((((((1))))))))))", "array([" + "1," * 2000 + "])", "np.array([[1, 2]], dtype=object)",
    "[1,2,...,9]", "1 2 3\n" * 2000, "1 " * 5000, "1," * 50_000, "1\n" * 30_000, "1\t" * 30_000,
    "a b c", "1 2\n3 x", "nan nan", "[nan]", "[inf]", "[1e999]", "[[[[[[[1]]]]]]]", "1,5 2,5",
    "1,5\n2,5", "1.234,5;6", "'" * 1000, "9" * 100_000, "1e" * 30_000, "-" * 50_000, "1\u00a02",
    "1'000'000", "x = np.array([[1,2],[3,4]])", "__import__('os').system('pwn')",
    "[[1,2],[3,4]]; import os", "{1:2}", '{"a": 1}', "<table><tr><td>1</td></tr></table>",
    "\ufeff1\t2", "1\u20282", "\x00", "1 \x00 2", " \n \n ", "a" * 150_000, "a=" * 50_000,
    "a." * 50_000, "[" + "1 " * 50_000, "1,1 " * 30_000, "np.array(" * 10_000, "1" + " " * 150_000,
)  # fmt: skip

LINKS = (
    *TEXTS,
    "1~2~3~4~5~6~7", "~".join("1" * 3000), "0~0", "-1~-1", "100~-100", "a~b", "1.5", "x" * 300,
    "x" * 10_000, "A" * 4000, "eJw", "eJwBAAD__wAAAAE", "____", "====", "eJxjYGBgAAAABAAB",
    "%ff", "+", "&", "=", "#", "__class__", "[object Object]",
)  # fmt: skip

# For every field of every page, in a file.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, -(10**400), 10**4000, 1.5, 1e308, -1e308, 1e-320, "", "1",
    "nan", *MARKS[:4], "\ud800", "\x00", [], [None], [[]], [1, 2, 3], [[1, 2], [3]],
    [["1", "2"], ["3", "4"]], ["x"], ["\ud800"], [10**400], [[10**400, 1]],
    [[1e308, 1e308], [-1e308, 1]], [[True, False]], list(range(6000)), [[[[[[[1]]]]]]],
    [[0] * 3] * 3, {}, {"a": 1}, {"$ne": 1}, "x" * 20_000, [{}], [[{}]], [1, [2]], [1.5, 2.5],
    [1] * 100, float("nan"), [float("inf"), 1],
)  # fmt: skip


def state_file(page: Any, state: Any, kind: Any = "batch-norm-lab/1") -> str:
    """A file of a state, right or wrong."""
    return json.dumps({"format": kind, "page": page, "state": state})


def files(page: str) -> list[str]:
    """Files for a page: no files of ours, files of another page, files with something in them."""
    deep = '{"format": "batch-norm-lab/1", "page": "%s", "state": {"data": %s}}'
    return [
        "", "{", "[", "{}", "null", "NaN", "[Infinity]", "[" * 100_000, '{"a":' * 20_000,
        "1" * 5000, '"\\ud800"', "\x00", "<html><script>pwn()</script>", "\ufeff{}", "// pwn",
        deep % (page, "9" * 5000), deep % (page, "9" * 4000), deep % (page, "NaN"),
        deep % (page, "[" * 500 + "]" * 500), '{"format": "batch-norm-lab/1"}',
        state_file(page, {}, "batch-norm-lab/2"), state_file(page, {}, [1]), state_file(page, []),
        state_file([page], {}), state_file(MARKS[0], {}), state_file(page, {}),
        state_file(page, dict.fromkeys(MARKS, 1)), state_file(page, {"\ud800": 1}),
        state_file(page, {"a\nb\n\n# pwn": 1}), state_file(page, {"x" * 5000: 1}),
        state_file(page, {f"k{i}": i for i in range(3000)}),
    ]  # fmt: skip


def events(panel: str) -> list[Any]:
    """Entries of the grid's list, without their numbers: [kind, panel, index, text, axes]."""
    kinds = ("edit", "paste", "click", "bracket", "dismiss")
    others = ("nobody", "", "__class__", "mean", None, 0, [panel], {"a": 1}, MARKS[0], "\ud800")
    indices = (
        [], [0], [0, 0, 0], [-1, -1], [99, 99], [10**30, 0], [1.5, 0], ["0", "0"], [None, 0],
        [True, False], "00", None, 0, {"0": 0}, [[0], [0]], list(range(50)),
    )  # fmt: skip
    texts = (
        "", "nan", "1e999", *MARKS[:4], "\ud800", "\x00", "9" * 5000, "[" * 5000, "1\t2\n3",
        "1 " * 5000, None, 1, ["1"], {"a": 1}, "x" * 50_000,
    )  # fmt: skip
    axes = (
        [0, 0], [1, 0], [-1, -2], [5, 6], [10**30, 0], ["0", "1"], [0], [0, 1, 2], [], "01",
        {"0": 0}, [None, None], [1.5, 0], True,
    )  # fmt: skip
    return [
        *([kind, panel, [0, 0], "1", None] for kind in (*kinds, "eval", "", None, 1, ["edit"])),
        *([k, other, [0, 0], "1", None] for k, other in itertools.product(kinds, others)),
        *([kind, panel, index, "1", None] for kind, index in itertools.product(kinds, indices)),
        *([kind, panel, [0, 0], text, [0, 1]] for kind in kinds[:2] for text in texts),
        *(["paste", panel, [0, 0], "1\t2", pair] for pair in axes),
        None, 1, "edit", [], ["edit"], {"kind": "edit"}, [1, 2, 3, 4, 5, 6, 7],
    ]  # fmt: skip
