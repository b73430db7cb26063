// Reading the basket: the server says what the scans mean, what their paper waits for, and what still stands in the way.
// @ts-check
import { aboutNow, drop, empty, hand, isByShelf, isOpen, keepDraft, learnPlaces, likely, putDown, unsaid } from "yanji/hand/basket";
import { draw, drawState, openAct, show } from "yanji/hand/drawing";
import { hereAll } from "yanji/hand/offline";
import { backOf } from "yanji/hand/queue";
import { scansOf } from "yanji/hand/rows";
import { hush, person, tell, text, texts } from "yanji/hand/screen";
import { ask } from "yanji/hand/server";
import { askTodo } from "yanji/hand/todo";

/**
 * @param {boolean} [isNew] whether the last scan has just come: it is told, and it alone may confirm the act, never one that lay in
 * the basket already
 * @returns {Promise<boolean>} whether it does
 */
export async function read(isNew = false) {
  const { flow, scans } = hand.draft;
  const asking = () => ask("/handheld/readings", person, { flow, scans, about: aboutNow() });
  const proposals = Object.keys(unsaid()).length;
  let answer = flow ? await asking() : null;
  hand.reading = answer?.status === 200 ? answer.body : null;
  learnPlaces();
  // A scan has just named what was only proposed: without that it is read as what it is, the first word and no second.
  if (hand.reading && Object.keys(unsaid()).length < proposals) {
    answer = await asking();
    hand.reading = answer.status === 200 ? answer.body : null;
  }
  hand.stopped = answer ? stoppedBy(answer) : hand.stopped;
  const last = hand.reading?.sights.find((/** @type {any} */ sight) => sight.of.includes(scans.length - 1));
  if (isNew) await judge();
  draw();
  if (!isNew) return false;
  if (hand.reading) return last?.role === "confirm" && hand.reading.confirmed && hand.reading.ready;
  return hand.stopped !== "" && hereAll(hand.draft, hand.today).at(-1)?.role === "confirm";
}

/** @param {import("./server.js").Answer} answer */
export function stoppedBy(answer) {
  if (!answer.reached) return "offline";
  if (answer.status === 401) return "signed_out";
  return ["stale_session", "other_person"].includes(answer.body?.code) ? "other_person" : "";
}

/** Sound for the scan that came last; a thing scanned twice stands once, in a count on the shelf where it was seen last. */
async function judge() {
  const { draft, reading } = hand;
  const last = draft.scans.length - 1;
  const sight = reading?.sights.find((/** @type {any} */ each) => each.of.includes(last));
  if (!sight) return tell("warn", hand.stopped ? text("kept_unread") : text("not_read"));
  const same = reading.sights.find((/** @type {any} */ each) => each !== sight && each.role === "thing" && sight.role === "thing" && each.meaning.epc && each.meaning.epc === sight.meaning.epc);
  if (same && !sight.counted) {
    const carriedOn = isByShelf() && same.source !== sight.source;
    await drop(scansOf(carriedOn ? same : sight, draft.scans));
    if (!carriedOn) return tell("warn", text("twice"));
  }
  const { item_name, scan, offences } = sight.meaning;
  const [look, words] = texts.verdicts[sight.verdict] ?? ["ok", ""];
  if (sight.half && offences.length) return tell("warn", text("half"));
  tell(offences.length ? "error" : look, offences[0]?.sentence ?? (words || (sight.role === "about" ? (Object.values(reading.named).at(-1) ?? scan) : item_name || scan)));
}

/** What the paper in hand waits for, as the server knows it now. */
export async function learnTodo() {
  const { flow, about } = hand.draft;
  if (await askTodo(flow, { ...about, ...hand.reading?.about }, person)) hand.untold.clear();
  if (hand.draft.flow === flow) draw();
}

// Beginning and leaving an act

/** @param {string} flow @param {import("./store.js").Facts} [about] @param {string} [chosen] */
export async function begin(flow, about = {}, chosen = "") {
  if (isOpen()) return tell("warn", text("basket_first"));
  hand.draft = { ...empty(flow), about, proposed: likely(flow), chosen };
  hand.reading = null;
  hush();
  await keepDraft();
  openAct();
  await read();
  await learnTodo();
}

/** @param {import("./store.js").KeptAct} act refused as it was: its scans are put right, and done as another act */
export async function otherwise(act) {
  if (isOpen()) return tell("warn", text("basket_first"));
  hand.draft = backOf(act);
  hand.draft.proposed = { ...likely(hand.draft.flow), ...hand.draft.proposed };
  hand.reading = null;
  await keepDraft();
  openAct();
  await read();
}

export async function emptyBasket() {
  putDown();
  await keepDraft();
  show("home");
  await drawState();
}
