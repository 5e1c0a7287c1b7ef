#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the dependency rule: what a module may include is what its karez_module() row lists, no more.

Finds undeclared edges, cycles between modules and between files, headers private to another module or driver,
foreign headers outside the folder that owns them, and coroutines in modules of plain code.
Usage: tools/check_layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

# Foreign header -> where it may be included: a folder, a file, or a pattern of file names (with *). In a module's own
# folder only .cpp files may; a private subfolder may use its headers too.
FOREIGN = {
    r"asio": ["src/net"],
    r"openssl/": ["src/net", "src/base", "src/security", "src/ledger", "src/connect/opcua"],
    r"(drogon|trantor|json)/": ["src/api/http_server.cpp", "src/api/ws_hub.cpp"],
    r"(sqlite3|libpq-fe)\.h": ["src/stores/sql"],
    r"yyjson\.h": ["src/base/json*.cpp"],
    r"spdlog/": ["src/base/log.cpp"],
    r"open62541/": ["src/connect/opcua", "demo/plant"],
    r"google/protobuf/": ["src/connect/mqtt", "demo/plant"],
    r"(modbus/)?modbus[\w-]*\.h": ["demo/plant"],
    r"mosquitto\.h": ["demo/plant"],
    r"(zstd|lz4|lz4frame|lz4hc|xxhash)\.h": ["src/base", "src/historian"],
    r"(sodium|argon2)(/\w+)?\.h": ["src/security"],
    r"curl/": ["src/stores/objects"],
    r"zlib\.h": ["src/base", "src/api"],
    r"(gtest|gmock)/": ["*_test.cpp", "*_testing.h", "*_fixture.h", "*conformance.h"],
    r"benchmark/": ["*_bench.cpp"],
}
# Headers of the C library and of Linux; the C++ library's have no dot and no slash.
SYSTEM = re.compile(
    r"^(?:[a-z_0-9]+|(?:sys|linux|netinet|arpa|net|asm|bits)/[\w/]+\.h|cxxabi\.h|"
    r"(?:unistd|fcntl|errno|signal|poll|pthread|sched|spawn|termios|time|dirent|dlfcn|execinfo|grp|pwd|ifaddrs|netdb|"
    r"glob|fnmatch|getopt|malloc|mntent|pty|syslog|utime|stdio|stdlib|string|stdint|stddef|limits|math|ctype|wchar|"
    r"immintrin|nmmintrin|emmintrin|smmintrin|wmmintrin|x86intrin|arm_neon|arm_acle|cpuid|csignal)\.h)$")
