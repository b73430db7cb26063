// The scan page: choose an act or a paper, scan, see what it means, one button does it. Everything scanned is kept at once.
// @ts-check
import { Camera } from "yanji/hand/camera";
import { forgetAll, recall, refresh } from "yanji/hand/nearby";
import { hereAll, localAbout } from "yanji/hand/offline";
import { STORE_IN, acts, add, backOf, newKey, send } from "yanji/hand/queue";
import { REASON, because, counted, lying, rowsOf, scansOf, tookOf, withReasons } from "yanji/hand/rows";
import { ask, rememberSkew, skewMs } from "yanji/hand/server";
import { change, keep, known, one } from "yanji/hand/store";
import { askTodo, afterBasket, drawTodo, inWords, recallTodos, refreshTodos, todoOf, without } from "yanji/hand/todo";
import { drawQueue } from "yanji/hand/waiting";
import { isBadge } from "yanji/shared";
import { isMuted, play, setMuted } from "yanji/sound";
import { AltCode, GS, characterOf, watchWedge } from "yanji/wedge";

/** @typedef {import("./store.js").Scan} Scan */
/** @typedef {"home" | "act" | "queue"} View */

const root = /** @type {HTMLElement} */ (document.querySelector("[data-hand]"));
const person = Number(root.dataset.person);
const texts = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("hand-texts")).textContent ?? "{}");
const input = /** @type {HTMLInputElement} */ (document.getElementById("y-scan-input"));
const basket = part("[data-basket]");
const button = /** @type {HTMLButtonElement} */ (part("[data-commit]"));
const says = part("[data-says]");
const reason = /** @type {HTMLSelectElement} */ (part("[data-reason]"));
const AGAIN_MS = 15_000;
const TWICE_MS = 800; // a trigger that is pulled twice reads the same code twice
// What is done in several acts stays open until nothing is left; of what a number alone moves as a whole it would be moved by a slip.
const STAYS = new Set(["receive", "pick", "count"]);
// More than the server takes would only be refused, and could not even be dropped there.
const [MOST, LONGEST] = [Number(root.dataset.most), Number(root.dataset.longest)];
/** @type {any} */
let today = { tasks: [], places: [], stores: [], reasons: {}, whys: {} };
/** @type {import("./store.js").Draft} */
let draft = empty("");
/** @type {any} what the server said of the basket, or nothing */
let reading = null;
/** @type {import("./store.js").KeptAct[]} the person's own acts on this device, as last looked at */
let own = [];
/** @type {Set<string>} acts that were done, but the server has not told yet what their paper waits for now */
const untold = new Set();
/** @type {string} */
let stopped = "";
/** What the person has been told that is over once the network is back. */
let saidStopped = false;
/** @type {{ text: string, at: number }} the number that opened the act, and when */
let opening = { text: "", at: -Infinity };

/** @param {string} selector @returns {HTMLElement} */
function part(selector, inside = /** @type {ParentNode} */ (root)) {
  return /** @type {HTMLElement} */ (inside.querySelector(selector));
}

/** @param {string} flow @returns {import("./store.js").Draft} */
function empty(flow) {
  return { person, flow, about: {}, chosen: "", scans: [] };
}

/** @param {View} view */
function show(view) {
  for (const section of root.querySelectorAll("[data-view]")) /** @type {HTMLElement} */ (section).hidden = /** @type {HTMLElement} */ (section).dataset.view !== view;
  part("[data-home]").hidden = view === "home";
  if (view !== "act" && camera.runs) toggleCamera();
  drawOpen();
  focus();
}

/** A basket that was left lies open on the first view until it is finished or emptied. */
function drawOpen() {
  part("[data-open-basket]").hidden = draft.scans.length === 0;
  part("[data-open-text]").textContent = text("open_basket", { act: labelOf(draft.flow), n: draft.scans.length });
}

function focus() {
  if (!part("[data-view=queue]").hidden || wedge.isTyping()) return;
  input.focus({ preventScroll: true });
}

/** @param {string} name @param {Record<string, string | number>} [facts] */
const text = (name, facts = {}) => Object.entries(facts).reduce((said, [fact, value]) => said.replaceAll(`{${fact}}`, () => String(value)), texts[name] ?? name);

/** @param {"ok" | "warn" | "error"} result @param {string} sentence */
function tell(result, sentence) {
  play(result);
  part("[data-spoken]").textContent = sentence;
  const toast = part("[data-toast]");
  toast.textContent = sentence;
  toast.className = `h-toast y-${result}`;
  toast.hidden = !sentence;
  saidStopped = false;
}

function hush() {
  part("[data-toast]").hidden = true;
  saidStopped = false;
}

/**
 * Asks before anything happens; whoever scans on is taken to say no.
 * @param {string} sentence @param {[string, () => Promise<void>][]} choices
 */
function question(sentence, choices) {
  play("warn");
  hush();
  part("[data-spoken]").textContent = sentence;
  part("[data-question-text]").textContent = sentence;
  part("[data-question-choices]").replaceChildren(
    ...[...choices, /** @type {[string, () => Promise<void>]} */ ([text("not_now"), async () => focus()])].map(([label, does]) => {
      const made_ = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: label });
      made_.addEventListener("click", () => {
        part("[data-question]").hidden = true;
        inTurn(does);
      });
      return made_;
    }),
  );
  part("[data-question]").hidden = false;
}

// Choosing

/** @param {string} flow @param {Record<string, string | number>} [about] @param {string} [chosen] */
async function begin(flow, about = {}, chosen = "") {
  if (draft.scans.length) return tell("warn", text("basket_first"));
  draft = { ...empty(flow), about, proposed: likely(flow), chosen };
  reading = null;
  hush();
  await keepDraft();
  open();
  await read();
  await learnTodo();
}

