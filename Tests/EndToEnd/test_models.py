"""`/v1/models`, answered by Weir itself."""

import time

import anthropic
import openai
from support.processes import KEY


def test_the_anthropic_list_names_models_routes_and_their_sizes(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(
        simulator.url,
        config="""
routes:
  my-alias:
    targets:
      - provider: anthropic
        model: claude-sonnet-5-5
models:
  my-alias:
    display_name: "My own"
""",
    )
    with anthropic.Anthropic(base_url=weir.url, api_key=KEY) as client:
        models = {model.id: model for model in client.models.list(limit=1000)}
    assert models["my-alias"].display_name == "My own"
    assert "claude-sonnet-5-5" in models and models["claude-sonnet-5-5"].type == "model"
    assert not any(name.startswith("gpt-") for name in models)
    assert simulator.received() == [], "no provider is asked"


def test_pages_follow_each_other_by_cursor(weir):
    with weir.client() as client:
        whole = [m["id"] for m in client.get("/v1/models?limit=1000").json()["data"]]
        pages, after = [], None
        while True:
            page = client.get(
                "/v1/models", params={"limit": 3} | ({"after_id": after} if after else {})
            ).json()
            assert page["first_id"] == page["data"][0]["id"] and page["last_id"] == page["data"][-1]["id"]
            pages += [m["id"] for m in page["data"]]
            after = page["last_id"]
            if not page["has_more"]:
                break
            assert len(page["data"]) == 3
        before = client.get("/v1/models", params={"limit": 2, "before_id": whole[4]}).json()
    assert pages == whole and len(whole) > 6
    assert [m["id"] for m in before["data"]] == whole[2:4]


def test_the_sdks_iterate_over_all_pages(anthropic_client):
    assert len(list(anthropic_client.models.list(limit=2))) == len(
        list(anthropic_client.models.list(limit=1000))
    )


def test_the_openai_list_has_openai_models(openai_client):
    models = [model.id for model in openai_client.models.list()]
    assert "gpt-5.4-mini" in models and not any(name.startswith("claude-") for name in models)
    assert openai_client.models.retrieve("gpt-5.4-mini").id == "gpt-5.4-mini"


def test_an_unknown_model_is_not_found(weir):
    import pytest

    with openai.OpenAI(base_url=weir.url + "/v1", api_key=KEY, max_retries=0) as client:
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("no-such-model")


def test_a_limit_that_makes_no_sense_is_refused_with_the_range(weir):
    with weir.client() as client:
        reply = client.get("/v1/models?limit=0")
    assert reply.status_code == 400 and "1000" in reply.json()["error"]["message"]


def test_the_list_comes_at_once(weir):
    with weir.client() as client:
        client.get("/v1/models?limit=1000")
        took = []
        for _ in range(30):
            began = time.perf_counter()
            assert client.get("/v1/models?limit=1000").status_code == 200
            took.append(time.perf_counter() - began)
    assert min(took) < 0.01
