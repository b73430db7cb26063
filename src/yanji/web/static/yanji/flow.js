// What the flow pages add to the scan field: choosing items, confirming by scan, posting once, sounds after an answer.
// @ts-check
import { countRows } from "yanji/scan";
import { play } from "yanji/sound";
import { presses, scans } from "yanji/unanswered";
import { GS, characterOf } from "yanji/wedge";

for (const box of document.querySelectorAll("[data-picker]")) startPicker(/** @type {HTMLElement} */ (box));

/** @param {HTMLElement} box */
function startPicker(box) {
  const input = /** @type {HTMLInputElement} */ (box.querySelector("input"));
  const found = /** @type {HTMLElement} */ (box.querySelector("[data-picker-found]"));
  const list = /** @type {HTMLElement} */ (document.querySelector(box.dataset.list ?? "#lines"));
  const says = /** @type {HTMLElement} */ (box.querySelector("[data-picker-says]"));
  let asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  /** @type {Promise<unknown>} what ends with Enter waits for the one before it, and the box is free for the next */
  let queue = Promise.resolve();

  const query = (/** @type {string} */ url, /** @type {Record<string, string>} */ more) => {
    const address = new URL(url, location.href);
    for (const form of document.querySelectorAll(box.dataset.include || "form#none"))
      for (const [name, value] of new FormData(/** @type {HTMLFormElement} */ (form)))
        if (typeof value === "string" && /^(supplier_id|store_id|deliver_to_id)$/.test(name)) address.searchParams.set(name, value);
    for (const [name, value] of Object.entries(more)) address.searchParams.set(name, value);
    return fetch(address, { headers: { "HX-Request": "true" } }).then((answer) => (answer.ok ? answer.text() : ""));
  };

  async function look() {
    const text = input.value.trim();
    const mine = ++asked;
    if (!text) return show("");
    const html = await query(box.dataset.url ?? "", { q: text }).catch(() => "");
    if (mine === asked) show(html);
  }

  /** @param {string} text what was scanned or typed, Enter at its end: the first that fits is added */
  function take(text) {
    clearTimeout(soon);
    input.value = "";
    asked += 1;
    show("");
    if (!text.trim()) return;
    queue = queue.then(() => addFirst(text.trim())).catch(() => refuse(text, ""));
    presses.add(queue);
  }

  /** @param {string} text */
  async function addFirst(text) {
    const html = await query(box.dataset.url ?? "", { q: text });
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const first = holder.content.querySelector("[data-add]");
    const line = first instanceof HTMLElement ? await query(first.dataset.add ?? "", {}) : "";
    if (line) place(line);
    else refuse(text, html);
  }

  /** @param {string} text @param {string} html what was said about it: below the box, and in it if nothing new is */
  function refuse(text, html) {
    play("error");
    if (html && !html.includes("data-add")) show(found.innerHTML + html);
    if (input.value) return;
    input.value = text;
    input.select();
  }

  const show = (/** @type {string} */ html) => {
    found.innerHTML = html;
    found.hidden = html === "";
  };

  /** @param {HTMLElement} button */
  function add(button) {
    show("");
    input.value = "";
    asked += 1;
    input.focus();
    queue = queue.then(() => query(button.dataset.add ?? "", {})).then((line) => (line ? place(line) : play("error")), () => play("error"));
    presses.add(queue);
  }

  /** @param {string} html the line of an item; one that stands already counts one more */
  function place(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const line = /** @type {HTMLElement} */ (holder.content.firstElementChild);
    const same = [...list.children].find((other) => /** @type {HTMLElement} */ (other).dataset.key === line.dataset.key);
    const shown = /** @type {HTMLElement} */ (same ?? line);
    const number = /** @type {HTMLInputElement | null} */ (shown.querySelector("[data-line-quantity]"));
    if (same && number) oneMore(number, perOf(shown), perOf(line));
    else list.append(line);
    shown.classList.remove("y-flash");
    void shown.offsetWidth;
    shown.classList.add("y-flash");
    says.textContent = shown.querySelector("b")?.textContent ?? "";
    play("ok");
    countLines(list);
  }

  input.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(look, 180);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      take(input.value);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (found.querySelector("button"))?.focus();
    } else if (event.key === "Escape") show("");
    else if (characterOf(event) === GS) {
      event.preventDefault();
      input.setRangeText(GS, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
    }
  });
  found.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("[data-add]");
    if (button instanceof HTMLElement) add(button);
  });
  list.addEventListener("click", (event) => {
    const pressed = /** @type {HTMLElement} */ (event.target);
    pressed.closest("[data-part-remove]")?.closest("[data-part]")?.remove();
    const more = pressed.closest("[data-part-add]");
    if (more) addPart(more);
    const button = pressed.closest("[data-line-remove]");
    if (!button) return;
    button.closest("[data-line]")?.remove();
    countLines(list);
    input.focus();
  });
  countLines(list);
  for (const text of Reflect.get(window, "yanjiEarly")(input)) take(text);
}

