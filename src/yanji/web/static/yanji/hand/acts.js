// The acts of the scan page, a row each: all in which one differs from another on the device. What an act does, and whether it may be done, the server says.
// @ts-check

/**
 * One of a list of places, or of suppliers, is chosen by hand. `of`: the list among what waits for the person; `says`: the fact that it decides;
 * `proposed`: its first is meant until somebody says another.
 * @typedef {{ of: "stores" | "departments" | "wards" | "suppliers", says: "place_id" | "from_place_id" | "supplier_id", proposed?: boolean }} Choice
 */
/**
 * @typedef {object} Act
 * @property {boolean} [stays] done in several acts: its paper stays in hand until nothing is left of it. Not where a number alone moves all of it: a slip would move it again
 * @property {boolean} [whole] without things it means all that its paper names; also the device may say so while it is alone
 * @property {"any" | "last"} [box] a box is named by its label: by any that is scanned, or by the last one, and those before it go into it
 * @property {boolean} [together] all of it goes, or nothing: it is never parted
 * @property {boolean} [beside] nothing waits for it: it is on no list, and a number opens it only where it opens nothing else
 * @property {boolean} [byShelf] each thing lies on the shelf that was scanned before it, and is not sent without that
 * @property {boolean} [shelfNames] a shelf is known by the short name that people say, too
 * @property {boolean} [enters] what nobody knows is entered here and comes in with the rest; elsewhere it is kept aside
 * @property {boolean} [looks] it books nothing
 * @property {Choice[]} [choices] places of which one is chosen
 * @property {boolean} [seller] the server offers of whom its things can be bought, and one of them is chosen
 * @property {string[]} [written] what is written and not scanned: groups of fields of the page, by name
 * @property {("amount" | "reason" | "handed_to")[]} [needs] what it must be told besides, as the device knows it while it is alone, too
 * @property {string[]} [also] kinds of paper that are listed for another act and that its scans name, too
 * @property {string} [unreasoned] the text of giving no reason, where that is as good as one
 */

/** @type {Record<string, Act>} an act that is missing here is one without anything of its own */
const ACTS = {
  receive: { stays: true, enters: true },
  put_away: { shelfNames: true },
  pick: { stays: true },
  issue: { whole: true },
  take_in: { whole: true },
  ship: { written: ["carrier"], needs: ["handed_to"] },
  arrive: { whole: true, written: ["climate"], unreasoned: "sound" },
  send_back: { whole: true, together: true, written: ["carrier"] },
  reserve: { beside: true },
  unreserve: { whole: true, beside: true, needs: ["reason"] },
  pack: { box: "last" },
  unpack: { box: "any", whole: true },
  count: { stays: true, byShelf: true },
  hold: { needs: ["reason"] },
  scrap: { needs: ["reason"] },
  ask_return: { needs: ["reason"] },
  return_explanted: { needs: ["reason"] },
  give_back: { choices: [{ of: "stores", says: "place_id", proposed: true }] },
  receive_consigned: { choices: [{ of: "suppliers", says: "supplier_id" }] },
  arrive_set: { stays: true },
  send_set: { whole: true },
  hand_back_set: { whole: true },
  lend: { choices: [{ of: "wards", says: "place_id" }] },
  confirm_lending: { whole: true, together: true },
  confirm_settlement: { whole: true, together: true },
  bind: { together: true },
  request: { choices: [{ of: "departments", says: "place_id", proposed: true }, { of: "stores", says: "from_place_id", proposed: true }] },
  take: { whole: true, written: ["amount"], also: ["case"], needs: ["amount"] },
  discard: { whole: true, also: ["opened"], needs: ["reason"] },
  set_out: { also: ["case"] },
  use_first: { also: ["case"], seller: true, needs: ["reason"] },
  explant: { also: ["case"], needs: ["reason"] },
  hand_on: { written: ["carrier"], also: ["case"], needs: ["handed_to"] },
  look: { looks: true },
};

/** @param {string} flow @returns {Act} */
export const actOf = (flow) => ACTS[flow] ?? {};

/** @param {string} flow @returns {Choice[]} */
export const choicesOf = (flow) => actOf(flow).choices ?? [];

/**
 * What a place is for an act: a store where the act asks for one beside the place that its things are for.
 * @param {string} flow @param {boolean} isStore whether it is a store that can be chosen
 */
export const placeFact = (flow, isStore) => (isStore && choicesOf(flow).some(({ of, says }) => of === "stores" && says === "from_place_id") ? "from_place_id" : "place_id");
