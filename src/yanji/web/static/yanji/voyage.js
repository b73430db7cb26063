// Plays a flow day by day: circles grow and shrink with what lies there, what moves on the day travels along its bow.
// @ts-check
import { place } from "yanji/charts";

/** @typedef {import("./charts.js").Way} Way */
/** @typedef {{ day: string, lying: Record<string, number>, moved: Way[] }} Frame */

const DAY_MS = 900;
const THINNEST = 1.5, THICKEST = 9, SMALLEST = 8;

/** @param {HTMLElement} card its data, the chart, the slider and the button are all within it */
async function begin(card) {
  const data = JSON.parse(document.getElementById(card.dataset.voyage ?? "")?.textContent ?? "{}");
  const part = (/** @type {string} */ name) => /** @type {any} */ (card.querySelector(name));
  const slider = part("[data-voyage-day]"), button = part("[data-voyage-play]"), said = part("output");
  const chart = await place(part(".y-chart"));
  /** @type {Frame[]} */
  const frames = data.frames;
  const most = Math.max(1, ...data.nodes.map((/** @type {any} */ node) => Math.max(...frames.map((frame) => frame.lying[node.name] ?? 0))));
  slider.max = String(frames.length - 1);

  /** All that had passed by the end of a day, as links. @param {number} at */
  function passed(at) {
    /** @type {Map<string, Way>} */
    const sums = new Map();
    for (const frame of frames.slice(0, at + 1)) for (const way of frame.moved) {
      const key = `${way.source} ${way.target}`;
      sums.set(key, { ...way, value: way.value + (sums.get(key)?.value ?? 0) });
    }
    const widest = Math.max(1, ...[...sums.values()].map((way) => way.value));
    return [...sums.values()].map((way) => ({ ...way, href: "", width: THINNEST + (THICKEST - THINNEST) * Math.sqrt(way.value / widest) }));
  }

  /** @param {number} at */
  function show(at) {
    const frame = frames[at];
    slider.value = String(at);
    said.textContent = frame.day;
    const nodes = data.nodes.map((/** @type {any} */ node) => {
      const known = node.x !== 0 && node.name in frame.lying; // of a place whose ways are not all seen nothing is said
      const pieces = frame.lying[node.name] ?? 0;
      return { ...node, said: known ? pieces.toLocaleString() : "", size: !known ? node.size : SMALLEST + (node.size - SMALLEST) * Math.sqrt(pieces / most) };
    });
    chart({ kind: "network", label: data.label, nodes, links: passed(at), ways: frame.moved });
  }

  let playing = 0;
  const stop = () => { clearInterval(playing); playing = 0; button.setAttribute("aria-pressed", "false"); };
  button.addEventListener("click", () => {
    if (playing) return stop();
    let at = Number(slider.value) < frames.length - 1 ? Number(slider.value) : -1;
    button.setAttribute("aria-pressed", "true");
    playing = window.setInterval(() => { at += 1; show(at); if (at >= frames.length - 1) stop(); }, DAY_MS);
  });
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  show(frames.length - 1);
}

for (const card of document.querySelectorAll("[data-voyage]")) await begin(/** @type {HTMLElement} */ (card));
