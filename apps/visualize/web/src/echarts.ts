// ECharts, with the few parts that the page uses. Imported where the first chart is drawn: starting it takes longer
// than showing the rest of the page.
import { BarChart, CustomChart, LineChart, ScatterChart, SunburstChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

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

export { init };
