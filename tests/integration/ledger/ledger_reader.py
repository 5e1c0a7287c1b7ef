# SPDX-License-Identifier: Apache-2.0
"""Reads and checks a ledger by docs/formats/ledger.md alone: nothing here comes from the program.

Usage: ledger_reader.py FOLDER [PUBLIC KEY]
"""

import base64
import hashlib
import json
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Damaged(Exception):
    pass


def need(condition, text):
    if not condition:
        raise Damaged(text)


def _crc_table():
    table = []
    for i in range(256):
        for _ in range(8):
            i = (i >> 1) ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    return table


CRC_TABLE = _crc_table()


def crc32c(data):
    c = 0xFFFFFFFF
    for b in data:
        c = CRC_TABLE[(c ^ b) & 255] ^ (c >> 8)
    return c ^ 0xFFFFFFFF


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


class Tree:
    """Root and complete subtrees of a growing list of leaves."""

    def __init__(self):
        self.size, self.edge, self.complete = 0, [], {}

    def add(self, leaf):
        grown, level, bits = leaf, 0, self.size
        while bits & 1:
            grown = node_hash(self.edge.pop(), grown)
            bits >>= 1
            level += 1
            if level % 8 == 0:
                self.complete.setdefault(level, []).append(grown)
        self.edge.append(grown)
        self.size += 1

    def root(self):
        if not self.edge:
            return sha256(b"")
        out = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            out = node_hash(left, out)
        return out


def canonical_base64(text, size):
    data = base64.b64decode(text, validate=True)
    need(len(data) == size and base64.b64encode(data).decode() == text, "base64 is not canonical")
    return data


def read_public_key(line):
    name, key_id, encoded = line.split("+", 2)
    data = canonical_base64(encoded, 33)
    need(data[0] == 1, "the key is not Ed25519")
    own = sha256(name.encode() + b"\n" + data)[:4]
    need(own.hex() == key_id, "key and key id do not belong together")
    return name, own, data[1:]


def read_head(note, key_line):
    """(size, root) of a signed head."""
    name, key_id, key = read_public_key(key_line)
    text, found, signatures = note.partition("\n\n")
    need(found and signatures.endswith("\n"), "the head has no signature")
    text += "\n"
    lines = text.split("\n")
    need(len(lines) == 4 and lines[0] == name and str(int(lines[1])) == lines[1], "the head cannot be read")
    good = False
    for line in signatures[:-1].split("\n"):
        dash, signer, encoded = line.split(" ")
        need(dash == "\u2014", "a signature line cannot be read")
        data = base64.b64decode(encoded, validate=True)
        if signer != name or data[:4] != key_id:
            continue
        need(canonical_base64(encoded, 68) == data, "the signature cannot be read")
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(data[4:], text.encode())
        except InvalidSignature:
            raise Damaged("the signature of the head is wrong") from None
        good = True
    need(good, "the head is not signed by the key")
    return int(lines[1]), canonical_base64(lines[2], 32)


