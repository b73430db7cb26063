// The scan field: see web/_scan_field.html for what it promises.
// @ts-check
import { hold, nameOfScan, takeHeld } from "yanji/held";
import { isBadge } from "yanji/shared";
import { isMuted, play, setMuted } from "yanji/sound";
import { scans } from "yanji/unanswered";
import { AltCode, GS, characterOf, watchWedge } from "yanji/wedge";

/** @typedef {{ text: string, key: string, from: Element | null }} Scan `key`: its own name, sent again it is still the same scan; `from`: what had the focus, usually the field */
/** @typedef {"offline" | "busy" | "left" | "next"} Unsent why a scan stands unsent: the last is meant for the next page */

/** @type {any} */
const htmx = Reflect.get(window, "htmx");

/** @param {Element} list says how much stands in it, of a box what is inside, and lets nothing go while that is nothing @param {string} buttons */
export function countRows(list, buttons) {
  const good = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-scan-row]:not([data-result=error])")]);
  const all = (/** @type {Record<string, number>} */ inside) => Object.values(inside).reduce((sum, pieces) => sum + pieces, 0);
  const ticked = list.closest("form")?.querySelectorAll("[data-scan-counts]:checked").length ?? 0;
  const count = good.reduce((sum, row) => sum + (row.dataset.inside ? all(JSON.parse(row.dataset.inside)) : 1), ticked);
  for (const place of document.querySelectorAll("[data-scan-count]")) place.textContent = String(count);
  for (const button of document.querySelectorAll(buttons)) /** @type {HTMLButtonElement} */ (button).disabled = good.length === 0;
}

for (const box of document.querySelectorAll("[data-scan-field]")) start(/** @type {HTMLElement} */ (box));

