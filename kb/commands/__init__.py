"""The commands of `charterkb`, in the order its help lists them.

Each has a module that says in its docstring what it does and has `add_arguments(parser)` and
`run(options, layout) -> exit status`.
"""

from importlib import import_module
from types import ModuleType

COMMANDS = (
    "validate",
    "fmt",
    "query",
    "questions",
    "serve",
    "reload",
    "import",
    "info",
    "report",
    "build",
    "export",
    "publish",
    "diff",
)


def load_command(name: str) -> ModuleType:
    """Return the module of a command; only then is what it needs imported."""
    return import_module(f"kb.commands.{name}_" if name == "import" else f"kb.commands.{name}")
