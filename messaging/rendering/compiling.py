"""Turns a parsed template into a Python function, once, so that a mail need not walk a tree of Liquid.

The function knows the plain way only. Whatever it is not sure of (an error, a limit that comes near, a value of an odd type) it
leaves to python-liquid, which renders the same template from the start: output and errors are always python-liquid's.

No word of a template becomes code. What is written are the fragments below and numbers; texts, names and filters are
constants that the code calls `k0`, `k1`, ….
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import Any

from liquid import BoundTemplate, RenderContext, ast, expression
from liquid.builtin import content, expressions, output
from liquid.builtin.expressions import logical, primitive
from liquid.builtin.expressions.arguments import KeywordArgument, PositionalArgument
from liquid.builtin.tags import assign_tag, capture_tag, case_tag, comment_tag, echo_tag, for_tag, if_tag, unless_tag
from liquid.exceptions import LiquidError
from liquid.limits import to_int
from liquid.stringify import to_liquid_string
from liquid.undefined import Undefined
from markupsafe import Markup, escape

Drawing = Callable[[Callable[[str, Any], Any]], str]


class Unsure(Exception):
    """The plain way ends here."""


class Template:
    """A template that renders exactly as python-liquid renders it."""

    def __init__(self, parsed: BoundTemplate) -> None:
        self.parsed = parsed

    @cached_property
    def drawing(self) -> Drawing | None:
        """The function, or None where the template says something that has no plain way."""
        try:
            source, constants = written(self.parsed)
            exec(compile(source, "<mail>", "exec"), constants)
        except (Unsure, SyntaxError, RecursionError, MemoryError):  # Python's compiler, too, gives up on deep nesting
            return None
        drawing: Drawing = constants["draw"]
        return drawing

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the template filled in; raise what python-liquid raises."""
        if self.drawing:
            with suppress(Unsure, LiquidError, TypeError, ValueError, ArithmeticError, RecursionError):
                return self.drawing(values.get)
        return str(self.parsed.render(**values))


def written(parsed: BoundTemplate) -> tuple[str, dict[str, Any]]:
    """Return the source of a function `draw(get)` and the constants it refers to; raise Unsure."""
    writer = _Writer(parsed)
    writer.body(parsed.nodes, "o0")
    opening = ["def draw(get):", " size, x0, f0, o0 = 0, 1, none, []", *(f" {own} = get({key}, none)" for own, key in writer.own.values())]
    return "\n".join([*opening, *writer.lines, ' return "".join(o0)']), writer.constants


_NOTHING = Undefined("")
_NO_TOKEN: Any = None  # it would only say where an error is, and errors are python-liquid's to tell
#: Not in the values: the clock, and what `render_with_context` puts in front of them.
_ODD_NAMES = frozenset({"now", "today", "partial"})
_OF_SEQUENCES = frozenset({"size", "first", "last"})
_DEEPEST_LOOP = 4


def _html(value: Any) -> str:
    if type(value) is Markup:
        return value
    return escape(value) if type(value) is str else to_liquid_string(value, True)


def _plain(value: Any) -> str:
    return value if type(value) is str else to_liquid_string(value, False)


def _item(context: RenderContext, value: Any, key: Any) -> Any:
    if type(value) is dict and type(key) is str:
        found = value.get(key, _NOTHING)
        if found is not _NOTHING or key not in _OF_SEQUENCES:
            return found
    try:
        return context.get_item(value, key)
    except (KeyError, TypeError, IndexError):
        return _NOTHING


def _turns(many: Any, offset: Any, limit: Any = ...) -> list[Any]:
    """Return what a loop goes through, as python-liquid slices it: with it, a last place of 0 is the end."""
    if isinstance(many, list):
        turns = many
    elif isinstance(many, str):
        turns = [many] if many else []
    elif isinstance(many, Mapping):
        turns = list(many.items())
    elif isinstance(many, Sequence):
        raise Unsure
    else:
        turns = []
    start = to_int(offset)
    stop = (len(turns) if limit is ... else to_int(limit) + start) or len(turns)
    if stop < 0:
        raise Unsure
    return turns[max(start, 0) : stop]


