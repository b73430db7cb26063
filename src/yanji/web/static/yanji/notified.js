// "My account": lets this browser be notified. Asks the person first, as browsers want it: only after a press.
// @ts-check

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-notify-here]"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));

/** @param {"unable" | "denied" | "failed"} why */
function say(why) {
  for (const each of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-why]"))) each.hidden = each.dataset.why !== why;
  button.disabled = why !== "failed";
}

/** @returns {string} what kind of browser it is, for the list */
function called() {
  const [, name] = /(Edg|OPR|SamsungBrowser|Firefox|Chrome|Safari)\//.exec(navigator.userAgent) ?? [];
  const [, system] = /(Android|iPhone|iPad|Windows|Mac OS|Linux)/.exec(navigator.userAgent) ?? [];
  const names = /** @type {Record<string, string>} */ ({ Edg: "Edge", OPR: "Opera", SamsungBrowser: "Samsung Internet" });
  return [names[name] ?? name, system].filter(Boolean).join(" · ");
}

async function subscribe() {
  if ((await Notification.requestPermission()) !== "granted") return say("denied");
  const registration = await navigator.serviceWorker.register("/notifications/worker.js");
  await ready(registration);
  const wanted = { userVisibleOnly: true, applicationServerKey: form.dataset.key };
  // One of before may be of another key: it would never be taken again.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const { endpoint, keys } = (await registration.pushManager.subscribe(wanted)).toJSON();
  for (const [name, value] of Object.entries({ endpoint, ...keys, browser: called() })) /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = value ?? "";
  form.submit();
}

/** @param {ServiceWorkerRegistration} registration */
async function ready(registration) {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return;
  await new Promise((resolve) => coming.addEventListener("statechange", () => coming.state === "activated" && resolve(undefined)));
}

if (!window.isSecureContext || !("PushManager" in window) || !("serviceWorker" in navigator)) say("unable");
else if (Notification.permission === "denied") say("denied");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  button.disabled = true;
  subscribe().catch((mistake) => {
    console.info(mistake);
    say("failed");
  });
});
