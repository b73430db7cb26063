// The scan page: choose an act or a paper, scan, see what it means, one button does it. Keys, clicks, the network, and how it begins.
// @ts-check
import { choicesOf } from "yanji/hand/acts";
import { hand, isOpen, keepDraft, rowsNow, sayByHand } from "yanji/hand/basket";
import { Camera } from "yanji/hand/camera";
import { commit, load, sendNow } from "yanji/hand/doing";
import { connect, openAct, show } from "yanji/hand/drawing";
import { forgetAll, recall } from "yanji/hand/nearby";
import { begin, emptyBasket, otherwise, read } from "yanji/hand/reading";
import { scan } from "yanji/hand/scanning";
import { focus, heedTyping, hush, inTurn, input, isShown, over, part, person, question, root, tell, text } from "yanji/hand/screen";
import { rememberSkew } from "yanji/hand/server";
import { one } from "yanji/hand/store";
import { recallTodos } from "yanji/hand/todo";
import { isMuted, setMuted } from "yanji/sound";
import { AltCode, GS, characterOf, watchWedge } from "yanji/wedge";

const AGAIN_MS = 15_000;

connect({ read, sendNow, otherwise });

// The camera

const camera = new Camera(/** @type {HTMLVideoElement} */ (part("video")), (raw) => scan(raw, true));
async function toggleCamera() {
  const video = part("[data-camera-box]");
  if (camera.runs) camera.stop();
  else await camera.start().catch(() => tell("error", text("no_camera")));
  if (!root.isConnected) camera.stop(); // the page was covered while it started
  video.hidden = !camera.runs;
  part("[data-camera]").setAttribute("aria-pressed", String(camera.runs));
}

document.addEventListener("yanji:covered", () => camera.stop());
root.addEventListener("yanji:view", (event) => {
  if (/** @type {CustomEvent} */ (event).detail !== "act" && camera.runs) void toggleCamera();
});

// Keys

