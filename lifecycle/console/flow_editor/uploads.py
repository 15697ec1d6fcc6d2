"""A picture put into a block of a mail: "upload:3:src" takes the file that was chosen there, and keeps it as the shop's."""

from typing import Any

from django.contrib import messages

from lifecycle.console.flow_editor import block_fields
from stores import clock, pictures
from stores.access import StoreRequest

VERB = "upload"


def put(request: StoreRequest, content: dict[str, Any], act: str) -> tuple[dict[str, Any], int]:
    """Return the content with the picture in its place, and the block's number; what cannot be a picture is said, and changes nothing."""
    _, place, name = [*act.split(":"), "", ""][:3]
    number = int(place) if place.isdecimal() and len(place) < 4 else 0
    found = list(content["blocks"])
    if not 0 < number <= len(found) or name not in ("src", "src2") or name not in block_fields.names_of(found[number - 1]["kind"]):
        return content, 0
    upload = request.FILES.get(f"b{number}.{name}.file")
    if upload is None:
        messages.error(request, "Choose a picture first, then upload it.")
        return content, number
    try:
        picture = pictures.put(request.store, upload.read(pictures.LARGEST + 1), now=clock.read())
    except pictures.Unusable as refusal:
        messages.error(request, f"The picture was not taken. {refusal}")
        return content, number
    found[number - 1] = {**found[number - 1], name: picture.path}
    return {**content, "blocks": found}, number
