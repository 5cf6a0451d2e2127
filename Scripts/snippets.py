#!/usr/bin/env python3
"""Runs what the documentation shows: the Swift code, commands and files of README and articles.

Usage: snippets.py BUILD    where BUILD is the folder of a build, such as .build/release

The `swift` blocks of a page are one program, in their order; the pages are compiled together, against
the modules and objects in BUILD. A page with `file:` blocks has its `sh` blocks run as well, with
BUILD/rnnbench. Comments before a block, which no reader sees, say what is special about it:

    <!-- file: NAME, NAME -->      the block is written to these files
    <!-- from: PATH -->            the block is an excerpt of that file of the repository
    <!-- not run: REASON -->       the block is left out
    <!-- swift                     what the page's program needs beside what it shows,
    CODE -->                       of this place
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("Sources/*/*.docc/*.md"))]
BLOCK = re.compile(
    r"(?:^<!-- (?P<note>file|from|not run): (?P<about>[^\n]*?) -->\n+)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$"
    r"|^<!-- swift\n(?P<hidden>.*?)-->$",
    re.M | re.S,
)


def fail(message: str) -> None:
    raise SystemExit(f"snippets: {message}")


class Page:
    """The program, commands and files of one page."""

    def __init__(self, path: Path):
        self.path, self.name = path, path.relative_to(ROOT)
        self.swift, self.commands, self.files = [], [], {}
        source = path.read_text()
        for block in BLOCK.finditer(source):
            line = (
                source.count(
                    "\n", 0, block.start("text" if block["kind"] is not None else "hidden")
                )
                + 1
            )
            if block["hidden"] is not None:
                self.swift.append((line, block["hidden"]))
            elif block["note"] == "file":
                for name in block["about"].split(", "):
                    self.files[name] = block["text"]
            elif block["note"] == "from":
                self.check_excerpt(block["text"], ROOT / block["about"], line)
            elif block["note"] is None and block["kind"] == "swift":
                self.swift.append((line, block["text"]))
            elif block["note"] is None and block["kind"] == "sh":
                self.commands.append((line, block["text"]))
        self.runs_commands = bool(self.files)

    def check_excerpt(self, text: str, path: Path, line: int) -> None:
        def plain(text: str) -> list[str]:
            return [line.strip() for line in text.splitlines()]

        if "\n".join(plain(text)) not in "\n".join(plain(path.read_text())):
            fail(f"{self.name}:{line} is no excerpt of {path.relative_to(ROOT)}")

    def program(self, function: str) -> str:
        imports, body = {"RNNCore"}, []
        for line, text in self.swift:
            body.append(f'#sourceLocation(file: "{self.name}", line: {line})')
            for row in text.splitlines():
                found = re.fullmatch(r"import (\w+)", row)
                if found:
                    imports.add(found[1])
                body.append("" if found else row)
        body.append("#sourceLocation()")
        head = "".join(f"import {name}\n" for name in sorted(imports))
        return f"{head}func {function}() throws {{\n" + "\n".join(body) + "\n}\n"


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def compile_programs(pages: list[Page], build: Path, folder: Path) -> Path:
    """One program whose argument is the number of a page."""
    sources, calls = [], []
    for index, page in enumerate(pages):
        path = folder / f"page{index}.swift"
        path.write_text(page.program(f"page{index}"))
        sources.append(path)
        calls.append(f"case {index}: try page{index}()")
    main = folder / "main.swift"
    main.write_text(
        "switch Int(CommandLine.arguments[1]) ?? 0 {\n" + "\n".join(calls) + "\ndefault: break\n}\n"
    )
    objects = [
        str(path)
        for module in ("RNNParallel", "RNNTasks", "RNNCore", "CLibrary", "CKernels")
        for path in (build / f"{module}.build").rglob("*.o")
    ]
    flags = output("pkg-config", "--cflags", "--libs", "openblas", "zlib").split()
    compiler = [x for flag in flags if flag.startswith("-I") for x in ("-Xcc", flag)]
    linker = [flag for flag in flags if not flag.startswith("-I")]
    program = folder / "pages"
    command = [
        "swiftc",
        "-swift-version",
        "6",
        "-suppress-warnings",
        "-I",
        str(build / "Modules"),
        "-Xcc",
        f"-fmodule-map-file={ROOT}/Sources/CBLAS/module.modulemap",
        "-Xcc",
        f"-fmodule-map-file={ROOT}/Sources/CZlib/module.modulemap",
        "-Xcc",
        f"-fmodule-map-file={build}/CKernels.build/module.modulemap",
        *compiler,
        *map(str, [main, *sources]),
        *objects,
        *linker,
        "-o",
        str(program),
    ]
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if run.returncode:
        fail("\n".join(line for line in run.stderr.splitlines() if "error:" in line) or run.stderr)
    return program


def main() -> None:
    build = Path(sys.argv[1]).resolve()
    pages = [Page(path) for path in PAGES]
    programs = [page for page in pages if page.swift]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = compile_programs(programs, build, folder)
        for page in pages:
            place = folder / "run"
            place.mkdir()
            for file, text in page.files.items():
                (place / file).parent.mkdir(parents=True, exist_ok=True)
                (place / file).write_text(text)
            # In the order of the page; its Swift runs as one where it begins.
            steps = []
            if page in programs:
                steps.append((page.swift[0][0], [program, str(programs.index(page))]))
            if page.runs_commands:
                steps += [(line, ["bash", "-euc", text]) for line, text in page.commands]
            for line, command in sorted(steps, key=lambda step: step[0]):
                run = subprocess.run(
                    command,
                    cwd=place,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    env=dict(os.environ, PATH=f"{build}:{os.environ['PATH']}"),
                )
                if run.returncode:
                    fail(
                        f"{page.name}:{line} ended with {run.returncode}:\n{run.stdout[-2000:]}{run.stderr[-2000:]}"
                    )
            if steps:
                print(
                    f"{page.name}: {len(page.swift)} Swift blocks, {len(steps) - (page in programs)} of commands"
                )
            subprocess.run(["rm", "-rf", place], check=True)


if __name__ == "__main__":
    main()
