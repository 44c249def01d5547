"""A headless Chromium that records what a page logs and requests."""

import base64
import json
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium refuses to run as root with a sandbox, and it only opens our pages.
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing() -> str | None:
    """Return what is missing on this machine, or None if it has a browser and its driver."""
    if not any(map(shutil.which, _BROWSERS)):
        return f"none of {', '.join(_BROWSERS)} is installed"
    return None if shutil.which("chromedriver") else "chromedriver is not installed"


@dataclass(frozen=True)
class Shown:
    """A page's layout and behaviour.

    Attributes
    ----------
    width
        Width of its contents [px].
    console, requests
        Its log messages, and its requests for anything but its own file.
    seconds
        Time from the start of loading to the first paint, and to the end of loading.
    """

    width: int
    console: list[str]
    requests: list[str]
    seconds: tuple[float, float]


class Browser:
    """One browser; pages are opened one after the other."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def open(self, path: Path, width: int = 1280, *, dark: bool = False) -> Shown:
        """Open a page and wait until it is loaded."""
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
        self._cdp("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._cdp("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._driver.get_log("browser")
        self._driver.get_log("performance")
        self._driver.get(path.as_uri())
        timing = self.run("const t = performance.timing; return [t.navigationStart, t.loadEventEnd]")
        paint = self.run("const p = performance.getEntriesByType('paint'); return p.length ? p[0].startTime : 0")
        return Shown(
            width=self.run("return document.documentElement.scrollWidth"),
            console=[entry["message"] for entry in self._driver.get_log("browser")],
            requests=[url for url in self._requested() if url != path.as_uri() and not url.startswith("data:")],
            seconds=(paint / 1000, (timing[1] - timing[0]) / 1000),
        )

    def run(self, script: str) -> Any:
        """Run a script in the page; the page's policy does not apply to it."""
        return self._driver.execute_script(script)

    def pdf(self) -> bytes:
        """Print the page."""
        return base64.b64decode(self._driver.print_page())

    def picture(self, height: int | None = None) -> bytes:
        """Take a picture of the page, whole or of this height [px]."""
        size = self.run("const e = document.documentElement; return [e.clientWidth, e.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], height or size[1]), "scale": 1}
        taken = self._cdp("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        return base64.b64decode(taken["data"])

    def _requested(self) -> list[str]:
        entries = [json.loads(entry["message"])["message"] for entry in self._driver.get_log("performance")]
        sent = [entry["params"] for entry in entries if entry["method"] == "Network.requestWillBeSent"]
        return [str(each["request"]["url"]) for each in sent]

    def _cdp(self, command: str, parameters: dict[str, Any]) -> Any:
        return self._driver.execute_cdp_cmd(command, parameters)


@contextmanager
def browser() -> Generator[Browser]:
    """Start a browser with an empty profile, and end it."""
    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, _BROWSERS)))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as folder:
        for flag in (*FLAGS, f"--user-data-dir={folder}"):
            options.add_argument(flag)
        service = Service(shutil.which("chromedriver"), log_output=os.devnull)
        driver = webdriver.Chrome(options=options, service=service)
        try:
            yield Browser(driver)
        finally:
            driver.quit()