/** What the paper in hand waits for, as the server knows it now. */
async function learnTodo() {
  const { flow, about } = draft;
  if (await askTodo(flow, { ...about, ...reading?.about }, person)) untold.clear();
  if (draft.flow === flow) draw();
}

function open() {
  part("[data-title]").textContent = labelOf(draft.flow);
  part("[data-hint]").textContent = texts[`hint_${draft.flow}`] ?? "";
  const reasons = Object.entries(today.reasons[draft.flow] ?? {});
  part("[data-why]").hidden = reasons.length === 0;
  reason.replaceChildren(new Option(text(draft.flow === "arrive" ? "sound" : "choose_reason"), ""), ...reasons.map(([code, words]) => new Option(/** @type {string} */ (words), code)));
  reason.value = String(draft.about.reason ?? "");
  offer("store", "[data-whither]", STORE_IN[draft.flow] ? today.stores : [], text("choose_store"));
  offer("department", "[data-for]", draft.flow === "request" ? (today.departments ?? []) : [], text("choose_department"));
  part("[data-carrier]").hidden = draft.flow !== "ship";
  part("#hand-carriers").replaceChildren(...(today.carriers ?? []).map((/** @type {string} */ name) => new Option(name, name)));
  draw();
  show("act");
}

/** Places of which one is chosen. @param {string} name @param {string} around @param {any[]} places @param {string} none */
function offer(name, around, places, none) {
  part(around).hidden = places.length === 0;
  part(`[data-${name}]`).replaceChildren(new Option(none, ""), ...places.map((each) => new Option(each.name, each.id)));
}

/** What nobody has said yet, as it most likely is: the store that serves the department, the person's own department. @param {string} flow */
function likely(flow) {
  const [store, department] = [today.stores?.[0]?.id, today.departments?.[0]?.id];
  return told({ ...(STORE_IN[flow] ? { [STORE_IN[flow]]: store ?? "" } : {}), ...(flow === "request" ? { place_id: department ?? "" } : {}) });
}

/** What is proposed and no scan names: a store that is scanned for the first time is named, and confirms nothing. */
function unsaid() {
  const named = new Set(Object.keys(localAbout(draft, today)));
  for (const scan of draft.scans) named.add(placesRead.get(scan) ?? "");
  return Object.fromEntries(Object.entries(draft.proposed ?? {}).filter(([fact]) => !named.has(fact)));
}

const aboutNow = () => told({ ...unsaid(), ...draft.about });

/** @type {WeakMap<Scan, string>} what the places among the scans are for the act, as the server read them */
const placesRead = new WeakMap();
function learnPlaces() {
  for (const { role, of, meaning } of reading?.sights ?? []) {
    const [kind, id] = meaning.document ?? [];
    const scan = draft.scans[of[0]];
    if (scan && kind === "place" && role !== "thing") placesRead.set(scan, draft.flow === "request" && today.stores.some((/** @type {any} */ each) => each.id === id) ? "from_place_id" : "place_id");
  }
}

const keepDraft = () => change({ drafts: draft.flow ? { put: [draft] } : { remove: [person] } });

// Scanning

let scanning = Promise.resolve();
/**
 * One after the other, whatever touches the basket: what is scanned while an act is being kept belongs to the next, and no answer
 * overtakes the answer to what was done after it.
 * @param {() => Promise<void>} step
 */
function inTurn(step) {
  scanning = scanning.then(step).catch((mistake) => {
    console.warn(mistake);
    tell("error", text("not_kept"));
  });
}

/** @param {string} raw @param {boolean} [camera] */
function scan(raw, camera = false) {
  if (!raw.trim()) return focus();
  document.dispatchEvent(new Event("yanji:hand"));
  inTurn(() => take(raw, camera));
}

/** @param {string} raw @param {boolean} camera */
async function take(raw, camera) {
  if (raw.length > LONGEST) return tell("error", text("too_long"));
  part("[data-question]").hidden = true;
  // Of who comes next, at a shared device: what lies in the basket stays there for who scanned it.
  if (!today.tasks.some((/** @type {any} */ task) => task.names.includes(raw.trim())) && (await isBadge(raw))) return;
  if (draft.scans.length >= MOST) return tell("error", text("too_many", { n: MOST }));
  if (raw.trim() === opening.text && performance.now() - opening.at < TWICE_MS && !draft.scans.length) return;
  if (part("[data-view=act]").hidden) {
    if (await opensAct(raw)) return;
    const isFirst = !draft.flow;
    if (isFirst) draft = empty("look");
    else if (draft.scans.length) return putBy(raw, camera);
    open();
    await putIn(raw, camera);
    return isFirst ? opensAfterAll(raw) : undefined;
  }
  await putIn(raw, camera);
}

/** @param {string} raw @param {boolean} camera */
async function putIn(raw, camera) {
  if (part("[data-view=act]").hidden) open();
  draft.scans.push({ text: raw, camera, at: new Date().toISOString() });
  await keepDraft();
  await readNew();
}

/** Where a basket lies open, another paper's number is asked for: what nobody can tell here is kept before the server is asked. @param {string} raw @param {boolean} camera */
async function putBy(raw, camera) {
  const scan_ = { text: raw, camera, at: new Date().toISOString() };
  draft.scans.push(scan_);
  await keepDraft();
  const tasks = await tasksOf(raw);
  if (tasks.length && !tasks.some(isInHand)) {
    await drop([scan_]);
    return startOf(raw, tasks);
  }
  open();
  await readNew();
}

