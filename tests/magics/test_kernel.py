"""What a notebook sees, asked of a real kernel over its own protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    patch = pytest.MonkeyPatch()
    patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path_factory.mktemp("work")))
    run(client, "%load_ext nnarch_nb")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()
    patch.undo()


def run(client: BlockingKernelClient, code: str) -> list[dict[str, Any]]:
    """Return the content of each output of a cell."""
    outputs: list[dict[str, Any]] = []

    def keep(message: dict[str, Any]) -> None:
        kind = message["msg_type"]
        if kind in {"execute_result", "display_data", "stream", "error"}:
            outputs.append({"kind": kind, **message["content"]})

    client.execute_interactive(code, output_hook=keep, timeout=120)
    return outputs


def test_help_is_one_bundle(kernel):
    (output,) = run(kernel, "%nnarch")
    assert output["kind"] == "execute_result"
    assert output["data"]["text/plain"].startswith("%nnarch  build, look at, train")
    assert "<table>" in output["data"]["text/html"]


def test_a_mistake_is_an_error_of_one_line(kernel):
    (output,) = run(kernel, "%nnarch sumary model")
    assert (output["kind"], output["ename"]) == ("error", "NNArchError")
    assert output["evalue"].startswith("no verb is called 'sumary'. Did you mean `summary`?")
    assert output["traceback"] == [f"NNArchError: {output['evalue']}"]


def test_a_result_is_stored_and_silenced(kernel):
    assert run(kernel, "%nnarch build mlp 4 3 -o model;") == []
    (output,) = run(kernel, "import torch; isinstance(model, torch.nn.Module)")
    assert output["data"]["text/plain"] == "True"


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("%nnarch summ", ["summary"]),
        ("%nnarch summary mo", ["model"]),
        ("x = %nnarch train model mni", ["mnist-5k", "mnist"]),
        ("%nnarch train model digits --optim", ["--optimizer"]),
        ("%nnarch train model digits --optimizer ada", ["adam", "adamw"]),
    ],
)
def test_tab(kernel, code, offered):
    run(kernel, "%nnarch build mlp 4 3 -o model;")
    reply = kernel.complete(code, reply=True, timeout=60)["content"]
    assert sorted(reply["matches"]) == sorted(offered)
    assert code[reply["cursor_start"] :] == code.split()[-1]


def test_the_question_mark(kernel):
    reply = kernel.execute("%nnarch?", reply=True, timeout=60)["content"]
    (page,) = reply["payload"]
    assert "Train a network" in page["data"]["text/plain"]
