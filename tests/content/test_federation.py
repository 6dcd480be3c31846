"""The federation's own file, as it is shipped."""

from pathlib import Path
from typing import get_args

from content.federation import Federation, load_federation
from content.texts import Texts

SHIPPED = Path(__file__).resolve().parents[2] / "federation.yaml"


def test_telegram_is_proposed_only_to_who_asks_for_it() -> None:
    """Members have Zalo; every channel that may be proposed has a name they know."""
    assert load_federation(SHIPPED).proposed_channels == ("zalo_bot", "webchat")
    words = Texts({}).words
    annotation = Federation.model_fields["proposed_channels"].annotation
    for channel in get_args(get_args(annotation)[0]):
        assert words[f"channel_{channel}"].show
