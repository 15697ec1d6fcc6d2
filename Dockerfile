# The site for production: one image for web, worker, beat and the migrate job (docker-compose.yml says which command is which).
FROM python:3.12-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements.lock

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 LIFECYCLE_MODE=production LIFECYCLE_DATA=/data STATIC_ROOT=/app/staticfiles
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin doorstep && install -d -o doorstep -g doorstep /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Gathering the static files needs settings that load, nothing more: these values end with this step.
RUN SECRET_KEY=build PUBLIC_URL=https://build.invalid DATABASE_URL=postgres://build REDIS_URL=redis://build EMAIL_URL=smtp://build \
    LIFECYCLE_DATA=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && python -m compileall -q .
USER doorstep
VOLUME /data
EXPOSE 8000
# Over plain http from inside: /healthz?only=web is exempt from the redirect to https, and asks for a Host that is allowed.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["python", "-c", "import os; from urllib.parse import urlsplit; from urllib.request import Request, urlopen; urlopen(Request('http://127.0.0.1:8000/healthz?only=web', headers={'Host': urlsplit(os.environ['PUBLIC_URL']).netloc}), timeout=4)"]
CMD ["gunicorn", "lifecycle.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
