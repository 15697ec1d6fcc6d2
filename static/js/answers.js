// What htmx does not do by itself: whole pages are gone to, focus is not lost, empty fields stay out of addresses.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData]) if (value === "") detail.formData.delete(name);
});

// A form that leads to another page answers with that page: go there, unless failures.js did something else.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (event.defaultPrevented || !xhr.responseText.trimStart().toLowerCase().startsWith("<!doctype") || xhr.status >= 400) return;
  event.preventDefault();
  location.assign(xhr.responseURL);
});

// The pressed button may be gone: then its row's next button, the next row, or the list's heading takes the focus.
let pressed = null;
document.addEventListener("htmx:beforeRequest", () => {
  const row = document.activeElement?.closest("[id^=run-], [id^=task-], [id^=input-]")?.closest("li, tr");
  pressed = row && { id: row.id, next: row.nextElementSibling?.id };
});
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== document.body || !pressed) return;
  const row = document.getElementById(pressed.id) ?? document.getElementById(pressed.next);
  const to = row?.querySelector("button") ?? document.querySelector("main h1");
  if (to.matches("h1")) to.tabIndex = -1;
  to.focus();
  pressed = null;
});

// What was done goes away after the time one has chosen (data-toast on the body, 0: never), unless one points at it; refusals stay.
const seconds = Number(document.body.dataset.toast);
document.addEventListener("htmx:oobAfterSwap", ({ target }) => {
  for (const toast of seconds ? target.querySelectorAll(".toast:not(.error)") : []) {
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
    setTimeout(leave, seconds * 1000);
  }
});
document.addEventListener("click", ({ target }) => { if (target.matches("[data-close]")) target.closest(".toast").remove(); });
