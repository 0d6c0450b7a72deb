"""Where an engine answers queries and where it takes graphs, found out from one address."""

from __future__ import annotations

from urllib.parse import urlsplit

from kb.errors import EngineError, KbError
from kb.login import NOBODY, Login
from kb.query import find_query
from kb.remote import RemoteEngine
from kb.remote_faults import EngineAway, EngineBusy, EngineLogin, EngineTimeout

_GRAPH_STORES = {
    "oxigraph": ("/query", "/store"),
    "fuseki": ("/sparql", "/data"),
    "virtuoso": ("/sparql", "/sparql-graph-crud-auth"),
}
"""Where each engine has its query service and, unless set up otherwise, its graph store."""
_QUERY_PATHS = ("/query", "/sparql", "")


def http_url(text: str) -> str:
    """Return an address without a slash at its end; ValueError when it is none for HTTP."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
        raise ValueError("it is no address such as http://localhost:3030/ds")
    if parts.username or parts.password:
        raise ValueError("set user and password in CHARTERKB_STORE_USER and _PASSWORD, not in it")
    if parts.query or parts.fragment or parts.port == 0:
        raise ValueError("give it without ? and #")
    return text.rstrip("/")


def find_engine(to: str, query: str, login: Login) -> RemoteEngine:
    """Return the engine that answers queries at or below `to`, or at `query`; EngineError."""
    candidates = [query] if query else [to + path for path in _QUERY_PATHS]
    faults: list[KbError] = []
    for url in candidates:
        try:
            return _answering(url, login)
        except (EngineAway, EngineLogin, EngineTimeout, EngineBusy):
            raise
        except KbError as error:
            faults.append(error)
    told = "; ".join(str(fault) for fault in faults)
    raise EngineError(f"{told} — give the address of its query service with --query")


def find_graph_store(to: str, engine: RemoteEngine) -> str:
    """Return the address of the graph store of an engine that has answered."""
    suffixes = _GRAPH_STORES.get(engine.dialect or "")
    if suffixes is None:
        by_query = {query: store for query, store in _GRAPH_STORES.values()}
        suffix = next((s for s in by_query if engine.url.endswith(s)), None)
        if suffix is None:
            raise EngineError(
                "this engine does not say which it is — give --graph-store, the address where "
                "it takes graphs by the SPARQL 1.1 Graph Store HTTP Protocol"
            )
        suffixes = (suffix, by_query[suffix])
    root = to
    for path in _QUERY_PATHS[:2]:
        root = root.removesuffix(path)
    return root + suffixes[1]


def _answering(url: str, login: Login) -> RemoteEngine:
    """Return the engine at an address that answers a query, logged in only where it asks for it."""
    query = find_query("dataset/seen")
    engine = RemoteEngine(url, login=NOBODY)
    try:
        engine.select(query)
    except EngineLogin:
        if not login.headers():
            raise
        engine = RemoteEngine(url, login=login)
        engine.select(query)
    return engine
