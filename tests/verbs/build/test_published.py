"""Published configurations: the parameters of the reference implementations, and their outputs."""

import inspect

import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    ResNetConfig,
    ResNetForImageClassification,
    ViTConfig,
    ViTForImageClassification,
)

from nnarch_nb import NNArchError, build
from nnarch_nb.core.data import Data, Split
from nnarch_nb.verbs.build.families import FAMILIES
from nnarch_nb.verbs.build.families.published import PUBLISHED

# Counts of reference implementations that are not asked again below: the table is not compared with itself.
TORCHVISION = {
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "vit-b-16": 86_567_656,
    "vit-b-32": 88_224_232,
    "vit-l-16": 304_326_632,
    "vit-l-32": 306_535_400,
    "vit-h-14": 632_045_800,
}
IN_MILLIONS = {
    "resnet20": 0.27,
    "resnet32": 0.46,
    "resnet44": 0.66,
    "resnet56": 0.85,
    "resnet110": 1.7,
}  # table 6

PARTS = ("weight", "bias")


def on_meta(*args, **kwargs):
    with torch.device("meta"):
        return build(*args, **kwargs)


def count(model):
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_the_published_ones_to_the_last_digit(name):
    model, published = on_meta(name), PUBLISHED[name]
    assert count(model) == published.parameters
    assert model.input_shape == published.input
    assert model.nnarch_name == name
    assert {p.device.type for p in model.parameters()} == {"meta"}


