"""Dockerfiles are read as BuildKit reads them: lines, stages, bases, directives."""

from pathlib import Path

import pytest

from fixtures.dockerfiles import Dockerfile, Instruction, read_dockerfile
from fixtures.documents import Malformed


def read(folder: Path, source: str | bytes) -> Dockerfile:
    (folder / "Dockerfile").write_bytes(source if isinstance(source, bytes) else source.encode())
    return read_dockerfile(folder, "Dockerfile")


def only(folder: Path, source: str) -> Instruction:
    """The one instruction behind FROM."""
    (instruction,) = read(folder, f"FROM scratch\n{source}").instructions
    return instruction


# Lines


def test_instruction_knows_its_line(tmp_path: Path) -> None:
    assert [one.line for one in read(tmp_path, "# why\nFROM a\n\nUSER 1\n\n# why\nUSER 2\n").instructions] == [4, 7]


def test_lower_case_is_an_instruction_too(tmp_path: Path) -> None:
    read_file = read(tmp_path, "from a as builder\nuser 1\n")
    assert (read_file.final.name, read_file.instructions[0].keyword) == ("builder", "USER")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("RUN a \\\n  && b\n", "a   && b"),
        ("RUN a \\  \n  && b\n", "a   && b"),
        ("RUN a \\\n# why\n  && b\n", "a   && b"),
        ("RUN a \\\n    # why, indented\n  && b\n", "a   && b"),
        ("RUN a \\\n\n  && b\n", "a   && b"),
        ("RUN \\\n  a\n", "a"),
        ("RUN a \\\n", "a"),
        ("RUN a \\", "a"),
        ("    RUN a\n", "a"),
        ("RUN\ta\n", "a"),
        ("RUN a   \n", "a"),
    ],
    ids=[
        *("continued", "blank-behind-it", "comment-between", "indented-comment-between", "empty-line-between"),
        *("value-in-the-next-line", "continued-at-the-end", "no-newline-at-the-end"),
        *("indented", "tab", "blanks-at-the-end"),
    ],
)
def test_lines_are_joined(tmp_path: Path, source: str, value: str) -> None:
    assert only(tmp_path, source).value == value


def test_last_instruction_counts_though_it_is_continued(tmp_path: Path) -> None:
    """BuildKit carries it out, so it must not go unseen."""
    assert read(tmp_path, "FROM a\nUSER 1000\nUSER root \\\n").final.instructions[-1].value == "root"


@pytest.mark.parametrize("source", ["RUN echo a\\\\\nUSER 1\n", "RUN echo \\a\nUSER 1\n", "RUN a # why \\b\nUSER 1\n"])
def test_backslash_within_a_line_continues_nothing(tmp_path: Path, source: str) -> None:
    assert [one.keyword for one in read(tmp_path, f"FROM a\n{source}").instructions] == ["RUN", "USER"]


def test_escape_directive_changes_what_continues_a_line(tmp_path: Path) -> None:
    source = "# escape=`\nFROM a\nRUN dir C:\\\nRUN a `\n  && b\n"
    assert [one.value for one in read(tmp_path, source).instructions] == ["dir C:\\", "a   && b"]


def test_unusual_separators_are_no_line_ends(tmp_path: Path) -> None:
    """str.splitlines() knows more of them than BuildKit, and all lines below would be miscounted."""
    assert read(tmp_path, "FROM a\nLABEL a=\x0c\u2028\x85\nUSER 1\n").final.instructions[-1].line == 3


def test_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    """BuildKit does the same."""
    assert read(tmp_path, b"\xef\xbb\xbfFROM debian:trixie\n").final.base == "debian:trixie"


def test_crlf_ends_a_line(tmp_path: Path) -> None:
    """BuildKit does the same."""
    read_file = read(tmp_path, "FROM a AS b\r\nRUN x \\\r\n  && y\r\nCOPY <<EOF /f\r\nUSER 0\r\nEOF\r\nUSER 1\r\n")
    assert [(one.keyword, one.value, one.body) for one in read_file.instructions] == [
        ("RUN", "x   && y", ""),
        ("COPY", "<<EOF /f", "USER 0"),
        ("USER", "1", ""),
    ]


# Here-documents


