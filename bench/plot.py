"""`python bench/plot.py bench.json bench.svg`, in the environment that has matplotlib: the figures as a picture."""

import json
import statistics
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot
from matplotlib.axes import Axes

BLUE, GREY = "#2563a8", "#8a94a0"


def checks(axes: Axes, figures: dict[str, Any]) -> None:
    """Whole processes, a bar each, as a multiple of ours; logarithmic, because they differ by tens."""
    names = list(figures["versions"])
    ours = names[0]
    for place, count in enumerate((str(figures["few"]), str(figures["many"]))):
        medians = {name: statistics.median(figures["seconds"][count][name]) for name in names}
        ratios = [medians[name] / medians[ours] for name in names]
        heights = [index + 0.38 * place - 0.19 for index in range(len(names))]
        axes.barh(heights, ratios, 0.36, color=(BLUE, GREY)[place], label=f"{count} checks")
        for height, ratio in zip(heights, ratios, strict=True):
            axes.text(ratio * 1.05, height, f"{ratio:.2f}x", va="center", fontsize=8)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(right=axes.get_xlim()[1] * 2)
    axes.set_title("Equal checks, whole process, as a multiple of this harness")
    axes.legend()


def growth(axes: Axes, figures: dict[str, Any]) -> None:
    """Milliseconds a check over the number of images, with least and greatest."""
    sizes = [int(size) for size in figures]
    costs = [[1000 * s / one["checks"] for s in one["seconds"]] for one in figures.values()]
    medians = [statistics.median(cost) for cost in costs]
    below = [median - min(cost) for median, cost in zip(medians, costs, strict=True)]
    above = [max(cost) - median for median, cost in zip(medians, costs, strict=True)]
    axes.errorbar(sizes, medians, [below, above], color=BLUE, marker="o", capsize=4)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("images")
    axes.set_ylabel("ms a check")
    axes.set_title("Growth")


def suite(axes: Axes, figures: dict[str, Any]) -> None:
    """Seconds of whole runs, with least and greatest."""
    names = list(figures["seconds"])
    medians = [statistics.median(figures["seconds"][name]) for name in names]
    axes.barh(names, medians, color=BLUE)
    for name, median in zip(names, medians, strict=True):
        axes.text(median, name, f" {median:.1f} s", va="center", fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(right=max(medians) * 1.2)
    axes.set_title("The suite")


def images(axes: Axes, figures: dict[str, Any]) -> None:
    """MiB of each image: its base, and what it adds."""
    bases, wholes = ([one[what] / 2**20 for one in figures.values()] for what in ("base", "image"))
    axes.barh(list(figures), bases, color=GREY, label="base")
    axes.barh(
        list(figures), [w - b for w, b in zip(wholes, bases, strict=True)], left=bases, color=BLUE, label="payload"
    )
    axes.invert_yaxis()
    axes.set_xlabel("MiB")
    axes.set_title("Images")
    axes.legend()


def backup(axes: Axes, figures: dict[str, Any]) -> None:
    """MiB of memory that the backup's programs take at most, by the size of the database."""
    names = [f"{size} MiB" for size in figures]
    medians = [statistics.median(one["programs"] / 2**20 for one in these) for these in figures.values()]
    axes.barh(names, medians, color=BLUE)
    for name, median in zip(names, medians, strict=True):
        axes.text(median, name, f" {median:.0f} MiB", va="center", fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(right=max(medians) * 1.2)
    axes.set_title("Memory of the backup, by the size of the database")


DRAWN = {"checks": checks, "suite": suite, "growth": growth, "images": images, "backup": backup}


def main(source: str, target: str) -> None:
    figures = json.loads(Path(source).read_text())
    parts = [part for part in DRAWN if part in figures]
    drawing, places = pyplot.subplots(len(parts), 1, figsize=(9, 3.4 * len(parts)), squeeze=False, layout="constrained")
    for part, axes in zip(parts, places[:, 0], strict=True):
        DRAWN[part](axes, figures[part])
        axes.spines[["top", "right"]].set_visible(False)
    drawing.savefig(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
