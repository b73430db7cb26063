// What was scanned, as rows: a lot that is scanned again is one row with a quantity; a reason that was said goes with its thing.
// @ts-check

/** @typedef {import("./store.js").Scan} Scan */
/** @typedef {{ sights: any[], last: any, lot: boolean, pieces: number, per: number, of: number[] }} Row `per`: pieces of one label; `of`: its scans */

export const REASON = /^(?:\][A-Za-z]\d)?YANJI:REASON:([a-z_]+):([a-z][a-z0-9_]*)$/i;
const MOST_TIMES = 9_999;

/** @param {string} group @param {string} code what stands for a reason among the scans */
export const codeOf = (group, code) => `YANJI:REASON:${group}:${code}`;

/** @param {any} sight whether pieces of it are counted, as far as it can be told */
const isLot = ({ counted, meaning, unread }) => counted || (unread && !meaning.kind && meaning.lot && !meaning.serial);

/** @param {any[]} things @param {Scan[]} scans @param {boolean} byShelf in a count one lot lies on several shelves @returns {Row[]} */
export function rowsOf(things, scans, byShelf) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  things.forEach((sight, number) => {
    const lot = isLot(sight);
    const { kind, lot_id, item_id, scan } = sight.meaning;
    const key = lot ? JSON.stringify([(kind === "lot" ? lot_id : item_id) ?? scan, byShelf ? (sight.source ?? "") : "", sight.reason ?? ""]) : String(number);
    const times = scans[sight.of[0]]?.times ?? 1;
    /** @type {Row} */
    const row = rows.get(key) ?? { sights: [], last: sight, lot, pieces: 0, per: Math.max(1, Math.round(sight.meaning.quantity / times)), of: [] };
    row.sights.push(sight);
    row.last = sight;
    row.pieces += sight.meaning.quantity;
    row.of.push(...sight.of);
    // Seen last, it stands last.
    rows.delete(key);
    rows.set(key, row);
  });
  return [...rows.values()];
}

/**
 * One label more or less of a lot, or as many pieces as somebody wrote. Without a scan left the row is left as it was.
 * @param {Scan[]} scans @param {Row} row @param {number} pieces @returns {Scan[]}
 */
export function counted(scans, row, pieces) {
  const labels = Math.min(MOST_TIMES, Math.max(1, Math.round(pieces / row.per)));
  const before = row.sights.map((sight) => sight.of[0]);
  const gone = new Set(row.sights.slice(1).flatMap((sight) => sight.of));
  // What a person says holds for the first; more than that would be told twice.
  return scans.map((scan, number) => (number === before[0] ? { ...scan, times: labels } : scan)).filter((_, number) => !gone.has(number));
}

/** A reason goes right behind its thing, in the place of one that was said before. @param {Scan[]} scans @param {Row} row @param {string} group @param {string} code @returns {Scan[]} */
export function because(scans, row, group, code) {
  const at = new Date().toISOString();
  const lasts = new Set(row.sights.map((sight) => Math.max(...sight.of.filter((/** @type {number} */ each) => !REASON.test(scans[each]?.text ?? "")))));
  const old = new Set(row.of.filter((number) => REASON.test(scans[number]?.text ?? "")));
  return scans.flatMap((scan, number) => (old.has(number) ? [] : [scan, ...(code && lasts.has(number) ? [{ text: codeOf(group, code), camera: true, at }] : [])]));
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
