"""The flat XML of WeChat Pay v2, read as strictly as an attacker would wish it were not and written by hand.

One root `xml`, no DTD, no attributes, no nesting, no element twice, UTF-8. Written apart from the product's parser, so
that one mistake cannot hide on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

MAX_BYTES = 64 * 1024
_NUMBER = re.compile(r"\d{1,15}")
_DECLARED_AS = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class BadXml(ValueError):
    """The text is no flat XML of WeChat Pay; the words say what is wrong with it."""


class _Reader:
    """Collects the elements below the root."""

    def __init__(self, root: str) -> None:
        self.fields: dict[str, str] = {}
        self._root = root
        self._depth = 0
        self._name = ""
        self._parts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if attributes:
            raise BadXml("attributes are not expected")
        if self._depth == 1 and name != self._root:
            raise BadXml(f"the root is not {self._root}")
        if self._depth > 2:
            raise BadXml("nested elements are not expected")
        if self._depth == 2 and name in self.fields:
            raise BadXml(f"{name} stands there twice")
        self._name, self._parts = name, []

    def end(self, name: str) -> None:
        if self._depth == 2:
            self.fields[name] = "".join(self._parts)
        self._depth -= 1
        self._parts = []

    def text(self, data: str) -> None:
        if self._depth == 2:
            self._parts.append(data)
        elif data.strip():
            raise BadXml("text stands outside the elements")

    def refuse(self, *_: object) -> None:
        raise BadXml("a document type or entity is not allowed")


def read(raw: bytes, *, root: str = "xml") -> dict[str, str]:
    """The elements by name, empty ones too; raises BadXml."""
    if len(raw) > MAX_BYTES:
        raise BadXml("too long")
    declared = _DECLARED_AS.match(raw)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        raise BadXml("not UTF-8")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadXml("not UTF-8") from error
    reader = _Reader(root)
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = reader.refuse
    parser.ProcessingInstructionHandler = reader.refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise BadXml("not well-formed") from error
    return reader.fields


def write(fields: Mapping[str, object], *, root: str = "xml") -> bytes:
    """Numbers bare, everything else as CDATA, as the platform does; empty values are left out."""
    inner = "".join(f"<{name}>{_cell(value)}</{name}>" for name, value in fields.items() if value != "")
    return f"<{root}>{inner}</{root}>".encode()


def _cell(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"
