// Arrow keys go from place to place on a plan, to the nearest one in their direction.
// @ts-check

/** @type {Record<string, [number, number]>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {Element} place */
function middle(place) {
  const { left, top, width, height } = place.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

/** How far a place is in a direction, what lies aside counting thrice; none where it does not lie there.
 * @param {{ x: number, y: number }} from @param {Element} to @param {[number, number]} way */
function distance(from, to, [right, down]) {
  const { x, y } = middle(to);
  const ahead = (x - from.x) * right + (y - from.y) * down;
  const aside = Math.abs((x - from.x) * down) + Math.abs((y - from.y) * right);
  return ahead > 1 ? ahead + 3 * aside : Infinity;
}

document.addEventListener("keydown", (event) => {
  const way = WAYS[event.key];
  const here = document.activeElement?.closest("[data-plan] .y-spot > a");
  if (!way || !here || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const from = middle(here);
  const places = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-plan] .y-spot > a")]);
  const [near] = places.map((place) => ({ place, far: distance(from, place, way) })).sort((one, other) => one.far - other.far);
  if (!near || near.far === Infinity) return;
  event.preventDefault();
  near.place.focus();
});
