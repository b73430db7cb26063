// A wall shows more than fits on it in turns. Who stands before it stops them by choosing a view, and by touching one.
// @ts-check

const TURNS = ["pictures", "lists", "places"];
const SECONDS = 20;

const board = /** @type {HTMLElement} */ (document.querySelector("[data-shown]"));
const buttons = [.../** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-show]"))];

/** @param {string} chosen a view that stays; empty: each in turn */
function choose(chosen) {
  for (const button of buttons) {
    const mine = button.dataset.show === chosen;
    button.classList.toggle("active", mine);
    button.setAttribute("aria-pressed", String(mine));
  }
  if (chosen) board.dataset.shown = chosen;
}

function next() {
  const held = buttons[0]?.getAttribute("aria-pressed") === "false" || board.matches(":hover, :focus-within");
  if (held || document.hidden) return;
  board.dataset.shown = TURNS[(TURNS.indexOf(board.dataset.shown ?? "") + 1) % TURNS.length];
}

for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.show ?? ""));
setInterval(next, SECONDS * 1000);
