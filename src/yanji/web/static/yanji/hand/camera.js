// The camera as a scanner: each symbol that comes into sight is one scan, however long it stays there.
// @ts-check

const REST_MS = 2500; // as long as a symbol must have been out of sight to be scanned anew
const PAUSE_MS = 120;

export class Camera {
  /** @type {Map<string, number>} */
  #seen = new Map();
  /** @type {MediaStream | undefined} */
  #stream;
  /** @type {Worker | undefined} */
  #decoder;

  /** @param {HTMLVideoElement} video @param {(text: string) => void} scanned with the symbology's identifier in front */
  constructor(video, scanned) {
    this.video = video;
    this.scanned = scanned;
  }

  get runs() {
    return this.#stream !== undefined;
  }

  /** Throws where there is no camera, or none may be used. */
  async start() {
    const { decoder = "", zxing = "", wasm = "" } = this.video.dataset;
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } });
    this.video.srcObject = this.#stream;
    await this.video.play();
    if (!this.#decoder) {
      this.#decoder = new Worker(decoder);
      this.#decoder.postMessage({ script: new URL(zxing, location.href).href, wasm: new URL(wasm, location.href).href });
      this.#decoder.onmessage = ({ data }) => {
        for (const text of data) this.#take(text);
        setTimeout(() => this.#look(), PAUSE_MS);
      };
    }
    this.#look();
  }

  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.video.srcObject = null;
    this.#decoder?.terminate();
    this.#decoder = undefined;
    this.#seen.clear();
  }

  #look() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.#decoder || !this.runs) return;
    if (!width) return void setTimeout(() => this.#look(), PAUSE_MS);
    const canvas = new OffscreenCanvas(width, height);
    const drawing = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    drawing.drawImage(this.video, 0, 0);
    this.#decoder.postMessage({ picture: drawing.getImageData(0, 0, width, height) });
  }

  /** @param {string} text */
  #take(text) {
    const now = performance.now();
    const before = this.#seen.get(text) ?? -Infinity;
    this.#seen.set(text, now);
    if (now - before > REST_MS) this.scanned(text);
  }
}
