// The units that somebody is likely to scan, as they were when the server last spoke: enough to say what a scan probably is.
// @ts-check
import { ask } from "yanji/hand/server";
import { all, change, forgetSeen, known } from "yanji/hand/store";

/** @typedef {{ epc: string, name: string, serial: string, lot: string, expiry: string | null, status: string, place: string, here: boolean }} Near */

/** @type {Map<string, Near>} */
export const units = new Map();
const OFTEN_MS = 60_000;
let asked = -Infinity;

/** What was known last time. */
export async function recall() {
  for (const unit of /** @type {Near[]} */ (await all("units"))) units.set(unit.epc, unit);
}

/** What changed since then; all of it for who is new at this device. @param {number} person */
export async function refresh(person) {
  if (performance.now() - asked < OFTEN_MS) return;
  asked = performance.now();
  const before = await known("nearby");
  const since = before?.person === person ? before.position : 0;
  const answer = await ask(`/handheld/units?since=${since}&area=${since ? (before.area ?? "unknown") : ""}`, person);
  if (answer.status !== 200) return;
  const { position, whole, area, units: found } = answer.body;
  if (whole) units.clear();
  const here = found.filter((/** @type {Near} */ unit) => unit.here);
  const gone = found.filter((/** @type {Near} */ unit) => !unit.here).map((/** @type {Near} */ unit) => unit.epc);
  for (const unit of here) units.set(unit.epc, unit);
  for (const epc of gone) units.delete(epc);
  await change({ units: { clear: whole, put: here, remove: gone }, known: { put: [{ name: "nearby", value: { person, position, area } }] } });
}

/** Nothing of what one person saw is left for the next. */
export async function forgetAll() {
  units.clear();
  await forgetSeen();
}
