// The table of runs as text, in a format that spreadsheets or papers take.
import { toCsv } from "./csv.ts";
import type { Run } from "./data.ts";
import type { RunColumn } from "./runs.ts";
import { oneLine } from "./units.ts";

/// CSV has energies in joules, in full; the others have what the table shows.
export function runsAsText(
  format: "csv" | "md" | "tex",
  rows: readonly Run[],
  columns: readonly RunColumn[],
): string {
  if (format === "csv") {
    const numbers = columns.filter(({ key }) => !key.endsWith("interval"));
    const hasEnds = numbers.length < columns.length;
    const ends = (run: Run) => [run.low === undefined ? undefined : run.level, run.low, run.high];
    return toCsv([
      [...numbers.map(({ key }) => key), ...(hasEnds ? ["interval", "low", "high"] : [])],
      ...rows.map((run) => [...numbers.map((column) => column.value(run)), ...(hasEnds ? ends(run) : [])]),
    ]);
  }
  const head = columns.map((column) => column.head);
  const body = rows.map((run) => columns.map((column) => oneLine(column.text(run))));
  if (format === "md") {
    const line = (cells: readonly string[]): string =>
      `| ${cells.map((cell) => cell.replace(/[\\|]/g, "\\$&")).join(" | ")} |\n`;
    return (
      line(head) + line(columns.map(({ isNumber }) => (isNumber ? "---:" : "---"))) + body.map(line).join("")
    );
  }
  const special: Record<string, string> = {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "\u2013": "--",
    "\u2212": "$-$",
  };
  const line = (cells: readonly string[]): string =>
    `${cells.map((cell) => cell.replace(/[\\~^\u2013\u2212]|[&%$#_{}]/g, (c) => special[c] ?? `\\${c}`)).join(" & ")} \\\\\n`;
  const format_ = columns.map(({ isNumber }) => (isNumber ? "r" : "l")).join("");
  return `\\begin{tabular}{${format_}}\n\\hline\n${line(head)}\\hline\n${body.map(line).join("")}\\hline\n\\end{tabular}\n`;
}
