"""What stands before a definition's body: its name, its signature on one line, its parameters, its documentation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from engine.chunking.tables import BODIES, PARAMETER_LISTS, PARAMETERS

__all__ = ["bare", "comment_doc", "docstring", "name_parts", "one_line", "parameters", "signature"]

_LONGEST = 400  # characters of a signature or a doc paragraph
_LONGEST_VALUE = 120  # of a variable's, with its value
_SPACE_INSIDE = re.compile(r"(?<=[(\[]) | (?=[)\],])")
_NAME_SEPARATORS = re.compile(r"::|\.|:|\\")
_NO_PARTS = frozenset({"prototype", "exports", "self", "this"})
_OPEN = {"(": ")", "[": "]", "{": "}", "<": ">"}
_ANNOTATION = re.compile(r"@[\w.:]+|#?\[")
_COMMENT_MARKS = re.compile(r"^\s*(?:/\*+!?|\*+/|\*|//[/!]?|#+(?!\[)|--+\[*|;+|<!--)|(?:\*+/|-->|\]\])\s*$")
_TAGS = re.compile(r"</?\w[^>]*>")


def one_line(source: bytes, start: int, end: int) -> str:
    """Return a stretch of UTF-8 source with its white space collapsed."""
    return " ".join(source[start:end].decode("utf-8", "replace").split())


def bare(name: str) -> str:
    """Return a name without what follows it in brackets: ``List[T]`` and ``Map<K, V>`` become ``List`` and ``Map``."""
    return re.split(r"[\[<({]", name, maxsplit=1)[0].strip() or name


def name_parts(source: bytes, node: Node) -> list[str]:
    """Return the parts of a definition's name; a C declarator is unwrapped down to its identifier."""
    while node.type.endswith("declarator"):
        inner = node.child_by_field_name("declarator") or next(
            (child for child in node.named_children if child.type.endswith(("declarator", "identifier"))), None
        )
        if inner is None:
            break
        node = inner
    text = one_line(source, node.start_byte, node.end_byte)
    if "string" in node.type:
        return [text.strip("\"'`") or text]
    if text.startswith("[") or "operator" in text or not any(character.isalnum() for character in text):
        return [text]
    parts = [bare(part) for part in _NAME_SEPARATORS.split(text) if part.strip()]
    if parts[:1] == ["module"] and parts[1:2] == ["exports"]:
        del parts[0]
    return [part for part in parts[:-1] if part not in _NO_PARTS] + parts[-1:]


# -- signature and parameters ----------------------------------------------------------------------


def _body(node: Node) -> Node | None:
    found = node.child_by_field_name("body")
    if found is not None:
        return found
    for child in node.named_children:
        if child.type in BODIES:
            return child
        for grandchild in child.named_children if child.type.endswith("_type") else ():
            if grandchild.type in BODIES:
                return grandchild
    return None


def signature(source: bytes, start: int, node: Node, inner: Node | None) -> str:
    """Return a definition's head: ``def run(self, port: int = 0) -> None``.

    ``start`` is where it begins (a wrapper such as ``export`` included), ``inner`` the node that has the body when
    ``node`` has none. Annotations in front are left out.
    """
    holder = inner if inner is not None else node
    body = _body(holder)
    if body is not None and body.start_byte > start:
        remarks = [child for child in holder.children if "comment" in child.type and child.start_byte < body.start_byte]
        listed = _parameter_list(holder)
        remarks += [child for child in listed.children if "comment" in child.type] if listed is not None else []
        text = _without(source, start, body.start_byte, remarks)
    else:
        line_end = source.find(b"\n", start, node.end_byte)
        text = one_line(source, start, node.end_byte if line_end < 0 else line_end)
    text = _without_annotations(text)
    return _SPACE_INSIDE.sub("", text).replace(",)", ")").rstrip(" :{=;").removesuffix("->").strip()[:_LONGEST]


def _without(source: bytes, start: int, end: int, remarks: Sequence[Node]) -> str:
    """Return a stretch of source on one line, its comments left out."""
    kept = []
    for remark in sorted(remarks, key=lambda each: each.start_byte):
        if start <= remark.start_byte < end:
            kept.append(one_line(source, start, remark.start_byte))
            start = remark.end_byte
    kept.append(one_line(source, start, end))
    return " ".join(part for part in kept if part)


