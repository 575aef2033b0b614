"""Measure the HTML report: ``python benchmarks/report_size.py [--corpus DIR] [--texts N]``.

Scores a quarter each of originals, edits, round trips and controls of the corpus with ``retold score --format html`` and prints
the size of the report, and how long headless Chromium takes until the page can be used (the end of the ``load`` event, which
comes after the script has built the filters) and until the first paint: the median of five openings. Wanted are 4 MB
and a second for 1,000 articles. Needs chromium and chromedriver, and selenium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium import webdriver

from benchmarks.same_verdicts import texts_of
from retold.cli.score import score

_ROUNDS = 5
_TIMES = """
const [page] = performance.getEntriesByType("navigation");
return [page.loadEventEnd, performance.getEntriesByType("paint")[0]?.startTime ?? 0];
"""


def make_report(corpus: Path, count: int, folder: Path) -> Path:
    """Score the texts into a report."""
    articles, report = folder / "articles.jsonl", folder / "report.html"
    rows = [json.dumps({"id": id, "text": text}) for id, text in texts_of(corpus, count)][-count:]
    articles.write_text("\n".join(rows), encoding="utf-8")
    score([articles], "html", report, jobs=2)
    return report


def opening_times(report: Path) -> tuple[float, float]:
    """Median milliseconds from the request to the end of the load event, and to the first paint."""
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium") or ""
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        times = []
        for _ in range(_ROUNDS):
            driver.get("about:blank")
            driver.get(report.as_uri())
            times.append(driver.execute_script(_TIMES))
    finally:
        driver.quit()
    load, paint = zip(*times, strict=True)
    return statistics.median(load), statistics.median(paint)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--texts", type=int, default=1000)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        report = make_report(options.corpus, options.texts, Path(folder))
        load, paint = opening_times(report)
        print(f"{options.texts:,} articles: {report.stat().st_size / 1e6:.2f} MB")
        print(f"ready after {load:.0f} ms, first paint after {paint:.0f} ms")


if __name__ == "__main__":
    main()
