"""Batches: every application gets its answer, one bad one stops nothing, and running again issues nothing twice."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from distributed import LocalCluster
from postgresql_server import PostgresqlServer

from toolkit.batch_items import read_batch
from toolkit.batches import Order, Tally, issue_batch
from toolkit.errors import ClusterUnreachable, UsageError
from toolkit.home import Home
from toolkit.records.store import Store


@pytest.fixture
def office(tmp_path: Path, new_home: Path) -> Path:
    """Return a data folder whose key is valid by the clock of this computer."""
    folder = tmp_path / "home"
    started = datetime.now(UTC) - timedelta(hours=1)
    Home.create(folder, office="自治区科学技术厅", prefix="XJ", passphrase="opens it", now=started).close()
    copytree(new_home / "programmes", folder / "programmes", dirs_exist_ok=True)
    return folder


@pytest.fixture
def text(samples: Path) -> str:
    return (samples / "small-application.yaml").read_text("utf-8")


def run(batch: Path, office: Path, output: Path, cluster: str | None = None) -> tuple[Tally, list[dict[str, Any]]]:
    """Issue a batch, and return the tally with what the lines of the results say."""
    results = output / "results.jsonl"
    tally = Tally()
    for after in issue_batch(read_batch(batch), Order(office, output, "typst", "opens it"), results, cluster=cluster):
        tally = after
    return tally, [json.loads(line) for line in results.read_text("utf-8").splitlines()]


def folder_of(tmp_path: Path, text: str, count: int) -> Path:
    """Return a folder with applications that differ in their titles, two faulty ones among them."""
    folder = tmp_path / "batch"
    (folder / "b").mkdir(parents=True)
    for number in range(count):
        (folder / "b" / f"{number}.yaml").write_text(text.replace("title: ", f"title: 第{number}期"), "utf-8")
    (folder / "a.yaml").write_text(text.replace("title: 坎儿井", "titel: 坎儿井"), "utf-8")
    (folder / "c.json").write_text("{", "utf-8")
    (folder / "~$a.xlsx").write_bytes(b"open elsewhere")
    (folder / "letter.pdf").write_bytes(b"%PDF-1.7")
    return folder


def test_a_folder_by_processes_and_again(tmp_path: Path, office: Path, text: str) -> None:
    batch = folder_of(tmp_path, text, 3)
    assert read_batch(batch).left_alone == 2
    tally, lines = run(batch, office, tmp_path / "out")
    assert (tally.passed, tally.again, tally.failed, tally.errors, tally.exit_code) == (3, 0, 1, 1, 1)
    assert [line["item"] for line in lines] == ["a.yaml", "b/0.yaml", "b/1.yaml", "b/2.yaml", "c.json"]
    assert [line["outcome"] for line in lines] == ["failed", "passed", "passed", "passed", "error"]
    assert lines[0]["findings"] and lines[4]["error"]["code"] == "INPUT_UNREADABLE"
    serials = [line["serial"] for line in lines[1:4]]
    assert sorted(serials) == ["XJKP26-0001", "XJKP26-0002", "XJKP26-0003"]
    missing = tmp_path / "out" / lines[1]["files"][0]
    content = missing.read_bytes()
    missing.unlink()
    tally, again = run(batch, office, tmp_path / "out")
    assert (tally.passed, tally.again) == (3, 3)
    assert [line["serial"] for line in again[1:4]] == serials
    assert missing.read_bytes() == content


def test_lines_with_keys_revisions_and_faults(tmp_path: Path, office: Path, text: str, samples: Path) -> None:
    (tmp_path / "small.yaml").write_text(text, "utf-8")
    said = [
        {"application": "small.yaml", "key": "one"},
        {"application": {"programme": "popular-science-2026", "title": "无"}},
        {"application": "small.yaml", "keys": "x"},
        {"application": "gone.yaml"},
    ]
    lines = tmp_path / "many.jsonl"
    lines.write_text("\n".join([*(json.dumps(line) for line in said), "", "not json"]), "utf-8")
    for again in (0, 1):
        tally, told = run(lines, office, tmp_path / "out")
        assert [line["outcome"] for line in told] == ["passed", "failed", "error", "error", "error"]
        assert (tally.again, tally.errors) == (again, 3)
        assert (told[0]["serial"], told[4]["item"]) == ("XJKP26-0001", "many.jsonl:6")
    lines.write_text(json.dumps({"application": "small.yaml", "revises": "XJKP26-0001", "key": "two"}), "utf-8")
    _, told = run(lines, office, tmp_path / "out")
    assert [(line["serial"], line["revision"]) for line in told] == [("XJKP26-0001", 2)]


def test_a_list_in_a_workbook(tmp_path: Path, office: Path, text: str) -> None:
    from openpyxl import Workbook

    (tmp_path / "small.yaml").write_text(text, "utf-8")
    book = Workbook()
    for row in (["2026年申报清单"], ["序号", "文件", "编号"], [1, "small.yaml", None], [2, None, "XJKP26-0001"]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "list.xlsx")
    _, told = run(tmp_path / "list.xlsx", office, tmp_path / "out")
    assert [line["outcome"] for line in told] == ["passed", "error"]
    assert told[1]["item"] == "list.xlsx:4"


def test_what_is_no_batch(tmp_path: Path, office: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(UsageError, match="no batch"):
        read_batch(tmp_path / "a.txt")
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", office, tmp_path / "out")[0].exit_code == 0
    with pytest.raises(ClusterUnreachable):
        run(tmp_path / "empty", office, tmp_path / "out", cluster="tcp://127.0.0.1:1")


def test_the_command(tmp_path: Path, office: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    from jsonschema import Draft202012Validator

    from toolkit.cli import main

    docs = Path(__file__).parents[1] / "docs"
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "a.yaml").write_text(text, "utf-8")
    (tmp_path / "batch" / "b.yaml").write_text(text.replace("title: ", "titel: "), "utf-8")
    call = ["--home", str(office), "issue", "--batch", str(tmp_path / "batch"), "-o", str(tmp_path / "out"), "--json"]
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setenv("TRUECOPY_PASSPHRASE", "opens it")
        main(call)
    assert ended.value.code == 3
    answer = json.loads(capsys.readouterr().out)
    Draft202012Validator(json.loads((docs / "batch.schema.json").read_text("utf-8"))).validate(answer)
    assert (answer["issued"], answer["failed"]) == (1, 1)
    schema = Draft202012Validator(json.loads((docs / "batch-result.schema.json").read_text("utf-8")))
    for line in Path(answer["results"]).read_text("utf-8").splitlines():
        schema.validate(json.loads(line))
    with pytest.raises(SystemExit) as ended:
        main([*call, "--key", "x"])
    assert ended.value.code == 2


@pytest.mark.real
def test_a_cluster_of_two_workers_on_postgresql(
    tmp_path: Path, office: Path, text: str, postgresql_server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgresql_server.url(postgresql_server.new())
    Store.create(address).close()
    with (office / "settings.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'store = "{address}"\n')
    monkeypatch.setenv("TRUECOPY_PASSPHRASE", "opens it")  # the workers have it in their environment
    batch, output = folder_of(tmp_path, text, 4), tmp_path / "out"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cluster's own sockets and loops
        with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster:
            results = output / "results.jsonl"
            for again in (0, 4):
                order = Order(office, output, "typst", None)
                *_, tally = issue_batch(read_batch(batch), order, results, cluster=cluster.scheduler_address)
                assert (tally.passed, tally.again, tally.failed, tally.errors) == (4, again, 1, 1)
    serials = {json.loads(line)["serial"] for line in results.read_text("utf-8").splitlines()}
    assert serials == {None, *(f"XJKP26-000{number}" for number in range(1, 5))}
