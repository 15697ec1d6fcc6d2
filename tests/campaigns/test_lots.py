"""Lots: sticky, even, and independent of each other."""

from campaigns import lots

PEOPLE = range(1, 20_001)


def test_who_is_held_out_stays_so_when_more_are():
    five = {who for who in PEOPLE if lots.is_held_out(7, who, percent=5)}
    ten = {who for who in PEOPLE if lots.is_held_out(7, who, percent=10)}
    assert five < ten
    assert abs(len(five) - 1_000) < 120 and abs(len(ten) - 2_000) < 170  # four standard deviations
    assert lots.is_held_out(7, 1, percent=0) is None
    assert all(lots.is_held_out(7, who, percent=100) for who in PEOPLE[:50])


def test_the_lots_of_two_flows_have_nothing_to_do_with_each_other():
    one, two = ({who for who in PEOPLE if lots.is_held_out(flow, who, percent=20)} for flow in (7, 8))
    assert abs(len(one & two) - 800) < 120


def test_wordings_are_shared_out_as_the_step_says():
    wordings = [{"key": "b", "share": 30, "content": {}}, {"key": "c", "share": 20, "content": {}}]
    got = [lots.variant(7, "thanks", wordings, who) for who in PEOPLE]
    assert got == [lots.variant(7, "thanks", wordings, who) for who in PEOPLE]
    assert [abs(got.count(key) - number) < 300 for key, number in (("b", 6_000), ("c", 4_000), ("", 10_000))] == [True] * 3
