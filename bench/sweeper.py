"""A worker's bulk sweep until nothing is due: `python -m bench.sweeper`, started by `scratch.race`."""

import django

from bench import scratch


def main() -> None:
    from campaigns.models import StepRun
    from campaigns.tasks import sweep_bulk
    from messaging.models import Message
    from stores import clock

    clock.read()  # connects
    scratch.ready()
    while (
        sweep_bulk() or StepRun.objects.filter(state="planned").exists() or Message.objects.filter(state__in=["queued", "claimed"]).exists()
    ):
        pass


if __name__ == "__main__":
    django.setup()
    main()
