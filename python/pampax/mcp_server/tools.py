"""What the tools do: from checked arguments to a reply. They block, and run in worker threads."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from pampax import _core
from pampax.definitions import definitions
from pampax.mcp_server.errors import BadArgument
from pampax.mcp_server.hit_text import LONGEST_LINE, hit_lines, hit_row
from pampax.mcp_server.replies import Reply, coverage_line, coverage_of, empty_line, fitting, reply
from pampax.memory_kinds import SCOPES
from pampax.packs import chosen_pack, narrowed
from pampax.query_log import VERDICTS, check_feedback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pampax._core import GraphEdge
    from pampax.definitions import Definitions
    from pampax.mcp_server.repositories import OpenRepository
    from pampax.packs import Filters, Pack

SEARCH_TOKENS = 1_500
"""What the text of a search may cost unless the client says otherwise."""
READ_TOKENS = 4_000
MARKS_TOKENS = 60
"""Tokens kept for the heading and the coverage around a bundle; at most a quarter of a budget."""
_WHY = {"graph-not-made": "how the code hangs together is not known yet: the index is still being made"}
"""Reasons that need more words."""
MOST_LINES = 1_000_000
"""Line numbers over this are taken for this."""


def search(opened: OpenRepository, arguments: Mapping[str, Any]) -> Reply:
    """Ranked hits with snippets."""
    limit = arguments.get("limit", opened.configuration.number("search.limit"))
    pack, filters = _scope(opened, arguments)
    intent = arguments.get("intent") or (pack and pack.intent)
    answer = opened.repository.search(arguments["query"], limit=min(limit, 100), intent=intent, **filters)
    opened.query_log().answered(arguments["query"], answer)
    coverage = coverage_of(answer.coverage, opened.freshener.freshness, pack, by_meaning=True)
    wanted = arguments.get("lines")
    rows = [hit_row(opened.repository, hit, rank, wanted) for rank, hit in enumerate(answer.hits)]
    structured: dict[str, Any] = {"intent": answer.intent, "hits": rows, "coverage": coverage}
    last = coverage_line(coverage)
    if not rows:
        structured["empty_reason"] = answer.empty_reason
        return reply(structured, [empty_line(answer.empty_reason), last])
    lines, shown = hit_lines(rows, arguments.get("max_tokens", SEARCH_TOKENS) - MARKS_TOKENS // 2)
    for row in rows[shown:]:
        row.pop("text", None)
    if shown < len(rows) and wanted != 0:
        coverage["snippets"] = shown
        last += f"; text of {shown} of {len(rows)} hits (max_tokens)"
    return reply(structured, [*lines, last])


def assemble(opened: OpenRepository, arguments: Mapping[str, Any]) -> Reply:
    """A bundle for a task."""
    diff = arguments.get("diff")
    task = arguments.get("task", "")
    if not task.strip() and diff is None:
        raise BadArgument("give a task, or diff to review changes")
    pack, filters = _scope(opened, arguments)
    usual = (pack and pack.budget) or opened.configuration.number("assemble.budget")
    budget = arguments.get("budget", min(usual, 200_000))
    profile = opened.configuration.optional_text("assemble.profile") or ""
    for_code = budget - min(MARKS_TOKENS, budget // 4)
    notes = opened.memory() if arguments.get("memories") else None
    bundle = opened.repository.assemble(
        task,
        budget=for_code - (notes.reserve(for_code) if notes else 0),
        encoding=opened.configuration.text("assemble.encoding"),
        level=arguments.get("level"),
        have=arguments.get("have", []),
        diff=diff,
        profile=pack.profile(profile) if pack else profile,
        intent=pack and pack.intent,
        **filters,
    )
    opened.query_log().assembled(bundle)
    coverage = coverage_of(bundle.coverage, opened.freshener.freshness, pack, by_meaning=bool(task.strip()))
    items = [
        {"id": item.id, "path": item.path, "lines": _spans(item.spans), "level": item.level, "tokens": item.tokens}
        | ({"symbol": item.symbol} if item.symbol else {})
        for item in bundle.items
    ]
    text = bundle.to_text()
    structured: dict[str, Any] = {"bundle": bundle.id, "items": items, "text": text, "coverage": coverage}
    remembered = []
    if notes is not None:
        section = notes.section_for(bundle, for_code)
        structured["memories"] = [memory.to_dict() for memory in section.memories]
        remembered = [section.text.rstrip("\n")] if section.text else []
    if not items:
        structured["empty_reason"] = bundle.empty_reason
        return reply(structured, [_empty_bundle(bundle.empty_reason), *remembered, coverage_line(coverage)])
    structured |= {"tokens": bundle.tokens, "dropped": bundle.dropped_total, "stop_reason": bundle.stop_reason}
    # That there is more says the number of what was dropped.
    based_on = coverage_line({**coverage, "truncated": False})
    end = f"bundle {bundle.id}: {len(items)} items, {bundle.dropped_total} dropped; {based_on}"
    return _within(budget, structured, [text.rstrip("\n"), *remembered, end])


def _within(budget: int, structured: dict[str, Any], lines: list[str]) -> Reply:
    """The reply, with a last line that is cut where the whole would cost more than the budget."""
    answer = reply(structured, lines)
    while lines[-1] and _core.count_tokens(answer.text) > budget:
        lines[-1] = lines[-1][: len(lines[-1]) * 3 // 4]
        answer = reply(structured, lines)
    return answer


def _empty_bundle(reason: str | None) -> str:
    own = {
        "all-held-or-left-out": "all that was found is in `have` already, or left out by the profile",
        "no-changes": "nothing changed since that commit",
    }
    return own.get(reason or "") or empty_line(reason)


def _spans(spans: Iterable[tuple[int, int]]) -> str:
    return ",".join(f"{first}-{last}" for first, last in spans)


def graph(opened: OpenRepository, arguments: Mapping[str, Any]) -> Reply:
    """Definitions of a name, the outline of a file, or edges of the graph."""
    relation = arguments.get("relation", "callers")
    name, limit = arguments["name"], arguments.get("limit", 50)
    if relation == "outline":
        return _outline(opened, name, limit)
    pack, filters = _scope(opened, arguments)
    if relation == "definitions":
        return _definitions(opened, name, limit, pack, filters)
    answer = opened.repository.graph(name, relation, depth=arguments.get("depth", 1), limit=limit, **filters)
    coverage = coverage_of(answer.coverage, opened.freshener.freshness, pack)
    if answer.truncated:
        coverage["truncated"] = True
    definitions = [_node(node.path, node.line, node.symbol) for node in answer.definitions]
    structured: dict[str, Any] = {
        "definitions": definitions,
        "edges": [_edge_row(edge) for edge in answer.edges],
        "coverage": coverage,
    }
    if not answer.edges:
        structured["empty_reason"] = answer.empty_reason
        known = f"{name} is {', '.join(definitions[:3])}; " if definitions else ""
        reason = _WHY.get(answer.empty_reason or "", answer.empty_reason)
        return reply(structured, [f"{known}no {relation}: {reason}", coverage_line(coverage)])
    usual = Counter(edge.certainty for edge in answer.edges).most_common(1)[0][0]
    marked = "" if usual == "exact" else f", {usual} unless marked"
    lines = [f"{relation} of {', '.join(definitions[:5])}{marked}:", *_edge_lines(answer.edges, definitions, usual)]
    return reply(structured, [*lines, coverage_line(coverage)])


def _edge_row(edge: GraphEdge) -> dict[str, Any]:
    row = {
        "kind": edge.kind,
        "path": edge.source.path,
        "line": edge.line,
        "source": edge.source.symbol or edge.source.path,
        "target": edge.target.symbol or edge.target.path,
        "target_place": f"{edge.target.path}:{edge.target.line}",
        "confidence": round(edge.confidence, 2),
    }
    return row | ({"depth": edge.depth} if edge.depth > 1 else {}) | ({"route": edge.route} if edge.route else {})


def _edge_lines(edges: Sequence[GraphEdge], definitions: Sequence[str], usual: str) -> list[str]:
    """The edges. A path stands where it changes, what was asked about nowhere, and uses in one place are one line."""
    known = definitions[0] if len(definitions) == 1 else None
    uses: dict[tuple[str, str], list[int]] = {}
    for edge in edges:
        uses.setdefault((edge.source.path, _edge_text(edge, known, usual)), []).append(edge.line)
    lines: list[str] = []
    last = None
    for (path, text), at in uses.items():
        lines.append(f"{'' if path == last else path}:{','.join(map(str, at))} {text}")
        last = path
    return lines


def _edge_text(edge: GraphEdge, known: str | None, usual: str) -> str:
    source, target = edge.source, edge.target
    parts = [source.symbol or "", edge.kind]
    if edge.direction == "out":
        if known == _node(source.path, source.line, source.symbol):
            parts[0] = ""
        place = f"{target.path}:{target.line}"
        parts.append(f"{target.symbol} ({place})" if target.symbol else target.path)
    elif known != _node(target.path, target.line, target.symbol):
        parts.append(target.symbol or target.path)
    if edge.certainty != usual:
        parts.append(edge.certainty)
    return " ".join(part for part in parts if part)


def _node(path: str, line: int, symbol: str | None) -> str:
    return f"{path}:{line} {symbol or ''}".rstrip()


def _definitions(opened: OpenRepository, name: str, limit: int, pack: Pack | None, filters: Filters) -> Reply:
    if filters["tests"] is not None:
        raise BadArgument('the pack says something about tests, by which definitions cannot be told: give pack "none"')

    def named(prefix: bool) -> Definitions:
        paths, languages, kinds = filters["paths"], filters["languages"], filters["kinds"]
        return definitions(
            opened.repository, name, prefix=prefix, limit=limit, paths=paths, languages=languages, kinds=kinds
        )

    found = named(False)
    prefix = not found.symbols
    if prefix:
        found = named(True)
    coverage = coverage_of(found.coverage, opened.freshener.freshness, pack)
    if found.truncated:
        coverage["truncated"] = True
    rows = [
        {"path": hit.path, "lines": f"{hit.start_line}-{hit.end_line}", "symbol": hit.qualified_name, "kind": hit.kind}
        | {"signature": " ".join(hit.signature.split())[:LONGEST_LINE]}
        for hit in found.symbols
    ]
    structured: dict[str, Any] = {"definitions": rows, "edges": [], "coverage": coverage}
    if not rows:
        structured["empty_reason"] = found.empty_reason
        none = f"no symbol is called {name} or begins like it: {found.empty_reason}"
        return reply(structured, [none, coverage_line(coverage)])
    lines = [f"{row['path']}:{row['lines']} {row['kind']} {row['symbol']}  {row['signature']}" for row in rows]
    head = [f"no symbol is called {name}; these begin like it:"] if prefix else []
    return reply(structured, [*head, *lines, coverage_line(coverage)])


def _outline(opened: OpenRepository, path: str, limit: int) -> Reply:
    outline = opened.repository.outline(path)
    coverage = coverage_of(outline.coverage, opened.freshener.freshness)
    symbols = outline.symbols[:limit]
    signatures = [" ".join(one.signature.split())[:LONGEST_LINE] for one in symbols]
    places = [f"{one.start_line}-{one.end_line}" for one in symbols]
    rows = [
        {"lines": lines, "symbol": one.qualified_name, "kind": one.kind, "depth": one.depth, "signature": signature}
        for one, lines, signature in zip(symbols, places, signatures, strict=True)
    ]
    if len(outline.symbols) > limit:
        coverage["truncated"] = True
    structured: dict[str, Any] = {"definitions": rows, "edges": [], "coverage": coverage}
    if not rows:
        structured["empty_reason"] = outline.empty_reason
        return reply(structured, [f"{path}: no definitions ({outline.empty_reason})", coverage_line(coverage)])
    lines = [
        f"{'  ' * one.depth}{place} {signature or one.qualified_name}"
        for one, place, signature in zip(symbols, places, signatures, strict=True)
    ]
    return reply(structured, [f"{outline.path} ({outline.lines} lines)", *lines, coverage_line(coverage)])


def read(opened: OpenRepository, arguments: Mapping[str, Any]) -> Reply:
    """Lines of a file, or items of a bundle."""
    name = arguments["id"]
    tokens = arguments.get("max_tokens", READ_TOKENS)
    if re.fullmatch(r"[0-9a-f]{16}", name):
        return _read_bundle(opened, name, arguments, tokens)
    if arguments.get("items"):
        raise BadArgument("items belong to a bundle: give its id (16 hexadecimal digits)")
    match = re.fullmatch(r"(.*?)(?::([0-9]{1,9})(?:-([0-9]{1,9}))?)?", name, re.DOTALL)
    path, first, last = (match[1], match[2], match[3]) if match else (name, None, None)
    outline = opened.repository.outline(path)
    if outline.empty_reason in ("not-found", "not-indexed"):
        # Only what the index holds: files that ignore rules leave out may be secrets.
        raise BadArgument(f"{path[:200]} is not a file in the index ({outline.empty_reason}); paths are relative")
    if arguments.get("level") in ("outline", "signature"):
        return _outline(opened, path, 500)
    start = min(max(1, int(first or 1)), MOST_LINES)
    end = min(int(last or first or MOST_LINES), MOST_LINES)
    if end < start:
        raise BadArgument(f"{name}: the last line stands before the first")
    text = opened.repository.text(path, start, end)
    every = text.splitlines()
    lines, complete = fitting(every, tokens - MARKS_TOKENS // 2)
    coverage = coverage_of(outline.coverage, opened.freshener.freshness)
    opened.query_log().read(f"{path}:{start}-{start + max(len(lines) - 1, 0)}")
    shown = f"{path}:{start}-{start + max(len(lines) - 1, 0)}"
    structured: dict[str, Any] = {"id": shown, "text": "\n".join(lines), "coverage": coverage}
    end_lines = [coverage_line(coverage)]
    if not complete:
        coverage["truncated"] = True
        structured["next"] = f"{path}:{start + len(lines)}-{start + len(every) - 1}"
        end_lines.insert(0, f"cut at {tokens} tokens; go on with {structured['next']}")
    return reply(structured, [f"{shown} of {outline.lines} lines", *lines, *end_lines])


def _read_bundle(opened: OpenRepository, bundle_id: str, arguments: Mapping[str, Any], tokens: int) -> Reply:
    items = arguments.get("items")
    if items:
        budget = max(tokens - min(MARKS_TOKENS, tokens // 4), 1)
        bundle = opened.repository.expand(bundle_id, items, level=arguments.get("level", "full"), budget=budget)
    else:
        bundle = opened.repository.bundle(bundle_id)
        if bundle.tokens > tokens:
            raise BadArgument(f"the bundle costs {bundle.tokens} tokens: raise max_tokens, or name items")
    opened.query_log().expanded(bundle_id, items or [])
    coverage = coverage_of(bundle.coverage, opened.freshener.freshness)
    text = bundle.to_text()
    structured: dict[str, Any] = {"id": bundle_id, "text": text, "tokens": bundle.tokens, "coverage": coverage}
    return reply(structured, [text.rstrip("\n"), coverage_line(coverage)])


def status(opened: OpenRepository, _arguments: Mapping[str, Any] | None = None) -> Reply:
    """What the index holds and how fresh it is."""
    found = opened.repository.status()
    freshness = opened.freshener.freshness
    age = freshness.age_seconds
    facts: dict[str, Any] = json.loads(found.to_json())
    del facts["schema"]
    facts["checked_seconds_ago"] = None if age is None else round(age, 1)
    facts["watch"] = {"by": "system" if freshness.watched else "looking"}
    if freshness.watch_problem is not None:
        facts["watch"]["problem"] = freshness.watch_problem
    coverage = coverage_of(opened.repository.coverage(), freshness)
    languages = ", ".join(f"{name} {count}" for name, count in sorted(facts["languages"].items()))
    lines = [
        f"{facts['root']}: generation {facts['generation']}, {facts['files']} files, {facts['symbols']} symbols",
        f"languages: {languages or 'none'}",
    ]
    if freshness.watch_problem is not None:
        lines.append(f"changes are looked for before answers: {freshness.watch_problem}")
    return reply({"status": facts, "coverage": coverage}, [*lines, coverage_line(coverage)])


def repository_map(opened: OpenRepository, focus: str = "", budget: int = 2_000) -> str:
    """The map of a repository, as text with its coverage."""
    found = opened.repository.map(budget, focus=[focus] if focus else [])
    coverage = coverage_of(found.coverage, opened.freshener.freshness)
    text = found.to_text().rstrip("\n") or f"nothing to show: {_WHY.get(found.empty_reason or '', found.empty_reason)}"
    return reply({}, [text, coverage_line(coverage)]).text


def _scope(opened: OpenRepository, arguments: Mapping[str, Any]) -> tuple[Pack | None, Filters]:
    """The context pack that the question is asked within, and where to look."""
    pack = chosen_pack(opened.repository, arguments.get("pack"))
    filters: Filters = {
        "paths": arguments.get("paths", []),
        "languages": arguments.get("languages", []),
        "kinds": arguments.get("kinds", []),
        "tests": arguments.get("tests"),
    }
    return pack, narrowed(pack, filters)


def memory(opened: OpenRepository, arguments: Mapping[str, Any]) -> Reply:
    """Remember, recall, forget and pin in one."""
    notes = opened.memory()
    coverage = coverage_of(opened.repository.coverage(), opened.freshener.freshness)
    action, text = arguments["action"], arguments.get("text", "")
    if action in VERDICTS:
        return _feedback(opened, action, arguments, coverage)
    if action in ("forget", "pin"):
        if "id" not in arguments:
            raise BadArgument(f'give the id of the memory to {action}: action "recall" shows it')
        known = notes.pin(arguments["id"]) if action == "pin" else notes.forget([arguments["id"]]) > 0
        if not known:
            raise BadArgument(f"no memory is called {arguments['id'][:50]}")
        done = "pinned" if action == "pin" else "forgotten"
        return reply({"memories": [], "done": done, "coverage": coverage}, [f"{arguments['id']} {done}"])
    if action == "remember":
        if not text.strip():
            raise BadArgument("give the text to remember")
        kept = notes.remember(
            text,
            kind=arguments.get("kind", "fact"),
            scope=arguments.get("scope", "repository"),
            weight=arguments.get("weight", 1.0),
            days=arguments.get("days"),
            evidence=arguments.get("evidence", []),
        )
        structured = {"memories": [kept.memory.to_dict()], "masked": kept.masked, "coverage": coverage}
        masked = [f"masked: {', '.join(kept.masked)}"] if kept.masked else []
        return reply(structured, [("" if kept.new else "known already: ") + kept.memory.line(), *masked])
    found = notes.recall(
        text,
        kinds=[arguments["kind"]] if "kind" in arguments else [],
        scopes=[arguments["scope"]] if "scope" in arguments else SCOPES,
        limit=arguments.get("limit", 10),
    )
    rows = [one.memory.to_dict() for one in found]
    lines = [one.memory.line() for one in found] or ["nothing was remembered about that"]
    return reply({"memories": rows, "coverage": coverage}, lines)


def _feedback(opened: OpenRepository, verdict: str, arguments: Mapping[str, Any], coverage: dict[str, Any]) -> Reply:
    """Note in the query log what a bundle, or what some of its items were good for."""
    log, items = opened.query_log(), arguments.get("items", [])
    bundle = arguments.get("id", "")
    problem = check_feedback(log, bundle, items)
    if problem is None and verdict == "used" and not items:
        problem = "say which items were used"
    if problem is not None:
        raise BadArgument(problem)
    if not log.feedback(bundle, verdict, items):
        raise BadArgument(f"{log.path} cannot be written")
    return reply({"memories": [], "done": "noted", "coverage": coverage}, [f"{bundle} {verdict}: noted"])


ANSWERING: dict[str, Callable[[OpenRepository, Mapping[str, Any]], Reply]] = {
    "search": search,
    "assemble": assemble,
    "graph": graph,
    "read": read,
    "memory": memory,
}
"""The tools that answer from the index. `index` is the protocol's, as it waits and reports progress."""
