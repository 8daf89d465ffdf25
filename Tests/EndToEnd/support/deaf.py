"""An address that takes no more connections: a connect to it hangs."""

import socket
from contextlib import contextmanager


@contextmanager
def deaf_address():
    """Host and port of a listener whose queue of waiting connections is full."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        waiting = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(deaf.getsockname())
            waiting.append(s)
        yield "127.0.0.1:%d" % deaf.getsockname()[1]
        for s in waiting:
            s.close()
