"""The kinds of trial. Each has a name, a share of the time, and `run`, which makes one trial."""
from trials import damage, divergence, faults, kills, options, paths, rivals

ALL = [
    options.Options(), paths.Paths(), damage.Inputs(), damage.Models(), damage.Crafted(),
    kills.Kills(), rivals.Rivals(), faults.Faults(), divergence.Divergence(),
]
