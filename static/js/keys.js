// The keyboard. Which keys lead where stands in the page (data-keys on the body, from console/shortcuts.py); off where it is missing.
const go = JSON.parse(document.body.dataset.keys ?? "null");
const rows = () => [...document.querySelectorAll("main :is(tbody tr, .lines > li, .next > li):has(a[href])")];
let before = "";

const move = (by) => {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  to?.querySelector("a[href]").focus();
};

const acts = {
  "/": () => (document.querySelector("main input[type=search]") ?? document.querySelector(".find input"))?.focus(),
  "j": () => move(1),
  "k": () => move(-1),
  "?": () => location.assign(document.body.dataset.help),
};

const types = (element) => element.isContentEditable || element.matches("input, textarea, select");

if (go) document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || types(event.target) || document.querySelector("dialog[open]")) return;
  const pair = before && `${before} ${event.key}`;
  before = "";
  if (pair && go[pair]) return location.assign(go[pair]);
  if (Object.keys(go).some((keys) => keys.startsWith(`${event.key} `))) {
    before = event.key;
    return setTimeout(() => { before = ""; }, 1500);
  }
  const own = document.querySelector(`main [data-key="${CSS.escape(event.key)}"]`);
  if (!own && !acts[event.key]) return;
  event.preventDefault();
  if (own) types(own) ? own.focus() : own.click();
  else acts[event.key]();
});

// Ctrl or Cmd with a key presses the button with that key in data-ctrl; in a field Z and Y are the browser's own.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
  const key = (event.shiftKey ? "shift-" : "") + event.key.toLowerCase();
  const own = document.querySelector(`[data-ctrl~="${CSS.escape(key)}"]`);
  if (!own || /[zy]$/.test(key) && types(event.target)) return;
  event.preventDefault();
  own.click();
});
