"""Transformers with the attribute names of Hugging Face's, so that their modules have the scopes of irene.extract's trees: BERT,
GPT-2, Llama and Qwen3, as far as a forward pass and a greedy generation need them.
"""

import math

import torch
from torch import nn


def build(config, attention, head):
    """A model of the config's sizes: what `--build small_models.py:build` names."""
    if attention != "eager":
        raise ValueError("these models have eager attention only")
    base = {"bert": Bert, "gpt2": Gpt2, "llama": Llama, "qwen3": Llama}[config["model_type"]](config)
    return WithHead(base, config) if head else base


def attend(query, key, value, mask=None):
    """[batch, heads, tokens, width]; products and softmax as functions, as the library has them."""
    scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores + mask
    return torch.matmul(nn.functional.softmax(scores, dim=-1), value)


def split_heads(states, heads):
    batch, tokens, _ = states.shape
    return states.view(batch, tokens, heads, -1).transpose(1, 2)


def merge_heads(states):
    batch, heads, tokens, width = states.shape
    return states.transpose(1, 2).reshape(batch, tokens, heads * width)


def causal(tokens, like):
    return torch.full((tokens, tokens), float("-inf"), dtype=like.dtype).triu(1)


class BertEmbeddings(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.word_embeddings = nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.position_embeddings = nn.Embedding(c["max_position_embeddings"], c["hidden_size"])
        self.token_type_embeddings = nn.Embedding(2, c["hidden_size"])
        self.LayerNorm = nn.LayerNorm(c["hidden_size"])
        self.dropout = nn.Dropout(0.1)

    def forward(self, input_ids):
        positions = torch.arange(input_ids.shape[1])[None]
        states = self.word_embeddings(input_ids) + self.token_type_embeddings(torch.zeros_like(input_ids))
        return self.dropout(self.LayerNorm(states + self.position_embeddings(positions)))


class BertSelfAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads = c["num_attention_heads"]
        for name in ("query", "key", "value"):
            setattr(self, name, nn.Linear(c["hidden_size"], c["hidden_size"]))

    def forward(self, states):
        query, key, value = (split_heads(part(states), self.heads) for part in (self.query, self.key, self.value))
        return merge_heads(attend(query, key, value))


class BertOutput(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.dense = nn.Linear(width, hidden)
        self.LayerNorm = nn.LayerNorm(hidden)
        self.dropout = nn.Dropout(0.1)

    def forward(self, states, residual):
        return self.LayerNorm(self.dropout(self.dense(states)) + residual)


class BertAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self = BertSelfAttention(c)
        self.output = BertOutput(c["hidden_size"], c["hidden_size"])

    def forward(self, states):
        return self.output(self.self(states), residual=states)  # a keyword argument, as hooks of old do not see it


class BertIntermediate(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.dense = nn.Linear(c["hidden_size"], c["intermediate_size"])

    def forward(self, states):
        return nn.functional.gelu(self.dense(states))


class BertLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention = BertAttention(c)
        self.intermediate = BertIntermediate(c)
        self.output = BertOutput(c["intermediate_size"], c["hidden_size"])

    def forward(self, states):
        attended = self.attention(states)
        return self.output(self.intermediate(attended), attended)


class BertEncoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.layer = nn.ModuleList(BertLayer(c) for _ in range(c["num_hidden_layers"]))

    def forward(self, states):
        for layer in self.layer:
            states = layer(states)
        return states


class BertPooler(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.dense = nn.Linear(c["hidden_size"], c["hidden_size"])
        self.activation = nn.Tanh()

    def forward(self, states):
        return self.activation(self.dense(states[:, 0]))


class Bert(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embeddings = BertEmbeddings(c)
        self.encoder = BertEncoder(c)
        self.pooler = BertPooler(c)

    def forward(self, input_ids):
        states = self.encoder(self.embeddings(input_ids))
        self.pooler(states)
        return states


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, states):
        return self.weight * (states * torch.rsqrt(states.pow(2).mean(-1, keepdim=True) + 1e-6))


class Rotary(nn.Module):
    """Its product is none of the attention's: it runs in a module of its own."""

    def __init__(self, width):
        super().__init__()
        self.register_buffer("frequencies", 10000.0 ** (-torch.arange(0, width, 2) / width))

    def forward(self, tokens):
        angles = torch.matmul(torch.arange(tokens)[:, None].to(self.frequencies), self.frequencies[None])
        angles = torch.cat([angles, angles], -1)
        return angles.cos(), angles.sin()


def turn(states, cosines, sines):
    half = states.shape[-1] // 2
    return states * cosines + torch.cat([-states[..., half:], states[..., :half]], -1) * sines


class LlamaAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        hidden, self.heads, self.key_heads = c["hidden_size"], c["num_attention_heads"], c["num_key_value_heads"]
        width = c.get("head_dim", hidden // self.heads)
        self.q_proj = nn.Linear(hidden, self.heads * width, bias=False)
        self.k_proj = nn.Linear(hidden, self.key_heads * width, bias=False)
        self.v_proj = nn.Linear(hidden, self.key_heads * width, bias=False)
        self.o_proj = nn.Linear(self.heads * width, hidden, bias=False)
        if c["model_type"] == "qwen3":
            self.q_norm, self.k_norm = RmsNorm(width), RmsNorm(width)

    def forward(self, states, positions, mask):
        query = split_heads(self.q_proj(states), self.heads)
        key, value = (split_heads(part(states), self.key_heads) for part in (self.k_proj, self.v_proj))
        if hasattr(self, "q_norm"):
            query, key = self.q_norm(query), self.k_norm(key)
        query, key = turn(query, *positions), turn(key, *positions)
        group = self.heads // self.key_heads
        key, value = key.repeat_interleave(group, 1), value.repeat_interleave(group, 1)
        return self.o_proj(merge_heads(attend(query, key, value, mask)))


class LlamaMLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], bias=False)
        self.up_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], bias=False)
        self.down_proj = nn.Linear(c["intermediate_size"], c["hidden_size"], bias=False)

    def forward(self, states):
        return self.down_proj(nn.functional.silu(self.gate_proj(states)) * self.up_proj(states))


class LlamaLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn = LlamaAttention(c)
        self.mlp = LlamaMLP(c)
        self.input_layernorm = RmsNorm(c["hidden_size"])
        self.post_attention_layernorm = RmsNorm(c["hidden_size"])

    def forward(self, states, positions, mask):
        states = states + self.self_attn(self.input_layernorm(states), positions=positions, mask=mask)
        return states + self.mlp(self.post_attention_layernorm(states))


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.layers = nn.ModuleList(LlamaLayer(c) for _ in range(c["num_hidden_layers"]))
        self.norm = RmsNorm(c["hidden_size"])
        self.rotary_emb = Rotary(c.get("head_dim", c["hidden_size"] // c["num_attention_heads"]))

    def forward(self, input_ids):
        states = self.embed_tokens(input_ids)
        positions, mask = self.rotary_emb(input_ids.shape[1]), causal(input_ids.shape[1], states)
        for layer in self.layers:
            states = layer(states, positions, mask)
        return self.norm(states)


class Conv1D(nn.Module):
    def __init__(self, out, width):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width, out) * 0.02)
        self.bias = nn.Parameter(torch.zeros(out))

    def forward(self, states):
        flat = states.view(-1, states.shape[-1])
        return torch.addmm(self.bias, flat, self.weight).view(*states.shape[:-1], -1)


class Gpt2Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads = c["n_head"]
        self.c_attn = Conv1D(3 * c["n_embd"], c["n_embd"])
        self.c_proj = Conv1D(c["n_embd"], c["n_embd"])

    def forward(self, states):
        query, key, value = (split_heads(part, self.heads) for part in self.c_attn(states).chunk(3, -1))
        return self.c_proj(merge_heads(attend(query, key, value, causal(states.shape[1], states))))


class Gpt2MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c_fc = Conv1D(4 * c["n_embd"], c["n_embd"])
        self.c_proj = Conv1D(c["n_embd"], 4 * c["n_embd"])

    def forward(self, states):
        return self.c_proj(nn.functional.gelu(self.c_fc(states)))


class Gpt2Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(c["n_embd"]), Gpt2Attention(c)
        self.ln_2, self.mlp = nn.LayerNorm(c["n_embd"]), Gpt2MLP(c)

    def forward(self, states):
        states = states + self.attn(self.ln_1(states))
        return states + self.mlp(self.ln_2(states))


class Gpt2(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(c["vocab_size"], c["n_embd"]), nn.Embedding(c["n_positions"], c["n_embd"])
        self.h = nn.ModuleList(Gpt2Block(c) for _ in range(c["n_layer"]))
        self.ln_f = nn.LayerNorm(c["n_embd"])

    def forward(self, input_ids):
        states = self.wte(input_ids) + self.wpe(torch.arange(input_ids.shape[1])[None])
        for block in self.h:
            states = block(states)
        return self.ln_f(states)


class WithHead(nn.Module):
    """Generates greedily, without a cache: enough for a clock."""

    def __init__(self, base, c):
        super().__init__()
        self.model = base
        embeddings = base.wte if isinstance(base, Gpt2) else base.embed_tokens
        self.lm_head = nn.Linear(embeddings.embedding_dim, embeddings.num_embeddings, bias=False)
        if c.get("tie_word_embeddings", isinstance(base, Gpt2)):
            self.lm_head.weight = embeddings.weight

    def forward(self, input_ids):
        return self.lm_head(self.model(input_ids))

    def generate(self, input_ids, max_new_tokens, **_):
        for _ in range(max_new_tokens):
            input_ids = torch.cat([input_ids, self(input_ids)[:, -1:].argmax(-1)], 1)
        return input_ids
