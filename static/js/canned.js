// A link with data-insert and data-words puts those words where the cursor stands in that field, instead of opening its address.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-insert][data-words]");
  if (!link || event.ctrlKey || event.metaKey) return;
  const field = document.querySelector(link.dataset.insert);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.setRangeText(link.dataset.words, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
