"""The cells and shapes that all sides run."""

from dataclasses import dataclass


CELLS = ["lstm", "gru", "elman"]


@dataclass(frozen=True)
class Shape:
    batch: int
    steps: int
    input: int
    hidden: int
    layers: int = 1
    # Bounds of the sequences' lengths, drawn uniformly; None for a dense batch.
    lengths: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        steps = f"{self.lengths[0]}-{self.lengths[1]}" if self.lengths else str(self.steps)
        return f"B {self.batch} T {steps} I {self.input} H {self.hidden} L {self.layers}"

    def csv(self) -> str:
        lengths = f"{self.lengths[0]}-{self.lengths[1]}" if self.lengths else ""
        return f"{self.batch},{self.steps},{self.input},{self.hidden},{self.layers},{lengths}"


CSV_HEADER = "batch,steps,input,hidden,layers,lengths"

# Small, middle and large networks at I = H; the one-sequence row is what streaming looks like.
TABLE = [
    Shape(32, 100, 128, 128),
    Shape(64, 100, 256, 256),
    Shape(64, 100, 512, 512, 2),
    Shape(128, 50, 1024, 1024),
    Shape(16, 200, 64, 64),
    Shape(20, 35, 200, 200, 2),
    Shape(1, 200, 128, 128),
]

# Nothing was tuned on these.
UNTUNED = [
    Shape(48, 60, 80, 320),
    Shape(24, 150, 40, 96, 2),
    Shape(10, 80, 300, 650),
]

RAGGED = Shape(64, 200, 256, 256, lengths=(10, 200))
# Our own padded batch of the same maximal length.
RAGGED_PADDED = Shape(64, 200, 256, 256)

# One time step a call, so many calls a pass.
STREAM = [Shape(batch, 100, hidden, hidden) for hidden in (128, 256, 512, 1024) for batch in (1, 4, 8)]

# With a pause between passes, in which threads fall asleep.
GAPS = [Shape(32, 100, 128, 128), Shape(16, 200, 64, 64), Shape(1, 200, 128, 128)]
GAP_MILLISECONDS = 1


@dataclass(frozen=True)
class Adding:
    """Training on the adding problem: the error is at the last step alone, gradients vanish on the way back."""

    length: int
    hidden: int = 128
    batch: int = 32
    updates: int = 10

    @property
    def tokens(self) -> int:
        return self.length * self.batch * self.updates


ADDING = [Adding(400), Adding(40)]
