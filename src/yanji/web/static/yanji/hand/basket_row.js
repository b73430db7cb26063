// One row of the basket as it is drawn: what it is, what stands in the way, how many, why; and what becomes of it by a touch.
// @ts-check
import { actOf } from "yanji/hand/acts";
import { drop, hand, isByShelf, keepDraft, takeOut } from "yanji/hand/basket";
import { localAbout } from "yanji/hand/offline";
import { add, newKey } from "yanji/hand/queue";
import { because, counted, labelsIn, lying, mostOf, scansOf, unfitOf } from "yanji/hand/rows";
import { focus, hush, inTurn, made, part, person, question, root, tell, text, texts } from "yanji/hand/screen";
import { ask, skewMs } from "yanji/hand/server";
import { GS } from "yanji/wedge";

/** @typedef {import("./store.js").Scan} Scan */
/** @typedef {import("./rows.js").Row} Row */
/** @typedef {(changed: (scans: Scan[]) => Scan[]) => void} Rescan what becomes of the basket, as it is when its turn has come */
/** @typedef {{ read: () => Promise<unknown>, sendNow: (key?: string) => Promise<void>, draw: () => void }} Does what follows a touch */

/** @param {Row} group @param {Does} does */
export function drawnRow(group, does) {
  const sight = group.sights.find((each) => each.meaning.offences.length) ?? group.last;
  const item = made("row");
  drawResult(item, unfitOf(group) ? "error" : resultOf(sight));
  drawWords(item, group, sight);
  /** @type {Rescan} */
  const rescan = (changed) => rescanned(group, changed, does);
  drawCount(item, group, rescan, does);
  drawReasons(item, group, sight, rescan);
  drawWaysOn(item, group, sight, does);
  part("[data-out]", item).addEventListener("click", () => {
    focus(); // at once: what is scanned next must not be heard by a button that goes
    inTurn(async () => {
      const gone = lying(hand.draft.scans, group);
      if (!gone.length) return;
      hush();
      await drop(gone);
      await does.read();
      focus();
    });
  });
  return item;
}

/** @param {any} sight @returns {"ok" | "warn" | "error"} */
function resultOf({ verdict, meaning, reason, unread, half }) {
  const look = texts.verdicts[verdict]?.[0] ?? "ok";
  if (unread || (half && meaning.offences.length)) return "warn";
  if (meaning.offences.length) return "error";
  return look === "ok" && ((!isByShelf() && meaning.seal) || meaning.warnings.length || reason) ? "warn" : look;
}

/** @param {HTMLElement} item @param {string} result */
function drawResult(item, result) {
  item.classList.add(`y-${result}`);
  item.dataset.result = result;
  for (const icon of item.querySelectorAll(`.y-icon.h-ok, .y-icon.h-warn, .y-icon.h-error`)) if (!icon.classList.contains(`h-${result}`)) icon.remove();
}

/** @param {HTMLElement} item @param {Row} group @param {any} sight */
function drawWords(item, group, sight) {
  const { meaning } = sight;
  const put = (/** @type {string} */ name, /** @type {string} */ value) => {
    const place = part(`[data-${name}]`, item);
    place.textContent = value;
    place.hidden = !value;
  };
  put("name", meaning.item_name || meaning.scan.replaceAll(GS, " "));
  put("what", [meaning.serial && text("serial", { serial: meaning.serial }), meaning.lot && text("lot", { lot: meaning.lot }), !group.lot && meaning.quantity > 1 && `× ${meaning.quantity}`].filter(Boolean).join(" · "));
  put("expiry", meaning.expiry ? text("expiry", { day: meaning.expiry }) : "");
  put("where", meaning.unit && !isByShelf() ? [texts.statuses[meaning.unit.status], meaning.unit.place_name].filter(Boolean).join(" · ") : (sight.source ?? ""));
  put("notes", [unfitWords(group), ...notesOf(sight)].filter(Boolean).join(" "));
}