async function readNew() {
  const before = paperInHand();
  await read(true);
  if (draft.scans.length && paperInHand() !== before) await learnTodo();
}

/** @returns {import("./todo.js").Todo | undefined} what the paper in hand waits for, as far as it is known */
function todoNow() {
  const todo = todoOf(draft.flow, { ...draft.about, ...(reading ? reading.about : localAbout(draft, today)) });
  return todo && without(todo, own.filter((act) => act.state === "waiting" || untold.has(act.key)));
}
const paperInHand = () => JSON.stringify(Object.entries({ ...draft.about, ...(reading ? reading.about : localAbout(draft, today)) }).filter(([fact]) => fact.endsWith("_id") && fact !== "place_id" && fact !== "from_place_id"));
/** @param {string} flow */
const labelOf = (flow) => part(`[data-flow="${flow}"]`)?.dataset.label ?? "";

/** The acts that the server knows for a number, or for a wristband. @param {string} raw @returns {Promise<any[]>} */
async function tasksOf(raw) {
  if (stopped || /^(\][A-Za-z]\d)?01\d{14}/.test(raw)) return [];
  const answer = await ask("/handheld/tasks", person, { text: raw });
  return answer.status === 200 ? answer.body : [];
}

/** @param {any} task */
const isInHand = (task) => ({ ...draft.about, ...reading?.about })[`${task.kind}_id`] === task.id;

/** Whether a scan on the first page is the number of a paper that is listed, and opens its act. @param {string} raw */
async function opensAct(raw) {
  const tasks = today.tasks.filter((/** @type {any} */ task) => task.names.includes(raw.trim()));
  if (!tasks.length || tasks.some(isInHand)) return false;
  await startOf(raw, tasks);
  return true;
}

/** Begins the one act that a number is for; of several, and where a basket lies open, it is asked. @param {string} raw @param {any[]} tasks */
async function startOf(raw, tasks) {
  const starts = (/** @type {any} */ task) => begin(task.flow, { [`${task.kind}_id`]: task.id }, task.number).then(() => void (opening = { text: raw.trim(), at: performance.now() }));
  if (draft.scans.length) {
    const of = { number: raw.trim(), act: labelOf(draft.flow), n: draft.scans.length };
    question(text("number_or_basket", of), [
      [text("into_basket", of), () => putIn(raw, false)],
      ...tasks.map((task) => /** @type {[string, () => Promise<void>]} */ ([text("empty_and_begin", { act: labelOf(task.flow), n: draft.scans.length }), async () => {
        draft = empty("");
        await starts(task);
      }])),
    ]);
  } else if (tasks.length > 1) question(text("which_act", { number: tasks[0].number }), tasks.map((task) => [text("begin_with", { act: labelOf(task.flow), number: task.number }), () => starts(task)]));
  else await starts(tasks[0]);
}

/** What was scanned without an act and is no thing may be the number of a paper that is not listed: it is kept before it is asked. @param {string} raw */
async function opensAfterAll(raw) {
  const kind = reading?.sights[0]?.meaning.kind;
  if (draft.scans.length !== 1 || (kind !== "document" && kind !== "unreadable")) return;
  const tasks = await tasksOf(raw);
  if (!tasks.length) return;
  if (tasks.length > 1) await emptyBasket();
  else draft = empty("");
  await startOf(raw, tasks);
}

/** @param {boolean} [isNew] whether the last scan has just come */
async function read(isNew = false) {
  const { flow, scans } = draft;
  const asking = () => ask("/handheld/readings", person, { flow, scans, about: aboutNow() });
  const proposals = Object.keys(unsaid()).length;
  let answer = flow ? await asking() : null;
  reading = answer?.status === 200 ? answer.body : null;
  learnPlaces();
  // A scan has just named what was only proposed: without that it is read as what it is, the first word and no second.
  if (reading && Object.keys(unsaid()).length < proposals) {
    answer = await asking();
    reading = answer.status === 200 ? answer.body : null;
  }
  stopped = answer ? stoppedBy(answer) : stopped;
  const last = reading?.sights.find((/** @type {any} */ sight) => sight.of.includes(scans.length - 1));
  if (isNew) await judge();
  draw();
  // Only the scan that has just confirmed it does it: never one that lay in the basket already.
  if (isNew && last?.role === "confirm" && reading.confirmed && reading.ready) await commit();
  if (isNew && !reading && stopped && hereAll(draft, today).at(-1)?.role === "confirm") await commit();
}

/** @param {import("./server.js").Answer} answer */
function stoppedBy(answer) {
  if (!answer.reached) return "offline";
  if (answer.status === 401) return "signed_out";
  return ["stale_session", "other_person"].includes(answer.body?.code) ? "other_person" : "";
}

/** @param {import("./store.js").Facts} about */
const told = (about) => Object.fromEntries(Object.entries(about).filter(([, value]) => value !== ""));

/** Sound for the scan that came last; a thing scanned twice stands once, in a count on the shelf where it was seen last. */
async function judge() {
  const last = draft.scans.length - 1;
  const sight = reading?.sights.find((/** @type {any} */ each) => each.of.includes(last));
  if (!sight) return tell("warn", stopped ? text("kept_unread") : text("not_read"));
  const same = reading.sights.find((/** @type {any} */ each) => each !== sight && each.role === "thing" && sight.role === "thing" && each.meaning.epc && each.meaning.epc === sight.meaning.epc);
  if (same && !sight.counted) {
    const carriedOn = draft.flow === "count" && same.source !== sight.source;
    await drop(scansOf(carriedOn ? same : sight, draft.scans));
    if (!carriedOn) return tell("warn", text("twice"));
  }
  const { item_name, scan, offences } = sight.meaning;
  const [look, words] = texts.verdicts[sight.verdict] ?? ["ok", ""];
  if (sight.half && offences.length) return tell("warn", text("half"));
  tell(offences.length ? "error" : look, offences[0]?.sentence ?? (words || (sight.role === "about" ? (Object.values(reading.named).at(-1) ?? scan) : item_name || scan)));
}

