"""The panel in a real kernel: what a notebook holds when the cell has ended."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbclient import NotebookClient

from .conftest import PRELUDE, Cell, Kernel

WIDGET = "application/vnd.jupyter.widget-view+json"
STATIC = {"text/html", "text/plain", "image/png"}


def kinds(cell: Cell) -> list[str]:
    return [message["msg_type"] for message in cell.messages]


def panels(cell: Cell) -> list[str]:
    """Return the html the panel showed, one after the other."""
    states = [
        message["content"]["data"].get("state", {})
        for message in cell.messages
        if message["msg_type"] in ("comm_open", "comm_msg")
    ]
    return [state["value"] for state in states if "nn-title" in state.get("value", "")]


def assert_no_widget_is_left(cell: Cell) -> None:
    assert all(WIDGET not in shown for shown in cell.shown)
    assert kinds(cell).count("comm_close") == kinds(cell).count("comm_open")


@pytest.mark.parametrize("model", ["quick", "slow"])
@pytest.mark.parametrize("code", ["run = train({}, data, epochs=12)", "train({}, data, epochs=12)"])
def test_a_run_appears_once_as_a_static_result(kernel, code, model):
    cell = kernel.run(code.format(model))
    (shown,) = cell.shown
    assert set(shown) == STATIC
    assert "12 of 12 epochs" in shown["text/html"]
    assert not cell.printed
    assert_no_widget_is_left(cell)


def test_a_short_task_shows_no_panel(kernel):
    # How long a task takes is the machine's affair: what counts as short is moved instead.
    kernel.run("from nnarch_nb.views.live import panel; delay, panel.DELAY = panel.DELAY, 1e9")
    cell = kernel.run("train(quick, data, epochs=1)")
    kernel.run("panel.DELAY = delay")
    assert not panels(cell)
    assert "comm_open" not in kinds(cell)


def test_a_long_task_shows_progress_and_curves(kernel):
    cell = kernel.run("train(slow, data, epochs=30, patience=0)")
    shown = panels(cell)
    assert len(shown) >= 2
    assert "Training Slow" in shown[-1]
    assert re.search(r"epoch \d+ of 30 · .* left", shown[-1])
    assert shown[-1].count("<svg") == 2
    assert shown[-1].count("<polyline") == 3
    assert "the ■ of the notebook stops after this step" in shown[-1]
    assert_no_widget_is_left(cell)


def test_what_was_shown_is_still_the_value_of_the_cell(kernel):
    kernel.run("train(quick, data, epochs=2)")
    assert kernel.run("print(type(_).__name__, len(_.history))").printed == "Run 2\n"


def test_a_result_of_an_earlier_cell_and_another_of_this_one_are_shown(kernel):
    kernel.run("first = train(quick, data, epochs=1)")
    assert len(kernel.run("first").shown) == 1
    cell = kernel.run("second = train(quick, data, epochs=1)\nfirst")
    assert [set(shown) for shown in cell.shown] == [STATIC, STATIC]


def test_each_run_of_a_loop_is_shown(kernel):
    cell = kernel.run("runs = [train(quick, data, epochs=1) for _ in range(2)]\nruns[1]")
    assert len(cell.shown) == 2


def test_an_error_leaves_one_line_in_the_panels_place(kernel):
    cell = kernel.run(
        "with events.task('train', 'net', 10, 'epoch') as task:\n"
        "    for n in range(10):\n"
        "        time.sleep(.1)\n"
        "        task.advance(n, loss=1.0)\n"
        "    raise ValueError('no')"
    )
    (shown,) = cell.shown
    assert shown["text/plain"] == "Training net  stopped by an error at epoch 10 of 10"
    assert cell.outputs[-1]["ename"] == "ValueError"
    assert_no_widget_is_left(cell)


def test_a_task_without_a_loss_shows_plain_progress(kernel):
    cell = kernel.run(
        "with events.task('explain', '<b>net</b>', 8, 'sample') as task:\n"
        "    for n in range(8):\n"
        "        time.sleep(.1)\n"
        "        task.advance(n + 1)\n"
    )
    shown = panels(cell)
    assert "Explaining &lt;b&gt;net&lt;/b&gt;" in shown[0]
    assert "<svg" not in shown[-1]
    assert 'role="progressbar"' in shown[-1]


def test_the_kernels_interrupt_stops_after_the_step(kernel):
    sent = []

    def interrupt(manager, cell):
        if not sent and panels(cell):
            sent.append(manager.interrupt_kernel())

    cell = kernel.run("run = train(slow, data, epochs=100000, patience=0)", interrupt)
    assert sent
    (shown,) = cell.shown
    assert "interrupted" in shown["text/html"]
    assert kernel.run("print(run.stopped, run.best_epoch > 0)").printed == "interrupted True\n"
    assert_no_widget_is_left(cell)


def test_switched_off_the_result_is_only_the_value_of_the_cell(kernel):
    kernel.run("live[0] = False")
    try:
        assert not kernel.run("run = train(slow, data, epochs=12)").outputs
        assert [output["kind"] for output in kernel.run("train(quick, data)").outputs] == ["execute_result"]
    finally:
        kernel.run("live[0] = True")


def test_disconnected_nothing_is_left(kernel):
    kernel.run("before = len(get_ipython().events.callbacks['post_run_cell'])")
    kernel.run("train(quick, data, epochs=1)")
    found = kernel.run(
        "shell = get_ipython()\n"
        "printers = shell.display_formatter.ipython_display_formatter.singleton_printers\n"
        "print(before == len(shell.events.callbacks['post_run_cell']), printers, len(events._factories))\n"
        "disconnect()\n"
        "print(len(events._factories))\n"
        "disconnect = connect(shell, lambda: live[0])\n"
    )
    assert found.printed == "True {} 1\n0\n"


def press(kernel: Kernel, cell: Cell, subshell: str) -> None:
    """Send the click of the panel's button as JupyterLab does: over a subshell."""
    (button,) = {
        message["content"]["comm_id"]
        for message in cell.messages
        if message["msg_type"] == "comm_open"
        and message["content"]["data"]["state"].get("_model_name") == "ButtonModel"
    }
    click = {"method": "custom", "content": {"event": "click"}}
    message = kernel.client.session.msg("comm_msg", {"comm_id": button, "data": click})
    message["header"]["subshell_id"] = subshell
    kernel.client.shell_channel.send(message)


