// What the basket is and holds: the act in hand, its scans, what the server said of them, and what follows from both.
// @ts-check
import { actOf, choicesOf, placeFact } from "yanji/hand/acts";
import { factOf, hereAll, localAbout } from "yanji/hand/offline";
import { rowsOf, withReasons } from "yanji/hand/rows";
import { person, text } from "yanji/hand/screen";
import { change } from "yanji/hand/store";
import { todoOf, without } from "yanji/hand/todo";

/** @typedef {import("./store.js").Scan} Scan */
/** @typedef {import("./store.js").Draft} Draft */
/** @typedef {import("./store.js").Facts} Facts */

/** What is in hand. Whoever changes the draft keeps it before anything is asked. */
export const hand = {
  /** @type {any} what waits for the person, and the places, stores and reasons of their acts */
  today: { tasks: [], places: [], stores: [], reasons: {}, whys: {} },
  draft: empty(""),
  /** @type {any} what the server said of the basket, or nothing */
  reading: null,
  /** @type {import("./store.js").KeptAct[]} the person's own acts on this device, as last looked at */
  own: [],
  /** @type {Set<string>} acts that were done, but the server has not told yet what their paper waits for now */
  untold: new Set(),
  /** why what waits is not going now */
  stopped: "",
};

/** @param {string} flow @returns {Draft} */
export function empty(flow) {
  return { person, flow, about: {}, chosen: "", scans: [] };
}

/** Nothing is in hand any more; not kept yet. */
export function putDown() {
  hand.draft = empty("");
  hand.reading = null;
}

export const keepDraft = () => change({ drafts: hand.draft.flow ? { put: [hand.draft] } : { remove: [person] } });

// What it is about

/** @param {Facts} about */
export const told = (about) => Object.fromEntries(Object.entries(about).filter(([, value]) => value !== ""));

/** What nobody has said yet, as it most likely is: the store that serves the department, the person's own department. @param {string} flow */
export function likely(flow) {
  const proposed = choicesOf(flow).filter((each) => each.proposed);
  return told(Object.fromEntries(proposed.map(({ of, says }) => [says, hand.today[of]?.[0]?.id ?? ""])));
}

/** @type {WeakMap<Scan, string>} what the places among the scans are for the act, as the server read them */
const placesRead = new WeakMap();

/** Which of the scans the server took for a place, and what that is for the act. */
export function learnPlaces() {
  for (const { role, of, meaning } of hand.reading?.sights ?? []) {
    const [kind, id] = meaning.document ?? [];
    const scan = hand.draft.scans[of[0]];
    if (scan && kind === "place" && role !== "thing") placesRead.set(scan, placeFact(hand.draft.flow, isStore(id)));
  }
}

const isStore = (/** @type {number} */ id) => hand.today.stores.some((/** @type {any} */ each) => each.id === id);

/** What is proposed and no scan names: a store that is scanned for the first time is named, and confirms nothing. */
export function unsaid() {
  const named = new Set(Object.keys(localAbout(hand.draft, hand.today)));
  for (const scan of hand.draft.scans) named.add(placesRead.get(scan) ?? "");
  return Object.fromEntries(Object.entries(hand.draft.proposed ?? {}).filter(([fact]) => !named.has(fact)));
}

export const aboutNow = () => told({ ...unsaid(), ...hand.draft.about });

/** What it is about by the server's word, else as far as the scans say it here. @returns {Facts} */
export const aboutRead = () => ({ ...hand.draft.about, ...(hand.reading ? hand.reading.about : localAbout(hand.draft, hand.today)) });

/** What an act may be told by a code of its own: what is said last of these, by a scan or by hand, holds. */
const BY_CODE = new Set(["amount", "reason"]);

/**
 * Somebody chose or wrote it: a code that said otherwise before is taken back.
 * @param {string} fact @param {string | number | boolean} value @param {string} [unfit] what was written instead and cannot be
 */
export function sayByHand(fact, value, unfit = "") {
  const { draft, today } = hand;
  if (BY_CODE.has(fact)) takeOut(draft.scans.filter((scan) => factOf(scan, today, draft.flow) === fact));
  draft.about = told({ ...draft.about, [fact]: value });
  draft.unfit = Object.fromEntries(Object.entries({ ...draft.unfit, [fact]: unfit }).filter(([, said]) => said));
  if (value === "" && draft.proposed) delete draft.proposed[fact];
}

/** A code that is scanned says it in the place of what was written, which could be no number. @param {Scan} scan */
export function sayByScan(scan) {
  const { draft, today } = hand;
  draft.scans.push(scan);
  delete draft.unfit?.[factOf(scan, today, draft.flow)];
}

/** @returns {import("./todo.js").Todo | undefined} what the paper in hand waits for, as far as it is known */
export function todoNow() {
  const todo = todoOf(hand.draft.flow, aboutRead());
  return todo && without(todo, hand.own.filter((act) => act.state === "waiting" || hand.untold.has(act.key)));
}

/** The papers that it is about, as one word; "[]" where it is about none. */
export const paperInHand = () => JSON.stringify(Object.entries(aboutRead()).filter(([fact]) => fact.endsWith("_id") && fact !== "place_id" && fact !== "from_place_id"));

