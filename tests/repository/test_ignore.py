from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.repository.ignore import IgnoreRules
from engine.repository.scan import ListedFile, Scanner
from tests.repository.conftest import Repo


def _ignored(rules: IgnoreRules, path: str) -> str:
    found = rules.ignored_by(path)
    return str(found[1]) if found else ""


def test_the_last_matching_line_wins_and_deeper_files_overrule(folder: Repo) -> None:
    folder.write(".gitignore", "*.log\n!keep.log\n\n# comment\n\\#odd\n/top.txt\nspace\\ \n")
    folder.write("sub/.gitignore", "keep.log\n!a.log\n")
    rules = IgnoreRules(folder.root)
    assert _ignored(rules, "x.log") == ".gitignore:1: *.log"
    assert _ignored(rules, "keep.log") == ""
    assert _ignored(rules, "sub/keep.log") == "sub/.gitignore:1: keep.log"
    assert _ignored(rules, "sub/a.log") == ""
    assert _ignored(rules, "sub/b.log") == ".gitignore:1: *.log"
    assert _ignored(rules, "#odd") != ""
    assert _ignored(rules, "top.txt") != ""
    assert _ignored(rules, "sub/top.txt") == ""
    assert _ignored(rules, "space ") != ""


def test_nothing_below_an_ignored_folder_comes_back(folder: Repo) -> None:
    folder.write(".gitignore", "build/\n!build/keep.txt\ndist/*\n!dist/keep.txt\n")
    rules = IgnoreRules(folder.root)
    assert rules.ignored_by("build/keep.txt") == ("build/", rules.decide("build/"))
    assert _ignored(rules, "build") == ""  # the pattern is for folders only
    assert _ignored(rules, "dist/other.txt") != ""
    assert _ignored(rules, "dist/keep.txt") == ""


def test_tracked_files_escape_git_rules_but_not_our_own(folder: Repo) -> None:
    folder.write(".gitignore", "vendor/\n*.gen\n")
    folder.write(".sidetuneignore", "*.data\nsecret/\n")
    tracked = frozenset({"vendor/kept.py", "a.gen", "b.data", "secret/c.py"})
    rules = IgnoreRules(folder.root, tracked)
    assert _ignored(rules, "vendor/kept.py") == ""
    assert _ignored(rules, "vendor/other.py") == ".gitignore:1: vendor/"
    assert _ignored(rules, "a.gen") == ""
    assert _ignored(rules, "other.gen") != ""
    assert _ignored(rules, "b.data") == ".sidetuneignore:1: *.data"
    assert _ignored(rules, "secret/c.py") == ".sidetuneignore:2: secret/"


def test_our_own_file_can_take_back_what_git_ignores(folder: Repo) -> None:
    folder.write(".gitignore", "notes/\n*.md\n")
    folder.write(".sidetuneignore", "!notes/\n!wanted.md\n")
    rules = IgnoreRules(folder.root)
    assert _ignored(rules, "wanted.md") == ""
    assert _ignored(rules, "notes/a.txt") == ""
    assert _ignored(rules, "notes/other.md") == ".gitignore:2: *.md"


def test_exclude_files_of_the_repository_and_of_the_user(repo: Repo, own_home: Path) -> None:
    repo.write(".git/info/exclude", "private/\n")
    rules_file = own_home / "config" / "git" / "ignore"
    rules_file.parent.mkdir(parents=True)
    rules_file.write_text("*.mine\n!a.mine\n")
    rules = IgnoreRules(repo.root)
    assert _ignored(rules, "private/x") == ".git/info/exclude:1: private/"
    assert _ignored(rules, "b.mine") == f"{rules_file}:1: *.mine"
    assert _ignored(rules, "a.mine") == ""
    other = own_home / "excludes"
    other.write_text("*.configured\n")
    repo.git("config", "--global", "core.excludesFile", "~/excludes")
    rules = IgnoreRules(repo.root)
    assert _ignored(rules, "x.configured") != ""
    assert _ignored(rules, "b.mine") == ""


