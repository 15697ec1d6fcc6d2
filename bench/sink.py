"""A mail server that takes everything and keeps nothing but a count: `python -m bench.sink SECONDS` prints its port.

SECONDS is how long it thinks about each mail, of all its sessions side by side.
"""

import asyncio
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_END = b"\r\n.\r\n"


class Session(asyncio.Protocol):
    """One SMTP session. `XCOUNT` answers how many mails all sessions took."""

    taken = 0
    thinks = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.is_body = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            line, end, rest = self.buffer.partition(_END if self.is_body else b"\r\n")
            if not end:
                return
            self.buffer = rest
            if self.is_body:
                Session.taken += 1
                self.is_body = False
                if Session.thinks:
                    asyncio.get_running_loop().call_later(Session.thinks, self.transport.write, b"250 taken\r\n")
                else:
                    self.transport.write(b"250 taken\r\n")
            else:
                self._answer(line[:6].upper())

    def _answer(self, verb: bytes) -> None:
        if verb[:4] == b"DATA":
            self.is_body = True
            self.transport.write(b"354 go on\r\n")
        elif verb[:4] == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        elif verb[:4] == b"EHLO":
            self.transport.write(b"250-sink\r\n250-PIPELINING\r\n250 SIZE\r\n")
        elif verb == b"XCOUNT":
            self.transport.write(b"250 %d\r\n" % Session.taken)
        else:
            self.transport.write(b"250 fine\r\n")


async def serve(thinks: float) -> None:
    Session.thinks = thinks
    server = await asyncio.get_running_loop().create_server(Session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running(*, thinks: float = 0) -> Iterator[int]:
    """Run the sink in a process of its own; yield its port."""
    child = subprocess.Popen([sys.executable, "-m", "bench.sink", str(thinks)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout
        yield int(child.stdout.readline())
    finally:
        child.kill()
        child.wait()


def taken(port: int) -> int:
    """Return how many mails the sink took so far."""
    with smtplib.SMTP("127.0.0.1", port) as line:
        return int(line.docmd("XCOUNT")[1])


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
