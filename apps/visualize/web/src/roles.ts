// What the parts of transformers are called in different families, so that two of them can be laid side by side.

/// Names of one role each; the first is what it is called here.
const ROLES: readonly (readonly string[])[] = [
  ["attention", "attn", "self_attn", "self_attention", "self", "selfattention"],
  ["mlp", "feed_forward", "feedforward", "ffn", "ff"],
  ["layers", "layer", "h", "blocks", "block"],
  ["linear", "conv1d"],
  ["norm", "layernorm", "layer_norm", "rmsnorm", "input_layernorm", "ln_1", "norm1"],
  ["embeddings", "embedding", "embed_tokens", "wte"],
  ["lm_head", "head"],
];
const ROLE_OF = new Map(
  ROLES.flatMap(([role = "", ...others]) => [role, ...others].map((name) => [name, role])),
);

/// "attention" of "self_attn", "3" of "h.3": what stands before the layers' numbers, or the "*" of them all, tells
/// nothing.
export function roleOfName(name: string): string {
  const lower = name.toLowerCase();
  return /(?:^|\.)(\d+|\*)$/.exec(lower)?.[1] ?? ROLE_OF.get(lower) ?? lower;
}

export const isLayer = (name: string): boolean => /^(\d+|\*)$/.test(roleOfName(name));

/// "norm" of "LlamaRMSNorm", "linear" of "Conv1D": a family's name in front tells nothing.
export function roleOfClass(className: string): string {
  const lower = className.toLowerCase();
  const known = ["rmsnorm", "layernorm", "conv1d", "linear", "attention", "embedding", "mlp"];
  const found = known.find((name) => lower.endsWith(name));
  return found === undefined ? lower : (ROLE_OF.get(found) ?? found);
}