/** @param {any} task */
export const isInHand = (task) => ({ ...hand.draft.about, ...hand.reading?.about })[`${task.kind}_id`] === task.id;

/** What the act is about, as people call it. @returns {unknown[]} */
export function namesOfIt() {
  const named = Object.values(hand.reading?.named ?? {});
  if (named.length) return named;
  return [hand.draft.chosen, ...sightsNow().filter((sight) => sight.role === "about").map((sight) => sight.meaning.item_name)].filter(Boolean);
}

// What lies in it

/** What the scans are, by the server, else as far as it can be told here. @returns {any[]} */
export const sightsNow = () => hand.reading?.sights ?? withReasons(hereAll(hand.draft, hand.today), hand.draft.scans, hand.today.whys?.[hand.draft.flow] ?? {});

export const thingsNow = () => sightsNow().filter((sight) => sight.role === "thing");

/** The rows of the basket, as a person sees them and counts them. */
export const rowsNow = () => rowsOf(thingsNow(), hand.draft.scans, isByShelf());

/** Pieces that can be done: of a red row none, of a unit that was scanned twice one. */
export function goodPieces() {
  const good = thingsNow().filter(({ meaning }) => !meaning.offences.length);
  const once = good.filter(({ meaning }, number) => !meaning.epc || good.findIndex((each) => each.meaning.epc === meaning.epc) === number);
  return once.reduce((sum, { meaning }) => sum + meaning.quantity, 0);
}

/** What stands in the way of the act, in words; else nothing: what it must still be told, then rows that cannot be done. */
export function inTheWay() {
  const { reading, draft, stopped } = hand;
  const said = reading ? (reading.offences?.[0]?.sentence ?? "") : lacking(draft.flow);
  const bad = rowsNow().filter((row) => row.sights.some((sight) => sight.meaning.offences.length)).length;
  return said || (bad ? text("rows_bad", { n: bad }) : reading || !stopped ? "" : text(stopped));
}

/** What the device itself knows to be missing while the server is silent: hours later it could only be refused. @param {string} flow */
export function lacking(flow) {
  const about = told(aboutRead());
  const isAsked = (/** @type {string} */ fact) => fact !== "reason" || Object.keys(hand.today.reasons[flow] ?? {}).length > 0; // a device that knows no reasons offers none
  const fact = actOf(flow).needs?.find((each) => !(each in about) && isAsked(each));
  return fact ? text(`lacks_${fact}`) : "";
}

/** What its papers, and the box, are called where acts are compared: an opened piece stands for itself, whoever it is used for. */
export function papersNow() {
  const named = Object.entries(told(aboutRead())).filter(([fact]) => fact === "box" || (fact.endsWith("_id") && !NO_PAPERS.has(fact)));
  const alone = named.filter(([fact]) => fact === "opened_id");
  return (alone.length ? alone : named).map(([fact, id]) => `${fact}:${id}`);
}

const NO_PAPERS = new Set(["place_id", "from_place_id", "supplier_id", "kit_id"]);

/**
 * Whether something would be lost with it: the number of a paper, or of a shelf, alone is none, and what was only looked up books
 * nothing. What the server has not read yet is what it is here, a thing where nobody knows.
 */
export function isOpen() {
  return !actOf(hand.draft.flow).looks && (holdsThings() || isAboutMore());
}

/** Whether more is said than the one paper, or shelf, that it began with: an amount, a reason, a patient beside the vial, who takes it along. */
function isAboutMore() {
  const { draft } = hand;
  const scanned = sightsNow().filter(({ role }) => role === "about" || role === "confirm").length;
  const said = new Set(Object.keys(told({ ...draft.about, ...draft.unfit, ...localAbout(draft, hand.today), ...hand.reading?.about })));
  const isWritten = [...said].some((fact) => fact !== "box" && !fact.endsWith("_id"));
  for (const fact of Object.keys(unsaid())) if (!(fact in draft.about)) said.delete(fact);
  return isWritten || (said.size > 1 && scanned + Object.keys(draft.about).length > 1);
}

function holdsThings() {
  const { draft, reading, today } = hand;
  if (!draft.scans.length) return false;
  const sights = reading?.sights ?? [];
  const read = new Set(sights.flatMap((/** @type {any} */ sight) => sight.of));
  return [...sights, ...hereAll(draft, today).filter(({ of: [number] }) => !read.has(number))].some(({ role }) => role === "thing");
}

export const isByShelf = () => actOf(hand.draft.flow).byShelf ?? false;

/** @param {Scan[]} gone the scans that are taken out */
export async function drop(gone) {
  takeOut(gone);
  await keepDraft();
}

/** Of what was read, the rest stays as it was read. @param {Scan[]} gone */
export function takeOut(gone) {
  const { draft, reading } = hand;
  const of = draft.scans.flatMap((scan, number) => (gone.includes(scan) ? [number] : []));
  draft.scans = draft.scans.filter((scan) => !gone.includes(scan));
  if (!reading) return;
  const place = (/** @type {number} */ number) => number - of.filter((each) => each < number).length;
  reading.sights = reading.sights.filter((/** @type {any} */ each) => !each.of.some((/** @type {number} */ n) => of.includes(n)));
  for (const sight of reading.sights) sight.of = sight.of.map(place);
}