/** @param {any} sight @returns {string[]} what is said of it beside what it is */
function notesOf({ verdict, meaning, unread, half }) {
  if (unread) {
    const past = meaning.expiry && meaning.expiry < new Date().toISOString().slice(0, 10);
    return [past ? text("past_expiry") : "", text(meaning.known ? "as_known" : "kept_unread")];
  }
  if (half && meaning.offences.length) return [text("half")];
  const words = texts.verdicts[verdict]?.[1] ?? "";
  const lies = isByShelf() && words && meaning.unit ? `${words}: ${meaning.unit.place_name}` : words;
  const sentences = meaning.offences.map((/** @type {any} */ each) => each.sentence);
  return [...sentences, lies, isByShelf() ? "" : meaning.seal, ...meaning.ways_out.slice(0, 1).map((/** @type {any} */ way) => way.sentence)];
}

/** What can be done where the basket alone does not help: enter it, keep it aside, look elsewhere. @param {HTMLElement} item @param {Row} group @param {any} sight @param {Does} does */
function drawWaysOn(item, group, sight, does) {
  const { meaning } = sight;
  const { enters, looks } = actOf(hand.draft.flow);
  const adopt = part("[data-adopt]", item);
  // At the dock what is new is entered and received; anywhere else it is kept aside.
  adopt.hidden = meaning.kind !== "unknown_product" || !root.dataset.adopts || !enters;
  adopt.addEventListener("click", () => question(text("adopt_sure"), [[text("adopt_it"), () => adoptProduct(meaning.scan, does)]]));
  offerAside(item, group, sight, adopt.hidden, does);
  const elsewhere = sight.unread ? undefined : meaning.ways_out.find((/** @type {any} */ each) => each.href);
  const way = /** @type {HTMLAnchorElement} */ (part("[data-way]", item));
  way.hidden = !elsewhere;
  way.href = elsewhere?.href ?? "#";
  const more = /** @type {HTMLAnchorElement} */ (part("[data-more]", item));
  more.hidden = !looks || !meaning.kind || meaning.kind === "unreadable";
  more.href = `/search?q=${encodeURIComponent(meaning.epc || meaning.scan)}`;
}

/**
 * A row is as old as the last answer: what was scanned since is in the basket, and what it shows may have been taken out, or done.
 * @param {Row} group that somebody touched @param {(scans: Scan[]) => Scan[]} changed @param {Does} does
 */
function rescanned(group, changed, does) {
  focus();
  inTurn(async () => {
    if (!lying(hand.draft.scans, group).length) return;
    hand.draft.scans = changed(hand.draft.scans);
    hand.reading = null;
    await keepDraft();
    await does.read();
    focus();
  });
}

/** How many pieces of a lot: large keys, or written. @param {HTMLElement} item @param {Row} group @param {Rescan} rescan @param {Does} does */
function drawCount(item, group, rescan, does) {
  const panel = part("[data-count]", item);
  panel.hidden = !group.lot;
  const field = /** @type {HTMLInputElement} */ (part("[data-pieces]", panel));
  const unfit = unfitOf(group);
  field.value = field.defaultValue = unfit || String(group.pieces);
  if (unfit) field.setAttribute("aria-invalid", "true");
  const says = (/** @type {(now: number) => number} */ labels) => rescan((scans) => counted(scans, group, labels));
  for (const [key, more] of /** @type {const} */ ([["less", -1], ["plus", 1]]))
    part(`[data-${key}]`, panel).addEventListener("click", () => {
      labelsIn(group, "");
      says((now) => now + more);
    });
  field.addEventListener("change", () => {
    field.blur();
    const labels = labelsIn(group, field.value.trim() || "0");
    if (!labels) {
      tell("error", unfitWords(group));
      return does.draw();
    }
    field.defaultValue = field.value;
    says(() => labels);
  });
  /** @type {HTMLButtonElement} */ (part("[data-less]", panel)).disabled = group.pieces <= group.per;
}

/** What may be written of a row, where what was written cannot be; else nothing. @param {Row} group */
export function unfitWords(group) {
  const { meaning } = group.last;
  const thing = [meaning.item_name || meaning.scan.replaceAll(GS, " "), meaning.lot && text("lot", { lot: meaning.lot })].filter(Boolean).join(" · ");
  return unfitOf(group) && text(group.per > 1 ? "whole_labels" : "whole_pieces", { thing, per: group.per, twice: 2 * group.per, most: mostOf(group), said: unfitOf(group) });
}