/** @param {Scan[]} gone the scans that are taken out */
async function drop(gone) {
  takeOut(gone);
  await keepDraft();
}

/** Of what was read, the rest stays as it was read. @param {Scan[]} gone */
function takeOut(gone) {
  const of = draft.scans.flatMap((scan, number) => (gone.includes(scan) ? [number] : []));
  draft.scans = draft.scans.filter((scan) => !gone.includes(scan));
  if (!reading) return;
  const place = (/** @type {number} */ number) => number - of.filter((each) => each < number).length;
  reading.sights = reading.sights.filter((/** @type {any} */ each) => !each.of.some((/** @type {number} */ n) => of.includes(n)));
  for (const sight of reading.sights) sight.of = sight.of.map(place);
}

// Showing

/** @param {string} name @returns {HTMLElement} */
const made = (name) => /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (/** @type {HTMLTemplateElement} */ (part(`template[data-make="${name}"]`)).content.cloneNode(true)).firstElementChild));

/** What the scans are, by the server, else as far as it can be told here. @returns {any[]} */
const sightsNow = () => reading?.sights ?? withReasons(hereAll(draft, today), draft.scans, today.whys?.[draft.flow] ?? {});

function draw() {
  const things = sightsNow().filter((sight) => sight.role === "thing");
  // Somebody is writing how many: the rows stay as they are until that is said.
  if (!(document.activeElement instanceof HTMLInputElement && basket.contains(document.activeElement)))
    basket.replaceChildren(...rowsOf(things, draft.scans, draft.flow === "count").reverse().map(row));
  part("[data-about]").replaceChildren(...chips().map((name) => Object.assign(document.createElement("span"), { className: "y-pill y-info", textContent: String(name) })));
  drawSources();
  const about = { ...aboutNow(), ...reading?.about };
  /** @type {HTMLSelectElement} */ (part("[data-store]")).value = String(about[STORE_IN[draft.flow] ?? ""] ?? "");
  /** @type {HTMLSelectElement} */ (part("[data-department]")).value = String(about.place_id ?? "");
  drawFields();
  const open = (reading?.offences ?? []).map((/** @type {any} */ offence) => offence.sentence);
  says.textContent = reading ? (open[0] ?? "") : stopped ? text(stopped) : "";
  const count = reading?.pieces ?? things.reduce((sum, sight) => sum + sight.meaning.quantity, 0);
  button.hidden = draft.flow === "look";
  const todo = todoNow();
  drawTodo(part("[data-todo]"), todo, things, { made, text, part });
  const whole = !count && todo?.left.length && texts[`whole_${draft.flow}`];
  button.textContent = whole && todo ? text(`whole_${draft.flow}`, inWords(todo)) : text(count ? `do_${draft.flow}` : `all_${draft.flow}`, { n: count });
  button.disabled = reading ? !reading.ready : !(things.length || (texts[`whole_${draft.flow}`] && paperInHand() !== "[]"));
  drawState();
}

/** What the act is about, as people call it. @returns {unknown[]} */
function chips() {
  const named = Object.values(reading?.named ?? {});
  if (named.length) return named;
  return [draft.chosen, ...sightsNow().filter((sight) => sight.role === "about").map((sight) => sight.meaning.item_name)].filter(Boolean);
}

/** Where a counted lot lies at several places, a person says which of them it is taken from. */
function drawSources() {
  const sources = reading?.sources ?? [];
  part("[data-whence]").hidden = sources.length === 0;
  const from = /** @type {HTMLSelectElement} */ (part("[data-from]"));
  from.replaceChildren(new Option(text("choose_from"), ""), ...sources.map((/** @type {any} */ each) => new Option(`${each.name} (${each.pieces})`, each.id)));
  from.value = String(draft.about.from_place_id ?? "");
}

/** What is written and not scanned; of the way of a load only where something in it is kept cold. */
function drawFields() {
  const { celsius_min, celsius_max, no_record } = draft.about;
  const asked = (reading?.offences ?? []).some((/** @type {any} */ offence) => offence.code === "way_temperature_needed");
  part("[data-climate]").hidden = draft.flow !== "arrive" || !(asked || celsius_min || celsius_max || no_record);
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("[data-fact]"))) {
    if (field === document.activeElement) continue;
    if (field.type === "checkbox") field.checked = Boolean(draft.about[field.dataset.fact ?? ""]);
    else field.value = String(draft.about[field.dataset.fact ?? ""] ?? "");
  }
}

