"""Reviewing: who gets a nomination, what they may do, and what the nominator hears."""

import pytest

from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.services import nominations
from bot.services.turn import Turn
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import granted, may_be_lost, outcomes, times
from tests.support.people import a_minute_later, introduce, pushed, settled, taps_pushed

HOSTILE = (
    "<b>đậm</b>",
    "{{7*7}} việc",
    "'; DROP TABLE nomination; --",
    "Nguye\u0302\u0303n Thi\u0323 Hoa\u0300",
    "\u202egnort nắm",
)


async def escalate(house: House) -> int:
    """What the scheduler does every morning."""

    def run(tx: Transaction) -> int:
        return nominations.escalate(Turn(tx, house.running.installation, house.clock.now(), "escalation")).moved

    moved = await house.running.db.write(run)
    house.running.wake(pushes=True)
    await house.settle()
    return moved


async def test_nobody_may_review_it(house: House) -> None:
    """The administrators over its unit hear of it at once, and once a day for as long as it is so."""
    admin, other = await settled(house, "961", "Quản Trị"), await settled(house, "962", "Quản Trị Khác", "LC0422")
    await granted(house, admin, "LD", RoleKind.ADMIN, title="")
    await granted(house, other, "LC0422", RoleKind.ADMIN, title="")
    an = await settled(house, "963", "Vàng Văn An")
    for _ in range(2):
        await introduce(house, an)
    house.clock.forward(hours=23)
    assert await escalate(house) == 0
    assert (await outcomes(house, "unreviewed:%")).total() == 1
    house.clock.forward(hours=2)
    await escalate(house)
    assert (await outcomes(house, "unreviewed:%")).total() == 2
    assert other.shown == []
    if not may_be_lost(house):
        assert times(admin, "chưa ai xét được") == 2
    assert "Giao việc gì?" in await taps_pushed(house, admin, "Giao việc")
    await settled(house, "964", "Lý Thị Mai", reviews="LC01")
    assert await escalate(house) == 2
    house.clock.forward(days=2)
    await escalate(house)
    assert (await outcomes(house, "unreviewed:%")).total() == 2


async def test_accepted(house: House) -> None:
    """The nearest reviewer is told without the deed, sees it, accepts; the nominator hears it, thanks first."""
    an = await settled(house, "901", "Vàng Văn An")
    mai = await settled(house, "902", "Lý Thị Mai", form="chị", reviews="LC01")
    far = await settled(house, "903", "Hà Văn Xa", reviews="LD")
    code = await introduce(house, an)
    assert mai.last.text == f"Có một gương tốt mới chờ chị xét: {code} · Một người."
    assert mai.last.labels == ["Xem và xử lý", "Vì sao tôi nhận tin này?"]
    assert far.shown == []
    case = await mai.taps("Xem và xử lý")
    assert "Việc tốt: Trả lại ví" in case
    assert "Do ai giới thiệu (chỉ chị biết, không nói lại): Vàng Văn An" in case
    assert "Người giới thiệu: nêu tên" in case
    done = await mai.taps("Tiếp nhận")
    assert f"Đã tiếp nhận {code}" in done
    assert "Hiện không có gương nào chờ chị xét" in done
    assert (await pushed(house, an)).text == f"Cảm ơn anh. Gương anh giới thiệu ({code}) đã được tiếp nhận để xem xét."


async def test_staff_review_too_and_by_typing_what_stands_on_the_button(plain_house: House) -> None:
    """Whoever is told has the right to decide."""
    an = await settled(plain_house, "951", "Vàng Văn An")
    mai = await granted(
        plain_house, await settled(plain_house, "952", "Lý Thị Mai", form="chị"), "LC01", RoleKind.STAFF
    )
    code = await introduce(plain_house, an)
    assert f"Có một gương tốt mới chờ chị xét: {code}" in mai.last.text
    assert "Việc tốt: Trả lại ví" in await mai.says("xem va xu ly")
    assert f"Đã tiếp nhận {code}" in await mai.says("tiếp nhận")


