#!/usr/bin/env python3
"""Real clients of PostgreSQL against `wuwei serve --pg`: which of them can do what.

    tests/bench/postgres_clients.py PROGRAM DATA [--python DIR] [--jar postgresql.jar]

PROGRAM is the built program, DATA the folder of a hub with people in it (`wuwei demo --people 1500 --no-serve`). The Python clients come
from PyPI into a virtual environment (`--python`, made when it is not there); psql is the one on the path (Debian: postgresql-client); pgJDBC
is tried when there are `java`, `javac` and its jar (Debian: libpostgresql-jdbc-java). One line a client and ability is printed; it ends with 1
when one failed."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import venv

PACKAGES = ["psycopg[binary]", "sqlalchemy", "pandas", "pg8000"]
POLICIES = pathlib.Path(__file__).resolve().parents[1] / "serve" / "policies"
PURPOSE = "低保核对"
FAILED = []


def told(client, ability, error=None):
    line = f"{client:12} {ability:34} {'ok' if error is None else 'FAILED: ' + ' '.join(str(error).split())[:300]}"
    print(line, flush=True)
    if error is not None:
        FAILED.append(line)


def tried(client, ability, work):
    try:
        work()
    except Exception as error:  # whatever it is, it is told
        told(client, ability, error)
    else:
        told(client, ability)


# What runs in the virtual environment; it prints one line of JSON an ability.
PYTHON = r'''
import json, sys
host, port, token, purpose = sys.argv[1:5]
port = int(port)

def tried(client, ability, work):
    try:
        work()
    except Exception as error:
        print(json.dumps([client, ability, f"{type(error).__name__}: {error}"]), flush=True)
    else:
        print(json.dumps([client, ability, None]), flush=True)

def psycopg3():
    import psycopg
    options = f"-c wuwei.purpose={purpose}"
    connection = psycopg.connect(host=host, port=port, user="tester", password=token, dbname="wuwei", options=options)
    name = f"psycopg {psycopg.__version__}"
    def rows():
        with connection.cursor() as cursor:
            found = cursor.execute("SELECT name, birth_date FROM entity.person WHERE name IS NOT NULL LIMIT 10").fetchall()
            assert len(found) == 10 and isinstance(found[0][0], str), found
    def parameters():
        with connection.cursor() as cursor:
            first = cursor.execute("SELECT entity_id, name FROM entity.person WHERE birth_date > '1950' LIMIT 1").fetchone()
            found = cursor.execute("SELECT name FROM entity.person WHERE entity_id = %s AND name = %s", first).fetchone()
            assert found == (first[1],), (first, found)
            none = cursor.execute("SELECT name FROM entity.person WHERE TRY_CAST(birth_date AS DATE) > %s AND entity_id = %s", (__import__("datetime").date(1900, 1, 1), first[0])).fetchall()
            assert none == [(first[1],)], none
    def binary():
        with connection.cursor(binary=True) as cursor:
            found = cursor.execute("SELECT entity_id, name, CAST(birth_date AS DATE) AS born FROM entity.person WHERE birth_date IS NOT NULL LIMIT 3").fetchall()
            assert isinstance(found[0][0], int) and hasattr(found[0][2], "year"), found
    def prepared():
        with connection.cursor() as cursor:
            for at in range(8):
                cursor.execute("SELECT count(*) FROM entity.person WHERE entity_id > %s", (at,), prepare=True).fetchone()
    def pipeline():
        with connection.pipeline():
            one = connection.execute("SELECT 1 AS one")
            two = connection.execute("SELECT %s::int8 AS two", (2,))
        assert one.fetchone() == (1,) and two.fetchone() == (2,)
    def errors():
        try:
            connection.execute("SELECT nothing FROM record.person")
        except psycopg.errors.UndefinedColumn as error:
            assert error.diag.message_hint, error
        connection.rollback()
        try:
            connection.execute("DELETE FROM record.person")
        except psycopg.errors.ReadOnlySqlTransaction:
            pass
        connection.rollback()
    for ability, work in [("rows", rows), ("parameters", parameters), ("binary", binary), ("prepared", prepared), ("pipeline", pipeline), ("errors by class", errors)]:
        tried(name, ability, work)
        connection.rollback()

def sqlalchemy2():
    import sqlalchemy
    from sqlalchemy import inspect, text, MetaData, Table, select
    import urllib.parse
    name = f"SQLAlchemy {sqlalchemy.__version__}"
    for driver in ["psycopg", "pg8000"]:
        url = sqlalchemy.URL.create(f"postgresql+{driver}", "tester", token, host, port, "wuwei")
        if driver == "psycopg":
            engine = sqlalchemy.create_engine(url, connect_args={"options": f"-c wuwei.purpose={purpose}"})
        else:
            engine = sqlalchemy.create_engine(url, connect_args={"application_name": purpose})
        def connect():
            with engine.connect() as connection:
                assert connection.execute(text("SELECT 1 AS one")).scalar() == 1
        def names():
            seen = inspect(engine)
            assert "person" in seen.get_table_names(schema="record"), seen.get_table_names(schema="record")
            assert "record" in seen.get_schema_names(), seen.get_schema_names()
            assert seen.get_view_names(schema="indicator")
            assert seen.has_table("person", schema="record") and not seen.has_table("nobody", schema="record")
        def columns():
            seen = inspect(engine)
            found = {column["name"]: column for column in seen.get_columns("person", schema="record")}
            assert str(found["record_id"]["type"]) == "BIGINT", found["record_id"]
            assert found["name"]["comment"], found["name"]
        def keys():
            seen = inspect(engine)
            assert seen.get_pk_constraint("person", schema="record")["constrained_columns"] == []
            assert seen.get_foreign_keys("person", schema="record") == [] and seen.get_indexes("person", schema="record") == []
            assert seen.get_table_comment("person", schema="record")["text"]
        def reflected():
            table = Table("person", MetaData(), schema="entity", autoload_with=engine)
            with engine.connect() as connection:
                assert len(connection.execute(select(table.c.entity_id, table.c.name).where(table.c.entity_id > 0).limit(5)).all()) == 5
        for ability, work in [("connect", connect), ("names", names), ("columns", columns), ("keys, comment", keys), ("reflected table", reflected)]:
            tried(f"{name}", f"{driver}: {ability}", work)
        if driver == "psycopg":
            import pandas
            def read():
                frame = pandas.read_sql("SELECT entity_id, name, birth_date FROM entity.person LIMIT 100", engine)
                assert frame.shape == (100, 3) and str(frame.dtypes["entity_id"]) == "int64", frame.dtypes
            def read_with():
                frame = pandas.read_sql(text("SELECT name FROM entity.person WHERE entity_id > :low LIMIT 7"), engine, params={"low": 5})
                assert len(frame) == 7
            def read_table():
                frame = pandas.read_sql_table("person", engine, schema="entity", columns=["entity_id", "name"])
                assert len(frame) > 100
            for ability, work in [("read_sql", read), ("read_sql with parameters", read_with), ("read_sql_table", read_table)]:
                tried(f"pandas {pandas.__version__}", ability, work)

def pg8000s():
    import importlib.metadata
    import pg8000.native
    name = f"pg8000 {importlib.metadata.version('pg8000')}"
    connection = pg8000.native.Connection("tester", host=host, port=port, password=token, database="wuwei", application_name=purpose)
    def rows():
        found = connection.run("SELECT entity_id, name, birth_date FROM entity.person WHERE birth_date IS NOT NULL LIMIT 10")
        assert len(found) == 10 and isinstance(found[0][0], int), found
    def parameters():
        found = connection.run("SELECT count(*) FROM entity.person WHERE entity_id > :low AND name <> :name", low=3, name="x")
        assert found[0][0] > 0
    for ability, work in [("rows", rows), ("parameters", parameters)]:
        tried(name, ability, work)

for client in [psycopg3, sqlalchemy2, pg8000s]:
    tried(client.__name__, "whole", client)
'''

JAVA = r'''
import java.sql.*;
import java.util.*;

public class Probe {
    interface Work { void run() throws Exception; }
    static void tried(String ability, Work work) {
        try { work.run(); System.out.println(ability + "\tok"); }
        catch (Throwable error) { System.out.println(ability + "\t" + String.valueOf(error).replaceAll("\\s+", " ")); }
    }
    static Set<String> all(ResultSet rows, String column) throws SQLException {
        Set<String> found = new TreeSet<>();
        while (rows.next()) found.add(String.valueOf(rows.getString(column)));
        return found;
    }
    static void check(boolean so, Object what) { if (!so) throw new RuntimeException(String.valueOf(what)); }
    public static void main(String[] args) throws Exception {
        Properties given = new Properties();
        given.setProperty("user", "tester");
        given.setProperty("password", args[1]);
        given.setProperty("options", "-c wuwei.purpose=" + args[2]);
        given.setProperty("ApplicationName", "DBeaver - Main");
        Connection connection = DriverManager.getConnection(args[0], given);
        DatabaseMetaData about = connection.getMetaData();
        tried("connect", () -> check(about.getDatabaseProductName().equals("PostgreSQL"), about.getDatabaseProductVersion()));
        tried("getSchemas", () -> { Set<String> s = all(about.getSchemas(), "TABLE_SCHEM"); check(s.contains("record"), s); });
        tried("getCatalogs", () -> { Set<String> s = all(about.getCatalogs(), "TABLE_CAT"); check(s.contains("wuwei"), s); });
        tried("getTableTypes", () -> check(all(about.getTableTypes(), "TABLE_TYPE").contains("TABLE"), ""));
        tried("getTables", () -> {
            ResultSet rows = about.getTables(null, "record", "%", new String[] {"TABLE", "VIEW"});
            boolean found = false;
            while (rows.next()) found |= rows.getString("TABLE_NAME").equals("person") && rows.getString("REMARKS") != null;
            check(found, "record.person with its comment is not there");
        });
        tried("getColumns", () -> {
            ResultSet rows = about.getColumns(null, "record", "person", "%");
            int count = 0; boolean comment = false;
            while (rows.next()) {
                count++;
                if (rows.getString("COLUMN_NAME").equals("record_id")) check(rows.getInt("DATA_TYPE") == Types.BIGINT, rows.getInt("DATA_TYPE"));
                comment |= rows.getString("REMARKS") != null;
            }
            check(count > 5 && comment, count);
        });
        tried("getPrimaryKeys", () -> check(!about.getPrimaryKeys(null, "record", "person").next(), "a key"));
        tried("getImportedKeys", () -> check(!about.getImportedKeys(null, "record", "person").next(), "a key"));
        tried("getIndexInfo", () -> check(!about.getIndexInfo(null, "record", "person", false, false).next(), "an index"));
        tried("getTypeInfo", () -> check(all(about.getTypeInfo(), "TYPE_NAME").contains("int8"), "no int8"));
        tried("getFunctions", () -> about.getFunctions(null, "record", "%").next());
        tried("Statement", () -> {
            ResultSet rows = connection.createStatement().executeQuery("SELECT entity_id, name, birth_date FROM entity.person WHERE birth_date IS NOT NULL LIMIT 5");
            int count = 0;
            while (rows.next()) { count++; check(rows.getLong(1) > 0 && rows.getDate(3) != null, rows.getString(2)); }
            check(count == 5, count);
        });
        tried("PreparedStatement", () -> {
            PreparedStatement prepared = connection.prepareStatement("SELECT name FROM entity.person WHERE entity_id > ? AND name <> ? LIMIT 3");
            for (int round = 0; round < 8; round++) {
                prepared.setLong(1, round);
                prepared.setString(2, "x");
                ResultSet rows = prepared.executeQuery();
                check(rows.next(), round);
            }
        });
        tried("cursor of 100 rows", () -> {
            connection.setAutoCommit(false);
            Statement statement = connection.createStatement();
            statement.setFetchSize(100);
            ResultSet rows = statement.executeQuery("SELECT record_id FROM record.person");
            int count = 0;
            while (rows.next()) count++;
            check(count > 1000, count);
            connection.commit();
            connection.setAutoCommit(true);
        });
        tried("cancel", () -> {
            Statement statement = connection.createStatement();
            new Thread(() -> { try { Thread.sleep(500); statement.cancel(); } catch (Exception error) { } }).start();
            try {
                statement.executeQuery("SELECT count(*) AS n FROM record.person a JOIN record.person b ON a.department = b.department JOIN record.person c ON b.department = c.department");
                check(false, "it was answered");
            } catch (SQLException error) { check("57014".equals(error.getSQLState()), error); }
        });
        tried("readOnly, isValid", () -> { connection.setReadOnly(true); check(connection.isValid(5), "not valid"); });
    }
}
'''


def run(program, data, *arguments):
    return subprocess.run([program, "--data", data, *arguments], check=True, capture_output=True, text=True).stdout


def psql(host, port, token):
    version = subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout.split()[2]
    environment = {**os.environ, "PGPASSWORD": token, "PGOPTIONS": f"-c wuwei.purpose={PURPOSE}", "PAGER": "cat", "LC_ALL": "C.UTF-8"}

    def says(command, expected, unexpected=None):
        def work():
            arguments = ["psql", "-X", "-h", host, "-p", port, "-U", "tester", "-d", "wuwei", "-v", "ON_ERROR_STOP=1", "-c", command]
            done = subprocess.run(arguments, capture_output=True, text=True, env=environment, timeout=120)
            text = done.stdout + done.stderr
            assert done.returncode == 0 and re.search(expected, text), text
            assert unexpected is None or not re.search(unexpected, text), text

        tried(f"psql {version}", command if len(command) < 34 else command[:31] + "…", work)

    says("SELECT name FROM entity.person LIMIT 3", r"3 rows")
    says("SHOW wuwei.purpose", PURPOSE)
    for command, expected in [
        (r"\l", r"wuwei"),
        (r"\dn", r"record"),
        (r"\dn+", r"record"),
        (r"\dt", r"record.*person.*table"),
        (r"\dt record.*", r"person"),
        (r"\dt+ record.*", r"来源记录"),
        (r"\dv", r"indicator.*view"),
        (r"\d", r"record.*person"),
        (r"\d record.person", r"record_id.*bigint"),
        (r"\d+ record.person", r"姓名"),
        (r"\d indicator.*", r"double precision|bigint"),
        (r"\du", r"tester"),
        (r"\df record.*", r"0 rows"),
        (r"\dT record.*", r"0 rows"),
        (r"\conninfo", r"wuwei"),
        (r"\encoding", r"UTF8"),
    ]:
        says(command, expected)


def python(folder, host, port, token):
    interpreter = folder / "bin" / "python"
    if not interpreter.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([interpreter, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(PYTHON)
        script.flush()
        done = subprocess.run([interpreter, script.name, host, port, token, PURPOSE], capture_output=True, text=True, timeout=900)
    for line in done.stdout.splitlines():
        told(*json.loads(line))
    if done.returncode != 0:
        told("python", "whole", done.stderr)


def java(jar, host, port, token):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "Probe.java"
        source.write_text(JAVA)
        subprocess.run(["javac", "-d", folder, source], check=True, capture_output=True)
        arguments = ["java", "-cp", f"{folder}:{jar}", "Probe", f"jdbc:postgresql://{host}:{port}/wuwei", token, PURPOSE]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=900)
    for line in done.stdout.splitlines():
        ability, outcome = line.split("\t", 1)
        told("pgJDBC", ability, None if outcome == "ok" else outcome)
    if done.returncode != 0:
        told("pgJDBC", "whole", done.stderr)


def encrypted(given, token):
    """psql over TLS with a certificate made for it; and that the same port answers nobody without."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = f"{folder}/server.crt", f"{folder}/server.key"
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
        made += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate]
        subprocess.run(made, check=True, capture_output=True)
        arguments = [given.program, "--data", given.data, "serve", "--http", "127.0.0.1:0", "--pg", "127.0.0.1:0", "--policies", POLICIES]
        server = subprocess.Popen([*arguments, "--tls-cert", certificate, "--tls-key", key], stdout=subprocess.PIPE, text=True)
        try:
            host, port = re.search(r"postgresql://(\S+):(\d+)", server.stdout.readline()).groups()
            for mode, expected in [("verify-full", "1"), ("disable", "behind TLS")]:
                environment = {**os.environ, "PGPASSWORD": token, "PGSSLMODE": mode, "PGSSLROOTCERT": certificate, "LC_ALL": "C.UTF-8"}
                command = ["psql", "-X", "-At", "-h", host, "-p", port, "-U", "tester", "-d", "wuwei", "-c", "SET wuwei.purpose = 'test'", "-c", "SELECT 1 AS one"]

                def work():
                    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
                    text = done.stdout + done.stderr
                    assert expected in text and (done.returncode == 0) == (mode != "disable"), text

                tried("psql", f"sslmode={mode}", work)
        finally:
            server.terminate()
            server.wait()


