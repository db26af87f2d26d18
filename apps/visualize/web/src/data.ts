// The data of the page, as irene-visualize embeds them, and as the page uses them.
import type { Spent } from "./spent.ts";

export type NodeType = "ml" | "module" | "model";

const TYPES: readonly NodeType[] = ["ml", "module", "model"];

/// Lists of equal length hold one kind of thing. Numbers in `class`, `names`, `model`, `scope` are places in
/// `strings`. What is equal is stored once: the twelve layers of an encoder are one entry of `nodes` if their
/// energies are equal, and one of `shapes` in any case. Children stand before parents.
export interface PageData {
  version: 1;
  title: string;
  files: string[];
  strings: string[];
  /// A subtree without its own name and energies. `names` holds the names of the children of all shapes, `size`
  /// of them each: what a child's scope adds to its parent's, or, as -1 - place, the child's whole scope.
  /// `roles` say what the children do, `kinds` what their class alone tells of a shape: places in the list of roles.
  shapes: {
    class: number[];
    type: number[];
    size: number[];
    kinds: number[];
    names: number[];
    roles: number[];
  };
  /// What parts do, whatever their families call them; the first, an empty one, is that of those it isn't known of.
  roles: string[];
  /// `children` likewise, as many as the shape has: how far each stands before its parent. Joules, and seconds of runs and their calls; a list without any
  /// value is empty.
  nodes: {
    shape: number[];
    children: number[];
    predicted: number[];
    measured: (number | null)[];
    low: (number | null)[];
    high: (number | null)[];
    seconds: (number | null)[];
    /// Joules of `predicted` that arithmetic and moving bytes take; the rest is static. null where a node's parts are
    /// not known; absent where no node's are.
    arithmetic?: (number | null)[];
    memory?: (number | null)[];
    /// Places in the lists of these names.
    marks: number[];
    work: number[];
  };
  /// What nodes do, by the names of the features: 10^6 flops, MiB; a list that no node has is absent.
  works: Partial<Record<WorkKey, (number | null)[]>>;
  /// What is told of nodes beside energies; the first is that of nodes of which nothing is.
  marks: Marks[];
  /// A list that ends before `root`, which has each run: its last value holds for all behind.
  runs: {
    file: number[];
    model: number[];
    scope: number[];
    root: number[];
    /// Who predicted it, in words; empty where the input does not say.
    prediction: number[];
    /// Of the model that predicted it, a place in `strings`; empty where the input does not say, absent where it never
    /// does.
    device?: number[];
    batch: number[];
    length: number[];
    /// 0 where the run is one forward pass.
    new_tokens: number[];
    /// Of intervals, between 0 and 1; null where the input does not say.
    level: (number | null)[];
    /// What else tells runs apart, by the names of the keys: `model_name` always, others where some run has them. Their
    /// values, and which of them each run has.
    keys: Record<string, { values: string[]; of: number[] }>;
  };
}

export const WORK_KEYS = ["num_parameters", "flops", "mem_bytes", "launches"] as const;
export type WorkKey = (typeof WORK_KEYS)[number];
/// Of all calls; what is not known is absent.
export type Work = Partial<Record<WorkKey, number>>;

export interface Marks {
  /// Quantities that lie outside the range of training.
  outside: string[];
  /// Whether it is an operation that training did not see.
  unseen: boolean;
  /// Why it has no interval; empty where nothing is told.
  no_interval: string;
}

export interface Run {
  index: number;
  file: number;
  /// The model's name with what else tells its runs apart beside batch and length.
  model: string;
  keys: Record<string, string>;
  batch: number;
  length: number;
  /// That each sequence is continued by; 0: one forward pass.
  newTokens: number;
  /// Of the model that predicted it; empty where it is not told.
  device: string;
  /// Probability of its interval.
  level: number | undefined;
  scope: string;
  root: number;
  /// Who predicted it, in words.
  prediction: string;
  predicted: number;
  measured: number | undefined;
  low: number | undefined;
  high: number | undefined;
  /// How long it is predicted to take.
  seconds: number | undefined;
}

