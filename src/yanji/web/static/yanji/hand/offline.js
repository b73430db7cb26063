// What can be said of a scan without the server: by what was known last. Nothing is decided here: the server reads it anew.
// @ts-check
import { actOf, choicesOf, placeFact } from "yanji/hand/acts";
import { units } from "yanji/hand/nearby";
import { REASON } from "yanji/hand/rows";
import { GS } from "yanji/wedge";

/** @typedef {import("./store.js").Scan} Scan */

/** @param {string} raw @param {any} today @param {string} flow @returns {{ field: string, id: number | string, name: string } | null} the place, the paper or the box that a scan names */
function names(raw, today, flow) {
  const text = raw.trim();
  const box = actOf(flow).box && boxOf(text);
  if (box) return { field: "box", id: box, name: text.replace(/^\][A-Za-z]\d/, "") };
  const amount = actOf(flow).written?.includes("amount") && AMOUNT.exec(text)?.[1]?.replace(",", ".");
  if (amount) return { field: "amount", id: amount, name: amount };
  const [, group = "", code = ""] = REASON.exec(text.toLowerCase()) ?? [];
  const words = today.whys?.[flow]?.[group] ? "" : today.reasons?.[flow]?.[code];
  if (words) return { field: "reason", id: code, name: words };
  const task = today.tasks.find((/** @type {any} */ each) => (each.flow === flow || actOf(flow).also?.includes(each.kind)) && each.names.includes(text));
  if (task) return { field: `${task.kind}_id`, id: task.id, name: task.number };
  const scanned = choicesOf(flow).some(({ of }) => of === "wards") ? (today.wards ?? []) : today.places;
  const place = scanned.find((/** @type {any} */ each) => each.code.toUpperCase() === text.toUpperCase()) ?? shelfCalled(text, today, flow);
  const isStore = today.stores.some((/** @type {any} */ each) => each.id === place?.id);
  return place ? { field: placeFact(flow, isStore), id: place.id, name: place.name } : null;
}

/** Which fact of the act a scan says, as far as it is known here. @param {Scan} scan @param {any} today @param {string} flow */
export const factOf = (scan, today, flow) => names(scan.text, today, flow)?.field ?? "";

/** The code of the box whose label it is, as the server calls it; of no box "". @param {string} text */
function boxOf(text) {
  if (/^box\/\d{9}$/.test(text)) return text;
  const [, sscc] = /^(?:\][A-Za-z]\d)?(?:00|\(00\))?(\d{18})$/.exec(text) ?? /^00\/(\d{18})$/.exec(text) ?? [];
  return sscc ? `00/${sscc}` : "";
}

/** A shelf by the short name that people say, where one alone is called so: as the put-away reads it. @param {string} text @param {any} today @param {string} flow */
function shelfCalled(text, today, flow) {
  if (!actOf(flow).shelfNames) return undefined;
  const called = today.places.filter((/** @type {any} */ each) => each.called?.some((/** @type {string} */ name) => name.toUpperCase() === text.toUpperCase()));
  return called.length === 1 ? called[0] : undefined;
}

/**
 * The basket as the page shows it while the server is silent; what is named once more, after things, confirms the act there, too.
 * @param {import("./store.js").Draft} draft @param {any} today
 */
export function hereAll(draft, today) {
  const about = { ...draft.about };
  const { whole, byShelf, box } = actOf(draft.flow);
  const last = box === "last" ? localAbout(draft, today).box : undefined;
  let things = 0;
  let shelf = "";
  return draft.scans.map((scan, number) => {
    const sight = here(scan, number, today, draft.flow);
    // What goes into the box that was scanned last is a thing, though it is a box itself.
    if (last && sight.said?.field === "box" && sight.said.id !== last) Object.assign(sight, { role: "thing", said: null });
    const said = sight.said;
    const again = scan.text.trim() === CONFIRM || (said && about[said.field] === said.id);
    if (said) about[said.field] = said.id;
    // What is counted lies on the shelf that was scanned before it.
    if (byShelf && said?.field === "place_id") shelf = said.name;
    sight.source = shelf;
    if (sight.role === "thing" && scan.text.trim() !== CONFIRM) things += 1;
    else if (again && (things || (whole && said && said.field !== "place_id"))) sight.role = "confirm";
    return sight;
  });
}

