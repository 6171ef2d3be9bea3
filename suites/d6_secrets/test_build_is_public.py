"""Build is public, runtime is secret: nothing secret goes into an image, and none can."""

from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile
from fixtures.layers import ImageContent
from fixtures.secrets import is_authenticated, is_secret_file, secret_pairs


@requirement("D6-01")
def test_no_build_argument_is_secret(dockerfile: Dockerfile, expect: Expect) -> None:
    """Arguments stand in the history. Render hands every variable of a service to the build as one, so the
    name alone is enough to leak the value."""
    arguments = [one for one in dockerfile.instructions if one.keyword == "ARG"]
    found = [dockerfile.line(one) for one in arguments if secret_pairs(one.pairs)]
    found += [f"{dockerfile.name}  ARG {name}, before the first FROM" for name in secret_pairs(dockerfile.arguments)]
    expect.none(
        "secret-like build arguments",
        found,
        look_at=dockerfile.name,
        mend="take the argument out; the service reads the variable when it runs",
    )


@requirement("D6-02")
def test_no_variable_of_the_image_is_secret(content: ImageContent, dockerfile: Dockerfile, expect: Expect) -> None:
    """Read from the image: what ENV says, everybody reads who has the image."""
    expect.none(
        "secret-like variables",
        secret_pairs(content.environment),
        look_at=dockerfile.at("ENV"),
        mend="take the variable out; the service gets it when it runs",
    )


@requirement("D6-02")
def test_no_label_of_the_image_is_secret(content: ImageContent, dockerfile: Dockerfile, expect: Expect) -> None:
    """Read from the image: labels are shown by every tool."""
    expect.none(
        "secret-like labels",
        secret_pairs(content.labels),
        look_at=dockerfile.at("LABEL"),
        mend="take the label out",
    )


@requirement("D6-02")
def test_no_stage_sets_a_secret_variable(dockerfile: Dockerfile, expect: Expect) -> None:
    """A builder's variables end in build caches and in what the builder writes."""
    set_here = [one for one in dockerfile.instructions if one.keyword in ("ENV", "LABEL")]
    expect.none(
        "secret-like variables and labels",
        [dockerfile.line(one) for one in set_here if secret_pairs(one.pairs)],
        look_at=dockerfile.name,
        mend="take it out; the service gets it when it runs",
    )


@requirement("D6-04")
def test_history_gives_no_secret(content: ImageContent, dockerfile: Dockerfile, expect: Expect) -> None:
    """Read from the image: commands stand there as they were carried out, with the arguments they saw."""
    entries = [str(entry.get("created_by", "")) for entry in content.history]
    found = [entry[:120] for entry in entries if is_authenticated(entry)]
    expect.none(
        "entries with something secret-like",
        found,
        look_at=dockerfile.name,
        mend="take the value out of the command, and what needs it to run time",
    )


@requirement("D6-04")
def test_no_command_of_a_build_is_authenticated(dockerfile: Dockerfile, expect: Expect) -> None:
    """A build that needs a login is a build that holds one."""
    commands = [
        (one, f"{one.value}\n{one.body}") for one in dockerfile.instructions if one.keyword in ("RUN", "ADD", "COPY")
    ]
    found = [dockerfile.line(one) for one, text in commands if is_authenticated(text)]
    expect.none(
        "authenticated commands",
        found,
        look_at=dockerfile.name,
        mend="take from public places only, or bring the files along in the tree",
    )


@requirement("D6-03")
def test_no_secret_file_is_copied(dockerfile: Dockerfile, expect: Expect) -> None:
    """A later RUN rm hides it from a shell, not from who has the image."""
    copies = [one for one in dockerfile.instructions if one.keyword in ("COPY", "ADD")]
    expect.none(
        "copies of secret-like files",
        [dockerfile.line(one) for one in copies if any(is_secret_file(word) for word in one.words[:-1])],
        look_at=dockerfile.name,
        mend="take the COPY out; Secret Files appear under /etc/spectral at run time",
    )


@requirement("D6-03")
def test_context_is_not_copied_whole(dockerfile: Dockerfile, expect: Expect) -> None:
    """What will lie in the tree one day would come along, and .dockerignore alone would stand before it."""
    expect.none(
        "copies of the whole build context",
        [dockerfile.line(one) for one in dockerfile.instructions if one.whole_contexts],
        look_at=dockerfile.name,
        mend="name the folders and files that the image needs",
    )


@requirement("D6-03")
def test_no_layer_holds_a_secret_file(content: ImageContent, dockerfile: Dockerfile, expect: Expect) -> None:
    """Searched in every layer above the base, also for what a later layer deletes."""
    found = [
        f"{path} in the layer of: {layer.instruction[:90]}"
        for layer in content.layers
        for path in layer.files
        if is_secret_file(path)
    ]
    expect.none(
        "secret-like files",
        found,
        look_at=dockerfile.name,
        mend="keep the file out of the build: name in .dockerignore only what goes in",
    )
