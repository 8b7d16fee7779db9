"""`pampax watch` where the system does not tell of everything: rights, limits, names, and times that look the same."""

from __future__ import annotations

import itertools
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lowered_limits import below_limit
from watched_process import Watched

import pampax
from pampax import watching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SECONDS = 20.0
"""Far below the minutes after which the tree is walked whatever the system tells, and enough for a loaded machine."""

NOT_WATCHED = "does not watch all folders"
WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""The start of a command line under which the bits of files hold: root passes all bits."""


@contextmanager
def watched(tree: Path, environment: Mapping[str, str], *options: str, below: Sequence[str] = ()) -> Iterator[Watched]:
    process = Watched(tree, environment, *options, below=below)
    try:
        yield process
    finally:
        process.kill()


def define(path: Path, name: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"def {name}():\n    return 1\n")


def soon_finds(process: Watched, name: str, path: str) -> None:
    """Wait, but not for long, until the definition `name` is found at `path`."""
    repository = pampax.open(process.root, store=process.store, freshness_ms=0)
    process.until(
        lambda: repository.is_indexed and [hit.path for hit in repository.symbols(name)] == [path],
        f"{name} is not found at {path}",
        patience_seconds=SECONDS,
    )


def assert_one_notice(process: Watched) -> None:
    assert process.said().count(NOT_WATCHED) == 1, process.said()
    assert "is gone" not in process.said()


def test_the_patience_of_these_tests_proves_something() -> None:
    assert watching.WALK_SECONDS > 3 * SECONDS


# ---------------------------------------------------------------------------------- folders that may not be read


@pytest.fixture
def unreadable(tree: Path) -> Iterator[Path]:
    """A folder in the tree that may not be read, not even by root without its rights."""
    folder = tree / "secret"
    define(folder / "hidden.py", "hidden")
    folder.chmod(0)
    try:
        listed = subprocess.run([*WITHOUT_RIGHTS, "ls", str(folder)], capture_output=True, check=False)
    except FileNotFoundError:
        listed = None
    if listed is None or b"ermission denied" not in listed.stderr:
        folder.chmod(0o755)
        pytest.skip("needs setpriv, to give up the rights of root")
    yield folder
    folder.chmod(0o755)


def test_what_can_be_read_beside_an_unreadable_folder_is_followed(
    tree: Path, unreadable: Path, environment: Mapping[str, str]
) -> None:
    with watched(tree, environment, below=WITHOUT_RIGHTS) as process:
        process.until(lambda: NOT_WATCHED in process.said(), "nothing was said of the folder")
        assert str(unreadable) in process.said()
        define(tree / "source" / "second.py", "second")
        soon_finds(process, "second", "source/second.py")
        (tree / "source" / "second.py").rename(tree / "source" / "third.py")
        soon_finds(process, "second", "source/third.py")
        # What may be read from now on is read.
        unreadable.chmod(0o755)
        soon_finds(process, "hidden", "secret/hidden.py")
        assert_one_notice(process)


def test_a_folder_that_becomes_unreadable_and_readable_is_followed(
    tree: Path, environment: Mapping[str, str], unreadable: Path
) -> None:
    unreadable.chmod(0o755)
    with watched(tree, environment, below=WITHOUT_RIGHTS) as process:
        soon_finds(process, "hidden", "secret/hidden.py")
        unreadable.chmod(0)
        process.until(lambda: "1 removed" in process.said(), "the folder is still read", patience_seconds=SECONDS)
        define(tree / "source" / "second.py", "second")
        soon_finds(process, "second", "source/second.py")
        unreadable.chmod(0o755)
        define(unreadable / "inside.py", "inside")
        soon_finds(process, "inside", "secret/inside.py")
        # The system goes on to tell of a folder that it told of before.
        assert NOT_WATCHED not in process.said()


# ---------------------------------------------------------------------------------- the system's limit of watches


def watches(tree: Path) -> int:
    """How many folders are to be watched: those of the tree, and the one of the watch itself."""
    return sum(1 for _ in os.walk(tree)) + 1


def test_folders_that_come_when_the_limit_is_reached_are_followed(tree: Path, environment: Mapping[str, str]) -> None:
    # One more folder may be watched than there are.
    with watched(tree, environment, below=below_limit("max_inotify_watches", watches(tree) + 1)) as process:
        define(tree / "source" / "second.py", "second")
        soon_finds(process, "second", "source/second.py")
        assert NOT_WATCHED not in process.said()
        folder = tree / "made" / "deep" / "deeper"
        folder.mkdir(parents=True)
        define(folder / "early.py", "early")
        soon_finds(process, "early", "made/deep/deeper/early.py")
        # The system tells of `made` alone: what comes now, nobody tells.
        process.until(lambda: NOT_WATCHED in process.said(), "nothing was said of the limit", patience_seconds=SECONDS)
        define(folder / "late.py", "late")
        soon_finds(process, "late", "made/deep/deeper/late.py")
        assert_one_notice(process)


def test_folders_beyond_the_limit_are_followed_while_other_files_change(
    tree: Path, environment: Mapping[str, str]
) -> None:
    with watched(tree, environment, below=below_limit("max_inotify_watches", watches(tree) + 1)) as process:
        define(tree / "source" / "second.py", "second")
        soon_finds(process, "second", "source/second.py")
        (tree / "made" / "deep").mkdir(parents=True)
        saved = 0

        def is_told_of() -> bool:
            nonlocal saved
            saved += 1
            define(tree / "source" / "second.py", f"saved_{saved}")
            return NOT_WATCHED in process.said()

        process.until(is_told_of, "nothing was said of the limit", patience_seconds=2 * SECONDS)
        define(tree / "made" / "deep" / "late.py", "late")
        soon_finds(process, "late", "made/deep/late.py")


def test_folders_below_the_limit_are_watched_without_a_word(tree: Path, environment: Mapping[str, str]) -> None:
    # Twice as many would be too many: a watch that is begun anew takes the place of the one before.
    with watched(tree, environment, below=below_limit("max_inotify_watches", watches(tree) + 8)) as process:
        folder = tree / "made" / "deep"
        folder.mkdir(parents=True)
        for number in range(6):
            define(folder / f"file{number}.py", f"defined_{number}")
            soon_finds(process, f"defined_{number}", f"made/deep/file{number}.py")
        assert NOT_WATCHED not in process.said()


# ---------------------------------------------------------------------------------- names that are not text


def test_names_that_are_not_utf_8_do_not_end_the_watch(tree: Path, environment: Mapping[str, str]) -> None:
    with watched(tree, environment) as process:
        soon_finds(process, "first", "source/first.py")
        for number in range(3):
            named = os.fsencode(tree / "source") + b"/\xff%d.py" % number
            try:
                descriptor = os.open(named, os.O_WRONLY | os.O_CREAT)
            except OSError:
                pytest.skip("the file system takes only names that are UTF-8")
            os.close(descriptor)
            define(tree / "source" / f"beside{number}.py", f"beside_{number}")
            soon_finds(process, f"beside_{number}", f"source/beside{number}.py")
        os.mkdir(os.fsencode(tree) + b"/folder\xff")
        define(tree / "source" / "first.py", "changed")
        soon_finds(process, "changed", "source/first.py")
        assert NOT_WATCHED not in process.said()
        assert process.stop() == 130


def test_a_root_whose_name_is_not_utf_8_is_followed(tmp_path: Path, environment: Mapping[str, str]) -> None:
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/tree\xff"))
    try:
        root.mkdir()
    except OSError:
        pytest.skip("the file system takes only names that are UTF-8")
    define(root / "first.py", "first")
    with watched(root, environment) as process:
        soon_finds(process, "first", "first.py")
        define(root / "first.py", "changed")
        soon_finds(process, "changed", "first.py")
        assert NOT_WATCHED not in process.said()


# ---------------------------------------------------------------------------------- changes that look the same


def test_polling_sees_changes_that_follow_each_other_within_a_second(
    tree: Path, environment: Mapping[str, str]
) -> None:
    file = tree / "source" / "first.py"
    with watched(tree, environment, "--poll") as process:
        for number in range(10, 16):
            define(file, f"saved_{number}")
            # A change of the same length right after this one was indexed, with the same second in its time, or even
            # with the very same time.
            soon_finds(process, f"saved_{number}", "source/first.py")
            times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
            define(file, f"again_{number}")
            if number % 2:
                os.utime(file, ns=times)
            soon_finds(process, f"again_{number}", "source/first.py")


def test_looks_that_find_no_change_make_no_generation(tree: Path, tmp_path: Path) -> None:
    repository = pampax.open(tree, store=tmp_path / "store")
    looks = watching.Watching(repository, lambda _: repository, poll=True).run()
    reports = [look.report for look in itertools.islice(looks, 4) if isinstance(look, watching.Refreshed)]
    assert [(report.generation, report.files) for report in reports] == [(1, 1)] * 4
    assert [report.added for report in reports] == [1, 0, 0, 0]
