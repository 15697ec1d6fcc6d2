// A mail's blocks go up, down and away at once; their numbers follow, and it is saved as if it had been typed.
const NUMBERED = ["id", "for", "name", "aria-describedby"];

const renumber = (list) => [...list.querySelectorAll(".block")].forEach((block, at) => {
  const to = (text) => text.replace(/^(b|block-|\w+:)\d+/, `$1${at + 1}`);
  for (const element of [block, ...block.querySelectorAll("*")]) {
    for (const name of NUMBERED) if (element.hasAttribute(name)) element.setAttribute(name, to(element.getAttribute(name)));
    if (element.matches("button")) element.value = to(element.value);
    if (element.matches(".nth")) element.textContent = at + 1;
  }
});

// Its neighbours move, so that it keeps the focus.
const move = (block, places) => {
  for (let left = Math.abs(places); left > 0; left--) {
    const beside = places < 0 ? block.previousElementSibling : block.nextElementSibling;
    if (beside) places < 0 ? block.after(beside) : block.before(beside);
  }
};

const changed = (list) => {
  renumber(list);
  list.dispatchEvent(new Event("input", { bubbles: true }));
};

const remove = (block) => {
  const gap = document.createElement("li");
  const words = `Put back: ${block.querySelector("legend").firstChild.data}`;
  const back = Object.assign(document.createElement("button"), { type: "button", className: "button small dashed", textContent: words });
  back.addEventListener("click", () => {
    gap.replaceWith(block);
    changed(block.parentElement);
    block.querySelector("button").focus();
  });
  gap.append(back);
  block.replaceWith(gap);
  back.focus();
};

const acts = { up: (block) => move(block, -1), down: (block) => move(block, 1), remove };

document.addEventListener("click", (event) => {
  const button = event.target.closest(".block button[name=act]");
  const act = acts[button?.value.split(":")[0]];
  if (!act) return;
  event.preventDefault();
  const list = button.closest(".blocks");
  act(button.closest(".block"));
  changed(list);
});

document.addEventListener("places", ({ target, detail }) => {
  move(target, detail);
  changed(target.parentElement);
});

// One that was added or copied is written in at once; the others are numbered before anything else is sent.
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  const block = detail.target.closest(".blocks")?.querySelector(".htmx-added");
  if (!block) return;
  renumber(block.parentElement);
  document.querySelector(".add-block").open = false;
  (block.querySelector(".block-fields .input") ?? block.querySelector("button")).focus();
});