class _Writer:
    """Writes lines for nodes, and code for expressions."""

    def __init__(self, parsed: BoundTemplate) -> None:
        self.env: Any = parsed.env
        self.lines: list[str] = []
        self.own: dict[str, tuple[str, str]] = {}
        self.loops: list[tuple[int, dict[str, str]]] = []
        self.depth = 1
        self.count = 0
        self.constants: dict[str, Any] = {
            "__builtins__": {"len": len, "iter": iter},
            "unsure": Unsure, "none": _NOTHING, "turns": _turns, "sizeof": sys.getsizeof, "loop": for_tag.ForLoop,
            "show": _html if self.env.autoescape else _plain, "captured": Markup if self.env.autoescape else str,
            "item": partial(_item, RenderContext(parsed)), "same": logical._eq, "below": partial(logical._lt, _NO_TOKEN),
            "up_to": logical._le, "contains": partial(logical._contains, _NO_TOKEN),
        }  # fmt: skip

    def constant(self, value: Any) -> str:
        key = f"k{self.number()}"
        self.constants[key] = value
        return key

    def number(self) -> int:
        self.count += 1
        return self.count

    def line(self, code: str) -> None:
        self.lines.append(" " * self.depth + code)

    def weigh(self, amount: str) -> None:
        """Leave the plain way where all that was written and kept might reach the limits of output and namespace."""
        self.line(f"if (size := size + {amount}) > {min(self.env.output_stream_limit, self.env.local_namespace_limit)}: raise unsure")

    def variable(self, name: str) -> str:
        """Return the Python variable of a name that no loop hides; it begins as the mail's value."""
        if name in _ODD_NAMES:
            raise Unsure
        if name not in self.own:
            self.own[name] = (f"n{self.number()}", self.constant(str(name)))
        return self.own[name][0]

    def body(self, nodes: Iterable[ast.Node], sink: str | None) -> None:
        fixed = sum(len(node.text.encode()) for node in nodes if type(node) is content.ContentNode)
        if sink and fixed:
            self.weigh(str(fixed))
        for node in nodes:
            _of(_NODES, node)(self, node, sink)

    def block(self, head: str, block: ast.BlockNode, sink: str | None) -> None:
        """Write an indented block; one of nothing but white space and silent tags prints nothing."""
        self.line(head)
        self.depth += 1
        self.line("pass")
        self.body(block.nodes, None if block.blank else sink)
        self.depth -= 1

    def code(self, expr: expression.Expression) -> str:
        return str(_of(_VALUES, expr)(self, expr))

    def truth(self, expr: expression.Expression) -> str:
        code = _TESTS.get(type(expr))
        return code(self, expr) if code else f"((t := {self.code(expr)}) is not None and t is not False and t is not none)"


def _of(table: Mapping[type, Callable[..., Any]], node: object) -> Callable[..., Any]:
    if type(node) not in table:
        raise Unsure
    return table[type(node)]


def _text(to: _Writer, node: Any, sink: str | None) -> None:
    if sink and node.text:
        to.line(f"{sink}.append({to.constant(node.text)})")


def _output(to: _Writer, node: Any, sink: str | None) -> None:
    to.line(f"t = show({to.code(node.expression)})")
    to.weigh("(len(t) if t.isascii() else 4 * len(t))")
    to.line(f"{sink}.append(t)")


def _assign(to: _Writer, node: Any, sink: str | None) -> None:
    name = to.variable(node.name)
    to.line(f"{name} = {to.code(node.expression)}")
    to.weigh(f"sizeof({name}, 1)")


def _capture(to: _Writer, node: Any, sink: str | None) -> None:
    inner, name = f"o{to.number()}", to.variable(node.name)
    to.line(f"{inner} = []")
    to.block("if 1:", node.block, inner)
    to.line(f'{name} = captured("".join({inner}))')
    to.weigh(f"sizeof({name}, 1)")


def _if(to: _Writer, node: Any, sink: str | None) -> None:
    negated = "not " if type(node) is unless_tag.UnlessNode else ""
    to.block(f"if {negated}{to.truth(node.condition)}:", node.consequence, sink)
    for other in node.alternatives:
        to.block(f"elif {to.truth(other.expression)}:", other.block, sink)
    if node.default:
        to.block("else:", node.default, sink)


def _case(to: _Writer, node: Any, sink: str | None) -> None:
    default = f"d{to.number()}"
    to.line(f"{default} = True")
    for block in node.blocks:
        if type(block) is ast.BlockNode:
            to.block(f"if {default}:", block, sink)
            continue
        left = to.code(block.expression.left)
        to.line(f"c = [{', '.join(f'same({left}, {to.code(right)})' for right in block.expression.expressions)}].count(True)")
        to.line("if c > 1: raise unsure")
        to.line(f"if c: {default} = False")
        to.block("if c:", block.block, sink)


