"""Verdicts as text: a table or an article for the terminal, JSON lines, CSV, and a page of HTML."""

from retold.report.article import explain
from retold.report.lines import lines
from retold.report.page import page
from retold.report.sheet import sheet
from retold.report.table import table

__all__ = ["explain", "lines", "page", "sheet", "table"]
