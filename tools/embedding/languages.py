"""What the miner knows of each language: its files, its comments, and how a definition begins.

Definitions are found line by line with regular expressions and end where the indentation does. That is wrong for badly
indented files and right for nearly all others, and several times faster than parsing hundreds of megabytes.
"""

import re
from dataclasses import dataclass, field

EXTENSIONS = {
    ".py": "python", ".js": "javascript", ".mjs": "javascript", ".jsx": "javascript", ".cjs": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".go": "go", ".java": "java", ".kt": "kotlin",
    ".kts": "kotlin", ".rs": "rust", ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hpp": "cpp",
    ".hh": "cpp", ".cs": "csharp", ".rb": "ruby", ".rake": "ruby", ".php": "php", ".scala": "scala", ".swift": "swift",
    ".lua": "lua", ".hs": "haskell", ".ex": "elixir", ".exs": "elixir", ".sh": "bash", ".bash": "bash", ".zsh": "bash",
    ".bats": "bash", ".zig": "zig", ".dart": "dart", ".ml": "ocaml", ".md": "markdown", ".rst": "markdown",
}  # fmt: skip

SLASHES = re.compile(r"\s*///?!?(.*)$")
HASHES = re.compile(r"\s*#+(?!!|\[)(.*)$")
DASHES = re.compile(r"\s*--+(?:\s*[|^])?(.*)$")
SLASH_STAR = ("/*", "*/")


@dataclass(frozen=True)
class Language:
    """How comments and definitions of a language are recognised.

    `definitions` have one group, the name. `closers` begin a line that still belongs to the block above it although it
    is indented no deeper.
    """

    definitions: tuple[re.Pattern[str], ...]
    line_comments: tuple[re.Pattern[str], ...] = (SLASHES,)
    block_comments: tuple[tuple[str, str], ...] = (SLASH_STAR,)
    closers: re.Pattern[str] = field(default=re.compile(r"\s*(?:[})\]{]|else\b|catch\b|finally\b|where\b)"))


def patterns(*expressions: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(expression) for expression in expressions)


MODIFIERS = (
    r"(?:(?:export|default|public|private|protected|internal|fileprivate|static|async|final|override|abstract|open|"
    r"suspend|inline|pub(?:\([a-z: ]+\))?|unsafe|virtual|const|extern|local|sealed|partial|data|case|implicit|lazy|"
    r"mutating|synchronized|native|operator|infix|tailrec|noinline|declare|readonly|value|inner|annotation|indirect|"
    r"required|convenience|given|transparent|opaque|nonisolated|comptime|factory|external|@\w+(?:\([^)]*\))?)\s+)*"
)
TYPES = (
    rf"^\s*{MODIFIERS}(?:class|interface|struct|enum(?:\s+class)?|record|trait|object|protocol|extension|namespace|"
    r"mixin)\s+([A-Za-z_]\w*)"
)
# A return type, a name, parameters; not a statement, not a declaration without a body.
NOT_STATEMENTS = (
    r"(?!\s*(?:return|if|else|for|while|switch|new|throw|case|do|using|delete|await|yield|assert|goto|typedef|import|"
    r"package)\b)"
)
METHOD = rf"^{NOT_STATEMENTS}\s*{MODIFIERS}(?:<[^>]+>\s*)?[A-Za-z_][\w.<>\[\],?&*: ]*[\s*&]([A-Za-z_]\w*)\s*\([^;]*$"
CONSTRUCTOR = r"^\s*(?:public|private|protected|internal)\s+([A-Z]\w*)\s*\([^;]*$"
ROOT_FUNCTION = rf"^(?:{NOT_STATEMENTS}[A-Za-z_][\w<>:,*&\[\] ]*[\s*&])?([A-Za-z_~][\w:~]{{2,}})\s*\([^;]*$"
ENDS = re.compile(r"\s*(?:end\b|else\b|elsif\b|rescue\b|ensure\b|when\b|in\b|until\b|elseif\b|[})\]])")
NOTHING = re.compile(r"(?!)")

