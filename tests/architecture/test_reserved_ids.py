"""What a pack names itself is offered beside choices of the bot's own, and is never taken for one of them."""

import ast
import inspect
import re
from collections.abc import Iterator

from content.checks.shape import RESERVED
from handlers import library, settings

LISTS = (library.themes, library.theme, library._shelf, settings.set_work)
"""Where ids of a pack's themes, cards, documents, quotations and kinds of work are options."""


def own_options() -> Iterator[str]:
    for flow in LISTS:
        for node in ast.walk(ast.parse(inspect.getsource(flow))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Option":
                [first, *_] = node.args
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def test_no_choice_of_ours_has_an_id_a_pack_may_have() -> None:
    found = set(own_options())
    assert found == RESERVED
    assert all(re.fullmatch("[a-z]+", id) for id in found)
