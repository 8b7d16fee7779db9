"""Downloads the named sources with the registries' own clients and records what came.

Every source of `sources.toml` is asked for by its name and version. Its licence is read from its own metadata; a source
whose licence does not permit training is deleted again and reported. `--lock` writes version, licence and checksum of
what came back into `sources.toml`; without it a checksum that differs is an error.

| registry | client | what is kept |
|---|---|---|
| pypi | `pip download`, wheels only, so that nothing of the package is run | the wheel |
| npm | `npm pack` | the tarball |
| maven | `mvn dependency:copy` of the sources | the jar |
| go | `go mod download` | the zip |
| debian | `apt-get source --download-only` | the original tarballs and Debian's, for its `debian/copyright` |
| crates | nothing: what `cargo fetch` of this workspace left in Cargo's cache | the crate |
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from licences import DebianCopyright, of_text, permitted

SOURCES = Path(__file__).with_name("sources.toml")
# Downloads wait for the network most of the time.
PARALLEL = 5
LONGEST_DOWNLOAD_SECONDS = 240
DEBIAN_SUITE = "bookworm"


@dataclass(frozen=True)
class Source:
    """One package of one registry. Version, licence and checksum are empty until they are locked."""

    registry: str
    name: str
    version: str = ""
    licence: str = ""
    sha256: str = ""

    @property
    def folder(self) -> str:
        """The name of its folder among the archives."""
        return f"{self.registry}-{re.sub('[^A-Za-z0-9.]+', '-', self.name).strip('-')}"

    def line(self) -> str:
        """Its line of `sources.toml`."""
        fields = ", ".join(f"{key} = {json.dumps(value)}" for key, value in asdict(self).items() if value)
        return f"    {{ {fields} }},"


class Refused(Exception):
    """A source that cannot be had or must not be used; the message says why."""


def read_sources(path: Path = SOURCES) -> list[Source]:
    return [Source(**entry) for entry in tomllib.loads(path.read_text())["sources"]]


def write_sources(sources: list[Source], path: Path = SOURCES) -> None:
    """Rewrites the list below the comment that heads the file."""
    heading = path.read_text().split("sources = [")[0]
    ordered = sorted(sources, key=lambda source: (source.registry, source.name))
    path.write_text(heading + "sources = [\n" + "\n".join(source.line() for source in ordered) + "\n]\n")


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """The output of a client; an error of its is a refusal."""
    try:
        done = subprocess.run(  # noqa: S603 the commands are those of this file
            [str(part) for part in command],
            cwd=folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_DOWNLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("the download took too long") from error
    if done.returncode:
        raise Refused((done.stderr or done.stdout).strip()[-200:].replace("\n", " "))
    return done.stdout


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def from_pypi(source: Source, folder: Path, _work: Path) -> Source:
    wanted = source.name + (f"=={source.version}" if source.version else "")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:")
    run(*pip, "--dest", folder, wanted, folder=folder)
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        metadata = archive.read(name).decode(errors="replace").split("\n\n")[0]
        licence_files = [
            archive.read(name).decode(errors="replace")
            for name in archive.namelist()
            if re.search(r"\.dist-info/(licenses/)?(LICEN[CS]E|COPYING)[^/]*$", name)
        ]
    fields: dict[str, list[str]] = {}
    for match in re.finditer(r"^([\w-]+): *(.*)$", metadata, re.MULTILINE):
        fields.setdefault(match[1].lower(), []).append(match[2])
    declared = fields.get("license-expression") or [
        classifier.split(" :: ")[-1]
        for classifier in fields.get("classifier", [])
        if classifier.startswith("License ::")
    ]
    # Several classifiers all hold; "OSI Approved" alone names no licence.
    declared = [name for name in declared if name != "OSI Approved"] or fields.get("license", [])[:1]
    licences = [permitted(name) for name in declared] or [of_text(text) for text in licence_files[:1]]
    licence = " AND ".join(sorted({name for name in licences if name})) if licences and all(licences) else ""
    version = wheel.name.split("-")[1]
    return replace(source, version=version, licence=licence, sha256=checksum(wheel))


def from_npm(source: Source, folder: Path, work: Path) -> Source:
    wanted = source.name + (f"@{source.version}" if source.version else "")
    run("npm", "pack", "--silent", "--ignore-scripts", "--cache", work / "npm-cache", wanted, folder=folder)
    tarball = next(folder.glob("*.tgz"))
    with tarfile.open(tarball) as archive:
        member = next(member for member in archive if re.fullmatch(r"[^/]+/package\.json", member.name))
        package = json.load(archive.extractfile(member) or sys.stdin)
    declared = package.get("license") or package.get("licenses") or ""
    if isinstance(declared, list):
        declared = " OR ".join(entry["type"] if isinstance(entry, dict) else entry for entry in declared)
    if isinstance(declared, dict):
        declared = declared.get("type", "")
    return replace(source, version=package["version"], licence=permitted(declared) or "", sha256=checksum(tarball))


def from_maven(source: Source, folder: Path, work: Path) -> Source:
    """The licence of a Maven artifact often stands in a parent's POM, so it is declared in `sources.toml`."""
    version = source.version or "LATEST"
    run("mvn", "--batch-mode", "--quiet", f"-Dmaven.repo.local={work / 'maven'}", "dependency:copy",
        f"-Dartifact={source.name}:{version}:jar:sources", f"-DoutputDirectory={folder}", folder=folder)  # fmt: skip
    jar = next(folder.glob("*.jar"))
    artifact = source.name.split(":")[1]
    version = jar.name.removeprefix(artifact + "-").removesuffix("-sources.jar")
    with zipfile.ZipFile(jar) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"(META-INF/)?LICENSE(\.txt|\.md)?", name)]
        texts = [archive.read(name).decode(errors="replace") for name in names]
    if any(of_text(text) is None for text in texts):
        raise Refused("its licence file is not that of a permitted licence")
    return replace(source, version=version, licence=permitted(source.licence) or "", sha256=checksum(jar))


