"""Convergence is not cause: a rationale must not claim more than its basis."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox

from kb.namespaces import DRC, VOC
from kb.validation.base import Base
from kb.validation.result import Result, rule

_BASIS = ox.NamedNode(DRC + "influenceBasis")
_CONVERGENCE = ox.NamedNode(VOC + "influence-basis/convergence")
_RATIONALE = ox.NamedNode(DRC + "rationale")
_CAUSE = {
    "en": re.compile(
        r"\b(because of|thanks to|owing to|due to|caused by|as a result of|following the proposal"
        r"|in response to|led to|resulted in|gave rise to|brought about)\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(
        r"(?<!\w)(grâce à|à cause d[eu’]|en raison d[eu’]|du fait d[eu’]|par suite d[eu’]"
        r"|à la suite d[eu’]|en réponse à|suite à la proposition|a conduit à|a entraîné"
        r"|a donné lieu à|résulte d[eu’])",
        re.IGNORECASE,
    ),
}
"""Turns of phrase that claim a cause, by language."""


def find_claimed_causes(base: Base) -> Iterator[Result]:
    """Yield a result for each rationale that words a mere convergence as a cause."""
    for quad in base.store.quads_for_pattern(None, _BASIS, _CONVERGENCE, None):
        if not isinstance(quad.subject, ox.NamedNode):
            continue
        for said in base.store.quads_for_pattern(quad.subject, _RATIONALE, None, None):
            text = said.object
            if not isinstance(text, ox.Literal) or text.language not in _CAUSE:
                continue
            match = _CAUSE[text.language].search(text.value)
            if match:
                yield Result(
                    shape=rule("ConvergenceIsNotCause"),
                    focus=quad.subject,
                    value=text,
                    path=_RATIONALE,
                    values={"words": match.group()},
                )
