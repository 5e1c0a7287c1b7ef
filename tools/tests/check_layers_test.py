#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves that tools/check_layers.py finds each kind of violation and passes a clean tree."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_layers  # noqa: E402

CLEAN = {
    "src/base/CMakeLists.txt": "karez_module(base LIBS yyjson)",
    "src/base/json.h": "#include <string>\n",
    "src/base/json.cpp": '#include "base/json.h"\n#include <yyjson.h>\n',
    "src/model/CMakeLists.txt": "# a comment (with brackets)\nkarez_module(model)",
    "src/model/point.h": '#include "base/json.h"\n',
    "src/net/CMakeLists.txt": "karez_module(net LIBS asio)",
    "src/net/loop.h": "#include <sys/socket.h>\nvoid run();  // co_await\n",
    "src/net/loop.cpp": '#include "net/loop.h"\n#include <asio/io_context.hpp>\n',
    "src/connect/CMakeLists.txt": "karez_module(connect\n  DEPS net model)\nkarez_driver_table()",
    "src/connect/driver.h": '#include "model/point.h"\n#include "net/loop.h"\n',
    "src/connect/modbus/CMakeLists.txt": "karez_driver(modbus)",
    "src/connect/modbus/codec.h": "#include <span>\n",
    "src/connect/modbus/driver.cpp": '#include "connect/driver.h"\n#include "connect/modbus/codec.h"\nco_await x;\n',
    "src/connect/modbus/codec_test.cpp": '#include "connect/modbus/codec.h"\n#include <gtest/gtest.h>\n',
    "src/connect/mqtt/CMakeLists.txt": "karez_driver(mqtt PROTO a.proto)",
    "src/connect/mqtt/p.cpp": '#include "connect/mqtt/a.pb.h"\n',
    "src/stores/CMakeLists.txt": "karez_module(stores DEPS model LIBS sqlite3)",
    "src/stores/sql_store.h": '#include "model/point.h"\n',
    "src/stores/sql/sqlite.h": "#include <sqlite3.h>\n",
    "src/stores/sql/sqlite.cpp": '#include "stores/sql/sqlite.h"\n',
}


def kinds(changes):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **changes}.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return sorted({kind for kind, _, _ in check_layers.check(Path(folder)).found})


class Layers(unittest.TestCase):
    def test_clean_tree_passes(self):
        self.assertEqual(kinds({}), [])

    def test_undeclared_edge(self):
        self.assertEqual(kinds({"src/stores/x.cpp": '#include "net/loop.h"\n'}), ["undeclared-edge"])

    def test_base_depends_on_nothing(self):
        self.assertEqual(kinds({"src/base/x.cpp": '#include "model/point.h"\n'}), ["undeclared-edge"])

    def test_tests_obey_the_rule_too(self):
        self.assertEqual(kinds({"src/model/x_test.cpp": '#include "stores/sql_store.h"\n'}), ["undeclared-edge"])

    def test_driver_has_no_more_than_connect(self):
        self.assertEqual(kinds({"src/connect/modbus/x.cpp": '#include "stores/sql_store.h"\n'}), ["undeclared-edge"])

    def test_module_cycle(self):
        self.assertEqual(kinds({"src/model/CMakeLists.txt": "karez_module(model DEPS stores)"}), ["module-cycle"])

    def test_unknown_module(self):
        self.assertEqual(kinds({"src/net/CMakeLists.txt": "karez_module(net DEPS nowhere)"}), ["unknown-module"])

    def test_include_cycle(self):
        self.assertEqual(kinds({"src/base/a.h": '#include "base/b.h"\n', "src/base/b.h": '#include "base/a.h"\n'}),
                         ["include-cycle"])

    def test_private_header_of_another_module(self):
        tree = {"src/security/CMakeLists.txt": "karez_module(security DEPS stores)",
                "src/security/x.cpp": '#include "stores/sql/sqlite.h"\n'}
        self.assertEqual(kinds(tree), ["private-header"])

    def test_driver_is_private_to_its_siblings(self):
        self.assertEqual(kinds({"src/connect/mqtt/x.cpp": '#include "connect/modbus/codec.h"\n'}), ["private-header"])

    def test_driver_is_private_to_the_framework(self):
        self.assertEqual(kinds({"src/connect/x.cpp": '#include "connect/modbus/codec.h"\n'}), ["private-header"])

    def test_generated_header_stays_in_its_folder(self):
        self.assertEqual(kinds({"src/connect/x.cpp": '#include "connect/mqtt/a.pb.h"\n'}), ["private-header"])

    def test_foreign_header_in_another_folder(self):
        self.assertEqual(kinds({"src/model/x.cpp": "#include <asio.hpp>\n"}), ["foreign-header"])

    def test_foreign_header_in_a_public_header(self):
        self.assertEqual(kinds({"src/net/x.h": "#include <asio/ip/tcp.hpp>\n"}), ["foreign-header"])

    def test_foreign_header_in_another_file_of_the_folder(self):
        self.assertEqual(kinds({"src/base/x.cpp": "#include <yyjson.h>\n"}), ["foreign-header"])

    def test_foreign_header_nobody_owns(self):
        self.assertEqual(kinds({"src/base/x.cpp": "#include <boost/any.hpp>\n"}), ["foreign-header"])

    def test_gtest_outside_a_test(self):
        self.assertEqual(kinds({"src/base/x.cpp": "#include <gtest/gtest.h>\n"}), ["foreign-header"])

    def test_unrooted_include(self):
        self.assertEqual(kinds({"src/net/x.cpp": '#include "loop.h"\n'}), ["unrooted-include"])

    def test_coroutine_in_plain_code(self):
        self.assertEqual(kinds({"src/stores/x.cpp": "Task<> f() { co_return; }\n"}), ["coroutine"])

    def test_module_without_a_row(self):
        self.assertIn("no-row", kinds({"src/model/CMakeLists.txt": "add_library(model)"}))


if __name__ == "__main__":
    unittest.main()
