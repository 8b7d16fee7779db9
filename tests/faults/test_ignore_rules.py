"""Which files are indexed. Git itself is the reference for `.gitignore`, wherever it is installed."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from fault_harness import Sandbox, python_file, write_tree

pytestmark = pytest.mark.timeout(300)

MARKER = "shared_marker"


def indexed_paths(sandbox: Sandbox, tree: Path, store: Path) -> set[str]:
    """The files that define the marker, which every Python file of these trees does."""
    said = sandbox.indexed(tree, store, symbols=MARKER)
    return set(said["symbols"])


def check(sandbox: Sandbox, tree: Path, store: Path, ignores: Mapping[str, str], paths: Mapping[str, bool]) -> None:
    """Write the ignore files, and Python files at `paths`; those with True must be indexed and no other."""
    write_tree(tree, dict.fromkeys(paths, python_file(MARKER)))
    write_tree(tree, ignores)
    assert indexed_paths(sandbox, tree, store) == {path for path, indexed in paths.items() if indexed}


def make_git(tree: Path) -> None:
    """What makes a folder a git repository."""
    write_tree(tree, {".git/HEAD": "ref: refs/heads/main\n"})
    (tree / ".git" / "objects").mkdir(exist_ok=True)
    (tree / ".git" / "refs").mkdir(exist_ok=True)


def test_plain_patterns(sandbox: Sandbox, tree: Path, store: Path) -> None:
    check(
        sandbox,
        tree,
        store,
        {".gitignore": "# comment\n\nbuild/\n*.gen.py\n/only_root.py\ndocs/*.py\nlast_one.py  \n"},
        {
            "a.py": True,
            "build/a.py": False,
            "src/build/deep/a.py": False,
            "src/x.gen.py": False,
            "only_root.py": False,
            "src/only_root.py": True,
            "docs/a.py": False,
            "docs/deeper/a.py": True,
            "src/docs/a.py": True,
            "last_one.py": False,
            "builder/a.py": True,
        },
    )


def test_nested_files_and_negation(sandbox: Sandbox, tree: Path, store: Path) -> None:
    check(
        sandbox,
        tree,
        store,
        {
            ".gitignore": "*.py\n!keep.py\n",
            "one/.gitignore": "!*.py\nno.py\n",
            "two/.gitignore": "keep.py\n",
            "three/.gitignore": "!deep/\n",
            "four/.gitignore": "inner/\n!inner/keep.py\n",
        },
        {
            "a.py": False,
            "keep.py": True,
            "one/a.py": True,
            "one/no.py": False,
            "one/deep/a.py": True,
            "two/keep.py": False,
            "two/deep/keep.py": False,
            "three/deep/a.py": False,
            # A file below an ignored folder cannot be taken back.
            "four/inner/keep.py": False,
        },
    )


def test_stars_and_character_sets(sandbox: Sandbox, tree: Path, store: Path) -> None:
    check(
        sandbox,
        tree,
        store,
        {".gitignore": "a/**/z.py\n**/cache/**\nnumber[0-9].py\n\\!bang.py\n\\#hash.py\nqu?.py\nx/*/y.py\n"},
        {
            "a/z.py": False,
            "a/b/z.py": False,
            "a/b/c/z.py": False,
            "z.py": True,
            "cache/one.py": False,
            "deep/cache/x/one.py": False,
            "number1.py": False,
            "numbers.py": True,
            "!bang.py": False,
            "#hash.py": False,
            "qux.py": False,
            "quux.py": True,
            "x/1/y.py": False,
            "x/1/2/y.py": True,
        },
    )


@pytest.mark.parametrize("name", [".ignore", ".pampaxignore"])
def test_other_ignore_files(sandbox: Sandbox, tree: Path, store: Path, name: str) -> None:
    """They speak the same language, and overrule `.gitignore`."""
    check(
        sandbox,
        tree,
        store,
        {".gitignore": "generated.py\n", name: "fixtures/\n!generated.py\n", f"deep/{name}": "local.py\n"},
        {"a.py": True, "fixtures/a.py": False, "generated.py": True, "deep/local.py": False, "local.py": True},
    )


def test_pampaxignore_has_the_last_word(sandbox: Sandbox, tree: Path, store: Path) -> None:
    check(
        sandbox,
        tree,
        store,
        {".gitignore": "a.py\n", ".ignore": "!a.py\nb.py\n", ".pampaxignore": "a.py\n!b.py\n"},
        {"a.py": False, "b.py": True, "c.py": True},
    )


def test_hidden_files(sandbox: Sandbox, tree: Path, store: Path) -> None:
    """Hidden files belong to a repository (workflows, linters); the folder of the version control does not."""
    make_git(tree)
    check(
        sandbox,
        tree,
        store,
        {},
        {
            ".github/scripts/a.py": True,
            ".config/tool.py": True,
            ".hidden.py": True,
            ".git/hooks/a.py": False,
            "sub/.git/a.py": False,
            ".hg/a.py": False,
            ".svn/a.py": False,
        },
    )
    write_tree(tree, {".github/workflows/build.yml": "name: build\njobs:\n  peculiar_job_name:\n    runs-on: ubuntu\n"})
    said = sandbox.indexed(tree, store, ["peculiar_job_name"])
    assert said["answers"][0]["hits"][0]["path"] == ".github/workflows/build.yml"


def test_rules_above_the_root_and_outside_the_files(sandbox: Sandbox, tree: Path, store: Path) -> None:
    """A subfolder of a repository obeys the files above it, and `.git/info/exclude`; but none above the repository."""
    repository = tree / "repository"
    make_git(repository)
    write_tree(tree, {".gitignore": "above.py\n"})
    write_tree(repository, {".gitignore": "vendor/\n/sub/anchored.py\n", ".git/info/exclude": "private.py\n"})
    paths = {"vendor/a.py": False, "anchored.py": False, "private.py": False, "above.py": True, "a.py": True}
    write_tree(repository / "sub", dict.fromkeys(paths, python_file(MARKER)))
    found = indexed_paths(sandbox, repository / "sub", store)
    assert found == {path for path, indexed in paths.items() if indexed}


def test_changed_rules_change_the_index(sandbox: Sandbox, tree: Path, store: Path) -> None:
    check(sandbox, tree, store, {".gitignore": "one/\n"}, {"one/a.py": False, "two/a.py": True})
    check(sandbox, tree, store, {".gitignore": "two/\n"}, {"one/a.py": True, "two/a.py": False})
    (tree / ".gitignore").unlink()
    assert indexed_paths(sandbox, tree, store) == {"one/a.py", "two/a.py"}


def test_broken_ignore_files(sandbox: Sandbox, tree: Path, store: Path) -> None:
    """A line that is no pattern is passed over; the others hold, up to a line that is not UTF-8, where reading ends."""
    broken = b"[\n{a,b\nignored.py\n" + b"*" * 5_000 + b"x\n" + b"[a-" * 500 + b"\n\xff\xfe\n"
    write_tree(tree, {".gitignore": broken})
    check(sandbox, tree, store, {}, {"a.py": True, "ignored.py": False})
    (tree / "sub").mkdir()
    (tree / "sub" / ".gitignore").mkdir()
    check(sandbox, tree, store, {}, {"a.py": True, "ignored.py": False, "sub/b.py": True})


def test_ignored_folders_are_never_entered(restricted: Sandbox, tree: Path, store: Path) -> None:
    """An ignored folder that cannot be read is no problem; the same folder without the rule is counted as one."""
    write_tree(tree, {"a.py": python_file(MARKER), "secret/b.py": python_file(MARKER), ".gitignore": "secret/\n"})
    (tree / "secret").chmod(0)
    said = restricted.indexed(tree, store, symbols=MARKER)
    assert said["symbols"] == ["a.py"]
    assert said["skipped"] == []
    (tree / ".gitignore").unlink()
    said = restricted.indexed(tree, store, symbols=MARKER)
    assert ["secret", "unreadable"] in said["skipped"]


def test_ignored_crowds_cost_nothing(sandbox: Sandbox, tree: Path, store: Path) -> None:
    """Twenty thousand files below an ignored folder do not slow the run down noticeably: they are not even listed."""
    write_tree(tree, {".gitignore": "node_modules/\n", "a.py": python_file(MARKER)})
    sandbox.indexed(tree, store)
    quiet = min(sandbox.run("index", str(tree), store=store).seconds for _ in range(3))
    for number in range(20_000):
        folder = tree / "node_modules" / f"p{number % 200}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.js").write_bytes(b"x")
    crowded = min(sandbox.run("index", str(tree), store=store).seconds for _ in range(3))
    assert crowded < quiet + 0.25, f"{quiet:.3f} s without, {crowded:.3f} s with the ignored folder"
    shutil.rmtree(tree / "node_modules")


def random_pattern(chance: random.Random) -> str:
    """A pattern over the names a, b, c and their Python files."""
    parts = [chance.choice(["a", "b", "c", "*", "**", "?", "[ab]", "a*"]) for _ in range(chance.randint(1, 3))]
    text = "/".join(parts)
    if chance.random() < 0.5:
        text += chance.choice([".py", "*.py", "/x.py", "/*.py"])
    return (
        ("!" if chance.random() < 0.3 else "")
        + ("/" if chance.random() < 0.3 else "")
        + text
        + ("/" if chance.random() < 0.3 else "")
    )


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 200))])
def test_the_same_files_as_git(sandbox: Sandbox, tree: Path, store: Path, seed: int) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    chance = random.Random(seed)
    names = ["a", "b", "c"]
    folders = ["", *names, *(f"{one}/{two}" for one in names for two in names)]
    write_tree(
        tree, {f"{folder}/{name}.py".lstrip("/"): python_file(MARKER) for folder in folders for name in [*names, "x"]}
    )
    for folder in chance.sample(folders, 4):
        lines = [random_pattern(chance) for _ in range(chance.randint(1, 4))]
        write_tree(tree, {f"{folder}/.gitignore".lstrip("/"): "\n".join(lines) + "\n"})
    environment = sandbox.environment()
    subprocess.run(["git", "init", "-q"], cwd=tree, env=environment, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "-z"],
        cwd=tree,
        env=environment,
        capture_output=True,
        check=True,
    )
    expected = {path for path in listed.stdout.decode().split("\0") if path.endswith(".py")}
    found = indexed_paths(sandbox, tree, store)
    rules = {str(path.relative_to(tree)): path.read_text().splitlines() for path in tree.rglob(".gitignore")}
    assert found == expected, (
        f"rules {rules}: only git {sorted(expected - found)}, only pampax {sorted(found - expected)}"
    )
