// Keeps the scans that come before the modules that take them. A plain script on purpose: a scanner does not wait.
(() => {
  const GS = "\x1d";
  /** @type {Map<HTMLInputElement, string[]>} */
  const kept = new Map();
  const taken = new WeakSet();

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || taken.has(field) || !field.closest("[data-scan-field], [data-picker]")) return;
    if (event.key === "Enter") {
      event.preventDefault();
      kept.set(field, [...(kept.get(field) ?? []), field.value]);
      field.value = "";
    } else if (event.key === GS || event.key === "F8" || (event.ctrlKey && event.code === "BracketRight")) {
      event.preventDefault();
      field.setRangeText(GS, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
    }
  }, true);

  /** What came for a field so far; from now on its module takes what comes. */
  const early = (/** @type {HTMLInputElement} */ field) => {
    taken.add(field);
    return kept.get(field) ?? [];
  };
  Object.assign(window, { yanjiEarly: early });
})();
