#!/usr/bin/env python3
"""Shows that rfc_ledger.py catches every way in which a ledger can be wrong, in a small tree made for each case."""
import contextlib
import io
import json
import os
import pathlib
import tempfile
import unittest
from unittest import mock

import rfc_ledger

GOOD_ROW = {
    "id": '"1-7.1-ttl"',
    "section": '"7.1"',
    "level": '"MUST"',
    "text": '"The TTL is 255."',
    "positive": '["Suite.Plain"]',
    "negative": '["Suite.Fixture"]',
}

TESTS = """\
TEST(Suite, Plain) {}
TEST_F(Suite, Fixture) {}
TEST_P(
    Suite, Parameters) {}
// TEST(Suite, CommentedOut) {}
/* TEST(Suite, InABlock) {}
*/
"""


def row(**changes):
    """A good row with other values; None leaves a key out."""
    keys = {**GOOD_ROW, **changes}
    return "[[clause]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value is not None)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class LedgerTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.write("protocol/some_test.cc", TESTS)
        self.write("scenarios/article/crash.yaml", "name: crash\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def ledger(self, *rows, head="rfc = 1\n", name="rfc1.toml"):
        return self.write(f"protocol/rfc/{name}", head + "".join(rows))

    def run_tool(self, *arguments, out=None):
        out = out or io.StringIO()
        err = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = rfc_ledger.main(["--root", str(self.root), *arguments])
        return status, out.getvalue(), err.getvalue()

    def expect_good(self, *rows):
        self.ledger(*rows)
        status, _, err = self.run_tool()
        self.assertEqual((status, err), (0, ""))

    def expect_error(self, message, *rows, line=2, name="1-7.1-ttl", head="rfc = 1\n"):
        """The one error there is names file, line and row."""
        self.ledger(*rows, head=head)
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertEqual(err, f"protocol/rfc/rfc1.toml:{line}: {name}: {message}\n1 error in the ledger\n")


class GoodLedgers(LedgerTest):
    def test_tests_of_every_kind(self):
        self.expect_good(row(positive='["Suite.Plain", "Suite.Parameters"]'))

    def test_a_scenario(self):
        self.expect_good(row(positive='["scenarios/article/crash.yaml"]'))

    def test_an_exception(self):
        self.expect_good(row(positive=None, negative=None, exception='"Why."'))

    def test_an_exception_with_what_shows_it(self):
        self.expect_good(row(positive=None, negative=None, exception='"Why."', shown_by='["Suite.Plain"]'))

    def test_tests_of_every_floor(self):
        for floor in ("protocol", "scenarios", "sim", "backends"):
            self.write(f"{floor}/deep/er_test.cc", f"TEST({floor.title()}, Test) {{}}\n")
        self.expect_good(row(positive='["Protocol.Test", "Scenarios.Test", "Sim.Test", "Backends.Test"]'))

    def test_every_level(self):
        for level in rfc_ledger.LEVELS:
            self.expect_good(row(level=f'"{level}"'))


class Bindings(LedgerTest):
    def test_bound_to_nothing(self):
        self.expect_error("is bound to nothing: it needs a positive and a negative test, or an exception",
                          row(positive=None, negative=None))

    def test_empty_lists(self):
        self.expect_error("is bound to nothing: it needs a positive and a negative test, or an exception",
                          row(positive="[]", negative="[]"))

    def test_no_negative(self):
        self.expect_error("has a positive test but no negative one", row(negative=None))

    def test_no_positive(self):
        self.expect_error("has a negative test but no positive one", row(positive="[]"))

    def test_an_unknown_test(self):
        self.expect_error("there is no test 'Suite.Plane'", row(positive='["Suite.Plane"]'))

    def test_a_test_in_a_comment(self):
        self.expect_error("there is no test 'Suite.CommentedOut'", row(positive='["Suite.CommentedOut"]'))
        self.expect_error("there is no test 'Suite.InABlock'", row(positive='["Suite.InABlock"]'))

    def test_an_unknown_test_that_shows_an_exception(self):
        self.expect_error("there is no test 'Suite.Plane'",
                          row(positive=None, negative=None, exception='"Why."', shown_by='["Suite.Plane"]'))

    def test_an_unknown_scenario(self):
        self.expect_error("there is no scenario 'scenarios/article/lost.yaml'",
                          row(negative='["scenarios/article/lost.yaml"]'))

    def test_a_file_that_is_no_scenario(self):
        for name in ("protocol/some_test.cc", "scenarios/../protocol/some_test.cc", "scenarios/article"):
            self.expect_error(f"there is no scenario '{name}'", row(negative=f'["{name}"]'))

    def test_both_tests_and_an_exception(self):
        message = "has both tests and an exception: a demand is shown or excepted, not both"
        self.expect_error(message, row(exception='"Why."'))
        self.expect_error(message, row(positive=None, exception='"Why."'))

    def test_an_exception_without_a_reason(self):
        self.expect_error("an exception needs its reason", row(positive=None, negative=None, exception='" "'))

    def test_shown_by_without_an_exception(self):
        self.expect_error("'shown_by' belongs beside an exception", row(shown_by='["Suite.Plain"]'))

    def test_the_same_test_on_both_sides(self):
        self.expect_error("'Suite.Plain' is both the positive and the negative test",
                          row(negative='["Suite.Fixture", "Suite.Plain"]'))

    def test_a_test_named_twice(self):
        self.expect_error("'positive' names 'Suite.Plain' twice", row(positive='["Suite.Plain", "Suite.Plain"]'))

    def test_no_list(self):
        self.ledger(row(positive='"Suite.Plain"'))
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertIn("'positive' is a list of names", err)


class Rows(LedgerTest):
    def test_a_repeated_id(self):
        self.expect_error("this id is taken by an earlier row", row(), row(), line=9)

    def test_an_id_of_another_file(self):
        self.ledger(row())
        self.ledger(row(), name="rfc2.toml")
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertIn("protocol/rfc/rfc2.toml:2: 1-7.1-ttl: this id is taken by an earlier row\n", err)

    def test_no_id(self):
        self.expect_error("has no 'id'", row(id=None), name="clause 2")

    def test_an_id_of_another_section(self):
        self.expect_error("the id does not begin with '1-7.2-'", row(section='"7.2"'))

    def test_an_unknown_key(self):
        self.ledger(row(negativ='["Suite.Plain"]'))
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertIn("protocol/rfc/rfc1.toml:2: 1-7.1-ttl: unknown key 'negativ'; expected one of", err)

    def test_an_unknown_key_of_the_file(self):
        self.ledger(row(), head='rfc = 1\ntitel = "x"\n')
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertIn("protocol/rfc/rfc1.toml: unknown key 'titel'; expected one of clause, rfc, title\n", err)

    def test_a_level_that_is_none(self):
        self.ledger(row(level='"MIGHT"'))
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertIn("1-7.1-ttl: level 'MIGHT' is none of", err)

    def test_no_section_text_or_number(self):
        self.expect_error("needs a 'section' such as \"7.1\"", row(section=None))
        self.expect_error("needs a 'section' such as \"7.1\"", row(section='"seven"'))
        self.expect_error("needs a 'text' that says the demand in our own words", row(text='""'))
        self.expect_error("'erratum' is the number of an erratum", row(erratum='"8301"'))

    def test_all_errors_are_found_in_one_run(self):
        self.ledger(row(positive='["No.One"]'), row(id='"1-7.1-b"', negative=None), row(id='"1-7.1-c"', level='"NO"'))
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertTrue(err.endswith("3 errors in the ledger\n"), err)
        self.assertIn("rfc1.toml:9: 1-7.1-b: ", err)
        self.assertIn("rfc1.toml:15: 1-7.1-c: ", err)


class Files(LedgerTest):
    def test_no_ledger(self):
        status, _, err = self.run_tool()
        self.assertEqual(status, 2)
        self.assertIn("no ledger in", err)

    def test_no_toml(self):
        self.write("protocol/rfc/rfc1.toml", "rfc = \n")
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertIn("protocol/rfc/rfc1.toml: is no TOML: ", err)

    def test_a_missing_file(self):
        status, _, err = self.run_tool(str(self.root / "lost.toml"))
        self.assertEqual(status, 1)
        self.assertIn("lost.toml: cannot be read: No such file or directory\n", err)

    def test_no_clauses_and_no_number(self):
        self.write("protocol/rfc/rfc1.toml", 'title = "x"\n')
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertEqual(err, "protocol/rfc/rfc1.toml: has no number 'rfc'\n"
                              "protocol/rfc/rfc1.toml: has no [[clause]]\n2 errors in the ledger\n")

    def test_a_named_file_is_read_alone(self):
        self.ledger(row(negative=None))
        other = self.ledger(row(), name="other.toml")
        self.assertEqual(self.run_tool(str(other))[0], 0)


class TestsFrom(LedgerTest):
    def test_a_list(self):
        self.ledger(row(positive='["Other.Test"]', negative='["Suite.Parameters"]'))
        names = self.write("names.txt", "Other.Test\nFamilies/Suite.Parameters/ipv4\nFamilies/Suite.Parameters/ipv6\n")
        self.assertEqual(self.run_tool("--tests-from", str(names))[0], 0)

    def test_a_list_without_a_test(self):
        self.ledger(row())
        status, _, err = self.run_tool("--tests-from", str(self.write("names.txt", "Suite.Plain\n")))
        self.assertEqual(status, 1)
        self.assertIn("there is no test 'Suite.Fixture'", err)

    def test_a_build_directory(self):
        self.ledger(row(negative='["Suite.Parameters"]'))
        self.write("build/CTestTestfile.cmake",
                   "add_test(Suite.Plain true)\nadd_test(All/Suite.Parameters/0 true)\nadd_test(style true)\n")
        self.assertEqual(self.run_tool("--tests-from", str(self.root / "build")), (0, mock.ANY, ""))

    def test_what_is_not_there(self):
        self.ledger(row())
        status, _, err = self.run_tool("--tests-from", str(self.root / "lost"))
        self.assertEqual(status, 2)
        self.assertIn("cannot be read: No such file or directory", err)


class Output(LedgerTest):
    def rows(self):
        return [
            row(), row(id='"1-10.2-a"', section='"10.2"', positive=None, negative=None, exception='"Why."'),
            row(id='"1-7.1-b"', negative=None)
        ]

    def test_the_table(self):
        self.ledger(*self.rows(), head='rfc = 1\ntitle = "Of hosts"\n')
        _, out, _ = self.run_tool()
        self.assertEqual(out, "RFC 1  Of hosts\n"
                              "  section  clauses  tested  excepted  unbound\n"
                              "  7.1            2       1         0        1\n"
                              "  10.2           1       0         1        0\n"
                              "  total          3       1         1        1\n\n")

    def test_exceptions(self):
        self.ledger(*self.rows())
        self.assertIn("  1-10.2-a: Why.\n", self.run_tool("--exceptions")[1])

    def test_json(self):
        self.ledger(*self.rows())
        status, out, err = self.run_tool("--json")
        self.assertEqual((status, err), (1, ""))
        document = json.loads(out)
        self.assertFalse(document["ok"])
        self.assertEqual(document["rfcs"][0]["total"], {"clauses": 3, "tested": 1, "excepted": 1, "unbound": 1})
        self.assertEqual([section["section"] for section in document["rfcs"][0]["sections"]], ["7.1", "10.2"])
        self.assertEqual(document["rfcs"][0]["exceptions"], [{"id": "1-10.2-a", "reason": "Why."}])
        self.assertEqual(document["errors"], [{
            "file": "protocol/rfc/rfc1.toml", "line": 15, "row": "1-7.1-b",
            "message": "has a positive test but no negative one"
        }])

    def test_colour_only_for_a_terminal_that_wants_it(self):
        self.ledger(row())
        with mock.patch.dict(os.environ):
            os.environ.pop("NO_COLOR", None)
            self.assertNotIn("\033[", self.run_tool()[1])
            self.assertIn("\033[32mevery clause is bound", self.run_tool(out=Terminal())[1])
            os.environ["NO_COLOR"] = "1"
            self.assertNotIn("\033[", self.run_tool(out=Terminal())[1])

    def test_help(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), self.assertRaises(SystemExit) as ended:
            rfc_ledger.main(["--help"])
        self.assertEqual(ended.exception.code, 0)
        self.assertIn("--tests-from", out.getvalue())


if __name__ == "__main__":
    unittest.main()