def from_go(source: Source, folder: Path, work: Path) -> Source:
    wanted = f"{source.name}@{source.version or 'latest'}"
    environment = {"GOMODCACHE": str(work / "go"), "GOFLAGS": "-modcacherw"}
    answer = json.loads(run("go", "mod", "download", "-json", wanted, folder=folder, **environment))
    shutil.copyfile(answer["Zip"], folder / "module.zip")
    with zipfile.ZipFile(folder / "module.zip") as archive:
        root = f"{source.name}@{answer['Version']}/"
        names = [
            n
            for n in archive.namelist()
            if re.fullmatch(re.escape(root) + r"(LICEN[CS]E|COPYING)[^/]*", n, re.IGNORECASE)
        ]
        texts = [archive.read(name).decode(errors="replace") for name in names]
    licences = sorted({of_text(text) or "?" for text in texts})
    licence = "" if "?" in licences else " OR ".join(licences)
    return replace(source, version=answer["Version"], licence=licence, sha256=checksum(folder / "module.zip"))


def apt_options(work: Path) -> list[str]:
    """Options that keep apt away from the machine's own lists: nothing outside of `work` is written."""
    apt = work / "apt"
    return [
        "-o", f"Dir::Etc::sourcelist={apt / 'sources.list'}",
        "-o", "Dir::Etc::sourceparts=/dev/null",
        "-o", f"Dir::State::lists={apt / 'lists'}",
        "-o", f"Dir::Cache={apt / 'cache'}",
        "-o", "APT::Sandbox::User=root",
    ]  # fmt: skip


