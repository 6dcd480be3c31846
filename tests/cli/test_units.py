"""`units FILE.csv`: all or nothing, and every bad row named."""

from pathlib import Path

import openpyxl
import pytest

from bot.cli.units import export_units, import_units
from bot.services import tables
from tests.cli.conftest import ROOT, Place

HEAD = "code,parent,kind,name,valid_from,valid_until\n"
GOOD = (
    HEAD + "LC01,LD,upper,Công đoàn xã Ví dụ,2025-07-01,\n"
    'lc 0421,lc-01,grassroots,"CĐCS Công ty Ví dụ A, chi nhánh 2",01/07/2025,31/12/2030\n'
    "LD,,federation,Liên đoàn Lao động tỉnh Ví dụ,,\n"
)


def write(place: Place, text: str, encoding: str = "utf-8") -> Path:
    path = place.folder / "units.csv"
    path.write_bytes(text.encode(encoding))
    return path


def refused(place: Place, text: str, capsys: pytest.CaptureFixture[str], encoding: str = "utf-8") -> str:
    with pytest.raises(SystemExit) as ended:
        import_units(write(place, text, encoding), confirmed=True)
    assert ended.value.code == 1
    assert place.rows("SELECT COUNT(*) FROM unit") == [(0,)]
    return capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_good_file_goes_in_whole(
    place: Place, capsys: pytest.CaptureFixture[str], encoding: str, separator: str, line_end: str
) -> None:
    text = GOOD
    if separator == ";":
        text = text.replace("Ví dụ A, chi", "Ví dụ A# chi").replace(",", ";").replace("#", ",")
    import_units(write(place, text.replace("\n", line_end), encoding), confirmed=True)
    assert "3 mới, 0 đổi tên" in capsys.readouterr().out
    found = place.rows(
        "SELECT u.code, p.code, u.kind, u.name, u.valid_from, u.valid_until FROM unit u"
        " LEFT JOIN unit p ON p.id = u.parent_id ORDER BY u.code"
    )
    assert found == [
        ("LC01", "LD", "upper", "Công đoàn xã Ví dụ", "2025-07-01", None),
        ("LC0421", "LC01", "grassroots", "CĐCS Công ty Ví dụ A, chi nhánh 2", "2025-07-01", "2030-12-31"),
        ("LD", None, "federation", "Liên đoàn Lao động tỉnh Ví dụ", None, None),
    ]
    assert place.rows("SELECT act, detail FROM audit") == [
        ("units_imported", "new=3 renamed=0 moved=0 ended=0 changed=0")
    ]


def test_decomposed_vietnamese_is_composed(place: Place) -> None:
    import_units(write(place, HEAD + "LD,,federation,Lie\u0302n \u0111oa\u0300n,,\n"), confirmed=True)
    assert place.rows("SELECT name FROM unit") == [("Liên đoàn",)]


