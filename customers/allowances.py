"""What the permission ledger speaks of: the two purposes that need one, the topics within them, and how many mails."""

from django.db import models


class Topic(models.TextChoices):
    MARKETING = "marketing", "Offers and news"
    SERVICE = "service", "Help with what was bought"
    TIPS = "tips", "Help mails"
    QUESTIONS = "questions", "Questions and reviews"
    OFFERS = "offers", "Offers"
    NEWS = "news", "News"
    FEWER = "fewer", "More than few mails"
    PAUSE = "pause", "Mails without a pause"
