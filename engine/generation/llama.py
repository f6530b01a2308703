"""llama.cpp on a GGUF, with an adapter attached for the length of one answer.

A thin wrapper on llama-cpp-python's low-level module. Attaching or detaching an adapter makes the KV
cache stale, so every use goes through ``_session``: under one lock it sets the adapter, clears the
cache, and afterwards detaches and frees the adapter and clears the cache again.
"""

from __future__ import annotations

import codecs
import ctypes
import logging
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np

from engine.errors import Cancelled, GenerationError, ModelError
from engine.generation.native import forget_complaints, library, why
from engine.generation.prompt import Piece
from engine.types import CancelToken, Floats

__all__ = ["Guide", "Llama"]

_LOG = logging.getLogger(__name__)

BATCH = 512  # prompt tokens between two looks at the cancel token
_GGML_TYPE_F32 = 0
# Mild, so that names may recur: only what was written counts, the prompt does not.
_REPEAT_PENALTY, _REPEAT_WINDOW = 1.1, 64
_DRY_MULTIPLIER, _DRY_BASE, _DRY_ALLOWED = 0.8, 1.75, 12

_PARAMETERS_A_THREAD = 50_000_000
_WORTH_A_GPU = 200 << 20  # bytes of a model's file; below it a processor is as fast, and gives the same bits everywhere


class Guide(Protocol):
    """Has a say in which token comes next."""

    def restrict(self, logits: Floats) -> None:
        """Change the logits (vocabulary,) in place before a token is chosen."""

    def accept(self, token: int) -> None:
        """Take note of the token that was chosen."""


