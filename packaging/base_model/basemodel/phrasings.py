"""How a question is put: the forms that the model is trained on. Those that it is measured with are others.

``{x}`` is a definition, ``{p}`` a parameter, ``{c}`` a line of code, ``{d}`` a description, ``{y}`` another one. Of
``[a|b|c]`` one is said, which makes some two thousand: a model that saw a hundred took every other for a question that
it did not know.
"""

from __future__ import annotations

import random
import re

__all__ = ["FOLLOW_UPS", "FORMS", "UNSTATED", "chosen", "describe_loosely", "roughen", "spelled"]

FORMS: dict[str, tuple[str, ...]] = {
    "where": (
        "[Where|Whereabouts|In which file|In which module] is {x} [defined|declared|implemented|located|found|kept]?",
        "[Which|What] [file|module|source|path|part of the tree] [defines|holds|contains|declares|implements] {x}?",
        "Where [can|do|would|should] I [find|look for|look up|see|read] [|the code of |the source of ]{x}?",
        "Where does {x} [live|come from|stand|reside|belong]?",
        "[Show me|Tell me|I want to know|Do you know|Remind me] where {x} [is|is defined|lives|can be found].",
        "[What is|Give me|I need|Name] the [location|path|file|place|home] of {x}[.|?]",
        "[Find|Locate|Open|Go to] [|the definition of |the source of ]{x}.",
        "I am [looking for|searching|hunting for|trying to find] {x}[, where is it?|.|: which file?]",
        "{x} [is in which file?|- where?|, which file?|lives where?|, where is it?]",
    ),
    "what": (
        "What does {x} do[?| exactly?| in short?| for us?]",
        "What is {x}[?| for?| about?| good for?| used for?| meant to do?| intended for?]",
        "[Explain|Describe|Outline|Characterise|Introduce] {x}[.| to me.| briefly.| in a few words.| please.]",
        "What is the [purpose|job|task|aim|use|function|idea|meaning] of {x}?",
        "What [happens|is done|takes place|is going on] [in|when I call|when one uses] {x}?",
        "[Tell me|Say something|I want to know more|Teach me] about {x}.",
        "[Can|Could|Would] you [explain|describe|tell me|say] what {x} [does|is|is for|means]?",
        "What [do I need|do we have|would one use|do people use] {x} for?",
        "[Give me|I need|Write] a [short |brief |one line |quick |]description of {x}[.|, please.]",
        "I [do not understand|have never seen|stumbled over|found] {x}[, what does it do?|. What is it?|; explain it.]",
        "{x}: [what is that?|what does it do?|purpose?|explain.]",
    ),
    "how": (
        "How does {x} [work|operate|function|do it|do its job|get its result|reach its result|behave inside]?",
        "How is {x} [implemented|written|built|realised|done|coded|constructed]?",
        "[Explain|Show me|Tell me|Describe] how {x} [works|is implemented|does its work|operates|is done].",
        "What does {x} do [internally|inside|under the hood|behind the scenes|step by step|in its body]?",
        "[Walk|Lead|Guide] me through {x}.",
        "What are the [steps|stages|parts|operations] [of|in|inside] {x}?",
        "What [goes on|is going on|happens] [inside|within|in the body of] {x}?",
        "In [what|which] way does {x} [work|do that|operate|compute its result]?",
        "[By what means|With what|Using what] does {x} [work|do its job]?",
    ),
    "why": (
        "Why does {x} [do|use|have|say|contain|need|run|execute] `{c}`?",
        "Why is [there `{c}`|`{c}` there|`{c}` needed|`{c}` done|`{c}` necessary|`{c}` used] in {x}?",
        "What is [`{c}`|the line `{c}`|the code `{c}`] for in {x}?",
        "What is the [reason|rationale|motive|cause|explanation] for `{c}` in {x}?",
        "[For what reason|What for|Because of what] does {x} [do|contain|use] `{c}`?",
        "[Explain|Justify|Comment on] `{c}` in {x}.",
        "In {x} [there is|I see|I found|somebody wrote] `{c}`[. Why?|, why?|: what for?|. What does that do there?]",
        "Why the line `{c}` in {x}?",
    ),
    "which": (
        "Which {k} [is used to|can|does|will|is meant to|serves to|helps to|lets me] {d}?",
        "Where [does the code|do we|does it|is there code to] {d}?",
        "How [do|can|would|should] I {d}?",
        "{d}: [where is that done?|which {k} is it?|who does that?|where?|what does it?]",
        "Which [part|piece|place] of the [code|program|repository|project] [is meant to|is there to|has to|will] {d}?",
        "[What is there|Is there something|Is there anything|Is there a {k}|Do we have something] to {d}?",
        "Which {k} [should|do|can|must] I [use|call|take|look at] to {d}?",
        "I [want|need|have|would like] to {d}[, what do I call?|. What is there?|, which {k} do I take?|. Where?]",
        "[What|Who] [can|does|will|is able to] {d}?",
        "Which {k} is [responsible for|in charge of|the one for] this: {d}?",
        "[Find|Show me|Name|Tell me] the {k} [to|that is to|which can|made to] {d}.",
    ),
    "arguments": (
        "[What|Which] [arguments|parameters|inputs|values|args] [does|can|will|must] {x} [take|accept|have|get]?",
        "How [do|can|should|would] I call {x}?",
        "[What|Which arguments|Which parameters] [can|do|may|must] I [pass|give|send] to {x}?",
        "What is the [signature|parameter list|argument list|interface] of {x}?",
        "What does {x} [take|accept|expect|require|need|ask for]?",
        "[List|Name|Show|Enumerate|Tell me] the [parameters|arguments|inputs] of {x}.",
        "What do I [have to|need to|must] [pass to|give|provide to] {x}?",
        "With [what|which arguments|which parameters] [is|do I call|should I call] {x}[| called]?",
        "{x}: [which arguments?|parameters?|signature?|what does it take?]",
    ),
    "default": (
        "What is the [default|default value|standard value|preset] [of|for] {p} [in|of] {x}?",
        "What is {p} [in|of] {x} by default?",
        "[Which|What] default does {x} [use|have|take|set] for {p}?",
        "[What|Which] value [has|does] {p} of {x} [have |take |get |]if I [leave it out|do not pass it|say nothing]?",
        "What does {p} default to [in|for] {x}?",
        "If I [do not pass|leave out|omit|skip] {p} [to|in|of] {x}, what is [used|taken|its value]?",
        "{x} without {p}: [which value is used?|what does it take?|what is the default?]",
        "[Tell me|Say|Name] the default of {p} in {x}.",
    ),
    "type": (
        "[What|Which] type [is|has|does] {p} [have |]in {x}?",
        "Which type does {x} [expect|want|require|declare|take] for {p}?",
        "What is the [type|declared type|annotation|type hint] of {p} [of|in] {x}?",
        "What kind of [value|thing|argument] is {p} [in|of] {x}?",
        "How is {p} [annotated|typed|declared] in {x}?",
        "[Must|Should|Does] {p} of {x} [be|have to be] a certain type[, and which|]?",
        "What do I pass [to {x} as {p}|as {p} to {x}|for {p} in {x}]: which type?",
    ),
    "bases": (
        "What does {x} [inherit from|extend|derive from|descend from]?",
        "What [is|are] the [base class|base classes|bases|parent|parents|parent class|ancestors] of {x}?",
        "Which [class|classes] does {x} [extend|inherit from|derive from|specialise]?",
        "[Which class|What|From what|From which class] is {x} derived[ from|]?",
        "[Does|Whether] {x} [inherit|extend] [something|anything][?|, and what?]",
        "{x} [extends which class?|inherits from what?|has which base class?]",
        "[Name|Tell me|Show] the [base classes|parents|bases] of {x}.",
    ),
    "returns": (
        "What does {x} [return|give back|yield in the end|produce|evaluate to|deliver]?",
        "What is the [return value|output|value] of {x}?",
        "What do I [get|receive|obtain] [back |]from {x}?",
        "What comes [out of|back from] {x}?",
        "[Which|What] value does {x} [give back|return|produce]?",
        "What is [returned|given back] by {x}?",
        "[Tell me|Say|Show me] what {x} [returns|gives back].",
        "When {x} [is done|ends|has finished], what [is returned|comes back|do I get]?",
    ),
    "raises": (
        "What does {x} raise[?| when it fails?| on bad input?]",
        "[Which|What] [errors|exceptions|exception|error] [can|does|may|will|might] {x} [raise|cause|produce]?",
        "Which [exception|error] [comes from|is raised by|is raised in] {x}?",
        "What happens when {x} [fails|goes wrong|cannot do it]?",
        "[Which|What] [exceptions|errors] [must|should|do] I [expect|handle|be ready for] [from|with|in] {x}?",
        "Which errors do I have to [catch|handle|deal with] around {x}?",
        "How [does|can|will] {x} fail?",
        "[With which|With what] [error|exception] does {x} [stop|fail|end]?",
        "[List|Name] the [exceptions|errors] of {x}.",
    ),
    "callees": (
        "What does {x} [call|use|depend on|need|make use of]?",
        "[Which|What] [other |]functions does {x} [use|call|need]?",
        "What is [called|used] [in|by|inside|within] {x}?",
        "[Which|What] [helpers|methods|routines] does {x} [call|use]?",
        "[List|Name|Show] what {x} calls.",
        "Whom does {x} [call|ask]?",
    ),
    "callers": (
        "[Who|What|Which code|Which function] [calls|uses|needs|runs] {x}?",
        "Where is {x} [used|called|applied|needed|executed]?",
        "Which functions [call|use|need] {x}?",
        "[Find|Show|List|Name] [the callers|all callers|the uses|usages] of {x}.",
        "By [whom|what|which functions] is {x} [called|used]?",
        "[Is|Where is] {x} [called|used] [anywhere|somewhere|by anything][?|, and where?]",
        "[What are|Give me] the [call sites|callers|users] of {x}[.|?]",
    ),
    "difference": (
        "What is the difference between {x} and {y}?",
        "How [do|would] {x} and {y} [differ|compare|relate]?",
        "[Compare|Contrast|Distinguish] {x} [and|with] {y}.",
        "{x} or {y}[, what is the difference?|: which does what?|, when which?]",
        "How is {x} different from {y}?",
        "When [do I use |]{x} and when {y}?",
        "[Tell me|Explain|Describe] [the difference between|how to tell apart] {x} and {y}.",
        "What do {x} and {y} do[, each?|, one by one?|?]",
        "[Which|What] does {x} do that {y} does not?",
    ),
    "summary": (
        "[Summarise|Summarize|Outline|Describe|Explain] [|the file |the module ]{x}.",
        "What is {x} [about|for|there for]?",
        "What [is|stands|is written|can be found] in {x}?",
        "[Give me|Write|I need] [an overview|a summary|an outline|a short description] of {x}.",
        "What does [|the file |the module ]{x} [contain|do|hold|define|provide]?",
        "What is the [purpose|topic|subject|content] of [|the file |the module ]{x}?",
        "[Tell me|Say something] about [|the file |the module ]{x}.",
        "Which things are [in|defined in] {x}?",
    ),
    "reason": (  # asked where nothing gives one
        "Why does {x} [call|use|need|invoke|rely on] `{c}`?",
        "Why is `{c}` [used|called|needed|chosen|preferred] in {x}?",
        "What is the [reason|rationale|motive] [that {x} uses|for the call of|behind] `{c}`[ in {x}|]?",
        "For what reason does {x} [call|use] `{c}`?",
        "Why [did somebody put|was] `{c}` [in|into|chosen for] {x}?",
    ),
}

FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    "where": (
        "[And where|Where|where] is [it|that|this] [defined|declared|found|implemented]?",
        "Which file is [it|that] in?",
        "[Where is that|where is it|And where]?",
    ),
    "what": (
        "[And what|What|what] does [it|that] do?",
        "What is [it|that] for?",
        "[Explain|Describe] [it|that].",
        "And its purpose?",
    ),
    "how": (
        "[And how|How|how] does [it|that] [work|do that|do it]?",
        "How is [it|that] implemented?",
        "And [inside|internally]?",
    ),
    "arguments": (
        "[And what|What|Which] [arguments|parameters] does [it|that] [take|accept|have]?",
        "What do I [pass to|give] it?",
        "[Its parameters|Its signature|And its arguments]?",
    ),
    "returns": (
        "[And what|What|what] does [it|that] return?",
        "What do I get back?",
        "[Its return value|And the result]?",
    ),
    "raises": (
        "[And what|What|what] does it raise?",
        "Can [it|that] [raise anything|fail]?",
        "Which errors can it [raise|cause]?",
    ),
    "bases": (
        "[And what|What|what] does it [inherit from|extend|derive from]?",
        "What is its [base class|parent]?",
        "Its bases?",
    ),
    "callees": ("[And what|What|what] does it [call|use|need]?", "Which functions does it [call|use]?"),
}

