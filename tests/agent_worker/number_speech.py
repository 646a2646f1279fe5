"""Numbers as people say them in English, written apart from the product's own tables."""

from decimal import Decimal

_UNITS = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int, *, joiner: str = " and ") -> str:
    """0 to 999,999 in words: “eight thousand six hundred and forty one”."""
    if number < 20:
        return _UNITS[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_UNITS[number % 10]}" if number % 10 else "")
    size, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    rest = number % size
    gap = joiner if rest and (size == 100 or rest < 100) else " "
    return f"{in_words(number // size, joiner=joiner)} {name}" + (
        gap + in_words(rest, joiner=joiner) if rest else ""
    )


def spelled_out(digits: str) -> str:
    """Digit by digit: “four two oh”."""
    return " ".join(_UNITS[int(digit)] for digit in digits)


def dollars(amount: Decimal, *, joiner: str = " and ") -> str:
    whole, cents = divmod(int(amount * 100), 100)
    said = f"{in_words(whole, joiner=joiner)} dollars"
    return said + (f" and {in_words(cents)} cents" if cents else "")
