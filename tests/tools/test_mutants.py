import json

from tools import mutants


def test_what_no_test_noticed_is_counted_by_module(tmp_path, monkeypatch, capsys):
    codes = {"a": 1, "b": 0, "c": 33, "d": 5, "e": 36, "not tried": None}
    for name, found in (("axes.py", codes), ("moving.py", {"a": 1}), ("untried.py", {"a": None})):
        path = tmp_path / "bncore" / f"{name}.meta"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"exit_code_by_key": found}))
    found = [("bncore/axes.py", 5, 3), ("bncore/moving.py", 1, 0)]
    assert list(mutants.shares(tmp_path)) == found
    monkeypatch.setattr(mutants, "shares", lambda: iter(found))
    mutants.main()
    assert "3 of     6 missed   50.0 %" in capsys.readouterr().out
