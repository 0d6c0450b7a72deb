"""Frames between the front and its workers: the same, however the stream is cut."""

from __future__ import annotations

import socket
import struct
import threading
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.frames import ANSWER, PIECE, QUERY, REFUSAL, FrameReader, Head, pack, receive, send

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEADS = st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.lists(TEXT)), max_size=3)
FRAMES = st.lists(
    st.tuples(st.sampled_from([QUERY, PIECE, ANSWER, REFUSAL]), HEADS, st.binary(max_size=200)),
    max_size=6,
)


@given(FRAMES, st.data())
@settings(deadline=None)
def test_any_cutting_of_the_stream_gives_the_same_frames(
    frames: list[tuple[bytes, Head, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(pack(*frame) for frame in frames)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    edges = [0, *sorted(cuts), len(stream)]
    reader, found = FrameReader(), []
    for start, end in pairwise(edges):
        found += list(reader.feed(stream[start:end]))
    assert found == frames


@given(FRAMES)
@settings(deadline=None)
def test_a_frame_comes_as_soon_as_its_last_byte(frames: list[tuple[bytes, Head, bytes]]) -> None:
    reader = FrameReader()
    for frame in frames:
        *before, last = (bytes([byte]) for byte in pack(*frame))
        assert not [found for byte in before for found in reader.feed(byte)]
        assert list(reader.feed(last)) == [frame]


@given(FRAMES)
@settings(deadline=None)
def test_what_is_sent_is_received(frames: list[tuple[bytes, Head, bytes]]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for frame in frames:
            # One at a time: the next is only sent once this one is answered.
            send(ours, *frame)
            assert receive(theirs) == frame
        ours.shutdown(socket.SHUT_WR)
        assert receive(theirs) is None


def test_a_frame_larger_than_any_buffer_is_received_whole() -> None:
    ours, theirs = socket.socketpair()
    body = bytes(range(256)) * 40_000
    with ours, theirs:
        sending = threading.Thread(target=send, args=(ours, ANSWER, {"kind": "graph"}, body))
        sending.start()
        assert receive(theirs) == (ANSWER, {"kind": "graph"}, body)
        sending.join()


@pytest.mark.parametrize("cut", [1, 8, 9, 15, 30])
def test_a_sender_that_dies_midway_has_sent_nothing(cut: int) -> None:
    ours, theirs = socket.socketpair()
    frame = pack(ANSWER, {"kind": "boolean"}, b"x" * 100)
    with theirs:
        with ours:
            ours.sendall(frame[:cut])
        assert receive(theirs) is None
    assert list(FrameReader().feed(frame[:cut])) == []


def test_a_frame_that_holds_nothing_takes_nine_bytes() -> None:
    frame = pack(PIECE, {})
    assert frame == struct.pack(">cII", PIECE, 0, 0)
    assert list(FrameReader().feed(frame)) == [(PIECE, {}, b"")]
