#!/usr/bin/env python3
"""The real ADBC driver for Flight SQL against `wuwei serve --flight`: what it can do, and what it must not get.

    tests/bench/flight_clients.py PROGRAM DATA [--python DIR]

PROGRAM is the program built with `--features flight`, DATA the folder of a hub with people in it (`wuwei demo --people 1500 --no-serve`). The
driver, its manager and pyarrow come from PyPI into a virtual environment (`--python`, made when it is not there). One line an ability is
printed; it ends with 1 when one failed."""

import argparse
import base64
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import urllib.request
import venv

PACKAGES = ["adbc-driver-flightsql", "pyarrow", "pandas", "polars"]
POLICIES = pathlib.Path(__file__).resolve().parents[1] / "serve" / "policies"
PURPOSE = "低保核对"
# With the name before it no multiple of three bytes, so that it shows how the driver ends its base64.
PASSWORD = "four words of mine!"
FAILED = []


def told(client, ability, error=None):
    line = f"{client:32} {ability:40} {'ok' if error is None else 'FAILED: ' + ' '.join(str(error).split())[:300]}"
    print(line, flush=True)
    if error is not None:
        FAILED.append(line)


# What every script begins with: `tried` prints one line of JSON an ability.
BEGIN = r'''
import json, sys, threading, time, urllib.parse
import adbc_driver_manager, adbc_driver_flightsql, pyarrow
from adbc_driver_flightsql import dbapi, DatabaseOptions
given = json.loads(sys.argv[1])
import importlib.metadata
NAME = "adbc-driver-flightsql " + importlib.metadata.version("adbc-driver-flightsql")

def tried(ability, work, client=NAME):
    try:
        work()
    except Exception as error:
        print(json.dumps([client, ability, f"{type(error).__name__}: {error}"]), flush=True)
    else:
        print(json.dumps([client, ability, None]), flush=True)

def connect(purpose=None, token=None, **more):
    options = dict(more)
    if token is not None:
        options[DatabaseOptions.AUTHORIZATION_HEADER.value] = f"Bearer {token}"
    if purpose is not None:
        options[DatabaseOptions.RPC_CALL_HEADER_PREFIX.value + "wuwei-purpose"] = urllib.parse.quote(purpose)
    return dbapi.connect(given["address"], db_kwargs=options, autocommit=True)

def refused(work, *words):
    try:
        work()
    except Exception as error:
        text = str(error)
        assert all(word.lower() in text.lower() for word in words), text
        return text
    raise AssertionError("it was answered")
'''

