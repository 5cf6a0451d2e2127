"""`python -m rnncore`: the command line, rnnbench."""

import os
import pathlib
import sys


def main() -> None:
    """Becomes rnnbench, with the arguments that Python was given."""
    program = pathlib.Path(__file__).with_name("bin") / "rnnbench"
    if not program.exists():
        sys.exit("rnncore: this installation has no rnnbench")
    os.execv(program, ["rnnbench", *sys.argv[1:]])


if __name__ == "__main__":
    main()
