# ruff: noqa: E501
"""Text files as people have them, and what is in each: what the reading of tables is measured by.

An entry is a name, the bytes, the names of the columns, and the first row as it should be read; in the place of the row
a text stands for an error that says it, since nobody can know what was meant.
"""

from __future__ import annotations

import datetime
import io
import random
from typing import Any, NamedTuple


class Labelled(NamedTuple):
    name: str
    content: bytes
    columns: list[str]
    first: tuple[Any, ...] | str


def _rows(delimiter: str, *lines: str) -> bytes:
    return "\n".join(line.replace("|", delimiter) for line in lines).encode() + b"\n"


day = datetime.date
MARKS = [
    Labelled(
        "German numbers",
        b"ort;preis;menge\nUlm;1.234;3,50\nBonn;2.500;4,25\n",
        ["ort", "preis", "menge"],
        ("Ulm", 1234.0, 3.5),
    ),
    Labelled("a German million beside thousands", b"a;b\n1.500;x\n1.500.000;y\n", ["a", "b"], (1500.0, "x")),
    Labelled("German thousands alone", b"a;b\n1.500;x\n2.750;y\n", [], "decimal mark"),
    Labelled("thousands or thousandths with a comma", b"a;b\n12,500;x\n3,250;y\n", [], "decimal mark"),
    Labelled("English numbers", b'a,b\n"1,234",0.5\n"12,500",1.5\n', ["a", "b"], (1234.0, 0.5)),
    Labelled("three decimals between commas", b"a,b\n1.234,x\n2.500,y\n", ["a", "b"], (1.234, "x")),
    Labelled("decimal points between semicolons", b"a;b\n1.5;x\n2.234;y\n", ["a", "b"], (1.5, "x")),
    Labelled("both marks in one file", b"a;b\n1.5;2,5\n2.5;3,5\n", [], "decimal mark"),
    Labelled("decimal commas in quotes between commas", b'a,b\n"1,5",x\n"2,25",y\n', ["a", "b"], (1.5, "x")),
    Labelled("French thousands", "a;b\n1\u202f234,5;x\n2 500;y\n".encode(), ["a", "b"], (1234.5, "x")),
    Labelled("Swiss thousands", b"a;b\n1'234.50;x\n12'000;y\n", ["a", "b"], (1234.5, "x")),
    Labelled("per cents", b"a;b\n12,5 %;x\n3 %;y\n", ["a", "b"], (12.5, "x")),
    Labelled("some per cents", b"a;b\n12.5%;1.5\n3;2.5\n", ["a", "b"], ("12.5%", 1.5)),
    Labelled("article numbers", b"a;b\n1.2.3;1,5\n4.5.6;2,5\n", ["a", "b"], ("1.2.3", 1.5)),
    Labelled("codes with leading zeros", b"plz;x\n01067;1\n80331;2\n", ["plz", "x"], ("01067", 1)),
    Labelled("German dates", b"a;b\n31.12.2023;x\n1.5.2024;y\n", ["a", "b"], (day(2023, 12, 31), "x")),
    Labelled(
        "German dates that could be American", b"a;b\n03.04.2023;x\n01.05.2024;y\n", ["a", "b"], (day(2023, 4, 3), "x")
    ),
    Labelled("American dates", b"a,b\n12/31/2023,x\n1/5/2024,y\n", ["a", "b"], (day(2023, 12, 31), "x")),
    Labelled("British dates", b"a,b\n31/12/2023,x\n1/5/2024,y\n", ["a", "b"], (day(2023, 12, 31), "x")),
    Labelled(
        "one column of dates tells of the other",
        b"a,b\n03/04/2023,25/12/2023\n",
        ["a", "b"],
        (day(2023, 4, 3), day(2023, 12, 25)),
    ),
    Labelled("British or American dates", b"a,b\n03/04/2023,x\n05/06/2023,y\n", [], "order of day and month"),
    Labelled("Chinese dates", "a,b\n2025年3月5日,x\n2025年12月31日,y\n".encode(), ["a", "b"], (day(2025, 3, 5), "x")),
    Labelled("dates with slashes, the year first", b"a,b\n2025/3/5,x\n", ["a", "b"], (day(2025, 3, 5), "x")),
    Labelled(
        "dates with times",
        b"a;b\n31.12.2023 8:05;x\n1.1.2024 17:30;y\n",
        ["a", "b"],
        (datetime.datetime(2023, 12, 31, 8, 5), "x"),
    ),
    Labelled("no such day", b"a;b\n30.02.2023;x\n1.3.2023;y\n", ["a", "b"], ("30.02.2023", "x")),
]
LAYOUTS = [
    Labelled("sep= as Excel writes it", b"sep=;\r\na;b\r\n1,5;x\r\n", ["a", "b"], (1.5, "x")),
    Labelled("sep= with another mark", b"sep=|\na|b,c\n1|x\n", ["a", "b,c"], (1, "x")),
    Labelled("tabs", _rows("\t", "a|b|c", "1|x, y|2", "3|z|4"), ["a", "b", "c"], (1, "x, y", 2)),
    Labelled("bars", b"a|b|c\n1|x,y|2\n3|z|4\n", ["a", "b", "c"], (1, "x,y", 2)),
    Labelled("semicolons and decimal commas", b"a;b\n1,5;2,5\n3,5;4,25\n", ["a", "b"], (1.5, 2.5)),
    Labelled("semicolons in one column alone", b"name,note\nx,a;b;c\ny,d;e;f\n", ["name", "note"], ("x", "a;b;c")),
    Labelled("commas in quoted text", b'a,b\n"x, y, z",1\n"u, v, w",2\n', ["a", "b"], ("x, y, z", 1)),
    Labelled(
        "names with commas between semicolons",
        b"city, country;n\nUlm, DE;1\nGraz, AT;2\n",
        ["city, country", "n"],
        ("Ulm, DE", 1),
    ),
    Labelled(
        "a sentence with commas between tabs",
        b"text\tn\none, two, three\t1\nfour, five, six\t2\n",
        ["text", "n"],
        ("one, two, three", 1),
    ),
    Labelled("line breaks in cells", b'a;b\n"x\ny";1\n"z\nw";2\n', ["a", "b"], ("x\ny", 1)),
    Labelled("doubled quotation marks", b'a,b\n"say ""hi""",1\nx,2\n', ["a", "b"], ('say "hi"', 1)),
    Labelled("inches", b'size,n\n5" pipe,1\n7" pipe,2\n', ["size", "n"], ('5" pipe', 1)),
    Labelled("empty lines", b"\n\na,b\n\n1,x\n\n", ["a", "b"], (1, "x")),
    Labelled("spaces behind the commas", b"age, job\n39, clerk\n50, smith\n", ["age", "job"], (39, "clerk")),
    Labelled("one column", b"a\n1\n2\n", ["a"], (1,)),
    Labelled("one column of sentences", b"text\nit is red\nit is blue\n", ["text"], ("it is red",)),
    Labelled("times of day between semicolons", b"t;x\n12:30;1\n13:45;2\n", ["t", "x"], (datetime.time(12, 30), 1)),
    Labelled(
        "JSON between tabs",
        b'id\tjson\n1\t{"a": 1, "b": 2}\n2\t{"a": 3, "b": 4}\n',
        ["id", "json"],
        (1, '{"a": 1, "b": 2}'),
    ),
    Labelled(
        "addresses",
        b"url;n\nhttp://a.b/c?d=1,2|3;1\nhttp://e.f/g?h=4,5|6;2\n",
        ["url", "n"],
        ("http://a.b/c?d=1,2|3", 1),
    ),
    Labelled("an index without a name", b",a,b\n0,1.5,x\n1,2.5,y\n", ["unnamed 1", "a", "b"], (0, 1.5, "x")),
    Labelled("years as names", b"country,2019,2020\nx,1.5,2\n", ["country", "2019", "2020"], ("x", 1.5, 2)),
    Labelled(
        "dates as names",
        b"country,2020-01-01,2020-02-01\nx,1,2\n",
        ["country", "2020-01-01", "2020-02-01"],
        ("x", 1, 2),
    ),
    Labelled("no header, numbers", b"5.1,3.5,setosa\n4.9,3.0,setosa\n", [], "names of the columns"),
    Labelled(
        "no header, a number in text", b"Ulm,Baden,17\nGraz,Styria,23\nBern,Bern,42\n", [], "names of the columns"
    ),
    Labelled("no header, a date", b"Ulm,red,2024-01-01\nGraz,blue,2024-01-02\n", [], "names of the columns"),
]

