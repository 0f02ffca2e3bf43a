#!/usr/bin/env python3
"""`vipdrift config keywords`: the pages made from the grammar are the committed ones, and words are explained.

    keywords_test.py VIPDRIFT SOURCE_DIRECTORY
"""
import json
import pathlib
import subprocess
import sys
import unittest


def keywords(*arguments):
    return subprocess.run([VIPDRIFT, "config", "keywords", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, timeout=60)


class Keywords(unittest.TestCase):
    def test_the_reference_is_the_one_of_the_grammar(self):
        page = (SOURCE / "docs" / "keepalived.conf.md").read_text(encoding="utf-8")
        self.assertEqual(page, keywords("--markdown").stdout, "vipdrift config keywords --markdown makes it anew")

    def test_the_readme_lists_what_has_no_effect(self):
        readme = (SOURCE / "README.md").read_text(encoding="utf-8")
        self.assertIn(f"<!-- no effect -->\n{keywords('--without-effect').stdout}<!-- /no effect -->", readme)

    def test_a_keyword_is_explained_in_each_block_that_has_it(self):
        done = keywords("weight")
        self.assertEqual(done.returncode, 0)
        self.assertIn("weight in vrrp_script: a number from -253 to 253 and optionally 'reverse'\n", done.stdout)
        self.assertIn("weight in real_server: a number from 0 to 2147483647\n", done.stdout)

    def test_a_block_is_told_with_what_stands_in_it(self):
        lines = keywords("vrrp_script").stdout.splitlines()
        self.assertTrue(lines[0].startswith("vrrp_script in the configuration: a name and a block"), lines)
        self.assertIn("  interval                        From one run to the next (1 s).", lines)
        self.assertNotIn("\x1b", "".join(lines))

    def test_an_unknown_word_is_answered_with_the_nearest(self):
        done = keywords("preempt_dely")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'preempt_dely' is neither a keyword nor a block of keepalived.conf; did you mean "
                      "'preempt_delay'?", done.stderr)

    def test_json_has_every_keyword_once_a_block(self):
        blocks = json.loads(keywords("--json").stdout)
        self.assertGreater(sum(len(block["keywords"]) for block in blocks), 450)
        for block in blocks:
            words = [keyword["keyword"] for keyword in block["keywords"]]
            self.assertEqual(len(words), len(set(words)), block["block"])
        hmac = next(block for block in blocks if block["block"] == "auth_hmac")
        self.assertFalse(hmac["acted_upon"])
        self.assertEqual(hmac["stands_in"], ["vrrp_instance"])


if __name__ == "__main__":
    VIPDRIFT = sys.argv.pop(1)
    SOURCE = pathlib.Path(sys.argv.pop(1))
    unittest.main()