async def test_not_this_time_by_typing(house: House) -> None:
    """From the queue, by numbers; the reason goes to the nominator."""
    an = await settled(house, "904", "Vàng Văn An")
    mai = await settled(house, "905", "Lý Thị Mai", form="chị", reviews="LC01")
    first = await introduce(house, an, "Bình")
    second = await introduce(house, an, "Chi")
    house.clock.forward(days=2)
    queue = await mai.says("guong cho xet")
    assert f"1. {first} · Một người · chờ 2 ngày" in queue
    assert f"2. {second}" in queue
    assert "Chi" not in queue
    assert "Chi" in await mai.says("2")
    assert "lý do này" in await mai.says("chưa chọn đợt này")
    await mai.says("Đợt này đã đủ số lượng.")
    heard = (await pushed(house, an)).text
    assert f"Đợt này chưa chọn ({second}): Đợt này đã đủ số lượng.\nGương này vẫn được lưu" in heard
    assert f"1. {first}" in mai.last.text


@pytest.mark.parametrize(
    ("press", "heard"),
    [("Cảm ơn và lưu", "đã được ghi nhận và lưu lại"), ("Không phải gương tốt", "chọn Gặp cán bộ")],
)
async def test_kept_or_no_good_deed(plain_house: House, press: str, heard: str) -> None:
    """Each is heard, thanks first; what is no good deed loses its words."""
    an = await settled(plain_house, "906", "Vàng Văn An")
    mai = await settled(plain_house, "907", "Lý Thị Mai", form="chị", reviews="LC01")
    await introduce(plain_house, an, told="Ông trưởng phòng thu tiền")
    await mai.taps("Xem và xử lý")
    await mai.taps(press)
    assert an.last.text.startswith("Cảm ơn anh")
    assert heard in an.last.text
    told = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT told FROM nomination"))
    if press == "Không phải gương tốt":
        assert told == ""
        assert "Gặp cán bộ" in an.last.labels
        assert "Nguyễn Văn Mẫu" in await an.taps("Gặp cán bộ")
    else:
        assert told == "Ông trưởng phòng thu tiền"


async def test_a_voice_note_is_written_down(house: House) -> None:
    """Heard by the reviewer, written down, corrected by the nominator, then decided."""
    an = await settled(house, "908", "Vàng Văn An")
    mai = await settled(house, "909", "Lý Thị Mai", form="chị", reviews="LC01")
    house.channel.files["voice-1"] = b"ogg"
    house.variant, variant = "plain", house.variant
    await an.says("/gioithieu")
    for answer in ("1", "Lò Thị Bình", "đơn vị tôi"):
        await an.says(answer)
    await an.sends(InboundKind.VOICE, ref="voice-1")
    for answer in ("xong", "không nêu tên", "gửi"):
        await an.says(answer)
    house.variant = variant
    case = await mai.taps("Xem và xử lý")
    assert [m.media for m in mai.shown if m.media] == [[("voice", "voice-1")]]
    assert "Việc tốt: kể bằng tin thoại" in case
    assert "Người giới thiệu: không nêu tên" in case
    assert [label.partition(". ")[2] for label in mai.last.labels] == [
        "Ghi lại lời kể",
        "Không phải gương tốt",
        "Để sau",
    ]
    await mai.taps("Ghi lại lời kể")
    assert "xác nhận" in await mai.says("Bình trả lại ví nhặt được")
    assert "Bình trả lại ví nhặt được" in (await pushed(house, an)).text
    assert "Lời kể đang ghi là" in await taps_pushed(house, an, "Sửa lại")
    await an.says("Bình trả lại ví có 5 triệu")
    assert "đã xác nhận lời kể" in (await pushed(house, mai)).text
    assert "Việc tốt: Bình trả lại ví có 5 triệu" in await mai.taps("Xem và xử lý")
    await mai.taps("Tiếp nhận")
    assert "đã được tiếp nhận" in (await pushed(house, an)).text


