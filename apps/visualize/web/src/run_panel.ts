// Where the energy goes: icicle, sunburst and table of one run, with what steers them.
import { zoomTo } from "./actions.ts";
import type { App, Part } from "./app.ts";
import { fileName, runLabel } from "./app.ts";
import { toCsv } from "./csv.ts";
import type { Run } from "./data.ts";
import { download, el, fill, kind, labelled, saveButton, select } from "./dom.ts";
import { makeFigure } from "./figure.ts";
import type { Picture } from "./flame.ts";
import { icicle as drawIcicle, sunburst as drawSunburst } from "./flame.ts";
import { foldLayers } from "./fold.ts";
import { inWords, meaningOf, NO_INTERVAL, OUTSIDE, textsOf, together, UNSEEN } from "./marks.ts";
import { SPENT_COLUMNS, spentIn } from "./sort.ts";
import { ownSpent, PARTS, sumSpent } from "./spent.ts";
import type { Colour } from "./state.ts";
import { makeSummary, makeTrust } from "./summary.ts";
import { makeTable } from "./table.ts";
import { makeNavigable, makeTreeControls } from "./tree_box.ts";
import { formatRate, powerOf } from "./times.ts";
import type { TreeNode } from "./tree.ts";
import { errorOf, intensity, label, shareOf, shareOfParent, walk, withoutCrumb } from "./tree.ts";
import type { Unit } from "./units.ts";
import { formatEnergy, formatNumber, formatPercent, formatShare, intervalName } from "./units.ts";

const COLOUR_NAMES: readonly (readonly [Colour, string])[] = [
  ["operation", "operation"],
  ["energy", "energy"],
  ["share", "share of parent"],
  ["error", "error of prediction"],
  ["flops", "J per GFLOP"],
  ["mem_bytes", "J per GiB"],
  ...PARTS.map((part) => [part, `share of ${part}`] as const),
];

/// What a node does, and what it spends on it.
function workFacts(node: TreeNode): [string, string][] {
  const { num_parameters: parameters, flops, mem_bytes: moved, launches } = node.work;
  const shown: [string, number | undefined, number, string][] = [
    ["parameters", parameters, 1, ""],
    ["arithmetic", flops, 1e-3, " GFLOP"],
    ["moved", moved, 1 / 1024, " GiB"],
    ["launches", launches, 1, ""],
    ["J per GFLOP", intensity(node, "flops"), 1, ""],
    ["J per GiB", intensity(node, "mem_bytes"), 1, ""],
  ];
  return shown.flatMap(([name, value, factor, unit]): [string, string][] =>
    value === undefined ? [] : [[name, `${formatNumber(value * factor)}${unit}`]],
  );
}

/// Joules of each part with its share of the node, and those of its own.
function spentFacts(node: TreeNode, unit: Unit): [string, string][] {
  const { spent, energy } = node;
  const own = node.children.length > 0 ? ownSpent(node) : undefined;
  if (!spent) return [];
  return PARTS.map((part) => {
    const text = `${formatEnergy(spent[part], unit)}, ${formatPercent((100 * spent[part]) / energy)}`;
    return [`spent on ${part}`, own ? `${text}; own ${formatEnergy(own[part], unit)}` : text];
  });
}

/// Percent of the energy that nodes with a fact of this sign spend; null where none has one.
function percentTold(list: readonly TreeNode[], sign: string): number | null {
  const all = list.flatMap(({ parts }) => parts.flatMap((part) => [...walk(part)]));
  const those = all.filter(({ told }) => textsOf(told.facts, sign).length > 0);
  const sum = (nodes: readonly TreeNode[]): number =>
    nodes.reduce((total, { self }) => total + Math.abs(self), 0);
  return those.length > 0 ? 100 * (sum(all) > 0 ? Math.min(sum(those) / sum(all), 1) : 0) : null;
}

