from django.apps import AppConfig


class EditingConfig(AppConfig):
    name = "campaigns.editing"
    label = "editing"
