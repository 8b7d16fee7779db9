"""The source, test and header files of a generated repository."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from pampax.benchmarks.corpus.chance import QUALIFIER_TABLE, VERB_TABLE, Chance, Words, sentence
from pampax.benchmarks.corpus.dialects import DIALECTS, STATEMENTS, Dialect
from pampax.benchmarks.corpus.vocabulary import NOUNS, QUALIFIERS, ROLES, VERBS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pampax.benchmarks.corpus.generate import PlannedFile, Renderer

_LOOP_NAMES = ("entry", "candidate", "element", "item", "row", "current_value")
_DIALECT = {dialect.language: dialect for dialect in DIALECTS}
_LEVELS: dict[tuple[str, int], dict[str, str]] = {}


def _at_level(dialect: Dialect, level: int) -> dict[str, str]:
    """The dialect's templates of functions and classes, indented by `level` steps."""
    known = _LEVELS.get((dialect.language, level))
    if known is None:
        parts = {name: getattr(dialect, name) for name in
                 ("doc", "open", "method", "first", "result", "close", "class_open", "class_close")}  # fmt: skip
        known = {name: _indented(text, dialect.indent * level) for name, text in (parts | dialect.statements).items()}
        if level and dialect.close == "\n\n":
            known["close"] = "\n"
        _LEVELS[dialect.language, level] = known
    return known


def _indented(text: str, indent: str) -> str:
    return "".join(indent + line if line.strip() else line for line in text.splitlines(keepends=True))


