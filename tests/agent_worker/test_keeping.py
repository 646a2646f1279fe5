"""Which sound may reach the recording, and which words the transcript, as the bridge and the writer are told."""

import asyncio
import time
from collections.abc import Callable

import pytest

from agent_worker import keeping
from agent_worker.keeping import Keeper

CARD = "4111 1111 1111 1111"


async def until(look: Callable[[], object], *, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not look():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)


class Bridge:
    """The far end of the room: keeps what it is told. The recording began ten seconds ago."""

    def __init__(self) -> None:
        self.zero = time.time() - 10
        self.released: list[tuple[int, int]] = []
        self.stopped = False

    def position(self, at: float) -> int:
        return max(0, round((at - self.zero) * 1000))

    agent_position = caller_position = position

    async def release(self, from_ms: int, to_ms: int) -> None:
        self.released.append((from_ms, to_ms))

    async def stop_recording(self) -> None:
        self.stopped = True

    def kept(self, at: float) -> bool:
        place = self.position(at)
        return any(start <= place < end for start, end in self.released)


@pytest.fixture
def bridge() -> Bridge:
    return Bridge()


@pytest.fixture
def keeper(bridge) -> Keeper:
    return Keeper(bridge)


class Person:
    """Says things at times of the recording, and remembers what was stored of them."""

    def __init__(self, keeper: Keeper, bridge: Bridge) -> None:
        self.keeper, self.bridge = keeper, bridge
        self.stored: list[str] = []

    def says(self, text: str, at: float, until: float) -> str:
        start, end = self.bridge.zero + at, self.bridge.zero + until
        self.keeper.began(start)
        self.keeper.ended(end)
        return self.keeper.words(text, start=start, end=end, keep=self.stored.append)


async def test_nothing_before_the_notice_is_kept(keeper, bridge):
    keeper.start(bridge.zero + 4)
    await keeper.close()
    assert not bridge.kept(bridge.zero + 3.9)
    assert bridge.kept(bridge.zero + 4.1) and bridge.kept(bridge.zero + 9.5)


async def test_without_the_notice_nothing_is_kept(keeper, bridge):
    person = Person(keeper, bridge)
    person.says("Hello.", 5, 6)
    await keeper.close()
    assert bridge.released == []


async def test_sound_that_may_still_become_a_turn_is_not_let_go(keeper, bridge):
    keeper.start(bridge.zero)
    await until(lambda: bridge.released, seconds=5)
    # A turn is known half a second after it began, at the earliest.
    assert not bridge.kept(time.time() - 0.4)
    await keeper.close()


async def test_a_turn_waits_in_memory_until_its_words_are_known(keeper, bridge):
    keeper.start(bridge.zero)
    keeper.began(bridge.zero + 5)
    await until(lambda: bridge.released, seconds=5)
    assert bridge.kept(bridge.zero + 4) and not bridge.kept(bridge.zero + 5)
    keeper.words("Hello.", start=bridge.zero + 5, end=bridge.zero + 6, keep=lambda words: None)
    await until(lambda: bridge.kept(bridge.zero + 5.5), seconds=5)
    await keeper.close()


async def test_a_turn_that_never_came_to_words_is_left_out(keeper, bridge):
    keeper.start(bridge.zero)
    keeper.began(bridge.zero + 2)
    keeper.ended(bridge.zero + 3)
    await keeper.close()
    assert not bridge.kept(bridge.zero + 2.5)
    assert bridge.kept(bridge.zero + 1) and bridge.kept(bridge.zero + 4)


@pytest.mark.parametrize(
    "pieces",
    [
        [CARD],
        ["It is 4111 1111", "1111 1111"],
        ["It is 4111", "1111 1111 1111"],
        ["four one one one", "one one one one one one", "one one one one one one"],
        ["4111 1111 1111", "wait a moment", "1111"],
    ],
)
async def test_the_digits_of_a_card_are_in_neither(keeper, bridge, pieces):
    keeper.start(bridge.zero)
    person = Person(keeper, bridge)
    given = [person.says(piece, at, at + 1) for at, piece in enumerate(pieces, 2)]
    await keeper.close()
    for at, piece in enumerate(pieces, 2):
        if "wait" not in piece:
            assert not bridge.kept(bridge.zero + at + 0.5), piece
    assert not any(character.isdigit() for character in "".join(person.stored))
    assert "[card]" in given[-1]


async def test_digits_that_may_be_half_a_card_wait_for_the_other_half(keeper, bridge):
    keeper.start(bridge.zero)
    person = Person(keeper, bridge)
    person.says("It is 4111 1111", 5, 6)
    await until(lambda: bridge.kept(bridge.zero + 4), seconds=5)
    assert person.stored == [] and not bridge.kept(bridge.zero + 5.5)
    person.says("1111 1111", 7, 8)
    await keeper.close()
    assert not any(character.isdigit() for character in "".join(person.stored))
    assert not bridge.kept(bridge.zero + 5.5) and not bridge.kept(bridge.zero + 7.5)


async def test_amounts_dates_and_customer_numbers_stay_legible(keeper, bridge):
    keeper.start(bridge.zero)
    person = Person(keeper, bridge)
    said = ["I can pay $1,411.11 on December 4th.", "My customer number is 10041.", "Call me at 4 PM."]
    for at, text in enumerate(said, 2):
        person.says(text, at, at + 1)
    await keeper.close()
    assert person.stored == said
    assert bridge.kept(bridge.zero + 2.5) and bridge.kept(bridge.zero + 3.5)


async def test_the_tone_of_a_key_is_left_out(keeper, bridge):
    keeper.start(bridge.zero)
    keeper.key(bridge.zero + 5)
    await keeper.close()
    assert not bridge.kept(bridge.zero + 4.8) and not bridge.kept(bridge.zero + 5.2)
    assert bridge.kept(bridge.zero + 4) and bridge.kept(bridge.zero + 6)


async def test_after_an_objection_neither_sound_nor_words_are_kept(keeper, bridge):
    keeper.start(bridge.zero)
    person = Person(keeper, bridge)
    person.says("I do not want to be recorded.", 5, 6)
    await keeper.stop()
    person.says("Are you still there?", 7, 8)
    await keeper.close()
    assert bridge.stopped and bridge.released == [] and person.stored == []


async def test_a_lost_recogniser_holds_nothing_up_for_ever(keeper, bridge, monkeypatch):
    monkeypatch.setattr(keeping, "WORDS_SECONDS", 0.2)
    monkeypatch.setattr(keeping, "TICK_SECONDS", 0.05)
    keeper.start(bridge.zero)
    keeper.began(bridge.zero + 2)
    keeper.ended(bridge.zero + 3)
    await until(lambda: bridge.kept(bridge.zero + 5), seconds=5)
    assert not bridge.kept(bridge.zero + 2.5)
    await keeper.close()


async def test_digits_that_may_be_half_a_card_are_not_kept_when_the_line_goes_down(keeper, bridge):
    keeper.start(bridge.zero)
    person = Person(keeper, bridge)
    person.says("It is 4111 1111 1111", 5, 6)
    await keeper.close()
    assert not bridge.kept(bridge.zero + 5.5)
    assert person.stored == [keeping.UNFINISHED]
