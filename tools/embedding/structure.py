"""Finds the comments and the definitions of a file, line by line."""

import re
from dataclasses import dataclass, field

from languages import LANGUAGES, Language

LONGEST_COMMENT = 120
LONGEST_CHUNK = 60
TYPE_WORD = re.compile(
    r"\b(class|interface|struct|trait|object|module|protocol|extension|namespace|impl|enum|record|defmodule|instance)\b"
)
ATTRIBUTE = re.compile(r"\s*(@\w|#\[|\[\w|template\s*<|#!\[)")
DOCSTRING = re.compile(r"\s*[rRuUbB]{0,2}(\"\"\"|''')(.*)$")
# Names that say nothing of what is defined.
KEYWORDS = frozenset(
    {"if", "for", "while", "switch", "catch", "return", "function", "constructor", "else", "do", "new", "with"}
)


@dataclass
class Comment:
    """A comment on lines of its own: `start` up to but not `end`, and its text without the marks."""

    start: int
    end: int
    lines: list[str]


@dataclass
class Definition:
    """A definition: its name, its lines, whether it is a type, and the documentation that belongs to it."""

    name: str
    start: int
    end: int
    is_type: bool
    documentation: list[Comment] = field(default_factory=list)


def indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def comments(lines: list[str], language: Language) -> list[Comment]:
    """All comments that have lines of their own, in order."""
    found = []
    position = 0
    while position < len(lines):
        line = lines[position]
        stripped = line.lstrip()
        if not stripped:
            position += 1
            continue
        block = next((marks for marks in language.block_comments if stripped.startswith(marks[0])), None)
        if block and not stripped.startswith("{-#"):
            end, text = block_comment(lines, position, block)
            found.append(Comment(position, end, text))
            position = end
            continue
        mark = next((mark for mark in language.line_comments if mark.match(line)), None)
        if mark:
            end, text = position, []
            while end < len(lines) and (match := mark.match(lines[end])):
                text.append(match[1].strip())
                end += 1
            found.append(Comment(position, end, text))
            position = end
            continue
        position += 1
    return found


def block_comment(lines: list[str], start: int, marks: tuple[str, str]) -> tuple[int, list[str]]:
    """Where the block comment that begins at a line ends, and its text."""
    opening, closing = marks
    text = []
    end = start
    while end < min(len(lines), start + LONGEST_COMMENT):
        line = lines[end].strip()
        content = line[len(opening) :] if end == start else line
        closed = closing in content
        text.append(content.split(closing)[0].strip().lstrip("*!|").strip())
        end += 1
        if closed:
            break
    return end, text


def docstring(lines: list[str], start: int, end: int) -> Comment | None:
    """The docstring of a Python definition that begins at `start`."""
    position = start
    while position < min(end, start + 12) and not re.search(r":\s*(#.*)?$", lines[position]):
        position += 1
    position += 1
    if position >= end or not (match := DOCSTRING.match(lines[position])):
        return None
    quotes, rest = match[1], match[2]
    if quotes in rest:
        return Comment(position, position + 1, [rest.split(quotes)[0]])
    text, last = [rest], position + 1
    while last < end and quotes not in lines[last]:
        text.append(lines[last].strip())
        last += 1
    return Comment(position, last + 1, text)


def end_of_block(lines: list[str], start: int, language: Language) -> int:
    """The line behind the definition that begins at `start`: it is indented no deeper and closes nothing."""
    base = indentation(lines[start])
    end = start + 1
    last = start + 1
    while end < len(lines) and end < start + 400:
        line = lines[end]
        if line.strip():
            if indentation(line) <= base:
                if not language.closers.match(line):
                    break
                last = end + 1
                if re.match(r"\s*(\}[;,)]*|end|\]\)?;?|\)\s*;)\s*$", line):
                    break
            else:
                last = end + 1
        end += 1
    return last


def definitions(lines: list[str], language_name: str, found_comments: list[Comment]) -> list[Definition]:
    """All definitions of a file with their documentation, in order."""
    language = LANGUAGES[language_name]
    comment_at = {line: comment for comment in found_comments for line in range(comment.start, comment.end)}
    found: list[Definition] = []
    for position, line in enumerate(lines):
        if position in comment_at or len(line) > 250 or len(line) < 6:
            continue
        match = next((match for pattern in language.definitions if (match := pattern.match(line))), None)
        if match is None or match[1] in KEYWORDS:
            continue
        name = match[1].split("::")[-1].split(".")[-1]
        if language_name == "haskell" and found and found[-1].name == name:
            continue
        end = (
            haskell_end(lines, position, name)
            if language_name == "haskell"
            else end_of_block(lines, position, language)
        )
        head = line[: match.start(1)]
        definition = Definition(name, position, end, bool(TYPE_WORD.search(head)))
        above = position - 1
        while above >= 0 and ATTRIBUTE.match(lines[above]) and above not in comment_at:
            above -= 1
        if above in comment_at:
            definition.documentation.append(comment_at[above])
        if language_name == "python" and (inside := docstring(lines, position, end)):
            definition.documentation.append(inside)
        if language_name == "elixir" and definition.is_type:
            inner = comment_at.get(position + 1)
            if inner:
                definition.documentation.append(inner)
        found.append(definition)
    return found


def haskell_end(lines: list[str], start: int, name: str) -> int:
    """The end of a signature and of the equations below it, which stand at the margin like the signature."""
    end = start + 1
    while end < len(lines) and end < start + 200:
        line = lines[end]
        if line.strip() and not line.startswith((" ", "\t", name)):
            break
        end += 1
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return end


def chunk_end(definition: Definition, following: Definition | None) -> int:
    """Where the chunk of a definition ends: a type ends where its first member begins, anything after 60 lines."""
    end = min(definition.end, definition.start + LONGEST_CHUNK)
    if definition.is_type and following and following.start < end:
        first = min((comment.start for comment in following.documentation), default=following.start)
        end = max(definition.start + 1, min(first, following.start))
        # A header alone says little: some of what follows belongs to it.
        end = min(max(end, definition.start + 8), definition.end)
    return end
