"""Before an engine elsewhere as before our own, what a stranger may not ask is never passed on."""

from __future__ import annotations

import socket
import threading

import pytest

from kb.login import NOBODY
from kb.remote import RemoteEngine
from server.frames import QUERY, REFUSAL, receive, send
from server.worker.query_worker import QueryLimits, serve_queries

FORMATS = {"bindings": "srj", "boolean": "srj", "graph": "nt"}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT ?s WHERE { SERVICE SILENT ?s { ?s ?p ?o } }",
        "PREFIX x: <urn:x> sElEcT ?s WHERE { { SeRvIcE x:y { ?s ?p ?o } } }",
        "DROP ALL",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "LOAD <http://127.0.0.1:9/>",
        "SELECT ?s WHERE { ?s ?p " + "(" * 500 + "1" + ")" * 500 + " }",
        "no query at all",
    ],
)
def test_it_is_refused_before_the_engine_hears_of_it(text: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
        engine = RemoteEngine(url, timeout_s=2, login=NOBODY)
        # The processor seconds are those of this very process.
        limits = QueryLimits(depth=64, result=1_000_000, time=2, seconds=86_400)
        worker = threading.Thread(target=serve_queries, args=(theirs, engine, (), limits))
        worker.start()
        send(ours, QUERY, {"formats": FORMATS}, text.encode())
        answered = receive(ours)
        ours.shutdown(socket.SHUT_WR)
        worker.join(timeout=10)
        assert answered is not None
        assert answered[0] == REFUSAL
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
