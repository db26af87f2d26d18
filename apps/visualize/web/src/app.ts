// What every part of the page is given.
import type { OperationColours, Palette } from "./colours.ts";
import type { Data, Run } from "./data.ts";
import type { State } from "./state.ts";
import type { View } from "./view.ts";

export interface App {
  data: Data;
  operations: OperationColours;
  state: State;
  view: View;
  palette: Palette;
  /// Takes a choice of the reader's and draws what it changes.
  choose(change: Partial<State>): void;
}

/// A part of the page: drawn once, and updated whenever the state has changed.
export interface Part {
  element: HTMLElement;
  update(): void;
}

export const hasTwoFiles = (data: Data): boolean => data.files.length > 1;

export function runLabel(data: Data, run: Run): string {
  const text = `${run.model}, batch ${run.batch}, length ${run.length}`;
  return hasTwoFiles(data) ? `${text} (${data.files[run.file] ?? ""})` : text;
}

/// A name for files saved from the page.
export const fileName = (run: Run, what: string): string =>
  `${run.model}-b${run.batch}-l${run.length}-${what}`.replace(/[^\w.-]+/g, "_");
