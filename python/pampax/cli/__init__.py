"""The command `pampax`.

Speed of the start matters here, as an agent starts the command for every question: this module imports click and
little else, and each command lives in a module of its own that is imported when it is called.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from pampax.cli.options import common_options
from pampax.cli.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence


class Entry(NamedTuple):
    """Where a command is and what the list of commands says about it."""

    module: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "index": Entry("pampax.cli.index", "Build the index of a repository, or bring it up to date."),
    "search": Entry("pampax.cli.search", "Find the code that answers a question."),
    "assemble": Entry("pampax.cli.assemble", "Collect the code a task needs, within a budget of tokens."),
    "expand": Entry("pampax.cli.expand", "Show more of the items of a bundle."),
    "grep": Entry("pampax.cli.grep", "Find every line that matches a regular expression."),
    "symbols": Entry("pampax.cli.symbols", "List the definitions of a name."),
    "graph": Entry("pampax.cli.graph", "Follow calls, references, imports and bases of a name."),
    "outline": Entry("pampax.cli.outline", "List the definitions of a file."),
    "map": Entry("pampax.cli.map", "Give an overview of the repository within a budget of tokens."),
    "watch": Entry("pampax.cli.watch", "Keep the index current while files change."),
    "remember": Entry("pampax.cli.remember", "Keep something that was learnt, for later questions."),
    "recall": Entry("pampax.cli.recall", "Show what was remembered about something."),
    "forget": Entry("pampax.cli.forget", "Remove memories for good."),
    "pin": Entry("pampax.cli.pin", "Have a memory recalled with every question."),
    "pack": Entry("pampax.cli.pack", "List, show and choose context packs."),
    "feedback": Entry("pampax.cli.feedback", "Say what a bundle was good for."),
    "log": Entry("pampax.cli.log", "Export or remove the query log."),
    "mcp": Entry("pampax.cli.mcp", "Serve agents with the Model Context Protocol."),
    "status": Entry("pampax.cli.status", "Show what the index holds and what it left out."),
    "export": Entry("pampax.cli.export", "Write the index into one file for another machine."),
    "import": Entry("pampax.cli.import_index", "Take an index that was exported elsewhere."),
    "gc": Entry("pampax.cli.gc", "Remove from the index what no worktree needs any more."),
    "eval": Entry("pampax.cli.eval", "Measure how good the answers are."),
    "bench": Entry("pampax.cli.bench", "Measure time and memory, and compare with an earlier run."),
    "train-ranker": Entry("pampax.cli.train_ranker", "Fit the weights of the ranker to labelled questions."),
    "install": Entry("pampax.cli.install", "Tell the agents on this machine how to use pampax."),
    "config": Entry("pampax.cli.config", "Show the configuration and where it comes from."),
}


class LazyGroup(click.Group):
    """The group of all commands, which imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        import importlib

        command = importlib.import_module(entry.module).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.module}.command is no command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` names, or a usage error that proposes the nearest."""
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        import difflib

        close = difflib.get_close_matches(name[:100], COMMANDS, n=1)
        proposal = f'did you mean "{close[0]}"?' if close else f"the commands are {', '.join(COMMANDS)}"
        raise click.UsageError(f'there is no command "{name[:100]}": {proposal}', ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, from the table alone: the help of the group imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from pampax._core import __version__, build_profile

    click.echo(f"pampax {__version__}" + ("" if build_profile == "release" else f" ({build_profile} build)"))
    ctx.exit()


program = LazyGroup(
    "pampax",
    help="Find and assemble the right code out of a very large repository, on this machine, without a network.",
    epilog=(
        "Results go to stdout, all the rest to stderr. Exit codes: 0 success, 1 nothing found (eval, bench: a "
        "regression), 2 usage or configuration, 3 input or output, 4 network, 5 timeout, 6 internal, 130 interrupted."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        *common_options(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Show the version and exit.",
        ),
    ],
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (else the command line) asks for, and return its exit code."""
    if "_PAMPAX_COMPLETE" in os.environ:  # a shell asks for completions: that is click's business
        return int(program.main(prog_name="pampax", standalone_mode=False) or 0)
    request = Request()
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments), request)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        _discard_output()
        return 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever it is, it becomes one line
        from pampax.cli import failures

        return failures.report(error, request.color, request.log.corr_id)


def _run(arguments: list[str], request: Request) -> int:
    try:
        with program.make_context("pampax", arguments or ["--help"], obj=request) as context:
            code: Any = program.invoke(context)
    except click.exceptions.Exit as finished:  # --help and --version end this way
        return finished.exit_code
    return code if isinstance(code, int) else 0


def _discard_output() -> None:
    """Send what is left for stdout nowhere: the reader (`| head`) has gone, which is no error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


__all__ = ["COMMANDS", "main", "program"]
