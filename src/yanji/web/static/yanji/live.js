// Keeps an open page true: rows of the ticker as they happen, numbers a moment later. One connection a page, and none
// while nobody looks at it: it comes back with the position it had, so nothing is missed and nothing is told twice.
// @ts-check

/** @typedef {{ id: string, step: string, at: string, when: string, what: string, where: string }} Happened */
/** @typedef {{ lag: number, ease: number, happened: Happened[] }} Told */

const steps = JSON.parse(document.getElementById("y-steps")?.textContent ?? "{}");
const signs = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-live-sign]"))];
const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
const { liveUnit: unit = "", livePlace: place = "", liveFamily: family = "", liveSupplier: supplier = "" } = page?.dataset ?? {};
const seconds = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "second", unitDisplay: "narrow", minimumFractionDigits: 1, maximumFractionDigits: 1 });
// Longer than the server is ever silent: then the connection is dead, whatever the browser believes.
const SILENCE = 40_000;

/** @type {EventSource | null} */
let source = null;
let position = page?.dataset.live ?? ""; // of the log as the page was made: what happened since is told first
let silent = 0;

function open() {
  if (source || document.hidden) return;
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries({ unit, place, family, supplier })) if (value) asked.set(name, value);
  if (page?.hasAttribute("data-live-figures")) asked.set("figures", "1");
  if (document.querySelector("[data-figure]")) asked.set("numbers", "1");
  if (position) asked.set("after", position);
  source = new EventSource(`/live?${asked}`);
  source.addEventListener("open", () => heard());
  source.addEventListener("still", heard);
  source.addEventListener("message", (event) => {
    heard(event);
    tell(JSON.parse(event.data));
  });
  source.addEventListener("numbers", (event) => {
    heard(event);
    told = JSON.parse(event.data);
    count();
  });
  source.addEventListener("error", failed);
}

function close() {
  source?.close();
  source = null;
  clearTimeout(silent);
}

/** A connection that broke is taken up again by the browser; one that was refused is asked for again later. */
function failed() {
  if (source?.readyState !== EventSource.CLOSED) return show("lost");
  show("off");
  close();
  silent = window.setTimeout(open, SILENCE);
}

/** @param {MessageEvent} [event] */
function heard(event) {
  if (event?.lastEventId) position = event.lastEventId;
  show("on");
  clearTimeout(silent);
  silent = window.setTimeout(() => { show("lost"); close(); open(); }, SILENCE);
}

/** @param {"on" | "lost" | "off"} state @param {number} [lag] milliseconds from the record to this page */
function show(state, lag) {
  for (const sign of signs) {
    sign.dataset.liveSign = state;
    const words = sign.querySelector("span");
    if (words) words.textContent = lag === undefined ? (sign.dataset[state] ?? "") : seconds.format(lag / 1000);
  }
}

/** @param {Told} told */
function tell({ lag, ease, happened }) {
  show("on", lag);
  for (const list of document.querySelectorAll("[data-live-ticker]")) {
    const most = Number(list.getAttribute("data-live-ticker"));
    for (const one of happened.slice(-most)) {
      if (document.getElementById(`y-e-${one.id}`)) continue;
      list.querySelector("[data-empty]")?.remove();
      list.prepend(row(one));
    }
    while (list.children.length > most) list.lastElementChild?.remove();
  }
  refresh(ease * 1000);
}

/** @param {Happened} one */
function row({ id, step, at, when, what, where }) {
  const made = /** @type {HTMLElement} */ (/** @type {HTMLTemplateElement} */ (document.getElementById("y-tick")).content.cloneNode(true)).firstElementChild;
  const item = /** @type {HTMLElement} */ (made);
  item.id = `y-e-${id}`;
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (item.querySelector(name));
  part("a").setAttribute("href", `/event/${id}`);
  part("time").setAttribute("datetime", at);
  part("time").textContent = when;
  part("a > span").className = `y-tick-${steps[step]?.tone ?? "mute"}`;
  part("a > span").innerHTML = steps[step]?.icon ?? ""; // drawn by the server from our own icons
  part("b").textContent = `${steps[step]?.name ?? step} · ${what}`;
  part("small").textContent = where;
  return item;
}

/** @type {{ at: number, numbers: Record<string, string[]> }} after which entry they were read; by the key of what shows them, its texts in turn */
let told = { at: 0, numbers: {} };

/** Numbers are told as soon as they are read; the rest of the part that they stand in is fetched later. One that was read after
 * them, and may have newer ones, keeps its own. */
function count() {
  const { at: readAt, numbers } = told;
  if (Number(/** @type {HTMLElement | null} */ (document.querySelector("[data-read]"))?.dataset.read ?? 0) > readAt) return;
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-figure]"))) {
    const key = place.dataset.figure ?? "";
    // Where nothing lies any more is not among them.
    const texts = numbers[key] ?? (/^(?:place|campus)-/.test(key) ? numbers.none : undefined) ?? [];
    [...place.querySelectorAll(".y-num, .y-pill, b")].forEach((part, at) => {
      const said = texts[at];
      if (said === undefined || part.textContent === said) return;
      if (part.lastChild?.nodeType === Node.TEXT_NODE) part.lastChild.textContent = said; // beside the dot of a label
      else part.append(said);
    });
  }
}

const ASKED = "Y-Live"; // marks what was asked for here, among what the reader asked for
let last = -Infinity;
let due = 0;
let behind = false; // a part is not as fresh as it could be

/** Parts of the page that follow from what happened are fetched again: at once, then as seldom as the server asks.
 * @param {number} ease milliseconds */
function refresh(ease) {
  if (due) return;
  const wait = last + ease - performance.now();
  // Not all pages at the same moment, where many wait.
  due = window.setTimeout(() => { due = 0; last = performance.now(); fetchParts(); }, wait > 0 ? wait + Math.random() * 500 : 30);
}

/** Who is choosing or writing in a part is not disturbed: it is fetched once they leave it. @param {Element} part */
function busy(part) {
  const held = part.contains(document.activeElement);
  behind ||= held;
  return held;
}

function fetchParts() {
  behind = false;
  // What is shown of the past stays as it was.
  if (new URLSearchParams(location.search).has("at")) return;
  const { htmx } = /** @type {any} */ (window);
  for (const part of document.querySelectorAll("[data-live-refresh]")) {
    if (busy(part)) continue;
    const target = `#${part.id}`;
    // A page that has a part of its own for htmx sends just what is in it; of others the part is cut out.
    const how = part.getAttribute("data-live-refresh") === "inside" ? { swap: "innerHTML" } : { select: target, swap: "outerHTML" };
    // What the reader folded or unfolded stays so.
    const folds = [...part.querySelectorAll("details[id]")].map((fold) => ({ id: fold.id, open: /** @type {HTMLDetailsElement} */ (fold).open }));
    void htmx.ajax("GET", location.pathname + location.search, { target, headers: { [ASKED]: "1" }, ...how }).then(() => {
      count(); // what was told meanwhile may be newer
      for (const { id, open } of folds) document.getElementById(id)?.toggleAttribute("open", open);
    });
  }
}

/** From now on this page is live. */
export function begin() {
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  // A page that the browser keeps for going back must not keep a connection.
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  document.addEventListener("focusout", () => { if (behind) refresh(0); });
  // Somebody may have come into a part while its answer was on the way.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = /** @type {any} */ (event);
    if (detail.requestConfig.headers[ASKED] && busy(detail.target)) detail.shouldSwap = false;
  });
  open();
}
