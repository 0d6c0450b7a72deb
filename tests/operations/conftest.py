"""Servers over a copy of the small base, which a test may change."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.live import LiveServer, serving

TINY = Path(__file__).parents[1] / "tiny" / "data"
WORKERS = ("--workers", "2", "--slow-workers", "1", "--page-workers", "1")

Serve = Callable[..., AbstractContextManager[LiveServer]]


@pytest.fixture(scope="module")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what servers note of themselves, apart from the user's own."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small base."""
    return Path(shutil.copytree(TINY, tmp_path_factory.mktemp("base") / "data"))


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, cache_home: Path, records: Path) -> Serve:
    """What starts a server over the copy."""

    def start(*options: str, **environ: str) -> AbstractContextManager[LiveServer]:
        log = tmp_path_factory.mktemp("log") / "log"
        given = ("--data", str(records), *WORKERS, "--time-limit", "30", *options)
        return serving(log, *given, **({"XDG_CACHE_HOME": str(cache_home)} | environ))

    return start


@pytest.fixture(scope="module")
def small(serve: Serve) -> Iterator[LiveServer]:
    """A server over the copy, for the tests of a module."""
    with serve() as server:
        yield server