const alt = new AltCode();
input.addEventListener("keydown", (event) => {
  if (alt.down(event)) return;
  if (event.key === "Enter") {
    event.preventDefault();
    const raw = input.value;
    input.value = "";
    scan(raw);
  } else if (characterOf(event) === GS) {
    event.preventDefault();
    input.setRangeText(GS, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
  }
});
input.addEventListener("keyup", (event) => {
  if (alt.up(event)) input.setRangeText(GS, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
});
const actView = part("[data-view=act]");
const wedge = watchWedge(document, (raw) => {
  // A scanner comes into the hand while the last word is still being typed: the word is kept, and the scan is none of it.
  const typed = actView.contains(document.activeElement) ? /** @type {HTMLInputElement} */ (document.activeElement) : null;
  if (typed && ("fact" in typed.dataset || "pieces" in typed.dataset) && typed.value !== typed.defaultValue) typed.dispatchEvent(new Event("change"));
  scan(raw);
}, actView);
heedTyping(wedge.isTyping);

// Clicks

for (const tile of root.querySelectorAll("[data-flow]")) tile.addEventListener("click", () => inTurn(() => begin(/** @type {HTMLElement} */ (tile).dataset.flow ?? "")));
part("[data-commit]").addEventListener("click", () => inTurn(commit));
part("[data-home]").addEventListener("click", () => {
  if (isOpen()) show(isShown("act") ? "home" : "act");
  else inTurn(async () => (isOpen() ? show("home") : emptyBasket())); // a scan may have been on its way
});
part("[data-go-on]").addEventListener("click", () => openAct());
part("[data-empty-basket]").addEventListener("click", () => {
  question(text("empty_sure", { n: rowsNow().length }), [[text("empty_it"), emptyBasket]]);
});
for (const link of root.querySelectorAll("[data-open-queue]")) link.addEventListener("click", () => {
    hush();
    show("queue");
  });
part("[data-camera]").addEventListener("click", () => void toggleCamera());
part("[data-sound]").addEventListener("click", () => {
  setMuted(!isMuted());
  drawSound();
});
const drawSound = () => part("[data-sound]").setAttribute("aria-pressed", String(!isMuted()));
part("[data-keyboard]").addEventListener("click", () => {
  input.inputMode = input.inputMode === "none" ? "text" : "none";
  part("[data-keyboard]").setAttribute("aria-pressed", String(input.inputMode !== "none"));
  input.blur();
  focus();
});
/** What the act is about besides its scans, chosen by hand. @param {string} fact @param {string | number | boolean} value @param {string} [unfit] */
function choose(fact, value, unfit) {
  inTurn(async () => {
    sayByHand(fact, value, unfit);
    await keepDraft();
    await read();
    focus();
  });
}
/** @param {string} selector @param {(chosen: string) => void} chose */
const onChoice = (selector, chose) => part(selector).addEventListener("change", (event) => chose(/** @type {HTMLSelectElement} */ (event.target).value));
onChoice("[data-reason]", (code) => choose("reason", code));
onChoice("[data-from]", (id) => choose("from_place_id", Number(id) || ""));
onChoice("[data-seller]", (id) => choose("supplier_id", Number(id) || ""));
for (const { dataset } of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-choice-of]")))
  onChoice(`[data-choice-of="${dataset.choiceOf}"] select`, (id) => {
    const choice = choicesOf(hand.draft.flow).find(({ of }) => of === dataset.choiceOf);
    if (choice) choose(choice.says, Number(id) || "");
  });
for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("[data-fact]")))
  field.addEventListener("change", () => {
    if (field.dataset.degrees !== undefined) field.value = field.value.trim().replace("−", "-").replace(",", ".");
    field.defaultValue = field.value; // said: from now on it shows what holds
    const { fact = "" } = field.dataset;
    // What was said before holds no more either: nothing is done with a number that somebody put right.
    if (!field.checkValidity()) return choose(fact, "", field.value);
    choose(fact, field.type === "checkbox" ? field.checked || "" : field.value.trim());
  });
part("[data-send-now]").addEventListener("click", () => void sendNow());
part("[data-leave]").addEventListener("submit", () => {
  // What one person saw is nothing for the next; what they scanned stays until it is sent.
  void forgetAll();
  const field = /** @type {HTMLInputElement} */ (part("[name=csrfmiddlewaretoken]"));
  field.value = /(?:^|; )yanji_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? field.value;
});

// The network, and being installed

window.addEventListener("online", () => void sendNow());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void sendNow();
});
setInterval(() => {
  if (hand.stopped || Number(part("[data-state]").dataset.waiting) > 0) void sendNow();
}, AGAIN_MS);

/** @type {any} */
let installer;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installer = event;
  part("[data-install]").hidden = false;
});
part("[data-install]").addEventListener("click", async () => {
  part("[data-install]").hidden = true;
  await installer?.prompt();
});

// Beginning: what was being scanned when the page went away lies in the basket again, before anything that is scanned now.

inTurn(async () => {
  const before = await one("drafts", person);
  if (!before?.flow || (before.scans.length === 0 && Object.keys(before.about).length === 0)) return show("home");
  hand.draft = before;
  openAct();
});
drawSound();
part("[data-insecure]").hidden = window.isSecureContext;
await navigator.serviceWorker?.register("/scan/worker.js", { scope: "/scan" }).catch((mistake) => console.warn(mistake));
// The first page came before its worker did: from now on it opens without the network.
if (!navigator.serviceWorker?.controller) void navigator.serviceWorker?.ready.then(async () => (await caches.open("yanji-hand-page")).add("/scan")).catch(() => undefined);
void navigator.storage?.persist?.();
await rememberSkew();
await recall();
await recallTodos(person);
await load();
// What it may be about is known only now.
inTurn(async () => {
  if (!isShown("act")) return;
  openAct();
  await read();
});
await over();
root.dataset.ready = "";
await sendNow();