/** @param {HTMLElement} box */
function start(box) {
  const input = /** @type {HTMLInputElement} */ (box.querySelector("input"));
  const list = /** @type {HTMLElement} */ (document.querySelector(box.dataset.target ?? ""));
  const says = /** @type {HTMLElement} */ (box.querySelector("[data-scan-says]"));
  const unsent = /** @type {HTMLTemplateElement} */ (box.querySelector("[data-scan-unsent]"));
  const alt = new AltCode();
  /** @type {Promise<unknown>} each scan waits for the one before it: answers come in the order of the scans */
  let queue = Promise.resolve();
  /** @type {Set<Scan>} */
  const waiting = new Set();
  // A scan led to another page, which is on its way.
  let led = false;

  const type = (/** @type {string} */ text) => input.setRangeText(text, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");

  input.addEventListener("keydown", (event) => {
    if (alt.down(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      const text = input.value;
      input.value = "";
      send(text);
    } else if (characterOf(event) === GS) {
      event.preventDefault();
      type(GS);
    }
  });
  input.addEventListener("keyup", (event) => {
    if (alt.up(event)) type(GS);
  });
  const wedge = watchWedge(document, (text) => send(text), document.querySelector(box.dataset.include || "_"));

  /** @param {string} text @param {string} [key] */
  function send(text, key = nameOfScan()) {
    if (!text.trim()) return focus();
    const scan = { text, key, from: document.activeElement };
    // The form is sent, or will be once it has what was scanned before.
    if (led || document.querySelector("form[data-going]")) return keep(scan, "next");
    waiting.add(scan);
    box.classList.add("y-busy");
    queue = queue.then(() => ask(scan)).catch((mistake) => {
      // One scan that we stumble over must not take the others with it.
      console.warn(mistake);
      keep(scan, "busy");
    }).finally(() => {
      waiting.delete(scan);
      box.classList.toggle("y-busy", waiting.size > 0);
    });
    scans.add(queue);
  }

  /** Whether what is scanned comes too late for this page. */
  const isGone = () => led || document.querySelector('form[data-going="now"]') !== null;

  /** @param {Scan} scan */
  async function ask(scan) {
    if (isGone()) return keep(scan, "next");
    if (await isBadge(scan.text)) return;
    const form = box.dataset.include ? document.querySelector(box.dataset.include) : null;
    const body = new FormData(form instanceof HTMLFormElement ? form : undefined);
    body.set(box.dataset.name ?? "scan", scan.text);
    body.set("scan_key", scan.key);
    const before = new Set(list.children);
    const answer = await post(entriesOf(body));
    const rows = /** @type {HTMLElement[]} */ ([...list.children].filter((row) => !before.has(row) && row instanceof HTMLElement && !row.dataset.unsent));
    const why = fate(answer, rows.length > 0);
    if (why) {
      for (const row of rows) row.remove();
      keep(scan, why);
    } else for (const row of rows) settle(row);
    count();
    giveBack(scan.from);
  }

  /** @param {Record<string, unknown>} values @returns {Promise<XMLHttpRequest | undefined>} the answer, shown already */
  async function post(values) {
    /** @type {XMLHttpRequest | undefined} */
    let answer;
    const heard = (/** @type {Event} */ event) => {
      const { elt, xhr } = /** @type {CustomEvent} */ (event).detail;
      if (elt === box) answer = xhr;
    };
    document.body.addEventListener("htmx:afterRequest", heard);
    try {
      await htmx.ajax("POST", box.dataset.url, { source: box, target: list, swap: "afterbegin", values });
    } catch {
      // The status says it.
    } finally {
      document.body.removeEventListener("htmx:afterRequest", heard);
    }
    return answer;
  }

  /** @param {XMLHttpRequest | undefined} answer @param {boolean} shown whether it brought a row @returns {Unsent | undefined} why the scan was not taken */
  function fate(answer, shown) {
    if (!answer?.status) return "offline";
    if (answer.status >= 400) return "busy";
    if (answer.getResponseHeader("HX-Redirect")) {
      led = true;
      // Without content it leads to the sign-in page: who scanned is signed in no more.
      return answer.status === 204 ? "left" : undefined;
    }
    // The form went without the row.
    return shown && isGone() ? "next" : undefined;
  }

  /** @param {HTMLElement} row a row that has just come */
  function settle(row) {
    // What went well before is no answer to a scan that is refused.
    if (row.dataset.result === "error") for (const old of document.querySelectorAll("#messages .y-message.y-ok")) old.remove();
    // Both symbols of a label were scanned: what was said of the first alone has been answered.
    if (row.dataset.paired !== undefined) for (const half of list.querySelectorAll("[data-half]")) half.remove();
    const key = row.dataset.key ?? "";
    const same = key && [...list.querySelectorAll("[data-scan-row]")].find((other) => other !== row && /** @type {HTMLElement} */ (other).dataset.key === key);
    if (same instanceof HTMLElement && row.dataset.result !== "error") {
      row.remove();
      const number = same.querySelector("[data-scan-quantity]");
      if (number instanceof HTMLInputElement) number.value = String(Number(number.value) + 1);
      tell(number ? "ok" : "warn", number ? same : null);
      flash(same);
      return;
    }
    tell(/** @type {"ok" | "warn" | "error"} */ (row.dataset.result ?? "ok"), row);
    flash(row);
  }

  /** @param {"ok" | "warn" | "error"} result @param {HTMLElement | null} row */
  function tell(result, row) {
    play(result);
    says.textContent = row ? (row.querySelector(".y-scan-text")?.textContent ?? "").trim() : (box.dataset.textTwice ?? "");
  }

  /** @param {HTMLElement} row */
  function flash(row) {
    row.classList.remove("y-flash");
    void row.offsetWidth;
    row.classList.add("y-flash");
    row.scrollIntoView({ block: "nearest" });
  }

  /** @param {{ text: string, key: string }} scan @param {Unsent} why it did not reach the server: it stays in sight */
  function keep({ text, key }, why) {
    const row = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (unsent.content.cloneNode(true)).querySelector("[data-scan-row]"));
    row.dataset.unsent = text;
    row.dataset.scanKey = key;
    row.dataset.why = why;
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (row.querySelector(name));
    part("b").textContent = text.replaceAll(GS, " ");
    part("small").textContent = { offline: box.dataset.textOffline, busy: box.dataset.textBusy, left: box.dataset.textLeft, next: box.dataset.textNext }[why] ?? "";
    part("[data-scan-again]").addEventListener("click", () => {
      row.remove();
      send(text, key);
      focus();
    });
    list.prepend(row);
    tell(why === "next" ? "warn" : "error", row);
  }

  function count() {
    countRows(list, "[data-scan-submit][data-scan-needs-rows]");
  }

  function focus() {
    // The other half of a scan that began beside the field must not go into it.
    if (wedge.isTyping()) setTimeout(giveBack, 100);
    else input.focus({ preventScroll: true });
  }

  /** @param {Element | null} [from] To the field - unless somebody has gone on from there: the key they press now is meant for where they are. */
  function giveBack(from) {
    const active = document.activeElement;
    const elsewhere = "input:not([data-scan-quantity]), textarea, select, .modal, .offcanvas.show";
    if (active === null || active === document.body || (active === from && !active.closest(elsewhere))) focus();
  }

  document.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const remove = target.closest("[data-scan-remove]");
    if (remove && list.contains(remove)) {
      remove.closest("[data-scan-row], [data-read-told]")?.remove();
      count();
      focus();
      return;
    }
    if (!target.closest("a, button, input, textarea, select, label, summary, [data-bs-toggle], .modal, .offcanvas, .dropdown-menu")) focus();
  });
  // Something else was answered: a button in a row, a list that was folded out.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { elt } = /** @type {CustomEvent} */ (event).detail;
    if (elt !== box) giveBack(elt.contains(document.activeElement) ? document.activeElement : null);
  });

  const keyboard = /** @type {HTMLElement} */ (box.querySelector("[data-scan-keyboard]"));
  const showKeyboard = (/** @type {boolean} */ shown) => {
    // Handhelds with a scanner of their own should not lose half of the screen to a keyboard nobody needs.
    input.inputMode = shown ? "text" : "none";
    keyboard.setAttribute("aria-pressed", String(shown));
    localStorage.setItem("yanji.keyboard", shown ? "1" : "0");
  };
  const touch = window.matchMedia("(pointer: coarse)").matches;
  showKeyboard(!touch || localStorage.getItem("yanji.keyboard") === "1");
  keyboard.hidden = !touch;
  keyboard.addEventListener("click", () => {
    showKeyboard(keyboard.getAttribute("aria-pressed") !== "true");
    input.blur();
    focus();
  });

  const sound = /** @type {HTMLElement} */ (box.querySelector("[data-scan-sound]"));
  sound.setAttribute("aria-pressed", String(!isMuted()));
  sound.addEventListener("click", () => {
    setMuted(!isMuted());
    sound.setAttribute("aria-pressed", String(!isMuted()));
    focus();
  });

  window.addEventListener("pagehide", () => {
    const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-unsent]")].reverse());
    hold([
      ...rows.map(({ dataset }) => ({ text: dataset.unsent ?? "", key: dataset.scanKey ?? "", onward: dataset.why === "next" })),
      ...[...waiting].map(({ text, key }) => ({ text, key, onward: isGone() })),
    ]);
    for (const row of rows) row.remove();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    led = false;
    takeUp();
  });

  /** What the page before could not send: sent where it is meant for this page, else shown with a button. */
  function takeUp() {
    for (const scan of takeHeld()) {
      if (scan.onward) send(scan.text, scan.key);
      else keep(scan, "left");
    }
  }

  list.closest("form")?.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.matches("[data-scan-counts]")) count();
  });
  count();
  if (input.autofocus) focus();
  takeUp();
  for (const text of Reflect.get(window, "yanjiEarly")(input)) send(text);
  scanFromAddress();

  // Another page has led here with the thing in hand; a reload must not scan it again.
  function scanFromAddress() {
    const address = new URL(location.href);
    const text = address.searchParams.get("scan");
    if (!text) return;
    address.searchParams.delete("scan");
    history.replaceState(history.state, "", address);
    send(text);
  }
}

/** @param {FormData} body @returns {Record<string, unknown>} values as htmx takes them: repeated names as lists */
function entriesOf(body) {
  /** @type {Record<string, unknown>} */
  const values = {};
  for (const name of new Set(body.keys())) {
    const all = body.getAll(name);
    values[name] = all.length > 1 ? all : all[0];
  }
  return values;
}
