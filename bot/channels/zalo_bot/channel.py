"""The Zalo Bot API channel: text, pictures and voice notes; no buttons, and nothing sent can be changed."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Literal

import structlog

from bot.channels.contract import (
    ChannelUnusable,
    Delivery,
    Intake,
    Operation,
    Outcome,
    OutcomeKind,
    Refusal,
    TokenRefused,
    fault,
)
from bot.channels.http import HttpClient, NoAnswer, NotWritten
from bot.channels.zalo_bot import files, parse
from bot.channels.zalo_bot.api import NOT_FOUND, UNAUTHORIZED, Answer, Api
from bot.channels.zalo_bot.encode import Call, encode
from bot.channels.zalo_bot.outcomes import outcome_of
from bot.channels.zalo_bot.patience import WRONG_TOKEN, Patience
from bot.channels.zalo_bot.polling import Poller
from bot.channels.zalo_bot.quirks import Quirks
from bot.domain.messages import Inbound

_CONNECTIONS: Final = 160
"""More than are ever in flight (128 replies and the pushes beside them): the pool must not be what waits."""
_ACKNOWLEDGE_SECONDS: Final = 5.0
_OPEN_PAUSES: Final = (0.5, 2.0)
_LEADING_NAME: Final = "Bot"
"""Every bot's name begins so, and a bot is shown only what mentions it: enough while the API does not tell ours."""
_HOPELESS: Final = frozenset({400, NOT_FOUND})
_QUIRKS: Final = Quirks()

_log: Final = structlog.get_logger(__name__)


