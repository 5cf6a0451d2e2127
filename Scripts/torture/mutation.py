"""Changes to the bytes of a file that a disk, an editor or an enemy would make."""
import gzip

NUMBERS = [
    b"0", b"-1", b"2147483648", b"4294967296", b"4611686018427387904", b"9223372036854775807",
    b"99999999999999999999", b"1e-45", b"1e308", b"1e309", b"nan", b"inf", b"-0", b"0x10",
]
TOKENS = [
    b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b"\r\n", b"\n\n", b"\t", b",", b":", b'"',
    b"\\u0000", b"\x1b[31m", b"\xe2\x80\xae", "👩‍🚀".encode(), b"\xed\xa0\x80", b"\xc0\x80",
    b"(", b")", b"[", b"]", b"{", b"}", b"<unknown>", b"@data", b"#",
]


def mutate(data, draw):
    """One to four changes of some bytes."""
    for _ in range(draw.choice([1, 1, 1, 2, 4])):
        data = draw.choice(CHANGES)(data, draw)
    return data


def flip(data, draw):
    """Flip a bit."""
    if not data:
        return b"\1"
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1:]


def delete(data, draw):
    """Leave some bytes out."""
    at = draw.randrange(len(data) + 1)
    return data[:at] + data[at + draw.choice([1, 2, 8, 100]):]


def repeat(data, draw):
    """Write some bytes twice, or very often."""
    at = draw.randrange(len(data) + 1)
    part = data[at:at + draw.choice([1, 8, 100])]
    return data[:at] + part * draw.choice([2, 2, 3, 1000]) + data[at:]


def truncate(data, draw):
    """Cut the end off, perhaps all."""
    return data[:draw.choice([0, 1, draw.randrange(len(data) + 1)])]


def insert(data, draw):
    """Put in bytes that mean something to some reader."""
    at = draw.choice([0, len(data), draw.randrange(len(data) + 1)])
    return data[:at] + draw.choice(TOKENS) + data[at:]


def replace_number(data, draw):
    """Put a hostile number in the place of one."""
    digits = [i for i, byte in enumerate(data[:100_000]) if byte in b"0123456789"]
    if not digits:
        return insert(data, draw)
    at = draw.choice(digits)
    start, end = at, at
    while start and data[start - 1] in b"0123456789.-+e":
        start -= 1
    while end < len(data) and data[end] in b"0123456789.-+e":
        end += 1
    return data[:start] + draw.choice(NUMBERS) + data[end:]


def scatter(data, draw):
    """Put random bytes in the place of some."""
    at = draw.randrange(len(data) + 1)
    count = draw.choice([1, 4, 16])
    return data[:at] + draw.randbytes(count) + data[at + count:]


def lengthen(data, draw):
    """Make a line very long."""
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice([b"x", b" ", b"a ", b"0,", b"9"]) * 200_000 + data[at:]


def nest(data, draw):
    """Open very many brackets."""
    at = draw.choice([0, draw.randrange(len(data) + 1)])
    return data[:at] + draw.choice([b"[", b"(", b'{"a":', b"(S "]) * 100_000 + data[at:]


def pack(data, draw):
    """Pack the file, and perhaps damage what is packed."""
    packed = gzip.compress(data)
    return draw.choice([lambda data, draw: data, flip, truncate, repeat])(packed, draw)


CHANGES = [
    flip, flip, delete, repeat, truncate, insert, insert, replace_number, replace_number, scatter,
    lengthen, nest, pack,
]
