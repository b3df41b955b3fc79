"""Tokens and their numbers."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnarch_nb.core.vocabulary import PAD, SPECIAL, UNKNOWN, Vocabulary, tokens_of


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n\t ", []),
        ("The cat's hat", ["the", "cat's", "hat"]),
        ("3.14 and 1000000", ["3", ".", "14", "and", "100", "000", "0"]),
        ("wow!!!!! ------", ["wow", "!!!", "!!", "---", "---"]),
        ("a_b <b>x</b>", ["a", "_", "b", "<", "b", ">", "x", "<", "/", "b", ">"]),
        ("Straße ÉCOLE 한국어 नमस्ते", ["straße", "école", "한국어", "नमस्ते"]),
        ("Tokyo東京へ、2024年", ["tokyo", "東", "京", "へ", "、", "202", "4", "年"]),
        ("วันดี", ["วั", "น", "ดี"]),
        ("e\u0301", ["é"]),
    ],
)
def test_words_numbers_and_marks(text, tokens):
    assert tokens_of(text) == tokens


@pytest.mark.parametrize("text", ["今天天气很好，我们去公园玩吧。", "สวัสดีครับ", "東京タワーへ行く", "ပြည်သူ"])
def test_text_without_spaces_comes_back_without_spaces(text):
    vocabulary = Vocabulary.learned([tokens_of(text)])
    assert len(vocabulary) > 4
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_characters_are_kept_as_they_are():
    assert tokens_of("A b\n", "char") == ["A", " ", "b", "\n"]


def test_the_most_frequent_are_kept_and_ties_have_an_order():
    texts = [["b", "c", "a"], ["c", "b"]]
    assert Vocabulary.learned(texts).words == (*SPECIAL, "b", "c", "a")
    assert Vocabulary.learned(texts, size=3).words == (*SPECIAL, "b")
    assert Vocabulary.learned(texts[::-1]).words == Vocabulary.learned(texts).words


def test_what_is_not_known_is_one_number_and_padding_is_no_text():
    vocabulary = Vocabulary.learned([["good", "day", "!"]])
    assert (vocabulary.pad, vocabulary.unknown, len(vocabulary)) == (PAD, UNKNOWN, 5)
    ids = vocabulary.encode("GOOD night!")
    assert ids[1] == UNKNOWN
    assert vocabulary.decode([*ids, 0, 0]) == "good <unknown>!"
    assert vocabulary.decode([99, -1]) == "<unknown>"


def test_text_that_spells_a_special_word_is_no_special_word():
    vocabulary = Vocabulary.learned([tokens_of("<pad> <unknown>")])
    assert PAD not in vocabulary.encode("<pad> <unknown>")
    assert UNKNOWN not in vocabulary.encode("<pad> <unknown>")


@given(st.text(max_size=60))
def test_characters_come_back_as_they_went(text):
    vocabulary = Vocabulary.learned([tokens_of(text, "char")], level="char")
    assert vocabulary.decode(vocabulary.encode(text)) == "".join(tokens_of(text, "char"))


@given(st.text(max_size=60))
def test_words_read_again_are_the_same_words(text):
    vocabulary = Vocabulary.learned([tokens_of(text)])
    ids = vocabulary.encode(text)
    assert UNKNOWN not in ids
    words = [vocabulary.words[i] for i in ids]
    assert words == tokens_of(text)


def test_line_ends_of_windows_are_one_character():
    assert tokens_of("a\r\nb", "char") == ["a", "\n", "b"]


@pytest.mark.parametrize("word", ["हिन्दी", "العَرَبِيَّة", "שָׁלוֹם", "i̇stanbul", "ที่", "don't"])
def test_marks_belong_to_the_letters_that_bear_them(word):
    assert tokens_of(f"a {word}, 12") == ["a", unicodedata.normalize("NFC", word), ",", "12"]
