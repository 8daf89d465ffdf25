"""HTTP/2 by hand: httpx does not reset a stream it no longer reads."""

import json
import socket
import ssl

import h2.config
import h2.connection
import h2.events

from .processes import KEY


class Http2Connection:
    def __init__(self, port: int):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=15))
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.state.initiate_connection()
        self.heads: dict[int, dict[str, str]] = {}
        self.bodies: dict[int, bytes] = {}
        self.ended: set[int] = set()
        self.pings = self.pongs = 0
        self.flush()

    def flush(self) -> None:
        self.socket.sendall(self.state.data_to_send())

    def ask(self, body: dict, headers: list[tuple[str, str]], resets: bool = False) -> int:
        """Sends a message request; the number of its stream. With `resets`, the end of it goes out with a reset."""
        stream = self.state.get_next_available_stream_id()
        content = json.dumps(body).encode()
        self.state.send_headers(
            stream,
            [
                (":method", "POST"),
                (":scheme", "https"),
                (":authority", "127.0.0.1"),
                (":path", "/v1/messages"),
                ("x-api-key", KEY),
                ("anthropic-version", "2023-06-01"),
                ("content-length", str(len(content))),
                *headers,
            ],
        )
        if resets:
            self.flush()
            # The stream is open at Weir when the rest comes.
            while not self.has_answered_ping():
                self.read()
        self.state.send_data(stream, content, end_stream=True)
        self.bodies[stream] = b""
        if resets:
            self.state.reset_stream(stream, error_code=8)
        self.flush()
        return stream

    def has_answered_ping(self) -> bool:
        """Asks once, and is true when the other side has read all that went before."""
        if self.pings == 0:
            self.state.ping(b"arrived?")
            self.flush()
            self.pings = 1
        if self.pongs == 0:
            return False
        self.pings = self.pongs = 0
        return True

    def reset(self, stream: int) -> None:
        self.state.reset_stream(stream, error_code=8)
        self.flush()

    def read(self) -> None:
        """Takes what has come."""
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the connection was closed")
        for event in self.state.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                self.heads[event.stream_id] = dict(event.headers)
            elif isinstance(event, h2.events.DataReceived):
                self.bodies[event.stream_id] += event.data
                self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.PingAckReceived):
                self.pongs += 1
            elif isinstance(event, h2.events.StreamEnded):
                self.ended.add(event.stream_id)
        self.flush()

    def __enter__(self) -> "Http2Connection":
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()
