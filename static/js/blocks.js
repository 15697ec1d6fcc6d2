// A mail's blocks go up, down and away at once; their numbers follow, and it is saved as if it had been typed.
const renumber = (list) => [...list.querySelectorAll(".block")].forEach((block, at) => {
  for (const element of [block, ...block.querySelectorAll("*")]) {
    for (const one of element.attributes) {
      if (element.matches("button") || /^(id|for|name|aria-describedby)$/.test(one.name)) one.value = one.value.replace(/^(b|block-|\w+:)\d+/, `$1${at + 1}`);
    }
    if (element.matches(".nth")) element.textContent = at + 1;
  }
});

const changed = () => {
  const list = document.querySelector(".blocks");
  renumber(list);
  list.dispatchEvent(new Event("input", { bubbles: true }));
};

const remove = (block) => {
  const gap = document.createElement("li");
  const words = `Put back: ${block.querySelector("legend").firstChild.data}`;
  const back = Object.assign(document.createElement("button"), { type: "button", className: "button small dashed", textContent: words });
  back.addEventListener("click", () => {
    gap.replaceWith(block);
    changed();
    block.querySelector("button").focus();
  });
  gap.append(back);
  block.replaceWith(gap);
  back.focus();
};

// Its neighbour moves, so that it keeps the focus.
const up = (block) => { if (block.previousElementSibling) block.after(block.previousElementSibling); };
const down = (block) => { if (block.nextElementSibling) block.before(block.nextElementSibling); };
const acts = { up, down, remove };

document.addEventListener("click", (event) => {
  const button = event.target.closest(".block button[name=act]");
  const act = acts[button?.value.split(":")[0]];
  if (!act) return;
  event.preventDefault();
  act(button.closest(".block"));
  changed();
});

// One that was added or copied is written in at once; the others are numbered before anything else is sent.
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  const block = detail.target.closest(".blocks")?.querySelector(".htmx-added");
  if (!block) return;
  renumber(block.parentElement);
  document.querySelector(".add-block").open = false;
  (block.querySelector(".block-fields .input") ?? block.querySelector("button")).focus();
});
