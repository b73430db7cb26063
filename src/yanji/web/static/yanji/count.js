// What the pages of a count add: few rows in the list however many are scanned, ticking several at once, the chart.
// @ts-check
import { play } from "yanji/sound";

// A count of thousands must not slow the page down: the last few rows are enough, the server keeps them all.
const list = document.querySelector("[data-keep-rows]");
if (list instanceof HTMLElement) {
  const most = Number(list.dataset.keepRows);
  new MutationObserver(() => {
    while (list.children.length > most) list.lastElementChild?.remove();
  }).observe(list, { childList: true });
  // An undo answers with the list as it is now: say that something happened.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const detail = /** @type {CustomEvent} */ (event).detail;
    if (detail.successful && detail.pathInfo?.requestPath?.endsWith("/undo")) play("ok");
  });
}

document.addEventListener("change", (event) => {
  const all = event.target;
  if (!(all instanceof HTMLInputElement) || !all.matches("[data-tick-all]")) return;
  for (const box of all.form?.querySelectorAll("input[data-open]") ?? []) /** @type {HTMLInputElement} */ (box).checked = all.checked;
});

if (document.querySelector("[data-chart]")) (await import("yanji/charts")).drawAll();
