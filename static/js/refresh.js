// Elements with an id and data-refresh="seconds" are fetched anew from this page until they no longer ask for it.
const due = () => [...document.querySelectorAll("[data-refresh][id]")];

const refresh = async () => {
  const answer = document.hidden ? null : await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const element of due()) {
    const fresh = page.getElementById(element.id);
    if (!fresh || fresh.outerHTML === element.outerHTML) continue;
    element.innerHTML = fresh.innerHTML;
    if (!fresh.dataset.refresh) delete element.dataset.refresh;
  }
};

const wait = () => {
  const [first] = due();
  if (first) setTimeout(() => refresh().catch(() => {}).then(wait), first.dataset.refresh * 1000);
};
wait();
