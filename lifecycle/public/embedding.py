"""The script that a shop puts into its own pages: it puts a page of ours into a frame where it stands, as high as that page is.

What the tag says (`data-order`, `data-product` …) goes along in the address. No library, no cookie, nothing global.
"""

import json
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse

_KIT = """(() => {
  const tag = document.currentScript;
  const query = new URLSearchParams({ framed: "1" });
  for (const name of NAMES) if (tag.dataset[name]) query.set(name, tag.dataset[name]);
  const frame = document.createElement("iframe");
  frame.src = "ADDRESS?" + query;
  frame.title = tag.dataset.title || TITLE;
  frame.style.cssText = "border:0;width:100%;min-height:HEIGHT";
  frame.loading = "lazy";
  addEventListener("message", (said) => {
    if (said.source === frame.contentWindow && said.data && said.data.doorstep) frame.style.height = said.data.doorstep + "px";
  });
  tag.after(frame);MORE
})();
"""
_FACTS = """
  fetch("FACTS?" + query).then((answer) => (answer.status === 200 ? answer.text() : "")).then((facts) => {
    if (!facts) return;
    const said = document.createElement("script");
    said.type = "application/ld+json";
    said.textContent = facts;
    document.head.append(said);
  }).catch(() => {});"""


def script(path: str, names: Sequence[str], *, title: str, height: str, facts: str = "") -> HttpResponse:
    """Answer the script for the page at `path`; `facts` is the path of what search engines are told, put into the shop's page."""
    more = _FACTS.replace("FACTS", settings.PUBLIC_URL + facts) if facts else ""
    filled = {"NAMES": json.dumps(list(names)), "TITLE": json.dumps(title), "HEIGHT": height, "MORE": more}
    text = _KIT.replace("ADDRESS", settings.PUBLIC_URL + path)
    for hole, value in filled.items():
        text = text.replace(hole, value)
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"})
