// A large file goes in pieces, each tried again until it is here; who chooses the same file later goes on from there.
const PATIENCE = [1, 2, 4, 8, 15, 30, 30, 30]; // seconds

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const megabytes = (bytes) => (bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });

class Stopped extends Error {}

// Returns what the site answers: {job, at, is_whole}. A refusal stops; a broken line or a site that is down throws, to be tried again.
const send = async (form, file, at) => {
  const asked = new URLSearchParams({ name: file.name, size: file.size, at });
  const answer = await fetch(`${form.dataset.pieces}?${asked}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    body: file.slice(at, at + Number(form.dataset.piece)),
  });
  if (answer.redirected || (answer.status >= 400 && answer.status < 500)) {
    throw new Stopped(answer.status === 422 ? (await answer.json()).problem : "");
  }
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
};

const sendAll = async (form, file, say) => {
  let at = 0;
  for (let tries = 0; ; ) {
    try {
      const { job, at: arrived, is_whole: isWhole } = await send(form, file, at);
      at = arrived;
      tries = 0;
      say(`${megabytes(at)} / ${megabytes(file.size)} MB`, at / file.size);
      if (isWhole) return job;
    } catch (error) {
      if (error instanceof Stopped || tries >= PATIENCE.length) throw error;
      say(form.querySelector("[data-sending]").dataset.broken);
      await pause(PATIENCE[tries++]);
    }
  }
};

for (const form of document.querySelectorAll("form[data-pieces]")) {
  const button = form.querySelector("button[type=submit]");
  const sending = form.querySelector("[data-sending]");
  const say = (words, share) => {
    if (share !== undefined) sending.querySelector("progress").value = share;
    sending.querySelector("[data-said]").textContent = words;
  };
  form.addEventListener("submit", async (event) => {
    const file = form.elements.file.files[0];
    if (!file || file.size <= Number(form.dataset.piece)) return;
    event.preventDefault();
    if (button.ariaBusy === "true") return;
    sending.hidden = false;
    button.ariaBusy = "true";
    say("", 0);
    try {
      location.assign(form.dataset.see.replace("/0/", `/${await sendAll(form, file, say)}/`));
    } catch (error) {
      button.ariaBusy = null;
      say((error instanceof Stopped && error.message) || sending.dataset.stopped);
    }
  });
}
