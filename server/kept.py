"""Values worked out once for an application: its base never changes while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from flask import current_app

T = TypeVar("T")


def kept(name: str, make: Callable[[], T]) -> T:
    """Return the value kept under a name by the answering application, made on first demand."""
    key = f"charterkb-{name}"
    if key not in current_app.extensions:
        current_app.extensions[key] = make()
    return cast(T, current_app.extensions[key])
