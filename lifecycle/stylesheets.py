"""Serve a stylesheet and all it imports as one file, and scripts as they are; of neither their comments: those are for who writes them.

The sources stay one file a component. `static/css/staff.css` and `public.css` name their parts by `@import url("…") layer(…);`, which
browsers understand as well. This finder stands before Django's own, so that the running site, the tests and collectstatic all get this.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

_SOURCE = Path(settings.BASE_DIR) / "static"
NAMES = ("css/staff.css", "css/public.css")
SCRIPTS = tuple(sorted(f"js/{path.name}" for path in _SOURCE.glob("js/*.js")))
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_REMARK = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_IMPORT = re.compile(r'@import url\("([\w/-]+\.css)"\) layer\((\w+)\);')


def served(name: str) -> str:
    """Return what a browser gets of a stylesheet or a script."""
    return joined(name) if name in NAMES else _REMARK.sub("", (_SOURCE / name).read_text())


def joined(name: str) -> str:
    """Return a stylesheet with its imports in their places, each inside its layer."""
    sheet = _SOURCE / name
    whole = _IMPORT.sub(lambda found: f"@layer {found[2]} {{\n{(sheet.parent / found[1]).read_text()}}}", sheet.read_text())
    return _COMMENT.sub("", whole)


class JoinedFinder(BaseFinder):
    """Offers the stylesheets and the scripts, written anew whenever a part has changed."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.folder = Path(settings.DATA_DIR) / "joined"

    def check(self, **kwargs: object) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: object) -> Any:
        if path not in NAMES + SCRIPTS:
            return []
        file = str(self._write(path))
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        storage = FileSystemStorage(self.folder)
        for name in NAMES + SCRIPTS:
            self._write(name)
            yield name, storage

    def _write(self, name: str) -> Path:
        """Write the file in one move: several processes may do so at once."""
        file, text = self.folder / name, served(name)
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=file.parent, delete=False) as fresh:
                fresh.write(text)
            Path(fresh.name).chmod(0o644)
            Path(fresh.name).replace(file)
        return file
