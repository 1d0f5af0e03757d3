"""Who runs gbsync, and where: what a lease says to those who wait for it."""

from __future__ import annotations

import getpass
import socket
from typing import TYPE_CHECKING

from reconciler.lock.lease import Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNS = ("CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL")
"""Variables with the address of the run: GitLab's, Jenkins', Buildkite's, CircleCI's."""
GITHUB = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")


def owner(environ: Mapping[str, str]) -> Owner:
    """The user at this machine, and the address of the run in CI."""
    return Owner(f"{_user()}@{socket.gethostname()}", _run(environ))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user that has no name
        return "somebody"


def _run(environ: Mapping[str, str]) -> str:
    if all(environ.get(name) for name in GITHUB):
        server, repository, number = (environ[name] for name in GITHUB)
        return f"{server}/{repository}/actions/runs/{number}"
    return next((environ[name] for name in RUNS if environ.get(name)), "")
