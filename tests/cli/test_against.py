"""`--against REF` on a real repository with three branches."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.plan.step import Origin
from tests.cli.desk import HEAD, Desk
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

NOTES = "7fQm2WvA91bXcR0tYk3L"
HANDBOOK = "installation/googleanalytics/site/site_p4Xo1"
API = "installation/googleanalytics/site/site_k2Lm9"
SLACK = "installation/slack"
SPACE = f"installation/slack/space/{NOTES}"


def declared(channel: str = "C0001", notes: str = "C0002", handbook: str = "G-1", more: str = "") -> str:
    return f"""
installations:
  slack:
    configuration: {{default_channel: {channel}}}
    spaces:
      {NOTES}: {{configuration: {{channel: {notes}}}}}
  googleanalytics:
    sites:
      site_p4Xo1: {{configuration: {{tracking_id: {handbook}}}}}
{more}"""


class Branches:
    """A desk whose folder is a repository with the branches `main`, `feature` and `stale`."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.repository = desk, Repository(desk.folder)

    def commit(self, text: str, branch: str = "main") -> str:
        if branch != self.repository.git("branch", "--show-current"):
            self.repository.git("switch", "-q", "-c", branch)
        self.desk.write(text)
        return self.repository.commit()

    def switch(self, branch: str) -> None:
        self.repository.git("switch", "-q", branch)

    def origins(self, *args: str, against: str = "main", code: int = 0) -> dict[str, Any]:
        out = self.desk.folder / "against.json"
        ended = self.desk.run("plan", "--against", against, "--json", str(out), *args)

        assert ended.code == code, ended.err
        document = json.loads(out.read_text("utf-8"))
        return {item["address"]: item["gbsync"]["origin"] for item in document["resource_changes"]}


