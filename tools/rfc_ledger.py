#!/usr/bin/env python3
"""The RFC ledger: every demand of the RFCs is bound to tests or to a written exception.

Reads protocol/rfc/*.toml. Each [[clause]] names a positive test, which shows the demanded behaviour, and a negative
one, which shows that the contrary is refused or does not occur; or it says in an exception why there is none. Prints
how much of each section is covered and exits 1 when a row is not bound as it must be.

A row:

    [[clause]]
    id = "9568-7.1-ttl"            # RFC-SECTION-WORD, unique
    section = "7.1"
    level = "MUST"                 # a word of RFC 2119, or STATED: demanded without one
    text = "..."                   # the demand in our own words
    erratum = 8301                 # optional: the verified erratum that makes or changes the demand
    positive = ["Suite.Test"]      # GoogleTest names without parameters, or scenario files
    negative = ["scenarios/article/03-master-crash.yaml"]

    exception = "..."              # instead of both: why there is no test, or why we depart
    shown_by = ["Suite.Test"]      # optional beside an exception: what shows what we do instead
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib

LEVELS = {
    "MUST", "MUST NOT", "SHALL", "SHALL NOT", "REQUIRED", "SHOULD", "SHOULD NOT", "RECOMMENDED", "NOT RECOMMENDED",
    "STATED",
}
DOCUMENT_KEYS = {"rfc", "title", "clause"}
CLAUSE_KEYS = {
    "id", "section", "level", "text", "erratum", "positive", "negative", "exception", "shown_by",
}
TEST_FLOORS = ("protocol", "scenarios", "sim", "backends")
TEST_MACRO = re.compile(r"^\s*(?:TYPED_)?TEST(?:_[FP])?\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
CLAUSE_HEADER = re.compile(r"^\s*\[\[\s*clause\s*\]\]")
SECTION = re.compile(r"^\d+(\.\d+)*$")


class LedgerError(Exception):
    """Something outside of the ledger is missing: where, and what."""


def tests_in_sources(root):
    """The names of all GoogleTest cases that the tree holds."""
    names = set()
    for floor in TEST_FLOORS:
        for path in sorted((root / floor).rglob("*_test.cc")):
            text = COMMENT.sub("", path.read_text(encoding="utf-8"))
            names.update(f"{suite}.{test}" for suite, test in TEST_MACRO.findall(text))
    return names


def plain_name(name):
    """"Families/Suite.Test/ipv4" as the sources write it: "Suite.Test"."""
    parts = [part for part in name.split("/") if "." in part]
    return parts[0] if parts else name


def tests_from(source):
    """The tests that a build directory's CTest knows, or that a file lists, one a line."""
    path = pathlib.Path(source)
    if path.is_dir():
        command = ["ctest", "--test-dir", str(path), "--show-only=json-v1"]
        try:
            shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except FileNotFoundError as error:
            raise LedgerError(f"{source}: a build directory needs ctest, which was not found") from error
        except subprocess.CalledProcessError as error:
            raise LedgerError(f"{source}: no build directory: {error.stderr.strip()}") from error
        names = [test["name"] for test in json.loads(shown)["tests"]]
    else:
        try:
            names = path.read_text(encoding="utf-8").split()
        except OSError as error:
            raise LedgerError(f"{source}: cannot be read: {error.strerror}") from error
    return {plain_name(name) for name in names}


def is_file_name(binding):
    return "/" in binding


