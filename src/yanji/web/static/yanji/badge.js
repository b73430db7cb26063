// The door of a shared device: a badge counts wherever the focus is, and by camera where there is one.
// @ts-check
import { Camera } from "yanji/hand/camera";
import { watchWedge } from "yanji/wedge";

const field = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-badge-field]"));
const box = /** @type {HTMLElement | null} */ (document.querySelector("[data-badge-camera-box]"));
const button = /** @type {HTMLElement | null} */ (document.querySelector("[data-badge-camera]"));

if (field) {
  const pin = field.form?.elements.namedItem("pin");
  /** @param {string} text */
  const scanned = (text) => {
    field.value = text.replace(/^\][A-Za-z]\d/, "");
    if (pin instanceof HTMLInputElement && !pin.value) pin.focus();
    else field.form?.requestSubmit();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !field.value) return;
    event.preventDefault();
    scanned(field.value);
  });
  watchWedge(document, scanned);
  if (box && button && navigator.mediaDevices) {
    const camera = new Camera(/** @type {HTMLVideoElement} */ (box.querySelector("video")), (text) => {
      camera.stop();
      box.hidden = true;
      scanned(text);
    });
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (camera.runs) camera.stop();
      else await camera.start().catch(() => (button.hidden = true));
      box.hidden = !camera.runs;
    });
  }
}
