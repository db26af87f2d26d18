"""What the library refuses, and what it warns of, as Python has them."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Optional, Tuple

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Error(Exception):
    """A refusal, in one line: ``str(error)`` names the file, line, node and field, as the commands do.

    Attributes:
        kind: ``"usage"`` for an argument or a config that cannot be honoured, ``"data"`` for a malformed file or
            tree, ``"no_input"`` for what cannot be read, ``"cannot_create"`` and ``"cannot_write"`` for outputs,
            ``"broken_pipe"`` and ``"interrupted"``.
        file: the path or the name of the input; None where there is none.
        line: the line in it, from 1; None where it is not known.
        byte: the position in the line, from 1; None where it is not known.
        node: the scope of the node; None where none is meant.
        field: the key in the document; None where none is meant.
    """

    def __init__(
        self,
        message: str,
        kind: str = "usage",
        file: Optional[str] = None,
        line: Optional[int] = None,
        byte: Optional[int] = None,
        node: Optional[str] = None,
        field: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.file = file
        self.line = line
        self.byte = byte
        self.node = node
        self.field = field

    def __reduce__(self) -> Tuple[object, ...]:
        place = (self.kind, self.file, self.line, self.byte, self.node, self.field)
        return (type(self), (str(self), *place))


class Warning(UserWarning):
    """What the user should know of work that was done all the same."""


def warn(message: str) -> None:
    """Raises a warning where the package was called from."""
    level = 1
    frame = sys._getframe(0)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    warnings.warn(message, Warning, stacklevel=level)
