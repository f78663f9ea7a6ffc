"""The keys of an office: made, listed, retired and revoked, and the trust bundle that clerks are given.

What the root must sign asks for the path of its key, which is kept away from the data folder.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.answer import Console, Moment, json_option, pass_console
from toolkit.errors import KeyUnusable, TrustRefused, UsageError
from toolkit.messages import Message
from toolkit.output import write_files
from toolkit.passphrases import given_passphrase

if TYPE_CHECKING:
    from toolkit.ceremony import Authority
    from toolkit.home import Home
    from toolkit.seal.certificates import RootCertificate, SigningCertificate
    from toolkit.seal.trust import Trust

root_key_option = click.option(
    "--root-key", type=click.Path(path_type=Path, dir_okay=False), help="Where the office root's private key is."
)
no_passphrase_option = click.option(
    "--no-passphrase", is_flag=True, help="Leave the keys unencrypted, protected by file permissions only."
)


@click.group()
def keys() -> None:
    """Make, show, retire and revoke the keys of an office, and pass on whom to trust."""


@keys.command("init")
@click.option("--office", required=True, help="The office's name, as it stands on its letters.")
@click.option("--prefix", required=True, help="What the office's serials begin with: 1 to 8 characters A-Z, 0-9.")
@no_passphrase_option
@click.option("--store", help="A PostgreSQL database for the store: postgresql+psycopg://USER@SERVER/DATABASE.")
@click.option("--files", help="Where to keep files outside the database: file:///FOLDER or s3://BUCKET/FOLDER.")
@pass_console
def init(console: Console, office: str, prefix: str, no_passphrase: bool, store: str | None, files: str | None) -> None:
    """Make the data folder with an office root, keys for seals and for heads, and an empty store."""
    from toolkit.home import Home

    passphrase = _new_passphrase(console, no_passphrase)
    with Home.create(
        console.home,
        office=office,
        prefix=prefix,
        passphrase=passphrase,
        store=store,
        files=files,
        now=datetime.now(UTC),
    ) as home:
        (root,) = home.trust.roots
        console.say("The data folder {folder} is made.", folder=home.folder)
        console.say("Fingerprint of the office root: {fingerprint}", fingerprint=root.fingerprint)
        console.say(
            "Move {path} to a medium that is locked away: issuing does not need it.",
            path=home.folder / "keys" / "root.pem",
        )


@keys.command("create")
@click.option("--for", "use", type=click.Choice(["seals", "heads"]), required=True, help="What the key will sign.")
@click.option(
    "--algorithm",
    type=click.Choice(["ed25519", "esp256"]),
    default="ed25519",
    show_default=True,
    help="esp256 (P-256) is for tokens that do not know Ed25519.",
)
@click.option("--token", metavar="URI", help="Make it in a token: pkcs11:token=LABEL?module-path=/path/to/module.so")
@root_key_option
@no_passphrase_option
@json_option
@pass_console
def create(
    console: Console,
    use: str,
    algorithm: str,
    token: str | None,
    root_key: Path | None,
    no_passphrase: bool,
    as_json: bool,
) -> None:
    """Make a new key, certified by the office root; from now on it is the one that signs."""
    from toolkit.ceremony import NewKey, create_key
    from toolkit.seal.certificates import Use
    from toolkit.seal.signature import Algorithm
    from toolkit.seal.tokens import TokenUri

    uri = TokenUri.parse(token) if token is not None else None
    if uri is not None and no_passphrase:
        raise UsageError(Message("a token has a PIN: leave --no-passphrase out"))
    with console.open_home() as home:
        authority = _authority(console, home, root_key)
        secret = _new_passphrase(console, no_passphrase)
        new = NewKey(Use(use), secret, Algorithm[algorithm.upper()], uri)
        made = create_key(home, authority, new, now=datetime.now(UTC))
        if as_json:
            console.json(_entry(home, made))
            return
        console.say("The key {kid} is made and certified.", kid=made.kid.hex())
        _hand_out(console)


@keys.command("list")
@json_option
@pass_console
def list_(console: Console, as_json: bool) -> None:
    """Show the roots, keys and revocation lists that this data folder trusts."""
    from toolkit.cli.tables import print_keys

    now = datetime.now(UTC)
    with console.open_home() as home:
        answer = {
            "format": 1,
            "folder": str(home.folder),
            "roots": [_root(home.trust, root, now) for root in home.trust.roots],
            "certificates": [_certificate(home, one, now) for one in home.trust.certificates],
        }
    if as_json:
        console.json(answer)
    else:
        print_keys(answer, console.translate)


@keys.command("retire")
@click.argument("kid", metavar="KEY")
@click.option("--at", type=Moment(), help="From when on (default: now).")
@root_key_option
@json_option
@pass_console
def retire(console: Console, kid: str, at: datetime | None, root_key: Path | None, as_json: bool) -> None:
    """Take a key out of use; what it sealed before stays good."""
    from toolkit.ceremony import retire as retire_key

    now = datetime.now(UTC)
    with console.open_home() as home:
        certificate = _named(home, kid)
        retire_key(home, _authority(console, home, root_key), certificate, at=_zoned(at) or now, now=now)
        if as_json:
            console.json(_entry(home, certificate))
            return
        console.say("The key {kid} is retired.", kid=kid)
        _hand_out(console)


@keys.command("revoke")
@click.argument("kid", metavar="KEY")
@click.option("--since", type=Moment(), required=True, help="Since when the key may have been in other hands.")
@root_key_option
@json_option
@pass_console
def revoke(console: Console, kid: str, since: datetime, root_key: Path | None, as_json: bool) -> None:
    """Revoke a key that was lost or copied; only what the ledger proves to be older still passes."""
    from toolkit.ceremony import revoke as revoke_key

    with console.open_home() as home:
        certificate = _named(home, kid)
        revoke_key(
            home,
            _authority(console, home, root_key),
            certificate,
            since=_zoned(since) or since,
            now=datetime.now(UTC),
        )
        if as_json:
            console.json(_entry(home, certificate))
            return
        console.say("The key {kid} is revoked.", kid=kid)
        _hand_out(console)


@keys.command("export-trust")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
@root_key_option
@json_option
@pass_console
def export_trust(console: Console, output: Path, root_key: Path | None, as_json: bool) -> None:
    """Write the trust bundle for clerks; with --root-key, sign the next revocation list first."""
    from toolkit.ceremony import renew_list
    from toolkit.seal.trust_bundle import bundle_bytes

    now = datetime.now(UTC)
    with console.open_home() as home:
        if root_key is not None:
            renew_list(home, _authority(console, home, root_key), now=now)
        (path,) = write_files(output.parent, {output.name: bundle_bytes(home.trust)})
        roots = [_root(home.trust, root, now) for root in home.trust.roots]
    _tell_roots(console, roots, {"path": str(path)}, as_json=as_json)


@keys.command("import-trust")
@click.argument("bundle", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--fingerprint",
    "fingerprints",
    multiple=True,
    metavar="SHA-256",
    help="The fingerprint of an office root, as the office gave it; for scripts, instead of being asked.",
)
@json_option
@pass_console
def import_trust(console: Console, bundle: Path, fingerprints: tuple[str, ...], as_json: bool) -> None:
    """Trust whom a bundle names; in a new data folder, make it a clerk's, which checks seals and has no key."""
    from toolkit.home import SETTINGS, Home
    from toolkit.seal.trust import Trust
    from toolkit.seal.trust_bundle import LARGEST_BUNDLE, merged, read_bundle

    with bundle.open("rb") as file:
        came = read_bundle(file.read(LARGEST_BUNDLE + 1))
    is_new = not (console.data_folder() / SETTINGS).exists()
    if is_new:
        confirmed = _confirmed(console, came, Trust(), fingerprints)
        home = Home.create_for_clerk(console.home, merged(Trust(), came, confirmed))
    else:
        home = Home.open(console.home)
        held = home.trust
        home.keep_trust(merged(held, came, _confirmed(console, came, held, fingerprints)))
    now = datetime.now(UTC)
    with home:
        roots = [_root(home.trust, root, now) for root in home.trust.roots]
    _tell_roots(console, roots, {"folder": str(home.folder), "new": is_new}, as_json=as_json)


