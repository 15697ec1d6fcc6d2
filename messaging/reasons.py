"""Why a mail is not sent, or not yet: the one list of reasons, worded for people.

Steps (campaigns) and messages share it; pages print the label, machines read the value.
"""

from django.db import models


class Reason(models.TextChoices):
    NO_CONSENT = "no_consent", "Has not agreed to this kind of mail"
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
    SUPPRESSED = "suppressed", "This address takes no mail"
    ERASED = "erased", "Customer was erased"
    CANCELLED = "cancelled", "Order was cancelled"
    REFUNDED = "refunded", "Order was refunded"
    RETURNED = "returned", "Everything was returned"
    TOO_LATE = "too_late", "Too late to be of use"
    NO_TIPS = "no_tips", "The products have no tips yet"
    NO_PAIRING = "no_pairing", "Nothing is known to go well with it"
    NO_CODE = "no_code", "No discount code was left"
    NO_ADDRESS = "no_address", "No e-mail address"
    NO_IMPRINT = "no_imprint", "The shop’s postal address is missing"
    BOUGHT_SINCE = "bought_since", "Bought again in the meantime"
    LOW_SCORE = "low_score", "Was not happy"
    ANSWERED = "answered", "Has already answered"
    OPEN_TASK = "open_task", "Waits until an open task is closed"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Sending is stopped"
    CAP = "cap", "Would be too many mails"
    QUIET_HOURS = "quiet_hours", "Quiet hours"
    HOLDOUT = "holdout", "In the comparison group"
    SHOP_SENDS_IT = "shop_sends_it", "The shop sends this mail itself"
    MERGED = "merged", "Joined with another order's mails"
    ARRIVED = "arrived", "The first one had arrived after all"
    NOT_NEEDED = "not_needed", "Was not needed"
    NOT_SURE = "not_sure", "Nobody has said that it arrived"
    TROUBLE = "trouble", "Waits until a late, failed or refunded order is put right"
    NOT_AMONG = "not_among", "Is not among those it is for"
    INSTEAD = "instead", "Another mail goes in its place"
    LEFT_AUDIENCE = "left_audience", "Is no longer among those it is for"
    STAFF = "staff", "Skipped by hand"
    RENDER = "render", "The mail could not be drawn"
    RESTORED = "restored", "May have gone before a backup was put back"
    WATCH_ONLY = "watch_only", "Watched only: this mail would have gone"
