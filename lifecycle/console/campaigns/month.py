"""The calendar: a month of what went out and what will."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render

from campaigns.one_off import calendar, counting
from stores import clock
from stores.access import StoreRequest, page


@page()
def show(request: StoreRequest) -> HttpResponse:
    """Show the month that ?month=2026-11 names, else this one."""
    now = clock.read()
    today = now.astimezone(ZoneInfo(request.store.timezone)).date()
    first = _read(request.GET.get("month", ""), today)
    context = {
        "section": "campaigns", "now": now, "first": first, "today": today, "weeks": calendar.month(request.store, first, now=now),
        "before": (first - timedelta(days=1)).replace(day=1), "after": (first + timedelta(days=32)).replace(day=1), "many": counting.MANY,
    }  # fmt: skip
    return render(request, "console/campaigns/calendar.html", context)


def _read(text: str, today: date) -> date:
    """Return the first day of a month as "2026-11" names it, of today's where it names none."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        month = today.replace(day=1)
    return month if 2000 < month.year < 2200 else today.replace(day=1)
