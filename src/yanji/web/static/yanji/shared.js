// At a shared device: a scanned badge hands it over at once; where no hand is there the page shows nothing more and signs out.
// The server counts the same minutes by itself. What the page asks without a hand does not put them off, there or here.
// @ts-check
import { forgetSeen } from "yanji/hand/store";

const root = document.documentElement;
const IDLE_MS = Number(root.dataset.yIdle ?? 0) * 1000; // 0: this is no shared device
const WARN_MS = 30_000;
const TELL_MS = 10_000; // how often the server hears of a hand that does not open pages
const PATIENCE_MS = 4_000;
// What all pages of this browser know: when a hand was there last, and who is signed in.
const [SEEN, PERSON] = ["yanji.seen", "yanji.person"];

const person = root.dataset.yPerson ?? "";
const where = location.pathname === "/scan" ? "/scan" : "/";
let last = Date.now();
let told = last; // the page itself was opened by a hand
let telling = 0;
let locked = false;
let warned = false;
const QUIET_MS = 60_000; // how long nothing is asked of scans after the server did not answer
let silentUntil = 0;
/** @type {Set<string>} what turned out to be no badge: goods come again and again, and are asked about once */
const noBadges = new Set();

/** @param {string} path @param {Record<string, string>} [said] @returns {Promise<Response | null>} nothing where the server was not reached */
async function post(path, said = {}) {
  const token = /(?:^|; )yanji_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  const sent = { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(said), redirect: /** @type {const} */ ("manual") };
  return fetch(path, { ...sent, signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
}

// Badges

/** Labels of products and addresses are no badges, nor is what is too short for one. @param {string} text */
const mayBeBadge = (text) => /^[\x21-\x7e]{6,80}$/.test(text) && !/^\]|^01\d{14}|^\(\d{2,4}\)|^\+[A-Z]|^=|^[a-z]+:/.test(text);

/**
 * Whether a scan was a badge: then it is no scan of goods, and the page is somebody else's in a moment. What is scanned at a
 * page that is covered is nobody's at all.
 * @param {string} raw
 */
export async function isBadge(raw) {
  const badge = raw.trim().replace(/^\][A-Za-z]\d/, "");
  if (locked) return true;
  if (!IDLE_MS || Date.now() < silentUntil || noBadges.has(badge) || !mayBeBadge(badge)) return false;
  const answer = await post("/badge", { badge, hand_over: "1", next: where });
  if (!answer) silentUntil = Date.now() + QUIET_MS;
  const said = answer?.ok ? await answer.json() : {};
  if (said.says) say(said.says);
  if (said.goes) await leaveTo(said.goes);
  const is = Boolean(said.says || said.goes);
  if (answer?.ok && !is) noBadges.add(badge);
  return is || locked; // covered while the answer was on its way
}

/** @param {string} sentence */
function say(sentence) {
  const message = Object.assign(document.createElement("div"), { className: "y-message y-info y-said", role: "status", textContent: sentence });
  document.body.append(message);
  setTimeout(() => message.remove(), 5000);
}

// Locking

/** Nothing of what was shown stays in sight, nor in what the scan page keeps of it. @param {string} address */
async function leaveTo(address) {
  cover();
  await forgetSeen().catch(() => undefined);
  location.replace(address);
}

function cover() {
  locked = true;
  document.dispatchEvent(new Event("yanji:covered"));
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("y-locked"));
  document.title = template?.dataset.title ?? "";
  document.body.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
}

/** Whether an answer says that nobody is signed in. A server that is being started says nothing of it. @param {Response | null} answer */
const isOver = (answer) => answer?.type === "opaqueredirect" || [401, 403].includes(answer?.status ?? 0);

async function lock() {
  if (locked) return;
  cover();
  const answer = await post("/sign-out");
  if (answer?.ok || isOver(answer)) return leaveTo(`/sign-in?next=${where}`);
  // Without the server nobody can come in; the page stays covered until it answers.
  await forgetSeen().catch(() => undefined);
  document.querySelector("[data-lock-offline]")?.removeAttribute("hidden");
  const again = () => void post("/sign-out").then((reached) => (reached?.ok || isOver(reached)) && location.replace(`/sign-in?next=${where}`));
  window.addEventListener("online", again);
  setInterval(again, TELL_MS);
}

// Idle time

/** Somebody is there. */
export function touched() {
  if (!IDLE_MS || locked) return;
  last = Date.now();
  localStorage.setItem(SEEN, String(last));
  warn(IDLE_MS);
  if (telling) return;
  telling = window.setTimeout(tell, Math.max(0, told + TELL_MS - last));
}

async function tell() {
  telling = 0;
  told = Date.now();
  const answer = await post("/stay");
  if (isOver(answer)) await lock(); // the server has ended it already
}

/** @param {number} left milliseconds */
function warn(left) {
  const box = /** @type {HTMLElement | null} */ (document.querySelector("[data-idle]"));
  if (!box) return;
  warned = left <= WARN_MS;
  box.hidden = !warned;
  /** @type {HTMLElement} */ (box.querySelector("[data-idle-left]")).textContent = String(Math.max(0, Math.ceil(left / 1000)));
}

function look() {
  if (locked) return;
  const left = IDLE_MS - (Date.now() - Math.max(last, Number(localStorage.getItem(SEEN) ?? 0)));
  if (left <= 0) void lock();
  else warn(left);
}

if (IDLE_MS) {
  localStorage.setItem(SEEN, String(last));
  localStorage.setItem(PERSON, person);
  let heard = 0;
  for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "yanji:hand"])
    document.addEventListener(name, (event) => {
      // On the way to the button nothing goes from under the pointer.
      if (name.endsWith("move") && (warned || event.timeStamp - heard < 1000)) return;
      heard = event.timeStamp;
      touched();
    }, { capture: true, passive: true });
  // Another page of this browser belongs to somebody else from now on: what this one shows was for who was here before.
  window.addEventListener("storage", (event) => {
    if (event.key === PERSON && event.newValue !== person && !locked) void leaveTo("/");
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, 1000);
  window.addEventListener("online", () => {
    silentUntil = 0;
  });
}
