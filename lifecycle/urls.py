"""All addresses: sign-in at the top, staff under /s/<store>/, customers under one letter and a token, machines under /hooks/ and /api/."""

from django.urls import include, path

from enquiries import hooks as letters
from integrations.views import receive
from lifecycle import signposts, views
from lifecycle.api import api, tracking
from lifecycle.console import first_owner
from lifecycle.public import urls as public_urls
from messaging.returning import hooks

urlpatterns = [
    # Ahead of the staff's: a tracker is opened hundreds of times a second, and each pattern above it is tried first.
    path("", include((public_urls.urlpatterns, "public"))),
    path("login/", first_owner.entrance),
    path("", include("allauth.account.urls")),
    path("favicon.ico", signposts.favicon, name="favicon"),
    path("apple-touch-icon.png", signposts.touch_icon, name="touch_icon"),
    path("robots.txt", signposts.robots, name="robots"),
    path(".well-known/change-password", signposts.change_password, name="change_password"),
    path("healthz", views.healthz, name="healthz"),
    path("hooks/<str:token>/", receive, name="hook"),
    path("hooks/mail/<str:token>/", hooks.receive, name="mail_hook"),
    path("hooks/letters/<str:token>/", letters.receive, name="letter_hook"),
    path("api/v1/", api.urls),
    path("v1/<str:call>", tracking.receive, name="tracking"),
    path("", include("lifecycle.console.urls")),
]

handler404 = "lifecycle.signposts.not_found"
