"""The shape of the code, read from its syntax: who may see whom, where a library lives, what nobody does."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "reconciler"

LADDER = (
    "diagnostics",
    "rule_ids",
    "errors",
    "suggest",
    "clock",
    "inputs",
    "resources",
    "config",
    "lock",
    "live",
    "plan",
    "apply",
    "pipeline",
    "gitbook",
    "sandbox",
    "render",
    "cli",
)
"""The import ladder: a package imports only from the packages above it in this list."""

ENGINE = frozenset({"resources", "lock", "live", "plan", "apply"})
"""The packages that know nothing of GitBook: a table of kinds and a client are handed to them."""

NOT_SEEN = {
    "lock": {"config"},
    "live": {"config"},
    "plan": {"config", "live"},
    "apply": {"config", "live"},
    "gitbook": {"lock", "live", "plan", "apply", "pipeline"},
    "sandbox": {"live", "plan", "apply", "pipeline"},
    "render": {"gitbook", "sandbox", "pipeline", "live"},
}
"""What a package may not import although it stands above it."""

STEPS = frozenset(f"reconciler.apply.{name}" for name in ("executor", "create", "patch", "publish", "delete"))
"""The one circle of modules: the executor knows how each kind of step is carried out, and these know it."""

ACTING = (
    "live/fetch*.py",
    "lock/stores/*",
    "apply/scheduler.py",
    "apply/executor.py",
    "apply/page_reads.py",
    "apply/create.py",
    "apply/patch.py",
    "apply/publish.py",
    "apply/delete.py",
    "apply/descendants.py",
    "apply/lock_writer.py",
)
"""The modules of the engine that read or write the world; all others only turn values into values."""

PURE = ENGINE | {"render"}

OUTSIDE = re.compile(
    r"^(asyncio|builtins|ftplib|glob|http|httpx|io|multiprocessing|os(?!\.path)|pathlib|shutil|smtplib|socket|ssl"
    r"|starlette|subprocess|tempfile|threading|urllib|uvicorn|webbrowser)\b"
)
"""Modules with which one reaches files, processes or the network."""

HOMES = {
    "aiohttp": ("gitbook/client/transport_aiohttp.py", "gitbook/client/failures.py"),
    "certifi": ("gitbook/client/certificates.py",),
    "click": ("cli/*",),
    "deepdiff": ("plan/diff.py",),
    "httpx": ("gitbook/client/transport_httpx.py", "sandbox/transport.py"),
    "jinja2": ("render/plan/html/*",),
    "lzstring": ("gitbook/*", "sandbox/*"),
    "markupsafe": ("render/plan/html/*",),
    "obstore": ("lock/stores/objects.py",),
    "pydantic": ("*",),
    "rich": ("render/*", "cli/*"),
    "ruamel": ("config/format/*",),
    "starlette": ("sandbox/*",),
    "tenacity": ("gitbook/client/retry.py",),
    "truststore": ("gitbook/client/certificates.py",),
    "uvicorn": ("sandbox/*",),
    "yaml": ("config/*",),
    "yarl": ("gitbook/client/transport_aiohttp.py",),
}
DISTRIBUTIONS = {"py-lzstring": "lzstring", "pyyaml": "yaml", "ruamel.yaml": "ruamel"}
HEAVY = {
    "aiohttp",
    "deepdiff",
    "httpx",
    "jinja2",
    "lzstring",
    "obstore",
    "rich",
    "ruamel",
    "starlette",
    "tenacity",
    "uvicorn",
}
"""Libraries that a command pays for only when it uses them."""

DUSTY = {"utils", "util", "helpers", "common", "base", "types", "manager", "core", "models", "misc"}
ABOUT_GITBOOK = re.compile(
    r"gitbook|integration|installation|configuration|\bspaces?\b|\bsites?\b", re.IGNORECASE
)
SHELL = frozenset(
    {"os.environ", "os.getenv", "sys.argv", "sys.exit", "sys.stdin", "sys.stdout", "sys.stderr"}
)
OUR_OWN_WORDS = frozenset(
    [
        "sight",
        "discretion",
        "hushed",
        "judge",
        "hands",
        "survey",
        "census",
        "memory",
        "basis",
        "twins",
        "astray",
        "fleeting",
        "claimed",
        "owed",
        "settle",
        "happened",
        "looking",
        "reached",
        "unsaid",
        "trail",
        "margins",
    ]
)
"""Words that once stood where the field has a term: no name of a module, class, function or parameter."""
SAYING_NOTHING = frozenset({"found", "made", "told", "said", "laid", "there", "kept", "shown"})
"""Words that say that something happened, and not what a value is: no name of a variable in a function."""
VAGUE_STILL = ("render/*", "apply/*", "lock/stores/*", "plan/saved/document.py")
"""Where such names still stand. Only ever fewer."""
FUNCTION_LINES = 60
MODULE_LINES = 400


@dataclass(frozen=True)
class Import:
    """One name that a module takes: `from reconciler.lock.document import Base`."""

    line: int
    module: str
    name: str
    runtime: bool

    def at(self, module: Module) -> str:
        """Where it stands: `plan.py:14: reconciler.lock.document Base`."""
        return f"{module.path}:{self.line}: {self.module} {self.name}".strip()

    @property
    def library(self) -> str:
        return self.module.split(".")[0]

    @property
    def stage(self) -> str:
        """The module or room of ours that it comes from; empty for anything else."""
        words = [*self.module.split("."), self.name]
        return words[1] if words[0] == "reconciler" else ""


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return parsed(self.text)

    @property
    def stage(self) -> str:
        """`plan` for plan.py, `config` for all that stands in config/."""
        return self.path.split("/")[0].removesuffix(".py")

    @property
    def imports(self) -> tuple[Import, ...]:
        return tuple(imports(self.tree, runtime=True))


@cache
def parsed(text: str) -> ast.Module:
    return ast.parse(text)


def imports(tree: ast.AST, *, runtime: bool) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Import(names=names):
                yield from (Import(node.lineno, item.name, "", runtime) for item in names)
            case ast.ImportFrom(module=module, names=names):
                yield from (Import(node.lineno, module or "", item.name, runtime) for item in names)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from imports(node, runtime=False)
            case _:
                yield from imports(node, runtime=runtime)


def read(folder: Path) -> tuple[Module, ...]:
    return tuple(
        Module(path.relative_to(folder).as_posix(), path.read_text("utf-8"))
        for path in sorted(folder.rglob("*.py"))
    )


MODULES = read(PACKAGE)
AROUND = tuple(module for folder in ("tests", "benchmarks", "scripts") for module in read(ROOT / folder))


def seen(package: str) -> frozenset[str]:
    """The packages that `package` may import: itself and those above it, less what it may not see."""
    if package not in LADDER:
        return frozenset(LADDER)
    above = LADDER[: LADDER.index(package) + 1]
    return frozenset(above) - NOT_SEEN.get(package, set())


def acting(module: Module) -> bool:
    """Whether it is one of the few modules of the engine that reach out of the process."""
    return any(fnmatch(module.path, pattern) for pattern in ACTING)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(module: Module, *names: str) -> list[str]:
    """Each call of a plain name among `names`."""
    return [
        f"{module.path}:{node.lineno}: {node.func.id}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def reaches(module: Module, names: frozenset[str]) -> list[str]:
    """Each mention of a dotted name among `names`."""
    return [
        f"{module.path}:{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in names
    ]


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """The texts that a module works with; not its docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def test_every_package_stands_on_the_ladder() -> None:
    """A new package gets a place in `LADDER` below all that it imports."""
    lost = {module.stage for module in MODULES} - {*LADDER, "__init__", "__main__"}

    assert not lost


