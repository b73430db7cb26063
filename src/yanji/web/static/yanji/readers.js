// What a reader saw: choose tags, and hand them over to the page of a flow, which takes them as if they were scanned.
// @ts-check
import { hold, nameOfScan } from "yanji/held";

const box = /** @type {HTMLElement} */ (document.querySelector("[data-reader]"));
/** @type {Set<string>} chosen tags; kept here, because the list is fetched anew all the time */
const chosen = new Set();

/** @returns {HTMLInputElement[]} */
const boxes = () => [...box.querySelectorAll("[data-reader-tag]")].filter((each) => each instanceof HTMLInputElement);

function show() {
  for (const each of boxes()) each.checked = chosen.has(each.value);
  const all = box.querySelector("[data-reader-all]");
  if (all instanceof HTMLInputElement) all.checked = boxes().length > 0 && boxes().every((each) => each.checked);
  for (const each of box.querySelectorAll("[data-reader-count]")) each.textContent = String(chosen.size);
  for (const each of box.querySelectorAll("[data-reader-onward]")) /** @type {HTMLButtonElement} */ (each).disabled = chosen.size === 0;
}

box.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  const meant = target.matches("[data-reader-all]") ? boxes().map((each) => each.value) : [target.value];
  for (const tag of meant) {
    if (target.checked) chosen.add(tag);
    else chosen.delete(tag);
  }
  show();
});

box.addEventListener("click", ({ target }) => {
  const onward = target instanceof Element ? target.closest("[data-reader-onward]") : null;
  if (!(onward instanceof HTMLElement) || !onward.dataset.readerOnward) return;
  hold([...chosen].map((text) => ({ text, key: nameOfScan(), onward: true })));
  location.assign(onward.dataset.readerOnward);
});
document.body.addEventListener("htmx:afterSwap", show);
show();
