// What has data-drag moves its item of a list to another place: by its button that says how many places, or by one that is pressed for each.
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
  if (button) button.value = by;
  for (let left = button ? 1 : Math.abs(by); left > 0; left--) (button ?? dragged.querySelector(by < 0 ? "[value^=up]" : "[value^=down]")).click();
});

document.addEventListener("dragend", () => {
  mark();
  dragged?.classList.remove("is-dragged");
  dragged = null;
});