# By policies that let whoever tests see everything.
ALL = BEGIN + r'''
# Takes minutes, and no memory.
LONG = "SELECT count(*) AS n FROM record.person a JOIN record.person b ON levenshtein(a.name || a.name, b.name || b.name) < a.record_id - b.record_id"
connection = connect(given["purpose"], given["token"])

def table(question, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(question, parameters)
        return cursor.fetch_arrow_table()

def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, birth_date FROM entity.person WHERE name IS NOT NULL LIMIT 10")
        found = cursor.fetchall()
        assert len(found) == 10 and isinstance(found[0][0], str), found

def arrow():
    found = table("SELECT entity_id, name, TRY_CAST(birth_date AS DATE) AS born, make_array(1, 2) AS some FROM entity.person ORDER BY entity_id LIMIT 100")
    kinds = [str(field.type) for field in found.schema]
    assert found.num_rows == 100 and kinds[:3] == ["int64", "string", "date32[day]"] and kinds[3].startswith("list<"), kinds

def large():
    number = table("SELECT count(*) AS n FROM record.person").column(0)[0].as_py()
    found = table("SELECT p.*, c.name AS again FROM record.person p JOIN record.person c USING (record_id)")
    assert found.num_rows == number and found.nbytes > 300_000, (found.num_rows, number, found.nbytes)

def stream():
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_id FROM record.person")
        reader = cursor.fetch_record_batch()
        assert sum(batch.num_rows for batch in reader) > 1000

def parameters():
    first = table("SELECT entity_id, name FROM entity.person WHERE birth_date > '1950' LIMIT 1").to_pylist()[0]
    found = table("SELECT name FROM entity.person WHERE entity_id = $1 AND name = $2", (first["entity_id"], first["name"]))
    assert found.to_pylist() == [{"name": first["name"]}], found
    nobody = table("SELECT name FROM entity.person WHERE name = $1", ("x' OR 1 = 1 --",))
    assert nobody.num_rows == 0, nobody
    day = __import__("datetime").date(1900, 1, 1)
    dated = table("SELECT count(*) AS n FROM entity.person WHERE TRY_CAST(birth_date AS DATE) > $1 AND $2 IS NULL", (day, None))
    assert dated.column(0)[0].as_py() > 100, dated

def without_values():
    with connection.cursor() as cursor:
        refused(lambda: cursor.execute("SELECT name FROM entity.person WHERE entity_id = $1"), "values")

def schema():
    with connection.cursor() as cursor:
        found = cursor.adbc_execute_schema("SELECT entity_id, name FROM entity.person")
        assert found.names == ["entity_id", "name"], found

def objects():
    found = connection.adbc_get_objects(depth="all").read_all().to_pylist()
    assert [catalogue["catalog_name"] for catalogue in found] == ["wuwei"], found
    schemas = {schema["db_schema_name"]: schema["db_schema_tables"] for schema in found[0]["catalog_db_schemas"]}
    person = [table for table in schemas["record"] if table["table_name"] == "person"][0]
    assert person["table_type"] == "TABLE" and any(column["column_name"] == "record_id" for column in person["table_columns"]), person
    assert any(table["table_type"] == "VIEW" for table in schemas["indicator"]), schemas["indicator"]

def narrowed():
    found = connection.adbc_get_objects(depth="tables", db_schema_filter="rec%", table_name_filter="p_rson").read_all().to_pylist()
    names = [(schema["db_schema_name"], table["table_name"]) for schema in found[0]["catalog_db_schemas"] for table in schema["db_schema_tables"] or []]
    assert names == [("record", "person")], names

def table_schema():
    found = connection.adbc_get_table_schema("person", db_schema_filter="record")
    assert "record_id" in found.names and str(found.field("record_id").type) == "int64", found

def about():
    assert connection.adbc_get_table_types() == ["TABLE", "VIEW"], connection.adbc_get_table_types()
    found = connection.adbc_get_info()
    assert found["vendor_name"] == "wuwei", found

def cancelled():
    cursor, seen = connection.cursor(), []
    def ask():
        try:
            cursor.execute(LONG)
            cursor.fetchall()
            seen.append("it was answered")
        except Exception as error:
            seen.append(str(error))
    thread = threading.Thread(target=ask)
    begun = time.time()
    thread.start()
    time.sleep(3)
    cursor.adbc_cancel()
    thread.join(20)
    assert seen and "cancel" in seen[0].lower() and time.time() - begun < 15, (seen, time.time() - begun)
    assert table("SELECT 1 AS one").column(0)[0].as_py() == 1, "the connection goes on"

def writes():
    for statement in ["DELETE FROM record.person", "CREATE TABLE x (a INT)", "SELECT 1; SELECT 2"]:
        with connection.cursor() as cursor:
            refused(lambda: cursor.execute(statement), "hint: ")

def ingests():
    with connection.cursor() as cursor:
        refused(lambda: cursor.adbc_ingest("x", pyarrow.table({"a": [1]}), mode="create"))

def errors():
    with connection.cursor() as cursor:
        refused(lambda: cursor.execute("SELECT nothing FROM record.person"), "nothing", "hint: ")
        text = refused(lambda: (cursor.execute("SELECT CAST(name AS BIGINT) AS n FROM record.person"), cursor.fetchall()), "hint: ")
        assert "99010" not in text, text

def wrong_token():
    wrong = given["token"][:-1] + ("1" if given["token"].endswith("0") else "0")
    refused(lambda: connect(given["purpose"], wrong).cursor().execute("SELECT 1 AS one"), "nobody is known")
    refused(lambda: connect(given["purpose"]).cursor().execute("SELECT 1 AS one"), "nobody is known")

def no_purpose():
    refused(lambda: connect(None, given["token"]).cursor().execute("SELECT 1 AS one"), "wuwei-purpose")
    refused(lambda: connect("看看", given["token"]).cursor().execute("SELECT 1 AS one"), "hint: ")

def password():
    own = connect("test", username=given["user"], password=given["password"])
    with own.cursor() as cursor:
        cursor.execute("SELECT 1 AS one")
        assert cursor.fetchone() == (1,)
    refused(lambda: connect("test", username=given["user"], password="a wrong one").cursor().execute("SELECT 1 AS one"), "nobody is known")

def pandas():
    import pandas
    frame = pandas.read_sql("SELECT entity_id, name FROM entity.person LIMIT 100", connection)
    assert frame.shape == (100, 2), frame

def polars():
    import polars
    frame = polars.read_database("SELECT entity_id, name FROM entity.person LIMIT 100", connection)
    assert frame.shape == (100, 2) and frame.dtypes == [polars.Int64, polars.String], frame

for ability, work in [
    ("rows", rows), ("fetch_arrow_table", arrow), ("a large answer", large), ("fetch_record_batch", stream), ("parameters", parameters),
    ("parameters without values", without_values), ("adbc_execute_schema", schema), ("adbc_get_objects", objects),
    ("adbc_get_objects, narrowed", narrowed), ("adbc_get_table_schema", table_schema), ("adbc_get_table_types, adbc_get_info", about),
    ("adbc_cancel", cancelled), ("statements that write are refused", writes), ("adbc_ingest is refused", ingests),
    ("errors with hints, without values", errors), ("a wrong token, none", wrong_token), ("no purpose, a foreign one", no_purpose),
    ("name and password", password),
]:
    tried(ability, work)
import pandas as _pandas, polars as _polars
tried("read_sql", pandas, f"pandas {_pandas.__version__}")
tried("read_database", polars, f"polars {_polars.__version__}")
'''

