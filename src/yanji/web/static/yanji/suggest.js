// Answers below the search box while somebody types. A scan ends with Enter before anything is asked, and goes its own way.
// @ts-check

// A key after a rest asks at once; keys that follow each other faster, a scanner's, are waited for. Longer than between two keys of
// most scanners, and shorter than anybody types: each key of a person is asked about, and no scan.
const REST_MS = 40;

/**
 * What fits; nothing where it was refused, cut off, or given up: before it came, or in the middle of it.
 * @param {string} address @param {AbortSignal} signal
 */
async function heard(address, signal) {
  try {
    const answer = await fetch(address, { signal, redirect: "error", headers: { "HX-Request": "true" } });
    return answer.ok ? await answer.text() : "";
  } catch {
    return "";
  }
}

/** @param {HTMLInputElement} input @param {HTMLElement} list */
export function suggest(input, list) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  let asking = new AbortController();
  let active = -1;
  let lastKey = -Infinity;

  const options = () => /** @type {HTMLAnchorElement[]} */ ([...list.querySelectorAll("[role=option]")]);

  /** @param {string} html */
  function show(html) {
    list.innerHTML = html;
    const isOpen = options().length > 0;
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    choose(-1);
  }

  /** @param {number} number of the option that Enter opens; -1: what was typed is searched for */
  function choose(number) {
    active = number;
    for (const [each, option] of options().entries()) option.setAttribute("aria-selected", String(each === number));
    const chosen = options()[number];
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  function close() {
    clearTimeout(soon);
    asking.abort();
    show("");
  }

  async function look() {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const text = input.value.trim();
    const address = `${list.dataset.url}?${new URLSearchParams({ q: text })}`;
    const html = await heard(address, signal);
    if (!signal.aborted) show(html);
  }

  /** @param {Event} event */
  function typed(event) {
    clearTimeout(soon);
    const rested = event.timeStamp - lastKey >= REST_MS;
    lastKey = event.timeStamp;
    // What was chosen before is not what is typed now: Enter, a scanner's too, asks for what stands in the box.
    choose(-1);
    // Half a word of an input method is no text yet.
    if (event instanceof InputEvent && event.isComposing) return;
    if (input.value.trim().length < Number(list.dataset.shortest)) return close();
    if (rested) void look();
    else soon = setTimeout(() => void look(), REST_MS);
  }

  input.addEventListener("input", typed);
  input.addEventListener("compositionend", typed);
  input.form?.addEventListener("submit", close);
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.isComposing || count === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(((active + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      options()[active]?.click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  // The page below is meant again: what was found closes, and comes back with the next key.
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !list.contains(event.target) && event.target !== input) close();
  });
  input.addEventListener("blur", (event) => {
    if (!(event.relatedTarget instanceof Node && list.contains(event.relatedTarget))) close();
  });
}
