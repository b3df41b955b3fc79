"""Weights of other libraries: the same numbers come out, every name is accounted for, nothing is run.

``torchvision_keys.json`` holds the names and shapes in ``torchvision.models.<name>().state_dict()``, as
torchvision cannot be imported beside a CPU torch.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from nnarch_nb import NNArchError, build, load_pretrained

KEYS = json.loads((Path(__file__).parent / "torchvision_keys.json").read_text())
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
OURS = {"width": 32, "depth": 2, "heads": 2}


def made(architecture: str, **settings: Any) -> nn.Module:
    """Make a network of transformers from its configuration; nothing is downloaded."""
    import transformers

    kind = getattr(transformers, architecture)
    torch.manual_seed(0)
    model = kind(kind.config_class(**settings)).eval()
    for parameter in model.parameters():  # what begins at 0 or 1 would hide a mistake
        nn.init.normal_(parameter, 0.1, 0.1)
    return model


@pytest.fixture(scope="module")
def vit() -> nn.Module:
    return made(
        "ViTForImageClassification", **SMALL, image_size=32, patch_size=8, num_labels=3, layer_norm_eps=1e-6
    )


@pytest.fixture(scope="module")
def bert() -> nn.Module:
    return made(
        "BertForSequenceClassification", **SMALL, vocab_size=50, max_position_embeddings=16, num_labels=3
    )


@pytest.fixture(scope="module")
def gpt() -> nn.Module:
    sizes = {"n_embd": 32, "n_layer": 2, "n_head": 2, "vocab_size": 50, "n_positions": 16}
    return made("GPT2LMHeadModel", **sizes, bos_token_id=0, eos_token_id=0)


def our_vit(classes: int = 3) -> nn.Module:
    return build("vit", (3, 32, 32), classes=classes, kernel_size=8, **OURS)


def our_bert() -> nn.Module:
    return build("bert", (16,), classes=3, vocab_size=50, max_len=16, **OURS)


def our_gpt() -> nn.Module:
    return build("gpt", (16,), vocab_size=50, max_len=16, **OURS)


def tokens() -> torch.Tensor:
    ids = torch.randint(1, 50, (2, 16), generator=torch.Generator().manual_seed(0))
    ids[0, -4:] = 0
    return ids


def stored(tensors: dict[str, torch.Tensor], path: Path) -> Path:
    if path.suffix == ".safetensors":
        save_file({name: tensor.clone().contiguous() for name, tensor in tensors.items()}, path)
    else:
        torch.save(tensors, path)
    return path


def close(ours: torch.Tensor, theirs: torch.Tensor) -> bool:
    return torch.allclose(ours, theirs, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".bin"])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_bert_of_transformers_gives_the_same_numbers(bert, suffix, prefix, tmp_path):
    weights = {prefix + name: tensor for name, tensor in bert.state_dict().items()}
    model = load_pretrained(our_bert(), stored(weights, tmp_path / f"b{suffix}"))
    ids = tokens()
    assert close(model(ids), bert(ids, attention_mask=(ids != 0).long()).logits)
    assert model.loaded.layout == "transformers BERT"
    assert (model.loaded.missing, model.loaded.unexpected, model.loaded.ignored) == ((), (), ())
    assert ("repeat1.0.residual1.body.selfattention1.qkv.weight", "3 joined") in model.loaded.reshaped


def test_gpt2_of_transformers_gives_the_same_numbers(gpt, tmp_path):
    weights = gpt.state_dict() | {"transformer.h.0.attn.bias": torch.ones(1, 1, 16, 16)}
    model = load_pretrained(our_gpt(), stored(weights, tmp_path / "g.pt"))
    assert close(model(tokens()), gpt(tokens()).logits)
    assert model.loaded.ignored == ("transformer.h.0.attn.bias",)
    assert dict(model.loaded.reshaped)["repeat1.1.residual2.body.linear2.weight"] == "transposed"
    assert model.unembed1.weight is model.embedding1.weight


def test_a_tied_head_need_not_be_in_the_file(gpt, tmp_path):
    weights = {
        k.removeprefix("transformer."): v for k, v in gpt.state_dict().items() if k != "lm_head.weight"
    }
    model = load_pretrained(our_gpt(), stored(weights, tmp_path / "g.safetensors"))
    assert model.loaded.complete
    assert close(model(tokens()), gpt(tokens()).logits)


@pytest.mark.parametrize("form", ["folder", "memory"])
def test_vit_of_transformers_gives_the_same_numbers(vit, form, tmp_path):
    """The library names the layers on disk otherwise than in memory."""
    path = tmp_path / "memory.pt"
    if form == "folder":
        path = tmp_path / "vit"
        vit.save_pretrained(path)
    else:
        torch.save(vit.state_dict(), path)
    model = load_pretrained(our_vit(), path)
    x = torch.randn(2, 3, 32, 32)
    assert close(model(x), vit(x).logits)
    assert model.loaded.complete
    assert ("classtoken1.weight", "from (1, 1, 32)") in model.loaded.reshaped


def test_a_folder_of_several_files_is_read(bert, tmp_path):
    bert.save_pretrained(tmp_path / "b", max_shard_size="30KB")
    assert len(list((tmp_path / "b").glob("*.safetensors"))) > 1
    model = load_pretrained(our_bert(), tmp_path / "b")
    assert model.loaded.complete
    assert close(model(tokens()), bert(tokens(), attention_mask=(tokens() != 0).long()).logits)


def test_resnet_of_transformers_gives_the_same_numbers(tmp_path):
    resnet = made(
        "ResNetForImageClassification", layer_type="basic", depths=[2, 2, 2, 2],
        hidden_sizes=[64, 128, 256, 512], num_labels=7,
    )  # fmt: skip
    model = load_pretrained("resnet18", stored(resnet.state_dict(), tmp_path / "r.pt"))
    x = torch.randn(1, 3, 64, 64)
    assert close(model(x), resnet(x).logits)
    assert model.linear1.out_features == 7  # as many as the file tells apart


@pytest.mark.parametrize(
    ("theirs", "ours"), [("resnet18", "resnet18"), ("resnet50", "resnet50"), ("vit_b_16", "vit-b-16")]
)
def test_every_tensor_of_torchvision_has_its_place(theirs, ours, tmp_path):
    generator = torch.Generator().manual_seed(0)
    weights = {
        name: torch.tensor(3)
        if not shape
        else torch.empty(shape, dtype=torch.bfloat16).normal_(generator=generator)
        for name, shape in KEYS[theirs].items()
    }
    model = load_pretrained(ours, stored(weights, tmp_path / "w.safetensors"))
    loaded = model.loaded
    assert (loaded.missing, loaded.unexpected, loaded.ignored, loaded.replaced) == ((), (), (), None)
    assert len(loaded.matched) == len(weights)
    assert loaded.parameters == loaded.of == sum(p.numel() for p in model.parameters())
    sums = sorted(float(t.double().sum()) for t in model.state_dict().values())
    assert sums == sorted(float(t.double().sum()) for t in weights.values())  # each once, none twice


def test_torchvision_blocks_come_in_their_order(tmp_path):
    weights = {
        name: torch.zeros(shape) if shape else torch.tensor(0) for name, shape in KEYS["resnet50"].items()
    }
    blocks = [name for name in weights if name.endswith("conv2.weight")]
    for number, name in enumerate(blocks):
        weights[name] += number
    model = load_pretrained("resnet50", stored(weights, tmp_path / "w.pt"))
    ours = [tensor for name, tensor in model.state_dict().items() if name.endswith("body.conv2.weight")]
    assert [int(tensor.mean()) for tensor in ours] == list(range(16))


def test_other_classes_get_a_new_head_which_alone_can_be_trained(tmp_path):
    source = build("resnet20", seed=1)
    model = load_pretrained("resnet20", source.save(tmp_path / "r.safetensors"), classes=3)
    assert model.loaded.replaced == (10, 3)
    assert model.loaded.missing == ("linear1.weight", "linear1.bias")
    assert model.linear1.out_features == 3
    assert torch.equal(model.conv1.weight, source.conv1.weight)
    exec(model.loaded.freeze, {"model": model})
    assert [n for n, p in model.named_parameters() if p.requires_grad] == ["linear1.weight", "linear1.bias"]


def test_a_network_that_was_given_keeps_its_own_head(vit, tmp_path):
    given = our_vit(classes=5)
    head = given.linear1.weight.clone()
    model = load_pretrained(given, stored(vit.state_dict(), tmp_path / "v.pt"))
    assert model is given
    assert model.loaded.replaced == (3, 5)
    assert torch.equal(model.linear1.weight, head)
    with pytest.raises(NNArchError, match="does not answer with 7 classes"):
        load_pretrained(our_vit(), tmp_path / "v.pt", classes=7)


def test_any_network_takes_its_own_names(tmp_path):
    model, other = nn.Sequential(nn.Linear(3, 2)), nn.Sequential(nn.Linear(3, 2))
    path = stored({"state_dict": model.state_dict(), "epoch": 3}, tmp_path / "m.pth")
    assert torch.equal(load_pretrained(other, path)[0].weight, model[0].weight)
    assert other.loaded.layout == "nnarch_nb"


def test_what_all_names_are_under_is_dropped(vit, tmp_path):
    model, other = nn.Sequential(nn.Linear(3, 2)), nn.Sequential(nn.Linear(3, 2))
    wrapped = {f"net.encoder.{name}": tensor for name, tensor in model.state_dict().items()}
    assert load_pretrained(other, stored(wrapped, tmp_path / "m.pt")).loaded.complete
    assert torch.equal(other[0].weight, model[0].weight)
    wrapped = {f"net.{name}": tensor for name, tensor in vit.state_dict().items()}
    assert not load_pretrained(our_vit(), stored(wrapped, tmp_path / "v.pt")).loaded.missing


def test_a_head_that_reads_other_features_is_another_network_s(tmp_path):
    model = build("Linear(8), ReLU(), Linear(3)", (4,))
    turned = {n: t.T if n == "linear2.weight" else t for n, t in model.state_dict().items()}
    assert "linear2.weight is (8, 3)" in unlike(tmp_path, model, turned)


def test_a_state_dict_cast_to_half_keeps_its_counters(tmp_path):
    model = build("Conv2d(4, 3), BatchNorm2d(), Flatten(), Linear(3)", (1, 8, 8))
    half = {name: tensor.half() for name, tensor in model.state_dict().items()}
    assert load_pretrained(model, stored(half, tmp_path / "h.pt")).loaded.complete


def test_an_archive_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("nnarch_nb.verbs.build.loading.files.memory_bytes", lambda: 100)
    assert "more than this machine's memory" in unlike(
        tmp_path, nn.Linear(9, 9), nn.Linear(9, 9).state_dict()
    )


def test_names_without_a_place_are_told(bert, tmp_path):
    weights = {k: v for k, v in bert.state_dict().items() if "pooler" not in k}
    weights |= {"cls.predictions.bias": torch.zeros(50), "adapter.weight": torch.zeros(2)}
    model = our_bert()
    before = model.linear1.weight.clone()
    loaded = load_pretrained(model, stored(weights, tmp_path / "b.pt")).loaded
    assert loaded.missing == ("linear1.weight", "linear1.bias")
    assert loaded.unexpected == ("adapter.weight",)
    assert loaded.ignored == ("cls.predictions.bias",)
    assert not loaded.complete
    assert torch.equal(model.linear1.weight, before)


def test_former_names_of_a_normalization_are_known(bert, tmp_path):
    former = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    weights = {}
    for name, tensor in bert.state_dict().items():
        end = next((e for e in former if name.endswith(e)), "")
        weights[name.removesuffix(end) + former.get(end, "")] = tensor
    assert load_pretrained(our_bert(), stored(weights, tmp_path / "b.pt")).loaded.complete


def unlike(tmp_path, model: nn.Module, weights: dict[str, torch.Tensor]) -> str:
    """Return the line with which weights are refused; the network must be as it was."""
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(NNArchError) as caught:
        load_pretrained(model, stored(weights, tmp_path / "w.pt"))
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert not hasattr(model, "loaded")
    return str(caught.value)


def test_weights_of_another_network_are_refused(bert, vit, tmp_path):
    told = unlike(tmp_path, our_bert(), vit.state_dict())
    assert "w.pt is a transformers ViT with vit.embeddings.cls_token, for which BERT has no place" in told
    shallow = build("bert", (16,), classes=3, vocab_size=50, max_len=16, **(OURS | {"depth": 1}))
    told = unlike(tmp_path, shallow, bert.state_dict())
    assert "with bert.encoder.layer.1.attention.self.query.weight, for which BERT has no place" in told
    half = {k: v for k, v in bert.state_dict().items() if "layer" not in k}
    assert "has 9 of the 33 tensors of BERT (its names are those of transformers BERT)" in unlike(
        tmp_path, our_bert(), half
    )
    assert "known names: torchvision ResNet" in unlike(tmp_path, our_bert(), {"a": torch.zeros(1)})
    wider = build("bert", (16,), classes=3, vocab_size=60, max_len=16, **OURS)
    told = unlike(tmp_path, wider, bert.state_dict())
    assert "embedding1.weight is (50, 32) in w.pt but (60, 32) in the network" in told
    whole = bert.state_dict() | {"classifier.bias": torch.zeros(3, dtype=torch.int64)}
    assert "linear2.bias in w.pt holds torch.int64 numbers" in unlike(tmp_path, our_bert(), whole)


class Evil:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return exec, ("open('hacked', 'w').close()",)


@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_a_pickle_with_code_in_it_is_not_run(form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "evil.pt"
    if form == "torch":
        torch.save({"a.weight": torch.zeros(2), "b": Evil()}, path)
    else:
        path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(NNArchError, match="holds more than tensors, which could run code"):
        load_pretrained(our_bert(), path)
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"\x80\x02}", b"no pickle at all", bytes(1000)])
def test_a_damaged_file_is_one_line(raw, tmp_path):
    for name in ("w.pt", "w.bin", "w.safetensors", "model.safetensors.index.json"):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(NNArchError) as caught:
            load_pretrained(our_bert(), tmp_path / name)
        assert name.split(".")[0] in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"weight_map": {"a": "../other.safetensors"}}, "which is not beside it"),
        ({"weight_map": {"a": "/etc/passwd"}}, "which is not beside it"),
        ({"weight_map": {"a": 3}}, "is no index of files"),
        ({"weight_map": {"a": "none.safetensors"}}, "there is no file"),
        ({}, "is no index of files"),
        ([], "is no index of files"),
    ],
)
def test_an_index_reaches_no_further_than_its_folder(content, told, tmp_path):
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps(content))
    with pytest.raises(NNArchError, match=told):
        load_pretrained(our_bert(), path)


def test_what_cannot_be_meant_is_one_line(tmp_path):
    path = stored({"a": torch.zeros(1)}, tmp_path / "w.pt")
    for given, told in (
        ((our_bert(), tmp_path / "none.pt"), "there is no file"),
        ((our_bert(), tmp_path), "holds none of model.safetensors"),
        ((our_bert(), tmp_path / "w.onnx"), "is no file of weights; known are"),
        ((our_bert(), stored({}, tmp_path / "empty.pt")), "holds no weights by name"),
        ((our_bert(), stored([torch.zeros(1)], tmp_path / "list.pt")), "holds no weights by name"),
        ((3, path), "a network or the name of one is needed"),
        (("resnet", path), "resnet"),
        (("resnet18", path, 0), "classes"),
    ):
        with pytest.raises(NNArchError, match=told):
            load_pretrained(*given)


@pytest.mark.parametrize(
    ("change", "told"),
    [(lambda t: t.to("meta"), "is meta, without values"), (lambda t: t.to_sparse(), "is sparse_coo")],
)
def test_tensors_that_cannot_be_copied_are_one_line(change, told, tmp_path):
    model = build("Linear(4), Linear(3)", (2,))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    torch.save({name: change(tensor) for name, tensor in before.items()}, tmp_path / "w.pt")
    with pytest.raises(NNArchError, match=told):
        load_pretrained(model, tmp_path / "w.pt")
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
