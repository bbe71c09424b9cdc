"""Rows of ten columns like those of a residents' register, of nobody, and files of them: what benches load. The same number of rows is the
same bytes each time. One row in 200 has a wrong id, about one in a hundred a cell that is no date or phone, one in thirty is written as
people write: full width, a space in a name, a small x."""

import datetime
import json
import struct

COLUMNS = ["证件号码", "姓名", "性别", "民族", "出生日期", "户籍地址", "现住址", "手机", "服务处所", "更新日期"]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文辉玲红志海玉兰春燕小晓东梅"
PLACES = ["东河乡柳树村", "城关镇北街", "西山镇石桥村", "南湖街道平安里", "河口镇渡口村"]
ROADS = ["人民路", "解放街", "长安路", "育才巷", "滨河大道", "工农街"]
WORK = ["", "云溪机械厂", "", "县第一小学", "", "个体", "城关镇卫生院", "云溪县供销社有限公司"]
DAYS = [datetime.date(1930, 1, 1) + datetime.timedelta(days=day) for day in range(0, 32_000)]
BORN = [day.strftime("%Y%m%d") for day in DAYS]
ORDERS = [(f"{order:03}", sum(int(digit) * weight for digit, weight in zip(f"{order:03}", WEIGHTS[14:]))) for order in range(1000)]
REGIONS = [(code := f"9901{region:02}", sum(int(digit) * weight for digit, weight in zip(code, WEIGHTS))) for region in range(1, 13)]
BIRTHS = [sum(int(digit) * weight for digit, weight in zip(born, WEIGHTS[6:])) for born in BORN]
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def row(number):
    """The cells of that row; up to 300 million of them have ids of their own."""
    day, rest = number % len(BORN), number // len(BORN)
    (region, first), (order, last) = REGIONS[rest % len(REGIONS)], ORDERS[1 + rest // len(REGIONS) % 999]
    check = "10X98765432"[(first + BIRTHS[day] + last) % 11]
    mixed = number * 2_654_435_761 % 4_294_967_296
    name = SURNAMES[mixed % 20] + GIVEN[mixed // 20 % 40] + (GIVEN[mixed // 800 % 40] if mixed % 5 else "")
    born, phone = BORN[day], f"12{mixed % 10}{mixed // 7 % 100_000_000:08}"
    home = f"云溪县{PLACES[mixed // 3 % 5]}{mixed // 11 % 400 + 1}号"
    lives = f"{ROADS[mixed // 13 % 6]}{mixed // 17 % 200 + 1}号{mixed // 19 % 20 + 1}栋{mixed // 23 % 6 + 1}单元{mixed // 29 % 18 + 1}0{mixed % 4 + 1}室"
    if number % 200 == 7:
        check = "0" if check == "1" else "1"
    if number % 40 == 9:
        check = check.lower()
    if number % 300 == 11:
        born = born[:4] + "0230"
    if number % 150 == 5:
        phone = phone[:7]
    if number % 120 == 3:
        name, phone = f"{name[0]} {name[1:]}", phone.translate(WIDE)
    sex, people = ("男", "女")[int(order) % 2 == 0], ("汉族", "汉", "01", "回族")[mixed % 16 // 5]
    return [region + BORN[day] + order + check, name, sex, people, born, home, lives, phone, WORK[mixed % 8], f"202601{mixed % 28 + 1:02}"]


def csv(path, rows, encoding):
    with open(path, "w", encoding=encoding, newline="", buffering=1 << 20) as out:
        out.write(",".join(COLUMNS) + "\r\n")
        out.writelines(",".join(row(number)) + "\r\n" for number in range(rows))


def ndjson(path, rows):
    with open(path, "w", encoding="utf-8", buffering=1 << 20) as out:
        out.writelines(json.dumps(dict(zip(COLUMNS, row(number))), ensure_ascii=False) + "\n" for number in range(rows))


def xml(path, rows):
    with open(path, "w", encoding="utf-8", buffering=1 << 20) as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<rows>\n')
        for number in range(rows):
            cells = "".join(f"<{column}>{cell}</{column}>" for column, cell in zip(COLUMNS, row(number)))
            out.write(f"<row>{cells}</row>\n")
        out.write("</rows>\n")


def xlsx(path, rows):
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("人口")
    sheet.append(COLUMNS)
    for number in range(rows):
        sheet.append(row(number))
    book.save(path)


def dbf(path, rows):
    """dBASE III, widths in bytes of GB18030."""
    widths = [18, 12, 2, 4, 8, 60, 60, 22, 30, 8]
    head = struct.pack("<BBBBIHH20x", 3, 126, 1, 1, rows, 32 * len(COLUMNS) + 33, sum(widths) + 1)
    with open(path, "wb", buffering=1 << 20) as out:
        out.write(head)
        for column, width in zip(COLUMNS, widths):
            out.write(struct.pack("<11sc4xBB14x", column.encode("gb18030"), b"C", width, 0))
        out.write(b"\r")
        for number in range(rows):
            cells = (cell.encode("gb18030").ljust(width)[:width] for cell, width in zip(row(number), widths))
            out.write(b" " + b"".join(cells))
        out.write(b"\x1a")
