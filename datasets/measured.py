#!/usr/bin/env python3
"""Turns what others measured into tables of runs, as irene-extract --runs reads them.

usage: measured.py DOWNLOADED RUNS

DOWNLOADED is a folder into which download.sh put its files; into RUNS, which is made where it is missing, go

  prefill_a100.csv, prefill_h100.csv                 EnergAIzer's measurements: one forward pass, PyTorch, eager attention
  generate_h100_dense.csv, generate_h100_moe.csv,    the ML.ENERGY benchmark's: generation in a vLLM server
  generate_h100_moe_float8.csv

A source that is absent is said and its tables are left out. Exit codes: 0, 64 wrong usage, 65 a source that is not what was
expected, 66 none of the sources is there. Needs Python 3 alone.
"""
import csv
import json
import pathlib
import re
import sys

COLUMNS = ['config', 'batch_size', 'seq_len', 'new_tokens', 'dtype', 'attention', 'gpus', 'joules', 'seconds']

# ---- EnergAIzer ----

# The first words of a workload's name, and the config of that transformer in configs/models. Others are of pictures.
ENERGAIZER_MODELS = {
    'bertmodel_large': 'bert-large-uncased',
    'gpt2model_gpt2': 'gpt2',
    'optmodel_opt-1p3b': 'opt-1.3b',
    'qwen2model_qwen2-1p5b': 'Qwen2-1.5B',
}
ENERGAIZER_DTYPES = {'bf16': 'bfloat16', 'fp32': 'float32'}
WORKLOAD = re.compile(r'(?P<model>\w+?_[\w-]+)_p(?P<dtype>bf16|fp32)_b(?P<batch>\d+)_s(?P<length>\d+)_modeprefill'
                      r'(?:_attneager)?_freq\d+_iter\d+\.csv')


def energaizer_runs(path, did_not_run):
    """Energy is in joules, time in milliseconds, of one pass. `did_not_run`: (config, dtype, batch size, length) that ran
    out of memory, which shows as the power of a GPU that does nothing."""
    runs = []
    with open(path, newline='') as file:
        for row in csv.DictReader(file):
            match = WORKLOAD.fullmatch(row['workload'])
            if not match or match['model'] not in ENERGAIZER_MODELS:
                continue
            config, dtype = ENERGAIZER_MODELS[match['model']], ENERGAIZER_DTYPES[match['dtype']]
            batch, length = int(match['batch']), int(match['length'])
            if (config, dtype, batch, length) not in did_not_run:
                runs.append([config, batch, length, 0, dtype, 'eager', 1, float(row['energy']), float(row['time']) / 1000])
    return sorted(runs, key=lambda run: (run[0], run[4], run[1], run[2]))


# ---- ML.ENERGY ----

MLENERGY_MODELS = {
    'Qwen/Qwen3-8B': 'Qwen3-8B',
    'Qwen/Qwen3-14B': 'Qwen3-14B',
    'Qwen/Qwen3-32B': 'Qwen3-32B',
    'Qwen/Qwen3-30B-A3B-Instruct-2507': 'Qwen3-30B-A3B',
    'Qwen/Qwen3-30B-A3B-Thinking-2507': 'Qwen3-30B-A3B',
    'Qwen/Qwen3-235B-A22B-Instruct-2507': 'Qwen3-235B-A22B',
    'Qwen/Qwen3-235B-A22B-Thinking-2507': 'Qwen3-235B-A22B',
    'Qwen/Qwen3-235B-A22B-Instruct-2507-FP8': 'Qwen3-235B-A22B',
    'Qwen/Qwen3-235B-A22B-Thinking-2507-FP8': 'Qwen3-235B-A22B',
    'google/gemma-3-12b-it': 'gemma-3-12b',
    'google/gemma-3-27b-it': 'gemma-3-27b',
    'meta-llama/Llama-3.1-8B-Instruct': 'Llama-3.1-8B',
    'meta-llama/Llama-3.1-70B-Instruct': 'Llama-3.1-70B',
    'meta-llama/Llama-3.1-405B-Instruct-FP8': 'Llama-3.1-405B',
    'meta-llama/Llama-3.3-70B-Instruct': 'Llama-3.3-70B',
    'openai/gpt-oss-20b': 'gpt-oss-20b',
    'openai/gpt-oss-120b': 'gpt-oss-120b',
}
MLENERGY_DTYPES = {'bfloat16': 'bfloat16', 'fp8': 'float8', 'mxfp4': 'mxfp4'}
PROMPT = 300  # tokens: an assumption, as the lengths of prompts are not published; 0 to 1000 change errors by less than a point


