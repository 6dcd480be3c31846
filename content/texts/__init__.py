"""Every word people read: Jinja2 blocks in `vi/*.j2`, and labels with their accepted words in `vi/words*.yaml`.

A text is named `file.block`. Parameters are escaped; the result is the HTML subset (b i u s a code blockquote).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml
from jinja2 import DictLoader, Environment, StrictUndefined, TemplateNotFound, meta
from jinja2.runtime import Context
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.domain.prompts import Option, Spoken, Text

DIRECTORY: Final = Path(__file__).parent / "vi"
LABEL_LIMIT: Final = 25
_VOICE: Final = frozenset({"goi", "Goi", "ten", "self", "loop"})


class Word(BaseModel):
    """A label (`show`, at most 25 characters) and what else people type for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    show: str
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """How a person is spoken to: `form` ("" until asked), their name as typed, the civil year of the moment."""

    form: str = ""
    name: str = ""


class UnknownText(Exception):
    """A text or a word that no template file defines."""


_WORDS: Final = TypeAdapter(dict[str, Word])


def read_again() -> None:
    """Let the next `Texts` see the files as they are by then: for who edits them."""
    _environment.cache_clear()
    _words.cache_clear()


@cache
def _environment(directory: Path) -> Environment:
    """One a directory: it keeps what it compiled, so that loading the texts again is quick.

    Every file is read now: an upgrade of the files changes nothing under a running process.
    """
    return Environment(
        loader=DictLoader({path.name: path.read_text("utf-8") for path in directory.glob("*.j2")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _words(directory: Path) -> Mapping[str, Word]:
    """Read once a process, for the same reason."""
    words: dict[str, Word] = {}
    for path in sorted(directory.glob("words*.yaml")):
        stored = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        more = _WORDS.validate_python(stored)
        twice = words.keys() & more.keys()
        if twice:
            raise UnknownText(f"{path.name}: {sorted(twice)} defined twice")
        words |= more
    return MappingProxyType(words)


class Texts:
    """The texts of one language; `common` are variables every template sees (the federation's names).

    A file is compiled when the first of its texts is wanted: all of them at once are a third of the bot's start.
    """

    def __init__(self, common: Mapping[str, Any], directory: Path = DIRECTORY) -> None:
        self._environment = _environment(directory)
        assert isinstance(self._environment.loader, DictLoader)
        self._sources = self._environment.loader.mapping
        self._common = {**self._environment.globals, **common}
        self._blocks: dict[str, tuple[Context, Callable[[Context], Iterator[str]]]] = {}
        self.words = _words(directory)
        self._default_form = self.words["form_default"].show

    def names(self) -> list[str]:
        """Every text's name."""
        for name in self._environment.list_templates():
            self._compile(name)
        return sorted(self._blocks)

    def variables(self, file: str) -> set[str]:
        """What the texts of a file are filled with, beside what every text has."""
        parsed = self._environment.parse(self._sources[f"{file}.j2"])
        return meta.find_undeclared_variables(parsed) - self._common.keys() - _VOICE

    def source(self, name: str) -> str:
        """A text as it is written."""
        file, _, block = name.partition(".")
        written = re.search(rf"{{% block {block} %}}\n?(.*?){{% endblock %}}", self._sources[f"{file}.j2"], re.DOTALL)
        return written[1].strip() if written else ""

    def render(self, text: Text, voice: Voice) -> str:
        """A text as HTML. Raises UnknownText; a missing parameter raises jinja2.UndefinedError."""
        found = self._blocks.get(text.name)
        if found is None:
            self._compile(f"{text.name.partition('.')[0]}.j2")
            found = self._blocks.get(text.name)
        if found is None:
            raise UnknownText(text.name)
        empty, block = found
        form = voice.form or self._default_form
        context = Context(empty.environment, self._common, empty.name, {})
        context.blocks = empty.blocks  # shared: it would wrap every block of the file again for each text
        context.vars.update(goi=form, Goi=form[:1].upper() + form[1:], ten=voice.name)
        for name, value in text.params.items():
            context.vars[name] = self._value(value, voice)
        return "".join(block(context)).strip()

    def spoken(self, option: Option) -> Spoken:
        """An option's label and accepted words."""
        if option.label:
            return Spoken(" ".join(option.label.split()))
        word = self.words.get(option.word or option.id)
        if word is None:
            raise UnknownText(option.word or option.id)
        show = word.show.format(**option.params) if option.params else word.show
        return Spoken(show, word.accept)

    def _compile(self, file: str) -> None:
        """Keep the blocks of a file, if there is one."""
        try:
            template = self._environment.get_template(file)
        except TemplateNotFound:
            return
        empty = Context(self._environment, self._common, template.name, template.blocks)
        stem = file.removesuffix(".j2")
        self._blocks |= {f"{stem}.{name}": (empty, block) for name, block in template.blocks.items()}

    def _value(self, value: Any, voice: Voice) -> Any:
        """Texts inside parameters are rendered first; everything else stays to be escaped."""
        if isinstance(value, str):
            return value
        if isinstance(value, Text):
            return Markup(self.render(value, voice))  # noqa: S704 - our own template, already escaped
        if isinstance(value, (list, tuple)):
            return [self._value(item, voice) for item in value]
        return value
