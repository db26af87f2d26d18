// Charts in boxes of the page.
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import type { Palette } from "./colours.ts";
import { el } from "./dom.ts";

export type Option = EChartsCoreOption;

/// A chart in a box of the page. It is drawn on a canvas: the page's policy allows no inline styles, which SVG
/// elements would need.
export interface Chart {
  box: HTMLElement;
  /// In pixels.
  width(): number;
  draw(option: Option, height: number): void;
  onClick(listener: (data: unknown) => void): void;
  svg(): Promise<string>;
  /// A data URL.
  png(background: string): Promise<string>;
}

export function makeChart(box: HTMLElement): Chart {
  let chart: EChartsType | undefined;
  let making: Promise<EChartsType> | undefined;
  let shown: Option = {};
  const listeners: ((data: unknown) => void)[] = [];
  // Sizes are remembered: asking the page for them while it is being changed makes it lay itself out each time.
  let width = 0;
  let height = 0;
  const measure = (): number => (width ||= box.clientWidth);
  const show = (made: EChartsType): void => {
    if (made.getHeight() !== height || made.getWidth() !== width) made.resize({ width, height });
    // Not `notMerge`: it would throw away a tooltip that is about to be shown.
    made.setOption(shown, { replaceMerge: ["series", "xAxis", "yAxis", "grid", "legend"] });
    made.dispatchAction({ type: "hideTip" });
  };
  const make = (): Promise<EChartsType> =>
    (making ??= import("./echarts.ts").then(({ init }) => {
      const made = init(box, undefined, { renderer: "canvas", width, height });
      made.on("click", (event) => listeners.forEach((listener) => listener(event.data)));
      show(made);
      return (chart = made);
    }));
  let isFirst = true;
  new ResizeObserver(() => {
    if (box.clientWidth === 0 || box.clientWidth === width) return;
    width = box.clientWidth;
    chart?.resize({ width, height });
  }).observe(box);
  return {
    box,
    width: measure,
    draw(option, wanted) {
      if (wanted !== height) box.style.height = `${wanted}px`;
      height = wanted;
      shown = option;
      measure();
      if (chart) {
        show(chart);
      } else if (isFirst) {
        // Text comes first, and a new chart in the frame after it.
        requestAnimationFrame(() => setTimeout(make));
      } else {
        // Drawn again before that frame, perhaps for paper: it is wanted now.
        void make();
      }
      isFirst = false;
    },
    onClick(listener) {
      listeners.push(listener);
    },
    async svg() {
      const made = await make();
      const { init } = await import("./echarts.ts");
      const still = init(null, undefined, {
        renderer: "svg",
        ssr: true,
        width: made.getWidth(),
        height: made.getHeight(),
      });
      still.setOption(shown);
      const text = still.renderToSVGString();
      still.dispose();
      return text;
    },
    png: async (background) =>
      (await make()).getDataURL({ type: "png", pixelRatio: 2, backgroundColor: background }),
  };
}

/// Tooltips made of elements: a name from the data never becomes markup. `confine` also keeps ECharts from
/// drawing the arrow, which it would write as markup with inline styles.
export function tooltip(palette: Palette, lines: (data: unknown) => readonly string[]): Option {
  return {
    confine: true,
    renderMode: "html",
    backgroundColor: palette.surface,
    borderColor: palette.line,
    textStyle: { color: palette.ink, fontSize: 13 },
    transitionDuration: 0,
    formatter: (parameters: { data: unknown }) => {
      const [title = "", ...rest] = lines(parameters.data);
      return el(
        "div",
        { class: "tip" },
        el("strong", { text: title }),
        ...rest.map((text) => el("div", { text })),
      );
    },
  };
}

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

export const axis = (palette: Palette, name: string, extra: Option = {}): Option => ({
  name,
  nameLocation: "middle",
  nameGap: 34,
  nameTextStyle: { color: palette.muted, fontFamily: FONT },
  axisLine: { lineStyle: { color: palette.line } },
  axisLabel: { color: palette.muted, fontFamily: FONT },
  splitLine: { lineStyle: { color: palette.line, opacity: 0.6 } },
  ...extra,
});
