"""Validation: the checks on the knowledge, all problems at once, each with its place and remedy.

>>> from kb import shipped_layout
>>> from kb.validation import validate
>>> layout = shipped_layout()
>>> validate(layout, only=[layout.data / "themes"]).conforms
True
"""

from kb.validation.failure import CannotValidate
from kb.validation.render import FORMATS, render
from kb.validation.report import Report
from kb.validation.run import validate

__all__ = ["FORMATS", "CannotValidate", "Report", "render", "validate"]
