"""How the numbers of a panel follow from those of others, as a formula that a browser can tell.

A formula is Python: names are ids of panels, ``mean`` and ``sum`` run over all cells that belong
to the cell that is told, and every other name stands for the one cell that belongs to it: the one
at the same place along the axes that both panels name, or else the statistic of its group.
"""

from __future__ import annotations

import ast

from bncore.activations import ACTIVATIONS

Tree = float | str | list["Tree"]
"""A number, the id of a panel, or [operation, what it is applied to ...]."""

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
SLOPE = "_slope"
FUNCTIONS = ("mean", "sum", "sqrt", *ACTIVATIONS, *(name + SLOPE for name in ACTIVATIONS))


def parsed(formula: str) -> Tree:
    """A formula as the tree that travels. ValueError for what is none.

    >>> parsed("(x - mean) / sqrt(variance + 0.001)")
    ['/', ['-', 'x', 'mean'], ['sqrt', ['+', 'variance', 0.001]]]
    >>> parsed("mean((x - mean)**2)")
    ['mean', ['square', ['-', 'x', 'mean']]]
    """
    try:
        return _tree(ast.parse(formula, mode="eval").body)
    except (SyntaxError, TypeError) as error:
        raise ValueError(
            f"The formula {formula!r} cannot be told: it takes numbers, ids of panels, + - * /, "
            f"**2 and the functions {', '.join(FUNCTIONS)}, each of one argument."
        ) from error


def _tree(node: ast.AST) -> Tree:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=panel):
            return panel
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return ["negative", _tree(operand)]
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2)):
            return ["square", _tree(left)]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return [_OPERATORS[type(op)], _tree(left), _tree(right)]
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            return [name, _tree(argument)]
    raise TypeError
