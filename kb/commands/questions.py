"""List the competency questions, each with its parameters; `charterkb query cq14 …` answers one."""

from __future__ import annotations

import argparse

from kb.layout import Layout
from kb.query import questions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--lang", choices=("fr", "en"), default="en", help="language")


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Print each question in plain words, and how to ask it."""
    for question in questions():
        print(f"{question.name.split('-', 1)[0]}  {question.summary[options.lang]}")
        for parameter in question.parameters:
            label = parameter.label[options.lang]
            print(f"        {parameter.name}=… ({label}; {parameter.kind}): {parameter.example}")
    return 0
