"""The memory of a backup is read alike, whichever control groups the engine's kernel has."""

from bench.streaming import Sample, read_sample


def test_greatest_charge_is_the_kernels_where_it_is_told() -> None:
    told = {"memory_stats": {"usage": 70, "max_usage": 90, "stats": {"total_rss": 40, "rss": 30}}}
    assert read_sample(told, 5) == Sample(programs=40, charged=90, disk=5)


def test_charge_of_the_moment_stands_where_no_greatest_is_told() -> None:
    told = {"memory_stats": {"usage": 70, "stats": {"anon": 40, "file": 30}}}
    assert read_sample(told, 5) == Sample(programs=40, charged=70, disk=5)
