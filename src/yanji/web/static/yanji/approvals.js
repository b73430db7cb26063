// Decide without a mouse: J and K go from one waiting document to the next, Tab and Enter do the rest. A refusal asks
// for its comment before it is sent.
// @ts-check
const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-approval]")]);

/** @param {EventTarget | null} target */
const isField = (target) => target instanceof HTMLElement && target.matches("input, textarea, select");

document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (!step || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
  const here = cards.findIndex((card) => card.contains(document.activeElement));
  const next = cards[Math.min(Math.max(here + step, 0), cards.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "center" });
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-approval] button[name=verdict]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  const comment = button.form?.querySelector("textarea");
  if (comment) comment.required = button.value === "refuse";
});
