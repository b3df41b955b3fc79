"""Text from folders, tables and memory: tokens, the vocabulary of the training split, lengths."""

import numpy as np
import pandas as pd
import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.core.vocabulary import tokens_of
from nnarch_nb.verbs.data import as_data, data

TEXTS = [f"word{chr(97 + i % 7)} is number {i}" for i in range(60)]
LABELS = ["ham", "spam"] * 30


def test_the_vocabulary_is_that_of_the_training_split_alone():
    found = data({"train": (TEXTS[:40], LABELS[:40]), "test": (["never heard", "is it?"], ["ham", "spam"])})
    seen = {token for text in TEXTS[:40] for token in tokens_of(text)}
    assert set(found.vocabulary.words[2:]) == seen
    assert found.test.x[0].tolist() == [1, 1, 0, 0]
    assert found.vocabulary.decode(found.test.x[1].tolist()).startswith("is <unknown>")


def test_ids_stand_for_the_texts_they_came_from():
    found = data((TEXTS, LABELS), val=0.2, test=0.2)
    assert (found.form, found.kind, found.classes) == ("tokens", "classification", ("ham", "spam"))
    table = found.to_pandas()
    known = table[~table["text"].str.contains("unknown")]
    assert len(known) >= 36
    plain = dict(zip(TEXTS, LABELS, strict=True))
    assert all(plain[text] == label for text, label in zip(known["text"], known["y"], strict=True))


def test_texts_that_are_equal_once_tokenized_stay_in_one_split():
    texts = [f"Text {chr(97 + i // 2)}" + ("!" if i % 2 else " !") for i in range(40)]
    found = data((texts, [i // 2 % 2 for i in range(40)]), val=0.2, test=0.2)
    parts = found.to_pandas().groupby("split")["text"].apply(set)
    assert any("40 rows are copies of one another, kept in one split" in note for note in found.notes)
    assert not any("also occur" in note for note in found.notes)
    assert len(parts) == 3


def test_long_texts_are_cut_and_short_ones_padded_at_the_end():
    found = data((["a b c d e f", "a"] * 20, [0, 1] * 20), max_len=3, val=0, test=0)
    assert found.shape == (3,)
    assert found.padded
    assert sorted(set(found.train.lengths.tolist())) == [1, 3]
    assert (found.train.x[found.train.lengths == 1][:, 1:] == 0).all()
    assert any("20 of 40 texts cut after 3 words" in note for note in found.notes)


def test_by_default_most_texts_stay_whole():
    texts = [" ".join(["w"] * (i + 1)) for i in range(100)]
    assert data((texts, [0, 1] * 50), val=0, test=0).shape == (96,)


def test_an_empty_text_is_one_unknown_token_and_never_all_padding():
    found = data((["", "!", "a b", " "] * 10, [0, 1] * 20), val=0, test=0)
    assert found.train.lengths.min() == 1
    assert any("20 texts without words are one unknown token" in note for note in found.notes)


def test_characters():
    found = data((["ab", "ba"] * 10, [0, 1] * 10), level="char", vocab_size=3, val=0, test=0)
    assert found.vocabulary.words == ("<pad>", "<unknown>", "a")
    assert found.vocabulary.level == "char"


def test_a_column_of_a_table(tmp_path):
    table = pd.DataFrame({"body": TEXTS, "kind": LABELS, "p": [0, 1] * 30, "q": [1, 1, 0] * 20, "n": 3})
    found = data(table, text="body", target="kind")
    assert found.target == "kind"
    assert any("not used besides 'body': p, q, n" in note for note in found.notes)
    table.to_csv(tmp_path / "t.csv", index=False)
    assert torch.equal(data(tmp_path / "t.csv", text="body", target="kind").train.x, found.train.x)
    assert data(table, text="body", target=["p", "q"]).kind == "multi-label"
    split = data({"train": table[:40], "test": table[40:]}, text="body", target="kind")
    assert (len(split.train), len(split.test)) == (40, 20)


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        ((["", " "] * 10, [0, 1] * 10), {}, "every one of its 20 texts is empty"),
        ((["a", None] * 10, [0, 1] * 10), {}, "sample 1 in texts is None, not text"),
        ((["a", "b"], [0]), {}, "2 rows but"),
        ((TEXTS, ["x"] * 60), {}, "one class only"),
        ((TEXTS, LABELS), {"window": 3}, "window= means nothing for texts"),
        ((TEXTS, LABELS), {"max_len": 0}, "max_len must be a whole number of at least 1"),
        ((TEXTS, LABELS), {"vocab_size": 2}, "vocab_size must be a whole number of at least 3"),
        ((TEXTS, LABELS), {"level": "byte"}, "level='byte' must be 'word' or 'char'"),
        (pd.DataFrame({"t": ["a"], "y": [1]}), {"text": "tt", "target": "y"}, "Did you mean `t`?"),
        (pd.DataFrame({"t": ["a"], "y": [1]}), {"text": "t", "target": "t"}, "is the target and cannot be"),
    ],
)
def test_what_cannot_be_done_with_text_is_refused(source, options, told):
    with pytest.raises(NNArchError) as error:
        data(source, **options)
    assert told in str(error.value)


def test_held_out_text_alone_has_a_vocabulary_too():
    found = as_data({"test": (["a b", "c"], [0, 1])})
    assert found.test.x.tolist() == [[2, 3], [4, 0]]


def test_the_session_draws_the_same_numbers_after_as_before():
    np.random.seed(0)
    torch.manual_seed(0)
    data((TEXTS, LABELS))
    after = (np.random.rand(), float(torch.rand(1)))
    np.random.seed(0)
    torch.manual_seed(0)
    assert after == (np.random.rand(), float(torch.rand(1)))


def test_texts_that_are_cut_to_the_same_tokens_are_copies():
    texts = [
        f"{start} {chr(97 + i)}{chr(97 + j)}" for i in range(20) for j, start in enumerate(["red", "old"])
    ]
    heads = [f"w{chr(97 + i // 2)} {text}" for i, text in enumerate(texts)]
    assert not any("copies" in note for note in data((heads, [0, 1] * 20)).notes)
    found = data((heads, [0, 1] * 20), max_len=1)
    assert any("40 rows are copies" in note for note in found.notes)
    seen = {tuple(row) for row in found.train.x.tolist()}
    unknown = (found.vocabulary.unknown,)
    assert not seen & {tuple(row) for row in found.test.x.tolist()} - {unknown}
