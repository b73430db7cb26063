// What every page does: find the search box, take scans that no field asked for, switch between light and dark.
// @ts-check
import { passBy } from "yanji/held";
import { isBadge } from "yanji/shared";
import { suggest } from "yanji/suggest";
import { GS, characterOf, isQuick, watchWedge } from "yanji/wedge";

const search = /** @type {HTMLInputElement | null} */ (document.getElementById("y-search-input"));

/** @param {EventTarget | null} target whether what is typed there belongs to a field */
export const isTyping = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

if (search) {
  const list = document.getElementById("y-suggestions");
  if (list) suggest(search, list);
  document.addEventListener("keydown", (event) => {
    // A scanner's "/" is a letter: HIBC writes one in every label.
    if (event.key !== "/" || isQuick() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
  // The separator of a scan into the focused box, which no text field would take by itself.
  search.addEventListener("keydown", (event) => {
    if (characterOf(event) !== GS) return;
    event.preventDefault();
    search.setRangeText(GS, search.selectionStart ?? 0, search.selectionEnd ?? 0, "end");
  });
  // At a shared device it may be the badge of who comes next, which is not searched for, nor kept in an address.
  if (document.documentElement.dataset.yIdle) {
    search.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void isBadge(search.value).then((is) => {
        if (is) search.value = "";
        else search.form?.submit();
      });
    });
  }
  // A scanner types anywhere: without a scan field on the page, its burst goes to the search box.
  if (!document.querySelector("[data-scan-field]")) {
    watchWedge(document, (text) => {
      search.value = text;
      search.form?.requestSubmit();
    });
  }
}

const bell = /** @type {HTMLElement | null} */ (document.querySelector("[data-bell]"));
if (bell) void import("yanji/bell").then(({ ring }) => ring(bell));

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const theme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.dataset.yTheme = theme;
    document.dispatchEvent(new CustomEvent("yanji:theme", { detail: theme }));
    const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
    void fetch("/preferences", { method: "POST", headers, body: new URLSearchParams({ theme }), redirect: "manual" });
  });
}

for (const button of document.querySelectorAll("[data-full-screen]")) {
  button.addEventListener("click", () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
}

for (const button of document.querySelectorAll("[data-demo-username]")) {
  button.addEventListener("click", () => {
    const { demoUsername, demoPassword } = /** @type {HTMLElement} */ (button).dataset;
    const form = /** @type {HTMLFormElement} */ (document.getElementById("sign-in-form"));
    /** @type {HTMLInputElement} */ (form.elements.namedItem("username")).value = demoUsername ?? "";
    /** @type {HTMLInputElement} */ (form.elements.namedItem("password")).value = demoPassword ?? "";
    form.requestSubmit();
  });
}

// Selects that filter a page send their form at once.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLElement && field.matches("[data-send-on-change]")) field.closest("form")?.requestSubmit();
});

// Of a row of pages wider than a phone, the one that is open is seen.
for (const here of document.querySelectorAll(".y-pagesrow .active")) {
  const row = /** @type {HTMLElement} */ (here.parentElement), from = row.getBoundingClientRect(), own = here.getBoundingClientRect();
  row.scrollLeft += own.left - from.left - (from.width - own.width) / 2;
}

// Nobody is signed in here: whoever was has left, on whichever page, and the scan page keeps nothing of what they saw. At a
// shared device their other pages close as well.
if (!document.documentElement.dataset.yPerson) localStorage.removeItem("yanji.person");
if (!document.documentElement.dataset.yPerson) void import("yanji/hand/store").then(({ forgetSeen }) => forgetSeen()).catch(() => undefined);

if (document.querySelector("[data-badge-page]")) await import("yanji/badge");
if (document.querySelector("[data-scan-field]")) await import("yanji/scan");
else passBy();

// Charts are loaded only where a page has one, and drawn anew where htmx brought one.
const drawCharts = async () => {
  if (document.querySelector("[data-chart]")) await (await import("yanji/charts")).drawAll();
};
document.body.addEventListener("htmx:afterSettle", drawCharts);

// The slider of a life line: each stop is a moment at which something happened, written in the site's time zone.
document.addEventListener("input", (event) => {
  const slider = event.target;
  if (!(slider instanceof HTMLInputElement) || slider.dataset.moments === undefined) return;
  const moment = slider.dataset.moments.split(" ")[Number(slider.value)];
  const shown = slider.parentElement?.querySelector("output");
  if (shown) shown.textContent = moment ? moment.slice(0, 16).replace("T", " ") : (slider.dataset.now ?? "");
});
document.addEventListener("change", (event) => {
  const slider = event.target;
  if (!(slider instanceof HTMLInputElement) || slider.dataset.moments === undefined) return;
  const moment = slider.dataset.moments.split(" ")[Number(slider.value)];
  // What the records knew stays as chosen: only the time in the world moves.
  const asked = new URLSearchParams(location.search);
  if (moment) asked.set("at", moment);
  else asked.delete("at");
  const address = `${slider.dataset.url}${asked.size ? `?${asked}` : ""}`;
  history.replaceState(null, "", address);
  void Reflect.get(window, "htmx").ajax("GET", address, { target: "#unit", swap: "innerHTML" });
});
const placeSliders = () => {
  for (const slider of document.querySelectorAll("input[data-moments]")) {
    const { moments = "", at = "" } = /** @type {HTMLElement} */ (slider).dataset;
    const stop = moments.split(" ").findIndex((moment) => new Date(moment).getTime() === new Date(at).getTime());
    if (at && stop >= 0) /** @type {HTMLInputElement} */ (slider).value = String(stop);
  }
};
document.body.addEventListener("htmx:afterSettle", placeSliders);
placeSliders();
await drawCharts();
if (document.querySelector("[data-voyage]")) await import("yanji/voyage");
if (document.querySelector("[data-live]")) (await import("yanji/live")).begin();

// Long work says that it runs: a form or a link marked data-long shows the bar that stands with it until the answer is there.
/** @param {Element} of @param {boolean} runs */
function running(of, runs) {
  const bar = /** @type {HTMLElement | null} */ ((of.closest("form") ?? of.closest(".card") ?? of).querySelector("[data-running]"));
  if (bar) bar.hidden = !runs;
  of.setAttribute("aria-busy", String(runs));
}
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.matches("[data-long]") && !event.defaultPrevented) running(form, true);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-long]")) running(form, false);
});
// A file of many labels is fetched here, so that the page knows when it is there.
document.addEventListener("click", (event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest?.("a[data-long]");
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.getAttribute("aria-busy") === "true") return;
  running(link, true);
  void fetched(link).finally(() => running(link, false));
});

/** @param {HTMLAnchorElement} link */
async function fetched(link) {
  const answer = await fetch(link.href).catch(() => null);
  // What went wrong is told by the page that the address gives; who has to sign in first is led to another, which is no file.
  if (!answer?.ok || answer.redirected) return void location.assign(link.href);
  const file = document.createElement("a");
  file.href = URL.createObjectURL(await answer.blob());
  file.download = /filename="?([^";]+)"?/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "labels";
  file.click();
  setTimeout(() => URL.revokeObjectURL(file.href), 60_000);
}
