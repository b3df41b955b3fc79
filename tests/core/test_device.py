from __future__ import annotations

import gc
import weakref

import pytest
import torch
from torch import nn

from nnarch_nb.core.device import device_of, memory_told, pick_device
from nnarch_nb.errors import NNArchError


def test_auto_is_the_accelerator_or_the_cpu():
    wanted = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    assert pick_device("auto").type == (wanted.type if wanted else "cpu")


@pytest.mark.parametrize("name", ["gpu", "", "cpu cpu", "cuda:99", None, 2.5])
def test_an_unknown_device_is_one_line(name):
    with pytest.raises(NNArchError, match="is not available here; use 'auto', 'cpu'"):
        pick_device(name)


def test_the_meta_device_computes_nothing():
    with pytest.raises(NNArchError, match="computes nothing; use 'auto' or 'cpu'"):
        pick_device("meta")


def test_a_network_is_where_its_first_tensor_is():
    assert device_of(nn.Linear(1, 1)) == torch.device("cpu")
    assert device_of(nn.Linear(1, 1, device="meta")) == torch.device("meta")
    assert device_of(nn.BatchNorm1d(2, affine=False, device="meta")) == torch.device("meta")
    assert device_of(nn.ReLU()) == torch.device("cpu")


def test_out_of_memory_is_told_and_what_was_held_is_freed():
    held = []

    def work() -> None:
        batch = torch.zeros(1000)
        held.append(weakref.ref(batch))
        torch.empty(10**15)

    with (
        pytest.raises(NNArchError, match="out of memory while working; try less"),
        memory_told("working", "try less"),
    ):
        work()
    gc.collect()
    assert held[0]() is None


def test_other_errors_pass():
    with pytest.raises(RuntimeError, match="another"), memory_told("working", "try less"):
        raise RuntimeError("another")
    with memory_told("working", "try less"):
        pass
