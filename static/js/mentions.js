// In a field with data-colleagues (an address that answers their names) "@" offers colleagues below it, as buttons that write a name.
const sign = /(?:^|[^\w@.])@([^@\n]{0,40})$/;
let names = null;

const shelf = (field) => {
  const next = field.nextElementSibling;
  if (next?.matches(".colleagues")) return next;
  const made = Object.assign(document.createElement("div"), { className: "chips colleagues" });
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", "Name a colleague");
  field.after(made);
  return made;
};

const offer = async (field) => {
  const begun = sign.exec(field.value.slice(0, field.selectionStart))?.[1].toLowerCase();
  if (begun === undefined) return field.nextElementSibling?.matches(".colleagues") && field.nextElementSibling.replaceChildren();
  names ??= await fetch(field.dataset.colleagues).then((answer) => (answer.ok ? answer.json() : []));
  const fitting = names.filter((name) => name.toLowerCase().startsWith(begun) && name.toLowerCase() !== begun);
  shelf(field).replaceChildren(...fitting.slice(0, 6).map((name) => {
    const chip = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: `@${name}` });
    chip.addEventListener("click", () => {
      field.focus();
      field.setRangeText(`${name} `, field.selectionStart - begun.length, field.selectionStart, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return chip;
  }));
};

document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-colleagues]")) offer(target); });
