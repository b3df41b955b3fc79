"""Whose names mean what: one table for each library's way to name the weights of an architecture.

On the left a library's name of a layer or tensor, on the right ours. ``{b}`` is the number of a block, the
n-th of theirs being the n-th of ours (``{block}``); ``{n}`` counts layers from 1 on both sides, ``{m}``
theirs from 0. ``qkv[0]`` are the queries in the one matrix that holds queries, keys and values.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """One library's names for one architecture.

    Attributes
    ----------
    title
        The library's name for it.
    sign
        A tensor that only this layout has.
    names
        Their names to ours.
    head
        Their layer that answers with classes.
    turned
        Their layers whose matrices lie the other way round.
    ignored
        What has no place here: buffers and heads for pretraining, as regular expressions.
    """

    title: str
    sign: str
    names: dict[str, str]
    head: str = ""
    turned: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


ATTENTION = "{block}.residual1.body.selfattention1"
FIRST, SECOND = "{block}.residual1.body", "{block}.residual2.body"

TORCHVISION_RESNET = Layout(
    "torchvision ResNet",
    sign="layer1.0.conv1.weight",
    head="fc",
    names={
        "conv1": "conv1",
        "bn1": "batchnorm1",
        "layer{b}.conv{n}": f"{FIRST}.conv{{n}}",
        "layer{b}.bn{n}": f"{FIRST}.batchnorm{{n}}",
        "layer{b}.downsample.0": "{block}.residual1.shortcut.conv1",
        "layer{b}.downsample.1": "{block}.residual1.shortcut.batchnorm1",
        "fc": "linear1",
    },
)
TRANSFORMERS_RESNET = Layout(
    "transformers ResNet",
    sign="embedder.embedder.convolution.weight",
    head="classifier.1",
    names={
        "embedder.embedder.convolution": "conv1",
        "embedder.embedder.normalization": "batchnorm1",
        "encoder.stages.{b}.layer.{m}.convolution": f"{FIRST}.conv{{m}}",
        "encoder.stages.{b}.layer.{m}.normalization": f"{FIRST}.batchnorm{{m}}",
        "encoder.stages.{b}.shortcut.convolution": "{block}.residual1.shortcut.conv1",
        "encoder.stages.{b}.shortcut.normalization": "{block}.residual1.shortcut.batchnorm1",
        "classifier.1": "linear1",
    },
)
TORCHVISION_VIT = Layout(
    "torchvision ViT",
    sign="conv_proj.weight",
    head="heads.head",
    names={
        "class_token": "classtoken1.weight",
        "conv_proj": "conv1",
        "encoder.pos_embedding": "positions1.weight",
        "encoder.layers.encoder_layer_{b}.ln_1": f"{FIRST}.layernorm1",
        "encoder.layers.encoder_layer_{b}.self_attention.in_proj_weight": f"{ATTENTION}.qkv.weight",
        "encoder.layers.encoder_layer_{b}.self_attention.in_proj_bias": f"{ATTENTION}.qkv.bias",
        "encoder.layers.encoder_layer_{b}.self_attention.out_proj": f"{ATTENTION}.out",
        "encoder.layers.encoder_layer_{b}.ln_2": f"{SECOND}.layernorm1",
        "encoder.layers.encoder_layer_{b}.mlp.0": f"{SECOND}.linear1",
        "encoder.layers.encoder_layer_{b}.mlp.3": f"{SECOND}.linear2",
        "encoder.layers.encoder_layer_{b}.mlp.linear_1": f"{SECOND}.linear1",
        "encoder.layers.encoder_layer_{b}.mlp.linear_2": f"{SECOND}.linear2",
        "encoder.ln": "layernorm1",
        "heads.head": "linear1",
    },
)
TRANSFORMERS_VIT = Layout(
    "transformers ViT",
    sign="embeddings.cls_token",
    head="classifier",
    names={
        "embeddings.cls_token": "classtoken1.weight",
        "embeddings.position_embeddings": "positions1.weight",
        "embeddings.patch_embeddings.projection": "conv1",
        "encoder.layer.{b}.layernorm_before": f"{FIRST}.layernorm1",
        "encoder.layer.{b}.attention.attention.query": f"{ATTENTION}.qkv[0]",
        "encoder.layer.{b}.attention.attention.key": f"{ATTENTION}.qkv[1]",
        "encoder.layer.{b}.attention.attention.value": f"{ATTENTION}.qkv[2]",
        "encoder.layer.{b}.attention.output.dense": f"{ATTENTION}.out",
        "encoder.layer.{b}.layernorm_after": f"{SECOND}.layernorm1",
        "encoder.layer.{b}.intermediate.dense": f"{SECOND}.linear1",
        "encoder.layer.{b}.output.dense": f"{SECOND}.linear2",
        # The same as version 5 of the library names them in memory.
        "layers.{b}.layernorm_before": f"{FIRST}.layernorm1",
        "layers.{b}.attention.q_proj": f"{ATTENTION}.qkv[0]",
        "layers.{b}.attention.k_proj": f"{ATTENTION}.qkv[1]",
        "layers.{b}.attention.v_proj": f"{ATTENTION}.qkv[2]",
        "layers.{b}.attention.o_proj": f"{ATTENTION}.out",
        "layers.{b}.layernorm_after": f"{SECOND}.layernorm1",
        "layers.{b}.mlp.fc1": f"{SECOND}.linear1",
        "layers.{b}.mlp.fc2": f"{SECOND}.linear2",
        "layernorm": "layernorm1",
        "classifier": "linear1",
    },
    ignored=(r"pooler\.",),
)
TRANSFORMERS_GPT2 = Layout(
    "transformers GPT-2",
    sign="wte.weight",
    names={
        "wte": "embedding1",
        "wpe": "positions1",
        "h.{b}.ln_1": f"{FIRST}.layernorm1",
        "h.{b}.attn.c_attn": f"{ATTENTION}.qkv",
        "h.{b}.attn.c_proj": f"{ATTENTION}.out",
        "h.{b}.ln_2": f"{SECOND}.layernorm1",
        "h.{b}.mlp.c_fc": f"{SECOND}.linear1",
        "h.{b}.mlp.c_proj": f"{SECOND}.linear2",
        "ln_f": "layernorm1",
        "lm_head": "unembed1",
    },
    turned=("h.{b}.attn.c_attn", "h.{b}.attn.c_proj", "h.{b}.mlp.c_fc", "h.{b}.mlp.c_proj"),
    ignored=(r"h\.\d+\.attn\.(masked_)?bias",),
)
TRANSFORMERS_BERT = Layout(
    "transformers BERT",
    sign="embeddings.word_embeddings.weight",
    head="classifier",
    names={
        "embeddings.word_embeddings": "embedding1",
        "embeddings.position_embeddings": "positions1",
        "embeddings.token_type_embeddings": "segments1",
        "embeddings.LayerNorm": "layernorm1",
        "encoder.layer.{b}.attention.self.query": f"{ATTENTION}.qkv[0]",
        "encoder.layer.{b}.attention.self.key": f"{ATTENTION}.qkv[1]",
        "encoder.layer.{b}.attention.self.value": f"{ATTENTION}.qkv[2]",
        "encoder.layer.{b}.attention.output.dense": f"{ATTENTION}.out",
        "encoder.layer.{b}.attention.output.LayerNorm": "{block}.layernorm1",
        "encoder.layer.{b}.intermediate.dense": f"{SECOND}.linear1",
        "encoder.layer.{b}.output.dense": f"{SECOND}.linear2",
        "encoder.layer.{b}.output.LayerNorm": "{block}.layernorm2",
        "pooler.dense": "linear1",
        "classifier": "linear2",
    },
    ignored=(r"embeddings\.position_ids", r"cls\..*"),
)
LAYOUTS = (
    TORCHVISION_RESNET,
    TRANSFORMERS_RESNET,
    TORCHVISION_VIT,
    TRANSFORMERS_VIT,
    TRANSFORMERS_GPT2,
    TRANSFORMERS_BERT,
)
# Put before names by what wraps a network; what follows them counts.
PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "transformer.", "bert.", "vit.", "resnet.")
# The parameters of a normalization as the first BERT files name them.
FORMER = {"gamma": "weight", "beta": "bias"}
