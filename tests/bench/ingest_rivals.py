"""What others do with the bytes that our ingest reads, each in the best way that its manual tells: `ingest_rivals.py NAME FILE FOLDER`
reads the file, writes Parquet (zstd 1) into the folder, and prints how many rows were read, accepted and refused. Two threads.

Checked are ids (layout, region, check character, birth date), dates, phones, names, sex and ethnicity by their lists; digits of full width,
spaces and small letters are put right; a wrong id refuses its row into a file of rejects, another wrong value empties its cell and is noted."""

import json
import pathlib
import subprocess
import sys

COLUMNS = ["证件号码", "姓名", "性别", "民族", "出生日期", "户籍地址", "现住址", "手机", "服务处所", "更新日期"]
NAMES = ["id_no", "name", "sex", "ethnicity", "birth_date", "registered_address", "live_address", "phone", "employer", "observed"]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
WIDE, NARROW = "０１２３４５６７８９Ｘ（）－　", "0123456789X()- "
REGION = "(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|90|99|81|82|83)"
SEX = {"男": "1", "女": "2", "男性": "1", "女性": "2", "1": "1", "2": "2", "0": "0", "9": "9"}
ETHNICITY = {"汉族": "01", "汉": "01", "01": "01", "蒙古族": "02", "蒙古": "02", "02": "02", "回族": "03", "回": "03", "03": "03"}


def iconv(file, folder):
    """The file in UTF-8, as those need it who cannot read GB18030."""
    out = folder / "utf8.csv"
    with open(out, "wb") as sink:
        subprocess.run(["iconv", "-f", "GB18030", "-t", "UTF-8", file], stdout=sink, check=True)
    return out


# DuckDB


def duck(folder):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = 2; SET memory_limit = '16GB'; SET preserve_insertion_order = false; SET temp_directory = '{folder}'")
    return connection


def duckdb_checked(file, folder):
    def listed(column, known):
        return f"CASE {column} " + " ".join(f"WHEN '{word}' THEN '{code}'" for word, code in known.items()) + " END"

    # Digits are taken by their code point; the 18th is looked up.
    digits = " + ".join(f"(ascii(id_no[{at + 1}]) - 48) * {weight}" for at, weight in enumerate(WEIGHTS))
    tidy = ", ".join(f"trim(translate(\"{column}\", '{WIDE}', '{NARROW}')) AS {name}" for column, name in zip(COLUMNS, NAMES))
    date = "try_strptime({0}, '%Y%m%d')::DATE"
    known_id = f"regexp_full_match(id_no, '{REGION}[0-9]{{15}}[0-9X]')"
    connection = duck(folder)
    connection.execute(f"""
        CREATE TEMP TABLE checked AS
        WITH tidy AS (SELECT {tidy} FROM read_csv('{file}', all_varchar = true, header = true)),
        plain AS (SELECT * REPLACE (upper(replace(id_no, ' ', '')) AS id_no, replace(name, ' ', '') AS name, replace(phone, '-', '') AS phone,
                                    replace(registered_address, ' ', '') AS registered_address, replace(live_address, ' ', '') AS live_address) FROM tidy)
        SELECT id_no,
            CASE WHEN NOT {known_id} THEN 'id_format'
                 WHEN substr('10X98765432', ({digits}) % 11 + 1, 1) <> id_no[18] THEN 'id_check_digit'
                 WHEN try_strptime(id_no[7:14], '%Y%m%d') IS NULL THEN 'id_birth_date' END AS refused,
            CASE WHEN NOT regexp_matches(name, '[0-9*?]') THEN name END AS name,
            {listed("sex", SEX)} AS sex, {listed("ethnicity", ETHNICITY)} AS ethnicity,
            {date.format("birth_date")} AS birth_date, birth_date AS birth_text, registered_address, live_address,
            CASE WHEN regexp_full_match(phone, '1[0-9]{{10}}|0[0-9]{{9,11}}|[2-9][0-9]{{6,7}}|[48]00[0-9]{{7}}') THEN phone END AS phone,
            phone AS phone_text, employer, {date.format("observed")} AS observed
        FROM plain""")
    kept = ", ".join(NAMES)
    connection.execute(f"COPY (SELECT {kept} FROM checked WHERE refused IS NULL) TO '{folder}/rows.parquet' (COMPRESSION zstd, COMPRESSION_LEVEL 1)")
    connection.execute(f"""
        COPY (SELECT *, coalesce(refused, CASE WHEN birth_date IS NULL THEN 'date_format' ELSE 'phone_format' END) AS rule FROM checked
              WHERE refused IS NOT NULL OR (birth_date IS NULL AND birth_text <> '') OR (phone IS NULL AND phone_text <> ''))
        TO '{folder}/rejects.parquet' (COMPRESSION zstd, COMPRESSION_LEVEL 1)""")
    return connection.execute("SELECT count(*), count(*) FILTER (refused IS NULL), count(*) FILTER (refused IS NOT NULL) FROM checked").fetchone()


