"""Ways to write the same words so that a reader of characters misses what a listener hears."""

from hypothesis import strategies as st

_LOOKALIKE = str.maketrans("aceopxyisj", "асеорхуіѕј")
_FULL = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f"


def _bold(text: str) -> str:
    return "".join(
        chr(0x1D400 + ord(c) - 65)
        if "A" <= c <= "Z"
        else chr(0x1D41A + ord(c) - 97)
        if "a" <= c <= "z"
        else c
        for c in text
    )


@st.composite
def disguised(draw: st.DrawFn, word: str) -> str:
    """`word` in one disguise or in two."""
    for _ in range(draw(st.integers(1, 2))):
        way = draw(st.sampled_from([_apart, _hidden, _swapped, _accented, _shouted, _as_is]))
        word = way(draw, word)
    return word


def _apart(draw: st.DrawFn, word: str) -> str:
    """Letter by letter; or, where halves of it make no other word, in two."""
    between = draw(st.sampled_from([" ", ".", "-", "_", " . ", "·", ", ", "*"]))
    if len(word) > 4 and draw(st.booleans()):
        cut = draw(st.integers(2, len(word) - 2))
        return word[:cut] + between + word[cut:]
    return between.join(word)


def _hidden(draw: st.DrawFn, word: str) -> str:
    at = draw(st.integers(1, max(1, len(word) - 1)))
    return word[:at] + draw(st.sampled_from(_INVISIBLE)) + word[at:]


def _swapped(draw: st.DrawFn, word: str) -> str:
    way = draw(st.integers(0, 3))
    if way == 0:
        return word.translate(_LOOKALIKE)
    if way == 1:
        return word.translate(_FULL)
    return _bold(word) if way == 2 else word.translate(_ARABIC)


def _accented(draw: st.DrawFn, word: str) -> str:
    mark = draw(st.sampled_from("\u0301\u0308\u0323\u0330"))
    return "".join(character + mark if character.isalpha() else character for character in word)


def _shouted(draw: st.DrawFn, word: str) -> str:
    return word.upper() if draw(st.booleans()) else word.title()


def _as_is(draw: st.DrawFn, word: str) -> str:
    return word