SCRIPT = Language(
    patterns(
        rf"^\s*{MODIFIERS}(?:function\*?|class|interface|enum|type|namespace|module)\s+([A-Za-z_$][\w$]*)",
        # A constant or variable whose value is a function.
        r"^\s*(?:export\s+)?(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=\s*(?:async\s*)?"
        r"(?:function\b|\(.*(?:=>|,|\($)|\w+\s*=>|\($)",
        r"^\s*(?:[\w$]+\.)*([A-Za-z_$][\w$]*)\s*[:=]\s*(?:async\s+)?function\b",
        # A method.
        r"^\s+(?!if\b|for\b|while\b|switch\b|catch\b|return\b|function\b|with\b)"
        r"(?:(?:public|private|protected|static|async|get|set|override|readonly)\s+)*\*?([A-Za-z_$#][\w$]*)\s*"
        r"(?:<[^>]*>)?\([^;]*\{\s*$",
    )
)
LANGUAGES = {
    "python": Language(
        patterns(r"^\s*(?:async\s+)?(?:def|class)\s+(\w+)"),
        line_comments=(HASHES,),
        block_comments=(),
        closers=re.compile(r"\s*(?:[})\]]|else\b|except\b|finally\b)"),
    ),
    "javascript": SCRIPT,
    "typescript": SCRIPT,
    "go": Language(patterns(r"^func\s+(?:\([^)]*\)\s*)?(\w+)", r"^type\s+(\w+)\s")),
    "java": Language(patterns(TYPES, METHOD, CONSTRUCTOR)),
    "csharp": Language(patterns(TYPES, METHOD, CONSTRUCTOR)),
    "dart": Language(patterns(TYPES, METHOD)),
    "kotlin": Language(patterns(TYPES, rf"^\s*{MODIFIERS}fun\s+(?:<[^>]+>\s*)?(?:[\w<>?, *]+\.)?(\w+)")),
    "scala": Language(patterns(TYPES, rf"^\s*{MODIFIERS}(?:def|val|type)\s+([A-Za-z]\w{{3,}})")),
    "swift": Language(patterns(TYPES, rf"^\s*{MODIFIERS}func\s+(\w+)", r"^\s*(?:\w+\s+)*(init)\??[(<]")),
    "rust": Language(
        patterns(
            rf"^\s*{MODIFIERS}(?:extern\s+\"[^\"]*\"\s+)?(?:fn|struct|enum|trait|union)\s+(\w+)",
            r"^\s*macro_rules!\s+(\w+)",
            r"^\s*(?:unsafe\s+)?impl\b(?:<.*?>)?\s+(?:.*\bfor\s+)?&?(?:\w+::)*(\w+)",
        )
    ),
    "zig": Language(
        patterns(
            rf"^\s*{MODIFIERS}fn\s+(\w+)",
            r"^\s*(?:pub\s+)?const\s+(\w+)\s*=\s*(?:packed\s+|extern\s+)?(?:struct|enum|union)\b",
        )
    ),
    "c": Language(
        patterns(ROOT_FUNCTION, r"^(?:typedef\s+)?(?:struct|enum|union)\s+(\w+)\s*\{?\s*$", r"^#\s*define\s+(\w+)\(")
    ),
    "cpp": Language(patterns(TYPES + r"[^;]*$", ROOT_FUNCTION, METHOD)),
    "php": Language(patterns(TYPES, rf"^\s*{MODIFIERS}function\s+&?(\w+)"), line_comments=(SLASHES, HASHES)),
    "ruby": Language(
        patterns(r"^\s*(?:def|class|module)\s+(?:self\.)?([A-Za-z_]\w*[?!]?)"),
        line_comments=(HASHES,),
        block_comments=(("=begin", "=end"),),
        closers=ENDS,
    ),
    "elixir": Language(
        patterns(r"^\s*(?:defp?|defmacrop?|defmodule|defprotocol)\s+([\w.]+[?!]?)"),
        line_comments=(HASHES,),
        block_comments=(('@doc """', '"""'), ('@moduledoc """', '"""')),
        closers=ENDS,
    ),
    "lua": Language(
        patterns(
            r"^\s*(?:local\s+)?function\s+(?:\w+[.:])*(\w+)",
            r"^\s*(?:local\s+)?(?:\w+[.:])*(\w+)\s*=\s*function\b",
        ),
        line_comments=(DASHES,),
        block_comments=(("--[[", "]]"),),
        closers=ENDS,
    ),
    "haskell": Language(
        patterns(
            r"^([a-z_][\w']*)\s*(?:::|$)",
            r"^(?:data|newtype|class|type)\s+(?:.*=>\s*)?(?:family\s+|instance\s+)?([A-Z]\w*)",
            r"^instance\s+(?:.*=>\s*)?([A-Z]\w*)",
        ),
        line_comments=(DASHES,),
        block_comments=(("{-", "-}"),),
        closers=NOTHING,
    ),
    "ocaml": Language(
        patterns(r"^\s{0,2}(?:let(?:\s+rec)?|and|module(?:\s+type)?|type|class|method)\s+([A-Za-z_][\w']*)"),
        line_comments=(),
        block_comments=(("(*", "*)"),),
        closers=re.compile(r"\s*(?:[})\]]|end\b|in\b)"),
    ),
    "bash": Language(
        patterns(r"^\s*(?:function\s+)?([A-Za-z_][\w:.-]*)\s*\(\)", r"^\s*function\s+([\w:.-]+)"),
        line_comments=(HASHES,),
        block_comments=(),
        closers=re.compile(r"\s*[})]"),
    ),
}

WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    """The words of a text as normalizer and pre-tokenizer make them, before they are cut into pieces."""
    return WORD.findall(WORD_BOUNDARY.sub(" ", text).lower())