class SourceWriter:
    """Writes one source, test or header file."""

    def __init__(self, renderer: Renderer, file: PlannedFile, chance: Chance) -> None:
        self.renderer, self.file, self.chance = renderer, file, chance
        self.package = renderer.packages[file.package]
        self.dialect = _DIALECT[self.package.language]
        self.nouns = self.package.nouns
        self.parts: list[str] = []
        self.lines = 0
        uses = self._uses() if file.kind == "code" else []
        self.uses, self.callees = "".join(dict.fromkeys(use for use, _ in uses)), [call for _, call in uses]
        self.error = Words(file.stem.words).written("pascal") + "Error"
        if self.dialect.language == "go":
            self.error = "Err" + Words(file.stem.words).written("pascal")

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.lines += text.count("\n")

    def text(self) -> str:
        """The file's content."""
        if self.file.kind == "test":
            self._test()
        elif self.file.kind == "header":
            self._header()
        else:
            self._code()
        return "".join(self.parts).rstrip("\n") + "\n"

    def fields(self) -> dict[str, object]:
        """New values for the places in the templates."""
        chance, nouns = self.chance, self.nouns
        pick = chance.pick
        one, two, three = pick(nouns), pick(nouns), pick(nouns)
        if two == one:
            two = one + "s"
        qualifier = pick(QUALIFIER_TABLE)
        snake = self.dialect.case == "snake"
        result = f"{qualifier}_{three}" if snake else qualifier + three.capitalize()
        return {
            "a": one, "b": two, "v": result, "w": _LOOP_NAMES[chance.below(5)], "field": three,
            "Field": three.capitalize(), "Type": self.type_name, "type": self.file.stem.written("snake"),
            "error": self.error, "n": chance.below(900) + 2, "msg": f"{qualifier} {one} has no {two}",
            "doc": sentence(chance, nouns), "line": sentence(chance, nouns), "key": pick(self.package.keys),
            "package": self.package.name.written("snake"), "Package": self.package.name.written("pascal"),
        }  # fmt: skip

    @property
    def type_name(self) -> str:
        """The record type that the file declares."""
        return self.file.stem.written("pascal") + "Record"

    def module(self, file: PlannedFile) -> str:
        """How a file of this language names the module of `file`."""
        stem = file.path.rpartition(".")[0]
        match self.dialect.language:
            case "python":
                return stem.replace("/", ".")
            case "typescript" | "javascript":
                relative = posixpath.relpath(stem, posixpath.dirname(self.file.path))
                return relative if relative.startswith(".") else f"./{relative}"
            case "go":
                return posixpath.dirname(file.path)
            case "rust":
                parts = stem.split("/")
                inside = "::".join(parts[3:])
                return f"crate::{inside}" if file.package == self.file.package and self.file.kind == "code" \
                    else f"{parts[1]}::{inside}"  # fmt: skip
            case "ruby":
                return stem.partition("/lib/")[2]
        return stem.partition("/")[2]

    def _uses(self) -> list[tuple[str, str]]:
        """Imports of functions of other files, with the expression that calls each."""
        renderer, chance = self.renderer, self.chance
        near = [file for file in renderer.sources[self.file.package] if file.number != self.file.number]
        far = renderer.by_language[self.file.language]
        targets = [chance.pick(near) for _ in range(1 + chance.below(4))] if near else []
        targets += [chance.pick(far) for _ in range(chance.below(3))]
        made: list[tuple[str, str]] = []
        symbols = set(self.file.functions)
        for target in targets:
            values = self.names_of(target)
            if target.number != self.file.number and values["symbol"] not in symbols:
                symbols.add(values["symbol"])
                made.append((self.dialect.use % values, self.dialect.call_form % values))
        return made

    def names_of(self, target: PlannedFile) -> dict[str, str]:
        """What a template needs to name one function of `target`."""
        package = self.renderer.packages[target.package]
        symbol = self.chance.pick(target.functions)
        return {"module": self.module(target), "symbol": symbol, "Class": target.class_name,
                "package": package.name.written("snake"), "Package": package.name.written("pascal")}  # fmt: skip

    def _code(self) -> None:
        dialect, file, chance = self.dialect, self.file, self.chance
        values = self.fields()
        constant = Words((chance.pick(QUALIFIERS), *file.stem.words, chance.pick(NOUNS)))
        values |= {"uses": self.uses, "Class": file.class_name, "CONSTANT": constant.written("upper"),
                   "Constant": constant.written("pascal"), "constant": constant.written("camel")}  # fmt: skip
        self._add(dialect.head % values)
        level = 1 if dialect.functions_in_class else 0
        taken = {file.class_name, *file.functions, *(call.rpartition(".")[2] for call in self.callees)}
        if not level and file.lines >= 40:
            self._class(file.class_name, 2, taken)
        for name in file.functions:
            self._function(name, level)
        while self.lines < file.lines:
            if chance.often(0.2):
                name = self._name(
                    taken, "pascal", lambda: (chance.pick(self.nouns), chance.pick(NOUNS), chance.pick(ROLES))
                )
                self._class(name, 1 + chance.below(5), taken)
            else:
                self._function(self._new_name(taken), level)
        self._add(dialect.foot % values)

    def _name(self, taken: set[str], case: str, make: Callable[[], tuple[str, ...]]) -> str:
        """A name that this file does not have yet; `taken` learns it."""
        words = make()
        while (name := Words(words).written(case)) in taken:
            words = (words[0], self.chance.pick(QUALIFIERS), *words[1:])
        taken.add(name)
        return name

    def _new_name(self, taken: set[str]) -> str:
        chance = self.chance

        def words() -> tuple[str, ...]:
            middle = (chance.pick(QUALIFIER_TABLE),) if chance.often(0.4) else ()
            return (chance.pick(VERB_TABLE), *middle, chance.pick(self.nouns))

        name = self._name(taken, self.dialect.case, words)
        self.callees.append(f"{self.file.class_name}.{name}" if self.dialect.functions_in_class else name)
        return name

    def _class(self, name: str, methods: int, taken: set[str]) -> None:
        base = 1 if self.dialect.functions_in_class else 0
        templates = _at_level(self.dialect, base)
        values = self.fields() | {"Class": name, "class": name.lower()}
        self._add(templates["class_open"] % values)
        callees = list(self.callees)
        # Go and C have no bodies inside a type: their methods share the file's names.
        names = taken if self.dialect.methods_outside else set()
        for _ in range(methods):
            level = base if self.dialect.methods_outside else base + 1
            self._function(self._new_name(names), level, method_of=name)
        self.callees = callees
        self._add(templates["class_close"] % values)

    def _function(self, name: str, level: int, method_of: str = "") -> None:
        dialect, chance = self.dialect, self.chance
        templates = _at_level(dialect, level)
        callees = self.callees or [name]
        values = self.fields() | {"name": name, "call": chance.pick(callees), "Class": method_of}
        head = templates["method" if method_of else "open"]
        if not chance.often(0.65):
            text = head
        elif dialect.doc_inside:
            text = head + templates["doc"]
        else:
            text = templates["doc"] + head
        self._add(text % values)
        self._add(templates["first"] % values)
        for _ in range(1 + min(chance.below(6), chance.below(12))):
            one = chance.pick(self.nouns)
            values |= {"call": chance.pick(callees), "n": chance.below(500) + 1, "key": chance.pick(self.package.keys),
                       "msg": f"{values['a']} {chance.pick(QUALIFIER_TABLE)} {one} {chance.pick(VERBS)} failed",
                       "field": one, "Field": one.capitalize()}  # fmt: skip
            kind = STATEMENTS[chance.below(len(STATEMENTS))]
            if kind == "comment":
                values["line"] = sentence(chance, self.nouns)
            self._add(templates[kind] % values)
        self._add((templates["result"] + templates["close"]) % values)

    def _test(self) -> None:
        dialect = self.dialect
        subject = self.renderer.files[self.file.subject]
        values = self.names_of(subject) | {"symbols": ", ".join(subject.functions)}
        if dialect.language in ("java", "csharp"):
            values["Class"] = self.file.stem.written("pascal")
        self._add(dialect.test_head % values)
        number = 0
        while self.lines < self.file.lines:
            number += 1
            values = self.names_of(subject)
            call = dialect.call_form % values
            names = self.fields() | values | {"name": values["symbol"], "call": call, "k": number}
            self._add(dialect.test % names)
        self._add(dialect.test_foot)

    def _header(self) -> None:
        subject = self.renderer.files[self.file.subject]
        values = self.fields()
        guard = self.file.path.upper().translate(str.maketrans("/.-", "___"))
        self._add(f"#ifndef {guard}\n#define {guard}\n\n/* {values['doc']} */\n")
        kind = self.file.stem.written("snake") if self.dialect.language == "c" else self.type_name
        opening, closing = "", ""
        if self.dialect.language == "cpp":
            opening, closing = f"namespace {values['package']} {{\n\n", f"\n}}  // namespace {values['package']}\n"
        self._add(f"{opening}struct {kind};\n\n")
        for name in subject.functions:
            parameter = self.chance.pick(self.nouns)
            self._add(f"/* {sentence(self.chance, self.nouns)} */\n")
            self._add(f"struct {kind} *{name}(struct {kind} *{parameter}, int count);\n")
        self._add(f"{closing}\n#endif /* {guard} */\n")
