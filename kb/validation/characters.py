"""Signs of texts that no reader sees: other normal forms, control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pyoxigraph as ox

from kb.namespaces import DRC, PREFIXES
from kb.validation.base import Base
from kb.validation.result import Result, rule

_VERBATIM = {PREFIXES["oa"] + name for name in ("exact", "prefix", "suffix")} | {
    DRC + name for name in ("plainText", "wording", "locus")
}
"""Properties that give the words of a source sign by sign, whatever these are."""
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Control and format characters; tabs and line breaks are the business of a shape."""


def find_unseen_signs(base: Base) -> Iterator[Result]:
    """Yield a result for each text that is not in NFC or holds an invisible character."""
    texts = set(base.layout.text_files())
    for path, quads in base.quads.items():
        if path in texts or not base.wants(path):
            continue
        for quad in quads:
            node, text = quad.subject, quad.object
            if not isinstance(text, ox.Literal) or isinstance(node, ox.Triple):
                continue
            if quad.predicate.value in _VERBATIM:
                continue
            if not unicodedata.is_normalized("NFC", text.value):
                yield Result(rule("TextIsNormalised"), node, text, quad.predicate, file=path)
            hidden = _INVISIBLE.search(text.value)
            if hidden:
                yield Result(
                    shape=rule("TextHasNoControlCharacter"),
                    focus=node,
                    value=text,
                    path=quad.predicate,
                    file=path,
                    values={"code": f"U+{ord(hidden.group()):04X}"},
                )