@pytest.mark.parametrize(
    "source",
    [
        "RUN <<EOF\nFROM x\nUSER root\nEOF\n",
        "run <<EOF\nFROM x\nUSER root\nEOF\n",
        "RUN <<'EOF'\nFROM x\nUSER root\nEOF\n",
        'RUN <<"EOF"\nFROM x\nUSER root\nEOF\n',
        "RUN <<-EOF\n\tUSER root\n\tEOF\n",
        "RUN <<EOF bash -eu\nUSER root\nEOF\n",
        "RUN 3<<EOF cat /dev/fd/3\nUSER root\nEOF\n",
        "RUN --mount=type=cache,target=/x \\\n  <<EOF\nUSER root\nEOF\n",
        "COPY <<EOF /file\nUSER root\nEOF\n",
        "ADD <<EOF /file\nUSER root\nEOF\n",
        "COPY <<one <<two /folder/\nUSER root\none\nUSER root\ntwo\n",
        "COPY <<END-1 /file\nUSER root\nEND-1\n",
        "RUN <<EOF\na \\\nEOF\n",
        "RUN <<EOF\n# EOF\nEOF\n",
        "RUN <<EOF\nEOF\n",
        "ONBUILD RUN <<EOF\nUSER root\nEOF\n",
    ],
)
def test_here_document_is_no_instruction(tmp_path: Path, source: str) -> None:
    read_file = read(tmp_path, f"FROM a\n{source}USER 1000\n")
    assert [one.value for one in read_file.instructions[1:]] == ["1000"]


@pytest.mark.parametrize(
    "source",
    [
        "RUN cat<<EOF\n",
        "RUN echo '<<EOF'\n",
        'RUN echo "a <<EOF b"\n',
        "RUN echo $((1 << 3))\n",
        "RUN cat <<< word\n",
        "RUN cat <<<word\n",
        "LABEL a=<<EOF\n",
        "ENV a <<EOF\n",
        "# RUN <<EOF\n",
    ],
)
def test_what_begins_no_here_document(tmp_path: Path, source: str) -> None:
    assert read(tmp_path, f"FROM a\n{source}USER 1000\n").final.instructions[-1].value == "1000"


def test_body_of_a_here_document_is_kept(tmp_path: Path) -> None:
    assert only(tmp_path, "RUN <<EOF\nset -e\n\n  uv sync\nEOF\n").body == "set -e\n\n  uv sync"


def test_tabs_end_only_the_here_document_that_strips_them(tmp_path: Path) -> None:
    assert only(tmp_path, "RUN <<EOF\na\n\tEOF\nb\nEOF\n").body == "a\n\tEOF\nb"


def test_line_behind_a_here_document_is_counted_right(tmp_path: Path) -> None:
    assert read(tmp_path, "FROM a\nRUN <<EOF\na\nb\nEOF\nUSER 1\n").final.instructions[-1].line == 6


# Stages and bases


def test_name_of_a_stage_is_the_same_in_any_case(tmp_path: Path) -> None:
    read_file = read(tmp_path, "FROM debian:trixie AS Builder\nFROM BUILDER\n")
    assert [base.text for base, _ in read_file.bases] == ["debian:trixie"]


@pytest.mark.parametrize(
    ("source", "bases"),
    [
        ("FROM a\n", [("a", 1)]),
        ("FROM a AS b\nFROM b\n", [("a", 1)]),
        ("FROM scratch\n", []),
        ("FROM a AS b\nFROM c\nCOPY --from=b / /\n", [("a", 1), ("c", 2)]),
        ("FROM a AS a\nFROM a\n", [("a", 1)]),
        ("FROM b\nFROM a AS b\n", [("b", 1), ("a", 2)]),
        ("FROM --platform=linux/amd64 a AS b\nFROM b\n", [("a", 1)]),
        ("ARG TAG=1\nFROM a:$TAG\n", [("a:1", 2)]),
        ("ARG TAG=1\nFROM a:${TAG}-slim\n", [("a:1-slim", 2)]),
        ("ARG TAG\nFROM a:${TAG:-2}\n", [("a:2", 2)]),
        ("ARG TAG=1\nFROM a:${TAG:-2}\n", [("a:1", 2)]),
        ("ARG TAG=1\nFROM a${TAG:+:x}\n", [("a:x", 2)]),
        ("FROM a${TAG:+:x}\n", [("a", 1)]),
        ("ARG A=1\nARG B=${A}-slim\nFROM a:$B\n", [("a:1-slim", 3)]),
        ('ARG BASE="a:1"\nFROM $BASE\n', [("a:1", 2)]),
        ("FROM a AS one\nARG TAG=2\nFROM b:${TAG:-1}\n", [("a", 1), ("b:1", 3)]),
    ],
)
def test_bases_are_the_images_it_is_from(tmp_path: Path, source: str, bases: list[tuple[str, int]]) -> None:
    assert [(base.text, line) for base, line in read(tmp_path, source).bases] == bases


