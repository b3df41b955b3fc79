"""How ``explain`` and ``attack`` ask a network: in evaluation mode, with answers of one form."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nnarch_nb.core.probe import (
    as_two_classes,
    going_backward,
    input_gradients,
    log_probabilities,
    probing,
    scores_of,
)
from nnarch_nb.errors import NNArchError


def test_inside_it_is_frozen_and_in_evaluation_mode_and_afterwards_as_before():
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(), nn.BatchNorm1d(2)).train()
    model[2].eval()
    with torch.no_grad(), probing(model) as device:
        assert device.type == "cpu"
        assert torch.is_grad_enabled()
        assert not any(module.training for module in model.modules())
        assert not any(parameter.requires_grad for parameter in model.parameters())
    assert [module.training for module in model.modules()] == [True, True, True, False]
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_weights_without_values_are_refused():
    with torch.inference_mode():
        inferred = nn.Linear(2, 2)
    unusable = {"lazy layers": nn.LazyLinear(2), "meta device": nn.Linear(2, 2, device="meta")}
    for words, model in {**unusable, "inference mode": inferred}.items():
        with pytest.raises(NNArchError, match=words), probing(model):
            pass


def test_the_seed_decides_what_a_random_network_says():
    model = nn.Identity()
    said = []
    for seed in (1, 1, 2):
        with probing(model, seed=seed):
            said.append(torch.rand(3).tolist())
    assert said[0] == said[1] != said[2]


def test_one_number_per_sample_is_a_column():
    assert scores_of(nn.Flatten(0), (torch.rand(3, 1),)).shape == (3, 1)


def test_a_failing_forward_names_the_network_and_what_it_got():
    with pytest.raises(NNArchError, match=r"^Linear cannot run on 2×5: .*`check` finds the layer") as caught:
        scores_of(nn.Linear(4, 2), (torch.rand(2, 5),))
    assert caught.value.__cause__ is not None


def test_the_network_gets_copies():
    x = torch.tensor([[-1.0, 1.0]])
    assert scores_of(nn.ReLU(inplace=True), (x,)).tolist() == [[0.0, 1.0]]
    assert scores_of(nn.ReLU(inplace=True), (), {"input": x}).tolist() == [[0.0, 1.0]]
    assert x.tolist() == [[-1.0, 1.0]]
    leaf = x.clone().requires_grad_()
    assert scores_of(nn.ReLU(inplace=True), (leaf,)).requires_grad


def test_a_failing_backward_run_is_one_line_with_its_cause():
    message = r"^the backward run of Identity fails: spoiled\. Often"
    with pytest.raises(NNArchError, match=message) as caught, going_backward(nn.Identity()):
        raise RuntimeError("spoiled. Hint: look elsewhere")
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_unused_input_is_named():
    left, right = (torch.rand(2, 3).requires_grad_() for _ in range(2))
    with pytest.raises(NNArchError, match="no gradient in input 2"):
        input_gradients(nn.Identity(), left * 2, (left, right))


def test_log_probabilities_keep_a_gradient_where_probabilities_are_given():
    logits = torch.tensor([[3.0, -1.0, 0.5]], requires_grad=True)
    from_logits = torch.autograd.grad(log_probabilities(logits)[0, 1], logits)[0]
    from_shares = torch.autograd.grad(log_probabilities(logits.softmax(1))[0, 1], logits)[0]
    torch.testing.assert_close(from_shares, from_logits)
    assert log_probabilities(torch.tensor([[1.0, 0.0]])).isfinite().all()


def test_a_logit_of_one_is_no_probability():
    """Beside a zero it would add up to one."""
    chances = log_probabilities(as_two_classes(torch.tensor([[1.0]]), probabilities=False)).exp()
    torch.testing.assert_close(chances[0, 1], torch.tensor(1.0).sigmoid())


def test_a_dict_with_logits_names_the_cure():
    class Answer(nn.Module):
        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"logits": x}

    with pytest.raises(NNArchError, match=r"returns a dict: make its forward return its 'logits' alone$"):
        scores_of(Answer(), (torch.rand(2, 3),))
