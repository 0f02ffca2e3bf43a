#!/usr/bin/env python3
"""The fidelity table: does the simulator predict what real daemons do on real kernels?

Takes scenarios through the simulator and through namespaces, each in four castings (both directors keepalived, both
vipdriftd, and the two mixed ways), judged with the same tolerance. Two worlds agree when every judgement that both can
make has the same result and each virtual address had the same sequence of holders.

    tools/fidelity.py                        a table of all scenarios on standard output
    tools/fidelity.py --check scenarios/article
    tools/fidelity.py --on uml --check --castings keepalived scenarios/lvs
    tools/fidelity.py --on each --check --write   also writes README.md and scenarios/FIDELITY.md

--on netns is the running kernel; --on uml boots User-Mode Linux, which has IPVS; --on each takes scenarios with the tag
lvs to User-Mode Linux and all others to namespaces.

A pair that differs is run again, twice at most, because real machines stumble; the table counts it. A difference that
remains must be explained by a row of scenarios/fidelity.toml:

    [[explained]]
    scenario = "scenarios/article/12-nopreempt.yaml"
    castings = ["keepalived", "vipdriftd"]   # absent: all four
    about = "10.1.10.7 on lvs1"              # beginning of the judgement, or the address whose holders differ
    reason = "..."                           # why the two may differ
    clause = "RFC 9568, 6.4.1"               # what allows it: a clause of an RFC, or a measured fact in words
    always = false                           # it is a matter of chance; absent: it is seen every time

With --check it exits 1 when a difference is unexplained, or when an explanation is of no use (any more); without, only
when nothing could be run.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tomllib

CASTINGS = ["keepalived", "vipdriftd", "keepalived/vipdriftd", "vipdriftd/keepalived"]
# Of a scenario with one director the mixed castings are no others.
CASTINGS_OF_ONE = CASTINGS[:2]
# How far real worlds may be off: in namespaces many daemons start at a time, in User-Mode Linux programs are slow.
TOLERANCES = {"netns": "500ms", "uml": "1s"}
JOBS = {"netns": 32}  # of User-Mode Linux vipdrift knows best
NEEDS_IPVS = "lvs"  # the tag
# How often a pair is run: chance rarely comes three times.
MOST_RUNS = 3
ROW_KEYS = {"scenario", "castings", "about", "reason", "clause", "always"}
OPTIONAL_KEYS = {"castings", "always"}
BEGIN, END = "<!-- fidelity -->", "<!-- /fidelity -->"
# Outcomes of one scenario in one casting, best first.
AGREE, LATER, EXPLAINED, CANNOT = "agree", "agree when run again", "explained", "cannot"
UNEXPLAINED, STUMBLED = "UNEXPLAINED", "the machine stumbled"
OUTCOMES = [AGREE, LATER, EXPLAINED, UNEXPLAINED, STUMBLED, CANNOT]


class FidelityError(Exception):
    """Something that is needed is missing or wrong: what, and where."""


class Explanation:
    """A row of the data file, and whether it was of use."""

    def __init__(self, number, row):
        unknown, missing = set(row) - ROW_KEYS, ROW_KEYS - OPTIONAL_KEYS - set(row)
        where = f"explanation {number} ({row.get('scenario', 'no scenario')})"
        if unknown or missing:
            raise FidelityError(f"{where}: unknown {sorted(unknown)}, missing {sorted(missing)}")
        for casting in row.get("castings", []):
            if casting not in CASTINGS:
                raise FidelityError(f"{where}: there is no casting '{casting}'; there are {', '.join(CASTINGS)}")
        self.number = number
        self.scenario = row["scenario"]
        self.castings = row.get("castings", CASTINGS)
        self.about = row["about"]
        self.reason = row["reason"]
        self.clause = row["clause"]
        self.always = row.get("always", True)
        self.used = set()  # castings

    def covers(self, scenario, casting, difference):
        return (scenario == self.scenario and casting in self.castings
                and difference["about"].startswith(self.about))


def read_explanations(path):
    if not path.exists():
        return []
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FidelityError(f"{path}: {error}") from error
    return [Explanation(number, row) for number, row in enumerate(document.get("explained", []), 1)]


def bare_reason(message):
    """Without the step's text, so that equal reasons are told once."""
    return message.split("': ", 1)[-1] if message.startswith("this world cannot do '") else message


