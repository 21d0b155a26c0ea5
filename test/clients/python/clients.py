"""The unmodified Python clients `ollama` and `openai` against a running daemon.

Usage: clients.py URL. Ends with a line `N passed, N failed`; the exit status is the failures.
"""

import asyncio
import sys
from importlib.metadata import version

import ollama
import openai

url = sys.argv[1]
qwen, thinker = "qwen2.5-1.5b-w8a8:latest", "qwen3-0.6b:latest"
tests = []


def test(function):
    tests.append(function)
    return function


def turn_on(area: str) -> str:
    """Turns the lights on.

    Args:
      area: Where the lights are.
    """
    return f"{area}: on"


@test
def ollama_chats():
    client = ollama.Client(host=url)
    answer = client.chat(model=qwen, messages=[{"role": "user", "content": "how are you?"}])
    assert answer.message.content == "I am fine.", answer
    assert answer.done_reason == "stop" and answer.eval_count == 4, answer
    parts = client.chat(
        model=qwen, messages=[{"role": "user", "content": "how are you?"}], stream=True
    )
    assert "".join(part.message.content for part in parts) == "I am fine."


@test
def ollama_chats_without_blocking():
    async def ask():
        client = ollama.AsyncClient(host=url)
        stream = await client.chat(
            model=qwen, messages=[{"role": "user", "content": "how are you?"}], stream=True
        )
        return "".join([part.message.content async for part in stream])

    assert asyncio.run(ask()) == "I am fine."


@test
def ollama_calls_python_functions():
    client = ollama.Client(host=url)
    question = "Turn on the lights in the kitchen and the hall"
    answer = client.chat(
        model=qwen,
        messages=[{"role": "user", "content": question}],
        tools=[
            {
                "type": "function",
                "function": {
                    "name": "HassTurnOn",
                    "parameters": {"type": "object", "properties": {"area": {"type": "string"}}},
                },
            },
            turn_on,
        ],
    )
    calls = [(call.function.name, call.function.arguments["area"]) for call in answer.message.tool_calls]
    assert calls == [("HassTurnOn", "Küche"), ("HassTurnOn", "Hall")], calls


@test
def ollama_keeps_thoughts_apart():
    client = ollama.Client(host=url)
    answer = client.chat(
        model=thinker, messages=[{"role": "user", "content": "the capital of France?"}]
    )
    assert answer.message.content == "Paris.", answer


@test
def ollama_generates_and_embeds():
    client = ollama.Client(host=url)
    assert client.generate(model=qwen, prompt="how are you?").response == "I am fine."
    assert len(client.embed(model=qwen, input=["the fox", "a dog"]).embeddings) == 2
    assert len(client.embeddings(model=qwen, prompt="the fox").embedding) == 256


@test
def ollama_lists_and_shows():
    client = ollama.Client(host=url)
    assert qwen in [model.model for model in client.list().models]
    assert client.show(qwen).modelinfo["qwen2.context_length"] == 16384
    assert qwen in [model.model for model in client.ps().models]


@test
def ollama_answers_in_the_wanted_format():
    client = ollama.Client(host=url)
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "green"]}, "count": {"type": "integer"}},
        "required": ["colour", "count"],
    }
    answer = client.chat(
        model=qwen, messages=[{"role": "user", "content": "how are you?"}], format=schema
    )
    import json

    value = json.loads(answer.message.content)
    assert value["colour"] in ("red", "green") and isinstance(value["count"], int), value


@test
def ollama_raises_what_is_wrong():
    client = ollama.Client(host=url)
    try:
        client.chat(model="missing", messages=[{"role": "user", "content": "hi"}])
    except ollama.ResponseError as error:
        assert error.status_code == 404 and "missing" in error.error, error
    else:
        raise AssertionError("no error")


@test
def openai_chats():
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
    answer = client.chat.completions.create(
        model=qwen, messages=[{"role": "user", "content": "how are you?"}]
    )
    assert answer.choices[0].message.content == "I am fine.", answer
    assert answer.usage.completion_tokens == 4, answer.usage
    parts = client.chat.completions.create(
        model=qwen,
        messages=[{"role": "user", "content": "how are you?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    parts = list(parts)
    text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert text == "I am fine." and parts[-1].usage.completion_tokens == 4


@test
def openai_streams_with_its_helper():
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
    with client.beta.chat.completions.stream(
        model=qwen, messages=[{"role": "user", "content": "how are you?"}]
    ) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].message.content == "I am fine."


@test
def openai_parses_into_pydantic():
    from pydantic import BaseModel

    class Lamp(BaseModel):
        room: str
        on: bool

    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
    answer = client.beta.chat.completions.parse(
        model=qwen, messages=[{"role": "user", "content": "how are you?"}], response_format=Lamp
    )
    assert isinstance(answer.choices[0].message.parsed, Lamp), answer


@test
def openai_completes_and_embeds():
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
    assert client.completions.create(model=qwen, prompt="how are you?").choices[0].text
    vectors = client.embeddings.create(model=qwen, input=["the fox", "a dog"]).data
    assert [len(each.embedding) for each in vectors] == [256, 256]


@test
def openai_lists_and_raises_what_is_wrong():
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
    assert len(client.models.list().data) == 3
    try:
        client.models.retrieve("missing")
    except openai.NotFoundError as error:
        assert error.code == "model_not_found", error
    else:
        raise AssertionError("no error")


def main() -> int:
    print(f"ollama {version('ollama')}, openai {version('openai')}, Python {sys.version.split()[0]}")
    failed = 0
    for each in tests:
        try:
            each()
            print(f"ok      {each.__name__}")
        except Exception as error:  # noqa: BLE001
            failed += 1
            print(f"FAILED  {each.__name__}: {type(error).__name__}: {error}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed


sys.exit(main())
