"""A network in a file and back, bit by bit; and files that are something else, one line each."""

from __future__ import annotations

import json
import resource
import struct
from typing import Any

import pytest
import torch
from torch import nn

from nnarch_nb import NNArchError, build, load
from nnarch_nb.core.vocabulary import Vocabulary

SPECS: dict[str, tuple[str, tuple[int, ...], dict[str, Any]]] = {
    "images": ("cnn", (1, 28, 28), {"classes": 10}),
    "residual": ("resnet", (3, 32, 32), {"classes": 10}),
    "tied": ("gpt", (16,), {"vocab_size": 20}),
    "masked": ("Masking(), LSTM(8, bidirectional=True), MeanSteps(), Linear(3)", (9, 4), {}),
    "computed": ("Linear(8), Positions(9, kind='sinusoidal'), Linear(3)", (9, 4), {}),
    "parts": ("wide = [Linear(8), ReLU()]\nwide, wide, Linear(3)", (4,), {}),
}
TINY = "Linear(2), ReLU()"


def saved(model: nn.Module, tmp_path) -> Any:
    return model.save(tmp_path / "m.safetensors")


def as_file(header: dict[str, Any], data: bytes, path) -> Any:
    """Write a safetensors file by hand."""
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)
    return path


def parts_of(path) -> tuple[dict[str, Any], bytes]:
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def with_label(path, **changes: Any) -> Any:
    """Change what a file says of its network."""
    header, data = parts_of(path)
    said = json.loads(header["__metadata__"]["nnarch_nb"]) | changes
    header["__metadata__"]["nnarch_nb"] = json.dumps(said)
    return as_file(header, data, path)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_what_is_saved_comes_back_bit_by_bit(name, dtype, tmp_path):
    spec, shape, options = SPECS[name]
    model = build(spec, shape, seed=3, name="Mine", **options).to(dtype)
    again = load(saved(model, tmp_path))
    ours, theirs = model.state_dict(), again.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[k], theirs[k]) and ours[k].dtype == theirs[k].dtype for k in ours)
    kept = ("spec", "input_shape", "shapes", "seed", "nnarch_name")
    assert [getattr(again, k) for k in kept] == [getattr(model, k) for k in kept]
    assert [b.dtype for b in again.buffers()] == [b.dtype for b in model.buffers()]


@pytest.mark.parametrize("name", SPECS)
def test_it_gives_the_same_numbers(name, tmp_path):
    spec, shape, options = SPECS[name]
    model = build(spec, shape, **options).eval()
    x = torch.randint(1, 20, (2, *shape)) if name == "tied" else torch.randn(2, *shape)
    assert torch.equal(load(saved(model, tmp_path))(x), model(x))


def test_ties_come_back_and_are_stored_once(tmp_path):
    model = build("gpt", (16,), vocab_size=20)
    header, _ = parts_of(saved(model, tmp_path))
    assert "embedding1.weight" in header
    assert "unembed1.weight" not in header
    again = load(tmp_path / "m.safetensors")
    assert again.unembed1.weight is again.embedding1.weight
    assert [n for n, _ in again.named_parameters()] == [n for n, _ in model.named_parameters()]


def test_ties_are_those_of_the_network_not_of_its_text(tmp_path):
    model = build("gpt", (16,), vocab_size=20)
    model.unembed1.weight = nn.Parameter(model.unembed1.weight.detach() + 1)
    other = build("Linear(4), Linear(4), Linear(4)", (4,))
    other.linear3.weight = other.linear1.weight
    again, loop = load(saved(model, tmp_path)), load(other.save(tmp_path / "o.safetensors"))
    assert torch.equal(again.unembed1.weight, again.embedding1.weight + 1)
    assert loop.linear3.weight is loop.linear1.weight


def test_it_is_ready_for_use_and_free_to_learn(tmp_path):
    model = build("Linear(4), Dropout(0.5)", (4,)).train().requires_grad_(False)
    again = load(saved(model, tmp_path))
    assert not any(module.training for module in again.modules())
    assert all(parameter.requires_grad for parameter in again.parameters())


def test_it_says_where_its_weights_come_from(tmp_path):
    again = load(saved(build(TINY, (3,)), tmp_path))
    twice = load(again.save(tmp_path / "<b>.safetensors"))
    assert again.initialised.endswith(", then replaced by those of m.safetensors")
    assert twice.initialised.count("replaced") == 1
    assert "&lt;b&gt;" in twice._repr_mimebundle_()["text/html"]


def test_saving_leaves_no_trace(tmp_path):
    model = build("Linear(4), BatchNorm1d(), Dropout(0.5)", (4,)).train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    saved(model, tmp_path)
    assert model.training
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_words_and_classes_come_along(tmp_path):
    model = build("gru", (6,), classes=2, vocab_size=4)
    model.vocabulary, model.classes = Vocabulary(("<pad>", "<unknown>", "höch", "<b>")), ("ham", "spam")
    again = load(saved(model, tmp_path))
    assert again.vocabulary == model.vocabulary
    assert again.classes == ("ham", "spam")


def test_the_file_does_not_hold_the_network_back(tmp_path):
    path = saved(build(TINY, (3,)), tmp_path)
    again = load(path)
    before = again.linear1.weight.clone()
    path.write_bytes(b"")  # the weights are not a window on the file
    assert torch.equal(again.linear1.weight, before)


