"""The rule book and the planted faults are complete."""

from content.checks import rulebook
from tests.content.test_check_folder import FOLDER
from tests.content.test_check_texts import PLANTED
from tests.content.test_check_variants import VARIANTS


def test_every_rule_has_a_planted_fault() -> None:
    assert {plant.rule for plant in PLANTED} | {rule for rule, _ in (*FOLDER, *VARIANTS)} == set(rulebook()["rules"])