/** @param {import("./rows.js").Row} group */
function row(group) {
  const sight = group.sights.find((each) => each.meaning.offences.length) ?? group.last;
  const { meaning } = sight;
  const counts = draft.flow === "count";
  const [look, words] = texts.verdicts[sight.verdict] ?? ["ok", ""];
  const lies = counts && words && meaning.unit ? `${words}: ${meaning.unit.place_name}` : words;
  const said = look === "ok" && ((!counts && meaning.seal) || meaning.warnings.length || sight.reason) ? "warn" : look;
  const result = sight.unread || (sight.half && meaning.offences.length) ? "warn" : meaning.offences.length ? "error" : said;
  const made_ = made("row");
  made_.classList.add(`y-${result}`);
  made_.dataset.result = result;
  for (const icon of made_.querySelectorAll(`.y-icon.h-ok, .y-icon.h-warn, .y-icon.h-error`)) if (!icon.classList.contains(`h-${result}`)) icon.remove();
  const put = (/** @type {string} */ name, /** @type {string} */ value) => {
    const place = part(`[data-${name}]`, made_);
    place.textContent = value;
    place.hidden = !value;
  };
  put("name", meaning.item_name || meaning.scan.replaceAll(GS, " "));
  put("what", [meaning.serial && text("serial", { serial: meaning.serial }), meaning.lot && text("lot", { lot: meaning.lot }), !group.lot && meaning.quantity > 1 && `× ${meaning.quantity}`].filter(Boolean).join(" · "));
  put("expiry", meaning.expiry ? text("expiry", { day: meaning.expiry }) : "");
  put("where", meaning.unit && !counts ? [texts.statuses[meaning.unit.status], meaning.unit.place_name].filter(Boolean).join(" · ") : (sight.source ?? ""));
  const half = sight.half && meaning.offences.length;
  const past = sight.unread && meaning.expiry && meaning.expiry < new Date().toISOString().slice(0, 10);
  const notes = sight.unread ? [past ? text("past_expiry") : "", text(meaning.known ? "as_known" : "kept_unread")] : half ? [text("half")] : [...meaning.offences.map((/** @type {any} */ each) => each.sentence), lies, counts ? "" : meaning.seal, ...meaning.ways_out.slice(0, 1).map((/** @type {any} */ way) => way.sentence)];
  put("notes", notes.filter(Boolean).join(" "));
  drawCount(made_, group);
  drawReasons(made_, group, sight);
  const adopt = part("[data-adopt]", made_);
  // At the dock what is new is entered and received; anywhere else it is kept aside.
  adopt.hidden = meaning.kind !== "unknown_product" || !root.dataset.adopts || draft.flow !== "receive";
  adopt.addEventListener("click", () => window.confirm(text("adopt_sure")) && inTurn(() => adoptProduct(meaning.scan)));
  offerAside(made_, group, sight, adopt.hidden);
  const elsewhere = sight.unread ? undefined : meaning.ways_out.find((/** @type {any} */ each) => each.href);
  const way = /** @type {HTMLAnchorElement} */ (part("[data-way]", made_));
  way.hidden = !elsewhere;
  way.href = elsewhere?.href ?? "#";
  const more = /** @type {HTMLAnchorElement} */ (part("[data-more]", made_));
  more.hidden = draft.flow !== "look" || !meaning.kind || meaning.kind === "unreadable";
  more.href = `/search?q=${encodeURIComponent(meaning.epc || meaning.scan)}`;
  part("[data-out]", made_).addEventListener("click", () => {
    focus(); // at once: what is scanned next must not be heard by a button that goes
    inTurn(async () => {
      const gone = lying(draft.scans, group);
      if (!gone.length) return;
      hush();
      await drop(gone);
      await read();
      focus();
    });
  });
  return made_;
}

/**
 * What nobody knows is kept aside by whoever has it in hand, where it lies; without a server it may be known, and the server says so.
 * @param {HTMLElement} made_ @param {import("./rows.js").Row} group @param {any} sight @param {boolean} isFree no other button offers to enter it
 */
function offerAside(made_, group, sight, isFree) {
  const { kind, known: seen, offences, document: names } = sight.meaning;
  // A unit that an order did not bring is rejected at the dock; a lot that nobody knows has no unit, and is a task alone.
  const strange = kind === "new_unit" ? draft.flow !== "receive" : kind === "lot" ? sight.meaning.lot_id === null && draft.flow !== "receive" : ["unknown_product", "needs_label", "unreadable"].includes(kind);
  const unknown = sight.unread ? !seen : strange && !names && offences.length > 0 && !(sight.half && kind !== "unknown_product");
  const open = part("[data-unknown]", made_);
  open.hidden = !unknown || !isFree || !today.homes?.length;
  const home = /** @type {HTMLSelectElement} */ (part("[data-home-of]", made_));
  const keepIt = /** @type {HTMLButtonElement} */ (part("[data-keep-aside]", made_));
  const ready = () => (keepIt.disabled = !home.value);
  open.addEventListener("click", () => {
    const shelf = Number(reading ? reading.about.place_id : localAbout(draft, today).place_id ?? draft.about.place_id);
    const named = shelf ? [{ id: shelf, name: reading?.named.place_id ?? today.places.find((/** @type {any} */ each) => each.id === shelf)?.name ?? "" }] : [];
    const homes = [...named, ...today.homes.filter((/** @type {any} */ each) => each.id !== shelf)];
    home.replaceChildren(...(homes.length > 1 && !shelf ? [new Option(text("choose_home"), "")] : []), ...homes.map((each) => new Option(each.name, String(each.id))));
    open.hidden = true;
    part("[data-aside]", made_).hidden = false;
    ready();
  });
  home.addEventListener("change", ready);
  const scans = scansOf(sight, draft.scans);
  keepIt.addEventListener("click", () => inTurn(() => keepAside(sight, lying(draft.scans, group, scans), Number(home.value))));
}

