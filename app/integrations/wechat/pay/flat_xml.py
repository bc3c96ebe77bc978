"""XML as WeChat Pay v2 speaks it: one root, elements of text below it, and nothing else (D10, D11, D12)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from xml.parsers import expat

_BROKEN = frozenset({"Cc", "Cs", "Cn", "Co"})
"""Control characters, halves of pairs, characters that are none: XML or WeChat refuses them."""


class NotFlat(ValueError):
    """Not such a document; the text says in which way, without its content."""


def write(params: Mapping[str, str]) -> bytes:
    """The document of these texts, which must have been cleaned."""
    elements = "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in params.items())
    return f"<xml>{elements}</xml>".encode()


def clean(text: str) -> str:
    """The text without what would break out of its element (D12) or shift a column of the bill (back-ticks)."""
    kept = "".join(each for each in text if each != "`" and unicodedata.category(each) not in _BROKEN)
    while "]]>" in kept:
        kept = kept.replace("]]>", "")
    return kept.strip()


def fitted(text: str, limit: int) -> str:
    """The beginning of the cleaned text that fits into `limit` bytes of UTF-8."""
    return clean(text).encode()[:limit].decode(errors="ignore")


def parse(raw: bytes, root: str = "xml") -> dict[str, str]:
    """The texts by name. Raises NotFlat for a DTD, an attribute, a nested or repeated element, or any broken XML."""
    reader = _Reader(root)
    try:
        raw.decode()  # expat would follow the mark of another encoding
        reader.parser.Parse(raw, True)
    except UnicodeDecodeError:
        reason = "not UTF-8"
    except expat.ExpatError as broken:
        reason = expat.ErrorString(broken.code)
    else:
        return reader.found
    raise NotFlat(f"not well-formed ({reason})")


class _Reader:
    """Fills `found` while expat reads; refuses at the first thing that does not belong there."""

    def __init__(self, root: str) -> None:
        self.found: dict[str, str] = {}
        self._root = root
        self._depth = 0
        self._name = ""
        self._text: list[str] = []
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.StartElementHandler = self._enter
        self.parser.EndElementHandler = self._leave
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = _refuse("a DTD")
        self.parser.EntityDeclHandler = _refuse("an entity")
        self.parser.ProcessingInstructionHandler = _refuse("a processing instruction")
        self.parser.CommentHandler = _refuse("a comment")

    def _enter(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if attributes:
            raise NotFlat("an attribute")
        if self._depth == 1 and name != self._root:
            raise NotFlat("another root")
        if self._depth > 2:
            raise NotFlat("nested elements")
        if self._depth == 2 and name in self.found:
            raise NotFlat("an element twice")
        self._name, self._text = name, []

    def _leave(self, name: str) -> None:
        if self._depth == 2:
            self.found[name] = "".join(self._text)
        self._depth -= 1

    def _characters(self, text: str) -> None:
        if self._depth == 2:
            self._text.append(text)
        elif not text.isspace():
            raise NotFlat("text outside of elements")


def _refuse(what: str):
    def refuse(*_: object) -> None:
        raise NotFlat(what)

    return refuse
