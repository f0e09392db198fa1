from __future__ import annotations

import pytest

from retailpulse.scheduled.__main__ import main


def test_a_wrong_setting_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RETAILPULSE_DOCS", "docs")
    assert main(["fast"]) == 2
    assert capsys.readouterr().out == (
        "retailpulse: RETAILPULSE_DOCS is docs: it must be s3://<bucket>/ or "
        "s3://<bucket>/<prefix>/\n"
    )


def test_an_unknown_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["weekly"])
    assert "choose from" in capsys.readouterr().err
