// Draws what the server gave as data beside each chart; redraws when the light changes or the window does.
// @ts-check
import { routes } from "yanji/routes";

/** @typedef {{ value: number, tone: string, name?: string, href?: string }} Row */
/** @typedef {{ kind: string, label: string, names?: string[], rows?: Row[], series?: { name: string, tone: string, href?: string, rows: (number | null)[] }[],
 *   nodes?: { name: string, label: string, depth: number, tone: string }[], links?: { source: string, target: string, value: number }[] }} Chart */
/** @typedef {{ kind: string, label: string, nodes: Station[], links: (Way & { width: number, href: string })[], ways: Way[] }} Network */
/** @typedef {{ name: string, label: string, said: string, tone: string, x: number, y: number, size: number, href: string }} Station */
/** @typedef {{ source: string, target: string, value: number }} Way */
/** @typedef {{ kind: string, label: string, points: [string, number][], limits: number[], judged: boolean }} Curve */

/** @type {Record<string, string>} what each tone is called in yanji.css */
const TONES = {
  ok: "--y-teal", teal: "--y-teal", teal2: "--y-teal-2", teal3: "--y-teal-3", info: "--y-chart-info", soon: "--y-chart-soon",
  soon2: "--y-chart-soon-2", bad: "--y-chart-bad", mute: "--y-chart-mute",
};
const colour = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const tone = (/** @type {string} */ name) => colour(TONES[name] ?? "--y-teal");
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @type {Map<Element, any>} */
const drawn = new Map();

/** Draws every `[data-chart]` of the page that is not drawn yet; its data is the JSON in the element it names. */
export async function drawAll() {
  const echarts = await import("echarts");
  // Texts are measured when they are drawn: with the fallback font they would not fit.
  await document.fonts.ready;
  for (const [box, chart] of drawn) if (!box.isConnected) { chart.dispose(); drawn.delete(box); }
  for (const box of document.querySelectorAll("[data-chart]")) {
    const text = document.getElementById(/** @type {HTMLElement} */ (box).dataset.chart ?? "")?.textContent;
    if (!text || drawn.get(box)?.text === text) continue;
    const chart = drawn.get(box) ?? begun(echarts.init(/** @type {HTMLElement} */ (box), undefined, { renderer: "svg" }));
    drawn.set(box, chart);
    chart.text = text;
    draw(chart, JSON.parse(text));
  }
}

/** A chart whose data is given by a script: the function draws what it is called with. @param {HTMLElement} box */
export async function place(box) {
  const echarts = await import("echarts");
  await document.fonts.ready;
  const chart = begun(echarts.init(box, undefined, { renderer: "svg" }));
  drawn.set(box, chart);
  return (/** @type {any} */ data) => draw(chart, data);
}

/** What is drawn leads to what it counts. @param {any} chart */
function begun(chart) {
  chart.on("click", (/** @type {any} */ event) => {
    const href = event.data?.href ?? chart.source?.series?.[event.seriesIndex]?.href; // of a line: it has no points to meet
    if (href) location.assign(href);
  });
  sized.observe(chart.getDom());
  return chart;
}

/** @param {any} chart @param {any} data a chart that was drawn already takes the new data without starting anew */
function draw(chart, data) {
  const again = chart.source?.kind === data.kind && chart.theme === document.documentElement.dataset.bsTheme;
  chart.source = data;
  chart.theme = document.documentElement.dataset.bsTheme;
  chart.setOption({ animation: !still, animationDuration: 250, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("--y-ink") }, ...options(data, chart.getWidth(), chart.getHeight()) }, !again);
}

/** @param {any} data @param {number} wide @param {number} high pixels of the picture @returns {object} */
function options(data, wide, high) {
  if (data.kind === "network") return network(data, wide, high);
  if (data.kind === "lying") return lying(data);
  if (data.kind === "donut") return donut(data);
  if (data.kind === "sankey") return sankey(data);
  if (data.kind === "shares") return shares(data);
  if (data.kind === "curve") return curve(data);
  return axes(data);
}

/** @param {Chart} data */
function donut(data) {
  return {
    tooltip: tooltip("item"),
    series: [{
      type: "pie", radius: ["58%", "92%"], itemStyle: { borderColor: colour("--y-paper"), borderWidth: 2 }, label: { show: false },
      data: (data.rows ?? []).map((row) => ({ name: row.name, value: row.value, itemStyle: { color: tone(row.tone) } })),
    }],
  };
}

