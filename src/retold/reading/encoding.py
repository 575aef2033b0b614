"""Bytes to text: UTF-8, UTF-16 with a byte order mark, else Windows-1252 with a warning; never binary."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from retold.errors import InputError
from retold.limits import MAX_CONTROL_SHARE, SNIFFED_BYTES

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"
_FORMATS = {
    b"%PDF": ("a PDF", "convert it first, e.g. with pdftotext"),
    b"PK\x03\x04": ("a zip or office file", "save it as plain text first"),
    b"\xd0\xcf\x11\xe0": ("an old office file", "save it as plain text first"),
    b"{\\rtf": ("rich text", "save it as plain text first"),
    b"\x1f\x8b": ("compressed", "unpack it first with gunzip"),
    b"\xfd7zXZ": ("compressed", "unpack it first with unxz"),
    b"BZh": ("compressed", "unpack it first with bunzip2"),
    b"\x28\xb5\x2f\xfd": ("compressed", "unpack it first with unzstd"),
    codecs.BOM_UTF32_LE: ("UTF-32 text", "save it as UTF-8"),
    codecs.BOM_UTF32_BE: ("UTF-32 text", "save it as UTF-8"),
}
# Shown wherever the encoding was guessed.
GUESSED = "not UTF-8; read as Windows-1252, so accented letters may be wrong"
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode a whole file; line ends stay as they are, so that offsets match the file.

    Returns:
        The text without a byte order mark, and warnings.

    Raises:
        InputError: if the bytes are not text; the message says what they are and what to do.
    """
    refuse_binary(data[:SNIFFED_BYTES])
    try:
        if data.startswith(_UTF16_MARKS):
            return data.decode("utf-16"), ()
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if error.encoding.startswith("utf-16"):
            raise InputError(f"damaged UTF-16 text at byte {error.start:,}; save it as UTF-8") from None
    if b"\0" in data:
        raise InputError("a binary file; give text, HTML, Markdown, JSONL, CSV or Parquet")
    return data.decode("cp1252", errors="replace"), (GUESSED,)


def refuse_binary(head: bytes) -> None:
    """Look at the first bytes of a file.

    Raises:
        InputError: if they are not the beginning of a text.
    """
    for magic, (kind, advice) in _FORMATS.items():
        if head.startswith(magic):
            raise InputError(f"{kind}; {advice}")
    if head.startswith(_UTF16_MARKS):
        return
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if b"\0" in head or controls > MAX_CONTROL_SHARE * len(head):
        raise InputError("a binary file; give text, HTML, Markdown, JSONL, CSV or Parquet")


def refuse_utf16(head: bytes) -> None:
    """Look at the first bytes of a file that is cut at its line feeds, which UTF-16 writes in two bytes.

    Raises:
        InputError: if they are the byte order mark of UTF-16.
    """
    if head.startswith(_UTF16_MARKS):
        raise InputError("UTF-16 text, whose lines cannot be told apart; save it as UTF-8")


def encoding_of(stream: BinaryIO) -> tuple[str, tuple[str, ...]]:
    """Name the encoding of a file too long to hold, reading it once in pieces and rewinding it.

    Returns:
        A codec's name, and warnings.

    Raises:
        InputError: if the file is binary.
    """
    head = stream.read(SNIFFED_BYTES)
    refuse_binary(head)
    stream.seek(0)
    if head.startswith(_UTF16_MARKS):
        return "utf-16", ()
    valid = _is_utf8(stream)
    stream.seek(0)
    return ("utf-8-sig", ()) if valid else ("cp1252", (GUESSED,))


def _is_utf8(stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def replace_surrogates(text: str) -> str:
    """Put U+FFFD for lone surrogates, as in JSON escapes and undecodable file names, which no file or engine takes."""
    return _LONE_SURROGATE.sub("\ufffd", text)
