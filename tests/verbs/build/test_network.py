"""A built network is an ordinary module: it is copied, stored, traced and trained like any other."""

import copy
import io
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from nnarch_nb import build
from nnarch_nb.verbs.build.modules import Chain, Repeat, Residual

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*torch.jit.*is deprecated:DeprecationWarning",
    "ignore::torch.jit.TracerWarning",
    "ignore:The tensor attributes .* were assigned during export:UserWarning",
)
NETWORKS = {
    "flat": ("Conv2d(4, 3), ReLU(), Flatten(), Linear(3)", (1, 6, 6)),
    "recurrent": ("LSTM(8), Last(), Linear(3)", (6, 4)),
    "nested": ("Repeat(2, Residual(Conv2d(4, 3, padding=1), ReLU())), Flatten(), Linear(3)", (4, 6, 6)),
    "paths": ("Concat([], Conv2d(3, 1)), Add(Conv2d(2, 1), Conv2d(2, 3, padding=1)), Flatten()", (4, 6, 6)),
    "padded": ("Masking(), GRU(8, bidirectional=True), Last(), Linear(3)", (6, 4)),
    "tied": (
        "Embedding(50, 16), Positions(12), "
        "Repeat(2, Residual(LayerNorm(), SelfAttention(2, causal=True))), Unembed()",
        (12,),
    ),
}  # fmt: skip


@pytest.fixture(params=NETWORKS)
def built(request):
    """Return a network and an input for it."""
    spec, shape = NETWORKS[request.param]
    x = torch.ones(2, *shape, dtype=torch.long if request.param == "tied" else torch.float)
    return build(spec, shape, name=request.param).eval(), x


def through_torch_save(model):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m)), through_torch_save]
)
def test_a_copy_gives_the_same_and_remembers_the_same(built, copied):
    model, x = built
    again = copied(model)
    assert torch.equal(again(x), model(x))
    assert (again.spec, again.input_shape, again.shapes, again.plan, again.seed) == (
        (model.spec, model.input_shape, model.shapes, model.plan, model.seed)
    )  # fmt: skip
    assert again._repr_mimebundle_()["text/plain"] == model._repr_mimebundle_()["text/plain"]


def test_its_text_gives_the_same_network_back(built):
    model, _ = built
    again = build(model.spec, model.input_shape)
    assert again.spec == model.spec
    assert list(again.state_dict()) == list(model.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), model.parameters(), strict=True))


def test_weights_go_from_one_to_the_other(built):
    model, x = built
    other = build(model.spec, model.input_shape, seed=1).eval()
    assert not torch.equal(other(x), model(x))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x))


def test_it_is_traced_and_exported(built):
    model, x = built
    assert torch.allclose(torch.jit.trace(model, x)(x), model(x))
    assert torch.allclose(torch.export.export(model, (x,)).module()(x), model(x))


@pytest.mark.parametrize("name", ["flat", "recurrent"])
def test_torchscript_reads_it(name):
    spec, shape = NETWORKS[name]
    model, x = build(spec, shape), torch.ones(2, *shape)
    assert torch.equal(torch.jit.script(model)(x), model(x))
    nested = build("Repeat(2, Residual(Linear(4), ReLU()), Residual(Tanh(), shortcut=[Linear(4)]))", (4,))
    assert torch.equal(torch.jit.script(nested)(torch.ones(2, 4)), nested(torch.ones(2, 4)))


@pytest.mark.parametrize(
    "layer", ["SelfAttention(2)", "Positions(9)", "SinceLast()", "Add(ReLU(), [])", "Concat(ReLU(), [])"]
)
def test_what_torchscript_cannot_read_is_exported_and_traced(layer):
    model, x = build(f"Linear(8), {layer}", (5, 4)).eval(), torch.randn(2, 5, 4)
    with pytest.raises(NotImplementedError, match=r"use torch.export or torch.jit.trace"):
        torch.jit.script(model)
    assert torch.allclose(torch.export.export(model, (x,)).module()(x), model(x))
    assert torch.allclose(torch.jit.trace(model, x)(x), model(x))


def test_torchscript_does_not_forget_a_mask_unseen():
    for spec, shape in (NETWORKS["padded"], ("Embedding(9, 4, padding_idx=0), GRU(3), Last()", (5,))):
        with pytest.raises(NotImplementedError, match="forget which steps are padding"):
            torch.jit.script(build(spec, shape))


def test_modes_and_devices_reach_every_layer(built):
    model, _ = built
    assert not any(module.training for module in model.modules())
    assert all(module.training for module in model.train().modules())
    assert {p.dtype for p in model.double().parameters()} == {torch.float64}
    assert {p.device.type for p in model.to("meta").parameters()} == {"meta"}


def test_tied_weights_are_one_matrix_and_stay_one():
    spec, shape = NETWORKS["tied"]
    model = build(spec, shape)
    assert {"embedding1.weight", "unembed1.weight"} <= set(model.state_dict())
    assert sum(p.numel() for p in model.parameters()) == 50 * 16 + 12 * 16 + 2 * (32 + 4 * 16 * 16 + 4 * 16)
    other = build(spec, shape, seed=1)
    other.load_state_dict(model.state_dict())
    for each in (model, copy.deepcopy(model), pickle.loads(pickle.dumps(model)), other, model.double()):
        assert each.embedding1.weight is each.unembed1.weight


def test_combinators_are_ordinary_modules_with_ordinary_names():
    model = build("Repeat(2, Residual(Linear(4))), Linear(2)", (4,))
    assert [type(part) for part in (model, model.repeat1, model.repeat1[0], model.repeat1[0].body)][1:] == [
        Repeat, Residual, Chain,
    ]  # fmt: skip
    assert isinstance(model, nn.Sequential)
    assert model.repeat1[1].shortcut is None


def test_the_same_seed_draws_the_same_weights_in_every_copy():
    spec = "Repeat(2, Residual(Linear(4)))"
    first, second, other = (build(spec, (4,), seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert not any(torch.equal(first[key], other[key]) for key in first)


def test_a_slice_is_a_row_of_its_layers():
    model = build("Masking(), GRU(4), Last(), Linear(2)", (5, 3))
    body = model[:-1]
    assert list(body.state_dict()) == list(model.state_dict())[:-2]
    assert model[1] is body[1] is model.gru1
    x = torch.randn(2, 5, 3)
    x[0, 2:] = torch.nan
    assert torch.equal(model.linear1(body(x)), model(x))


def test_torch_fx_follows_a_network_without_a_mask():
    model = build("Residual(Conv2d(3, 3, padding=1), BatchNorm2d()), Flatten(), Linear(2)", (3, 4, 4)).eval()
    traced = torch.fx.symbolic_trace(model, concrete_args={"mask": None})
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(traced(x), model(x))


def test_threads_draw_the_same_weights_and_leave_the_generator():
    def draw(number):
        return build("Linear(200), Linear(200)", (100,), seed=3).state_dict()

    state = torch.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(draw, range(12))
    assert all(torch.equal(first[name], other[name]) for other in others for name in first)
    assert torch.equal(torch.get_rng_state(), state)
