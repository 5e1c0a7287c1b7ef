# SPDX-License-Identifier: Apache-2.0
"""What Karez writes as a ledger, read and checked by a program that knows only its published format."""

import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import ledger_reader as reader

ROOT = Path(__file__).resolve().parents[3]
BAD = (reader.Damaged, OSError, ValueError, IndexError, struct.error)


@pytest.fixture
def program():
    path = Path(os.environ.get("KAREZ_BIN", ROOT / "build/dev/bin/karez")).parent / "karez-ledger"
    assert path.exists(), f"{path} is not built"

    def run(*words, fails=False):
        done = subprocess.run([path, *map(str, words)], capture_output=True, text=True, timeout=60)
        assert (done.returncode != 0) == fails, done.stderr + done.stdout
        return json.loads(done.stdout) if done.stdout else None

    return run


def entry_of(n):
    """The entry that karez-ledger writes as number n."""
    def digest(what):
        return hashlib.sha256(f"{what} {n}".encode()).digest()

    return {"seq": n, "time": 1_784_000_000_000_000_000 - n * 1_000_003, "tenant": n % 3, "actor_kind": n % 3,
            "outcome": n // 3 % 3, "actor": f"u{n % 11}" if n % 3 else "",
            "action": "point.write" if n % 2 else "device.create", "object_kind": "device" if n % 5 else "",
            "object_id": f"泵-{n % 7}", "source": "2001:db8::7" if n % 4 else "",
            "details": f'{{"a":"é","b":[true,null,0.5],"n":{n}}}' if n % 6 else "",
            "before": digest("before") if n % 2 else None, "after": digest("after") if n % 3 else None}


def naive_root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else reader.sha256(b"")
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return reader.node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def test_reads_what_was_written_over_several_files_and_starts(program, tmp_path):
    program("write", tmp_path / "l", 0, 700, 16384)
    program("write", tmp_path / "l", 700, 1, 16384)
    program("write", tmp_path / "l", 701, 99, 16384)
    found = reader.check(tmp_path / "l")
    assert found["entries"] == [entry_of(n) for n in range(800)]
    assert found["signed"] == 800 and found["rest"] == 0
    assert len(list((tmp_path / "l/log").glob("*.log"))) >= 3
    said = program("verify", tmp_path / "l")
    assert (said["entries"], said["signed"], said["root"], said["key"]) == (800, 800, found["root"], found["key"])
    assert subprocess.run([sys.executable, reader.__file__, tmp_path / "l", found["key"]]).returncode == 0


def test_proofs_hold_against_roots_of_its_own(program, tmp_path):
    program("write", tmp_path / "l", 0, 300)
    frames = (tmp_path / "l/log/0000000000000000.log").read_bytes()
    leaves = [leaf for _, _, leaf in reader.read_log(frames, reader.Tree())[0]]
    for seq, size in [(0, 1), (0, 300), (299, 300), (255, 256), (256, 257), (128, 300), (77, 131)]:
        proof = program("inclusion", tmp_path / "l", seq, size)
        root = naive_root(leaves[:size])
        assert proof["root"] == root.hex() and proof["leaf"] == leaves[seq].hex()
        path = [bytes.fromhex(h) for h in proof["path"]]
        assert reader.verify_inclusion(leaves[seq], seq, size, path, root)
        assert not reader.verify_inclusion(leaves[seq], seq, size, path, reader.sha256(b"other"))
    for first, second in [(1, 2), (1, 300), (255, 256), (256, 300), (130, 131), (7, 299)]:
        proof = program("consistency", tmp_path / "l", first, second)
        roots = naive_root(leaves[:first]), naive_root(leaves[:second])
        path = [bytes.fromhex(h) for h in proof["path"]]
        assert reader.root_from_consistency(first, second, roots[0], path) == roots


def test_reads_what_a_crash_left(program, tmp_path):
    program("write", tmp_path / "l", 0, 20)
    program("crash", tmp_path / "l", 20, 30)
    found = reader.check(tmp_path / "l")
    assert found["entries"] == [entry_of(n) for n in range(50)]
    with (tmp_path / "l/log/0000000000000000.log").open("ab") as log:
        log.write(b"KZLE torn")
    assert reader.check(tmp_path / "l")["rest"] == 9
    program("write", tmp_path / "l", 50, 5)
    found = reader.check(tmp_path / "l")
    assert (len(found["entries"]), found["signed"], found["rest"]) == (55, 55, 0)


def test_both_see_every_damage(program, tmp_path):
    program("write", tmp_path / "good", 0, 300, 16384)
    files = [p for p in (tmp_path / "good").rglob("*") if p.is_file() and p.name not in ("lock", "key")]
    rng = random.Random(4)
    for i in range(60):
        shutil.rmtree(tmp_path / "bad", ignore_errors=True)
        shutil.copytree(tmp_path / "good", tmp_path / "bad")
        victim = tmp_path / "bad" / files[i % len(files)].relative_to(tmp_path / "good")
        data = bytearray(victim.read_bytes())
        at = rng.randrange(len(data))
        if i % 5 == 4:
            del data[at:]
        else:
            data[at] ^= 1 << rng.randrange(8)
        victim.write_bytes(data)
        with pytest.raises(BAD):
            reader.check(tmp_path / "bad")
        assert program("verify", tmp_path / "bad", fails=True)["damage"].startswith("ledger."), victim
