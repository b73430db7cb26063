// What was scanned, as rows: a lot that is scanned again is one row with a quantity; a reason that was said goes with its thing.
// @ts-check

/** @typedef {import("./store.js").Scan} Scan */
/** @typedef {{ sights: any[], last: any, lot: boolean, pieces: number, per: number, of: Scan[][] }} Row `per`: pieces of one label; `of`: the scans of each sight, which alone say later whether they lie there still */

export const REASON = /^(?:\][A-Za-z]\d)?YANJI:REASON:([a-z_]+):([a-z][a-z0-9_]*)$/i;
const MOST_TIMES = 9_999;

/** @param {string} group @param {string} code what stands for a reason among the scans */
export const codeOf = (group, code) => `YANJI:REASON:${group}:${code}`;

/** @param {any} sight whether pieces of it are counted, as far as it can be told */
const isLot = ({ counted, meaning, unread }) => counted || (unread && !meaning.kind && meaning.lot && !meaning.serial);

/** @param {any} sight @param {Scan[]} scans the basket that it was read from @returns {Scan[]} */
export const scansOf = (sight, scans) => sight.of.flatMap((/** @type {number} */ number) => scans[number] ?? []);

/** @param {any[]} sights what an act keeps of its things, to tell what its paper waits for without them */
export const tookOf = (sights) => sights.map(({ meaning: { item_id, item_name, lot, serial, quantity }, source }) => ({ meaning: { item_id, item_name, lot, serial, quantity }, source }));

/** @param {any[]} things @param {Scan[]} scans @param {boolean} byShelf in a count one lot lies on several shelves @returns {Row[]} */
export function rowsOf(things, scans, byShelf) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  things.forEach((sight, number) => {
    const lot = isLot(sight);
    const { kind, lot_id, item_id, scan } = sight.meaning;
    const per = Math.max(1, Math.round(sight.meaning.quantity / (scans[sight.of[0]]?.times ?? 1)));
    // The label of a box is none of a piece: what is counted in labels lies in a row of its own.
    const key = lot ? JSON.stringify([(kind === "lot" ? lot_id : item_id) ?? scan, per, byShelf ? (sight.source ?? "") : "", sight.reason ?? ""]) : String(number);
    /** @type {Row} */
    const row = rows.get(key) ?? { sights: [], last: sight, lot, pieces: 0, per, of: [] };
    row.sights.push(sight);
    row.last = sight;
    row.pieces += sight.meaning.quantity;
    row.of.push(scansOf(sight, scans));
    // Seen last, it stands last.
    rows.delete(key);
    rows.set(key, row);
  });
  return [...rows.values()];
}

/** @param {Scan} scan the group of the reason that it says, if it is a code of one */
const groupOf = (scan) => REASON.exec(scan.text.trim())?.[1]?.toLowerCase() ?? "";

/**
 * What of a row lies in the basket now, with the reasons behind it, of which one may have been said since the row was drawn.
 * @param {Scan[]} scans @param {Row} row @param {Scan[]} [of] @returns {Scan[]}
 */
export function lying(scans, row, of = row.of.flat()) {
  const groups = new Set(row.sights.flatMap((sight) => sight.asks ?? []));
  let behind = false;
  return scans.filter((scan) => {
    const said = groupOf(scan);
    if (!said) behind = of.includes(scan);
    return said ? of.includes(scan) || (behind && groups.has(said)) : behind;
  });
}

/**
 * So many labels of a lot, by how many there are at that moment: what is no longer in the basket is left alone, and so is what came
 * after the row was drawn.
 * @param {Scan[]} scans @param {Row} row @param {(now: number) => number} labels @returns {Scan[]}
 */
export function counted(scans, row, labels) {
  const there = row.of.filter(([first]) => first && scans.includes(first));
  const [first] = there[0] ?? [];
  if (!first) return scans;
  const now = there.reduce((sum, [label]) => sum + (label?.times ?? 1), 0);
  // What a person says holds for the first, which stays the same scan; more than that would be told twice.
  first.times = Math.min(MOST_TIMES, Math.max(1, labels(now)));
  const gone = new Set(lying(scans, row, there.slice(1).flat()));
  return scans.filter((scan) => !gone.has(scan));
}

/** @type {WeakMap<Scan, string>} what was written of a row and is no number of its labels, by the row's first scan: it stands in the way until another is said */
const unfit = new WeakMap();

/** @param {Row} row @returns {string} what was written of it and cannot be, if anything */
export function unfitOf(row) {
  const first = row.of[0]?.[0];
  return (first && unfit.get(first)) ?? "";
}

/** So many pieces may be written of a row at most. @param {Row} row */
export const mostOf = (row) => MOST_TIMES * row.per;

/** @param {Row} row @param {string} written what somebody wrote, or nothing where a number was said otherwise @returns {number} of how many labels that is; 0 where it is none, which is remembered */
export function labelsIn(row, written) {
  const pieces = Number(written);
  const labels = pieces / row.per;
  const fits = Number.isInteger(labels) && labels > 0 && pieces <= mostOf(row);
  const first = row.of[0]?.[0];
  if (first && written && !fits) unfit.set(first, written);
  else if (first) unfit.delete(first);
  return fits ? labels : 0;
}

/** A reason goes right behind its thing, in the place of one that was said before. @param {Scan[]} scans @param {Row} row @param {string} group @param {string} code @returns {Scan[]} */
export function because(scans, row, group, code) {
  const at = new Date().toISOString();
  const lasts = new Set(row.of.map((of) => of.filter((scan) => !groupOf(scan)).at(-1)));
  const old = new Set(lying(scans, row).filter(groupOf));
  return scans.flatMap((scan) => (old.has(scan) ? [] : [scan, ...(code && lasts.has(scan) ? [{ text: codeOf(group, code), camera: true, at }] : [])]));
}

/**
 * Reasons among scans that nobody has read yet, each with the thing before it.
 * @param {any[]} sights @param {Scan[]} scans @param {Record<string, object>} groups that may be said in this act
 */
export function withReasons(sights, scans, groups) {
  /** @type {any[]} */
  const kept = [];
  for (const sight of sights) {
    const said = REASON.exec((scans[sight.of[0]]?.text ?? "").trim());
    const before = kept.at(-1);
    if (said?.[1] && said[2] && groups[said[1].toLowerCase()] && before?.role === "thing") {
      before.of = [...before.of, ...sight.of];
      before.reason = `${said[1]}:${said[2]}`.toLowerCase();
    } else kept.push({ ...sight, asks: sight.role === "thing" ? Object.keys(groups) : [] });
  }
  return kept;
}
