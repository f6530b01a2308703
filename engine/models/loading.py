"""One load at a time."""

from __future__ import annotations

import threading

__all__ = ["LOADING"]

# transformers imports its parts when their names are first asked for. Two threads that do so at once find modules that
# are half made ("cannot import name 'AutoModel'").
LOADING = threading.RLock()
