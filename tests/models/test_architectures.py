"""Real architectures with tiny random weights through the real code, with the base in F16 and in Q8_0."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import ModelError
from engine.generation.llama import Llama
from engine.generation.prompt import Piece
from engine.models.chat import read_chat_format
from engine.models.folder import read_config, read_tensors
from engine.models.gguf import write_lora_gguf, write_model_gguf
from engine.models.install import install_model
from engine.models.local import install_folder
from engine.models.reading import inference_weights, read_gguf
from engine.models.tokenizer import LLAMA3_SPLIT, QWEN2_SPLIT
from tests.models.tiny import ARCHITECTURES, CONTEXT, Architecture, tiny_model

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
TOKENS = np.random.default_rng(5).integers(0, 512, 200).tolist()


def _as_inference_has_it(folder: Path, gguf: Path) -> Any:
    """Return the transformers model with the weights that llama.cpp computes with."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    count = 0
    with torch.no_grad():
        for name, values in inference_weights(folder, gguf):
            assert values.shape == model.get_parameter(name).shape
            model.get_parameter(name).copy_(torch.from_numpy(values))
            count += 1
    assert count
    return model


def _logits(model: Any) -> Any:
    import torch

    with torch.no_grad():
        return model(torch.tensor([TOKENS])).logits[0].numpy()


