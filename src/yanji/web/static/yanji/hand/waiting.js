// The queue in sight: what waits, what was refused and why, and what a person can do about each of it.
// @ts-check
import { say, waitsFor } from "yanji/hand/queue";
import { skewMs } from "yanji/hand/server";

/** @typedef {import("./store.js").KeptAct} KeptAct */
/**
 * @typedef {object} Page
 * @property {(name: string) => HTMLElement} made
 * @property {(name: string, facts?: Record<string, string | number>) => string} text
 * @property {() => Promise<void>} changed
 * @property {(act: KeptAct) => void} anew puts its scans into the basket again
 * @property {(selector: string, inside?: ParentNode) => HTMLElement} part
 * @property {string} inBasket the key of the act whose scans lie in the basket again
 */

/** @param {HTMLElement} list @param {KeptAct[]} own @param {number} others @param {Page} page */
export function drawQueue(list, own, others, page) {
  // Somebody is writing why: the cards stay as they are until that is said.
  if (list.contains(document.activeElement) && document.activeElement instanceof HTMLTextAreaElement) return;
  list.replaceChildren(...own.filter((act) => act.state !== "parted").reverse().map((act) => card(act, own, page)));
  const note = page.part("[data-others]");
  note.hidden = others === 0;
  note.textContent = page.text("others", { n: others });
  page.part("[data-empty]").hidden = own.length > 0;
}

const LOOKS = { waiting: "warn", settling: "warn", refused: "error", accepted: "ok", settled: "ok", parted: "ok" };

/** @param {KeptAct} act @param {KeptAct[]} own @param {Page} page */
function card(act, own, { made, text, changed, anew, part, inBasket }) {
  const item = made("act");
  const look = LOOKS[act.state];
  item.classList.add(`y-${look}`);
  item.dataset.state = act.state;
  for (const icon of item.querySelectorAll(".y-icon")) if (!icon.classList.contains(`h-${look}`)) icon.remove();
  part("[data-name]", item).textContent = act.title;
  part("[data-when]", item).textContent = new Date(act.scanned_at).toLocaleString(document.documentElement.lang);
  part("[data-what]", item).textContent = act.things.join("\n").replaceAll("\x1d", " ");
  const whither = part("[data-whither-sent]", item);
  whither.hidden = !act.whither?.length;
  whither.textContent = `→ ${(act.whither ?? []).join(" · ")}`;
  const before = act.state === "waiting" ? waitsFor(act, own) : undefined;
  const back = act.state === "refused" && act.key === inBasket;
  part("[data-became]", item).textContent = back ? text("in_basket") : before ? text("waits_for") : [text(`is_${act.state}`, { number: act.number ?? "" }).trim(), act.said].filter(Boolean).join(" · ");
  part("[data-why]", item).textContent = act.state === "accepted" ? "" : (act.sentences ?? []).join(" ");
  const choices = part("[data-choices]", item);
  choices.hidden = act.state !== "refused" || back;
  const because = /** @type {HTMLTextAreaElement} */ (part("textarea", item));
  part("[data-again]", item).addEventListener("click", () => say(act, { state: "waiting", again: true, scanned_at: new Date().toISOString(), skew_ms: skewMs() }).then(changed));
  part("[data-anew]", item).addEventListener("click", () => anew(act));
  for (const way of /** @type {const} */ (["handed_on", "dropped"])) {
    part(`[data-${way.replace("_", "-")}]`, item).addEventListener("click", () => {
      if (!because.value.trim()) {
        because.setAttribute("aria-invalid", "true");
        return because.focus();
      }
      because.blur();
      void say(act, { state: "settling", way, because: because.value.trim() }).then(changed);
    });
  }
  return item;
}