UNSTATED = (  # what code does not say about itself
    "Who [wrote|invented|maintains|owns|last changed|reviewed|tested] {x}?",
    "When was {x} [added|written|released|last changed|removed|rewritten]?",
    "How [fast|slow|stable|popular|old|reliable|good] is {x}?",
    "[Which|What] [version|release|commit] [introduced|added|changed|brought] {x}?",
    "How many [people|users|projects|customers|bugs|downloads] [use|have|does] {x}[| have]?",
    "Is {x} [covered by tests|thread safe in production|going to stay|part of the paid plan|faster than before]?",
    "Will {x} be [removed|changed|renamed|supported|rewritten] [soon|next year|in the next release]?",
    "What does {x} cost?",
    "Which [ticket|meeting|mail|customer|law|standard body] [led to|asked for|wanted|caused] {x}?",
    "Has {x} ever [had a security problem|been hacked|failed in production|been slow]?",
    "How much [memory|time|money|power|bandwidth] does {x} [need|take|use]?",
    "Which [company|team|person|country|university] [asked for|paid for|uses|likes] {x}?",
    "What was {x} called [before|at first|in the first release]?",
    "On which [machine|server|cloud|phone] does {x} run [in production|best|at night]?",
    "What is the [time complexity|licence fee|success rate|roadmap|test coverage] of {x}?",
    "When will {x} be [finished|fixed|faster|released]?",
    "[Do|Did] the [authors|developers|managers] [like|regret|discuss] {x}?",
)

