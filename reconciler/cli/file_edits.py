"""`drift --write`: asks for each live value, checks what the files would then say, and writes them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.live_values import Left, Proposals, expected
from reconciler.cli.prompt import agreed
from reconciler.config.format.edit import Edit, edited
from reconciler.config.sources.disk import Disk
from reconciler.config.yaml.files import LARGEST
from reconciler.errors import ConfigError, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.inputs import read_bytes, resolved
from reconciler.plan.drift import Who
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.masks import Masks
from reconciler.render.values import pair
from reconciler.resources.values import reveal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.cli.live_values import Proposal
    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.plan.drift import Drift

FEW = 3
"""Addresses that one question names."""


def write_live_values(session: Session, config: Config, drift: Drift, *, ask: bool) -> bool:
    """Puts into the files what a person agrees to; whether all that moved is in them now.

    Without `ask`, only what changes nothing else is written. Nothing is before the last answer.
    """
    proposals = Proposals(config, _texts(config))
    proposals.of(drift)
    accepted, left = _accepted(proposals, ask=ask)
    if accepted:
        texts = _edited(accepted, proposals.texts)
        _check(session, config, accepted, texts)
        _write(texts, proposals.texts)
    for file, count in Counter(proposal.file for proposal in accepted).items():
        click.echo(f"Wrote {counted(count, 'live value')} into {clean(file)}.", err=True)
    _report(left)
    return not left


def _texts(config: Config) -> dict[str, str]:
    """The files that can be read again: not the standard input."""
    texts = {}
    for file in config.files:
        try:
            texts[file] = read_bytes(file, largest=LARGEST).decode()
        except (OSError, UnicodeDecodeError):
            continue
    return texts


def _accepted(proposals: Proposals, *, ask: bool) -> tuple[list[Proposal], list[Left]]:
    accepted: list[Proposal] = []
    left = list(proposals.left)
    taken: set[tuple[str, int]] = set()
    for proposal in proposals.possible:
        spot = (proposal.file, proposal.edit.start)
        reason = "another value was written there" if spot in taken else _refusal(proposal, ask=ask)
        if not reason and ask and not agreed(_question(proposal)):
            reason = "not approved"
        if reason:
            left.append(Left(proposal.item.address, proposal.move.name, reason))
        else:
            taken.add(spot)
            accepted.append(proposal)
    return accepted, left


def _refusal(proposal: Proposal, *, ask: bool) -> str:
    """Why nobody but a person can decide it."""
    if ask:
        return ""
    if proposal.others:
        shared = counted(len(proposal.others), "other value")
        return f"{_place(proposal)} is the line of {shared} too; write it without --auto-approve"
    if proposal.move.who is not Who.LIVE:
        return f"{_SIDES[proposal.move.who]}; write it without --auto-approve"
    return ""


_SIDES = {
    Who.BOTH: "both sides have changed since the last apply",
    Who.UNKNOWN: "no lock says which side has changed",
}


def _question(proposal: Proposal) -> str:
    before, after = pair(proposal.move.file, proposal.move.live, Masks())
    name = f" ({clean(proposal.item.label)})" if proposal.item.label else ""
    what = f"{clean(proposal.item.address)}{name} {clean(proposal.move.name)}: {before} → {after}"
    side = f"; {_SIDES[proposal.move.who]}" if proposal.move.who in _SIDES else ""
    also = f"; {counted(len(proposal.also), 'other')} moved to it too" if proposal.also else ""
    return f"{what}{side}{also}{_shared(proposal)}\nWrite it to {_place(proposal)}"


def _shared(proposal: Proposal) -> str:
    if not proposal.others:
        return ""
    names = [clean(address) for address, _ in proposal.others]
    more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
    return f"\nThe line is shared: it would change {', '.join(names[:FEW])}{more} too"


def _place(proposal: Proposal) -> str:
    return f"{clean(proposal.file)}:{proposal.line}"


def _edited(accepted: Sequence[Proposal], texts: Mapping[str, str]) -> dict[str, str]:
    edits: dict[str, list[Edit]] = {}
    for proposal in accepted:
        edits.setdefault(proposal.file, []).append(proposal.edit)
    return {file: edited(texts[file], changes) for file, changes in edits.items()}


@dataclass(frozen=True)
class _Edited(Disk):
    """The disk, with some of the files as they are going to be."""

    texts: Mapping[Path, bytes]

    def read(self, path: str | Path, *, largest: int) -> bytes:
        """The bytes of the file."""
        text = self.texts.get(resolved(path))
        return super().read(path, largest=largest) if text is None else text


def _check(session: Session, config: Config, accepted: list[Proposal], texts: Mapping[str, str]) -> None:
    """Raises `UsageError` unless the files then declare what was agreed to, and nothing else is changed."""
    from reconciler.config import load  # noqa: PLC0415 - only where files are read

    source = _Edited({resolved(file): text.encode() for file, text in texts.items()})
    try:
        after = load(session.settings.paths, table=KINDS, options=replace(session.options(), source=source))
    except ConfigError as error:
        msg = f"the files would have an error, so nothing was written: {error.problems[0]}"
        raise UsageError(msg) from None
    wanted = expected(config, accepted)
    for address, attributes in wanted.items():
        resource = after.resources.get(address)
        if resource is None or reveal(dict(resource.attributes)) != reveal(dict(attributes)):
            msg = f"{address}: would be declared otherwise than agreed, so nothing was written; edit by hand"
            raise UsageError(msg)
    if extra := after.resources.keys() - wanted.keys():
        msg = f"{min(extra)}: would be declared too, so nothing was written; edit by hand"
        raise UsageError(msg)


def _write(texts: Mapping[str, str], before: Mapping[str, str]) -> None:
    for file in texts:
        if read_bytes(file, largest=LARGEST).decode() != before[file]:
            msg = f"{file}: somebody has changed it meanwhile, so nothing was written; run it again"
            raise UsageError(msg)
    for file, text in texts.items():
        try:
            Path(file).write_bytes(text.encode())
        except OSError as error:
            msg = f"{file}: cannot be written: {(error.strerror or 'read-only').lower()}"
            raise UsageError(msg) from None


def _report(left: Sequence[Left]) -> None:
    """Names what is not in the files, once for each reason."""
    reasons: dict[str, list[str]] = {}
    for item in left:
        reasons.setdefault(item.reason, []).append(f"{item.address} {item.name}".rstrip())
    for reason, names in reasons.items():
        more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
        click.echo(f"Not written: {clean(', '.join(names[:FEW]))}{more}: {clean(reason)}", err=True)
