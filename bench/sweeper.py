"""A worker's bulk sweep until nothing is due: `python -m bench.sweeper`, started by `scratch.race`."""

import django

from bench import scratch


def main() -> None:
    from campaigns.models import StepRun
    from campaigns.tasks import sweep_bulk
    from messaging.models import Message
    from stores import clock

    clock.read()  # connects
    runs = StepRun.objects.filter(state=StepRun.State.PLANNED)
    mails = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.CLAIMED])
    with scratch.started():
        while sweep_bulk() or runs.exists() or mails.exists():
            pass


if __name__ == "__main__":
    django.setup()
    main()
