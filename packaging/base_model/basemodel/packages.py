"""The allow-list of the corpus: nothing is read that is not named here, whatever is installed.

Permissive libraries only. Left out on purpose: developer tools (linters, documentation builders, test
runners, packaging), web frameworks and HTTP clients, because those are what the model is measured on.
Licences are SPDX expressions of the Python sources, read from each package's own licence file.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ALLOWED", "STANDARD_LIBRARY", "Package"]


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution on PyPI, pinned."""

    name: str
    version: str
    licence: str


STANDARD_LIBRARY = "the CPython standard library"

ALLOWED: tuple[Package, ...] = (
    Package("torch", "2.13.0", "BSD-3-Clause"),
    Package("transformers", "5.23.0", "Apache-2.0"),
    Package("numpy", "2.4.6", "BSD-3-Clause"),
    Package("scipy", "1.17.1", "BSD-3-Clause"),
    Package("scikit-learn", "1.9.1", "BSD-3-Clause"),
    Package("sympy", "1.14.0", "BSD-3-Clause"),
    Package("networkx", "3.6.1", "BSD-3-Clause"),
    Package("pandas", "3.1.1", "BSD-3-Clause"),
    Package("matplotlib", "3.11.2", "Matplotlib (PSF-style)"),
    Package("astropy", "8.0.2", "BSD-3-Clause"),
    Package("statsmodels", "0.15.0", "BSD-3-Clause"),
    Package("nltk", "3.10.4", "Apache-2.0"),
    Package("pillow", "13.0.0", "MIT-CMU"),
    Package("h5py", "3.16.0", "BSD-3-Clause"),
    Package("sqlalchemy", "2.1.9", "MIT"),
    Package("jsonschema", "4.26.0", "MIT"),
    Package("rich", "15.0.0", "MIT"),
    Package("attrs", "26.1.0", "MIT"),
    Package("cryptography", "50.0.2", "Apache-2.0 OR BSD-3-Clause"),
    Package("accelerate", "1.15.0", "Apache-2.0"),
    Package("arrow", "1.4.0", "Apache-2.0"),
    Package("babel", "2.18.0", "BSD-3-Clause"),
    Package("biopython", "1.88", "Biopython OR BSD-3-Clause"),
    Package("boltons", "26.2.0", "BSD-3-Clause"),
    Package("cattrs", "26.2.1", "MIT"),
    Package("dask", "2026.8.0", "BSD-3-Clause"),
    Package("diffusers", "0.42.1", "Apache-2.0"),
    Package("geopandas", "1.2.0", "BSD-3-Clause"),
    Package("joblib", "1.6.0", "BSD-3-Clause"),
    Package("lark", "1.3.1", "MIT"),
    Package("loguru", "0.7.3", "MIT"),
    Package("marshmallow", "4.4.0", "MIT"),
    Package("more-itertools", "11.2.1", "MIT"),
    Package("mpmath", "1.4.1", "BSD-3-Clause"),
    Package("msgpack", "1.2.4", "Apache-2.0"),
    Package("nibabel", "5.4.2", "MIT"),
    Package("optuna", "5.0.0", "MIT"),
    Package("peewee", "4.5.3", "MIT"),
    Package("peft", "0.21.2", "Apache-2.0"),
    Package("pint", "0.25.3", "BSD-3-Clause"),
    Package("prompt-toolkit", "3.0.53", "BSD-3-Clause"),
    Package("psutil", "7.2.2", "BSD-3-Clause"),
    Package("pycparser", "3.12", "BSD-3-Clause"),
    Package("pydantic", "2.14.3", "MIT"),
    Package("pyparsing", "3.3.3", "MIT"),
    Package("python-dateutil", "4.0.0", "Apache-2.0 OR BSD-3-Clause"),
    Package("pyyaml", "6.0.3", "MIT"),
    Package("rdflib", "7.6.0", "BSD-3-Clause"),
    Package("scikit-image", "0.26.0", "BSD-3-Clause"),
    Package("seaborn", "0.13.2", "BSD-3-Clause"),
    Package("shapely", "2.2.0", "BSD-3-Clause"),
    Package("simpy", "4.1.2", "MIT"),
    Package("sortedcontainers", "2.4.0", "Apache-2.0"),
    Package("textual", "8.2.8", "MIT"),
    Package("tinydb", "4.9.0", "MIT"),
    Package("toolz", "1.2.0", "BSD-3-Clause"),
    Package("trio", "0.35.0", "MIT OR Apache-2.0"),
    Package("uncertainties", "3.2.3", "BSD-3-Clause"),
    Package("watchdog", "7.1.0", "Apache-2.0"),
    Package("xarray", "2026.9.0", "Apache-2.0"),
    Package("zarr", "3.1.6", "MIT"),
)