class Ledger:
    """One file of clauses, its errors and its counts."""

    def __init__(self, path, root, tests, ids):
        self.path = path
        self.shown_path = os.path.relpath(path, root)
        self.root = root
        self.tests = tests
        self.rfc = None
        self.title = ""
        self.errors = []
        self.sections = {}
        self.excepted = []
        self.ids = ids  # shared by all ledgers of a run

    def error(self, line, row, message):
        self.errors.append({"file": self.shown_path, "line": line, "row": row, "message": message})

    def read(self):
        try:
            text = self.path.read_text(encoding="utf-8")
            document = tomllib.loads(text)
        except OSError as error:
            return self.error(0, "", f"cannot be read: {error.strerror}")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            return self.error(0, "", f"is no TOML: {error}")
        headers = [number for number, line in enumerate(text.splitlines(), 1) if CLAUSE_HEADER.match(line)]
        for key in sorted(set(document) - DOCUMENT_KEYS):
            self.error(0, "", f"unknown key '{key}'; expected one of {', '.join(sorted(DOCUMENT_KEYS))}")
        self.rfc = document.get("rfc")
        self.title = document.get("title", "")
        if not isinstance(self.rfc, int):
            self.error(0, "", "has no number 'rfc'")
        clauses = document.get("clause")
        if not isinstance(clauses, list) or not clauses:
            return self.error(0, "", "has no [[clause]]")
        for index, clause in enumerate(clauses):
            self.clause(clause, headers[index] if len(headers) == len(clauses) else 0)

    def clause(self, clause, line):
        row = clause.get("id")
        if not isinstance(row, str) or not row:
            row = f"clause {line}" if line else "clause"
            self.error(line, row, "has no 'id'")
        elif row in self.ids:
            self.error(line, row, "this id is taken by an earlier row")
        self.ids.add(row)

        def error(message):
            self.error(line, row, message)

        for key in sorted(set(clause) - CLAUSE_KEYS):
            error(f"unknown key '{key}'; expected one of {', '.join(sorted(CLAUSE_KEYS))}")
        section = clause.get("section")
        if not isinstance(section, str) or not SECTION.match(section):
            error("needs a 'section' such as \"7.1\"")
            section = "?"
        elif "id" in clause and not row.startswith(f"{self.rfc}-{section}-"):
            error(f"the id does not begin with '{self.rfc}-{section}-'")
        if clause.get("level") not in LEVELS:
            error(f"level '{clause.get('level')}' is none of {', '.join(sorted(LEVELS))}")
        if not isinstance(clause.get("text"), str) or not clause["text"].strip():
            error("needs a 'text' that says the demand in our own words")
        if not isinstance(clause.get("erratum", 0), int):
            error("'erratum' is the number of an erratum")
        status = self.binding(clause, error)
        counts = self.sections.setdefault(section, {"clauses": 0, "tested": 0, "excepted": 0, "unbound": 0})
        counts["clauses"] += 1
        counts[status] += 1
        if status == "excepted":
            self.excepted.append((row, clause["exception"]))

    def binding(self, clause, error):
        """Checks what the row is bound to; "tested", "excepted" or "unbound"."""
        lists = {key: self.names(clause, key, error) for key in ("positive", "negative", "shown_by")}
        has_tests = bool(lists["positive"] or lists["negative"])
        if "exception" in clause:
            reason = clause["exception"]
            if not isinstance(reason, str) or not reason.strip():
                error("an exception needs its reason")
                return "unbound"
            if has_tests:
                error("has both tests and an exception: a demand is shown or excepted, not both")
                return "unbound"
            return "excepted"
        if lists["shown_by"]:
            error("'shown_by' belongs beside an exception")
        if not has_tests:
            error("is bound to nothing: it needs a positive and a negative test, or an exception")
            return "unbound"
        for wanted, other in (("negative", "positive"), ("positive", "negative")):
            if not lists[wanted]:
                error(f"has a {other} test but no {wanted} one")
                return "unbound"
        for name in sorted(set(lists["positive"]) & set(lists["negative"])):
            error(f"'{name}' is both the positive and the negative test")
        return "tested"

    def names(self, clause, key, error):
        names = clause.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            error(f"'{key}' is a list of names")
            return []
        for name in sorted({name for name in names if names.count(name) > 1}):
            error(f"'{key}' names '{name}' twice")
        for name in names:
            if not self.exists(name):
                error(f"there is no scenario '{name}'" if is_file_name(name) else f"there is no test '{name}'")
        return names

    def exists(self, name):
        if not is_file_name(name):
            return name in self.tests
        path = pathlib.PurePosixPath(name)
        inside = path.parts[0] == "scenarios" and ".." not in path.parts and path.suffix in (".yaml", ".yml")
        return inside and (self.root / path).is_file()

    def total(self):
        keys = ("clauses", "tested", "excepted", "unbound")
        return {key: sum(counts[key] for counts in self.sections.values()) for key in keys}


