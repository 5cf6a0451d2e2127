#!/usr/bin/env python3
"""Fails when a public symbol has no documentation comment: undocumented.py GRAPH.symbols.json …

What the compiler makes, members that come from a documented protocol (their comment comes along), and
the default of a documented requirement need none.
"""

import json
import sys


def undocumented(graph: dict) -> list[str]:
    defaults = {
        link["source"]
        for link in graph["relationships"]
        if link["kind"] == "defaultImplementationOf"
    }
    names = []
    for symbol in graph["symbols"]:
        identifier = symbol["identifier"]["precise"]
        if symbol["accessLevel"] not in ("public", "open") or "docComment" in symbol:
            continue
        if "::SYNTHESIZED::" in identifier or identifier in defaults:
            continue
        names.append(f'{".".join(symbol["pathComponents"])} ({symbol["kind"]["displayName"]})')
    return names


def main() -> None:
    missing = 0
    for path in sys.argv[1:]:
        with open(path) as file:
            graph = json.load(file)
        names = undocumented(graph)
        missing += len(names)
        for name in sorted(names):
            print(f'{graph["module"]["name"]}: {name} has no documentation', file=sys.stderr)
    if missing or not sys.argv[1:]:
        raise SystemExit(f"{missing} public symbols without documentation")


if __name__ == "__main__":
    main()
