"""The text of a PDF as a reader would copy it: glyphs through each font's own map back to characters."""

import re
import zlib

STREAM = re.compile(rb"(\d+) 0 obj\s*<<((?:(?!endobj).)*?)>>\s*stream\r?\n", re.S)
SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj|(\[.*?\]) TJ", re.S)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_pages(content: bytes) -> list[str]:
    """The text of each page, one line for each piece that was written at once."""
    streams = {int(found[1]): _opened(content, found) for found in STREAM.finditer(content)}
    fonts = {
        name: _characters(streams[_unicode_of(content, int(number))])
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", content)
    }
    return [_text(streams[int(number)], fonts) for number in re.findall(rb"/Contents (\d+) 0 R", content)]


def pdf_text(content: bytes) -> str:
    return "\n".join(pdf_pages(content))


def _opened(content: bytes, found: re.Match[bytes]) -> bytes:
    length = re.search(rb"/Length (\d+)", found[2])
    assert length is not None
    body = content[found.end() : found.end() + int(length[1])]
    return zlib.decompress(body) if b"FlateDecode" in found[2] else body


def _unicode_of(content: bytes, font: int) -> int:
    found = re.search(rb"\n%d 0 obj\s*<<.*?/ToUnicode (\d+) 0 R" % font, content, re.S)
    assert found is not None
    return int(found[1])


def _characters(table: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", table)
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def _text(stream: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    lines, font = [], {}
    for name, shown, _ in SHOWN.findall(stream):
        if name:
            font = fonts[name]
            continue
        raw = re.sub(rb"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), shown, flags=re.S)
        glyphs = [int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2)]
        lines.append("".join(font.get(glyph, "\N{REPLACEMENT CHARACTER}") for glyph in glyphs))
    return "\n".join(lines)
