"""The house, enforced: who may know whom, what stays pure, who may enqueue, how long a file may get."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent

#: Floors from the ground up; rooms of one floor never see each other.
FLOORS = [
    {"stores"},
    {"customers"},
    {"catalog"},
    {"orders"},
    {"surveys", "messaging", "integrations", "predictions"},
    {"engagement", "enquiries", "offers"},
    {"segments"},
    {"campaigns"},
    {"lifecycle"},
]
FLOOR = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}

#: Rules: no ORM, no clock, no network, only facts in and verdicts out.
PURE = [
    "stores/money.py", "stores/walltime.py", "customers/rfm.py", "customers/traits.py",
    "orders/progress.py", "orders/incoming.py", "orders/estimates.py", "orders/delivery.py",
    "messaging/permission.py", "messaging/outcomes.py",
    "messaging/clicks.py", "messaging/domains/dns_check.py",
    "messaging/returning/bounces.py",
    "predictions/bgnbd.py", "predictions/gamma_gamma.py", "predictions/minimums.py", "engagement/scoring.py", "engagement/advice.py",
    "engagement/messages.py", "enquiries/hours.py", "enquiries/automatic.py", "enquiries/quoting.py", "enquiries/letters.py",
    "enquiries/files.py",
    "offers/allowance.py", "offers/wording.py", "offers/referral/likeness.py",
    "messaging/roads/rates.py", "segments/rules/tree.py", "segments/rules/catalogue.py", "segments/rules/parsing.py",
    "segments/rules/wording.py", "campaigns/timing.py", "campaigns/decisions.py", "campaigns/filters.py",
    "campaigns/joining.py", "campaigns/rehearsal/parts.py", "campaigns/rehearsal/passages.py", "campaigns/rehearsal/moments.py",
    "campaigns/rehearsal/asking.py", "campaigns/rehearsal/trouble.py",
    "campaigns/rehearsal/story.py", "campaigns/rehearsal/playing.py", "campaigns/rehearsal/tally.py", "campaigns/rehearsal/cost.py",
]  # fmt: skip
IMPURE = (
    "django.db",
    "django.core.cache",
    "celery",
    "socket",
    "urllib.request",
    "stores.clock",
    "stores.models",
    "customers.models",
    "orders.models",
)

DRAWERS = {"core", "common", "utils", "helpers", "services", "constants", "exceptions", "managers"}


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and full module name of every import, also those inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_rooms_import_only_rooms_below_them():
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for room in FLOOR
        for path in sources(room)
        for line, module in imports(path)
        if (other := module.split(".")[0]) in FLOOR and other != room and FLOOR[other] >= FLOOR[room]
    ]
    assert wrong == []


def test_the_engine_of_flows_knows_nothing_of_how_they_are_written():
    engine = [path for path in sources("campaigns") if path.relative_to(ROOT / "campaigns").parts[0] not in ("writing", "one_off")]
    wrong = [f"{path.name}:{line} {module}" for path in engine for line, module in imports(path) if module.startswith("campaigns.writing")]
    assert wrong == []


def test_console_public_and_api_do_not_know_each_other_and_have_no_models():
    for part in ("console", "public", "api"):
        others = [f"lifecycle.{other}" for other in ("console", "public", "api") if other != part]
        seen = [f"{path.name}:{line} {module}" for path in sources(f"lifecycle/{part}") for line, module in imports(path)]
        assert [line for line in seen if any(other in line for other in others)] == []
        assert not (ROOT / "lifecycle" / part / "models.py").exists()


def test_foreign_keys_point_down_and_none_points_at_event():
    wrong = []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            other = field.related_model
            if field.concrete and isinstance(other, type) and issubclass(other, Model):
                here, there = model._meta.app_label, other._meta.app_label
                if here in FLOOR and there in FLOOR and FLOOR[there] > FLOOR[here]:
                    wrong.append(f"{model.__name__}.{field.name} points up at {other.__name__}")
                if other.__name__ == "Event":
                    wrong.append(f"{model.__name__}.{field.name} points at Event")
    assert wrong == []


@pytest.mark.parametrize("name", PURE)
def test_rule_modules_know_no_database_clock_or_network(name):
    assert [f"line {line}: {module}" for line, module in imports(ROOT / name) if module.startswith(IMPURE)] == []


def test_only_tasks_enqueue_and_nothing_waits_in_the_broker():
    words = (".delay(", ".apply_async(", "send_task(")
    wrong = [
        f"{path.relative_to(ROOT)}: {word}"
        for room in FLOOR
        for path in sources(room)
        if path.name != "tasks.py"
        for word in words
        if word in path.read_text()
    ]
    assert wrong == []
    forbidden = ("eta=", "countdown=", "crontab(")
    assert [f"{path.name}: {word}" for room in FLOOR for path in sources(room) for word in forbidden if word in path.read_text()] == []


def test_only_the_clock_reads_time():
    words = ("timezone.now(", "datetime.now(", "datetime.utcnow(", "date.today(", "time.time(", "Now()")
    wrong = [
        f"{path.relative_to(ROOT)}: {word}"
        for room in FLOOR
        for path in sources(room)
        if "localstack" not in path.parts
        for word in words
        if word in path.read_text()
    ]
    assert wrong == []


def test_no_file_is_over_400_lines_and_none_is_a_drawer():
    files = [*sources(*FLOOR), *sources("tests"), *((ROOT / "templates").rglob("*.html"))]
    assert [f"{path.relative_to(ROOT)} has {count}" for path in files if (count := len(path.read_text().splitlines())) > 400] == []
    assert [str(path.relative_to(ROOT)) for path in files if path.stem in DRAWERS] == []


def test_django_admin_is_not_installed():
    assert not apps.is_installed("django.contrib.admin")


def test_celery_is_set_to_lose_and_double_nothing():
    from lifecycle.celery import app

    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.task_ignore_result) == (True, True, True)
    assert (conf.worker_prefetch_multiplier, conf.broker_connection_max_retries, conf.accept_content) == (1, None, ["json"])
    assert conf.task_time_limit <= 300
    assert conf.broker_transport_options["visibility_timeout"] >= 2 * conf.task_time_limit
    assert all(isinstance(entry["schedule"], float) for entry in conf.beat_schedule.values())
