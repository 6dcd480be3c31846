"""The commands. Each body lives in its own module and is imported when the command runs."""

import functools
import gettext
from pathlib import Path
from typing import Annotated

from bot.cli.words import phrase, words

gettext.gettext = lambda message: words()["library"].get(message, message)  # read by typer as it is imported

import typer  # noqa: E402

from bot.cli.library import SpokenCommand, SpokenGroup  # noqa: E402


def _words(key: str) -> str:
    return phrase(f"help.{key}")


app = typer.Typer(
    cls=SpokenGroup,
    suggest_commands=False,
    help=_words("bot"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    options_metavar=words()["library"]["metavar"],
    subcommand_metavar=words()["library"]["command"],
)
_command = functools.partial(app.command, cls=SpokenCommand)


@_command(help=_words("demo"))
def demo() -> None:
    """The whole idea on one laptop, in the browser."""
    from bot.cli import demo as command

    command.demo()


@_command(help=_words("run"))
def run(clock: Annotated[str, typer.Option(help=_words("clock"))] = "") -> None:
    """The real bot."""
    from bot.cli import run as command

    command.run(clock)


@_command(help=_words("migrate"))
def migrate() -> None:
    """Bring the database up to date."""
    from bot.cli import migrate as command

    command.migrate_now()


@_command(help=_words("units"))
def units(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=_words("units_file"), show_default=False)] = None,
    export: Annotated[Path | None, typer.Option(help=_words("units_export"), show_default=False)] = None,
    report: Annotated[Path | None, typer.Option(help=_words("units_report"), show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_words("units_dry"))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=_words("units_yes"))] = False,
) -> None:
    """Import the union tree, or export it."""
    from bot.cli import units as command

    if file is not None and export is None:
        command.import_units(file, report=report, dry_run=dry_run, confirmed=yes)
    else:
        command.export_units(export if file is None else None)


@_command("check-content", help=_words("check_content"))
def check_content(
    path: Annotated[Path | None, typer.Argument(metavar="[PATH]", help=_words("pack"), show_default=False)] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help=_words("coverage"))] = False,
    revisions: Annotated[bool, typer.Option("--revisions", help=_words("revisions"))] = False,
) -> None:
    """Lint a content pack, or print its coverage map or its cards' revisions."""
    from bot.cli import content as command

    if revisions:
        command.revisions(path)
    else:
        command.check(path, coverage=coverage)


@_command("new-pack", help=_words("new_pack"))
def new_pack(
    year: Annotated[int, typer.Argument(min=2000, max=2099, help=_words("new_pack_year"), show_default=False)],
    source: Annotated[str, typer.Option("--from", help=_words("new_pack_from"), show_default=False)],
) -> None:
    """The skeleton of another year's pack."""
    from bot.cli import content as command

    command.new_pack(year, source)


@_command(help=_words("seed"))
def seed(
    members: Annotated[int, typer.Option(min=1, max=5_000_000, help=_words("members"))],
    units: Annotated[int, typer.Option(min=1, max=100_000, help=_words("seed_units"))] = 1,
    first_id: Annotated[int, typer.Option(min=1, help=_words("first_id"))] = 1000,
) -> None:
    """Invented members, to try a load."""
    from bot.cli import seed as command

    command.seed(members, units, first_id)


@_command(help=_words("broadcast"))
def broadcast(
    to: Annotated[str, typer.Option(help=_words("to"))],
    text: Annotated[str, typer.Option(help=_words("text"))],
    yes: Annotated[bool, typer.Option("--yes", help=_words("yes"))] = False,
) -> None:
    """An announcement from the terminal."""
    from bot.cli import broadcast as command

    command.broadcast(to, text, confirmed=yes)


@_command(help=_words("posters"))
def posters(
    to: Annotated[Path, typer.Option(help=_words("posters_to"))],
    unit: Annotated[str, typer.Option(help=_words("posters_unit"))] = "",
) -> None:
    """Printable posters."""
    from bot.cli import posters as command

    command.print_posters(unit, to)


@_command(help=_words("sheets"))
def sheets(to: Annotated[Path, typer.Option(help=_words("sheets_to"))]) -> None:
    """Everything of the pack that is printed or read out."""
    from bot.cli import sheets as command

    command.print_sheets(to)


@_command(help=_words("preview"))
def preview(port: Annotated[int, typer.Option(min=1, max=65_535, help=_words("preview_port"))] = 8090) -> None:
    """Everything the bot says, as each channel shows it."""
    from bot.cli import preview as command

    command.preview(port)


@_command("sign-off", help=_words("sign_off"))
def sign_off(
    first: Annotated[str, typer.Option("--from", help=_words("sign_off_from"))] = "",
    days: Annotated[int, typer.Option(help=_words("sign_off_days"))] = 30,
    to: Annotated[Path | None, typer.Option(help=_words("sign_off_to"), show_default=False)] = None,
    diff: Annotated[bool, typer.Option("--diff", help=_words("sign_off_diff"))] = False,
    approve: Annotated[bool, typer.Option("--approve", help=_words("sign_off_approve"))] = False,
    by: Annotated[str, typer.Option(help=_words("sign_off_by"))] = "",
    yes: Annotated[bool, typer.Option("--yes", help=_words("sign_off_yes"))] = False,
) -> None:
    """What a leader approves: printed, recorded, compared."""
    from bot.cli import sign_off as command

    if (diff and approve) or (not approve and (by or yes)):
        command.refuse_together()
    elif approve:
        command.record(by, confirmed=yes)
    elif diff:
        command.show_changes(to)
    else:
        command.make(first, days, to)


@_command(help=_words("doctor"))
def doctor() -> None:
    """Everything the bot needs, one by one."""
    from bot.cli import doctor as command

    command.doctor()


@_command(help=_words("backup"))
def backup(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help=_words("backup_to"), show_default=False)
    ] = None,
) -> None:
    """A copy of everything, while the bot runs."""
    from bot.cli import backup as command

    command.backup(folder)


@_command(help=_words("restore"))
def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_words("restore_from"))],
    yes: Annotated[bool, typer.Option("--yes", help=_words("restore_yes"))] = False,
) -> None:
    """Put a copy back."""
    from bot.cli import restore as command

    command.restore(folder, confirmed=yes)


@_command("replay-check", help=_words("replay_check"))
def replay_check(
    database: Annotated[Path | None, typer.Option(help=_words("replay_database"), show_default=False)] = None,
) -> None:
    """Whether open conversations go on with this version."""
    from bot.cli import replay_check as command

    command.replay_check(database)
