// The service worker of the scan page: its shell opens without the network. SHELL and VERSION are put in front by the server.
// @ts-check
(() => {
  /** @type {any} */
  const worker = self;
  const { SHELL, VERSION } = worker.YANJI;
  const FILES = `yanji-hand-files-${VERSION}`;
  const PAGE = "yanji-hand-page"; // of one person: deleted when they sign out
  const ADDRESS = "/scan";
  const PATIENCE_MS = 4000;

  worker.addEventListener("install", (/** @type {any} */ event) => {
    event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(SHELL)).then(() => worker.skipWaiting()));
  });
  worker.addEventListener("activate", (/** @type {any} */ event) => {
    const old = (/** @type {string} */ name) => name.startsWith("yanji-hand-files-") && name !== FILES;
    event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => worker.clients.claim()));
  });
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    if (request.mode === "navigate") {
      if (pathname === ADDRESS) event.respondWith(page(request));
    } else if (pathname.startsWith("/static/")) event.respondWith(file(request));
  });

  /** @param {Request} request the newest page where the network gives it soon, else the one that was kept */
  async function page(request) {
    const cache = await caches.open(PAGE);
    const kept = await cache.match(ADDRESS);
    const fresh = fetch(request).then(async (answer) => {
      if (answer.ok && !answer.redirected) await cache.put(ADDRESS, answer.clone());
      return answer;
    });
    if (!kept) return fresh;
    const late = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
    return Promise.race([fresh.then((answer) => (answer.status >= 500 ? kept : answer)).catch(() => kept), late]);
  }

  /** @param {Request} request */
  async function file(request) {
    const cache = await caches.open(FILES);
    const kept = await cache.match(request);
    if (kept) return kept;
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  }
})();