/** Why a thing is rejected, in doubt, or taken out of turn: one touch, or its code scanned. @param {HTMLElement} item @param {Row} group @param {any} sight @param {Rescan} rescan */
function drawReasons(item, group, sight, rescan) {
  const whys = hand.today.whys?.[hand.draft.flow] ?? {};
  const [group_ = "", code = ""] = (sight.reason ?? "").split(":");
  const said = part("[data-said]", item);
  said.hidden = !sight.reason;
  said.textContent = sight.reason ? text(`said_${group_}`, { why: whys[group_]?.[code] ?? code }) : "";
  item.classList.toggle("y-rejected", group_ === "reject");
  /** @param {string} label @param {string} of @param {string} why @param {boolean} [first] */
  const choice = (label, of, why, first) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: first ? "btn btn-primary" : "btn", textContent: label });
    button.addEventListener("click", () => rescan((scans) => because(scans, group, of, why)));
    return button;
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

// What nobody knows

/** @param {string} raw a product that nobody has entered: it becomes a provisional item, and a task for master data @param {Does} does */
async function adoptProduct(raw, does) {
  const answer = await ask("/adoptions", person, { key: newKey(), scan: raw });
  if (answer.status !== 200) return tell("error", answer.body?.sentences?.[0] ?? text("offline"));
  tell("ok", text("adopted"));
  await does.read();
  focus();
}

/** @param {any} sight @returns {boolean} whether it may be that nobody knows it; without a server it may be known, and the server says so */
function isStrange({ meaning, unread, half }) {
  const { kind, known: seen, offences, document: names } = meaning;
  if (unread) return !seen;
  const { enters } = actOf(hand.draft.flow);
  // A unit that an order did not bring is rejected at the dock; a lot that nobody knows has no unit, and is a task alone.
  const strange = kind === "new_unit" ? !enters : kind === "lot" ? meaning.lot_id === null && !enters : ["unknown_product", "needs_label", "unreadable"].includes(kind);
  return strange && !names && offences.length > 0 && !(half && kind !== "unknown_product");
}

/**
 * What nobody knows is kept aside by whoever has it in hand, where it lies.
 * @param {HTMLElement} item @param {Row} group @param {any} sight @param {boolean} isFree no other button offers to enter it @param {Does} does
 */
function offerAside(item, group, sight, isFree, does) {
  const open = part("[data-unknown]", item);
  open.hidden = !isStrange(sight) || !isFree || !hand.today.homes?.length;
  const home = /** @type {HTMLSelectElement} */ (part("[data-home-of]", item));
  const keepIt = /** @type {HTMLButtonElement} */ (part("[data-keep-aside]", item));
  const ready = () => (keepIt.disabled = !home.value);
  open.addEventListener("click", () => {
    const { reading, draft, today } = hand;
    const shelf = Number(reading ? reading.about.place_id : localAbout(draft, today).place_id ?? draft.about.place_id);
    const named = shelf ? [{ id: shelf, name: reading?.named.place_id ?? today.places.find((/** @type {any} */ each) => each.id === shelf)?.name ?? "" }] : [];
    const homes = [...named, ...today.homes.filter((/** @type {any} */ each) => each.id !== shelf)];
    home.replaceChildren(...(homes.length > 1 && !shelf ? [new Option(text("choose_home"), "")] : []), ...homes.map((each) => new Option(each.name, String(each.id))));
    open.hidden = true;
    part("[data-aside]", item).hidden = false;
    ready();
  });
  home.addEventListener("change", ready);
  const scans = scansOf(sight, hand.draft.scans);
  keepIt.addEventListener("click", () => inTurn(() => keepAside(sight, lying(hand.draft.scans, group, scans), Number(home.value), does)));
}

/** An act of its own, as any other: kept here, sent once. The rest stays in the basket. @param {any} sight @param {Scan[]} scans @param {number} place @param {Does} does */
async function keepAside(sight, scans, place, does) {
  if (!scans.length) return;
  const { draft } = hand;
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
  await does.read();
  focus();
  void does.sendNow(act.key);
}
