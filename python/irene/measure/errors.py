"""What this machine, or the command line, cannot do, in one line with the remedy."""

from __future__ import annotations

# Exit codes, as the commands have them.
USAGE = 64
DATA = 65
NO_INPUT = 66
CANNOT_CREATE = 73
CANNOT_WRITE = 74


class Refusal(Exception):
    """One line that says what is missing or wrong, and what to do about it.

    `exit_code` is that of the command: 64 what cannot be honoured, a package that is absent among it; 65 bad data;
    66 what does not exist or cannot be read; 73, 74 an output that cannot be created or written.
    """

    def __init__(self, message: str, exit_code: int = USAGE) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def reason(error: BaseException) -> str:
    """The first line of what another library says went wrong."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
