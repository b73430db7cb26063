// What the scan page keeps on the device: acts on their way, the basket that is being scanned, what was known last.
// @ts-check

/** @typedef {Record<string, string | number | boolean>} Facts what an act is about besides its scans */
/** @typedef {{ text: string, camera: boolean, at: string, times?: number }} Scan `at`: when, by this device's clock; `times`: for how many such labels of a lot it stands */
/** @typedef {"waiting" | "refused" | "settling" | "accepted" | "settled" | "parted"} State */
/**
 * @typedef {object} KeptAct one act under its key, whole: as it was scanned, by which clock, and what became of it
 * @property {string} key
 * @property {number} order acts go in this order
 * @property {number} person whose it is: nobody else's session ever sends it
 * @property {string} flow
 * @property {Scan[]} scans
 * @property {Facts} about
 * @property {string} title
 * @property {string[]} things what the person saw, for who looks at it later
 * @property {string[]} [whither] what it was about, as it was shown: the paper, the shelf
 * @property {Facts} [paper] the paper that it was for
 * @property {any[]} [took] its things, as what the paper still waits for is told without them
 * @property {string[]} subjects the scans that are things: two acts about the same ones go one after the other
 * @property {string[]} [papers] what it is about besides: an act without things goes after those about the same paper, piece or box
 * @property {string} scanned_at
 * @property {number | null} skew_ms how far the server's clock was ahead when it was scanned
 * @property {State} state
 * @property {string[]} [confirms] `at` of the scans that confirmed it, as known when it was refused
 * @property {number} [failures] how often the server stumbled over it
 * @property {boolean} [again] somebody looked at it at `scanned_at` and means it as of then
 * @property {string[]} [sentences] why it was refused
 * @property {string} [number]
 * @property {string} [said] what more the server said of it: of an opened piece what was taken, and what is left
 * @property {string} [replaces]
 * @property {"dropped" | "handed_on"} [way]
 * @property {string} [because]
 */
/** @typedef {{ person: number, flow: string, about: Facts, proposed?: Facts, chosen: string, scans: Scan[], replaces?: string, unfit?: Record<string, string> }} Draft `proposed`: what holds until a scan or a person says it; `unfit`: what was written of a fact and cannot be: it stands in the way; `replaces`: the refused act whose scans lie in the basket again */

const NAME = "yanji-hand";
const STORES = { acts: "key", drafts: "person", known: "name", units: "epc" };

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) request.result.createObjectStore(store, { keyPath });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** @param {string} store @param {string | number} key @returns {Promise<any>} */
export async function one(store, key) {
  return answer((await database()).transaction(store).objectStore(store).get(key));
}

/** @param {string} store @returns {Promise<any[]>} */
export async function all(store) {
  return answer((await database()).transaction(store).objectStore(store).getAll());
}

/**
 * Puts and removes in one transaction: all of it lies on the disk when this returns, or nothing does.
 * @param {Record<string, { clear?: boolean, put?: object[], remove?: (string | number)[] }>} changes by store
 */
export async function change(changes) {
  const names = Object.keys(changes);
  const transaction = (await database()).transaction(names, "readwrite", { durability: "strict" });
  for (const name of names) {
    const store = transaction.objectStore(name);
    if (changes[name]?.clear) store.clear();
    for (const each of changes[name]?.put ?? []) store.put(each);
    for (const key of changes[name]?.remove ?? []) store.delete(key);
  }
  return /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    })
  );
}

/** @param {string} name @returns {Promise<any>} what was known last, or nothing */
export const known = async (name) => (await one("known", name))?.value;
/** @param {string} name @param {unknown} value */
export const keep = (name, value) => change({ known: { put: [{ name, value }] } });

const PAGE = "yanji-hand-page"; // as the service worker calls it

/** Acts of which nothing is open any more. */
export const OVER = new Set(["accepted", "settled", "parted"]);

/** What somebody saw goes when they leave: their page, what waited for them, what was near, the acts that are over. What they scanned stays until it is sent, without what was shown of it. */
export async function forgetSeen() {
  const kept = /** @type {KeptAct[]} */ (await all("acts"));
  const remove = kept.filter((act) => OVER.has(act.state)).map((act) => act.key);
  const put = kept.filter((act) => !OVER.has(act.state)).map((act) => ({ ...act, things: [], took: [], whither: [] }));
  await Promise.all([globalThis.caches?.delete(PAGE), change({ units: { clear: true }, known: { remove: ["today", "nearby", "todos"] }, acts: { put, remove } })]);
}
