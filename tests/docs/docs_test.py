#!/usr/bin/env python3
"""Runs the commands that the pages show, and compares what they print with what the pages say they do.

usage: docs_test.py SOURCE TOOLS LIBRARY
  SOURCE   the repository
  TOOLS    the folder with the built commands
  LIBRARY  the built libirene_c.so, by this name

CONTRIBUTING.md, "Pages", says how pages are written: a block whose first line begins with "$ " is run, and one of commands
that is not run has "(not run" in what stands before it. Links are followed too.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SECONDS_A_PAGE = 300
PACKAGE = 'the Python package'
# What a line of a block begins with that a reader would type.
COMMAND = re.compile(r'(irene-|\./run\.sh|\.ci/\w|build/\w|tests/\w|sh |python3 |cmake |ctest |cpack |\(cd |git |parallel |sbatch |spark)')


def pages(source):
    tops = [source / 'README.md', source / 'CONTRIBUTING.md', source / 'CHANGELOG.md']
    return tops + sorted(source.glob('docs/*.md')) + [
        source / name for name in ('datasets/README.md', 'tests/README.md', 'tests/benchmarks/README.md')
    ] + sorted(source.glob('models/**/README.md'))


class Block:
    """Lines indented by four spaces, and what stands before them."""

    def __init__(self, line, before):
        self.line = line  # of the page, from 1
        self.before = before
        self.lines = []

    def is_run(self):
        return self.lines[0].startswith('$ ')

    def program(self):
        """The file of a program, whose first line is its name in a comment; None for what is none."""
        name = re.fullmatch(r'# (\w+\.py)', self.lines[0])
        return name.group(1) if name else None

    def has_commands(self):
        return any(COMMAND.match(line) for line in self.lines)

    def commands(self):
        """Pairs of a command and the lines below it."""
        found = []
        for line in self.lines:
            if line.startswith('$ '):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
        for _, printed in found:
            while printed and printed[-1] == '':
                printed.pop()
        return found


def blocks(text):
    """The blocks of a page. Items of a list are no blocks: none of ours has more than one paragraph."""
    found, block, before, paragraph, was_blank = [], None, '', [], True
    for number, line in enumerate(text.split('\n'), 1):
        if line.startswith('    ') and (block or was_blank):
            if block is None:
                block = Block(number, before)
                found.append(block)
            block.lines.append(line[4:])
        elif line.strip() == '':
            if block:
                block.lines.append('')
            elif paragraph:
                before, paragraph = ' '.join(paragraph), []
        else:
            if block:
                before = before if not block.is_run() else ''
                block = None
            paragraph.append(line.strip())
        was_blank = line.strip() == ''
    for block in found:
        while block.lines[-1] == '':
            block.lines.pop()
    return found


def pattern(printed):
    """What lines of a page match: themselves, with "..." for anything, a line of it for any number of lines."""
    parts = []
    for line in printed:
        parts.append('(?:.*\n)*?' if line == '...' else '[^\n]*?'.join(map(re.escape, line.split('...'))) + '\n')
    return re.compile(''.join(parts) + r'\Z')


def prepare(work, source, tools, library):
    """A folder that looks to commands like a checkout after ./run.sh demo and test, whose cmake has nothing to do."""
    # Copies: a command may write over them.
    for name in ('configs', 'examples'):
        shutil.copytree(source / name, work / name)
    (work / 'datasets').mkdir()
    shutil.copy(source / 'datasets' / 'simulated.jsonl', work / 'datasets')
    shutil.copy(source / 'run.sh', work)
    for preset in ('demo', 'test'):
        (work / 'build' / preset / 'src').mkdir(parents=True)
        (work / 'build' / preset / 'bin').symlink_to(tools)
        (work / 'build' / preset / 'src' / library.name).symlink_to(library)
        (work / 'build' / preset / 'python').symlink_to(tools.parent / 'python')
    stubs = work / '.stubs'
    stubs.mkdir()
    programs = [('cmake', 'exit 0'), ('dpkg-query', 'echo install ok installed')]
    if os.environ.get('IRENE_PACKAGE_PYTHON'):  # the one that the package was built for
        programs.append(('python3', f'exec {os.environ["IRENE_PACKAGE_PYTHON"]} "$@"'))
    for name, text in programs:
        (stubs / name).write_text(f'#!/bin/sh\n{text}\n')
        (stubs / name).chmod(0o755)
    return {**os.environ, 'PATH': f'{stubs}:{os.environ["PATH"]}', 'LC_ALL': 'C.UTF-8'}


def missing_program(command, tools):
    """A program of the command that this machine or this build lacks, of those that may be lacking."""
    if 'PYTHONPATH' in command and not (tools.parent / 'python').exists():
        return PACKAGE
    for name in re.findall(r'\birene-\w+|\bparallel\b|\bpython3\b', command):
        if not (tools / name).exists() and not shutil.which(name):
            return name
    return None


def run_page(page, source, tools, library, fail):
    """How many commands were run, and which programs were missing for others."""
    commands, missing, programs = [], set(), {}
    for block in blocks(page.read_text()):
        if PACKAGE in missing:
            break  # all that comes uses it
        if block.program():
            programs[block.program()] = '\n'.join(block.lines) + '\n'
        elif block.is_run():
            for command, printed in block.commands():
                lacking = missing_program(command, tools)
                if lacking:
                    missing.add(lacking)
                    break  # the rest of the block may use what it would have written
                commands.append((block, command, printed))
        elif block.has_commands() and '(not run' not in block.before.lower():
            fail(f'{page}:{block.line}: a block of commands begins neither with "$ ", to be run, nor stands below the '
                 'words "(not run"')
    if not commands:
        return 0, missing
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder, 'checkout')
        work.mkdir()
        environment = prepare(work, source, tools, library)
        for name, text in programs.items():
            (work / name).write_text(text)
        results = pathlib.Path(folder, 'results')
        results.mkdir()
        # One shell, so that what a command exports lasts.
        script = ''.join(f'{{ {command}\n}} >{results}/{i}.out 2>&1 </dev/null; echo $? >{results}/{i}.code\n'
                         for i, (_, command, _) in enumerate(commands))
        subprocess.run(['sh', '-c', script], cwd=work, env=environment, timeout=SECONDS_A_PAGE, check=False)
        for i, (block, command, printed) in enumerate(commands):
            place = f'{page}:{block.line}: $ {command}'
            code = pathlib.Path(results, f'{i}.code')
            if not code.exists():
                fail(f'{place}: was not reached')
                break
            text = pathlib.Path(results, f'{i}.out').read_text(errors='replace')
            text = '\n'.join(line.rstrip() for line in text.split('\n'))
            if text and not text.endswith('\n'):
                text += '\n'
            if code.read_text() != '0\n':
                fail(f'{place}: ended with exit code {code.read_text().strip()} and printed\n{text}')
            elif printed and not pattern(printed).match(text):
                fail(f'{place}: printed\n{text}and the page says\n' + '\n'.join(printed))
    return len(commands), missing


def anchor(heading):
    """The name by which a hosted page's heading is linked to."""
    return re.sub(r'[^\w\- ]', '', heading.strip().lower()).replace(' ', '-')


