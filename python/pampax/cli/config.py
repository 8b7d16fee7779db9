"""`pampax config`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax import logs
from pampax.cli.options import PampaxCommand
from pampax.configuration import value_text

if TYPE_CHECKING:
    from pampax.cli.request import Request
    from pampax.cli.terminal import Output
    from pampax.configuration import Configuration

EXAMPLES = """
pampax config show
pampax config show --origin
PAMPAX_MEMORY=512MiB pampax config show --json
"""


@click.group("config", no_args_is_help=False, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> int:
    """Show the configuration and where it comes from."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    return 0


@command.command("show", cls=PampaxCommand, epilog=EXAMPLES)
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.config/1), always with the origins.")
@click.pass_obj
def show(request: Request, origin: bool, as_json: bool) -> int:
    """Show the value of every option, as it holds in this repository."""
    request.open()  # reads the repository's own files, whose place only the engine knows
    if as_json:
        request.out.document(_json(request.configuration))
    else:
        _draw(request.out, request.configuration, origin)
    return 0


def _json(configuration: Configuration) -> str:
    from pampax.cli.documents import json_text

    rows = {
        key: {"value": logs.masked(key, setting.value), "origin": setting.origin}
        for key, setting in configuration.settings.items()
    }
    return json_text({"schema": "pampax.config/1", "options": rows})


def _draw(out: Output, configuration: Configuration, origin: bool) -> None:
    """One option a line, in columns."""
    rows = [
        (key, out.field(str(logs.masked(key, value_text(setting.option, setting.value)))), setting.origin)
        for key, setting in configuration.settings.items()
    ]
    key_width = max(len(row[0]) for row in rows)
    value_width = max(len(row[1]) for row in rows)
    for key, value, source in rows:
        line = f"{key.ljust(key_width)}  {value or '-'}"
        if origin:
            line = f"{line.ljust(key_width + 2 + value_width)}  {out.style('dim', out.field(source))}"
        out.line(line)
