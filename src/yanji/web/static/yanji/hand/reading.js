// Reading the basket: the server says what the scans mean, what their paper waits for, and what still stands in the way.
// @ts-check
import { aboutNow, drop, empty, hand, inTheWay, isByShelf, isOpen, keepDraft, lacking, learnPlaces, likely, putDown, unsaid } from "yanji/hand/basket";
import { draw, drawState, openAct, show, wipe } from "yanji/hand/drawing";
import { hereAll } from "yanji/hand/offline";
import { backOf } from "yanji/hand/queue";
import { scansOf } from "yanji/hand/rows";
import { hush, labelOf, part, person, tell, text, texts } from "yanji/hand/screen";
import { ask } from "yanji/hand/server";
import { askTodo } from "yanji/hand/todo";

/**
 * @param {boolean} [isNew] whether the last scan has just come: it is told, and it alone may confirm the act, never one that lay in
 * the basket already
 * @param {string} [into] the act that it went into, where another view was looked at
 * @returns {Promise<boolean>} whether it does
 */
export async function read(isNew = false, into = "") {
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
  if (isNew) await judge((result, said) => tell(result, into ? text("into_act", { act: into, said }) : said));
  draw();
  if (!isNew) return false;
  if (hand.reading) return last?.role === "confirm" && hand.reading.confirmed && hand.reading.ready;
  return hand.stopped !== "" && hereAll(hand.draft, hand.today).at(-1)?.role === "confirm" && !lacking(flow);
}

/** @param {import("./server.js").Answer} answer */
export function stoppedBy(answer) {
  if (!answer.reached) return "offline";
  if (answer.status === 401) return "signed_out";
  return ["stale_session", "other_person"].includes(answer.body?.code) ? "other_person" : "";
}

/** Sound for the scan that came last; a thing scanned twice stands once, in a count on the shelf where it was seen last. @param {(result: "ok" | "warn" | "error", sentence: string) => void} say */
async function judge(say) {
  const { draft, reading } = hand;
  const last = draft.scans.length - 1;
  const sight = reading?.sights.find((/** @type {any} */ each) => each.of.includes(last));
  if (!sight) {
    const isAgain = hand.stopped !== "" && hereAll(draft, hand.today).at(-1)?.role === "confirm";
    return say("warn", (isAgain && lacking(draft.flow)) || text(hand.stopped ? "kept_unread" : "not_read"));
  }
  // What was to set it off says why it does not.
  if (sight.role === "confirm" && reading.confirmed && !reading.ready) return say("error", inTheWay());
  const same = reading.sights.find((/** @type {any} */ each) => each !== sight && each.role === "thing" && sight.role === "thing" && isSame(each.meaning, sight.meaning));
  if (same && !sight.counted) {
    const carriedOn = isByShelf() && same.source !== sight.source;
    await drop(scansOf(carriedOn ? same : sight, draft.scans));
    if (!carriedOn) return say("warn", text("twice"));
  }
  const { item_name, scan, offences } = sight.meaning;
  const [look, words] = texts.verdicts[sight.verdict] ?? ["ok", ""];
  if (sight.half && offences.length) return say("warn", text("half"));
  say(offences.length ? "error" : look, offences[0]?.sentence ?? (words || (sight.role === "about" ? (Object.values(reading.named).at(-1) ?? scan) : item_name || scan)));
}

/** Whether two scans mean one thing: the same unit, or the same code that nobody can read. @param {any} one @param {any} other */
const isSame = (one, other) => (one.epc || other.epc ? one.epc === other.epc : one.kind === "unreadable" && other.kind === "unreadable" && one.scan.trim() === other.scan.trim());

/** What the paper in hand waits for, as the server knows it now. */
export async function learnTodo() {
  const { flow, about } = hand.draft;
  if (await askTodo(flow, { ...about, ...hand.reading?.about }, person)) hand.untold.clear();
  if (hand.draft.flow === flow) draw();
}

// Beginning and leaving an act

/** Another act is begun when this one is finished, or emptied: both are in sight from then on. */
function firstTheBasket() {
  tell("warn", text("basket_first", { act: labelOf(hand.draft.flow) }));
  part("[data-open-basket]").scrollIntoView({ block: "center" });
}

/** @param {string} flow @param {import("./store.js").Facts} [about] @param {string} [chosen] */
export async function begin(flow, about = {}, chosen = "") {
  if (isOpen()) return firstTheBasket();
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
  if (isOpen()) return firstTheBasket();
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
  wipe();
  show("home");
  await drawState();
}
