"""``vit``: patches, tokens and heads."""

import pytest
import torch

from nnarch_nb import NNArchError, build


@pytest.mark.parametrize(
    ("shape", "patch", "tokens"),
    [((1, 28, 28), None, 49), ((3, 29, 30), None, 64), ((3, 224, 224), None, 196), ((1, 8, 8), None, 16),
     ((1, 1, 1), None, 1), ((3, 31, 17), 5, 28), ((1, 10, 10), 16, 1)],
)  # fmt: skip
def test_every_pixel_is_in_a_patch(shape, patch, tokens):
    model = build("vit", shape, 4, width=8, depth=1, heads=2, kernel_size=patch)
    assert model.positions1.max_len == tokens + 1
    x = torch.randn(1, *shape, requires_grad=True)
    model.conv1(x).square().sum().backward()
    assert (x.grad != 0).all()
    assert model(x).shape == (1, 4)


def test_options_stand_in_the_text():
    spec = build("vit", (1, 8, 8), 4, width=8, depth=3, heads=2, activation="relu", dropout=0.1).spec
    for part in ("SelfAttention(2, dropout=0.1)", "Linear(32), ReLU(), Dropout(0.1)", "Repeat(3, block)"):
        assert part in " ".join(spec.split())


def test_heads_that_do_not_share_the_width_are_refused_with_what_works():
    with pytest.raises(NNArchError, match="heads=10"):
        build("vit", (1, 8, 8), 4, width=100, heads=12)
    build("vit", (1, 8, 8), 4, width=100, heads=10, depth=1)


def test_weights_begin_as_published():
    model = build("vit", (3, 32, 32), 10, width=256, depth=1)
    block = model.repeat1.get_submodule("0")
    bound = (6 / (256 + 1024)) ** 0.5  # Xavier's
    weight = block.residual2.body.linear1.weight.detach()
    assert bound * 0.99 < weight.abs().max() <= bound
    assert block.residual2.body.linear1.bias.detach().abs().max() < 1e-5
    assert abs(float(model.conv1.weight.detach().std()) * (3 * 16) ** 0.5 - 1) < 0.05
    assert model(torch.randn(4, 3, 32, 32)).detach().std() > 0  # the head is not 0
