"""What the web server calls. All that stands while it serves is loaded here and left alone by the collection of garbage, whose pauses of
a tenth of a second were most of what made a page slow that was quick a moment before."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifecycle.settings")
application = get_wsgi_application()
_ = get_resolver().url_patterns  # with them every page's code is loaded, which would else wait for the first request
gc.collect()
gc.freeze()
