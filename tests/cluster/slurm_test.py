#!/usr/bin/env python3
"""The array job of docs/cluster.md, as it stands there, under a real Slurm: the joined parts equal the single run, byte by
byte, with empty parts among them.

usage: slurm_test.py SOURCE TOOLS
  SOURCE   the repository
  TOOLS    the folder with the built commands

munged, slurmctld and slurmd are started as whoever runs this, need no privilege, and have their key, sockets, ports, states
and logs to themselves, in a folder that is removed. Where they are absent or do not start, the test is skipped with a
sentence; IRENE_CLUSTER_TEST=required makes that a failure.
"""
import contextlib
import ctypes
import os
import pathlib
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'docs'))
import docs_test  # noqa: E402  how pages are read

SECONDS_TO_START = 60
SECONDS_FOR_THE_JOB = 240
PROGRAMS = ('munged', 'munge', 'slurmctld', 'slurmd', 'sinfo', 'sbatch')

# No cgroups, no accounting, nothing that asks for a privilege.
CONFIG = '''
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
{listening}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={work}/munge.socket
StateSaveLocation={work}/controller
SlurmdSpoolDir={work}/node
SlurmctldPidFile={work}/slurmctld.pid
SlurmdPidFile={work}/slurmd.pid
SlurmctldLogFile={work}/slurmctld.log
SlurmdLogFile={work}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
# What the machine really has does not matter: four jobs run beside each other.
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=4
PartitionName=all Nodes=ALL Default=YES
'''


class CannotStart(Exception):
    """What hinders a daemon, in a sentence."""


# ---- nothing is left running ----

def prctl(option, value):
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), 'prctl')


def end_with_parent(signal_number):
    prctl(1, signal_number)  # PR_SET_PDEATHSIG


def adopt_orphans():
    prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def children():
    """The processes whose parent is this one."""
    found = []
    for file in pathlib.Path('/proc').glob('[0-9]*/stat'):
        with contextlib.suppress(OSError):  # it ended meanwhile
            # The name before is in parentheses, and may hold anything.
            if int(file.read_text(errors='replace').rpartition(')')[2].split()[1]) == os.getpid():
                found.append(int(file.parent.name))
    return found


def end_children():
    """Kills all that descends from this process: orphans become children, and are then killed too."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for child in children():
                os.kill(child, signal.SIGKILL)
            os.waitpid(-1, 0)


@contextlib.contextmanager
def nothing_left(work):
    """Afterwards, by whatever way, nothing that was started runs, and the folder is gone."""
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    adopt_orphans()
    for stop in stops:
        signal.signal(stop, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        for stop in stops:
            signal.signal(stop, signal.SIG_IGN)
        end_children()
        shutil.rmtree(work, ignore_errors=True)


def guarded(work, run):
    """The exit code of run(), in a process beside one that waits for it: whichever is killed, the other clears up."""
    worker = os.fork()
    if worker:
        with nothing_left(work):
            _, status = os.waitpid(worker, 0)
        return abs(os.waitstatus_to_exitcode(status))
    code = 1
    try:
        with nothing_left(work):
            end_with_parent(signal.SIGTERM)
            code = run()
    except SystemExit as stop:
        code = stop.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


# ---- a Slurm of our own ----

def free_ports(count):
    """Ports that nobody listens to, below those that the system gives away by itself."""
    found = []
    while len(found) < count:
        port = random.randrange(20000, 30000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(('127.0.0.1', port))
            if port not in found:
                found.append(port)
    return found


def listening(host):
    """The setting by which daemons listen where the machine's name leads: to the loopback device alone, if it leads there.
    Else they listen everywhere, and answer those who have the key."""
    with contextlib.suppress(OSError):
        if socket.gethostbyname(host).startswith('127.'):
            return 'CommunicationParameters=NoCtldInAddrAny,NoInAddrAny'
    return ''


def last_lines(log, count=1):
    lines = log.read_text(errors='replace').strip().split('\n') if log.exists() else []
    return '\n'.join(lines[-count:])


def start(name, arguments, environment, log, answers):
    """Starts a daemon, and returns when the command `answers` succeeds."""
    with open(log, 'ab') as output:
        daemon = subprocess.Popen([name, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=output, preexec_fn=lambda: end_with_parent(signal.SIGKILL))
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if daemon.poll() is not None:
            raise CannotStart(f'{name} ended with exit code {daemon.returncode}: {last_lines(log)}')
        with contextlib.suppress(subprocess.TimeoutExpired):
            if subprocess.run(['sh', '-c', answers], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False, timeout=10).returncode == 0:
                return
        time.sleep(0.2)
    raise CannotStart(f'{name} did not answer within {SECONDS_TO_START} s: {last_lines(log)}')


def start_slurm(work, environment):
    """A cluster of this machine alone. The environment is made to lead to it."""
    host = socket.gethostname().partition('.')[0]
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise CannotStart(f'user {os.geteuid()} has no name, which slurmctld wants') from None
    controller_port, node_port = free_ports(2)
    config = work / 'slurm.conf'
    config.write_text(CONFIG.format(host=host, work=work, user=user, controller_port=controller_port, node_port=node_port,
                                    listening=listening(host)))
    environment['SLURM_CONF'] = str(config)
    for name in ('controller', 'node'):
        (work / name).mkdir()
    key = work / 'munge.key'
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    # Forced, as it wants a folder that everybody can enter: ours is for one user.
    start('munged', ['--foreground', '--force', f'--key-file={key}', f'--socket={work}/munge.socket',
                     f'--pid-file={work}/munged.pid', f'--seed-file={work}/munged.seed', f'--log-file={work}/munged.log'],
          environment, work / 'munged.out', f'munge --no-input --socket="{work}/munge.socket"')
    start('slurmctld', ['-D', '-f', config], environment, work / 'slurmctld.out', 'sinfo --noheader')
    start('slurmd', ['-D', '-f', config], environment, work / 'slurmd.out', 'sinfo --noheader --format=%t | grep -q "^idle"')


# ---- the job ----

def commands_of(page):
    """How the page's section on Slurm splits the data, and the job that it runs."""
    section = page.read_text().partition('\n## Slurm\n')[2].partition('\n## ')[0]
    lines = [line.removeprefix('$ ') for block in docs_test.blocks(section) for line in block.lines]
    found = [[line for line in lines if line.startswith(name)] for name in ('split ', 'sbatch ')]
    if [len(some) for some in found] != [1, 1]:
        raise AssertionError(f'{page}: expected one split and one sbatch in the section on Slurm, found {found}')
    return found[0][0], found[1][0]


