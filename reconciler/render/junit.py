"""JUnit's XML, which every CI shows: cases that passed or failed, with text from outside made safe."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from reconciler.render.clean import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may have, not even escaped."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was checked."""

    name: str
    group: str
    failure: str = ""
    """What is wrong; empty if nothing is."""
    kind: str = ""
    """Of the failure: the id of a rule, say."""
    remark: str = ""
    """What is odd and no failure."""
    file: str = ""
    line: int = 0


def junit_text(name: str, suites: Sequence[tuple[str, Sequence[Case]]]) -> str:
    """The document with these suites."""
    cases = [case for _, items in suites for case in items]
    root = ET.Element("testsuites", {"name": name, **_counts(cases)})
    for suite, items in suites:
        node = ET.SubElement(root, "testsuite", {"name": _safe(suite), **_counts(items)})
        for case in items:
            _case(node, case)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    failures = sum(bool(case.failure) for case in cases)
    return {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}


def _case(suite: ET.Element, case: Case) -> None:
    place = {"file": _safe(case.file), "line": str(case.line)} if case.file else {}
    attributes = {"name": _safe(case.name), "classname": _safe(case.group), **place}
    node = ET.SubElement(suite, "testcase", attributes)
    if case.failure:
        message = _safe(case.failure.splitlines()[0])
        failure = ET.SubElement(node, "failure", {"message": message, "type": _safe(case.kind)})
        failure.text = "\n".join(map(_safe, case.failure.splitlines()))
    if case.remark:
        ET.SubElement(node, "system-out").text = "\n".join(map(_safe, case.remark.splitlines()))


def _safe(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", clean(text))
