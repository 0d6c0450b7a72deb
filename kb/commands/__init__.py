"""The commands of `charterkb`, in the order its help lists them.

Each module says in its docstring what it does and has `add_arguments(parser)` and
`run(options, layout) -> exit status`.
"""

from types import ModuleType

from kb.commands import (
    build,
    diff,
    export,
    fmt,
    import_,
    info,
    publish,
    query,
    questions,
    reload,
    report,
    serve,
    validate,
)

COMMANDS: dict[str, ModuleType] = {
    "validate": validate,
    "fmt": fmt,
    "query": query,
    "questions": questions,
    "serve": serve,
    "reload": reload,
    "import": import_,
    "info": info,
    "report": report,
    "build": build,
    "export": export,
    "publish": publish,
    "diff": diff,
}