def mlenergy_runs(paths):
    """One run is a batch, at steady state, of as many requests as the server held on average, rounded."""
    runs = []
    for task, path in paths:  # in the order of their names
        for row in json.loads(path.read_text())['configurations']:
            if row['gpu_model'] != 'H100' or row['model_id'] not in MLENERGY_MODELS:
                continue
            batch = round(row['avg_batch_size'])
            tokens = row['avg_output_len']
            run = [MLENERGY_MODELS[row['model_id']], batch, PROMPT, round(tokens),
                   MLENERGY_DTYPES[row['weight_precision']], 'flash', row['num_gpus'],
                   row['energy_per_request_joules'] * batch, batch * tokens / row['output_throughput_tokens_per_sec']]
            runs.append((row['architecture'] == 'MoE', task, run))
    runs.sort(key=lambda entry: (entry[2][0], entry[2][6], entry[1], entry[2][1]))
    dense = [run for is_moe, _, run in runs if not is_moe]
    experts = [run for is_moe, _, run in runs if is_moe]
    return {
        'generate_h100_dense.csv': dense,
        'generate_h100_moe.csv': [run for run in experts if run[4] != 'float8'],
        'generate_h100_moe_float8.csv': [run for run in experts if run[4] == 'float8'],
    }


# ---- both ----

# Rows of each table: another number says that a source has changed, or is read wrongly.
ROWS = {
    'prefill_a100.csv': 108,
    'prefill_h100.csv': 56,
    'generate_h100_dense.csv': 101,
    'generate_h100_moe.csv': 71,
    'generate_h100_moe_float8.csv': 26,
}
OUT_OF_MEMORY_ON_A100 = {('Qwen2-1.5B', 'bfloat16', 8, 4096)}


def write(path, runs):
    with open(path, 'w') as file:
        print(','.join(COLUMNS), file=file)
        for run in runs:
            print(*run[:7], '%.6g' % run[7], '%.6g' % run[8], sep=',', file=file)


def main():
    if len(sys.argv) != 3 or sys.argv[1].startswith('-'):
        is_help = sys.argv[1:] in (['-h'], ['--help'])
        print(__doc__.strip(), file=sys.stdout if is_help else sys.stderr)
        return 0 if is_help else 64
    downloaded, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    tasks = [(task, downloaded / f'mlenergy_{task}.json') for task in ('gpqa', 'lm-arena-chat')]
    sources = {
        downloaded / 'energaizer_a100.csv':
            lambda path: {'prefill_a100.csv': energaizer_runs(path, OUT_OF_MEMORY_ON_A100)},
        downloaded / 'energaizer_h100.csv': lambda path: {'prefill_h100.csv': energaizer_runs(path, set())},
        tasks[0][1]: lambda path: mlenergy_runs(tasks),
    }
    tables = {}
    for path, read in sources.items():
        absent = [str(part) for part in ([path] if path.suffix == '.csv' else [task[1] for task in tasks]) if not part.is_file()]
        if absent:
            print(f'measured.py: no {" and no ".join(absent)}; its tables are left out', file=sys.stderr)
            continue
        try:
            tables.update(read(path))
        except (KeyError, ValueError, TypeError) as error:
            print(f'measured.py: {path}: is not what was expected: {error!r}', file=sys.stderr)
            return 65
    if not tables:
        return 66
    for name, runs in tables.items():
        if len(runs) != ROWS[name]:
            print(f'measured.py: {name}: expected {ROWS[name]} runs, found {len(runs)}', file=sys.stderr)
            return 65
    folder.mkdir(parents=True, exist_ok=True)
    for name, runs in tables.items():
        write(folder / name, runs)
    return 0


if __name__ == '__main__':
    sys.exit(main())
