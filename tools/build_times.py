#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists the slowest units of the last build from ninja's log. Usage: tools/build_times.py [build/dev] [COUNT]"""

import sys
from pathlib import Path


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/dev")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    log = folder / ".ninja_log"
    if not log.exists():
        sys.exit(f"{log} is missing: build first")
    times = {}
    for line in log.read_text().splitlines()[1:]:
        begin, end, _, output, _ = line.split("\t")
        times[output] = (int(end) - int(begin)) / 1000
    for output, seconds in sorted(times.items(), key=lambda item: -item[1])[:count]:
        print(f"{seconds:7.1f} s  {output.replace('CMakeFiles/', '')}")
    print(f"{sum(times.values()):7.1f} s  in {len(times)} steps (the compiler cache makes some of them short)")


if __name__ == "__main__":
    main()
