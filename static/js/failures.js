// A request that failed: what happened, and the way on, above the page or inside the dialog it came from. The page stays as it is.
const say = (from, words, name, act) => {
  const line = Object.assign(document.createElement("p"), { className: "grow", textContent: words });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: name });
  button.addEventListener("click", act);
  const banner = Object.assign(document.createElement("div"), { className: "banner critical" });
  banner.append(line, button);
  const place = from.closest?.("dialog")?.querySelector("[role=alert]") ?? document.getElementById("alert");
  place.replaceChildren(banner);
  place.scrollIntoView({ block: "nearest" });
};

const load = () => location.reload();
const again = ({ elt, requestConfig: { triggeringEvent: event } }) => () => {
  if (event?.type === "submit") elt.requestSubmit(event.submitter);
  else htmx.trigger(elt, event?.type ?? "submit");
};

document.addEventListener("htmx:configRequest", () => {
  for (const place of document.querySelectorAll("[role=alert]:has(> .banner > button)")) place.replaceChildren();
});

for (const lost of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(lost, ({ detail }) => {
  const words = detail.requestConfig.verb === "get" ? "What you see is from before." : "This may not have been done.";
  say(detail.elt, `The server cannot be reached. ${words}`, "Try again", again(detail));
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status } = detail.xhr;
  if (status >= 500) say(detail.elt, "Something broke on our side, so nothing was changed.", "Try again", again(detail));
  else if (status === 403) say(detail.elt, "Your role does not allow this, or the page is too old. Nothing was changed.", "Load the page again", load);
  else say(detail.elt, "This is not here any more. Nothing was changed.", "Load the page again", load);
});

// The session has ended: htmx was led to the sign-in. What one has typed stays until one goes there.
document.addEventListener("htmx:beforeSwap", (event) => {
  const address = event.detail.xhr.responseURL && new URL(event.detail.xhr.responseURL).pathname;
  if (address !== "/login/") return;
  event.preventDefault();
  const here = encodeURIComponent(location.pathname + location.search);
  say(event.detail.elt, "You are signed out by now, so nothing was changed.", "Sign in", () => location.assign(`/login/?next=${here}`));
});
