// What is drawn of the basket, of the queue's state, and of what waits: the views show what is in hand, and decide nothing.
// @ts-check
import { actOf, choicesOf } from "yanji/hand/acts";
import { aboutNow, aboutRead, goodPieces, hand, inTheWay, isOpen, lacking, namesOfIt, paperInHand, rowsNow, thingsNow, todoNow, told } from "yanji/hand/basket";
import { drawnRow, unfitWords } from "yanji/hand/basket_row";
import { acts } from "yanji/hand/queue";
import { focus, inTurn, labelOf, made, part, person, root, showOnly, text, texts, withdrawQuestion } from "yanji/hand/screen";
import { drawTodo, inWords } from "yanji/hand/todo";
import { drawQueue } from "yanji/hand/waiting";

/** @typedef {import("./screen.js").View} View */
/** @typedef {import("./basket_row.js").Does & { otherwise: (act: import("./store.js").KeptAct) => Promise<void> }} Does what touches on what is drawn set off */

const basket = part("[data-basket]");
const button = /** @type {HTMLButtonElement} */ (part("[data-commit]"));
/** @type {Does} */
let does;

/** @param {Omit<Does, "draw">} given once, before anything is drawn: they read, send and draw again in their turn */
export function connect(given) {
  does = { ...given, draw };
}

/** @param {View} view */
export function show(view) {
  withdrawQuestion(); // it was asked of what is looked at no more
  showOnly(view);
  root.dispatchEvent(new CustomEvent("yanji:view", { detail: view }));
  drawOpenBasket();
  focus();
}

/** A basket that was left lies open on the first view until it is finished or emptied. */
function drawOpenBasket() {
  part("[data-open-basket]").hidden = !isOpen();
  part("[data-open-text]").textContent = text("open_basket", { act: labelOf(hand.draft.flow), n: rowsNow().length });
}

/** Nothing is in hand: nothing of the act before stands on its view, for whoever looks, or listens, there. */
export function wipe() {
  for (const name of ["basket", "about", "todo-list"]) part(`[data-${name}]`).replaceChildren();
  part("[data-todo]").hidden = true;
  part("[data-says]").textContent = "";
}

/** The view of the act in hand, with what of it is chosen or written. */
export function openAct() {
  const { draft, today } = hand;
  part("[data-title]").textContent = labelOf(draft.flow);
  part("[data-hint]").textContent = texts[`hint_${draft.flow}`] ?? "";
  const reasons = Object.entries(today.reasons[draft.flow] ?? {});
  const reason = /** @type {HTMLSelectElement} */ (part("[data-reason]"));
  part("[data-why]").hidden = reasons.length === 0;
  reason.replaceChildren(new Option(text(actOf(draft.flow).unreasoned ?? "choose_reason"), ""), ...reasons.map(([code, words]) => new Option(/** @type {string} */ (words), code)));
  for (const label of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-choice-of]"))) offer(label);
  part("#hand-carriers").replaceChildren(...(today.carriers ?? []).map((/** @type {string} */ name) => new Option(name, name)));
  draw();
  show("act");
}

/** Places of which one is chosen, where the act asks for one of this list. @param {HTMLElement} label */
function offer(label) {
  const { choiceOf = "", none = "" } = label.dataset;
  const isAsked = choicesOf(hand.draft.flow).some(({ of }) => of === choiceOf);
  const places = isAsked ? (hand.today[choiceOf] ?? []) : [];
  label.hidden = places.length === 0;
  part("select", label).replaceChildren(new Option(text(none), ""), ...places.map((/** @type {any} */ each) => new Option(each.name, each.id)));
}

export function draw() {
  const things = thingsNow();
  const rows = rowsNow().reverse();
  // Somebody is writing how many: the rows stay as they are until that is said.
  if (!(document.activeElement instanceof HTMLInputElement && basket.contains(document.activeElement)))
    basket.replaceChildren(...rows.map((row) => drawnRow(row, does)));
  part("[data-about]").replaceChildren(...namesOfIt().map((name) => Object.assign(document.createElement("span"), { className: "y-pill y-info", textContent: String(name) })));
  drawSources();
  drawSellers();
  drawChoices();
  drawWritten();
  drawTodo(part("[data-todo]"), todoNow(), things, { made, text, part });
  drawButton(things, rows.map(unfitWords).find(Boolean) ?? unfitFact());
  void drawState();
}

/** @param {any[]} things @param {string} [unfit] what stands in the way by what was written */
function drawButton(things, unfit) {
  const { draft: { flow }, reading } = hand;
  part("[data-says]").textContent = unfit ?? inTheWay();
  const todo = todoNow();
  const whole = !things.length && todo?.left.length && texts[`whole_${flow}`];
  const { amount } = aboutRead();
  button.hidden = actOf(flow).looks ?? false;
  if (amount && texts[`amount_${flow}`]) button.textContent = text(`amount_${flow}`, { amount: String(amount) });
  else button.textContent = whole && todo ? text(`whole_${flow}`, inWords(todo)) : text(things.length ? `do_${flow}` : `all_${flow}`, { n: goodPieces() });
  button.disabled = unfit || (!reading && lacking(flow)) ? true : reading ? !reading.ready : !(things.length || (texts[`whole_${flow}`] && paperInHand() !== "[]"));
}

