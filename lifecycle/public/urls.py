"""The customers' addresses: one letter and a token. They are included under the namespace `public`."""

from django.urls import path

from lifecycle.public import brand, check_in, clicks, letter, logo, preferences, tracker, unsubscribe

urlpatterns = [
    path("t/brand/<str:color>.css", brand.stylesheet, name="brand"),
    path("l/<slug:digest>.png", logo.picture, name="logo"),
    path("t/<str:token>/", tracker.page, name="tracker"),
    path("q/<str:token>/", check_in.page, name="check-in"),
    path("c/<str:token>/", clicks.follow, name="click"),
    path("u/<str:token>/", unsubscribe.page, name="unsubscribe"),
    path("m/<str:token>/", letter.page, name="letter"),
    path("i/<str:token>/", letter.calendar, name="calendar"),
    path("p/<str:token>/", preferences.page, name="preferences"),
]
