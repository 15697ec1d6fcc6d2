// What has data-drag moves its item of a list to another place: a step by its button that says how many places, anything else is told "places".
let dragged = null;

const under = (event) => event.target.closest?.("[data-sortable] > li");
const places = (item) => {
  const all = [...item.parentElement.children];
  return all.indexOf(item) - all.indexOf(dragged);
};
const mark = (over) => {
  for (const item of document.querySelectorAll(".is-over")) item.classList.remove("is-over");
  over?.classList.add("is-over");
};

document.addEventListener("dragstart", (event) => {
  if (!event.target.closest?.("[data-drag]")) return;
  dragged = under(event);
  dragged.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setDragImage(dragged, 12, 12);
});

document.addEventListener("dragover", (event) => {
  const item = dragged && under(event);
  if (!item) return;
  event.preventDefault();
  mark(item);
});

document.addEventListener("drop", (event) => {
  const by = dragged && under(event) && places(under(event));
  if (!by) return;
  event.preventDefault();
  const button = dragged.querySelector("button[name=places]");
  if (!button) return dragged.dispatchEvent(new CustomEvent("places", { bubbles: true, detail: by }));
  button.value = by;
  button.click();
});

document.addEventListener("dragend", () => {
  mark();
  dragged?.classList.remove("is-dragged");
  dragged = null;
});
