// Acts on their way to the server: in their order, each exactly once, none dropped. What is refused waits for a person.
// @ts-check
import { actOf, choicesOf } from "yanji/hand/acts";
import { REASON, tookOf } from "yanji/hand/rows";
import { ask } from "yanji/hand/server";
import { all, change, one, OVER } from "yanji/hand/store";
import { nameOfScan } from "yanji/held";

/** @typedef {import("./store.js").KeptAct} KeptAct */
/** @typedef {"" | "offline" | "signed_out" | "other_person"} Stopped why what waits is not going now */

const TRIES = 3; // of one act at which the server stumbles, before a person is asked
const KEPT = 30; // acts that are over and still shown
const CLOSED = { 401: "signed_out", 403: "other_person" };

export const newKey = () => `scan:${nameOfScan()}`;

/** @param {number} person @returns {Promise<{ own: KeptAct[], others: number }>} one's own in their order; of others only how many wait */
export async function acts(person) {
  const found = /** @type {KeptAct[]} */ (await all("acts"));
  found.sort((a, b) => a.order - b.order);
  return { own: found.filter((act) => act.person === person), others: found.filter((act) => act.person !== person && !OVER.has(act.state)).length };
}

/**
 * The act that it replaces is given up by the same transaction: until then it waits as it was refused.
 * @param {Omit<KeptAct, "order" | "state">} act @param {number} person whose basket is empty from now on
 * @param {string} because what is said of the act that it replaces
 * @param {import("./store.js").Draft} rest what lies in the basket, and is known of it, after the act @returns {Promise<KeptAct>}
 */
export async function add(act, person, because, rest) {
  const last = (await all("acts")).reduce((most, each) => Math.max(most, each.order), 0);
  const kept = /** @type {KeptAct} */ ({ ...act, order: Math.floor(last) + 1, state: "waiting" });
  const before = act.replaces ? await one("acts", act.replaces) : undefined;
  const givenUp = before?.state === "refused" ? [{ ...before, state: "settling", way: "dropped", because }] : [];
  await change({ acts: { put: [kept, ...givenUp] }, drafts: rest.scans.length || Object.keys(rest.about).length ? { put: [rest] } : { remove: [person] } });
  return kept;
}

/**
 * The scans of a refused act for the basket, to be done otherwise. What confirmed it once does not confirm it again.
 * @param {KeptAct} act @returns {import("./store.js").Draft}
 */
export function backOf(act) {
  const at = new Date().toISOString();
  // What its scans name they name again. What was kept aside goes back to the act it was scanned for.
  const aside = act.flow === "adopt";
  const about = aside ? {} : Object.fromEntries(Object.entries(act.about).filter(([fact]) => !fact.endsWith("_id")));
  const scans = act.scans.filter((scan) => !act.confirms?.includes(scan.at)).map((scan) => ({ ...scan, at }));
  // What was chosen by hand, a store, of whom it comes, no scan names: it holds until one does.
  const chosen = Object.entries(aside ? {} : act.about).filter(([fact]) => choicesOf(act.flow).some(({ says }) => says === fact) || (actOf(act.flow).seller && fact === "supplier_id"));
  return { person: act.person, flow: aside ? String(act.about.reason ?? "look") : act.flow, about, proposed: Object.fromEntries(chosen), chosen: "", scans, replaces: act.key };
}

/** @param {KeptAct} act @param {Partial<KeptAct>} more */
export async function say(act, more) {
  await change({ acts: { put: [Object.assign(act, more)] } });
}

let going = false;
let more = false; // something came while others were on their way

/**
 * Sends what waits. Only one page of a browser sends at a time.
 * @param {number} person @param {(act?: KeptAct) => void} told after each that was answered
 * @returns {Promise<Stopped>}
 */
export async function send(person, told) {
  more = true;
  if (going) return "";
  going = true;
  try {
    let stopped = /** @type {Stopped} */ ("");
    while (more && !stopped) {
      more = false;
      stopped = await alone(() => sendAll(person, told));
    }
    return stopped;
  } finally {
    going = false;
  }
}

/**
 * Without TLS a browser has no locks: then two pages may send at once, and the server does each key once all the same.
 * @param {() => Promise<Stopped>} sending @returns {Promise<Stopped>}
 */
async function alone(sending) {
  if (!navigator.locks) return sending();
  return navigator.locks.request("yanji-hand", { ifAvailable: true }, (lock) => (lock ? sending() : ""));
}

/** @param {number} person @param {(act?: KeptAct) => void} told @returns {Promise<Stopped>} */
async function sendAll(person, told) {
  const tried = new Set();
  for (;;) {
    const { own } = await acts(person);
    const act = own.find((each) => !tried.has(each.key) && (each.state === "settling" || (each.state === "waiting" && !waitsFor(each, own))));
    if (!act) break;
    tried.add(act.key);
    const stopped = await deliver(act);
    if (stopped) return stopped;
    told(act);
  }
  await forget(person);
  return "";
}

/**
 * The act before it that has to be settled first: it is about the same things.
 * @param {KeptAct} act @param {KeptAct[]} own
 */
