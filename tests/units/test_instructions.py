"""What stands in an instruction: options, words, pairs, commands, exec form."""

import pytest

from fixtures.dockerfiles import Instruction


def run(value: str, body: str = "") -> Instruction:
    return Instruction("RUN", value, 1, body)


@pytest.mark.parametrize(
    ("value", "flags"),
    [
        ("a b", {}),
        ("--from=builder /a /b", {"from": ["builder"]}),
        ("--mount=type=cache,target=/x --mount=type=bind x", {"mount": ["type=cache,target=/x", "type=bind"]}),
        ("--network=none --mount=a b", {"network": ["none"], "mount": ["a"]}),
        ("--link /a /b", {"link": [""]}),
        ("pnpm --filter=x build", {}),
    ],
)
def test_flags_stand_in_front(value: str, flags: dict[str, list[str]]) -> None:
    assert run(value).flags == flags


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("/a /b", ["/a", "/b"]),
        ("--chown=1:1 --from=x /a /b", ["/a", "/b"]),
        ("uv --quiet sync", ["uv", "--quiet", "sync"]),
        ("--link", []),
        ("", []),
    ],
)
def test_words_stand_behind_the_flags(value: str, words: list[str]) -> None:
    assert run(value).words == words


@pytest.mark.parametrize(
    ("keyword", "value", "pairs"),
    [
        ("ENV", "A=1", {"A": "1"}),
        ("ENV", "A=1 B=2", {"A": "1", "B": "2"}),
        ("ENV", "A=1     B=2", {"A": "1", "B": "2"}),
        ("ENV", "A=\"1 2\" B='3 4'", {"A": "1 2", "B": "3 4"}),
        ("ENV", "A=1\\ 2", {"A": "1 2"}),
        ("ENV", "A=b=c", {"A": "b=c"}),
        ("ENV", "A=", {"A": ""}),
        ("ENV", "A 1", {"A": "1"}),
        ("ENV", "A  1 2", {"A": "1 2"}),
        ("ENV", "A\t1", {"A": "1"}),
        ("ENV", "A b=c", {"A": "b=c"}),
        ("LABEL", "org.example.key=1", {"org.example.key": "1"}),
        ("ARG", "A", {"A": ""}),
        ("ARG", "A=1", {"A": "1"}),
        ("ARG", "A B=2", {"A": "", "B": "2"}),
        ("ENV", "", {}),
    ],
)
def test_pairs_are_read_in_both_forms(keyword: str, value: str, pairs: dict[str, str]) -> None:
    assert Instruction(keyword, value, 1).pairs == pairs


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('["a", "b c"]', ["a", "b c"]),
        ("[]", []),
        ('--mount=type=cache,target=/x ["a", "b"]', ["a", "b"]),
        ("a b", None),
        ("['a', 'b']", None),
        ('["a", 1]', None),
        ('["a"', None),
        ('["a"] && b', None),
        ('"a"', None),
        ('{"a": "b"}', None),
        ("", None),
        ("[" * 100_000, None),
    ],
)
def test_exec_form_is_a_list_of_strings(value: str, words: list[str] | None) -> None:
    assert run(value).exec_form == words


@pytest.mark.parametrize(
    ("value", "commands"),
    [
        ("uv sync", [["uv", "sync"]]),
        ("a && b", [["a"], ["b"]]),
        ("a||b", [["a"], ["b"]]),
        ("a; b", [["a"], ["b"]]),
        ("a | b & c", [["a"], ["b"], ["c"]]),
        ("(a; b)", [["a"], ["b"]]),
        ("a   && b", [["a"], ["b"]]),
        ("--mount=type=cache,target=/x --network=none uv sync", [["uv", "sync"]]),
        ("uv --quiet sync", [["uv", "--quiet", "sync"]]),
        ("CI=1 HOME=/x pnpm install", [["pnpm", "install"]]),
        ("A=1 && b", [["b"]]),
        ('["uv", "sync"]', [["uv", "sync"]]),
        ("[]", []),
        ('echo "a && uv sync"', [["echo", "a && uv sync"]]),
        ("echo 'a; uv sync'", [["echo", "a; uv sync"]]),
        ("echo a#b && uv sync", [["echo", "a#b"], ["uv", "sync"]]),
        ("a # && uv sync", [["a"]]),
        ("echo 'unfinished", [["echo", "'unfinished"]]),
        ("", []),
    ],
)
def test_commands_are_what_the_shell_would_start(value: str, commands: list[list[str]]) -> None:
    assert run(value).commands == commands


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("set -e\nuv sync", ["uv", "sync"]),
        ("uv \\\n  sync", ["uv", "sync"]),
        ("a && uv sync", ["uv", "sync"]),
        ("  uv sync  # why", ["uv", "sync"]),
    ],
)
def test_commands_stand_in_a_here_document_too(body: str, command: list[str]) -> None:
    assert command in run("<<EOF", body).commands


@pytest.mark.parametrize("body", ["# uv sync", "echo uv sync", 'echo "uv sync"', "", "\n\n"])
def test_text_of_a_here_document_is_no_command(body: str) -> None:
    assert ["uv", "sync"] not in run("<<EOF", body).commands


def test_commands_beside_a_here_document_count() -> None:
    assert ["uv", "sync"] in run("cat <<EOF > /x && uv sync", "text").commands


@pytest.mark.parametrize("keyword", ["CMD", "ENTRYPOINT", "COPY", "LABEL", "SHELL"])
def test_only_run_has_commands(keyword: str) -> None:
    assert Instruction(keyword, "uv sync", 1).commands == []
