"""JSON with comments, edited in place: one entry of one object is set or removed, all other bytes stay.

The parser is strict but for what editors allow in their settings: comments, and a comma before a closing bracket. It
keeps where each value stands. An edit is a few splices into the text; what came out is parsed again and compared with
what was to come out, so a text that surprises the editor is refused, not damaged.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pampax.install import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEEPEST = 200
"""Nesting over this is refused: no settings are that deep, and each level is a call."""

_BLANK = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"')
_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SPACES = " \t\r\n"
_BLANK_STARTS = frozenset(" \t\r\n/")


class Node(NamedTuple):
    """A value: where it stands in the text, what it is, and what is in it."""

    start: int
    end: int
    value: Any
    members: tuple[Member, ...] = ()
    items: tuple[Node, ...] = ()


class Member(NamedTuple):
    """A key of an object with its value; `start` is where the key begins."""

    start: int
    key: str
    node: Node


class Splice(NamedTuple):
    """What is to stand in the text instead of what is between `start` and `end`."""

    start: int
    end: int
    text: str


class _Parser:
    """Reads one text from its start to its end."""

    def __init__(self, text: str) -> None:
        self.text = text

    def document(self) -> Node | None:
        """The value of the whole text; None if it holds nothing but blanks and comments."""
        start = self._skip(0)
        if start == len(self.text):
            return None
        node = self._value(start, 0)
        end = self._skip(node.end)
        if end != len(self.text):
            raise self._error(end, "something follows the end of the value")
        return node

    def _value(self, at: int, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._error(at, "it is nested too deeply")
        opening = self.text[at : at + 1]
        if opening == "{":
            return self._object(at, depth)
        if opening == "[":
            return self._array(at, depth)
        found = (_STRING if opening == '"' else _SCALAR).match(self.text, at)
        if found is None:
            raise self._error(at, "a value is expected here")
        return Node(at, found.end(), self._read(found.group(), at))

    def _object(self, at: int, depth: int) -> Node:
        members: list[Member] = []
        position = self._skip(at + 1)
        while self.text[position : position + 1] != "}":
            found = _STRING.match(self.text, position)
            if found is None:
                raise self._error(position, 'a key in quotes or "}" is expected here')
            colon = self._skip(found.end())
            if self.text[colon : colon + 1] != ":":
                raise self._error(colon, '":" is expected here')
            node = self._value(self._skip(colon + 1), depth + 1)
            members.append(Member(position, str(self._read(found.group(), position)), node))
            position = self._next(node.end, "}")
        value = {member.key: member.node.value for member in members}
        return Node(at, position + 1, value, members=tuple(members))

    def _array(self, at: int, depth: int) -> Node:
        items: list[Node] = []
        position = self._skip(at + 1)
        while self.text[position : position + 1] != "]":
            items.append(self._value(position, depth + 1))
            position = self._next(items[-1].end, "]")
        return Node(at, position + 1, [item.value for item in items], items=tuple(items))

    def _next(self, at: int, closing: str) -> int:
        """Where the next element or the closing bracket stands, behind an element that ends at `at`."""
        position = self._skip(at)
        if self.text[position : position + 1] == ",":
            return self._skip(position + 1)
        if self.text[position : position + 1] != closing:
            raise self._error(position, f'"," or "{closing}" is expected here')
        return position

    def _skip(self, at: int) -> int:
        if self.text[at : at + 1] not in _BLANK_STARTS:
            return at
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def _read(self, token: str, at: int) -> object:
        if token[0] == '"' and "\\" not in token:
            return token[1:-1]
        try:
            value: object = json.loads(token)
        except ValueError:
            raise self._error(at, "this value is not valid") from None
        return value

    def _error(self, at: int, reason: str) -> Refused:
        line = self.text.count("\n", 0, at) + 1
        return Refused(f"it is not valid JSON, line {line}: {reason}")


@functools.lru_cache(maxsize=8)
def parse(text: str) -> Node | None:
    """The value of a text with its places; None if the text holds nothing but blanks and comments.

    Remembered, as an edit asks several times and some clients keep megabytes in one file: nobody may change the value.
    """
    return _Parser(text).document()


def value_of(text: str) -> Any:
    """The value of a text without its places; an empty object for a text that holds nothing."""
    node = parse(text)
    return {} if node is None else node.value


def entry_of(value: Any, path: Sequence[str], name: str) -> Any:
    """What stands under `name` in the object at `path`, or None."""
    for key in (*path, name):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def without_entry(value: Any, path: Sequence[str], name: str) -> Any:
    """A copy of a value without the entry, and without the objects on the way to it that are empty then."""
    if not isinstance(value, dict):
        return value
    if not path:
        return {key: item for key, item in value.items() if key != name}
    inner = without_entry(value.get(path[0]), path[1:], name)
    if inner == {}:
        return {key: item for key, item in value.items() if key != path[0]}
    return {**value, path[0]: inner} if path[0] in value else value


def with_entry(value: Any, path: Sequence[str], name: str, entry: object) -> Any:
    """A copy of a value with the entry; refused if something on the way to it is no object."""
    if not isinstance(value, dict):
        raise Refused("its top level is not an object")
    if not path:
        return {**value, name: entry}
    inner = value.get(path[0], {})
    if not isinstance(inner, dict):
        raise Refused(f'"{path[0]}" in it is not an object')
    return {**value, path[0]: with_entry(inner, path[1:], name, entry)}


def set_entry(
    text: str, path: Sequence[str], name: str, entry: Mapping[str, object], defaults: Mapping[str, object]
) -> str:
    """The text with `entry` under `name` in the object at `path`; keys of an older entry that `entry` lacks stay.

    `defaults` are further keys of a new entry: an older one keeps its own, such as `"enabled": false`.
    """
    before = value_of(text)
    old = entry_of(before, path, name)
    new: dict[str, object] = {**entry, **defaults} if old is None else {**old, **entry} if isinstance(old, dict) else {}
    if not new:
        raise Refused(f'"{".".join((*path, name))}" in it is not an object')
    wanted = with_entry(before, path, name, new)
    # One splice at a time, each into a text that is parsed anew: places would shift under the others otherwise.
    if old is None:
        text = _set(text, (*path, name), new)
    else:
        for key, value in entry.items():
            if old.get(key) != value:
                text = _set(text, (*path, name, key), value)
    return _checked(text, wanted)


def remove_entry(text: str, path: Sequence[str], name: str) -> str:
    """The text without the entry, nor the comma and the line that were there for its sake only."""
    node = parse(text)
    if node is None or entry_of(node.value, path, name) is None:
        return text
    left = {key: item for key, item in entry_of(node.value, path[:-1], path[-1]).items() if key != name}
    wanted = with_entry(node.value, path[:-1], path[-1], left)
    for key in path:
        node = _only(node, key).node
    text = _apply(text, _removal(text, node, _only(node, name)))
    emptied = parse(text)
    for key in path:
        if emptied is not None:
            emptied = _only(emptied, key).node
    if emptied is not None and not emptied.members and not text[emptied.start + 1 : emptied.end - 1].strip(_SPACES):
        text = text[: emptied.start] + "{}" + text[emptied.end :]
    return _checked(text, wanted)


def _checked(text: str, wanted: object) -> str:
    """The text, if its value is the wanted one, key by key in the same order."""
    if json.dumps(value_of(text)) != json.dumps(wanted):
        raise Refused("it is written in a way that cannot be edited safely: add the server by hand")
    return text


def _only(node: Node, key: str) -> Member:
    """The member with that key, of which there may be only one."""
    found = [member for member in node.members if member.key == key]
    if len(found) != 1:
        raise Refused(f'"{key}" stands in it {len(found)} times')
    return found[0]


def _set(text: str, path: Sequence[str], value: object) -> str:
    """The text with a value at `path`: what is there is replaced, else the objects that lack are made."""
    node = parse(text)
    style = _Style(text)
    if node is None:
        return _append_document(text, _nested(path, value), style)
    for depth, key in enumerate(path):
        if not any(member.key == key for member in node.members):
            return _apply(text, _insertion(text, node, key, _nested(path[depth + 1 :], value), style))
        node = _only(node, key).node
    return _apply(text, [Splice(node.start, node.end, style.render(value, _indentation(text, node.start)))])


def _append_document(text: str, value: object, style: _Style) -> str:
    gap = "" if not text or text.endswith("\n") else style.line_end
    return text + gap + style.render(value, "") + style.line_end


def _nested(path: Sequence[str], value: object) -> object:
    for key in reversed(path):
        value = {key: value}
    return value


class _Style:
    """How the text is laid out, so that what is added looks like the rest of it."""

    def __init__(self, text: str) -> None:
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        node = parse(text)
        # A text on one line stays on one line; a new one, or an empty object, gets several.
        self.lines = node is None or "\n" in text[node.start : node.end] or not node.value
        self.colon, self.comma = (":", ",") if not self.lines and '":' in text and '": ' not in text else (": ", ", ")
        first = node.members[0].start if node is not None and node.members else 0
        self.unit = (_leading(text, first) or "  ") if node is not None and first else "  "

    def render(self, value: object, indent: str) -> str:
        """A value as text; `indent` is that of the line it begins on."""
        if not isinstance(value, dict) or not value or not self.lines:
            return json.dumps(value, ensure_ascii=False, separators=(self.comma, self.colon))
        inner = indent + self.unit
        members = [f"{inner}{self.member(key, item, inner)}" for key, item in value.items()]
        return "{" + self.line_end + f",{self.line_end}".join(members) + self.line_end + indent + "}"

    def member(self, key: str, value: object, indent: str) -> str:
        """A key and its value, without what stands around them."""
        return json.dumps(key, ensure_ascii=False) + self.colon + self.render(value, indent)


def _insertion(text: str, node: Node, key: str, value: object, style: _Style) -> list[Splice]:
    """The splices that add a member at the end of an object."""
    close = node.end - 1
    content_end = node.start + 1 + len(text[node.start + 1 : close].rstrip(_SPACES))
    last = node.members[-1].node.end if node.members else None
    trailing = last is not None and _comma(text, last) is not None
    if node.members and "\n" not in text[node.start : close]:
        return _insertion_on_line(text, node, key, value, style)
    splices = [Splice(last, last, ",")] if last is not None and not trailing else []
    if not style.lines:
        return [*splices, Splice(content_end, content_end, style.member(key, value, ""))]
    base = _indentation(text, node.start)
    indent = (_leading(text, node.members[-1].start) if node.members else "") or base + style.unit
    added = style.line_end + indent + style.member(key, value, indent) + ("," if trailing else "")
    # A closing bracket that does not stand on a line of its own gets one.
    if "\n" in text[content_end:close]:
        return [*splices, Splice(content_end, content_end, added)]
    return [*splices, Splice(content_end, close, added + style.line_end + base)]


def _insertion_on_line(text: str, node: Node, key: str, value: object, style: _Style) -> list[Splice]:
    """The same for an object that has members and stands on one line."""
    flat = copy.copy(style)
    flat.lines = False
    last = node.members[-1].node.end
    comma = _comma(text, last)
    member = flat.member(key, value, "")
    if comma is None:
        return [Splice(last, last, flat.comma + member)]
    return [Splice(comma + 1, comma + 1, flat.comma[1:] + member + ",")]


def _removal(text: str, node: Node, member: Member) -> list[Splice]:
    """The splices that take a member out of an object."""
    comma = _comma(text, member.node.end)
    start, end = member.start, member.node.end if comma is None else comma + 1
    index = node.members.index(member)
    splices: list[Splice] = []
    if comma is None and index:  # the comma before the last member goes, if that one had none
        before = _comma(text, node.members[index - 1].node.end)
        if before is not None:
            splices.append(Splice(before, before + 1, ""))
    line_start = _back_over_blanks(text, start)
    after = _over_blanks(text, end)
    alone = text[:line_start].endswith("\n")
    if alone and text.startswith(("\n", "\r\n"), after):
        return [*splices, Splice(line_start, after + (1 if text[after] == "\n" else 2), "")]
    if alone or (comma is not None and text[after] not in "}\r\n"):
        return [*splices, Splice(start, after, "")]
    return [*splices, Splice(max(line_start, splices[0].end if splices else 0), end, "")]


def _over_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at


def _back_over_blanks(text: str, at: int) -> int:
    while at and text[at - 1] in " \t":
        at -= 1
    return at


def _comma(text: str, at: int) -> int | None:
    """Where the comma behind a value that ends at `at` stands, if there is one."""
    found = _BLANK.match(text, at)
    position = found.end() if found else at
    return position if text[position : position + 1] == "," else None


def _indentation(text: str, at: int) -> str:
    """The blanks that the line around `at` begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _leading(text: str, at: int) -> str:
    """The blanks before `at`, if nothing else stands before it on its line; else nothing."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return "" if line.strip(" \t") else line


def _apply(text: str, splices: Sequence[Splice]) -> str:
    """The text with all splices, which do not overlap, made."""
    parts, position = [], 0
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        parts += [text[position : splice.start], splice.text]
        position = splice.end
    return "".join([*parts, text[position:]])
