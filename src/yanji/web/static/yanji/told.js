// The service worker of notifications: shows what comes, and opens the list when somebody touches it. It serves no page.
// ICON is put in front by the server.
// @ts-check
(() => {
  /** @type {any} */
  const worker = self;
  const LIST = "/notifications";

  worker.addEventListener("install", () => worker.skipWaiting());
  worker.addEventListener("push", (/** @type {any} */ event) => {
    const { title, body, tag } = event.data.json();
    event.waitUntil(worker.registration.showNotification(title, { body, tag, renotify: true, icon: worker.ICON, data: LIST }));
  });
  worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
    event.notification.close();
    event.waitUntil(open(event.notification.data));
  });

  /** @param {string} address in the page that is open already, where there is one */
  async function open(address) {
    const [page] = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (!page) return worker.clients.openWindow(address);
    await page.focus();
    return page.navigate(address).catch(() => worker.clients.openWindow(address));
  }
})();