def test_a_linked_work_tree_has_the_exclude_file_of_its_repository(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repo.write("a.py")
    repo.commit("first")
    repo.write(".git/info/exclude", "private/\n")
    linked = tmp_path_factory.mktemp("trees") / "linked"
    repo.git("worktree", "add", "--quiet", str(linked))
    assert _ignored(IgnoreRules(linked), "private/x") == ".git/info/exclude:1: private/"


def test_a_folder_inside_a_work_tree_obeys_the_files_above_it(repo: Repo) -> None:
    repo.write(".gitignore", "*.log\n/service/out/\n")
    repo.write("service/.gitignore", "*.tmp\n")
    rules = IgnoreRules(repo.root / "service")
    assert _ignored(rules, "x.log") != ""
    assert _ignored(rules, "out/x.py") != ""
    assert _ignored(rules, "x.tmp") == ".gitignore:1: *.tmp"


def test_built_in_rules_yield_to_any_other(folder: Repo) -> None:
    assert _ignored(IgnoreRules(folder.root), "a/node_modules/x/y.js") == "built-in rule node_modules/"
    folder.write(".gitignore", "!node_modules/\n")
    assert _ignored(IgnoreRules(folder.root), "a/node_modules/x/y.js") == ""


def test_odd_ignore_files_are_no_trouble(folder: Repo) -> None:
    folder.write(".gitignore", b"\xef\xbb\xbf*.bom\r\n!\n[z-a\n/\n\n  \n\xff\xfe\n[[:nope:]]x\n*.end")
    folder.write("dir/.gitignore/file", "a folder by that name\n")
    (folder.root / "link").mkdir()
    (folder.root / "link" / ".gitignore").symlink_to(folder.root / ".gitignore")
    rules = IgnoreRules(folder.root)
    assert _ignored(rules, "a.bom") != ""
    assert _ignored(rules, "link/a.end") == ".gitignore:9: *.end"
    assert _ignored(rules, "dir/x.py") == ""
    assert _ignored(rules, "new\nline.end") != ""


def test_patterns_match_what_git_says_they_match(repo: Repo) -> None:
    random = Random(7)
    words = [
        *"aabbb.x-*?[]!^\\/ ",
        "**",
        "**/",
        "/**",
        "[a-b]",
        "[!a]",
        "[[:alpha:]]",
        "ä",
        "[^b-]",
        "\\*",
        "[]a]",
        "*.x",
    ]
    names = [
        "a",
        "b",
        "ab",
        "ba",
        "a.x",
        "a b",
        "*",
        "ä",
        "-",
        "]",
        "abab.x",
        "a/b",
        "a/b/a",
        "ab/a.x",
        "b/b/b/a",
        "a/a.x",
    ]
    paths = []
    for number in range(400):
        folder = f"d{number}"
        pattern = "".join(random.choices(words, k=random.randint(1, 5)))
        repo.write(f"{folder}/.gitignore", pattern + "\n")
        paths += [f"{folder}/{name}" for name in names]
    done = subprocess.run(
        ["git", "-C", str(repo.root), "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(paths).encode(), capture_output=True, check=True,
    )  # fmt: skip
    expected = set(done.stdout.decode().split("\0")) - {""}
    rules = IgnoreRules(repo.root)
    found = {path for path in paths if rules.ignored_by(path)}
    patterns = {path: (repo.root / path.split("/")[0] / ".gitignore").read_text() for path in found ^ expected}
    assert patterns == {}
    assert len(expected) > 500


def test_a_hostile_pattern_cannot_stall_a_scan(folder: Repo) -> None:
    folder.write(".gitignore", "*a" * 40 + "b\n" + "**/a/" * 30 + "b\n" + "[ab]*" * 40 + "c\n")
    rules = IgnoreRules(folder.root)
    started = time.monotonic()
    assert _ignored(rules, "a" * 250) == ""
    assert _ignored(rules, "/".join("a" * 100)) == ""
    assert time.monotonic() - started < 5


_NAMES = st.sampled_from(["a", "b", "ab", "a b", "a.x", "b.x", "#a", "!a", "a\nb", "ä"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_PATTERNS = st.one_of(
    _PATHS,
    st.tuples(
        st.sampled_from(["", "!", "/", "!/", "**/", "a/", "!a/"]), _NAMES, st.sampled_from(["", "/", "/*", "/**", "*"])
    ).map("".join),
    st.sampled_from(
        [
            "*",
            "?",
            "*.x",
            "[ab]",
            "[!a]",
            "a*",
            "*b",
            "**",
            "**/a",
            "a/**/b",
            "a/**",
            "!*.x",
            "!*/",
            "\\#a",
            "\\!a",
            "a\\ b",
            "#a",
            "a ",
        ]
    ),
)
_IGNORE = st.lists(_PATTERNS.filter(lambda line: "\n" not in line), max_size=5).map(
    lambda lines: "\n".join(lines) + "\n"
)


@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    paths=st.sets(_PATHS, min_size=1, max_size=8),
    ignores=st.dictionaries(st.sampled_from(["", "a/", "b/", "a/b/"]), _IGNORE, max_size=3),
    tracked=st.sets(st.integers(0, 7), max_size=3),
)
def test_the_same_files_as_git_lists(
    own_home: Path, paths: set[str], ignores: dict[str, str], tracked: set[int]
) -> None:
    root = Path(tempfile.mkdtemp(dir=own_home)).resolve()
    try:
        repo = Repo(root)
        repo.git("init", "--quiet")
        written = []
        for path in sorted(paths):
            if not any((root / part).is_file() for part in Path(path).parents) and not (root / path).is_dir():
                repo.write(path)
                written.append(path)
        chosen = [path for number, path in enumerate(written) if number in tracked]
        if chosen:
            repo.git("--literal-pathspecs", "add", "--force", "--", *chosen)
        for prefix, lines in ignores.items():
            if (root / prefix).is_dir():
                repo.write(prefix + ".gitignore", lines)
        listed = repo.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        expected = {path for path in listed if path}
        found = {entry.path for entry in Scanner(root).list() if isinstance(entry, ListedFile)}
        assert found == expected
    finally:
        shutil.rmtree(root)
