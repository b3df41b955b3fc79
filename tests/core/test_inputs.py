"""Inputs are given the same way to every verb."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.inputs import as_call, with_tensors
from nnarch_nb.errors import NNArchError


def test_ints_are_the_shape_of_one_sample():
    call = as_call((1, 28, 28))
    assert call.args[0].shape == (1, 1, 28, 28)
    assert str(call) == "1×28×28"
    assert as_call(4).sample == as_call([4]).sample == (4,)


def test_a_huge_shape_holds_no_memory():
    assert as_call((10**6, 10**6)).args[0].untyped_storage().nbytes() == 4


def test_tensors_are_the_arguments_themselves():
    x, y = torch.zeros(2, 3), torch.zeros(2)
    assert as_call(x).args == (x,)
    assert as_call((x, y)).args == (x, y)
    assert as_call({"x": x}, {"y": y}).kwargs == {"x": x, "y": y}


def test_data_knows_its_shape():
    part = Split(torch.ones(3, 4), torch.zeros(3))
    call = as_call(Data("toy", part, part, part, "regression", (4,), ("y",)))
    assert call.sample == (4,)
    assert torch.equal(call.args[0], torch.ones(1, 4))


def test_the_type_follows_the_network():
    assert as_call((5,), None, nn.Sequential(nn.Embedding(9, 2))).args[0].dtype == torch.long
    assert as_call((5,), None, nn.Linear(5, 1).double()).args[0].dtype == torch.double


@pytest.mark.parametrize("inputs", ["text", None, (), (1, "a"), (0, 3), (-1,), 1.5, (True, 2), object()])
def test_anything_else_is_refused(inputs):
    with pytest.raises(NNArchError, match="shape of one sample"):
        as_call(inputs)


@pytest.mark.parametrize("kwargs", [(4,), "text", 3, torch.zeros(2)])
def test_keyword_arguments_are_a_dict(kwargs):
    with pytest.raises(NNArchError, match="kwargs must be a dict of keyword arguments"):
        as_call((4,), kwargs)


@pytest.mark.parametrize("shape", [(10**16,), (10**17, 99)])
def test_a_sample_larger_than_memory_is_refused(shape):
    with pytest.raises(NNArchError, match="more values than memory holds"):
        as_call(shape)


def test_numpys_whole_numbers_make_a_shape_and_lists_of_tensors_an_argument():
    assert as_call((np.int64(4), np.int32(2))).sample == (4, 2)
    pair = [torch.ones(1), torch.ones(2)]
    call = as_call((pair,))
    assert call.args == (pair,)
    assert len(call.tensors) == 2


def test_a_nested_tensor_is_refused():
    with pytest.warns(UserWarning, match="nested"):
        nested = torch.nested.nested_tensor([torch.ones(2, 4)])
    with pytest.raises(NNArchError, match="to_padded_tensor"):
        as_call(nested)


def test_a_batch_size_makes_that_many_samples():
    assert as_call((1, 28, 28), batch_size=8).args[0].shape == (8, 1, 28, 28)
    part = Split(torch.arange(12.0).reshape(3, 4), torch.zeros(3))
    data = Data("toy", part, part, part, "regression", (4,), ("y",))
    assert torch.equal(as_call(data, batch_size=4).args[0], part.x[[0, 1, 2, 0]])


def test_a_batch_size_besides_a_tensor_is_refused_unless_it_is_the_tensors():
    assert as_call(torch.zeros(2, 3), batch_size=2).args[0].shape == (2, 3)
    with pytest.raises(NNArchError, match="the tensor given has a batch of 2: leave it out"):
        as_call({"x": torch.zeros(2, 3)}, batch_size=4)
    with pytest.raises(NNArchError, match="batch_size must be a whole number of at least 1, not 0"):
        as_call((4,), batch_size=0)


@dataclass(frozen=True)
class Record:
    x: torch.Tensor
    more: dict[str, Any]


def test_a_dataclass_of_tensors_is_one_argument_and_its_tensors_are_changed_in_a_copy() -> None:
    x, mask = torch.zeros(2, 3), torch.ones(2)
    record = Record(x, {"mask": mask, "scale": 2})
    call = as_call(record)
    assert (call.args, [*map(id, call.tensors)]) == ((record,), [id(x), id(mask)])
    (twin,) = with_tensors(lambda tensor: tensor + 1, call.args)
    assert twin.more["scale"] == 2
    assert torch.equal(twin.more["mask"], mask + 1)
    assert record.x is x
