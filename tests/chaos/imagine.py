"""A story from a seed: an organization, two files, and everything that can go wrong, all drawn at random."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter

from reconciler.sandbox import ORGANIZATION, Behaviour
from reconciler.sandbox.records import (
    Binding,
    Document,
    Installation,
    Integration,
    Organization,
    Site,
    Space,
)
from reconciler.sandbox.world import GITBOOK
from tests.chaos.story import Ending, Meddling, Story

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.sandbox.records import Level
    from tests.chaos.story import Deed

SITES = ("site_Aa1b2", "site_Bb2c3", "site_Cc3d4")
SPACES = ("spaceAaaaaaaaaaaaaa1", "spaceBbbbbbbbbbbbbb2", "spaceCccccccccccccc3")
TARGETS: dict[Level, tuple[str, ...]] = {"site": SITES, "space": SPACES}
OTHERS: dict[Level, str] = {"site": "site_Zz9y8", "space": "spaceZzzzzzzzzzzzzz9"}
"""No file names these: what is bound there is a colleague's."""
THEIRS = ("alpha", "beta", "gamma")
OURS = ("own-one", "own-two")
SECRETS = {"FIRST_SECRET": "correct horse battery", "OTHER_SECRET": "staple of another kind"}

KEYS: dict[str, dict[str, Any]] = {
    "channel": {"type": "string"},
    "tracking_id": {"type": "string", "default": "G-DEFAULT"},
    "count": {"type": "number", "default": 3},
    "ratio": {"type": "number"},
    "enabled": {"type": "boolean", "default": True},
    "mode": {"type": "string", "enum": ["fast", "slow", "off"]},
    "api_token": {"type": "string"},
    "connect": {"type": "button", "callback_url": "https://example.com/cb", "button_text": "Connect"},
}
FREE = ("anything", "nested", "items")


