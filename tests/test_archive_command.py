import json

import pytest
from test_archive import replace, stories, story

from retold.archive import Archive
from retold.cli import archive as command
from retold.cli.main import main
from retold.errors import InputError


@pytest.fixture
def wire(tmp_path):
    rows = [{"id": f"s{i}", "text": story(i), "date": f"2024-05-0{i + 1}", "outlet": "Wire"} for i in range(5)]
    (tmp_path / "wire.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path / "wire.jsonl"


@pytest.fixture
def path(tmp_path, wire):
    assert main(["archive", "add", str(tmp_path / "a.archive"), str(wire)]) == 0
    return tmp_path / "a.archive"


def written(capsys):
    return capsys.readouterr().out


def test_adding_again_adds_nothing(path, wire, capsys):
    assert main(["archive", "add", str(path), str(wire)]) == 0
    assert written(capsys).splitlines()[-1] == f"{path}: 0 added, 5 already there; 5 articles"


def test_what_cannot_be_read_is_reported_and_the_rest_is_added(path, tmp_path, capsys):
    (tmp_path / "new.txt").write_text(story(70))
    assert main(["archive", "add", str(path), str(tmp_path / "new.txt"), str(tmp_path / "none.txt")]) == 1
    captured = capsys.readouterr()
    assert "1 added, 1 not read; 6 articles" in captured.out
    assert "none.txt: No such file" in captured.err


def test_info_for_people_and_for_programs(path, capsys):
    written(capsys)
    assert main(["archive", "info", str(path)]) == 0
    lines = written(capsys).splitlines()
    assert "5 articles, 600 words" in lines[0]
    assert lines[1] == "  2024-05-01 to 2024-05-05, 0 without a date"
    assert main(["archive", "info", str(path), "--format", "json"]) == 0
    assert json.loads(written(capsys))["outlets"] == {"Wire": 5}


def test_articles_are_removed_by_date_and_id(path, capsys):
    written(capsys)
    assert main(["archive", "remove", str(path), "--before", "2024-05-03", "--id", "s4"]) == 0
    assert written(capsys) == f"{path}: 3 removed; 2 articles\n"


@pytest.mark.parametrize(("chosen", "message"), [({}, "give --id"), ({"before": "May"}, "not a date")])
def test_a_removal_that_says_not_what_is_refused(path, chosen, message):
    with pytest.raises(InputError, match=message):
        command.remove(path, **chosen)


def test_an_id_without_its_option_removes_nothing_and_says_what_is_missing(path, capsys):
    assert main(["archive", "remove", str(path), "s4"]) == 2
    assert "--id s4" in capsys.readouterr().err
    assert main(["archive", "verify", str(path)]) == 0


def test_different_articles_of_one_id_are_remarked_on(path, tmp_path, capsys):
    rows = [{"id": "a", "text": story(80)}, {"id": "a", "text": story(81)}, {"id": "b", "text": story(80)}]
    # Of an id that the archive has had since before, too.
    later = [{"id": "a", "text": story(82)}, {"id": "c", "text": story(83)}]
    remark = "different articles of the same id are kept: a;"
    for kept, says in ((rows, remark), (rows[1:], ""), (later[1:], ""), (later, remark)):
        (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in kept))
        written(capsys)
        assert main(["archive", "add", str(path), str(tmp_path / "rows.jsonl")]) == 0
        assert ("same id" in (error := capsys.readouterr().err)) == bool(says)
        assert says in error


def test_verify_names_faults_and_repair_mends_them(path, capsys):
    written(capsys)
    assert main(["archive", "verify", str(path)]) == 0
    assert written(capsys) == f"{path}: sound\n"
    replace(next((path / "index").glob("*.idx")), b"nonsense")
    assert main(["archive", "verify", str(path)]) == 2
    assert f"run: retold archive repair {path}" in capsys.readouterr().err
    assert main(["archive", "repair", str(path)]) == 0
    assert main(["archive", "verify", str(path)]) == 0


def test_one_article_is_one_article(tmp_path, capsys):
    (tmp_path / "new.txt").write_text(story(70))
    assert main(["archive", "add", str(tmp_path / "one.archive"), str(tmp_path / "new.txt")]) == 0
    assert written(capsys).endswith("1 added; 1 article\n")


def test_archives_merge_into_a_new_one(path, tmp_path, capsys):
    Archive.create(tmp_path / "b.archive").add(stories(3, first=4))
    assert main(["archive", "merge", str(tmp_path / "all.archive"), str(path), str(tmp_path / "b.archive")]) == 0
    assert "7 added, 1 already there; 7 articles" in written(capsys)
    assert main(["archive", "merge", str(path), str(path)]) == 2


def test_an_archive_of_addresses_takes_less_room(path, wire, tmp_path, capsys):
    assert main(["archive", "add", str(tmp_path / "b.archive"), str(wire), "--no-text"]) == 0
    assert main(["archive", "info", str(tmp_path / "b.archive")]) == 0
    assert "addresses only" in written(capsys)
    assert Archive.open(tmp_path / "b.archive").search(story(3))[0].article.place == f"{wire}:4"
