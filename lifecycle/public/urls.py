"""The customers' addresses: one letter and a token, and the form that finds a tracker. They stand under the namespace `public`."""

from django.urls import path

from lifecycle.public import (
    asking,
    brand,
    check_in,
    clicks,
    later,
    letter,
    logo,
    lookup,
    my_orders,
    preferences,
    review,
    saying,
    sign_up,
    thanks,
    tracker,
    unsubscribe,
)

urlpatterns = [
    path("t/brand/<str:color>.css", brand.stylesheet, name="brand"),
    path("l/<slug:digest>.png", logo.picture, name="logo"),
    path("t/<str:token>/", tracker.page, name="tracker"),
    path("t/<str:token>/said/", saying.say, name="tracker-said"),
    path("t/<str:token>/wish/", saying.wish, name="tracker-wish"),
    path("t/<str:token>/delivery.ics", saying.calendar, name="tracker-calendar"),
    path("t/<str:token>/ask/", asking.from_tracker, name="ask-about-order"),
    path("t/<str:token>/orders/", my_orders.ask, name="ask-my-orders"),
    path("o/<str:token>/", my_orders.page, name="my-orders"),
    path("thanks/<slug:store>/", thanks.page, name="thanks"),
    path("thanks/<slug:store>/kit.js", thanks.kit, name="thanks-kit"),
    path("y/<str:token>/", sign_up.page, name="sign-up"),
    path("track/<slug:store>/", lookup.page, name="lookup"),
    path("ask/<slug:store>/", asking.page, name="ask"),
    path("e/<str:token>/", asking.answered, name="answered"),
    path("q/<str:token>/", check_in.page, name="check-in"),
    path("r/<str:token>/", review.page, name="review"),
    path("w/<str:token>/", later.page, name="later"),
    path("c/<str:token>/", clicks.follow, name="click"),
    path("u/<str:token>/", unsubscribe.page, name="unsubscribe"),
    path("m/<str:token>/", letter.page, name="letter"),
    path("i/<str:token>/", letter.calendar, name="calendar"),
    path("p/<str:token>/", preferences.page, name="preferences"),
]
