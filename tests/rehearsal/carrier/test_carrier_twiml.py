"""TwiML obeyed on an answered call, and the application's errors."""

import io
import wave

import numpy as np
import pytest
from aiohttp import web

from rehearsal.carrier.errors import ApplicationError
from rehearsal.carrier.line import SILENCE, Line
from rehearsal.carrier.mulaw import decode, encode, level
from rehearsal.carrier.twiml import Stream, parse
from tests.rehearsal.carrier.carrier_world import TO, World, running_world, tone


def wav_of(samples: np.ndarray, rate: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def sounding_ms(ulaw: bytes) -> int:
    """How much of it is not silence, to a frame."""
    return 20 * sum(level(ulaw[at : at + 160]) > 1000 for at in range(0, len(ulaw), 160))


async def test_say_is_synthesised_and_played_in_real_time(world: World):
    heard: list[tuple[int, bytes]] = []

    async def listen(line: Line) -> None:
        async for frame in line.heard():
            heard.append((line.now_ms, frame))

    world.talk = listen
    sid = await world.call(world.application.respond("/voice", "<Say>Good day</Say><Pause/><Hangup/>"))
    record = await world.ended(sid)
    assert world.application.speech_requests == [
        {"model": "tts-1", "voice": "alloy", "input": "Good day", "response_format": "pcm"}
    ]
    voiced = [at for at, frame in heard if level(frame) > 1000]
    assert 180 <= sounding_ms(bytes(record.out_of_handset)) <= 220
    assert 150 <= voiced[-1] - voiced[0] <= 260  # 200 ms take 200 ms
    assert record.status == "completed" and record.counters["frames"] >= 60


async def test_a_text_said_before_is_not_synthesised_again(world: World):
    url = world.application.respond("/voice", '<Say loop="2">Please hold</Say>')
    for _ in range(2):
        record = await world.ended(await world.call(url))
        assert 360 <= sounding_ms(bytes(record.out_of_handset)) <= 440
    assert len(world.application.speech_requests) == 1


async def test_play_fetches_a_wav_and_plays_it(world: World):
    world.application.wav = wav_of(tone(300, 16_000), 16_000)
    sid = await world.call(world.application.respond("/voice", "<Play>/tone.wav</Play>"))
    record = await world.ended(sid)
    out = decode(bytes(record.out_of_handset)).astype(float)
    assert 280 <= sounding_ms(bytes(record.out_of_handset)) <= 320
    spectrum = np.abs(np.fft.rfft(out))
    assert abs(np.argmax(spectrum) * 8000 / len(out) - 440) < 10


async def test_pause_lasts_as_long_as_it_says(world: World):
    sid = await world.call(world.application.respond("/voice", '<Pause length="1"/><Hangup/>'))
    await world.ended(sid)
    pause, hang_up = world.events(sid, "twiml")
    assert 950 <= hang_up["at_ms"] - pause["at_ms"] <= 1200


async def test_redirect_goes_on_at_another_url(world: World):
    world.application.respond("/deep/next", "<Hangup/>")
    sid = await world.call(
        world.application.respond(
            "/deep/voice", '<Redirect method="POST">next?a=1</Redirect><Say>never</Say>'
        )
    )
    await world.ended(sid)
    paths = [request["path"] for request in world.application.requests if request["path"] != "/status"]
    assert paths == ["/deep/voice", "/deep/next"] and world.application.speech_requests == []


async def test_hangup_ends_the_call_and_what_follows_is_not_said(world: World):
    sid = await world.call(world.application.respond("/voice", "<Hangup/><Say>never</Say>"))
    await world.ended(sid)
    assert world.events(sid, "hung_up")[0]["by"] == "hangup"
    assert world.application.speech_requests == []


async def test_twiml_of_the_request_itself_is_obeyed(world: World):
    sid = await world.call(Twiml="<Response><Say>Good day</Say></Response>")
    await world.ended(sid)
    assert world.application.speech_requests[0]["input"] == "Good day"
    assert world.events(sid, "hung_up")[0]["by"] == "end"


async def test_a_person_hangs_up_during_say(world: World):
    world.application.speech = tone(20_000, 24_000)

    async def impatient(line: Line) -> None:
        async for frame in line.heard():
            if frame != SILENCE:
                line.hang_up()

    world.talk = impatient
    sid = await world.call(world.application.connect().replace("/voice", "/long"))
    world.application.respond("/long", "<Say>A long story</Say><Redirect>/voice</Redirect>")
    record = await world.ended(sid)
    assert world.events(sid, "hung_up")[0]["by"] == "person" and record.status == "completed"
    assert world.application.handshakes == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<Dance/>", 12200),
        ("<say>lower case</say>", 12200),
        ('<Say tone="friendly">x</Say>', 12200),
        ("<Say><break/></Say>", 12200),
        ('<Pause length="long"/>', 12200),
        ('<Redirect method="PUT">/x</Redirect>', 12200),
        ("<Enqueue/>", 12200),
        ("<Connect/>", 12200),
        ('<Connect><Stream url="wss://x/"><Say/></Stream></Connect>', 12200),
        ('<Connect><Stream url="wss://x/"><Parameter name="a"/></Stream></Connect>', 12200),
        (
            f'<Connect><Stream url="wss://x/"><Parameter name="a" value="{"b" * 499}"/></Stream></Connect>',
            12200,
        ),
        ('<Connect><Stream url="ws://example.com/stream"/></Connect>', 31922),
        ('<Connect><Stream url="https://example.com/stream"/></Connect>', 31922),
        ('<Connect><Stream url="wss://x/" track="both_tracks"/></Connect>', 31941),
        ("<Say>unclosed", 12100),
        ("<Play>/missing.wav</Play>", 11200),
        ("<Play>/voice</Play>", 12300),
        ("<Redirect>/missing</Redirect>", 11200),
    ],
)
async def test_twiml_that_cannot_be_obeyed_ends_the_call_with_an_apology(world: World, body, code):
    sid = await world.call(world.application.respond("/voice", body))
    record = await world.ended(sid)
    assert world.errors(sid) == [code]
    assert record.status == "completed" and world.events(sid, "hung_up")[0]["by"] == "error"
    assert "application error" in world.application.speech_requests[0]["input"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda: web.Response(status=500, text="<Response/>", content_type="text/xml"), 11200),
        (lambda: web.Response(text="<Response/>", content_type="application/json"), 12300),
        (lambda: web.Response(text="hello", content_type="text/xml"), 12100),
        (lambda: web.Response(text="<Reply/>", content_type="text/xml"), 12102),
        (lambda: web.Response(status=302, headers={"Location": "/other"}), 11200),
    ],
)
async def test_an_answer_that_is_no_twiml_ends_the_call(world: World, answer, code):
    world.application.twiml["/voice"] = answer
    sid = await world.call(world.application.url + "/voice")
    await world.ended(sid)
    assert world.errors(sid) == [code]


