"""A pack as small as a good pack can be, for tests to break in one place."""

from pathlib import Path

import pytest

BODY = " ".join(["Bác Hồ dặn đoàn kết là việc của mọi người trong tổ."] * 4)
FILES = {
    "pack.yaml": 'id: "2025"\nyear: 2025\ntitle: Chuyên đề về đoàn kết\nworks:\n  bep-an: Bếp ăn\n',
    "sources.yaml": "- id: plan\n  title: Kế hoạch số 1\n- id: sach\n  title: Sách\n  url: https://vi.du/sach\n",
    "facts.yaml": (
        "- id: f1\n  statement: Đoàn kết là sức mạnh.\n  sources: [plan]\n"
        "- id: f2\n  statement: Bài thơ “Hòn đá” đăng báo ngày 21/4/1942.\n  sources: [sach, plan]\n"
    ),
    "documents.yaml": (
        "- id: d1\n  number: Chỉ thị số 1\n  date: 2016-05-15\n  issuer: Bộ Chính trị\n"
        "  title: Về học tập\n  summary: Nói về học tập.\n  sources: [plan]\n"
    ),
    "quotations.yaml": (
        "- id: q1\n  text: Đoàn kết là sức mạnh của chúng ta\n  work: Bài nói “Hòn đá”\n  sources: [plan]\n"
        "- id: q2\n  text: Cùng nhau thì việc gì cũng xong\n  work: Bài nói\n  sources: [plan]\n"
    ),
    "milestones.yaml": (
        "- id: m1\n  name: Ngày Hội\n  day: 19\n  month: 5\n  since: 1890\n  kind: national\n  push: true\n"
        "  phrase: Ngày Hội\n  sources: [plan]\n"
        "- id: m2\n  name: Giỗ Tổ\n  day: 10\n  month: 3\n  lunar: true\n  kind: national\n  sources: [plan]\n"
    ),
    "glossary.yaml": "- id: ldld\n  term: LĐLĐ\n  opened: Liên đoàn Lao động\n",
    "plan.yaml": "- id: ii-1-1\n  heading: II. NỘI DUNG\n  text: Học tập về đoàn kết.\n",
    "weeks.yaml": "[]\n",
    "meetings.yaml": "[]\n",
    "errata.yaml": "[]\n",
    "themes/doan-ket/theme.yaml": "id: doan-ket\ntitle: Đoàn kết\norder: 1\n",
    "themes/doan-ket/cards/hon-da.md": (
        "---\nid: hon-da\norder: 1\ntitle: Hòn đá\nquotation: q1\nfacts: [f1, f2]\nplan: [ii-1-1]\n"
        f"do_this: Giúp một người.\ndo_this_for:\n  bep-an: Giúp một người nấu ăn.\n---\n{BODY}\n"
    ),
    "themes/doan-ket/questions/hon-da.yaml": (
        "- id: hon-da-1\n  card: hon-da\n  text: Điều gì làm nên sức mạnh?\n  difficulty: 1\n"
        "  options: [Đoàn kết, Ngủ nhiều, Đi xa, Ở nhà]\n  correct: A\n"
        "  explanation: Đoàn kết là sức mạnh.\n  facts: [f1]\n"
        "- id: hon-da-2\n  card: hon-da\n  text: Bài thơ tên là gì?\n  difficulty: 2\n"
        "  options: [Cây, Hòn đá, Sông, Núi]\n  correct: B\n  explanation: Bài “Hòn đá”.\n  facts: [f2]\n"
    ),
}


@pytest.fixture
def pack_dir(tmp_path: Path) -> Path:
    root = tmp_path / "content" / "2025"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