class Llama:
    """One loaded model. Its methods may be called from any thread; one answer is written at a time."""

    def __init__(self, gguf: Path, *, context: int, threads: int = 1, exact: bool = False) -> None:
        """Map the GGUF into memory with room for ``context`` tokens; ModelError when it cannot be loaded.

        ``exact`` computes attention in float32, which takes twice as long to read a prompt: for comparisons with
        other implementations, where the fast kernels' float16 keys and values would hide errors of our own.
        """
        self._lib = lib = library()
        self._model: Any = None
        self._context: Any = None
        self._lock = threading.Lock()
        self._writer: int | None = None  # the thread that holds the lock
        forget_complaints()
        if not gguf.is_file():
            raise ModelError(f"there is no model file {gguf}")
        on_gpu = bool(lib.llama_supports_gpu_offload()) and gguf.stat().st_size > _WORTH_A_GPU
        failed = self._open(gguf, context, threads, exact=exact, on_gpu=on_gpu)
        if not failed:
            place = "the GPU" if on_gpu else "the processor: it is small, or llama.cpp was built for no GPU"
            _LOG.info("%s answers on %s", gguf.name, place)
        elif on_gpu:
            _LOG.warning("%s answers on the processor: the GPU has not enough memory%s", gguf.name, why())
            failed = self._open(gguf, context, threads, exact=exact, on_gpu=False)
        if failed == "model":
            raise ModelError(f"the model file {gguf} cannot be loaded{why()}")
        if failed:
            self.close()
            raise ModelError(f"there is not enough memory for a context of {context} tokens{why()}")
        self.context = context
        self._batch = min(BATCH, context)

    def _open(self, gguf: Path, context: int, threads: int, *, exact: bool, on_gpu: bool) -> str:
        """Load the model and make room for a context; return which of the two failed, "model" or "context", or ""."""
        lib = self._lib
        self.close()
        of_model = lib.llama_model_default_params()
        of_model.n_gpu_layers = -1 if on_gpu else 0  # all or none
        self._model = lib.llama_model_load_from_file(str(gguf).encode(), of_model)
        if not self._model:
            return "model"
        self._vocabulary = lib.llama_model_get_vocab(self._model)
        self.vocabulary_size = int(lib.llama_vocab_n_tokens(self._vocabulary))
        params = lib.llama_context_default_params()
        params.n_ctx = context
        params.n_batch = params.n_ubatch = min(BATCH, context)
        params.n_threads_batch = threads
        # One token at a time is little work: in a small model threads wait for each other longer than they compute.
        params.n_threads = min(threads, 1 + int(lib.llama_model_n_params(self._model)) // _PARAMETERS_A_THREAD)
        params.no_perf = True
        if exact:
            params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
            params.type_k = params.type_v = _GGML_TYPE_F32
        self._context = lib.llama_init_from_model(self._model, params)
        return "" if self._context else "context"

    def close(self) -> None:
        """Free the model; harmless when called twice."""
        if self._context:
            self._lib.llama_free(self._context)
            self._context = None
        if self._model:
            self._lib.llama_model_free(self._model)
            self._model = None

    def __enter__(self) -> Llama:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- tokens -------------------------------------------------------------------------------

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        buffer = (self._lib.llama_token * room)()
        count = self._lib.llama_tokenize(self._vocabulary, data, len(data), buffer, room, False, special)
        if count < 0:
            raise GenerationError(f"a text of {len(data):,} bytes cannot be turned into tokens")
        return list(buffer[:count])

    def tokenize(self, pieces: Sequence[Piece]) -> list[int]:
        """Return the token ids of a prompt; only ``special`` pieces can yield control tokens.

        Raises GenerationError for a special piece that is not made of this model's control tokens.
        """
        found: list[int] = []
        for piece in pieces:
            tokens = self._tokens(piece.text, special=piece.special)
            if piece.special and not all(self._is_control(token) for token in tokens):
                raise GenerationError(f"the model has no control token {piece.text!r}")
            found.extend(tokens)
        return found

    def count(self, pieces: Sequence[Piece]) -> int:
        """Return how many tokens the pieces take."""
        return len(self.tokenize(pieces))

    def _is_control(self, token: int) -> bool:
        return bool(self._lib.llama_vocab_is_control(self._vocabulary, token))

    def pieces(self) -> tuple[list[bytes], list[bool]]:
        """Return every token of the vocabulary as bytes, and whether it is a control token."""
        numbers = range(self.vocabulary_size)
        return [self._bytes(number) for number in numbers], [self._is_control(number) for number in numbers]

    def ends(self) -> list[int]:
        """Return the tokens that end a text."""
        return [n for n in range(self.vocabulary_size) if self._lib.llama_vocab_is_eog(self._vocabulary, n)]

    def _bytes(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        length = self._lib.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, True)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = self._lib.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, True)
        return buffer.raw[:length]

    # -- evaluation ---------------------------------------------------------------------------

    @contextmanager
    def _session(self, adapter: Path | None) -> Iterator[None]:
        """Hold the model with the adapter attached and an empty KV cache; leave it without either."""
        if self._writer == threading.get_ident():
            raise GenerationError("the previous answer is still being written")
        with self._lock:
            self._writer = threading.get_ident()
            attached: Any = None
            try:
                attached = self._attach(adapter)
                yield
            finally:
                self._detach(attached)
                self._writer = None

    def _attach(self, adapter: Path | None) -> Any:
        if not self._context:
            raise GenerationError("the model was closed")
        attached: Any = None
        if adapter is not None:
            forget_complaints()
            attached = self._lib.llama_adapter_lora_init(self._model, str(adapter).encode())
            if not attached:
                raise GenerationError(f"the adapter {adapter} cannot be attached to this model{why()}")
            adapters = (self._lib.llama_adapter_lora_p_ctypes * 1)(attached)
            self._lib.llama_set_adapters_lora(self._context, adapters, 1, (ctypes.c_float * 1)(1.0))
        self._forget()
        return attached

    def _detach(self, attached: Any) -> None:
        if not self._context:
            return
        if attached:
            self._lib.llama_set_adapters_lora(self._context, None, 0, None)
            self._lib.llama_adapter_lora_free(attached)
        self._forget()

    def _forget(self) -> None:
        """Clear the KV cache: what it holds was computed with other weights."""
        self._lib.llama_memory_clear(self._lib.llama_get_memory(self._context), True)

    def _check_length(self, tokens: Sequence[int], wanted: int) -> None:
        if not tokens:
            raise GenerationError("there is nothing to read: the prompt is empty")
        if len(tokens) + wanted > self.context:
            raise GenerationError(
                f"a prompt of {len(tokens):,} tokens does not fit into the model's context of {self.context:,}"
            )

    def _decode(self, batch: Any) -> None:
        status = self._lib.llama_decode(self._context, batch)
        if status != 0:
            raise GenerationError(f"the model stopped with status {status}{why()}")

    def _read(self, tokens: Sequence[int], cancel: CancelToken | None) -> None:
        """Evaluate the prompt in batches; the logits of its last token remain."""
        for start in range(0, len(tokens), self._batch):
            if cancel is not None and cancel.is_set():
                raise Cancelled("stopped")
            part = tokens[start : start + self._batch]
            buffer = (self._lib.llama_token * len(part))(*part)
            self._decode(self._lib.llama_batch_get_one(buffer, len(part)))

    def logits(self, tokens: Sequence[int], adapter: Path | None = None) -> Floats:
        """Return the logits after every token, (n, vocabulary).

        Raises GenerationError when the tokens do not fit into the context.
        """
        self._check_length(tokens, 0)
        rows: list[Floats] = []
        with self._session(adapter):
            batch = self._lib.llama_batch_init(self._batch, 0, 1)
            try:
                for start in range(0, len(tokens), self._batch):
                    part = tokens[start : start + self._batch]
                    batch.n_tokens = len(part)
                    for i, token in enumerate(part):
                        batch.token[i], batch.pos[i], batch.logits[i] = token, start + i, 1
                        batch.n_seq_id[i] = 1
                        batch.seq_id[i][0] = 0
                    self._decode(batch)
                    pointer = self._lib.llama_get_logits(self._context)
                    rows.append(np.ctypeslib.as_array(pointer, (len(part), self.vocabulary_size)).copy())
            finally:
                self._lib.llama_batch_free(batch)
        return np.concatenate(rows)

    # -- writing ------------------------------------------------------------------------------

    def _sampler(self, temperature: float, seed: int, *, guided: bool) -> Any:
        lib = self._lib
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        if not guided:  # a guided answer is copied, names and all, and who guides it sees to its loops
            penalties = lib.llama_sampler_init_penalties(
                self.vocabulary_size, _REPEAT_WINDOW, _REPEAT_PENALTY, 0.0, 0.0
            )
            lib.llama_sampler_chain_add(chain, penalties)
            dry = lib.llama_sampler_init_dry(
                self._vocabulary, _DRY_MULTIPLIER, _DRY_BASE, _DRY_ALLOWED, self.context, None, 0
            )
            lib.llama_sampler_chain_add(chain, dry)
        if temperature > 0:
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_temp(temperature))
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_dist(seed))
        else:
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_greedy())
        return chain

    def sample(
        self,
        tokens: Sequence[int],
        *,
        adapter: Path | None = None,
        max_tokens: int,
        guide: Guide | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        cancel: CancelToken | None = None,
    ) -> Generator[int, None, None]:
        """Yield the tokens that continue a prompt, greedily unless ``temperature`` > 0.

        Ends at ``max_tokens``, at the end of the context, and before a token that ends a text (``ends``). ``guide`` may
        rule out tokens at every step. Close the iterator to stop early. Raises GenerationError when the prompt
        leaves no room for one token or the adapter does not fit, Cancelled when ``cancel`` is set.
        """
        self._check_length(tokens, 1)
        with self._session(adapter):
            self._read(tokens, cancel)
            sampler = self._sampler(temperature, seed, guided=guide is not None)
            try:
                yield from self._sampled(sampler, min(max_tokens, self.context - len(tokens)), guide, cancel)
            finally:
                self._lib.llama_sampler_free(sampler)

    def _sampled(self, sampler: Any, room: int, guide: Guide | None, cancel: CancelToken | None) -> Iterator[int]:
        for step in range(room):
            if cancel is not None and cancel.is_set():
                raise Cancelled("stopped")
            if guide is not None:
                pointer = self._lib.llama_get_logits_ith(self._context, -1)
                guide.restrict(np.ctypeslib.as_array(pointer, (self.vocabulary_size,)))
            token = int(self._lib.llama_sampler_sample(sampler, self._context, -1))
            if guide is not None:
                guide.accept(token)
            if self._lib.llama_vocab_is_eog(self._vocabulary, token):
                return
            yield token
            if step + 1 < room:
                buffer = (self._lib.llama_token * 1)(token)
                self._decode(self._lib.llama_batch_get_one(buffer, 1))

    def texts(self, tokens: Generator[int, None, None], stop: Sequence[str] = ()) -> Generator[str, None, None]:
        """Yield tokens as text in pieces of whole characters, up to a control token or any text in ``stop``.

        Closes ``tokens``.
        """
        with closing(tokens):
            yield from _until(stop, self._characters(tokens))

    def _characters(self, tokens: Iterator[int]) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for token in tokens:
            if self._is_control(token):
                return
            text = decoder.decode(self._bytes(token))
            if text:
                yield text

    def generate(
        self,
        tokens: Sequence[int],
        *,
        adapter: Path | None = None,
        max_tokens: int,
        stop: Sequence[str] = (),
        guide: Guide | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        cancel: CancelToken | None = None,
    ) -> Generator[str, None, None]:
        """Yield the continuation of a prompt as text: what ``sample`` yields, read by ``texts``."""
        found = self.sample(
            tokens,
            adapter=adapter,
            max_tokens=max_tokens,
            guide=guide,
            temperature=temperature,
            seed=seed,
            cancel=cancel,
        )
        return self.texts(found, stop)


def _until(stop: Sequence[str], pieces: Iterator[str]) -> Iterator[str]:
    """Yield text up to the first stop text, holding back what could become its beginning."""
    held = ""
    for piece in pieces:
        held += piece
        ends = [at for at in (held.find(text) for text in stop if text) if at >= 0]
        if ends:
            held = held[: min(ends)]
            break
        keep = max((_overlap(held, text) for text in stop if text), default=0)
        if len(held) > keep:
            yield held[: len(held) - keep]
            held = held[len(held) - keep :]
    if held:
        yield held


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of ``text`` that begins ``stop``."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