def _for(to: _Writer, node: Any, sink: str | None) -> None:
    loop, number, outer = node.expression, to.number(), to.loops[-1][0] if to.loops else 0
    if len(to.loops) == _DEEPEST_LOOP or type(loop.offset) is primitive.StringLiteral:
        raise Unsure
    bounds = [to.code(loop.offset) if loop.offset else "0", *([to.code(loop.limit)] if loop.limit else [])]
    backwards = "[::-1]" if loop.reversed else ""
    to.line(f"m{number} = turns({to.code(loop.iterable)}, {', '.join(bounds)}){backwards}")
    to.line(f"if (x{number} := x{outer} * len(m{number})) > {to.env.loop_iteration_limit}: raise unsure")
    name = to.constant(f"{loop.identifier}-{loop.iterable}")
    to.line(f"f{number} = loop({name}, iter(m{number}), len(m{number}), f{outer})")
    to.loops.append((number, {"forloop": f"f{number}", loop.identifier: f"v{number}"}))
    to.block(f"for v{number} in f{number}:", node.block, sink)
    to.loops.pop()
    if node.default:
        to.block(f"if not m{number}:", node.default, sink)


def _leave(to: _Writer, node: Any, sink: str | None) -> None:
    if not to.loops:
        raise Unsure
    to.line("break" if type(node) is for_tag.BreakNode else "continue")


def _path(to: _Writer, path: expressions.Path) -> str:
    root, *keys = path.path
    if not isinstance(root, str):
        raise Unsure
    code = next((names[root] for _, names in reversed(to.loops) if root in names), "") or to.variable(root)
    for key in keys:
        code = f"item({code}, {to.code(key) if isinstance(key, expressions.Path) else to.constant(key)})"
    return code


def _string(to: _Writer, literal: primitive.StringLiteral) -> str:
    return to.constant(Markup(literal.value) if to.env.autoescape else literal.value)


def _filtered(to: _Writer, expr: expressions.FilteredExpression) -> str:
    code = to.code(expr.left)
    for step in expr.filters or ():
        function = to.env.filters.get(step.name)
        if function is None or hasattr(function, "with_context"):
            raise Unsure
        if hasattr(function, "with_environment"):
            function = partial(function, environment=to.env)
        given = [to.code(each.value) for each in step.args if isinstance(each, PositionalArgument)]
        named = [f"**{{{to.constant(each.name)}: {to.code(each.value)}}}" for each in step.args if isinstance(each, KeywordArgument)]
        code = f"{to.constant(function)}({', '.join([code, *given, *named])})"
    return code


def _call(name: str, first: str = "left", second: str = "right") -> Callable[[_Writer, Any], str]:
    return lambda to, expr: f"{name}({to.code(getattr(expr, first))}, {to.code(getattr(expr, second))})"


def _both(word: str) -> Callable[[_Writer, Any], str]:
    return lambda to, expr: f"({to.truth(expr.left)} {word} {to.truth(expr.right)})"


def _itself(to: _Writer, expr: Any) -> str:
    return to.constant(expr)


def _literal(to: _Writer, expr: Any) -> str:
    return to.constant(expr.value)


_NODES: dict[type, Callable[[_Writer, Any, str | None], None]] = {
    content.ContentNode: _text, output.OutputNode: _output, echo_tag.EchoNode: _output, comment_tag.CommentNode: lambda *_: None,
    assign_tag.AssignNode: _assign, capture_tag.CaptureNode: _capture, if_tag.IfNode: _if, unless_tag.UnlessNode: _if,
    case_tag.CaseNode: _case, for_tag.ForNode: _for, for_tag.BreakNode: _leave, for_tag.ContinueNode: _leave,
}  # fmt: skip
_VALUES: dict[type, Callable[[_Writer, Any], str]] = {
    expressions.Path: _path, expressions.FilteredExpression: _filtered, primitive.Nil: lambda *_: "None",
    primitive.Empty: _itself, primitive.Blank: _itself, primitive.StringLiteral: _string, primitive.TrueLiteral: _literal,
    primitive.FalseLiteral: _literal, primitive.IntegerLiteral: _literal, primitive.FloatLiteral: _literal,
}  # fmt: skip
_TESTS: dict[type, Callable[[_Writer, Any], str]] = {
    logical.BooleanExpression: lambda to, expr: to.truth(expr.expression),
    logical.LogicalAndExpression: _both("and"), logical.LogicalOrExpression: _both("or"),
    logical.EqExpression: _call("same"), logical.NeExpression: _call("not same"), logical.ContainsExpression: _call("contains"),
    logical.LeExpression: _call("up_to"), logical.GeExpression: _call("up_to", "right", "left"),
    logical.LtExpression: _call("below"), logical.GtExpression: _call("below", "right", "left"),
}  # fmt: skip
