"""Verdicts as text: a table or an article for the terminal, JSON lines, CSV, and a page of HTML."""

from retold.report.csv import render_csv
from retold.report.html import render_html
from retold.report.jsonl import render_jsonl
from retold.report.table import render_table
from retold.report.terminal import render_explanation

__all__ = ["render_csv", "render_explanation", "render_html", "render_jsonl", "render_table"]
