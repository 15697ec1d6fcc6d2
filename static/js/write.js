// What has data-words writes them where the cursor stands: in the field data-insert names, or the field of the mail one was in last.
let last;

document.addEventListener("focusin", ({ target }) => {
  if (target.matches("#written textarea, #written input:is(:not([type]), [type=text]):not([name=keep_as])")) last = target;
});

document.addEventListener("click", (event) => {
  const { insert, words, select } = event.target.closest("[data-words]")?.dataset ?? {};
  const field = insert || !last?.isConnected ? document.querySelector(insert ?? "#subject") : last;
  if (!words || !field || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const at = field.selectionStart + words.indexOf(select);
  field.focus();
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  if (select) field.setSelectionRange(at, at + select.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// A search field with data-finds leaves of that list what is asked for.
document.addEventListener("input", (event) => {
  const list = event.target.dataset.finds && document.querySelector(event.target.dataset.finds);
  if (!list) return;
  event.stopPropagation();
  for (const row of list.children) row.hidden = !row.textContent.toLowerCase().includes(event.target.value.toLowerCase());
}, true);
