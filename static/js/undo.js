// Ctrl Z or Cmd Z undoes the last change of the draft, with Shift (or Ctrl Y) it is done again; in a field they are the browser's own.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  const button = document.getElementById(key === "y" || event.shiftKey ? "redo" : "undo");
  if (!button) return;
  event.preventDefault();
  button.click();
});