@dataclass
class Imagination:
    """Draws one story; all draws come from one source, so that a seed says everything."""

    seed: int
    random: random.Random = field(init=False)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Per integration what its document is, published yet or not."""
    live: set[str] = field(default_factory=set)
    everywhere: dict[Level, bool] = field(default_factory=dict)
    """Whether some installations are for all spaces or sites: then no file says that one is absent."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - a story must repeat
        self.everywhere = {level: self.may(0.15) for level in TARGETS}

    def may(self, chance: float) -> bool:
        return self.random.random() < chance

    def some(self, items: Iterable[Any], chance: float) -> list[Any]:
        return [item for item in items if self.may(chance)]

    # the world

    def world(self) -> Document:
        for name in (*THEIRS, *OURS):
            self.documents[name] = self.document(name)
        self.live = {*THEIRS, *self.some(OURS, 0.5)}
        installed = [name for name in sorted(self.live) if self.may(0.5)]
        installations = [self.installation(name) for name in installed]
        return Document(
            format=1,
            organizations=(
                Organization(ORGANIZATION, "acme", "Acme Docs"),
                Organization(GITBOOK, "gitbook", "GitBook", member=False),
            ),
            sites=tuple(Site(id_, ORGANIZATION, f"Title of {id_}") for id_ in (*SITES, OTHERS["site"])),
            spaces=tuple(Space(id_, ORGANIZATION, f"Title of {id_}") for id_ in (*SPACES, OTHERS["space"])),
            integrations=tuple(
                Integration(name, GITBOOK if name in THEIRS else ORGANIZATION, self.documents[name])
                for name in sorted(self.live)
            ),
            installations=tuple(installations),
            bindings=tuple(binding for item in installations for binding in self.bindings(item)),
        )

    def document(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "title": f"Title {name}",
            "description": "As it was.",
            "visibility": "public" if name in THEIRS else "private",
            "target": self.random.choice(["all", "site", "space"]),
            "scopes": ["space:content:read"],
            "script": "// as it was",
            "secrets": {"OLD": "value"} if self.may(0.3) else {},
        }
        levels = {level: self.screen() for level in ("account", "site", "space") if self.may(0.7)}
        return found | ({"configurations": levels} if levels else {})

    def screen(self) -> dict[str, Any]:
        if self.may(0.2):
            return {"componentId": "form"}
        properties = {key: KEYS[key] for key in KEYS if self.may(0.5)}
        usable = [key for key, item in properties.items() if item["type"] != "button"]
        required = self.random.sample(usable, min(len(usable), 1)) if self.may(0.4) else []
        if "connect" in properties and self.may(0.2):
            required.append("connect")
        return {"properties": properties, **({"required": required} if required else {})}

    def installation(self, name: str) -> Installation:
        return Installation(
            f"installation{name.replace('-', '')}",
            name,
            ORGANIZATION,
            self.configuration_there(name, "account"),
            tuple(self.some(("ext-1", "ext-2"), 0.2)),
            space_selection="all" if self.everywhere["space"] and self.may(0.5) else "selected",
            site_selection="all" if self.everywhere["site"] and self.may(0.5) else "selected",
        )

    def bindings(self, item: Installation) -> Iterable[Binding]:
        for level, targets in TARGETS.items():
            if self.documents[item.integration]["target"] in ("all", level):
                for target in self.some((*targets, OTHERS[level]), 0.4):
                    yield Binding(item.id, level, target, self.configuration_there(item.integration, level))

    def configuration_there(self, name: str, level: str) -> dict[str, Any]:
        found = {key: self.value(key) for key in self.keys(name, level) if self.may(0.5)}
        if self.may(0.5):
            found["oauth_credentials"] = {"access_token": f"oauth-{name}", "scopes": ["a", "b"]}
        if self.may(0.3):
            found["webhookId"] = f"wh-{name}-{level}"
        return found

    def keys(self, name: str, level: str) -> tuple[str, ...]:
        """The keys that a file may set there."""
        screen = self.documents[name].get("configurations", {}).get(level)
        if screen is None:
            return ()
        if "properties" not in screen:
            return FREE
        return tuple(key for key, item in screen["properties"].items() if item["type"] != "button")

    def value(self, key: str) -> Any:
        match KEYS.get(key, {"type": "any"}):
            case {"enum": choices}:
                return self.random.choice(choices)
            case {"type": "string"}:
                return self.random.choice(["C0123", "G-DEFAULT", "", "two words", "ünï→✓", "<b>&"])
            case {"type": "number"}:
                return self.random.choice([0, 3, 3.0, -1.5, 10**9])
            case {"type": "boolean"}:
                return self.may(0.5)
            case _:
                return self.random.choice(["text", 7, False, [1, "two", {"three": 3}], {"a": {"b": [True]}}])

    # the files

    def file(self) -> dict[str, Any]:
        integrations = {name: self.integration(name) for name in OURS if self.may(0.6)}
        there = {name for name, body in integrations.items() if "absent" not in body}
        usable = (self.live - integrations.keys()) | there
        self.live -= integrations.keys() - there
        return {
            "version": 1,
            "organization": ORGANIZATION,
            "prune": self.random.choice(["none", "none", "managed", "all"]),
            "integrations": integrations,
            "installations": {
                name: self.declared(name) for name in (*THEIRS, *OURS) if name in usable and self.may(0.75)
            },
        }

    def integration(self, name: str) -> dict[str, Any]:
        if self.may(0.1):
            return {"absent": True}
        was = self.documents[name]
        found: dict[str, Any] = {
            "title": self.random.choice([was["title"], "Another title"]),
            "script": self.random.choice(["// as it was", "// new", "// newer"]),
            "scopes": self.random.choice([was["scopes"], ["space:metadata:read", "space:content:read"]]),
            "secrets": self.random.choice([{}, {"KEY": "${{ secret.FIRST_SECRET }}"}]),
            "target": was["target"],
        }
        if "configurations" in was:
            found["configurations"] = was["configurations"]
        if self.may(0.5):
            found["description"] = self.random.choice(["As it was.", "New.", ""])
        if self.may(0.3):
            found["visibility"] = self.random.choice(["private", "unlisted"])
        return found

    def declared(self, name: str) -> dict[str, Any]:
        if self.may(0.1):
            return {"absent": True}
        found = self.body(name, "account")
        for level, targets in TARGETS.items():
            if self.everywhere[level] and self.may(0.5):
                found[f"{level}_selection"] = self.random.choice(["all", "all", "selected"])
            if self.documents[name]["target"] in ("all", level) and self.may(0.8):
                found[f"{level}s"] = {target: self.binding(name, level) for target in self.some(targets, 0.6)}
        return found

    def binding(self, name: str, level: Level) -> dict[str, Any]:
        absent = not self.everywhere[level] and self.may(0.15)
        return {"absent": True} if absent else self.body(name, level)

    def body(self, name: str, level: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        screen = self.documents[name].get("configurations", {}).get(level, {})
        required = screen.get("required", [])
        chosen = [key for key in self.keys(name, level) if key in required or self.may(0.6)]
        if self.may(0.85) or required:
            found["configuration"] = {
                key: None if key not in required and self.may(0.15) else self.written(key) for key in chosen
            }
        if self.may(0.15):
            found["externalIds"] = self.some(("ext-1", "ext-2", "ext-3"), 0.5)
        if "properties" in screen and self.may(0.1):
            found["ownership"] = "exact"
        return found

    def written(self, key: str) -> Any:
        """A value as a file writes it: some are secrets."""
        if key in ("api_token", "anything") and self.may(0.5):
            return f"${{{{ secret.{self.random.choice(sorted(SECRETS))} }}}}"
        return self.value(key)

    # what goes wrong

    def behaviour(self) -> Behaviour:
        choose = self.random.choice
        return Behaviour(
            patch=choose(["replaces", "replaces", "merges"]),
            nulls=choose(["removed", "kept"]),
            second_install=choose(["conflict", "same", "second"]),
            second_binding=choose(["conflict", "same"]),
            space_binding=choose(["post", "post", "patch-404", "patch-405"]),
            defaults=choose(["left", "filled"]),
            own_keys=choose(["none", "once", "always"]),
            everywhere=choose(["bound", "unbound"]),
            configuration=choose(["free", "checked"]),
            text=choose(["kept", "normal"]),
            targets=choose(["id", "object"]),
            list_lag=choose([0, 0, 3, 20]),
            read_lag=choose([0, 0, 2]),
            overlap=choose([0, 0, 1]),
            cursor=choose(["key", "offset"]),
            page_cap=choose([2, 3, 1000]),
            latency=0.02,
            rate_limit=choose([0, 0, 0, 40]),
        )

    def meddling(self) -> tuple[Meddling, ...]:
        if self.may(0.5):
            return ()
        return tuple(
            Meddling(
                reads=self.random.randint(1, 60),
                deed=cast("Deed", deed),
                address=self.anywhere(),
                value=f"v{number}",
            )
            for number in range(self.random.randint(1, 6))
            for deed in [self.random.choice(["bind", "unbind", "own key", "own key", "hotfix"])]
        )

    def anywhere(self) -> str:
        name = self.random.choice([*THEIRS, *OURS])
        if self.may(0.3):
            return f"installation/{name}"
        level: Level = self.random.choice(["site", "space"])
        return f"installation/{name}/{level}/{self.random.choice([*TARGETS[level], OTHERS[level]])}"

    def endings(self) -> tuple[Ending, ...]:
        if self.may(0.5):
            return ()
        return tuple(
            Ending(
                run=run, request=self.random.randint(1, 50), how=self.random.choice(["stop", "abort", "kill"])
            )
            for run in self.some(range(4), 0.5)
        )


def imagine(seed: int) -> Story:
    """The story of this seed."""
    mind = Imagination(seed)
    world = TypeAdapter(Document).dump_json(mind.world(), indent=None, exclude_defaults=True).decode()
    files = tuple(json.dumps(mind.file(), indent=1) for _ in range(mind.random.choice([1, 2, 2])))
    return Story(
        world=world,
        files=files,
        behaviour=mind.behaviour(),
        rate=mind.random.choice([0.0, 0.05, 0.15, 0.3]),
        seed=seed,
        parallelism=mind.random.choice([1, 3, 10]),
        patient=mind.may(0.7),
        meddling=mind.meddling(),
        endings=mind.endings(),
    )
