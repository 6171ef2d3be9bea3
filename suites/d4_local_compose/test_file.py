"""Where the compose file lies, where its values come from, and what it asks for."""

from pathlib import Path

from fixtures.claims import Expect, requirement
from fixtures.compose import (
    COMPOSE_FILE,
    COMPOSES_OWN,
    ENV_FILE,
    EXAMPLE,
    OWN_NAMES,
    Compose,
    example_names,
    read_compose,
)
from fixtures.documents import Malformed
from fixtures.secrets import is_secret_name
from fixtures.source import is_ignored


@requirement("D4-01")
def test_compose_file_is_valid(root: Path, expect: Expect) -> None:
    """For compose's own schema, and with every choice of profiles: who starts one must not find out first."""
    try:
        refused = read_compose(root).refused
        problems = [f"with {' and '.join(profiles) or 'no profile'}: {why}" for profiles, why in refused.items()]
    except Malformed as error:
        problems = [str(error)]
    expect.none(
        "problems in the compose file",
        problems,
        look_at=COMPOSE_FILE,
        mend="see what compose says of it; a service may only depend on what its profiles start too",
    )


@requirement("D4-02")
def test_root_has_no_compose_file(root: Path, expect: Expect) -> None:
    """In the root it would be what `docker compose` takes there, beside the real one."""
    expect.none(
        "compose files in the root",
        [name for name in OWN_NAMES if (root / name).exists()],
        look_at="the root of the repository",
        mend=f"what it says belongs into {COMPOSE_FILE}",
    )


@requirement("D4-03")
def test_git_ignores_the_local_values(root: Path, expect: Expect) -> None:
    """It holds passwords; one `git add .` would publish them."""
    expect(
        f"whether git ignores {ENV_FILE}",
        is_ignored(root, ENV_FILE),
        True,
        look_at=".gitignore",
        mend="have .gitignore say .env, and no later line take it back",
    )


@requirement("D4-03")
def test_services_take_values_from_no_other_file(root: Path, compose: Compose, expect: Expect) -> None:
    """A second file would be one more place to look for a value, and one more to ignore."""
    folder = (root / COMPOSE_FILE).parent
    own = (root / ENV_FILE).resolve()
    expect.none(
        f"files beside {ENV_FILE} that services take values from",
        [
            f"{path}  ({compose.at(name, 'env_file')})"
            for name in compose.written
            for path in compose.value_files(name)
            if (folder / path).resolve() != own
        ],
        look_at=COMPOSE_FILE,
        mend=f"let the service name its variables under environment; compose takes their values from {ENV_FILE}",
    )


@requirement("D4-04")
def test_example_is_committed(root: Path, expect: Expect) -> None:
    """Who clones the tree starts from it."""
    expect(
        f"whether there is a file {EXAMPLE}, and git may have it",
        (root / EXAMPLE).is_file() and not is_ignored(root, EXAMPLE),
        True,
        look_at=f"{EXAMPLE} and .gitignore",
        mend="write it, and have .gitignore say !.env.example behind .env.*",
    )


@requirement("D4-04")
def test_example_names_every_variable_that_compose_uses(root: Path, compose: Compose, expect: Expect) -> None:
    """A variable that nobody names is set by nobody."""
    named = example_names(root)
    expect.none(
        f"variables of the compose file that are not in {EXAMPLE}",
        sorted(
            {f"{one.name}  ({compose.document.at(*one.keys)})" for one in compose.variables if one.name not in named}
        ),
        look_at=EXAMPLE,
        mend="add the name, with a word on what it is for, and no value",
    )


@requirement("D4-04")
def test_example_names_no_other_variable(root: Path, compose: Compose, expect: Expect) -> None:
    """Whoever sets it would wonder why nothing changes."""
    used = {one.name for one in compose.variables}
    expect.none(
        f"variables of {EXAMPLE} that compose does not use",
        [name for name in example_names(root) if name not in used and not name.startswith(COMPOSES_OWN)],
        look_at=EXAMPLE,
        mend=f"take the name out, or use it in {COMPOSE_FILE}",
    )


@requirement("D4-04")
def test_nothing_secret_has_a_value_before_somebody_gives_it_one(root: Path, compose: Compose, expect: Expect) -> None:
    """A password in the example, or one to fall back on, is everybody's, and stays."""
    given = [f"{EXAMPLE}: {name}" for name, value in example_names(root).items() if value and is_secret_name(name)]
    fallen_back_on = [
        f"{compose.document.at(*one.keys)}: {one.name}"
        for one in compose.variables
        if one.default and is_secret_name(one.name)
    ]
    expect.none(
        "secret variables with a value in the tree",
        sorted({*given, *fallen_back_on}),
        look_at=f"{EXAMPLE} and {COMPOSE_FILE}",
        mend="leave the value empty in the example, and write ${NAME:?why} in the compose file",
    )
