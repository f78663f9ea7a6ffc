"""The keys of an office: ``keys init`` makes the data folder with them, ``keys list`` shows them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from toolkit.cli.answer import Console, given_passphrase, json_option, pass_console
from toolkit.errors import KeyUnusable, UsageError
from toolkit.messages import Message


@click.group()
def keys() -> None:
    """Make and show the keys and certificates of an office."""


@keys.command("init")
@click.option("--office", required=True, help="The office's name, as it stands on its letters.")
@click.option("--prefix", required=True, help="What the office's serials begin with: 1 to 8 characters A-Z, 0-9.")
@click.option("--no-passphrase", is_flag=True, help="Leave the keys unencrypted, protected by file permissions only.")
@click.option("--store", help="A PostgreSQL database for the store: postgresql+psycopg://USER@SERVER/DATABASE.")
@click.option("--files", help="Where to keep files outside the database: file:///FOLDER or s3://BUCKET/FOLDER.")
@pass_console
def init(console: Console, office: str, prefix: str, no_passphrase: bool, store: str | None, files: str | None) -> None:
    """Make the data folder with an office root, keys for seals and for heads, and an empty store."""
    from toolkit.home import Home

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


@keys.command("list")
@json_option
@pass_console
def list_(console: Console, as_json: bool) -> None:
    """Show the roots and signing certificates that this data folder trusts."""
    from toolkit.cli.tables import print_keys

    with console.open_home() as home:
        roots = [{"office": root.office, "fingerprint": root.fingerprint} for root in home.trust.roots]
        certificates = [
            {
                "office": certificate.office,
                "kid": certificate.kid.hex(),
                "use": certificate.use.value,
                "prefix": certificate.prefix,
                "valid_from": certificate.certificate.not_valid_before_utc.isoformat(),
                "valid_until": certificate.certificate.not_valid_after_utc.isoformat(),
                "demo": certificate.demo,
                "can_sign_here": home.keys.path(certificate).exists(),
            }
            for certificate in home.trust.certificates
        ]
        answer = {"format": 1, "folder": str(home.folder), "roots": roots, "certificates": certificates}
    if as_json:
        console.json(answer)
    else:
        print_keys(answer, console.translate)
