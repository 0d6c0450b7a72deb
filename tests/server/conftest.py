"""A small base of odd records: a withdrawn one, markup in labels, a `javascript:` IRI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from kb import EmbeddedEngine, Layout, load_store
from server.app import create_app
from server.settings import Settings
from server.site import make_site
from tests.live import LiveServer, serving

ODD = Path(__file__).with_name("odd")


@pytest.fixture(scope="session")
def odd(shipped_layout: Layout) -> FlaskClient:
    """A client of a site over the odd records."""
    layout = Layout(ODD, shipped_layout.ontology)
    engine = EmbeddedEngine(load_store(layout))
    return create_app(make_site(engine, layout, Settings())).test_client()


@pytest.fixture(scope="session")
def odd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A running server of the odd records, which believes one proxy in front of it."""
    log = tmp_path_factory.mktemp("odd") / "log"
    with serving(log, "--data", str(ODD), CHARTERKB_PROXIES="1") as server:
        yield server


@pytest.fixture
def odd_endpoint(odd_server: LiveServer) -> Client:
    """A client of the running server of the odd records."""
    return odd_server.client()


@pytest.fixture
def behind_proxy(odd_server: LiveServer) -> Client:
    """The same client, where the proxy is what counts."""
    return odd_server.client()