export function waitsFor(act, own) {
  if (act.again) return undefined;
  const subjects = new Set(act.subjects);
  const papers = new Set(act.papers);
  const isOpen = (/** @type {KeptAct} */ each) => each.state === "refused" || each.state === "settling" || each.state === "waiting";
  // Where both have things these alone tell: of one paper much can be done by itself. Without things it is the paper's.
  const isOfPaper = (/** @type {KeptAct} */ each) => (!subjects.size || !each.subjects.length) && Boolean(each.papers?.some((name) => papers.has(name)));
  return own.find((each) => each.order < act.order && isOpen(each) && (each.subjects.some((text) => subjects.has(text)) || isOfPaper(each)));
}

/** @param {KeptAct} act @returns {Promise<Stopped>} */
async function deliver(act) {
  const { key, flow, scans, about, scanned_at } = act;
  const body = { key, flow, scans, about, scanned_at, again: act.again ?? false, replaces: act.replaces ?? "" };
  const settling = act.state === "settling";
  const path = settling ? "/handheld/settlements" : "/handheld/acts";
  const answer = await ask(path, act.person, settling ? { ...body, way: act.way, because: act.because } : body, act.skew_ms);
  if (!answer.reached || answer.status === 429) return "offline";
  if (answer.status === 500) return brokenBy(act, answer.body);
  if (answer.status === 200) {
    await say(act, settling ? { state: "settled" } : { state: "accepted", number: answer.body.number, said: answer.body.said, sentences: [] });
    return "";
  }
  const closed = CLOSED[/** @type {401 | 403} */ (answer.status)];
  if (closed === "signed_out" || ["stale_session", "other_person"].includes(answer.body.code)) return /** @type {Stopped} */ (closed);
  await refused(act, answer.body);
  return "";
}

/**
 * The server stumbled over this act. It is tried a few times; then it waits for a person, and holds up only what is about the same.
 * @param {KeptAct} act @param {{ sentences?: string[] }} body @returns {Promise<Stopped>}
 */
async function brokenBy(act, body) {
  const failures = (act.failures ?? 0) + 1;
  if (failures < TRIES) {
    await say(act, { failures });
    return "offline";
  }
  await say(act, { failures: 0, state: "refused", again: false, sentences: body.sentences ?? [] });
  return "";
}

/** Whether an act is refused as one: what has to be all of it is nothing without what was refused. @param {string} flow @param {import("./store.js").Facts} about @param {any} [said] what the server read */
const isWhole = (flow, about, said) => actOf(flow).together || Boolean(about.kit_id || said?.together);

/**
 * What speaks against some of the things only does not hold up the others: they become an act of their own, and each of the
 * rest waits for a person.
 * @param {KeptAct} act @param {{ code: string, sentences: string[] }} body
 */
async function refused(act, body) {
  if (body.code === "sent_already_done") return say(act, { state: "accepted", sentences: [] });
  const { key, flow, scans, about } = act;
  const answer = act.state === "waiting" ? await ask("/handheld/readings", act.person, { flow, scans, about }, act.skew_ms) : null;
  const sights = answer?.status === 200 ? answer.body.sights : [];
  const confirms = sights.filter((/** @type {any} */ sight) => sight.role === "confirm").flatMap((/** @type {any} */ sight) => sight.of);
  const kept = {
    ...act, state: /** @type {const} */ ("refused"), again: false, sentences: body.sentences,
    confirms: confirms.map((/** @type {number} */ number) => scans[number]?.at ?? ""),
  };
  const bad = sights.filter((/** @type {any} */ sight) => sight.meaning.offences.length > 0);
  const good = sights.filter((/** @type {any} */ sight) => sight.role === "thing" && sight.meaning.offences.length === 0);
  // What is counted lies on the shelf that was scanned before it: without it, it would lie on another.
  if (!bad.length || bad.length + good.length < 2 || actOf(flow).byShelf || isWhole(flow, { ...about, ...answer?.body.about }, answer?.body)) return say(act, kept);
  /** @param {any[]} of */
  const only = (of) => {
    const numbers = new Set([...of, ...sights.filter((/** @type {any} */ sight) => sight.role !== "thing")].flatMap((sight) => sight.of));
    return scans.filter((_, number) => numbers.has(number));
  };
  const textsOf = (/** @type {any[]} */ of) => of.flatMap((sight) => sight.of).map((number) => scans[number]?.text ?? "").filter((text) => !REASON.test(text));
  /** @param {any[]} of @param {number} after @param {Partial<KeptAct>} more */
  const part = (of, after, more) => ({
    ...kept, key: newKey(), order: act.order + after / 1000, scans: only(of), replaces: key, about: { ...about, ...answer?.body.about },
    subjects: textsOf(of), took: act.paper ? tookOf(of) : [], things: of.map(({ meaning }) => [meaning.item_name || meaning.scan, meaning.serial || meaning.lot].filter(Boolean).join(" ")), ...more,
  });
  const parts = bad.map((/** @type {any} */ sight, /** @type {number} */ number) =>
    part([sight], number + 2, { state: "refused", sentences: sight.meaning.offences.map((/** @type {any} */ offence) => offence.sentence) }),
  );
  if (good.length) parts.unshift(part(good, 1, { state: "waiting", sentences: [], confirms: [] }));
  await change({ acts: { put: [Object.assign(act, kept, { state: "parted" }), ...parts] } });
}

/** @param {number} person what is over is shown for a while, and then no longer */
async function forget(person) {
  const { own } = await acts(person);
  const over = own.filter((act) => OVER.has(act.state));
  const old = over.slice(0, Math.max(0, over.length - KEPT));
  if (old.length) await change({ acts: { remove: old.map((act) => act.key) } });
}
