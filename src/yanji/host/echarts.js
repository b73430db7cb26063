// What our charts draw with, and no more: the whole library is two thirds heavier. A new kind of chart names its parts here.
export { init } from "echarts/core";
import { use } from "echarts/core";
import { BarChart, LineChart, LinesChart, PieChart, SankeyChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendPlainComponent, MarkLineComponent, TooltipComponent, VisualMapPiecewiseComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart, LineChart, LinesChart, PieChart, SankeyChart, ScatterChart, GridComponent, LegendPlainComponent, MarkLineComponent, TooltipComponent,
  VisualMapPiecewiseComponent, SVGRenderer,
]);
