// What takes longer than a moment says so (aria-busy): the part of the page that is fetched anew, and the button that was pressed.
const MOMENT = 150;
const waiting = new Map();

const end = (element) => {
  clearTimeout(waiting.get(element));
  waiting.delete(element);
  element.removeAttribute("aria-busy");
};
const begin = (element) => {
  if (!element) return;
  end(element);
  waiting.set(element, setTimeout(() => element.setAttribute("aria-busy", "true"), MOMENT));
};

const concerned = ({ target, requestConfig }) => [target, requestConfig.triggeringEvent?.submitter];
document.addEventListener("htmx:beforeSend", ({ detail }) => concerned(detail).forEach(begin));
document.addEventListener("htmx:afterRequest", ({ detail }) => concerned(detail).filter(Boolean).forEach(end));

// A form that htmx does not send leads to a new page; one that Back brings from memory waits no more.
document.addEventListener("submit", (event) => { if (!event.defaultPrevented) begin(event.submitter); });
addEventListener("pageshow", () => [...waiting.keys()].forEach(end));