class Cell:
    """One scenario in one casting: what came of it."""

    def __init__(self, world, pair, worlds):
        self.world = world
        self.compared = pair["compared"]
        self.differences = pair["disagreements"]
        self.runs = 1
        self.explanations = []
        self.apart = pair.get("events", {}).get("apart_ns", [])
        self.lonely = pair.get("events", {}).get("in_one_only", 0)
        errors = [world["error"] for world in worlds if "error" in world]
        self.stumbled = next((it["message"] for it in errors if it.get("passing")), "")
        refused = [it["message"] for it in errors if not it.get("passing")]
        self.cannot = bare_reason(refused[0]) if refused else ""
        self.held = not errors and all(judgement["held"] in (True, None)
                                        for world in worlds for judgement in world["judgements"])

    def outcome(self):
        if self.cannot:
            return CANNOT
        if self.stumbled:
            return STUMBLED
        if not self.differences:
            return AGREE if self.runs == 1 else LATER
        return EXPLAINED if all(self.explanations) else UNEXPLAINED

    def unexplained(self):
        return [it for it, found in zip(self.differences, self.explanations) if not found]


def plan(options, paths):
    """{scenario: (world, its castings)}; the simulator tells how many directors there are."""
    document = ask([options.vipdrift, "run", "--json", *paths])
    return {it["file"]: (world_of(options, it), castings_of(options, it)) for it in document["scenarios"]}


def world_of(options, report):
    if options.on != "each":
        return options.on
    return "uml" if NEEDS_IPVS in report["tags"] else "netns"


def castings_of(options, report):
    possible = CASTINGS if len(report["directors"]) > 1 else CASTINGS_OF_ONE
    return tuple(casting for casting in possible if casting in options.castings)


def groups_of(wanted):
    """[(world, castings, scenarios)]: scenarios of the same world and castings share a call."""
    groups = collections.defaultdict(list)
    for scenario, (world, castings) in wanted.items():
        if castings:
            groups[world, castings].append(scenario)
    return [(world, castings, scenarios) for (world, castings), scenarios in groups.items()]


def run_all(options, wanted):
    """{scenario: {casting: Cell}}"""
    table = {}
    for world, castings, paths in groups_of(wanted):
        progress(f"{len(paths)} scenarios in {len(castings)} castings ({world})")
        table.update(run_worlds(options, world, castings, paths))
    return table


