// Its buttons open the palette over the page (Ctrl K: keys.js); arrows walk its links, Enter opens the first, Esc closes. Without script: the search page.
const palette = document.getElementById("palette");
const field = document.getElementById("palette-q");
const links = () => [...palette.querySelectorAll(".hits a")];
let wanted = false;

const open = () => {
  if (palette.open) return;
  palette.showModal();
  field.select();
  htmx.trigger(field.form, "opened");
};

palette.addEventListener("click", ({ target }) => { if (target === palette) palette.close(); });

palette.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp" && event.key !== "Escape") return;
  event.preventDefault();
  if (event.key === "Escape") return palette.close(); // the field would only empty itself
  const all = [field, ...links()];
  const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  all[(at + all.length) % all.length].focus();
});

// Enter before the results of what stands in the field are there waits for them.
const late = () => palette.querySelector(".found").dataset.q !== field.value.trim();
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  wanted = late();
  if (!wanted && field.value.trim()) links()[0]?.click();
});
palette.addEventListener("htmx:afterSettle", () => {
  if (!wanted || late()) return;
  wanted = false;
  links()[0]?.click();
});

for (const hint of document.querySelectorAll("[data-palette]")) {
  hint.hidden = false;
  hint.addEventListener("click", open);
}