_WORDS = {
    "German": ("cp1252", "Straße Größe Übung Bär Köln Zürich Müller Schröder Österreich Käse Grün Weiß Stück Wien Salz Zug"),
    "French": ("cp1252", "Élève hôtel garçon forêt âge été naïve Besançon Orléans français réseau écran où Lyon vin carte"),
    "Spanish": ("cp1252", "año niño España mañana corazón canción Málaga León señora jamón inglés aquí Perú Bogotá casa mesa"),
    "Portuguese": ("cp1252", "São não ação coração João informação pão mãe irmão três você café avô água casa mesa"),
    "Swedish": ("cp1252", "år båt äpple öga flicka själ kött räka Malmö Göteborg Västerås hus kök trädgård sjö smör"),
    "Polish": ("cp1250", "Łódź Gdańsk źródło żółty święto mężczyzna książka ćwierć późno śnieg Poznań Wrocław dom kot pies las"),
    "Czech": ("cp1250", "Plzeň Příbram žlutý kůň červený běží město řeka dům škola čtvrtek ústí muž žena Praha pes"),
    "Hungarian": ("cp1250", "őszi hűvös tűz nő férfi város út kék piros zöld víz Győr Szőlő bőr könyv fű"),
    "Russian": ("cp1251", "Москва город Казань улица женщина мужчина возраст цена красный синий площадь дом да нет имя год"),
    "Ukrainian": ("cp1251", "Київ Львів місто вулиця жінка чоловік вік ціна червоний синій площа так ні Одеса ріка рік"),
    "Greek": ("cp1253", "Αθήνα πόλη γυναίκα άνδρας ηλικία τιμή κόκκινο μπλε σπίτι ναι όχι ποτάμι όνομα έτος δρόμος ψωμί"),
    "Turkish": ("cp1254", "İstanbul şehir kadın yaş fiyat kırmızı evet hayır İzmir isim yıl çocuk güneş ağaç ışık öğrenci"),
    "Chinese": ("gb18030", "北京 上海 广州 乌鲁木齐 城市 价格 年龄 男 女 红色 蓝色 面积 房子 南京 姓名 日期"),
    "Chinese of Taiwan": ("big5", "臺北 高雄 臺中 城市 價格 年齡 男 女 紅色 藍色 面積 房子 新竹 姓名 日期 電話"),
    "Japanese": ("shift_jis", "東京 大阪 名古屋 都市 価格 年齢 男性 女性 赤い 青い 面積 はい いいえ カタカナ 名前 日付"),
    "Korean": ("euc_kr", "서울 부산 대구 도시 가격 나이 남자 여자 빨강 파랑 면적 인천 이름 날짜 도로 전화"),
}  # fmt: skip


class Encoded(NamedTuple):
    language: str
    content: bytes
    text: str


def encoded() -> list[Encoded]:
    """Tables of 3, 20 and 200 rows in the encodings that their languages had before UTF-8; names, cells, or both."""
    draw, made = random.Random(1), []
    for language, (encoding, words) in _WORDS.items():
        for rows in (3, 20, 200):
            for foreign in ("names", "cells", "both"):
                for _ in range(2):
                    word = lambda: draw.choice(words.split())  # noqa: B023, E731
                    names = [f"c{i}" if foreign == "cells" else f"{word()}{i}" for i in range(4)]
                    text = io.StringIO()
                    print(*names, sep=",", file=text)
                    for _ in range(rows):
                        first, last = (word(), word()) if foreign != "names" else ("yes", draw.choice("ab"))
                        print(draw.randrange(1000), first, round(draw.random(), 3), last, sep=",", file=text)
                    content = text.getvalue().encode(encoding)
                    if not content.isascii():
                        made.append(Encoded(language, content, text.getvalue()))
    return made
