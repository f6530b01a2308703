"""Puts the build scripts of the base model on the import path; they are no part of the installed program."""

from __future__ import annotations

import sys
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "packaging" / "base_model"
if str(BUILD) not in sys.path:
    sys.path.insert(0, str(BUILD))
