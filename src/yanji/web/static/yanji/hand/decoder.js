// Reads symbols from pictures, beside the page so that it never waits. A plain script: import maps do not reach workers.
// @ts-check
(() => {
  /** @type {any} */
  const worker = self;
  // GS1 DataMatrix and GS1-128, QR (Digital Link), HIBC in any of these, and the plain bars of numbers.
  const FORMATS = ["DataMatrix", "Code128", "QRCode", "EAN13", "ITF", "Code39"];
  /** @type {any} */
  let zxing;

  worker.onmessage = async (/** @type {MessageEvent} */ { data }) => {
    if (data.script) {
      worker.importScripts(data.script);
      zxing = worker.ZXingWASM;
      zxing.prepareZXingModule({ overrides: { locateFile: () => data.wasm } });
      return;
    }
    const found = await zxing.readBarcodes(data.picture, { formats: FORMATS, textMode: "Plain", maxNumberOfSymbols: 8, tryHarder: true });
    // The identifier of the symbology says whether its separators are GS1's.
    const texts = found.filter((/** @type {any} */ each) => each.isValid !== false && each.text).map((/** @type {any} */ each) => `${each.symbologyIdentifier}${each.text}`);
    worker.postMessage(texts);
  };
})();
