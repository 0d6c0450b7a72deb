"""What a command line may give, checked while it is read."""

from __future__ import annotations

import argparse
from pathlib import Path


def path(text: str) -> Path:
    """Return a path; ArgumentTypeError for an empty one, such as an unset variable leaves behind.

    Python takes it for the folder one stands in.
    """
    if not text:
        raise argparse.ArgumentTypeError("it is empty — name a file or folder")
    return Path(text)
