"""Files that would harm whoever reads them, through the program as built: each is handed to `wuwei check` with 256 MiB of memory and 10
seconds of the processor, and has to end in an answer or in one sentence, never in a reader that broke or ran into a limit.
Usage: python3 tests/bench/hostile.py PROGRAM [FOLDER]; without a folder only the files that are made here."""

import collections, io, os, pathlib, struct, subprocess, sys, tempfile, time, zipfile, zlib

LIMITS = ["--memory-mb", "256", "--seconds", "10"]
DIED = ["needs more than", "reader broke", "did not go on", "was ended from outside", "its reader sent", "a defect of the program"]


def packed(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def overlapping(count):
    """`count` names in the list of a ZIP, all of one entry."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"0" * (1 << 24)
    body = body.compress(data) + body.flush()
    numbers = (20, 0, 8, 0, 0, zlib.crc32(data), len(body), len(data), 1, 0)
    out = b"PK\3\4" + struct.pack("<HHHHHIIIHH", *numbers) + b"a" + body
    at = len(out)
    for number in range(count):
        name = b"%d" % number
        numbers = (20, 20, 0, 8, 0, 0, zlib.crc32(data), len(body), len(data), len(name), 0, 0, 0, 0, 0, 0)
        out += b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", *numbers) + name
    return out + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(out) - at, at, 0)


def book(sheet, strings=b"<sst/>"):
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    relation = '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/>'
    relations = lambda kind, target: ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                                      + relation % (kind, target) + "</Relationships>").encode()
    main = (b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>')
    return packed([("[Content_Types].xml", types), ("_rels/.rels", relations("officeDocument", "xl/workbook.xml")),
                   ("xl/workbook.xml", main), ("xl/_rels/workbook.xml.rels", relations("worksheet", "worksheets/sheet1.xml")),
                   ("xl/sharedStrings.xml", strings), ("xl/worksheets/sheet1.xml", sheet)])


def made():
    """Files made to hurt, each with a name that says how."""
    zeros = b"0" * (200 << 20)
    yield "bomb.zip", packed([("a.csv", zeros)])
    yield "bomb-in-bomb.zip", packed([("a.zip", packed([("a.csv", zeros)]))])
    yield "bomb-of-many.zip", packed([(f"{n}.csv", zeros[: 1 << 20]) for n in range(1500)])
    yield "overlapping.zip", overlapping(1000)
    yield "names.zip", packed([("../" * 300 + "a.csv", b"a"), ("/etc/cron.d/a", b"a")])
    yield "many.zip", packed([(f"{n}", b"") for n in range(60_000)], zipfile.ZIP_STORED)
    yield "bomb.xlsx", book(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + b"<row/>" * (40 << 20))
    yield "cell.xlsx", book(b"<worksheet><sheetData><row><c t='str'><v>" + zeros)
    yield "strings.xlsx", book(b"<worksheet/>", b'<sst uniqueCount="4000000000">' + b"<si/>" * 20_000_000)
    yield "deep.json", b"[" * (50 << 20)
    yield "deeper.json", b'{"a":' * (20 << 20)
    yield "text.json", b'{"a":"' + zeros
    yield "names.json", b"{" + b",".join(b'"%d":{"a":1}' % n for n in range(2_000_000)) + b"}"
    yield "line.ndjson", b'{"a":1}\n' * 3_000_000 + b'{"a":"' + zeros[: 60 << 20]
    yield "laughs.xml", b'<!DOCTYPE a [<!ENTITY b "x">' + b"".join(b'<!ENTITY b%d "&b%d;&b%d;">' % (n + 1, n, n) for n in range(60)) + b"]><a>&b60;</a>"
    yield "deep.xml", b"<a>" * (30 << 20)
    yield "attributes.xml", b"<a " + b" ".join(b'a%d="1"' % n for n in range(2_000_000)) + b"/>"
    yield "comment.xml", b"<a><!--" + zeros
    yield "records.dbf", struct.pack("<BBBBIHH", 3, 126, 1, 1, 0xFFFFFFFF, 65, 2) + b"\0" * 20 + b"A\0\0\0\0\0\0\0\0\0\0C\0\0\0\0\1" + b"\0" * 15 + b"\r 1"
    yield "wide.dbf", struct.pack("<BBBBIHH", 3, 126, 1, 1, 1, 65535, 65535) + b"\0" * 20 + b"A\0\0\0\0\0\0\0\0\0\0C\0\0\0\0\1" + b"\0" * 70_000
    yield "footer.parquet", b"PAR1" + b"\x15\xff\xff\xff\xff\x0f" * 100 + struct.pack("<I", 600) + b"PAR1"
    yield "line.csv", zeros
    yield "commas.csv", b"," * (100 << 20)
    yield "quotes.csv", b'"' * (50 << 20) + b"\n"


def ended(program, path):
    """How `check` ended, in how many seconds."""
    began = time.monotonic()
    done = subprocess.run([program, "check", str(path), *LIMITS], capture_output=True)
    said = done.stderr.decode(errors="replace")
    cause = next((cause for cause in DIED if cause in said), None)
    if cause is None:
        cause = "understood" if done.returncode == 0 else "refused in a sentence" if "hint: " in said else "without a sentence"
    return cause, time.monotonic() - began, said.strip()


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        for name, data in made():
            pathlib.Path(folder, name).write_bytes(data)
        groups = {"made here": folder}
        if len(sys.argv) > 2:
            groups |= {entry.name: entry.path for entry in sorted(os.scandir(sys.argv[2]), key=lambda entry: entry.name) if entry.is_dir()}
        for group, root in groups.items():
            told, slowest, wrong = collections.Counter(), (0, ""), []
            for path in sorted(path for path in pathlib.Path(root).rglob("*") if path.is_file()):
                cause, seconds, said = ended(program, path)
                told[cause] += 1
                slowest = max(slowest, (seconds, path.name))
                if cause not in ("understood", "refused in a sentence"):
                    wrong.append(f"  {path.name}: {said[:300]}")
            print(f"{group}: {dict(told)}, slowest {slowest[0]:.1f} s ({slowest[1]})", *wrong, sep="\n", flush=True)


main()
