"""The Sidetune engine: a repository in, answers with citations out. Knows nothing of any window."""

import os

# Read once, when the first of torch and llama.cpp loads OpenMP. Threads that spin while they wait take the cores
# from the other library, and from the user's compiler: two threads on two busy cores wrote 0 to 47 tokens/s
# spinning, 56 not.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

__version__ = "0.1.0"
