"""The product's modules as syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("bot", "content", "handlers", "scheduler")


@cache
def modules(*tops: str) -> dict[str, ast.Module]:
    """Every module of the product (or of the folders named), by its path."""
    paths = [path for top in tops or TOPS for path in sorted((ROOT / top).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a chain of names, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def uses(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every dotted name a module uses, with the module it was imported from in front; and its line."""
    origin: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            origin |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            origin |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and (name := dotted(node)):
            first, _, rest = name.partition(".")
            yield ".".join(filter(None, (origin.get(first, first), rest))), node.lineno


def prose(tree: ast.Module) -> set[int]:
    """Ids of the constants that are docstrings or bare strings: read by developers, not by people."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
