// Where a bow of the network runs: beside names and never through one. Between two columns there is a gutter that no name reaches
// into; there it rises or falls. Past a column it goes through the gap between two of its rows.
// @ts-check

/** A circle with its name, in pixels: how far both reach; `out`: where a bow to the right leaves, behind a name that stands there.
 * @typedef {{ column: number, x: number, y: number, r: number, left: number, right: number, top: number, bottom: number, out: number }} Spot */
/** @typedef {[number, number]} Point */

const STEPS = 18; // points of a curve: its arrowhead follows them
const APART = 3; // pixels between the way there and the way back
const BESIDE = 9, A_ROW = 5; // pixels that a bow within one column goes out, and more for each row that it passes

/** From a point to another, level at both ends. @param {Point} from @param {Point} to @returns {Point[]} */
function curve([fromX, fromY], [toX, toY]) {
  const middle = (fromX + toX) / 2;
  return cubic([fromX, fromY], [middle, fromY], [middle, toY], [toX, toY]);
}

/** @param {Point} a @param {Point} b @param {Point} c @param {Point} d @returns {Point[]} */
function cubic(a, b, c, d) {
  return Array.from({ length: STEPS + 1 }, (_, at) => {
    const t = at / STEPS, s = 1 - t;
    const mixed = (/** @type {0 | 1} */ i) => s * s * s * a[i] + 3 * s * s * t * b[i] + 3 * s * t * t * c[i] + t * t * t * d[i];
    return /** @type {Point} */ ([mixed(0), mixed(1)]);
  });
}

/** How to go from one of some spots to another. @param {Spot[]} spots */
export function routes(spots) {
  /** @type {Map<number, { left: number, right: number, rows: Spot[] }>} */
  const columns = new Map();
  for (const spot of [...spots].sort((a, b) => a.y - b.y)) {
    const known = columns.get(spot.column) ?? { left: Infinity, right: -Infinity, rows: [] };
    columns.set(spot.column, { left: Math.min(known.left, spot.left), right: Math.max(known.right, spot.right), rows: [...known.rows, spot] });
  }
  const column = (/** @type {number} */ at) => /** @type {{ left: number, right: number, rows: Spot[] }} */ (columns.get(at));
  const order = [...columns.keys()].sort((a, b) => a - b);

  /** The gap of a column that is next to a height: between two of its rows, above the first or below the last. @param {number} at @param {number} height */
  function gap(at, height) {
    const { rows } = column(at);
    const gaps = rows.map((row, i) => (row.bottom + (rows[i + 1]?.top ?? row.bottom + 8)) / 2);
    return [rows[0].top - 4, ...gaps].reduce((best, each) => (Math.abs(each - height) < Math.abs(best - height) ? each : best));
  }

  /** To the right. @param {Spot} from @param {Spot} to @param {number} shift */
  function across(from, to, shift) {
    /** @type {Point[]} */
    const way = [[from.out, from.y + shift]];
    let at = /** @type {Point} */ ([column(from.column).right, from.y + shift]);
    for (const passed of order.filter((each) => each > from.column && each < to.column)) {
      const height = gap(passed, from.y + ((to.y - from.y) * (passed - from.column)) / (to.column - from.column)) + shift;
      way.push(...curve(at, [column(passed).left, height]));
      at = [column(passed).right, height];
    }
    return /** @type {Point[]} */ ([...way, ...curve(at, [column(to.column).left, to.y + shift]), [to.x - to.r, to.y + shift]]);
  }

  /** Within one column: out at its left and back in. @param {Spot} from @param {Spot} to */
  function beside(from, to) {
    const { left, rows } = column(from.column);
    const before = order[order.indexOf(from.column) - 1];
    const room = left - (before === undefined ? 2 : column(before).right + 4);
    const passed = Math.abs(rows.indexOf(from) - rows.indexOf(to));
    const out = left - (4 / 3) * Math.max(6, Math.min(room, BESIDE + A_ROW * passed + (from.y > to.y ? APART : 0)));
    return /** @type {Point[]} */ ([[from.x - from.r, from.y], ...cubic([left, from.y], [out, from.y], [out, to.y], [left, to.y]), [to.x - to.r, to.y]]);
  }

  return (/** @type {Spot} */ from, /** @type {Spot} */ to) => {
    if (from.column === to.column) return beside(from, to);
    return from.column < to.column ? across(from, to, -APART / 2) : across(to, from, APART / 2).reverse();
  };
}
