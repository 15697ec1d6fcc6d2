// A form with data-try-on="id of a frame" shows in that frame what it would save, a moment after each change. Nothing is saved.
const form = document.querySelector("form[data-try-on]");
const frame = form && document.getElementById(form.dataset.tryOn);
let waiting;

const show = () => {
  const address = new URL(frame.src);
  for (const [name, value] of new FormData(form)) {
    if (name !== "csrfmiddlewaretoken") address.searchParams.set(name, value);
  }
  if (address.href !== frame.src) frame.src = address.href;
};

if (frame) {
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 300);
  });
}
