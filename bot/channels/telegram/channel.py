"""The Telegram channel: python-telegram-bot's Bot for what is rare, plain dictionaries otherwise."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import orjson
import structlog
from telegram import Bot, User
from telegram.error import BadRequest, InvalidToken, NetworkError, TelegramError

from bot.channels.contract import (
    Capabilities,
    ChannelUnusable,
    Delivery,
    Intake,
    MediaFile,
    Outcome,
    OutcomeKind,
    Refusal,
    TokenRefused,
    fault,
)
from bot.channels.http import Form
from bot.channels.telegram import files, parse
from bot.channels.telegram.api import Api
from bot.channels.telegram.encode import MAX_CAPTION, Call, encode
from bot.channels.telegram.outcomes import is_markup_refused, outcome_of, sent
from bot.channels.telegram.polling import ALLOWED_UPDATES, UNAUTHORIZED, Poller
from bot.channels.telegram.transport import Transport
from bot.domain.messages import Inbound

_CONNECTIONS: Final = 160
"""More than are ever in flight (128 replies and the pushes beside them): the pool must not be what waits."""
_WEBHOOK_CONNECTIONS: Final = 40
_ACKNOWLEDGE_SECONDS: Final = 5.0
_UPLOAD_SECONDS: Final = 120.0
_OPEN_PAUSES: Final = (0.5, 2.0)

_T = TypeVar("_T")
_log: Final = structlog.get_logger(__name__)

# At DEBUG python-telegram-bot writes its URL, which holds the token, and what people sent.
logging.getLogger("telegram").setLevel(logging.INFO)


class TelegramChannel:
    """One bot account on Telegram.

    `api_url` is the API's bare root (no `/bot`), `poll_timeout` the length of a long poll in seconds. In
    webhook mode `open` points Telegram at `webhook_url`; whoever serves that address compares
    `webhook_secret` with the header X-Telegram-Bot-Api-Secret-Token and hands the body to `parse_webhook`.
    """

    name: Final = "telegram"
    capabilities: Final = Capabilities(
        max_text=4096,
        buttons=True,
        edits=True,
        files=dict.fromkeys(("photo", "video", "document", "voice"), MAX_CAPTION),
        album=10,
        delete_hours=48,
        resends=True,
    )

    def __init__(
        self,
        token: str,
        api_url: str,
        mode: Literal["polling", "webhook"],
        webhook_url: str = "",
        webhook_secret: str = "",
        poll_timeout: float = 30,
    ) -> None:
        self.account: Final = token.split(":")[0]
        self._mode = mode
        self._webhook_url = webhook_url
        self._webhook_secret = webhook_secret
        self._poll_timeout = poll_timeout
        self._me: User | None = None
        root = api_url.rstrip("/")
        self._transport = Transport(_CONNECTIONS)
        self._poll_transport = Transport(1)
        self._api = Api(self._transport, root, token)
        self._poll_api = Api(self._poll_transport, root, token)
        self._bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._transport,
            get_updates_request=self._poll_transport,
        )

    @property
    def link(self) -> str:
        """The bot's address on t.me; empty before `open`."""
        return f"https://t.me/{self.username}" if self.username else ""

    @property
    def username(self) -> str:
        """The bot's name without "@", empty before `open`."""
        return (self._me.username or "") if self._me else ""

    async def open(self) -> None:
        """Connect, learn who we are and, in webhook mode, set the webhook. Raises ChannelUnusable."""
        await self._transport.initialize()
        await self._poll_transport.initialize()
        try:
            self._me = await _patiently(self._bot.get_me)
            if self._mode == "webhook":
                await _patiently(self._set_webhook)
        except InvalidToken:
            raise TokenRefused(UNAUTHORIZED) from None
        except BadRequest as error:
            raise ChannelUnusable(f"Telegram refuses the webhook ({error.message}): check PUBLIC_URL.") from None
        except TelegramError as error:
            raise ChannelUnusable(
                f"Telegram cannot be reached ({error.message}): check the network and TELEGRAM_API_URL."
            ) from None

    async def close(self) -> None:
        """Release the connections."""
        await self._transport.shutdown()
        await self._poll_transport.shutdown()

    async def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        """Publish the command menu, as (command, description); a failure is logged and harms nothing else."""
        try:
            await self._bot.set_my_commands(commands)
        except TelegramError as error:
            _log.warning("telegram_commands_not_set", detail=error.message)

    async def receive(self, intake: Intake) -> None:
        """Poll until cancelled; in webhook mode return at once. Raises ChannelUnusable on a bad token."""
        if self._mode == "polling":
            await Poller(self._poll_api, self._parse, self._poll_timeout).run(intake)

    def parse_webhook(self, body: bytes) -> Inbound | None:
        """The inbound message in a webhook call's body; None means: answer 200 and do nothing."""
        return parse.parse_webhook(body, self.username)

    async def acknowledge(self, inbound: Inbound) -> None:
        """Stop a pressed button's spinner, best effort."""
        if not inbound.press_ref:
            return
        try:
            await self._api.call("answerCallbackQuery", {"callback_query_id": inbound.press_ref}, _ACKNOWLEDGE_SECONDS)
        except TelegramError as error:
            _log.debug("telegram_press_not_acknowledged", detail=error.message)

    async def answers(self) -> bool:
        """Whether Telegram says anything, if only a refusal."""
        try:
            await self._api.call("getMe", {}, _ACKNOWLEDGE_SECONDS)
        except TelegramError as error:
            return outcome_of(error).kind not in (OutcomeKind.NOT_DELIVERED, OutcomeKind.AMBIGUOUS)
        return True

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Make one delivery. What Telegram cannot read as HTML is sent once more as plain text."""
        try:
            call = encode(delivery)
        except Exception as error:  # a fault of ours: nothing was written
            _log.exception("telegram_not_encoded", row=delivery.row)
            return fault(error)
        outcome = await self._attempt(delivery, call)
        if is_markup_refused(outcome):
            _log.error("telegram_markup_refused", row=delivery.row)
            outcome = await self._attempt(delivery, encode(delivery, plain=True))
        return outcome

    async def fetch(self, ref: str, limit: int) -> bytes | Refusal:
        """The bytes behind an attachment, at most `limit` and never over Telegram's own 20 MB."""
        return await files.fetch(self._bot, self._transport, ref, min(limit, files.MAX_DOWNLOAD))

    def _parse(self, update: Any) -> Inbound | None:
        return parse.parse(update, self.username)

    async def _attempt(self, delivery: Delivery, call: Call) -> Outcome:
        try:
            if call.uploads:
                result = await self._upload(call)
            else:
                result = await self._api.post(call.method, orjson.dumps(call.fields))
        except TelegramError as error:
            return outcome_of(error)
        except OSError as error:
            _log.error("telegram_upload_unreadable", row=delivery.row, detail=error.strerror)
            return Outcome(OutcomeKind.REJECTED, detail=f"a file to upload is not readable: {error.strerror}")
        return sent(result, delivery.media)

    async def _upload(self, call: Call) -> Any:
        contents = await asyncio.to_thread(_read, call.uploads)
        return await self._api.post(call.method, Form(call.form_fields(), contents), _UPLOAD_SECONDS)

    async def _set_webhook(self) -> bool:
        return await self._bot.set_webhook(
            self._webhook_url,
            secret_token=self._webhook_secret,
            allowed_updates=ALLOWED_UPDATES,
            max_connections=_WEBHOOK_CONNECTIONS,
        )


async def _patiently(step: Callable[[], Awaitable[_T]]) -> _T:
    """Run `step`, again after a pause when the network fails: a machine just booted may still be offline."""
    for pause in _OPEN_PAUSES:
        try:
            return await step()
        except BadRequest:
            raise
        except NetworkError as error:
            _log.warning("telegram_not_reached_yet", detail=error.message)
        await asyncio.sleep(pause)
    return await step()


def _read(uploads: Sequence[tuple[str, MediaFile]]) -> dict[str, tuple[str, bytes]]:
    """Names lose line breaks, which would end the part's header."""
    return {
        part: (" ".join((file.name or Path(file.path).name).split()), Path(file.path).read_bytes())
        for part, file in uploads
    }
