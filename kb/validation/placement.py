"""Files and records: the folder says the class, the stem the record, one file for each subject.

The shapes say the same of the store; here each file is known, so that what is out of place is told
with its file and line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kb.layout import FOLDERS, companions
from kb.namespaces import BASE, DATASET, ID
from kb.validation.base import Base, graph_of
from kb.validation.places import split_record
from kb.validation.result import Result, rule
from kb.validation.shapes import SH

_SPARQL = SH + "SPARQLConstraintComponent"
_FREE = ("sources", "codings")
"""Folders whose companions may have any slug: a quotation or a coded right is named for itself."""


def find_misplaced(base: Base) -> Iterator[Result]:
    """Yield a result for each subject in the wrong file, in two files, or that is not ours."""
    homes: dict[str, list[Path]] = defaultdict(list)
    for path in base.record_files():
        named = (q.subject.value for q in base.quads[path] if isinstance(q.subject, ox.NamedNode))
        subjects = sorted(set(named))
        if not base.quads[path]:
            yield Result(
                rule("FileDescribesSomething"), graph_of(base.layout, path), file=path, line=1
            )
        for subject in subjects:
            homes[subject].append(path)
            yield from _misplaced(base, path, subject)
    for subject, paths in sorted(homes.items()):
        if len(paths) == 1:
            continue
        right = [path for path in paths if _is_home(base, path, subject)]
        for path in [p for p in paths if p != (right or paths)[0]]:
            yield _on_dataset("RecordHasOneFile", subject, path)


def _misplaced(base: Base, path: Path, subject: str) -> Iterator[Result]:
    """Yield a result when a subject is not ours, or belongs in another file."""
    if not subject.startswith(BASE):
        yield Result(rule("SubjectIsOurs"), ox.NamedNode(subject), file=path)
    elif not _is_home(base, path, subject):
        yield _on_dataset("RecordIsInItsFile", subject, path)


def _is_home(base: Base, path: Path, subject: str) -> bool:
    """Tell whether a subject may be described in a file of that name."""
    folder, stem = path.parent.name, path.stem
    if path.parent == base.layout.data:
        return subject == DATASET or (stem == "schemes" and subject.startswith(f"{ID}scheme/"))
    parts = split_record(subject)
    if parts is None:
        return False
    record_type, slug = parts
    if path in base.outside and folder not in FOLDERS:
        # A draft kept elsewhere has no folder yet: only its name can be held to the record.
        return slug == stem or slug.startswith(f"{stem}-")
    if record_type in FOLDERS.get(folder, ()):
        return slug == stem
    near = slug.startswith(f"{stem}-") or folder in _FREE
    return near and record_type in companions(folder)


def _on_dataset(name: str, subject: str, path: Path) -> Result:
    """Return a result in the form that the shape of the same name gives it."""
    return Result(
        shape=rule("Files"),
        focus=ox.NamedNode(DATASET),
        value=ox.NamedNode(subject),
        constraint=rule(name),
        component=_SPARQL,
        file=path,
    )
