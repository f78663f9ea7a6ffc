"""Record bundles: an intake point without the store compares as the office does, and takes nothing from strangers."""

from __future__ import annotations

import datetime
import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sealed_paper import ISSUED, NOW, Office, make_clerk, make_office

from toolkit.bundling import export_bundle, import_bundle
from toolkit.canonical import canonical
from toolkit.errors import BundleRefused, EventRefused, InputUnreadable, StoreError, UsageError
from toolkit.home import Home
from toolkit.records.bundle import AAD, Manifest, packed, read_manifest, unpacked, write_content, write_head
from toolkit.seal.cose import sign_message
from toolkit.seal.payload import Seal
from toolkit.seal.revocation import Revocation, create_revocation_list
from toolkit.verdict import Outcome
from toolkit.verifying import verify

DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = make_office(tmp_path_factory.mktemp("office") / "home")
    with made.home:
        yield made


@pytest.fixture(scope="module")
def seals(office: Office) -> list[Seal]:
    return office.issue()


@pytest.fixture(scope="module")
def bundle(office: Office, seals: list[Seal]) -> bytes:
    """One submission, as of 10 July."""
    return exported(office, seals[0].serial)


@pytest.fixture
def clerk(office: Office, tmp_path: Path) -> Iterator[Home]:
    """A home with the office's trust, without keys and without store."""
    with make_clerk(office, tmp_path / "clerk") as home:
        yield home


def exported(office: Office, *serials: str, now: datetime.datetime = NOW) -> bytes:
    stream = io.BytesIO()
    export_bundle(office.home, stream, serials, now=now)
    return stream.getvalue()


def taken(clerk: Home, data: bytes) -> tuple[Manifest, bool]:
    return clerk.imported.add(io.BytesIO(data), now=NOW + DAY)


def kept(clerk: Home) -> list[str]:
    """Return the manifests that a home has: what there is counts only with one."""
    return sorted(path.name for path in (clerk.folder / "records").glob("*.cose"))


def signed(office: Office, plain: object, contents: list[bytes]) -> bytes:
    """Return a bundle with any manifest, signed with the office's key."""
    message = sign_message(canonical(plain), office.home.keys.signer(NOW), aad=AAD)  # type: ignore[arg-type]
    stream = io.BytesIO()
    stream.write(b"truecopy-bundle\n" + len(message).to_bytes(4, "big") + message)
    for content in contents:
        write_content(stream, content)
    return stream.getvalue()


def test_paper_is_compared_with_a_bundle_as_with_the_store(
    office: Office, seals: list[Seal], bundle: bytes, clerk: Home, tmp_path: Path
) -> None:
    scan = [("a.tif", office.scan(seals[:2]))]
    before = verify(scan, home=clerk, now=NOW)
    assert {f.reason.name for page in before.pages for f in page.findings} >= {"RECORD_NOT_AT_HAND"}
    path = tmp_path / "records.bundle"
    path.write_bytes(bundle)
    made = import_bundle(clerk, path, now=NOW)
    assert (made.submissions, made.again) == (((seals[0].serial, 1),), False)
    assert import_bundle(clerk, path, now=NOW).again is True
    after = verify(scan, home=clerk, now=NOW)
    assert [page.outcome for page in after.pages] == [Outcome.PASSED] * 2
    assert [[f.reason.name for f in page.findings] for page in after.pages] == [["STORE_NOT_ASKED"]] * 2
    assert "2025-07-10" in str(after.pages[0].findings[0].message)
    there = verify(scan, home=office.home, now=NOW)
    assert [t.seen for t in after.submissions[0].tallies] == [t.seen for t in there.submissions[0].tallies]
    assert after.submissions[0].outcome is Outcome.FAILED  # ten pages are missing, which a bundle tells as well


