# SPDX-License-Identifier: Apache-2.0
"""One cell of the fault matrix in a process of its own:  cell.py DRIVER PEER FAULT FOLDER

Writes FOLDER/result.json: {driver, peer, fault, pass, note, seconds, frames, complaints}; pass is null when the fault does
not apply or the means are missing.
"""

import json
import random
import sys
import time
import traceback
from pathlib import Path

import sites
from net import Net, judge

DISSECTORS = {"modbus": "mbtcp", "opcua": "opcua", "mqtt": "mqtt"}


class DoesNotApply(Exception):
    pass


class Cell:
    """What a fault is given: the site, the network, chance with a known seed, and a place for what was seen."""

    def __init__(self, site, net, seed):
        self.site, self.net, self.seed = site, net, seed
        self.chance = random.Random(seed)
        self.notes, self.wrong = [], []

    def say(self, text):
        self.notes.append(text)

    def want(self, condition, text):
        """A claim of the fault; when it does not hold the cell fails, but goes on to see the rest."""
        if not condition:
            self.wrong.append(text)
        return condition

    def attempt(self, check, *arguments):
        """The same for a check that asserts."""
        try:
            return check(*arguments)
        except AssertionError as error:
            self.wrong.append(str(error).split("\n")[0][:400])
            return None

    def begin(self, reconnect_ms=None, **drive):
        """Peer, proxy, capture and driver, until values come. `reconnect_ms`: the longest wait before a reconnect."""
        self.site.start()
        self.net.begin_capture(self.site.proxy.port)
        self.site.begin_ticking()
        if reconnect_ms:
            self.say(f"back-off cap {reconnect_ms} ms")
            drive["environment"] = {"KAREZ_DRIVE_RECONNECT_MS": str(reconnect_ms)}
        return self.site.begin_drive(**drive)

    def finish(self):
        """What holds after every fault: alive, nothing stored that the peer did not have, stops in order."""
        drive = self.site.drive
        if self.want(drive.alive(), f"karez-drive died with {drive.process.returncode}: {drive.log_lines()[-1:]}"):
            checked = self.attempt(self.site.check_values)
            if checked:
                self.say(f"{checked} values as the peer had them")
            return self.attempt(drive.stop)
        return None


def run(driver, peer, fault, folder):
    import faults
    folder.mkdir(parents=True, exist_ok=True)
    site = sites.SITES[driver][0](folder, peer)
    net, begin = Net(folder), time.monotonic()
    cell = Cell(site, net, seed=sum(map(ord, driver + peer + fault)))
    result = {"driver": driver, "peer": peer, "fault": fault, "pass": True}
    try:
        faults.FAULTS[fault][1](cell)
    except DoesNotApply as error:
        result["pass"] = None
        cell.say(str(error))
    except AssertionError as error:
        cell.wrong.append(str(error).split("\n")[0][:400] or traceback.format_exc(limit=-1).strip().split("\n")[-2])
    except Exception:
        cell.wrong.append("the test itself broke: " + " ".join(traceback.format_exc(limit=-2).split("\n")[-4:])[:500])
    except BaseException as error:  # pytest's skip
        result["pass"] = None
        cell.say(f"skipped: {error}")
    if cell.wrong:
        result["pass"] = False
        (folder / "log_end.txt").write_text("\n".join(site.drive.log_lines()[-60:]) if site.drive else "")
    port = site.proxy.port if getattr(site, "proxy", None) else 0
    try:
        site.close()
    finally:
        net.end_capture()
    judged = judge(net.file, port, DISSECTORS[driver]) if result["pass"] is not None else None
    if judged:
        result["frames"], complaints = judged
        result["complaints"] = complaints[:5]
        if complaints:
            result["pass"] = False
            cell.wrong.append(f"tshark complains of {len(complaints)} frames, the first: {complaints[0][:200]}")
    result["note"] = "; ".join([*(f"FAILED: {text}" for text in cell.wrong), *cell.notes])
    result["seconds"] = round(time.monotonic() - begin, 1)
    (folder / "result.json").write_text(json.dumps(result))
    return result


if __name__ == "__main__":
    import os

    import cell  # under its own name, as the faults know it
    print(json.dumps(cell.run(*sys.argv[1:4], Path(sys.argv[4])), ensure_ascii=False, indent=1), flush=True)
    os._exit(0)  # threads of a broken cell must not keep it
