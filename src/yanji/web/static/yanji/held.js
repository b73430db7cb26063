// Scans that a page could not send before it went away wait here for the next page of the same person in the same tab.
// @ts-check

/** @typedef {{ text: string, key: string, onward: boolean }} Held `onward`: its page went because it was done, so the scan is for the next */

// One place for each person: at a shared tab what one could not send is neither shown to the next nor lost by them.
const place = () => `yanji.held.${document.documentElement.dataset.yPerson ?? ""}`;

/** @param {Held[]} scans in the order in which they were made */
export function hold(scans) {
  const all = [...takeHeld(), ...scans];
  if (all.length) sessionStorage.setItem(place(), JSON.stringify(all));
}

/** @returns {Held[]} */
export function takeHeld() {
  const found = JSON.parse(sessionStorage.getItem(place()) ?? "[]");
  sessionStorage.removeItem(place());
  return found;
}

/** This page takes no scans. What was meant for it is from now on only offered, not sent by itself. */
export function passBy() {
  if (document.documentElement.dataset.yPerson) hold(takeHeld().map((scan) => ({ ...scan, onward: false })));
}

/** Hospitals' own networks are often without TLS, where the browser gives no randomUUID. */
export function nameOfScan() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
