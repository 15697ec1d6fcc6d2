"""The Celery application and the one table of periodic work.

Celery is the pulse, never the ledger: every task sweeps rows whose state and due time stand in PostgreSQL, so a lost or doubled
message costs nothing. No `eta`, no `countdown`, ever: beyond the visibility timeout they run again and again on Redis.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifecycle.settings")

app = Celery("lifecycle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,  # without it a killed pool child loses its task
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_time_limit=240,
    task_soft_time_limit=200,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=2000,
    worker_eta_task_limit=100,
    worker_soft_shutdown_timeout=30,
    broker_connection_max_retries=None,
    broker_connection_retry_on_startup=True,
    # Kombu looks for lost messages only every 100 s by default; the timeout itself stays far above the longest task.
    broker_transport_options={
        "visibility_timeout": 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        "socket_timeout": 30,
    },
    task_default_queue="pulse",
    # What takes long and may wait has a worker of its own: a mail never stands behind it.
    task_routes={
        "campaigns.tasks.rehearse": {"queue": "learning"},
        "predictions.tasks.*": {"queue": "learning"},
        "engagement.tasks.*": {"queue": "learning"},
        "campaigns.tasks.make_calls": {"queue": "learning"},
        "campaigns.writing.tasks.*": {"queue": "learning"},
        "campaigns.tasks.keep_codes": {"queue": "learning"},
        "orders.tasks.*": {"queue": "learning"},
        "segments.tasks.*": {"queue": "learning"},
        "messaging.tasks.*": {"queue": "learning"},
        "stores.tasks.*": {"queue": "learning"},
        "integrations.tasks.ask_shops": {"queue": "learning"},
    },
    timezone="UTC",
    enable_utc=True,
)
# Intervals only: local-time crontabs skip or double on DST nights. Nothing expires: a worker whose clock is ahead would throw all away.
app.conf.beat_schedule = {
    "pulse": {"task": "campaigns.tasks.pulse", "schedule": 1.0, "kwargs": {"is_routine": True}},
    "calls": {"task": "campaigns.tasks.make_calls", "schedule": 5.0},
    "codes": {"task": "campaigns.tasks.keep_codes", "schedule": 5.0},
    "links": {"task": "campaigns.writing.tasks.follow_links", "schedule": 30.0},
    "imports": {"task": "integrations.tasks.import_files", "schedule": 5.0},
    "shops": {"task": "integrations.tasks.ask_shops", "schedule": 60.0},
    "segments": {"task": "segments.tasks.keep", "schedule": 2.0},
    "rehearsals": {"task": "campaigns.tasks.rehearse", "schedule": 1.0},
    "round": {"task": "campaigns.tasks.look_round", "schedule": 600.0},
    "mail figures": {"task": "messaging.tasks.count_mails", "schedule": 60.0},
    "mail copies": {"task": "messaging.tasks.let_copies_go", "schedule": 3600.0},
    "domains": {"task": "messaging.tasks.look_at_domains", "schedule": 600.0},
    "refit": {"task": "predictions.tasks.refit_stores", "schedule": 60.0},
    "baskets": {"task": "predictions.tasks.count_baskets", "schedule": 5.0},
    "actions": {"task": "engagement.tasks.read_events", "schedule": 5.0},
    "scores": {"task": "engagement.tasks.keep", "schedule": 60.0},
    "knowing": {"task": "orders.tasks.know_customers", "schedule": 60.0},
    "parts": {"task": "stores.tasks.keep_parts", "schedule": 600.0},
}
app.autodiscover_tasks()