/** An act of its own, as any other: kept here, sent once. The rest stays in the basket. @param {any} sight @param {Scan[]} scans @param {number} place */
async function keepAside(sight, scans, place) {
  if (!scans.length) return;
  const rest = { ...draft, scans: draft.scans.filter((scan) => !scans.includes(scan)) };
  const act = await add(
    {
      key: newKey(), person, flow: "adopt", scans, about: { place_id: place, reason: draft.flow }, title: text("aside"), things: [sight.meaning.item_name || sight.meaning.scan],
      subjects: scans.map((/** @type {any} */ each) => each.text), scanned_at: new Date().toISOString(), skew_ms: skewMs(), replaces: "",
    },
    person, "", rest,
  );
  takeOut(scans);
  tell("warn", text("kept"));
  await read();
  focus();
  void sendNow(act.key);
}

/**
 * A row is as old as the last answer: what was scanned since is in the basket, and what it shows may have been taken out, or done.
 * @param {import("./rows.js").Row} group that somebody touched @param {(scans: Scan[]) => Scan[]} changed what becomes of the basket as it is when its turn has come
 */
function rescanned(group, changed) {
  focus();
  inTurn(async () => {
    if (!lying(draft.scans, group).length) return;
    draft.scans = changed(draft.scans);
    reading = null;
    await keepDraft();
    await read();
    focus();
  });
}

/** How many pieces of a lot: large keys, or written. @param {HTMLElement} item @param {import("./rows.js").Row} group */
function drawCount(item, group) {
  const panel = part("[data-count]", item);
  panel.hidden = !group.lot;
  const field = /** @type {HTMLInputElement} */ (part("[data-pieces]", panel));
  field.value = field.defaultValue = String(group.pieces);
  const says_ = (/** @type {(now: number) => number} */ labels) => rescanned(group, (scans) => counted(scans, group, labels));
  part("[data-less]", panel).addEventListener("click", () => says_((now) => now - 1));
  part("[data-plus]", panel).addEventListener("click", () => says_((now) => now + 1));
  field.addEventListener("change", () => {
    field.blur();
    const pieces = Number(field.value);
    if (!Number.isInteger(pieces) || pieces < 1) return void (field.value = field.defaultValue);
    field.defaultValue = field.value;
    says_(() => Math.round(pieces / group.per));
  });
  /** @type {HTMLButtonElement} */ (part("[data-less]", panel)).disabled = group.pieces <= group.per;
}

/** Why a thing is rejected, in doubt, or taken out of turn: one touch, or its code scanned. @param {HTMLElement} item @param {import("./rows.js").Row} group @param {any} sight */
function drawReasons(item, group, sight) {
  const whys = today.whys?.[draft.flow] ?? {};
  const [group_ = "", code = ""] = (sight.reason ?? "").split(":");
  const said = part("[data-said]", item);
  said.hidden = !sight.reason;
  said.textContent = sight.reason ? text(`said_${group_}`, { why: whys[group_]?.[code] ?? code }) : "";
  item.classList.toggle("y-rejected", group_ === "reject");
  /** @param {string} label @param {string} of @param {string} why @param {boolean} [first] */
  const choice = (label, of, why, first) => {
    const made_ = Object.assign(document.createElement("button"), { type: "button", className: first ? "btn btn-primary" : "btn", textContent: label });
    made_.addEventListener("click", () => rescanned(group, (scans) => because(scans, group, of, why)));
    return made_;
  };
  part("[data-reasons]", item).replaceChildren(...(sight.asks ?? []).filter((/** @type {string} */ of) => whys[of]).map((/** @type {string} */ of, /** @type {number} */ number) => {
    const panel = /** @type {HTMLDetailsElement} */ (made("reasons"));
    part("summary", panel).textContent = text(`why_${of}`);
    panel.open = number === 0 && !sight.reason && !sight.proposed && sight.meaning.offences.length > 0;
    const codes = Object.entries(whys[of]).map(([why, words]) => choice(/** @type {string} */ (words), of, why));
    part("[data-choices]", panel).replaceChildren(...codes, ...(group_ === of ? [choice(text("not_so"), of, "")] : []));
    return panel;
  }));
  // What stands in the way gives its reason by itself: one touch takes it.
  const [of_ = "", why_ = ""] = (sight.proposed ?? "").split(":");
  if (whys[of_]?.[why_] && !sight.reason && (sight.asks ?? []).includes(of_)) part("[data-reasons]", item).prepend(choice(`${text(`why_${of_}`)}: ${whys[of_][why_]}`, of_, why_, true));
}

/** @param {string} raw a product that nobody has entered: it becomes a provisional item, and a task for master data */
async function adoptProduct(raw) {
  const answer = await ask("/adoptions", person, { key: newKey(), scan: raw });
  if (answer.status !== 200) return tell("error", answer.body?.sentences?.[0] ?? text("offline"));
  tell("ok", text("adopted"));
  await read();
  focus();
}

// Doing

async function commit() {
  if (button.disabled || button.hidden) return;
  const seen = sightsNow().filter((sight) => sight.role === "thing");
  const things = rowsOf(seen, draft.scans, draft.flow === "count").map((group) => inShort({ ...group.last.meaning, quantity: group.pieces }));
  const todo = todoNow();
  const paper = todo ? { [`${todo.kind}_id`]: todo.id } : undefined;
  // The paper goes on being in hand while something of it is left.
  const stays = todo && paper && STAYS.has(draft.flow) && afterBasket(todo, seen).left.length ? { about: paper, chosen: todo.number } : {};
  const next = { ...empty(draft.flow), proposed: likely(draft.flow), ...stays };
  const subjects = seen.flatMap((sight) => sight.of).map((/** @type {number} */ number) => draft.scans[number]?.text ?? "").filter((said) => !REASON.test(said));
  const act = await add(
    {
      key: newKey(), person, flow: draft.flow, scans: draft.scans, about: told({ ...aboutNow(), ...(reading ? {} : localAbout(draft, today)) }),
      title: part("[data-title]").textContent ?? "", things, whither: chips().map(String), paper, took: paper ? tookOf(seen) : [], subjects, scanned_at: new Date().toISOString(), skew_ms: skewMs(), replaces: draft.replaces ?? "",
    },
    person,
    text("done_otherwise"),
    next,
  );
  own.push(act);
  draft = next;
  reading = null;
  open();
  tell("warn", stopped ? text("kept_here") : text("kept"));
  saidStopped = true;
  void sendNow(act.key);
}

