"""What is measured on: a tree, an index of it, questions about it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pampax
from pampax._core import BadPath, InvalidInput
from pampax.benchmarks import corpus, questions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pampax._core import Progress

QUESTIONS = 60
SETTLED_SECONDS = 2.1
"""Files that are younger when they are indexed are read again by the next run, to be sure (`RACY_NS` in the engine)."""

_COMMENTS = {".py": "#", ".rb": "#", ".sh": "#", ".yaml": "#", ".toml": "#", ".c": "//", ".h": "//", ".cc": "//",
             ".cpp": "//", ".hpp": "//", ".cs": "//", ".go": "//", ".java": "//", ".js": "//", ".jsx": "//",
             ".ts": "//", ".tsx": "//", ".kt": "//", ".php": "//", ".rs": "//", ".scala": "//",
             ".swift": "//"}  # fmt: skip
_LARGEST_EDITED_BYTES = 256 << 10


class Subject:
    """A corpus. Trees and the index are made when they are first needed, below a folder that goes when it is over."""

    def __init__(
        self,
        name: str,
        kind: str,
        work: Path,
        *,
        make: Callable[[Path], Path],
        seed: int | None = None,
        made_questions: Callable[[int], list[str]] | None = None,
        open_arguments: dict[str, Any] | None = None,
    ) -> None:
        """`make` makes the tree at a path, if it is not there, and gives where it is.

        `made_questions` gives so many questions; without it they are made of the tree's own names.
        """
        self.name = name
        self.kind = kind
        self.work = work
        self.open_arguments = dict(open_arguments or {})
        """How the repository is opened, but for its store."""
        self._make = make
        self._seed = seed
        self._made_questions = made_questions
        self._tree: Path | None = None
        self._store: Path | None = None
        self._report: pampax.IndexReport | None = None
        self._questions: list[str] | None = None
        self._edited: list[str] = []
        self._numbers = 0

    @property
    def tree(self) -> Path:
        """The tree. Nothing changes it."""
        if self._tree is None:
            self._tree = self._make(self.work / "tree")
        return self._tree

    @property
    def store(self) -> Path:
        """An index of the tree."""
        return self.index()

    @property
    def questions(self) -> list[str]:
        """Different questions about the tree."""
        if self._questions is None:
            if self._made_questions is not None:
                self._questions = self._made_questions(QUESTIONS)
            else:
                self._questions = questions.make_questions(
                    pampax.open(self.tree, store=self.store, **self.open_arguments), QUESTIONS
                )
            if not self._questions:
                raise InvalidInput(f"{self.tree}: no questions can be made of its names: give some with --queries")
        return self._questions

    def index(self, progress: Callable[[Progress], object] | None = None) -> Path:
        """Make the index, if it is not there."""
        if self._store is None:
            tree = self.tree
            if self.kind == "generated":
                _settle(tree)
            self._store = self.work / "store"
            repository = pampax.open(tree, store=self._store, **self.open_arguments)
            self._report = repository.index(progress=progress)
        return self._store

    def fresh_store(self) -> Path:
        """A path for another index."""
        self._numbers += 1
        return self.work / f"store-{self._numbers}"

    def editable(self) -> Path:
        """A copy of the tree that may be edited; `edit` edits it."""
        copy = self.work / "edited"
        if not copy.exists():
            tree = self.tree
            needed = 2 * sum(
                file.stat().st_size for file in tree.rglob("*") if file.is_file() and not file.is_symlink()
            )
            if shutil.disk_usage(self.work).free < needed:
                raise InvalidInput(f"{self.work}: too little space for a copy of {tree}; --folder names another place")
            shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".hg", ".svn", ".jj"))
            _settle(copy)
            self._edited = [
                path
                for path in questions.source_files(copy, tuple(_COMMENTS))
                if not (copy / path).is_symlink() and (copy / path).stat().st_size <= _LARGEST_EDITED_BYTES
            ]
            if not self._edited:
                raise InvalidInput(f"{tree}: holds no source file that could be edited")
        return copy

    def edit(self, number: int) -> tuple[str, str]:
        """A file of the copy, and a comment to add to its end: others for each number."""
        path = self.editable() / self._edited[number % len(self._edited)]
        return str(path), f"\n{_COMMENTS[path.suffix]} edit number {number}\n"

    def facts(self) -> dict[str, Any]:
        """What a saved run says of the corpus; None for what was not looked at."""
        digest = None
        if self._questions is not None:
            digest = hashlib.sha256("\0".join(self._questions).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return {
            "name": self.name,
            "kind": self.kind,
            "seed": self._seed,
            "files": self._report.files if self._report else None,
            "bytes": self._report.bytes if self._report else None,
            "questions": digest,
        }


@contextmanager
def prepare(
    name: str = "small",
    *,
    seed: int = 1,
    folder: str | os.PathLike[str] | None = None,
    queries: Sequence[str] | None = None,
    corpora_folder: str | os.PathLike[str] | None = None,
    open_arguments: dict[str, Any] | None = None,
) -> Iterator[Subject]:
    """The corpus `name`: small, medium or large (generated), `pinned:NAME`, or the path of a repository.

    All that is written lies in a new folder below `folder` (by default where temporary files go), which is removed at
    the end. A repository is only read. `queries` take the place of made questions. Raises `BadPath` for a path where
    there is no folder.
    """
    given = None if queries is None else list(queries)
    with tempfile.TemporaryDirectory(prefix="pampax-bench-", dir=folder) as temporary:
        work = Path(temporary)
        if name in corpus.SIZES:
            files = corpus.SIZES[name]

            def generated(target: Path) -> Path:
                corpus.generate(target, files, seed)
                return target

            yield Subject(
                name, "generated", work, make=generated, seed=seed, open_arguments=open_arguments,
                made_questions=lambda count: given or corpus.queries(files, seed, count),
            )  # fmt: skip
            return
        made_questions = None if given is None else lambda _count: given
        if name.startswith("pinned:"):
            from pampax.benchmarks import pinned

            pin = pinned.find(name.removeprefix("pinned:"))
            if corpora_folder is None:
                raise InvalidInput(f"{name} needs --corpora-folder, the folder that holds {pin.file}")
            archive = pinned.verified(pin, Path(corpora_folder))

            def unpacked(target: Path) -> Path:
                return pinned.unpack(pin, archive, target)

            yield Subject(name, "pinned", work, make=unpacked, open_arguments=open_arguments,
                          made_questions=made_questions)  # fmt: skip
            return
        if not os.path.isdir(name):  # noqa: PTH112 - the path as it was given
            sizes = ", ".join(corpus.SIZES)
            raise BadPath(f"{name}: no folder, and none of {sizes}, or pinned:NAME")
        root = Path(pampax.open(name, store=work / "unused").root)
        yield Subject(root.name or str(root), "folder", work, make=lambda _target: root, open_arguments=open_arguments,
                      made_questions=made_questions)  # fmt: skip


def _settle(tree: Path) -> None:
    """Wait until no file below `tree` counts as just written."""
    youngest = max((file.lstat().st_ctime for file in tree.rglob("*")), default=0.0)
    left = youngest + SETTLED_SECONDS - time.time()
    if 0 < left <= SETTLED_SECONDS:
        time.sleep(left)
