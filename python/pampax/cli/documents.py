"""JSON documents that are made of lists the engine returns; answers, bundles and reports write themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax._core import SkippedFile
    from pampax.definitions import Definitions
    from pampax.memory import Memory


def symbols_document(found: Definitions) -> dict[str, Any]:
    """Schema `pampax.symbols/1`."""
    rows = [
        {
            "name": hit.name,
            "qualified_name": hit.qualified_name,
            "kind": hit.kind,
            "path": hit.path,
            "line": hit.line,
            "start_line": hit.start_line,
            "end_line": hit.end_line,
            "signature": hit.signature,
            "language": hit.language,
            "exact": hit.exact,
        }
        for hit in found.symbols
    ]
    return {
        "schema": "pampax.symbols/1",
        "symbols": rows,
        "coverage": found.coverage.to_dict() | {"truncated": found.truncated},
        "empty_reason": found.empty_reason,
    }


def skipped_json(files: Sequence[SkippedFile]) -> str:
    """Schema `pampax.skipped/1`."""
    rows = [{"path": file.path, "reason": file.reason, "bytes": file.bytes, "detail": file.detail} for file in files]
    return json_text({"schema": "pampax.skipped/1", "skipped": rows})


def json_text(document: object) -> str:
    """The same value always gives the same text. Names that are no UTF-8 are written with escapes."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return text


def memories_json(memories: Sequence[Memory], left_out: int = 0) -> str:
    """Schema `pampax.memories/1`; `left_out` more were found than are shown."""
    rows = [memory.to_dict() for memory in memories]
    more = {"left_out": left_out} if left_out else {}
    return json_text({"schema": "pampax.memories/1", "memories": rows, **more})
