"""What agents and people have learnt about a repository, kept beside its index.

    import pampax
    from pampax import memory

    repository = pampax.open(".")
    with memory.open_memory(repository) as notes:
        notes.remember("Totals are in cents", kind="fact", evidence=["shop/invoice.py:4-6"])
        for found in notes.recall("how are amounts stored"):
            print(found.memory.text, found.memory.state)

A memory has a kind, a scope, a weight, perhaps an end, and evidence: lines of files, whose hash is kept, so that it
shows when they change. Secrets are masked before anything is written.

It lies in SQLite and not in the store's own files, because it is not the index: small, changed one row at a time by
several processes at once, and not to be made anew from anything.
"""

from pampax.masking import mask_secrets
from pampax.memory.evidence import Evidence
from pampax.memory.memories import (
    Memory,
    MemoryRefused,
    MemoryStore,
    Recalled,
    Remembered,
    Section,
    open_memory,
)
from pampax.memory_kinds import KINDS, SCOPES

__all__ = [
    "KINDS",
    "SCOPES",
    "Evidence",
    "Memory",
    "MemoryRefused",
    "MemoryStore",
    "Recalled",
    "Remembered",
    "Section",
    "mask_secrets",
    "open_memory",
]
