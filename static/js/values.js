// The values of a mail become buttons that write them into the text one was in: as they are, or with words for when there is nothing.
// A search field over them leaves those that are asked for.
let field = null;

const list = () => document.querySelector("[data-values]");

const write = (text, from, to) => {
  if (!field?.isConnected) field = document.getElementById("subject");
  const start = field.selectionStart ?? field.value.length;
  field.setRangeText(text, start, field.selectionEnd ?? start, "end");
  field.focus();
  if (from) field.setSelectionRange(start + from, start + to);
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

const button = (words, name, press) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button small quiet";
  made.textContent = words;
  made.setAttribute("aria-label", name);
  made.addEventListener("click", press);
  return made;
};

const ready = () => {
  if (!list() || list().dataset.values) return;
  list().dataset.values = "ready";
  for (const row of list().children) {
    const code = row.querySelector("code");
    const plain = code.textContent;
    const open = plain.replace(" }}", ' | default: "');
    row.append(
      button("Put in", `Put in ${plain}`, () => write(plain)),
      button("With a fallback", `Put in ${plain} with a fallback`, () => write(`${open}words" }}`, open.length, open.length + 5)),
    );
  }
  const search = document.createElement("input");
  search.type = "search";
  search.className = "input";
  search.setAttribute("aria-label", "Find a value");
  search.placeholder = "Find a value";
  search.addEventListener("input", (event) => {
    event.stopPropagation();
    const wanted = search.value.toLowerCase();
    for (const row of list().children) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  list().before(search);
};

document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.("#written textarea, #written input:not([type]), #written input[type=text]") && target.name !== "keep_as") field = target;
});
document.addEventListener("htmx:afterSettle", ready);
ready();
