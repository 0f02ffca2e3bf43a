#!/usr/bin/env python3
"""Laws of the source tree that no reviewer should have to check by eye.

    style_test.py ROOT

Prints "FILE:LINE: what is wrong" for each breach and exits 1 when there is one.
"""
import pathlib
import re
import sys

MAX_LINES = 600
MAX_COLUMNS = 120

# Which floors a floor may include. Arrows point down; sim and backends never meet.
MAY_INCLUDE = {
    "protocol": {"protocol"},
    "analysis": {"protocol", "analysis"},
    "scenarios": {"protocol", "scenarios"},
    "sim": {"protocol", "scenarios", "sim"},
    "backends": {"protocol", "scenarios", "backends"},
    "tools": {"protocol", "analysis", "scenarios", "sim", "backends", "tools"},
    "bench": {"protocol", "scenarios", "sim", "backends", "bench"},
}
FLOORS = sorted(MAY_INCLUDE)

# The core and the simulator have no clock, file, thread or chance of their own.
PURE_FLOORS = {"protocol", "analysis", "sim"}
IMPURE_INCLUDE = re.compile(
    r"<(thread|mutex|shared_mutex|condition_variable|future|atomic|semaphore|latch|barrier|stop_token|random"
    r"|iostream|fstream|filesystem|ctime|time\.h|unistd\.h|sys/[^>]*|csignal|poll\.h|fcntl\.h)>")
IMPURE_CALL = re.compile(r"\b(steady_clock|system_clock|high_resolution_clock)::now|\bstd::rand\b|\bgetenv\(|\bclock_gettime\(|\bfopen\(")

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
SKIPPED_TEST = re.compile(r"\bGTEST_SKIP\b|\bDISABLED_")
MARKDOWN_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def floor_of(path):
    return path.parts[0]


def is_test(path):
    return path.stem.endswith("_test")


def include_direction(path, lines):
    allowed = MAY_INCLUDE[floor_of(path)]
    for number, line in lines:
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not found:
            continue
        target = found.group(1).split("/")[0]
        if target not in MAY_INCLUDE:
            yield number, f'include "{found.group(1)}" is not rooted at a floor'
        elif target not in allowed:
            yield number, f"{floor_of(path)} must not include {target}"


def purity(path, lines):
    if floor_of(path) not in PURE_FLOORS or is_test(path) or path.stem.endswith("_test_support"):
        return
    for number, line in lines:
        code = line.split("//")[0]
        if code.lstrip().startswith("#") and (found := IMPURE_INCLUDE.search(code)):
            yield number, f"{floor_of(path)} must not include <{found.group(1)}>"
        if IMPURE_CALL.search(code):
            yield number, f"{floor_of(path)} must not touch a clock, a file, the environment or chance"


def size_and_shape(path, lines):
    count = len(lines)
    if count > MAX_LINES:
        yield count, f"{count} lines, more than {MAX_LINES}: two subjects?"
    for number, line in lines:
        if len(line) > MAX_COLUMNS and "http" not in line:
            yield number, f"{len(line)} columns, more than {MAX_COLUMNS}"
        if line != line.rstrip() or "\t" in line:
            yield number, "tab or trailing blank"


def header_guard(path, lines):
    if path.suffix != ".h":
        return
    wanted = "VIPDRIFT_" + re.sub(r"[/.]", "_", str(path)).upper() + "_"
    if not any(line == f"#ifndef {wanted}" for _, line in lines):
        yield 1, f"no include guard {wanted}"


def finished(path, lines):
    for number, line in lines:
        if UNFINISHED.search(line):
            yield number, "unfinished: open an issue, or do it"
        if SKIPPED_TEST.search(line):
            yield number, "a skipped test shows nothing"


SOURCE_RULES = [include_direction, purity, size_and_shape, header_guard, finished]


def registered_sources(root, sources):
    """Every .cc is named by the CMakeLists.txt of its directory or of one above."""
    for path in sources:
        if path.suffix != ".cc":
            continue
        named = False
        for directory in path.parents:
            lists = root / directory / "CMakeLists.txt"
            name = str(path.relative_to(directory))
            if lists.exists() and re.search(rf"(?<![\w/.-]){re.escape(name)}(?![\w.-])", lists.read_text()):
                named = True
        if not named:
            kind = "test" if is_test(path) else "source"
            yield path, 1, f"no CMakeLists.txt names this {kind}"


def markdown_links(root):
    """Every relative link of a document leads somewhere."""
    for document in sorted(root.glob("*.md")):
        for number, line in enumerate(document.read_text().splitlines(), 1):
            for target in MARKDOWN_LINK.findall(line):
                if not (root / target).exists():
                    yield document.relative_to(root), number, f"link to {target}, which is not there"


def breaches(root):
    sources = sorted(
        path.relative_to(root)
        for floor in FLOORS
        for path in (root / floor).rglob("*")
        if path.suffix in {".cc", ".h"})
    if not sources:
        yield pathlib.Path("."), 0, "no sources found"
    for path in sources:
        lines = list(enumerate((root / path).read_text().splitlines(), 1))
        for rule in SOURCE_RULES:
            for number, message in rule(path, lines):
                yield path, number, message
    yield from registered_sources(root, sources)
    yield from markdown_links(root)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = 0
    for path, number, message in breaches(pathlib.Path(sys.argv[1])):
        print(f"{path}:{number}: {message}")
        found += 1
    print(f"{found} breaches" if found else "every law of the tree is kept")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
