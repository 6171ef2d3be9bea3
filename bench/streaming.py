"""What the nightly backup needs while it streams: memory and disk, at two sizes of the database."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from docker import DockerClient

from bench.measure import Spread, Table
from fixtures.backups import Backups, new_keys
from fixtures.bucket import bucket_serving
from fixtures.commands import CouldNotVerify
from fixtures.containers import Containers
from fixtures.contents import fill
from fixtures.database import Database, serving
from fixtures.documents import HARNESS
from fixtures.engine import Engine
from fixtures.inventory import Service, read_inventory
from fixtures.running import DidNotStart, Running
from fixtures.runs import Run
from fixtures.server_images import BUCKET, POSTGRES, server_image
from fixtures.session import build_tree
from fixtures.waiting import TookTooLong

SERVICE = "backup-nightly"
#: Of what is put into the database, in MiB.
SIZES = (100, 1000)
ROUNDS = 3
#: What is in the database, so many times. Too far apart for a dump to be compressed the better for it.
AGAIN = (
    "INSERT INTO bulk SELECT bulk.* FROM bulk, generate_series(2, %s) AS time ORDER BY time",
    "SELECT count(lo_from_bytea(0, lo_get(oid))) FROM pg_largeobject_metadata, generate_series(2, %s)",
)
MIB = 2**20
#: A backup that takes longer is given up.
SECONDS = 900.0


@dataclass(frozen=True)
class Sample:
    """A moment of the container, in bytes."""

    programs: int  #: memory that is the programs' own: no file can give it back
    charged: int  #: memory that is charged to the container: with cached files, buffers and whatever lies in a tmpfs
    disk: int  #: what was written into the container's file system


@dataclass(frozen=True)
class Streamed:
    """One backup: the greatest values of any moment, in bytes."""

    programs: int
    charged: int
    disk: int
    sent: int  #: size of what lies in the bucket
    seconds: float
    samples: int


def streaming(
    engine: Engine, client: DockerClient, run: Run, say: Callable[[str], None]
) -> tuple[list[Table], dict[str, Any]]:
    """Measure backups by the image, as production makes them. Raises CouldNotVerify."""
    inventory = read_inventory(HARNESS)
    service = inventory.services[SERVICE]
    build = build_tree(HARNESS, [service.image], "auto", client, run, say)[service.image.name]
    if not build.id:
        raise CouldNotVerify(f"{service.image.name} cannot be built")
    containers = Containers(engine, client, run)

    def start(one: Service, **how: Any) -> AbstractContextManager[Running]:
        # Where nothing can be written, and memory ends, there is nothing to measure.
        return containers.started(one, build.id, **{**how, "isolated": False})

    found: dict[int, list[Streamed]] = {size: [] for size in SIZES}
    with ExitStack() as stack:
        image = server_image(POSTGRES, "auto", client, run)
        server = stack.enter_context(serving(HARNESS, image, containers))
        buckets = stack.enter_context(bucket_serving(server_image(BUCKET, "auto", client, run), containers))
        keys = new_keys(containers.opened(build.id))
        databases = {size: server.database() for size in SIZES}
        for size, database in databases.items():
            say(f"putting {size} MiB into a database")
            _fill(database, size)
        for _ in range(ROUNDS):
            for size, database in databases.items():  # in turns, so that a slow minute hits both
                found[size].append(_measured(Backups(service, start, keys, database, buckets.bucket()), client))
                say(f"{size} MiB: {found[size][-1]}")
    return [_table(found)], {str(size): [asdict(one) for one in these] for size, these in found.items()}


def _fill(database: Database, size: int) -> None:
    """As much as the smallest has, and then the same again: to make it all anew takes minutes."""
    fill(database, SIZES[0])
    with database.connect() as connection:
        for statement in AGAIN:
            connection.execute(statement, [size // SIZES[0]])


def _measured(backups: Backups, client: DockerClient) -> Streamed:
    """One backup. Raises CouldNotVerify."""
    try:
        return _watched(backups, client)
    except (DidNotStart, TookTooLong) as error:
        raise CouldNotVerify(f"there is no backup to look at: {error}") from None


def _watched(backups: Backups, client: DockerClient) -> Streamed:
    """Make one, and look at it once a second. Raises CouldNotVerify, DidNotStart, TookTooLong."""
    began = time.monotonic()
    with backups.starting() as running:
        samples = []
        # The engine gives them, one a second, and tells nothing of a container that has ended.
        for told in running.container.stats(stream=True, decode=True):
            if running.status is not None:
                break
            if time.monotonic() - began > SECONDS:
                raise CouldNotVerify(f"no backup after {SECONDS:g} s; its log: {running.text[-600:]}")
            if told.get("memory_stats", {}).get("usage"):
                samples.append(read_sample(told, _written(client, str(running.container.id))))
        took, status, said = time.monotonic() - began, running.status, running.text[-600:]
    published = backups.published()
    if status or len(published) != 1 or not samples:
        raise CouldNotVerify(f"a backup ended with {status}, after {len(samples)} looks at it; its log: {said}")
    (manifest,) = published.values()
    for name in backups.bucket.objects():
        backups.bucket.remove(name)
    return Streamed(
        programs=max(one.programs for one in samples),
        charged=max(one.charged for one in samples),
        disk=max(one.disk for one in samples),
        sent=int(manifest["size"]),
        seconds=round(took, 2),
        samples=len(samples),
    )


def read_sample(told: Mapping[str, Any], written: int) -> Sample:
    """From what the engine tells of a container at work.

    Of control groups of version 1 the kernel keeps the greatest charge itself; of version 2 the engine tells it not.
    """
    memory = told["memory_stats"]
    programs = memory["stats"]["anon"] if "anon" in memory["stats"] else memory["stats"]["total_rss"]
    return Sample(int(programs), int(memory.get("max_usage", memory["usage"])), written)


def _written(client: DockerClient, container: str) -> int:
    """Bytes in the container's own layer."""
    (one,) = client.api.containers(all=True, size=True, filters={"id": container})
    return int(one.get("SizeRw", 0))


def _table(found: Mapping[int, list[Streamed]]) -> Table:
    def spread(size: int, value: Callable[[Streamed], float]) -> Spread:
        return Spread(tuple(value(one) for one in found[size]))

    least = spread(SIZES[0], lambda one: one.programs).median
    rows: list[tuple[str, ...]] = [
        (
            f"{size} MiB",
            f"{spread(size, lambda one: one.programs).median / least:.2f}x",
            str(spread(size, lambda one: one.programs / MIB)),
            str(spread(size, lambda one: one.charged / MIB)),
            str(spread(size, lambda one: one.disk / 1024)),
            str(spread(size, lambda one: one.sent / MIB)),
            str(spread(size, lambda one: one.seconds)),
        )
        for size in found
    ]
    columns = (
        "database",
        f"memory, of that at {SIZES[0]}",
        "memory, MiB",
        "charged, MiB",
        "disk, KiB",
        "sent, MiB",
        "s",
    )
    notes = (
        "Greatest values of the whole container, looked at once a second: all of the pipeline's programs together, "
        "verification and publishing included. It may write and take memory as it likes; in the suites it may not.",
        "Memory: of the programs alone. Charged: with cached files and whatever lies in a tmpfs. "
        "Disk: the container's own layer, in which its two Secret Files lie.",
    )
    return Table("Streaming a backup", columns, rows, notes)