def _confirmed(console: Console, came: Trust, held: Trust, fingerprints: tuple[str, ...]) -> set[str]:
    """Return the fingerprints that a person compared; ask for each root that is new and was not named."""
    given = {"".join(one.replace(":", "").split()).lower() for one in fingerprints}
    for root in came.roots:
        if root in held.roots or root.fingerprint in given:
            continue
        if given or not sys.stdin.isatty():
            raise TrustRefused(
                Message(
                    "the root of {office} is new here: name its fingerprint, {fingerprint}, with --fingerprint, after "
                    "you compared it with that on the office's paper",
                    office=root.office,
                    fingerprint=root.fingerprint,
                )
            )
        prefixes = tuple(sorted({one.prefix for one in came.certificates if came.root_of(one) == root}))
        console.tell(
            "A root that is new here: {office}, serials that start with {prefixes}",
            office=root.office,
            prefixes=prefixes,
        )
        if root.demo:
            console.tell("It was made by a demonstration and proves nothing.")
        click.echo(f"   {root.fingerprint}", err=True)
        if click.confirm(console.translate("Is this the fingerprint on the office's paper?"), default=False, err=True):
            given.add(root.fingerprint)
        else:
            raise TrustRefused(Message("the fingerprint was not confirmed: nothing was changed"))
    return given


