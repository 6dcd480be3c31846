"""One process on a database: a lock the system lets go of when the process ends, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Locked(Exception):
    """Another process holds the database."""


@contextmanager
def only_process(database: Path) -> Iterator[None]:
    """Hold `<database>.lock` while entered. Raises Locked, or OSError when the file cannot be made."""
    database.parent.mkdir(parents=True, exist_ok=True)
    database = database.resolve()  # one file by two names is one database
    with database.with_name(f"{database.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(str(database)) from None
        yield