// A price is one supplier's: with another one it is the new one's contract or catalogue, or is typed anew.
for (const supplier of /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("select[data-prices-of]"))) {
  let before = supplier.value;
  supplier.addEventListener("change", () => {
    const prices = /** @type {HTMLInputElement[]} */ ([...(supplier.form?.elements ?? [])].filter((each) => each instanceof HTMLInputElement && each.name.startsWith("price:") && each.value));
    const said = document.querySelector(supplier.dataset.pricesOf ?? "");
    if (said instanceof HTMLElement) said.hidden = !before || prices.length === 0;
    if (before) for (const price of prices) price.value = "";
    if (before) for (const contract of supplier.form?.querySelectorAll(".y-line-more > .y-pill") ?? []) contract.remove();
    before = supplier.value;
  });
}

/** One more delivery of a line: the page's empty one, with fields named for the line. @param {Element} button */
function addPart(button) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.querySelector("#part"));
  const line = button.closest("[data-line]");
  const part = /** @type {DocumentFragment | undefined} */ (template?.content.cloneNode(true));
  if (!part || !(line instanceof HTMLElement)) return;
  const fields = /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (part.querySelectorAll("[name]"));
  for (const field of fields) field.name += line.dataset.key ?? "";
  const first = fields[0];
  line.querySelector("[data-parts]")?.append(part);
  first?.focus();
}

/** @param {HTMLElement} line @returns {HTMLSelectElement | null} in what its quantity is counted, where there is a choice */
function perOf(line) {
  return line.querySelector('select[name^="per:"]');
}

/** One more of what the line counts; of another package all of it is counted in pieces.
 * @param {HTMLInputElement} number @param {HTMLSelectElement | null} counted @param {HTMLSelectElement | null} added */
function oneMore(number, counted, added) {
  const [per, more] = [Number(counted?.value ?? 1), Number(added?.value ?? 1)];
  number.value = String(per === more ? Number(number.value) + 1 : Number(number.value) * per + more);
  if (counted && per !== more) counted.value = "1";
}

/** @param {HTMLElement} list */
function countLines(list) {
  const count = list.querySelectorAll("[data-line]").length;
  for (const place of document.querySelectorAll("[data-line-count]")) place.textContent = String(count);
  for (const button of document.querySelectorAll("[data-needs-lines]")) /** @type {HTMLButtonElement} */ (button).disabled = count === 0;
}

// Enter in a field of a form with lines would send it half filled: a scanner ends everything with Enter.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key === "Enter" && field instanceof HTMLInputElement && field.closest("form[data-scanned]") && field.type !== "submit") {
    event.preventDefault();
    const next = field.dataset.next ? document.querySelector(field.dataset.next) : document.querySelector("[data-scan-field] input, [data-picker] input");
    if (next instanceof HTMLElement) next.focus();
  }
});

// A form goes once; the key makes it once for the server as well. It takes along what was scanned before: data-going says
// "soon" while answers are awaited and "now" when it goes, and what is scanned from then on is for the next page.
/** @type {WeakSet<HTMLFormElement>} */
const complete = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("form[data-once]") || complete.delete(form)) return;
  if (form.dataset.going) return event.preventDefault();
  if (!scans.any && !presses.any) return going(form, "now");
  event.preventDefault();
  going(form, "soon");
  void sendWhenAnswered(form, /** @type {HTMLElement | null} */ (event.submitter));
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-going]")) going(/** @type {HTMLFormElement} */ (form), "");
});

/** @param {HTMLFormElement} form @param {"" | "soon" | "now"} when */
function going(form, when) {
  if (when) form.dataset.going = when;
  else delete form.dataset.going;
  for (const button of form.querySelectorAll("[data-scan-submit], .btn-primary")) button.classList.toggle("btn-loading", when !== "");
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} button */
async function sendWhenAnswered(form, button) {
  const bad = () => document.querySelectorAll("[data-scan-row][data-result=error]:not([data-why=next])").length;
  const before = bad();
  while (presses.any || (scans.any && form.dataset.going === "soon")) {
    await presses.answered();
    if (form.dataset.going === "soon") await scans.answered();
  }
  // What came last was refused: somebody should look before the rest goes without it.
  if (bad() > before) return stay(form);
  going(form, "now");
  complete.add(form);
  form.requestSubmit(button);
  if (complete.delete(form)) stay(form);
}

/** @param {HTMLFormElement} form */
function stay(form) {
  going(form, "");
  play("warn");
}

// The confirming code was scanned: what lies in the list is posted, as the one big button would; what was scanned after it is not.
document.body.addEventListener("yanji:confirm", () => {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-scan-submit]"));
  if (button?.form?.dataset.going) return;
  if (!button?.form || button.disabled || !button.form.reportValidity()) return play("warn");
  going(button.form, "now");
  void sendWhenAnswered(button.form, button);
});

// A button in a row is answered before its form goes.
document.body.addEventListener("htmx:beforeSend", (event) => {
  const { elt, xhr } = /** @type {CustomEvent} */ (event).detail;
  if (elt.closest("form[data-once]")) presses.add(new Promise((done) => xhr.addEventListener("loadend", done)));
});

