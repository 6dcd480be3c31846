"""`python -m bot`: hands the command line to `bot.cli`."""

import gc
import os
import sys


def main() -> None:
    """Run a command. Plain `run` skips the command-line library, which costs a tenth of its start."""
    os.umask(0o077)  # what members wrote is in every file we make: other accounts of the machine read none
    if sys.argv[1:] == ["run"]:
        gc.disable()  # imports make no rubbish, and looking for it is a fifth of their time; `run` turns it on again
        from bot import logging  # noqa: F401 - first: it keeps libraries out that are never used
        from bot.cli.run import run

        run()
    else:
        from bot.cli.app import app

        app(prog_name="python -m bot")


if __name__ == "__main__":
    main()
