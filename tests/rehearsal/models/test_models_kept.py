"""The door to what was spoken lately."""

import requests


def test_what_was_spoken_can_be_read_again(models_address, openai_client):
    said = openai_client.audio.speech.create(
        model="tts-1-hd", voice="alloy", input="One moment please.", response_format="pcm"
    ).content
    door = f"{models_address}/rehearsal/speech"
    newest = requests.get(door, timeout=10).json()["speech"][-1]
    assert (newest["model"], newest["voice"], newest["input"]) == ("tts-1-hd", "alloy", "One moment please.")
    assert requests.get(f"{door}/{newest['id']}", timeout=10).content == said


def test_what_is_not_kept_any_more_is_not_found(models_address):
    door = f"{models_address}/rehearsal/speech"
    assert requests.get(f"{door}/999999", timeout=10).status_code == 404
