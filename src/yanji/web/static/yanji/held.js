// Scans that a page could not send before it went away wait here for the next page of the same person in the same tab.
// @ts-check

/** @typedef {{ text: string, key: string, onward: boolean }} Held `onward`: its page went because it was done, so the scan is for the next */

const HELD = "yanji.held";
const person = () => document.documentElement.dataset.yPerson ?? "";

/** @param {Held[]} scans in the order in which they were made */
export function hold(scans) {
  const all = [...takeHeld(), ...scans];
  if (all.length) sessionStorage.setItem(HELD, JSON.stringify({ person: person(), scans: all }));
}

/** @returns {Held[]} */
export function takeHeld() {
  const found = JSON.parse(sessionStorage.getItem(HELD) ?? "null");
  sessionStorage.removeItem(HELD);
  return found?.person === person() ? found.scans : [];
}

/** This page takes no scans. What was meant for it is from now on only offered, not sent by itself. */
export function passBy() {
  if (person()) hold(takeHeld().map((scan) => ({ ...scan, onward: false })));
}

/** Hospitals' own networks are often without TLS, where the browser gives no randomUUID. */
export function nameOfScan() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
