"""What is kept the moment it is said: no more calls, no recording, not here, a human. Stored first, answered then."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from livekit.agents.voice.speech_handle import SpeechHandle

from agent_worker import lines
from calls.announcement.takeover import announcement_take_over
from calls.conversation import language_barrier, recording_refused
from calls.models import Disposition
from calls.opt_outs import call_hours_restrict, call_not_here, call_opt_out, call_restrict
from calls.transfers import call_transfer, callback_wanted, transfer_possible

if TYPE_CHECKING:
    from agent_worker.talk import Talk

logger = logging.getLogger(__name__)

# What the ears call it, and the records.
CERTAINTY = {"sure": "certain", "doubtful": "doubtful"}
# A wish must not be lost to a database that restarts.
PATIENCE_SECONDS = 30.0
# How long the keys are waited for once nobody listens any more.
KEYS_SECONDS = 10.0
# The carrier takes the call over from the stream within that time.
TAKEN_OVER_SECONDS = 15.0


async def stop_calling(talk: "Talk", *, scope: str = "phone", wording: str = "") -> None:
    """Opt the person out; then say so and goodbye."""
    await _kept(talk, call_opt_out, scope=scope, wording=wording, certainty="certain")
    talk.end(Disposition.STOP_CALLING, line=lines.STOP_CALLING)


async def maybe_stop_calling(talk: "Talk", *, scope: str, wording: str) -> None:
    """A phrase that may mean it: no more calls until somebody has looked at it."""
    await _kept(talk, call_opt_out, scope=scope, wording=wording, certainty="doubtful")


async def stop_messages(talk: "Talk", *, wording: str) -> None:
    """No more text messages; the talk goes on."""
    await _kept(talk, call_opt_out, scope="messages", wording=wording, certainty="certain")
    if not talk.ending:
        talk.will_answer(lines.NOTED)


async def crisis(talk: "Talk", *, wording: str) -> None:
    """Somebody speaks of ending their life: no word of money, no more calls until a person has looked at it."""
    await _kept(talk, call_restrict, kind="manual", certainty="doubtful", wording=wording)
    talk.end(Disposition.HARDSHIP, line=lines.CRISIS, reason="The caller may be in danger.")


async def restrict(
    talk: "Talk", kind: str, disposition: Disposition, *, certainty: str, wording: str
) -> None:
    """A hold of that kind stands from now on, for review where it was not sure; the call ends."""
    await _kept(talk, call_restrict, kind=kind, certainty=CERTAINTY[certainty], wording=wording)
    talk.end(disposition, line=lines.COLLEAGUE_LOOKS)


async def not_here(talk: "Talk", *, wording: str) -> None:
    """Not at this number or place any more."""
    await _kept(talk, call_not_here, wording=wording)
    talk.end(Disposition.CALLBACK, line=lines.NOT_AT_WORK, reason="Asked not to be called there.")


async def not_at_these_hours(talk: "Talk", *, wording: str) -> None:
    """Hours or days are to be kept from now on: no more calls until somebody has written them down."""
    await _kept(talk, call_hours_restrict, wording=wording)
    talk.end(Disposition.CALLBACK, line=lines.NOT_AT_THIS_TIME, reason="Asked not to be called at that time.")


async def _kept(talk: "Talk", service: object, **arguments: object) -> None:
    try:
        async with talk.recording:
            await talk.records.ask(service, patience=PATIENCE_SECONDS, **arguments)  # type: ignore[arg-type]
    except Exception:
        logger.exception("call %s: a wish could not be stored", talk.records.call_id)
        talk.end(Disposition.UNRESOLVED, line=lines.NOT_RECORDED, reason="A wish could not be stored.")


async def other_language(talk: "Talk", language: str) -> None:
    """Nobody is pressed to talk in a language that they do not speak."""
    await _kept(talk, language_barrier, language=language)
    talk.end(Disposition.LANGUAGE_BARRIER, line=lines.OTHER_LANGUAGE)


async def transfer(talk: "Talk") -> None:
    """Connect a colleague, if one can be reached now; otherwise one calls back."""
    if not await _granted(talk, transfer_possible):
        await _nobody_free(talk)
        return
    talk.session.input.set_audio_enabled(False)
    talk.spawn(_connect(talk, talk.session.say(lines.CONNECTING, allow_interruptions=False)))


async def _granted(talk: "Talk", service: Callable[..., bool], **arguments: Any) -> bool:
    """What the service answers. False, too, where it failed: then the talk goes on without it."""
    try:
        return await talk.records.ask(service, **arguments)
    except Exception:
        logger.exception("call %s: %s failed", talk.records.call_id, service.__name__)
        return False


async def _connect(talk: "Talk", said: SpeechHandle) -> None:
    await said.wait_for_playout()
    if not (await _granted(talk, call_transfer) and await talk.leave_to_carrier(TAKEN_OVER_SECONDS)):
        await _nobody_free(talk)


async def _nobody_free(talk: "Talk") -> None:
    await _kept(talk, callback_wanted)
    talk.end(Disposition.CALLBACK, line=lines.NOBODY_FREE, reason="Asked for a human; nobody was free.")


async def by_keys(talk: "Talk", reason: str) -> bool:
    """Have the scripted announcement go on, which needs no model. False: the call is still the agent's."""
    return await _granted(talk, announcement_take_over, reason=reason) and await talk.leave_to_carrier(
        TAKEN_OVER_SECONDS
    )


async def refuse_recording(talk: "Talk") -> None:
    """The file, the stored transcript and the listening end; keys, a human or goodbye remain."""
    talk.session.input.set_audio_enabled(False)
    if talk.turns is not None:
        talk.turns.stop()
    if talk.keeper is not None:
        await talk.keeper.stop()
    await _kept(talk, recording_refused)
    if talk.ending:
        return
    pressed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def typed(keys: str) -> None:
        if not pressed.done():
            pressed.set_result(keys[:1])

    talk.keys_are = typed
    said = talk.session.say(lines.RECORDING_ENDS, allow_interruptions=False)
    talk.spawn(_after_refusal(talk, said, pressed))


async def _after_refusal(talk: "Talk", said: SpeechHandle, pressed: "asyncio.Future[str]") -> None:
    key = ""
    # A key may be pressed before the sentence is over.
    either: list[asyncio.Future[Any]] = [asyncio.ensure_future(said.wait_for_playout()), pressed]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    try:
        async with asyncio.timeout(KEYS_SECONDS):
            key = await pressed
    except TimeoutError:
        logger.info("call %s: no key after the recording was refused", talk.records.call_id)
    if key == "9":
        await stop_calling(talk, wording="key 9")
    elif key == "0":
        await transfer(talk)
    else:
        # The goodbye was said; a person who is known still hears what number to call.
        line = lines.GOODBYE if talk.verified else ""
        talk.end(Disposition.UNRESOLVED, line=line, reason="The caller did not want to be recorded.")