@pytest.fixture(name="template", scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that each test gets a copy of."""
    return tmp_path_factory.mktemp("template")


@pytest.fixture(name="branches")
def _branches(template: Path, desk: Desk) -> Branches:
    """Everything of `main` is applied; `stale` has left it before its last commit, `feature` after it."""
    if not any(template.iterdir()):
        _make(Branches(Desk(template, desk.capsys)))
    shutil.copytree(template, desk.folder, dirs_exist_ok=True)
    return Branches(desk)


def _make(branches: Branches) -> None:
    branches.repository.new(branches.desk.folder)
    branches.repository.write(".gitignore", "*.json\n*.lock\n")
    branches.commit(declared(notes="C0OLD"))
    branches.commit(declared(notes="C0OLD", channel="C0STALE"), "stale")
    branches.switch("main")
    branches.commit(declared())
    branches.desk.applied(declared())
    branches.commit(declared(channel="C0NEW"), "feature")


def by_hand(desk: Desk, value: str = "G-HAND") -> None:
    """Somebody changes the tracking id of the handbook in the app."""
    with desk.store() as store:
        analytics = store.installations_of(integration="googleanalytics")[0]
        binding = store.bindings(analytics.id, "site")["site_p4Xo1"]
        store.put_binding(replace(binding, configuration={**binding.configuration, "tracking_id": value}))


def test_what_the_branch_changes_comes_first_and_what_was_there_before_is_folded(branches: Branches) -> None:
    by_hand(branches.desk)

    ended = branches.desk.run("plan", "--against", "main")

    assert branches.origins() == {SLACK: "branch", HANDBOOK: "before"}
    first, _, second = ended.out.partition("There before")
    assert "Changed by these files:" in first
    assert '"C0001" → "C0NEW"' in first
    assert "G-HAND" not in ended.out
    assert "--expand shows values" in " ".join(second.split())
    assert HANDBOOK in second
    assert "G-HAND" in branches.desk.run("plan", "--against", "main", "--expand").out


def test_what_a_branch_only_lacks_is_said_to_undo_what_is_live(branches: Branches) -> None:
    branches.switch("stale")

    ended = branches.desk.run("plan", "--against", "main")

    assert branches.origins() == {SLACK: "branch", SPACE: "undoes"}
    assert "Undone by these files: changed since the branch was made" in ended.out
    assert '"C0002" → "C0OLD"' in ended.out


def test_the_plan_is_the_same_with_and_without_it_and_takes_no_request_more(branches: Branches) -> None:
    by_hand(branches.desk)
    plans = []
    for number, args in enumerate(((), ("--against", "main"))):
        out = branches.desk.folder / f"{number}.json"
        branches.desk.run("plan", "--json", str(out), *args)
        document = json.loads(out.read_text("utf-8"))
        for item in document["resource_changes"]:
            item["gbsync"].pop("origin", None)
            for change in item["gbsync"]["changes"]:
                change.pop("origin", None)
        document["gbsync"].pop("against", None)
        plans.append(document)

    assert plans[0] == plans[1]
    assert plans[0]["gbsync"]["requests"]["plan"] > 0


def test_a_step_with_changes_of_both_says_which_is_whose(branches: Branches) -> None:
    desk = branches.desk
    desk.configure("slack", default_channel="C0HAND", notify="x")
    two = "{default_channel: C0001, notify: y}"
    branches.commit(declared().replace("{default_channel: C0001}", two), "both")

    ended = desk.run("plan", "--against", "main")

    assert branches.origins() == {SLACK: "branch"}
    assert ended.out.count("there before") == 1
    lines = [line.strip() for line in ended.out.splitlines()]
    assert lines[lines.index("there before") - 1].startswith("~ configuration.default_channel")


def test_what_only_the_other_one_declares_is_counted_and_not_read(branches: Branches) -> None:
    branches.switch("main")
    branches.commit(declared(more="      site_w8Yn5: {configuration: {tracking_id: G-9}}\n  github: {}\n"))
    branches.switch("feature")

    ended = branches.desk.run("plan", "--against", "main")

    assert branches.origins() == {SLACK: "branch"}
    assert "1 resource that only main declares was not read." in ended.out


def test_files_that_the_ref_does_not_have_are_this_branchs(branches: Branches) -> None:
    more = "installations: {googleanalytics: {sites: {site_k2Lm9: {configuration: {tracking_id: G-2}}}}}\n"
    branches.repository.write("more.gbsync.yaml", more)

    assert branches.origins() == {SLACK: "branch", API: "branch"}


def test_overlays_are_read_at_the_ref_and_one_that_it_lacks_is_named(branches: Branches) -> None:
    desk = branches.desk
    overlay = desk.write(
        "version: 1\ninstallations: {slack: {configuration: {default_channel: C0OVER}}}\n", "o.yaml"
    )
    paths = ("plan", "--against", "main", str(overlay))

    ended = desk.run(*paths, path=desk.folder / "gbsync.yaml")

    assert f"main does not have {overlay}:" in " ".join(ended.out.split())
    assert '"C0001" → "C0OVER"' in ended.out
    branches.switch("main")
    branches.repository.commit()
    assert "No changes." not in desk.run(*paths, path=desk.folder / "gbsync.yaml").out
    assert "Changed by these files" not in desk.run(*paths, path=desk.folder / "gbsync.yaml").out


def test_no_secret_is_needed_and_none_of_the_ref_is_shown(
    branches: Branches, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = branches.desk
    branches.switch("main")
    secret = declared().replace("default_channel: C0001", 'default_channel: "${{ secret.OLD }}"')
    branches.commit(secret)
    branches.commit(secret.replace("OLD", "NEW"), "secret")
    monkeypatch.setenv("NEW", "hunter2-hunter2")

    ended = desk.run("plan", "--against", "main")

    assert ended.code == 0, ended.err
    assert branches.origins() == {SLACK: "unknown"}
    assert "nobody can say whether main has" in ended.out
    assert "hunter2" not in ended.out
    monkeypatch.setenv("OLD", "hunter2-hunter2")
    assert branches.origins() == {SLACK: "before"}


def test_a_shallow_clone_says_what_it_cannot_know(branches: Branches, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    origin = f"file://{branches.desk.folder}"
    branches.repository.git("clone", "-q", "--depth=1", "--branch=stale", origin, str(clone))
    shallow = Repository(clone)
    desk = branches.desk

    missing = desk.run("plan", "--against", "origin/main", path=clone)
    shallow.git("fetch", "-q", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")
    ended = desk.run(
        "plan", "--against", "origin/main", "--lock", str(desk.folder / "gbsync.lock"), path=clone
    )

    assert missing.code == 1
    assert "origin/main: names no commit of this repository (in a shallow clone" in missing.err
    assert ended.code == 0, ended.err
    assert "does not show where the branch has left origin/main" in " ".join(ended.out.split())
    assert "Undone" not in ended.out


def test_the_merge_commit_of_a_shallow_pull_request_names_what_it_was_made_from(
    branches: Branches, tmp_path: Path
) -> None:
    """As `actions/checkout` leaves it: one commit deep, its parents known by their ids alone."""
    repository = branches.repository
    branches.switch("main")
    repository.git("switch", "-q", "-c", "merged")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    main = repository.git("rev-parse", "main")
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--depth=1", "--branch=merged", f"file://{repository.folder}", str(clone))
    repository.git("config", "uploadpack.allowReachableSHA1InWant", "true")
    Repository(clone).git("fetch", "-q", "--depth=1", "origin", main)

    ended = branches.desk.run("plan", "--against", main, path=clone)

    assert ended.code == 0, ended.err
    assert "does not show where" not in ended.out
    assert f"Compared with {main}: 1 step of 1 from these files." in " ".join(ended.out.split())


def test_a_broken_file_of_the_ref_leaves_open_what_was_there_before(branches: Branches) -> None:
    branches.switch("main")
    branches.commit("installations: [\n")
    branches.switch("feature")
    by_hand(branches.desk)

    ended = branches.desk.run("plan", "--against", "main")

    assert ended.code == 0, ended.err
    assert branches.origins() == {SLACK: "unknown", HANDBOOK: "unknown"}
    assert "The files of main have 1 problem" in ended.out


def test_a_ref_that_looks_like_an_option_is_no_option(branches: Branches) -> None:
    for ref in ("--output=stolen", "-h", "", "nowhere", "main..feature", "HEAD:gbsync.yaml"):
        ended = branches.desk.run("plan", f"--against={ref}")

        assert ended.code == 1, ref
        assert "names no commit" in ended.err
    assert not (branches.desk.folder / "stolen").exists()


def test_nothing_of_the_ref_is_run(branches: Branches, tmp_path: Path) -> None:
    """Filters, text conversions and hooks of the repository would run on a checkout or a diff."""
    repository, trace = branches.repository, tmp_path / "trace"
    for key in ("filter.x.smudge", "filter.x.clean", "diff.x.textconv", "core.fsmonitor", "core.sshCommand"):
        repository.git("config", key, f"touch {trace}; cat")
    branches.switch("main")
    repository.git(
        "-c", "filter.x.clean=cat", "-c", "core.fsmonitor=false", "commit", "-q", "--allow-empty", "-m", "x"
    )
    (repository.folder / ".gitattributes").write_text("*.yaml filter=x diff=x\n", "utf-8")
    repository.git("-c", "filter.x.clean=cat", "-c", "core.fsmonitor=false", "add", ".gitattributes")
    repository.git("-c", "core.fsmonitor=false", "commit", "-q", "-m", "attributes")
    trace.unlink(missing_ok=True)

    ended = branches.desk.run("plan", "--against", "main")

    assert ended.code == 0, ended.err
    assert not trace.exists()


def test_a_script_that_a_build_makes_is_not_known_at_the_ref(branches: Branches) -> None:
    desk, repository = branches.desk, branches.repository
    repository.write(".gitignore", "*.json\n*.lock\ndist\n")
    repository.write("dist/index.js", "export default 1")
    banner = (
        "integrations:\n  banner: {title: Banner, script: {file: dist/index.js}, secrets: {}, scopes: []}\n"
    )
    branches.switch("main")
    branches.commit(banner)
    desk.applied(banner)
    branches.commit(banner.replace("Banner,", "New,"), "title")
    repository.write("dist/index.js", "export default 2")
    out = desk.folder / "x.json"

    desk.run("plan", "--against", "main", "--json", str(out))

    (step,) = json.loads(out.read_text("utf-8"))["resource_changes"]
    origins = {change["path"][0]: change["origin"] for change in step["gbsync"]["changes"]}
    assert origins == {"title": "branch", "script": "unknown"}


def test_a_folder_outside_of_any_repository_is_refused(desk: Desk) -> None:
    desk.write(declared())

    ended = desk.run("plan", "--against", "main")

    assert ended.code == 1
    assert "is in no git repository" in ended.err


def test_links_of_the_commit_are_followed_inside_of_it_alone(branches: Branches, tmp_path: Path) -> None:
    repository = branches.repository
    branches.switch("main")
    (repository.folder / "files").mkdir()
    shutil.move(repository.folder / "gbsync.yaml", repository.folder / "files" / "real.yaml")
    (repository.folder / "gbsync.yaml").symlink_to("files/real.yaml")
    repository.commit()
    repository.git("switch", "-q", "-c", "linked")
    branches.desk.write(declared(channel="C0LINK"), "files/real.yaml")
    repository.write("files/real.yaml", HEAD + declared(channel="C0LINK"))

    assert branches.origins() == {SLACK: "branch"}
    outside = tmp_path.parent / "outside.yaml"
    outside.write_text(HEAD + declared(), "utf-8")
    (repository.folder / "gbsync.yaml").unlink()
    (repository.folder / "gbsync.yaml").symlink_to(outside)
    repository.commit()
    repository.git("branch", "-q", "-f", "main")
    assert branches.origins(code=0) == {}
    assert "it is a link out of the repository" in branches.desk.run("plan", "--against", "main").out


def test_drift_says_what_the_branch_changes_and_what_moved_before(branches: Branches) -> None:
    by_hand(branches.desk)

    text = branches.desk.run("drift", "--against", "main")
    document = json.loads(branches.desk.run("drift", "--against", "main", "--format", "json").out)

    assert text.code == 2
    assert text.out.index("Changed by these files") < text.out.index("C0NEW") < text.out.index("There before")
    assert text.out.index("There before") < text.out.index("G-HAND")
    assert {item["address"]: item["origin"] for item in document["items"]} == {
        SLACK: Origin.BRANCH,
        HANDBOOK: Origin.BEFORE,
    }


def test_a_comment_an_issue_and_a_page_have_the_same_parts_in_the_same_order(branches: Branches) -> None:
    by_hand(branches.desk)
    files = {name: branches.desk.folder / f"out.{name}" for name in ("markdown", "html")}

    branches.desk.run("plan", "--against", "main", *(f"--{name}={path}" for name, path in files.items()))
    issue = branches.desk.run("drift", "--against", "main", "--format", "markdown").out

    order = ("Changed by these files", SLACK, "There before: drift", HANDBOOK)
    for text in (*(path.read_text("utf-8") for path in files.values()), issue):
        places = [text.index(word) for word in order]
        assert places == sorted(places), text
    assert "<details><summary><b>Change 1</b></summary>" in files["markdown"].read_text("utf-8")
