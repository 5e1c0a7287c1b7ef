# SPDX-License-Identifier: Apache-2.0
"""The network of one cell: packets are dropped by the kernel and captured where that is allowed, else the proxy stands in."""

import os
import shutil
import signal
import subprocess

from proxy import Hold, Mode

TABLE = """
table inet karez_faults {{
  chain input {{
    type filter hook input priority 0; policy accept;
    tcp dport {port} drop
    tcp sport {port} drop
  }}
}}
"""

# Of topics spBv1.0/STATE/<host id>, as Sparkplug 3.0 has them (5.16); the dissector knows only group/type/node.
NO_COMPLAINT = "Missing Edge Node ID"


class Net:
    def __init__(self, folder):
        self.own = os.environ.get("KAREZ_FAULTS_NETNS") == "1"  # the runner gave this process a network of its own
        self.nft = shutil.which("nft", path=os.environ["PATH"] + ":/usr/sbin") if self.own else None
        self.dumpcap = shutil.which("dumpcap") if self.own else None
        self.folder, self.capture, self.file = folder, None, None

    def means(self):
        return "packets dropped by nftables in a network namespace" if self.nft else \
            "weaker: the proxy holds all bytes, no packet is lost"

    def drop(self, proxy):
        """From now on nothing passes between driver and proxy, both ways, without a word."""
        if self.nft:
            subprocess.run([self.nft, "-f", "-"], input=TABLE.format(port=proxy.port), text=True, check=True)
        else:
            proxy.set(Hold())

    def restore(self, proxy):
        if self.nft:
            subprocess.run([self.nft, "delete", "table", "inet", "karez_faults"], check=True)
        else:
            proxy.set(Mode())

    def begin_capture(self, port):
        if not self.dumpcap:
            return
        self.file = self.folder / f"port{port}.pcapng"
        self.capture = subprocess.Popen([self.dumpcap, "-q", "-i", "lo", "-f", f"tcp port {port}", "-B", "64",
                                         "-w", self.file], stderr=subprocess.PIPE, text=True)
        for line in self.capture.stderr:  # it has begun when it names the file
            if line.startswith("File:"):
                return
        self.dumpcap = None

    def end_capture(self):
        if self.capture and self.capture.poll() is None:
            self.capture.send_signal(signal.SIGINT)
            self.capture.stderr.read()
            self.capture.wait(30)


def judge(file, port, protocol):
    """What tshark finds wrong in what the driver sent to `port`: (frames sent, list of complaints); None: not judged."""
    tshark = shutil.which("tshark")
    if not tshark or not file or not file.exists():
        return None
    base = [tshark, "-n", "-r", file, "-d", f"tcp.port=={port},{protocol}"]

    def frames(what):
        done = subprocess.run([*base, "-Y", f"tcp.dstport=={port} && {what}", "-T", "fields", "-e", "frame.number",
                               "-e", "_ws.col.info", "-e", "_ws.expert.message"], capture_output=True, text=True, timeout=900)
        return [line for line in done.stdout.splitlines() if line]
    complaints = [line for line in frames("(_ws.malformed || _ws.expert.severity == error)")
                  if not line.endswith(f"\t{NO_COMPLAINT}")]
    layer = {"mbtcp": "mbtcp", "opcua": "opcua", "mqtt": "mqtt"}[protocol]
    return len(frames(layer)), complaints
