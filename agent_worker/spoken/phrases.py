"""A small syntax for phrases, so that a table of them can be read and extended without programming.

    (a | b c)   either
    [a]         perhaps
    word*       the word with any ending
    ...         up to four words of the same clause
    #           a number in digits or one word of letters

Words are compared in their plain form (`folding.fold`), with contractions written out (`don't` = `do not`).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from agent_worker.spoken.folding import Folded, fold

# In a spaced text one sign follows each word: "." where a sentence ends, "," where a clause does, else " ".
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_STOPS = re.compile(r"[.!?…]")
_COMMAS = re.compile(r"[,;:()—–]")
_AFTER = r"\W"
_GAP = r"(?:\w+ ){0,4}?"
_ITEM = re.compile(r"\.\.\.|[()|\[\]#]|[a-z0-9]+\*?")

# Endings and words that recognisers and writers give in two forms.
_SHORT = {
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not", "cannot": "can not",
    "wont": "will not", "isnt": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not",
    "couldnt": "could not", "wouldnt": "would not", "shouldnt": "should not", "havent": "have not",
    "hasnt": "has not", "hadnt": "had not", "aint": "is not", "neednt": "need not", "mustnt": "must not",
    "im": "i am", "ive": "i have", "youre": "you are", "youve": "you have", "theyre": "they are",
    "theyve": "they have", "weve": "we have", "thats": "that is", "whos": "who is", "hes": "he is",
    "shes": "she is", "theres": "there is", "heres": "here is", "whats": "what is", "youll": "you will",
    "theyll": "they will", "itll": "it will", "gonna": "going to", "wanna": "want to", "gotta": "got to",
    "i'll": "i will", "i'd": "i would", "we'll": "we will", "we're": "we are", "he'll": "he will",
    "she'll": "she will", "it's": "it is", "let's": "let us", "lets": "let us", "he'd": "he would",
    "she'd": "she would", "we'd": "we would", "you'd": "you would", "they'd": "they would", "that'll": "that will",
    "jai": "j ai", "nai": "n ai", "cest": "c est", "nest": "n est", "qu'il": "qu il",
}  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*'?")


def expanded(folded: Folded) -> Folded:
    """The plain form with contractions written out and no apostrophes left."""
    return folded.replaced(_WORD, lambda found: _full(found[0]))


def _full(word: str) -> str:
    if word in _SHORT:
        return _SHORT[word]
    if "'" not in word:
        return word
    bare = word.replace("'", "")
    if bare in _SHORT:
        return _SHORT[bare]
    if word.endswith("n't"):
        return f"{word[:-3]} not"
    if word.endswith("'s"):
        return word[:-2]
    # French “l'huissier”, “d'appeler”: the article stands apart.
    return word.replace("'", " ").strip()


def spaced(folded: Folded) -> Folded:
    """An expanded text as phrases are searched in it: exactly one sign between two words, and one at the end."""
    squeezed = folded.replaced(_SEPARATORS, lambda found: _separator(found[0]))
    last = len(squeezed.text)
    if not last or squeezed.text[-1].isalnum():
        place = squeezed.ends[-1] if last else 0
        return Folded(squeezed.text + ".", [*squeezed.at, place], [*squeezed.ends, place])
    return squeezed


def _separator(signs: str) -> str:
    if _STOPS.search(signs):
        return "."
    return "," if _COMMAS.search(signs) else " "


def plain(phrase: str) -> str:
    """A phrase or word of a table in the form that texts are compared in."""
    return expanded(fold(phrase)).text


@cache
def compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for any of `phrases`, to be searched in a spaced text. Matches include the sign after them."""
    if not phrases:
        return re.compile(r"(?!)")
    return re.compile(r"\b(?:" + "|".join(_source(phrase) for phrase in phrases) + ")")


def _source(phrase: str) -> str:
    """Raises ValueError for brackets that do not match."""
    out: list[str] = []
    opened: list[str] = []
    for item in _ITEM.findall(plain(phrase)):
        if item in "([":
            opened.append(item)
            out.append("(?:")
        elif item in ")]":
            if not opened or opened.pop() + item not in ("()", "[]"):
                raise ValueError(f"brackets do not match: {phrase}")
            out.append(")" if item == ")" else ")?")
        else:
            out.append(_piece(item))
    if opened:
        raise ValueError(f"brackets do not match: {phrase}")
    return "".join(out)


def _piece(item: str) -> str:
    if item == "|":
        return "|"
    if item == "...":
        return _GAP
    if item == "#":
        return rf"\w+{_AFTER}"
    if item.endswith("*"):
        return rf"{item[:-1]}\w*{_AFTER}"
    return f"{item}{_AFTER}"


def found(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each match in a spaced `text`, without the sign after it; overlapping ones too."""
    position = 0
    while match := pattern.search(text, position):
        yield match.start(), match.end() - 1
        position = match.start() + 1


def located(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """As `found`, in an expanded text that is not spaced."""
    places = range(len(text) + 1)
    whole = spaced(Folded(text, places[:-1], places[1:]))
    for start, end in found(pattern, whole.text):
        yield whole.span(start, end)


def words(phrases: Iterable[str]) -> set[str]:
    """All whole words that occur in `phrases`."""
    items = (item for phrase in phrases for item in _ITEM.findall(plain(phrase)))
    return {item for item in items if item.isalpha()}
