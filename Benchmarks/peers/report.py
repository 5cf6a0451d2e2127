"""Tables of times by row and side, with ratios and who is fastest, in Markdown."""

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

OURS = "RNNCore"


def milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.2f}"


def microseconds(seconds: float) -> str:
    return f"{1e6 * seconds:.1f}"


def kilotokens(seconds: float) -> str:
    """Thousand tokens a second of the seconds that one takes."""
    return f"{1e-3 / seconds:.1f}"


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def who(side: str) -> str:
    """What follows a comma in a side's name is how it went about the same work."""
    return side.split(",")[0]


@dataclass
class Table:
    """Seconds of each side for each row, one value a turn."""

    # What is done, over all cells: rows of the summary.
    work: str
    title: str
    unit: str
    show: Callable[[float], str]
    rows: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    # Our own share of the sgemm peak.
    shares: dict[str, list[float]] = field(default_factory=dict)

    def add(self, row: str, side: str, seconds: float, share: float | None = None) -> None:
        self.rows.setdefault(row, {}).setdefault(side, []).append(seconds)
        if share is not None:
            self.shares.setdefault(row, []).append(share)

    def medians(self, row: str) -> dict[str, float]:
        return {side: statistics.median(values) for side, values in self.rows[row].items()}

    def fastest(self, row: str) -> tuple[str, float]:
        """The side with the smallest median, and its lead: ours over the best peer, or a peer's over us."""
        times = self.medians(row)
        best = min(times, key=times.__getitem__)
        others = [t for side, t in times.items() if (who(side) == OURS) != (who(best) == OURS)]
        return best, min(others) / times[best]

    def lines(self) -> list[str]:
        # In one order, whichever side was measured first.
        found = list(dict.fromkeys(side for times in self.rows.values() for side in times))
        sides = [OURS] + sorted(side for side in found if side != OURS)
        heads = [f"{OURS}: {self.unit}", *sides[1:], *(f"to {side}" for side in sides[1:])]
        heads += ["of peak"] * bool(self.shares) + ["fastest"]
        lines = [
            f"### {self.title}", "", "| | " + " | ".join(heads) + " |",
            "|---|" + "---:|" * (len(heads) - 1) + "---|",
        ]
        ratios: dict[str, list[float]] = {side: [] for side in sides[1:]}
        for row in self.rows:
            times = self.medians(row)
            cells = [row] + [self.show(times[side]) if side in times else "" for side in sides]
            for side in sides[1:]:
                if side in times:
                    ratios[side].append(times[side] / times[OURS])
                cells.append(f"**{ratios[side][-1]:.2f}**" if side in times else "")
            if self.shares:
                cells.append(f"{100 * statistics.median(self.shares[row]):.0f} %")
            best, lead = self.fastest(row)
            lines.append("| " + " | ".join(cells + [f"{best}: {lead:.2f}"]) + " |")
        if len(self.rows) > 1:
            means = [f"**{geometric_mean(ratios[side]):.2f}**" for side in sides[1:]]
            empty = [""] * (1 + bool(self.shares))
            lines.append("| " + " | ".join(["geometric mean", *[""] * len(sides), *means, *empty]) + " |")
        return lines + [""]


def summary(tables: list[Table]) -> list[str]:
    """How often each is the fastest, by what is done."""
    counts: dict[str, dict[str, int]] = {}
    measured: dict[str, set[str]] = {}
    for table in tables:
        for row in table.rows:
            best = who(table.fastest(row)[0])
            work = counts.setdefault(table.work, {})
            work[best] = work.get(best, 0) + 1
            measured.setdefault(table.work, set()).update(map(who, table.rows[row]))
    names = [OURS] + sorted(set().union(*measured.values()) - {OURS})

    def line(title: str, numbers: list[str]) -> str:
        return f"| {title} | " + " | ".join(numbers) + " |"

    lines = [
        "## Who is fastest", "",
        "How often each has the smallest median, over all shapes and cells.", "",
        line("", names), "|---|" + "---:|" * len(names),
    ]
    for work, of_work in counts.items():
        lines.append(line(work, [
            str(of_work.get(name, 0)) if name in measured[work] else "" for name in names]))
    totals = [sum(of_work.get(name, 0) for of_work in counts.values()) for name in names]
    return lines + [line("all", [f"**{total}**" for total in totals]), ""]
