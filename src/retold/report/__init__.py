"""Verdicts as text: a table or an article for the terminal, JSON lines, CSV, and a page of HTML."""

from retold.report.csv import sheet
from retold.report.html import page
from retold.report.jsonl import lines
from retold.report.table import table
from retold.report.terminal import explain

__all__ = ["explain", "lines", "page", "sheet", "table"]
