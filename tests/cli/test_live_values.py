"""`drift --write`: what somebody changed in the app goes to the file, where a person decides so."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reconciler.sandbox import Store
from tests.cli.test_apply import at_terminal

if TYPE_CHECKING:
    from tests.cli.desk import Desk

SITES = """\
# where our readers are
sites:
  handbook:   {id: site_p4Xo1, tags: [public], vars: {ga: G-1}}   # the oldest
  changelog:  {id: site_w8Yn5, tags: [public], vars: {ga: G-2}}
variables: {channel: C0000}
installations:
  slack:
    configuration: {default_channel: C0000, channel: "${{ var.channel }}"} # by hand
  googleanalytics:
    site_selection: selected
    sites:
      tag:public: {configuration: {tracking_id: "${{ site.ga }}"}}
"""
SHARED = SITES.replace("${{ site.ga }}", "G-1")


def track(desk: Desk, site: str, value: str) -> None:
    """Somebody changes the key of one site."""
    with desk.store() as store:
        above = store.installations_of(integration="googleanalytics")[0].id
        binding = next(
            item for item in store.document().bindings if (item.installation, item.id) == (above, site)
        )
        store.put_binding(replace(binding, configuration={**binding.configuration, "tracking_id": value}))


def text_of(desk: Desk) -> str:
    return (desk.folder / "gbsync.yaml").read_text(encoding="utf-8")


def test_a_value_goes_to_its_line_and_that_of_a_site_to_the_catalogue(desk: Desk) -> None:
    desk.applied(SITES)
    before = text_of(desk)
    desk.configure("slack", default_channel="C # 1")
    track(desk, "site_p4Xo1", "G-9")

    ended = desk.run("drift", "--write", "--auto-approve")
    again = desk.run("drift")

    assert ended.code == 0, ended.err
    assert "Wrote 2 live values into " in ended.err
    assert text_of(desk) == before.replace("G-1}", "G-9}").replace("l: C0000, ", 'l: "C # 1", ')
    assert (again.code, again.out.endswith("No drift.\n")) == (0, True)


def test_a_line_that_others_share_is_left_unless_a_person_decides(desk: Desk) -> None:
    desk.applied(SHARED)
    before = text_of(desk)
    track(desk, "site_p4Xo1", "G-9")

    ended = desk.run("drift", "--write", "--auto-approve")

    assert ended.code == 2
    assert "gbsync.yaml:14 is the line of 1 other value too; write it without --auto-approve" in ended.err
    assert text_of(desk) == before


def test_a_shared_line_is_written_where_all_have_moved_to_one_value(desk: Desk) -> None:
    desk.applied(SHARED)
    before = text_of(desk)
    for site in ("site_p4Xo1", "site_w8Yn5"):
        track(desk, site, "G-9")

    ended = desk.run("drift", "--write", "--auto-approve")

    assert ended.code == 0, ended.err
    assert text_of(desk) == before.replace("tracking_id: G-1", "tracking_id: G-9").replace(
        'tracking_id: "G-1"', "tracking_id: G-9"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_at_a_terminal_each_value_is_asked_for_and_says_whom_else_it_changes(desk: Desk) -> None:
    desk.applied(SHARED)
    before = text_of(desk)
    desk.configure("slack", default_channel="C1")
    track(desk, "site_p4Xo1", "G-9")

    code, screen = at_terminal(b"yes\nno\n", "drift", str(desk.folder), f"--sandbox={desk.world}", "--write")

    assert code == 2, screen
    assert "The line is shared: it would change installation/googleanalytics/site/site_w8Yn5 too" in screen
    assert "Not written: installation/slack configuration.default_channel: not approved" in screen
    assert text_of(desk) == before.replace('tracking_id: "G-1"', "tracking_id: G-9")


def test_a_secret_an_expression_of_others_and_a_change_of_the_file_are_left(desk: Desk) -> None:
    desk.applied(SITES)
    desk.write(SITES.replace("default_channel: C0000", "default_channel: C7"))
    before = text_of(desk)
    with desk.store() as store:
        slack = store.installations_of(integration="slack")[0]
        store.put_installation(replace(slack, configuration={**slack.configuration, "channel": "C2"}))

    ended = desk.run("drift", "--write", "--auto-approve")

    assert ended.code == 2
    assert (
        "configuration.default_channel: only the file has changed; `gbsync apply` makes it live" in ended.err
    )
    assert "it is made from ${{ var.channel }}, which may be used elsewhere" in ended.err
    assert text_of(desk) == before


def test_a_secret_never_goes_to_the_file(desk: Desk) -> None:
    desk.applied("installations: {slack: {configuration: {api_token: hush-old, default_channel: C0}}}\n")
    before = text_of(desk)
    desk.configure("slack", api_token="hush-new")

    ended = desk.run("drift", "--write", "--auto-approve")

    assert ended.code == 2
    assert "Not written: installation/slack configuration.api_token: it is secret" in ended.err
    assert "hush" not in ended.out + ended.err
    assert text_of(desk) == before


def test_what_is_gone_or_new_is_named_with_the_command_for_it(desk: Desk) -> None:
    desk.applied(SITES)
    with desk.store() as store:
        above = store.installations_of(integration="googleanalytics")[0].id
        bindings = store.document().bindings
    gone = tuple(item for item in bindings if (item.installation, item.id) != (above, "site_w8Yn5"))
    Store(replace(store.document(), bindings=gone)).save(desk.world)

    ended = desk.run("drift", "--write", "--auto-approve")

    assert ended.code == 2
    assert "site_w8Yn5: it is not live any more; remove it from the file, or let `gbsync apply`" in ended.err


def test_it_writes_nothing_where_nobody_can_answer(desk: Desk) -> None:
    desk.applied(SITES)
    before = text_of(desk)
    desk.configure("slack", default_channel="C1")

    asked = desk.run("drift", "--write")
    odd = desk.run("drift", "--auto-approve")

    assert (asked.code, odd.code) == (1, 1)
    assert "use --auto-approve" in asked.err
    assert "there is nothing to approve without --write" in odd.err
    assert text_of(desk) == before
