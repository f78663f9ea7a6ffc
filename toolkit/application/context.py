"""What templates see of an application: the names of its file, amounts in fen, dates as dates, and the sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.application.model import Entry, Form, Shape, TextSection, form_entry
from toolkit.application.programme import Programme
from toolkit.application.reading import Application


def template_context(
    application: Application,
    programme: Programme,
    *,
    serial: str | None,
    revision: int | None,
    attached: Mapping[str, Sequence[bytes]] | None = None,
) -> dict[str, Any]:
    """Return the names that a template may use.

    Beside the keys of the application's file there are ``programme`` (its facts), ``serial`` and ``revision`` (None in
    drafts), ``years``, and ``totals``. Every section of text that the programme has is in ``text``, with ``title``,
    ``paragraphs``, ``picture`` (bytes or None) and ``caption``. Every line of ``budget`` has an amount for every year.
    Every item of ``attachments`` has ``pages``, the pictures of its file's pages, from ``attached`` by the file's name.

    Raises:
        ValueError: when the application has faults.
    """
    form = application.complete()
    years = _years(form)
    budget = [_budget_line(line.category, line.special, line.self_raised, years) for line in form.budget]
    return {
        **form.model_dump(by_alias=True, exclude={"text", "budget", "attachments"}),
        "attachments": [
            {**attachment.model_dump(by_alias=True), "pages": (attached or {}).get(attachment.file, ())}
            for attachment in form.attachments
        ],
        "text": {
            text.key: _text(text.title, form.text.get(text.key, TextSection()), application) for text in programme.texts
        },
        "budget": budget,
        "years": years,
        "totals": _totals(budget, years),
        "programme": programme.facts(),
        "serial": serial,
        "revision": revision,
    }


def template_names(programme: Programme) -> dict[str, Any]:
    """Return the names that ``template_context`` gives for a programme: what may stand in tags.

    Sections are mappings, lists have one item, a value is the path of its field (without positions in lists), or None
    where it is worked out.
    """
    names = {entry.key: _names_of(entry) for entry in form_entry().parts}
    text = {part.key: part.path for entry in form_entry().parts if entry.shape is Shape.TEXTS for part in entry.parts}
    names["text"] = {
        rule.key: {"title": None, "paragraphs": [f"text.{rule.key}"], "picture": None, "caption": text.get("caption")}
        for rule in programme.texts
    }
    by_source = {"special": None, "self_raised": None, "total": None}
    names["budget"][0] |= {"special_total": "budget.special", "self_raised_total": "budget.self_raised", "total": None}
    names["attachments"][0]["pages"] = [None]
    names |= {"years": [None], "serial": None, "revision": None, "programme": dict.fromkeys(programme.facts())}
    names["totals"] = by_source | {
        "by_year": [{"year": None, **by_source}],
        "by_category": [{"category": "budget.category", **by_source}],
    }
    return names


def _names_of(entry: Entry) -> Any:
    parts = {part.key: _names_of(part) for part in entry.parts}
    if entry.shape is Shape.LIST:
        return [parts if parts else entry.path]
    return parts if parts else entry.path


def _years(form: Form) -> list[int]:
    """Return the years of the project's period and of the budget."""
    years = {year for line in form.budget for year in (*line.special, *line.self_raised)}
    if form.start_date and form.end_date:
        years.update(range(form.start_date.year, form.end_date.year + 1))
    return sorted(years)


def _text(title: str, section: TextSection, application: Application) -> dict[str, Any]:
    """Return a section; every line is a paragraph, without the spaces that set it in by hand."""
    paragraphs = (line.strip() for line in section.text.split("\n"))
    return {
        "title": title,
        "paragraphs": [line for line in paragraphs if line],
        "picture": application.files[section.picture] if section.picture else None,
        "caption": section.caption,
    }


def _budget_line(
    category: str, special: dict[int, int], self_raised: dict[int, int], years: list[int]
) -> dict[str, Any]:
    special_total, self_raised_total = sum(special.values()), sum(self_raised.values())
    return {
        "category": category,
        "special": {year: special.get(year, 0) for year in years},
        "self_raised": {year: self_raised.get(year, 0) for year in years},
        "special_total": special_total,
        "self_raised_total": self_raised_total,
        "total": special_total + self_raised_total,
    }


def _totals(budget: list[dict[str, Any]], years: list[int]) -> dict[str, Any]:
    by_year = []
    for year in years:
        special = sum(line["special"][year] for line in budget)
        self_raised = sum(line["self_raised"][year] for line in budget)
        by_year.append({"year": year, "special": special, "self_raised": self_raised, "total": special + self_raised})
    special, self_raised = (sum(line[name] for line in budget) for name in ("special_total", "self_raised_total"))
    return {
        "special": special,
        "self_raised": self_raised,
        "total": special + self_raised,
        "by_year": by_year,
        "by_category": [
            {
                "category": line["category"],
                "special": line["special_total"],
                "self_raised": line["self_raised_total"],
                "total": line["total"],
            }
            for line in budget
        ],
    }
