// Small data as irene-visualize embeds them.
import type { Marks, PageData } from "../../src/data.ts";

export interface Spec {
  name: string;
  class: string;
  role?: string;
  energy: number;
  measured?: number;
  low?: number;
  high?: number;
  seconds?: number;
  whole?: boolean;
  marks?: Partial<Marks>;
  children?: Spec[];
}

export interface RunSpec {
  model: string;
  batch: number;
  length: number;
  newTokens?: number;
  file?: number;
  prediction?: string;
  level?: number;
  device?: string;
  root: Spec;
}

/// What the library's table says of these classes.
const KINDS: Record<string, string> = { Linear: "linear", Conv1D: "linear" };

/// The runs without sharing anything: the page must not depend on what is shared, except that shapes that are
/// built alike have one number.
export function pageData(runs: readonly RunSpec[], files: string[] = ["p.jsonl"]): PageData {
  const data: PageData = {
    version: 1,
    title: "Title",
    files,
    strings: [],
    shapes: { class: [], type: [], size: [], kinds: [], names: [], roles: [] },
    roles: [""],
    nodes: {
      shape: [],
      children: [],
      predicted: [],
      measured: [],
      low: [],
      high: [],
      seconds: [],
      marks: [],
      work: [],
    },
    works: {},
    marks: [{ outside: [], unseen: false, no_interval: "" }],
    runs: {
      file: [],
      model: [],
      scope: [],
      root: [],
      prediction: [],
      batch: [],
      length: [],
      new_tokens: [],
      level: [],
      keys: { model_name: { values: [], of: [] } },
    },
  };
  const intern = (text: string): number => {
    const found = data.strings.indexOf(text);
    return found >= 0 ? found : data.strings.push(text) - 1;
  };
  const internRole = (role: string): number => {
    const found = data.roles.indexOf(role);
    return found >= 0 ? found : data.roles.push(role) - 1;
  };
  const shapes = new Map<string, number>();
  const shapeKey = (spec: Spec): string =>
    JSON.stringify([
      spec.class,
      (spec.children ?? []).map((child) => [child.name, child.role, shapeKey(child)]),
    ]);
  const add = (spec: Spec, isRoot: boolean): number => {
    const children = spec.children ?? [];
    const places = children.map((child) => add(child, false));
    const key = shapeKey(spec);
    let shape = shapes.get(key);
    if (shape === undefined) {
      shape = data.shapes.class.push(intern(spec.class)) - 1;
      shapes.set(key, shape);
      data.shapes.type.push(isRoot ? 2 : children.length > 0 ? 1 : 0);
      data.shapes.size.push(children.length);
      data.shapes.kinds.push(internRole(KINDS[spec.class] ?? ""));
      for (const child of children) {
        const name = intern(child.name);
        data.shapes.names.push(child.whole ? -1 - name : name);
        data.shapes.roles.push(internRole(child.role ?? ""));
      }
    }
    data.nodes.children.push(...places.map((place) => data.nodes.shape.length - place));
    data.nodes.predicted.push(spec.energy);
    data.nodes.measured.push(spec.measured ?? null);
    data.nodes.low.push(spec.low ?? null);
    data.nodes.high.push(spec.high ?? null);
    data.nodes.seconds.push(spec.seconds ?? null);
    const marks = { outside: [], unseen: false, no_interval: "", ...spec.marks };
    data.nodes.work.push(0);
    data.nodes.marks.push(spec.marks ? data.marks.push(marks) - 1 : 0);
    return data.nodes.shape.push(shape) - 1;
  };
  runs.forEach((run) => {
    data.runs.root.push(add(run.root, true));
    data.runs.scope.push(intern(run.root.name));
    data.runs.model.push(intern(run.model));
    data.runs.prediction.push(intern(run.prediction ?? ""));
    data.runs.file.push(run.file ?? 0);
    data.runs.batch.push(run.batch);
    data.runs.length.push(run.length);
    data.runs.new_tokens.push(run.newTokens ?? 0);
    const { values, of } = data.runs.keys["model_name"] ?? { values: [], of: [] };
    of.push(values.push(run.model) - 1);
    data.runs.level.push(run.level ?? null);
    (data.runs.device ??= []).push(intern(run.device ?? ""));
  });
  return data;
}

const layer = (name: string, scale: number): Spec => ({
  name,
  class: "Layer",
  role: "layer",
  energy: 3 * scale,
  measured: 2 * scale,
  children: [
    {
      name: "attention",
      class: "Attention",
      role: "attention",
      energy: 1.5 * scale,
      measured: scale,
      children: [
        { name: "query", class: "Linear", role: "attention.query", energy: scale, measured: 0.5 * scale },
      ],
    },
    { name: "dense", class: "Linear", role: "linear", energy: scale, measured: 0.75 * scale },
  ],
});

/// root { embed, encoder { 0, 1, 2 } }: 0.5 + (3 + 3 + 6) + 0.5 own work of the encoder + 1 of the root.
export const small = (): RunSpec => ({
  model: "tiny",
  batch: 2,
  length: 5,
  root: {
    name: "root",
    class: "Model",
    energy: 14,
    measured: 10,
    children: [
      { name: "embed", class: "Embedding", role: "embeddings", energy: 0.5, measured: 0.5 },
      {
        name: "encoder",
        class: "Encoder",
        role: "encoder",
        energy: 12.5,
        measured: 8.5,
        children: [layer("0", 1), layer("1", 1), layer("2", 2)],
      },
    ],
  },
});
