"""Turns the verdict on paper into what a clerk reads: text for the terminal, or one HTML file for the desk.

JSON is the verdict's own ``to_dict``. Both reports say the same in the same order: what needs an eye first, then what
came of each submission, then every page.
"""

from toolkit.report.html import html_report
from toolkit.report.needs import Places, Problem, places, problems
from toolkit.report.terminal import page_line, print_inspection, print_verdict

__all__ = [
    "Places",
    "Problem",
    "html_report",
    "page_line",
    "places",
    "print_inspection",
    "print_verdict",
    "problems",
]
