// Where tabs or steps are wider than the screen, the one that one stands on is brought into view.
for (const here of document.querySelectorAll(".tabs [aria-current], .setup-steps [aria-current]")) {
  here.scrollIntoView({ block: "nearest", inline: "center" });
}
