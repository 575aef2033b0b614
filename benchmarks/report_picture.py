"""Take the README's picture of the HTML report: ``python -m benchmarks.report_picture [--output FILE]``.

Scores the versions of a story in ``tests/data/story`` beside the agency's, with ``retold score --reference --format html``, opens the
most suspicious one in headless Chromium with its first reason, and saves what a reader sees in docs/images/report.png. Needs
chromium, chromedriver, selenium and Pillow.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from selenium import webdriver

from retold.cli.score import score

_STORY = Path(__file__).parents[1] / "tests" / "data" / "story"
_PICTURE = Path(__file__).parents[1] / "docs" / "images" / "report.png"
# CSS pixels: the width of a README on a code host, and enough of the page for the table and the first marks.
_WIDTH, _HEIGHT = 1000, 1060
_COLOURS = 192
_OPEN = "const d = document.querySelector('details.article'); d.open = true; d.querySelector('button.m')?.click();"


def make_report(folder: Path) -> Path:
    """Score the story into a report whose ids are plain file names."""
    report = folder / "report.html"
    before = Path.cwd()
    os.chdir(_STORY)
    try:
        versions = sorted(path.name for path in _STORY.iterdir())
        score(versions[1:], "html", report, reference=versions[0])
    finally:
        os.chdir(before)
    return report


def photograph(page: Path, picture: Path) -> None:
    """Open a page and save what is seen of it."""
    options = webdriver.ChromeOptions()
    size = f"--window-size={_WIDTH},{_HEIGHT}"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium") or ""
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        metrics = {"width": _WIDTH, "height": _HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.get(page.as_uri())
        driver.execute_script(_OPEN)
        driver.save_screenshot(str(picture))
    finally:
        driver.quit()
    # Text on paper needs few colours, and a repository small files.
    Image.open(picture).convert("RGB").quantize(_COLOURS).save(picture, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=_PICTURE)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        photograph(make_report(Path(folder)), options.output)
    print(f"{options.output}: {options.output.stat().st_size / 1e3:.0f} KB")


if __name__ == "__main__":
    main()
