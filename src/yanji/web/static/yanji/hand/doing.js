// Doing what the basket says: the act is kept here before anything is sent; then it is told what became of it, and what waits now.
// @ts-check
import { actOf } from "yanji/hand/acts";
import { aboutNow, empty, hand, likely, namesOfIt, papersNow, rowsNow, thingsNow, todoNow, told } from "yanji/hand/basket";
import { draw, drawState, drawTasks, openAct } from "yanji/hand/drawing";
import { refresh } from "yanji/hand/nearby";
import { localAbout } from "yanji/hand/offline";
import { acts, add, newKey, send } from "yanji/hand/queue";
import { begin, read, stoppedBy } from "yanji/hand/reading";
import { REASON, tookOf } from "yanji/hand/rows";
import { hushPassing, inTurn, isShown, isTold, labelOf, part, person, tell, text } from "yanji/hand/screen";
import { ask, skewMs } from "yanji/hand/server";
import { keep, known } from "yanji/hand/store";
import { afterBasket, askTodo, refreshTodos, todoOf } from "yanji/hand/todo";

/** @typedef {import("./store.js").KeptAct} KeptAct */

export async function commit() {
  const button = /** @type {HTMLButtonElement} */ (part("[data-commit]"));
  if (button.disabled || button.hidden) return;
  const { draft, reading, today } = hand;
  const seen = thingsNow();
  const things = rowsNow().map((group) => inShort({ ...group.last.meaning, quantity: group.pieces }));
  const todo = todoNow();
  const paper = todo ? { [`${todo.kind}_id`]: todo.id } : undefined;
  // The paper goes on being in hand while something of it is left.
  const stays = todo && paper && actOf(draft.flow).stays && afterBasket(todo, seen).left.length ? { about: paper, chosen: todo.number } : {};
  const next = { ...empty(draft.flow), proposed: likely(draft.flow), ...stays };
  const subjects = seen.flatMap((sight) => sight.of).map((/** @type {number} */ number) => draft.scans[number]?.text ?? "").filter((said) => !REASON.test(said));
  const act = await add(
    {
      key: newKey(), person, flow: draft.flow, scans: draft.scans, about: told({ ...aboutNow(), ...(reading ? {} : localAbout(draft, today)) }),
      title: labelOf(draft.flow), things, whither: namesOfIt().map(String), paper, took: paper ? tookOf(seen) : [], subjects, papers: papersNow(),
      scanned_at: new Date().toISOString(), skew_ms: skewMs(), replaces: draft.replaces ?? "",
    },
    person,
    text("done_otherwise"),
    next,
  );
  hand.own.push(act);
  hand.draft = next;
  hand.reading = null;
  openAct();
  tell("warn", hand.stopped ? text("kept_here") : text("kept"), true);
  void sendNow(act.key);
}

/** @param {any} meaning a thing as who sent it finds it again */
const inShort = (meaning) => [meaning.item_name || meaning.scan, meaning.serial || (meaning.lot && text("lot", { lot: meaning.lot })), meaning.quantity > 1 && `× ${meaning.quantity}`].filter(Boolean).join(" ");

/** @type {Set<string>} acts whose outcome somebody waits to hear */
const awaited = new Set();

/** @param {string} [key] the act that somebody waits for */
export async function sendNow(key = "") {
  if (key) awaited.add(key);
  const before = hand.stopped;
  hand.stopped = await send(person, (act) => {
    if (act) hand.own = hand.own.map((each) => (each.key === act.key ? act : each));
    if (act?.paper && act.state === "accepted") hand.untold.add(act.key);
    if (!act || (!awaited.delete(act.key) && key)) return;
    if (act.state === "accepted") void sayDone(act);
    if (act.state === "refused" || act.state === "waiting") tell("error", act.sentences?.[0] ?? text("refused"));
  });
  const parted = (await acts(person)).own.filter((act) => act.replaces === key && act.state === "refused");
  if (key && parted.length) tell("error", parted[0]?.sentences?.[0] ?? text("refused"));
  // What was said of the network is over with what was said of it.
  if (!hand.stopped && !awaited.size) hushPassing();
  if (before && !hand.stopped && isShown("act")) inTurn(() => read());
  await drawState();
  await load();
}

/** What was done, and how much of the paper is done with it. @param {KeptAct} act */
async function sayDone(act) {
  const done = [text("done", { number: act.number ?? "" }).trim(), act.said].filter(Boolean).join(" · ");
  tell("ok", done);
  if (!act.paper) return;
  if (await askTodo(act.flow, act.paper, person)) hand.untold.delete(act.key);
  const todo = todoOf(act.flow, act.paper);
  if (hand.draft.flow === act.flow) draw();
  // What a number alone moved is all of it: a count of that would be one of what comes next.
  if (todo?.asked && act.things.length && isTold(done)) tell("ok", `${done} · ${text(todo.kind === "count" ? "shelves_of" : "done_of", { n: todo.done, all: todo.asked })}`);
}

/** What waits for the person, now or as it was known last; and what they are likely to scan. */
export async function load() {
  const answer = await ask("/handheld/today", person);
  if (answer.status === 200 && answer.body.person_id === person) {
    hand.today = answer.body;
    await keep("today", { person, today: hand.today });
  } else {
    const last = await known("today");
    if (last?.person === person) hand.today = last.today;
    hand.stopped = stoppedBy(answer) || hand.stopped;
  }
  drawTasks(begin);
  if (!hand.stopped) await Promise.all([refresh(person), refreshTodos(person).then((said) => said && hand.untold.clear())]);
}
