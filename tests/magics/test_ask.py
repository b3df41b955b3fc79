"""The magic in IPython: results, ``-o``, errors, settings."""

from __future__ import annotations

import pytest

import nnarch_nb
from nnarch_nb.core.help import Help
from nnarch_nb.errors import NNArchError
from nnarch_nb.magics.verbs import on_line


@pytest.fixture
def ask(toys, model):
    """Run a cell and return its result; errors are raised."""
    toys.push({"model": model})

    def ask(cell):
        outcome = toys.run_cell(cell)
        outcome.raise_error()
        return outcome.result

    return ask


def test_the_result_is_returned(ask, model):
    assert ask("%nnarch learn model model") is model
    assert ask("kept = %nnarch load some.csv --limit 3\nkept") == "some.csv"


def test_the_result_is_stored(ask, toys, model):
    assert ask("%nnarch learn model model -o copy") is model
    assert toys.user_ns["copy"] is model


def test_a_semicolon_shows_nothing_but_stores(ask, toys, model):
    assert ask("%nnarch learn model model -o copy;  # quiet") is None
    assert toys.user_ns["copy"] is model


def test_a_semicolon_leaves_a_name_its_value(ask):
    assert ask("kept = %nnarch load some.csv;\nkept") == "some.csv"
    assert ask("def f():\n    kept = %nnarch load some.csv;\n    return kept\nf()") == "some.csv"


def test_the_name_is_checked_before_the_work(ask, monkeypatch):
    monkeypatch.setattr("nnarch_nb.magics.ask.answer", lambda *_: pytest.fail("began to work"))
    with pytest.raises(NNArchError, match="after -o, '2' cannot name a variable"):
        ask("%nnarch learn model model -o 2")


def test_ipython_expands_values(ask):
    ask("n = 5")
    assert ask("%nnarch paint model --depth $n --batch-size {n * 2}")["depth"] == 5
    assert ask("%nnarch paint model --depth $n --batch-size {n * 2}")["batch_size"] == 10


def test_a_cell_is_a_specification(ask):
    assert ask("%%nnarch make 1,28,28\nConv2d(8, 3)\nReLU()")[:2] == ("Conv2d(8, 3)\nReLU()", (1, 28, 28))


def test_a_cell_needs_a_verb(ask):
    with pytest.raises(
        NNArchError, match="name a verb before the cell, such as %%nnarch build; known: paint"
    ):
        ask("%%nnarch\nmlp")


def test_variables_of_a_function_are_found(ask, model):
    assert (
        ask("def f():\n    mine = model\n    found = %nnarch learn model mine\n    return found\nf()")
        is model
    )


def test_a_verb_may_be_told_the_word_for_an_object(ask):
    ask("mine = (1, 2)")
    assert ask("%nnarch told mine") == "mine"
    assert ask("%nnarch told --data=mine") == "mine"
    assert ask("%nnarch told mine --called other") == "other"


def test_a_note_is_said_once_above_the_result(ask, capsys):
    ask("iris = (1, 2)\nmlp = 3")
    ask("%nnarch load iris;")
    assert capsys.readouterr().out == (
        '`iris` is your variable (tuple), not the data set of that name; write "iris" for that\n'
    )
    assert ask('%nnarch load "iris"') == "iris"


@pytest.mark.parametrize("line", ["", "help", "--help", "-h"])
def test_help_on_all(ask, line):
    shown = ask(f"%nnarch {line}")
    assert isinstance(shown, Help)
    assert [entry.name for entry in shown.entries] == [
        "paint",
        "load",
        "learn",
        "told",
        "make",
        "broken",
        "stopped",
    ]


@pytest.mark.parametrize("line", ["paint --help", "paint model -h", "help paint", "--help paint"])
def test_help_on_one(ask, line):
    assert ask(f"%nnarch {line}").title == "%nnarch paint"


def test_a_near_verb_is_proposed(ask):
    with pytest.raises(NNArchError, match=r"no verb is called 'pant'. Did you mean `paint`\? Known: paint,"):
        ask("%nnarch pant model")
    with pytest.raises(NNArchError, match="no verb is called 'pant'"):
        ask("%nnarch help pant")


def test_a_mistake_is_one_line_and_a_real_error(ask, toys, capsys):
    outcome = toys.run_cell("%nnarch paint modle")
    assert isinstance(outcome.error_in_exec, NNArchError)
    shown = capsys.readouterr()
    assert (shown.out + shown.err).strip().splitlines() == [
        "NNArchError: MODEL: there is no variable 'modle' in this notebook. Did you mean `model`? "
        "Make one with %nnarch build, or in Python."
    ]


