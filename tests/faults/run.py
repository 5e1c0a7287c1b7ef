# SPDX-License-Identifier: Apache-2.0
"""Runs the fault matrix, prints a table, writes bench/results/faults.json.

    run.py [--drivers modbus,…] [--peers …] [--faults F1,…] [--jobs N] [--out FILE] [--keep FOLDER]

A part of the matrix takes the place of its cells in FILE; the others stay as they are.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT = 2400  # seconds for one cell
PEERS = {"modbus": ["pymodbus", "modbus-serial"], "opcua": ["asyncua", "node-opcua"], "mqtt": ["sparkplug-client", "pysparkplug"]}
FAULTS = ["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13", "F14", "F18"]
LONG = ["F11", "F5", "F4", "F1", "F2", "F18", "F3"]  # first, so that the end is not one long cell


def namespaces():
    done = subprocess.run(["unshare", "-n", "true"], capture_output=True) if shutil.which("unshare") else None
    return bool(done and done.returncode == 0)


def run_cell(driver, peer, fault, folder, own_net):
    place = folder / f"{driver}-{peer}-{fault}"
    place.mkdir(parents=True)
    command = [sys.executable, str(HERE / "cell.py"), driver, peer, fault, str(place)]
    environment = {**os.environ}
    if own_net:
        command = ["unshare", "-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "cell", *command]
        environment["KAREZ_FAULTS_NETNS"] = "1"
    begin = time.monotonic()
    with open(place / "output.txt", "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=environment,
                                   start_new_session=True)
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    file = place / "result.json"
    if file.exists():
        return json.loads(file.read_text())
    return {"driver": driver, "peer": peer, "fault": fault, "pass": False, "seconds": round(time.monotonic() - begin, 1),
            "note": "FAILED: the cell broke or took too long: " + (place / "output.txt").read_text(errors="replace")[-300:]}


def sort_key(cell):
    return (list(PEERS).index(cell["driver"]), PEERS[cell["driver"]].index(cell["peer"]), FAULTS.index(cell["fault"]))


def table(cells):
    columns = [(driver, peer) for driver in PEERS for peer in PEERS[driver] if any(c["peer"] == peer for c in cells)]
    word = {True: "pass", False: "FAIL", None: "-"}
    print("      " + "".join(f"{driver + '/' + peer:>26}" for driver, peer in columns))
    for fault in FAULTS:
        row = {c["peer"]: c for c in cells if c["fault"] == fault}
        if row:
            print(f"{fault:<6}" + "".join(f"{word[row[peer]['pass']] if peer in row else '':>26}" for _, peer in columns))
    for cell in cells:
        if cell["pass"] is not True:
            print(f"{cell['driver']}/{cell['peer']} {cell['fault']}: {cell['note']}")
    judged = sum(c.get("frames", 0) for c in cells)
    complaints = sum(len(c.get("complaints", [])) for c in cells)
    print(f"frames of our drivers judged by tshark: {judged}, complaints: {complaints}" if judged else
          "no capture: frames were not judged")
    counts = {outcome: sum(1 for c in cells if c["pass"] is outcome) for outcome in (True, False, None)}
    print(f"{counts[True]} passed, {counts[False]} failed, {counts[None]} do not apply or were skipped")


def main():
    parser = argparse.ArgumentParser()
    for name in ("drivers", "peers", "faults"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--jobs", type=int, default=max(2, os.cpu_count() or 2) * 4, help="mostly they wait")
    parser.add_argument("--out", default=str(ROOT / "bench/results/faults.json"))
    parser.add_argument("--keep")
    options = parser.parse_args()
    chosen = [(d, p, f) for d in PEERS for p in PEERS[d] for f in FAULTS
              if (not options.drivers or d in options.drivers.split(","))
              and (not options.peers or p in options.peers.split(",")) and (not options.faults or f in options.faults.split(","))]
    if not chosen:
        parser.error(f"nothing chosen; drivers and peers: {PEERS}, faults: {FAULTS}")
    chosen.sort(key=lambda c: LONG.index(c[2]) if c[2] in LONG else len(LONG))
    folder = Path(options.keep or tempfile.mkdtemp(prefix="karez-faults-"))
    own_net = namespaces()
    print(f"{len(chosen)} cells, {options.jobs} at a time, " + ("each in a network namespace" if own_net else "without namespaces"),
          flush=True)
    cells = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = {pool.submit(run_cell, *c, folder, own_net): c for c in chosen}
        for done in concurrent.futures.as_completed(waiting):
            cell = done.result()
            cells.append(cell)
            outcome = {True: "pass", False: "FAIL", None: "-"}[cell["pass"]]
            print(f"[{len(cells)}/{len(chosen)}] {cell['driver']}/{cell['peer']} {cell['fault']}: {outcome} in "
                  f"{cell.get('seconds', 0):.0f} s", flush=True)
    out = Path(options.out)
    kept = json.loads(out.read_text()) if out.exists() else []
    key = lambda c: (c["driver"], c["peer"], c["fault"])  # noqa: E731
    fresh = {key(c) for c in cells}
    whole = sorted([c for c in kept if key(c) not in fresh] + cells, key=sort_key)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("[\n" + ",\n".join("  " + json.dumps(c, ensure_ascii=False) for c in whole) + "\n]\n")
    table(sorted(cells, key=sort_key))
    failed = [c for c in cells if c["pass"] is False]
    if not options.keep and not failed:
        shutil.rmtree(folder)
    elif failed:
        print(f"what the failed cells left is in {folder}")
    sys.exit(1 if failed else 0)


main()
