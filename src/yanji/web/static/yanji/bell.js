// The number on the bell: what was known last at once, then what the server says; asked again while somebody looks, as
// seldom as the server asks, and at once when the page is looked at again.
// @ts-check

const KEPT = "yanji-bell";
/** @type {number} */
let due = 0;
/** @type {number} */
let asked = 0;

/** @param {HTMLElement} bell @param {{ open: number, urgent: number }} waiting */
function show(bell, { open, urgent }) {
  const number = /** @type {HTMLElement} */ (bell.querySelector("b"));
  number.hidden = !open;
  number.textContent = open > 99 ? "99+" : String(open);
  bell.dataset.bellOpen = String(open);
  bell.classList.toggle("y-bell-urgent", urgent > 0);
  const words = (open === 1 ? bell.dataset.bellOne : bell.dataset.bellMany) ?? "";
  bell.setAttribute("aria-label", open ? words.replace("{n}", String(open)) : bell.title);
}

/** @param {HTMLElement} bell */
async function ask(bell) {
  clearTimeout(due);
  if (document.hidden || !navigator.onLine) {
    due = window.setTimeout(() => void ask(bell), 60_000);
    return;
  }
  asked = performance.now();
  let again = 60;
  try {
    const answer = await fetch(bell.dataset.bell ?? "", { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.ok) {
      const waiting = await answer.json();
      again = waiting.again;
      show(bell, waiting);
      sessionStorage.setItem(KEPT, JSON.stringify({ ...waiting, of: document.documentElement.dataset.yPerson }));
    }
  } catch {
    // No network, or signed out: the number stays as it was known.
  }
  due = window.setTimeout(() => void ask(bell), again * 1000);
}

/** @param {HTMLElement} bell */
export function ring(bell) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  if (kept.of === document.documentElement.dataset.yPerson && kept.open) show(bell, kept);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && performance.now() - asked > 2000) void ask(bell);
  });
  void ask(bell);
}
