"""Vietnamese phone numbers."""

import re
import unicodedata

from bot.vietnamese.folding import normalise

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015()]+")
_COUNTRY = re.compile(r"(?:\+|00)84|84(?=\d{9})")
_MOBILE = re.compile(r"0[35789]\d{8}")
_LANDLINE = re.compile(r"02\d{9}")
_TWO_DIGIT_AREAS = ("024", "028")  # Hà Nội and Hồ Chí Minh City; every other area code has four digits


def parse_phone(text: str) -> str | None:
    """Return the digits of a Vietnamese mobile (10) or landline (11) number, from "0", or None.

    Takes spaces, dots, hyphens and brackets, +84 and 84, and numbers that lost their leading 0 in a sheet.
    """
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", normalise(text)))
    country = _COUNTRY.match(digits)
    if country:
        digits = digits[country.end() :]
    if not digits.startswith("0"):
        digits = "0" + digits
    valid = digits.isascii() and (_MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits))
    return digits if valid else None


def show_phone(phone: str) -> str:
    """Return a number from `parse_phone` in groups: 0912 345 678, 024 3942 1234, 0254 385 1234."""
    if len(phone) == 11 and phone.startswith(_TWO_DIGIT_AREAS):
        return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    return f"{phone[:4]} {phone[4:7]} {phone[7:]}"
