"""What a shop is asked for, what it may answer, and what every adapter can do. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Till:
    """Where a shop is asked, and with what key; its zone is the store's."""

    shop: str
    key: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Wanted:
    """One code, for one use by one person, beside no other code. `mark` is how it is known again; amounts are decimal strings."""

    code: str
    mark: str
    gives: str
    amount: str
    percent: int
    minimum: str
    products: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime

    def is_known_by(self, mark: object) -> bool:
        """Say whether what the shop has under these words is this one, by the number its mark ends with: names of offers change."""
        return isinstance(mark, str) and "#" in mark and mark.rpartition("#")[2] == self.mark.rpartition("#")[2]


@dataclass(frozen=True)
class Made:
    """The shop has the code: its own id of it, and the end it keeps."""

    id: str
    ends_at: datetime | None


@dataclass(frozen=True)
class Absent:
    """The shop has no such code."""


@dataclass(frozen=True)
class Taken:
    """The shop has these words already, for something else."""


@dataclass(frozen=True)
class Refused:
    """The shop will not make it as it is, and asking again is of no use."""

    words: str


@dataclass(frozen=True)
class Later:
    """The shop has surely not made it, and may be asked again. `is_shop`: no code of this shop can be made until somebody acts."""

    words: str
    seconds: float = 0
    is_shop: bool = False


@dataclass(frozen=True)
class Unknown:
    """No answer came, or none that can be read: the shop may have made it."""

    words: str


Answer = Made | Taken | Refused | Later | Unknown
Found = Made | Absent | Taken | Later | Unknown


class Adapter(Protocol):
    """What asks one kind of shop."""

    def make(self, till: Till, wanted: Wanted) -> Answer: ...

    def find(self, till: Till, wanted: Wanted) -> Found: ...
