"""Fixtures shared by all tests."""

from __future__ import annotations

import pytest

from kb import EmbeddedEngine, open_base


@pytest.fixture(scope="session")
def base() -> EmbeddedEngine:
    """The shipped base, loaded once."""
    return open_base()