def section_order(section):
    return [int(part) for part in section.split(".")] if SECTION.match(section) else [10**6]


def painter(stream):
    """Colours only for a person who looks at a terminal and has not asked for none."""
    wanted = stream.isatty() and not os.environ.get("NO_COLOR")
    codes = {"red": "31", "green": "32", "yellow": "33", "bold": "1"}
    return lambda text, colour: f"\033[{codes[colour]}m{text}\033[0m" if wanted else text


def print_table(ledger, paint):
    print(paint(f"RFC {ledger.rfc}", "bold") + (f"  {ledger.title}" if ledger.title else ""))
    rows = [(section, ledger.sections[section]) for section in sorted(ledger.sections, key=section_order)]
    rows.append(("total", ledger.total()))
    width = max(len("section"), *(len(name) for name, _ in rows))
    print(f"  {'section':<{width}}  clauses  tested  excepted  unbound")
    for name, counts in rows:
        unbound = f"{counts['unbound']:>7}"
        line = f"  {name:<{width}}  {counts['clauses']:>7}  {counts['tested']:>6}  {counts['excepted']:>8}  "
        print(line + (paint(unbound, "red") if counts["unbound"] else unbound))
    print()


def place(error):
    where = f"{error['file']}:{error['line']}" if error["line"] else error["file"]
    return f"{where}: {error['row']}: {error['message']}" if error["row"] else f"{where}: {error['message']}"


def as_json(ledgers, errors):
    documents = []
    for ledger in ledgers:
        sections = [{"section": section, **ledger.sections[section]}
                    for section in sorted(ledger.sections, key=section_order)]
        documents.append({
            "rfc": ledger.rfc, "title": ledger.title, "file": ledger.shown_path, "sections": sections,
            "total": ledger.total(),
            "exceptions": [{"id": row, "reason": reason} for row, reason in ledger.excepted],
        })
    return {"ok": not errors, "rfcs": documents, "errors": errors}


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ledgers", nargs="*", type=pathlib.Path, metavar="FILE",
                        help="ledger files (all of protocol/rfc/)")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent,
                        help="root of the source tree (the one this tool is in)")
    parser.add_argument("--tests-from", metavar="WHERE",
                        help="take the tests from a build directory, or from a file with a name a line, instead of "
                             "searching the sources")
    parser.add_argument("--exceptions", action="store_true", help="print the exceptions with their reasons too")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse_arguments(arguments)
    try:
        tests = tests_from(options.tests_from) if options.tests_from else tests_in_sources(options.root)
    except LedgerError as error:
        print(f"rfc_ledger: {error}", file=sys.stderr)
        return 2
    paths = options.ledgers or sorted((options.root / "protocol" / "rfc").glob("*.toml"))
    if not paths:
        print(f"rfc_ledger: no ledger in {options.root / 'protocol' / 'rfc'}", file=sys.stderr)
        return 2
    ids = set()
    ledgers = [Ledger(path, options.root, tests, ids) for path in paths]
    for ledger in ledgers:
        ledger.read()
    errors = [error for ledger in ledgers for error in ledger.errors]
    if options.json:
        print(json.dumps(as_json(ledgers, errors), indent=2))
        return 1 if errors else 0

    paint = painter(sys.stdout)
    for ledger in ledgers:
        if ledger.sections:
            print_table(ledger, paint)
        if options.exceptions:
            for row, reason in ledger.excepted:
                print(f"  {row}: {reason}")
            print()
    if not errors:
        print(paint("every clause is bound", "green"))
        return 0
    sys.stdout.flush()
    paint = painter(sys.stderr)
    for error in errors:
        print(paint(place(error), "red"), file=sys.stderr)
    print(f"{len(errors)} error{'' if len(errors) == 1 else 's'} in the ledger", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
