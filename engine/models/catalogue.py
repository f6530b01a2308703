"""What models exist: the bundled one, those that can be installed, and any folder or GGUF on this machine.

Where a revision, a hash or a size stands here, several public projects that pin the same file agree on it. Where
none stands it is not known here: the hub's own metadata is taken when the model is installed, and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.models.shape import Shape

__all__ = ["BUNDLED", "CATALOGUE", "CatalogueEntry", "PinnedFile", "Source", "find"]


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file of a repository; empty or 0 where it is not known before the hub is asked."""

    name: str
    sha256: str = ""
    size: int = 0  # bytes


@dataclass(frozen=True, slots=True)
class Source:
    """A repository on a hub. ``files`` are those that are pinned or, in a repository of GGUF files, the one wanted."""

    repository: str  # "owner/name"
    revision: str = ""  # a commit; empty: whatever is current at installation, which is then kept to
    files: tuple[PinnedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model that can be named in the settings."""

    name: str
    title: str
    notes: str
    folder: Path | None = None  # a folder or a GGUF file of the user's; None: bundled, or to be installed
    licence: str = ""
    shape: Shape | None = None
    context: int = 0  # tokens
    weights: Source | None = None  # safetensors, to tune and to convert
    gguf: Source | None = None  # the publisher's own GGUF, which answers without the weights
    suits: str = ""  # hardware, in words

    @property
    def installable(self) -> bool:
        """Return whether it comes from a hub."""
        return self.weights is not None or self.gguf is not None

    def download_bytes(self, *, answers_only: bool) -> int:
        """Return how much there is to fetch, about; 0 where it is not known before the hub is asked."""
        source = self.gguf if answers_only or self.weights is None else self.weights
        if source is None:
            return 0
        known = sum(file.size for file in source.files)
        if known or self.shape is None:
            return known
        # Half precision, or what the four-bit and eight-bit kinds of the catalogue have been seen to take.
        a_weight = 2.0 if source is self.weights else 0.63 if "q4_k_m" in source.files[0].name.lower() else 1.07
        return int(self.shape.parameters * a_weight)


BUNDLED = CatalogueEntry(
    name="bundled",
    title="Sidetune's own small model",
    notes=(
        "This is the small model that comes with Sidetune: eight million parameters, trained for an hour and a half on "
        "permissively licensed Python code. It needs no download and writes in seconds on any computer. It is good "
        "for short pointers into the code; names it quotes are copied from the evidence, what it says about them is "
        "often wrong. Rely on the evidence, the checked citations and the facts shown beside it, and choose a larger "
        "model for answers in prose."
    ),
    licence="Apache-2.0",
    suits="Any computer.",
)

_QWEN_VOCABULARY = 151_936
_SMOLLM2_VOCABULARY = 49_152

CATALOGUE: tuple[CatalogueEntry, ...] = (
    BUNDLED,
    CatalogueEntry(
        name="qwen2.5-coder-0.5b",
        title="Qwen2.5-Coder 0.5B Instruct",
        notes="The smallest here that was trained on code. It has what short answers take, and little more.",
        licence="Apache-2.0",
        shape=Shape(24, 896, 4864, 14, 2, 64, _QWEN_VOCABULARY, biased=True),
        context=32_768,
        weights=Source(
            "Qwen/Qwen2.5-Coder-0.5B-Instruct",
            "ea3f2471cf1b1f0db85067f1ef93848e38e88c25",
            (PinnedFile("model.safetensors", size=988_097_824),),
        ),
        gguf=Source(
            "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            "ebb2015119c907b064c512bf053e945850b5875f",
            (
                PinnedFile(
                    "qwen2.5-coder-0.5b-instruct-q8_0.gguf",
                    "e1a77721fa97d412f121878223eec81fb4ae6f271e18f922d746711f67b344d1",
                    675_710_848,
                ),
            ),
        ),
        suits="A laptop with four cores and 8 GB.",
    ),
    CatalogueEntry(
        name="qwen2.5-coder-1.5b",
        title="Qwen2.5-Coder 1.5B Instruct",
        notes="Trained on code, and large enough to explain it in whole sentences.",
        licence="Apache-2.0",
        shape=Shape(28, 1536, 8960, 12, 2, 128, _QWEN_VOCABULARY, biased=True),
        context=32_768,
        weights=Source("Qwen/Qwen2.5-Coder-1.5B-Instruct", "2e1fd397ee46e1388853d2af2c993145b0f1098a"),
        gguf=Source(
            "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            files=(
                PinnedFile(
                    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
                    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
                ),
            ),
        ),
        suits="A Mac with 16 GB, a GPU with 8 GB, or eight fast cores with 16 GB.",
    ),
    CatalogueEntry(
        name="qwen3-0.6b",
        title="Qwen3 0.6B",
        notes="A small general chat model; asked not to think aloud, it answers at once.",
        licence="Apache-2.0",
        shape=Shape(28, 1024, 3072, 16, 8, 128, _QWEN_VOCABULARY, head_norms=True),
        context=40_960,
        weights=Source(
            "Qwen/Qwen3-0.6B",
            "c1899de289a04d12100db370d81485cdf75e47ca",
            (
                PinnedFile(
                    "model.safetensors",
                    "f47f71177f32bcd101b7573ec9171e6a57f4f4d31148d38e382306f42996874b",
                    1_503_300_328,
                ),
            ),
        ),
        gguf=Source(
            "Qwen/Qwen3-0.6B-GGUF",
            "23749fefcc72300e3a2ad315e1317431b06b590a",
            (
                PinnedFile(
                    "Qwen3-0.6B-Q8_0.gguf",
                    "9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031",
                    639_446_688,
                ),
            ),
        ),
        suits="A laptop with four cores and 8 GB.",
    ),
    CatalogueEntry(
        name="qwen3-1.7b",
        title="Qwen3 1.7B",
        notes="A general chat model that also reads code; asked not to think aloud.",
        licence="Apache-2.0",
        shape=Shape(28, 2048, 6144, 16, 8, 128, _QWEN_VOCABULARY, head_norms=True),
        context=40_960,
        weights=Source("Qwen/Qwen3-1.7B", "70d244cc86ccca08cf5af4e1e306ecf908b1ad5e"),
        gguf=Source(
            "Qwen/Qwen3-1.7B-GGUF",
            "90862c4b9d2787eaed51d12237eafdfe7c5f6077",
            (
                PinnedFile(
                    "Qwen3-1.7B-Q8_0.gguf",
                    "061b54daade076b5d3362dac252678d17da8c68f07560be70818cace6590cb1a",
                    1_834_426_016,
                ),
            ),
        ),
        suits="A Mac with 16 GB, a GPU with 8 GB, or eight fast cores with 16 GB.",
    ),
    CatalogueEntry(
        name="qwen3-4b",
        title="Qwen3 4B",
        notes="The largest here that can be tuned; without a GPU it is slow to answer and very slow to tune.",
        licence="Apache-2.0",
        shape=Shape(36, 2560, 9728, 32, 8, 128, _QWEN_VOCABULARY, head_norms=True),
        context=40_960,
        weights=Source("Qwen/Qwen3-4B", "1cfa9a7208912126459214e8b04321603b3df60c"),
        gguf=Source(
            "Qwen/Qwen3-4B-GGUF",
            "bc640142c66e1fdd12af0bd68f40445458f3869b",
            (
                PinnedFile(
                    "Qwen3-4B-Q4_K_M.gguf",
                    "7485fe6f11af29433bc51cab58009521f205840f5b4ae3a32fa7f92e8534fdf5",
                    2_497_280_256,
                ),
            ),
        ),
        suits="A GPU with 12 GB or a Mac with 24 GB; it answers, without tuning, in 8 GB.",
    ),
    CatalogueEntry(
        name="smollm2-360m",
        title="SmolLM2 360M Instruct",
        notes="A very small general chat model of the Llama architecture, not trained for code.",
        licence="Apache-2.0",
        shape=Shape(32, 960, 2560, 15, 5, 64, _SMOLLM2_VOCABULARY),
        context=8192,
        weights=Source(
            "HuggingFaceTB/SmolLM2-360M-Instruct",
            "a10cc1512eabd3dde888204e902eca88bddb4951",
        ),
        gguf=Source("HuggingFaceTB/SmolLM2-360M-Instruct-GGUF", files=(PinnedFile("smollm2-360m-instruct-q8_0.gguf"),)),
        suits="Any laptop with 4 GB.",
    ),
    CatalogueEntry(
        name="smollm2-1.7b",
        title="SmolLM2 1.7B Instruct",
        notes="A general chat model of the Llama architecture, trained in the open.",
        licence="Apache-2.0",
        shape=Shape(24, 2048, 8192, 32, 32, 64, _SMOLLM2_VOCABULARY),
        context=8192,
        weights=Source("HuggingFaceTB/SmolLM2-1.7B-Instruct", "31b70e2e869a7173562077fd711b654946d38674"),
        gguf=Source(
            "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF", files=(PinnedFile("smollm2-1.7b-instruct-q4_k_m.gguf"),)
        ),
        suits="A Mac with 16 GB, a GPU with 8 GB, or eight fast cores with 16 GB.",
    ),
    CatalogueEntry(
        name="smollm3-3b",
        title="SmolLM3 3B",
        notes="Answers in six languages. It cannot be tuned here: some layers of its architecture know no positions.",
        licence="Apache-2.0",
        shape=Shape(36, 2048, 11_008, 16, 4, 128, 128_256),
        context=65_536,
        gguf=Source("ggml-org/SmolLM3-3B-GGUF", files=(PinnedFile("SmolLM3-Q4_K_M.gguf", size=1_915_305_312),)),
        suits="8 GB, to answer; it is not tuned.",
    ),
    CatalogueEntry(
        name="granite-4.0-micro",
        title="IBM Granite 4.0 Micro",
        notes="A 3B model for questions about given texts. It cannot be tuned here: its architecture is IBM's own.",
        licence="Apache-2.0",
        gguf=Source(
            "ibm-granite/granite-4.0-micro-GGUF",
            "ec48475f0c811d812fbfb61975717a9c36eeb652",
            (
                PinnedFile(
                    "granite-4.0-micro-Q4_K_M.gguf",
                    "97c417dcc0534b0737c74016fb2af083cb17c3b51eaac621192d23961b7024eb",
                    2_099_502_528,
                ),
            ),
        ),
        suits="8 GB, to answer; it is not tuned.",
    ),
)


def find(name: str) -> CatalogueEntry | None:
    """Return the entry called ``name``, or one for the folder or GGUF that ``name`` is the path of; else None."""
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    path = Path(name).expanduser()
    if path.is_dir():
        notes = f"A model folder on this machine: {path}"
        return CatalogueEntry(name=path.name, title=path.name, notes=notes, folder=path.absolute())
    if path.suffix.lower() == ".gguf" and path.is_file():
        notes = f"A GGUF file on this machine: {path}. It answers; tuning needs the model's folder."
        return CatalogueEntry(name=path.stem, title=path.stem, notes=notes, folder=path.absolute())
    return None
