"""One piece of work after the other, by the workers of a Dask cluster, answered in order.

A worker that ends costs the piece that it worked on only the time for another worker to do it again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from toolkit.errors import ClusterUnreachable, UsageError
from toolkit.messages import Message

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")

_PATIENCE = 20
"""Seconds to wait for a scheduler, and for a first worker that it has."""

_WAITING = 2
"""Pieces under way for each worker: one being worked on, one waiting."""


def in_order_on(address: str, items: Iterable[T], *, there: Callable[[T], R], lost: Callable[[T], R]) -> Generator[R]:
    """Yield what becomes of every item, in the order of the items.

    Args:
        address: of the scheduler, such as ``tcp://host:8786``.
        items: taken as they are needed, a few ahead.
        there: does the work on a worker: it, an item and an answer must be picklable.
        lost: the answer for an item with which one worker after the other ended.

    Raises:
        ClusterUnreachable: there is no scheduler, it has no workers, or it went away.
        UsageError: the libraries for clusters are not installed.
    """
    client = _client(address)
    try:
        yield from _by_workers(client, address, iter(items), there, lost)
    finally:
        client.close(timeout=_PATIENCE)  # type: ignore[no-untyped-call]


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(Message("--cluster needs more libraries: pip install truecopy[cluster]")) from error
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterUnreachable(
            Message(
                "there is no scheduler of a cluster at {address}: start it, or leave --cluster out", address=address
            )
        ) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        client.close(timeout=_PATIENCE)  # type: ignore[no-untyped-call]
        raise ClusterUnreachable(
            Message("the cluster at {address} has no workers: start some with dask worker {address}", address=address)
        ) from error
    return client


def _by_workers(
    client: Client, address: str, items: Iterator[T], work: Callable[[T], R], lost: Callable[[T], R]
) -> Iterator[R]:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError

    waiting: deque[tuple[T, Future[R]]] = deque()
    while True:
        room = max(1, len(client.scheduler_info(n_workers=-1)["workers"])) * _WAITING - len(waiting)
        for item in islice(items, max(0, room)):
            waiting.append((item, client.submit(work, item, pure=False)))
        if not waiting:
            return
        item, answer = waiting.popleft()
        try:
            yield answer.result()
        except KilledWorker:
            yield lost(item)
        except (CommClosedError, FutureCancelledError, TimeoutError) as error:
            raise ClusterUnreachable(
                Message("the cluster at {address} went away; run the batch again when it is back", address=address)
            ) from error
