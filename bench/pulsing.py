"""A worker that pulses over and over, as beat and nudges would have it: `python -m bench.pulsing`, until it is killed."""

from time import sleep

import django

if __name__ == "__main__":
    django.setup()
    from campaigns.tasks import pulse

    while True:
        pulse()
        sleep(0.1)
