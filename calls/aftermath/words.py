"""What the quality check listens for in the agent's lines. English; the voice speaks no other language of its own yet.

The check comes after the call and only reports. What may be said at all is decided before it is spoken, elsewhere.
"""

import re
from decimal import Decimal, InvalidOperation


def _any(*parts: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(parts)})", re.IGNORECASE)


NOT = _any(
    r"not?\b",
    r"never\b",
    r"nobody\b",
    r"cannot\b",
    r"\w+n[’']t\b",
    r"unable\b",
    r"without\b",
    r"neither\b",
    r"nor\b",
)
CONDITION = _any(r"if\b", r"unless\b", r"until\b", r"otherwise\b")
_CLAUSES = re.compile(r"[,;:]|\bbut\b")

# Name of the check -> what must not be said. Each says whether a sentence that denies it is harmless.
FORBIDDEN: dict[str, tuple[re.Pattern[str], bool]] = {
    "no_threat": (
        _any(
            r"arrest",
            r"police\b",
            r"jail\b",
            r"prison\b",
            r"(?:sue|suing|lawsuit)\b",
            r"legal action",
            r"(?:take|see) you (?:to|in) court",
            r"garnish",
            r"repossess",
            r"seize\b",
            r"credit (?:report|score|bureau|rating|record)",
            r"tell your (?:employer|boss|family|neighbou?rs|wife|husband)",
        ),
        True,
    ),
    "no_human_claim": (
        _any(
            r"i(?:[’']m| am) (?:a |an )?(?:real |actual |living )?(?:human|person|man|woman)\b",
            r"i(?:[’']m| am) not (?:a |an )?(?:robot|machine|bot|computer|ai)\b",
            r"this is not (?:a |an )?(?:robot|machine|recording|ai)\b",
        ),
        False,
    ),
    "no_discount": (
        _any(
            r"discount",
            r"waiv(?:e|ing)\b",
            r"reduc(?:e|ing) (?:the|your) (?:balance|amount|debt)",
            r"settle (?:it |this )?for (?:less|half)",
            r"forgiv(?:e|ing) (?:the|a|some|your|part|half)",
            r"\d+ ?(?:%|percent) (?:off|less)",
        ),
        True,
    ),
    "no_card_request": (
        _any(
            r"(?:card|account|routing) number",
            r"sort code",
            r"cvv\b",
            r"cvc\b",
            r"security code",
            r"(?:last|first) (?:four|4) digits",
            r"(?:your|the) (?:pin|password)\b",
        ),
        True,
    ),
}
# Words of denial that agree.
AGREEING = _any(
    r"no (?:problems?|worry|worries|objections?|doubt)\b",
    r"not (?:a problem|bad|at all)\b",
    r"why not\b",
    r"nothing wrong with that\b",
    r"(?:do not|don[’']t) see why not\b",
    r"(?:do not|don[’']t|would not|wouldn[’']t) mind\b",
    r"no,? (?:(?:(?:that|it|this)(?:[’']s| is) (?:right|correct|fine|good|okay|great))|yes|yeah)\b",
)
YES = _any(
    r"yes\b",
    r"yeah\b",
    r"yep\b",
    r"yup\b",
    r"right\b",
    r"correct\b",
    r"ok(?:ay|ey)?\b",
    r"(?:all right|alright)\b",
    r"righto\b",
    r"sure\b",
    r"fine\b",
    r"agreed?\b",
    r"aye\b",
    r"m+-?hm+\b",
    r"uh.huh\b",
    r"of course\b",
    r"certainly\b",
    r"definitely\b",
    r"indeed\b",
    r"totally\b",
    r"deal\b",
    r"(?:perfect|great|lovely|excellent|brilliant|wonderful|cool|good|true)\b",
    r"(?:works|work for me)\b",
    r"(?:that|this|it)(?:[’']ll| will| should| would) (?:work|do)\b",
    r"go (?:ahead|on|for it)\b",
    r"let[’']?s do\b",
    r"i (?:can do|can manage|will|suppose|guess|confirm|promise)\b",
    r"i[’']ll\b",
    r"(?:you got it|you bet|by all means|bang on|spot on|fair enough)\b",
    r"(?:happy|okay) with (?:that|it|this)\b",
    r"(?:put me down|book|lock)\b",
    r"do it\b",
    r"please\b",
    r"that[’']s it\b",
    r"absolutely\b",
    r"exactly\b",
    r"pressed 1\b",
)
DEBT = _any(r"debt", r"invoice", r"overdue", r"past due", r"balance", r"you owe\b", r"arrears", r"unpaid")
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?=\d)[^.!?]*)*[.!?]*")


def sentences(text: str) -> list[str]:
    """Split at full stops that end a sentence, not at those in an amount."""
    return [part.strip() for part in _SENTENCE.findall(text) if part.strip()]


def breaks(name: str, text: str) -> bool:
    """Whether a line says what the check `name` forbids."""
    pattern, denial_is_harmless = FORBIDDEN[name]
    clauses = [clause for sentence in sentences(text) for clause in _CLAUSES.split(sentence)]
    return any(pattern.search(clause) and not (denial_is_harmless and _denies(clause)) for clause in clauses)


def _denies(clause: str) -> bool:
    """“We never do that”, and not “if you do not pay, we do”."""
    return NOT.search(clause) is not None and CONDITION.search(clause) is None


def says_amount(text: str, amount: Decimal) -> bool:
    return any(number == amount for number in _numbers(text))


def says_day(text: str, day: int) -> bool:
    """The number of a day in a month: “December 4th”."""
    return re.search(rf"\b{day}(?:st|nd|rd|th)?\b", text) is not None


def says_code(text: str, code: str) -> bool:
    """An invoice's number, as it is written or with its letters and digits apart."""
    wanted = _alnum(code)
    return bool(wanted) and wanted in _alnum(text)


def _alnum(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())


def _numbers(text: str) -> list[Decimal]:
    found = []
    for each in NUMBER.findall(text):
        try:
            found.append(Decimal(each.replace(",", "")))
        except InvalidOperation:
            continue
    return found
