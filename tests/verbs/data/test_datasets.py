"""Samples one by one: pairs in a list, and data sets that fail."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data


class Broken(Dataset):
    def __len__(self):
        return 9

    def __getitem__(self, i):
        if i == 2:
            raise OSError("no such\nfile")
        return torch.zeros(2), i % 2


def test_a_list_of_pairs_is_a_data_set():
    pairs = [(torch.full((3,), float(i)), i % 2) for i in range(40)]
    found = data(pairs, val=0, test=0, normalize=False)
    assert found.train.x[:, 0].sort().values.tolist() == list(range(40))
    assert len(data(pairs[:2], val=0, test=0).train) == 2
    given = data({"train": pairs, "test": [([1.0, 2, 3], torch.tensor(1))]}, normalize=False)
    assert (len(given.train), given.test.x.tolist(), given.test.y.tolist()) == (40, [[1, 2, 3]], [1])


def test_two_lists_in_a_list_are_still_samples_and_targets():
    x = np.random.default_rng(0).random((40, 2)).tolist()
    assert data([x, [0, 1] * 20]).shape == (2,)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (Broken(), "item 2 of the Broken cannot be read: OSError: no such file"),
        (DataLoader(Broken(), 2), "item 1 of the DataLoader cannot be read: OSError"),
        ([(torch.zeros(3), torch.tensor(0)), (torch.ones(3), 1)], "targets of the pairs of train"),
        ([(torch.zeros(3), [1, [2, 3]])] * 9, "a list of 9 is not (x, y)"),
        (([torch.zeros(3), 5], [0, 1]), "sample 1 in x is 5, where the first is a Tensor"),
        ((np.zeros((40, 0)), [0, 1] * 20), "x has shape (40, 0): its samples hold no values"),
    ],
)
def test_what_fails_is_named_in_one_line(source, told):
    with pytest.raises(NNArchError, match=r"^[^\n]*$") as error:
        data(source)
    assert told in str(error.value)
