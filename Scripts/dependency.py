#!/usr/bin/env python3
"""Builds and runs a package made of the README's own snippets, by path and by the URL of a clone.

Usage: dependency.py [--scratch FOLDER]

The first Swift block of the README is the program, its manifest and its line with a URL are what the
package depends by. The clone (of what is committed) gets the tag of the version. The dependency by
path is built in FOLDER, by default that of Examples/OwnModel, which has built RNNCore already.
"""

import argparse
import os
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEBUG = ["-Xcc", "-O2"]


def run(*command: str | Path, **environment: str | Path) -> str:
    result = subprocess.run(
        [str(part) for part in command],
        env=os.environ | {name: str(value) for name, value in environment.items()},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise SystemExit(
            f"dependency: {' '.join(map(str, command))}\n{result.stdout[-3000:]}{result.stderr[-3000:]}"
        )
    return result.stdout


def snippets() -> tuple[str, str, str]:
    """The program, the manifest, and the line of the dependency by URL."""
    blocks = re.findall(r"^```swift\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    program = blocks[0]
    manifest = next(block for block in blocks if block.startswith("// swift-tools-version"))
    line = next(block for block in blocks if block.strip().startswith(".package(url:"))
    return program, manifest, line.strip()


def version() -> str:
    text = (ROOT / "Sources/RNNCore/Version.swift").read_text()
    return re.search(r'"(\d+\.\d+\.\d+)"', text)[1]


def make_package(folder: Path, program: str, manifest: str, dependency: str) -> Path:
    manifest, count = re.subn(r"\.package\(name:.*?\)", lambda _: dependency, manifest, count=1)
    assert count == 1, "the manifest depends by path"
    main = folder / "Sources/MyProgram/main.swift"
    main.parent.mkdir(parents=True)
    main.write_text(program)
    (folder / "Package.swift").write_text(manifest)
    return folder


def build_and_run(package: Path, scratch: Path) -> str:
    options = ["--package-path", package, "--scratch-path", scratch, *DEBUG]
    run("swift", "build", *options, "--product", "MyProgram")
    binaries = run("swift", "build", *options, "--show-bin-path").strip()
    losses = [float(line) for line in run(Path(binaries) / "MyProgram").split()]
    assert losses[-1] < losses[0] / 2, f"the loss fell from {losses[0]} to {losses[-1]}"
    return f"loss {losses[0]:.3f} to {losses[-1]:.3f} in {len(losses)} updates"


def main() -> None:
    options = argparse.ArgumentParser()
    # In a folder of its own, all of RNNCore would be compiled once more.
    options.add_argument("--scratch", type=Path, default=ROOT / "Examples/OwnModel/.build")
    scratch = options.parse_args().scratch
    program, manifest, line = snippets()
    number = version()
    assert f'from: "{number}"' in line, f"the README depends on {line}, the version is {number}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        # The folder has a name of its own, as that of whoever cloned it may have.
        elsewhere = folder / "another-name"
        elsewhere.symlink_to(ROOT, target_is_directory=True)
        stated = re.search(r"\.package\(name:.*?\)", manifest)[0]
        by_name = re.sub(r'path: ".*?"', f'path: "{elsewhere}"', stated)
        run(
            "swift",
            "package",
            "--package-path",
            make_package(folder / "named", program, manifest, by_name),
            "describe",
        )
        by_folder = re.sub(r'name: ".*?", ', "", by_name)
        unnamed = make_package(folder / "unnamed", program, manifest, by_folder)
        refused = subprocess.run(
            ["swift", "build", "--package-path", unnamed, "--scratch-path", folder / "scratch"],
            capture_output=True,
            text=True,
        )
        assert (
            refused.returncode and "unknown package 'RNNCore'" in refused.stderr + refused.stdout
        ), f"a path without a name is refused: {refused.stderr}"

        by_path = re.sub(r'path: ".*?"', f'path: "{ROOT}"', stated)
        print(
            "by path:",
            build_and_run(make_package(folder / "path", program, manifest, by_path), scratch),
        )

        clone = folder / "RNNCore.git"
        # A checkout may belong to another user, as a mounted one does. Git hands a file on to the
        # other end of a clone, but no GIT_CONFIG_COUNT.
        trust = folder / "gitconfig"
        trust.write_text(f'[safe]\n\tdirectory = "{ROOT}"\n\tdirectory = "{ROOT}/.git"\n')
        run("git", "clone", "--quiet", "--bare", ROOT, clone, GIT_CONFIG_GLOBAL=trust)
        run("git", "-C", clone, "tag", "--force", number)
        url = re.sub(r'url: ".*?"', f'url: "file://{clone}"', line)
        print(
            "by URL:",
            build_and_run(
                make_package(folder / "url", program, manifest, url), folder / "url-scratch"
            ),
        )


if __name__ == "__main__":
    main()
