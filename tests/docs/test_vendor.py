"""What the vendor has and we lack: found in both directions, and silent about what the page knows."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from scripts import vendor

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OURS: dict[str, Any] = json.loads(vendor.OURS.read_text(encoding="utf-8"))


def moved() -> dict[str, Any]:
    """The vendor's document of tomorrow."""
    theirs = copy.deepcopy(OURS)
    theirs["components"]["schemas"]["IntegrationScope"]["enum"].append("site:tomorrow")
    theirs["components"]["schemas"]["IntegrationBlock"]["properties"]["colour"] = {"type": "string"}
    theirs["components"]["schemas"]["Site"]["properties"]["weather"] = {"type": "string"}
    path = theirs["paths"]["/integrations/{integrationName}"]
    path["post"]["parameters"] = [*path["post"]["parameters"], {"in": "query", "name": "draft"}]
    del theirs["paths"]["/integrations/{integrationName}/tasks"]
    theirs["paths"]["/integrations/{integrationName}/logs"] = {
        "get": {"operationId": "listIntegrationLogs", "responses": {}}
    }
    return theirs


def package(folder: Path, document: dict[str, Any]) -> str:
    (folder / "spec").mkdir()
    (folder / "spec" / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "package.json").write_text('{"version": "1.2.3"}', encoding="utf-8")
    return str(folder)


def test_what_they_have_and_what_they_lack_is_found() -> None:
    assert vendor.differences(OURS, OURS) == []
    assert vendor.differences(moved(), OURS) == [
        "+ field of IntegrationBlock: colour",
        "+ operation listIntegrationLogs: GET /integrations/{integrationName}/logs",
        "+ parameter of publishIntegration: draft",
        "+ value of IntegrationScope: site:tomorrow",
        "- field of queueIntegrationTask body: schedule",
        "- field of queueIntegrationTask body: task",
        "- operation queueIntegrationTask: POST /integrations/{integrationName}/tasks",
        "- parameter of queueIntegrationTask: integrationName",
    ]


def test_news_fails_with_a_list_and_so_does_what_is_known_and_no_longer_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = vendor.main([package(tmp_path, moved())])

    shown = capsys.readouterr().out
    assert code == 1
    assert shown.startswith(
        "@gitbook/api 1.2.3: 8 differences, 8 of them not in docs/vendor.md\n+ field of Int"
    )
    assert "no longer: - value of IntegrationCategory: gitsync" in shown


def test_what_the_page_lists_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = copy.deepcopy(OURS)
    theirs["components"]["schemas"]["IntegrationCategory"]["enum"].remove("gitsync")
    vendor.main([package(tmp_path, theirs)])

    assert "\n- value of IntegrationCategory: gitsync" not in capsys.readouterr().out


def test_a_folder_that_is_no_package_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert vendor.main([str(tmp_path)]) == 1
    assert "usage: python -m scripts.vendor FOLDER" in capsys.readouterr().err
