"""Say which tools of this machine are missing before anything is built, and how to get each of them.

Runs on any Python 3, without packages; `make` calls it first. Exits with 1 if something is missing.

    python3 scripts/check_tools.py        # what building needs
    python3 scripts/check_tools.py --dev  # and what testing and linting need
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys

PYTHON_AT_LEAST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - runs on old Pythons too


def version_in(text):
    """The first number of the form 1.2 or 1.2.3 in `text`, as a tuple; None if there is none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in found.groups() if part) if found else None


def dotted(version):
    """A version tuple as people write it."""
    return ".".join(str(part) for part in version)


def output_of(*command):
    """What a command prints, or None if it cannot be run or fails."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: UP022 - runs on old Pythons too
            (program, *command[1:]), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")


def rust_at_least():
    """The oldest Rust that the workspace builds with, as Cargo.toml says."""
    with open(os.path.join(ROOT, "Cargo.toml"), encoding="utf-8") as manifest:  # noqa: PTH118, PTH123
        return version_in(re.search(r'^rust-version = "([^"]+)"', manifest.read(), re.MULTILINE).group(1))


def python_problems():
    """What is wrong with the Python that runs this."""
    if sys.version_info[:2] < PYTHON_AT_LEAST:
        remedy = (
            "Debian 12, Ubuntu 24.04 and newer: apt-get install python3; else https://www.python.org. "
            f"If it has another name: make PYTHON=python{dotted(PYTHON_AT_LEAST)} ..."
        )
        found = f"{sys.executable} is {dotted(sys.version_info[:3])}"
        yield f"Python {dotted(PYTHON_AT_LEAST)} or newer is needed, {found}", remedy
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        yield (
            f"{sys.executable} lacks the module {' and '.join(missing)}, so that no virtual environment can be made",
            "Debian and Ubuntu: apt-get install python3-venv",
        )


def rust_problems(dev):
    """What is wrong with the Rust toolchain."""
    get = "https://rustup.rs, or a recent package of your system (rustc and cargo)"
    least = rust_at_least()
    cargo_runs = output_of("cargo", "--version") is not None
    if not cargo_runs:
        yield "cargo, Rust's build tool, does not run", get
    said = output_of("rustc", "--version")
    if said is None:
        yield "rustc, the Rust compiler, does not run", get
    elif (version_in(said) or (0,)) < least:
        yield f"Rust {dotted(least)} or newer is needed, this is {said.strip()}", "rustup update stable"
    if dev and cargo_runs:
        for command, component in (("fmt", "rustfmt"), ("clippy", "clippy")):
            if output_of("cargo", command, "--version") is None:
                yield f"cargo {command} does not run", f"rustup component add {component}"


def compiler_problems():
    """What is wrong with the compilers for the C and C++ parts of dependencies (SQLite, the grammars, usearch)."""
    for variable, default, language in (("CC", "cc", "C"), ("CXX", "c++", "C++")):
        command = os.environ.get(variable, default).split()
        if output_of(*command, "--version") is None:
            yield (
                f"{' '.join(command)}, a compiler for {language}, does not run",
                f"Debian and Ubuntu: apt-get install build-essential; or set {variable}",
            )


def problems(dev):
    """Every missing tool, with how to get it."""
    yield from python_problems()
    yield from rust_problems(dev)
    yield from compiler_problems()
    if output_of("git", "--version") is None:
        yield "git does not run", "Debian and Ubuntu: apt-get install git"


def main(arguments):
    """Print what is missing; give the exit code."""
    found = list(problems(dev="--dev" in arguments))
    for what, remedy in found:
        print(f"missing: {what}\n  get it: {remedy}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
