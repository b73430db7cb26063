// What an open paper still waits for: what to take from which shelf, what is owed, how much of it lies in the basket already.
// @ts-check
import { ask } from "yanji/hand/server";
import { keep, known } from "yanji/hand/store";

/** @typedef {{ pieces: number, item_id: number | null, item: string, lot: string, expiry: string | null, serials: string[], place: string, lacking: boolean, laid_out: boolean }} Left */
/** @typedef {{ flow: string, kind: string, id: number, number: string, asked: number, done: number, left: Left[] }} Todo */

/** @type {Map<string, Todo>} */
const todos = new Map();
const OFTEN_MS = 60_000;
const SHOWN = 8;
const KINDS = ["notice", "order", "requisition", "issue", "transfer", "count", "supplier_return", "lending", "loan_set", "wave", "case"];
let asked = -Infinity;

/** @param {string} flow @param {string} kind @param {unknown} id */
const nameOf = (flow, kind, id) => `${flow} ${kind} ${id}`;

/** @param {Todo[]} found */
function learn(found) {
  for (const each of found) todos.set(nameOf(each.flow, each.kind, each.id), each);
}

/** What was known last time. @param {number} person */
export async function recallTodos(person) {
  const last = await known("todos");
  if (last?.person === person) learn(last.todos);
}

/** What the papers that are listed wait for now; of one in hand that is not, what was said of it stays. @param {number} person @returns {Promise<boolean>} whether the server said */
export async function refreshTodos(person) {
  if (performance.now() - asked < OFTEN_MS) return false;
  asked = performance.now();
  const answer = await ask("/handheld/todos", person);
  if (answer.status !== 200) return false;
  learn(answer.body);
  await keep("todos", { person, todos: answer.body });
  return true;
}

/** @param {string} flow @param {import("./store.js").Facts} about @returns {Todo | undefined} */
export function todoOf(flow, about) {
  const kind = KINDS.find((each) => about[`${each}_id`]);
  return kind ? todos.get(nameOf(flow, kind, about[`${kind}_id`])) : undefined;
}

/** What one paper waits for now, by the server. @param {string} flow @param {import("./store.js").Facts} about @param {number} person @returns {Promise<boolean>} whether it said */
export async function askTodo(flow, about, person) {
  const kind = KINDS.find((each) => about[`${each}_id`]);
  if (!kind || flow === "look") return false;
  const id = about[`${kind}_id`];
  const answer = await ask(`/handheld/todo?flow=${flow}&kind=${kind}&paper_id=${id}`, person);
  if (answer.status !== 200) return false;
  todos.delete(nameOf(flow, kind, id));
  learn(answer.body);
  await keep("todos", { person, todos: [...todos.values()] });
  return true;
}

/**
 * What is left when what waits on this device is done, too: the server does not know of it yet.
 * @param {Todo} todo @param {import("./store.js").KeptAct[]} waiting acts of which the server has not told yet @returns {Todo}
 */
export function without(todo, waiting) {
  const took = waiting.filter((act) => act.flow === todo.flow && act.paper?.[`${todo.kind}_id`] === todo.id).flatMap((act) => act.took ?? []);
  return took.length ? { ...todo, left: afterBasket(todo, took).left } : todo;
}

/**
 * What is left when the basket is booked: each thing is taken off where its lot is asked for, else where its item is.
 * @param {Todo} todo @param {any[]} things sights of the basket @returns {{ done: number, left: Left[] }}
 */
