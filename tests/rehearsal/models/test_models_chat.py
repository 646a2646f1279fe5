"""The brain on the wire: OpenAI's own client reads words, tool calls and usage, whole and streamed."""

import json

import openai
import pytest

from rehearsal.models.brain import Reply, ToolCall
from rehearsal.models.chat import chunks, usage, whole

BODY = {
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "hello"}],
    "stream_options": {"include_usage": True},
}
CALLS = Reply("One moment.", (ToolCall("end_call", {"reason": "refused"}), ToolCall("other", {})))


def test_a_whole_answer_is_what_the_client_reads(openai_client):
    answer = openai_client.chat.completions.create(model="gpt-4o", messages=BODY["messages"])
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_the_streamed_words_are_the_whole_answers_words_and_usage_comes_last(openai_client):
    answer = openai_client.chat.completions.create(model="gpt-4o", messages=BODY["messages"])
    stream = list(openai_client.chat.completions.create(**BODY, stream=True))
    words = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert words == answer.choices[0].message.content
    assert stream[-1].choices == []
    assert stream[-1].usage.completion_tokens == answer.usage.completion_tokens
    assert [chunk.choices[0].finish_reason for chunk in stream[:-1]][-1] == "stop"


def test_usage_is_streamed_only_when_asked_for(openai_client):
    stream = openai_client.chat.completions.create(model="gpt-4o", messages=BODY["messages"], stream=True)
    assert all(chunk.choices and chunk.usage is None for chunk in stream)


def test_tool_calls_stream_as_a_name_and_then_its_arguments():
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks(BODY, CALLS) if chunk["choices"]]
    parts = [call for delta in deltas for call in delta.get("tool_calls", [])]
    assert [part["index"] for part in parts] == [0, 0, 1, 1]
    assert parts[0]["function"] == {"name": "end_call", "arguments": ""}
    assert parts[0]["id"].startswith("call_") and parts[0]["type"] == "function"
    assert json.loads(parts[1]["function"]["arguments"]) == {"reason": "refused"}
    assert "id" not in parts[1]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks(BODY, CALLS) if chunk["choices"]][
        -1
    ] == "tool_calls"


def test_a_whole_answer_with_tool_calls_says_so():
    choice = whole(BODY, CALLS)["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"][0]["function"] == {
        "name": "end_call",
        "arguments": '{"reason": "refused"}',
    }
    assert whole(BODY, Reply("", CALLS.tool_calls))["choices"][0]["message"]["content"] is None


def test_longer_prompts_cost_more():
    longer = BODY | {"messages": [{"role": "user", "content": "hello there, who is this"}]}
    assert usage(longer, CALLS)["prompt_tokens"] > usage(BODY, CALLS)["prompt_tokens"]


@pytest.mark.parametrize("messages", [[], None, "hello"])
def test_a_request_without_messages_is_refused(openai_client, messages):
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.post("/chat/completions", body={"model": "m", "messages": messages}, cast_to=object)
    assert refused.value.param == "messages"
