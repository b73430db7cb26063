// A keyboard-wedge scanner types like a person who is very quick and always ends with Enter.
// @ts-check

/** GS, the separator of GS1 element strings, which no keyboard has a key for. */
export const GS = "\x1d";
const QUICK_MS = 60;
const SHORTEST = 4;

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

/**
 * Calls back with what a scanner typed while no field had the focus. Slow typing is left alone.
 * @param {Document} page
 * @param {(text: string) => void} scanned
 */
export function watchWedge(page, scanned) {
  let text = "";
  let last = 0;
  const alt = new AltCode();
  page.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]")) return;
    // A key that somebody else has taken is no letter of a scan: "/" has led to the search box.
    if (event.defaultPrevented) return;
    if (alt.down(event)) return;
    const now = performance.now();
    if (now - last > QUICK_MS) text = "";
    last = now;
    if (event.key === "Enter") {
      if (text.length >= SHORTEST) {
        event.preventDefault();
        scanned(text);
      }
      text = "";
      return;
    }
    const character = characterOf(event);
    if (character === GS) event.preventDefault();
    text += character;
  });
  page.addEventListener("keyup", (event) => {
    text += alt.up(event);
  });
}
