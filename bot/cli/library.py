"""The command-line library made to speak Vietnamese: its usage line, its help option, and what it refuses."""

import re
import sys
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from bot.cli.words import phrase, words

_EXTRA: Final = re.compile(r"unexpected extra argument\(s\) \((.+)\)", re.DOTALL)


class SpokenCommand(TyperCommand):
    """One command."""

    def get_usage(self, ctx: Any) -> str:
        """How it is called."""
        return _usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`."""
        return _explained(super().get_help_option(ctx))


class SpokenGroup(TyperGroup):
    """All commands. What cannot be understood is said in a sentence, and the process ends with status 2."""

    def get_usage(self, ctx: Any) -> str:
        """How one is called."""
        return _usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`."""
        return _explained(super().get_help_option(ctx))

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run the command that was typed."""
        try:
            status = super().main(*args, **{**options, "standalone_mode": False})
        except typer.Abort:
            sys.exit(phrase("library.aborted"))
        except typer.TyperException as wrong:
            # Without any argument the help was shown already.
            if type(wrong).__name__ != "NoArgsIsHelpError":
                sys.stderr.write(_refusal(wrong, options["prog_name"]) + "\n")
            sys.exit(wrong.exit_code)
        sys.exit(status or 0)


def _usage(line: str) -> str:
    return line.replace("Usage:", phrase("library.usage"), 1)


def _explained(option: Any) -> Any:
    option.help = phrase("library.help")
    return option


def _refusal(wrong: typer.TyperException, program: str) -> str:
    """What is wrong, how the command is called, where its help is."""
    context = getattr(wrong, "ctx", None)
    command = context.command_path if context is not None else program
    lines = [f"✘ {_sentence(wrong)}", *([context.get_usage()] if context is not None else [])]
    return "\n".join([*lines, phrase("library.see", command=command)])


def _sentence(wrong: typer.TyperException) -> str:
    known = words()["library"]["refused"].get(type(wrong).__name__)
    if known is not None:
        param = getattr(wrong, "param", None)
        what = param.get_error_hint().replace("'", "") if param is not None else getattr(wrong, "option_name", "")
        return str(known).format(what=what)
    extra = _EXTRA.search(wrong.message)
    return phrase("library.extra", what=extra[1]) if extra else wrong.message
