// Draws what the server gave as data beside each chart; redraws when the light changes or the window does.
// @ts-check

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
  chart.setOption({ animation: !still, animationDuration: 250, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("--y-ink") }, ...options(data) }, !again);
}

/** @param {any} data @returns {object} */
function options(data) {
  if (data.kind === "network") return network(data);
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
  const soft = colour("--y-soft");
  const line = { lineStyle: { color: colour("--y-line") } };
  const bars = data.kind === "bars";
  return {
    tooltip: tooltip("axis"),
    // The last hour stands under the end of the axis, and half of it beyond.
    grid: { left: 8, right: bars ? 14 : 26, top: bars ? 16 : 34, bottom: 6, containLabel: true },
    legend: bars ? undefined : { top: 0, right: 0, icon: "circle", itemWidth: 9, textStyle: { color: soft } },
    xAxis: { type: "category", data: data.names, boundaryGap: bars, axisTick: { show: false }, axisLine: line, axisLabel: { color: soft, interval: bars ? 0 : "auto", hideOverlap: true } },
    yAxis: { type: "value", minInterval: 1, splitLine: line, axisLabel: { color: soft } },
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
    series: [{ type: "bar", barWidth: "58%", itemStyle: { borderRadius: [0, 5, 5, 0] }, label: { show: true, position: "right", color: colour("--y-soft"), formatter: (/** @type {any} */ item) => item.value.toLocaleString() }, data: bars_of(data) }],
  };
}

/** Places as circles as large as what lies there, what passed between them as bows; what is under way now travels along them.
 * @param {Network} data */
function network(data) {
  const phone = window.innerWidth < 576;
  const at = new Map(data.nodes.map((node) => [node.name, node]));
  const shrink = phone ? 0.62 : 1;
  // Columns in which nothing stands take no room, but for the bows that leave the first one; names have what is between two.
  const columns = data.nodes.map((node) => node.x), first = Math.min(3, ...columns), last = Math.max(0, ...columns);
  const before = first > 0 ? 0.5 : phone ? 0.42 : 0.12, behind = phone ? 0.42 : last < 3 ? 0.6 : 0.45;
  const axis = (/** @type {number} */ min, /** @type {number} */ max) => ({ type: "value", show: false, min, max });
  const room = phone ? Math.floor((0.84 * (window.innerWidth - 66)) / Math.max(1, last - first + before + behind)) : 210;
  const bow = (/** @type {Way} */ way) => {
    const start = at.get(way.source), end = at.get(way.target);
    // Between two of one column a bow must leave it, or it would run through those between them.
    return start && end ? { coords: [[start.x, start.y], [end.x, end.y]], value: way.value, said: `${start.label} → ${end.label}`, bend: start.x === end.x ? 0.42 : 0.16 } : null;
  };
  const bows = (/** @type {Way[]} */ ways, /** @type {(way: any) => object} */ style) =>
    ways.flatMap((way) => { const drawn = bow(way); return drawn ? [{ ...drawn, ...style(way), lineStyle: { ...Reflect.get(style(way), "lineStyle"), curveness: drawn.bend } }] : []; });
  const soft = colour("--y-teal-3");
  return {
    tooltip: { ...tooltip("item"), formatter: (/** @type {any} */ item) => `${item.data.said}  ${item.data.value?.[2] ?? item.data.value}` },
    grid: { left: 4, right: 4, top: 4, bottom: 4 },
    xAxis: axis(first - before, last + behind), yAxis: phone ? axis(-0.03, 1.03) : axis(-0.01, 1.01),
    series: [
      { id: "passed", type: "lines", coordinateSystem: "cartesian2d", z: 1, lineStyle: { color: soft, opacity: 0.65 }, emphasis: { lineStyle: { opacity: 1 } },
        data: bows(data.links, (way) => ({ href: way.href, lineStyle: { width: way.width * shrink } })) },
      { id: "moving", type: "lines", coordinateSystem: "cartesian2d", z: 2, silent: true, lineStyle: { color: colour("--y-teal"), opacity: still ? 0.9 : 0, width: 1.5, type: "dashed" },
        effect: { show: !still, period: 5, constantSpeed: 0, symbol: "triangle", symbolSize: 9, trailLength: 0, color: colour("--y-teal") },
        data: bows(data.ways, () => ({ lineStyle: {} })) },
      { id: "places", type: "scatter", z: 3, itemStyle: { opacity: 1 },
        // Beside their circles there is room for a line, on a phone only below them; a halo keeps bows from crossing letters out.
        label: { show: true, position: phone ? "bottom" : "right", distance: phone ? 2 : 5, color: colour("--y-ink"), textBorderColor: colour("--y-paper"), textBorderWidth: 3, fontSize: phone ? 10 : 12, lineHeight: 12, width: room, overflow: "truncate", ellipsis: "…",
          formatter: (/** @type {any} */ item) => phone ? `${item.data.name}\n${item.data.value[2]}` : shortened(item.data.name, `  ${item.data.value[2]}`, 12, 204) },
        data: data.nodes.map((node) => ({ id: node.name, name: node.label, said: node.label, href: node.href, cursor: node.href ? "pointer" : "default", value: [node.x, node.y, node.said], symbolSize: node.size * shrink, itemStyle: { color: tone(node.tone) } })) },
    ],
  };
}

const pen = document.createElement("canvas").getContext("2d");

/** A name with what must stand behind it, whatever of the name has no room: touching its circle says it whole.
 * @param {string} name @param {string} behind @param {number} size of the letters @param {number} room in pixels, as `size` */
function shortened(name, behind, size, room) {
  if (pen) pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  const fits = (/** @type {string} */ text) => !pen || pen.measureText(text + behind).width <= room;
  if (fits(name)) return name + behind;
  const letters = [...name];
  while (letters.length > 1 && !fits(`${letters.join("").trimEnd()}…`)) letters.pop();
  return `${letters.join("").trimEnd()}…${behind}`;
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

new MutationObserver(() => { for (const chart of drawn.values()) draw(chart, chart.source); })
  .observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
const sized = new ResizeObserver(() => { for (const chart of drawn.values()) chart.resize(); });
sized.observe(document.body);
