// In a field with data-colleagues (an address that answers their names) "@" offers colleagues below it, as buttons that write a name.
let names;

const shelf = (field) => {
  if (field.nextElementSibling?.matches(".colleagues")) return field.nextElementSibling;
  const made = Object.assign(document.createElement("div"), { className: "chips colleagues", role: "group", ariaLabel: "Name a colleague" });
  field.after(made);
  return made;
};

const begun = (field) => /(?:^|[^\w@.])@([^@\n]{0,40})$/.exec(field.value.slice(0, field.selectionStart))?.[1].toLowerCase();

const chip = (field, name) => {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: `@${name}` });
  made.addEventListener("click", () => {
    field.focus();
    field.setRangeText(`${name} `, field.selectionStart - (begun(field) ?? "").length, field.selectionStart, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return made;
};

// More may have been typed by the time the names are there.
const offer = async (field) => {
  if (begun(field) !== undefined) names ??= await fetch(field.dataset.colleagues).then((answer) => (answer.ok ? answer.json() : []));
  const word = begun(field);
  const fitting = word === undefined ? [] : names.filter((name) => name.toLowerCase().startsWith(word) && name.toLowerCase() !== word);
  if (fitting.length || field.nextElementSibling?.matches(".colleagues")) shelf(field).replaceChildren(...fitting.slice(0, 6).map((name) => chip(field, name)));
};

document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-colleagues]")) offer(target); });
