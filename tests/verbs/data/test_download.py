"""Downloads from a server of our own: whole, checked, told of, and never half there."""

import gzip
import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nnarch_nb import NNArchError
from nnarch_nb.core import events
from nnarch_nb.verbs.data import data, download
from nnarch_nb.verbs.data.download import Remote


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def served(tmp_path, write_idx, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = write_idx(tmp_path / "served", "-", partial(gzip.compress, mtime=0), ".gz")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    yield Remote("mnist", f"http://127.0.0.1:{server.server_port}/", files)
    server.shutdown()
    thread.join()
    server.server_close()


class Watcher:
    def __init__(self, seen):
        self.seen = seen

    def update(self, task):
        self.seen.append((task.subject, task.done, task.total, task.unit))

    def finish(self, task, result):
        pass


def test_a_download_is_kept_and_its_progress_told(served, tmp_path, capfd):
    seen = []
    undo = events.listen(lambda task: Watcher(seen))
    try:
        folder = download.fetch(served, tmp_path / "cache")
    finally:
        undo()
    assert sorted(path.name for path in folder.iterdir()) == sorted(served.files)
    assert {subject for subject, *_ in seen} == {f"mnist: {name}" for name in served.files}
    assert all(0 <= done <= total and unit == "MB" for _, done, total, unit in seen)
    assert seen[-1][1] == seen[-1][2] > 0
    assert capfd.readouterr() == ("", "")
    offline = Remote("mnist", "http://127.0.0.1:9/", served.files)
    assert download.fetch(offline, tmp_path / "cache") == folder


def test_without_a_root_the_set_is_downloaded_once(served, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MNIST", served)
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / project)
    assert len(data("mnist", val=0.2).test) == 20
    assert len(list((tmp_path / "nnarch_nb" / "mnist").iterdir())) == 4


def test_a_wrong_sum_is_refused_and_nothing_kept(served, tmp_path):
    wrong = Remote(served.name, served.url, dict.fromkeys(served.files, "0" * 64))
    with pytest.raises(NNArchError, match=r"its SHA-256 differs.*root=") as error:
        download.fetch(wrong, tmp_path / "cache")
    assert "\n" not in str(error.value)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_missing_file_and_a_missing_server_name_the_way_out(served, tmp_path):
    absent = Remote(served.name, served.url, {"no-such-file.gz": "0" * 64})
    nobody = Remote(served.name, "http://127.0.0.1:9/", served.files)
    for remote in (absent, nobody):
        with pytest.raises(NNArchError, match=r"could not be had from http.*root=, or use mnist-5k"):
            download.fetch(remote, tmp_path / "cache")


def test_an_interrupt_leaves_no_half_file(served, tmp_path):
    class Stopper(Watcher):
        def update(self, task):
            task.stop.set()

    undo = events.listen(lambda task: Stopper([]))
    (tmp_path / "served" / min(served.files)).write_bytes(bytes(10 * download.CHUNK))
    try:
        with pytest.raises(KeyboardInterrupt):
            download.fetch(served, tmp_path / "cache")
    finally:
        undo()
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_the_published_sums_are_sha256():
    for remote in (download.MNIST, download.FASHION):
        assert remote.url.startswith("https://")
        assert len(remote.files) == 4
        assert all(len(bytes.fromhex(digest)) == 32 for digest in remote.files.values())