def value_signature(source: bytes, node: Node) -> str:
    """Return a variable with the beginning of its value on one line."""
    return one_line(source, node.start_byte, min(node.end_byte, node.start_byte + 4 * _LONGEST_VALUE))[:_LONGEST_VALUE]


def _without_annotations(text: str) -> str:
    """Drop ``@Name(…)``, ``#[…]`` and ``[…]`` from the front of a signature."""
    while match := _ANNOTATION.match(text):
        end = match.end()
        if match[0].endswith("["):
            end = _closing(text, end - 1)
        elif text[end : end + 1] == "(":
            end = _closing(text, end)
        rest = text[end:].lstrip()
        if not rest or match[0] == "@interface":
            break
        text = rest
    return text


def _closing(text: str, start: int) -> int:
    """Return the index after the bracket that closes the one at ``start``."""
    depth = 0
    for index in range(start, len(text)):
        if text[index] in "([{":
            depth += 1
        elif text[index] in ")]}":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)


def parameters(source: bytes, node: Node, inner: Node | None) -> tuple[str, ...]:
    """Return the parameters as written, annotations and defaults included."""
    node = inner if inner is not None else node
    holder = _parameter_list(node)
    if holder is None and any(child.type in PARAMETERS for child in node.children):
        holder = node
    if holder is None:
        return ()
    found = tuple(_between_commas(source, holder, brackets=holder is node))
    return () if found == ("void",) else found


def _parameter_list(node: Node) -> Node | None:
    found = node.child_by_field_name("parameters")
    if found is not None:
        return found
    declarator = node.child_by_field_name("declarator")
    for _ in range(4):  # int *(*f)(int): a function declarator below a pointer or a reference
        if declarator is None:
            break
        found = declarator.child_by_field_name("parameters")
        if found is not None:
            return found
        declarator = declarator.child_by_field_name("declarator") or next(iter(declarator.named_children), None)
    return next((child for child in node.named_children if child.type in PARAMETER_LISTS), None)


def _between_commas(source: bytes, holder: Node, *, brackets: bool) -> Iterator[str]:
    """Yield the runs of children between commas; with ``brackets`` only from the first "(" to its ")"."""
    run: list[Node] = []
    inside = not brackets
    for child in holder.children:
        if child.type in {"(", ")", ",", "|", ";"}:
            if run:
                yield one_line(source, run[0].start_byte, run[-1].end_byte)
            run = []
            if brackets and child.type == ")":
                return
            inside = inside or child.type == "("
        elif inside and "comment" not in child.type:
            run.append(child)
    if run and not brackets:
        yield one_line(source, run[0].start_byte, run[-1].end_byte)


# -- documentation ---------------------------------------------------------------------------------


def _first_paragraph(text: str) -> str:
    paragraph = inspect.cleandoc(text).strip().split("\n\n")[0]
    return " ".join(paragraph.split())[:_LONGEST]


def docstring(source: bytes, node: Node) -> str:
    """Return the first paragraph of a Python docstring, "" when there is none."""
    body = node.child_by_field_name("body")
    first = body.named_child(0) if body is not None and body.named_child_count else None
    if first is not None and first.type == "expression_statement" and first.named_child_count:
        first = first.named_child(0)
    if first is None or first.type != "string":
        return ""
    content = next((child for child in first.children if child.type == "string_content"), None)
    if content is None:
        return ""
    return _first_paragraph(source[content.start_byte : content.end_byte].decode("utf-8", "replace"))


def comment_doc(lines: list[str]) -> str:
    """Return the first paragraph of the comment lines in front of a definition; attributes among them are left out."""
    kept = [line for line in lines if not line.lstrip().startswith(("@", "#["))]
    stripped = [_COMMENT_MARKS.sub("", _COMMENT_MARKS.sub("", line)).strip() for line in kept]
    return _first_paragraph(_TAGS.sub("", "\n".join(stripped)).strip())
