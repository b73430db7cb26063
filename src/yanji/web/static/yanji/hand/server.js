// Asks the server in the name of who is signed in, and measures by the way how far its clock is from this device's.
// @ts-check
import { keep, known } from "yanji/hand/store";

const BASE = "/api/v1";
const PATIENCE_MS = 12_000;

/** @typedef {{ reached: boolean, status: number, body: any }} Answer `reached`: the server itself spoke */

/** @type {number | null} */
let skew = null;
export const skewMs = () => skew;
export async function rememberSkew() {
  skew ??= (await known("skew")) ?? null;
}

const token = () => /(?:^|; )yanji_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";

/**
 * @param {string} path @param {number} person whose request it is: the server refuses it from anybody else's session
 * @param {object} [body] posted where given @param {number | null} [known_skew] what was measured when its scans were made
 * @returns {Promise<Answer>} never throws
 */
export async function ask(path, person, body, known_skew = skew) {
  const began = Date.now();
  // Scans say when they were made; nothing else has to.
  const more = !path.startsWith("/handheld/") ? {} : { sent_at: new Date(began).toISOString(), ...(known_skew === null ? {} : { skew_ms: known_skew }) };
  try {
    const response = await fetch(BASE + path, {
      method: body ? "POST" : "GET",
      headers: {
        "Accept-Language": document.documentElement.lang,
        "Content-Type": "application/json",
        "X-CSRFToken": token(),
        "X-Person": String(person),
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body ? { body: JSON.stringify({ ...body, ...more }) } : {}),
    });
    const content = await response.json();
    if (content.now) await measured(Date.parse(content.now) - (began + Date.now()) / 2);
    // The server's own word that it stumbled is an answer to this very act; whoever stands before it says only that it is away.
    const reached = response.status < 500 || (response.status === 500 && Boolean(content.code));
    return { reached, status: response.status, body: content };
  } catch {
    return { reached: false, status: 0, body: null };
  }
}

/** @param {number} found */
async function measured(found) {
  if (skew !== null && Math.abs(found - skew) < 1000) return;
  skew = Math.round(found);
  await keep("skew", skew);
}
