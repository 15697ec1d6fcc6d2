"""Catch mails: `python -m lifecycle.localstack.catcher --smtp-port 1025 --http-port 8025 --folder DIR`."""

import argparse
import asyncio
import signal
import sys
import threading
from pathlib import Path

from lifecycle.localstack.catcher import smtp, web
from lifecycle.localstack.catcher.mailbox import Mailbox


def main() -> None:
    parser = argparse.ArgumentParser("catcher", description="Keep every mail that arrives and show it on a local page.")
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--http-port", type=int, default=8025)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    try:
        asyncio.run(_serve(Mailbox(options.folder), options.smtp_port, options.http_port))
    except OSError as error:
        sys.exit(f"The mail catcher cannot start: {error}")


async def _serve(mailbox: Mailbox, smtp_port: int, http_port: int) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    receiving = await loop.create_server(lambda: smtp.receiver(mailbox), "127.0.0.1", smtp_port)
    page = web.server(mailbox, http_port)
    threading.Thread(target=page.serve_forever, args=(0.05,), daemon=True).start()
    await stopped.wait()
    page.shutdown()
    receiving.close()


main()
