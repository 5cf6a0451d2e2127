"""What was done, as a table, and what was found, by cause."""
import collections
import re

HEAD = ["trial", "trials", "runs", "done", "refused", "ended", "findings", "longest"]


def text(sessions, seconds):
    """A table with a line for each kind of trial, and a sentence.

    Done are runs that ended with 0, refused those that ended with a complaint, ended those that a
    signal or divergence ended.
    """
    rows = {}
    for one in sessions:
        row = rows.setdefault(one.name, [0] * 6 + [0.0])
        counts = [1, one.done + one.refused + one.ended, one.done, one.refused, one.ended,
                  len(one.findings)]
        rows[one.name] = [a + b for a, b in zip(row, counts)] + [max(row[6], one.longest)]
    total = [sum(column) for column in list(zip(*rows.values()))[:6]]
    total.append(max(row[6] for row in rows.values()))
    lines = [HEAD] + [
        [name, *(f"{value:,}" for value in row[:6]), f"{row[6]:.1f} s"]
        for name, row in [*rows.items(), ("all", total)]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    shown = [
        "| " + " | ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths))) + " |"
        for line in lines]
    rules = ["-" * (width + 1) + ("-" if i == 0 else ":") for i, width in enumerate(widths)]
    shown.insert(1, f"|{'|'.join(rules)}|")
    return "\n" + "\n".join(shown) + f"\n\n{total[5]} findings in {seconds / 60:.1f} minutes."


def causes(sessions):
    """The findings, those of one cause together, each with its shortest command."""
    found = collections.defaultdict(list)
    for one in sessions:
        for text, line, said in one.findings:
            words = (said or "").splitlines()[:1] or [""]
            key = (one.name, plain(text), plain(words[0])[:60])
            found[key].append((line or "", text, said or "", one.number))
    lines = []
    for (name, _, _), entries in sorted(found.items(), key=lambda item: -len(item[1])):
        line, text, said, number = min(entries, key=lambda entry: len(entry[0]))
        lines.append(f"{len(entries)} x {name}: {text} (trial {number})")
        lines += [f"    {line[:1000]}"] if line else []
        lines += [f"    {said}"] if said else []
    return "\n".join(lines)


def plain(text):
    """A text without paths and numbers, which differ from run to run."""
    return re.sub(r"\d+(\.\d+)?", "N", re.sub(r"\S*/\S*", "PATH", text))