/// The run by scope with layers folded, as `irene-summarize --by scope --json` writes it.
export function summaryOf(run: Run, nodes: TreeNode): Record<string, string | number | null>[] {
  const rows = new Map<string, TreeNode[]>();
  for (const node of walk(foldLayers(nodes))) rows.set(node.scope, [...(rows.get(node.scope) ?? []), node]);
  const sum = (list: TreeNode[], value: (node: TreeNode) => number): number =>
    list.reduce((total, node) => total + value(node), 0);
  const hasInterval = [...walk(nodes)].some((node) => node.low !== undefined);
  const ownOf = (list: readonly TreeNode[]) => sumSpent(list.map((node) => ({ spent: ownSpent(node) })));
  const hasSpent = ownOf([...walk(nodes)]) !== undefined;
  const beyond = { "outside %": OUTSIDE, "unseen %": UNSEEN };
  const told = together([...walk(nodes)].map((node) => node.told)).facts;
  const isTold = Object.entries(beyond).filter(([, sign]) => textsOf(told, sign).length > 0);
  return [...rows]
    .map(([scope, list]) => {
      const [first] = list;
      const one = list.length === 1 && first?.count === 1 ? first : undefined;
      const own = sum(list, (node) => node.self);
      return {
        scope,
        "nodes/tree": sum(list, (node) => node.count),
        "J/tree": sum(list, (node) => node.energy),
        "self J/tree": own,
        "self %": (100 * own) / nodes.energy,
        ...(run.seconds === undefined
          ? {}
          : { "s/tree": one?.seconds ?? null, W: (one && powerOf(one.energy, one)) ?? null }),
        ...(hasInterval ? { "low J/tree": one?.low ?? null, "high J/tree": one?.high ?? null } : {}),
        ...(hasSpent &&
          Object.fromEntries(PARTS.map((part) => [`self ${part} J/tree`, ownOf(list)?.[part] ?? 0]))),
        ...Object.fromEntries(isTold.map(([column, sign]) => [column, percentTold(list, sign)])),
      };
    })
    .sort((a, b) => b["self J/tree"] - a["self J/tree"]);
}

/// All nodes of the tree in view, open or not.
export function tableAsCsv(app: App): string {
  const { root, run } = app.view;
  const hasSeconds = run.seconds !== undefined;
  const hasSpent = root.spent !== undefined;
  const head = [
    "model_name",
    "batch_size",
    "seq_len",
    "scope",
    "level",
    "instance_type",
    "type",
    "nodes",
    "predicted_energy",
    "self_energy",
    "share_of_parent",
    "share_of_model",
    "interval",
    "predicted_energy_low",
    "predicted_energy_high",
    ...(hasSpent ? SPENT_COLUMNS.map((column) => `predicted_${column.replace(" ", "_")}_energy`) : []),
    ...(hasSeconds ? ["predicted_seconds"] : []),
    "measured_energy",
    "percentage_error",
    "outside_training",
    "unseen_operation",
    "no_interval",
  ];
  const rows = [...walk(root)].map((node) => [
    run.model,
    run.batch,
    run.length,
    node.scope,
    node.depth,
    node.className,
    node.type,
    node.count,
    node.energy,
    node.self,
    shareOfParent(node),
    shareOf(node, root),
    node.low === undefined ? undefined : run.level,
    node.low,
    node.high,
    ...(hasSpent ? SPENT_COLUMNS.map((column) => spentIn(node, column)) : []),
    ...(hasSeconds ? [node.seconds] : []),
    node.measured,
    errorOf(node),
    textsOf(node.told.facts, OUTSIDE).join(" "),
    textsOf(node.told.facts, UNSEEN).length > 0 ? "true" : "",
    textsOf(node.told.facts, NO_INTERVAL).join("; "),
  ]);
  return toCsv([head, ...rows]);
}

