"""A mail server on a raw socket that misbehaves in one chosen way, and remembers what it took."""

import socket
import threading
from dataclasses import dataclass, field

_REFUSALS = {
    (b"MAIL", "defer_mail"): "451 later",
    (b"RCPT", "defer_rcpt"): "450 later",
    (b"RCPT", "refuse_rcpt"): "550 5.1.1 nobody of that name",
}


@dataclass
class LyingServer:
    """Serves one connection after another on 127.0.0.1. `mode` says at which point it does what:

    fine · refuse_greeting · defer_mail · defer_rcpt · refuse_rcpt · drop_at_data · drop_mid_body · defer_after_dot ·
    refuse_after_dot · drop_after_dot · silent_after_dot · drop_after_250 · silent_greeting, _mail, _rcpt, _data (never answers that)
    """

    mode: str = "fine"
    taken: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                try:
                    self._talk(client, client.makefile("rb"))
                except OSError:
                    continue

    def _talk(self, client: socket.socket, lines) -> None:
        def say(text: str) -> None:
            client.sendall(text.encode() + b"\r\n")

        if self.mode == "refuse_greeting":
            return say("421 too busy")
        if self._is_silent("greeting", lines):
            return None
        say("220 here")
        for line in lines:
            verb = line[:4].upper()
            if verb == b"QUIT":
                return say("221 bye")
            if self._is_silent(verb.decode().lower(), lines) or (verb == b"DATA" and not self._data(client, lines, say)):
                return None
            if verb != b"DATA":
                say(_REFUSALS.get((verb, self.mode), "250 fine"))
        return None

    def _is_silent(self, phase: str, lines) -> bool:
        """Say nothing until the client gives up, where that is the mode."""
        return self.mode == f"silent_{phase}" and lines.readline() is not None

    def _data(self, client: socket.socket, lines, say) -> bool:
        """Take a body; return whether the connection goes on."""
        if self.mode == "drop_at_data":
            return False
        say("354 go on")
        if self.mode == "drop_mid_body":
            lines.readline()
            return False
        body = b""
        while (line := lines.readline()) not in (b".\r\n", b""):
            body += line
        match self.mode:
            case "defer_after_dot":
                say("451 later")
            case "refuse_after_dot":
                say("554 looks like spam")
            case "drop_after_dot":
                self.taken.append(body)
                return False
            case "silent_after_dot":
                self.taken.append(body)
                lines.readline()  # until the client gives up
                return False
            case _:
                self.taken.append(body)
                say("250 taken")
        return self.mode != "drop_after_250"
