"""The calls of AWS that each function can make, found in its code by the types that mypy infers.

From a handler, all functions it refers to are followed, and all methods by the type of their object; for a
protocol, the methods of the classes that the function instantiates. All handlers import all modules, so that imports
alone show nothing.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import botocore.session
from botocore import xform_name
from mypy.build import BuildSource, build
from mypy.nodes import (
    AssignmentStmt,
    CallExpr,
    ClassDef,
    Decorator,
    Expression,
    FuncDef,
    NameExpr,
    Node,
    OverloadedFuncDef,
    TypeInfo,
    Var,
)
from mypy.options import Options
from mypy.traverser import NameAndMemberCollector
from mypy.types import AnyType, Instance, Type, UnionType, get_proper_type

from tools.paths import ROOT

PACKAGE = "alert_responder"
ADAPTERS = f"{PACKAGE}.adapters."
SERVICES = {"dynamodb": "dynamodb", "lambda": "lambda", "s3": "s3", "stepfunctions": "states"}
"""The services that the package calls, and the prefixes of their actions."""

CLIENTS = "types_boto3_"
"""How the packages with the types of clients begin."""


@dataclass(frozen=True)
class Reached:
    """Everything that one function can reach.

    Attributes
    ----------
    operations : frozenset
        Operations of AWS as ``<prefix of the actions>:<Operation>``.
    called : frozenset
        Full names of the functions and classes of the package that are called.
    """

    operations: frozenset[str]
    called: frozenset[str]


@cache
def reached(handler: str) -> Reached:
    """Find everything that a handler can reach, such as ``alert_responder.handlers.runner.handler``."""
    walk = _Walk(_program())
    walk.follow(handler)
    names = _operations()
    return Reached(frozenset(names[word] for word in walk.words if word in names), frozenset(walk.called))


@cache
def written() -> frozenset[str]:
    """List all operations that the adapters name anywhere."""
    names = _operations()
    program = _program()
    words = {word for name in program.nodes if name.startswith(ADAPTERS) for word in _references(program, name).words}
    return frozenset(names[word] for word in words if word in names)


def operation(method: str) -> str:
    """Return the operation of a client's method."""
    return _operations()[method]


@cache
def _operations() -> dict[str, str]:
    session = botocore.session.Session()
    found: dict[str, str] = {}
    for service, prefix in SERVICES.items():
        for operation in session.get_service_model(service).operation_names:
            found[xform_name(operation)] = f"{prefix}:{operation}"
    return found


@dataclass(frozen=True)
class _Program:
    """The package as parsed by mypy.

    Attributes
    ----------
    nodes : dict
        Functions, classes and variables of modules, by full name.
    words : dict
        The strings in functions of adapters, by full name.
    types : dict
        The types of all expressions.
    callees : frozenset
        The expressions that are called.
    """

    nodes: dict[str, Node]
    words: dict[str, set[str]]
    types: dict[Expression, Type]
    callees: frozenset[Expression]


@cache
def _program() -> _Program:
    folder = ROOT / "lambda"
    paths = {
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((folder / PACKAGE).rglob("*.py"))
    }
    options = Options()
    options.export_types = True
    options.incremental = False
    # What others wrote is of no interest, and reading it would take most of the time.
    options.follow_imports = "skip"
    options.ignore_missing_imports = True
    options.mypy_path = [str(folder)]
    options.namespace_packages = options.explicit_package_bases = True
    options.preserve_asts = True
    result = build([BuildSource(str(path), module) for module, path in paths.items()], options)
    nodes: dict[str, Node] = {}
    words: dict[str, set[str]] = {}
    for module, path in paths.items():
        nodes.update(_definitions(module, result.files[module].defs))
        if module.startswith(ADAPTERS):
            words.update(_words(module, ast.parse(path.read_text(encoding="utf-8")).body))
    callees = frozenset(call.callee for call in result.types if isinstance(call, CallExpr))
    return _Program(nodes, words, result.types, callees)


