"""The whole validation: reads everything, asks every step, tells every problem at once."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from kb.dataset import describe
from kb.derive import derive
from kb.embedded import EmbeddedEngine
from kb.layout import TEXTS_GRAPH, Layout
from kb.query import find_query
from kb.store import skolemise
from kb.validation.base import Base, open_base
from kb.validation.canonical import find_untidy_files
from kb.validation.causes import find_claimed_causes
from kb.validation.characters import find_unseen_signs
from kb.validation.checks import find_failed_checks
from kb.validation.digests import find_wrong_texts
from kb.validation.explain import Explainer
from kb.validation.external import find_unaligned
from kb.validation.placement import find_misplaced
from kb.validation.places import Places
from kb.validation.quotations import find_doubtful_quotations
from kb.validation.report import Report
from kb.validation.result import Finding, Result
from kb.validation.scope import scope_of
from kb.validation.shacl import find_shacl_results

Step = Callable[[Base], Iterable[Result]]

STEPS: dict[str, Step] = {
    "canonical form": find_untidy_files,
    "placement": find_misplaced,
    "texts": find_wrong_texts,
    "quotations": find_doubtful_quotations,
    "causes": find_claimed_causes,
    "external links": find_unaligned,
    "characters": find_unseen_signs,
    "SHACL": find_shacl_results,
    "SPARQL checks": find_failed_checks,
}
"""Every step by name, in order: where two say the same thing, the first one knows the place."""
_NEED_ONTOLOGY = ("SHACL", "SPARQL checks")


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Have the garbage collector look less often: what is read lives until the end anyway."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Clock:
    """Adds up seconds by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Count the time until the block ends under a name."""
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


@_collecting_seldom()
def validate(layout: Layout, *, only: Sequence[Path] = ()) -> Report:
    """Return every problem of a base; CannotValidate when the check itself fails.

    With `only`, those in the given files or folders, judged in the context of the whole base; a
    file from outside is judged as if it belonged to it. The report then has no digest: it would be
    that of the whole base, which was not checked.
    """
    clock = Clock()
    wanted = [path.resolve() for path in only]
    with clock("read"):
        base = open_base(_resolved(layout), _outside(_resolved(layout), wanted))
        places = Places(base)
        files = frozenset(_files(base, wanted))
        if wanted:
            base = replace(base, scope=scope_of(base, places, files))
    results = find_results(base, places, clock)
    with clock("wording"):
        findings = _findings(base, places, results, files if wanted else None)
    with clock("digest"):
        version, digest = (_version(base), "") if wanted else _identity(base)
    return Report(
        problems=tuple(sorted(findings, key=_order)),
        version=version,
        digest=digest,
        files=tuple(sorted({places.display(path) for path in files})),
        left_out=tuple(sorted(places.display(path) for path in base.unread)),
        skipped=() if base.complete else _NEED_ONTOLOGY,
        timings=clock.seconds,
    )


def find_results(base: Base, places: Places, clock: Clock | None = None) -> list[Result]:
    """Return what every step finds, once each, without what only an unread file makes wrong.

    With a scope at least what is told of its files.
    """
    clock = clock or Clock()
    found: dict[tuple[str, ...], Result] = {}
    told: set[tuple[str, ...]] = set()
    for name, step in STEPS.items():
        if name in _NEED_ONTOLOGY and not base.complete:
            continue
        with clock(name):
            for result in step(base):
                said = _said(result)
                # A shape that knows no file says nothing new of what was told with its file.
                if result.file is None and said in told:
                    continue
                if not _hangs_on_unread_file(base, places, result):
                    told.add(said)
                    found.setdefault((*said, str(result.file)), result)
    return list(found.values())


def _said(result: Result) -> tuple[str, ...]:
    """Return what makes two results the same to a reader, whichever step found them."""
    return tuple(str(t) for t in (result.rule, result.focus, result.value, result.path))


def _findings(
    base: Base, places: Places, results: Iterable[Result], files: Collection[Path] | None
) -> set[Finding]:
    """Return the problems that results and unread files make, worded; only those in some files."""
    explainer = Explainer(base, places)
    problems = base.problems
    if files is not None:
        results = [result for result in results if explainer.file(result) in files]
        problems = tuple(problem for problem in problems if Path(problem.file) in files)
    findings = {explainer.finding(result) for result in results}
    return findings | {explainer.read_problem(problem) for problem in problems}


def _hangs_on_unread_file(base: Base, places: Places, result: Result) -> bool:
    """Tell whether a result is about something that an unread file would describe."""
    if not base.unread:
        return False
    targets = [result.value]
    if isinstance(result.value, ox.NamedNode) and isinstance(result.path, ox.NamedNode):
        quads = base.store.quads_for_pattern(result.value, result.path, None, None)
        targets += [q.object for q in quads if isinstance(q.object, ox.NamedNode)]
    return any(places.is_left_out(target) for target in targets)


def _identity(base: Base) -> tuple[str, str]:
    """Return version and digest of the base as it would be published: derived, without texts."""
    store = ox.Store()
    store.bulk_extend(q for q in base.all_quads() if q.graph_name != ox.NamedNode(TEXTS_GRAPH))
    skolemise(store)
    derive(store, base.layout)
    info = describe(EmbeddedEngine(store))
    return info.version, info.digest


def _version(base: Base) -> str:
    """Return the version that a base states."""
    about = EmbeddedEngine(base.store).select(find_query("dataset/version"))
    return about[0]["version"].value if about else "0"


def _order(finding: Finding) -> tuple[str, int, str, str, str, str]:
    """Return the order of problems in a report."""
    return (*finding.sort_key(), finding.path)


def _resolved(layout: Layout) -> Layout:
    """Return a layout with absolute folders, so that files compare."""
    return replace(layout, data=layout.data.resolve(), ontology=layout.ontology.resolve())


def _outside(layout: Layout, wanted: Sequence[Path]) -> list[Path]:
    """Return the Turtle files asked for that do not belong to the base, sorted."""
    files: set[Path] = set()
    for path in wanted:
        if not any(path.is_relative_to(root) for root in (layout.data, layout.ontology)):
            is_above = any(r.is_relative_to(path) for r in (layout.data, layout.ontology))
            if not is_above:
                files |= set(path.rglob("*.ttl")) if path.is_dir() else {path}
    return sorted(files)


def _files(base: Base, wanted: Sequence[Path]) -> list[Path]:
    """Return the files checked, or those of them that were asked for."""
    every = [*base.quads, *base.shapes.quads, *base.unread]
    if not wanted:
        return every
    return [path for path in every if any(path.is_relative_to(w) for w in wanted)]
