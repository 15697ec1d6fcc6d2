"""Reads JSON that strangers sent: strictly, exactly (decimals, not floats), and with words for what is wrong with it."""

import json
from decimal import Decimal
from typing import Any, NoReturn


class NotJson(ValueError):
    """A body that is not JSON; its text says what is wrong, and where."""


def read(body: bytes | str) -> Any:
    """Return the JSON value of a body; raise NotJson. NUL characters and lone surrogates, which no database keeps, are taken out."""
    try:
        text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8: byte {error.start} (0x{error.object[error.start]:02x})") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg}: line {error.lineno} column {error.colno} (char {error.pos})") from error
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
    except NotJson:
        raise
    except ValueError as error:  # what is left: int() refuses more than 4,300 digits
        raise NotJson("an integer with too many digits") from error
    return _clean(value) if "\\u0000" in text or "\\ud" in text or "\\uD" in text or "\0" in text else value


def read_object(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object of a body; raise NotJson, also for other values."""
    value = read(body)
    if not isinstance(value, dict):
        raise NotJson("not a JSON object: line 1 column 1 (char 0)")
    return value


def _refuse(word: str) -> NoReturn:
    raise NotJson(f"{word} is not JSON")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(each) for name, each in value.items()}
    return value
