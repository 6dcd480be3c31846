"""A pack as small as a good pack can be, for tests to break in one place."""

import struct
from pathlib import Path

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 360)
MEETING = """- month: {month}
  card: hon-da
  story: chiec-ao
  discuss:
    - Tổ mình đã giúp nhau việc gì?
    - Việc gì còn khó?
    - Ai cần giúp?
  do_this: Giúp một người mới.
"""
FILES = {
    "pack.yaml": """id: "2025"
year: 2025
title: Chuyên đề về đoàn kết
works:
  bep-an: Bếp ăn
""",
    "sources.yaml": """- id: plan
  title: Kế hoạch số 1
- id: sach
  title: Sách
  url: https://vi.du/sach
""",
    "facts.yaml": """- id: f1
  statement: Đoàn kết là sức mạnh.
  sources: [plan]
- id: f2
  statement: Bài thơ “Hòn đá” đăng báo ngày 21/4/1942.
  sources: [sach, plan]
- id: f3
  statement: Tháng 12-1954, Bác Hồ tặng lại chiếc áo cho một trong 2.000 chiến sĩ.
  sources: [sach]
- id: f4
  statement: Chiếc áo màu xanh.
  sources: [sach]
  withdrawn: Nguồn đã sửa.
""",
    "documents.yaml": """- id: d1
  number: Chỉ thị số 05-CT/TW
  date: 2016-05-15
  issuer: Bộ Chính trị
  title: Về học tập
  summary: Nói về học tập.
  sources: [plan]
""",
    "quotations.yaml": """- id: q1
  text: Đoàn kết là sức mạnh của chúng ta
  work: Bài nói “Hòn đá”
  sources: [plan]
- id: q2
  text: Cùng nhau thì việc gì cũng xong
  work: Bài nói
  sources: [plan]
""",
    "milestones.yaml": """- id: m1
  name: Ngày Hội
  day: 19
  month: 5
  since: 1890
  kind: national
  push: true
  phrase: Ngày Hội
  sources: [plan]
- id: m2
  name: Giỗ Tổ
  day: 10
  month: 3
  lunar: true
  kind: national
  sources: [plan]
""",
    "glossary.yaml": """- id: ldld
  term: LĐLĐ
  opened: Liên đoàn Lao động
""",
    "languages.yaml": """- id: blt
  name: Thái
""",
    "plan.yaml": """- id: ii-1-1
  heading: II. NỘI DUNG
  text: Học tập và làm theo Bác về đoàn kết.
""",
    "weeks.yaml": "".join(f"- week: {week}\n  cards: [hon-da, chiec-ao]\n" for week in range(1, 53)),
    "meetings.yaml": "".join(MEETING.format(month=month) for month in range(1, 13)),
    "errata.yaml": """- id: e1
  card: hon-da
  wrong: [abc]
  text: Bài thơ đăng báo ngày 21/4/1942.
  facts: [f2]
""",
    "themes/doan-ket/theme.yaml": """id: doan-ket
title: Đoàn kết
order: 1
""",
    "themes/doan-ket/cards/hon-da.md": """---
id: hon-da
order: 1
title: Hòn đá
quotation: q1
facts: [f1, f2]
plan: [ii-1-1]
do_this: Giúp một người.
do_this_for:
  bep-an: Giúp một người nấu ăn.
---
Ngày 21/4/1942, bài thơ Hòn đá của Chủ tịch Hồ Chí Minh được đăng báo. Bài thơ nói về sức mạnh của nhiều người.

Bác Hồ dặn đoàn kết là sức mạnh, là việc của mọi người trong tổ, trong gia đình và trong cả làng.
""",
    "themes/doan-ket/questions/hon-da.yaml": """- id: hon-da-1
  card: hon-da
  text: Điều gì làm nên sức mạnh?
  difficulty: 1
  options: [Đoàn kết, Ngủ nhiều, Đi xa, Ở nhà]
  correct: A
  explanation: Đoàn kết là sức mạnh.
  facts: [f1]
- id: hon-da-2
  card: hon-da
  text: Bài thơ tên là gì?
  difficulty: 2
  options:
    - Cây
    - Hòn đá
    - Sông
    - Núi
  correct: B
  explanation: Bài “Hòn đá” đăng báo năm 1942.
  facts: [f2]
""",
    "themes/chuyen-ke/theme.yaml": """id: chuyen-ke
title: Chuyện kể
order: 2
""",
    "themes/chuyen-ke/cards/chiec-ao.md": """---
id: chiec-ao
order: 1
title: Chiếc áo
facts: [f3]
image:
  file: chiec-ao.png
  alt: Một chiếc áo màu nâu
  licence: Ảnh của Công đoàn tỉnh
---
Tháng 12/1954, có nhiều chiến sĩ về thăm. Chủ tịch Hồ Chí Minh tặng lại chiếc áo của mình cho một người trong số họ.

Món quà nhỏ mà ấm. Người nhận giữ chiếc áo suốt nhiều năm và kể lại cho con cháu nghe.
""",
    "themes/chuyen-ke/questions/chiec-ao.yaml": """- id: chiec-ao-1
  card: chiec-ao
  text: Chủ tịch Hồ Chí Minh đã tặng lại vật gì và cho ai (chọn mọi ý đúng)?
  difficulty: 3
  options: [Chiếc áo, Đôi dép, Một chiến sĩ, Một em nhỏ]
  correct: [A, C]
  explanation: Bác Hồ tặng lại chiếc áo cho một chiến sĩ.
  facts: [f3]
""",
}


def write_small_pack(root: Path) -> None:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "themes/chuyen-ke/images").mkdir()
    (root / "themes/chuyen-ke/images/chiec-ao.png").write_bytes(PNG)


@pytest.fixture
def pack_dir(tmp_path: Path) -> Path:
    root = tmp_path / "content" / "2025"
    write_small_pack(root)
    return root