/** @param {Chart} data */
function axes(data) {
  const soft = colour("--y-soft"), fontSize = lettering();
  const line = { lineStyle: { color: colour("--y-line") } };
  const bars = data.kind === "bars";
  return {
    tooltip: tooltip("axis"),
    // The last hour stands under the end of the axis, and half of it beyond.
    grid: { left: 8, right: bars ? 14 : 26, top: bars ? 16 : 34, bottom: 6, containLabel: true },
    legend: bars ? undefined : { top: 0, right: 0, icon: "circle", itemWidth: 9, textStyle: { color: soft, fontSize } },
    xAxis: { type: "category", data: data.names, boundaryGap: bars, axisTick: { show: false }, axisLine: line, axisLabel: { color: soft, fontSize, interval: bars ? 0 : "auto", hideOverlap: true } },
    yAxis: { type: "value", minInterval: 1, splitLine: line, axisLabel: { color: soft, fontSize } },
    series: bars
      ? [{ type: "bar", barWidth: "56%", itemStyle: { borderRadius: [5, 5, 0, 0] }, data: bars_of(data) }]
      : (data.series ?? []).map((series) => ({ name: series.name, type: "line", smooth: 0.3, symbol: "none", triggerLineEvent: Boolean(series.href), areaStyle: { opacity: 0.12 }, color: tone(series.tone), data: series.rows })),
  };
}

/** @param {Chart} data */
const bars_of = (data) => (data.rows ?? []).map((row) => ({ value: row.value, href: row.href, cursor: row.href ? "pointer" : "default", itemStyle: { color: tone(row.tone) } }));

