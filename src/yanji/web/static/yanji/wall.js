// A wall shows more than fits on it in turns: the views, and of places that are more than a screen holds one page after the other.
// Who stands before it stops the turns by choosing a view, whose pages go on, and all of it by touching one.
// @ts-check

const TURNS = ["pictures", "lists", "places"];
const SECONDS = 20;

const board = /** @type {HTMLElement} */ (document.querySelector("[data-shown]"));
const buttons = [.../** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-show]"))];
let turned = 0; // pages of the places that have had their turn

/** @param {string} shown */
function show(shown) {
  board.dataset.shown = shown;
  turned = 0;
  turn();
}

/** @param {string} chosen a view that stays; empty: each in turn */
function choose(chosen) {
  for (const button of buttons) {
    const mine = button.dataset.show === chosen;
    button.classList.toggle("active", mine);
    button.setAttribute("aria-pressed", String(mine));
  }
  if (chosen) show(chosen);
}

/** Shows the page of the places whose turn it is, and says which of how many; false where there are no more. The part that they
 * stand in is fetched anew as things happen. */
function turn() {
  const places = /** @type {HTMLElement | null} */ (board.querySelector("[data-turn=places]"));
  const said = places?.querySelector("[data-pages]");
  if (!places || !said) return false;
  // A line of each page is on the next one as well, so none is seen by halves alone.
  const head = said.parentElement?.offsetHeight ?? 0;
  const page = Math.max(1, places.clientHeight - head - 3 * parseFloat(getComputedStyle(places).fontSize));
  const over = places.scrollHeight - places.clientHeight;
  const pages = over > 1 ? 1 + Math.ceil(over / page) : 1;
  if (turned >= pages) return false;
  places.scrollTop = turned * page;
  said.textContent = pages > 1 ? `${turned + 1} / ${pages}` : "";
  return true;
}

function next() {
  if (document.hidden || board.matches(":hover, :focus-within")) return;
  if (board.dataset.shown === "places") {
    turned += 1;
    if (turn()) return;
  }
  const chosen = buttons[0]?.getAttribute("aria-pressed") === "false";
  show(chosen ? (board.dataset.shown ?? "") : TURNS[(TURNS.indexOf(board.dataset.shown ?? "") + 1) % TURNS.length]);
}

for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.show ?? ""));
document.addEventListener("htmx:afterSwap", () => {
  // Fewer may have come than had had their turn: then it is the last one's.
  while (!turn() && turned > 0) turned -= 1;
});
setInterval(next, SECONDS * 1000);
