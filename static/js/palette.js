// Ctrl K or Cmd K opens the palette over the page; arrows walk its links, Enter opens the first, Esc closes. Without script: the search page.
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

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  open();
});

palette.addEventListener("click", ({ target }) => { if (target === palette) palette.close(); });

palette.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const all = [field, ...links()];
  const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  all[(at + all.length) % all.length].focus();
});

// Enter before the results are there waits for them.
field.form.addEventListener("submit", (event) => {
  if (!field.value.trim()) return event.preventDefault();
  event.preventDefault();
  const busy = field.form.classList.contains("htmx-request") || palette.querySelector(".found").dataset.q !== field.value.trim();
  if (busy) { wanted = true; return; }
  links()[0]?.click();
});
palette.addEventListener("htmx:afterSettle", () => {
  palette.querySelector(".found").dataset.q = field.value.trim();
  if (!wanted) return;
  wanted = false;
  links()[0]?.click();
});

for (const hint of document.querySelectorAll("[data-palette]")) {
  hint.hidden = false;
  hint.addEventListener("click", open);
}
