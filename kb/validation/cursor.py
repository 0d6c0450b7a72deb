"""A place among the tokens of a query, for reading it from left to right."""

from __future__ import annotations

from kb.sparql_text import tokens


class NotUnderstoodError(Exception):
    """Raised on what a reader does not know."""


class Cursor:
    """The tokens of a query, and which of them comes next."""

    def __init__(self, text: str) -> None:
        self._tokens = [*tokens(text), ("end", "", len(text))]
        self._at = 0

    def kind(self) -> str:
        """Return the kind of the next token, `end` after the last."""
        return self._tokens[self._at][0]

    def value(self) -> str:
        """Return the next token as it is written."""
        return self._tokens[self._at][1]

    def offset(self) -> int:
        """Return where the next token begins."""
        return self._tokens[self._at][2]

    def word(self) -> str:
        """Return the next token in capitals if it is a bare word, else nothing."""
        return self.value().upper() if self.kind() == "word" else ""

    def next(self) -> str:
        """Return the next token and pass over it; NotUnderstoodError at the end."""
        if self.kind() == "end":
            raise NotUnderstoodError
        self._at += 1
        return self._tokens[self._at - 1][1]

    def take(self, value: str) -> None:
        """Pass over a token; NotUnderstoodError when it is another."""
        if self.next().upper() != value:
            raise NotUnderstoodError

    def skip_brackets(self) -> None:
        """Pass over everything up to the next bracket, and to the end of what that opens."""
        while self.value() not in ("(", "{"):
            self.next()
        depth = 0
        while True:
            value = self.next()
            depth += (value in ("(", "{")) - (value in (")", "}"))
            if depth == 0:
                return
