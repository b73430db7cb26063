// What becomes of a scan: a number of a paper opens its act, everything else lies in the basket, kept before anything is asked.
// @ts-check
import { actOf } from "yanji/hand/acts";
import { drop, empty, hand, isInHand, isOpen, keepDraft, paperInHand, putDown, rowsNow, sayByScan, sightsNow } from "yanji/hand/basket";
import { commit } from "yanji/hand/doing";
import { openAct } from "yanji/hand/drawing";
import { begin, emptyBasket, learnTodo, read } from "yanji/hand/reading";
import { focus, inTurn, isShown, labelOf, person, question, root, tell, text, withdrawQuestion } from "yanji/hand/screen";
import { ask } from "yanji/hand/server";
import { isBadge } from "yanji/shared";

const TWICE_MS = 500; // a trigger that is pulled twice reads the same code twice
// More than the server takes would only be refused, and could not even be dropped there.
const [MOST, LONGEST] = [Number(root.dataset.most), Number(root.dataset.longest)];
/** @type {{ text: string, at: number }} what was scanned last, and when it was heard, however long its answer took */
let last = { text: "", at: -Infinity };
/** @type {{ text: string, draft: object | null }} the number that opened an act, and which */
let opening = { text: "", draft: null };

/** @param {string} raw @param {boolean} [camera] */
export function scan(raw, camera = false) {
  if (!raw.trim()) return focus();
  document.dispatchEvent(new Event("yanji:hand"));
  const at = performance.now();
  const isEcho = raw.trim() === last.text && at - last.at < TWICE_MS;
  last = { text: raw.trim(), at };
  withdrawQuestion(); // it did not count what comes now
  inTurn(async () => {
    if (!isEcho || !isName(raw)) await take(raw, camera);
  });
}

/** Whether what was scanned last says what the act is about, and does no more than that until somebody scans it again. @param {string} raw */
function isName(raw) {
  const { draft } = hand;
  if (!draft.scans.length) return raw.trim() === opening.text && draft === opening.draft;
  return draft.scans.at(-1)?.text === raw && sightsNow().some((sight) => sight.role === "about" && sight.of.includes(draft.scans.length - 1));
}

/** @param {string} raw @param {boolean} camera */
async function take(raw, camera) {
  if (raw.length > LONGEST) return tell("error", text("too_long"));
  // Of who comes next, at a shared device: what lies in the basket stays there for who scanned it.
  if (!listed(raw).length && (await isBadge(raw))) return;
  const { draft } = hand;
  if (draft.scans.length >= MOST) return tell("error", text("too_many", { n: MOST }));
  if (isShown("act")) return putIn(raw, camera);
  if (await opensAct(raw)) return;
  const isFirst = !hand.draft.flow;
  if (isFirst) hand.draft = empty("look");
  else if (isOpen()) return putBy(raw, camera);
  openAct();
  await putIn(raw, camera, isFirst ? "" : labelOf(hand.draft.flow));
  return isFirst ? opensAfterAll(raw) : undefined;
}

/** @param {string} raw @param {boolean} camera @param {string} [into] the act that it goes into, where that was not in sight */
async function putIn(raw, camera, into) {
  if (!isShown("act")) openAct();
  sayByScan({ text: raw, camera, at: new Date().toISOString() });
  await keepDraft();
  await readNew(into);
}

/** Where a basket lies open, another paper's number is asked for: what nobody can tell here is kept before the server is asked. @param {string} raw @param {boolean} camera */
async function putBy(raw, camera) {
  const kept = { text: raw, camera, at: new Date().toISOString() };
  hand.draft.scans.push(kept);
  await keepDraft();
  const tasks = await tasksOf(raw);
  if (tasks.length && !tasks.some(isInHand)) {
    await drop([kept]);
    return startOf(raw, tasks);
  }
  openAct();
  await readNew(labelOf(hand.draft.flow));
}

/** @param {string} [into] */
async function readNew(into) {
  const before = paperInHand();
  if (await read(true, into)) await commit();
  if (hand.draft.scans.length && paperInHand() !== before) await learnTodo();
}

// Numbers of papers

/** @param {string} raw @returns {any[]} the acts on the first view that it is the number of */
function listed(raw) {
  const named = hand.today.tasks.filter((/** @type {any} */ task) => task.names.includes(raw.trim()));
  const waiting = named.filter((/** @type {any} */ task) => !actOf(task.flow).beside);
  return waiting.length ? waiting : named;
}

/** The acts that the server knows for a number, or for a wristband. @param {string} raw @returns {Promise<any[]>} */
async function tasksOf(raw) {
  if (hand.stopped || /^(\][A-Za-z]\d)?01\d{14}/.test(raw)) return [];
  const answer = await ask("/handheld/tasks", person, { text: raw });
  return answer.status === 200 ? answer.body : [];
}

/** Whether a scan on the first page is the number of a paper that is listed, and opens its act. @param {string} raw */
async function opensAct(raw) {
  const tasks = listed(raw);
  if (!tasks.length || tasks.some(isInHand)) return false;
  await startOf(raw, tasks);
  return true;
}

/** Begins the one act that a number is for; of several, and where a basket lies open, it is asked. @param {string} raw @param {any[]} tasks */
async function startOf(raw, tasks) {
  const starts = (/** @type {any} */ task) => begin(task.flow, { [`${task.kind}_id`]: task.id }, task.number).then(() => void (opening = { text: raw.trim(), draft: hand.draft }));
  if (isOpen()) {
    const of = { number: raw.trim(), act: labelOf(hand.draft.flow), n: rowsNow().length };
    question(text("number_or_basket", of), [
      [text("into_basket", of), () => putIn(raw, false)],
      ...tasks.map((task) => /** @type {[string, () => Promise<void>]} */ ([text("empty_and_begin", { act: labelOf(task.flow), n: of.n }), async () => {
        putDown();
        await starts(task);
      }])),
    ]);
  } else if (tasks.length > 1) question(text("which_act", { number: tasks[0].number }), tasks.map((task) => [text("begin_with", { act: labelOf(task.flow), number: task.number }), () => starts(task)]));
  else await starts(tasks[0]);
}

/** What was scanned without an act and is no thing may be the number of a paper that is not listed: it is kept before it is asked. @param {string} raw */
async function opensAfterAll(raw) {
  const kind = hand.reading?.sights[0]?.meaning.kind;
  if (hand.draft.scans.length !== 1 || (kind !== "document" && kind !== "unreadable")) return;
  const tasks = await tasksOf(raw);
  if (!tasks.length) return;
  if (tasks.length > 1) await emptyBasket();
  else putDown();
  await startOf(raw, tasks);
}
