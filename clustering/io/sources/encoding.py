"""Text files as UTF-8: compression and encoding are recognised and converted where necessary."""

from __future__ import annotations

import codecs
import gzip
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from clustering.errors import DataError

CHUNK = 1 << 20
SAMPLE = 1 << 18  # bytes of a file's beginning that decide how it is read
BYTE_ORDER_MARKS = {  # that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
PLAIN = b"\r\n\t ,;|0123456789"
WESTERN = "cp1252"  # holds all letters of latin-1, too
ALONE = 0.6  # in western text so many letters beyond ASCII stand between letters of ASCII
OTHERS = ["cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp932", "gb18030", "big5", "cp949"]


@dataclass(frozen=True)
class TextFile:
    """A text file: `path` is a copy in UTF-8, or the file itself where it is that already."""

    path: str
    sample: str
    encoding: str
    compression: str | None


@cache
def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for copies, which is removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="clustering-")


def as_utf8(path: str, encoding: str | None = None) -> TextFile:
    """Give a local text file as UTF-8; raises DataError where `encoding` does not fit it."""
    stat = Path(path).stat()
    return _as_utf8(path, encoding, (stat.st_size, stat.st_mtime_ns, stat.st_ino))


@cache
def _as_utf8(path: str, encoding: str | None, state: tuple[int, ...]) -> TextFile:
    with _opened(path) as (stream, compression):
        found = _same_name(encoding) if encoding else _encoding_of(path, stream)
    with _opened(path) as (stream, _):
        beginning = stream.read(SAMPLE)
    sample = codecs.getincrementaldecoder(found)("replace").decode(beginning)
    old_lines = "\r" in sample and "\n" not in sample
    if found == "utf-8" and not compression and not old_lines:
        return TextFile(path, sample, found, None)
    copy = _converted(path, found)
    return TextFile(copy, sample.replace("\r", "\n") if old_lines else sample, found, compression)


def _same_name(encoding: str) -> str:
    name = codecs.lookup(encoding).name
    return "utf-8-sig" if name == "utf-8" else name


@contextmanager
def _opened(path: str) -> Iterator[tuple[IO[bytes], str | None]]:
    """The content of a file, decompressed, and by which method."""
    with Path(path).open("rb") as raw:
        start = raw.read(4)
        raw.seek(0)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(raw) as stream:
                yield stream, "gz"  # type: ignore[misc]
        elif start == b"\x28\xb5\x2f\xfd":
            import zstandard

            with zstandard.ZstdDecompressor().stream_reader(raw) as stream:
                yield stream, "zst"
        else:
            yield raw, None


def _encoding_of(path: str, stream: IO[bytes]) -> str:
    """The encoding of all bytes of `stream`."""
    chunk = stream.read(CHUNK)
    for mark, name in BYTE_ORDER_MARKS.items():
        if chunk.startswith(mark):
            return name
    if (utf16 := _utf16_without_mark(chunk)) is not None:
        return utf16
    decoder = codecs.getincrementaldecoder("utf-8")()
    while chunk:
        following = stream.read(CHUNK)
        try:
            if not chunk.isascii() or decoder.getstate()[0]:
                decoder.decode(chunk, final=not following)
        except UnicodeDecodeError:
            return _legacy_encoding(path, chunk)
        chunk = following
    return "utf-8"


def _utf16_without_mark(chunk: bytes) -> str | None:
    """In UTF-16, digits, separators and line ends of every script have a zero byte each."""
    first, second = chunk[:4000:2], chunk[1:4000:2]
    pairs = list(zip(first, second, strict=False))
    little = sum(two == 0 and one in PLAIN for one, two in pairs)
    big = sum(one == 0 and two in PLAIN for one, two in pairs)
    if max(little, big) <= len(pairs) // 20:
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _legacy_encoding(path: str, chunk: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8: in western text letters beyond ASCII
    stand alone, in other scripts side by side.
    """
    text = chunk.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(character > "\x7f" for character in text) - broken > 3 * broken:
        line = text[: text.index("\ufffd")].count("\n") + 1
        raise DataError(
            f"{path}: is UTF-8 but for {broken} characters, the first in line {line}; correct it, "
            "or set source.read.encoding"
        )
    western = chunk.decode(WESTERN, "replace")
    words = re.findall(r"[^\W\d_]*[^\x00-\x7f]+[^\W\d_]*", western)
    if re.search(r"[^\W\d_][³¹¿][^\W\d_]", western):
        return "cp1250"
    alone = sum(len(re.findall(r"[^\x00-\x7f]+", word)) for word in words)
    if alone >= ALONE * sum(character > "\x7f" for character in western):
        return WESTERN
    from charset_normalizer import from_bytes

    lines = [line for line in chunk.splitlines(keepends=True) if not line.isascii()]
    best = from_bytes(b"".join(lines[:2000]), cp_isolation=OTHERS).best()
    return best.encoding if best else WESTERN


def _converted(path: str, encoding: str) -> str:
    handle, copy = tempfile.mkstemp(dir=scratch().name, suffix=".txt")
    decoder = codecs.getincrementaldecoder(encoding)()
    with _opened(path) as (stream, _), os.fdopen(handle, "wb") as target:
        old_lines = None
        while True:
            chunk = stream.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as cause:
                raise DataError(
                    f"{path} is not in {encoding}: {cause.reason}; set source.read.encoding"
                ) from cause
            if old_lines is None:
                old_lines = "\r" in text and "\n" not in text
            target.write((text.replace("\r", "\n") if old_lines else text).encode())
            if not chunk:
                return copy
