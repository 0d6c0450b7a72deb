"""What every page must be, told by the parser of the standard library: no browser needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass
class CheckedPage(HTMLParser):
    """A parsed page: its links, ids, headings, texts by language, and what is wrong with it."""

    faults: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    headings: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    language: str = ""
    _open: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _referred: list[str] = field(default_factory=list)
    _captions: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if len(found) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self._counts[tag] = self._counts.get(tag, 0) + 1
        self._look(tag, found)
        if tag not in VOID:
            self._open.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1][0] if self._open else 'nothing'}")
            return
        if tag == "table" and not self._captions.pop():
            self.faults.append("a table has no caption")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "script":
            self.scripts.append(data)

    def _look(self, tag: str, found: dict[str, str]) -> None:
        """Note what matters about one element."""
        if "id" in found:
            if found["id"] in self.ids:
                self.faults.append(f"id {found['id']} stands twice")
            self.ids.add(found["id"])
        self._referred += found.get("aria-labelledby", "").split()
        self._referred += found.get("aria-describedby", "").split()
        self._referred += [found["for"]] if "for" in found else []
        if tag == "html":
            self.language = found.get("lang", "")
        if tag in HEADINGS:
            self.headings.append(tag)
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag == "table":
            self._captions.append(False)
        if tag == "caption":
            self._captions[-1] = True
        self._look_for_faults(tag, found)

    def _look_for_faults(self, tag: str, found: dict[str, str]) -> None:
        """Note what is wrong with one element."""
        if "style" in found or any(name.startswith("on") for name in found):
            self.faults.append(f"<{tag}> has inline style or script")
        if tag == "script" and found.get("type") != "application/ld+json":
            self.faults.append("a script that is no data block")
        if tag == "img" and "alt" not in found:
            self.faults.append("an image without alt")
        if tag == "nav" and not found.get("aria-label"):
            self.faults.append("a nav without a name")
        if tag == "th" and found.get("scope") not in ("row", "col"):
            self.faults.append("a th without scope")
        if tag == "a" and not found.get("href"):
            self.faults.append("a link without address")
        if tag == "a" and any(name == "a" for name, _ in self._open):
            self.faults.append("a link inside a link")

    def finish(self) -> list[str]:
        """Return all that is wrong with the page."""
        for tag in ("html", "main", "h1", "title"):
            if self._counts.get(tag) != 1:
                self.faults.append(f"{self._counts.get(tag, 0)} <{tag}>")
        for tag in ("header", "footer", "nav"):
            if not self._counts.get(tag):
                self.faults.append(f"no <{tag}>")
        if self._open:
            self.faults.append(f"left open: {[tag for tag, _ in self._open]}")
        for before, after in zip(self.headings, self.headings[1:], strict=False):
            if int(after[1]) > int(before[1]) + 1:
                self.faults.append(f"{after} after {before}")
        self.faults += [
            f"nothing has the id {name}" for name in self._referred if name not in self.ids
        ]
        return self.faults


def check_page(html: str) -> CheckedPage:
    """Return a page, parsed, with what is wrong with it."""
    page = CheckedPage()
    page.feed(html)
    page.close()
    page.finish()
    return page