async def test_confirming_by_button_or_in_the_list(plain_house: House) -> None:
    """«Đúng» under the message once; a second press finds it settled."""
    an = await settled(plain_house, "910", "Vàng Văn An")
    mai = await settled(plain_house, "911", "Lý Thị Mai", form="chị", reviews="LC01")
    await an.says("/gioithieu")
    for answer in ("1", "Lò Thị Bình", "đơn vị tôi"):
        await an.says(answer)
    await an.sends(InboundKind.VOICE, ref="voice-1")
    for answer in ("xong", "nêu tên", "gửi"):
        await an.says(answer)
    await mai.taps("Xem và xử lý")
    await mai.taps("Ghi lại lời kể")
    await mai.says("Trả lại ví")
    await an.says("/guongtoi")
    assert "chờ anh xem lại" in await an.says("1")
    assert "Lời kể đã được chuyển" in await an.says("đúng rồi")
    assert "xong từ trước" in await an.taps_data("voi:1:yes")


async def test_asked_for_more(house: House) -> None:
    """One question, answered where its button leads; then it can be decided, and not asked again."""
    an = await settled(house, "912", "Vàng Văn An")
    mai = await settled(house, "913", "Lý Thị Mai", form="chị", reviews="LC01")
    code = await introduce(house, an)
    await mai.taps("Xem và xử lý")
    await mai.taps("Cần hỏi thêm")
    await mai.says("Ai là chủ chiếc ví?")
    assert f"({code}). Để hoàn thiện, xin anh cho biết thêm: Ai là chủ chiếc ví?" in (await pushed(house, an)).text
    assert "Người xét duyệt hỏi: Ai là chủ chiếc ví?" in await taps_pushed(house, an, "Trả lời người xét duyệt")
    assert "Đã chuyển câu trả lời" in await an.says("Một bác đi chợ")
    assert code in (await pushed(house, mai)).text
    case = await mai.taps("Xem và xử lý")
    assert "Trả lời: Một bác đi chợ" in case
    assert "Cần hỏi thêm" not in " ".join(mai.last.labels)


async def test_two_reviewers_at_once(plain_house: House) -> None:
    """The first wins; the second gets a kind sentence."""
    an = await settled(plain_house, "914", "Vàng Văn An")
    mai = await settled(plain_house, "915", "Lý Thị Mai", form="chị", reviews="LC01")
    nam = await settled(plain_house, "916", "Lù Văn Nam", reviews="LC01")
    await introduce(plain_house, an)
    await mai.taps("Xem và xử lý")
    await nam.taps("Xem và xử lý")
    await mai.taps("Tiếp nhận")
    before = len(an.shown)
    assert "đã có người xử lý trước" in await nam.taps("Cảm ơn và lưu")
    assert len(an.shown) == before


async def test_the_nominee_or_nominator_never_reviews(house: House) -> None:
    """A reviewer who is the nominee is passed over with their level; one who introduced it never gets it."""
    an = await settled(house, "917", "Vàng Văn An", reviews="LC01")
    mai = await settled(house, "918", "Lý Thị Mai", form="chị", reviews="LC01")
    top = await settled(house, "919", "Hà Văn Xa", reviews="LD")
    code = await introduce(house, an, "lý thị mai, tổ 1")
    assert mai.shown == []
    assert code in top.last.text
    assert "không có gương nào" in await mai.says("/xetduyet")
    own = await introduce(house, an, "Lò Thị Bình")
    assert own in mai.last.text
    assert "chờ anh xét" not in an.last.text
    assert "không có gương nào" in await an.says("/xetduyet")
    assert "người được giao" in await an.taps_data("rev:2:open")


async def test_straight_up(house: House) -> None:
    """One level above the nearest, when the member chose so; offered only where there is one."""
    an = await settled(house, "920", "Vàng Văn An")
    mai = await settled(house, "921", "Lý Thị Mai", form="chị", reviews="LC01")
    top = await settled(house, "922", "Hà Văn Xa", reviews="LD")
    house.variant, variant = "plain", house.variant
    await an.says("/gioithieu")
    for answer in ("1", "Lò Thị Bình", "đơn vị tôi", "Trả lại ví", "hôm qua", "bỏ qua", "xong"):
        await an.says(answer)
    house.variant = variant
    assert "Không muốn cấp gần nhất xét" in an.last.text
    assert "gửi thẳng cấp trên" in await an.taps("Gửi thẳng cấp trên")
    assert "không nêu tên, gửi thẳng cấp trên" in await an.taps("Không nêu tên tôi")
    await an.taps("Gửi")
    assert mai.shown == []
    assert "GT-" in (await pushed(house, top)).text


