"""YAML and JSON are read strictly: what a parser would let pass in silence is refused, with its line."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fixtures.documents import Document, Malformed, read_json, read_yaml

INVENTORY_SCHEMA = "infra/inventory.schema.json"
BLUEPRINT_SCHEMA = "infra/render/blueprint.schema.json"

#: Ten aliases of ten, ten deep: a few hundred bytes that are ten thousand million values.
ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
MERGED_ALIASES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}\n" for i in range(1, 10)
)


def read(folder: Path, source: str | bytes) -> Document:
    (folder / "a.yaml").write_bytes(source if isinstance(source, bytes) else source.encode())
    return read_yaml(folder, "a.yaml")


def refusal(folder: Path, source: str | bytes) -> str:
    with pytest.raises(Malformed) as refused:
        read(folder, source)
    return str(refused.value)


# Keys that stand twice


@pytest.mark.parametrize(
    ("source", "line", "key"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a'"),
        ("a: 1\na: 1\n", 2, "'a'"),
        ("a:\n  b: 1\n  b: 2\n", 3, "'b'"),
        ("- a: 1\n  b: 2\n  a: 3\n", 3, "'a'"),
        ("{a: 1, a: 2}\n", 1, "'a'"),
        ("a: 1\n'a': 2\n", 2, "'a'"),
        ('"\\u0061": 1\na: 2\n', 2, "'a'"),
        ("off: 1\nno: 2\n", 2, "False"),
        ("8080: 1\n0x1F90: 2\n", 2, "8080"),
        ("1: a\ntrue: b\n", 2, "True"),
        ("a: &name b\n*name : 1\nb: 2\n", 3, "'b'"),
        ("base: &base {a: 1}\nsite:\n  <<: *base\n  b: 2\n  b: 3\n", 5, "'b'"),
        ("base: &base {a: 1}\nsite:\n  <<: *base\n  a: 2\n  a: 3\n", 5, "'a'"),
        ("base: &base {a: 1}\nsite:\n  b: 2\n  <<: *base\n  b: 3\n", 5, "'b'"),
        ("base: &base {a: 1, a: 2}\nsite:\n  <<: *base\n", 1, "'a'"),
        ("one: &one {a: 1}\ntwo: &two {b: 2}\nsite:\n  <<: *one\n  <<: *two\n", 5, "'<<'"),
    ],
)
def test_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path, source: str, line: int, key: str) -> None:
    assert refusal(tmp_path, source) == f"a.yaml:{line}: not YAML: the key {key} stands twice"


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("a: 1\nA: 2\n", {"a": 1, "A": 2}),
        ("a: {a: {a: 1}}\n", {"a": {"a": {"a": 1}}}),
        ("- a: 1\n- a: 2\n", [{"a": 1}, {"a": 2}]),
        ("a: {b: 1}\nc: {b: 2}\n", {"a": {"b": 1}, "c": {"b": 2}}),
        ("1: a\n'1': b\n", {1: "a", "1": "b"}),
        ("off: 1\n'off': 2\n", {False: 1, "off": 2}),
        ("a: a\nb: a\n", {"a": "a", "b": "a"}),
        ("a: |\n  a: 1\n  a: 2\n", {"a": "a: 1\na: 2\n"}),
        ("# a: 1\na: 2\n", {"a": 2}),
        ("a: 1\na b: 2\n", {"a": 1, "a b": 2}),
    ],
)
def test_what_only_resembles_a_key_that_stands_twice(tmp_path: Path, source: str, data: Any) -> None:
    assert read(tmp_path, source).data == data


# Anchors and merge keys


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("a: &x [1, 2]\nb: *x\n", {"a": [1, 2], "b": [1, 2]}),
        ("x: &x {a: 1}\ny:\n  <<: *x\n", {"x": {"a": 1}, "y": {"a": 1}}),
        ("x: &x {a: 1}\ny:\n  <<: *x\n  a: 2\n", {"x": {"a": 1}, "y": {"a": 2}}),
        ("x: &x {a: 1}\ny:\n  a: 2\n  <<: *x\n", {"x": {"a": 1}, "y": {"a": 2}}),
        ("y: {<<: [{a: 1}, {a: 2, b: 3}]}\n", {"y": {"a": 1, "b": 3}}),
        ("y: {'<<': {a: 1}}\n", {"y": {"<<": {"a": 1}}}),
        ("x: &x {a: {b: 1, c: 2}}\ny:\n  <<: *x\n  a: {b: 3}\n", {"x": {"a": {"b": 1, "c": 2}}, "y": {"a": {"b": 3}}}),
    ],
    ids=[
        *("alias", "merged", "own-key-below", "own-key-above"),
        *("first-of-the-list-wins", "quoted-is-a-plain-key", "merging-is-shallow"),
    ],
)
def test_aliases_and_merge_keys_are_written_out(tmp_path: Path, source: str, data: Any) -> None:
    assert read(tmp_path, source).data == data


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("a: 1\nb: *x\n", "a.yaml:2: not YAML: found undefined alias 'x'"),
        (
            "a: &x 1\nb: &x 2\n",
            "a.yaml:2: not YAML: found duplicate anchor 'x'; first occurrence, second occurrence",
        ),
        (
            "a:\n  <<: 3\n",
            "a.yaml:2: not YAML: while constructing a mapping, "
            "expected a mapping or list of mappings for merging, but found scalar",
        ),
        ("a: &a [*a]\n", "a.yaml:1: not YAML that can be read: nested too deep"),
        ("a: &a {b: *a}\n", "a.yaml:1: not YAML that can be read: nested too deep"),
        ("a: &a\n  <<: *a\n", "a.yaml:1: not YAML that can be read: nested too deep"),
        (ALIASES, "a.yaml:1: not YAML that can be read: more than 20000 values"),
        (MERGED_ALIASES, "a.yaml:1: not YAML that can be read: more than 20000 values"),
    ],
    ids=[
        *("undefined", "set-twice", "merged-number", "in-its-own-list", "in-its-own-mapping", "merged-into-itself"),
        *("bomb", "bomb-of-merge-keys"),
    ],
)
def test_alias_that_leads_nowhere_is_refused(tmp_path: Path, source: str, complaint: str) -> None:
    assert refusal(tmp_path, source) == complaint


def test_many_aliases_are_no_bomb(tmp_path: Path) -> None:
    source = "a: &a [1, 2, 3]\n" + "".join(f"b{i}: *a\n" for i in range(1000))
    assert read(tmp_path, source).data["b999"] == [1, 2, 3]


# Values


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("off", False),
        ("no", False),
        ("on", True),
        ("yes", True),
        ("'off'", "off"),
        ('"no"', "no"),
        ("!!str off", "off"),
        ("offline", "offline"),
        ("north", "north"),
        ("22:30", 1350),
        ("'22:30'", "22:30"),
        ("010", 8),
        ("3.14", 3.14),
        ("3.14.1", "3.14.1"),
        ("2026-01-02", date(2026, 1, 2)),
        ("'2026-01-02'", "2026-01-02"),
        ("~", None),
        ("", None),
        ("''", ""),
        ("a#b", "a#b"),
    ],
)
def test_value_is_read_as_yaml_1_1_has_it(tmp_path: Path, source: str, value: Any) -> None:
    """Render's own parser reads a bare off as false."""
    found = read(tmp_path, f"a: {source}\n").data["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("2026-13-01", "a value is not of its type: month must be in 1..12"),
        ("!!bool maybe", "a value is not of its type: 'maybe'"),
        ("!!int x", "a value is not of its type: invalid literal for int() with base 10: 'x'"),
        ("!!float x", "a value is not of its type: could not convert string to float: 'x'"),
        ('"\\U00110000"', "a value is not of its type: chr() arg not in range(0x110000)"),
        ('"\\UFFFFFFFF"', "a value is not of its type: Python int too large to convert to C int"),
        ("!!set [x]", "expected a mapping node, but found sequence"),
        ("!!str {x: 1}", "expected a scalar node, but found mapping"),
        ("!!seq x", "expected a sequence node, but found scalar"),
        ("!Ref x", "could not determine a constructor for the tag '!Ref'"),
        (
            "!!python/object/apply:os.getcwd []",
            "could not determine a constructor for the tag 'tag:yaml.org,2002:python/object/apply:os.getcwd'",
        ),
        ("{? [x, y] : 1}", "while constructing a mapping, found unhashable key"),
        ("{? {x: y} : 1}", "while constructing a mapping, found unhashable key"),
    ],
)
def test_value_of_the_wrong_type_is_refused_with_its_line(tmp_path: Path, source: str, complaint: str) -> None:
    assert refusal(tmp_path, f"a: 1\nb:\n  - c: {source}\nd: 2\n") == f"a.yaml:3: not YAML: {complaint}"


