"""How strangers are told that the engine is at fault: what to do, never where it stands."""

from __future__ import annotations

import re

from kb.errors import EngineError
from kb.remote_faults import EngineAway, EngineBusy, EngineLogin, EngineTimeout
from server.refusal import Refusal

_ADDRESS = re.compile(r"https?://\S+")
_SOON = 2


def refusal_of_fault(error: EngineError, seconds: float) -> Refusal:
    """Return the refusal of a query whose engine failed; `seconds` is the time it may take."""
    if isinstance(error, EngineTimeout):
        return Refusal("time-limit", seconds=f"{seconds:g}")
    if isinstance(error, EngineBusy):
        headers = {"Retry-After": str(_SOON)}
        return Refusal("engine-busy", headers=headers, retry_after=_SOON)
    if isinstance(error, EngineAway | EngineLogin):
        return Refusal("engine-away")
    return Refusal("engine-failed", message=_ADDRESS.sub("…", str(error)))
