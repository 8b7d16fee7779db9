"""Made-up configurations: a value, and one of the many ways in which a person may have written it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = ["/opt/tools dir/pampax", "mcp"]
ENTRY: dict[str, object] = {"command": COMMAND[0], "args": COMMAND[1:]}

texts = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ['"', "\\", "// no", "/* no */", "a\nb", "}"]
)
keys = texts | st.sampled_from(["mcpServers", "servers", "pampaxe", "env", "API_KEY"])
scalars = (
    st.none() | st.booleans() | st.integers(-99, 10**20) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
servers = st.dictionaries(st.sampled_from(["github", "data base", "x"]), st.dictionaries(keys, values, max_size=2))


class Document(NamedTuple):
    """A value and its text."""

    value: dict[str, Any]
    text: str
    commented: bool


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """JSON with comments: objects with or without servers, written in any layout."""
    value = draw(st.dictionaries(keys.filter(lambda key: key != "mcpServers"), values, max_size=3))
    if draw(st.booleans()):
        value["mcpServers"] = draw(servers)
        names = draw(st.permutations(list(value)))
        value = {name: value[name] for name in names}
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    if draw(st.booleans()):
        indent = draw(st.sampled_from([None, 1, 2, 4, "\t"]))
        text = json.dumps(value, indent=indent, ensure_ascii=draw(st.booleans())).replace("\n", line_end)
        return Document(value, text + draw(st.sampled_from(["", line_end])), commented=False)
    blank = [
        "",
        " ",
        "\t",
        line_end,
        f" {line_end}  ",
        "/**/",
        "/* a, } */",
        f'// b " {{{line_end}',
        f" // c{line_end}\t",
    ]

    def gap() -> str:
        return draw(st.sampled_from(blank))

    text = gap() + _written(value, gap, lambda: draw(st.booleans())) + gap()
    return Document(value, text, commented=True)


def _written(value: object, gap: Callable[[], str], choice: Callable[[], bool]) -> str:
    """A value with blanks and comments everywhere, and commas behind the last elements."""
    if isinstance(value, dict):
        parts = [
            f"{gap()}{json.dumps(key)}{gap()}:{gap()}{_written(item, gap, choice)}{gap()}"
            for key, item in value.items()
        ]
        opening, closing = "{}"
    elif isinstance(value, list):
        parts = [f"{gap()}{_written(item, gap, choice)}{gap()}" for item in value]
        opening, closing = "[]"
    else:
        return json.dumps(value)
    trailing = "," + gap() if parts and choice() else ""
    return opening + ",".join(parts) + trailing + (gap() if not parts else "") + closing


TOML_LINES = (
    "# a comment [not.a.table]",
    "",
    "    ",
    'title = "a # b"',
    "count = 1_000 # how many",
    "ratio = 6.02e23",
    "when = 2026-11-27T07:00:00Z",
    "list = [ 1, 2, # two ]\n  3,\n]",
    'text = """\n[mcp_servers.pampax]\ncommand = "no"\n"""',
    "raw = '''it''s [raw] = '''",
    'inline = { a = 1, "b c" = { d = [ "}" ] } }',
    '"quoted key" = true',
    'site."example.com".port = 80',
)
TOML_TABLES = (
    "[mcp_servers.docs]",
    '[mcp_servers."issue tracker"] # tickets',
    "[ mcp_servers . spaced ]",
    "[mcp_servers.docs.env]",
    '[projects."/home/ada/a.b"]',
    "[[hooks]]",
    "[mcp_servers]",
    "[mcp_servers.pampaxe]",
)


@st.composite
def toml_texts(draw: st.DrawFn) -> str:
    """TOML as people write it: keys, tables and comments in any order. Not all of it is valid."""
    lines = draw(st.lists(st.sampled_from(TOML_LINES), max_size=4, unique=True))
    for table in draw(st.lists(st.sampled_from(TOML_TABLES), max_size=4, unique=True)):
        lines += [table, *draw(st.lists(st.sampled_from(TOML_LINES), max_size=3, unique=True))]
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text
