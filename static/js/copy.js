// Text with data-copy="Copy address" gets a button of that name after it, where the browser lets pages write to the clipboard.
if (navigator.clipboard) {
  for (const source of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small copy";
    button.textContent = source.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = source.dataset.copied || "Copied";
      setTimeout(() => { button.textContent = source.dataset.copy; }, 2000);
    });
    source.after(button);
  }
}
