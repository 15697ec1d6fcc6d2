"""Plays a script for everybody, some people at a time: what is in memory is one lot of people, and the counts."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from campaigns.rehearsal import cost, past, playing, tally
from campaigns.rehearsal.playing import Outcome
from campaigns.rehearsal.script import Script
from campaigns.rehearsal.tally import Tally

LOT = 1000


def lots_of_people(everybody: "array[int]", *, after: int = 0) -> Iterator[Sequence[int]]:
    """Yield people (`past.people`) in lots, from those with a number beyond `after` on."""
    for start in range(bisect_right(everybody, after), len(everybody), LOT):
        yield everybody[start : start + LOT]


def share(everybody: "array[int]", number: int, *, of: int) -> "array[int]":
    """Return one of several equal shares of people, the same ones whoever joins them."""
    return array("q", [person for person in everybody if person % of == number])


def played(script: Script, ids: Sequence[int]) -> Iterator[list[Outcome]]:
    """Yield what becomes of each of these people's steps."""
    for passages in past.load(script, list(ids)):
        yield playing.play(passages, script.house)


def count(script: Script, ids: Sequence[int], into: Tally) -> None:
    """Play these people and count them."""
    zone, play = ZoneInfo(script.store.timezone), script.scenes[0].play
    for outcomes in played(script, ids):
        into.add(outcomes, play=play, zone=zone)


def result(script: Script, counted: Tally) -> dict[str, Any]:
    """Return what came of it as plain values, once codes that do not suffice are taken back."""
    play = script.scenes[0].play
    tally.give_out(counted, play, script.codes_left)
    return tally.result(counted, play, _costs(script, counted))


def _costs(script: Script, counted: Tally) -> dict[str, int | None]:
    decimals = get_currency_precision(script.store.currency)
    return {
        part.key: cost.if_all_are_used(
            script.offers[part.offer].value,
            mails=counted.sent[part.key].total(), worth_minor=counted.worth[part.key], decimals=decimals,
        )
        for part in script.scenes[0].play.parts
        if part.offer is not None
    }  # fmt: skip
