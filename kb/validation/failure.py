"""What stops a validation: to have failed is not to conform (SHACL §3.4)."""

from __future__ import annotations

from kb.errors import KbError


class CannotValidate(KbError):
    """The check could not be carried out: unreadable shapes, or a failure of the engine."""
