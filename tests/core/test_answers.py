"""One row of scores per sample, whatever the answer is of."""

from __future__ import annotations

import math

import pytest
import torch

from nnarch_nb.core.answers import errors, last, rows_of, shape_of_answer

from ..kinds import KINDS


@pytest.mark.parametrize("name", KINDS)
def test_the_shape_of_an_answer_is_that_of_a_network_that_fits(name):
    make, network = KINDS[name]
    data = make()
    with torch.no_grad():
        assert network()(data.test.x[:2]).shape[1:] == shape_of_answer(data)


def test_the_last_real_token_is_found_though_one_before_it_is_padding():
    assert last(torch.tensor([[3, 0, 4, 0], [0, 0, 0, 0], [1, 2, 3, 4]])).tolist() == [2, 0, 3]


def test_an_answer_for_every_step_is_told_by_the_tokens():
    steps = torch.arange(12.0).view(2, 3, 2)
    assert rows_of(steps, torch.tensor([[5, 0, 0], [5, 6, 7]])).tolist() == [[0, 1], [10, 11]]
    assert rows_of(steps, torch.rand(2, 3, 2)).dim() == 3  # numbers per step: nothing tells what they are
    assert rows_of(steps, torch.rand(2, 3)).dim() == 3  # nor what two numbers for each of three are
    assert rows_of(steps, torch.tensor([[5, 0, 0], [5, 6, 7]]), padding=None).tolist() == [[4, 5], [10, 11]]
    assert rows_of(steps, torch.tensor([[5, 7, 7], [7, 5, 7]]), padding=7).tolist() == [[0, 1], [8, 9]]
    assert rows_of(torch.ones(3), None).shape == (3, 1)


def test_padding_counts_for_nothing_in_an_error():
    y = torch.tensor([[1.0, math.nan], [1.0, 3.0]])
    assert errors(torch.tensor([[2.0, math.nan], [2.0, 5.0]]), y).tolist() == [[1.0], [2.5]]
