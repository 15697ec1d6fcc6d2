// Cards of a line can be dragged to another place, beside their buttons: each item that is passed counts as one press of "Move down" or "up".
let dragged = null;

const items = () => [...document.querySelectorAll("[data-sortable] > li")];
const under = (event) => event.target.closest?.("[data-sortable] > li");
const clear = () => items().forEach((item) => item.classList.remove("is-over", "is-dragged"));

const ready = () => {
  for (const item of document.querySelectorAll("[data-drag]")) item.draggable = true;
};

document.addEventListener("dragstart", (event) => {
  const item = event.target.closest?.("[data-drag]");
  if (!item) return;
  dragged = item;
  item.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
});

document.addEventListener("dragover", (event) => {
  const item = dragged && under(event);
  if (!item) return;
  event.preventDefault();
  clear();
  dragged.classList.add("is-dragged");
  item.classList.add("is-over");
});

document.addEventListener("drop", (event) => {
  const item = dragged && under(event);
  if (!item) return;
  event.preventDefault();
  const all = items();
  const places = all.indexOf(item) - all.indexOf(dragged);
  const button = dragged.querySelector("button[name=places]");
  if (!places || !button) return;
  button.value = places;
  button.click();
});

document.addEventListener("dragend", () => { clear(); dragged = null; });
document.addEventListener("htmx:afterSettle", ready);
ready();
