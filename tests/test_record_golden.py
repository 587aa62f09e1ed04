"""The tool that records anew writes what is stored."""

import json

import numpy as np
import pytest

from bncore.records import CASES, FOLDER
from tools.record_golden import main


@pytest.mark.keras
def test_recorded_anew_is_what_is_stored(tmp_path):
    main(str(tmp_path), "keras-3")
    for name in CASES:
        old, new = (
            json.loads((folder / f"{name}.json").read_text()) for folder in (FOLDER, tmp_path)
        )
        assert old.keys() == new.keys()
        (fresh,) = new["records"]
        stored = next(r for r in old["records"] if r["implementation"] == "keras-3")
        assert fresh.keys() == stored.keys()
        for ours, theirs in zip(fresh["steps"], stored["steps"], strict=True):
            assert ours["update"] == theirs["update"]
            for key in ("moving_mean", "moving_variance"):
                np.testing.assert_allclose(ours[key], theirs[key], rtol=2e-5, atol=2e-7)
