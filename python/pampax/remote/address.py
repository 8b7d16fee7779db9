"""Addresses of endpoints and the keys that belong to them, checked before anything is sent."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from pampax.configuration import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI_HOST = "api.openai.com"
"""The one host that `OPENAI_API_KEY` is sent to unasked."""

_LOOPBACK = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")


class Address(NamedTuple):
    """Where an endpoint is."""

    url: str
    """The whole URL that is asked."""
    scheme: str
    host: str
    place: str
    """Host and port, for people."""

    @property
    def keeps_secrets(self) -> bool:
        """Whether nobody between here and there can read a key."""
        return self.scheme == "https" or _LOOPBACK.fullmatch(self.host) is not None


def address(base: str, path: str) -> Address:
    """The address of `path` below the base URL `base`, which may name it already.

    Raises `ConfigurationError`, without the URL in its text, for one that may hold a password or a key.
    """
    parts = urlsplit(base)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
        raise ConfigurationError("the URL of an endpoint begins with http:// or https:// and a host")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigurationError(
            "the URL of an endpoint has no user, password, query or fragment: a key comes from the environment"
        )
    url = base.rstrip("/")
    if not url.endswith("/" + path):
        url += "/" + path
    return Address(url, parts.scheme, parts.hostname.lower(), parts.netloc)


def key_for(
    where: Address, environment: Mapping[str, str], default_variable: str, named_variable: str | None = None
) -> str:
    """The key for an endpoint, or empty text: from the variable that is named, or else from the default one.

    `OPENAI_API_KEY` is read for OpenAI's own host and for no other. Raises `ConfigurationError`, never with the key.
    """
    if named_variable and not environment.get(named_variable, "").strip():
        raise ConfigurationError(f"the environment variable {named_variable}, which is to hold a key, is not set")
    variables = [named_variable or default_variable]
    if not named_variable and where.host == OPENAI_HOST:
        variables.append("OPENAI_API_KEY")
    for variable in variables:
        key = environment.get(variable, "").strip()
        if key:
            return checked_key(where, key, f"the environment variable {variable}")
    return ""


def checked_key(where: Address, key: str, origin: str) -> str:
    """`key`, if it can be sent to `where`. Raises `ConfigurationError`, never with the key."""
    if not re.fullmatch(r"[!-~]{1,4096}", key):
        raise ConfigurationError(f"{origin} holds something that is no key")
    if not where.keeps_secrets:
        raise ConfigurationError(
            f"the key in {origin} is not sent to {where.place} without encryption: use an https:// URL"
        )
    return key


def need(extra: str, *modules: str) -> None:
    """Raise `ConfigurationError` with the command that installs them, unless all `modules` are there."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise ConfigurationError(f"{' and '.join(missing)} cannot be found: pip install 'pampax[{extra}]'")