/**
 * One scan by itself.
 * @param {Scan} scan @param {number} number @param {any} today @param {string} flow
 */
function here(scan, number, today, flow) {
  const said = names(scan.text, today, flow);
  const meaning = { scan: scan.text, kind: "", item_name: said?.name ?? "", serial: "", lot: "", quantity: scan.times ?? 1, expiry: null, epc: "", unit: null, seal: "", offences: [], warnings: [], ways_out: [] };
  return { of: [number], role: said ? "about" : "thing", said, source: "", half: false, unread: true, meaning: { ...meaning, ...(said ? {} : thing(scan, today)) } };
}

/** @param {import("./store.js").Draft} draft @param {any} today what the scans name, as far as it is known here */
export function localAbout(draft, today) {
  /** @type {Record<string, number | string>} */
  const about = {};
  for (const scan of draft.scans) {
    const said = names(scan.text, today, draft.flow);
    if (said) about[said.field] = said.id;
  }
  return about;
}

const CONFIRM = "YANJI:OK";
const AMOUNT = /^(?:\][A-Za-z]\d)?YANJI:AMOUNT:([0-9]{1,9}(?:[.,][0-9]{1,3})?)$/i; // as the server reads it: another is a thing that nobody knows
const ENDED = /** @type {Record<string, number>} */ ({ "01": 14, "11": 6, "13": 6, "15": 6, "16": 6, "17": 6 });

/** What its label says, and what was known of the unit, or of the product, last. @param {Scan} scan @param {any} today */
function thing({ text: raw, times = 1 }, today) {
  const { di, ...said } = parts(raw);
  const unit = units.get(di && said.serial ? `01/${di}/21/${said.serial}` : raw.trim());
  const product = di ? today.products?.find((/** @type {any} */ each) => each.code === di) : undefined;
  if (!unit) return product ? { ...said, item_name: product.name, quantity: times * (product.pieces ?? 1) } : said;
  return { ...said, item_name: unit.name, serial: unit.serial, lot: unit.lot, expiry: unit.expiry, epc: unit.epc, unit: { status: unit.status, place_name: unit.place }, known: true };
}

/** @param {string} raw product, serial, lot and expiry of a GS1 label, as far as they can be told apart @returns {Record<string, string>} */
function parts(raw) {
  /** @type {Record<string, string>} */
  const found = {};
  let rest = raw.trim().replace(/^\][A-Za-z]\d/, "");
  // As it stands under the symbol, and as people type it.
  if (/^\(\d{2,4}\)/.test(rest)) rest = [...rest.matchAll(/\((\d{2,4})\)([^(]*)/g)].map(([, ai, value]) => `${ai}${value?.trim()}`).join(GS);
  if (!/^(01\d{14}|1[0-7]\d|21|10)/.test(rest)) return {};
  while (rest) {
    const ai = rest.slice(0, 2);
    const length = ENDED[ai];
    const end = length ? 2 + length : rest.indexOf(GS, 2) < 0 ? rest.length : rest.indexOf(GS, 2);
    found[ai] = rest.slice(2, end);
    rest = rest.slice(end).replace(/^\x1d/, "");
  }
  const [, year, month, day] = /^(\d\d)(\d\d)(\d\d)$/.exec(found["17"] ?? "") ?? [];
  return { di: found["01"] ?? "", serial: found["21"] ?? "", lot: found["10"] ?? "", ...(year ? { expiry: `20${year}-${month}-${day === "00" ? "28" : day}` } : {}) };
}
