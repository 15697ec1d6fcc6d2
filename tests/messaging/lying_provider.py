"""A provider's API on a raw socket that answers in one chosen way, and remembers what it took."""

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class LyingProvider:
    """Serves on 127.0.0.1. `mode` is an HTTP status to answer, or one of

    reset_after_body · silent · trickle · keyed (keeps idempotency keys, and drops the answer of every first try)
    """

    mode: str = "200"
    answer: bytes = b'{"id": "p-1", "messageId": "p-1", "MessageID": "p-1", "ErrorCode": 0, "Message": "OK", "To": "ana@example.com"}'
    headers: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    mailed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # whoever waits in accept() keeps the port open otherwise
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with client:
            try:
                while (request := _read(client)) is not None:
                    self.requests.append(request)
                    if not self._answer(client, request):
                        return
            except OSError:
                return

    def _answer(self, client: socket.socket, request: dict[str, Any]) -> bool:
        """Answer one request; return whether the connection goes on."""
        match self.mode:
            case "reset_after_body":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                return False
            case "silent":
                client.recv(1)  # until the caller gives up
                return False
            case "trickle":
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(100):
                    client.sendall(b" ")
                    time.sleep(0.05)
                return False
            case "keyed":
                key = request["headers"].get("idempotency-key", "")
                is_first = key not in self.mailed
                if is_first:
                    self.mailed.append(key)
                    return False
                return _say(client, "200", self.answer, "")
            case status:
                return _say(client, status, self.answer, self.headers)


def _say(client: socket.socket, status: str, body: bytes, headers: str) -> bool:
    client.sendall(
        f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
    )
    return True


def _read(client: socket.socket) -> dict[str, Any] | None:
    """Return the next request, None when the other side is done."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += client.recv(65536)
    text = body.decode("utf-8", "replace")
    return {"line": lines[0], "headers": headers, "text": text, "json": json.loads(text) if text.startswith(("{", "[")) else None}
