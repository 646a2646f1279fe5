"""Card and bank numbers in what a caller said, in digits or words, also when they are spread over several turns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent_worker.listening import card_words as known
from agent_worker.listening.digits import Token, legible_spans, tokens_of
from agent_worker.spoken.folding import Folded, fold
from agent_worker.spoken.numbers import quantities
from agent_worker.spoken.phrases import expanded, located

_FEWEST, _MOST = 13, 19
# Words without meaning to us that may stand between the digits of one number: in a turn, and where one turn ends.
_WORDS_BETWEEN = 4
_WORDS_BETWEEN_TURNS = 14
_LABEL_REACH = 40
_TURN = "\n\n"
_PENDING = 4

Where = Literal["text", "tail"]


@dataclass(frozen=True, slots=True, order=True)
class Secret:
    """Digits that must not be kept, `start` to `end` of the text, or of the tail that was passed with it.

    `kind`: "card", "iban", "bank" (account, sort code, routing number), "cvv", "pin" or "ssn".
    """

    start: int
    end: int
    kind: str
    of: Where = "text"


def card_digits(text: str, tail: str = "") -> tuple[Secret, ...]:
    """Every card or bank number in `text`, with those digits of it that `tail`, the turns before, ended with.

    Any row of 13 to 19 digits that passes Luhn's check, any IBAN, and what follows words such as “security code”.
    Amounts, dates, times, and numbers introduced as a customer's or a phone's are left alone.
    """
    whole = tail + _TURN + text
    folded = expanded(fold(whole))
    border = len(tail) + len(_TURN)
    tokens = tokens_of(folded.text)
    spans = {("card", *span) for span in _cards(tokens, folded, border)}
    spans |= {("iban", *span) for span in _ibans(tokens)}
    spans |= set(_labelled(folded.text))
    placed = [_placed(folded, kind, start, end, border) for kind, start, end in spans]
    merged = _merged([secret for secret in placed if secret is not None])
    return merged if any(secret.of == "text" for secret in merged) else ()


def may_continue(text: str, tail: str = "") -> bool:
    """Whether `text` ends in digits that may be the beginning of a card number: keep its audio until the next turn."""
    folded = expanded(fold(tail + _TURN + text))
    tokens = tokens_of(folded.text)
    digits = words = 0
    for token in reversed(tokens):
        if token.readings and not (token.skippable and digits == 0):
            digits += len(token.readings[0][0])
        elif not token.skippable and (words := words + 1) > _WORDS_BETWEEN:
            break
    return digits >= _PENDING


def redact(text: str, secrets: Sequence[Secret], *, of: Where = "text") -> str:
    """`text` with each secret replaced by its kind: “my card is [card]”."""
    for secret in sorted((secret for secret in secrets if secret.of == of), reverse=True):
        text = f"{text[: secret.start]}[{secret.kind}]{text[secret.end :]}"
    return text


def _cards(tokens: Sequence[Token], folded: Folded, border: int) -> Iterator[tuple[int, int]]:
    """The tokens of every reading of 13 to 19 digits that passes Luhn's check."""
    first_of_text = next(
        (i for i, token in enumerate(tokens) if folded.at[token.start] >= border), len(tokens)
    )
    marked: set[int] = set()
    for begin, token in enumerate(tokens):
        if token.readings and (ends := _luhn_ends(tokens, begin, first_of_text)):
            marked |= set(range(begin, max(ends)))
    for index in sorted(marked):
        if tokens[index].readings:
            yield tokens[index].start, tokens[index].end


