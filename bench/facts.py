"""What is true of an image, as every tool is asked to check it: modes of files, users, answers of commands."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from fixtures.entries import Entry
from fixtures.snapshots import Snapshot

#: Of 40 facts, and in the same proportion of more.
FILES, USERS, COMMANDS = 20, 10, 10
#: Fields of /etc/passwd.
PROPERTIES = ("uid", "gid", "home", "shell")


@dataclass(frozen=True)
class FileFact:
    path: str
    mode: int  #: the twelve bits of chmod


@dataclass(frozen=True)
class UserFact:
    name: str
    what: str  #: one of PROPERTIES
    value: str


@dataclass(frozen=True)
class CommandFact:
    command: str
    stdout: str  #: without the newline at its end


@dataclass(frozen=True)
class Facts:
    files: list[FileFact]
    users: list[UserFact]
    commands: list[CommandFact]

    def __len__(self) -> int:
        return len(self.files) + len(self.users) + len(self.commands)

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        return asdict(self)


def read_facts(json: dict[str, list[dict[str, object]]]) -> Facts:
    """What ``as_json`` wrote."""
    return Facts(
        [FileFact(**one) for one in json["files"]],  # type: ignore[arg-type]
        [UserFact(**one) for one in json["users"]],  # type: ignore[arg-type]
        [CommandFact(**one) for one in json["commands"]],  # type: ignore[arg-type]
    )


def facts(files: Snapshot, passwd: str, count: int) -> Facts:
    """``count`` facts, a multiple of 40, of an image with these files and this /etc/passwd.

    An image has few users; where there are not enough properties of them, files take their place.
    """
    times = count // (FILES + USERS + COMMANDS)
    users = [fact for what in PROPERTIES for fact in _of_users(passwd.splitlines(), what)][: USERS * times]
    commands = [CommandFact(f"basename /bench/{number}", str(number)) for number in range(COMMANDS * times)]
    plain = [
        one for one in files if one.kind == "file" and one.path.startswith(("/etc/", "/usr/")) and " " not in one.path
    ]
    wanted = count - len(users) - len(commands)
    return Facts([FileFact(one.path, one.mode) for one in _spread(plain, wanted)], users, commands)


def falsified(true: Facts) -> list[Facts]:
    """For each kind of fact, all facts with one of that kind untrue."""
    file, user, command = true.files[-1], true.users[0], true.commands[-1]
    return [
        Facts([*true.files[:-1], FileFact(file.path, file.mode ^ 0o001)], true.users, true.commands),
        Facts(true.files, [UserFact(user.name, user.what, "12345"), *true.users[1:]], true.commands),
        Facts(true.files, true.users, [*true.commands[:-1], CommandFact(command.command, "something else")]),
    ]


def _of_users(lines: Iterable[str], what: str) -> list[UserFact]:
    place = {"uid": 2, "gid": 3, "home": 5, "shell": 6}[what]
    return [UserFact(fields[0], what, fields[place]) for fields in (line.split(":") for line in lines)]


def _spread(things: Sequence[Entry], count: int) -> list[Entry]:
    """``count`` of them, from all over."""
    return [things[index * len(things) // count] for index in range(count)]
