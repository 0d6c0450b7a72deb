"""Fixtures shared by all tests: the shipped base loaded once, the site over it, a live server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import Client

from kb import EmbeddedEngine, Layout, open_base, shipped_layout
from server.app import create_app
from server.settings import Settings
from server.site import Site, make_site
from tests.live import LiveServer, serving


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


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The shipped base served as its users have it served."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(log, "--max-client-queries", "32") as server:
        yield server


@pytest.fixture
def client(running: LiveServer) -> Client:
    """A client of the running server."""
    return running.client()


@pytest.fixture(scope="session")
def live_server(running: LiveServer) -> str:
    """The address of the running server, ending in a slash."""
    return running.url
