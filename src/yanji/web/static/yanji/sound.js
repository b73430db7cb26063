// Three sounds that can be told apart without looking: done, look at it, not done. No files: made on the spot.
// @ts-check

/** @typedef {"ok" | "warn" | "error"} Result */

/** @type {Record<Result, { tones: [hertz: number, from: number, seconds: number][], shape: OscillatorType, buzz: number[] }>} */
const SOUNDS = {
  ok: { tones: [[1320, 0, 0.07]], shape: "sine", buzz: [30] },
  warn: { tones: [[660, 0, 0.09], [660, 0.14, 0.09]], shape: "triangle", buzz: [60, 60, 60] },
  error: { tones: [[196, 0, 0.32]], shape: "sawtooth", buzz: [220] },
};
const MUTED = "yanji.muted";

/** @type {AudioContext | undefined} */
let context;

export const isMuted = () => localStorage.getItem(MUTED) === "1";
/** @param {boolean} muted */
export const setMuted = (muted) => localStorage.setItem(MUTED, muted ? "1" : "0");

/** @param {Result} result */
export function play(result) {
  const sound = SOUNDS[result];
  // Browsers refuse, and complain, before anybody has touched the page: it came with a thing to scan in its address.
  if (navigator.userActivation?.hasBeenActive === false) return;
  navigator.vibrate?.(sound.buzz);
  if (isMuted() || typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  void context.resume();
  for (const [hertz, from, seconds] of sound.tones) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime + from;
    tone.type = sound.shape;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.18, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + seconds);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + seconds);
  }
}