def duckdb_typed(file, folder):
    connection = duck(folder)
    connection.execute(f"COPY (FROM read_csv('{file}')) TO '{folder}/rows.parquet' (COMPRESSION zstd, COMPRESSION_LEVEL 1)")
    return connection.execute(f"SELECT count(*), count(*), 0 FROM '{folder}/rows.parquet'").fetchone()


# Polars


def polars_checked(file, folder):
    import polars as pl

    def tidy(name):
        return pl.col(name).str.replace_many(list(WIDE), list(NARROW)).str.strip_chars()

    def date(name):
        return pl.col(name).str.to_date("%Y%m%d", strict=False)

    rows = pl.scan_csv(file, infer_schema=False, new_columns=NAMES).with_columns(*[tidy(name) for name in NAMES])
    rows = rows.with_columns(
        pl.col("id_no").str.replace_all(" ", "", literal=True).str.to_uppercase(),
        *[pl.col(name).str.replace_all(" ", "", literal=True) for name in ["name", "registered_address", "live_address"]],
        pl.col("phone").str.replace_all("-", "", literal=True),
    )
    sum_of = sum(pl.col("id_no").str.slice(at, 1).cast(pl.UInt32, strict=False) * weight for at, weight in enumerate(WEIGHTS))
    check = sum_of.mod(11).replace_strict(list(range(11)), list("10X98765432"), default=None)
    phone = r"^(1[0-9]{10}|0[0-9]{9,11}|[2-9][0-9]{6,7}|[48]00[0-9]{7})$"
    rows = rows.with_columns(
        pl.when(~pl.col("id_no").str.contains(f"^{REGION}[0-9]{{15}}[0-9X]$")).then(pl.lit("id_format"))
        .when(check != pl.col("id_no").str.slice(17, 1)).then(pl.lit("id_check_digit"))
        .when(pl.col("id_no").str.slice(6, 8).str.to_date("%Y%m%d", strict=False).is_null()).then(pl.lit("id_birth_date")).alias("refused"),
        pl.when(~pl.col("name").str.contains(r"[0-9*?]")).then(pl.col("name")).alias("name"),
        pl.col("sex").replace_strict(SEX, default=None), pl.col("ethnicity").replace_strict(ETHNICITY, default=None),
        date("birth_date"), date("observed"), pl.col("birth_date").alias("birth_text"), pl.col("phone").alias("phone_text"),
        pl.when(pl.col("phone").str.contains(phone)).then(pl.col("phone")).alias("phone"),
    )  # fmt: skip
    is_wrong = (pl.col("birth_date").is_null() & (pl.col("birth_text") != "")) | (pl.col("phone").is_null() & (pl.col("phone_text") != ""))
    good = rows.filter(pl.col("refused").is_null()).select(NAMES)
    bad = rows.filter(pl.col("refused").is_not_null() | is_wrong)
    sinks = [(good, "rows.parquet"), (bad, "rejects.parquet")]
    pl.collect_all([lazy.sink_parquet(folder / name, compression="zstd", compression_level=1, lazy=True) for lazy, name in sinks], engine="streaming")
    accepted = pl.scan_parquet(folder / "rows.parquet").select(pl.len()).collect().item()
    refused = pl.scan_parquet(folder / "rejects.parquet").filter(pl.col("refused").is_not_null()).select(pl.len()).collect().item()
    return accepted + refused, accepted, refused


def polars_typed(file, folder):
    import polars as pl

    schema = dict.fromkeys(COLUMNS, pl.String) | {"更新日期": pl.Int64}
    pl.scan_csv(file, schema=schema).sink_parquet(folder / "rows.parquet", compression="zstd", compression_level=1, engine="streaming")
    rows = pl.scan_parquet(folder / "rows.parquet").select(pl.len()).collect().item()
    return rows, rows, 0


# pyarrow