def test_counts_are_those_of_torchvision_and_of_the_paper():
    assert {name: PUBLISHED[name].parameters for name in TORCHVISION} == TORCHVISION
    for name, millions in IN_MILLIONS.items():
        assert abs(PUBLISHED[name].parameters / 1e6 - millions) < 0.03


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name.startswith(("gpt", "bert"))])
def test_counts_are_those_of_transformers(name):
    options = PUBLISHED[name].options
    width, depth, heads = options["width"], options["depth"], options["heads"]
    with torch.device("meta"):
        if name.startswith("gpt"):
            theirs = GPT2LMHeadModel(GPT2Config(n_embd=width, n_layer=depth, n_head=heads))
        else:
            sizes = {"hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads}
            theirs = BertModel(BertConfig(intermediate_size=4 * width, **sizes))
    assert count(theirs) == PUBLISHED[name].parameters


@pytest.mark.parametrize("name", PUBLISHED)
def test_entries_name_a_family_and_options_that_it_takes(name):
    published = PUBLISHED[name]
    assert published.source
    assert set(published.options) <= set(inspect.signature(FAMILIES[published.family].write).parameters)
    assert name not in FAMILIES


def test_other_classes_replace_the_head_alone():
    published, mine = on_meta("resnet50"), on_meta("resnet50", classes=10)
    assert count(published) - count(mine) == (2048 + 1) * 990
    assert mine.shapes[-1] == (10,)
    assert mine.input_shape == (3, 224, 224)


def test_data_brings_its_own_size_and_classes():
    split = Split(torch.zeros(6, 1, 28, 28), torch.arange(6))
    data = Data("small", split, split, split, "classification", (1, 28, 28), tuple("abcdef"))
    model = on_meta("resnet18", data)
    assert (model.input_shape, model.shapes[-1]) == ((1, 28, 28), (6,))


def test_a_name_may_be_spelled_with_underscores_and_capitals():
    assert on_meta("ViT_B_16").spec == on_meta("vit-b-16").spec


def test_a_published_configuration_is_one_with_options_of_its_family():
    assert (
        on_meta("resnet18", dropout=0.5).spec
        == on_meta("resnet", (3, 224, 224), 1000, depth=18, dropout=0.5).spec
    )
    with pytest.raises(NNArchError, match="resnet50 has no heads; it takes width, depth, activation"):
        build("resnet50", heads=3)


def lively(model):
    """Change every weight and statistic, so that none that begins as 0 or 1 can hide a difference."""
    draws = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for tensor in (*model.parameters(), *(b for b in model.buffers() if b.is_floating_point())):
            tensor.add_(torch.rand(tensor.shape, generator=draws) * 0.1)
    return model.eval()


@pytest.mark.parametrize(
    ("kind", "depth", "depths"), [("basic", 18, [2, 2, 2, 2]), ("bottleneck", 50, [3, 4, 6, 3])]
)
def test_resnet_equals_the_reference_with_its_weights(kind, depth, depths):
    width = 8
    sizes = [width * 2**i * (4 if depth == 50 else 1) for i in range(4)]
    config = ResNetConfig(
        embedding_size=width, hidden_sizes=sizes, depths=depths, layer_type=kind, num_labels=5
    )
    theirs = lively(ResNetForImageClassification(config))
    model = build("resnet", (3, 64, 64), 5, width=width, depth=depth).eval()
    for ours, other in zip(blocks_of(model), reference_blocks(theirs), strict=True):
        ours.load_state_dict(dict(zip(ours.state_dict(), other, strict=True)))
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(model(x), theirs(x).logits, rtol=1e-5, atol=1e-5)


def blocks_of(model):
    """Return what has weights in order: the stem's two layers, every block, the head."""
    yield model.conv1
    yield model.batchnorm1
    for module in model.modules():
        if type(module).__name__ == "Residual":
            yield module.body
            if module.shortcut is not None:
                yield module.shortcut
    yield model.linear1


def reference_blocks(theirs):
    embedder = theirs.resnet.embedder.embedder
    yield embedder.convolution.state_dict().values()
    yield embedder.normalization.state_dict().values()
    for stage in theirs.resnet.encoder.stages:
        for layer in stage.layers:
            yield layer.layer.state_dict().values()
            if not isinstance(layer.shortcut, torch.nn.Identity):
                yield layer.shortcut.state_dict().values()
    yield theirs.classifier[1].state_dict().values()


def test_vit_equals_the_reference_with_its_weights():
    config = ViTConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        image_size=24,
        patch_size=8,
        num_labels=5,
        layer_norm_eps=1e-6,
    )
    theirs = lively(ViTForImageClassification(config))
    model = build("vit", (3, 24, 24), 5, width=32, depth=2, heads=4, kernel_size=8).eval()
    weights = theirs.state_dict()
    embedding = "vit.embeddings."
    mine = {
        "conv1.weight": weights[f"{embedding}patch_embeddings.projection.weight"],
        "conv1.bias": weights[f"{embedding}patch_embeddings.projection.bias"],
        "classtoken1.weight": weights[f"{embedding}cls_token"].flatten(),
        "positions1.weight": weights[f"{embedding}position_embeddings"][0],
        **{f"layernorm1.{part}": weights[f"vit.layernorm.{part}"] for part in PARTS},
        **{f"linear1.{part}": weights[f"classifier.{part}"] for part in PARTS},
    }
    for number, layer in enumerate(theirs.vit.layers):
        mine |= {f"repeat1.{number}.{name}": tensor for name, tensor in encoder_weights(layer).items()}
    model.load_state_dict(mine)
    x = torch.randn(2, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(model(x), theirs(x).logits, rtol=1e-5, atol=1e-5)


def encoder_weights(layer):
    """Return the weights of one block under the names that they have here."""
    joined = [
        torch.cat([getattr(layer.attention, f"{w}_proj").get_parameter(part) for w in "qkv"])
        for part in PARTS
    ]
    parts = {
        "residual1.body.layernorm1": layer.layernorm_before.state_dict().values(),
        "residual1.body.selfattention1.qkv": joined,
        "residual1.body.selfattention1.out": layer.attention.o_proj.state_dict().values(),
        "residual2.body.layernorm1": layer.layernorm_after.state_dict().values(),
        "residual2.body.linear1": layer.mlp.fc1.state_dict().values(),
        "residual2.body.linear2": layer.mlp.fc2.state_dict().values(),
    }
    return {
        f"{name}.{part}": tensor
        for name, both in parts.items()
        for part, tensor in zip(PARTS, both, strict=True)
    }