export interface StoredNode {
  shape: number;
  className: string;
  kind: string;
  type: NodeType;
  predicted: number;
  measured: number | undefined;
  low: number | undefined;
  high: number | undefined;
  seconds: number | undefined;
  /// What the energy is spent on.
  spent: Spent | undefined;
  marks: Marks | undefined;
  work: Work;
  children: { node: number; name: string; isWholeScope: boolean; role: string }[];
}

export interface Data {
  title: string;
  files: string[];
  runs: Run[];
  numNodes: number;
  /// Whether it is told of some node what its energy is spent on.
  hasSpent: boolean;
  node(index: number): StoredNode;
}

/// The element of a list that the writer promises to be there.
export function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`the page's data end before ${index}`);
  return value;
}

function offsets(sizes: number[]): number[] {
  const begins: number[] = [];
  let begin = 0;
  for (const size of sizes) {
    begins.push(begin);
    begin += size;
  }
  return begins;
}

export function decode(raw: PageData): Data {
  if (raw.version !== 1) throw new Error("the page's data have another version than the page");
  const { shapes, nodes, runs, strings } = raw;
  const firstName = offsets(shapes.size);
  const firstChild = offsets(nodes.shape.map((shape) => at(shapes.size, shape)));
  const valueIn = (list: (number | null)[], index: number): number | undefined => list[index] ?? undefined;

  const works: Work[] = [];
  for (const key of WORK_KEYS) {
    raw.works[key]?.forEach((value, place) => {
      const work = (works[place] ??= {});
      if (value !== null) work[key] = value;
    });
  }

  const node = (index: number): StoredNode => {
    const shape = at(nodes.shape, index);
    const children = [];
    for (let i = 0; i < at(shapes.size, shape); ++i) {
      const name = at(shapes.names, at(firstName, shape) + i);
      children.push({
        node: index - at(nodes.children, at(firstChild, index) + i),
        name: at(strings, name < 0 ? -1 - name : name),
        isWholeScope: name < 0,
        role: at(raw.roles, at(shapes.roles, at(firstName, shape) + i)),
      });
    }
    const predicted = at(nodes.predicted, index);
    const [arithmetic, memory] = [nodes.arithmetic?.[index], nodes.memory?.[index]];
    const isTold = typeof arithmetic === "number" && typeof memory === "number";
    return {
      shape,
      className: at(strings, at(shapes.class, shape)),
      kind: at(raw.roles, at(shapes.kinds, shape)),
      type: at(TYPES, at(shapes.type, shape)),
      predicted,
      measured: valueIn(nodes.measured, index),
      low: valueIn(nodes.low, index),
      high: valueIn(nodes.high, index),
      seconds: valueIn(nodes.seconds, index),
      spent: isTold ? { arithmetic, memory, static: predicted - arithmetic - memory } : undefined,
      marks: nodes.marks[index] ? at(raw.marks, nodes.marks[index]) : undefined,
      work: works[at(nodes.work, index)] ?? {},
      children,
    };
  };

  const ofRun = <T>(list: readonly T[], index: number): T => at(list, Math.min(index, list.length - 1));
  return {
    title: raw.title,
    files: raw.files,
    numNodes: nodes.shape.length,
    hasSpent: nodes.arithmetic !== undefined,
    node,
    runs: runs.root.map((root, index) => ({
      index,
      file: ofRun(runs.file, index),
      model: at(strings, ofRun(runs.model, index)),
      keys: Object.fromEntries(
        Object.entries(runs.keys).map(([key, { values, of }]) => [key, at(values, ofRun(of, index))]),
      ),
      batch: ofRun(runs.batch, index),
      length: ofRun(runs.length, index),
      newTokens: ofRun(runs.new_tokens, index),
      device: runs.device ? at(strings, ofRun(runs.device, index)) : "",
      level: ofRun(runs.level, index) ?? undefined,
      scope: at(strings, ofRun(runs.scope, index)),
      root,
      prediction: at(strings, ofRun(runs.prediction, index)),
      predicted: at(nodes.predicted, root),
      measured: valueIn(nodes.measured, root),
      low: valueIn(nodes.low, root),
      high: valueIn(nodes.high, root),
      seconds: valueIn(nodes.seconds, root),
    })),
  };
}
