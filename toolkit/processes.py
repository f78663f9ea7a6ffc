"""One piece of work after the other, by as many processes as there are cores, answered in order.

A process that dies (a library's fault, too little memory) costs the piece that it worked on, and none of the others.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_FEW = 3
"""Pieces that are done here: starting processes takes as long as judging two pages."""

_IDLE = 30
"""Seconds after which a process without work ends: it is not told when this one is killed."""

_WAITING = 2
"""Pieces under way for each process: one being worked on, one waiting. A page of 300 dpi has 26 MB."""


def in_order(
    items: Iterable[T], *, here: Callable[[T], R], there: Callable[[T], R], lost: Callable[[T], R]
) -> Generator[R]:
    """Yield what becomes of every item, in the order of the items.

    Args:
        items: taken as they are needed, a few ahead.
        here: does the work in this process; used for a few items.
        there: does the same in another process: it, an item and an answer must be picklable.
        lost: the answer for an item whose process died twice.
    """
    stream = iter(items)
    first = list(islice(stream, _FEW + 1))
    if len(first) <= _FEW or _cores() == 1:
        for item in chain(first, stream):
            yield here(item)
        return
    yield from _by_processes(chain(first, stream), there, lost)


def _cores() -> int:
    import loky

    return int(loky.cpu_count())


def _by_processes(items: Iterator[T], work: Callable[[T], R], lost: Callable[[T], R]) -> Iterator[R]:
    cores = _cores()
    pool = _pool(cores)
    waiting: deque[tuple[T, Future[R]]] = deque()
    try:
        while True:
            for item in islice(items, cores * _WAITING - len(waiting)):
                waiting.append((item, _submitted(pool, work, item)))
            if not waiting:
                return
            item, answer = waiting.popleft()
            try:
                yield answer.result()
            except BrokenProcessPool:
                # One of those under way did it, and nothing tells which: this one is tried by itself.
                pool.shutdown(wait=True, kill_workers=True)
                yield _alone(item, work, lost)
                pool = _pool(cores)
                waiting = deque((each, _submitted(pool, work, each)) for each, _ in waiting)
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def _submitted(pool, work: Callable[[T], R], item: T) -> Future[R]:  # type: ignore[no-untyped-def]
    """Return the answer to come; where a process died already, that is the answer, in its turn."""
    try:
        answer: Future[R] = pool.submit(work, item)
    except BrokenProcessPool as broken:
        answer = Future()
        answer.set_exception(broken)
    return answer


def _alone(item: T, work: Callable[[T], R], lost: Callable[[T], R]) -> R:
    pool = _pool(1)
    try:
        answer: R = pool.submit(work, item).result()
        return answer
    except BrokenProcessPool:
        return lost(item)
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def _pool(size: int):  # type: ignore[no-untyped-def]  # loky has no types
    # loky starts its processes without running the caller's script again, so that a script needs no main guard.
    from loky.process_executor import ProcessPoolExecutor

    # Each has a core to itself: libraries that start threads of their own would fight over it.
    return ProcessPoolExecutor(
        max_workers=size,
        timeout=_IDLE,
        initializer=_begin,
        env={"OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"},
    )


def _begin() -> None:
    """Begin a process: it has one thread, and Ctrl-C is for the process that the user sees, which ends this one."""
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