def _luhn_ends(tokens: Sequence[Token], begin: int, border: int) -> set[int]:
    """Where a number that begins at token `begin` may end.

    A state is (digits, sum with the even ones doubled, sum with the odd ones doubled, strange words in a row); which
    digits are doubled is known only at the end.
    """
    waves: dict[int, set[tuple[int, int, int, int]]] = {begin: {(0, 0, 0, 0)}}
    ends: set[int] = set()
    index = begin
    while index < len(tokens) and waves:
        states = waves.pop(index, set())
        token = tokens[index]
        for digits, size in token.readings:
            after = {_fed(state, digits) for state in states if state[0] + len(digits) <= _MOST}
            if any(_passes(state) for state in after):
                ends.add(index + size)
            if after:
                waves.setdefault(index + size, set()).update(after)
        if index > begin and (token.skippable or not token.readings):
            words = 0 if token.skippable else 1
            most = _WORDS_BETWEEN_TURNS if abs(index - border) <= _WORDS_BETWEEN_TURNS else _WORDS_BETWEEN
            passed = {(n, a, b, gap + words) for n, a, b, gap in states if gap + words <= most}
            if passed:
                waves.setdefault(index + 1, set()).update(passed)
        index += 1
    return ends


def _fed(state: tuple[int, int, int, int], digits: str) -> tuple[int, int, int, int]:
    count, even, odd, _ = state
    for character in digits:
        digit = int(character)
        doubled = digit * 2 - 9 if digit > 4 else digit * 2
        even += doubled if count % 2 == 0 else digit
        odd += digit if count % 2 == 0 else doubled
        count += 1
    return count, even % 10, odd % 10, 0


def _passes(state: tuple[int, int, int, int]) -> bool:
    count, even, odd, _ = state
    return _FEWEST <= count <= _MOST and (even if count % 2 == 0 else odd) == 0


def _ibans(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Two letters of a country, and as many characters as its accounts have, that leave 1 when divided by 97."""
    written = [(character, index) for index, token in enumerate(tokens) for character in _characters(token)]
    text = "".join(character for character, _ in written)
    for position in range(len(text) - 14):
        length = known.IBAN_LENGTHS.get(text[position : position + 2])
        account = text[position : position + length] if length else ""
        if len(account) == length and account[2:4].isdigit() and _is_iban(account):
            used = [tokens[index] for _, index in written[position : position + length]]
            for token in dict.fromkeys(used):
                yield token.start, token.end


def _characters(token: Token) -> str:
    if token.word in known.FILLERS and len(token.word) > 1:
        return ""
    if token.readings and not token.word.isdigit():
        return token.readings[0][0]
    # A long word between two characters ends the account.
    return token.word if len(token.word) <= 4 else "?"


def _is_iban(account: str) -> bool:
    turned = account[4:] + account[:4]
    return "?" not in account and int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _labelled(text: str) -> Iterator[tuple[str, int, int]]:
    """Numbers soon after words that say what they are."""
    numbers = quantities(text)
    legible = legible_spans(text, numbers)
    free = [
        number
        for number in numbers
        if not any(start < number.end and number.start < end for start, end in legible)
    ]
    for secret in known.SECRETS:
        for _, end in located(secret.labels, text):
            for number in free:
                close = end <= number.start <= end + _LABEL_REACH
                if close and secret.least <= len(number.digits) <= secret.most:
                    yield secret.kind, number.start, number.end
                    break


def _placed(folded: Folded, kind: str, start: int, end: int, border: int) -> Secret | None:
    first, last = folded.span(start, end)
    if first >= border:
        return Secret(first - border, last - border, kind)
    return Secret(first, min(last, border - len(_TURN)), kind, "tail")


def _merged(secrets: list[Secret]) -> tuple[Secret, ...]:
    """Neighbouring spans of the same place in one, where nothing but separators stands between them."""
    merged: list[Secret] = []
    # What a label says a number is tells more than its sum.
    for secret in sorted(secrets, key=lambda each: (each.of, each.start, each.kind == "card", each.end)):
        last = merged[-1] if merged else None
        if last is not None and last.of == secret.of and secret.start <= last.end + 2:
            merged[-1] = Secret(last.start, max(last.end, secret.end), last.kind, last.of)
        else:
            merged.append(secret)
    return tuple(merged)