def ask(command):
    """The document that `command` prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise FidelityError(f"{' '.join(command)}: exit code {done.returncode} and no document: {error}") from error


def run_worlds(options, world, castings, paths):
    """{scenario: {casting: Cell}} of one call of vipdrift."""
    command = [options.vipdrift, "run", "--on", f"sim,{world}", "--subject", ",".join(castings), "--compare", "--json",
               "--tolerance", options.tolerance or TOLERANCES[world]]
    jobs = options.jobs or JOBS.get(world)
    if jobs:
        command += ["--jobs", str(jobs)]
    if options.vipdriftd:
        command += ["--vipdriftd", options.vipdriftd]
    document = ask(command + paths)
    return {it["file"]: cells_of(it, world, castings) for it in document["comparisons"]}


def cells_of(comparison, world, castings):
    worlds = {world["label"]: world for world in comparison["worlds"]}
    pairs = {tuple(pair["worlds"]): pair for pair in comparison["pairs"]}
    cells = {}
    for casting in castings:
        both = (f"sim/{casting}", f"{world}/{casting}")
        pair = pairs.get(both) or pairs[both[::-1]]
        cells[casting] = Cell(world, pair, [worlds[label] for label in both])
    return cells


def explain(table, explanations):
    for scenario, cells in table.items():
        for casting, cell in cells.items():
            cell.explanations = []
            for difference in cell.differences:
                found = [it for it in explanations if it.covers(scenario, casting, difference)]
                for it in found:
                    it.used.add(casting)
                cell.explanations.append(found)


def run_again(options, wanted, table, explanations, run):
    """Every pair whose outcome is not what it should be, for the `run`-th time. False: there is none."""
    again = {}
    for scenario, cells in table.items():
        castings = [casting for casting, cell in cells.items()
                    if cell.outcome() in (UNEXPLAINED, STUMBLED)
                    or expected_but_absent(scenario, casting, cells, explanations)]
        if castings:
            again[scenario] = castings
    # Together, so that the longest one is waited for once; scenarios with one director have no mixed castings.
    for world, group, paths in groups_of({scenario: wanted[scenario] for scenario in again}):
        castings = [casting for casting in group if any(casting in again[scenario] for scenario in paths)]
        progress(f"{len(paths)} scenarios again, in {len(castings)} castings ({world})")
        for scenario, cells in run_worlds(options, world, castings, paths).items():
            for casting in again[scenario]:
                cells[casting].runs = run
                table[scenario][casting] = cells[casting]
    explain(table, explanations)
    return bool(again)


def expected_but_absent(scenario, casting, cells, explanations):
    return not cells[casting].cannot and any(
        it.always and it.scenario == scenario and casting in it.castings and casting not in it.used
        for it in explanations)


def useless(table, explanations):
    """What is wrong with the explanations, a line each; only of scenarios that were run."""
    for it in explanations:
        if not pathlib.Path(it.scenario).exists():
            yield f"explanation {it.number}: there is no scenario {it.scenario}"
        elif it.scenario in table:
            ran = [casting for casting, cell in table[it.scenario].items()
                   if casting in it.castings and not cell.cannot]
            missed = [casting for casting in ran if casting not in it.used]
            if missed and it.always:
                yield f"explanation {it.number} ({it.scenario}, {it.about}) no longer applies to {', '.join(missed)}"


def progress(text):
    print(f"fidelity: {text}", file=sys.stderr, flush=True)


# ---------------------------------------------------------------- tables


def summary(table):
    """Markdown: how often which outcome, a row a casting; and how far apart the same events were in both worlds."""
    lines = ["| casting (first director/second) | " + " | ".join(OUTCOMES) +
             " | judgements compared | events in both | in one only | apart: median | 95 % |",
             "|---|" + "---:|" * (len(OUTCOMES) + 5)]
    for casting in CASTINGS:
        cells = [row[casting] for row in table.values() if casting in row]
        count = collections.Counter(cell.outcome() for cell in cells)
        numbers = [str(count[outcome]) for outcome in OUTCOMES] + [str(sum(cell.compared for cell in cells))]
        apart = sorted(distance for cell in cells for distance in cell.apart)
        numbers += [str(len(apart)), str(sum(cell.lonely for cell in cells))]
        numbers += [share_text(apart, 0.5), share_text(apart, 0.95)]
        lines.append(f"| {casting} | " + " | ".join(numbers) + " |")
    return "\n".join(lines)


def share_text(apart, share):
    """The distance that `share` of the sorted distances do not exceed, in milliseconds."""
    return f"{apart[int(share * (len(apart) - 1))] / 1e6:.1f} ms" if apart else ""


def cell_text(cell):
    outcome = cell.outcome()
    if outcome in (CANNOT, STUMBLED):
        return outcome
    if outcome == EXPLAINED:
        numbers = sorted({it.number for found in cell.explanations for it in found})
        return "explained " + ", ".join(f"[{number}]" for number in numbers)
    words = {AGREE: "=", LATER: f"= (run {cell.runs})", UNEXPLAINED: "UNEXPLAINED"}[outcome]
    return words if cell.held or outcome == UNEXPLAINED else words + ", fails in both"


def detailed(table, explanations):
    """Markdown: a row a scenario."""
    lines = ["| scenario | " + " | ".join(CASTINGS) + " |", "|---|" + "---|" * len(CASTINGS)]
    for scenario, cells in sorted(table.items()):
        name = scenario.removeprefix("scenarios/").removesuffix(".yaml")
        texts = [cell_text(cells[casting]) if casting in cells else "" for casting in CASTINGS]
        lines.append(f"| {name} | " + " | ".join(texts) + " |")
    lines += ["", "## Explained differences", ""]
    for it in explanations:
        if it.scenario in table:
            chance = "" if it.always else " A matter of chance: not seen in every run."
            lines.append(f"{it.number}. `{it.scenario}`, {it.about} ({', '.join(it.castings)}): {it.reason}{chance}"
                         f" ({it.clause})")
    lines += ["", "## What namespaces cannot do", ""]
    reasons = collections.defaultdict(set)
    for scenario, cells in table.items():
        for cell in cells.values():
            if cell.cannot:
                reasons[cell.cannot].add(scenario.removeprefix("scenarios/").removesuffix(".yaml"))
    for reason, scenarios in sorted(reasons.items()):
        lines.append(f"- {reason}: {', '.join(sorted(scenarios))}")
    return "\n".join(lines)


DOCUMENT = """\
# Fidelity

