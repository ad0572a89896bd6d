from __future__ import annotations

import json

import pytest

from training.remeasure import RemeasureOptions, main, recorded_command

FINDINGS = "python -m training.studies --results {}"


@pytest.fixture
def options(tmp_path):
    """Two results: one whose command succeeds, one whose folder of findings has a broken file."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "a.json").write_text("{")
    results = tmp_path / "results"
    results.mkdir()
    for name, folder in (("good", results), ("bad", broken)):
        command = FINDINGS.format(folder)
        (results / f"{name}.json").write_text(json.dumps({"command": command, "finding": "Yes."}))
    return RemeasureOptions(("bad", "good"), log=tmp_path / "log", results=results)


def test_one_failure_stops_no_other_and_is_tried_again(options, tmp_path, capsys):
    with pytest.raises(ValueError, match="Not made: bad"):
        main(options)
    assert [path.name for path in options.log.glob("*.done.json")] == ["good.done.json"]
    assert "is no JSON file" in (options.log / "bad.txt").read_text()
    (tmp_path / "broken" / "a.json").write_text('{"command": "", "finding": "No."}')
    capsys.readouterr()
    main(options)
    assert capsys.readouterr().out.count("python -m") == 1  # what was done is not done again
    assert (options.log / "bad.done.json").exists()


def test_only_this_projects_commands_are_run(options):
    path = options.results / "good.json"
    for command in ("rm -r x", "python -m http.server", ""):
        path.write_text(json.dumps({"command": command}))
        with pytest.raises(ValueError, match="does not say which command"):
            recorded_command(path)
    with pytest.raises(ValueError, match="There is no result"):
        main(RemeasureOptions(("bad", "none"), log=options.log, results=options.results))
    assert not options.log.exists()
