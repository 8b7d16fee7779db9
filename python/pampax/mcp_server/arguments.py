"""The parameters of tools: one table gives both the schema that clients see and the check of what they send.

Schemas are kept small, because every client pays for them in every conversation. So bounds are not in the schema but
only checked, as are unknown names, and the message of the error says what is accepted.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, NamedTuple

from pampax.mcp_server.errors import BadArgument

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 100_000
"""Characters of a text; a task may be a pasted issue or a long trace."""
LONGEST_NAME = 4_096
"""Characters of a path, a name, or an entry of a list."""
MOST_ENTRIES = 200
"""Entries of a list."""


class Parameter(NamedTuple):
    """One parameter of a tool."""

    kind: str
    """text (long), string, integer, number, boolean, or strings."""
    description: str = ""
    """What the client's model reads about it; empty where the name says it."""
    required: bool = False
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 0

    @property
    def schema(self) -> dict[str, Any]:
        """Its JSON schema."""
        kind = {"text": "string", "strings": "array"}.get(self.kind, self.kind)
        schema: dict[str, Any] = {"type": kind}
        if self.kind == "strings":
            schema["items"] = {"type": "string"}
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.description:
            schema["description"] = self.description
        return schema


def schema_of(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """The JSON schema of a tool's arguments."""
    required = [name for name, parameter in parameters.items() if parameter.required]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: parameter.schema for name, parameter in parameters.items()},
    }
    return schema | {"required": required} if required else schema


def checked(parameters: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, known to be what the table says; raises `BadArgument`. Null counts as not given."""
    for name in given:
        if name not in parameters:
            close = difflib.get_close_matches(name[:100], parameters, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(parameters)}"
            raise BadArgument(f'unknown argument "{name[:100]}": {hint}')
    arguments = {name: _value(name, parameters[name], value) for name, value in given.items() if value is not None}
    for name, parameter in parameters.items():
        if parameter.required and name not in arguments:
            raise BadArgument(f'the argument "{name}" is missing')
    return arguments


def _value(name: str, parameter: Parameter, value: Any) -> Any:
    if parameter.kind == "boolean":
        if not isinstance(value, bool):
            raise BadArgument(f"{name} is to be true or false")
        return value
    if parameter.kind in ("integer", "number"):
        return _number(name, parameter, value)
    if parameter.kind == "strings":
        if not isinstance(value, list) or len(value) > MOST_ENTRIES:
            raise BadArgument(f"{name} is to be a list of at most {MOST_ENTRIES} strings")
        return [_text(f"each of {name}", entry, LONGEST_NAME) for entry in value]
    text = _text(name, value, LONGEST_TEXT if parameter.kind == "text" else LONGEST_NAME)
    if parameter.choices and text not in parameter.choices:
        raise BadArgument(f"{name} is to be one of {', '.join(parameter.choices)}")
    if parameter.required and not text.strip():
        raise BadArgument(f"{name} is empty")
    return text


def _number(name: str, parameter: Parameter, value: Any) -> int | float:
    whole = parameter.kind == "integer"
    # JSON has one kind of numbers: 5.0 is as whole as 5.
    if whole and isinstance(value, float) and value.is_integer():
        value = int(value)
    right_type = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not right_type or not parameter.least <= value <= parameter.most:
        what = "a whole number" if whole else "a number"
        raise BadArgument(f"{name} is to be {what} from {parameter.least:g} to {parameter.most:.10g}")
    return value  # type: ignore[no-any-return]


def _text(name: str, value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise BadArgument(f"{name} is to be a string")
    if len(value) > longest:
        raise BadArgument(f"{name} is longer than {longest} characters")
    # Halves of surrogate pairs can stand in JSON, but in no file and no question.
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
