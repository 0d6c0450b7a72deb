"""The one error that a view raises to answer with a problem document."""

from __future__ import annotations

from collections.abc import Mapping

from kb.errors import KbError

Member = str | int | list[str]


class Refusal(KbError):
    """A request that is not fulfilled: the name of its problem type, and what that type tells.

    `members` fill the places in the type's text and travel with the problem document (RFC 9457
    §3.2); `headers` go on the response.
    """

    def __init__(
        self, kind: str, /, *, headers: Mapping[str, str] | None = None, **members: Member
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.headers = dict(headers or {})
        self.members = members
