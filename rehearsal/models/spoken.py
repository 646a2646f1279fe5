"""Numbers, money and dates as people say them: the words a voice speaks and an ear expects.

"one hundred and twenty dollars and fifty cents", "december fourth", "one zero zero four one". `written` undoes it.
"""

from __future__ import annotations

from decimal import Decimal

UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ORDINAL_UNITS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
ORDINALS = [
    *ORDINAL_UNITS,
    *[
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
    ],
    "twentieth",
    *(f"twenty {unit}" for unit in ORDINAL_UNITS),
    "thirtieth",
    "thirty first",
]
"""The days of a month, the first at index 0."""

# ISO code or sign -> (one, many, hundredth, hundredths). A person in Sydney says "dollars" too.
MONEY = {
    "USD": ("dollar", "dollars", "cent", "cents"),
    "AUD": ("dollar", "dollars", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "EUR": ("euro", "euros", "cent", "cents"),
}


def cardinal(number: int) -> str:
    """0 to 999,999 in words, with "and" as the British say it: "one thousand two hundred and three"."""
    if number < 10:
        return UNITS[number]
    if number < 20:
        return TEENS[number - 10]
    if number < 100:
        tens, unit = divmod(number, 10)
        return TENS[tens - 2] + (f" {UNITS[unit]}" if unit else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{UNITS[hundreds]} hundred" + (f" and {cardinal(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    joint = " and " if 0 < rest < 100 else " "
    return f"{cardinal(thousands)} thousand" + (joint + cardinal(rest) if rest else "")


def ordinal(day: int) -> str:
    """A day of the month, 1 to 31: "twenty first"."""
    return ORDINALS[day - 1]


def digits(text: str) -> str:
    """Each digit by itself: "10041" is "one zero zero four one"."""
    return " ".join(UNITS[int(digit)] for digit in text)


def year(number: int) -> str:
    """A year of this or the last century: "twenty twenty six", "two thousand and five", "nineteen oh six"."""
    century, rest = divmod(number, 100)
    if century == 20 and rest < 10:
        return cardinal(number)
    tail = cardinal(rest) if rest >= 10 else ("hundred" if rest == 0 else f"oh {UNITS[rest]}")
    return f"{cardinal(century)} {tail}"


def month_day(month: int, day: int, *, style: str = "december fourth") -> str:
    """A day of the year in one of the ways people say it; *style* names it by its example."""
    name, number = MONTHS[month - 1], ordinal(day)
    return {
        "december fourth": f"{name} {number}",
        "december the fourth": f"{name} the {number}",
        "the fourth of december": f"the {number} of {name}",
    }[style]


def amount(value: Decimal, currency: str = "USD") -> str:
    """Money in words; whole amounts name no cents, amounts below one name only cents."""
    one, many, hundredth, hundredths = MONEY[currency]
    whole, cents = divmod(int(value * 100), 100)
    parts = []
    if whole or not cents:
        parts.append(f"{cardinal(whole)} {one if whole == 1 else many}")
    if cents:
        parts.append(f"{cardinal(cents)} {hundredth if cents == 1 else hundredths}")
    return " and ".join(parts)
