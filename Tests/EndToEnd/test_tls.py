"""TLS listener: HTTP/1.1 and HTTP/2 by ALPN, certificates replaced while running."""

import shutil
import ssl
import subprocess

import httpx
import pytest
from support.bodies import events, message
from support.http2 import Http2Connection
from support.processes import KEY
from support.waiting import eventually


def certificate(folder, name: str):
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            f"/CN={name}",
            "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:localhost",
            "-keyout",
            folder / f"{name}.key",
            "-out",
            folder / f"{name}.pem",
        ],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def secure(start_weir, simulator, tmp_path):
    for name in ("first", "second"):
        certificate(tmp_path, name)
    for suffix in ("key", "pem"):
        shutil.copy(tmp_path / f"first.{suffix}", tmp_path / f"live.{suffix}")
    weir = start_weir(
        simulator.url,
        scheme="https",
        config=f"tls:\n  certificate: {tmp_path}/live.pem\n  key: {tmp_path}/live.key\n",
    )
    weir.certificates = tmp_path
    return weir


def client(weir, http2: bool) -> httpx.Client:
    context = ssl.create_default_context(cafile=weir.certificates / "first.pem")
    return httpx.Client(
        base_url=weir.url,
        verify=context,
        http2=http2,
        http1=not http2,
        trust_env=False,
        timeout=20,
        headers={"x-api-key": KEY, "anthropic-version": "2023-06-01"},
    )


@pytest.mark.parametrize("http2", [False, True])
def test_plain_and_streamed_requests_work(secure, http2):
    with client(secure, http2) as https:
        reply = https.post("/v1/messages", json=message())
        assert reply.status_code == 200 and reply.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
        streamed = https.post("/v1/messages", json=message(stream=True))
        assert events(streamed.content)[-1][0] == "message_stop"
        assert https.get("/healthz").status_code == 200
        assert https.post("/v1/messages", content=b"{").status_code == 400
        assert float(reply.headers["x-weir-cost-usd"]) > 0


def test_events_of_an_http2_stream_come_one_by_one(secure):
    import time

    arrivals = []
    with client(secure, True) as https:
        with https.stream(
            "POST",
            "/v1/messages",
            json=message(stream=True),
            headers={"x-sim-event-delay-ms": "60", "x-sim-output-tokens": "8"},
        ) as reply:
            for chunk in reply.iter_raw():
                if b"event: content_block_delta" in chunk:
                    arrivals.append(time.monotonic())
    gaps = sorted(b - a for a, b in zip(arrivals, arrivals[1:]))
    assert len(arrivals) >= 6 and gaps[len(gaps) // 2] > 0.03


def test_many_requests_share_one_http2_connection(secure):
    import asyncio

    async def ask():
        context = ssl.create_default_context(cafile=secure.certificates / "first.pem")
        async with httpx.AsyncClient(
            base_url=secure.url,
            verify=context,
            http2=True,
            trust_env=False,
            timeout=20,
            headers={"x-api-key": KEY, "anthropic-version": "2023-06-01"},
        ) as https:
            return await asyncio.gather(
                *(https.post("/v1/messages", json=message(f"n {n}", stream=n % 2 == 0)) for n in range(30))
            )

    replies = asyncio.run(ask())
    assert {reply.status_code for reply in replies} == {200} and {r.http_version for r in replies} == {
        "HTTP/2"
    }


def test_leaving_an_http2_stream_cancels_it_and_the_connection_goes_on(secure, simulator):
    before = simulator.replies()["cancelled"]
    with Http2Connection(secure.port) as connection:
        slow = connection.ask(
            message(stream=True, max_tokens=3000),
            [("x-sim-event-delay-ms", "40"), ("x-sim-output-tokens", "2000")],
        )
        while not connection.bodies[slow]:
            connection.read()
        connection.reset(slow)
        eventually(lambda: simulator.replies()["cancelled"] > before, 3, what="the upstream is cancelled")
        other = connection.ask(message(), [])
        while other not in connection.ended:
            connection.read()
    assert connection.heads[other][":status"] == "200"
    assert secure.exported(connection.heads[slow]["x-weir-request-id"])["state"] == "aborted"


def test_an_http2_stream_that_is_reset_at_once_asks_no_provider(secure, simulator, mark):
    with Http2Connection(secure.port) as connection:
        # Leaves a connection to the provider that is free.
        first = connection.ask(message(), [])
        while first not in connection.ended:
            connection.read()
        for _ in range(20):
            connection.ask(message(), [("x-test", mark)], resets=True)
        last = connection.ask(message(), [("x-test", f"{mark}-last")])
        while last not in connection.ended:
            connection.read()
    assert connection.heads[last][":status"] == "200"
    assert len(simulator.received(f"{mark}-last")) == 1 and simulator.received(mark) == []


@pytest.mark.parametrize("flag,version", [("--http2", "2"), ("--http1.1", "1.1")])
def test_curl_gets_the_version_it_asks_for(secure, flag, version):
    done = subprocess.run(
        [
            "curl",
            "-s",
            flag,
            "--cacert",
            secure.certificates / "first.pem",
            "-o",
            "/dev/null",
            "-w",
            "%{http_version} %{http_code}",
            secure.url + "/healthz",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{version} 200"


def subject(weir) -> str:
    pem = ssl.get_server_certificate(("127.0.0.1", weir.port))
    return subprocess.run(
        ["openssl", "x509", "-noout", "-subject"], input=pem, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("by_signal", [True, False])
def test_a_replaced_certificate_is_served_while_open_streams_go_on(secure, by_signal):
    assert "first" in subject(secure)
    with client(secure, False) as https:
        with https.stream(
            "POST",
            "/v1/messages",
            json=message(stream=True),
            headers={"x-sim-event-delay-ms": "50", "x-sim-output-tokens": "40"},
        ) as reply:
            lines = reply.iter_lines()
            next(lines)
            for suffix in ("key", "pem"):
                shutil.copy(secure.certificates / f"second.{suffix}", secure.certificates / f"live.{suffix}")
            if by_signal:
                secure.reload()
            eventually(lambda: "second" in subject(secure), 8, 0.1, "the new certificate is served")
            assert any("message_stop" in line for line in lines)


def test_a_broken_certificate_keeps_the_old_one(secure):
    (secure.certificates / "live.pem").write_text("not a certificate")
    secure.reload()
    eventually(lambda: "certificate" in secure.log, 5, what="the problem is logged")
    assert "first" in subject(secure)
