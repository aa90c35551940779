"""The commands that keep published forecasts and score them."""

import pandas as pd
import pytest

from dxanalysis import cli, facts


def test_a_forecast_is_kept_and_scored_when_the_figure_arrives(tmp_path, capsys, monkeypatch):
    pytest.importorskip("pyarrow")
    archive, series = tmp_path / "track_record.parquet", ("digital_economy_share", "viet-nam")
    whole = facts.load_history(*series)
    last = int(whole["year"].max())
    with monkeypatch.context() as patch:
        patch.setattr(facts, "load_history", lambda *_, **__: whole[whole["year"] < last])
        assert cli.main(["record", "publish", *series, "--horizon", "2", "--archive", str(archive)]) == 0
        assert str(last) in capsys.readouterr().out
        assert cli.main(["record", "score", *series, "--archive", str(archive)]) == 0
        assert capsys.readouterr().out.strip() == "No forecast year has been observed yet."
    kept = pd.read_parquet(archive)
    assert sorted(kept["year"].unique()) == [last, last + 1]
    assert cli.main(["record", "score", *series, "--archive", str(archive)]) == 0
    assert str(last) in capsys.readouterr().out.splitlines()[1]
