// Ctrl Enter or Cmd Enter presses the first Save of the form one writes in (data-saves).
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.("form[data-saves]") ?? document.querySelector("form[data-saves]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button[value=save]"));
});