export function afterBasket(todo, things) {
  const left = todo.left.map((each) => ({ ...each, serials: [...each.serials] }));
  const counts = todo.kind === "count";
  const shelves = new Set();
  for (const { meaning, source } of things) {
    if (counts) {
      const shelf = left.find((each) => each.pieces && source && (each.place === source || each.place.split(" · ").includes(source)));
      if (shelf && !shelves.has(source)) shelf.pieces = 0;
      shelves.add(source);
      continue;
    }
    let pieces = meaning.quantity;
    const same = left.filter((each) => (meaning.item_id ? each.item_id === meaning.item_id : each.item === meaning.item_name));
    same.sort((a, b) => rank(b, meaning) - rank(a, meaning));
    for (const each of same) {
      const part = Math.min(pieces, each.pieces);
      each.pieces -= part;
      each.serials = each.serials.filter((serial) => serial !== meaning.serial);
      pieces -= part;
    }
  }
  const rest = left.filter((each) => each.pieces > 0);
  return { done: todo.asked - rest.reduce((sum, each) => sum + each.pieces, 0), left: rest };
}

/** @param {Left} each @param {any} meaning */
const rank = (each, meaning) => (each.serials.includes(meaning.serial) ? 2 : 0) + (each.lot === meaning.lot ? 1 : 0);

/** What the button would do without scans, as people say it. @param {Todo} todo */
export function inWords(todo) {
  /** @type {Map<string, number>} */
  const items = new Map();
  for (const each of todo.left) items.set(each.item, (items.get(each.item) ?? 0) + each.pieces);
  const named = [...items].map(([item, pieces]) => `${item} × ${pieces}`);
  return { n: todo.left.reduce((sum, each) => sum + each.pieces, 0), what: named.slice(0, 2).join(", ") + (named.length > 2 ? ", …" : "") };
}

/**
 * @param {HTMLElement} panel @param {Todo | undefined} todo @param {any[]} things
 * @param {{ made: (name: string) => HTMLElement, text: (name: string, facts?: Record<string, string | number>) => string, part: (selector: string, inside?: ParentNode) => HTMLElement }} page
 */
export function drawTodo(panel, todo, things, { made, text, part }) {
  // Nothing said of a case would read as nothing needed; what lies ready for it makes no list of it.
  const isUnlisted = todo?.kind === "case" && todo.asked === 0;
  panel.hidden = !todo || (todo.asked === 0 && !isUnlisted);
  if (!todo || panel.hidden) return;
  part("progress", panel).hidden = isUnlisted;
  if (isUnlisted) {
    part("[data-todo-said]", panel).textContent = text("no_needs");
    part("[data-todo-list]", panel).replaceChildren();
    part("[data-todo-more]", panel).hidden = true;
    return;
  }
  const { done, left } = afterBasket(todo, things);
  part("[data-todo-said]", panel).textContent = text(todo.kind === "count" ? "shelves_of" : "done_of", { n: done, all: todo.asked });
  /** @type {HTMLProgressElement} */ (part("progress", panel)).value = done / todo.asked;
  const all = panel.dataset.all === `${todo.flow} ${todo.number}`;
  part("[data-todo-list]", panel).replaceChildren(...left.slice(0, all ? left.length : SHOWN).map((each) => {
    const item = made("todo");
    const put = (/** @type {string} */ name, /** @type {string} */ value) => {
      const place = part(`[data-${name}]`, item);
      place.textContent = value;
      place.hidden = !value;
    };
    put("place", each.laid_out ? text("lies_ready", { place: each.place }) : each.place || (each.lacking ? text("lies_nowhere") : ""));
    put("item", each.item);
    put("what", [each.lot && text("lot", { lot: each.lot }), each.serials.length && text("serial", { serial: each.serials.join(", ") }), each.expiry && text("expiry", { day: each.expiry })].filter(Boolean).join(" · "));
    put("left", each.item ? `× ${each.pieces}` : "");
    item.classList.toggle("y-warn", each.lacking);
    item.classList.toggle("h-somewhere", !each.place && !each.lacking);
    return item;
  }));
  const more = part("[data-todo-more]", panel);
  more.hidden = all || left.length <= SHOWN;
  more.textContent = text("and_more", { n: left.length - SHOWN });
  more.onclick = () => {
    panel.dataset.all = `${todo.flow} ${todo.number}`;
    drawTodo(panel, todo, things, { made, text, part });
  };
}
