"""How many requests a second the loader itself can send: the answers stand ready.

`python -m tests.bench.ceiling` is the server that answers them; it prints its port and serves one
run, 30 seconds at most.
"""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
import time

from tests.bench.drive import ROOT, drive
from tests.bench.servers import HOST

_BODY = b"x" * 2000
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
_LIFE = 30.0


def measure(seconds: float = 2.0) -> float:
    """Return the requests a second of the loader with four clients, each answered with 2 kB."""
    command = [sys.executable, "-m", "tests.bench.ceiling"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            job = {"host": HOST, "port": port, "path": "/", "queries": ["ASK {}"]}
            return float(drive({**job, "clients": 4, "seconds": seconds})["rate"])
        finally:
            server.kill()


def main() -> None:
    """Answer every request with the same bytes."""
    end = time.monotonic() + _LIFE
    with socket.create_server((HOST, 0)) as listener, selectors.DefaultSelector() as selector:
        print(listener.getsockname()[1], flush=True)
        selector.register(listener, selectors.EVENT_READ)
        while time.monotonic() < end:
            for key, _ in selector.select(1):
                if key.fileobj is listener:
                    selector.register(listener.accept()[0], selectors.EVENT_READ)
                else:
                    _answer(key.fileobj, selector)


def _answer(client: object, selector: selectors.BaseSelector) -> None:
    assert isinstance(client, socket.socket)
    if client.recv(65536):
        client.sendall(_ANSWER)
    else:
        selector.unregister(client)
        client.close()


if __name__ == "__main__":
    main()
