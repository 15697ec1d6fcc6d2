import socket

import pytest

from lifecycle.localstack import processes, supervisor
from lifecycle.localstack.servers import Refused


@pytest.fixture
def taken() -> "socket.socket":
    """Return a listening socket whose next port is free to bind."""
    while True:
        listener = socket.create_server(("127.0.0.1", 0))
        if listener.getsockname()[1] < 65000 and not processes.is_taken(listener.getsockname()[1] + 1):
            return listener
        listener.close()


def test_a_taken_port_is_named_and_the_next_one_used(taken: socket.socket, capsys: pytest.CaptureFixture[str]) -> None:
    with taken:
        port = taken.getsockname()[1]
        assert supervisor._open_port(port, "web") == port + 1
    assert capsys.readouterr().out == f"Port {port} is taken; the web uses {port + 1}.\n"


def test_a_free_port_is_used_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    port = processes.free_port()
    assert supervisor._open_port(port, "web") == port
    assert capsys.readouterr().out == ""


def test_the_last_port_being_taken_is_refused_in_words() -> None:
    with pytest.raises(Refused, match="No free port for the web from 65536 on"):
        supervisor._open_port(65536, "web")
