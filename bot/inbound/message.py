"""One inbound message on its way: what every part of routing knows about it."""

from bot.dialog.dialog import Flow
from bot.domain.messages import Inbound
from bot.inbound.conversing import Conversation
from bot.inbound.phrases import Meaning
from bot.inbound.registry import Signposts
from bot.services.turn import Turn
from bot.storage.members import Arrival
from bot.vietnamese import normalise

START = "start"


class Message:
    """Who wrote, what they wrote, and how to answer them. `text` is normalised."""

    __slots__ = ("address", "arrival", "has_role", "inbound", "registry", "signposts", "talk", "text", "turn")

    def __init__(self, signposts: Signposts, turn: Turn, arrival: Arrival, inbound: Inbound) -> None:
        self.signposts = signposts
        self.registry = signposts.registry
        self.turn = turn
        self.arrival = arrival
        self.address = arrival.address
        self.inbound = inbound
        self.text = normalise(inbound.text)
        named_admin = (arrival.address.account_id, arrival.address.external_id) in turn.at.admins
        self.has_role = arrival.has_role or named_admin
        self.talk = Conversation(
            self.registry.flows,
            turn,
            arrival.address,
            self.has_role,
            lambda: signposts.menu_buttons(turn, self.has_role),
        )

    @property
    def shows_buttons(self) -> bool:
        """Whether the channel has buttons; without them standing choices are typed as codes."""
        return self.turn.at.capabilities[self.address.account_id].buttons

    def begins(self) -> tuple[Flow, dict[str, str]] | None:
        """The flow that the message's first words name, with the rest as what it takes."""
        begun = self.signposts.phrases.begun(self.text)
        return (begun[0], {begun[0].takes: begun[1]}) if begun is not None else None

    def meaning(self) -> Meaning | None:
        """What the whole message means; a flow for holders of a role means nothing to others."""
        meaning = self.signposts.phrases.meaning(self.text)
        if isinstance(meaning, Flow) and meaning.open_to == "role" and not self.has_role:
            return None
        return meaning
