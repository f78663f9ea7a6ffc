"""The keys of an office at the command line: the root away, keys made and taken back, clerks who trust."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import Run, tree, validate

from toolkit.home import Home
from toolkit.seal.certificates import Use
from toolkit.seal.payload import Seal, encode
from toolkit.seal.symbol import to_digits


@pytest.fixture
def root_key(office: Path, tmp_path: Path) -> Path:
    """Return where the office's root key lies after it was moved away."""
    away = tmp_path / "stick" / "root.pem"
    away.parent.mkdir()
    return Path(shutil.move(office / "keys" / "root.pem", away))


@pytest.fixture
def bundle(run: Run, office: Path, tmp_path: Path) -> Path:
    path = tmp_path / "trust.pem"
    assert run("--home", office, "keys", "export-trust", "-o", path).code == 0
    return path


def fingerprint(office: Path) -> str:
    return Home.open(office).trust.roots[0].fingerprint


def current(office: Path, use: Use = Use.SEALS) -> str:
    return Home.open(office).keys.current(datetime.now(UTC), use).kid.hex()


def sealed(office: Path, at: datetime) -> str:
    """Return the digits of a seal that the office's current key made at a time."""
    with Home.open(office) as home:
        seal = Seal("XJKP26-0009", 1, "P", 1, 1, 1, 1, bytes(32), bytes(32), at)
        return to_digits(encode(seal, home.keys.signer(datetime.now(UTC))))


@pytest.mark.parametrize("use", ["seals", "heads"])
def test_a_new_key_is_certified_by_the_root_and_signs_from_now_on(
    run: Run, office: Path, root_key: Path, use: str
) -> None:
    made = run("--home", office, "keys", "create", "--for", use, "--root-key", root_key, "--no-passphrase", "--json")
    assert (made.code, made.err) == (0, "")
    validate(made.json, "keys", "certificate")
    assert (made.json["state"], made.json["use"], made.json["algorithm"]) == ("valid", use, "ed25519")
    assert current(office, Use(use)) == made.json["kid"]
    assert Home.open(office).trust.lists[0].number == 2


def test_a_p256_key_seals_too(run: Run, office: Path, root_key: Path) -> None:
    told = ("keys", "create", "--for", "seals", "--algorithm", "esp256", "--root-key", root_key, "--no-passphrase")
    assert run("--home", office, *told).code == 0
    digits = office / "digits.txt"
    digits.write_text(sealed(office, datetime.now(UTC)))
    found = run("--home", office, "verify", "--text", digits, "--json").json["pages"][0]
    assert found["seal"]["signer"] == "自治区科学技术厅"


def test_what_the_root_signs_asks_for_its_key(run: Run, office: Path, root_key: Path, tmp_path: Path) -> None:
    kid, before = current(office), tree(office)
    for command in (
        ("create", "--for", "seals", "--no-passphrase"),
        ("retire", kid),
        ("revoke", kid, "--since", "2026-01-01 08:00"),
    ):
        asked = run("--home", office, "keys", *command)
        assert asked.code == 2 and "--root-key" in asked.sentence
        other = Home.create(
            tmp_path / command[0], office="x", prefix="QH", passphrase=None, now=datetime.now(UTC)
        ).folder
        wrong = run("--home", office, "keys", *command, "--root-key", other / "keys" / "root.pem")
        assert wrong.code == 1 and "is not the key of an office root" in wrong.sentence
    assert tree(office) == before


def test_a_retired_key_seals_no_more_and_what_it_sealed_stays_good(
    run: Run, office: Path, root_key: Path, tmp_path: Path
) -> None:
    kid, digits = current(office), tmp_path / "digits.txt"
    digits.write_text(
        sealed(office, datetime.now(UTC) - timedelta(minutes=1))
        + "\n"
        + sealed(office, datetime.now(UTC) + timedelta(minutes=4))
    )
    done = run("--home", office, "keys", "retire", kid, "--root-key", root_key, "--json")
    assert done.code == 0 and (done.json["state"], done.json["kid"]) == ("retired", kid)
    validate(done.json, "keys", "certificate")
    pages = run("--home", office, "verify", "--text", digits, "--json").json["pages"]
    first, second = ([finding["reason"] for finding in page["findings"]] for page in pages)
    assert "SEAL_OUT_OF_VALIDITY" not in first and second == ["SEAL_OUT_OF_VALIDITY"]
    again = run("--home", office, "keys", "retire", kid, "--root-key", root_key)
    assert again.code == 2 and "already" in again.sentence
    sample = run("--home", office, "issue", "samples/small-application.yaml", "-o", tmp_path / "out")
    assert sample.code == 1 and "retired" in sample.sentence


