"""Kept answers: bounded in bytes, the least recently asked for given up first."""

from __future__ import annotations

import io
import sys

from hypothesis import given
from hypothesis import strategies as st

from server.front.cache import Cache, Kept
from server.front.replies import Reply

LIMIT = 64 * 1024


def kept(size: int, file: bool = False) -> Kept:
    reply = Reply(200, (), b"" if file else b"x" * size, io.BytesIO(b"x" * size) if file else None)
    return Kept(reply, '"tag"')


def test_what_is_kept_is_found_again_and_nothing_else() -> None:
    cache, answer = Cache(LIMIT), kept(10)
    cache.put(("a", "b"), answer)
    assert cache.get(("a", "b")) is answer
    assert cache.get(("a", "c")) is None and cache.get(("ab",)) is None


def test_what_was_not_asked_for_longest_is_given_up_first() -> None:
    cache, names = Cache(LIMIT), "abcdefghi"
    for name in names[:8]:
        cache.put((name,), kept(6000))
    assert len(cache) == 8
    assert cache.get(("a",)) is not None
    for name in ("one", "more"):
        cache.put((name,), kept(6000))
    assert [name for name in names[:8] if cache.get((name,)) is None] == ["b"]


def test_what_takes_too_much_of_the_whole_is_not_kept() -> None:
    cache = Cache(LIMIT)
    cache.put(("small",), kept(LIMIT // 8 - 2048))
    cache.put(("large",), kept(LIMIT // 8))
    assert cache.get(("small",)) is not None and cache.get(("large",)) is None


def test_an_answer_in_a_file_is_not_kept() -> None:
    cache = Cache(LIMIT)
    cache.put(("file",), kept(10, file=True))
    assert cache.get(("file",)) is None and cache.size == 0


def test_a_cache_of_nothing_keeps_nothing() -> None:
    cache = Cache(0)
    cache.put(("a",), kept(0))
    assert len(cache) == 0 and cache.get(("a",)) is None


def test_an_answer_put_twice_counts_once() -> None:
    cache = Cache(LIMIT)
    cache.put(("a",), kept(5000))
    size = cache.size
    cache.put(("a",), kept(5000))
    assert (cache.size, len(cache)) == (size, 1)


def test_long_questions_count_in_bytes() -> None:
    cache = Cache(8 * LIMIT)
    question = "😀" * 10_000
    cache.put((question,), kept(0))
    assert cache.size >= sys.getsizeof(question) >= len(question.encode())


def test_nothing_is_left_of_what_is_forgotten() -> None:
    cache = Cache(LIMIT)
    cache.put(("a",), kept(5000))
    cache.clear()
    assert (cache.size, len(cache), cache.get(("a",))) == (0, 0, None)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9000)), max_size=60))
def test_the_limit_holds_whatever_is_kept(puts: list[tuple[int, int]]) -> None:
    cache, model = Cache(LIMIT), dict[str, int]()
    for number, size in puts:
        key = f"key {number}"
        cache.put((key,), kept(size))
        found = cache.get((key,))
        if found is not None:
            model[key] = len(found.reply.body)
        assert cache.size <= LIMIT
        held = [key for key in model if (key,) in cache._kept]
        assert cache.size >= sum(model[key] for key in held)
        assert len(cache) == len(held)
    for number in range(31):
        if (found := cache.get((f"key {number}",))) is not None:
            assert len(found.reply.body) == model[f"key {number}"]
