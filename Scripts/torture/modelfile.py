"""Model files as the program writes them: safetensors with a checksum of what they say."""
import json
import struct

PREFIX = "rnncore."
CHECKSUM = PREFIX + "checksum"


def make_table():
    """What eight shifts make of each byte (CRC-64/XZ)."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0xC96C5795D7870F42 if value & 1 else value >> 1
        table.append(value)
    return table


TABLE = make_table()


def crc64(data):
    """The check of bytes; of b"123456789" it is 995dc9bbdf1939fa."""
    register = 2**64 - 1
    for byte in data:
        register = TABLE[(register ^ byte) & 255] ^ register >> 8
    return register ^ 2**64 - 1


def read(path):
    """Metadata, tensors by name as (type, shape, bytes)."""
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    body = data[8 + length:]
    return metadata, {
        name: (tensor["dtype"], tensor["shape"], body[slice(*tensor["data_offsets"])])
        for name, tensor in header.items()
    }


def encode(metadata, tensors, header_change=None):
    """The bytes of a file, with the checksum that belongs to what it says.

    - header_change: is given the header as a dictionary before it is written.
    """
    metadata = {**metadata, CHECKSUM: f"crc64:{crc64(content(metadata, tensors)):016x}"}
    header, body = {"__metadata__": metadata}, b""
    for name, (kind, shape, data) in tensors.items():
        ends = [len(body), len(body) + len(data)]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": ends}
        body += data
    if header_change:
        header_change(header)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass")
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def content(metadata, tensors):
    """What the checksum is of: metadata by key, then tensors by name."""
    def item(text):
        data = text.encode("utf-8", "surrogatepass")
        return struct.pack("<Q", len(data)) + data

    parts = [
        item(key) + item(value) for key, value in sorted(
            metadata.items(), key=lambda entry: entry[0].encode()) if key != CHECKSUM]
    for name in sorted(tensors, key=lambda name: name.encode()):
        kind, shape, data = tensors[name]
        parts.append(item(name) + item(kind) + item(str(shape)) + data)
    return b"".join(parts)


def comparable(path):
    """All that two runs that are the same have in common: everything but times."""
    metadata, tensors = read(path)
    texts = {}
    for key, value in metadata.items():
        if key != CHECKSUM:
            try:
                texts[key] = untimed(json.loads(value))
            except ValueError:
                texts[key] = value
    return texts, tensors


def untimed(value):
    """JSON without the seconds in it."""
    if isinstance(value, dict):
        return {key: untimed(one) for key, one in value.items() if key != "seconds"}
    if isinstance(value, list):
        return [untimed(one) for one in value]
    return value