/** Where a counted lot lies at several places, a person says which of them it is taken from. */
function drawSources() {
  const sources = hand.reading?.sources ?? [];
  part("[data-whence]").hidden = sources.length === 0;
  const from = /** @type {HTMLSelectElement} */ (part("[data-from]"));
  from.replaceChildren(new Option(text("choose_from"), ""), ...sources.map((/** @type {any} */ each) => new Option(`${each.name} (${each.pieces})`, each.id)));
  from.value = String(hand.draft.about.from_place_id ?? "");
}

/** Of whom what was used first can be bought: the likeliest is meant until somebody says another. */
function drawSellers() {
  const sellers = hand.reading?.sellers ?? [];
  part("[data-whose]").hidden = sellers.length === 0;
  const seller = /** @type {HTMLSelectElement} */ (part("[data-seller]"));
  seller.replaceChildren(new Option(text("choose_seller"), ""), ...sellers.map((/** @type {any} */ each) => new Option(each.name, each.id)));
  seller.value = String(hand.draft.about.supplier_id ?? hand.reading?.about.supplier_id ?? "");
}

function drawChoices() {
  const reason = /** @type {HTMLSelectElement} */ (part("[data-reason]"));
  if (reason !== document.activeElement) reason.value = String(aboutRead().reason ?? "");
  const about = { ...aboutNow(), ...hand.reading?.about };
  for (const { of, says } of choicesOf(hand.draft.flow))
    /** @type {HTMLSelectElement} */ (part(`[data-choice-of="${of}"] select`)).value = String(about[says] ?? "");
}

/** What is written and not scanned: by act, and some of it only where the server asks for it, or something of it was said. */
function drawWritten() {
  const { flow, unfit = {} } = hand.draft;
  const about = { ...told(aboutRead()), ...unfit };
  const codes = (hand.reading?.offences ?? []).map((/** @type {any} */ offence) => offence.code);
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-written]"))) {
    const { written = "", askedBy } = group.dataset;
    const fields = /** @type {NodeListOf<HTMLInputElement>} */ (group.querySelectorAll("[data-fact]"));
    const isWanted = !askedBy || codes.includes(askedBy) || [...fields].some((field) => about[field.dataset.fact ?? ""]);
    group.hidden = !(actOf(flow).written ?? []).includes(written) || !isWanted;
    for (const field of fields) {
      const fact = field.dataset.fact ?? "";
      if (field.type === "checkbox") field.checked = Boolean(about[fact]);
      // Somebody is writing it: it stays as it is until that is said.
      if (field.type === "checkbox" || (field === document.activeElement && field.value !== field.defaultValue)) continue;
      field.value = field.defaultValue = String(about[fact] ?? "");
      if (fact in unfit) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }
}

/** What was written of the act and is none of what may be; else nothing. */
const unfitFact = () => Object.values(hand.draft.unfit ?? {}).map((said) => text("no_number", { said }))[0];

/** How many acts wait, or were refused, here. */
export async function drawState() {
  const { own, others } = await acts(person);
  hand.own = own;
  const open = own.filter((act) => act.state === "waiting" || act.state === "settling").length;
  const bad = own.filter((act) => act.state === "refused").length;
  const state = part("[data-state]");
  state.classList.toggle("y-bad", bad > 0);
  state.classList.toggle("y-soon", bad === 0 && (open > 0 || hand.stopped !== ""));
  part("[data-state-text]").textContent = bad ? text("state_refused", { n: bad }) : open ? text("state_waiting", { n: open }) : hand.stopped ? text("state_stopped") : text("state_clear");
  state.dataset.waiting = String(open);
  state.dataset.refused = String(bad);
  part("[data-sign-in]").hidden = hand.stopped !== "signed_out" && hand.stopped !== "other_person";
  drawQueue(part("[data-queue]"), own, others, {
    made, text, part, inBasket: hand.draft.replaces ?? "",
    changed: () => does.sendNow(),
    anew: (act) => inTurn(() => does.otherwise(act)),
  });
  part("[data-tile-queue]").textContent = bad || open ? String(bad + open) : "";
}

const FIRST_TASKS = 3; // what is most urgent stands above the acts, the rest does not push them away
let allTasks = false;

/** What waits for the person. @param {(flow: string, about: import("./store.js").Facts, chosen: string) => Promise<void>} begin */
export function drawTasks(begin) {
  const tasks = hand.today.tasks.filter((/** @type {any} */ task) => !actOf(task.flow).beside);
  part("[data-tasks]").replaceChildren(
    ...tasks.map((/** @type {any} */ task, /** @type {number} */ number) => {
      const item = made("task");
      item.hidden = !allTasks && number >= FIRST_TASKS;
      part("[data-name]", item).textContent = task.number;
      part("[data-what]", item).textContent = task.label;
      part("[data-kind]", item).textContent = labelOf(task.flow);
      part("[data-pieces]", item).textContent = task.pieces ? String(task.pieces) : "";
      part("button", item).addEventListener("click", () => inTurn(() => begin(task.flow, { [`${task.kind}_id`]: task.id }, task.number)));
      return item;
    }),
  );
  part("[data-tasks]").removeAttribute("aria-busy");
  part("[data-no-tasks]").hidden = tasks.length > 0;
  const more = part("[data-tasks-more]");
  more.hidden = allTasks || tasks.length <= FIRST_TASKS;
  more.textContent = text("and_more", { n: tasks.length - FIRST_TASKS });
  more.onclick = () => {
    allTasks = true;
    drawTasks(begin);
  };
}
