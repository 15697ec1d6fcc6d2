// The palette over the page, which its buttons open (Ctrl K presses one: keys.js); arrows walk its links, Enter opens the first.
const palette = document.getElementById("palette");
const field = document.getElementById("palette-q");
const links = () => [...palette.querySelectorAll(".hits a")];
let wanted = false;

palette.addEventListener("beforetoggle", ({ newState }) => {
  if (newState !== "open") return;
  field.select();
  htmx.trigger(field.form, "opened");
});

palette.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
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
