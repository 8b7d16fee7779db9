"""From exceptions to one line on stderr and an exit code; no other place knows which exception means which code."""

from __future__ import annotations

import click

from pampax import logs

SUCCESS, NOTHING_FOUND, USAGE, INPUT_OUTPUT, NETWORK, TIMEOUT, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130


def exit_code(error: BaseException) -> int:
    """The exit code for an exception."""
    from pampax import _core
    from pampax.configuration import ConfigurationError

    # The first row whose class fits: narrow classes stand before the wide ones they belong to.
    table: tuple[tuple[type[BaseException], int], ...] = (
        (KeyboardInterrupt, INTERRUPTED),
        (click.Abort, INTERRUPTED),
        (click.FileError, INPUT_OUTPUT),
        (click.ClickException, USAGE),
        (ConfigurationError, USAGE),
        (_core.InvalidInput, USAGE),
        (_core.NotIndexed, NOTHING_FOUND),
        (_core.InternalError, INTERNAL),
        (_core.StoreError, INPUT_OUTPUT),
        (TimeoutError, TIMEOUT),
        (ConnectionError, NETWORK),
        (OSError, INPUT_OUTPUT),
        (_core.PampaxError, INTERNAL),
    )
    return next((code for kind, code in table if isinstance(error, kind)), INTERNAL)


def report(error: BaseException, color: str = "auto", corr_id: str | None = None) -> int:
    """Write one line about an exception to stderr and return the exit code.

    `color` is the value of that option, `corr_id` the id of the request in the log.
    """
    code = exit_code(error)
    if logs.enabled("debug") and not isinstance(error, KeyboardInterrupt):
        import traceback

        lines = "".join(traceback.format_exception(error)).rstrip("\n")
        logs.write("debug", "cli", "where the error came from", corr_id=corr_id, traceback=lines)
    message = "interrupted" if code == INTERRUPTED else _sentence(error, code)
    if logs.configured_format() == "json":
        logs.write("error", "cli", message, corr_id=corr_id, exit_code=code)
    else:
        _write(message, code, color)
    return code


def _sentence(error: BaseException, code: int) -> str:
    """What went wrong and what can be done, on one line."""
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "pampax"
        return f"{error.format_message().rstrip('.')} (see {command} --help)"
    if isinstance(error, click.ClickException):
        return error.format_message()
    text = str(error).strip() or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if code == INTERNAL:
        text = f"{type(error).__name__}: {text} (a defect of pampax; --log-level debug shows where)"
    hint = _hint(error)
    return f"{text} ({hint})" if hint and hint.split("`")[1] not in text else text


def _hint(error: BaseException) -> str:
    """What the user can do about an error that does not say so itself; the command stands in backquotes."""
    from pampax import _core

    hints: tuple[tuple[type[BaseException], str], ...] = (
        (_core.NotIndexed, "run `pampax index` first"),
        (_core.IndexCorrupt, "`pampax index --force` builds it anew"),
        (_core.BudgetTooSmall, "raise `--budget`"),
    )
    return next((hint for kind, hint in hints if isinstance(error, kind)), "")


def _write(message: str, code: int, color: str) -> None:
    from pampax.cli.terminal import standard_error

    out = standard_error(color)
    label = "" if code == INTERRUPTED else f" {out.style('error', 'error:')}"
    try:
        out.line(f"pampax:{label} {out.field(' '.join(message.splitlines()))}")
    except OSError:
        # With stderr gone there is nobody to tell; the exit code still says it.
        return