async def test_nobody_at_the_url_ends_the_call(world: World):
    sid = await world.call("http://127.0.0.1:9/voice")
    await world.ended(sid)
    assert world.errors(sid) == [11200]


async def test_a_call_goes_on_when_the_models_server_cannot_speak():
    async with running_world(models_url="http://127.0.0.1:9/v1") as world:
        sid = await world.call(world.application.respond("/voice", "<Say>Good day</Say><Hangup/>"))
        record = await world.ended(sid)
        assert record.status == "completed" and world.events(sid, "speech_failed")
        assert [event["verb"] for event in world.events(sid, "twiml")] == ["Say", "Hangup"]


def test_query_strings_of_a_stream_are_stripped():
    document = b'<Response><Connect><Stream url="wss://x/stream?token=1" name="n"/></Connect></Response>'
    assert parse(document) == [Stream("wss://x/stream", "n", None, "POST", {})]


def test_entities_do_not_explode():
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n > 1 else "&a;" * 10}">' for n in range(1, 10)
    )
    with pytest.raises(ApplicationError):
        parse((bomb + "]><Response><Say>&a9;</Say></Response>").encode())


async def test_the_audio_is_stereo_with_the_person_on_the_left(world: World):
    async def speak(line: Line) -> None:
        await line.say(encode(tone(200, hertz=1000)))

    world.talk = speak
    world.application.speech = tone(400, 24_000, hertz=440)
    sid = await world.call(world.application.respond("/voice", "<Say>Good day</Say><Pause/>"), To=TO)
    await world.ended(sid)
    async with world.session.get(f"{world.url}/rehearsal/calls/{sid}/audio") as answer:
        assert answer.status == 200 and answer.content_type == "audio/wav"
        with wave.open(io.BytesIO(await answer.read())) as file:
            assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    for channel, hertz in ((0, 1000), (1, 440)):
        track = samples[:, channel].astype(float)
        assert abs(np.argmax(np.abs(np.fft.rfft(track))) * 8000 / len(track) - hertz) < 10


async def test_an_unknown_call_has_no_audio(world: World):
    async with world.session.get(f"{world.url}/rehearsal/calls/CA1/audio") as answer:
        assert answer.status == 404
