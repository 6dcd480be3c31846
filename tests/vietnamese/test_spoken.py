"""What the loudspeaker reads out: no digit, no abbreviation, no bracket is left."""

import pytest

from bot.vietnamese.spoken import number, spoken

OPENED = {"LĐLĐ": "Liên đoàn Lao động", "CĐCS": "Công đoàn cơ sở", "CNVCLĐ": "công nhân, viên chức, lao động"}

NUMBERS = [
    ("0", "không"),
    ("05", "không năm"),
    ("1", "một"),
    ("10", "mười"),
    ("14", "mười bốn"),
    ("15", "mười lăm"),
    ("21", "hai mươi mốt"),
    ("24", "hai mươi tư"),
    ("55", "năm mươi lăm"),
    ("100", "một trăm"),
    ("105", "một trăm linh năm"),
    ("111", "một trăm mười một"),
    ("121", "một trăm hai mươi mốt"),
    ("135", "một trăm ba mươi lăm"),
    ("1000", "một nghìn"),
    ("1909", "một nghìn chín trăm linh chín"),
    ("2025", "hai nghìn không trăm hai mươi lăm"),
    ("5.000", "năm nghìn"),
    ("350.000", "ba trăm năm mươi nghìn"),
    ("460.196", "bốn trăm sáu mươi nghìn một trăm chín mươi sáu"),
    ("1.000.005", "một triệu không trăm linh năm"),
    ("13,5", "mười ba phẩy năm"),
    ("99,05", "chín mươi chín phẩy không năm"),
]

TEXTS = [
    ("sinh ngày 19/5/1890.", "sinh ngày mười chín tháng năm năm một nghìn tám trăm chín mươi."),
    ("Ngày 2/9 là Quốc khánh", "Ngày mồng hai tháng chín là Quốc khánh"),
    ("trước 19/5", "trước ngày mười chín tháng năm"),
    ("ngày 14/02/2025", "ngày mười bốn tháng hai năm hai nghìn không trăm hai mươi lăm"),
    ("ngày 4/4", "ngày mồng bốn tháng tư"),
    ("tháng 02/2025", "tháng hai năm hai nghìn không trăm hai mươi lăm"),
    ("(5/2025)", ", tháng năm năm hai nghìn không trăm hai mươi lăm,"),
    ("tháng 4", "tháng tư"),
    ("trong Quý II/2025", "trong quý hai năm hai nghìn không trăm hai mươi lăm"),
    ("từ 10 đến 19/5/1941", "từ ngày mồng mười đến ngày mười chín tháng năm năm một nghìn chín trăm bốn mươi mốt"),
    ("họp 17-19/9/2025", "họp từ ngày mười bảy đến ngày mười chín tháng chín năm hai nghìn không trăm hai mươi lăm"),
    ("từ 30/4 đến 6/5", "từ ngày ba mươi tháng tư đến ngày mồng sáu tháng năm"),
    ("1941-1945", "một nghìn chín trăm bốn mươi mốt đến một nghìn chín trăm bốn mươi lăm"),
    ("nhiệm kỳ 2025 - 2030", "nhiệm kỳ hai nghìn không trăm hai mươi lăm đến hai nghìn không trăm ba mươi"),
    ("Chỉ thị số 05-CT/TW của", "Chỉ thị số không năm của"),
    ("Nghị quyết 22/2003/QH11 ngày", "Nghị quyết hai mươi hai ngày"),
    ("Kế hoạch số 121/KH-LĐLĐ.", "Kế hoạch số một trăm hai mươi mốt."),
    ("Liên đoàn Lao động (LĐLĐ) tỉnh", "Liên đoàn Lao động tỉnh"),
    ("LĐLĐ tỉnh và CĐCS", "Liên đoàn Lao động tỉnh và Công đoàn cơ sở"),
    ("Nghị quyết 24C/18.65 khuyến nghị", "Nghị quyết hai mươi tư xê trên mười tám chấm sáu mươi lăm khuyến nghị"),
    ("giáo viên cấp II, cấp III", "giáo viên cấp hai, cấp ba"),
    ("Đại hội II", "Đại hội hai"),
    ("lần thứ XV", "lần thứ mười lăm"),
    ("khóa XIV", "khóa mười bốn"),
    ("bút danh T.L.", "bút danh tê lờ"),
    ("ký tên X.Y.Z", "ký tên ích i dài dét"),
    ("từ 80% trở lên", "từ tám mươi phần trăm trở lên"),
    ("16,5 triệu", "mười sáu phẩy năm triệu"),
    ("báo “Nhân Dân” số 57", "báo Nhân Dân số năm mươi bảy"),
    ("làng Vạn Phúc (Hà Đông), Bác", "làng Vạn Phúc, Hà Đông, Bác"),
    ("Đoàn kết - Đổi mới - Sáng tạo", "Đoàn kết, Đổi mới, Sáng tạo"),
    ("giữ nước ta / Dân là con nước", "giữ nước ta, Dân là con nước"),
    ("một dòng\nhai  dòng", "một dòng\nhai dòng"),
]


@pytest.mark.parametrize(("written", "said"), NUMBERS)
def test_a_number(written: str, said: str) -> None:
    assert number(written) == said


@pytest.mark.parametrize(("written", "said"), TEXTS)
def test_a_text(written: str, said: str) -> None:
    assert spoken(written, OPENED) == said
