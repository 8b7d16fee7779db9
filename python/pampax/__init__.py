"""The right code out of a very large repository: ranked answers, and bundles that fit a token budget.

    import pampax

    repository = pampax.open(".")
    repository.index()
    for hit in repository.search("where are sessions signed").hits:
        print(hit.path, hit.start_line, hit.symbol)

The work is done in the compiled module `pampax._core`; this file only gives its names. The primitives take and give
NumPy arrays, and NumPy is imported when the first of them is called.
"""

from pampax._core import (
    Answer,
    BadPath,
    BudgetTooSmall,
    Bundle,
    Coverage,
    Dropped,
    Graph,
    GraphAnswer,
    GraphEdge,
    GraphNode,
    GrepAnswer,
    Hit,
    IndexCorrupt,
    IndexReport,
    InputOutputError,
    InternalError,
    InvalidInput,
    Item,
    NewerFormat,
    NotIndexed,
    Outline,
    OutlineSymbol,
    PampaxError,
    Progress,
    RemoteError,
    Repository,
    RepositoryMap,
    SkippedFile,
    Status,
    StoreError,
    StoreLocked,
    SymbolHit,
    __version__,
    build_profile,
    count_tokens,
    fuse,
    open,  # noqa: A004 - `pampax.open` is the name; nobody imports it alone
    pack,
    tokenize,
)

__all__ = [
    "Answer",
    "BadPath",
    "BudgetTooSmall",
    "Bundle",
    "Coverage",
    "Dropped",
    "Graph",
    "GraphAnswer",
    "GraphEdge",
    "GraphNode",
    "GrepAnswer",
    "Hit",
    "IndexCorrupt",
    "IndexReport",
    "InputOutputError",
    "InternalError",
    "InvalidInput",
    "Item",
    "NewerFormat",
    "NotIndexed",
    "Outline",
    "OutlineSymbol",
    "PampaxError",
    "Progress",
    "RemoteError",
    "Repository",
    "RepositoryMap",
    "SkippedFile",
    "Status",
    "StoreError",
    "StoreLocked",
    "SymbolHit",
    "__version__",
    "build_profile",
    "count_tokens",
    "fuse",
    "open",
    "pack",
    "tokenize",
]
