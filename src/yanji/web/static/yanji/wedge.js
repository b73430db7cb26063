// A keyboard-wedge scanner types like a person who is very quick and always ends with Enter.
// @ts-check

/** GS, the separator of GS1 element strings, which no keyboard has a key for. */
export const GS = "\x1d";
const QUICK_MS = 60;
const SHORTEST = 4;
// How long after a key more of the same scan may still come. Generous: a busy page hears of keys late.
const REST_MS = 1000;

/**
 * What a key event of a scanner stands for: GS comes as the control code, as Ctrl+] or as F8 (both common settings).
 * @param {KeyboardEvent} event
 * @returns {string} the character, or "" where the key is none
 */
export function characterOf(event) {
  if (event.key === GS || event.key === "F8" || (event.ctrlKey && (event.key === "]" || event.code === "BracketRight"))) return GS;
  if (event.ctrlKey || event.metaKey || event.altKey) return "";
  return event.key.length === 1 ? event.key : "";
}

/** Follows Alt held with digits of the number pad (Alt+029): how some scanners send control codes on Windows. */
export class AltCode {
  #digits = "";
  /** @param {KeyboardEvent} event @returns {boolean} whether the key belongs to such a code */
  down(event) {
    if (event.key === "Alt") {
      this.#digits = "";
      return true;
    }
    if (event.altKey && /^(Numpad|Digit)\d$/.test(event.code)) {
      this.#digits += event.code.slice(-1);
      return true;
    }
    return false;
  }
  /** @param {KeyboardEvent} event @returns {string} GS where a code for it just ended */
  up(event) {
    if (event.key !== "Alt") return "";
    const digits = this.#digits;
    this.#digits = "";
    return digits !== "" && Number(digits) === 29 ? GS : "";
  }
}

// By the time at which a key was pressed, not at which a busy page got round to it.
let pressed = -Infinity;
let quick = false;
document.addEventListener("keydown", (event) => {
  quick = event.timeStamp - pressed <= QUICK_MS;
  pressed = event.timeStamp;
}, true);

/** Whether the key being handled follows the one before as quickly as only a scanner types. */
export const isQuick = () => quick;

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

/** @param {EventTarget | null} target @returns {target is Field} */
const isField = (target) => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

/**
 * Whether what is typed into it stays there, a scan too: any field beside the document that is being made (the search box),
 * and secrets.
 * @param {EventTarget | null} target @param {Element | null} form
 */
const keepsItsKeys = (target, form) =>
  target instanceof HTMLElement &&
  target.closest("input:not([data-scan-quantity]), textarea, select, [contenteditable]") !== null &&
  !(isField(target) && form?.contains(target) && target.type !== "password");

/**
 * Whether a field of the document takes what was scanned into it for itself: a note or a number does, but no label of a
 * product, which its AIM identifier, its separators or its GTIN give away. Nobody scans a choice, a quantity or what is only typed.
 * @param {EventTarget | null} target @param {string} text
 */
const isMeantForIt = (target, text) =>
  (target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && !("scanQuantity" in target.dataset || "typed" in target.dataset))) &&
  !/^\][A-Z]|\x1d|^01\d{14}1[0-7]|^\(01\)\d{14}/.test(text);

/**
 * Calls back with what a scanner typed while no field had the focus that wants it. Slow typing is left alone.
 * @param {Document} page
 * @param {(text: string) => void} scanned
 * @param {Element | null} [form] the document that is being made by scanning
 * @returns {{ isTyping: () => boolean }} whether half of a scan was heard: nobody may take the focus from the other half
 */
export function watchWedge(page, scanned, form = null) {
  let text = "";
  /** @type {string | null} what stood in the field that a scan is typed over */
  let before = null;
  const alt = new AltCode();
  page.addEventListener("keydown", (event) => {
    const { target } = event;
    if (keepsItsKeys(target, form)) return;
    // A key that somebody else has taken is no letter of a scan: "/" has led to the search box.
    if (event.defaultPrevented) return;
    if (alt.down(event)) return;
    if (!isQuick()) {
      text = "";
      before = isField(target) ? target.value : null;
    }
    if (event.key === "Enter") {
      if (text.length >= SHORTEST && !isMeantForIt(target, text)) {
        event.preventDefault();
        if (isField(target) && before !== null) target.value = before;
        scanned(text);
      }
      text = "";
      return;
    }
    const character = characterOf(event);
    // In the middle of a scan a key is no command, neither ours nor the browser's, and chooses nothing from a list.
    const chooses = before === null || target instanceof HTMLSelectElement;
    if (character === GS || (text && character && chooses)) event.preventDefault();
    text += character;
  });
  page.addEventListener("keyup", (event) => {
    text += alt.up(event);
  });
  return { isTyping: () => text !== "" && performance.now() - pressed < REST_MS };
}
