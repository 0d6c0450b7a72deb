"""Virtuoso (Debian's virtuoso-opensource) as one of the compared servers."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench.generate import Dump
from tests.bench.servers import HOST, Server, find

_SETTINGS = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa

[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx

[Parameters]
ServerPort = {host}:{sql}
DirsAllowed = {folder}, {data}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
ServerThreads = 20
MaxClientConnections = 40

[HTTPServer]
ServerPort = {host}:{http}
ServerThreads = 20
MaxKeepAlives = 20
KeepAliveTimeout = 60

[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 600
"""
_SQL_PORT_FROM_HTTP = 1
"""The SQL port stands this far above that of HTTP."""


def _prepare(dump: Dump, folder: Path) -> Path:
    (folder / "dump").symlink_to(dump.path)
    return folder


def _command(folder: Path, port: int) -> list[str]:
    settings = _SETTINGS.format(
        folder=folder,
        data=(folder / "dump").resolve().parent,
        host=HOST,
        http=port,
        sql=port + _SQL_PORT_FROM_HTTP,
    )
    (folder / "virtuoso.ini").write_text(settings, encoding="utf-8")
    program = find("virtuoso-t") or ""
    return [program, "+foreground", "+configfile", str(folder / "virtuoso.ini")]


def _fill(folder: Path, port: int) -> None:
    dump = (folder / "dump").resolve()
    script = (
        f"ld_dir('{dump.parent}', '{dump.name}', 'urn:none'); rdf_loader_run(); checkpoint; "
        'grant execute on DB.DBA.SPARQL_DESC_AGG to "SPARQL";'
    )
    connection = f"{HOST}:{port + _SQL_PORT_FROM_HTTP}"
    command = [find("isql-vt") or "", connection, "dba", "dba", f"exec={script}"]
    subprocess.run(command, check=True, capture_output=True, timeout=600)


VIRTUOSO = Server("Virtuoso", _command, "/sparql", "virtuoso-t", _prepare, _fill)
