"""`pampax install`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pampax import logs
from pampax.cli.failures import INPUT_OUTPUT, NOTHING_FOUND, SUCCESS
from pampax.cli.options import PampaxCommand
from pampax.install.clients import CLIENTS, Places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax.cli.request import Request
    from pampax.install.clients import Client
    from pampax.install.plan import Plan, Problem

EXAMPLES = """
pampax install
pampax install --client claude-code --client cursor --yes
pampax install --project --dry-run
pampax install --uninstall
"""


@click.command("install", cls=PampaxCommand, epilog=EXAMPLES)
@click.option(
    "--client",
    "names",
    type=click.Choice(list(CLIENTS)),
    metavar="NAME",
    multiple=True,
    help=f"Only this agent, also if it was not found: {', '.join(CLIENTS)}. May be given several times.",
)
@click.option("--project", is_flag=True, help="Change the files of the current project instead of the user's.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--uninstall", is_flag=True, help="Take out what was put in, and restore what was there before.")
@click.pass_obj
def command(request: Request, names: Sequence[str], project: bool, dry_run: bool, yes: bool, uninstall: bool) -> int:
    """Tell the agents on this machine how to use pampax.

    Writes the MCP server and a short rule into the configuration of each agent that is found. The changes are shown as
    a diff first. Comments, unknown keys and the order of everything stay as they are.
    """
    from pampax.install.launcher import command_line

    places = Places(os.environ, sys.platform, _project(request) if project else None)
    wanted = list(dict.fromkeys(names))
    found = [client for client in CLIENTS.values() if client.detected(places)]
    clients = [CLIENTS[name] for name in wanted] or (list(CLIENTS.values()) if uninstall else found)
    if not clients:
        request.notice(f"no agent was found; --client takes one of {', '.join(CLIENTS)}")
        return NOTHING_FOUND
    server = [*command_line(), "mcp"]
    if places.project is not None:  # a client may start it elsewhere
        server += ["--root", str(places.project)]
    plan = _plan(places, server)
    if uninstall:
        plan.uninstall(clients)
    else:
        plan.install(clients)
        _remark(request, clients, places, named=bool(wanted))
    return _carry_out(request, plan, dry_run=dry_run, yes=yes, uninstall=uninstall)


def _plan(places: Places, server: Sequence[str]) -> Plan:
    from pampax.install import Refused
    from pampax.install.plan import Plan

    try:
        return Plan(places, server)
    except Refused as error:
        failure = click.ClickException(str(error))
        raise failure from None


def _project(request: Request) -> Path:
    """The project around the folder of the command: the top of the git repository, else the folder itself."""
    folder = Path(request.folder or ".").resolve()
    if not folder.is_dir():
        raise click.UsageError(f"{folder} is not a folder")
    top = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
    if top == Path.home().resolve() or top == top.parent:
        raise click.UsageError(f"{top} is not a project: leave out --project, or go into one")
    return top


def _remark(request: Request, clients: Sequence[Client], places: Places, *, named: bool) -> None:
    """Say which clients have no file for the server or for the rule where it was to go."""
    scope = "for the user" if places.project is None else "in a project"
    for client in clients:
        lacks = [
            what
            for what, file in (("MCP servers", client.server(places)), ("rules", client.rule(places)))
            if file is None
        ]
        if len(lacks) == 1 or (lacks and named):
            request.notice(f"{client.title} has no file for {' and '.join(lacks)} {scope}")


def _carry_out(request: Request, plan: Plan, *, dry_run: bool, yes: bool, uninstall: bool) -> int:
    """Show the plan, ask, make the changes, and say what became of it."""
    changes, problems = plan.changes, plan.problems
    try:
        _draw(request, plan)
    except BrokenPipeError:
        if not yes:
            raise
        # Who reads the plan has gone, but has agreed to it beforehand.
    _report(request, problems)
    request.log.add(files=len(changes))
    if not changes and not problems:
        request.notice("nothing to do: " + ("nothing of pampax is there" if uninstall else "all is in place"))
    agreed = not dry_run and (not changes or yes or _agrees(request, len(changes)))
    if agreed:
        # Also without a change: who else reads a file that is in place already may have to be remembered.
        failures = plan.apply()
        _report(request, failures)
        problems = problems + failures
        if changes:
            request.notice(f"{len(changes) - len(failures)} of {len(changes)} files changed")
            if not uninstall:
                request.notice("restart agents that are running; `pampax install --uninstall` takes it back")
    elif not dry_run:
        request.notice("nothing was changed")
    if problems:
        request.log.status = "error"
    return INPUT_OUTPUT if problems else SUCCESS


def _draw(request: Request, plan: Plan) -> None:
    """The diff of every file, on stdout."""
    from pampax.cli.terminal import visible
    from pampax.install.difference import unified

    styles = {"+": "number", "-": "error", "@": "dim"}
    for change in plan.changes:
        for line in unified(change):
            text = visible(line) if request.out.terminal or request.out.colour else line
            style = styles.get(line[:1])
            request.out.line(request.out.style(style, text) if style else text)
    if sys.stdout is not None:
        sys.stdout.flush()


def _agrees(request: Request, count: int) -> bool:
    """Ask whether to go on; without a terminal there is nobody to ask."""
    from pampax.cli.terminal import is_terminal

    if not (is_terminal(sys.stdin) and request.err.terminal):
        raise click.UsageError("nobody can be asked without a terminal: give --yes to make these changes")
    return click.confirm(f"Change {'this file' if count == 1 else f'these {count} files'}?", err=True)


def _report(request: Request, problems: Sequence[Problem]) -> None:
    for problem in problems:
        message = f"{problem.client}: {problem.path} is left alone: {problem.reason}"
        if logs.configured_format() == "json":
            logs.write("error", "cli", message, op=request.log.op, corr_id=request.log.corr_id)
        else:
            request.err.line(f"pampax: {request.err.style('error', 'error:')} {request.err.field(message)}")
