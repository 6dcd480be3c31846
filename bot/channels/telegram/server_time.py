"""What time Telegram thinks it is, for `doctor`."""

from email.utils import parsedate_to_datetime

import aiohttp

from bot.channels.telegram.transport import ANSWER_SECONDS


async def server_time(api_url: str) -> int | None:
    """Epoch milliseconds by the server's Date header, to the second; None when it cannot be reached or tells none."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.head(api_url, allow_redirects=False) as answer:
            return int(parsedate_to_datetime(answer.headers["Date"]).timestamp() * 1000)
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return None
