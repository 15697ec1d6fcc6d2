"""Random names: public tokens, API keys, secrets; and sealing what must be read again (a webhook secret)."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def public_token() -> str:
    """Return 128 random bits as 22 URL-safe letters."""
    return secrets.token_urlsafe(16)


def api_key() -> str:
    return "dk_" + secrets.token_urlsafe(32)


def write_key() -> str:
    """Return the name under which a store's pages may tell of visitors; it stands in those pages for all to read."""
    return "wk_" + secrets.token_urlsafe(18)


def secret() -> str:
    return secrets.token_hex(32)


def digest(key: str) -> str:
    """Return what is stored of a key: random keys of 256 bits need no salt and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def _vault() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"vault:" + key.encode()).digest())) for key in keys])


def seal(text: str) -> str:
    return _vault().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed; raise cryptography.fernet.InvalidToken when SECRET_KEY was changed without a fallback."""
    return _vault().decrypt(sealed.encode()).decode()


def signature(key: str, text: str) -> str:
    """Return the hex HMAC-SHA256 of a text, as shops make it themselves."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
