"""File name or shebang -> language name. Vocabulary: the repository and chunking stages must agree on it."""

from __future__ import annotations

import re

__all__ = ["CODE_LANGUAGES", "DATA_LANGUAGES", "PROSE_LANGUAGES", "TEXT", "is_test", "language_of"]

TEXT = "text"

CODE_LANGUAGES = frozenset(
    "bash c c-sharp cpp go java javascript kotlin lua php python ruby rust scala sql swift tsx typescript".split()
)
DATA_LANGUAGES = frozenset("css html json toml yaml".split())
PROSE_LANGUAGES = frozenset("markdown rst text".split())

_SUFFIXES = {
    "bash": "sh bash zsh ksh bats ebuild",
    "c": "c h",
    "c-sharp": "cs csx",
    "cpp": "cc cpp cxx c++ hh hpp hxx h++ ipp tpp inl cu cuh ino",
    "css": "css",
    "go": "go",
    "html": "html htm xhtml",
    "java": "java",
    "javascript": "js mjs cjs jsx es6",
    "json": "json jsonc json5 geojson webmanifest jsonld",
    "kotlin": "kt kts",
    "lua": "lua rockspec",
    "markdown": "md markdown mdown mkd mdx",
    "php": "php php3 php4 php5 php7 phtml",
    "python": "py pyi pyw bzl",
    "rst": "rst rest",
    "ruby": "rb rake gemspec ru podspec",
    "rust": "rs",
    "scala": "scala sc sbt",
    "sql": "sql ddl dml",
    "swift": "swift",
    "toml": "toml",
    "tsx": "tsx",
    "typescript": "ts mts cts",
    "yaml": "yaml yml",
    # Without a grammar here: cut at blank lines, but called by their names.
    "clojure": "clj cljs cljc edn",
    "cmake": "cmake",
    "dart": "dart",
    "elixir": "ex exs",
    "elm": "elm",
    "erlang": "erl hrl",
    "fortran": "f f90 f95 f03",
    "fsharp": "fs fsx fsi",
    "graphql": "graphql gql",
    "groovy": "groovy gradle",
    "haskell": "hs lhs",
    "hcl": "tf hcl",
    "ini": "ini cfg conf properties editorconfig",
    "julia": "jl",
    "latex": "tex sty",
    "makefile": "mk mak",
    "nim": "nim",
    "nix": "nix",
    "objective-c": "m mm",
    "ocaml": "ml mli",
    "perl": "pl pm",
    "powershell": "ps1 psm1",
    "protobuf": "proto",
    "r": "r",
    "solidity": "sol",
    "svelte": "svelte",
    "vim": "vim",
    "vue": "vue",
    "xml": "xml xsd xsl xslt svg plist csproj vcxproj",
    "zig": "zig",
}
_FILENAMES = {
    "cmake": "CMakeLists.txt",
    "dockerfile": "Dockerfile Containerfile",
    "groovy": "Jenkinsfile",
    "makefile": "Makefile makefile GNUmakefile",
    "bash": ".bashrc .bash_profile .bash_aliases .profile .zshrc .zprofile .zshenv PKGBUILD APKBUILD",
    "json": ".babelrc .eslintrc .prettierrc .jshintrc .watchmanconfig composer.lock Pipfile.lock flake.lock",
    "python": "SConstruct SConscript wscript BUILD WORKSPACE",
    "ruby": "Rakefile Gemfile Guardfile Podfile Vagrantfile Brewfile Fastfile Capfile",
    "toml": "Cargo.lock poetry.lock uv.lock Pipfile",
    "yaml": ".clang-format .clang-tidy .clangd",
}
_INTERPRETERS = {
    "bash": "sh bash dash zsh ksh bats",
    "javascript": "node nodejs deno bun",
    "lua": "lua luajit",
    "perl": "perl",
    "r": "Rscript",
    "php": "php",
    "python": "python pypy python2 python3",
    "ruby": "ruby jruby",
    "swift": "swift",
    "typescript": "ts-node tsx",
}


def _inverted(table: dict[str, str]) -> dict[str, str]:
    return {word: language for language, words in table.items() for word in words.split()}


_BY_SUFFIX = _inverted(_SUFFIXES)
_BY_FILENAME = _inverted(_FILENAMES)
_BY_INTERPRETER = _inverted(_INTERPRETERS)
_SHEBANG = re.compile(r"#!\s*(\S+)(?:[ \t]+(?:-\S+[ \t]+)*(\S+))?")


def language_of(path: str, first_line: str = "") -> str:
    """Return the language of a file from its name or, without a known one, its shebang; ``"text"`` when neither tells.

    ``first_line`` may be the whole text: only its first line is looked at.
    """
    name = path.rpartition("/")[2]
    if name in _BY_FILENAME:
        return _BY_FILENAME[name]
    stem, dot, suffix = name.rpartition(".")
    if dot and stem:
        known = _BY_SUFFIX.get(suffix.lower())
        if known:
            return known
    return _shebang_language(first_line) if first_line.startswith("#!") else TEXT


def is_test(path: str) -> bool:
    """Return whether a file belongs to tests, by its folders and its name."""
    *folders, name = path.split("/")
    return bool({"test", "tests", "testing"} & set(folders)) or name.startswith("test_") or name == "conftest.py"


def _shebang_language(line: str) -> str:
    match = _SHEBANG.match(line.partition("\n")[0])
    if not match:
        return TEXT
    program = match[1].rpartition("/")[2]
    if program == "env" and match[2]:
        program = match[2].rpartition("/")[2]
    return _BY_INTERPRETER.get(program) or _BY_INTERPRETER.get(program.rstrip("0123456789."), TEXT)