def update_apt(work: Path) -> None:
    """The list of Debian's source packages, once."""
    apt = work / "apt"
    for folder in (apt / "lists" / "partial", apt / "cache" / "archives" / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (apt / "sources.list").write_text(
        f"deb-src [signed-by={keyring}] http://deb.debian.org/debian {DEBIAN_SUITE} main\n"
    )
    run("apt-get", *apt_options(work), "update", folder=apt)


def from_debian(source: Source, folder: Path, work: Path) -> Source:
    """The checksum is that of the largest archive; apt checks all of them against Debian's signed list."""
    wanted = source.name + (f"={source.version}" if source.version else "")
    run("apt-get", *apt_options(work), "--quiet", "--only-source", "--download-only", "source", wanted, folder=folder)
    description = next(folder.glob("*.dsc")).read_text(errors="replace")
    version = re.search(r"^Version: *(\S+)", description, re.MULTILINE)
    archives = sorted((path for path in folder.iterdir() if ".tar" in path.name and not path.name.endswith(".asc")),
                      key=lambda path: path.stat().st_size)  # fmt: skip
    copyright_file = debian_copyright(folder)
    licence = copyright_file.main_licence() if copyright_file else None
    return replace(source, version=version[1] if version else "", licence=licence or "", sha256=checksum(archives[-1]))


def debian_copyright(folder: Path) -> DebianCopyright | None:
    """What `debian/copyright` of a downloaded source package says."""
    packaging = [path for path in folder.iterdir() if re.search(r"\.debian\.tar\.\w+$", path.name)]
    for path in packaging or [path for path in folder.iterdir() if re.search(r"\.tar\.\w+$", path.name)]:
        with tarfile.open(path) as archive:
            for member in archive:
                if re.search(r"(^|/)debian/copyright$", member.name) and (file := archive.extractfile(member)):
                    return DebianCopyright(file.read().decode(errors="replace"))
    return None


def from_crates(source: Source, folder: Path, _work: Path) -> Source:
    cargo = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    found = sorted(cargo.glob(f"registry/cache/*/{source.name}-{source.version or '[0-9]*'}.crate"))
    if not found:
        raise Refused("it is not in Cargo's cache; run cargo fetch in this workspace")
    shutil.copyfile(found[-1], folder / found[-1].name)
    with tarfile.open(found[-1]) as archive:
        member = next(member for member in archive if re.fullmatch(r"[^/]+/Cargo\.toml", member.name))
        package = tomllib.loads((archive.extractfile(member) or sys.stdin).read().decode())["package"]
    licence = permitted(package.get("license", "")) or ""
    return replace(source, version=package["version"], licence=licence, sha256=checksum(found[-1]))


CLIENTS = {
    "pypi": from_pypi,
    "npm": from_npm,
    "maven": from_maven,
    "go": from_go,
    "debian": from_debian,
    "crates": from_crates,
}


def checked(source: Source, found: Source, lock: bool) -> Source:
    """What was found, if its licence permits training and it is what was locked."""
    if not found.licence:
        raise Refused("its licence is not one of those that permit training, or is not stated clearly")
    if not lock and source.sha256 != found.sha256:
        raise Refused(f"its checksum is {found.sha256}, not the {source.sha256 or 'missing one'} of sources.toml")
    return found


def fetch_one(source: Source, work: Path, lock: bool) -> Source | Refused:
    """Downloads one source unless it is there already."""
    folder = work / "archives" / source.folder
    done = folder / "source.json"
    try:
        if done.exists():
            found = Source(**json.loads(done.read_text()))
        else:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            found = CLIENTS[source.registry](source, folder, work)
        done.write_text(json.dumps(asdict(checked(source, found, lock))))
    except (Refused, OSError, StopIteration, ValueError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        shutil.rmtree(folder, ignore_errors=True)
        return Refused(f"{source.registry} {source.name}: {error or type(error).__name__}")
    return found


def fetch(work: Path, lock: bool = False, only: str = "") -> None:
    """Downloads all sources into `work`/archives; with `lock` writes down what they are."""
    sources = read_sources()
    wanted = [source for source in sources if not only or source.registry in only.split(",")]
    if any(source.registry == "debian" for source in wanted) and not (work / "apt" / "sources.list").exists():
        update_apt(work)
    with ThreadPoolExecutor(PARALLEL) as pool:
        results = list(pool.map(lambda source: fetch_one(source, work, lock), wanted))
    found = [result for result in results if isinstance(result, Source)]
    for refusal in (result for result in results if isinstance(result, Refused)):
        print("left out:", refusal)
    size = sum(path.stat().st_size for path in (work / "archives").rglob("*") if path.is_file())
    print(f"{len(found)} of {len(wanted)} sources, {size / 1e6:.0f} MB of archives in all")
    if lock:
        write_sources([source for source in sources if source not in wanted] + found)
    elif len(found) < len(wanted):
        raise SystemExit("not every source could be had: see above")