@pytest.mark.parametrize("key", [5432, True, None, date(2026, 1, 2)])
def test_key_that_is_no_string_keeps_its_type(tmp_path: Path, key: Any) -> None:
    assert read(tmp_path, f"a: {{{'null' if key is None else str(key)}: x}}\n").data == {"a": {key: "x"}}


# Files


@pytest.mark.parametrize(
    "source",
    ["", "\n", "  \n\n", "# why\n", "---\n", "---\n...\n", "~\n", "\ufeff"],
    ids=["empty", "newline", "blanks", "comment", "start", "start-and-end", "null", "byte-order-mark"],
)
def test_file_without_a_value_is_none(tmp_path: Path, source: str) -> None:
    assert read(tmp_path, source).data is None


@pytest.mark.parametrize(
    "source",
    [
        *("a: 1\nb: é\n", "a: 1\nb: é", "a: 1\r\nb: é\r\n", "\ufeffa: 1\nb: é\n", "---\na: 1\nb: é\n...\n"),
        *("%YAML 1.1\n---\na: 1\nb: é\n", "# a:\t2\na: 1\n\nb: é # why\n"),
    ],
    ids=["plain", "no-newline", "crlf", "byte-order-mark", "start-and-end", "version", "comments"],
)
def test_form_of_a_file_does_not_matter(tmp_path: Path, source: str) -> None:
    assert read(tmp_path, source).data == {"a": 1, "b": "é"}


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("a: 1\nb: é\n".encode("latin-1"), "2: not UTF-8"),
        ("a: 1\r\nb: é\r\n".encode("latin-1"), "2: not UTF-8"),
        ("a: 1\n".encode("utf-16"), "1: not UTF-8"),
        ("a: 1\nb: \a\n", "2: not YAML: unacceptable character #x0007: special characters are not allowed"),
        ("a: \0\n", "1: not YAML: unacceptable character #x0000: special characters are not allowed"),
        (
            "a:\n\tb: 1\n",
            "2: not YAML: while scanning for the next token, found character '\\t' that cannot start any token",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "2: not YAML: expected a single document in the stream, but found another document",
        ),
        ("a: b: c\n", "1: not YAML: mapping values are not allowed here"),
        ("a: [1, 2\n", "2: not YAML: while parsing a flow sequence, expected ',' or ']', but got '<stream end>'"),
        ("\n[" * 101 + "]" * 101, "101: not YAML: nested more than 100 deep"),
        ("".join(" " * i + "a:\n" for i in range(1000)), "100: not YAML: nested more than 100 deep"),
        ("a: " + "a" * 2**20, "1: not YAML that can be read: more than 1048576 bytes"),
    ],
    ids=[
        *("latin-1", "latin-1-crlf", "utf-16", "control-character", "nul", "tab-as-indent", "two-documents"),
        *("two-colons", "open-bracket", "deep-brackets", "deep-mappings", "large"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(tmp_path: Path, source: str | bytes, complaint: str) -> None:
    assert refusal(tmp_path, source) == f"a.yaml:{complaint}"


def test_reasonable_depth_and_length_are_read(tmp_path: Path) -> None:
    for text in ("[" * 100 + "]" * 100, "a" * 2**20, f"[{', '.join(['[1]'] * 200)}]"):
        assert str(read(tmp_path, text).data) == text


def test_missing_document_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"^infra/a\.yaml: there is no such file$"):
        read_yaml(tmp_path, "infra/a.yaml")


def test_folder_in_the_place_of_a_document_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    with pytest.raises(Malformed, match=r"^a\.yaml: Is a directory$"):
        read_yaml(tmp_path, "a.yaml")


# Lines

PLACES = """\
# why
base: &base
  shared: 1

sites:
  - name: one
    port: 80
  - <<: *base
    name: two
    paths:

      - /a
      - /b
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ((), 2),
        (("sites",), 5),
        (("sites", 0, "port"), 7),
        (("sites", 1, "paths"), 10),
        (("sites", 1, "paths", 1), 13),
        (("sites", 1, "shared"), 8),
        (("sites", 0, "host"), 6),
        (("sites", 7, "host"), 5),
        (("nothing", "of", "this"), 2),
    ],
)
def test_value_is_where_its_key_is_or_the_nearest_thing_around(
    tmp_path: Path, keys: tuple[str | int, ...], line: int
) -> None:
    assert read(tmp_path, PLACES).at(*keys) == f"a.yaml:{line}"


def test_lines_are_counted_through_crlf(tmp_path: Path) -> None:
    assert read(tmp_path, PLACES.replace("\n", "\r\n")).at("sites", 1, "paths", 1) == "a.yaml:13"


def test_place_in_an_empty_document_is_its_first_line(tmp_path: Path) -> None:
    assert read(tmp_path, "").at("a") == "a.yaml:1"


# Schemas

SERVICE = "services:\n  - type: web\n    name: api\n    runtime: docker\n"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "the document: None is not of type 'object' (a.yaml:1)"),
        ("- a\n", "the document: ['a'] is not of type 'object' (a.yaml:1)"),
        ("services: []\n", "services: [] should be non-empty (a.yaml:1)"),
        (
            f"{SERVICE}    autoDeployTrigger: off\n",
            "services.0.autoDeployTrigger: False is not one of ['off', 'commit', 'checksPass'] (a.yaml:5)",
        ),
        (f"{SERVICE}    plan: !!set {{a}}\n", "services.0.plan: {'a'} is not of type 'string' (a.yaml:5)"),
        (f"{SERVICE}    plan: 7\n", "services.0.plan: 7 is not of type 'string' (a.yaml:5)"),
        (
            f"{SERVICE}    on: x\n    5432: x\n",
            "services.0: Unevaluated properties are not allowed (5432, True were unexpected) (a.yaml:2)",
        ),
    ],
)
def test_problem_is_told_with_its_place(tmp_path: Path, source: str, problem: str) -> None:
    assert problem in read(tmp_path, source).problems(BLUEPRINT_SCHEMA)


@pytest.mark.parametrize(
    "rest",
    ["", "    autoDeployTrigger: 'off'\n", "    plan: '7'\n", "    envVars: []\n", "    healthCheckPath: /healthz\n"],
)
def test_valid_document_has_no_problems(tmp_path: Path, rest: str) -> None:
    assert read(tmp_path, SERVICE + rest).problems(BLUEPRINT_SCHEMA) == []


def test_every_problem_is_told(tmp_path: Path) -> None:
    assert read(tmp_path, "version: 1\nfamilies: {}\nimages: {}\n").problems(INVENTORY_SCHEMA) == [
        "the document: 'services' is a required property (a.yaml:1)",
        "families: {} should be non-empty (a.yaml:2)",
        "images: {} should be non-empty (a.yaml:3)",
    ]


# JSON


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"a": 1, "A": 2}', {"a": 1, "A": 2}),
        ('[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        ('{"a": {"a": {"a": 1}}}', {"a": {"a": {"a": 1}}}),
        ('{"a": "NaN"}', {"a": "NaN"}),
        (' \n{"a": null}\r\n', {"a": None}),
        ("1", 1),
        ("{}", {}),
    ],
)
def test_json_is_read(text: str, data: Any) -> None:
    assert read_json(text, "a.json").data == data


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"a": 1, "a": 2}', "a key stands twice"),
        ('{"a": 1, "\\u0061": 1}', "a key stands twice"),
        ('[{"b": {"a": 1, "c": 2, "a": 1}}]', "a key stands twice"),
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ('{"a": 1} x', "Extra data: line 1 column 10 (char 9)"),
        ("{'a': 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"a": NaN}', "NaN is no value"),
        ('{"a": -Infinity}', "-Infinity is no value"),
    ],
)
def test_what_is_no_json_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_json(text, "a.json")
    assert str(refused.value) == f"a.json: not JSON: {complaint}"


def test_deep_json_is_refused() -> None:
    with pytest.raises(Malformed, match=r"^a\.json: not JSON: maximum recursion depth exceeded"):
        read_json("[" * 100_000, "a.json")
