"""/app/version.json: which source an image was built from."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.claims import Expect, requirement
from fixtures.commands import CouldNotVerify
from fixtures.documents import Malformed, read_json
from fixtures.inside import Open
from fixtures.inventory import Image
from fixtures.source import Source

PATH = "/app/version.json"
SCHEMA = "infra/docker/version.schema.json"
WRITER = "infra/docker/build-version.sh"

#: The clock of the engine's machine may differ from this one's.
CLOCK_SKEW = timedelta(minutes=5)


class Fields(dict[str, str]):
    """What the file says; a field that it lacks is one violation, and nothing more can be said of it."""

    def __missing__(self, name: str) -> str:
        raise CouldNotVerify(f"{PATH} has no {name}")


@pytest.fixture
def version(opened: Open) -> Fields:
    """The file in the image, read."""
    file = opened.root.file(PATH)
    if not file.is_file:
        raise CouldNotVerify(f"there is no {PATH}")
    try:
        read = json.loads(file.content_string)
    except ValueError as error:
        raise CouldNotVerify(f"{PATH} is no JSON: {error}") from None
    if not isinstance(read, dict):
        raise CouldNotVerify(f"{PATH} is no JSON object")
    return Fields(read)


@requirement("D5-03")
def test_version_file_is_in_the_image(opened: Open, image: Image, expect: Expect) -> None:
    """Without it nobody can tell what runs."""
    expect(
        f"{PATH} is a file",
        opened.root.file(PATH).is_file,
        True,
        look_at=image.dockerfile,
        mend="COPY version.json to /app/version.json in the final stage",
    )


@requirement("D5-02")
def test_version_file_fits_its_schema(opened: Open, image: Image, expect: Expect) -> None:
    """All six fields, each of its form."""
    try:
        problems = read_json(opened.root.file(PATH).content_string, PATH).problems(SCHEMA)
    except (Malformed, RuntimeError) as error:
        problems = [str(error)]
    expect.none("problems in it", problems, look_at=f"{WRITER} and {image.dockerfile}", mend=f"see {SCHEMA}")


@requirement("D5-04")
def test_version_file_names_the_commit(version: Fields, source: Source, expect: Expect) -> None:
    """Held against git: a file from another commit is worse than none."""
    expect(
        "sha",
        version["sha"],
        source.commit,
        look_at=WRITER,
        mend="write the file inside the build; never copy one that lies around",
    )
    expect("short_sha", version["short_sha"], source.commit[:12], look_at=WRITER, mend="the first twelve digits of sha")


@requirement("D5-04")
def test_version_file_describes_the_commit(version: Fields, source: Source, expect: Expect) -> None:
    """A tag that points at the commit, as git knows it; where there is none, the short commit."""
    expect.one_of(
        "describe",
        version["describe"],
        source.plain_tags or [source.commit[:12]],
        look_at=WRITER,
        mend="an annotated tag that is not packed cannot be read without git: git pack-refs --all",
    )


@requirement("D5-02")
@pytest.mark.parametrize("name", ["uv_lock_sha", "pnpm_lock_sha"])
def test_version_file_has_the_digest_of_the_lock(version: Fields, source: Source, name: str, expect: Expect) -> None:
    """Held against the tree: the recipe is the commit and its locks."""
    expect(
        name,
        version[name],
        source.lock_digests[name],
        look_at=WRITER,
        mend="build in the tree that holds the locks; see the schema for what the digest covers",
    )


@requirement("D5-02")
def test_version_file_has_a_sane_time(version: Fields, source: Source, expect: Expect) -> None:
    """After the commit was made, and not in the future."""
    try:
        built_at = datetime.fromisoformat(version["built_at"])
        sane = source.committed_at - CLOCK_SKEW <= built_at <= datetime.now(UTC) + CLOCK_SKEW
    except (TypeError, ValueError) as error:  # no text, no time, or one without a zone
        raise CouldNotVerify(f"built_at is no point in time: {error}") from None
    expect(
        f"built_at {version['built_at']} lies between the commit and now",
        sane,
        True,
        look_at=WRITER,
        mend="take the time from the clock, in UTC",
    )
