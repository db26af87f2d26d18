"""The command `python -m irene.measure`."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import pathlib
import re
import signal
import sys
from typing import Any, Dict, List, NoReturn, Optional

from irene.measure import campaign
from irene.measure.errors import USAGE, Refusal
from irene.measure.journal import Journal, Printed, Table, in_words
from irene.measure.meters import POWERCAP, Meter, Nvml, NvmlDevice, Rapl, Watts, Zeus
from irene.measure.models import builder, check_device, torch_module, with_transformers
from irene.measure.progress import bar
from irene.measure.runs import Bench, Output, measure_all, measure_nodes, measure_whole, plan
from irene.measure.windows import TAKES, Settings

PROGRAM = "irene.measure"
INTERRUPTED, TERMINATED, BUG = 130, 143, 70


def tell(words: str, kind: str = "info") -> None:
    """A line on standard error. What could steer a terminal is spelled out."""
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)
    print(f"{PROGRAM}: {kind}: {printable}", file=sys.stderr, flush=True)


class Parser(argparse.ArgumentParser):
    """Refuses in one line, with the exit code of the commands."""

    def error(self, message: str) -> NoReturn:
        """Ends with exit code 64."""
        raise Refusal(f"{message}; see python -m {PROGRAM} --help")


def sizes(text: str, least: int = 1) -> List[int]:
    """Numbers and ranges FIRST:LAST:STEP, separated by commas."""
    found: List[int] = []
    for part in text.split(","):
        if not re.fullmatch(r"\d{1,9}(:\d{1,9}:\d{1,9})?", part):
            raise argparse.ArgumentTypeError(f"expected numbers and ranges FIRST:LAST:STEP, found '{part}'")
        numbers = [int(number) for number in part.split(":")]
        if len(numbers) == 1:
            found += numbers
        elif numbers[2] < 1 or numbers[1] < numbers[0]:
            raise argparse.ArgumentTypeError(f"the range {part} is empty")
        else:
            found += range(numbers[0], numbers[1] + 1, numbers[2])
    if min(found) < least:
        raise argparse.ArgumentTypeError(f"expected numbers from {least}, found {min(found)}")
    return found


def number(text: str) -> float:
    """A number above 0."""
    if not re.fullmatch(r"(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text) or not 0 < float(text) < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, found '{text}'")
    return float(text)


def parser() -> Parser:
    """The command line."""
    made = Parser(
        prog=f"python -m {PROGRAM}",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measure transformers with random weights on this machine, node by node: joules and seconds in the\n"
        "trees of irene-extract, ready for irene-train and irene-calibrate. A command that was interrupted goes on where\n"
        "it stopped.",
        epilog="examples:\n"
        f"  python -m {PROGRAM} config.json --batch_size 1,8 --seq_len 128,512 --dtype bfloat16 -o measured.jsonl\n"
        f"  python -m {PROGRAM} config.json --new_tokens 64 --dtype bfloat16 --attention flash --runs-only -o runs.csv\n"
        f"  python -m {PROGRAM} config.json --device cpu --watts 45 -o measured.jsonl\n"
        f"  python -m {PROGRAM} --campaign results",
    )
    add = made.add_argument
    add("configs", nargs="*", metavar="CONFIG", help="config files, or folders with a config.json")
    add("-o", "--output", metavar="FILE", default="-", help="where the lines go; '-', the default, is standard output")
    add("--batch_size", type=sizes, default=[1], metavar="LIST", help="sequences: 1,8 or 8:32:8. Default: 1")
    add("--seq_len", type=sizes, default=[128], metavar="LIST", help="tokens of a sequence, or of its prompt. Default: 128")
    add(
        "--new_tokens",
        type=functools.partial(sizes, least=0),
        default=[0],
        metavar="LIST",
        help="tokens that are generated for each sequence, with --runs_only; 0, the default, is one forward pass",
    )
    add("--dtype", choices=["float32", "float16", "bfloat16"], help="numbers of the weights. Default: what the config says")
    add("--attention", choices=["eager", "flash"], default="eager", help="flash: one fused operation, torch 2. Default: eager")
    add("--counting", choices=["paper", "kernels"], help="how flops and bytes are counted, as irene-extract has it")
    add("--model_name", metavar="NAME", help="of a single config's model. Default: the file's name")
    add("--model_type", metavar="TYPE", help="architecture of a config that does not say its own")
    add("--runs_only", action="store_true", help="whole runs alone: the table (CSV) that irene-extract --runs reads")
    add("--device", metavar="DEVICE", help="cpu, cuda or cuda:N. Default: cuda where there is a GPU")
    add(
        "--build",
        metavar="MODULE:FUNCTION",
        help="builds the models in place of transformers: FUNCTION(config, attention, head)",
    )
    add(
        "--meter",
        choices=["nvml", "rapl", "zeus", "watts"],
        help="nvml: NVIDIA's GPU; rapl: processor and memory; zeus: its monitor; watts: an estimate, with --watts. "
        "Default: nvml for a GPU, rapl for a processor",
    )
    add("--watts", type=number, metavar="N", help="no meter: joules are estimated as the seconds times N watts")
    add("--powercap", metavar="DIR", default=str(POWERCAP), help="where RAPL's counters are. Default: %(default)s")
    add("--seconds", type=number, metavar="S", help="of a window, at least. Default: 1")
    add("--max_seconds", type=number, metavar="S", help="of all windows of a node, or of a run. Default: 10; of a campaign 3")
    add("--warm_up", type=number, metavar="S", help="in front of the windows. Default: 0.25")
    add("--error", type=number, metavar="PART", help="standard error at which enough was measured. Default: 0.01")
    add(
        "--take",
        choices=TAKES,
        help="which window tells: the median one, the default, or the fastest, where others use the machine too",
    )
    add("--campaign", metavar="DIR", help="a fixed plan for a GPU machine: six models, whole runs and nodes, into DIR")
    add(
        "--budget",
        type=number,
        default=420.0,
        metavar="S",
        help="seconds after which a campaign begins no further run. Default: 420",
    )
    add("--tiny", action="store_true", help="a rehearsal of the campaign: small models, short windows, on any device")
    return made


def joined(arguments: List[str]) -> List[str]:
    """Options with underscores, however they are spelled: `--seq-len` is `--seq_len`."""
    spelled = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name.startswith("--"):
            name = "--" + name[2:].replace("-", "_")
        spelled.append(name + equals + value)
    return spelled


def meter_of(given: argparse.Namespace, device: Any) -> Meter:
    """The meter that is asked for, or that goes with the device. Refusal where it is not to be had."""
    kind = given.meter or ("watts" if given.watts is not None else "nvml" if device.type == "cuda" else "rapl")
    if (kind == "watts") != (given.watts is not None):
        raise Refusal("--meter watts needs --watts N" if kind == "watts" else f"--watts does not go with --meter {kind}")
    if kind == "watts":
        return Watts(given.watts)
    if kind == "rapl":
        if device.type == "cuda":
            raise Refusal("--meter rapl does not see a GPU; --device cpu measures the processor")
        return Rapl(pathlib.Path(given.powercap))
    if device.type != "cuda":
        raise Refusal(f"--meter {kind} measures a GPU, and the device is {device}; --meter rapl, or --watts N")
    torch = torch_module()
    uuid = getattr(torch.cuda.get_device_properties(device.index), "uuid", None)
    gpu = NvmlDevice(_physical(device.index), str(uuid) if uuid else None, torch.cuda.get_device_name(device.index))
    return Nvml(gpu) if kind == "nvml" else Zeus(device.index, gpu)


def _physical(index: int) -> int:
    """The number that the driver gives to PyTorch's GPU of this number, where its UUID is not known."""
    visible = [part.strip() for part in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    return int(visible[index]) if index < len(visible) and visible[index].isdigit() else index


def settings_of(given: argparse.Namespace) -> Settings:
    """How long is measured."""
    base = Settings()
    if given.campaign:
        base = campaign.TINY_SETTINGS if given.tiny else campaign.SETTINGS
    values: Dict[str, Any] = {key: getattr(given, key) for key in ("seconds", "max_seconds", "warm_up", "error", "take")}
    said = {key: value for key, value in values.items() if value is not None}
    if "seconds" in said and "max_seconds" not in said:
        said["max_seconds"] = max(base.max_seconds, said["seconds"])
    made = Settings(**{**vars(base), **said})
    made.check()
    return made


def check(given: argparse.Namespace) -> None:
    """Refusal of options that do not go together."""
    if given.campaign:
        if given.configs or given.output != "-" or given.runs_only:
            raise Refusal("--campaign has its own configs and files: neither CONFIG, -o nor --runs_only goes with it")
        return
    if given.tiny:
        raise Refusal("--tiny goes with --campaign")
    if not given.configs:
        raise Refusal(f"a config is needed; see python -m {PROGRAM} --help")
    if not given.runs_only and given.new_tokens != [0]:
        raise Refusal("nodes are measured of a forward pass: --new_tokens goes with --runs_only")
    if given.model_name is not None and len(given.configs) > 1:
        raise Refusal("--model_name goes with a single config")


def measure_configs(given: argparse.Namespace, bench: Bench) -> List[str]:
    """The runs that the command line asks for. What was left out, and why."""
    runs = plan(
        given.configs,
        lambda words: tell(words, "warning"),
        batch_size=given.batch_size,
        seq_len=given.seq_len,
        new_tokens=given.new_tokens,
        dtype=given.dtype,
        attention=given.attention,
        counting=given.counting or ("kernels" if given.runs_only else None),
        model_name=given.model_name,
        model_type=given.model_type,
    )
    path = pathlib.Path(given.output)
    output: Output
    if given.output == "-":
        output = Printed(given.runs_only)
    else:
        output = (Table if given.runs_only else Journal)(path, bench.settings(), tell)
    with contextlib.closing(output):
        if output.done:
            tell(f"{given.output}: {len(output.done)} runs are there and stay")

        def one(run: Any) -> Any:
            words = in_words(run.line)
            if given.runs_only:
                tell(words)
                return measure_whole(bench, run, path.parent)
            return measure_nodes(bench, run, lambda found: bar(found, words))

        measured, left_out = measure_all(runs, output, one, lambda words: tell(words, "warning"))
    tell(f"measured {measured} of {len(runs)} runs; joules are of: {bench.meter.joules_of}")
    return left_out


def run(given: argparse.Namespace) -> int:
    """Does what the command line asks for: the exit code."""
    check(given)
    settings = settings_of(given)
    torch = torch_module()
    device = check_device(given.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    build = builder(given.build) if given.build else with_transformers
    meter = meter_of(given, device)
    try:
        bench = Bench(meter, settings, build, str(device), tell)
        if given.campaign:
            folder = pathlib.Path(given.campaign)
            measured, left_out = campaign.measure_campaign(folder, bench, given.budget, given.tiny, tell, bar)
            tell(f"measured {measured} runs; what is known lies in {folder}; joules are of: {meter.joules_of}")
            return 0
        return USAGE if measure_configs(given, bench) else 0
    finally:
        meter.close()


class Terminated(BaseException):
    """SIGTERM came."""


def _terminate(*_: Any) -> None:
    raise Terminated


def main(arguments: Optional[List[str]] = None) -> int:
    """The command: its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return run(parser().parse_args(joined(sys.argv[1:] if arguments is None else arguments)))
    except Refusal as refusal:
        tell(str(refusal), "error")
        return refusal.exit_code
    except (KeyboardInterrupt, Terminated) as stop:
        tell("interrupted; what is written stays, and the same command goes on there")
        return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED
    except Exception as error:  # a bug: one line all the same
        tell(f"internal error, please report it: {type(error).__name__}: {error}", "error")
        return BUG


if __name__ == "__main__":
    sys.exit(main())
