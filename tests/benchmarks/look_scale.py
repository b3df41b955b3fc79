"""Looks at what is large: 70 billion parameters on ``meta``, 10,000 layers, and forward runs that take long.

    python tests/benchmarks/look_scale.py [llama layers torchinfo]

Each measurement has a fresh process, whose peak of resident memory is that of the look with all imports.
The last part asks torchinfo and ``nnarch_nb.summary`` in turns about networks on values whose bare
forward run takes over half a second; torchinfo waits for such a run, ours does not make one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import torch
from torch import nn

import nnarch_nb

TOKENS, LAYERS, REPEATS = 2048, 10_000, 3
WIDTH, INNER, DEPTH, HEADS, KV_HEADS, WORDS = 8192, 28672, 80, 64, 8, 128_256
LLAMA = {
    "hidden_size": WIDTH, "intermediate_size": INNER, "num_hidden_layers": DEPTH,
    "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "vocab_size": WORDS,
    "max_position_embeddings": 8192, "rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0},
}  # fmt: skip
# Queries and output; keys and values; gate, up and down. Then two norms a layer, one at the end, two tables.
PER_LAYER = 2 * WIDTH**2 + 2 * WIDTH * WIDTH * KV_HEADS // HEADS + 3 * WIDTH * INNER
LLAMA_PARAMS = DEPTH * (PER_LAYER + 2 * WIDTH) + WIDTH + 2 * WORDS * WIDTH
LLAMA_MACS = DEPTH * (TOKENS * PER_LAYER + 2 * TOKENS**2 * WIDTH) + TOKENS * WORDS * WIDTH


def timed(act: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what comes of it, with wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = act()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def resident() -> str:
    """Return the peak of this process, where the system tells it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return "resident memory not measured"
    return f"{int(status.read_text().split('VmHWM:')[1].split()[0]) / 1024:.0f} MB resident at most"


def drawn(model: nn.Module, inputs: Any) -> str:
    from nnarch_nb.core.trace import complete_trace

    _, traced, _ = timed(lambda: complete_trace(model, inputs))
    picture, wall, _ = timed(lambda: nnarch_nb.graph(model, inputs))
    svg, more, _ = timed(lambda: picture.svg)
    seconds = f"{wall:.2f} s, {max(wall - traced, 0) + more:.2f} s of them after the trace"
    return f"graph    {len(picture.nodes)} boxes, {len(svg) / 1000:.0f} kB, {seconds}"


def llama() -> None:
    """70 billion parameters, 2,048 tokens (bounds: 6 s, 700 MB, 60 boxes, 1 s)."""
    from transformers import LlamaConfig, LlamaForCausalLM

    with torch.device("meta"):
        model = LlamaForCausalLM(LlamaConfig(**LLAMA))
    inputs = {"input_ids": torch.zeros(1, TOKENS, dtype=torch.long, device="meta")}
    result, wall, cpu = timed(lambda: nnarch_nb.summary(model, inputs))
    right = (result.params, result.macs) == (LLAMA_PARAMS, LLAMA_MACS)
    print(f"  {result.params:,} parameters, {result.macs:,} MACs: {'right' if right else 'WRONG'}")
    print(f"  summary  {wall:.2f} s wall, {cpu:.2f} s CPU, {resident()}")
    print(f"  {drawn(model, inputs)}")


def layers() -> None:
    """10,000 layers (bound: 15 s)."""
    pairs = LAYERS // 2
    model = nn.Sequential(*(layer for _ in range(pairs) for layer in (nn.Linear(8, 8), nn.ReLU())))
    result, wall, cpu = timed(lambda: nnarch_nb.summary(model, (8,)))
    right = (result.params, result.macs) == (pairs * 72, pairs * 64)
    print(f"  {result.params:,} parameters, {result.macs:,} MACs: {'right' if right else 'WRONG'}")
    print(f"  summary  {wall:.2f} s wall, {cpu:.2f} s CPU, {resident()}")
    print(f"  {drawn(model, (8,))}")


def gpt2() -> tuple[nn.Module, Any]:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config()), {"input_ids": torch.zeros(1, 1024, dtype=torch.long)}


def published(name: str, batch: int) -> tuple[nn.Module, Any]:
    from tests.zoo import TABLE

    return TABLE[name].make(), (torch.rand(batch, 3, 224, 224),)


LONG: dict[str, Callable[[], tuple[nn.Module, Any]]] = {
    "resnet-50, batch of 16": lambda: published("resnet-50", 16),
    "densenet-121, batch of 16": lambda: published("densenet-121", 16),
    "vgg-16, batch of 8": lambda: published("vgg-16", 8),
    "vit-b/16, batch of 8": lambda: published("vit-b/16", 8),
    "gpt-2, 1,024 tokens": gpt2,
}


def forward(model: nn.Module, inputs: Any) -> Any:
    with torch.no_grad():
        return model(**inputs) if isinstance(inputs, dict) else model(*inputs)


def torchinfo() -> None:
    """Summary beside torchinfo where a forward run takes over half a second."""
    import torchinfo

    print(f"  {'seconds wall':<28}{'forward':>9}{'torchinfo':>11}{'nnarch_nb':>11}{'times faster':>14}")
    for name, make in LONG.items():
        model, inputs = make()
        model.eval()
        acts = {
            "forward": lambda m=model, x=inputs: forward(m, x),
            "torchinfo": lambda m=model, x=inputs: torchinfo.summary(m, input_data=x, verbose=0),
            "nnarch_nb": lambda m=model, x=inputs: nnarch_nb.summary(m, x),
        }
        rounds = [{act: timed(acts[act])[1] for act in acts} for _ in range(REPEATS)]
        bare, theirs, ours = (statistics.median(each[act] for each in rounds) for act in acts)
        told = f"{bare:>9.2f}{theirs:>11.2f}{ours:>11.2f}{theirs / ours:>14.1f}"
        print(f"  {name:<28}{told}{'' if bare > 0.5 else '   (forward under 0.5 s)'}", flush=True)
    print(f"  medians of {REPEATS}, {torch.get_num_threads()} threads")


PARTS = {"llama": llama, "layers": layers, "torchinfo": torchinfo}


def main() -> None:
    if sys.argv[1:2] == ["--here"]:
        PARTS[sys.argv[2]]()
        return
    for part in sys.argv[1:] or PARTS:
        print(f"{part}: {PARTS[part].__doc__}", flush=True)
        subprocess.run([sys.executable, __file__, "--here", part], check=True)


if __name__ == "__main__":
    main()
