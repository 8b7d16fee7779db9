"""The options that commands share, and what every command does around its own work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pampax import logs
from pampax.cli.request import Request
from pampax.configuration import BY_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import TypeVar

    Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_METAVARS = {
    "size": "SIZE",
    "number": "N",
    "path": "FOLDER",
    "place": "FOLDER|URL",
    "switch": "BOOLEAN",
    "profile": "WEIGHTS",
}


LEAST_TOKENS = 50
"""What `--max-tokens` may be at least: less holds no place with a line of code."""


def configured_option(key: str, *, hidden: bool = False) -> click.Option:
    """The command line's option for a configuration key. Its text is checked with the rest of the configuration."""
    option = BY_KEY[key]
    default = f" [default: {option.default_text}]" if option.default is not None else ""

    def keep(context: click.Context, _parameter: click.Parameter, text: str | None) -> None:
        if text is not None:
            context.ensure_object(Request).configured[key] = text

    return click.Option(
        [option.flag],
        metavar=_METAVARS.get(option.kind) or "|".join(option.choices),
        expose_value=False,
        callback=keep,
        hidden=hidden,
        help=option.help + default,
    )


def common_options(*, hidden: bool = False, taken: Collection[str] = ()) -> list[click.Parameter]:
    """The options that may stand before the command as well as after it, without the flags the command has `taken`."""

    def keep(context: click.Context, parameter: click.Parameter, text: str | None) -> None:
        if text is not None and parameter.name is not None:
            setattr(context.ensure_object(Request), parameter.name, text)

    def plain(flags: list[str], metavar: str, text: str) -> list[click.Parameter]:
        flags = [flag for flag in flags if flag not in taken]
        if not any(flag.startswith("-") for flag in flags):
            return []
        return [click.Option(flags, metavar=metavar, help=text, expose_value=False, callback=keep, hidden=hidden)]

    return [
        *plain(["-C", "--root", "folder"], "FOLDER", "Work in this folder instead of the current one."),
        *(configured_option(key, hidden=hidden) for key in ("store", "memory", "threads", "embedder")),
        *plain(["--config", "config_file"], "FILE", "Read this configuration file as well."),
        *(configured_option(key, hidden=hidden) for key in ("log.level", "log.format", "color")),
    ]


class PampaxCommand(click.Command):
    """A command: reads the configuration, runs, and writes one log line. Its callback returns the exit code."""

    def __init__(self, name: str | None, *, keys: tuple[str, ...] = (), **attributes: Any) -> None:
        """`keys`: the configuration keys this command has options for, beside those of all commands."""
        super().__init__(name, **attributes)
        self.params += [configured_option(key) for key in keys]
        taken = {flag for parameter in self.params for flag in parameter.opts}
        self.params += common_options(hidden=True, taken=taken)

    def invoke(self, ctx: click.Context) -> int:
        """Run the command and return its exit code."""
        request = ctx.ensure_object(Request)
        with logs.operation("cli", ctx.command_path.partition(" ")[2]) as log:
            request.log = log
            request.configure()
            code = super().invoke(ctx)
            log.add(exit_code=code)
            if code and log.status == "ok":
                log.status = "nothing-found"
        return int(code)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The examples as they are written, and where the other options are told."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write_text("Examples:")
            with formatter.indentation():
                for line in self.epilog.strip().split("\n"):
                    formatter.write(f"{'':{formatter.current_indent}}{line.strip()}\n")
        formatter.write_paragraph()
        formatter.write_text("The options of all commands (--root, --store, --memory, ...): pampax --help")


pack_option = click.option(
    "--pack",
    metavar="NAME",
    default=None,
    help="Ask within this context pack (.pampax/packs/NAME.toml); none asks without the one in use.",
)


max_tokens_option = click.option(
    "--max-tokens",
    metavar="N",
    type=click.IntRange(LEAST_TOKENS, 10_000_000),
    default=None,
    help="Write at most N tokens: what does not fit is left out from the end, and counted. The first is always there.",
)


def filters(function: Decorated) -> Decorated:
    """Adds the options that narrow down where to look: `paths`, `languages`, `kinds` and `tests`."""
    function = click.option("--tests/--no-tests", default=None, help="Only tests, or no tests. Without either: both.")(
        function
    )
    function = click.option(
        "--kind", "kinds", metavar="KIND", multiple=True, help="Only symbols of this kind, such as function or class."
    )(function)
    function = click.option(
        "--language", "languages", metavar="LANGUAGE", multiple=True, help="Only files in this language."
    )(function)
    return click.option(
        "--path",
        "paths",
        metavar="GLOB",
        multiple=True,
        help="Only paths that match, such as 'src/**/*.py'; '!vendor/**' leaves out. May be given several times.",
    )(function)
