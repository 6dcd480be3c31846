"""Fetching what people sent, from the address an event names: never from inside our own network."""

import asyncio
import socket
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

import structlog

from bot.channels.contract import Refusal
from bot.channels.http import HttpClient, NoAnswer, NotWritten

_DOWNLOAD_SECONDS: Final = 120.0
_GONE: Final = frozenset({403, 404, 410})
"""What an address that has expired may answer."""

_WAYS_INTO_IPV4: Final = tuple(map(ip_network, ("::/96", "64:ff9b::/96", "2002::/16")))
"""IPv6 that ends at an IPv4 address written in it (RFC 4291 2.5.5.1, 6052, 3056): perhaps at one of ours."""

_log: Final = structlog.get_logger(__name__)


async def fetch(http: HttpClient, url: str, limit: int, api_url: str) -> bytes | Refusal:
    """The file at `url`, unless it is over `limit` bytes, gone, out of reach for now, or no public https address.

    An `api_url` on this machine (a test's) may name files beside itself.
    """
    refusal = await judge(url, api_url)
    if refusal is not None:
        return refusal
    try:
        status, content = await http.download(url, limit, _DOWNLOAD_SECONDS)
    except (NotWritten, NoAnswer):
        return Refusal.TRY_LATER
    if status == 200 and len(content) <= limit:
        return content
    refused = Refusal.TOO_BIG if status == 200 else Refusal.GONE if status in _GONE else Refusal.TRY_LATER
    _log.warning("zalo_file_not_fetched", status=status, refused=refused.value)
    return refused


async def judge(url: str, api_url: str) -> Refusal | None:
    """Why an address may not be asked; None when it may."""
    try:
        parts = urlsplit(url)
        addresses = await _addresses(parts)
    except OSError:
        return Refusal.TRY_LATER
    except ValueError:
        return Refusal.GONE
    api = urlsplit(api_url)
    ours = (parts.scheme, parts.netloc) == (api.scheme, api.netloc) and all(map(_is_loopback, addresses))
    if addresses and (ours or (parts.scheme == "https" and all(map(_is_public, addresses)))):
        return None
    _log.warning("zalo_file_address_refused")
    return Refusal.GONE


async def _addresses(parts: SplitResult) -> list[str]:
    """The IP addresses of a host; the client looks its name up once more.

    Raises OSError when the name has none, ValueError for what is no host and port.
    """
    if not parts.hostname:
        return []
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _is_public(address: str) -> bool:
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and (ip.is_site_local or any(ip in network for network in _WAYS_INTO_IPV4)):
        return False
    return ip.is_global and not ip.is_multicast


def _is_loopback(address: str) -> bool:
    return ip_address(address).is_loopback
