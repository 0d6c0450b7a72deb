"""The log on standard error: one JSON object a line, whichever process or library speaks."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from functools import lru_cache
from types import TracebackType


def log(event: str, **told: str | int | float) -> None:
    """Log an event at once."""
    line = json.dumps({"time": log_time(), "event": event, **told}, ensure_ascii=False)
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def log_time() -> str:
    """Return the time in UTC, to the millisecond."""
    seconds, fraction = divmod(time.time_ns(), 1_000_000_000)
    return f"{_second(seconds)}.{fraction // 1_000_000:03}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    """Return a time to the second; thousands of lines may bear the same."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def log_as_json() -> None:
    """Have this process log what libraries, warnings and uncaught exceptions say the same way."""
    logging.basicConfig(handlers=[_Handler()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_exception


class _Handler(logging.Handler):
    """Turns what is logged through `logging` into events."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record, with the exception it came with."""
        told = {"level": record.levelname.lower(), "logger": record.name}
        if record.exc_info and record.exc_info[0]:
            told["exception"] = "".join(traceback.format_exception(*record.exc_info))
        log("message", message=record.getMessage(), **told)


def _log_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log what ended this process."""
    said = "".join(traceback.format_exception(kind, error, trace))
    log("crash", message=str(error), exception=said)
