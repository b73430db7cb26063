// What the page consists of and how it speaks: its parts, its words, what it tells and asks; whatever touches the basket goes in turn.
// @ts-check
import { play } from "yanji/sound";

/** @typedef {"home" | "act" | "queue"} View */

export const root = /** @type {HTMLElement} */ (document.querySelector("[data-hand]"));
export const person = Number(root.dataset.person);
export const texts = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("hand-texts")).textContent ?? "{}");
export const input = /** @type {HTMLInputElement} */ (document.getElementById("y-scan-input"));

/** @param {string} selector @returns {HTMLElement} */
export function part(selector, inside = /** @type {ParentNode} */ (root)) {
  return /** @type {HTMLElement} */ (inside.querySelector(selector));
}

/** @param {string} name @returns {HTMLElement} a copy of one of the page's templates */
export function made(name) {
  const template = /** @type {HTMLTemplateElement} */ (part(`template[data-make="${name}"]`));
  return /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
}

/** Of none and of one it may speak otherwise: `name_0`, `name_1`. @param {string} name @param {Record<string, string | number>} [facts] */
export const text = (name, facts = {}) => Object.entries(facts).reduce((said, [fact, value]) => said.replaceAll(`{${fact}}`, () => String(value)), texts[`${name}_${facts.n}`] ?? texts[name] ?? name);

/** @param {string} flow what the act is called */
export const labelOf = (flow) => part(`[data-flow="${flow}"]`)?.dataset.label ?? "";

// Views

/** @param {View} view */
export const isShown = (view) => !part(`[data-view=${view}]`).hidden;

/** @param {View} view */
export function showOnly(view) {
  for (const section of root.querySelectorAll("[data-view]")) /** @type {HTMLElement} */ (section).hidden = /** @type {HTMLElement} */ (section).dataset.view !== view;
  part("[data-home]").hidden = view === "home";
}

let isTyping = () => false;
/** Who hears the scanner says when half of a scan was heard: nobody may take the focus from the other half. @param {() => boolean} asked */
export function heedTyping(asked) {
  isTyping = asked;
}

export function focus() {
  if (isShown("queue") || isTyping()) return;
  input.focus({ preventScroll: true });
}

// Telling and asking

/** What the person has been told that is over once the network is back. */
let isPassing = false;

/** @param {"ok" | "warn" | "error"} result @param {string} sentence @param {boolean} [passing] true only until what waits is sent */
export function tell(result, sentence, passing = false) {
  play(result);
  part("[data-spoken]").textContent = sentence;
  const toast = part("[data-toast]");
  toast.textContent = sentence;
  toast.className = `h-toast y-${result}`;
  toast.hidden = !sentence;
  isPassing = passing;
}

export const isTold = (/** @type {string} */ sentence) => part("[data-toast]").textContent === sentence;

export function hush() {
  part("[data-toast]").hidden = true;
  isPassing = false;
}

export function hushPassing() {
  if (isPassing) hush();
}

/**
 * Asks before anything happens; whoever scans on is taken to say no.
 * @param {string} sentence @param {[string, () => Promise<void>][]} choices
 */
export function question(sentence, choices) {
  play("warn");
  hush();
  part("[data-spoken]").textContent = sentence;
  part("[data-question-text]").textContent = sentence;
  part("[data-question-choices]").replaceChildren(
    ...[...choices, /** @type {[string, () => Promise<void>]} */ ([text("not_now"), async () => focus()])].map(([label, does]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: label });
      button.addEventListener("click", () => {
        withdrawQuestion();
        inTurn(does);
      });
      return button;
    }),
  );
  part("[data-question]").hidden = false;
}

export function withdrawQuestion() {
  part("[data-question]").hidden = true;
}

// In turn

let last = Promise.resolve();
/**
 * One after the other, whatever touches the basket: what is scanned while an act is being kept belongs to the next, and no answer
 * overtakes the answer to what was done after it.
 * @param {() => Promise<unknown>} step
 */
export function inTurn(step) {
  last = last.then(step).then(() => undefined).catch((mistake) => {
    console.warn(mistake);
    tell("error", text("not_kept"));
  });
}

/** When all that has begun so far is over. */
export const over = () => last;