def test_a_package_imports_only_from_packages_above_it() -> None:
    """Types count too: a type from a later package is a dependency that the reader has to follow."""
    later = [
        item.at(module)
        for module in MODULES
        for item in module.imports
        if item.stage not in seen(module.stage) | {"", "__version__"}
    ]

    assert not later


def dotted(path: str) -> str:
    """`reconciler.plan.diff` for plan/diff.py."""
    return f"reconciler/{path}".removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """The sets of modules that reach each other, each of more than one."""

    def beyond(start: str) -> set[str]:
        seen, waiting = set[str](), [start]
        while waiting:
            further = graph[waiting.pop()] - seen
            seen |= further
            waiting += further
        return seen

    reach = {name: beyond(name) for name in graph}
    groups = (frozenset(other for other in reach[name] if name in reach[other]) for name in graph)
    return {group for group in groups if group}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for types and those inside of functions count too: the reader has to follow them as well."""
    here = {dotted(module.path): module for module in MODULES}
    graph = {
        name: {
            target
            for item in module.imports
            for target in [
                f"{item.module}.{item.name}" if f"{item.module}.{item.name}" in here else item.module
            ]
            if target in here and target != name
        }
        for name, module in here.items()
    }

    assert circles(graph) <= {STEPS}


def test_the_engine_speaks_of_no_kind() -> None:
    spoken = [
        f"{module.path}:{node.lineno}: {node.value!r}"
        for module in MODULES
        if module.stage in ENGINE
        for node in texts(module.tree)
        if ABOUT_GITBOOK.search(str(node.value))
    ]

    assert not spoken


def test_a_pure_stage_reaches_no_file_process_or_network() -> None:
    pure = [module for module in MODULES if module.stage in PURE and not acting(module)]
    doors = [item.at(module) for module in pure for item in module.imports if OUTSIDE.match(item.module)]
    opened = [
        call for module in pure for call in calls(module, "open", "__import__", "eval", "exec", "compile")
    ]

    assert not doors
    assert not opened


def test_a_library_is_imported_only_in_its_home() -> None:
    misplaced = [
        item.at(module)
        for module in MODULES
        for item in module.imports
        if item.runtime and item.library not in {*sys.stdlib_module_names, "reconciler"}
        if not any(fnmatch(module.path, home) for home in HOMES.get(item.library, ()))
    ]

    assert not misplaced


def test_only_the_command_line_has_environment_exit_and_output() -> None:
    inner = [module for module in MODULES if module.stage not in {"cli", "__main__"}]
    called = [
        call for module in inner for call in calls(module, "print", "input", "exit", "quit", "breakpoint")
    ]
    mentioned = [door for module in inner for door in reaches(module, SHELL)]

    assert not called
    assert not mentioned


def test_a_module_opens_with_one_sentence() -> None:
    silent = [
        module.path
        for module in MODULES
        if not (ast.get_docstring(module.tree) or "").split("\n\n")[0].endswith((".", ":", "?"))
    ]

    assert not silent


def test_a_module_fits_in_a_head() -> None:
    sizes = {module.path: len(module.text.splitlines()) for module in MODULES}

    assert not {path: size for path, size in sizes.items() if size > MODULE_LINES}


def test_a_function_fits_on_a_screen() -> None:
    sizes = {
        f"{module.path}:{item.lineno} {item.name}": (item.end_lineno or 0) - item.lineno + 1
        for module in MODULES
        for item in functions(module.tree)
    }

    assert not {name: size for name, size in sizes.items() if size > FUNCTION_LINES}


def test_no_room_is_for_dust() -> None:
    paths = {module.path: module.path.removesuffix(".py").split("/") for module in MODULES}
    dusty = [path for path, words in paths.items() if DUSTY.intersection(word.strip("_") for word in words)]

    assert not dusty


def names(module: Module) -> Iterator[str]:
    """The names of a module, its classes, its functions and their parameters."""
    yield module.path.removesuffix(".py").rsplit("/", 1)[-1]
    yield from (node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))
    for item in functions(module.tree):
        yield item.name
        yield from (argument.arg for argument in (*item.args.args, *item.args.kwonlyargs))


def words(name: str) -> set[str]:
    """The words of a name: `LockWriter` and `lock_writer` have the same two."""
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("_").split("_"))


def test_names_are_terms_of_the_field() -> None:
    private = [
        f"{module.path}: {name}"
        for module in MODULES
        for name in names(module)
        if OUR_OWN_WORDS.intersection(words(name))
    ]

    assert not private


def variables(module: Module) -> Iterator[ast.Name | ast.arg]:
    """The variables and parameters of a module's functions."""
    for item in functions(module.tree):
        for node in ast.walk(item):
            if isinstance(node, ast.arg) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)):
                yield node


