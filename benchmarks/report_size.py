"""Measure the HTML reports: ``python -m benchmarks.report_size [--corpus DIR] [--texts N]``.

Scores a quarter each of originals, edits, round trips and controls of the corpus with ``retold score --format html`` and prints
the size of the report, and how long headless Chromium takes until the page can be used (the end of the ``load`` event, which
comes after the script has built the filters) and until the first paint: the median of five openings. Then the same of the two pages of
``retold trace``, where the project's own round trips and edits, each many times, stand beside its articles. Wanted are 4 MB
and a second for 1,000 articles. Needs chromium and chromedriver, and selenium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium import webdriver

from benchmarks.same_verdicts import texts_of
from retold.archive import Archive
from retold.archive.tracing import trace_many
from retold.cli.html_results import traced_texts
from retold.cli.score import score
from retold.detector import load
from retold.detector.verdict import ORIGINAL
from retold.reading import Document
from retold.report.taken_html import render_taken_html
from retold.report.trace_html import TracedText, render_traces_html

# Times that each page is opened; the median counts.
_ROUNDS = 5
_OWN = Path(__file__).resolve().parents[1] / "tests" / "data"
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


def make_traces(count: int, folder: Path) -> dict[str, Path]:
    """The pages of where texts come from and of who took them, of so many texts."""
    rows = [json.loads(line) for line in (_OWN / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    known, suspects = (
        [Document(row["id"], row["text"], row["id"]) for row in rows if (row["label"] == ORIGINAL) == is_source]
        for is_source in (True, False)
    )
    archive, detector = Archive.create(folder / "own.archive"), load()
    archive.add(known)
    traces = trace_many(suspects, [archive], detector)
    laid_out = traced_texts(zip(traces, suspects, strict=True), detector, [archive])
    found = [one for one in laid_out if isinstance(one, TracedText)]
    many = [_renamed(found[i % len(found)], f"farm/{i}.txt") for i in range(count)]
    pages = {}
    for name, render in {"traces": render_traces_html, "takers": render_taken_html}.items():
        pages[name] = folder / f"{name}.html"
        pages[name].write_text("".join(render(many, "a thousand texts")), encoding="utf-8")
    return pages


def _renamed(text: TracedText, id: str) -> TracedText:
    trace, explanation = text.trace, text.explanation
    return replace(
        text,
        trace=replace(trace, verdict=replace(trace.verdict, id=id)),
        explanation=replace(explanation, verdict=replace(explanation.verdict, id=id)),
    )


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
        for name, page in {"articles": report, **make_traces(options.texts, Path(folder))}.items():
            ready, paint = opening_times(page)
            size = page.stat().st_size / 1e6
            print(
                f"{options.texts:,} {name}: {size:.2f} MB, ready after {ready:.0f} ms, first paint after {paint:.0f} ms"
            )


if __name__ == "__main__":
    main()
