"""What is shown of a server's words: one line, not too long, and no secret however it is spelled."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.gitbook.client.message import LONGEST, SHORTEST, WITHHELD, SecretScrubber, message_in
from tests.canaries import SPELLINGS

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=12, max_size=60)
SECRET = 'pa"ss<word>/&%20 ör\\nöt'


def scrubber(*secrets: str) -> SecretScrubber:
    made = SecretScrubber()
    for secret in secrets:
        made.add(secret)
    return made


def parts(text: str) -> set[str]:
    bare = "".join(text.casefold().split()).replace("\\", "")
    return {bare[start : start + SHORTEST] for start in range(len(bare) - SHORTEST + 1)}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=list(SPELLINGS))
@pytest.mark.parametrize("secret", [SECRET, "zq0123456789", "-----BEGIN KEY-----\nMIIE\n-----END KEY-----"])
def test_no_part_of_a_secret_is_left_however_it_is_spelled(spelling: object, secret: str) -> None:
    assert callable(spelling)
    spelled = spelling(secret)
    said = scrubber(secret).scrubbed(f"cannot take {spelled} here")

    assert "cannot take" in said or said == WITHHELD
    assert parts(spelled).isdisjoint(parts(said.replace("(secret)", "")))


@given(TEXTS, st.sampled_from(sorted(SPELLINGS)), st.sampled_from(sorted(SPELLINGS)), TEXTS)
@example("0" * 12, "base64", "url", "")
def test_two_spellings_deep_nothing_is_left_either(secret: str, inner: str, outer: str, around: str) -> None:
    made = scrubber(secret)
    spelled = SPELLINGS[outer](SPELLINGS[inner](secret))
    said = made.scrubbed(f"{around} {spelled} {around}")

    assert parts(secret).isdisjoint(parts(said.replace("(secret)", "").replace(WITHHELD, "")))


def test_what_holds_no_secret_is_shown_as_it_is() -> None:
    made = scrubber("true-secret-value", "https://hooks.example.com/abc")

    assert made.scrubbed("true, 1234 and a are fine") == "true, 1234 and a are fine"
    assert SecretScrubber().scrubbed("secret-looking: token=abc") == "secret-looking: token=abc"


def test_a_secret_that_is_a_common_word_is_cut_out_alone() -> None:
    assert scrubber("production").scrubbed("no env production in products") == "no env (secret) in products"


@pytest.mark.parametrize(
    ("secret", "fits"), [("", True), ("a", False), ("1234567", False), ("12345678", True)]
)
def test_a_secret_must_be_long_enough_to_be_cut_out_but_for_none_at_all(secret: str, *, fits: bool) -> None:
    assert SecretScrubber().add(secret) is fits


def test_what_is_withheld_is_said_to_be_and_silence_stays_silence() -> None:
    assert SecretScrubber().scrubbed("anything", withheld=True) == WITHHELD
    assert SecretScrubber().scrubbed("", withheld=True) == ""


@pytest.mark.parametrize("text", ["a\nb\x1b[31mc\u202ed", "x" * 5000, "\ud83d lone"])
def test_a_message_is_one_line_that_is_not_too_long(text: str) -> None:
    said = scrubber("a-secret-of-mine").scrubbed(text)

    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) <= LONGEST


def test_thousands_of_secrets_do_not_take_long() -> None:
    made = scrubber(*(f"secret-number-{number:06}" for number in range(5000)))
    began = time.perf_counter()
    for _ in range(100):
        made.scrubbed("the configuration of this installation cannot be taken as it is: channel is unknown")

    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"error": {"code": 1, "message": "no"}}', "no"),
        (b'{"message": "no"}', "no"),
        (b'{"error": "no"}', "no"),
        (b'{"detail": ["no"]}', ""),
        (json.dumps("no").encode(), "no"),
        (b"<html><title> Bad &amp; worse </title>", 'an HTML page "Bad & worse"'),
        (b"<html>", "an HTML page"),
        (b"no healthy upstream", "no healthy upstream"),
        (b'{"error": ' * 5000, '{"error": ' * 5000),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
    ids=range(10),
)
def test_a_message_is_found_where_servers_put_it(content: bytes, message: str) -> None:
    assert message_in(content) == message


HORSE = "correct🐎battery📎staple"
ASTRAL = {
    "json": json.dumps(HORSE)[1:-1],
    "json twice": json.dumps(json.dumps(HORSE)),
    "python": HORSE.encode("unicode_escape").decode(),
    "javascript": "".join(f"\\u{{{ord(char):x}}}" for char in HORSE),
    "bytes": repr(HORSE.encode()),
    "latin-1": HORSE.encode().decode("latin-1"),
}


@pytest.mark.parametrize("spelled", ASTRAL.values(), ids=list(ASTRAL))
def test_a_secret_outside_the_basic_plane_is_cut_out_however_it_is_spelled(spelled: str) -> None:
    said = scrubber(HORSE).scrubbed(f"cannot take {spelled} here")

    assert "staple" not in said
    assert "battery" not in said