def test_what_the_bundle_does_not_know(office: Office, seals: list[Seal], bundle: bytes, clerk: Home) -> None:
    other = office.issue()
    taken(clerk, bundle)
    unknown = verify([("a.tif", office.scan(other[:1]))], home=clerk, now=NOW).pages[0]
    assert [f.reason.name for f in unknown.findings] == ["RECORD_NOT_AT_HAND", "CONTENT_NOT_COMPARED"]
    second = office.issue(revises=other[0].serial)
    taken(clerk, exported(office, other[0].serial))  # the revision in force alone
    found = verify([("a.tif", office.scan([other[0], second[1]]))], home=clerk, now=NOW).pages
    assert [f.reason.name for f in found[0].findings] == ["RECORD_NOT_AT_HAND", "CONTENT_NOT_COMPARED"]
    assert found[1].outcome is Outcome.PASSED


def test_many_submissions_share_what_they_share(office: Office) -> None:
    one, two = (exported(office, *serials) for serials in (["XJTEST-00001"], ["XJTEST-00001", "XJTEST-00002"]))
    assert len(two) < 1.9 * len(one)
    stream = io.BytesIO()
    made = export_bundle(office.home, stream, programme="none of this name", serials=["XJTEST-00001"], now=NOW)
    assert len(made.submissions) == 1
    with pytest.raises(UsageError):
        export_bundle(office.home, io.BytesIO(), programme="none of this name", now=NOW)


def test_withdrawn_submissions_are_left_out(office: Office) -> None:
    serial = office.issue()[0].serial
    office.home.store.enter(serial, "withdrawn", at=NOW, who="某处", detail={}, now=NOW)
    with pytest.raises(EventRefused, match="withdrawn"):
        exported(office, serial)


def test_revoked_submissions_are_left_out(office: Office) -> None:
    serial = office.issue()[0].serial
    office.home.store.revoke(serial, reason="材料有误", who="某处", now=NOW)
    with pytest.raises(EventRefused, match="revoked"):
        exported(office, serial)


def test_a_stranger_is_refused_by_name(tmp_path: Path, bundle: bytes, clerk: Home) -> None:
    with make_office(tmp_path / "stranger").home as stranger:
        shutil.copytree(stranger.folder / "trust", tmp_path / "trust")
        other = Office(stranger)
        serial = other.issue()[0].serial
        with pytest.raises(BundleRefused, match="not in the trust folder"):
            taken(clerk, exported(other, serial))
    assert kept(clerk) == [] and not (clerk.folder / "records").exists()  # nothing was even begun


@pytest.mark.parametrize(
    ("compromised", "from_then_on", "known"), [(True, DAY, False), (False, -DAY, False), (False, DAY, True)]
)
def test_a_bundle_says_nothing_when_its_signer_is_revoked_later(
    office: Office,
    seals: list[Seal],
    bundle: bytes,
    clerk: Home,
    compromised: bool,
    from_then_on: datetime.timedelta,
    known: bool,
) -> None:
    taken(clerk, bundle)
    trust = office.home.trust
    signer = office.home.keys.signer(NOW).certificate.certificate
    root_key = load_pem_private_key((office.home.folder / "keys" / "root.pem").read_bytes(), None)
    revoked = Revocation(signer.serial_number, NOW + from_then_on, compromised)
    listed = create_revocation_list(trust.roots[0], root_key, [revoked], number=2, now=NOW)  # type: ignore[arg-type]
    clerk.keep_trust(replace(trust, lists=(listed,)))
    with Home.open(clerk.folder) as again:
        assert (again.imported.submission(seals[0].serial) is not None) is known


def test_an_older_bundle_is_refused(office: Office, clerk: Home) -> None:
    serial = office.issue()[0].serial
    old, new = (exported(office, serial, now=time) for time in (NOW - DAY, NOW))
    taken(clerk, new)
    with pytest.raises(BundleRefused, match=f"older than what is here of {serial}"):
        taken(clerk, old)
    office.issue(revises=serial)
    newest = exported(office, serial, now=NOW + DAY)
    taken(clerk, newest)
    stored = clerk.imported.submission(serial)
    assert stored is not None and stored.revision == 2
    with pytest.raises(BundleRefused):
        taken(clerk, old)
    assert taken(clerk, new)[1] is True  # it was taken in before, and changes nothing
    assert clerk.imported.submission(serial) == stored