def test_a_lost_key_is_revoked_and_clerks_hear_of_it(
    run: Run, office: Path, root_key: Path, bundle: Path, tmp_path: Path
) -> None:
    kid, digits, clerk = current(office), tmp_path / "digits.txt", tmp_path / "clerk"
    digits.write_text(sealed(office, datetime.now(UTC)))
    assert run("--home", clerk, "keys", "import-trust", bundle, "--fingerprint", fingerprint(office)).code == 0
    trusted = run("--home", clerk, "verify", "--text", digits, "--json")
    validate(trusted.json, "verify")
    assert [one["reason"] for one in trusted.json["pages"][0]["findings"]] == [
        "RECORD_NOT_AT_HAND",
        "CONTENT_NOT_COMPARED",
    ]
    assert trusted.json["offline"] is True and trusted.json["trust"][0]["revocations"]["number"] == 1
    for_people = run("--home", clerk, "verify", "--text", digits).out
    assert "Revocation list of 自治区科学技术厅: number 1" in for_people and "Not checked: whether a" in for_people
    assert (
        run("--home", office, "keys", "revoke", kid, "--since", "2026-11-01 08:00+08:00", "--root-key", root_key).code
        == 0
    )
    later = run("--home", office, "keys", "revoke", kid, "--since", "2026-11-02 08:00+08:00", "--root-key", root_key)
    assert later.code == 2 and "is out of use since 2026-11-01" in later.sentence  # no clerk would take that list
    newer = tmp_path / "newer.pem"
    assert run("--home", office, "keys", "export-trust", "-o", newer).code == 0
    taken = run("--home", clerk, "keys", "import-trust", newer, "--json")
    validate(taken.json, "trust")
    assert (taken.json["new"], taken.json["roots"][0]["revocations"]["number"]) == (False, 2)
    found = run("--home", clerk, "verify", "--text", digits, "--json")
    assert [one["reason"] for one in found.json["pages"][0]["findings"]] == ["KEY_COMPROMISED"]
    assert found.code == 4
    before = tree(clerk)
    older = run("--home", clerk, "keys", "import-trust", bundle)
    assert older.code == 1 and "older" in older.sentence and tree(clerk) == before


@pytest.mark.parametrize(("hours", "expected"), [(0, False), (2, True)], ids=["anchored-before", "issued-after"])
def test_after_a_loss_only_what_the_ledger_anchors_before_still_passes(
    run: Run, issued_home: Path, small_print: Path, tmp_path: Path, hours: int, expected: bool
) -> None:
    office = shutil.copytree(issued_home, tmp_path / "office")
    since = datetime.now(UTC) - timedelta(hours=hours)
    told = ("keys", "revoke", current(office), "--since", since.strftime("%Y-%m-%dT%H:%M:%S%z"))
    assert run("--home", office, *told, "--root-key", office / "keys" / "root.pem").code == 0
    pages = run("--home", office, "verify", small_print, "--pages-only", "--json").json["pages"]
    assert len(pages) == 6
    for page in pages:
        assert ("KEY_COMPROMISED" in [finding["reason"] for finding in page["findings"]]) is expected


def test_a_clerk_s_data_folder_has_no_key_and_no_store(run: Run, office: Path, bundle: Path, tmp_path: Path) -> None:
    clerk = tmp_path / "clerk"
    given = ":".join(fingerprint(office).upper()[i : i + 2] for i in range(0, 64, 2))
    made = run("--home", clerk, "keys", "import-trust", bundle, "--fingerprint", given, "--json")
    assert (made.code, made.json["new"]) == (0, True)
    assert sorted(path.name for path in clerk.rglob("*") if path.is_file()) == ["bundle.pem", "settings.toml"]
    listed = run("--home", clerk, "keys", "list", "--json")
    validate(listed.json, "keys")
    assert not any(one["can_sign_here"] for one in listed.json["certificates"])
    refused = run("--home", clerk, "issue", "samples/small-application.yaml", "-o", tmp_path / "out")
    assert refused.code == 1


@pytest.mark.parametrize("told", [(), ("--fingerprint", "0" * 64)])
def test_a_root_whose_fingerprint_nobody_confirmed_is_not_trusted(
    run: Run, bundle: Path, tmp_path: Path, told: tuple[str, ...]
) -> None:
    refused = run("--home", tmp_path / "clerk", "keys", "import-trust", bundle, *told, "--json")
    assert refused.code == 1 and refused.json["error"]["code"] == "TRUST"
    assert not (tmp_path / "clerk").exists()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_a_person_is_shown_the_fingerprint_and_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, office: Path, bundle: Path, tmp_path: Path, answer: str, code: int
) -> None:
    import io

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Keyboard(answer))
    asked = run("--home", tmp_path / "clerk", "keys", "import-trust", bundle)
    assert asked.code == code and fingerprint(office) in asked.err
    assert (tmp_path / "clerk").exists() is (code == 0)


def test_a_bundle_that_is_none_is_told_in_chinese_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "b.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for language, said in (("en", "damaged"), ("zh", "损坏")):
        told = run("--lang", language, "--home", tmp_path / "c", "keys", "import-trust", tmp_path / "b.pem")
        assert told.code == 1 and said in told.sentence
    missing = run("--home", tmp_path / "c", "keys", "import-trust", tmp_path / "none.pem")
    assert missing.code == 1 and "none.pem" in missing.sentence


def test_export_with_the_root_signs_the_next_list(run: Run, office: Path, root_key: Path, tmp_path: Path) -> None:
    for number in (2, 3):
        told = run("--home", office, "keys", "export-trust", "-o", tmp_path / "b.pem", "--root-key", root_key, "--json")
        validate(told.json, "trust")
        assert told.json["roots"][0]["revocations"]["number"] == number


def test_a_root_key_with_a_passphrase_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = Home.create(tmp_path / "h", office="x", prefix="QH", passphrase="root's", now=datetime.now(UTC)).folder
    monkeypatch.setenv("TRUECOPY_ROOT_PASSPHRASE", "root's")
    monkeypatch.setenv("TRUECOPY_PASSPHRASE", "another")
    told = ("keys", "create", "--for", "seals", "--root-key", home / "keys" / "root.pem")
    assert run("--home", home, *told).code == 0
    assert Home.open(home).keys.signer(datetime.now(UTC), "another").certificate.kid.hex() == current(home)
