from __future__ import annotations

import re
import uuid

from benchmarks.history import with_random_ids
from simulator.deliveries import simulate
from simulator.settings import Settings

_OURS = re.compile(rb'"(?:[oex]-[0-9a-f]{8}-\d{9}|c\d{5})"')


def test_every_id_becomes_a_uuid_and_the_same_id_the_same_one() -> None:
    bodies = [each.body for each in simulate(Settings(events=500))]
    ids = {found for body in bodies for found in _OURS.findall(body)}
    changed = [with_random_ids(body) for body in bodies]
    assert ids
    assert not any(_OURS.search(body) for body in changed)
    given = {with_random_ids(each) for each in ids}
    assert len(given) == len(ids)
    assert {uuid.UUID(each.decode().strip('"')).version for each in given} == {4}
    assert with_random_ids(bodies[0]) == changed[0]