def read_entry(data):
    need(data[0] == 1, "unknown version of an entry")
    seq, time, tenant, actor_kind, outcome, flags = struct.unpack_from("<QqIBBB", data, 1)
    need(actor_kind <= 2 and outcome <= 2 and flags <= 3, "a field of the entry is out of range")
    at, texts = 24, []
    for limit in (128, 64, 64, 256, 64, 8192):
        (length,) = struct.unpack_from("<H", data, at)
        need(length <= limit and at + 2 + length <= len(data), "a text of the entry is too long")
        texts.append(data[at + 2:at + 2 + length].decode())
        at += 2 + length
    hashes = []
    for bit in (1, 2):
        hashes.append(data[at:at + 32] if flags & bit else None)
        at += 32 if flags & bit else 0
    need(at == len(data), "the entry has another length")
    names = ("actor", "action", "object_kind", "object_id", "source", "details")
    entry = dict(zip(names, texts))
    if entry["details"]:
        canonical = json.dumps(json.loads(entry["details"]), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        need(canonical == entry["details"], "the details are not canonical")
    return {"seq": seq, "time": time, "tenant": tenant, "actor_kind": actor_kind, "outcome": outcome,
            "before": hashes[0], "after": hashes[1], **entry}


def read_log(data, tree):
    """(offset, entry, leaf) of each frame, and the bytes behind the last."""
    need(len(data) >= 64 and data[:16] == b"KZLEDGR1\x01" + bytes(7), "the beginning of a log file is damaged")
    first, root, zero, crc = struct.unpack_from("<Q32sII", data, 16)
    need(zero == 0 and crc32c(data[:60]) == crc, "the beginning of a log file is damaged")
    need(first == tree.size, f"entry {tree.size} is missing")
    need(root == tree.root(), "a log file was written after other entries")
    at, out = 64, []
    while at < len(data):
        if at + 28 > len(data):
            break
        magic, length, seq, back, crc, head_crc = struct.unpack_from("<4sIQIII", data, at)
        payload = data[at + 28:at + 28 + length]
        if magic != b"KZLE" or crc32c(data[at:at + 24]) != head_crc or len(payload) != length or crc32c(payload) != crc:
            break
        entry = read_entry(payload)
        need(seq == entry["seq"] == tree.size and back <= len(out), f"entry {tree.size} is missing")
        leaf = leaf_hash(payload)
        tree.add(leaf)
        out.append((at, entry, leaf))
        at += 28 + length
    return out, len(data) - at


def check_index(data, first, frames, signed):
    need(len(data) >= 32 and data[:16] == b"KZLEDIX1\x01" + bytes(7), "the beginning of an index is damaged")
    start, zero, crc = struct.unpack_from("<QII", data, 16)
    need(start == first and zero == 0 and crc32c(data[:28]) == crc, "the beginning of an index is damaged")
    for n, (offset, entry, leaf) in enumerate(frames):
        record = struct.pack("<32sqIIIII", leaf, entry["time"], offset, entry["tenant"],
                             crc32c(bytes([entry["actor_kind"]]) + entry["actor"].encode()),
                             crc32c(entry["action"].encode()),
                             crc32c(entry["object_kind"].encode() + b"\0" + entry["object_id"].encode()))
        record += struct.pack("<I", crc32c(record))
        if first + n < signed:
            need(data[32 + 64 * n:96 + 64 * n] == record, f"the index record of entry {first + n} is wrong")


def check(folder, key_line=None):
    """Entries, signed size and root of the ledger in `folder`; raises Damaged."""
    folder = Path(folder)
    own_key = (folder / "key.pub").read_text(encoding="ascii")
    need(own_key.endswith("\n"), "the public key is cut")
    need(key_line in (None, own_key[:-1]), "the key is another one")
    signed, signed_root = read_head((folder / "head").read_text(encoding="utf-8"), own_key[:-1])
    tree, entries, roots = Tree(), [], None
    logs = sorted((folder / "log").glob("*.log"))
    rest = 0
    if signed == 0:
        roots = tree.root()
    for path in logs:
        need(rest == 0, "a log file that is not the newest ends in bytes that are no entry")
        first = tree.size
        need(path.name == f"{first:016x}.log", f"entry {first} is missing")
        before = Tree()
        before.size, before.edge = tree.size, list(tree.edge)
        frames, rest = read_log(path.read_bytes(), tree)
        check_index(path.with_suffix(".idx").read_bytes(), first, frames, signed)
        entries += [entry for _, entry, _ in frames]
        if before.size < signed <= tree.size:
            for _, _, leaf in frames[:signed - before.size]:
                before.add(leaf)
            roots = before.root()
    need(tree.size >= signed, f"the head names {signed} entries, there are {tree.size}: entries were removed")
    need(roots == signed_root, "the entries do not give the signed root")
    for level in range(8, 64, 8):
        hashes = tree.complete.get(level, [])
        path = folder / "tree" / f"{level:02}"
        stored = path.read_bytes() if path.exists() else b""
        count = signed >> level
        need(stored[:32 * count] == b"".join(hashes[:count]), f"the hashes of level {level} are wrong")
    return {"entries": entries, "signed": signed, "root": tree.root().hex(), "key": own_key[:-1], "rest": rest}


def verify_inclusion(leaf, seq, size, path, root):
    fn, sn, r = seq, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def root_from_consistency(first, second, first_root, path):
    """Both roots that the path leads to, by RFC 9162, section 2.1.4.2."""
    path = ([first_root] if first & (first - 1) == 0 else []) + list(path)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr) if sn == 0 else None


if __name__ == "__main__":
    try:
        found = check(*sys.argv[1:])
    except (Damaged, OSError, ValueError, IndexError, struct.error) as e:
        sys.exit(f"damaged: {e}")
    print(f"{len(found['entries'])} entries, {found['signed']} signed, root {found['root']}, key {found['key']}")