def test_a_second_import_brings_units_up_to_date(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    import_units(write(place, GOOD), confirmed=True)
    import_units(
        write(place, HEAD + "LC01,LD,upper,Công đoàn phường Ví dụ,,2026-06-30\nLC0422,LC01,grassroots,B,,\n"),
        confirmed=True,
    )
    assert "1 mới, 1 đổi tên" in capsys.readouterr().out
    assert place.rows("SELECT name, valid_until FROM unit WHERE code = 'LC01'") == [
        ("Công đoàn phường Ví dụ", "2026-06-30")
    ]
    assert place.rows("SELECT COUNT(*) FROM unit") == [(4,)]


def test_every_bad_row_is_named_and_nothing_is_written(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    shown = refused(
        place,
        HEAD
        + "LD,,federation,Liên đoàn,,\n"
        + "ĐV#,LD,upper,Mã lạ,,\n"
        + "LC01,XX,upper,Không có cấp trên,,\n"
        + "LC02,LD,district,Loại lạ,,\n"
        + "LC03,LD,upper,,,\n"
        + "LC04,LD,upper,Ngày lạ,31/02/2025,hôm qua\n"
        + "LC05,LD,upper,Ngược ngày,2025-07-01,2025-06-30\n"
        + "LC05,LD,upper,Trùng mã,,\n"
        + "LC06,LC05,federation,Ngược cấp,,\n"
        + "LC07,LD,upper,Tên, có dấu phẩy,,\n"
        + "LC08,LD,uper,Loại gần đúng,,\n",
        capsys,
    )
    lines = {int(line.split()[1].rstrip(":")): line for line in shown.splitlines()[1:]}
    assert sorted(lines) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert "ĐV#" in lines[3]
    assert "XX" in lines[4]
    assert "district" in lines[5]
    assert "Công đoàn cơ sở, Tổ công đoàn" in lines[5]
    assert "Có phải Công đoàn cấp trên" in lines[12]
    assert "Đến ngày (30/6/2025) trước Từ ngày (1/7/2025)" in lines[8]
    assert "hôm qua" in shown
    assert "Có phải 28/02/2025?" in shown
    assert "dòng 8" in lines[9]
    assert "LC06" in lines[10]
    assert "LC05" in lines[10]
    assert "có 10 dòng" in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "không có dòng đơn vị nào"),
        ("code,parent,kind,valid_from\nLD,,federation,A\n", "thiếu cột: Tên chính thức"),
        (HEAD, "không có dòng đơn vị nào"),
        (HEAD + "\n ,,,,,\n", "không có dòng đơn vị nào"),
        (HEAD + "AA,BB,grassroots,A,,\nBB,AA,grassroots,B,,\n", "AA không thể nằm dưới BB"),
        (HEAD + "AA,AA,grassroots,A,,\n", "AA không thể nằm dưới AA"),
    ],
)
def test_files_that_are_no_tree(place: Place, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    assert said in refused(place, text, capsys)


def test_another_encoding_is_named_with_its_line(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    shown = refused(place, HEAD + "LD,,federation,Cong doan,,\nLC01,LD,upper,Công đoàn,,\n", capsys, "cp1258")
    assert "CSV UTF-8" in shown
    assert "Dòng 3" in shown


def test_a_kind_may_not_sink_below_the_units_under_it(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    import_units(write(place, GOOD), confirmed=True)
    with pytest.raises(SystemExit):
        import_units(write(place, HEAD + "LC01,LD,group,Công đoàn xã Ví dụ,,\n"), confirmed=True)
    assert "LC0421 không thể nằm dưới LC01" in capsys.readouterr().err
    assert place.rows("SELECT kind FROM unit WHERE code = 'LC01'") == [("upper",)]


def test_hostile_names_are_only_names(place: Place) -> None:
    name = "'); DROP TABLE unit; -- {{7*7}} <b>"
    import_units(write(place, HEAD + f"LD,,federation,{name},,\n"), confirmed=True)
    assert place.rows("SELECT name FROM unit") == [(name,)]


def test_a_file_that_is_not_there(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        import_units(place.folder / "nowhere.csv")
    assert "nowhere.csv" in capsys.readouterr().err


def test_the_demos_tree_is_a_good_file(place: Place) -> None:
    import_units(ROOT / "content" / "demo" / "units.csv", confirmed=True)
    assert place.rows("SELECT COUNT(*) > 5 FROM unit") == [(1,)]


FULL = "mã,Don vi cap tren,loai,tên chính thuc,tên thường gọi,thứ tự,tên cũ,từ ngày,đến ngày\n"
WORDED = (
    FULL + "LD,,Liên đoàn Lao động tỉnh,Liên đoàn Lao động tỉnh Ví dụ,,,,,\n"
    "LC02,LD,CĐCS,Công đoàn phường Hoà Bình,CĐ Hòa Bình,2,Công đoàn thị trấn | Công đoàn xã Cũ,,\n"
    "LC01,LD,upper,=HYPERLINK(1),-,1,,,\n"
)


@pytest.mark.parametrize("name", ["tree.csv", "tree.xlsx"])
def test_what_is_exported_changes_nothing_when_read_again(
    place: Place, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    import_units(write(place, WORDED), confirmed=True)
    before = place.rows("SELECT * FROM unit ORDER BY id")
    export_units(place.folder / name)
    exported = tables.read((place.folder / name).read_bytes())
    assert isinstance(exported, tables.Table)
    assert [cells[0] for _, cells in exported.rows] == ["LD", "LC01", "LC02"]
    assert exported.rows[0][1][2] == "Liên đoàn Lao động tỉnh"
    import_units(place.folder / name)
    assert (
        "0 mới, 0 đổi tên, 0 chuyển cấp trên, 0 có ngày kết thúc, 0 sửa khác, 3 giữ nguyên" in capsys.readouterr().out
    )
    assert place.rows("SELECT * FROM unit ORDER BY id") == before
    assert place.rows("SELECT name FROM unit WHERE code = 'LC02'") == [("Công đoàn phường Hòa Bình",)]


def test_an_exported_cell_is_never_calculated(place: Place) -> None:
    import_units(write(place, WORDED), confirmed=True)
    export_units(place.folder / "tree.csv")
    assert (place.folder / "tree.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    assert ";'=HYPERLINK(1);'-;" in (place.folder / "tree.csv").read_text("utf-8-sig")
    export_units(place.folder / "tree.xlsx")
    sheet = openpyxl.load_workbook(place.folder / "tree.xlsx").worksheets[0]
    assert (sheet["D3"].data_type, sheet.freeze_panes) == ("s", "A2")


def test_nothing_is_written_before_somebody_agrees(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run; «không»; «có»."""
    path = write(place, WORDED)
    import_units(path, dry_run=True)
    shown = capsys.readouterr().out
    assert "3 mới" in shown
    assert "+ LC02 Công đoàn phường Hòa Bình" in shown
    monkeypatch.setattr("builtins.input", lambda _: "không")
    import_units(path)
    assert place.rows("SELECT COUNT(*) FROM unit") == [(0,)]
    monkeypatch.setattr("builtins.input", lambda _: "có")
    import_units(path)
    assert place.rows("SELECT COUNT(*) FROM unit") == [(3,)]


def test_a_renamed_unit_keeps_its_old_name(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    import_units(write(place, WORDED), confirmed=True)
    head = "mã;loại;cấp trên;tên\n"
    import_units(write(place, head + "LC02;upper;LD;Công đoàn phường Mới\n"), confirmed=True)
    assert "đổi tên LC02: Công đoàn phường Hòa Bình → Công đoàn phường Mới" in capsys.readouterr().out
    assert place.rows("SELECT COUNT(*) FROM unit_former_name WHERE name = 'Công đoàn phường Hòa Bình'") == [(1,)]
    assert place.rows("SELECT short_name, position FROM unit WHERE code = 'LC02'") == [("CĐ Hòa Bình", 2)]


@pytest.mark.parametrize("name", ["bad.csv", "bad.xlsx"])
def test_the_report_has_every_bad_row_with_its_repair(place: Place, name: str) -> None:
    text = FULL + "LD,,federation,A,,,,,\nLC01,LB,uper,B,,x3,,31/2/2025,\n=C,LD,upper,C,,,,,\n"
    with pytest.raises(SystemExit):
        import_units(write(place, text), report=place.folder / name)
    report = tables.read((place.folder / name).read_bytes())
    assert isinstance(report, tables.Table)
    assert report.header[0] == "Dòng"
    assert report.header[-2:] == ["Lỗi", "Gợi ý sửa"]
    assert [cells[:2] for _, cells in report.rows] == [["3", "LC01"], ["4", "'=C" if name.endswith("csv") else "=C"]]
    assert report.rows[0][1][-2].startswith("1. Loại “uper” không có. 2. Ngày “31/2/2025”")
    assert report.rows[0][1][-1] == (
        "1. Có phải Công đoàn cấp trên trực tiếp cơ sở? 2. Có phải 28/02/2025? 3. Dùng 3. 4. Có phải LD?"
    )
    assert report.rows[1][1][-2] == "Mã “=C” không dùng được."


def test_headings_with_a_wrong_letter(place: Place) -> None:
    import_units(write(place, "Mã;Đơn vị cấp trêm;Loại;Tên chinh thưcs\nLD;;federation;Liên đoàn\n"), confirmed=True)
    assert place.rows("SELECT code, name FROM unit") == [("LD", "Liên đoàn")]
