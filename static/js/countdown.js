// A moment that comes near is counted down: <time data-countdown datetime="…" data-now="…">, where data-now is the server's clock.
for (const time of document.querySelectorAll("time[data-countdown]")) {
  const ahead = Date.now() - Date.parse(time.dataset.now);
  const tick = () => {
    const there = document.querySelector("time[data-countdown]");
    if (!there) return;
    const left = Math.ceil((Date.parse(there.dateTime) + ahead - Date.now()) / 1000);
    if (left <= 0) return setTimeout(() => location.reload(), 3000);
    if (left < 3600) there.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
    setTimeout(tick, 1000);
  };
  tick();
}
