"""A mail provider's API in a process of its own that misbehaves now and then, and tells afterwards what it delivered: FOLDER SEED MODES.

It speaks as Postmark does, and as Resend does to whoever sends an Idempotency-Key. FOLDER gets `port`, `taken` and `unanswered` as the
mail server's does, and `to_tell` and `told`, a line each for a delivery it has news of, and for one whose news was taken. Once `hook`
is there ({"url", "key"}) the news goes out: late, out of order, some twice, and again until it is answered with 200. MODES is a JSON
object of weights by mode: fine · busy (429, Retry-After) · closed (503) · refuse (422) · lost (500, not taken) · broken (500, taken!) ·
reset (taken, no answer) · slow.
"""

import asyncio
import base64
import json
import random
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.mail_server import say_port

_TOKEN = re.compile(rb'\bmessage\\*": ?\\*"([\w-]+)')
_TO = re.compile(rb'"to": ?\[?"[^"]*?([^\s"<>]+@[^\s"<>\\]+)', re.IGNORECASE)
_TOLD_OF = 0.9  # of what was taken


class Provider:
    """What was taken under which key, and whose news is still to be told."""

    def __init__(self, folder: Path, fate: random.Random, modes: dict[str, float]) -> None:
        self.folder, self.fate, self.modes = folder, fate, modes
        self.keys: set[str] = set()
        self.telling: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = (line.partition(":") for line in head.split("\r\n")[1:])
                headers = {name.lower(): value.strip() for name, _, value in lines if name}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if not await self._answer(writer, headers.get("idempotency-key", ""), body):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, key: str, body: bytes) -> bool:
        """Answer one request; return whether the connection goes on."""
        [mode] = self.fate.choices([*self.modes], [*self.modes.values()])
        if key in self.keys and mode == "refuse":  # the same answer as to the first try
            mode = "fine"
        match mode:
            case "busy":
                return self._say(writer, 429, "Retry-After: 1\r\n")
            case "closed":
                return self._say(writer, 503)
            case "refuse":
                return self._say(writer, 422, body={"ErrorCode": 300, "Message": "Invalid email request", "statusCode": 422})
            case "lost":
                self._note("unanswered", "1")
                return self._say(writer, 500)
        to = self._take(key, body)
        if mode in ("broken", "reset"):
            self._note("unanswered", "1")
            return mode == "broken" and self._say(writer, 500)
        if mode == "slow":
            await asyncio.sleep(1)
        return self._say(writer, 200, body={"id": "p-1", "ErrorCode": 0, "Message": "OK", "MessageID": "p-1", "To": to})

    def _take(self, key: str, body: bytes) -> str:
        """Take a mail, once under its key; return whom it is for."""
        words = [found[1].decode() if (found := pattern.search(body)) else "-" for pattern in (_TOKEN, _TO)]
        if key and key in self.keys:
            return words[1]
        self.keys.add(key)
        self._note("taken", *words, f"{time.time():.3f}")
        if not key and self.fate.random() < _TOLD_OF:
            self._note("to_tell", words[0])
            task = asyncio.create_task(self._tell(*words))
            self.telling.add(task)
            task.add_done_callback(self.telling.discard)
        return words[1]

    async def _tell(self, token: str, to: str) -> None:
        news = {
            "RecordType": "Delivery", "Recipient": to, "DeliveredAt": datetime.now(UTC).isoformat(), "Details": "250 fine",
            "MessageID": f"pm-{token}", "Metadata": {"message": token},
        }  # fmt: skip
        for _ in range(2 if self.fate.random() < 0.1 else 1):
            await asyncio.sleep(self.fate.uniform(0, 8))
            while not await self._is_heard(json.dumps(news).encode()):
                await asyncio.sleep(self.fate.uniform(0.5, 3))
        self._note("told", token)

    async def _is_heard(self, body: bytes) -> bool:
        hook = self.folder / "hook"
        if not hook.exists():
            return False
        to = json.loads(hook.read_text())
        proof = base64.b64encode(to["key"].encode()).decode()
        head = (
            f"POST {to['path']} HTTP/1.1\r\nHost: 127.0.0.1:{to['port']}\r\nAuthorization: Basic {proof}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(10):
                reader, writer = await asyncio.open_connection("127.0.0.1", to["port"])
                writer.write(head.encode() + body)
                answer = await reader.read()
                writer.close()
        except (OSError, TimeoutError):
            return False
        return answer.startswith(b"HTTP/1.1 200 ")

    def _say(self, writer: asyncio.StreamWriter, status: int, headers: str = "", body: dict[str, object] | None = None) -> bool:
        text = json.dumps(body or {"Message": "no"}).encode()
        head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(text)}\r\n\r\n"
        writer.write(head.encode() + text)
        return True

    def _note(self, name: str, *words: str) -> None:
        with (self.folder / name).open("a") as file:
            file.write(" ".join(words) + "\n")


async def serve(folder: Path, seed: int, modes: dict[str, float]) -> None:
    server = await asyncio.start_server(Provider(folder, random.Random(seed), modes).serve, "127.0.0.1", 0, limit=1_000_000)
    say_port(folder, server)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])))
