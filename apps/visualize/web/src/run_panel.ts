// Where the energy goes: icicle, sunburst and table of one run, with what steers them.
import { groupBy, selectNode, zoomTo } from "./actions.ts";
import type { App, Part } from "./app.ts";
import { fileName, runLabel } from "./app.ts";
import { toCsv } from "./csv.ts";
import { download, el, fill, labelled, saveButton, select } from "./dom.ts";
import { makeFigure } from "./figure.ts";
import type { Picture } from "./flame.ts";
import { icicle as drawIcicle, sunburst as drawSunburst } from "./flame.ts";
import { GROUP_NAMES } from "./group.ts";
import { facts, signsOf, together } from "./marks.ts";
import type { Colour } from "./state.ts";
import { makeSummary, makeTrust } from "./summary.ts";
import { makeTable } from "./table.ts";
import { formatRate, powerOf } from "./times.ts";
import type { TreeNode } from "./tree.ts";
import { errorOf, find, isCrumb, label, shareOf, shareOfParent, walk } from "./tree.ts";
import { formatEnergy, formatPercent, formatShare } from "./units.ts";

const COLOUR_NAMES: readonly (readonly [Colour, string])[] = [
  ["operation", "operation"],
  ["energy", "energy"],
  ["share", "share of parent"],
  ["error", "error of prediction"],
];

/// All nodes of the tree in view, open or not.
export function tableAsCsv(app: App): string {
  const { root, run } = app.view;
  const hasSeconds = run.seconds !== undefined;
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
    "predicted_energy_low",
    "predicted_energy_high",
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
    node.low,
    node.high,
    ...(hasSeconds ? [node.seconds] : []),
    node.measured,
    errorOf(node),
    node.told.outside.join(" "),
    node.told.unseen ? "true" : "",
    node.told.noInterval.join("; "),
  ]);
  return toCsv([head, ...rows]);
}

export function makeRunPanel(app: App, rawData: () => string): Part {
  const search = el("input", {
    type: "search",
    id: "find",
    autocomplete: "off",
    placeholder: "e.g. attention, Linear",
  });
  search.addEventListener("input", () => app.choose({ find: search.value }));
  const sum = el("p", { class: "found", role: "status" });
  const group = select(GROUP_NAMES, (value) => groupBy(app, value));
  const colour = select(COLOUR_NAMES, (value) => app.choose({ colour: value }));
  const fold = el("input", {
    type: "checkbox",
    id: "fold",
    onchange: () => app.choose({ fold: fold.checked }),
  });
  const legend = el("div", { class: "legend" });
  const details = el("section", {
    class: "details",
    "aria-label": "Selected component",
    "aria-live": "polite",
  });
  const icicle = makeFigure(app, "Icicle", "icicle");
  const sunburst = makeFigure(app, "Sunburst", "sunburst");
  const table = makeTable(app);

  for (const { box } of [icicle, sunburst]) {
    const nodeAt = (event: Event): TreeNode | undefined => {
      const key = (event.target as Element).closest<SVGElement>("[data-key]")?.dataset["key"];
      return key === undefined ? undefined : find(app.view.root, key);
    };
    // What is clicked is selected, and drawn anew: a second click finds another element in its place, so that
    // "dblclick" may not come.
    box.addEventListener("click", (event) => {
      const node = nodeAt(event);
      if (!node) return;
      if (event.detail === 2) zoomTo(app, node === app.view.zoomed ? (node.parent ?? node) : node);
      else selectNode(app, node);
    });
    box.addEventListener("keydown", (event) => {
      const { selected, zoomed, root } = app.view;
      const siblings = selected.parent?.children ?? [selected];
      const here = siblings.indexOf(selected);
      const target: TreeNode | undefined = {
        ArrowRight: siblings[here + 1],
        ArrowLeft: siblings[here - 1],
        ArrowDown: selected.children[0],
        ArrowUp: selected.parent,
      }[event.key];
      if (target) selectNode(app, target);
      else if (event.key === "Enter") zoomTo(app, selected);
      else if (event.key === "Escape" && zoomed !== root) zoomTo(app, zoomed.parent ?? zoomed);
      else if (!event.key.startsWith("Arrow")) return;
      event.preventDefault();
    });
  }

  const drawLegend = (): void => {
    const { kinds, scale } = app.view.colours(app.palette);
    const items = kinds.map(({ name, fill: colourOfKind }) => {
      const swatch = el("span", { class: "swatch", "aria-hidden": true });
      swatch.style.backgroundColor = colourOfKind;
      return el("span", { class: "kind" }, swatch, name);
    });
    const signs = signsOf(together([...walk(app.view.root)].map((node) => node.told)));
    const meanings = signs.map(({ sign, meaning }) =>
      el("span", { class: "kind" }, el("span", { class: "sign", text: sign }), meaning),
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
        isInterval && fact("interval", `${formatEnergy(node.low, unit)} to ${formatEnergy(node.high, unit)}`),
        fact(
          node.self < 0 && !isCrumb(node.self, root)
            ? "self (the weights' correction, or a negative term)"
            : "self",
          formatEnergy(isCrumb(node.self, root) ? 0 : node.self, unit),
        ),
        fact("of model", formatShare(shareOf(node, root))),
        node.parent && fact("of parent", formatShare(shareOfParent(node))),
        node.measured !== undefined && fact("measured", formatEnergy(node.measured, unit)),
        error !== undefined && fact("error", formatPercent(error)),
        node.seconds !== undefined && fact("time", formatRate(node.seconds, "s")),
        node.seconds !== undefined && fact("power", formatRate(powerOf(node.energy, node), "W")),
        ...facts(node.told).map(([name, value]) => fact(name, value)),
      ),
      node.children.length > 0 &&
        node !== app.view.zoomed &&
        el("button", { type: "button", text: "Zoom to it", onclick: () => zoomTo(app, node) }),
    );
  };

  const summary = makeSummary(app);
  const trust = makeTrust(app);
  const element = el(
    "div",
    {},
    summary.element,
    el("div", { class: "pair" }, icicle.element, sunburst.element),
    el(
      "div",
      { class: "toolbar" },
      labelled("Find a component or operation", search),
      labelled("Group by", group),
      labelled("Colour by", colour),
      el("div", { class: "check" }, fold, el("label", { for: "fold", text: "Fold repeated layers" })),
    ),
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
        saveButton("JSON", "the data of all runs", () =>
          download("irene-visualize.json", rawData(), "application/json"),
        ),
      ),
    ),
    table.element,
  );

  return {
    element,
    update() {
      const { state, view } = app;
      if (search.value !== state.find) search.value = state.find;
      group.value = state.group;
      colour.value = state.colour;
      fold.checked = state.fold;
      fold.disabled = state.group !== "tree";
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
