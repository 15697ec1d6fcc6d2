"""The site's settings, with the providers' APIs played by a process of the run (`http_provider`)."""

import os

from lifecycle.settings import *  # noqa: F403

ANYMAIL = {f"{name}_API_URL": os.environ["FAULTS_PROVIDER"] for name in ("POSTMARK", "RESEND")}
