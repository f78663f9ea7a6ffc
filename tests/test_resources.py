"""Which language is spoken, and where programmes are found."""

from __future__ import annotations

import locale
from pathlib import Path

import pytest

from toolkit.errors import ProgrammeError
from toolkit.resources import language, programme_folder, programme_folders, shared, translation

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(locale, "getlocale", lambda: (None, None))


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("value", ["zh_CN.UTF-8", "zh_TW", "zh", "ZH_cn.GBK"])
def test_the_environment_chooses_the_language(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    assert language() == "zh"


def test_lc_all_comes_before_lang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language() == "en"


def test_what_is_asked_for_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert language("zh") == "zh"


def test_windows_names_its_locale_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda: ("Chinese (Simplified)_China", "936"))
    assert language() == "zh"


@pytest.mark.parametrize("value", ["", "C", "C.UTF-8", "POSIX", "de_DE.UTF-8"])
def test_any_other_locale_gets_english(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LANG", value)
    assert language() == "en"


def test_without_any_locale_it_is_english() -> None:
    assert language() == "en"


def test_a_translation_speaks_the_language_asked_for() -> None:
    assert translation("zh")("passed") == "通过"
    assert translation("en")("passed") == "passed"


def test_a_sentence_without_translation_stays_english() -> None:
    assert translation("zh")("a sentence that nobody wrote") == "a sentence that nobody wrote"


def test_supplied_files_are_there() -> None:
    assert shared("fonts").is_dir()
    assert shared("samples", "application.yaml").is_file()


def test_the_supplied_programme_is_found() -> None:
    assert programme_folder("xinjiang-sco-2025") == shared("templates", "xinjiang-sco-2025")


def test_an_unknown_programme_is_refused_with_the_names_of_those_there_are(tmp_path: Path) -> None:
    _programme(tmp_path, "our-own-2026")
    with pytest.raises(ProgrammeError) as caught:
        programme_folder("xinjiang-sco-2052", tmp_path)
    message = str(caught.value)
    assert "xinjiang-sco-2052" in message
    assert all(name in message for name in ("xinjiang-sco-2025", "our-own-2026"))


def test_a_programme_of_the_data_folder_comes_before_the_supplied_one(tmp_path: Path) -> None:
    folder = _programme(tmp_path, "xinjiang-sco-2025")
    assert programme_folder("xinjiang-sco-2025", tmp_path) == folder


def test_a_folder_without_programme_toml_is_no_programme(tmp_path: Path) -> None:
    (tmp_path / "programmes" / "notes").mkdir(parents=True)
    assert "notes" not in programme_folders(tmp_path)


def test_a_data_folder_without_programmes_adds_none(tmp_path: Path) -> None:
    assert programme_folders(tmp_path) == programme_folders()


def _programme(home: Path, name: str) -> Path:
    folder = home / "programmes" / name
    folder.mkdir(parents=True)
    (folder / "programme.toml").touch()
    return folder
