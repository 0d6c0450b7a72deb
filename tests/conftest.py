"""Fixtures shared by all tests: the shipped base loaded once, the site over it, a live server."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from kb import EmbeddedEngine, Layout, open_base, shipped_layout
from server import create_app
from server.settings import Settings
from server.site import Site, make_site


@pytest.fixture(scope="session", name="shipped_layout")
def shipped_layout_fixture() -> Layout:
    """The files of the shipped base."""
    return shipped_layout()


@pytest.fixture(scope="session")
def base() -> EmbeddedEngine:
    """The shipped base, loaded once."""
    return open_base()


@pytest.fixture(scope="session")
def site(base: EmbeddedEngine, shipped_layout: Layout) -> Site:
    """The site over the shipped base."""
    return make_site(base, shipped_layout, Settings())


@pytest.fixture(scope="session")
def app(site: Site) -> Flask:
    """The application over the shipped base."""
    return create_app(site)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application, without a network."""
    return app.test_client()


@pytest.fixture(scope="session")
def live_server(app: Flask) -> Iterator[str]:
    """The application behind a real server on loopback; its address, ending in a slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()
