from django.apps import AppConfig


class OneOffConfig(AppConfig):
    name = "campaigns.one_off"
    label = "one_off"