@pytest.mark.parametrize(
    ("source", "base"),
    [
        ("FROM a\n", "a"),
        ("FROM a\nFROM b\n", "b"),
        ("FROM a AS one\nFROM one AS two\nFROM b AS three\nFROM two\n", "a"),
        ("FROM a AS One\nFROM oNE\n", "a"),
        ("FROM a AS a\nFROM a\n", "a"),
        ("FROM a AS b\nFROM b AS a\n", "a"),
        ("FROM a AS one\nFROM b AS one\nFROM one\n", "b"),
        ("FROM a\nFROM scratch\n", None),
        ("FROM scratch AS empty\nFROM empty\n", None),
    ],
)
def test_runtime_base_is_found_through_stages(tmp_path: Path, source: str, base: str | None) -> None:
    found = read(tmp_path, source).runtime_base
    assert (found and found.text) == base


def test_bare_from_is_no_working_stage(tmp_path: Path) -> None:
    read_file = read(tmp_path, "FROM a AS base\nFROM base AS builder\nRUN x\nFROM base\n# why\nUSER 1\n")
    assert [stage.line for stage in read_file.working_stages] == [2, 4]


def test_global_arguments_belong_to_no_stage(tmp_path: Path) -> None:
    read_file = read(tmp_path, "ARG A=1\nARG B\nFROM a\nARG C\n")
    assert (read_file.arguments, len(read_file.instructions)) == ({"A": "1", "B": ""}, 1)


def test_place_is_that_of_the_last_such_instruction(tmp_path: Path) -> None:
    assert read(tmp_path, "FROM a\nUSER 0\nUSER 1\nUSER 2\nCMD x\n").at("USER") == "Dockerfile:4  USER 2"


def test_place_of_what_is_missing_is_the_final_from(tmp_path: Path) -> None:
    assert read(tmp_path, "FROM a AS b\nUSER 0\nFROM b\n").at("USER") == "Dockerfile:3"


# Directives


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("# syntax=x\nFROM a\n", ("syntax",)),
        ("#syntax=x\nFROM a\n", ("syntax",)),
        ("# Syntax = x\nFROM a\n", ("syntax",)),
        ("# escape=`\n# syntax=x\nFROM a\n", ("escape", "syntax")),
        ("# check=skip=all\n# syntax=x\nFROM a\n", ("check", "syntax")),
        ("#!/usr/bin/env x\n# syntax=x\nFROM a\n", ("syntax",)),
        ("\ufeff# syntax=x\nFROM a\n", ("syntax",)),
        ("# syntax=x\r\nFROM a\r\n", ("syntax",)),
        ("FROM a\n# syntax=x\n", ()),
        ("\n# syntax=x\nFROM a\n", ()),
        ("# why\n# syntax=x\nFROM a\n", ()),
        ("# other=1\n# syntax=x\nFROM a\n", ()),
        ("  # syntax=x\nFROM a\n", ()),
        ("# no syntax=x\nFROM a\n", ()),
        ("# syntax: x\nFROM a\n", ()),
    ],
)
def test_directives_stand_at_the_top(tmp_path: Path, source: str, names: tuple[str, ...]) -> None:
    assert read(tmp_path, source).directives == names


