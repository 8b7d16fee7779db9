"""Turns comments into sentences a person might ask with, and refuses the comments that are none."""

import re
from dataclasses import dataclass

LONGEST_QUERY_WORDS = 32

# Where the prose of a comment ends: tags, sections of parameters, examples.
SECTION = re.compile(
    r"^\s*(@\w+|[:\\]\w+[^:]*:?|args:|arguments:|parameters?:?$|params?:|returns?:|raises:|throws:|yields:|examples?:?|"
    r"usage:|notes?:$|see also|```|>>>|~~~|-{3,}|={3,}|#+ |\.\. |<pre|<ul|<li|\* @|since:?|\$\s|[-*] )",
    re.IGNORECASE,
)
NOT_PROSE = re.compile(
    r"TODO|FIXME|XXX|HACK|eslint|noqa|pylint|istanbul|@ts-|NOLINT|#region|pragma|clang-format|prettier|coverage:|"
    r"type: ?ignore|rubocop|shellcheck|https?://|^see\b|^@|mypy|inheritdoc|vim:|-\*-|copyright|licen[sc]e|"
    r"permission is hereby|redistribut|warrant|phpcs|swiftlint|ktlint|detekt|resharper|credo:",
    re.IGNORECASE,
)
CODE = re.compile(
    r"[;{}=,(]\s*$|==|\w\(\w*\)[;.]|:=|=>|->|\breturn \w+;|^\s*(if|for|while|var|let|const|int|import|def|end|else|"
    r"public|private|func|fn|case)\b.*[({;:]$|^\s*[a-z_.]+\(.*\)$|\|\||&&"
)
MARKUP = (
    (re.compile(r"\{@\w+\s+([^}]*)\}"), r"\1"),
    (re.compile(r":[\w:]+:`~?([^`<]*)[^`]*`"), r"\1"),
    (re.compile(r"</?[a-zA-Z][^>]{0,60}>"), " "),
    (re.compile(r"!?\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"[`*']{2,}|[`|]|\\[a-z]\b"), " "),
    (re.compile(r"\s+"), " "),
)
SENTENCE = re.compile(r"(.{12,}?[a-z)'\"0-9])[.!?:](?:\s|$)")
LETTERS = re.compile(r"[A-Za-z][A-Za-z'-]*")


@dataclass(frozen=True)
class Prose:
    """The first sentence of a comment and all of its first paragraph."""

    first: str
    full: str


def prose(lines: list[str], fewest_words: int = 3) -> Prose | None:
    """The prose of a comment whose marks are stripped, or nothing if it has none."""
    paragraph: list[str] = []
    for line in lines:
        if SECTION.match(line) or not line.strip():
            if paragraph:
                break
            continue
        paragraph.append(line.strip())
    text = " ".join(paragraph)
    for pattern, replacement in MARKUP:
        text = pattern.sub(replacement, text)
    text = text.strip(" -*=#/|!<_.")
    sentence = SENTENCE.match(text)
    first = sentence[1] if sentence else text
    return Prose(shorten(first), shorten(text)) if is_prose(first, fewest_words) else None


def is_prose(text: str, fewest_words: int = 3) -> bool:
    """Whether a text is a sentence of English rather than code, a rule or an instruction to a tool."""
    if not 8 < len(text) < 400 or NOT_PROSE.search(text) or CODE.search(text):
        return False
    letters = sum(character.isalpha() or character == " " for character in text)
    return len(LETTERS.findall(text)) >= fewest_words and letters > 0.78 * len(text) and text.isascii()


def shorten(text: str) -> str:
    return " ".join(text.split()[:LONGEST_QUERY_WORDS])
