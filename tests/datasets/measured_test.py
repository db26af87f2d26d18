#!/usr/bin/env python3
"""Tests datasets/measured.py on made-up sources of the published form.

usage: measured_test.py MEASURED.PY
"""
import contextlib
import importlib.util
import io
import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True


def load(path):
    spec = importlib.util.spec_from_file_location('measured', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ENERGAIZER = '''workload,energy,time,avg_freq,temp
optmodel_opt-1p3b_pfp32_b4_s128_modeprefill_freq900_iter2.csv,20.5,150.25,900.0,60.0
optmodel_opt-1p3b_pbf16_b16_s128_modeprefill_freq900_iter2.csv,9.25,50.5,900.0,60.0
optmodel_opt-1p3b_pbf16_b4_s128_modeprefill_freq900_iter2.csv,2.5,20.125,900.0,60.0
optmodel_opt-1p3b_pbf16_b4_s128_modeprefill_attneager_freq900_iter2.csv,2.4,20.0,900.0,60.0
qwen2model_qwen2-1p5b_pbf16_b8_s4096_modeprefill_attneager_freq900_iter2.csv,9.6,150.0,900.0,60.0
vitmodel_large_pbf16_b64_freq900_iter254.csv,21.5,125.0,900.0,60.0
resnet101__pbf16_b16_freq900_iter2437.csv,1.4,13.0,900.0,60.0
'''
PREFILL = '''config,batch_size,seq_len,new_tokens,dtype,attention,gpus,joules,seconds
opt-1.3b,4,128,0,bfloat16,eager,1,2.5,0.020125
opt-1.3b,4,128,0,bfloat16,eager,1,2.4,0.02
opt-1.3b,16,128,0,bfloat16,eager,1,9.25,0.0505
opt-1.3b,4,128,0,float32,eager,1,20.5,0.15025
'''


def served(model, batch, tokens, joules, speed, gpus=1, dtype='bfloat16', kind='Dense Transformer', gpu='H100'):
    return {
        'model_id': model, 'avg_batch_size': batch, 'avg_output_len': tokens, 'energy_per_request_joules': joules,
        'output_throughput_tokens_per_sec': speed, 'num_gpus': gpus, 'weight_precision': dtype, 'architecture': kind,
        'gpu_model': gpu,
    }


GPQA = [
    served('Qwen/Qwen3-8B', 15.96, 100.4, 2.0, 100.0),
    served('Qwen/Qwen3-8B', 8.0, 100.0, 3.0, 100.0, gpu='B200'),
    served('deepseek-ai/DeepSeek-R1-0528', 8.0, 100.0, 3.0, 100.0, gpus=8, kind='MoE'),
    served('openai/gpt-oss-20b', 8.0, 200.0, 1.5, 400.0, dtype='mxfp4', kind='MoE'),
]
CHAT = [
    served('Qwen/Qwen3-8B', 7.99, 50.0, 4.0, 80.0),
    served('Qwen/Qwen3-235B-A22B-Instruct-2507-FP8', 8.0, 10.0, 5.0, 40.0, gpus=4, dtype='fp8', kind='MoE'),
]
GENERATED = {
    'generate_h100_dense.csv': ['Qwen3-8B,16,300,100,bfloat16,flash,1,32,16.064', 'Qwen3-8B,8,300,50,bfloat16,flash,1,32,5'],
    'generate_h100_moe.csv': ['gpt-oss-20b,8,300,200,mxfp4,flash,1,12,4'],
    'generate_h100_moe_float8.csv': ['Qwen3-235B-A22B,8,300,10,float8,flash,4,40,2'],
}


def run(measured, *arguments):
    """Exit code and what it said."""
    sys.argv = ['measured.py', *map(str, arguments)]
    with contextlib.redirect_stderr(io.StringIO()) as said:
        code = measured.main()
    return code, said.getvalue()


def main():
    measured = load(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        downloaded, runs = pathlib.Path(name) / 'downloaded', pathlib.Path(name) / 'runs'
        downloaded.mkdir()
        assert run(measured)[0] == 64
        code, said = run(measured, downloaded, runs)
        assert code == 66 and said.count('\n') == 3 and not runs.exists(), said

        (downloaded / 'energaizer_a100.csv').write_text(ENERGAIZER)
        code, said = run(measured, downloaded, runs)
        assert code == 65 and 'prefill_a100.csv: expected 108 runs, found 4' in said and not runs.exists(), said
        measured.ROWS.update({'prefill_a100.csv': 4, 'generate_h100_dense.csv': 2, 'generate_h100_moe.csv': 1,
                              'generate_h100_moe_float8.csv': 1})
        code, said = run(measured, downloaded, runs)
        assert code == 0 and 'energaizer_h100.csv' in said, said
        assert (runs / 'prefill_a100.csv').read_text() == PREFILL
        assert [path.name for path in runs.iterdir()] == ['prefill_a100.csv']

        (downloaded / 'mlenergy_gpqa.json').write_text(json.dumps({'configurations': GPQA}))
        (downloaded / 'mlenergy_lm-arena-chat.json').write_text(json.dumps({'configurations': CHAT}))
        assert run(measured, downloaded, runs)[0] == 0
        for table, rows in GENERATED.items():
            found = (runs / table).read_text().splitlines()
            assert found == [PREFILL.splitlines()[0], *rows], (table, found)

        (downloaded / 'mlenergy_gpqa.json').write_text(json.dumps({'configurations': [{'gpu_model': 'H100'}]}))
        code, said = run(measured, downloaded, runs)
        assert code == 65 and "'model_id'" in said, said
    print('measured.py reads what it should')


if __name__ == '__main__':
    main()
