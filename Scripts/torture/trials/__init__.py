"""The kinds of trial. Each has a name, a share of the time, and `run`, which makes one trial."""
from trials import (
    divergence, faults, inputs, kills, limits, models, options, paths, rivals, streams)

ALL = [
    options.Options(), paths.Paths(), inputs.Inputs(), models.Models(), models.Crafted(),
    kills.Kills(), rivals.Rivals(), faults.Faults(), divergence.Divergence(),
    streams.Streams(), limits.Limits(),
]
