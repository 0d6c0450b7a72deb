"""Opening what queries are answered from: records, a dump, an on-disk store, another endpoint."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from kb.dataset import DatasetInfo, describe, describe_dump
from kb.disk_store import open_disk_store, read_info
from kb.embedded import EmbeddedEngine
from kb.engine import Engine
from kb.layout import Layout, shipped_layout
from kb.remote import open_remote
from kb.store import load_dump, load_store
from server.app import create_app
from server.settings import MEMORY, Settings
from server.site import make_site


@dataclass(frozen=True, slots=True)
class Opened:
    """A base that is open: its figures, and what workers need.

    `engine` and `app` are shared with every worker; where there are none (an on-disk store has
    threads, which a fork does not copy), each worker opens its own from `folder`.
    """

    info: DatasetInfo
    settings: Settings
    layout: Layout
    engine: Engine | None = None
    app: Flask | None = None
    folder: Path | None = None

    @property
    def version(self) -> str:
        """The version of the base."""
        return self.info.version

    @property
    def digest(self) -> str:
        """What the base holds, as a digest: another digest, other data."""
        return self.info.digest

    @property
    def triples(self) -> int:
        """How many triples the base holds."""
        return self.info.triples

    @property
    def graphs(self) -> Collection[str]:
        """The named graphs a query may read."""
        return self.info.graphs

    def engine_of_worker(self) -> Engine:
        """Return the engine of a query worker."""
        if self.engine is not None:
            return self.engine
        assert self.folder is not None
        return EmbeddedEngine(open_disk_store(self.folder))

    def app_of_worker(self) -> Flask:
        """Return the application of a page worker."""
        if self.app is not None:
            return self.app
        return create_app(make_site(self.engine_of_worker(), self.layout, self.settings, self.info))


def open_store(settings: Settings) -> Opened:
    """Open what the settings name; BrokenBase, SourceError or EngineError when it cannot be."""
    shipped = shipped_layout()
    layout = Layout(settings.data, shipped.ontology) if settings.data else shipped
    place = Path(settings.store)
    if settings.store != MEMORY and not settings.is_remote and place.is_dir():
        return Opened(read_info(place), settings, layout, folder=place)
    engine: Engine
    if settings.is_remote:
        engine = open_remote(settings.store, timeout_s=settings.time_limit)
        info = describe(engine)
    elif settings.store == MEMORY:
        engine = EmbeddedEngine(load_store(layout))
        info = describe(engine)
    else:
        engine = EmbeddedEngine(load_dump(place))
        info = describe_dump(engine, place)
    opened = Opened(info, settings, layout, engine=engine)
    return replace(opened, app=create_app(make_site(engine, layout, settings, info)))
