"""What memories there are. Outside `pampax.memory`, so that commands can name them without loading SQLite."""

from __future__ import annotations

KINDS = ("fact", "gotcha", "decision", "plan", "rule", "name-alias", "insight", "exemplar")
"""What a memory may be."""

SCOPES = ("repository", "workspace", "global")
"""Where it counts: in this repository (and its worktrees), in all repositories of the folder it lies in, everywhere."""
