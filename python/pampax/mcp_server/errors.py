"""What goes wrong in a tool, as a type and a sentence that an agent can act on."""

from __future__ import annotations

from pampax import _core


class ToolError(Exception):
    """A tool cannot do what was asked; the text says what happened and what to do."""

    kind = "ToolError"
    """The name of the error in the protocol."""


class BadArgument(ToolError):
    """An argument is missing, unknown, of the wrong type, or out of its range."""

    kind = "InvalidInput"


class RootRefused(ToolError):
    """A folder is not among the roots, or may not be one."""

    kind = "RootRefused"


_HINTS: tuple[tuple[type[BaseException], str], ...] = (
    (_core.BudgetTooSmall, "ask with a larger budget"),
    (_core.NotIndexed, 'call the tool "index" with action "update"'),
    (_core.IndexCorrupt, "run `pampax index --force` in the repository"),
    (_core.NewerFormat, "update pampax"),
)


def described(error: BaseException) -> tuple[str, str]:
    """The type of an error and a sentence about it. Only messages of our own go out: others may hold anything."""
    if isinstance(error, ToolError):
        return error.kind, str(error)
    if isinstance(error, _core.PampaxError):
        hint = next((text for kind, text in _HINTS if isinstance(error, kind)), "")
        return type(error).__name__, f"{error}; {hint}" if hint else str(error)
    if isinstance(error, OSError):
        return "InputOutputError", error.strerror or "the system refused it"
    if isinstance(error, ValueError):  # the configuration of a repository
        return "ConfigurationError", str(error)
    return "InternalError", f"{type(error).__name__}: a defect of pampax; its log on stderr says more"