def _words(prefix: str, statements: Iterable[ast.stmt]) -> Iterator[tuple[str, set[str]]]:
    for statement in statements:
        if isinstance(statement, ast.FunctionDef):
            constants = (node.value for node in ast.walk(statement) if isinstance(node, ast.Constant))
            yield f"{prefix}.{statement.name}", {value for value in constants if isinstance(value, str)}
        elif isinstance(statement, ast.ClassDef):
            yield from _words(f"{prefix}.{statement.name}", statement.body)


def _definitions(prefix: str, statements: Iterable[Node]) -> Iterator[tuple[str, Node]]:
    for statement in statements:
        if isinstance(statement, FuncDef | Decorator | OverloadedFuncDef):
            yield f"{prefix}.{statement.name}", statement
        elif isinstance(statement, ClassDef):
            yield f"{prefix}.{statement.name}", statement
            yield from _definitions(f"{prefix}.{statement.name}", statement.defs.body)
        elif isinstance(statement, AssignmentStmt):
            for target in statement.lvalues:
                if isinstance(target, NameExpr):
                    yield f"{prefix}.{target.name}", statement


_METHODS = (FuncDef, Decorator, OverloadedFuncDef)


@dataclass
class _Found:
    """References of a definition: names, methods by type, and words that may name an operation."""

    names: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    methods: set[tuple[TypeInfo, str]] = field(default_factory=set)
    words: set[str] = field(default_factory=set)


def _references(program: _Program, name: str) -> _Found:
    found = _Found()
    node = program.nodes[name]
    # Methods of a class are followed when they are called; its other statements run when it is defined.
    parts = (
        [part for part in node.defs.body if not isinstance(part, _METHODS)] if isinstance(node, ClassDef) else [node]
    )
    collector = NameAndMemberCollector()
    for part in parts:
        part.accept(collector)
    for expression in (*collector.name_exprs, *collector.member_exprs):
        referred = expression.node
        if isinstance(referred, (*_METHODS, TypeInfo, Var)) and referred.fullname:
            found.names.add(referred.fullname)
            if expression in program.callees:
                found.called.add(referred.fullname)
    for expression in collector.member_exprs:
        for kind in _alternatives(program.types.get(expression.expr)):
            if isinstance(kind, AnyType) or (isinstance(kind, Instance) and kind.type.fullname.startswith(CLIENTS)):
                found.words.add(expression.name)
            elif isinstance(kind, Instance):
                found.methods.add((kind.type, expression.name))
    found.words |= program.words.get(name, set())
    return found


def _alternatives(kind: Type | None) -> list[Type]:
    if kind is None:
        return []
    proper = get_proper_type(kind)
    if isinstance(proper, UnionType):
        return [each for item in proper.items for each in _alternatives(item)]
    return [proper]


class _Walk:
    """Follows references from one definition to the next until there are none left."""

    def __init__(self, program: _Program) -> None:
        self._program = program
        self._names: set[str] = set()
        self._methods: set[tuple[TypeInfo, str]] = set()
        self._made: set[TypeInfo] = set()
        self.called: set[str] = set()
        self.words: set[str] = set()

    def follow(self, start: str) -> None:
        seen: set[str] = set()
        waiting = {start}
        while waiting:
            for name in waiting & self._program.nodes.keys():
                self._visit(name)
            seen |= waiting
            # A method that was called earlier may belong to a class that was instantiated only now.
            targets = {target for kind, method in self._methods for target in self._definitions(kind, method)}
            waiting = (self._names | targets) - seen

    def _visit(self, name: str) -> None:
        node = self._program.nodes[name]
        found = _references(self._program, name)
        self._names |= found.names
        self._methods |= found.methods
        self.called |= found.called
        if name.startswith(ADAPTERS):
            self.words |= found.words
        if isinstance(node, ClassDef):
            self._made.add(node.info)
            self._methods |= {(node.info, method) for method in ("__init__", "__post_init__", "__call__", "__enter__")}

    def _definitions(self, kind: TypeInfo, method: str) -> Iterator[str]:
        """List the definitions that a method call on a type may resolve to."""
        members = set(kind.protocol_members) if kind.is_protocol else None
        for made in [kind, *self._made]:
            if made.has_base(kind.fullname) or (
                members and members <= {name for base in made.mro for name in base.names}
            ):
                names = (f"{base.fullname}.{method}" for base in made.mro)
                yield from [name for name in names if name in self._program.nodes][:1]
