"""Targets and accounts that Weir minds by itself: active probes, and who keeps which response."""

from collections import Counter

import httpx
from support.reliability import body_of, new_client, provider, yaml
from support.waiting import eventually


def states(weir) -> dict:
    reply = httpx.get(f"{weir.admin_url}/weir/v1/targets", trust_env=False, timeout=10).json()
    return {target["model"]: target["state"] for target in reply["targets"]}


def test_a_sick_target_is_admitted_again_without_a_callers_request(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(
        None,
        config=yaml(
            {
                "providers": provider("anthropic", simulator.url, "anthropic", ["k"]),
                "retry": {"attempts": 1},
                "fallback": "off",
                "health": {
                    "failures_in_a_row": 2,
                    "refuse_for": "500ms",
                    "longest_refusal": "1s",
                    "active_probe": "1s",
                },
            }
        ),
    )
    model = "claude-sonnet-5-5"
    simulator.condition(status=500)
    with new_client(weir) as client:
        for number in range(2):
            assert client.post("/v1/messages", json=body_of("messages", model, f"{number}", False)).status_code == 500
        refused = client.post("/v1/messages", json=body_of("messages", model, "refused", False))
    assert refused.status_code == 503 and "retry-after" in refused.headers
    assert states(weir)[model] != "admitting"
    asked = simulator.counts()["requests"]
    simulator.condition()
    eventually(lambda: states(weir)[model] == "admitting", 15, what="the target is admitted again")
    paths = [request.uri for request in simulator.received()][2:]
    assert simulator.counts()["requests"] >= asked
    assert paths and all(path.startswith("/v1/models") for path in paths), paths


def test_what_goes_on_from_a_response_goes_to_the_account_that_keeps_it(start_weir, start_simulator):
    simulator = start_simulator()
    keys = ["k-one", "k-two", "k-three"]
    weir = start_weir(
        None, config=yaml({"providers": provider("openai", simulator.url, "chat", keys, dialects=["responses"])})
    )
    model = "gpt-5.4-mini"
    homes = Counter()
    with new_client(weir) as client:
        for number in range(9):
            simulator.clear()
            body = body_of("responses", model, f"conversation {number}", number % 2 == 1)
            reply = client.post("/v1/responses", json=body)
            assert reply.status_code == 200
            text = reply.text
            start = text.index('"resp_') + 1
            id = text[start : text.index('"', start)]
            for turn in range(2):
                next_turn = {**body_of("responses", model, f"turn {turn}", False), "previous_response_id": id}
                client.post("/v1/responses", json=next_turn)
            client.get(f"/v1/responses/{id}")
            used = {request.values("authorization")[0] for request in simulator.received()}
            assert len(used) == 1, (number, used)
            homes.update(used)
    assert len(homes) > 1, homes


def test_what_goes_on_from_a_response_goes_to_the_provider_that_keeps_it(start_weir, start_simulator):
    simulators = [start_simulator() for _ in range(2)]
    providers, targets = {}, []
    for number, simulator in enumerate(simulators):
        providers |= provider(f"p{number}", simulator.url, "chat", [f"k{number}"], dialects=["responses"])
        targets.append({"provider": f"p{number}", "model": "gpt-5.4-mini"})
    weir = start_weir(
        None, config=yaml({"fallback": "off", "providers": providers, "routes": {"m": {"targets": targets}}})
    )
    homes = Counter()
    with new_client(weir) as client:
        for number in range(8):
            for simulator in simulators:
                simulator.clear()
            text = client.post("/v1/responses", json=body_of("responses", "m", f"talk {number}", False)).text
            start = text.index('"resp_') + 1
            id = text[start : text.index('"', start)]
            for turn in range(4):
                following = {**body_of("responses", "m", f"turn {turn}", False), "previous_response_id": id}
                assert client.post("/v1/responses", json=following).status_code == 200
            asked = [len(simulator.received()) for simulator in simulators]
            assert sorted(asked) == [0, 5], asked
            homes[asked.index(5)] += 1
        assert len(homes) == 2, homes
        # Nobody else has it: the one that does is asked, and its trouble is the answer.
        home = simulators[asked.index(5)]
        home.condition(status=529)
        lost = client.post("/v1/responses", json={**body_of("responses", "m", "lost", False), "previous_response_id": id})
    assert lost.status_code >= 500 and len(simulators[1 - asked.index(5)].received()) == 0