/** Bars that lie, their names above one another: for names that are long. @param {Chart} data */
function lying(data) {
  const upright = axes({ ...data, kind: "bars" });
  return {
    ...upright,
    grid: { left: 8, right: 52, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", show: false },
    yAxis: { ...upright.xAxis, inverse: true },
    series: [{ type: "bar", barWidth: "58%", itemStyle: { borderRadius: [0, 5, 5, 0] }, label: { show: true, position: "right", color: colour("--y-soft"), fontSize: lettering(), formatter: (/** @type {any} */ item) => item.value.toLocaleString() }, data: bars_of(data) }],
  };
}

/** Places as circles as large as what lies there, what passed between them as bows; what is under way now travels along them.
 * @param {Network} data @param {number} wide @param {number} high pixels of the picture, in which it is laid out */
function network(data, wide, high) {
  const phone = window.innerWidth < 576, letters = phone ? 10 : lettering();
  const { axis, spots } = laidOut(data, wide - 8, high - 8, letters, phone);
  const way = routes([...spots.values()]);
  const bows = (/** @type {Way[]} */ ways, /** @type {(way: any) => object} */ style) => ways.flatMap((each) => {
    const start = spots.get(each.source), end = spots.get(each.target);
    return start && end ? [{ coords: way(start, end), value: each.value, said: `${start.label} → ${end.label}`, ...style(each) }] : [];
  });
  const soft = colour("--y-teal-3");
  return {
    tooltip: { ...tooltip("item"), formatter: (/** @type {any} */ item) => `${item.data.said}  ${item.data.value?.[2] ?? item.data.value}` },
    grid: { left: 4, right: 4, top: 4, bottom: 4 },
    xAxis: axis(wide - 8), yAxis: { ...axis(high - 8), inverse: true },
    series: [
      { id: "passed", type: "lines", coordinateSystem: "cartesian2d", polyline: true, z: 1, lineStyle: { color: soft, opacity: 0.65, join: "round" }, emphasis: { lineStyle: { opacity: 1 } },
        data: bows(data.links, (each) => ({ href: each.href, lineStyle: { width: each.width * (phone ? 0.62 : 1) } })) },
      { id: "moving", type: "lines", coordinateSystem: "cartesian2d", polyline: true, z: 2, silent: true, lineStyle: { color: colour("--y-teal"), opacity: still ? 0.9 : 0, width: 1.5, type: "dashed" },
        effect: { show: !still, period: 5, constantSpeed: 0, symbol: "triangle", symbolSize: 9, trailLength: 0, color: colour("--y-teal") },
        data: bows(data.ways, () => ({ lineStyle: {} })) },
      { id: "places", type: "scatter", z: 3, itemStyle: { opacity: 1 },
        // Beside their circles there is room for a line, on a phone only below them. No bow runs through a name (routes.js).
        label: { show: true, position: phone ? "bottom" : "right", distance: BETWEEN, color: colour("--y-ink"), textBorderColor: colour("--y-paper"), textBorderWidth: 3, fontSize: letters, lineHeight: letters + 2,
          formatter: (/** @type {any} */ item) => item.data.lines.join("\n") },
        data: data.nodes.map((node) => {
          const { x, y, r, said } = /** @type {import("./routes.js").Spot & { said: string[] }} */ (spots.get(node.name));
          return { id: node.name, lines: said, name: node.label, said: node.label, href: node.href, cursor: node.href ? "pointer" : "default", value: [x, y, node.said], symbolSize: 2 * r, itemStyle: { color: tone(node.tone) } };
        }) },
    ],
  };
}

const BETWEEN = 4; // pixels between a circle and its name
const behind = (/** @type {string} */ said) => (said ? `  ${said}` : "");

/** Where each circle stands, and how far its name reaches as it is written. @param {Network} data @param {number} wide @param {number} high
 * @param {number} letters pixels @param {boolean} phone names stand below their circles, else beside them */
function laidOut(data, wide, high, letters, phone) {
  // Columns in which nothing stands take no room, but for the bows that leave the first one; names have what is between two.
  const columns = data.nodes.map((node) => node.x), first = Math.min(3, ...columns), last = Math.max(0, ...columns);
  const before = first > 0 ? 0.5 : phone ? 0.42 : 0.12, beyond = phone ? 0.42 : last < 3 ? 0.6 : 0.45;
  const column = wide / Math.max(1, last - first + before + beyond);
  const row = high / Math.max(1, ...columns.map((each) => columns.filter((other) => other === each).length));
  // The largest circle leaves a gap to the next row, through which bows pass.
  const under = phone ? 3 * (letters + 2) + BETWEEN : 0;
  const shrink = Math.min(phone ? 0.62 : 1, (0.86 * row - under) / Math.max(1, ...data.nodes.map((node) => node.size)));
  const gutter = phone ? 14 : Math.max(26, 0.17 * column);
  const radius = (/** @type {Station} */ node) => Math.max(4, (node.size * shrink) / 2);
  const spots = new Map(data.nodes.map((node) => {
    const x = (node.x - first + before) * column, y = (1 - node.y) * high - under / 2, r = radius(node);
    const next = node.x === last ? beyond * column : column - gutter - Math.max(0, ...data.nodes.filter((other) => other.x === node.x + 1).map(radius));
    const room = phone ? column - gutter : next - r - BETWEEN - 4;
    const said = phone ? [...twoLines(node.label, letters, room), node.said] : [shortened(node.label, behind(node.said), letters, room)];
    const text = Math.max(...said.map((line) => width(line, letters))) + 4;
    const reach = phone
      ? { left: x - Math.max(r, text / 2), right: x + Math.max(r, text / 2), top: y - r, bottom: y + r + BETWEEN + said.length * (letters + 2), out: x + r }
      : { left: x - r, right: x + r + BETWEEN + text, top: y - Math.max(r, letters / 2), bottom: y + Math.max(r, letters / 2), out: x + r + BETWEEN + text };
    return [node.name, { column: node.x, label: node.label, said, x, y, r, ...reach }];
  }));
  return { spots, axis: (/** @type {number} */ max) => ({ type: "value", show: false, min: 0, max }) };
}

const pen = document.createElement("canvas").getContext("2d");

/** How wide a line of letters of a size is, in pixels. @param {string} text @param {number} size */
function width(text, size) {
  if (!pen) return text.length * size;
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

/** How large the letters of a chart are: on a wall they are read from across the room. */
const lettering = () => (document.body.classList.contains("y-wall") && window.innerWidth >= 1200 ? 15 : 12);

/** A name with what must stand behind it, whatever of the name has no room: touching its circle says it whole.
 * @param {string} name @param {string} behind @param {number} size of the letters @param {number} room in pixels, as `size` */
function shortened(name, behind, size, room) {
  const fits = (/** @type {string} */ text) => width(text + behind, size) <= room;
  if (fits(name)) return name + behind;
  const letters = [...name];
  while (letters.length > 1 && !fits(`${letters.join("").trimEnd()}…`)) letters.pop();
  return `${letters.join("").trimEnd()}…${behind}`;
}

/** A name in two lines at most: words stay whole, signs that are words by themselves need not. @param {string} name
 * @param {number} size of the letters @param {number} room in pixels, as `size` */
function twoLines(name, size, room) {
  if (width(name, size) <= room) return [name];
  const words = name.match(/[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*/g) ?? [name];
  let fits = 1;
  while (fits < words.length && width(words.slice(0, fits + 1).join("").trimEnd(), size) <= room) fits += 1;
  // Of signs both lines have half: one alone below the others reads as a mistake.
  if (words.length === [...name].length) fits = Math.min(fits, Math.ceil(words.length / 2));
  const lines = [words.slice(0, fits), words.slice(fits)].map((part) => part.join("").trim());
  return lines.filter(Boolean).map((line) => shortened(line, "", size, room));
}

/** Per cent over time: points, as there may be only a few of them, and an axis that shows what is between 90 and 100.
 * @param {Chart} data */
function shares(data) {
  const lowest = Math.min(100, ...(data.series ?? []).flatMap((series) => series.rows).filter((value) => value !== null));
  const drawn = axes(data);
  return {
    ...drawn,
    xAxis: { ...drawn.xAxis, boundaryGap: true },
    yAxis: { ...drawn.yAxis, minInterval: 0.1, min: Math.max(0, Math.floor(lowest - (100 - lowest) / 4 - 0.5)), max: 100, axisLabel: { ...drawn.yAxis.axisLabel, formatter: "{value} %" } },
    series: drawn.series.map((/** @type {any} */ series) => ({ ...series, smooth: false, areaStyle: undefined, symbol: "circle", symbolSize: 8, connectNulls: true })),
  };
}

/** What a logger showed, with the limits of what it lay beside; where they are of one class, what was outside is in red.
 * @param {Curve} data */
function curve(data) {
  const drawn = axes({ kind: "lines", label: data.label });
  const values = [...data.points.map((point) => point[1]), ...data.limits];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spare = Math.max(0.5, (high - low) / 10);
  const [lowest, highest] = [Math.min(...data.limits), Math.max(...data.limits)];
  return {
    ...drawn,
    legend: undefined,
    grid: { ...drawn.grid, top: 14, right: 52 },
    xAxis: { type: "time", axisTick: { show: false }, axisLine: drawn.xAxis.axisLine, axisLabel: { color: colour("--y-soft"), hideOverlap: true } },
    yAxis: { ...drawn.yAxis, minInterval: 0.5, min: Math.floor(low - spare), max: Math.ceil(high + spare), axisLabel: { color: colour("--y-soft"), formatter: "{value} °C" } },
    visualMap: data.judged ? { show: false, dimension: 1, pieces: [{ gt: highest }, { lt: lowest }].map((piece) => ({ ...piece, color: tone("bad") })), outOfRange: { color: tone("teal") } } : undefined,
    series: [{
      name: data.label, type: "line", symbol: "none", color: tone("teal"), lineStyle: { width: 2 }, data: data.points,
      markLine: { silent: true, symbol: "none", lineStyle: { color: colour("--y-soft"), type: "dashed" }, label: { color: colour("--y-soft"), formatter: "{c} °C" }, data: data.limits.map((limit) => ({ yAxis: limit })) },
    }],
  };
}

/** @param {Chart} data */
function sankey(data) {
  const labels = new Map((data.nodes ?? []).map((node) => [node.name, node.label]));
  const named = (/** @type {any} */ item) => labels.get(item.name) ?? item.name;
  const phone = window.innerWidth < 576;
  const depths = (data.nodes ?? []).map((node) => node.depth);
  const columns = new Set(depths);
  const fullest = Math.max(1, ...[...columns].map((column) => depths.filter((depth) => depth === column).length));
  // A name has the room between two columns and no more: where lines would meet those of the node below it is cut, and
  // pointing at the node says it whole; else it breaks.
  const cut = fullest > (phone ? 5 : 3);
  const room = phone ? Math.max(36, Math.floor((window.innerWidth - 70) / Math.max(columns.size, 1)) - 12) : cut ? 160 : 108;
  return {
    tooltip: { ...tooltip("item"), formatter: (/** @type {any} */ item) =>
      item.dataType === "edge" ? `${labels.get(item.data.source)} → ${labels.get(item.data.target)}  ${item.data.value}` : named(item) },
    series: [{
      type: "sankey", animation: false, left: phone ? 2 : 6, right: room + (phone ? 4 : 10), top: 12, bottom: 12, nodeWidth: phone ? 8 : 14, nodeGap: phone && !cut ? 26 : 14, draggable: false, emphasis: { focus: "adjacency" },
      label: { formatter: (/** @type {any} */ item) => named(item), color: colour("--y-ink"), fontSize: phone ? 10 : 12, lineHeight: phone ? 12 : undefined, width: room, overflow: cut ? "truncate" : "break", ellipsis: "…" },
      lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
      data: (data.nodes ?? []).map((node) => ({ name: node.name, depth: node.depth, itemStyle: { color: tone(node.tone), borderWidth: 0 } })),
      links: data.links,
    }],
  };
}

/** @param {string} trigger */
function tooltip(trigger) {
  // Rich text, not HTML: names are data.
  return { trigger, renderMode: "richText", confine: true, backgroundColor: colour("--y-paper"), borderColor: colour("--y-line"), textStyle: { color: colour("--y-ink") } };
}

/** What is laid out in pixels is laid out anew. @param {any} chart */
function resized(chart) {
  chart.resize();
  if (chart.source?.kind === "network") draw(chart, chart.source);
}

new MutationObserver(() => { for (const chart of drawn.values()) draw(chart, chart.source); })
  .observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
const sized = new ResizeObserver(() => { for (const chart of drawn.values()) resized(chart); });
sized.observe(document.body);
