"""`validate` and `drift` in the formats of code scanning and of CI's test reports."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from reconciler.diagnostics import Place, Problem, Severity
from reconciler.render.junit import Case, junit_text
from reconciler.render.problems.sarif import LONGEST, MOST_RESULTS, sarif_document

if TYPE_CHECKING:
    from tests.cli.desk import Desk


def parsed(text: str | bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own document


BAD = "prune: everything\ninstallations: {slack: {configuration: {api_token: literal-in-clear}}}\n"


def sarif(desk: Desk) -> dict[str, Any]:
    ended = desk.run("validate", "--offline", "--format", "sarif")
    (run,) = json.loads(ended.out)["runs"]

    assert ended.code == 1
    return dict(run)


def test_code_scanning_gets_a_result_for_each_problem_with_its_rule_and_place(desk: Desk) -> None:
    desk.write(BAD)

    run = sarif(desk)

    assert [(item["ruleId"], item["level"]) for item in run["results"]] == [
        ("GB019", "error"),
        ("GB120", "warning"),
    ]
    for item in run["results"]:
        rule = run["tool"]["driver"]["rules"][item["ruleIndex"]]
        (location,) = item["locations"]
        assert rule["id"] == item["ruleId"]
        assert rule["defaultConfiguration"]["level"] == item["level"]
        assert location["physicalLocation"]["artifactLocation"]["uri"].endswith("/gbsync.yaml")
        assert location["physicalLocation"]["region"]["startLine"] in (3, 4)
        assert "literal-in-clear" not in json.dumps(item)


def test_files_without_problems_are_a_run_without_results(desk: Desk) -> None:
    desk.write("prune: none\n")

    ended = desk.run("validate", "--offline", "--format", "sarif")

    assert (ended.code, json.loads(ended.out)["runs"][0]["results"]) == (0, [])


def test_githubs_limits_are_kept() -> None:
    """It refuses 25,000 results and shows 5,000; it needs a place for each, relative to the repository."""
    warnings = [Problem("GB120", "x", severity=Severity.WARNING) for _ in range(MOST_RESULTS)]
    also = tuple(Place("a file #1.yaml", line) for line in range(1, 300))
    error = Problem("GB999", "x" * 5_000, place=Place("a file #1.yaml", 7, 3), also=also)

    (run,) = sarif_document([*warnings, error], root="top.yaml")["runs"]

    assert len(run["results"]) == MOST_RESULTS
    assert run["results"][0]["ruleId"] == "GB999"
    assert len(run["results"][0]["relatedLocations"]) == 100
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20file%20%231.yaml", "uriBaseId": "%SRCROOT%"}
    assert run["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "top.yaml"
    assert "1 more problems were left out" in json.dumps(run["invocations"])
    for rule in run["tool"]["driver"]["rules"]:
        assert all(len(rule[key]["text"]) <= LONGEST for key in ("fullDescription", "help") if key in rule)


def test_a_test_report_has_a_failure_for_each_error_and_a_case_for_each_warning(desk: Desk) -> None:
    desk.write(BAD)

    ended = desk.run("validate", "--offline", "--format", "junit")

    root = parsed(ended.out)
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    failing, passing = root.iter("testcase")
    failure, remark = failing.find("failure"), passing.find("system-out")
    assert failure is not None
    assert failure.get("type") == "GB019"
    assert remark is not None
    assert "GB120" in str(remark.text)
    assert failing.get("line") == "3"


def test_a_test_report_of_good_files_has_a_case_for_each_that_passed(desk: Desk) -> None:
    desk.write("prune: none\n")

    ended = desk.run("validate", "--offline", "--format", "junit")

    (case,) = parsed(ended.out).iter("testcase")
    assert (ended.code, case.get("name")) == (0, "no problems")
    assert str(case.get("classname")).endswith("gbsync.yaml")


def test_drift_as_a_test_report_fails_for_what_moved(desk: Desk) -> None:
    text = "installations: {slack: {configuration: {default_channel: C0001}}}\n"
    desk.applied(text)
    nothing = desk.run("drift", "--format", "junit")
    desk.configure("slack", default_channel="C0HAND")

    ended = desk.run("drift", "--format", "junit")

    (passed,), (failed,) = (
        parsed(nothing.out).iter("testcase"),
        parsed(ended.out).iter("testcase"),
    )
    failure = failed.find("failure")
    assert (nothing.code, passed.get("name")) == (0, "No drift.")
    assert ended.code == 2
    assert failure is not None
    assert failure.get("type") == "changed-live"
    assert 'live moved: configuration.default_channel: file "C0001", live "C0HAND"' in str(failure.text)


@pytest.mark.parametrize(
    "text", ["\x00\x1b[31m", "]]>", "<b>&\"'", "\ud800", "\ufffe", "::error::x", "a\u202eb"]
)
def test_no_text_gets_out_of_a_test_report(text: str) -> None:
    document = junit_text("gbsync", [(text, [Case(text, text, f"{text}\n{text}", text, text, text, 3)])])

    (case,) = parsed(document.encode("utf-8")).iter("testcase")
    assert len(case) == 2
    assert not any(sign in document for sign in "\x00\x1b\u202e")


def test_a_warning_can_be_ignored_with_a_reason_and_an_error_cannot(desk: Desk) -> None:
    secret = "installations: {slack: {configuration: {api_token: literal-in-clear}}}\n"
    desk.write(secret)
    before = desk.run("validate", "--offline")
    desk.write("ignore: [{rule: GB120, because: it opens nothing}]\n" + secret)
    after = desk.run("validate", "--offline")
    desk.write("ignore: [{rule: GB019, because: no}, {rule: GB120}, {rule: GB404, because: x}, 4]\n" + BAD)
    refused = desk.run("validate", "--offline")

    assert "GB120" in before.out
    assert after.out.strip() == "No problems."
    assert refused.code == 1
    assert refused.out.count("GB056") == 4
    assert "GB019 is an error, and errors cannot be ignored" in refused.out
    assert "GB019: `prune` is not" in refused.out


def test_a_warning_of_the_live_side_is_ignored_too(desk: Desk) -> None:
    text = "installations: {slack: {configuration: {default_channel: C0001, defualt: x}}}\n"
    desk.write(text)
    rules = set(re.findall(r"GB\d+", desk.run("plan").err))
    desk.write("".join(f"ignore: [{{rule: {rule}, because: x}}]\n" for rule in rules) + text)

    ended = desk.run("plan")

    assert len(rules) == 1
    assert "GB" not in ended.err