def test_other_suffixes_mean_what_they_did(tmp_path):
    model = build(TINY, (3,))
    assert model.save(tmp_path / "m.html").read_text().startswith("<!")
    assert model.save(tmp_path / "m.py").read_text() == model.to_python()
    with pytest.raises(NNArchError, match=r"saves as .*\.safetensors"):
        model.save(tmp_path / "m.zip")


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    path = saved(build(TINY, (3,)), tmp_path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(NNArchError, match=r"cannot write .*m\.safetensors"):
            build("Linear(64)", (64,)).save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["m.safetensors"]


@pytest.mark.parametrize("length", [0, 4, 8, 40, 200, -1])
def test_a_file_cut_short_is_one_line(length, tmp_path):
    path = saved(build(TINY, (3,)), tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(NNArchError, match=r"m\.safetensors is no whole safetensors file \("):
        load(path)


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04" + bytes(100),
        struct.pack("<Q", 2**62) + b"{}",
        struct.pack("<Q", 100_000_001) + bytes(64),
        struct.pack("<Q", 60) + b"[" * 60,
        b"\x80\x02cos\nsystem\n(S'touch hacked'\ntR.",
    ],
)
def test_what_is_no_such_file_is_one_line(raw, tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(raw)
    with pytest.raises(NNArchError, match="is no whole safetensors file"):
        load(path)


def test_a_missing_file_a_folder_and_no_name_are_told_apart(tmp_path):
    with pytest.raises(NNArchError, match="there is no file"):
        load(tmp_path / "none.safetensors")
    with pytest.raises(NNArchError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(NNArchError, match="a file's name is needed"):
        load(3)


def test_weights_without_our_text_are_sent_elsewhere(tmp_path):
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(2)}, tmp_path / "m.safetensors", metadata={"format": "pt"})
    with pytest.raises(NNArchError, match="load_pretrained"):
        load(tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"spec": "__import__('os').system('touch hacked')"}, "is no network: line 1"),
        ({"spec": "Linear(10**12)"}, "is no network"),
        ({"spec": "Repeat(10**9, Linear(2))"}, "is no network"),
        ({"spec": "x" * 200_000}, "is no network"),
        ({"spec": ["Linear(2)"]}, "is not what save writes"),
        (
            {"spec": "Linear(3), ReLU()"},
            r"linear1.weight is \(2, 3\) in m.safetensors but \(3, 3\) by its text",
        ),
        ({"spec": "Linear(2), Linear(2)"}, "lacks: linear2.bias, linear2.weight"),
        ({"spec": "ReLU()"}, "has beside the network: linear1.bias, linear1.weight"),
        (
            {"spec": "Embedding(4, 2), Positions(10**9, kind='sinusoidal')"},
            "beside its weights|is no network",
        ),
        ({"input_shape": [10**12]}, "is not what save writes"),
        ({"input_shape": [-3]}, "is not what save writes"),
        ({"input_shape": "3"}, "is not what save writes"),
        ({"seed": "1"}, "is not what save writes"),
        ({"title": None}, "is not what save writes"),
        ({"tied": {"linear1.bias": "linear1.weight"}}, "stores apart and tied"),
        ({"tied": {"a.b": "linear1.weight"}}, "has beside the network: a.b"),
        ({"vocabulary": {"words": [1], "level": "word"}}, "is not what save writes"),
        ({"vocabulary": {"words": ["a"], "level": "byte"}}, "is not what save writes"),
        ({"classes": {"a": 1}.keys() and 7}, "is not what save writes"),
    ],
)
def test_a_text_that_does_not_fit_is_one_line(changes, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = with_label(saved(build(TINY, (3,)), tmp_path), **changes)
    with pytest.raises(NNArchError, match=told) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("label", ["", "null", "[]", "{", "[" * 100_000, '{"spec": "ReLU()"}'])
def test_a_label_that_is_none_is_one_line(label, tmp_path):
    path = saved(build(TINY, (3,)), tmp_path)
    header, data = parts_of(path)
    header["__metadata__"]["nnarch_nb"] = label
    with pytest.raises(NNArchError, match="is not what save writes"):
        load(as_file(header, data, path))


def test_numbers_of_another_kind_are_refused(tmp_path):
    path = saved(build(TINY, (3,)), tmp_path)
    header, data = parts_of(path)
    header["linear1.bias"]["dtype"] = "I32"
    with pytest.raises(NNArchError, match=r"linear1.bias in m.safetensors holds I32 numbers"):
        load(as_file(header, data, path))


def test_nothing_is_allocated_before_the_sizes_agree(tmp_path, monkeypatch):
    path = with_label(saved(build(TINY, (3,)), tmp_path), spec="Linear(3), ReLU()")
    made: list[str] = []
    draw = torch.nn.init.kaiming_uniform_

    def seen(tensor, *args, **kwargs):
        made.append(tensor.device.type)
        return draw(tensor, *args, **kwargs)

    monkeypatch.setattr(torch.nn.init, "kaiming_uniform_", seen)
    with pytest.raises(NNArchError, match="by its text"):
        load(path)
    assert set(made) == {"meta"}


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.__setitem__(2, nn.Linear(8, 5)),
        lambda model: model.append(nn.Linear(3, 2)),
        lambda model: nn.utils.parametrizations.weight_norm(model[0]),
        lambda model: model.to("meta"),
    ],
)
def test_what_load_could_not_read_is_not_written(change, tmp_path):
    model = build("Linear(8), ReLU(), Linear(3)", (4,))
    change(model)
    with pytest.raises(NNArchError, match=r"not what its text says any more|holds no weights to save"):
        model.save(tmp_path / "m.safetensors")
    assert not list(tmp_path.iterdir())