def run_job(source, folder, environment):
    """What is wrong with what the page's job wrote; nothing, if nothing is."""
    split, sbatch = commands_of(source / 'docs' / 'cluster.md')
    shell = dict(cwd=folder, env=environment, check=True, timeout=SECONDS_FOR_THE_JOB)
    # Half of the sample: lines so long that some of 16 parts are empty, and some have two.
    lines = (source / 'datasets' / 'simulated.jsonl').read_bytes().splitlines(keepends=True)
    (folder / 'data.jsonl').write_bytes(b''.join(lines[:len(lines) // 2]))
    subprocess.run(['irene-train', '-q', '--config', source / 'configs' / 'additive_specs.json',
                    source / 'datasets' / 'simulated.jsonl', 'model'], **shell)
    subprocess.run(['irene-predict', 'data.jsonl', 'whole.jsonl', 'model'], **shell)
    subprocess.run(split, shell=True, **shell)
    parts = sorted(folder.glob('part.*'))
    sizes = [part.stat().st_size for part in parts]
    print(f'{len(parts)} parts, {sizes.count(0)} of them empty: {sbatch}', flush=True)
    if 0 not in sizes or len(parts) - sizes.count(0) < 2:
        return 'expected empty parts and others'
    subprocess.run(sbatch, shell=True, **{**shell, 'env': {**environment, 'SBATCH_WAIT': '1'}})
    outputs = [folder / f'predictions.{part.name}' for part in parts]
    missing = [output.name for output in outputs if not output.exists()]
    if missing:
        return f'{", ".join(missing)} were not written'
    joined, whole = b''.join(output.read_bytes() for output in outputs), (folder / 'whole.jsonl').read_bytes()
    if joined != whole:
        return f'expected the {len(whole)} bytes of the single run, found {len(joined)} others'
    said = [file.read_text() for file in folder.glob('slurm-*_*.out')]
    if len(said) != len(parts):
        return f'expected an array of {len(parts)} jobs, found what {len(said)} said'
    print(f'{len(parts)} jobs, {len(whole)} bytes, the same')
    return None


def run_test(source, tools, work):
    # Nothing of a cluster that the machine may belong to.
    environment = {name: value for name, value in os.environ.items() if not re.match(r'SLURM|SBATCH|SINFO', name)}
    environment['PATH'] = f'{tools}:{environment["PATH"]}:/usr/sbin:/sbin'
    folder = work / 'job'
    folder.mkdir()
    try:
        for program in PROGRAMS:
            if not shutil.which(program, path=environment['PATH']):
                raise CannotStart(f'{program} is absent')
        start_slurm(work, environment)
    except CannotStart as hindrance:
        print(f'skipped: the job under Slurm: {hindrance}')
        return 1 if os.environ.get('IRENE_CLUSTER_TEST') == 'required' else 77
    try:
        fault = run_job(source, folder, environment)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        fault = str(failure)
    if fault:
        for log in sorted([*work.glob('*.log'), *folder.glob('slurm-*.out')]):
            print(f'---- {log.name}\n{last_lines(log, 20)}', file=sys.stderr)
        print(fault, file=sys.stderr)
        return 1
    return 0


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, tools = (pathlib.Path(name).absolute() for name in sys.argv[1:])
    # Not where TMPDIR says: sockets want short paths, and Slurm's config paths without spaces.
    work = pathlib.Path(tempfile.mkdtemp(prefix='slurm.', dir='/tmp'))
    sys.exit(guarded(work, lambda: run_test(source, tools, work)))


if __name__ == '__main__':
    main()
