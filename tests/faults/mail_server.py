"""A mail server in a process of its own that misbehaves now and then, and writes down whatever it took: `python -m … FOLDER SEED MODES`.

FOLDER gets `port`, `taken` with a line `message-id recipient time` for each mail accepted, written before the answer, and `unanswered`
with a line for each of those that was never answered. MODES is a JSON object of
weights by mode: fine · defer_rcpt · refuse_rcpt · drop_at_data · drop_mid_body · defer_after_dot · drop_after_dot (taken!) ·
silent_after_dot (taken, and never answered) · drop_after_250.
"""

import asyncio
import json
import os
import random
import re
import sys
import time
from pathlib import Path

_DOT = b"\r\n.\r\n"
_NAME = re.compile(rb"^Message-ID: <([^>@]+)@", re.IGNORECASE | re.MULTILINE)


class Session(asyncio.Protocol):
    """One SMTP session; PIPELINING is offered."""

    def __init__(self, folder: Path, fate: random.Random, modes: dict[str, float]) -> None:
        self.taken, self.unanswered, self.fate, self.modes = folder / "taken", folder / "unanswered", fate, modes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.is_body, self.mode, self.recipient = transport, b"", False, "fine", b""
        transport.write(b"220 here\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.transport.is_closing():
            if self.is_body and self.mode == "drop_mid_body":
                return self.transport.abort()
            line, end, rest = self.buffer.partition(_DOT if self.is_body else b"\r\n")
            if not end:
                return
            self.buffer = rest
            self._take(line) if self.is_body else self._answer(line)

    def _answer(self, line: bytes) -> None:
        match line[:4].upper():
            case b"EHLO":
                self._say(b"250-here\r\n250-PIPELINING\r\n250 SIZE")
            case b"MAIL":
                [self.mode] = self.fate.choices([*self.modes], [*self.modes.values()])
                self._say(b"250 fine")
            case b"RCPT":
                self.recipient = line.partition(b"<")[2].partition(b">")[0]
                self._say({"defer_rcpt": b"450 later", "refuse_rcpt": b"550 nobody of that name"}.get(self.mode, b"250 fine"))
            case b"DATA" if self.mode in ("defer_rcpt", "refuse_rcpt"):
                self._say(b"554 nobody to send it to")
            case b"DATA" if self.mode == "drop_at_data":
                self.transport.abort()
            case b"DATA":
                self.is_body = True
                self._say(b"354 go on")
            case b"QUIT":
                self._say(b"221 bye")
                self.transport.close()
            case _:
                self._say(b"250 fine")

    def _take(self, body: bytes) -> None:
        self.is_body = False
        if self.mode == "defer_after_dot":
            return self._say(b"451 later")
        name = _NAME.search(body)
        with self.taken.open("ab") as file:
            file.write(b"%s %s %.3f\n" % (name[1] if name else b"-", self.recipient, time.time()))
        if self.mode in ("drop_after_dot", "silent_after_dot"):
            with self.unanswered.open("ab") as file:
                file.write(b"1\n")
        if self.mode == "drop_after_dot":
            self.transport.abort()
        elif self.mode != "silent_after_dot":
            self._say(b"250 taken")
            if self.mode == "drop_after_250":
                self.transport.close()
        return None

    def _say(self, words: bytes) -> None:
        self.transport.write(words + b"\r\n")


async def serve(folder: Path, seed: int, modes: dict[str, float]) -> None:
    fate = random.Random(seed)
    server = await asyncio.get_running_loop().create_server(lambda: Session(folder, fate, modes), "127.0.0.1", 0)
    say_port(folder, server)
    await server.serve_forever()


def say_port(folder: Path, server: asyncio.Server) -> None:
    """Write down where a server listens; the file appears whole."""
    (folder / "port.partial").write_text(str(server.sockets[0].getsockname()[1]))
    os.replace(folder / "port.partial", folder / "port")


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])))