def test_a_bug_keeps_its_traceback(ask, toys, capsys):
    with pytest.raises(TypeError):
        ask("%nnarch broken model")
    assert "a bug: a network has no length" in capsys.readouterr().out


def test_an_interrupt_passes_through(toys):
    with pytest.raises(KeyboardInterrupt):
        toys.run_line_magic("nnarch", "stopped")


def test_settings_are_defaults(ask):
    ask("%config NNArch.seed = 7")
    ask("%config NNArch.device = 'cpu'")
    painted = ask("%nnarch paint model")
    assert (painted["seed"], painted["device"]) == (7, "cpu")
    assert ask("%nnarch paint model --seed 1")["seed"] == 1
    assert ask("%nnarch learn model model") is not None, "a verb without them takes none"


def test_a_session_seed_does_not_stand_in_the_way_of_ready_data(shell):
    ready = nnarch_nb.data("iris")
    shell.push({"ready": ready})
    shell.run_line_magic("config", "NNArch.seed = 7")
    assert shell.run_line_magic("nnarch", "data ready") is ready
    with pytest.raises(NNArchError, match="is a Data already"):
        shell.run_line_magic("nnarch", "data ready --seed 4")


def test_settings_begin_as_the_verbs_own_defaults(ask):
    assert ask("%nnarch paint model")["seed"] == 0


def test_the_palette_is_used(ask):
    from nnarch_nb.views import theme

    ask("%config NNArch.palette = 'tol-bright'")
    try:
        assert theme.family_colour("linear") == theme.PALETTES["tol-bright"][1]
    finally:
        theme.use("okabe-ito")


def test_settings_are_listed_and_checked(ask, capsys, caplog):
    ask("%config NNArch")
    listed = capsys.readouterr().out
    assert all(f"NNArch.{name}=" in listed for name in ("seed", "device", "palette", "live"))
    ask("%config NNArch.palette = 'pink'")
    assert "expected any of" in caplog.text


@pytest.mark.parametrize("name", nnarch_nb.VERBS)
def test_every_verb_has_a_command_line(name, shell):
    """A name that only type checkers see in a signature would be our bug, and shows here."""
    outcome = shell.run_cell(f"%nnarch {name} --help")
    outcome.raise_error()
    described = {entry.name: entry.about for entry in outcome.result.entries}
    assert all(described.values())


@pytest.mark.parametrize("name", nnarch_nb.VERBS)
def test_every_verb_refuses_nothing_at_all_in_one_line(name, shell):
    with pytest.raises(NNArchError, match=f"{on_line(name)} needs "):
        shell.run_line_magic("nnarch", name)


@pytest.fixture
def really(shell):
    """Run a cell with the package's own verbs."""

    def really(cell):
        outcome = shell.run_cell(cell)
        outcome.raise_error()
        return outcome.result

    return really


def test_networks_come_from_files_by_a_line(really, shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    really("%nnarch build gru 8 --vocab-size 20 --width 4 -o model")
    shell.user_ns["model"].save("m.safetensors")
    really("%nnarch load m.safetensors -o again")
    really("%nnarch load_pretrained model m.safetensors -o filled")
    assert shell.user_ns["filled"] is shell.user_ns["model"]
    really("%nnarch generate again 3,4 5 --seed 2 -o made")
    assert (
        shell.user_ns["made"].continued.tolist()
        == shell.user_ns["model"].generate([3, 4], 5, seed=2).tolist()
    )


def test_a_published_name_is_proposed_for_one_misspelled(really):
    with pytest.raises(NNArchError, match="Did you mean `resnet18`"):
        really("%nnarch load-pretrained resnet17 m.safetensors")


def test_layers_with_their_prefix_are_no_attributes_of_the_variable_nn(really, shell):
    shell.user_ns["nn"] = pytest  # whatever it is
    assert really("%nnarch build nn.Linear(4, 3), nn.ReLU()").spec == "nn.Linear(4, 3), nn.ReLU()"


def test_an_empty_prompt_is_told_so(really):
    really("%nnarch build gru 8 --vocab-size 20 --width 4 -o model")
    with pytest.raises(NNArchError, match=r"no vocabulary|a prompt is empty"):
        really("%nnarch generate model '' 5")
