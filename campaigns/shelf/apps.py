from django.apps import AppConfig


class ShelfConfig(AppConfig):
    name = "campaigns.shelf"
    label = "shelf"