def test_a_manifest_that_says_what_it_may_not(office: Office, seals: list[Seal], bundle: bytes, clerk: Home) -> None:
    """A signer of the office who errs, or worse: the contents must be what the record says, within bounds."""
    manifest = Manifest.from_payload(read_manifest(io.BytesIO(bundle))[1].payload)
    serial, one = next(iter(manifest.submissions.items()))
    good = manifest.to_plain()
    for change in (
        {"format": 2},
        {"made_at": "yesterday"},
        {"made_at": "2019-01-01T00:00:00Z"},  # before its key was valid
        {"contents": [["00" * 32, 2**40]]},
        {"contents": []},
        {"contents": 5},
        {"submissions": [{"serial": serial, "revision": 7, "record": one.record_digest.hex(), "files": []}]},
        {"submissions": [{"serial": "YY-1", "revision": 1, "record": one.record_digest.hex(), "files": []}]},
        {"submissions": [{"serial": serial, "revision": 1, "record": "00" * 32, "files": []}]},
        {"submissions": [{"serial": serial, "revision": 1, "record": one.record_digest.hex(), "files": [["a", "b"]]}]},
        {"submissions": [good["submissions"][0]] * 2},  # type: ignore[index]
    ):
        contents = [office.home.store.description(serial, 1, "proposal", 1)]
        with pytest.raises(BundleRefused):
            taken(clerk, signed(office, {**good, **change}, contents))
    assert kept(clerk) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_refused_and_leaves_nothing(bundle: bytes, clerk: Home, data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(bundle) - 1))
    how = data.draw(st.sampled_from(["flip", "cut", "add", "insert"]))
    changed = {
        "flip": bundle[:where] + bytes([bundle[where] ^ data.draw(st.integers(1, 255))]) + bundle[where + 1 :],
        "cut": bundle[:where],
        "add": bundle + b"\0",
        "insert": bundle[:where] + b"\0" + bundle[where:],
    }[how]
    with pytest.raises(BundleRefused):
        taken(clerk, changed)
    assert kept(clerk) == [] and clerk.imported.submission("XJTEST-00001") is None


def test_unpacking_is_bounded() -> None:
    bomb = packed(bytes(50_000_000))
    assert len(bomb) < 100_000
    assert unpacked(bomb, 1000) is None
    assert unpacked(packed(b"abc"), 3) == b"abc"
    assert unpacked(packed(b"abc") + b"x", 3) is None and unpacked(b"x", 1) is None


def test_what_is_kept_is_held_against_its_digest(seals: list[Seal], bundle: bytes, clerk: Home) -> None:
    manifest, _ = taken(clerk, bundle)
    for path in (clerk.folder / "records" / "contents").iterdir():
        path.write_bytes(packed(b"something else"))
    with pytest.raises(StoreError, match="import the bundle again"):
        clerk.imported.submission(seals[0].serial)
    for path in (clerk.folder / "records" / "contents").iterdir():
        path.unlink()
    for digest in manifest.contents:
        with pytest.raises(StoreError):
            clerk.imported.file(digest)


def test_a_home_with_a_store_takes_none(office: Office, bundle: bytes, clerk: Home, tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_bytes(bundle)
    with pytest.raises(UsageError):
        import_bundle(office.home, path)
    with pytest.raises(InputUnreadable):
        import_bundle(clerk, tmp_path)
    with pytest.raises(BundleRefused, match="no record bundle"):
        import_bundle(clerk, Path(__file__))


def test_the_head_says_what_was_written(office: Office, bundle: bytes) -> None:
    data, message = read_manifest(io.BytesIO(bundle))
    manifest = Manifest.from_payload(message.payload)
    again = io.BytesIO()
    write_head(again, replace(manifest, made_at=ISSUED), office.home.keys.signer(ISSUED))
    assert Manifest.from_payload(read_manifest(io.BytesIO(again.getvalue()))[1].payload).made_at == ISSUED
    assert data in bundle
