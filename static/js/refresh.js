// An element with an id and data-refresh="seconds" is fetched anew from this page until it no longer asks for it.
const refresh = async (element) => {
  if (document.hidden) return element;
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok) return element;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(element.id);
  if (!fresh) return element;
  if (fresh.outerHTML !== element.outerHTML) {
    element.innerHTML = fresh.innerHTML;
    if (!fresh.dataset.refresh) delete element.dataset.refresh;
  }
  return element;
};

for (const element of document.querySelectorAll("[data-refresh][id]")) {
  const again = async () => {
    await refresh(element).catch(() => {});
    if (element.dataset.refresh) setTimeout(again, element.dataset.refresh * 1000);
  };
  setTimeout(again, element.dataset.refresh * 1000);
}
