"""HTTP/1.1 by hand, where the exact bytes on the wire matter."""

import socket


class RawReply:
    def __init__(
        self,
        status: int,
        headers: list[tuple[str, str]],
        body: bytes,
        trailers: list[tuple[str, str]],
        whole: bytes,
    ):
        self.status, self.headers, self.body, self.trailers, self.whole = (
            status,
            headers,
            body,
            trailers,
            whole,
        )

    def values(self, name: str) -> list[str]:
        return [value for n, value in self.headers if n.lower() == name.lower()]


class RawConnection:
    """One TCP connection; replies are read one by one."""

    def __init__(self, port: int, timeout: float = 15, receive_buffer: int | None = None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.buffer = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def fill(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"connection closed; left over: {self.buffer[:300]!r}")
        self.buffer += data
        return data

    def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def take_until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self.fill()
        at = self.buffer.index(mark) + len(mark)
        return self.take(at)

    def read_head(self) -> tuple[int, list[tuple[str, str]]]:
        lines = self.take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if line]
        return int(lines[0].split(" ")[1]), headers

    def read_reply(self, head_only: bool = False) -> RawReply:
        status, headers = self.read_head()
        values = {name.lower(): value for name, value in headers}
        body, trailers = b"", []
        if head_only or status in (204, 304):
            pass
        elif "chunked" in values.get("transfer-encoding", ""):
            while size := int(self.take_until(b"\r\n").split(b";")[0].strip() or b"0", 16):
                body += self.take(size)
                assert self.take(2) == b"\r\n", "a chunk ends with a line end"
            while (line := self.take_until(b"\r\n")) != b"\r\n":
                name, value = line.decode("latin-1").split(":", 1)
                trailers.append((name.strip(), value.strip()))
        elif "content-length" in values:
            body = self.take(int(values["content-length"]))
        return RawReply(status, headers, body, trailers, b"")

    def close(self) -> None:
        self.socket.close()

    def abort(self) -> None:
        """Closes with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.socket.close()

    def __enter__(self) -> "RawConnection":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def request_bytes(
    path: str, body: bytes, headers: list[tuple[str, str]], method: str = "POST", port: int = 0
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body
