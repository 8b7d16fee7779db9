"""Limits of the system, lowered for one process."""

from __future__ import annotations

import subprocess

import pytest

NAMESPACE = ["unshare", "--user", "--map-root-user", "sh", "-c"]
"""In a user namespace of its own a process has limits of its own."""


def below_limit(limit: str, value: int) -> list[str]:
    """The start of a command line under which `/proc/sys/user/limit` is `value`; skips the test where none is."""
    lower = f"echo {value} > /proc/sys/user/{limit}"
    try:
        subprocess.run([*NAMESPACE, lower], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs Linux with user namespaces")
    return [*NAMESPACE, f'{lower} && exec "$@"', "sh"]
