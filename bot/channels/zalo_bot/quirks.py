"""What nobody has confirmed about the Zalo Bot API, each with what we assume until somebody does."""

from dataclasses import dataclass

from bot.channels.contract import Capabilities, Quota


@dataclass(frozen=True, slots=True)
class Quirks:
    """One field an open question; the settings ZALO_* set them.

    `max_text`: UTF-16 units a message is filled to. 2,000 "characters" are documented, not what a character is.
    `styles`: bold and the like go out as `text_styles`; without, all text is plain.
    `poll_floor`: least seconds between polls that bring nothing new. Some bots are sent the last update on every poll.
    `throttle_seconds`: how long a 429 lasts; the platform tells no `retry_after`.
    `unreachable`: error codes ("403"), or parts of descriptions, that mean the person cannot be written to any more.
    None is documented.
    `quota_users`, `quota_messages`: the free plan's users, and messages a month; 0 for no limit.
    `quota_counts_received`: whether what people send is counted too; sources disagree.
    """

    max_text: int = 1800
    styles: bool = True
    poll_floor: float = 1.0
    throttle_seconds: float = 30.0
    unreachable: tuple[str, ...] = ()
    quota_users: int = 50
    quota_messages: int = 3000
    quota_counts_received: bool = True

    @property
    def capabilities(self) -> Capabilities:
        """What the platform can do: there are no buttons, and nothing that was sent can be changed or taken back."""
        quota = Quota(self.quota_users, self.quota_messages, self.quota_counts_received)
        files = {"photo": self.max_text, "voice": 0, "sticker": 0}
        return Capabilities(
            self.max_text, buttons=False, edits=False, files=files, uploads=False, quota=quota, documents=False
        )
