"""Dates in a table: what a spreadsheet took for one, and those known only by month or year."""

from __future__ import annotations

import calendar
import re

_MONTH = r"(?:jan|feb|fév|mar|apr|avr|may|mai|jun|jui|jul|aug|aoû|sep|oct|nov|dec|déc)[a-zûéè]*\.?"
_DATE = re.compile(
    r"\d{1,2}[/-]\d{1,2}[/-](?:\d{4}|\d{2})"
    r"|\d{1,2}\.\d{1,2}\.\d{4}"
    r"|\d{4}[/-]\d{1,2}[/-]\d{1,2}(?:[T ][0-9:.]+)?"
    rf"|\d{{1,2}}[- ]{_MONTH}(?:[- ]\d{{2,4}})?"
    rf"|{_MONTH}[- ]\d{{2,4}}",
    re.IGNORECASE,
)
_PARTIAL = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")


def looks_like_date(text: str) -> bool:
    """Tell whether a text is a date, such as spreadsheets make of lists and ranges of numbers."""
    return bool(_DATE.fullmatch(text))


def bounds(text: str) -> tuple[str, str] | None:
    """Return the first and the last day of a date written YYYY or YYYY-MM; None for another."""
    found = _PARTIAL.fullmatch(text)
    if not found:
        return None
    year, month = found[1], found[2]
    if not month:
        return f"{year}-01-01", f"{year}-12-31"
    last = calendar.monthrange(int(year), int(month))[1]
    return f"{year}-{month}-01", f"{year}-{month}-{last}"