def main():
    parser = argparse.ArgumentParser(description=textwrap.dedent(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("data")
    parser.add_argument("--python", type=pathlib.Path, default=pathlib.Path.home() / ".cache" / "wuwei-postgres-clients")
    parser.add_argument("--jar", type=pathlib.Path, default=pathlib.Path("/usr/share/java/postgresql.jar"))
    given = parser.parse_args()
    known = json.loads(run(given.program, given.data, "user", "list", "--json"))["accounts"]
    if not any(account["name"] == "tester" for account in known):
        run(given.program, given.data, "user", "add", "tester", "--role", "engineer")
    token = run(given.program, given.data, "user", "token", "tester", "--label", "bench").strip()
    arguments = [given.program, "--data", given.data, "serve", "--http", "127.0.0.1:0", "--pg", "127.0.0.1:0", "--policies", POLICIES]
    server = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        host, port = re.search(r"postgresql://(\S+):(\d+)", server.stdout.readline()).groups()
        if shutil.which("psql"):
            psql(host, port, token)
            if shutil.which("openssl"):
                encrypted(given, token)
        else:
            print("psql is not here; Debian has it as postgresql-client")
        python(given.python, host, port, token)
        if shutil.which("javac") and given.jar.exists():
            java(given.jar, host, port, token)
        else:
            print("pgJDBC was not tried: no javac, or no jar")
    finally:
        server.terminate()
        server.wait()
    print(f"{len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
