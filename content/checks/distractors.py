"""Whether a wrong option could be shown around as something that was really said or issued."""

import re
from collections.abc import Iterator

from content.checks.finding import Finding, rulebook
from content.checks.reading import IN_QUOTES, Reading, at, is_wrong_option, one_line, prose_of

# A number with letters behind a slash or a hyphen: 05-CT/TW, 121/KH-LĐLĐ, 30/2020/NĐ-CP.
_NUMBER = re.compile(r"\b\d+(?:/\d+)?[/-][^\W\d_]{1,8}\b[\w/-]*")


def check(reading: Reading) -> Iterator[Finding]:
    """Quotations, and numbers of documents that are not in the pack, among the wrong options."""
    documents = [one_line(str(document.values.get("number"))) for document in reading.of_kind("document")]
    named = re.compile(rulebook()["words"]["document"], re.IGNORECASE)
    for question in reading.of_kind("question"):
        for place, text in prose_of(question):
            if not is_wrong_option(question, place):
                continue
            if not all(reading.is_title(span) for span in IN_QUOTES.findall(text)):
                yield at("distractor-quotation", question, *place, found=text)
            for found in [*_NUMBER.finditer(text), *named.finditer(text)]:
                number = found[0].split()[-1].casefold()
                if not any(_is_number_of(number, document.casefold()) for document in documents):
                    yield at("distractor-document", question, *place, found=text)
                    break


def _is_number_of(number: str, document: str) -> bool:
    """Whether `144`, `144-qđ` or `144-qđ/tw` is the number of a document or the beginning of it."""
    return re.search(rf"(?<!\w){re.escape(number)}(?!\w)", document) is not None
