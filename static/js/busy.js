// What is waited for says so (aria-busy; it shows after a moment: busy.css): the part of the page that is fetched anew, and the button pressed.
const begin = (element) => element?.setAttribute("aria-busy", "true");
const end = (element) => element?.removeAttribute("aria-busy");

const concerned = ({ target, requestConfig }) => [target, requestConfig.triggeringEvent?.submitter];
document.addEventListener("htmx:beforeSend", ({ detail }) => concerned(detail).forEach(begin));
document.addEventListener("htmx:afterRequest", ({ detail }) => concerned(detail).forEach(end));

// A form that htmx does not send leads to a new page; one that Back brings from memory waits no more.
document.addEventListener("submit", (event) => { if (!event.defaultPrevented) begin(event.submitter); });
addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach(end));