/** @param {any} meaning a thing as who sent it finds it again */
const inShort = (meaning) => [meaning.item_name || meaning.scan, meaning.serial || (meaning.lot && text("lot", { lot: meaning.lot })), meaning.quantity > 1 && `× ${meaning.quantity}`].filter(Boolean).join(" ");

/** @type {Set<string>} acts whose outcome somebody waits to hear */
const awaited = new Set();

/** @param {string} [key] the act that somebody waits for */
async function sendNow(key = "") {
  if (key) awaited.add(key);
  const before = stopped;
  stopped = await send(person, (act) => {
    if (act) own = own.map((each) => (each.key === act.key ? act : each));
    if (act?.paper && act.state === "accepted") untold.add(act.key);
    if (!act || (!awaited.delete(act.key) && key)) return;
    if (act.state === "accepted") void sayDone(act);
    if (act.state === "refused" || act.state === "waiting") tell("error", act.sentences?.[0] ?? text("refused"));
  });
  const parted = (await acts(person)).own.filter((act) => act.replaces === key && act.state === "refused");
  if (key && parted.length) tell("error", parted[0]?.sentences?.[0] ?? text("refused"));
  // What was said of the network is over with what was said of it.
  if (!stopped && saidStopped && !awaited.size) hush();
  if (before && !stopped && !part("[data-view=act]").hidden) inTurn(() => read());
  await drawState();
  await load();
}

/** What was done, and how much of the paper is done with it. @param {import("./store.js").KeptAct} act */
async function sayDone(act) {
  const done = text("done", { number: act.number ?? "" }).trim();
  tell("ok", done);
  if (!act.paper) return;
  if (await askTodo(act.flow, act.paper, person)) untold.delete(act.key);
  const todo = todoOf(act.flow, act.paper);
  if (draft.flow === act.flow) draw();
  if (todo?.asked && part("[data-toast]").textContent === done) tell("ok", `${done} · ${text(todo.kind === "count" ? "shelves_of" : "done_of", { n: todo.done, all: todo.asked })}`);
}

/** @param {import("./store.js").KeptAct} act refused as it was: its scans are put right, and done as another act */
async function otherwise(act) {
  if (draft.scans.length) return tell("warn", text("basket_first"));
  draft = backOf(act);
  draft.proposed = { ...likely(draft.flow), ...draft.proposed };
  reading = null;
  await keepDraft();
  open();
  await read();
}

async function emptyBasket() {
  draft = empty("");
  reading = null;
  await keepDraft();
  show("home");
  await drawState();
}

async function drawState() {
  const kept = await acts(person);
  const { others } = kept;
  own = kept.own;
  const open = own.filter((act) => act.state === "waiting" || act.state === "settling").length;
  const bad = own.filter((act) => act.state === "refused").length;
  const state = part("[data-state]");
  state.classList.toggle("y-bad", bad > 0);
  state.classList.toggle("y-soon", bad === 0 && (open > 0 || stopped !== ""));
  part("[data-state-text]").textContent = bad ? text("state_refused", { n: bad }) : open ? text("state_waiting", { n: open }) : stopped ? text("state_stopped") : text("state_clear");
  state.dataset.waiting = String(open);
  state.dataset.refused = String(bad);
  part("[data-sign-in]").hidden = stopped !== "signed_out" && stopped !== "other_person";
  drawQueue(part("[data-queue]"), own, others, { made, text, changed: () => sendNow(), anew: (act) => inTurn(() => otherwise(act)), part, inBasket: draft.replaces ?? "" });
  part("[data-tile-queue]").textContent = bad || open ? String(bad + open) : "";
}

async function load() {
  const answer = await ask("/handheld/today", person);
  if (answer.status === 200 && answer.body.person_id === person) {
    today = answer.body;
    await keep("today", { person, today });
  } else {
    const last = await known("today");
    if (last?.person === person) ({ today } = last);
    stopped = stoppedBy(answer) || stopped;
  }
  drawHome();
  if (!stopped) await Promise.all([refresh(person), refreshTodos(person).then((said) => said && untold.clear())]);
}

function drawHome() {
  const list = part("[data-tasks]");
  list.replaceChildren(
    ...today.tasks.map((/** @type {any} */ task) => {
      const item = made("task");
      part("[data-name]", item).textContent = task.number;
      part("[data-what]", item).textContent = task.label;
      part("[data-kind]", item).textContent = part(`[data-flow="${task.flow}"]`)?.dataset.label ?? "";
      part("[data-pieces]", item).textContent = task.pieces ? String(task.pieces) : "";
      item.querySelector("button")?.addEventListener("click", () => inTurn(() => begin(task.flow, { [`${task.kind}_id`]: task.id }, task.number)));
      return item;
    }),
  );
  part("[data-no-tasks]").hidden = today.tasks.length > 0;
}

// Keys, clicks, the network

const camera = new Camera(/** @type {HTMLVideoElement} */ (part("video")), (raw) => scan(raw, true));
async function toggleCamera() {
  const video = part("[data-camera-box]");
  if (camera.runs) camera.stop();
  else await camera.start().catch(() => tell("error", text("no_camera")));
  if (!root.isConnected) camera.stop(); // the page was covered while it started
  video.hidden = !camera.runs;
  part("[data-camera]").setAttribute("aria-pressed", String(camera.runs));
}

