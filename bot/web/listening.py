"""Taking the address before anything else starts: a port in use is found at once, and no library is loaded for it."""

import socket
from typing import Final

BACKLOG: Final = 256


class AddressInUse(Exception):
    """The address cannot be listened on; `str()` is one sentence with the remedy."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises AddressInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise AddressInUse(
            f"{host}:{port} cannot be used ({error.strerror}): stop the program that uses it, or choose another port."
        ) from error
    listening.setblocking(False)
    return listening
