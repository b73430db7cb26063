// What was scanned or pressed and has no answer yet: a form that went without it would lose it.
// @ts-check

class Unanswered {
  /** @type {Set<Promise<unknown>>} */
  #open = new Set();

  /** @param {Promise<unknown>} work which never fails */
  add(work) {
    this.#open.add(work);
    void work.finally(() => this.#open.delete(work));
  }

  get any() {
    return this.#open.size > 0;
  }

  /** Until there is none, be it old or new. */
  async answered() {
    while (this.any) await Promise.all(this.#open);
  }
}

/** The queue of the scan field. */
export const scans = new Unanswered();
/** Everything beside it: buttons in rows, labels being read, items being found. */
export const presses = new Unanswered();
