"""One load at a time."""

from __future__ import annotations

import threading

__all__ = ["LOADING"]

# transformers imports its parts when their names are first asked for. Two threads that do so at once find modules that
# are half made ("cannot import name 'AutoModel'"): the encoder of the index and the tuner of a question in one engine.
LOADING = threading.RLock()
