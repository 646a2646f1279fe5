"""Keys in the middle of a talk: when they count, and when they do not."""

from channels.db import database_sync_to_async

from agent_worker import lines
from agent_worker.phases.debt import Debt
from agent_worker.phases.verify import Verify
from invoices.models import Consent, PromiseToPay
from tests.agent_worker.conftest import soon, tool
from tests.agent_worker.talking import conversation, reread


async def test_a_key_before_the_end_of_the_read_back_is_no_yes(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.disclosed()
        await person.verified()
        await person.say("A hundred.", tool("propose_promise", amount="100", date=soon().isoformat()))
        proposal = person.talk.proposal
        assert proposal is not None
        person.talk.read_back(proposal)
        await person.press("1")
        assert person.is_in(Debt) and await database_sync_to_async(PromiseToPay.objects.count)() == 0
        await person.press("1")
        assert await database_sync_to_async(PromiseToPay.objects.count)() == 1


async def test_before_the_disclosures_were_heard_keys_say_nothing(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        assert await person.press("91") == []
        assert not person.talk.ending
    assert not await database_sync_to_async(Consent.objects.filter(act=Consent.Act.REVOKED).exists)()


async def test_a_yes_pressed_twice_is_no_digit_of_the_proof(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.disclosed()
        await person.press("1")
        await person.press("1")
        assert person.is_in(Verify)
        await person.press("0314#")
        assert person.is_in(Debt)


async def test_where_the_carrier_is_away_the_agent_goes_on(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.disclosed()
        await person.verified()
        assert await person.press("1") == [f"{lines.NO_KEYS} {lines.WHEN}"]


async def test_where_no_human_is_free_one_is_to_ring_back(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.disclosed()
        assert await person.press("0") == [lines.NOBODY_FREE]
    assert (await reread(call)).next_action == "A colleague is to ring back."
