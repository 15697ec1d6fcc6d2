from django.apps import AppConfig


class WritingConfig(AppConfig):
    name = "campaigns.writing"
    label = "writing"
