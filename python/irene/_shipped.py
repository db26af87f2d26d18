"""Where trained models, configs and datasheets come with the package."""

from __future__ import annotations

import os
from typing import List


def folders() -> List[str]:
    """The folders that hold ``configs`` and ``models``, nearest first: the package's own, then share/irene of
    the prefix that it is installed in."""
    here = os.path.dirname(os.path.abspath(__file__))
    found = [os.path.join(here, "share")]
    above = os.path.dirname(here)
    while above != os.path.dirname(above):
        found.append(os.path.join(above, "share", "irene"))
        above = os.path.dirname(above)
    return [folder for folder in found if os.path.isdir(os.path.join(folder, "configs", "models"))]