def test_the_button_stops_a_running_cell(kernel):
    request = kernel.client.session.msg("create_subshell_request", {})
    kernel.client.control_channel.send(request)
    subshell = kernel.client.get_control_msg(timeout=30)["content"]["subshell_id"]
    pressed = []

    def press_once(manager, cell):
        if not pressed and panels(cell):
            pressed.append(press(kernel, cell, subshell))

    try:
        cell = kernel.run("run = train(slow, data, epochs=100000, patience=0)", press_once)
        assert pressed
        assert kernel.run("print(run.stopped)").printed == "interrupted\n"
        assert "of the notebook stops" not in panels(cell)[-1]
        assert_no_widget_is_left(cell)
    finally:
        request = kernel.client.session.msg("delete_subshell_request", {"subshell_id": subshell})
        kernel.client.control_channel.send(request)
        kernel.client.get_control_msg(timeout=30)


def test_a_notebook_executed_without_a_browser_holds_static_results(tmp_path):
    cells = [
        PRELUDE,
        "run = train(slow, data, epochs=12)",
        "train(slow, data, epochs=12)",
        "run.history[0].epoch",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    nbformat.validate(notebook)
    for cell in notebook.cells[1:3]:
        (output,) = cell.outputs
        assert set(output["data"]) == STATIC
    assert len(nbformat.writes(notebook)) < 150_000