async def test_upward_after_some_days(house: House) -> None:
    """After the set number of days the level above gets it, once; the lower one can open it no more."""
    an = await settled(house, "923", "Vàng Văn An")
    mai = await settled(house, "924", "Lý Thị Mai", form="chị", reviews="LC01")
    top = await settled(house, "925", "Hà Văn Xa", reviews="LD")
    code = await introduce(house, an)
    house.clock.forward(days=6)
    assert await escalate(house) == 0
    house.clock.forward(days=1, minutes=1)
    assert await escalate(house) == 1
    assert await escalate(house) == 0
    assert code in top.last.text
    assert len(top.shown) == 1
    refusal = "người được giao" if house.channel.capabilities.buttons else "quá bảy ngày"
    assert refusal in await mai.taps("Xem và xử lý")
    assert "Trả lại ví" in await top.taps("Xem và xử lý")


async def test_forged_and_foreign(plain_house: House) -> None:
    """No role, no right; nothing of the deed shows."""
    an = await settled(plain_house, "926", "Vàng Văn An")
    await settled(plain_house, "927", "Lý Thị Mai", form="chị", reviews="LC01")
    other = await settled(plain_house, "928", "Lù Văn Nam", reviews="LC0422")
    await introduce(plain_house, an)
    for phone in (an, other):
        for data in ("rev:1:open", "rev:1:accept", "rev:2:open", "rev:x:open", "rev:" + "9" * 30 + ":open", "rev:1:"):
            answer = await phone.taps_data(data)
            assert "người được giao" in answer
            assert "ví" not in answer
        a_minute_later(plain_house)
    assert "người được giao" in await an.says("/xetduyet")
    assert "không có gương nào" in await other.says("/xetduyet")


async def test_hostile_words_are_only_words(plain_house: House) -> None:
    """Markup, templates, SQL, decomposed and right-to-left text reach the reviewer as typed, escaped."""
    an = await settled(plain_house, "929", "<i>An</i>")
    mai = await settled(plain_house, "930", "Lý Thị Mai", form="chị", reviews="LC01")
    for words in HOSTILE:
        a_minute_later(plain_house)
        await introduce(plain_house, an, words, unit=words, told=words)
        await mai.taps("Xem và xử lý")
        case = next(m for m in reversed(mai.shown) if "Việc tốt:" in m.text)
        assert "<i>An" not in case.html
        assert "<b>đậm" not in case.html
        assert "\u202e" not in case.text
        assert "Do ai giới thiệu" in case.text
        await mai.taps("Cảm ơn và lưu")
        if words.startswith("Nguy"):
            assert "Nguyễn Thị Hoà" in case.text
        elif "\u202e" not in words:
            assert f"Việc tốt: {words}" in case.text
    kept = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM nomination"))
    assert kept == len(HOSTILE)


async def test_the_audit_log_holds_no_words(plain_house: House) -> None:
    """Every act of staff is there, the deed is not."""
    an = await settled(plain_house, "931", "Vàng Văn An")
    mai = await settled(plain_house, "932", "Lý Thị Mai", form="chị", reviews="LC01")
    await introduce(plain_house, an)
    await mai.taps("Xem và xử lý")
    await mai.taps("Tiếp nhận")
    log = await plain_house.running.db.read(
        lambda tx: tx.all("SELECT act, detail FROM audit WHERE act LIKE 'nomination%'")
    )
    assert log == [("nomination_handed", "nomination:1"), ("nomination_accepted", "nomination:1")]


async def test_pushed_outside_quiet_hours(plain_house: House) -> None:
    """At night a reviewer is left alone until six."""
    an = await settled(plain_house, "933", "Vàng Văn An")
    mai: Phone = await settled(plain_house, "934", "Lý Thị Mai", form="chị", reviews="LC01")
    plain_house.clock.at("2025-05-01T23:30")
    await introduce(plain_house, an)
    assert mai.shown == []
    plain_house.clock.at("2025-05-02T06:00")
    plain_house.running.wake(pushes=True)
    await plain_house.settle()
    assert "gương tốt mới" in mai.last.text
