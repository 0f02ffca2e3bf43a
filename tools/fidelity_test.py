#!/usr/bin/env python3
"""Shows what fidelity.py calls agreement, with a vipdrift that says what each case wants."""
import contextlib
import io
import json
import os
import pathlib
import tempfile
import unittest

import fidelity

# Stands for vipdrift: answers call after call from a file, and repeats the last answer.
FAKE = """#!/usr/bin/env python3
import json, pathlib, sys
here = pathlib.Path(__file__).parent
if "--subject" not in sys.argv:
    directors = json.loads((here / "directors.json").read_text())
    print(json.dumps({"scenarios": [{"file": path, "directors": names, "tags": ["lvs"] if "lvs" in path else []}
                                    for path, names in directors.items()]}))
    sys.exit()
castings = sys.argv[sys.argv.index("--subject") + 1].split(",")
world = sys.argv[sys.argv.index("--on") + 1].split(",")[1]
calls = here / "calls"
number = len(calls.read_text().splitlines()) if calls.exists() else 0
with calls.open("a") as log:
    log.write(" ".join(sys.argv[1:]) + chr(10))
answers = json.loads((here / "answers.json").read_text())
answer = answers[min(number, len(answers) - 1)]
comparisons = []
for scenario, differing in answer.items():
    if scenario not in sys.argv:
        continue
    worlds, pairs = [], []
    for casting in castings:
        found = differing.get(casting, [])
        error = isinstance(found, str)
        for label in ("sim", world):
            worlds.append({"label": label + "/" + casting, "judgements": [{"held": True}]})
        if error:
            worlds[-1]["error"] = {"message": found, "passing": found.startswith("the machine")}
        events = {"apart_ns": [1000000, 2000000, 9000000], "in_one_only": 1}
        pairs.append({"worlds": ["sim/" + casting, world + "/" + casting], "compared": 3, "events": events,
                      "disagreements": [] if error else [
            {"kind": "judgement", "about": about, "line": 7, "seen": ["held", "failed"]} for about in found]})
    comparisons.append({"file": scenario, "worlds": worlds, "pairs": pairs})
print(json.dumps({"comparisons": comparisons}))
"""

SCENARIO = "scenarios/a.yaml"
BALANCED = "scenarios/lvs.yaml"


class FidelityTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        before = os.getcwd()
        os.chdir(self.root)
        self.addCleanup(os.chdir, before)
        (self.root / "scenarios").mkdir()
        (self.root / SCENARIO).write_text("name: a\n")
        (self.root / "README.md").write_text(f"before\n{fidelity.BEGIN}\nold\n{fidelity.END}\nafter\n")
        self.vipdrift = self.root / "vipdrift"
        self.vipdrift.write_text(FAKE)
        self.vipdrift.chmod(0o755)
        self.directors(SCENARIO, "ab")

    def directors(self, scenario, names):
        (self.root / "directors.json").write_text(json.dumps({scenario: list(names)}))

    def two_scenarios(self):
        (self.root / "directors.json").write_text(json.dumps({SCENARIO: ["a"], BALANCED: ["a"]}))
        (self.root / BALANCED).write_text("name: b\n")
        return {SCENARIO: {}, BALANCED: {}}

    def run_with(self, *answers, explanations="", arguments=("--check",)):
        """Exit code and output; each answer is {scenario: {casting: [about...] or why not}} for one call."""
        (self.root / "answers.json").write_text(json.dumps(answers))
        (self.root / "scenarios" / "fidelity.toml").write_text(explanations)
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = fidelity.main([*arguments, "--vipdrift", str(self.vipdrift)])
        return code, out.getvalue()

    def calls(self):
        return (self.root / "calls").read_text().splitlines()

    @staticmethod
    def row(**changes):
        keys = {"scenario": f'"{SCENARIO}"', "about": '"10.0.0.7"', "reason": '"because"', "clause": '"RFC 9568"',
                **changes}
        return "[[explained]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())

    def test_all_castings_run_in_one_call(self):
        code, out = self.run_with({SCENARIO: {}})
        self.assertEqual(code, 0)
        self.assertEqual(len(self.calls()), 1)
        self.assertIn("--on sim,netns --subject keepalived,vipdriftd,keepalived/vipdriftd,vipdriftd/keepalived",
                      self.calls()[0])
        self.assertIn("| keepalived | 1 | 0 | 0 | 0 | 0 | 0 | 3 | 3 | 1 | 2.0 ms | 2.0 ms |", out)

    def test_a_machine_that_stumbles_is_asked_again(self):
        stumbles = {SCENARIO: {"keepalived": "the machine stood still for 2s"}}
        code, out = self.run_with(stumbles, {SCENARIO: {}})
        self.assertEqual((code, len(self.calls())), (0, 2))
        code, out = self.run_with(stumbles)
        self.assertEqual(code, 1)
        self.assertIn(f"{SCENARIO}: keepalived: the machine stood still for 2s", out)

    def test_one_director_has_two_castings(self):
        self.directors(SCENARIO, "a")
        code, out = self.run_with({SCENARIO: {}})
        self.assertEqual(code, 0)
        self.assertIn("--subject keepalived,vipdriftd --compare", self.calls()[0])
        self.assertIn("| keepalived/vipdriftd | 0 | 0 |", out)

    def test_in_user_mode_linux_tolerance_and_jobs_are_others(self):
        code, out = self.run_with({SCENARIO: {"keepalived": ["10.0.0.7 on a"]}}, arguments=("--on", "uml", "--check"))
        self.assertEqual(code, 1)
        self.assertIn("--on sim,uml ", self.calls()[0])
        self.assertIn("--tolerance 1s", self.calls()[0])
        self.assertNotIn("--jobs", self.calls()[0])
        self.assertIn("    uml    failed", out)

    def test_each_scenario_goes_where_it_can_run(self):
        code, _ = self.run_with(self.two_scenarios(), arguments=("--on", "each", "--write"))
        self.assertEqual(code, 0)
        calls = {call.split(" --on ")[1].split()[0]: call.split()[-1] for call in self.calls()}
        self.assertEqual(calls, {"sim,netns": SCENARIO, "sim,uml": BALANCED})
        document = (self.root / "scenarios" / "FIDELITY.md").read_text()
        self.assertIn("The running kernel had 1 of them (tolerance 500ms). User-Mode Linux, which has IPVS, had 1 of them "
                      "(tolerance 1s).", document)

    def test_castings_can_be_chosen(self):
        code, out = self.run_with({SCENARIO: {}}, arguments=("--castings", "vipdriftd", "--check"))
        self.assertEqual(code, 0)
        self.assertIn("--subject vipdriftd --compare", self.calls()[0])
        self.assertIn("| keepalived | 0 | 0 |", out)
        with self.assertRaises(SystemExit):
            self.run_with({SCENARIO: {}}, arguments=("--castings", "bird"))

    def test_a_difference_that_stays_fails_the_check(self):
        code, out = self.run_with({SCENARIO: {"keepalived": ["10.0.0.7 on a"]}})
        self.assertEqual(code, 1)
        self.assertIn(f"{SCENARIO}:7: keepalived: 10.0.0.7 on a", out)
        self.assertIn("--subject keepalived --compare", self.calls()[1])
        self.assertEqual(len(self.calls()), fidelity.MOST_RUNS)

    def test_without_check_it_is_only_told(self):
        code, out = self.run_with({SCENARIO: {"keepalived": ["10.0.0.7 on a"]}}, arguments=())
        self.assertEqual(code, 0)
        self.assertIn("| keepalived | 0 | 0 | 0 | 1 | 0 | 0 | 3 |", out)

    def test_a_difference_that_goes_away_is_counted(self):
        code, out = self.run_with({SCENARIO: {"keepalived": ["10.0.0.7 on a"]}}, {SCENARIO: {}})
        self.assertEqual(code, 0)
        self.assertIn("| keepalived | 0 | 1 | 0 | 0 | 0 | 0 | 3 |", out)

    def test_an_explained_difference_passes(self):
        code, out = self.run_with({SCENARIO: {"keepalived": ["10.0.0.7 on a"]}},
                                  explanations=self.row(castings='["keepalived"]'))
        self.assertEqual(code, 0)
        self.assertIn("| keepalived | 0 | 0 | 1 | 0 | 0 | 0 | 3 |", out)
        self.assertEqual(len(self.calls()), 1)

    def test_an_explanation_covers_its_casting_and_its_judgement_only(self):
        differing = {SCENARIO: {"keepalived": ["10.0.0.7 on a"], "vipdriftd": ["10.0.0.7 on a"]}}
        self.assertEqual(self.run_with(differing, explanations=self.row(castings='["keepalived"]'))[0], 1)
        other = {SCENARIO: {"keepalived": ["10.0.0.7 on a", "10.0.0.8 on a"]}}
        self.assertEqual(self.run_with(other, explanations=self.row(castings='["keepalived"]'))[0], 1)

    def test_an_explanation_that_no_longer_applies_fails_the_check(self):
        code, out = self.run_with({SCENARIO: {}}, explanations=self.row(castings='["keepalived"]'))
        self.assertEqual(code, 1)
        self.assertIn("no longer applies to keepalived", out)
        self.assertEqual(len(self.calls()), fidelity.MOST_RUNS)

    def test_an_explanation_by_chance_need_not_apply(self):
        self.assertEqual(self.run_with({SCENARIO: {}}, explanations=self.row(always="false"))[0], 0)

    def test_an_explanation_of_no_scenario_fails_the_check(self):
        code, out = self.run_with({SCENARIO: {}}, explanations=self.row(scenario='"scenarios/b.yaml"'))
        self.assertEqual(code, 1)
        self.assertIn("there is no scenario scenarios/b.yaml", out)

    def test_a_wrong_row_is_told(self):
        self.assertEqual(self.run_with({SCENARIO: {}}, explanations=self.row(castings='["bird"]'))[0], 2)
        self.assertEqual(self.run_with({SCENARIO: {}}, explanations=self.row(extra="1"))[0], 2)

    def test_what_cannot_run_is_told_with_its_reason(self):
        castings = {casting: "this world cannot do 'step lvs1': the kernel has one clock" for casting in fidelity.CASTINGS[:1]}
        code, _ = self.run_with({SCENARIO: castings}, arguments=("--check", "--write"))
        self.assertEqual(code, 0)
        document = (self.root / "scenarios" / "FIDELITY.md").read_text()
        self.assertIn("- the kernel has one clock: a", document)
        self.assertIn("| a | cannot | = | = | = |", document)

    def test_nothing_compared_is_a_failure(self):
        code, _ = self.run_with({SCENARIO: {casting: "no" for casting in fidelity.CASTINGS}}, arguments=())
        self.assertEqual(code, 1)

    def test_the_table_goes_between_the_marks(self):
        self.run_with({SCENARIO: {}}, arguments=("--write",))
        text = (self.root / "README.md").read_text()
        self.assertTrue(text.startswith(f"before\n{fidelity.BEGIN}\n| casting"))
        self.assertTrue(text.endswith(f"|\n{fidelity.END}\nafter\n"))
        self.assertNotIn("old", text)


if __name__ == "__main__":
    unittest.main()
