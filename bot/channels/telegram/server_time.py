"""What time Telegram thinks it is, for `doctor`."""

from email.utils import parsedate_to_datetime

from bot.channels.http import HttpClient, NoAnswer, NotWritten


async def server_time(api_url: str) -> int | None:
    """Epoch milliseconds by the server's Date header, to the second; None when it cannot be reached or tells none."""
    http = HttpClient(1)
    http.open()
    try:
        return int(parsedate_to_datetime(await http.date_header(api_url)).timestamp() * 1000)
    except (NotWritten, NoAnswer, ValueError):
        return None
    finally:
        await http.close()