def pyarrow_checked(file, folder):
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv
    import pyarrow.parquet as pq

    pa.set_cpu_count(2)
    options = pa.csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
    reader = pa.csv.open_csv(file, pa.csv.ReadOptions(encoding="gb18030", block_size=8 << 20), convert_options=options)
    counts, good_file, bad_file = [0, 0, 0], None, None

    def listed(column, known):
        return pc.take(pa.array(list(known.values())), pc.index_in(column, pa.array(list(known))))

    def date(column):
        return pc.strptime(column, "%Y%m%d", "s", error_is_null=True).cast(pa.date32())

    for batch in reader:
        columns = {name: batch.column(at) for at, name in enumerate(NAMES)}
        for name, column in columns.items():
            if pc.any(pc.match_substring_regex(column, f"[{WIDE}]")).as_py():
                for wide, narrow in zip(WIDE, NARROW):
                    column = pc.replace_substring(column, wide, narrow)
            columns[name] = pc.utf8_trim_whitespace(column)
        for name in ["id_no", "name", "registered_address", "live_address"]:
            columns[name] = pc.replace_substring(columns[name], " ", "")
        number = columns["id_no"] = pc.utf8_upper(columns["id_no"])
        has_form = pc.match_substring_regex(number, f"^{REGION}[0-9]{{15}}[0-9X]$")
        shaped = pc.if_else(has_form, number, "000000000000000000")
        sums = None
        for at, weight in enumerate(WEIGHTS):
            part = pc.multiply(pc.utf8_slice_codeunits(shaped, at, at + 1).cast(pa.int32()), weight)
            sums = part if sums is None else pc.add(sums, part)
        rest = pc.subtract(sums, pc.multiply(pc.divide(sums, 11), 11))
        is_right = pc.equal(pc.take(pa.array(list("10X98765432")), rest), pc.utf8_slice_codeunits(shaped, 17, 18))
        is_born = pc.is_valid(date(pc.utf8_slice_codeunits(shaped, 6, 14)))
        is_good = pc.and_(pc.and_(has_form, is_right), is_born)
        born, phone, texts = date(columns["birth_date"]), columns["phone"], (columns["birth_date"], columns["phone"])
        is_phone = pc.match_substring_regex(phone, "^(1[0-9]{10}|0[0-9]{9,11}|[2-9][0-9]{6,7}|[48]00[0-9]{7})$")
        is_wrong = pc.or_(pc.and_(pc.is_null(born), pc.not_equal(texts[0], "")), pc.and_(pc.invert(is_phone), pc.not_equal(texts[1], "")))
        columns["name"] = pc.if_else(pc.match_substring_regex(columns["name"], "[0-9*?]"), None, columns["name"])
        columns |= {"sex": listed(columns["sex"], SEX), "ethnicity": listed(columns["ethnicity"], ETHNICITY)}
        columns |= {"birth_date": born, "observed": date(columns["observed"]), "phone": pc.if_else(is_phone, phone, None)}
        rows = pa.RecordBatch.from_pydict(columns)
        good, bad = rows.filter(is_good), batch.filter(pc.or_(pc.invert(is_good), is_wrong))
        good_file = good_file or pq.ParquetWriter(folder / "rows.parquet", good.schema, compression="zstd", compression_level=1)
        bad_file = bad_file or pq.ParquetWriter(folder / "rejects.parquet", bad.schema, compression="zstd", compression_level=1)
        good_file.write_batch(good)
        bad_file.write_batch(bad)
        counts = [counts[0] + len(rows), counts[1] + len(good), counts[2] + len(rows) - len(good)]
    good_file.close()
    bad_file.close()
    return counts


# Usual readers of other formats: rows to lists of text, nothing checked, nothing written.


def openpyxl_rows(file, _folder):
    import openpyxl

    return sum(1 for _ in openpyxl.load_workbook(file, read_only=True).active.iter_rows(values_only=True)) - 1


def calamine_rows(file, _folder):
    import python_calamine

    return len(python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()) - 1


def lxml_rows(file, _folder):
    from lxml import etree

    return xml_rows(etree, file)


def elementtree_rows(file, _folder):
    import xml.etree.ElementTree as etree

    return xml_rows(etree, file)


def xml_rows(etree, file):
    count = 0
    for _, element in etree.iterparse(file):
        if element.tag == "row":
            count += len([cell.text for cell in element]) > 0
            element.clear()
    return count


def json_rows(file, _folder):
    with open(file, encoding="utf-8") as lines:
        return sum(len(json.loads(line)) > 0 for line in lines)


def orjson_rows(file, _folder):
    import orjson

    with open(file, "rb") as lines:
        return sum(len(orjson.loads(line)) > 0 for line in lines)


def pandas_json_rows(file, _folder):
    import pandas

    return sum(len(chunk) for chunk in pandas.read_json(file, lines=True, dtype=False, convert_dates=False, chunksize=100_000))


def dbfread_rows(file, _folder):
    import dbfread

    return sum(1 for _ in dbfread.DBF(file, encoding="gb18030"))


RIVALS = {
    "iconv+duckdb": lambda file, folder: duckdb_checked(iconv(file, folder), folder),
    "iconv+polars": lambda file, folder: polars_checked(iconv(file, folder), folder),
    "pyarrow": pyarrow_checked,
    "duckdb": duckdb_typed,
    "polars": polars_typed,
    "openpyxl": openpyxl_rows,
    "calamine": calamine_rows,
    "lxml": lxml_rows,
    "ElementTree": elementtree_rows,
    "json": json_rows,
    "orjson": orjson_rows,
    "pandas": pandas_json_rows,
    "dbfread": dbfread_rows,
}

if __name__ == "__main__":
    counted = RIVALS[sys.argv[1]](sys.argv[2], pathlib.Path(sys.argv[3]))
    read, accepted, refused = counted if not isinstance(counted, int) else (counted, counted, 0)
    print(json.dumps({"read": read, "accepted": accepted, "rejected": refused}))