// A scan chose something for a field of the form: the place, the patient, the order. What somebody chose meanwhile stays.
document.body.addEventListener("yanji:chosen", (event) => {
  for (const [name, value] of Object.entries(/** @type {CustomEvent} */ (event).detail.fields ?? {})) {
    const field = document.querySelector(`form[data-scanned] [name="${CSS.escape(name)}"]`);
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || field.value) continue;
    field.value = String(value);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  play("ok");
});

// Rows that the page brings, and rows that are put right in place, count as well.
document.body.addEventListener("htmx:afterSettle", recount);
document.addEventListener("change", (event) => {
  const verdict = event.target;
  if (!(verdict instanceof HTMLSelectElement) || !verdict.matches("[data-verdict]")) return;
  verdict.closest("[data-scan-row]")?.classList.toggle("y-rejected", isRejected(verdict));
  recount();
  /** @type {HTMLElement | null} */ (document.querySelector("[data-scan-field] input"))?.focus();
});

/** @param {Element | null} verdict what is put in doubt is taken in all the same */
function isRejected(verdict) {
  return verdict instanceof HTMLSelectElement && verdict.value !== "" && !verdict.value.startsWith("hold:");
}

function recount() {
  const list = document.querySelector("[data-scan-list]");
  if (!list) return;
  countRows(list, "[data-scan-needs-rows]");
  mark(list);
}

/** @param {HTMLElement} row @param {string | undefined} item how many pieces of it a row brings: a box all that are in it */
function piecesOf(row, item) {
  if (row.dataset.inside) return Number(JSON.parse(row.dataset.inside)[item ?? ""] ?? 0);
  if (/** @type {HTMLInputElement | null} */ (row.querySelector("input[name=of]"))?.value !== item) return 0;
  return Number(/** @type {HTMLInputElement | null} */ (row.querySelector("[data-scan-quantity]"))?.value ?? 1);
}

/** @param {Element} list what is scanned is ticked off beside it: on the pick list, among what is awaited or owed */
function mark(list) {
  const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-scan-row]:not([data-result=error])")]);
  const keys = new Set(rows.map((row) => row.dataset.key));
  for (const unit of document.querySelectorAll("[data-epc]")) unit.classList.toggle("y-done", keys.has(/** @type {HTMLElement} */ (unit).dataset.epc));
  for (const owed of document.querySelectorAll("[data-owed]")) {
    const item = /** @type {HTMLElement} */ (owed).dataset.owed;
    const count = rows
      .filter((row) => !isRejected(row.querySelector("[data-verdict]")))
      .reduce((sum, row) => sum + piecesOf(row, item), 0);
    const place = owed.querySelector("[data-owed-scanned]");
    if (place) place.textContent = String(count);
  }
}
recount();
document.addEventListener("click", (event) => {
  if (/** @type {HTMLElement} */ (event.target).closest("[data-scan-remove]")) setTimeout(recount);
});

// After a whole page: what it says is heard as well as read.
if (document.querySelector("#messages .y-refusal")) play("error");
else if (document.querySelector("#messages .y-message.y-ok")) play("ok");

// Rows of a ship notice: Enter after a scan goes to the next row, which is made where there is none.
const grown = document.querySelector("[data-grow]");
if (grown instanceof HTMLElement) {
  const fresh = /** @type {HTMLTemplateElement} */ (document.querySelector("[data-grow-row]"));
  /** @param {HTMLElement} row @param {string} text a whole label: its parts go into their fields, or the row says why not */
  const read = async (row, text) => {
    const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
    // Where there is no answer the label stays in its field, and is read when the form is sent.
    const answer = await fetch(grown.dataset.read ?? "", { method: "POST", headers, body: new URLSearchParams({ scan: text }) }).catch(() => null);
    const found = answer?.ok ? await answer.json() : {};
    for (const [name, value] of Object.entries(found.fields ?? {})) {
      const part = row.querySelector(`[name="${name}"]`);
      if (part instanceof HTMLInputElement || part instanceof HTMLSelectElement) part.value = String(value);
    }
    const says = row.querySelector("[data-says]");
    if (says) says.textContent = found.says ?? "";
    play(found.fields ? "ok" : "error");
  };
  const more = () => grown.append(fresh.content.cloneNode(true));
  document.querySelector("[data-grow-more]")?.addEventListener("click", () => [1, 2, 3, 4, 5].forEach(more));
  // What was read from a label holds for that label: a serial or an item changed by hand is named anew.
  grown.addEventListener("input", (event) => {
    const field = /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
    const name = field.closest(".y-notice-row")?.querySelector("[name=epc]");
    if (/^(serial|item)$/.test(field.name) && name instanceof HTMLInputElement) name.value = "";
  });
  grown.addEventListener("keydown", (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (!field.matches("[data-row-next]")) return;
    if (characterOf(event) === GS) {
      event.preventDefault();
      field.setRangeText(GS, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
      return;
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const row = /** @type {HTMLElement} */ (field.closest(".y-notice-row"));
    if (field.value.length > 20) presses.add(read(row, field.value).catch(() => play("error")));
    if (!row.nextElementSibling) more();
    /** @type {HTMLElement | null} */ (row.nextElementSibling?.querySelector("[data-row-next]") ?? null)?.focus();
  });
}
