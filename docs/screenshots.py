"""Take the README's pictures of the running demo: `make screenshots` (needs Chromium)."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screens"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
WIDE: ViewportSize = {"width": 1320, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 780}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        demo = subprocess.Popen([sys.executable, "manage.py", "up", "--demo", "--port", "8700", "--data", data], cwd=ROOT)
        try:
            facts = _facts(Path(data) / "demo.json", demo)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium") or "chromium", args=QUIET)
                _take(browser, facts)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=60)


def _facts(file: Path, demo: subprocess.Popen[bytes]) -> dict[str, str]:
    """Wait for the demo and return its address and login."""
    for _ in range(600):
        if file.exists():
            facts: dict[str, str] = json.loads(file.read_text())
            return facts
        if demo.poll() is not None:
            raise SystemExit("The demo did not start.")
        time.sleep(0.2)
    raise SystemExit("The demo took more than two minutes.")


def _take(browser: Browser, facts: dict[str, str]) -> None:
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        page = browser.new_page(viewport=WIDE, color_scheme=theme)
        _sign_in(page, facts)
        store = f"{facts['url']}/s/{facts['store']}"
        _shoot(page, f"{store}/flows/post-purchase/", f"flow-{theme}")
        page.goto(f"{store}/customers/?q=ana.ribeiro")
        awaiting = page.locator("tbody tr:not(:has([data-label='Next mail'] > .soft)) a")  # not the duplicate, who gets nothing
        _shoot(page, awaiting.first.evaluate("link => link.href"), f"customer-{theme}")
        if theme == "light":
            _shoot(page, f"{store}/", "home-light")
            page.goto(f"{store}/orders/")
            page.goto(page.locator("tbody a").first.evaluate("link => link.href"))
            link = page.locator("a[href*='/t/']").first.evaluate("link => link.href") + "?lang=en"
            phone = browser.new_page(viewport=PHONE, color_scheme="light")
            _shoot(phone, link, "tracker-phone")
            phone.close()
        page.close()


def _sign_in(page: Page, facts: dict[str, str]) -> None:
    page.goto(f"{facts['url']}/login/")
    page.fill("input[name=login]", facts["login"])
    page.fill("input[name=password]", facts["password"])
    page.click("button[type=submit]")


def _shoot(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    os.environ.pop("DATABASE_URL", None)
    main()
