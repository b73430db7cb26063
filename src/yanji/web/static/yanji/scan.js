// The scan field: see web/_scan_field.html for what it promises.
// @ts-check
import { AltCode, GS, characterOf, watchWedge } from "yanji/wedge";
import { isMuted, play, setMuted } from "yanji/sound";

/** @type {any} */
const htmx = Reflect.get(window, "htmx");

for (const box of document.querySelectorAll("[data-scan-field]")) start(/** @type {HTMLElement} */ (box));

/** @param {HTMLElement} box */
function start(box) {
  const input = /** @type {HTMLInputElement} */ (box.querySelector("input"));
  const list = /** @type {HTMLElement} */ (document.querySelector(box.dataset.target ?? ""));
  const says = /** @type {HTMLElement} */ (box.querySelector("[data-scan-says]"));
  const alt = new AltCode();
  /** @type {Promise<unknown>} each scan waits for the one before it: answers come in the order of the scans */
  let queue = Promise.resolve();
  let waiting = 0;

  const type = (/** @type {string} */ text) => input.setRangeText(text, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
  const focus = () => input.focus({ preventScroll: true });

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
  watchWedge(document, send);

  /** @param {string} text @param {string} [key] the scan's own name: sent again, it is still the same scan */
  function send(text, key = nameOfScan()) {
    if (!text.trim()) return focus();
    waiting += 1;
    box.classList.add("y-busy");
    queue = queue.then(() => ask(text, key)).finally(() => {
      waiting -= 1;
      box.classList.toggle("y-busy", waiting > 0);
    });
  }

  /** @param {string} text @param {string} key */
  async function ask(text, key) {
    const form = box.dataset.include ? document.querySelector(box.dataset.include) : null;
    const body = new FormData(form instanceof HTMLFormElement ? form : undefined);
    body.set(box.dataset.name ?? "scan", text);
    body.set("scan_key", key);
    const before = new Set(list.children);
    const failed = (/** @type {Event} */ event) => {
      if (/** @type {CustomEvent} */ (event).detail.elt === box) keep(text, key, event.type === "htmx:sendError" ? "offline" : "busy");
    };
    document.body.addEventListener("htmx:sendError", failed);
    document.body.addEventListener("htmx:responseError", failed);
    try {
      await htmx.ajax("POST", box.dataset.url, { source: box, target: list, swap: "afterbegin", values: entriesOf(body) });
    } catch {
      // The failure was shown by the event above.
    } finally {
      document.body.removeEventListener("htmx:sendError", failed);
      document.body.removeEventListener("htmx:responseError", failed);
    }
    for (const row of [...list.children]) if (!before.has(row)) settle(/** @type {HTMLElement} */ (row));
    count();
    focusAfter();
  }

  /** @param {HTMLElement} row a row that has just come */
  function settle(row) {
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

  /** @param {string} text @param {string} key @param {"offline" | "busy"} why a scan that did not reach the server stays in sight */
  function keep(text, key, why) {
    const row = document.createElement("li");
    row.className = "y-scan-row y-error";
    row.dataset.scanRow = "";
    row.dataset.result = "error";
    const words = document.createElement("div");
    words.className = "y-scan-text";
    const title = document.createElement("b");
    title.textContent = text.replaceAll(GS, "␝");
    const note = document.createElement("small");
    note.textContent = (why === "offline" ? box.dataset.textOffline : box.dataset.textBusy) ?? "";
    words.append(title, note);
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn-sm";
    again.textContent = box.dataset.textAgain ?? "";
    again.addEventListener("click", () => {
      row.remove();
      send(text, key);
    });
    row.append(words, again);
    list.prepend(row);
  }

  function count() {
    const good = list.querySelectorAll("[data-scan-row]:not([data-result=error])").length;
    for (const place of document.querySelectorAll("[data-scan-count]")) place.textContent = String(good);
    for (const button of document.querySelectorAll("[data-scan-submit][data-scan-needs-rows]"))
      /** @type {HTMLButtonElement} */ (button).disabled = good === 0;
  }

  function focusAfter() {
    const active = document.activeElement;
    // Somebody types into another field: the scanner must not take it away.
    if (active instanceof HTMLElement && active !== input && active.closest("input, textarea, select, .modal, .offcanvas.show")) return;
    focus();
  }

  document.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const remove = target.closest("[data-scan-remove]");
    if (remove && list.contains(remove)) {
      remove.closest("[data-scan-row]")?.remove();
      count();
      focus();
      return;
    }
    if (!target.closest("a, button, input, textarea, select, label, summary, [data-bs-toggle], .modal, .offcanvas, .dropdown-menu")) focus();
  });
  document.body.addEventListener("htmx:afterSettle", focusAfter);

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

  count();
  if (input.autofocus) focus();
}

/** Hospitals' own networks are often without TLS, where the browser gives no randomUUID. */
function nameOfScan() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
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
