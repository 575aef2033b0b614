"""A headless Chromium that opens one page without a network: what a reader would see of a report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

# That axe-core may take for a page, on a machine that does other work.
_SECONDS = 180
# True in a page of this address once all of it is there.
_IS_LOADED = "return location.href === arguments[0] && document.readyState === 'complete' && document.body !== null"
# The impacts that axe-core calls serious enough to keep people out.
_GRAVE = {"serious", "critical"}


class Browser:
    """One tab.

    Args:
        driver: The WebDriver session.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path, width: int = 1280, scheme: str = "light", media: str = "screen") -> None:
        """Open a file at a width in CSS pixels."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        self.driver.get("about:blank")
        self.driver.get(page.as_uri())
        # On a busy machine the driver now and then returns while the blank page is still being left.
        waiting = pytest.importorskip("selenium.webdriver.support.wait")
        faults = pytest.importorskip("selenium.common.exceptions")
        arrival = waiting.WebDriverWait(self.driver, _SECONDS, ignored_exceptions=[faults.JavascriptException])
        arrival.until(lambda _: self.run(_IS_LOADED, page.as_uri()))

    def run(self, script: str, *arguments: object) -> Any:
        """The value that a script returns in the page."""
        return self.driver.execute_script(script, *arguments)

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        self.driver.switch_to.active_element.send_keys(key)

    def faults(self) -> list[str]:
        """What axe-core finds serious or critical, as rule and element."""
        pytest.importorskip("axe_core_python", reason="needs axe-core-python")
        self.run((files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8"))
        found = self.driver.execute_async_script("axe.run().then(arguments[0])")["violations"]
        return [f"{v['id']}: {node['html'][:120]}" for v in found if v["impact"] in _GRAVE for node in v["nodes"]]

    def violations_of_policy(self) -> list[str]:
        """What the browser's console says of scripts and styles that it refused."""
        return [entry["message"] for entry in self.driver.get_log("browser") if "Content Security" in entry["message"]]

    def screenshot(self, file: Path, whole: bool = False) -> None:
        """Save what is seen, or the whole page."""
        if whole:
            size = self.run("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
            metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.save_screenshot(str(file))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; skip the test where it or its driver is not installed."""
    selenium = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("needs chromium and chromedriver; run: apt-get install chromium chromium-driver")
    options = selenium.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    session = selenium.Chrome(options=options, service=selenium.ChromeService(driver))
    session.set_script_timeout(_SECONDS)
    try:
        yield Browser(session)
    finally:
        session.quit()