def test_a_variable_says_what_it_is() -> None:
    vague = [
        f"{module.path}:{node.lineno}: {name}"
        for module in MODULES
        if not any(fnmatch(module.path, pattern) for pattern in VAGUE_STILL)
        for node in variables(module)
        if (name := node.arg if isinstance(node, ast.arg) else node.id) in SAYING_NOTHING
    ]

    assert not vague


def test_nothing_is_left_for_later() -> None:
    stubs = [
        f"{module.path}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id == "NotImplementedError"
    ]

    assert not stubs


def test_nothing_is_patched() -> None:
    mocks = [
        item.at(module)
        for module in AROUND
        for item in module.imports
        if item.module == "mock" or item.module.startswith("unittest")
    ]
    asked = [
        f"{module.path}:{item.lineno}"
        for module in AROUND
        for item in functions(module.tree)
        if "mocker" in {argument.arg for argument in item.args.args}
    ]

    assert not mocks
    assert not asked


def test_the_ladder_names_nothing_twice() -> None:
    assert len(set(LADDER)) == len(LADDER)


def dependencies() -> set[str]:
    """The libraries of pyproject.toml and its extras, by the names they are imported with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    names = {re.split(r"[<>=!~;\[ ]", line)[0].lower() for line in (*project["dependencies"], *extras)}
    return {DISTRIBUTIONS.get(name, name) for name in names}


def test_every_dependency_has_one_home() -> None:
    assert dependencies() == HOMES.keys()


def test_every_dependency_has_a_use_where_its_home_stands() -> None:
    used = {item.library for module in MODULES for item in module.imports if item.runtime}
    built = {
        name for name, homes in HOMES.items() if any(fnmatch(m.path, home) for m in MODULES for home in homes)
    }

    assert not built - used


def test_starting_the_program_loads_no_heavy_library() -> None:
    script = "import sys, reconciler.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert not HEAVY.intersection(done.stdout.split())
