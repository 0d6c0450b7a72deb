"""One table of a TOML file, read key by key; what is missing, wrong or unknown is collected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from kb.importing.complaints import Complaints, Place
from kb.importing.dates import bounds
from kb.importing.wording import LANGUAGES, Texts

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Section:
    """A table of the mapping; every key asked for is known, the others are complained about."""

    def __init__(self, values: Any, name: str, file: str, complaints: Complaints) -> None:
        self.name = name
        self.file = file
        self.complaints = complaints
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        self._known: set[str] = set()
        if not isinstance(values, dict):
            self._wrong("", values, f"[{name}]")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def place(self, key: str = "") -> Place:
        """Return where a key stands, or this table itself."""
        shown = key if not key or _KEY.fullmatch(key) else f'"{key}"'
        return Place(self.file, ".".join(part for part in (self.name, shown) if part))

    def names(self) -> list[str]:
        """Return the keys of a table in which every key is a name, all of them known."""
        self._known.update(self._values)
        return list(self._values)

    def text(self, key: str, example: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        value = self._get(key, f'{key} = "{example}"', default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            return self._wrong(key, value, f'{key} = "{example}"')
        return value.strip()

    def slug(self, key: str, example: str, default: str | None = None) -> str:
        """Return a slug: small letters, digits, hyphens."""
        value = self.text(key, example, default)
        if value and not _SLUG.fullmatch(value):
            return self._wrong(key, value, f'{key} = "{example}"')
        return value

    def code(self, key: str, codes: Sequence[str], default: str | None = None) -> str:
        """Return one code of a closed list."""
        value = self._get(key, f'{key} = "{codes[0]}"', default)
        if value not in codes and value != default:
            return self._wrong(key, value, ", ".join(codes))
        return str(value)

    def flag(self, key: str) -> bool:
        """Return true or false; false when it is not there."""
        value = self._get(key, "", False)
        if not isinstance(value, bool):
            self._wrong(key, value, f"{key} = true")
        return value is True

    def day(self, key: str) -> str:
        """Return a day as YYYY-MM-DD."""
        value = self._get(key, f"{key} = 2015-11-09", None)
        if not isinstance(value, date):
            return self._wrong(key, value, f"{key} = 2015-11-09")
        return value.isoformat()[:10]

    def period(self, key: str) -> str:
        """Return a day, a month or a year, or nothing: YYYY-MM-DD, YYYY-MM, YYYY."""
        value = self._get(key, "", "")
        if isinstance(value, date):
            return value.isoformat()[:10]
        if value != "" and bounds(str(value)) is None:
            return self._wrong(key, value, f'{key} = 2014-10-13, "2014-10", "2014"')
        return str(value)

    def texts(self, key: str, *, optional: bool = False) -> Texts:
        """Return a text in each language, { en = …, fr = … }."""
        example = f'{key} = {{ en = "…", fr = "…" }}'
        value = self._get(key, example, {} if optional else None)
        is_full = isinstance(value, dict) and set(value) == set(LANGUAGES)
        if is_full and all(isinstance(text, str) and text.strip() for text in value.values()):
            return {lang: value[lang].strip() for lang in LANGUAGES}
        if value != {} or not optional:
            self._wrong(key, value, example)
        return dict.fromkeys(LANGUAGES, "")

    def strings(self, key: str, example: str) -> tuple[str, ...]:
        """Return a list of texts, empty when it is not there."""
        value = self._get(key, "", [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self._wrong(key, value, f'{key} = ["{example}"]')
            return ()
        return tuple(value)

    def pairs(self, key: str, example: str) -> dict[str, str]:
        """Return a table of texts by text, empty when it is not there."""
        value = self._get(key, "", {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            self._wrong(key, value, f"{key} = {{ {example} }}")
            return {}
        return value

    def table(self, key: str) -> Section:
        """Return a table within this one, empty when it is not there."""
        return Section(
            self._get(key, f"[{key}]", {}), self.place(key).cell, self.file, self.complaints
        )

    def optional_table(self, key: str) -> Section | None:
        """Return a table within this one, None when it is not there."""
        self._known.add(key)
        return self.table(key) if key in self else None

    def tables(self, key: str) -> Iterator[Section]:
        """Yield the tables of a list, [[key]], none when it is not there."""
        value = self._get(key, "", [])
        if not isinstance(value, list):
            self._wrong(key, value, f"[[{key}]]")
            return
        for i, each in enumerate(value, start=1):
            yield Section(each, f"{self.place(key).cell}[{i}]", self.file, self.complaints)

    def close(self) -> None:
        """Complain about the keys that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                expected = ", ".join(sorted(self._known))
                self.complaints.add("mapping-unknown", self.place(key), expected=expected)

    def _get(self, key: str, expected: str, default: Any) -> Any:
        """Return a value; without a default it must be there."""
        self._known.add(key)
        if key not in self._values and default is None:
            self.complaints.add("mapping-missing", self.place(key), expected=expected)
            return ""
        return self._values.get(key, default)

    def _wrong(self, key: str, value: Any, expected: str) -> str:
        """Complain about a value, unless its absence was complained about; return nothing."""
        if not key or key in self._values:
            shown = str(value)
            self.complaints.add("mapping-wrong", self.place(key), value=shown, expected=expected)
        return ""
