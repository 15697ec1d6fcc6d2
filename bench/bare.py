"""The plain webhook: Django with its default middleware, verify the signature, insert one row. `gunicorn bench.bare:application`."""

import hashlib
import hmac
import os

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

SECRET = os.environ.get("BENCH_SECRET", "secret")
TABLE = "CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, delivery text UNIQUE, body text, at timestamptz DEFAULT now())"


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    said = request.headers.get("X-Doorstep-Signature", "")
    if not hmac.compare_digest("sha256=" + hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest(), said):
        return HttpResponse(status=401)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_bare (delivery, body) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [request.headers.get("X-Doorstep-Delivery", ""), request.body.decode()],
        )
    return HttpResponse("ok")


urlpatterns = [path("hooks/bare/", receive)]

if os.environ.get("BENCH_BARE"):
    import environ

    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench.bare",
        DATABASES={"default": {**environ.Env().db_url("DATABASE_URL"), "CONN_MAX_AGE": 60}},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
    )
    django.setup()
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
