"""An officer sends an announcement again, decides what is uncertain, puts it right, or takes it back."""

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.prompts import Option, text
from bot.services import corrections, drafts, references
from bot.services.corrections import Standing, Uncertain
from bot.services.drafts import Reference


async def resend_sent(dialog: Dialog, id: int) -> Go:
    """Again, to exactly those who did not get it."""
    missed = await dialog.load("missed", corrections.missed, id)
    if missed is None or not any((missed["failed"], missed["unreachable"], missed["expired"], missed["stopped"])):
        await dialog.say(text("results.nobody_missed"))
        return Go("sent_one", {"id": id})
    options = [Option("resend", "resend_now")] if missed["failed"] + missed["unreachable"] + missed["expired"] else []
    options += [Option("resend_with_stopped")] if missed["stopped"] else []
    chosen = await dialog.choose("sure", text("results.resend", **missed), [*options, Option("do_not")])
    if chosen == "do_not":
        await dialog.say(text("results.not_done"))
    else:
        sent = await dialog.commit("send", corrections.resend, id, chosen == "resend_with_stopped")
        await dialog.say(text("results.begun" if sent is not None else "results.nobody_missed"))
    return Go("sent_one", {"id": id})


async def uncertain_sent(dialog: Dialog, id: int) -> Go:
    """What may have arrived: decided together, or person by person."""
    found = await dialog.load("found", corrections.uncertain, id, 0)
    if not found["count"]:
        await dialog.say(text("results.nobody_uncertain"))
        return Go("sent_one", {"id": id})
    options = [Option("all_received"), Option("all_again")]
    options += [Option("one_at_a_time")] if found["people"] else []
    options += [Option("do_not")]
    untold = found.get("untold", False)
    what = await dialog.choose("what", text("results.uncertain", count=found["count"], untold=untold), options)
    again = False
    if what == "one_at_a_time":
        again = await _one_at_a_time(dialog, id, found)
    elif what == "do_not":
        await dialog.say(text("results.not_done"))
    else:
        again = what == "all_again"
        count = await dialog.commit("all", corrections.decide, id, [], not again)
        await dialog.say(text("results.decided", count=count, received=not again, untold=untold))
    return Go("resend_sent" if again else "sent_one", {"id": id})


async def _one_at_a_time(dialog: Dialog, id: int, found: Uncertain) -> bool:
    """Until none is left or it is enough; whether anybody is to get it again."""
    step, skip, again = 0, 0, False
    while found["count"]:
        step += 1
        people = found["people"]
        options = [Option(str(person["id"]), label=person["name"] or person["unit"]) for person in people]
        options += [Option("more", word="list_more")] if found["count"] > skip + len(people) else []
        prompt = text("results.uncertain_people", people=people, count=found["count"])
        answer = await dialog.choose(f"who:{step}", prompt, [*options, Option("to_result")])
        if answer == "to_result":
            return again
        if answer == "more":
            skip += corrections.NAMES_SHOWN
        else:
            person = next(person for person in people if str(person["id"]) == answer)
            one = text("results.uncertain_one", name=person["name"], unit=person["unit"])
            decisions = [Option("count_received"), Option("count_again"), Option("do_not")]
            decision = await dialog.choose(f"decide:{step}", one, decisions)
            if decision != "do_not":
                received = decision == "count_received"
                again = again or not received
                count = await dialog.commit(f"one:{step}", corrections.decide, id, [person["id"]], received)
                await dialog.say(text("results.decided", count=count, received=received, untold=False))
            skip = 0
        found = await dialog.load(f"found:{step}", corrections.uncertain, id, skip)
    return again