def check_links(page, source, fail):
    """Links, and what stands in code quotes and looks like a path of the repository."""
    text = page.read_text()
    for name in re.findall(r'`((?:apps|cmake|configs|docs|examples|include|src|tests|\.ci|\.github)/[^`\s]*)`', text):
        # Words in capitals stand for a name.
        if not re.search(r'[A-Z]{4}|[{*]', name) and not (source / name).exists():
            fail(f'{page}: names {name}, where nothing is')
    for target in re.findall(r'\]\(([^)\s]+)\)', text):
        if '://' in target:
            continue
        name, _, heading = target.partition('#')
        file = (page.parent / name).resolve() if name else page
        if not file.is_file() or source.resolve() not in [file, *file.parents]:
            fail(f'{page}: links to {target}, where no file of the repository is')
        elif heading and heading not in map(anchor, re.findall(r'^#+ (.*)', file.read_text(), re.MULTILINE)):
            fail(f'{page}: links to {target}, which has no such heading')


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    source, tools, library = (pathlib.Path(name).absolute() for name in sys.argv[1:])
    faults, num_commands, missing = [], 0, set()
    for page in pages(source):
        check_links(page, source, faults.append)
        run, lacking = run_page(page, source, tools, library, faults.append)
        num_commands += run
        missing |= lacking
    if (source / 'README.md').read_text().count('\n') > 160:
        faults.append('README.md has more than 160 lines: the rest belongs into docs/')
    for fault in faults:
        print(fault, file=sys.stderr)
    for name in sorted(missing):
        print(f'skipped: commands of the pages that need {name}, which is absent')
    print(f'{num_commands} commands of the pages were run')
    sys.exit(1 if faults or not num_commands else 0)


if __name__ == '__main__':
    main()
