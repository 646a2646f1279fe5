"""Cells that a spreadsheet would take for a formula, and back.

A value that begins with one of `= + - @`, a tab or a carriage return gets an apostrophe in front; so does one that
begins with apostrophes and then one of these, so that taking one apostrophe off again always gives the value back.
"""

import re

# The last four are the wide forms that spreadsheets of East Asia take for the first ones.
DANGEROUS = re.compile("'*[=+\\-@\t\r＝＋－＠]")
ESCAPED = re.compile("'+[=+\\-@\t\r＝＋－＠]")


def neutralise(text: str) -> str:
    return f"'{text}" if DANGEROUS.match(text) else text


def restore(text: str) -> str:
    return text[1:] if ESCAPED.match(text) else text