document.addEventListener("yanji:covered", () => camera.stop());

const alt = new AltCode();
input.addEventListener("keydown", (event) => {
  if (alt.down(event)) return;
  if (event.key === "Enter") {
    event.preventDefault();
    const raw = input.value;
    input.value = "";
    scan(raw);
  } else if (characterOf(event) === GS) {
    event.preventDefault();
    input.setRangeText(GS, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
  }
});
input.addEventListener("keyup", (event) => {
  if (alt.up(event)) input.setRangeText(GS, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
});
const actView = part("[data-view=act]");
const wedge = watchWedge(document, (raw) => {
  // A scanner comes into the hand while the last word is still being typed: the word is kept, and the scan is none of it.
  const typed = actView.contains(document.activeElement) ? /** @type {HTMLInputElement} */ (document.activeElement) : null;
  const isOwn = typed?.dataset.fact && typed.value !== String(draft.about[typed.dataset.fact] ?? "");
  if (typed && (isOwn || ("pieces" in typed.dataset && typed.value !== typed.defaultValue))) typed.dispatchEvent(new Event("change"));
  scan(raw);
}, actView);

for (const tile of root.querySelectorAll("[data-flow]")) tile.addEventListener("click", () => inTurn(() => begin(/** @type {HTMLElement} */ (tile).dataset.flow ?? "")));
button.addEventListener("click", () => inTurn(commit));
part("[data-home]").addEventListener("click", () => {
  if (draft.scans.length) show(part("[data-view=act]").hidden ? "act" : "home");
  else inTurn(emptyBasket);
});
part("[data-go-on]").addEventListener("click", () => open());
part("[data-empty-basket]").addEventListener("click", () => {
  if (window.confirm(text("empty_sure", { n: draft.scans.length }))) inTurn(emptyBasket);
});
for (const link of root.querySelectorAll("[data-open-queue]")) link.addEventListener("click", () => {
    hush();
    show("queue");
  });
part("[data-camera]").addEventListener("click", () => void toggleCamera());
part("[data-sound]").addEventListener("click", () => {
  setMuted(!isMuted());
  drawSound();
});
const drawSound = () => part("[data-sound]").setAttribute("aria-pressed", String(!isMuted()));
part("[data-keyboard]").addEventListener("click", () => {
  input.inputMode = input.inputMode === "none" ? "text" : "none";
  part("[data-keyboard]").setAttribute("aria-pressed", String(input.inputMode !== "none"));
  input.blur();
  focus();
});
/** What the act is about besides its scans, chosen by hand. @param {string} fact @param {string | number | boolean} value */
function choose(fact, value) {
  inTurn(async () => {
    draft.about = told({ ...draft.about, [fact]: value });
    if (value === "" && draft.proposed) delete draft.proposed[fact];
    await keepDraft();
    await read();
    focus();
  });
}
reason.addEventListener("change", () => choose("reason", reason.value));
for (const name of ["store", "department", "from"])
  part(`[data-${name}]`).addEventListener("change", (event) => choose(name === "department" ? "place_id" : name === "from" ? "from_place_id" : (STORE_IN[draft.flow] ?? ""), Number(/** @type {HTMLSelectElement} */ (event.target).value) || ""));
for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("[data-fact]")))
  field.addEventListener("change", () => {
    if (field.dataset.degrees !== undefined) field.value = field.value.trim().replace("−", "-").replace(",", ".");
    if (!field.reportValidity()) return;
    choose(field.dataset.fact ?? "", field.type === "checkbox" ? field.checked || "" : field.value.trim());
  });
part("[data-send-now]").addEventListener("click", () => void sendNow());
part("[data-leave]").addEventListener("submit", () => {
  // What one person saw is nothing for the next; what they scanned stays until it is sent.
  void forgetAll();
  const field = /** @type {HTMLInputElement} */ (part("[name=csrfmiddlewaretoken]"));
  field.value = /(?:^|; )yanji_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? field.value;
});
window.addEventListener("online", () => void sendNow());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void sendNow();
});
setInterval(() => {
  if (stopped || Number(part("[data-state]").dataset.waiting) > 0) void sendNow();
}, AGAIN_MS);

/** @type {any} */
let installer;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installer = event;
  part("[data-install]").hidden = false;
});
part("[data-install]").addEventListener("click", async () => {
  part("[data-install]").hidden = true;
  await installer?.prompt();
});

// Beginning: what was being scanned when the page went away lies in the basket again, before anything that is scanned now.

inTurn(async () => {
  const before = await one("drafts", person);
  if (!before?.flow || (before.scans.length === 0 && Object.keys(before.about).length === 0)) return show("home");
  draft = before;
  open();
});
drawSound();
part("[data-insecure]").hidden = window.isSecureContext;
await navigator.serviceWorker?.register("/scan/worker.js", { scope: "/scan" }).catch((mistake) => console.warn(mistake));
// The first page came before its worker did: from now on it opens without the network.
if (!navigator.serviceWorker?.controller) void navigator.serviceWorker?.ready.then(async () => (await caches.open("yanji-hand-page")).add("/scan")).catch(() => undefined);
void navigator.storage?.persist?.();
await rememberSkew();
await recall();
await recallTodos(person);
await load();
// What it may be about is known only now.
inTurn(async () => {
  if (part("[data-view=act]").hidden) return;
  open();
  await read();
});
await scanning;
root.dataset.ready = "";
await sendNow();