class ZaloBotChannel:
    """One bot account on the Zalo Bot API.

    `api_url` is the API's bare root, `poll_timeout` the length of a long poll in seconds, `link` the share address that
    Zalo's app shows (the API tells none). In webhook mode `receive` points Zalo at `webhook_url`, whose server must
    listen by then; it compares `webhook_secret` with the header X-Bot-Api-Secret-Token and hands the body to
    `parse_webhook`.
    """

    name: Final = "zalo_bot"

    def __init__(
        self,
        token: str,
        api_url: str,
        mode: Literal["polling", "webhook"],
        *,
        webhook_url: str = "",
        webhook_secret: str = "",
        link: str = "",
        quirks: Quirks = _QUIRKS,
        poll_timeout: float = 30.0,
    ) -> None:
        self.account: Final = token.split(":")[0]
        self.capabilities: Final = quirks.capabilities
        self.link: Final = link
        self._quirks = quirks
        self._mode = mode
        self._webhook = {"url": webhook_url, "secret_token": webhook_secret}
        self._poll_timeout = poll_timeout
        self._names: tuple[str, ...] = ()
        self._root = api_url.rstrip("/")
        self._http = HttpClient(_CONNECTIONS)
        self._poll_http = HttpClient(1)
        self._api = Api(self._http, self._root, token)
        self._patience = Patience(Api(self._poll_http, self._root, token), quirks.throttle_seconds)

    async def open(self) -> None:
        """Connect and learn our name. Raises ChannelUnusable."""
        self._http.open()
        self._poll_http.open()
        me = await self._who_we_are()
        names = (me.get("display_name") or _LEADING_NAME, me.get("account_name"))
        self._names = tuple(name for name in names if isinstance(name, str) and name)

    async def close(self) -> None:
        """Release the connections."""
        await self._http.close()
        await self._poll_http.close()

    async def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        """The platform shows no such menu."""

    async def receive(self, intake: Intake) -> None:
        """Poll until cancelled; in webhook mode set the webhook and return. Raises ChannelUnusable on a bad token."""
        if self._mode == "polling":
            await Poller(self._patience, self._parse, self._poll_timeout, self._quirks.poll_floor).run(intake)
        else:
            await self._set_webhook()

    def parse_webhook(self, body: bytes) -> Inbound | None:
        """The inbound message in a webhook call's body; None means: answer 200 and do nothing."""
        return parse.parse_webhook(body, self._names)

    async def acknowledge(self, inbound: Inbound) -> None:
        """Show that we are typing, best effort."""
        try:
            fields = {"chat_id": inbound.chat, "action": "typing"}
            answer = await self._api.call("sendChatAction", fields, _ACKNOWLEDGE_SECONDS)
        except (NotWritten, NoAnswer) as error:
            _log.debug("zalo_typing_not_shown", detail=str(error))
        else:
            if not answer.ok:
                _log.debug("zalo_typing_not_shown", detail=answer.told)

    async def answers(self) -> bool:
        """Whether Zalo says anything, if only a refusal."""
        try:
            answer = await self._api.call("getMe", {}, _ACKNOWLEDGE_SECONDS)
        except (NotWritten, NoAnswer):
            return False
        return answer.ok or outcome_of(answer, self._quirks).kind is not OutcomeKind.AMBIGUOUS

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Make one delivery. What Zalo refuses is sent once more in its plainest form."""
        if delivery.operation is Operation.DELETE:
            return Outcome(OutcomeKind.REJECTED, detail="nothing sent can be taken back")
        if delivery.operation is not Operation.SEND:
            return Outcome(OutcomeKind.NO_OP, detail="nothing sent can be changed")
        try:
            call = encode(delivery, self._quirks.styles)
        except Exception as error:  # a fault of ours: nothing was written
            _log.exception("zalo_not_encoded", row=delivery.row)
            return fault(error)
        outcome = await self._attempt(call)
        if outcome.kind is OutcomeKind.REJECTED and isinstance(call, Call) and not call.plain:
            again = await self._attempt(encode(delivery, plain=True))
            if again.kind is OutcomeKind.SENT:
                _log.error("zalo_markup_refused", row=delivery.row, method=call.method, detail=outcome.detail)
            return again
        return outcome

    async def fetch(self, ref: str, limit: int) -> bytes | Refusal:
        """The bytes behind an attachment, at most `limit`."""
        return await files.fetch(self._http, ref, limit, self._root)

    def _parse(self, update: Any) -> Inbound | None:
        return parse.parse(update, self._names)

    async def _attempt(self, call: Call | Outcome) -> Outcome:
        if isinstance(call, Outcome):
            return call
        try:
            answer = await self._api.call(call.method, call.fields)
            outcome = outcome_of(answer, self._quirks)
            if answer.code == NOT_FOUND and outcome.kind is OutcomeKind.FATAL:
                return Outcome(await self._what_is_not_found(), detail=outcome.detail)
        except NotWritten as error:
            return Outcome(OutcomeKind.NOT_DELIVERED, detail=str(error))
        except NoAnswer as error:
            return Outcome(OutcomeKind.AMBIGUOUS, detail=str(error))
        return outcome

    async def _what_is_not_found(self) -> OutcomeKind:
        """A 404 is "not found or invalid access": one chat must not stop all sending, and no token fail every row."""
        try:
            me = await self._api.call("getMe", {})
        except NoAnswer:
            return OutcomeKind.NOT_DELIVERED
        if me.ok:
            return OutcomeKind.REJECTED
        return OutcomeKind.FATAL if me.code in (UNAUTHORIZED, NOT_FOUND) else OutcomeKind.NOT_DELIVERED

    async def _who_we_are(self) -> dict[str, Any]:
        """Asked for again after a pause when that fails: a machine just booted may still be offline."""
        trouble = ""
        for pause in (0.0, *_OPEN_PAUSES):
            await asyncio.sleep(pause)
            try:
                answer = await self._api.call("getMe", {})
            except (NotWritten, NoAnswer) as error:
                trouble = str(error)
            else:
                if answer.ok:
                    return answer.result if isinstance(answer.result, dict) else {}
                if answer.code == UNAUTHORIZED:
                    raise TokenRefused(WRONG_TOKEN)
                trouble = answer.told
            _log.warning("zalo_not_reached_yet", detail=trouble)
        raise ChannelUnusable(f"Zalo cannot be reached ({trouble}): check the network and ZALO_API_URL.")

    async def _set_webhook(self) -> None:
        answer = await self._patience.call("setWebhook", self._webhook, _HOPELESS)
        if not answer.ok:
            raise ChannelUnusable(
                f"Zalo refuses the webhook ({answer.told}): check PUBLIC_URL and ZALO_WEBHOOK_SECRET."
            )
        _tell_verification(answer)


def _tell_verification(answer: Answer) -> None:
    """Zalo tries an address at once, and keeps it when that fails: nothing comes until somebody mends what is wrong."""
    verification = answer.result.get("verification") if isinstance(answer.result, dict) else None
    if isinstance(verification, dict) and verification.get("ok") is not True:
        _log.error("zalo_webhook_not_verified", outcome=verification.get("outcome"), hint=verification.get("hint"))