def _authority(console: Console, home: Home, root_key: Path | None) -> Authority:
    """Return the office root with its key, from where it is kept now."""
    from toolkit.ceremony import Authority
    from toolkit.seal.keys import needs_passphrase

    path = root_key
    if path is None:
        if not sys.stdin.isatty():
            raise UsageError(
                Message("name the office root's private key with --root-key PATH: the root must sign this")
            )
        path = Path(click.prompt(console.translate("Path of the office root's private key"), err=True))
    passphrase = None
    if needs_passphrase(path):
        passphrase = given_passphrase("TRUECOPY_ROOT_PASSPHRASE") or console.ask_passphrase(
            confirm=False, label="Passphrase of the office root"
        )
    return Authority.open(path, passphrase, home)


def _new_passphrase(console: Console, no_passphrase: bool) -> str | None:
    passphrase = given_passphrase()
    if no_passphrase and passphrase:
        raise UsageError(Message("a passphrase was given although --no-passphrase says that there is none"))
    if not no_passphrase and not passphrase:
        if not sys.stdin.isatty():
            raise KeyUnusable(
                Message(
                    "there is no keyboard to ask for a passphrase at: set TRUECOPY_PASSPHRASE or "
                    "TRUECOPY_PASSPHRASE_FILE, or leave the keys unencrypted by --no-passphrase"
                )
            )
        passphrase = console.ask_passphrase(confirm=True)
    return passphrase


def _named(home: Home, kid: str) -> SigningCertificate:
    for certificate in home.trust.certificates:
        if certificate.kid.hex() == kid.lower():
            return certificate
    raise UsageError(Message("there is no key {kid} here: see truecopy keys list", kid=kid[:40]))


def _zoned(time: datetime | None) -> datetime | None:
    return time.astimezone() if time is not None and time.tzinfo is None else time


def _hand_out(console: Console) -> None:
    console.say("Give clerks the new trust bundle: truecopy keys export-trust -o FILE")


def _tell_roots(console: Console, roots: list[dict[str, object]], also: dict[str, object], *, as_json: bool) -> None:
    from toolkit.cli.tables import print_roots

    if as_json:
        console.json({"format": 1, **also, "roots": roots})
        return
    if "path" in also:
        console.say("The trust bundle {path} is written.", path=also["path"])
    else:
        console.say("The data folder {folder} trusts:", folder=also["folder"])
    print_roots(roots, console.translate)


def _root(trust: Trust, root: RootCertificate, now: datetime) -> dict[str, object]:
    held = trust.list_of(root)
    return {
        "office": root.office,
        "fingerprint": root.fingerprint,
        "valid_until": root.certificate.not_valid_after_utc.isoformat(),
        "demo": root.demo,
        "revocations": held.to_dict(now) if held is not None else None,
    }


def _entry(home: Home, certificate: SigningCertificate) -> dict[str, object]:
    return {"format": 1, **_certificate(home, certificate, datetime.now(UTC))}


def _certificate(home: Home, certificate: SigningCertificate, now: datetime) -> dict[str, object]:
    revoked = home.trust.revocation(certificate)
    root = home.trust.root_of(certificate)
    return {
        "office": certificate.office,
        "root": root.fingerprint if root is not None else None,
        "kid": certificate.kid.hex(),
        "use": certificate.use.value,
        "algorithm": certificate.algorithm.name.lower(),
        "prefix": certificate.prefix,
        "schemas": list(certificate.schemas),
        "valid_from": certificate.certificate.not_valid_before_utc.isoformat(),
        "valid_until": certificate.certificate.not_valid_after_utc.isoformat(),
        "state": home.trust.state(certificate, now).value,
        "out_of_use_since": revoked.at.isoformat() if revoked is not None else None,
        "demo": certificate.demo,
        "can_sign_here": home.keys.path(certificate).exists(),
    }
