"""Vietnamese as people type it: folding, matching, sorting, numbers, dates, hours, names, phones, quotes."""

from bot.vietnamese.dates import format_date, parse_date, parse_week
from bot.vietnamese.folding import fold, has_accents, normalise, retone
from bot.vietnamese.hours import parse_hour, parse_period
from bot.vietnamese.matching import is_command_word, matches, rank
from bot.vietnamese.moments import parse_day_and_hour, parse_moment
from bot.vietnamese.names import name_sort_key, sort_key, tidy_name
from bot.vietnamese.numbers import choice_number, choices, letter
from bot.vietnamese.phones import parse_phone, show_phone
from bot.vietnamese.quoting import quote
from bot.vietnamese.searching import Entry, Index

__all__ = [
    "Entry",
    "Index",
    "choice_number",
    "choices",
    "fold",
    "format_date",
    "has_accents",
    "is_command_word",
    "letter",
    "matches",
    "name_sort_key",
    "normalise",
    "parse_date",
    "parse_day_and_hour",
    "parse_hour",
    "parse_moment",
    "parse_period",
    "parse_phone",
    "parse_week",
    "quote",
    "rank",
    "retone",
    "show_phone",
    "sort_key",
    "tidy_name",
]