# By the policies that the program carries: an engineer works for governance, masked.
MASKED = BEGIN + r'''
def masked():
    with connect("数据治理", given["token"]) as connection, connection.cursor() as cursor:
        for question, values in [("SELECT id_no, name FROM entity.person WHERE id_no IS NOT NULL ORDER BY entity_id LIMIT 50", None),
                                 ("SELECT id_no, name FROM entity.person WHERE id_no IS NOT NULL AND entity_id > $1 LIMIT 50", (0,))]:
            cursor.execute(question, values)
            found = cursor.fetch_arrow_table()
            sink = pyarrow.BufferOutputStream()
            with pyarrow.ipc.new_stream(sink, found.schema) as writer:
                writer.write_table(found)
            sent = sink.getvalue().to_pybytes()
            assert found.num_rows == 50 and all("*" in value for value in found.column("id_no").to_pylist()), found
            truth = [value for row in given["truth"] for value in (row["id_no"], row["name"])]
            assert len(truth) >= 100 and not any(value.encode() in sent for value in truth), "a value in clear"

def hidden():
    with connect("数据治理", given["token"]) as connection, connection.cursor() as cursor:
        refused(lambda: cursor.execute("SELECT * FROM contract.restricted"), "restricted")
        found = connection.adbc_get_objects(depth="tables").read_all().to_pylist()
        tables = {(schema["db_schema_name"], table["table_name"]) for schema in found[0]["catalog_db_schemas"] for table in schema["db_schema_tables"]}
        assert ("record", "person") in tables and ("contract", "restricted") not in tables, tables

tried("a masked column", masked)
tried("what is not seen is not there", hidden)
'''

