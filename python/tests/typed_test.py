"""The package is typed: mypy --strict passes over it, over the examples of docs/python.md, and over what a user would
write; what a user should not write is found."""

import inspect
import os
import re
import subprocess
import sys
import textwrap

import irene
from support import SOURCE, Case, main


def examples():
    """The programs of docs/python.md: blocks that begin with an import, or with the name of a file."""
    page = (SOURCE / "docs" / "python.md").read_text()
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", page, re.MULTILINE):
        program = textwrap.dedent(block.strip("\n") + "\n")
        if re.match(r"(import|from) |# \w+\.py\n", program):
            yield program


class Typed(Case):
    def mypy(self, *files):
        return subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.9", "--cache-dir", str(self.folder / "c"),
             *map(str, files)],
            capture_output=True, text=True, check=False, cwd=self.folder,
            env={**os.environ, "MYPYPATH": os.pathsep.join(["", str(SOURCE / "python")]).lstrip(os.pathsep)},
        )

    def test_mypy_is_content(self):
        if subprocess.run([sys.executable, "-m", "mypy", "--version"], capture_output=True, check=False).returncode:
            self.lacking("mypy is absent, so types were not checked")
            return
        files = []
        for number, program in enumerate(examples()):
            files.append(self.folder / f"example_{number}.py")
            files[-1].write_text(program)
        self.assertGreater(len(files), 1)
        done = self.mypy(SOURCE / "python" / "irene", *files)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        wrong = self.folder / "wrong.py"
        wrong.write_text("import irene\n\nname: int = irene.load_model('a').name\nirene.extract('a', batch_sizes=1)\n")
        done = self.mypy(wrong)
        self.assertIn("wrong.py:3: error", done.stdout)
        self.assertIn("wrong.py:4: error", done.stdout)

    def test_everything_public_is_documented(self):
        for name in irene.__all__:
            thing = getattr(irene, name)
            if not inspect.isclass(thing) and not inspect.isfunction(thing):
                continue
            self.assertTrue(inspect.getdoc(thing), name)
            for member, value in vars(thing).items() if inspect.isclass(thing) else ():
                if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                    self.assertTrue(inspect.getdoc(value), f"{name}.{member}")

    def test_a_star_replaces_no_builtin(self):
        import builtins

        self.assertEqual([name for name in irene.__all__ if hasattr(builtins, name)], [])

    def test_nothing_is_required(self):
        done = subprocess.run(
            [sys.executable, "-c", "import irene, sys; print(*sorted(sys.modules))"],
            capture_output=True, text=True, check=True,
        )
        heavy = {"numpy", "pandas", "sklearn", "torch", "json", "tempfile", "dataclasses", "inspect", "dask"}
        found = heavy & set(done.stdout.split())
        self.assertEqual(found, set(), "import irene takes what it needs later")


if __name__ == "__main__":
    main()