# What cannot be read


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "Dockerfile:1: there is no FROM"),
        ("# nothing\n\n", "Dockerfile:1: there is no FROM"),
        ("ARG A=1\n", "Dockerfile:1: there is no FROM"),
        ("ARG A\nRUN x\nFROM a\n", "Dockerfile:2: RUN before the first FROM"),
        ("FROM\n", "Dockerfile:1: FROM names no image"),
        ("FROM", "Dockerfile:1: FROM names no image"),
        ("FROM --platform=linux/amd64\n", "Dockerfile:1: FROM names no image"),
        ("ARG A\nFROM $A\n", "Dockerfile:2: FROM names no image"),
        ("FROM a\nRUN <<EOF\nx\n", "Dockerfile:2: the here-document EOF does not end"),
        ("FROM a\nRUN <<EOF\nx\n\tEOF\n", "Dockerfile:2: the here-document EOF does not end"),
        ("FROM a\nCOPY <<a <<b /\nx\na\n", "Dockerfile:2: the here-document b does not end"),
        (b"FROM a\nRUN \xff\n", "Dockerfile:2: not UTF-8"),
        ("FROM a\nRUN \0\n", "Dockerfile:2: a NUL character"),
        ("\0\nFROM a\n", "Dockerfile:1: a NUL character"),
        ("FROM a\nRUN \0\n\0\n", "Dockerfile:2: a NUL character"),
        ("FROM a\n\nRNU x\n", "Dockerfile:3: there is no instruction 'RNU'"),
        ("FROM a\nRUN\n", "Dockerfile:2: RUN of nothing"),
        ("FROM a\nRUN \\\n", "Dockerfile:2: RUN of nothing"),
        ("FROM a b\n", "Dockerfile:1: FROM takes an image, and then AS with a name or nothing"),
        ("FROM a AS\n", "Dockerfile:1: FROM takes an image, and then AS with a name or nothing"),
        ("FROM A\n", "Dockerfile:1: FROM A names no image"),
        ("FROM a AS b\nFROM B AS c\nFROM C\nFROM D\n", "Dockerfile:4: FROM D names no image"),
        (f"FROM a@sha256:{'0' * 63}\n", f"Dockerfile:1: FROM a@sha256:{'0' * 63} names no image"),
        ("ARG A=xxxxxxxxxx\n" + "ARG A=$A$A\n" * 40 + "FROM $A\n", "Dockerfile:11: the value of A is too long"),
    ],
)
def test_what_is_no_dockerfile_is_refused_with_its_place(tmp_path: Path, source: str | bytes, complaint: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(tmp_path, source)
    assert str(refused.value) == complaint


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"^infra/Dockerfile: there is no such file$"):
        read_dockerfile(tmp_path, "infra/Dockerfile")


def test_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").mkdir()
    with pytest.raises(Malformed, match=r"^Dockerfile: Is a directory$"):
        read_dockerfile(tmp_path, "Dockerfile")


@pytest.mark.parametrize(
    "copy",
    [
        *("COPY . /app", "ADD ./ .", "COPY --link --chown=1000:1000 / /app", 'COPY ["./*", "./"]', "COPY * /x/"),
        *("COPY apps/.. /app", "COPY a.txt . /app/", "COPY ?* /app", "COPY --parents ./** /app"),
    ],
)
def test_copy_takes_the_whole_context(tmp_path: Path, copy: str) -> None:
    assert only(tmp_path, copy).whole_contexts


@pytest.mark.parametrize(
    "copy",
    [
        *("COPY apps .", "COPY ./apps/* /app/", "COPY *.json ./", "COPY package*.json ./", "COPY --from=b . /app"),
        *("COPY .env* ./", "COPY <<EOF /a\n.\nEOF", "RUN cp . /a", "COPY apps/api .", "COPY */src /app"),
        *("COPY e* /app", "COPY *-* /app", "COPY [a-z]* /app"),
    ],
)
def test_copy_takes_a_part_of_the_context(tmp_path: Path, copy: str) -> None:
    assert not only(tmp_path, copy).whole_contexts


@pytest.mark.parametrize(
    ("source", "aside"),
    [
        ("FROM a\nRUN x", []),
        ("FROM a AS base\nRUN x\nFROM base\nRUN y", []),
        ("FROM a AS base\nRUN x\nFROM base AS builder\nRUN y\nFROM base\nCOPY --from=builder /x /", ["builder"]),
        ("FROM a AS one\nRUN x\nFROM b\nCOPY --from=0 /x /", ["one"]),
        ("FROM a\nRUN x\nFROM b\nRUN --mount=from=0,target=/x y", ["0"]),
        ("FROM a AS One\nRUN x\nFROM b AS two\nCOPY --from=one /x /\nFROM c\nCOPY --from=TWO /x /", ["one", "two"]),
        ("FROM a AS low\nRUN x\nFROM low AS high\nRUN x\nFROM c\nCOPY --from=high /x /", ["low", "high"]),
        ("FROM a AS tests\nRUN x\nFROM b\nRUN y", []),
        ("FROM a AS only-a-name\nFROM b\nCOPY --from=only-a-name /x /", []),
        ("FROM a\nCOPY --from=b /x /", []),
    ],
    ids=[
        *("one", "standing", "builder", "by-number", "unnamed", "chain", "on-another", "not-needed", "bare", "image"),
    ],
)
def test_stages_aside_are_taken_from_and_not_stood_on(tmp_path: Path, source: str, aside: list[str]) -> None:
    assert list(read(tmp_path, source).stages_aside) == aside
