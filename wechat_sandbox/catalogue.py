"""What is registered with the platform: message templates and the pages of the released mini-program."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from wechat_sandbox.answers import Refused

TEMPLATES_FILE = Path(__file__).with_name("templates.json")
_ANY_PAGE = re.compile(r"[a-z][\w-]*(/[\w-]+)+")
_COMMENTS = re.compile(r"^\s*//[^\n]*$|/\*.*?\*/", re.MULTILINE | re.DOTALL)
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")


class Catalogue:
    """Templates by id, and pages; without the client's pages.json any well-formed page is released."""

    def __init__(self, pages_file: Path) -> None:
        self.templates: dict[str, dict[str, Any]] = json.loads(TEMPLATES_FILE.read_text("utf-8"))
        self._pages = _pages_of(pages_file) if pages_file.is_file() else None

    def template(self, template_id: object) -> dict[str, Any]:
        """40037 when it is not one of the app's templates."""
        found = self.templates.get(template_id) if isinstance(template_id, str) else None
        if found is None:
            raise Refused(40037)
        return found

    def id_of(self, id_or_key: str) -> str:
        """A template's id from the id itself or its key."""
        for known_id, template in self.templates.items():
            if id_or_key in (known_id, template["key"]):
                return known_id
        raise Refused(40037)

    def require_page(self, page: object, *, query_allowed: bool) -> None:
        """41030 unless the page exists in the released version."""
        if not isinstance(page, str):
            raise Refused(41030)
        path, mark, _ = page.partition("?")
        released = path in self._pages if self._pages is not None else bool(_ANY_PAGE.fullmatch(path))
        if not released or (mark and not query_allowed):
            raise Refused(41030)


def require_scene(scene: object) -> str:
    """40169 unless 1-32 characters of the alphabet that a mini-program code can hold."""
    if not isinstance(scene, str) or not _SCENE.fullmatch(scene):
        raise Refused(40169)
    return scene


def _pages_of(path: Path) -> set[str]:
    """All pages of a uni-app pages.json, which may hold comments."""
    listed = json.loads(_COMMENTS.sub("", path.read_text("utf-8")))
    pages = {page["path"] for page in listed.get("pages", [])}
    for package in listed.get("subPackages", listed.get("subpackages", [])):
        pages |= {f"{package['root'].rstrip('/')}/{page['path']}" for page in package["pages"]}
    return pages