Does the simulator predict what real daemons do? `ci/fidelity` takes every scenario of the library through the simulator
and through network namespaces, in four castings: both directors stock keepalived, both vipdriftd, and the two mixed ways
(where there is one director, one of each). The simulator's directors have the profile of the daemon that stands in their
place. {worlds} Both worlds are judged with the same tolerance. `=`: every judgement that both can
make has the same result, and each virtual address had the same sequence of holders. `fails in both`: they agree that the
scenario's expectations, which are written for one daemon, do not hold for this casting. A pair that differs is run again,
twice at most, and the table says so.

The simulator's daemons begin as late as the real ones did (timers run from there), and nothing else is told to it. `apart`
is how far the same event - a state, an address, a daemon, a client's answers - was from itself in the other world.

{summary}

{detailed}
"""


def worlds_text(options, wanted):
    """Where scenarios ran, and to within what they were judged."""
    places = {"netns": "The running kernel", "uml": "User-Mode Linux, which has IPVS,"}
    count = collections.Counter(world for world, castings in wanted.values() if castings)
    return " ".join(f"{places[world]} had {count[world]} of them (tolerance {options.tolerance or TOLERANCES[world]})."
                    for world in sorted(count))


def write_tables(root, options, wanted, table, explanations):
    (root / "scenarios" / "FIDELITY.md").write_text(
        DOCUMENT.format(worlds=worlds_text(options, wanted), summary=summary(table),
                        detailed=detailed(table, explanations)), encoding="utf-8")
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise FidelityError(f"{readme}: there is no place between {BEGIN} and {END} for the table")
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    readme.write_text(f"{head}{BEGIN}\n{summary(table)}\n{END}{tail}", encoding="utf-8")


def complaints(table, explanations):
    for scenario, cells in sorted(table.items()):
        for casting, cell in cells.items():
            if cell.outcome() == STUMBLED:
                yield f"{scenario}: {casting}: {cell.stumbled}"
            for it in cell.unexplained() if cell.outcome() == UNEXPLAINED else []:
                yield (f"{scenario}{':' + str(it['line']) if 'line' in it else ''}: {casting}: {it['about']}\n"
                       f"    {'sim':5}  {it['seen'][0]}\n    {cell.world:5}  {it['seen'][1]}")
    yield from useless(table, explanations)


def castings_argument(text):
    castings = text.split(",")
    for casting in castings:
        if casting not in CASTINGS:
            raise argparse.ArgumentTypeError(f"there is no casting '{casting}'; there are {', '.join(CASTINGS)}")
    return castings


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["scenarios"], metavar="PATH", help="scenario files, directories")
    parser.add_argument("--vipdrift", default="build/release/bin/vipdrift", help="the program (%(default)s)")
    parser.add_argument("--vipdriftd", default="", help="the daemon (the one beside vipdrift)")
    parser.add_argument("--on", choices=["netns", "uml", "each"], default="netns", help="the real world (%(default)s)")
    parser.add_argument("--castings", type=castings_argument, default=CASTINGS, metavar="CASTING,...",
                        help=f"of {', '.join(CASTINGS)} (all)")
    parser.add_argument("--jobs", type=int, help="worlds at a time (32 in namespaces, two a kernel of User-Mode Linux)")
    parser.add_argument("--tolerance", help="to within which both worlds are judged (500ms; 1s in User-Mode Linux)")
    parser.add_argument("--check", action="store_true", help="exit 1 when a difference is unexplained")
    parser.add_argument("--write", action="store_true", help="write README.md and scenarios/FIDELITY.md")
    parser.add_argument("--explanations", type=pathlib.Path, default=pathlib.Path("scenarios/fidelity.toml"))
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    try:
        explanations = read_explanations(options.explanations)
        wanted = plan(options, options.paths)
        table = run_all(options, wanted)
        explain(table, explanations)
        for run in range(2, MOST_RUNS + 1):
            if not run_again(options, wanted, table, explanations, run):
                break
        if options.write:
            write_tables(pathlib.Path("."), options, wanted, table, explanations)
    except FidelityError as error:
        print(f"fidelity: {error}", file=sys.stderr)
        return 2
    print(summary(table))
    wrong = list(complaints(table, explanations))
    for line in wrong:
        print(line)
    if all(cell.outcome() == CANNOT for cells in table.values() for cell in cells.values()):
        print("fidelity: no scenario could be compared")
        return 1
    return 1 if options.check and wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
