// ECharts, with the few parts that the page uses.
import { BarChart, CustomChart, LineChart, ScatterChart, SunburstChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import { init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
import type { Palette } from "./colours.ts";
import { el } from "./dom.ts";

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  SunburstChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  CanvasRenderer,
  SVGRenderer,
]);

export type Option = EChartsCoreOption;

/// A chart in a box of the page. It is drawn on a canvas: the page's policy allows no inline styles, which SVG
/// elements would need.
export interface Chart {
  box: HTMLElement;
  /// In pixels.
  width(): number;
  draw(option: Option, height: number): void;
  onClick(listener: (data: unknown) => void): void;
  svg(): string;
  png(background: string): string;
}

export function makeChart(box: HTMLElement): Chart {
  let chart: EChartsType | undefined;
  let shown: Option = {};
  const listeners: ((data: unknown) => void)[] = [];
  // Sizes are remembered: asking the page for them while it is being changed makes it lay itself out each time.
  let width = 0;
  let height = 0;
  const measure = (): number => (width ||= box.clientWidth);
  // A hidden box has no size: the chart is made when there is something to draw in it.
  const instance = (): EChartsType => {
    if (!chart) {
      chart = init(box, undefined, { renderer: "canvas", width: measure(), height });
      chart.on("click", (event) => listeners.forEach((listener) => listener(event.data)));
    }
    return chart;
  };
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
      const made = instance();
      if (made.getHeight() !== height || made.getWidth() !== width) made.resize({ width, height });
      // Not `notMerge`: it would throw away a tooltip that is about to be shown.
      made.setOption(option, { replaceMerge: ["series", "xAxis", "yAxis", "grid", "legend"] });
      made.dispatchAction({ type: "hideTip" });
    },
    onClick(listener) {
      listeners.push(listener);
    },
    svg() {
      const made = instance();
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
    png: (background) => instance().getDataURL({ type: "png", pixelRatio: 2, backgroundColor: background }),
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
