"""The lanes: who runs when, who waits, who is stopped and who is turned away, and nothing leaks."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.front.crew import LaneLimits
from server.front.jobs import Job, Lane, Outcome
from server.front.lanes import FAST_SECONDS
from server.refusal import Refusal
from tests.server.crew import Worker, bench

OUTRUN = FAST_SECONDS + 0.01
LOST = Refusal("worker-lost")


def test_a_query_that_outruns_the_fast_lane_goes_on_in_the_slow_one() -> None:
    here = bench()
    job = here.submit()
    hand = here.hand_of(job)
    here.wait(OUTRUN)
    assert here.lanes.running[hand] is job and job.lane is Lane.SLOW
    assert hand.slowed and not hand.dismissed
    assert here.crew.hired == 1, "another takes its place in the fast lane"
    here.answer(job)
    assert hand.dismissed == "retired"
    assert here.outcomes[job][0].refusal is None


def test_a_query_that_only_waits_for_a_processor_is_not_yet_long() -> None:
    here = bench()
    job = here.submit()
    here.hand_of(job).idles = True
    here.wait(OUTRUN)
    assert job.lane is Lane.FAST
    here.wait(10 * OUTRUN)
    assert job.lane is Lane.SLOW, "but not for ever"


def test_where_the_slow_lane_runs_full_a_long_query_waits_and_begins_again() -> None:
    here = bench()
    first, second = here.submit("a"), here.submit("b")
    stopped = here.hand_of(second)
    here.wait(OUTRUN)
    assert stopped.dismissed == "lane-full" and not here.outcomes[second]
    assert list(here.lanes.slow_queue) == [second]
    here.staff()
    assert second not in here.lanes.running.values(), "idle workers are kept for short ones"
    here.answer(first)
    here.staff()
    assert here.lanes.running[here.hand_of(second)] is second
    assert here.hand_of(second).slowed
    here.answer(second)
    assert here.outcomes[second][0].refusal is None


def test_where_the_slow_lane_is_full_a_long_query_is_refused_with_when_to_return() -> None:
    here = bench(fast=1)
    for number in range(1 + here.lanes.limits.slow_waiting):
        job = here.submit(f"client {number}")
        here.wait(OUTRUN)
        here.staff()
        assert not here.outcomes[job]
    one_too_many = here.submit("another", key="heavy")
    here.wait(OUTRUN)
    assert here.refused(one_too_many) == "slow-lane-full"
    refusal = here.outcomes[one_too_many][0].refusal
    assert refusal is not None and int(refusal.headers["Retry-After"]) > 0
    assert refusal.members["limit"] == here.lanes.limits.slow_waiting
    with pytest.raises(Refusal, match="slow-lane-full"):
        here.submit("somebody else", key="heavy")


def test_short_queries_run_while_the_slow_lane_is_full() -> None:
    here = bench(fast=1)
    for number in range(1 + here.lanes.limits.slow_waiting):
        here.submit(f"client {number}")
        here.wait(OUTRUN)
        here.staff()
    for number in range(20):
        job = here.submit(f"reader {number}")
        assert here.lanes.running[here.hand_of(job)] is job
        here.answer(job)


def test_a_query_known_to_be_long_begins_in_the_slow_lane_for_a_while() -> None:
    here = bench()
    here.submit("a", key="heavy")
    here.wait(OUTRUN)
    here.staff()
    waiting = here.submit("b", key="heavy")
    assert waiting.lane is Lane.SLOW and waiting in here.lanes.slow_queue
    here.lanes.cancel(waiting, here.crew.now)
    here.crew.now += 61
    assert here.submit("b", key="heavy").lane is Lane.FAST


def test_a_client_of_many_long_queries_begins_in_the_slow_lane_until_that_has_faded() -> None:
    here = bench()
    job = here.submit("a")
    here.wait(OUTRUN)
    here.staff()
    here.crew.now += 5
    here.answer(job)
    here.staff()
    assert here.submit("b").lane is Lane.FAST
    own = here.submit("a")
    assert own.lane is Lane.SLOW
    here.lanes.cancel(own, here.crew.now)
    here.crew.now += 60
    assert here.submit("a").lane is Lane.FAST


def test_one_client_has_no_more_long_queries_than_the_slow_lane_has_places() -> None:
    here = bench(fast=2, slow=1)
    here.submit("a")
    second = here.submit("a")
    here.wait(OUTRUN)
    assert here.refused(second) == "one-long-query"
    with pytest.raises(Refusal, match="one-long-query"):
        here.submit("a", key=second.key.decode())


def test_a_client_has_so_many_queries_at_a_time() -> None:
    here = bench(per_client=2)
    first, _ = here.submit("a"), here.submit("a")
    with pytest.raises(Refusal, match="too-many-queries") as caught:
        here.submit("a")
    assert caught.value.members["limit"] == 2
    assert caught.value.headers["Retry-After"] == "1"
    here.submit("b")
    here.answer(first)
    here.submit("a")


def test_all_have_so_many_queries_at_a_time() -> None:
    here = bench(queries=3)
    for client in "abc":
        here.submit(client)
    with pytest.raises(Refusal, match="server-busy") as caught:
        here.submit("d")
    assert caught.value.members == {"limit": 3, "retry_after": 2}


def test_a_query_is_stopped_at_its_own_limit() -> None:
    here = bench()
    job = here.submit(limit=3.0)
    hand = here.hand_of(job)
    here.wait(OUTRUN)
    here.wait(2.9)
    assert here.refused(job) == "time-limit" and hand.dismissed == "time-limit"
    assert here.outcomes[job][0].refusal.members["seconds"] == "3"  # type: ignore[union-attr]


def test_who_waits_too_long_is_told() -> None:
    here = bench(fast=1)
    here.submit("a", limit=100.0)
    waiting = here.submit("b", limit=2.0)
    here.lanes.limits = LaneLimits(0, 1, 64, 64)
    here.wait(2.0)
    assert here.refused(waiting) == "server-busy"


def test_a_cancelled_query_is_stopped_wherever_it_is_and_never_answered() -> None:
    here = bench(fast=1)
    running, waiting = here.submit("a"), here.submit("b")
    hand = here.hand_of(running)
    here.lanes.cancel(waiting, here.crew.now)
    here.lanes.cancel(running, here.crew.now)
    assert hand.dismissed == "client-gone"
    assert here.lanes.size == 0 and here.crew.hired == 1
    assert here.outcomes[running] == here.outcomes[waiting] == []


def test_a_dead_worker_costs_its_own_query_only() -> None:
    here = bench(fast=1)
    running, waiting = here.submit("a"), here.submit("b")
    here.lanes.lose(here.hand_of(running), LOST, here.crew.now)
    assert here.refused(running) == "worker-lost"
    here.staff()
    here.answer(waiting)
    assert here.outcomes[waiting][0].refusal is None


def test_those_known_for_short_queries_do_not_wait_for_a_crowd_of_newcomers() -> None:
    here = bench(fast=2)
    for _ in range(3):
        here.answer(here.submit("reader"))
    crowd = [here.submit(f"newcomer {number}") for number in range(20)]
    assert sum(job in here.lanes.running.values() for job in crowd) == 2
    known = [here.submit("reader") for _ in range(2)]
    assert all(job in here.lanes.running.values() for job in known)
    third = here.submit("reader")
    here.answer(known[0])
    assert third in here.lanes.running.values()


def test_a_query_that_was_short_is_known_whoever_sends_it_until_it_is_long() -> None:
    here = bench(fast=1)
    here.answer(here.submit("a", key="same"))
    assert here.submit("b", key="same").known
    here.wait(OUTRUN)
    assert not here.lanes.standing.is_trusted(b"same", "c")


class LanesMachine(RuleBasedStateMachine):
    """Anything may happen at any time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.here = bench(fast=2, slow=1, queries=9, per_client=4)
        self.live: list[Job] = []
        self.cancelled: set[Job] = set()

    def settle(self) -> None:
        """Forget the jobs that are finished; none was finished twice, or after it was cancelled."""
        for job in self.live:
            assert len(self.here.outcomes[job]) <= 1
        self.live = [job for job in self.live if not self.here.outcomes[job]]

    @rule(client=st.sampled_from("abc"), key=st.sampled_from(["", "x", "y"]))
    def submit(self, client: str, key: str) -> None:
        job = self.here.job(client, key, limit=2.0)
        mine = sum(other.client == client for other in self.live)
        try:
            self.here.lanes.submit(job, self.here.crew.now)
        except Refusal as refusal:
            full = {"too-many-queries": mine >= 4, "server-busy": len(self.live) >= 9}
            assert full.get(refusal.kind, True), refusal.kind
            assert self.here.outcomes[job] == [], "either raised or finished"
            return
        assert mine < 4 and len(self.live) < 9
        self.live.append(job)

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.3, 1.0, 5.0, 30.0]))
    def wait(self, seconds: float) -> None:
        self.here.wait(seconds)
        self.settle()
        for hand, job in self.here.lanes.running.items():
            assert self.here.crew.now - job.started < job.limit
            assert job.lane is Lane.SLOW or self.here.crew.spent(hand) < FAST_SECONDS

    @precondition(lambda self: self.here.crew.hired)
    @rule(idles=st.booleans())
    def arrive(self, idles: bool) -> None:
        self.here.crew.hired -= 1
        self.here.lanes.welcome(Worker(idles=idles), self.here.crew.now)

    @precondition(lambda self: self.here.lanes.running)
    @rule(data=st.data(), tired=st.booleans())
    def answer(self, data: st.DataObject, tired: bool) -> None:
        hand, job = data.draw(st.sampled_from(list(self.here.lanes.running.items())))
        self.here.lanes.release(hand, Outcome(), self.here.crew.now, tired=tired)
        assert len(self.here.outcomes[job]) == 1
        self.settle()

    @precondition(lambda self: self.here.lanes.running or self.here.lanes.idle)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        hands = [*self.here.lanes.running, *self.here.lanes.idle]
        hand = data.draw(st.sampled_from(hands))
        self.here.lanes.lose(hand, LOST, self.here.crew.now)
        hand.dismissed = "dead"
        self.settle()

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.live))
        self.here.lanes.cancel(job, self.here.crew.now)
        self.live.remove(job)
        self.cancelled.add(job)

    @rule()
    def reload(self) -> None:
        for job in self.here.lanes.take_waiting():
            self.here.lanes.resubmit(job, self.here.crew.now)

    @invariant()
    def every_job_is_somewhere_once(self) -> None:
        lanes = self.here.lanes
        queued = [*lanes.known_queue, *lanes.new_queue, *lanes.slow_queue]
        places = [*lanes.running.values(), *queued]
        assert Counter(places) == Counter(self.live)
        assert lanes.size == len(self.live)
        assert all(hand.job is job for hand, job in lanes.running.items())
        assert not any(self.here.outcomes[job] for job in self.cancelled)

    @invariant()
    def counts_are_right(self) -> None:
        lanes = self.here.lanes
        assert lanes._in_flight == Counter(job.client for job in self.live)
        slow = [job for job in self.live if job.lane is Lane.SLOW]
        assert lanes._slow_clients == Counter(job.client for job in slow)
        assert lanes.slow_running == sum(job in slow for job in lanes.running.values())

    @invariant()
    def limits_hold(self) -> None:
        lanes = self.here.lanes
        assert lanes.slow_running <= lanes.limits.slow
        assert len(lanes.slow_queue) <= lanes.limits.slow_waiting
        assert len(self.live) <= 9
        working = len(lanes.running) - lanes.slow_running
        assert len(lanes.idle) + working + lanes.hired == 2 * lanes.limits.fast
        fast = [job for job in lanes.running.values() if job.lane is Lane.FAST]
        assert max(Counter(job.known for job in fast).values(), default=0) <= lanes.limits.fast
        assert lanes.hired == self.here.crew.hired

    @invariant()
    def nobody_waits_for_a_worker_that_is_idle(self) -> None:
        lanes = self.here.lanes
        fast = Counter(job.known for job in lanes.running.values() if job.lane is Lane.FAST)
        for known, queue in ((True, lanes.known_queue), (False, lanes.new_queue)):
            assert not (lanes.idle and queue and fast[known] < lanes.limits.fast)
        assert not (lanes.idle and lanes.slow_queue and lanes.slow_running < lanes.limits.slow)
        hands = [*lanes.idle, *lanes.running]
        assert len(set(hands)) == len(hands)
        assert not any(hand.dismissed for hand in hands)
        assert not any(hand.slowed for hand in lanes.idle)

    def teardown(self) -> None:
        """Once all is answered, nothing is left of it."""
        while self.here.lanes.size:
            self.here.staff()
            for hand in list(self.here.lanes.running):
                self.here.lanes.release(hand, Outcome(), self.here.crew.now)
        self.settle()
        assert not self.live
        assert not self.here.lanes._in_flight and not self.here.lanes._slow_clients


TestLanes = LanesMachine.TestCase
TestLanes.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