export function makeRunPanel(app: App): Part {
  const controls = makeTreeControls(app);
  const sum = el("p", { class: "found", role: "status" });
  const isTold = ([name]: (typeof COLOUR_NAMES)[number]): boolean =>
    app.data.hasSpent || !PARTS.some((part) => part === name);
  const colour = select(COLOUR_NAMES.filter(isTold), (value) => app.choose({ colour: value }));
  const legend = el("div", { class: "legend" });
  const details = el("section", {
    class: "details",
    "aria-label": "Selected component",
    "aria-live": "polite",
  });
  const icicle = makeFigure(app, "Icicle", "icicle");
  const sunburst = makeFigure(app, "Sunburst", "sunburst");
  const table = makeTable(app);

  for (const { box } of [icicle, sunburst]) makeNavigable(app, box, () => app.view);

  const drawLegend = (): void => {
    const { kinds, scale } = app.view.colours(app.palette);
    const items = kinds.map(({ name, fill: colourOfKind }) => kind(name, colourOfKind));
    const { signs } = together([...walk(app.view.root)].map((node) => node.told));
    const meanings = [...signs].map((sign) =>
      el("span", { class: "kind" }, el("span", { class: "sign", text: sign }), meaningOf(sign)),
    );
    const ramp = el("span", { class: "ramp", "aria-hidden": true });
    if (scale) ramp.style.backgroundImage = `linear-gradient(to right, ${scale.low}, ${scale.high})`;
    fill(legend, ...(scale ? [scale.lowText, ramp, scale.highText] : []), ...items, ...meanings);
  };

  const drawDetails = (): void => {
    const { selected: node, root } = app.view;
    const { unit } = app.state;
    const error = errorOf(node);
    const fact = (name: string, value: string): HTMLElement =>
      el("div", {}, el("dt", { text: name }), el("dd", { text: value }));
    const isInterval = node.low !== undefined && node.high !== undefined;
    fill(
      details,
      el("h3", { class: "scope", text: node.type === "group" ? label(node) : node.scope }),
      el("p", {
        class: "kind",
        text: node.count > 1 ? `${node.className} \u00b7 ${node.count} nodes` : node.className,
      }),
      el(
        "dl",
        {},
        fact("energy", formatEnergy(node.energy, unit)),
        isInterval &&
          fact(
            intervalName(app.view.run.level),
            `${formatEnergy(node.low, unit)} to ${formatEnergy(node.high, unit)}`,
          ),
        fact(
          withoutCrumb(node.self, root) < 0 ? "self (the weights' correction, or a negative term)" : "self",
          formatEnergy(withoutCrumb(node.self, root), unit),
        ),
        fact("of model", formatShare(shareOf(node, root))),
        node.parent && fact("of parent", formatShare(shareOfParent(node))),
        node.measured !== undefined && fact("measured", formatEnergy(node.measured, unit)),
        error !== undefined && fact("error", formatPercent(error)),
        node.seconds !== undefined && fact("time", formatRate(node.seconds, "s")),
        node.seconds !== undefined && fact("power", formatRate(powerOf(node.energy, node), "W")),
        ...spentFacts(node, unit).map(([name, value]) => fact(name, value)),
        ...workFacts(node).map(([name, value]) => fact(name, value)),
        ...inWords(node.told).map(([name, value]) => fact(name, value)),
      ),
      node.children.length > 0 &&
        node !== app.view.zoomed &&
        el("button", { text: "Zoom to it", onclick: () => zoomTo(app, node) }),
    );
  };

  const summary = makeSummary(app);
  const trust = makeTrust(app);
  const element = el(
    "div",
    {},
    summary.element,
    el("div", { class: "pair" }, icicle.element, sunburst.element),
    el("div", { class: "toolbar" }, ...controls.elements, labelled("Colour by", colour)),
    sum,
    legend,
    details,
    trust.element,
    el(
      "div",
      { class: "figure-head table-head" },
      el("h3", { text: "Table" }),
      el(
        "div",
        { class: "saves" },
        saveButton("CSV", "the table", () =>
          download(fileName(app.view.run, "table.csv"), tableAsCsv(app), "text/csv"),
        ),
        saveButton("JSON", "the table", () =>
          download(
            fileName(app.view.run, "summary.json"),
            JSON.stringify(summaryOf(app.view.run, app.view.nodes), null, 2),
            "application/json",
          ),
        ),
      ),
    ),
    table.element,
  );

  return {
    element,
    update() {
      const { state, view } = app;
      controls.update();
      colour.value = state.colour;
      const { found, root } = view;
      const count = found?.count ?? 0;
      sum.hidden = !found;
      sum.textContent = found
        ? `${count} ${count === 1 ? "node" : "nodes"}, together ${formatEnergy(found.sum, state.unit)}, ` +
          `${formatShare(root.energy === 0 ? 0 : found.sum / root.energy)} of the model`
        : "";
      summary.update();
      trust.update();
      drawLegend();
      drawDetails();
      const picture: Picture = { ...view, unit: state.unit };
      const caption = [
        `${runLabel(app.data, view.run)}: ${label(view.zoomed)}, ${formatEnergy(view.zoomed.energy, state.unit)}`,
      ];
      const size = Math.min(Math.max(sunburst.box.clientWidth, 240), 320);
      icicle.draw((sheet) => drawIcicle(picture, sheet, size), caption);
      sunburst.draw((sheet) => drawSunburst(picture, sheet, sheet.isPaper ? 700 : size), caption);
      table.update();
    },
  };
}
