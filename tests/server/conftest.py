"""A small base of odd records: a withdrawn one, markup in labels, a `javascript:` IRI."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kb import EmbeddedEngine, Layout, load_store
from server import create_app
from server.settings import Settings
from server.site import make_site


@pytest.fixture(scope="session")
def odd(shipped_layout: Layout) -> FlaskClient:
    """A client of a site over the odd records."""
    layout = Layout(Path(__file__).with_name("odd"), shipped_layout.ontology)
    engine = EmbeddedEngine(load_store(layout))
    return create_app(make_site(engine, layout, Settings())).test_client()