_OPENINGS = ("Can you tell me: ", "Quick question: ", "Please: ", "Hi, ", "I wonder: ")
_FIRST_WORDS = frozenset("What Which Where How Who Why When Explain Describe Compare Show Tell Give List Find".split())
_SYNONYMS = {
    "return": ("get", "give back"), "create": ("make", "build"), "compute": ("calculate", "work out"),
    "remove": ("delete", "take away"), "get": ("fetch", "return"), "check": ("test", "verify"),
    "convert": ("turn", "transform"), "find": ("look for", "locate"), "read": ("load",), "write": ("store", "save"),
    "determine": ("find out",), "generate": ("produce", "make"), "set": ("change",), "add": ("insert", "put in"),
    "update": ("change", "refresh"), "parse": ("read",), "build": ("create", "construct"), "apply": ("use",),
    "whether": ("if",), "given": ("certain",), "list": ("sequence",), "object": ("instance",),
}  # fmt: skip


_CHOICE = re.compile(r"\[([^\]]*)\]")


def chosen(form: str, rng: random.Random) -> str:
    """Return a form with one of each ``[a|b|c]``."""
    return _CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), form)


def spelled(symbol: str, kind: str, rng: random.Random, *, whole: bool) -> str:
    """Return a definition's name in one of the ways people write it; ``whole``: not by its last part alone."""
    last = symbol.rpartition(".")[2]
    name = symbol if whole or rng.random() < 0.5 else last
    call = "" if kind == "class" else "()"
    return rng.choice([f"`{name}`", name, name, f"`{name}{call}`", f"{name}{call}", f"the {kind} {name}"])


def describe_loosely(sentence: str, rng: random.Random) -> str:
    """Return a docstring's sentence as somebody would put it who has not read it: words missing, others replaced."""
    words = sentence.split()
    first = words[0]
    if first[1:].islower() or len(first) == 1:
        words[0] = first.lower()
    kept = []
    for word in words:
        if len(words) > 5 and rng.random() < 0.14:
            continue
        others = _SYNONYMS.get(word)
        kept.append(rng.choice(others) if others and rng.random() < 0.4 else word)
    return " ".join(kept)


_PLAIN_WORD = re.compile(r"(?<![`\w./])[a-z]{5,}(?![\w`./(])")


def roughen(question: str, rng: random.Random) -> str:
    """Return the question as it is typed in a hurry, now and then: no capital, no mark, letters swapped, an opening."""
    draw = rng.random()
    if draw < 0.2 and question.split(" ", 1)[0] in _FIRST_WORDS:
        question = question[0].lower() + question[1:]
    if draw < 0.08 or draw > 0.95:
        question = question.rstrip("?.")
    if 0.12 <= draw < 0.2:
        question = rng.choice(_OPENINGS) + question
    if 0.2 <= draw < 0.28:
        words = list(_PLAIN_WORD.finditer(question))
        if words:
            found = rng.choice(words)
            at = found.start() + rng.randrange(1, len(found.group()) - 2)
            question = f"{question[:at]}{question[at + 1]}{question[at]}{question[at + 2 :]}"
    return question