def _lora(folder: Path, base: Any, seed: int) -> Any:
    import torch
    from peft import LoraConfig, get_peft_model

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = LoraConfig(r=4, lora_alpha=8.0, target_modules=PROJECTIONS, task_type="CAUSAL_LM")
        model = get_peft_model(base, config)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "lora_B" in name:
                    weight.copy_(torch.randn_like(weight) * 0.1)
    return model.eval()


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("precision", ["f16", "q8_0"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_base_adapter_merged_off_and_reloaded(tmp_path: Path, architecture: Architecture, precision: Any) -> None:
    folder = tiny_model(tmp_path / "model", architecture, dtype="float32", seed=3)
    gguf = tmp_path / "model.gguf"
    write_model_gguf(folder, gguf, "tiny", precision=precision)
    base = _as_inference_has_it(folder, gguf)
    plain = _logits(base)
    peft = _lora(folder, base, 1)
    tuned = _logits(peft)
    assert np.abs(tuned - plain).max() > 0.5
    config = read_config(folder)
    tensors = {
        name.removeprefix("base_model.model."): (
            module.lora_A["default"].weight.detach().numpy(),
            module.lora_B["default"].weight.detach().numpy(),
        )
        for name, module in peft.named_modules()
        if "default" in getattr(module, "lora_A", {})
    }
    write_lora_gguf(tmp_path / "adapter.gguf", architecture, tensors, 8.0, config)
    # llama.cpp multiplies quantised rows with activations that it rounds to a byte as well.
    bound = 2e-2 if precision == "f16" else 0.25
    with Llama(gguf, context=CONTEXT, exact=True) as model:
        found_base = model.logits(TOKENS)
        assert np.abs(found_base - plain).max() < bound
        found = model.logits(TOKENS, tmp_path / "adapter.gguf")
        assert np.abs(found - tuned).max() < bound
        assert np.array_equal(model.logits(TOKENS), found_base)  # off is the base
    with Llama(gguf, context=CONTEXT, exact=True) as again:  # reloaded is kept
        assert np.array_equal(again.logits(TOKENS, tmp_path / "adapter.gguf"), found)
    merged = peft.merge_and_unload()
    assert np.abs(_logits(merged) - tuned).max() < 1e-3
    if precision == "f16":
        merged.save_pretrained(tmp_path / "merged")
        for path in folder.glob("tokenizer*"):
            shutil.copy(path, tmp_path / "merged" / path.name)
        write_model_gguf(tmp_path / "merged", tmp_path / "merged.gguf", "merged", precision="f32")
        with Llama(tmp_path / "merged.gguf", context=CONTEXT, exact=True) as model:
            assert np.abs(model.logits(TOKENS) - found).max() < bound


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_is_read_back_is_what_was_written(tmp_path: Path, architecture: Architecture) -> None:
    """Rows back in place, norms back from zero: nothing differs in F32, in Q8_0 a 127th of the largest of a block."""
    from engine.models.gguf import gguf_name, hf_layout

    folder = tiny_model(tmp_path / "model", architecture, dtype="float32", seed=4)
    config, weights = read_config(folder), read_tensors(folder)
    write_model_gguf(folder, tmp_path / "f32.gguf", "tiny", precision="f32")
    assert not list(inference_weights(folder, tmp_path / "f32.gguf"))
    stored = read_gguf(tmp_path / "f32.gguf")
    assert stored.shape is not None and stored.parameters == sum(each.count for each in weights.values())
    for name, entry in weights.items():
        tensor = stored.tensors[gguf_name(name, architecture, int(config["num_hidden_layers"]))]
        back = hf_layout(tensor.load(), name, architecture, config)
        assert np.abs(back - entry.load()).max() < 1e-6, name
    write_model_gguf(folder, tmp_path / "q8_0.gguf", "tiny", precision="q8_0")
    found = dict(inference_weights(folder, tmp_path / "q8_0.gguf"))
    assert {name for name in weights if weights[name].load().ndim == 2} == set(found)
    for name, values in found.items():
        ours = weights[name].load()
        assert 0 < np.abs(values - ours).max() <= np.abs(ours).max() / 127 + 1e-6, name


def test_an_unknown_architecture_is_one_sentence(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folders["llama"], tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": ["MambaForCausalLM"]}))
    with pytest.raises(ModelError, match=r"^models of the architecture MambaForCausalLM are not supported; supported"):
        install_folder(folder, "tiny")


@pytest.mark.parametrize(
    ("architecture", "changes", "sentence"),
    [
        ("llama", {"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}, "rotary scaling 'yarn'"),
        ("llama", {"hidden_act": "relu"}, "with the activation 'relu'"),
        ("qwen2", {"use_sliding_window": True}, "sliding-window attention"),
        ("gemma2", {"query_pre_attn_scalar": 100}, "scale their queries"),
        ("gemma3", {"layer_types": ["full_attention"] * 7}, "other sliding layers"),
    ],
)
def test_what_llama_cpp_would_compute_otherwise_is_refused(
    tiny_folders: dict[str, Path], tmp_path: Path, architecture: str, changes: dict[str, Any], sentence: str
) -> None:
    folder = shutil.copytree(tiny_folders[architecture], tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))
    with pytest.raises(ModelError, match=sentence):
        write_model_gguf(folder, tmp_path / "model.gguf", "tiny")
    assert not (tmp_path / "model.gguf").exists()


# -- tokenizers -----------------------------------------------------------------------------------

TEXTS = (
    "def find_error_handler(self, error, names):\n    for name in names:\n        return self.handlers[name]\n",
    "It's 12345.678 and 0x1F; they'll DON'T we'd — größer 日本語 Ελληνικά 🙂🙂 привет\r\n\r\n\ttab  two   three  \n\n.",
    "    \n\n  indented\t\tx==y!=z  ½ ² ٣ a1b22c333 ... !!! ''' \"\"\" `code` <tag> {{x}} \\n",
    "",
    " ",
    "\n",
)


def _pre_tokenizer(kind: str) -> Any:
    from tokenizers import Regex, pre_tokenizers

    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=kind in {"smollm", "gpt-2"})
    if kind == "gpt-2":
        return level
    first = (
        pre_tokenizers.Digits(individual_digits=True)
        if kind == "smollm"
        else pre_tokenizers.Split(Regex({"qwen2": QWEN2_SPLIT, "llama-bpe": LLAMA3_SPLIT}[kind]), behavior="isolated")
    )
    return pre_tokenizers.Sequence([first, level])


def _with_tokenizer(folder: Path, tokenizer: Any) -> None:
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")


def _trained(kind: str) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(ignore_merges=kind == "llama-bpe"))
    tokenizer.pre_tokenizer = _pre_tokenizer(kind)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=[AddedToken("<|endoftext|>", special=True), AddedToken("<|im_end|>", special=True)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text * 3 for text in TEXTS], trainer=trainer)
    return tokenizer


@pytest.mark.parametrize("kind", ["qwen2", "llama-bpe", "smollm", "gpt-2"])
def test_every_kind_of_splitting_is_the_models_own(tiny_folders: dict[str, Path], tmp_path: Path, kind: str) -> None:
    folder = shutil.copytree(tiny_folders["llama"], tmp_path / "model")
    tokenizer = _trained(kind)
    _with_tokenizer(folder, tokenizer)
    write_model_gguf(folder, tmp_path / "model.gguf", "tiny")
    assert read_gguf(tmp_path / "model.gguf").metadata["tokenizer.ggml.pre"] == kind
    with Llama(tmp_path / "model.gguf", context=CONTEXT) as model:
        for text in TEXTS:
            assert model.tokenize([Piece(text)]) == tokenizer.encode(text, add_special_tokens=False).ids, text
        end = model.tokenize([Piece("<|im_end|>", special=True)])
        assert model._lib.llama_vocab_is_eog(model._vocabulary, end[0])


def test_sentencepiece_merges_by_score_as_the_models_own_by_rank(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    """As Gemma's tokenizer.json has it: spaces as ▁, bytes for what is unknown, every way to split a token a merge."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.Replace(" ", "▁")
    learner.pre_tokenizer = pre_tokenizers.Split(Regex("(?<=.)(?=▁)"), behavior="isolated")
    trainer = trainers.BpeTrainer(vocab_size=230, show_progress=False)
    learner.train_from_iterator([text * 3 for text in TEXTS], trainer=trainer)
    learned = [text for text, _ in sorted(learner.get_vocab().items(), key=lambda item: item[1])]
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    texts = special + [f"<0x{number:02X}>" for number in range(256)] + learned[: 512 - 262]
    vocabulary = {text: number for number, text in enumerate(texts)}
    merges = [
        (text[:cut], text[cut:])
        for text in texts[262:]
        for cut in range(1, len(text))
        if text[:cut] in vocabulary and text[cut:] in vocabulary
    ]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    folder = shutil.copytree(tiny_folders["gemma2"], tmp_path / "model")
    _with_tokenizer(folder, tokenizer)
    write_model_gguf(folder, tmp_path / "model.gguf", "tiny")
    with Llama(tmp_path / "model.gguf", context=CONTEXT) as model:
        for text in TEXTS:
            assert model.tokenize([Piece(text)]) == tokenizer.encode(text, add_special_tokens=False).ids, text
        assert model.tokenize([Piece("<end_of_turn>", special=True)]) == [5]
        assert model._lib.llama_vocab_is_eog(model._vocabulary, 5)


# -- a GGUF alone, or beside weights --------------------------------------------------------------


def test_a_gguf_alone_answers_and_says_why_it_is_not_tuned(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    write_model_gguf(tiny_folders["qwen3"], path, "tiny", precision="q8_0")
    model = install_model(str(path))
    assert (model.name, model.style, model.context, model.weights) == ("model", "chat", CONTEXT, path)
    assert model.untunable == "model is only a GGUF here, which answers; learning needs the model's weights as " + (
        "safetensors beside it."
    )
    weights = install_folder(tiny_folders["qwen3"], "tiny")
    assert weights.untunable == "" and model.id != weights.id and model.parameters == weights.parameters
    assert model.shape is not None and weights.shape is not None
    assert (model.shape.layers, model.shape.head_size) == (weights.shape.layers, weights.shape.head_size)
    ours, theirs = read_chat_format(path), read_chat_format(tiny_folders["qwen3"])
    assert (
        ours.template == theirs.template and set(ours.control) == set(theirs.control) and ours.tokens == theirs.tokens
    )
    (tmp_path / "folder").mkdir()
    shutil.move(path, tmp_path / "folder" / "some.gguf")
    assert install_model(str(tmp_path / "folder")).untunable


def test_a_gguf_beside_its_weights_answers_for_them(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folders["qwen2"], tmp_path / "model")
    alone = install_folder(folder, "tiny")
    write_model_gguf(folder, folder / "own.gguf", "tiny", precision="q8_0")
    model = install_folder(folder, "tiny")
    assert model.gguf == folder / "own.gguf" and model.untunable == "" and model.id != alone.id
    assert len(list(inference_weights(folder, model.gguf))) > 10
    other = tiny_model(tmp_path / "other", "qwen2", seed=9)
    write_model_gguf(other, folder / "own.gguf", "tiny")
    with pytest.raises(ModelError, match=r"^own.gguf has other weights than the files beside it\. Put each model"):
        install_folder(folder, "tiny")
    write_model_gguf(tiny_folders["llama"], folder / "own.gguf", "tiny")
    with pytest.raises(ModelError, match="is of the architecture llama, the weights beside it of qwen2"):
        install_folder(folder, "tiny")
    write_model_gguf(tiny_folders["qwen2"], folder / "second.gguf", "tiny")
    with pytest.raises(ModelError, match="several GGUF files"):
        install_folder(folder, "tiny")


@pytest.mark.parametrize("keep", [0, 3, 30, 5000, -100])
def test_a_damaged_gguf_is_one_sentence(tiny_folders: dict[str, Path], tmp_path: Path, keep: int) -> None:
    path = tmp_path / "model.gguf"
    write_model_gguf(tiny_folders["qwen2"], path, "tiny")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match="is no GGUF, or it is damaged") as caught:
        install_model(str(path))
    assert "\n" not in str(caught.value)
