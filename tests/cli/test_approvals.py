"""`apply --approved`, `--reviewed` and `--heal` as a pipeline runs them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.desk import Desk, Ended

HANDBOOK = "installation/googleanalytics/site/site_p4Xo1"
FILE = """
heal: [{heal}]
installations:
  slack:
    configuration: {{default_channel: {channel}, {more}}}
  googleanalytics:
    sites:
      site_p4Xo1: {{configuration: {{tracking_id: {tag}}}}}
"""


def file(
    channel: str = "C0001",
    tag: str = "G-1",
    heal: str = "installation/slack, installation/*/site/*",
    more: str = "",
) -> str:
    return FILE.format(channel=channel, tag=tag, heal=heal, more=more)


def tag(desk: Desk) -> str:
    with desk.store() as store:
        analytics = store.installations_of(integration="googleanalytics")[0]
        return str(store.bindings(analytics.id, "site")["site_p4Xo1"].configuration["tracking_id"])


def set_tag(desk: Desk, value: str) -> None:
    with desk.store() as store:
        analytics = store.installations_of(integration="googleanalytics")[0]
        binding = store.bindings(analytics.id, "site")["site_p4Xo1"]
        store.put_binding(replace(binding, configuration={**binding.configuration, "tracking_id": value}))


def documents(desk: Desk) -> tuple[Path, Path, Path]:
    """What a plan and a drift report of this moment write: classes, saved plan, drift."""
    paths = (desk.folder / "approved.yaml", desk.folder / "reviewed.json", desk.folder / "drift.json")
    desk.run("plan", "--classes", str(paths[0]), "--out", str(paths[1]))
    desk.run("drift", "--json", str(paths[2]))
    return paths


@pytest.mark.parametrize(("option", "number"), [("--approved", 0), ("--reviewed", 1)])
def test_only_what_the_document_has_is_done_and_the_rest_is_shown(
    desk: Desk, option: str, number: int
) -> None:
    desk.applied(file())
    desk.write(file(channel="C0002"))
    path = documents(desk)[number]
    desk.write(file(channel="C0002", tag="G-2"))

    ended = desk.run("apply", option, str(path))

    assert ended.code == 2, ended.err
    assert desk.live("slack")["default_channel"] == "C0002"
    assert tag(desk) == "G-1"
    left_out = ended.out[ended.out.index("Left out: shown here") : ended.out.index("Done:")]
    assert 'tracking_id "G-1" → "G-2"' in " ".join(left_out.split())
    assert "1 step was left out." in left_out
    assert ended.out.rstrip().endswith("Apply complete! Resources: 0 added, 1 changed, 0 destroyed.")


@pytest.mark.parametrize(("option", "number"), [("--approved", 0), ("--reviewed", 1)])
def test_where_nothing_is_left_out_it_ends_as_any_apply(desk: Desk, option: str, number: int) -> None:
    desk.applied(file())
    desk.write(file(channel="C0002"))
    path = documents(desk)[number]

    ended = desk.run("apply", option, str(path), "--verify")

    assert ended.code == 0, ended.err
    assert "Verified: a new plan is empty." in ended.out


def test_verify_does_not_complain_of_what_was_left_out(desk: Desk) -> None:
    desk.applied(file())
    desk.write(file(channel="C0002"))
    path = documents(desk)[0]
    desk.write(file(channel="C0002", tag="G-2"))

    ended = desk.run("apply", "--approved", str(path), "--verify")

    assert ended.code == 2
    assert "Verified: a new plan is empty." in ended.out


def test_a_review_does_not_count_where_what_it_decides_on_has_changed(desk: Desk) -> None:
    """The change is the same, but another declared key, which the same request sends, was changed by hand."""
    desk.applied(file(more="notify: x"))
    desk.write(file(channel="C0002", more="notify: x"))
    path = documents(desk)[1]
    desk.configure("slack", notify="by hand")

    ended = desk.run("apply", "--reviewed", str(path))

    assert ended.code == 2
    assert "the reviewed plan changes it in another way" in ended.out
    assert desk.live("slack")["default_channel"] == "C0001"


def test_a_review_of_another_organization_or_endpoint_is_refused(desk: Desk) -> None:
    desk.applied(file())
    desk.write(file(channel="C0002"))
    path = documents(desk)[1]
    ended = desk.run("apply", "--reviewed", str(path), "--organization", "another")
    desk.write("version: 1\n" + file(channel="C0002"), "other.yaml")
    (desk.folder / "gbsync.yaml").unlink()

    assert ended.code in (0, 2)  # the files say which organization it is
    other = desk.folder / "other.yaml"
    other.write_text("organization: another\n" + other.read_text("utf-8"), "utf-8")
    refused = desk.run("apply", "--reviewed", str(path), path=other)
    assert refused.code == 1


def test_a_review_opens_nothing_that_it_names(desk: Desk, tmp_path: Path) -> None:
    """Its author may have written anything into it: a path is no reason to read a file."""
    desk.applied(file())
    desk.write(file(channel="C0002"))
    path = documents(desk)[1]
    document = json.loads(path.read_text("utf-8"))
    document["gbsync"]["lock"] = {"name": str(tmp_path / "nowhere")}
    path.write_text(json.dumps(document), "utf-8")

    ended = desk.run("apply", "--reviewed", str(path))

    assert ended.code == 1
    assert "was changed or cut off since it was saved" in ended.err


def test_healing_sets_back_what_moved_in_gitbook_alone(desk: Desk) -> None:
    desk.applied(file(more="notify: x"))
    desk.configure("slack", default_channel="C0HAND", notify="hand")
    set_tag(desk, "G-HAND")
    desk.write(file(more="notify: y"))  # of this key, both sides have moved
    path = documents(desk)[2]
    lock = (desk.folder / "world.json").read_text("utf-8")

    ended = desk.run("apply", "--heal", str(path))

    assert ended.code == 2, ended.err
    assert desk.live("slack")["default_channel"] == "C0001"
    assert desk.live("slack")["notify"] == "hand"
    assert tag(desk) == "G-1"
    assert "the file has changed too" in ended.out
    assert lock
    assert desk.run("plan").out.count("~ configuration.") == 1
    who = json.loads(desk.run("drift", "--format", "json").out)["items"]
    assert [(move["path"][-1], move["who"]) for item in who for move in item["moves"]] == [("notify", "both")]


def test_a_later_hotfix_stays(desk: Desk) -> None:
    desk.applied(file())
    desk.configure("slack", default_channel="C0HAND")
    set_tag(desk, "G-HAND")
    path = documents(desk)[2]
    desk.configure("slack", default_channel="C0LATER")

    ended = desk.run("apply", "--heal", str(path))

    assert ended.code == 2
    assert "it has changed since the drift report" in ended.out
    assert desk.live("slack")["default_channel"] == "C0LATER"
    assert tag(desk) == "G-1"


def test_only_what_the_files_name_is_healed(desk: Desk) -> None:
    for heal, why in (
        ("installation/*/site/*", "no pattern under `heal:`"),
        ("", "no pattern under `heal:`"),
    ):
        desk.applied(file(heal=heal))
        desk.configure("slack", default_channel="C0HAND")
        path = documents(desk)[2]

        ended = desk.run("apply", "--heal", str(path))

        assert ended.code == 2
        assert why in ended.out
        assert desk.live("slack")["default_channel"] == "C0HAND"


def test_healing_makes_deletes_and_publishes_nothing(desk: Desk) -> None:
    banner = "\nintegrations:\n  banner: {title: Banner, script: s, scopes: [], secrets: {}}\n"
    everything = file(heal="'**'") + banner
    desk.applied(everything)
    with desk.store() as store:
        analytics = store.installations_of(integration="googleanalytics")[0]
        store.drop_binding(store.bindings(analytics.id, "site")["site_p4Xo1"])
        mine = store.integrations["banner"]
        store.integrations["banner"] = replace(
            mine, document={**mine.document, "title": "By hand"}, version=mine.version + 1
        )
    desk.write(
        everything.replace("slack:\n    configuration: {default_channel: C0001, }", "slack: {absent: true}")
    )
    path = documents(desk)[2]

    ended = desk.run("apply", "--heal", str(path))

    assert ended.code == 2, ended.err
    assert ended.out.count("healing neither creates nor deletes nor publishes") == 3
    assert "Resources: 0 added, 0 changed, 0 destroyed." in ended.out


def test_secrets_are_healed_and_never_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "hunter2-hunter2")
    desk.applied(file(more='hook_token: "${{ secret.HOOK }}"'))
    desk.configure("slack", hook_token="stolen-stolen")
    path = documents(desk)[2]

    ended = desk.run("apply", "--heal", str(path))

    assert ended.code == 0, ended.err
    assert desk.live("slack")["hook_token"] == "hunter2-hunter2"
    for text in (ended.out, ended.err, path.read_text("utf-8")):
        assert "hunter2" not in text
        assert "stolen" not in text


def damaged(path: Path, **parts: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **parts}), "utf-8")


def test_a_report_of_somewhere_else_or_a_damaged_one_is_refused(desk: Desk) -> None:
    desk.applied(file())
    desk.configure("slack", default_channel="C0HAND")
    for parts, why in (
        ({"endpoint": "https://api.gitbook.com"}, "is the drift of"),
        ({"organization": "another"}, "is the drift of another"),
        ({"items": 4}, "is no drift report (`items` is of another type)"),
    ):
        path = documents(desk)[2]
        damaged(path, **parts)

        ended = desk.run("apply", "--heal", str(path))

        assert ended.code == 1
        assert why in ended.err
        assert desk.live("slack")["default_channel"] == "C0HAND"


def ends(desk: Desk, *args: str) -> Ended:
    return desk.run("apply", *args)


def test_one_document_says_what_to_do(desk: Desk) -> None:
    desk.applied(file())
    paths = documents(desk)

    two = ends(desk, "--approved", str(paths[0]), "--heal", str(paths[2]))
    saved = desk.run("apply", "--approved", str(paths[0]), path=paths[1])
    missing = ends(desk, "--approved", str(desk.folder / "nowhere.yaml"))
    overwritten = ends(desk, "--approved", str(paths[0]), "--events", str(paths[0]))

    assert (two.code, saved.code, missing.code, overwritten.code) == (1, 1, 1, 1)
    assert "only one document can say what to do" in two.err
    assert "--approved: a saved plan is carried out exactly as it was reviewed" in saved.err
    assert "nowhere.yaml" in missing.err
    assert "which it would overwrite" in overwritten.err


def test_a_plan_from_a_snapshot_writes_no_approval(desk: Desk) -> None:
    desk.applied(file())
    snapshot, path = desk.folder / "snapshot.json", desk.folder / "approved.yaml"
    desk.run("export", "--snapshot", str(snapshot))
    desk.write(file(channel="C0002"))

    ended = desk.run("plan", "--state", str(snapshot), "--classes", str(path))

    assert ended.code == 1
    assert "nobody can approve it" in ended.err
    assert not path.exists()


def test_guards_hold_for_what_is_approved(desk: Desk) -> None:
    desk.applied(file())
    protected = "protect: [installation/slack]\n"
    desk.write(protected + "installations: {slack: {absent: true}}\n")
    path = documents(desk)[0]

    ended = desk.run("apply", "--approved", str(path))

    assert ended.code == 3
    assert "protect" in ended.err
