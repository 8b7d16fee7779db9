"""The files of the small repository the command is tried in, and what its process leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

FILES = {
    "shop/session.py": '''"""Sessions of the shop."""

import hmac


class SessionStore:
    """Keeps the sessions of all customers."""

    def __init__(self, secret):
        self.secret = secret
        self.sessions = {}

    def sign_cookie(self, value):
        """Sign a session cookie so that a customer cannot forge it."""
        digest = hmac.new(self.secret, value.encode(), "sha256").hexdigest()
        if not digest:
            raise ValueError("no digest")
        signed = f"{value}.{digest}"
        self.sessions[value] = signed
        return signed

    def forget_customer(self, value):
        """Drop the session of a customer."""
        return self.sessions.pop(value, None)
''',
    "shop/invoice.py": '''"""Invoices."""


def total_amount(lines):
    """Add up the amounts of an invoice."""
    return sum(line.amount for line in lines)
''',
    "web/basket.js": """// The basket on the page.
export function addToBasket(basket, article) {
  basket.push(article);
  return basket.length;
}
""",
    "server/retry.go": """package server

// RetryWithBackoff calls a function until it succeeds.
func RetryWithBackoff(times int, call func() error) error {
\tvar err error
\tfor i := 0; i < times; i++ {
\t\tif err = call(); err == nil {
\t\t\treturn nil
\t\t}
\t}
\treturn err
}
""",
    "README.md": "# Shop\n\nA shop that sells tea.\n",
}


class Result:
    """What a process left behind."""

    def __init__(self, finished: subprocess.CompletedProcess[bytes]) -> None:
        """Keep its bytes, and the same as text."""
        self.code = finished.returncode
        self.out_bytes = finished.stdout
        self.out = finished.stdout.decode("utf-8", "surrogateescape")
        self.err = finished.stderr.decode("utf-8", "surrogateescape")


class Pampax(Protocol):
    """Runs the command in the repository of the test."""

    def __call__(
        self,
        *arguments: str | bytes,
        stdin: bytes | None = None,
        cwd: Path | None = None,
        **variables: str,
    ) -> Result:
        """Run `pampax` with `arguments`; `variables` are added to its environment."""
