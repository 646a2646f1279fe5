"""Holds the announcement: takes what was pressed or said at a step, does it, and answers what is said next.

The carrier may ask twice, so each act is safe to repeat. The debt comes from `debt_facts` alone, which answers only
once the person has been verified.
"""

from uuid import UUID

from django.utils import timezone

from calls.announcement import acts, words
from calls.announcement.prompt import Prompt
from calls.announcement.steps import DAYS, Choice, Name, Step, understood
from calls.conversation import NothingOwed, NotVerified, debt_facts, opening_facts
from calls.house import house_rules
from calls.models import Call, Disposition, HouseRules
from calls.services import call_note


def announcement_begin(*, call_id: UUID) -> Prompt:
    """The phone was answered. Asked again, it begins again."""
    call_note(call_id=call_id, kind="announcement_begun", source=acts.SOURCE, announced_at=timezone.now())
    return acts.said(call_id, _asked(call_id, Step(Name.PERSON)))


def announcement_go_on(*, call_id: UUID) -> Prompt:
    """The agent has left the person on the line: an apology, and the question that fits what is known of them."""
    verified = Call.objects.filter(pk=call_id, verified_at__isnull=False).exists()
    step = Step(Name.MENU if verified else Name.PERSON)
    try:
        prompt = _asked(call_id, step, before=words.BY_KEYS)
    except NothingOwed:
        prompt = _settled(call_id)
    return acts.said(call_id, prompt)


def announcement_answer(*, call_id: UUID, step: Step, digits: str, speech: str) -> Prompt:
    """What was pressed or said at `step`, done; what follows."""
    call = Call.objects.select_related("customer", "invoice").get(pk=call_id)
    choice = understood(step.name, digits=digits, speech=speech)
    if choice in (Choice.STOP, Choice.STOP_PERHAPS):
        # Kept before anything else is written or said, and though the call has ended meanwhile.
        prompt = acts.stop(call, choice, wording=speech or "pressed key 9")
        acts.heard(call_id, choice, digits)
        return acts.said(call_id, prompt)
    if call.disposition or not call.is_live:
        return Prompt(words.GOODBYE)
    acts.heard(call_id, choice, digits)
    try:
        prompt = _next(call, step, choice, digits)
    except NotVerified:
        prompt = _asked(call_id, Step(Name.PERSON))
    except NothingOwed:
        prompt = _settled(call_id)
    return acts.said(call_id, prompt)


def _next(call: Call, step: Step, choice: Choice, digits: str) -> Prompt:
    match choice:
        case Choice.NOTHING | Choice.UNKNOWN:
            return _missed(call.pk, step, choice)
        case Choice.HUMAN:
            debt_facts(call_id=call.pk)
            return acts.human(call)
        case Choice.IS_ME:
            return _identity_or_menu(call)
        case Choice.NOT_ME:
            return _asked(call.pk, Step(Name.WHO))
        case Choice.NOT_NOW:
            return acts.end(call.pk, Disposition.THIRD_PARTY, words.THIRD_PARTY)
        case Choice.WRONG_NUMBER:
            return acts.end(call.pk, Disposition.WRONG_NUMBER, words.WRONG_NUMBER)
        case Choice.FACT:
            return _verify(call, step, digits)
        case Choice.HOW_TO_PAY:
            return acts.how_to_pay(call) or _missed(call.pk, step, Choice.UNKNOWN)
        case Choice.PROMISE | Choice.OTHER_DAY:
            return _asked(call.pk, Step(Name.DAY))
        case Choice.DISPUTE:
            return _asked(call.pk, Step(Name.DISPUTE))
        case Choice.AGAIN | Choice.BACK:
            return _asked(call.pk, Step(Name.MENU))
        case Choice.CONFIRM:
            return _confirm(call)
        case Choice.TODAY | Choice.IN_3_DAYS | Choice.IN_7_DAYS | Choice.IN_14_DAYS:
            refusal = acts.propose(call, DAYS[choice])
            name = Name.MENU if refusal else Name.CONFIRM
            return _asked(call.pk, Step(name), before=refusal)
        case _:
            return acts.dispute(call, choice)


def _settled(call_id: UUID) -> Prompt:
    return acts.end(call_id, Disposition.UNRESOLVED, words.SETTLED, reason="Nothing was owed any more.")


def _identity_or_menu(call: Call) -> Prompt:
    """Whoever has been verified in this call is not asked again, as when the carrier repeats its request."""
    if call.verified_at is not None:
        return _asked(call.pk, Step(Name.MENU))
    if not acts.can_be_verified(call.customer):
        return acts.call_back(call.pk, before=words.NO_KEYS)
    return _asked(call.pk, Step(Name.IDENTITY))


def _verify(call: Call, step: Step, digits: str) -> Prompt:
    result = acts.verify(call, digits)
    if result is None:
        return _missed(call.pk, step, Choice.UNKNOWN)
    if result.verified:
        return _asked(call.pk, Step(Name.MENU), before="Thank you.")
    if result.tries_left:
        return _asked(call.pk, Step(Name.IDENTITY), before=words.TRY_AGAIN)
    return acts.end(call.pk, Disposition.VERIFICATION_FAILED, words.NOT_VERIFIED)


def _confirm(call: Call) -> Prompt:
    if not call.proposed:
        return _asked(call.pk, Step(Name.DAY))
    refusal, prompt = acts.promise(call)
    return prompt or _asked(call.pk, Step(Name.MENU), before=refusal)


def _asked(call_id: UUID, step: Step, *, before: str = "") -> Prompt:
    """The question of a step, behind `before`."""
    return Prompt(f"{before} {_question(call_id, step.name)}".strip(), step)


def _question(call_id: UUID, name: Name) -> str:
    if name == Name.PERSON:
        return words.person(opening_facts(call_id=call_id), callback_number=house_rules().callback_number)
    if name == Name.WHO:
        return words.who(opening_facts(call_id=call_id))
    if name == Name.IDENTITY:
        return words.identity(opening_facts(call_id=call_id))
    debt = debt_facts(call_id=call_id)
    if name == Name.DAY:
        return words.day(debt)
    if name == Name.DISPUTE:
        return words.dispute()
    call = Call.objects.select_related("customer").get(pk=call_id)
    if name == Name.CONFIRM and call.proposed:
        return words.confirm(call.proposed, debt.currency)
    third_party = house_rules().mode == HouseRules.Mode.THIRD_PARTY
    return words.menu(debt, third_party=third_party, how_to_pay=acts.how_to_pay_offer(call))


def _missed(call_id: UUID, step: Step, choice: Choice) -> Prompt:
    again = step.again
    if again is not None:
        return _asked(call_id, again, before=words.NOT_UNDERSTOOD if choice == Choice.UNKNOWN else "")
    if step.name == Name.IDENTITY:
        return acts.end(call_id, Disposition.VERIFICATION_FAILED, words.NO_ANSWER)
    nobody = step.name == Name.PERSON and choice == Choice.NOTHING
    disposition = Disposition.NO_RESPONSE if nobody else Disposition.UNRESOLVED
    return acts.end(call_id, disposition, words.NO_ANSWER)