# Over TLS with a certificate made for it.
TLS = BEGIN + r'''
def encrypted():
    certificate = open(given["certificate"]).read()
    connection = connect(given["purpose"], given["token"], **{DatabaseOptions.TLS_ROOT_CERTS.value: certificate})
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 AS one")
        assert cursor.fetchone() == (1,)

def unproven():
    refused(lambda: connect(given["purpose"], given["token"]).cursor().execute("SELECT 1 AS one"), "certificate")

tried("TLS", encrypted)
tried("a certificate that nobody vouches for", unproven)
'''


def run(program, data, *arguments):
    return subprocess.run([program, "--data", data, *arguments], check=True, capture_output=True, text=True).stdout


class Server:
    """The program, answering both entrances."""

    def __init__(self, given, *options):
        arguments = [given.program, "--data", given.data, "serve", "--http", "127.0.0.1:0", "--flight", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.http = re.search(r"https?://\S+", line).group()
        secret, self.host = re.search(r"grpc(\+tls)?://(\S+)", line).groups()
        self.address = f"grpc{secret or ''}://{self.host}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def script(interpreter, text, given):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([interpreter, file.name, json.dumps(given)], capture_output=True, text=True, timeout=900)
    for line in done.stdout.splitlines():
        told(*json.loads(line))
    if done.returncode != 0:
        told("python", "whole", done.stderr)


def account(given, http):
    """An account with a password of its own; the one that it is given is good for that alone."""
    name = "flyer"
    known = json.loads(run(given.program, given.data, "user", "list", "--json"))["accounts"]
    if any(account["name"] == name for account in known):
        once = json.loads(run(given.program, given.data, "user", "reset", name, "--json"))["one_time_password"]
    else:
        made = run(given.program, given.data, "user", "add", name, "--role", "liaison", "--department", "mz", "--json")
        once = json.loads(made)["one_time_password"]
    authorization = base64.b64encode(f"{name}:{once}".encode()).decode()
    headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
    body = json.dumps({"password": PASSWORD}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{http}/api/v1/account/password", body, headers, method="PUT")).read()
    return name


def encrypted(given, interpreter, token):
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = f"{folder}/server.crt", f"{folder}/server.key"
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
        made += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate]
        subprocess.run(made, check=True, capture_output=True)
        with Server(given, "--policies", str(POLICIES), "--tls-cert", certificate, "--tls-key", key) as server:
            script(interpreter, TLS, {"address": server.address, "token": token, "purpose": PURPOSE, "certificate": certificate})


def main():
    parser = argparse.ArgumentParser(description=textwrap.dedent(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("data")
    parser.add_argument("--python", type=pathlib.Path, default=pathlib.Path.home() / ".cache" / "wuwei-flight-clients")
    given = parser.parse_args()
    interpreter = given.python / "bin" / "python"
    if not interpreter.exists():
        venv.create(given.python, with_pip=True)
        subprocess.run([interpreter, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    known = json.loads(run(given.program, given.data, "user", "list", "--json"))["accounts"]
    if not any(account["name"] == "tester" for account in known):
        run(given.program, given.data, "user", "add", "tester", "--role", "engineer")
    token = run(given.program, given.data, "user", "token", "tester", "--label", "bench").strip()
    with Server(given, "--policies", str(POLICIES)) as server:
        user = account(given, server.http)
        script(interpreter, ALL, {"address": server.address, "token": token, "purpose": PURPOSE, "user": user, "password": PASSWORD})
    truth = "SELECT id_no, name FROM entity.person WHERE id_no IS NOT NULL AND name IS NOT NULL ORDER BY entity_id LIMIT 200"
    truth = json.loads(run(given.program, given.data, "sql", truth, "--format", "json"))
    with Server(given) as server:
        script(interpreter, MASKED, {"address": server.address, "token": token, "truth": truth})
    if shutil.which("openssl"):
        encrypted(given, interpreter, token)
    print(f"{len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
