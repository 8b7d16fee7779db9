"""The catalogue in the SDK's types, and the texts of resources and prompts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import mcp_types as types
from mcp.shared.exceptions import MCPError

from pampax.mcp_server import catalogue
from pampax.mcp_server.arguments import LONGEST_TEXT
from pampax.mcp_server.tools import assemble, repository_map, status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pampax.mcp_server.repositories import OpenRepository

MOST_CLIENTS = 1_000
"""Clients whose roots are remembered."""

SCHEME = "pampax"

PROMPT_TOKENS = 6_000
"""What the code in a prompt may cost."""


def tools() -> list[types.Tool]:
    """The tools."""
    return [
        types.Tool(
            name=tool.name,
            description=tool.description,
            input_schema=tool.input_schema,
            output_schema=tool.output_schema,
            annotations=types.ToolAnnotations(read_only_hint=True) if tool.read_only else None,
        )
        for tool in catalogue.TOOLS
    ]


def resources() -> list[types.Resource]:
    """The resources of the only root."""
    return [
        types.Resource(
            uri=f"{SCHEME}://{part}", name=resource.name, description=resource.description, mime_type=resource.mime_type
        )
        for part, resource in catalogue.RESOURCES.items()
    ]


def resource_templates() -> list[types.ResourceTemplate]:
    """The resources of one of several roots."""
    return [
        types.ResourceTemplate(
            uri_template=f"{SCHEME}://{{repository}}/{part}",
            name=f"{resource.name} of a root",
            description=resource.description,
            mime_type=resource.mime_type,
        )
        for part, resource in catalogue.RESOURCES.items()
    ]


def parts_of_uri(uri: str) -> tuple[str | None, str]:
    """The root (None: the only one) and the part that a resource's URI names; raises what the protocol wants."""
    try:
        split = urlsplit(uri)
    except ValueError:
        split = urlsplit("")
    names = [unquote(name) for name in (split.netloc, *split.path.split("/")) if name]
    if split.scheme != SCHEME or len(names) not in (1, 2) or names[-1] not in catalogue.RESOURCES:
        known = ", ".join(f"{SCHEME}://{part}" for part in catalogue.RESOURCES)
        raise MCPError(types.INVALID_PARAMS, f"there is no such resource; there are {known}")
    return (names[0] if len(names) == 2 else None), names[-1]


def resource_text(opened: OpenRepository, part: str) -> str:
    """The text of a resource."""
    if part == "map":
        return repository_map(opened)
    return json.dumps(status(opened).structured, ensure_ascii=False, sort_keys=True)


def prompts() -> list[types.Prompt]:
    """The prompts."""
    return [
        types.Prompt(
            name=name,
            title=prompt.title,
            description=prompt.description,
            arguments=[
                types.PromptArgument(
                    name=prompt.argument, description=prompt.argument_description, required=prompt.required
                )
            ],
        )
        for name, prompt in catalogue.PROMPTS.items()
    ]


def prompt_argument(name: str, arguments: Mapping[str, Any]) -> str:
    """What the argument of a prompt holds; raises what the protocol wants if there is no such prompt or argument."""
    prompt = catalogue.PROMPTS.get(name)
    if prompt is None:
        known = ", ".join(catalogue.PROMPTS)
        raise MCPError(types.INVALID_PARAMS, f'there is no prompt "{name[:100]}"; there are {known}')
    if unknown := sorted(set(arguments) - {prompt.argument, "repository"}):
        raise MCPError(types.INVALID_PARAMS, f'unknown argument "{unknown[0][:100]}": the prompt has {prompt.argument}')
    given = str(arguments.get(prompt.argument) or "")
    if prompt.required and not given.strip():
        raise MCPError(types.INVALID_PARAMS, f'the argument "{prompt.argument}" is missing')
    if len(given) > LONGEST_TEXT:
        raise MCPError(types.INVALID_PARAMS, f"{prompt.argument} is longer than {LONGEST_TEXT} characters")
    return given.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def prompt_text(opened: OpenRepository, name: str, given: str) -> str:
    """The text of a prompt, with what the repository says at this moment."""
    if name == "understand-codebase":
        about = f", above all what has to do with: {given}" if given.strip() else ""
        return (
            f"Explain how the repository {opened.name} works{about}. Below is a map of its most important definitions. "
            "Find its entry points and the main flow of data with the tools search, graph and read; say which files a "
            "newcomer should read first, and what you could not find out.\n\n" + repository_map(opened)
        )
    bundle = assemble(opened, {"task": given, "budget": PROMPT_TOKENS})
    return (
        f"Prepare this change in the repository {opened.name}: {given}\n\nBelow is the code it most likely needs. "
        "Before anything is edited: use graph for the callers and tests of each symbol that would change, read what is "
        "shown only in part, and then give a plan: files and symbols to change, tests to change or add, risks, open "
        f"questions.\n\n{bundle.text}"
    )