async def correct(dialog: Dialog, id: int) -> Go:
    """The right text, the right document it rests on, what happens with them, and so it is."""
    now = await dialog.load("now", corrections.standing, id)
    limit = await dialog.load("limit", drafts.longest)
    if now is None:
        await dialog.say(text("results.not_now"))
        return Go("sent_one", {"id": id})
    body, reference, step = await _right_text(dialog, now, limit), now["reference"], 0
    while True:
        step += 1
        change = await dialog.load(f"change:{step}", corrections.correction, id, body)
        if change is None:
            await dialog.say(text("results.not_now"))
            return Go("sent_one", {"id": id})
        prompt = text("results.correction", body=change.get("shown", body), reference=reference, change=change)
        options = [Option("do_it_now")] if (body, reference) != (now["body"], now["reference"]) else []
        options.append(Option("reference_edit" if reference is not None else "reference_add"))
        chosen = await dialog.choose(f"sure:{step}", prompt, [*options, Option("do_not")])
        if chosen == "do_it_now":
            sent = await dialog.commit("correct", corrections.correct, id, body, reference)
            await dialog.say(text("results.begun" if sent is not None else "results.not_now"))
            return Go("sent_one", {"id": id})
        if chosen == "do_not":
            await dialog.say(text("results.not_done"))
            return Go("sent_one", {"id": id})
        reference = await _right_reference(dialog, f"reference:{step}", body, reference)


async def _right_text(dialog: Dialog, now: Standing, limit: int) -> str:
    """The whole of it, or as it was."""
    prompt, step = text("results.write_right", quoted=now["quoted"], limit=limit), 0
    while True:
        step += 1
        body = await dialog.ask(f"body:{step}", prompt, _text, options=[Option("keep_text")], numbered=False)
        if body == "keep_text":
            return now["body"]
        checked = await dialog.load(f"checked:{step}", drafts.check, body, now["reference"])
        if checked["unknown"]:
            prompt = text("compose.unknown", unknown=checked["unknown"])
        elif checked["too_long"]:
            prompt = text("errors.too_long", limit=limit)
        else:
            return body


async def _right_reference(dialog: Dialog, key: str, body: str, before: Reference | None) -> Reference | None:
    """Part by part; what it was when the text leaves no room for it."""
    right = {}
    for part in references.PARTS:
        was = before[part] if before is not None else ""
        asked = text("results.part", ask=text(f"compose.ask_{part}"), was=was)
        options = [Option("keep_part")] if was else []
        options += [Option("skip")] if part != "number" else []
        answer = await dialog.ask(f"{key}:{part}", asked, references.parser(part), options=options, numbered=False)
        right[part] = was if answer == "keep_part" else "" if answer == "skip" else answer
    reference = Reference(
        number=right["number"],
        date=right["date"],
        summary=right["summary"],
        signer=right["signer"],
        due=right["due"],
    )
    if (await dialog.load(f"{key}:checked", drafts.check, body, reference))["too_long"]:
        await dialog.say(text("compose.reference_too_long"))
        return before
    return reference


async def recall(dialog: Dialog, id: int) -> Go:
    """What can be deleted and what cannot; then it is, for good."""
    now = await dialog.load("now", corrections.standing, id)
    change = await dialog.load("change", corrections.recalling, id)
    if now is None or change is None:
        await dialog.say(text("results.not_now"))
        return Go("sent_one", {"id": id})
    options = [Option("recall", "recall_now")]
    options += [Option("recall_tell")] if change["too_old"] + change["no_way"] else []
    prompt = text("results.recall", change=change, **now)
    chosen = await dialog.choose("sure", prompt, [*options, Option("do_not")])
    if chosen == "do_not":
        await dialog.say(text("results.not_done"))
    else:
        done = await dialog.commit("recall", corrections.recall, id, chosen == "recall_tell")
        await dialog.say(text("results.begun" if done is not None else "results.not_now"))
    return Go("sent_one", {"id": id})


def _text(answer: Answer) -> str | Invalid:
    if not answer.text:
        return Invalid(text("errors.other_kind_here"))
    return answer.text


FLOWS = (
    Flow("resend_sent", resend_sent, open_to="role", resumable=False),
    Flow("uncertain_sent", uncertain_sent, open_to="role", resumable=False),
    Flow("correct", correct, open_to="role"),
    Flow("recall", recall, open_to="role", resumable=False),
)
