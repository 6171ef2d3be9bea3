"""Edits of a tree, as the catalogue of mutants and near-misses has them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

#: Whole files written in another way.
REWRITES: dict[str, Callable[[str], bytes]] = {
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "latin-1": lambda text: text.encode("latin-1"),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "trailing-spaces": lambda text: text.replace("\n", "  \n").encode(),
    "no-final-newline": lambda text: text.rstrip("\n").encode(),
}


@dataclass(frozen=True)
class Edit:
    """One change of one file. One of the fields below ``by`` says which; all texts are literal."""

    file: str  #: path from the root of the tree
    by: str = ""  #: what comes in the place of what is replaced
    replace: str = ""  #: stands in the file exactly once
    replace_all: str = ""  #: stands there at least once
    write: str = ""  #: the whole file
    append: str = ""  #: at the end
    prepend: str = ""  #: at the beginning
    rewrite: str = ""  #: a name of REWRITES
    rename: str = ""  #: another path
    delete: bool = False
    only_in: str = ""  #: the one image, of those that have the file under the same path, that gets it changed

    @property
    def touched(self) -> set[str]:
        """The files that it reads or changes."""
        return {self.file, self._copy, self._dockerfile} if self.only_in else {self.file, self.rename or self.file}

    @property
    def made_anew(self) -> set[str]:
        """Those of which it leaves nothing that another edit made of them."""
        if self.only_in:
            return {self._copy}
        return self.touched if self.write or self.rewrite or self.rename or self.delete else set()

    @property
    def _copy(self) -> str:
        return str(Path(self.file).with_stem(f"{Path(self.file).stem}-of-{self.only_in}"))

    @property
    def _dockerfile(self) -> str:
        return f"infra/docker/{self.only_in}.Dockerfile"

    def apply(self, tree: Path) -> None:
        """Raises AssertionError where the file is not as the edit expects it."""
        if self.only_in:
            other = self._copy
            Edit(other, write=(tree / self.file).read_text()).apply(tree)
            replace(self, file=other, only_in="").apply(tree)
            copy = f"COPY --chown=spectral:spectral {other} {self.file}\nEXPOSE "
            Edit(self._dockerfile, replace="EXPOSE ", by=copy).apply(tree)
            return
        path = tree / self.file
        text = path.read_text() if not self.write else ""
        if self.replace:
            assert text.count(self.replace) == 1, f"{self.file} has {text.count(self.replace)} times: {self.replace}"
        if self.replace_all:
            assert self.replace_all in text, f"{self.file} does not have: {self.replace_all}"
        mode = path.stat().st_mode if path.exists() else None
        if path.exists():
            path.unlink()  # it may be a hard link to the real tree's
        if self.delete:
            return
        if self.rename:
            path = tree / self.rename
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.rewrite:
            path.write_bytes(REWRITES[self.rewrite](text))
        elif self.write:
            path.write_text(self.write)
        else:
            for old in filter(None, (self.replace, self.replace_all)):
                text = text.replace(old, self.by)
            path.write_text(self.prepend + text + self.append)
        if mode is not None:
            path.chmod(mode)


def edit(tree: Path, file: str, replace: str, by: str) -> None:
    """Replace a text that stands in ``file`` exactly once."""
    Edit(file, replace=replace, by=by).apply(tree)
