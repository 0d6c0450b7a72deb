"""What XML cannot hold as it is: the engine writes characters that no reader would get back."""

from __future__ import annotations

import re
from typing import IO

from server.refusal import Refusal

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")


class XmlWriter:
    """Hands XML on, carriage returns written so that readers keep them (XML 1.0 §2.11).

    Raises Refusal, which names the formats left, for a character that XML has no way to write
    (§2.2): what held it would be no XML at all.
    """

    def __init__(self, output: IO[bytes], left: list[str]) -> None:
        self._output = output
        self._left = left

    def write(self, data: bytes) -> int:
        """Take a piece of XML."""
        if _FORBIDDEN.search(data):
            raise Refusal("not-acceptable", available=self._left)
        # The engine itself ends no line with one: those there are stand in texts.
        self._output.write(data.replace(b"\r", b"&#13;"))
        return len(data)

    def flush(self) -> None:
        """Have the output do so: nothing waits here."""
        self._output.flush()