COROUTINES = {"net", "connect", "edge", "exchange", "pgwire", "cli", "plant"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
ROW = re.compile(r"karez_module\(\s*(\w+)([^)]*)\)")
KEYWORDS = {"DEPS", "LIBS", "LINK", "MAIN", "PROTO"}


class Tree:
    """The modules with their rows, and every C++ file with its includes."""

    def __init__(self, root):
        self.root = root
        self.folders = {}   # module -> folder below root
        self.deps = {}      # module -> what its row lists
        self.islands = set()  # folders with their own CMakeLists.txt inside a module: drivers
        self.found = []
        for lists in sorted([*root.glob("src/*/CMakeLists.txt"), *root.glob("demo/plant/CMakeLists.txt")]):
            self.read_row(lists)
        for folder in self.folders.values():
            for lists in (root / folder).glob("*/**/CMakeLists.txt"):
                self.islands.add(lists.parent.relative_to(root).as_posix())
        self.files = {}
        for folder in ("src", "demo/plant"):
            for path in sorted((root / folder).rglob("*")):
                if path.suffix in (".h", ".cpp") and "testdata" not in path.parts:
                    text = path.read_text(encoding="utf-8", errors="replace")
                    self.files[path.relative_to(root).as_posix()] = text

    def read_row(self, lists):
        row = ROW.search(re.sub(r"#.*", "", lists.read_text()))
        folder = lists.parent.relative_to(self.root).as_posix()
        if not row:
            self.say("no-row", f"{folder}/CMakeLists.txt", "has no karez_module() row")
            return
        name, words, take = row.group(1), row.group(2).split(), None
        deps = []
        for word in words:
            if word in KEYWORDS:
                take = word
            elif take == "DEPS":
                deps.append(word)
        if name != lists.parent.name:
            self.say("no-row", f"{folder}/CMakeLists.txt", f"names the module {name}")
        self.folders[name], self.deps[name] = folder, deps

    def say(self, kind, where, what):
        self.found.append((kind, where, what))

    def module_of(self, file):
        for name, folder in self.folders.items():
            if file.startswith(folder + "/"):
                return name
        return None

    def island_of(self, file):
        fits = [i for i in self.islands if file.startswith(i + "/")]
        return max(fits, key=len, default=None)

    def resolve(self, include):
        """The file a rooted include means, or None."""
        for base in ("src/", "demo/"):
            if base + include in self.files:
                return base + include
        return None


def cycles(graph):
    """Each cycle once, as the list of its members, by depth-first search."""
    state, found = {}, []

    for start in graph:
        if start in state:
            continue
        path, work = [], [(start, iter(graph[start]))]
        state[start] = "open"
        path.append(start)
        while work:
            node, rest = work[-1]
            following = next(rest, None)
            if following is None:
                state[node] = "done"
                path.pop()
                work.pop()
            elif state.get(following) == "open":
                found.append(path[path.index(following):] + [following])
            elif following not in state:
                state[following] = "open"
                path.append(following)
                work.append((following, iter(graph.get(following, ()))))
    return found


def allowed_here(file, places):
    for place in places:
        if "*" in place:
            if "/" in place:
                if re.fullmatch(re.escape(place).replace(r"\*", "[^/]*"), file):
                    return True
            elif re.fullmatch(re.escape(place).replace(r"\*", ".*"), file.rsplit("/", 1)[-1]):
                return True
        elif file == place:
            return True
        elif file.startswith(place + "/"):
            private = file.count("/") > 2   # src/x/sub/file
            return file.endswith(".cpp") or private or place.startswith("demo/")
    return False


def check_foreign(tree, file, include):
    if include.endswith(".pb.h"):
        return
    for pattern, places in FOREIGN.items():
        if re.match(pattern, include):
            if not allowed_here(file, places):
                tree.say("foreign-header", file, f"<{include}> may be included in {', '.join(places)} only")
            return
    if not SYSTEM.match(include):
        tree.say("foreign-header", file, f"<{include}> has no owner: add it to FOREIGN in tools/check_layers.py")


def check_own(tree, file, include):
    module, target = tree.module_of(file), include.split("/")[0]
    if include.endswith(".pb.h"):
        generated = f"src/{include}"
        if module == "plant":   # a wire description is what both sides share
            return None
        if tree.island_of(generated) != tree.island_of(file) or tree.module_of(generated) != module:
            tree.say("private-header", file, f'"{include}" is generated for another folder')
        return None
    path = tree.resolve(include)
    if target not in tree.folders or path is None:
        tree.say("unrooted-include", file, f'"{include}" is no file below src (write "module/file.h")')
        return path
    if module is not None and target != module and target != "base" and target not in tree.deps[module]:
        tree.say("undeclared-edge", file, f'"{include}": {module} does not list {target} (src/{module}/CMakeLists.txt)')
    private = include.count("/") > 1
    if private and target != module:
        tree.say("private-header", file, f'"{include}" is private to {target}')
    island = tree.island_of(path)
    if private and target == module and island is not None and island != tree.island_of(file):
        tree.say("private-header", file, f'"{include}" is private to {island}')
    return path


def check(root):
    """All violations as (kind, file, text)."""
    tree = Tree(root)
    for module, deps in tree.deps.items():
        for dep in deps:
            if dep not in tree.folders:
                tree.say("unknown-module", f"{tree.folders[module]}/CMakeLists.txt", f"lists {dep}, which does not exist")
    for cycle in cycles({m: [d for d in deps if d in tree.deps] for m, deps in tree.deps.items()}):
        tree.say("module-cycle", tree.folders[cycle[0]], " -> ".join(cycle))
    graph = {}
    for file, text in tree.files.items():
        graph[file] = []
        for bracket, include in INCLUDE.findall(text):
            if bracket == "<":
                check_foreign(tree, file, include)
            else:
                path = check_own(tree, file, include)
                if path:
                    graph[file].append(path)
        module = tree.module_of(file)
        # macros may spell what only coroutines use
        code = re.sub(r"^[ \t]*#[ \t]*define(?:[^\\\n]|\\.)*", "", text, flags=re.MULTILINE | re.DOTALL)
        code = re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", "", code, flags=re.DOTALL)
        if module not in COROUTINES and re.search(r"\bco_(?:await|return|yield)\b", code):
            tree.say("coroutine", file, f"{module} is plain code; only {', '.join(sorted(COROUTINES))} may await")
    for cycle in cycles(graph):
        tree.say("include-cycle", cycle[0], " -> ".join(cycle))
    return tree


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    tree = check(root)
    for kind, where, what in tree.found:
        print(f"{where}: {kind}: {what}")
    edges = sum(len(d) for d in tree.deps.values())
    print(f"layers: {len(tree.folders)} modules, {edges} declared edges, {len(tree.files)} files, {len(tree.found)} violations")
    return 1 if tree.found else 0


if __name__ == "__main__":
    sys.exit(main())
