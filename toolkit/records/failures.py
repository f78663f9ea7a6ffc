"""Why a store cannot be used, in one sentence each, whichever database is behind it."""

from __future__ import annotations

from toolkit.errors import StoreError
from toolkit.messages import Message


def locked(name: str) -> StoreError:
    """Return what to say when another program holds the store for too long."""
    return StoreError(
        Message("the store {name} is locked by another program: wait until it has finished, and try again", name=name)
    )


def read_only(name: str) -> StoreError:
    """Return what to say when this user may not write."""
    return StoreError(
        Message("the store {name} cannot be written: it or its folder is read-only for this user", name=name)
    )


def full(name: str) -> StoreError:
    """Return what to say when there is no room left."""
    return StoreError(
        Message("the disk of the store {name} is full: make room and try again; nothing was changed", name=name)
    )


def damaged(name: str) -> StoreError:
    """Return what to say when the database itself cannot read what it holds."""
    return StoreError(Message("the store {name} is damaged: restore it from a backup", name=name))


def unusable(name: str, why: object) -> StoreError:
    """Return what to say of any other failure: what the database says."""
    return StoreError(Message("the store {name} cannot be used: {why}", name=name, why=why))


def there_already(name: str) -> StoreError:
    """Return what to say when a store would be made over another."""
    return StoreError(Message("there is a store at {name} already", name=name))
