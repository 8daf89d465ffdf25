"""Requests and reading of streams."""

import json
import uuid

import httpx

from .processes import KEY

MODEL = "claude-sonnet-5-5"
CHAT_MODEL = "gpt-5.4-mini"
HEADERS = [("x-api-key", KEY), ("anthropic-version", "2023-06-01"), ("content-type", "application/json")]


def marker() -> str:
    return uuid.uuid4().hex


def message(text: str = "What is a weir?", **members) -> dict:
    return {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": text}], **members}


def chat(text: str = "What is a weir?", **members) -> dict:
    return {"model": CHAT_MODEL, "messages": [{"role": "user", "content": text}], **members}


def events(body: bytes | str) -> list[tuple[str | None, dict | str]]:
    """(event name, data) of a stream; data as JSON where it is."""
    text = body.decode() if isinstance(body, bytes) else body
    out = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        name, data = None, []
        for line in block.split("\n"):
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                data.append(line[5:].lstrip())
        if data:
            joined = "\n".join(data)
            try:
                out.append((name, json.loads(joined)))
            except ValueError:
                out.append((name, joined))
    return out


# As coding agents send it: compact, keys in their own order, markers, role "system" turns with empty content,
# members nobody else knows, deferred tools, escapes that a re-encoding would change.
AGENT_BODY = (
    '{"model":"claude-sonnet-5-5","messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>\\n'
    'caf\\u00e9 \\ud83c\\udf0a \\/ path C:\\\\x\\ty </system-reminder>"},{"type":"text","text":"Größe → 🌊 naïve",'
    '"cache_control":{"type":"ephemeral"}}]},{"role":"system","content":[],"output_config":{"effort":"medium"}},'
    '{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"EqQBCkgIARABGAIiQL=="},'
    '{"type":"tool_use","id":"toolu_01A","name":"Bash","input":{"command":"ls  -la","timeout":1.50e3,"z":1,"a":2}}]},'
    '{"role":"user","content":[{"tool_use_id":"toolu_01A","type":"tool_result","content":[{"type":"text",'
    '"text":"total 0"}]}]}],"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1; '
    'cc_entrypoint=cli;"},{"type":"text","text":"You are an agent.","cache_control":{"type":"ephemeral"}}],'
    '"tools":[{"name":"Bash","description":"Runs","input_schema":{"type":"object","properties":{"command":'
    '{"type":"string"}},"required":["command"],"additionalProperties":false,"$schema":"x"}},{"name":"Later",'
    '"description":"d","defer_loading":true,"input_schema":{"type":"object","properties":{}}}],'
    '"metadata":{"user_id":"{\\"device_id\\":\\"00\\",\\"session_id\\":\\"s\\"}"},"max_tokens":200,'
    '"thinking":{"type":"adaptive","display":"omitted"},"context_management":{"edits":[{"type":'
    '"clear_thinking_20251015","keep":"all"}]},"unknown_member":{"deep":[1,2.0,3e1,null,true,{"k":"v"}]},'
    '"output_config":{"effort":"medium"},"stream":true}'
).encode()


def signed_agent_body(simulator) -> bytes:
    """AGENT_BODY with a thinking block that this simulator signed, so that it takes it back."""
    body = message(thinking={"type": "adaptive", "display": "omitted"}, max_tokens=500)
    reply = httpx.post(
        f"{simulator.url}/v1/messages", json=body, headers=dict(HEADERS), trust_env=False, timeout=10
    )
    signature = reply.json()["content"][0]["signature"]
    return AGENT_BODY.replace(b"EqQBCkgIARABGAIiQL==", signature.encode())


# The same kind of thing with everything a sloppy encoder may write.
ODD_BODY = (
    b' \n\t{ "max_tokens" :\t16 ,\r\n "messages":[ { "content" : "tab\\t quote\\" slash\\/ \\u00FC \xf0\x9f\x8c\x8a" ,'
    b' "role":"user" } ] , "model" : "claude-sonnet-5-5" , "zzz": 1.0000 , "big": 123456789012345678901234567890 }  \n'
)
