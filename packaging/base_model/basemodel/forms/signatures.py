"""Forms of the questions about a signature: the parameters, the default of one of them and its type."""

from __future__ import annotations

FORMS: dict[str, tuple[str, ...]] = {
    "arguments": (
        "[What|Which] [arguments|params|parameters|inputs|args|options|operands] [are there|exist] [for|in|on] {x}?",
        "[What|Which] [keyword arguments|kwargs|keywords|named parameters|options] does {x} [support|understand|know]?",
        (
            "[What|Which] [positional|mandatory|required|optional] [arguments|params|parameters] does {x} [have|come "
            "with]?"
        ),
        (
            "[What|Which] [arguments|parameters|args|inputs] [belong to|go into|are fed to|are handed to|get passed "
            "to] {x}?"
        ),
        (
            "How many [arguments|params|parameters|args|inputs] does {x} [take|have|expect][|, and which| and what "
            "are they]?"
        ),
        (
            "[What are|What're] the [names of the |formal |][parameters|arguments|params|args] [of|to|for|on] {x}[?| "
            "called?]"
        ),
        "What [arguments|parameters|params|args] are [listed|declared|defined] in the [header|head|def line] of {x}?",
        "What [|all ]can be [passed|handed|supplied|sent|fed] [to|into] {x}?",
        "What [knobs|switches|settings|options|levers] does {x} [offer|expose|give me|let me turn]?",
        "What [do I write|do I put|belongs|comes] [between|inside|in] the [parentheses|parens|brackets] of {x}?",
        "What [stuff|things|data|information|values] [do I|must I|should we|do you] [feed|hand|supply] to {x}?",
        (
            "What does [a|a proper|a correct|a valid|a typical] call [of|to] {x} [look like|need|consist of|require "
            "as arguments]?"
        ),
        "What [would|must|should|does] a caller [supply to|hand to|pass to|provide to|give] {x}?",
        "What is {x} [called with|invoked with|parameterised by|configured by|fed with]?",
        "What['s| is|s] the [call signature|function signature|prototype|calling convention] [of|for] {x}?",
        "What [input|inputs|arguments|parameters] [does|will|would] {x} [want|ask for|demand|look for|insist on]?",
        "Which [things|values|pieces|settings|inputs] [have to|need to|must|can|may] be given to {x}?",
        "Which of the [arguments|parameters|inputs] do I have to [fill in|supply|set] when [calling|invoking] {x}?",
        "In [what|which] order do the [arguments|parameters|inputs|args] of {x} [come|stand|go|appear]?",
        "With what [inputs|values|args|params|data] [can|may|should|must|do] I [invoke|run|use|call] {x}?",
        "By which [parameters|arguments|options] [can|may|do] I [control|steer|tune|tweak|adjust|customise] {x}?",
        (
            "Of [what|which arguments|which parameters|which args] is the [signature|parameter list] of {x} [made "
            "up|composed]?"
        ),
        "How [is|should|must|would] {x} [be invoked|be called|get called|get invoked]: [which arguments|what args]?",
        (
            "How [do I|does one|can you|do people] [invoke|call] {x} [properly|correctly|right], [what|which args] "
            "do I pass?"
        ),
        "How is {x} [parameterised|parametrized|parameterized]?",
        "How is the [signature|parameter list|argument list|call interface] of {x} [defined|declared|laid out]?",
        "How does the [signature|def line|prototype|parameter list|argument list] of {x} [look|read|go]?",
        "How [long is|big is] the [parameter list|argument list] of {x}, and what [is in it|does it contain]?",
        (
            "How can {x} be [configured|customised|tuned|tweaked|adjusted] [when I call it|through its arguments|via "
            "arguments]?"
        ),
        "Does {x} [take|accept|expect|need|have|want] any [arguments|params|parameters|input|args|options]?",
        (
            "Does {x} [take|accept|have] [arguments|params|parameters], and [if so, which|if yes, what are "
            "they|which ones]?"
        ),
        "Is {x} [called with|given|passed|supplied with] [any arguments|any parameters|anything|some input]?",
        "Is there [anything|something] [I have to|I must|I need to|to] [pass|hand over|supply] [to|into] {x}?",
        (
            "Are there [any |optional |required |]keyword arguments [for|in|to|on] {x}[|, and which ones| I should "
            "know about]?"
        ),
        "Can {x} be called [without arguments|with no arguments|bare], or [what does it need|which ones are there]?",
        "Can I [hand|pass|feed] [something|anything|options|extra arguments] [to|into] {x}[, and what|, and which|]?",
        "Do I [have to|need to] [give|pass|hand|tell] {x} [anything|something|any input|any data]?",
        "Does {x} [take|have|accept] [args and kwargs|varargs|star args|a config] or [named|explicit] parameters?",
        "[Can|Could|Would|Will] you [list|name|enumerate|spell out|show] the [params|parameters|args|inputs] of {x}?",
        (
            "[Could|Can|Would] you [please |]tell me what [arguments|params|parameters|inputs] {x} "
            "[takes|accepts|has|wants]?"
        ),
        "[Do you know|Any idea|Any clue] [what|which] [arguments|args|parameters|params] {x} [takes|expects|accepts]?",
        (
            "[Show|Give|Print|Get|Send] me the [signature|full signature|call signature|prototype|arg list] of "
            "{x}[.|, please.]"
        ),
        "[Write|Spell|List|Lay] out the [signature|arguments|parameters|parameter names] [of|for] {x}[.|, please.]",
        (
            "[Enumerate|Recite|Print|Display|Dump|Output] [the|all|all the] [params|args|parameters|argument names] "
            "of {x}."
        ),
        (
            "[Remind|Tell] me [what|which] [arguments|params|options|inputs] {x} "
            "[has|takes|wants|gets|accepts|allows][.|?]"
        ),
        (
            "[Remind me how|Tell me how|Show me how] to call {x}[.|, I mean the arguments.|: what goes in?|, with "
            "all args.]"
        ),
        "[Describe|Explain|Document|Outline] the [arguments|parameters|inputs|params|call interface] of {x}[.| to me.]",
        "[Go through|Run through|Walk me through|Run down] the [parameters|arguments|params|args|options] of {x}.",
        (
            "[Look up|Check|Find|Find out|Figure out] [which|what] [parameters|arguments|args|inputs] {x} "
            "[takes|has|expects]."
        ),
        "[Name|List|Give me] every [parameter|argument|option|input|keyword] [of|that goes into|to pass to] {x}.",
        "[Please list|List|Please name|Name] what {x} [accepts as input|takes as input|expects from its caller].",
        "[Fill in|Complete] the [call|parentheses] [of|for] {x}[: which arguments?|, what goes there?| for me.]",
        (
            "I [want|need|would like|am going|am trying|am about] to call {x}[. What do I pass?|; which arguments?|, "
            "with what?]"
        ),
        (
            "I [forgot|never remember|can't recall|cannot remember] [what|which] [arguments|params] {x} "
            "[takes|wants|expects]."
        ),
        (
            "I [don't know|am not sure|am unsure|have no idea] [what to pass to|what to hand to|how to call] {x}[.|, "
            "any help?]"
        ),
        (
            "I need the [signature|parameters|args|argument names|parameter names] [of|for] {x}[.|, please.|; what "
            "are they?]"
        ),
        (
            "I got a TypeError [when calling|calling|from calling] {x}, what [arguments|args|parameters] [does it "
            "take|are right]?"
        ),
        (
            "I'm [mocking|stubbing|wrapping|overriding|patching|faking] {x}[: which parameters|, what args|. What "
            "args] do I need?"
        ),
        (
            "I'm writing a [test|wrapper|stub|subclass|binding] for {x}[, what are its parameters?|; which args does "
            "it have?]"
        ),
        "I'm [reading|looking at|documenting|reviewing] {x}[: what are the arguments?|, which params does it have?]",
        "[While|When] refactoring {x}[: which|, which|, what] [params|arguments|parameters] do I have to keep?",
        (
            "[Before|When] I [call|use|invoke] {x}, [what|which inputs|which arguments|which values] do I [need "
            "ready|prepare]?"
        ),
        (
            "When [calling|invoking|using] {x}, [what|which arguments|which parameters] [should|must|can] be "
            "[given|passed|set]?"
        ),
        (
            "[When|If] somebody calls {x}, [what|which arguments|what inputs] [must|do|should] they "
            "[pass|provide|hand over]?"
        ),
        "[To call|To use|To invoke|For calling] {x}, what [do I have to pass|must be passed|arguments do I need]?",
        "[For the docs|For a docstring|For a stub file|For autocomplete]: [the parameters|all args|signature] of {x}?",
        (
            "My [IDE|editor|linter] [won't|does not|can't] show the [signature|parameters|args] of {x}[. What are "
            "they?|, can you?]"
        ),
        (
            "It says [missing positional argument|unexpected keyword argument] for {x}[. Which are there?|, so what "
            "does it take?]"
        ),
        "[Someone asked me|A colleague asks|I was asked] [what|which] [arguments|params] {x} [takes|has|accepts].",
        (
            "[I wonder|I'd like to know|I want to know|Let me know] [what|which] [inputs|arguments|params] {x} "
            "[needs|takes|gets]."
        ),
        "{x} [signature|parameters|args|arguments|params|argument list|parameter names|inputs|kwargs|prototype]",
        (
            "{x} [takes|accepts|expects|wants|needs|gets|receives] [what|which arguments|which params|what "
            "input|what args]?"
        ),
        (
            "{x}[: | - |, ][what|which] [arguments|params|args|inputs|options] [are there|does it have|can I pass|do "
            "I give it]?"
        ),
        (
            "{x}[: | - |, ][call signature|all parameters|list of arguments|its params|expected inputs][?|, please|, "
            "please?]"
        ),
        "{x} [should|must|can|has to|needs to|may] be called with [what|which arguments|which args|which inputs]?",
        "{x}[: | - |, ]how many [arguments|args|parameters|params][?|, and which?|, and what are their names?]",
        "{x} [is called with what|is called with which args|gets called with what|gets which args]?",
        "{x}[: | - |, ]what [do I|should I|must I|would I] [pass|put in|hand over|feed it|give it|supply|send in]?",
        "[args|params|arguments|parameters|signature|kwargs|inputs|options|arity] [of|for] {x}[|?]",
        "[list|show|all|get|need] [args|params|arguments|parameters|inputs] [of|for] {x}",
        "[what to pass to|how to call|what to give|what to feed to|arguments to call] {x}[|?]",
        (
            "[Parameters|Arguments|Inputs|Signature|Args|Keywords] [of|for] {x}[, please.|?|, quickly.|, in order?|, "
            "all of them?]"
        ),
        "[The signature|The parameter list|The arguments|The inputs] of {x}[, what is it like?|, can you show me?|?]",
        (
            "The [parameters|arguments|inputs] [that {x} takes|that {x} accepts|{x} works with][: which?|, what are "
            "they?|?]"
        ),
        "Calling {x}[: with what?|, what do I pass?|: what args?|: which parameters?|, what goes in?]",
        "[On|In] the def line of {x}[: which parameters?|: what is in the parentheses?|, which arguments are there?]",
        (
            "[The caller of|Whoever calls|A call to] {x} [has to|must|needs to] [pass|provide|supply] [what|which "
            "arguments]?"
        ),
        "On [what|which] [inputs|arguments|parameters] does {x} [operate|work|depend]?",
        "What [variables|values|names] does {x} [receive|get|take in] [from its caller|from outside|as parameters]?",
        "What [ingredients|raw material|food|data] does {x} [need|want|ask for] as [input|arguments]?",
        "What does {x} [need to be told|have to be given|want to be handed|need to be supplied with] by its caller?",
        (
            "Which [parameter names|argument names|keyword names] [are valid|are allowed|work|are accepted] "
            "[for|with|in] {x}?"
        ),
        (
            "[What|Which] [arguments|parameters] [stand|appear|show up|occur] in the [signature|definition|def line] "
            "of {x}?"
        ),
        (
            "[Besides self|Apart from self|Other than self], what [arguments|parameters|params|inputs] does {x} "
            "[take|have|get]?"
        ),
        "[Hey|Hi|Please|Quick one], what['s| is] the [signature|argument list|list of params] of {x}?",
        (
            "What do [we|you|they|people|callers] [usually |normally |have to |]pass to {x}[?| as arguments?| as "
            "parameters?]"
        ),
        "Everything [I can pass to|one can pass to|that goes into|that can be given to] {x}[?|, please.|: name it.]",
        (
            "[What|Which] [arguments|parameters|params|inputs] [would|must|do|should] I [write|type|spell out] [in a "
            "call of|when calling] {x}?"
        ),
        (
            "[Break down|Unpack|Spell out|Itemise|Jot down|Lay bare] the [signature|parameter list|argument "
            "list|call signature] of {x}."
        ),
        "What['s| is|s] [on|in] the [parameter list|argument list|arg list|list of params|list of inputs] of {x}?",
        (
            "[I keep|My script keeps|My code is|We are] [calling {x} wrong|passing the wrong things to {x}][. What|, "
            "so what|; what] [arguments|parameters|args] [does it take|are expected]?"
        ),
        "Is [self|cls] the only [parameter|argument] of {x}, or which others [are there|does it take|has it]?",
        (
            "[Hook me up with|Get me|Pull up|Bring up|Dig out] the [args|params|parameters|arguments|signature] "
            "[of|for] {x}[.|, please.]"
        ),
        (
            "[Which|What] [fields|attributes|values|data] [must|should|do|can] I [supply as arguments|pass as "
            "arguments] to {x}?"
        ),
        (
            "[Using|Invoking|Running|Testing|Mocking] {x}: [what|which] [arguments|args|params|inputs] [do I "
            "need|are there|go in]?"
        ),
        (
            "[The docs don't list|I can't find|Nobody documented|I miss] the [arguments|parameters|params|options] "
            "of {x}[.|; what are they?]"
        ),
        (
            "[Which|What] [flags|options|toggles|settings] [can|may|could] [I|a caller|callers|one] [pass to|hand "
            "to|give to|set for] {x}?"
        ),
    ),
    "default": (
        (
            "What [does|will|would] {x} [assume|use|take|pick|choose] for {p} [unless told otherwise|if not told|by "
            "default]?"
        ),
        "What [will|would] {x} fall back [to|on] [for|in the case of] {p}?",
        "What does {p} fall back to [in|for] {x}[ when nobody sets it?| if nothing is given?| when not given?]",
        (
            "What['s| is|s] the [fallback|fallback value|default setting|initial value|predefined value] [of|for] "
            "{p} [in|of] {x}?"
        ),
        "What['s| is|s] the [out of the box|implicit|built-in|preset|predefined] value of {p} [in|of|for] {x}?",
        (
            "What [is|will be|would be] {p} [in|of] {x} [unless I set it|if unset|if unspecified|when omitted|unless "
            "specified]?"
        ),
        "What value is [preset|preassigned|predefined|assigned in advance|filled in] for {p} in {x}?",
        (
            "What value [will|would|does] {p} [have|hold|carry|assume|end up with] in {x} when [omitted|left out|not "
            "passed]?"
        ),
        "What [stands|is written|comes|is|do I find] after the equals sign of {p} in [the signature of |]{x}?",
        "What is {p} [set to|initialised to|initialized to|equal to|preset to] by default in {x}?",
        (
            "What [do I get|is used|is taken|applies] for {p} [in|of] {x} [if I pass nothing|by default|when I don't "
            "pass it]?"
        ),
        (
            "What [happens to be|is] the [value|setting] {x} [uses|takes|goes with] for {p} when [I leave it "
            "out|it's missing]?"
        ),
        "What [|default ]value [did the author|did the authors|did they|does the code] give {p} in {x}[ by default|]?",
        "What [default|fallback|default value] [is|was] [given to|declared for|specified for|chosen for] {p} in {x}?",
        (
            "Which value [is|gets] [substituted|inserted|filled in|used] for {p} if a caller of {x} "
            "[omits|skips|forgets] it?"
        ),
        (
            "Which value [does|will] {p} [start with|start out with|begin with|start from] in {x} [by default|if not "
            "passed]?"
        ),
        (
            "Which [default|fallback|preset|standard setting] [applies to|holds for|exists for|is in force for] {p} "
            "[in|of] {x}?"
        ),
        "Which value of {p} is [the default|standard|preset|implied|implicit|assumed] in {x}?",
        "To [what|which value] does {p} [of|in] {x} [default|fall back|resolve by default|get set by default]?",
        "With [what|which] [default|default value|value] is {p} [declared|defined|preset] in [the signature of |]{x}?",
        "At [what value|which value|what] does {p} stand by default in {x}?",
        "From [what|which] [default|default value] does {p} start in {x}?",
        "How is {p} [set|preset|initialised|filled in] [by default|when nobody passes it|if not specified] in {x}?",
        (
            "How does {x} [set|fill in|choose|initialise] {p} [by default|when it is not given|if the caller says "
            "nothing]?"
        ),
        "How [high|large|big|long] is {p} [in|of] {x} [by default|unless I change it|if I do not set it]?",
        "Does {p} [of|in] {x} have a [default|default value|fallback|preset][?|, and which?| and what is it?]",
        "Does {x} [define|give|provide|specify|set|supply|have] [a default|a default value|a fallback] for {p}?",
        "Does {p} default to [None|True|False|zero|an empty string|null] in {x}[?|, or what?| or to something else?]",
        (
            "Is there a [default|default value|fallback|preset|standard value] for {p} [in|of] {x}[?|, and which?| "
            "and what is it?]"
        ),
        (
            "Is {p} [optional|omittable|allowed to be left out] in {x}[?|, and what does it default to?| and which "
            "value then?]"
        ),
        "Is {p} [None|on|off|true|false|True|False|empty|zero|null|unset] by default in {x}[?|, or what is it?]",
        (
            "Is {p} [required|mandatory|obligatory] in {x}, or [does it have a default|is there a default|what is "
            "the default]?"
        ),
        "Is {p} [enabled|disabled|switched on|switched off|turned on|turned off] by default [in|for] {x}?",
        (
            "Can I [leave out|omit|skip|drop|not pass] {p} [in|when calling] {x}, and what [is it then|does it "
            "default to]?"
        ),
        "Can I rely on a default for {p} in {x}[?|, and which?|, and what is it?]",
        (
            "Do I [have to|need to|really have to] [pass|give|set|specify] {p} to {x}, or [has it a default|is there "
            "a default]?"
        ),
        (
            "Must {p} be [passed to|given to|handed to|set in|specified for] {x}, or [what is its default|does it "
            "have a default]?"
        ),
        (
            "[Can|Could|Would] you [look up|tell me|check|give me|find] the default [|value ][of|for] {p} in {x}[?|, "
            "please?]"
        ),
        (
            "[Do you know|Any idea|Do we know] [what|which value] {p} [of|in] {x} [has by default|gets by "
            "default|defaults to]?"
        ),
        (
            "[Give|Show|Get|Send|Tell] me the [default|default value|fallback|preset] [of|for] {p} [in|of] {x}[.|, "
            "please.]"
        ),
        "[Look up|Find|Check|State|Report|Print|Quote] the [default|default value|fallback] [of|for] {p} [in|of] {x}.",
        "[Tell me|Say|Remind me|Show me] what {p} [of|in] {x} [defaults to|is by default|falls back to|is preset to].",
        (
            "[Tell me|Find out|Check|Figure out|Say] which value {x} [uses|assumes|takes|has] for {p} [by default|if "
            "unset]."
        ),
        (
            "[Remind me of|Name|I need|I want] the [standard value|preset|default setting|initial value] of {p} "
            "[in|of] {x}."
        ),
        "[Please tell me|Tell me|Let me know] whether {p} has a default in {x}[.|, and which.| and what it is.]",
        (
            "I [don't|do not|did not|didn't|never|won't] [pass|set|specify|give] {p} to {x}[. What is it then?|: "
            "which value?]"
        ),
        (
            "I [called|call|use|am calling] {x} without {p}[. What is it set to?|, what value is used?|; which value "
            "is it?]"
        ),
        (
            "I [left out|omitted|forgot|skipped|dropped] {p} [in the call of|when calling|in a call to] {x}[. Which "
            "value now?|: which value is used?]"
        ),
        (
            "I [want|would like|prefer|intend] to keep the default [of|for] {p} [in|of] {x}[. What is it?|: which is "
            "it?|, which one?]"
        ),
        (
            "I [forgot|can't recall|never remember|don't remember] what {p} [is by default|defaults to|falls back "
            "to] in {x}."
        ),
        "I'm [wondering|not sure|unsure|curious] what {p} [defaults to|is by default|falls back to] [in|for] {x}.",
        (
            "I'm [debugging|tracing|reviewing|testing] {x}[: what|, what|. What] [does {p} default to|is the default "
            "for {p}]?"
        ),
        (
            "I'm [documenting|porting|wrapping|mocking|overriding] {x}, which default [does {p} have|goes with "
            "{p}|has {p}]?"
        ),
        (
            "I see {p} in [the signature of |]{x}[. What's the default?|, what default does it have?|: equals what "
            "by default?]"
        ),
        "I [need|would like|want] to know the [default|default value|preset|fallback] [of|for] {p} [in|of] {x}.",
        (
            "[Suppose|Assume|Say|Imagine] [I|somebody|the caller] [omitted|left out|skipped|did not pass] {p} in "
            "{x}[, which value then?|: value?]"
        ),
        (
            "If {p} is [missing|omitted|left out|not given|not passed|absent|unset], [what|which value] does {x} "
            "[use|take|assume]?"
        ),
        (
            "If [nobody|no one|the caller never|nothing] [sets|specifies|passes] {p} in {x}, what [is it|value is "
            "used|is used]?"
        ),
        (
            "When {p} is not [supplied|specified|given|set|passed|provided], what [does {x} use|is it in {x}|value "
            "has it in {x}]?"
        ),
        (
            "When I call {x} [without|with no explicit|without setting|without giving] {p}, what [value applies|is "
            "assumed]?"
        ),
        (
            "If I just [call|use|run|invoke] {x}, what [does|will|would] {p} [default to|fall back to|resolve to by "
            "default]?"
        ),
        (
            "Unless I [pass|set|change|override|specify] {p}, [what|which value] [does {x} use|is it in {x}|will {x} "
            "take]?"
        ),
        "[Without|In the absence of] {p}, [what|which value] does {x} [use|assume|go with|fall back to|work with]?",
        "Before I [override|change|set|touch|tweak] {p} in {x}: what is [the default|it by default]?",
        "[For the docs|For a code review|For the changelog|For a test]: what does {p} [of|in] {x} default to?",
        "[While|When] [testing|reading|using|debugging|reviewing] {x}: which default [does {p} have|is set for {p}]?",
        (
            "Somebody [removed|dropped|deleted|left out] {p} from [a|the|our] call to {x}[. What value now?|, what's "
            "used now?]"
        ),
        "The docs [don't say|do not tell|are silent about] what {p} of {x} defaults to[.|, do you know?|. What is it?]",
        "{x}[: | - |, ][default|default value|preset|fallback|standard value|initial value] [of|for] {p}[?|]",
        "{x}[: | - |, ]what [is {p} by default|does {p} default to|is the default for {p}|is {p} if omitted]?",
        "{x} [has|sets|uses|declares|defines|gives] [what|which] default for {p}?",
        (
            "{x} [uses|takes|assumes|picks] [what|which value] for {p} [by default|if unspecified|when omitted|if I "
            "say nothing]?"
        ),
        "{x} {p} [default|default value|default?|default value?|fallback value|defaults to|preset]",
        (
            "{x} with {p} [unset|omitted|left out|not given|missing|unspecified][: which value?|, what is used?|: "
            "what then?]"
        ),
        "{x}, {p}[: default?|: what default?|: what by default?|: value if omitted?|: default value, please.]",
        (
            "{p} [in|of|for] {x}[: | - |, ][default|default value|what default|which default|value by default|preset "
            "value]?"
        ),
        (
            "{p} [in|of|for] {x} [defaults to what|is what by default|has what default|falls back to what|is preset "
            "to what]?"
        ),
        (
            "{p} [in|of|for] {x}[: | - |, ][what if omitted|which value if left out|what is it when not passed|if "
            "unset, what]?"
        ),
        (
            "{p} is [optional|not required|omittable] in {x}[, so what is the default?|, which value has it then?|: "
            "default?]"
        ),
        "{p} [default|default value|fallback|initial value|preset] [in|of|for] {x}[|?]",
        "[default|default value|fallback|preset|standard value] [of|for] {p} [in|of] {x}[|?]",
        (
            "[The default|The default value|The preset|The fallback] [of|for] {p} [in|of] {x}[: what is it?|, which "
            "is it?|?|, please.]"
        ),
        "[Default|Default value|Preset|Fallback] for {p} when [calling|using|invoking] {x}?",
        "Leaving {p} out [of a call to|when calling|in a call of] {x}[: which value?|, what do I get?|, what is used?]",
        (
            "[By default|Normally|Out of the box|As shipped|Untouched], what [is|value has|is the value of] {p} "
            "[in|of] {x}?"
        ),
        "[Out of the box|By default|If untouched], {x} [has|uses|sets|takes] {p} [as what|at what|with which value]?",
        (
            "[The signature of|The header of|The def of] {x} [gives|assigns] {p} [which default|what default|what "
            "default value]?"
        ),
        (
            "[What|Which value] [must I pass|do I pass|to pass] for {p} to {x} to get [the same as|what I get by] "
            "omitting it?"
        ),
        "[What|Which value] did {p} get as [its default|a default|default value|its preset] in {x}?",
        "[What|Which] [factory setting|starting value|preset|baseline value] does {p} [have|come with] in {x}?",
        (
            "A caller of {x} [says nothing about|does not mention|doesn't care about|ignores] {p}[: what is it?|, so "
            "what is used?]"
        ),
        (
            "[Unless|If not] [overridden|changed|specified|set|told otherwise], [what is|what would be|which value "
            "has|what value has] {p} [in|of] {x}?"
        ),
        (
            "{x} [called|invoked|used|run] without {p}[: what|, what|; what|. What] [value does it use|is it then|is "
            "the default]?"
        ),
        "[Hi|Hey|Please|Quick one], what['s| is] the [default|default value|fallback|preset] [of|for] {p} [in|of] {x}?",
        (
            "[Pull up|Dig out|Get|Fetch|Grab|Recall] the [default|default value|fallback|preset|initial value] "
            "[of|for] {p} [in|of] {x}."
        ),
        (
            "[What|Which value] [do callers|do you|does one|do we] get for {p} [of|in] {x} [free of charge|without "
            "asking|by default|by doing nothing]?"
        ),
        (
            "[I'm happy with|I rely on|I trust|I stick to] the default [of|for] {p} [in|of] {x}[, but what|, so "
            "what|. What|; what] is it?"
        ),
        (
            "[Not passing|Omitting|Skipping|Dropping|Leaving off] {p} [in|from] a call of {x} [means|gives|amounts "
            "to|implies] [what value|which value]?"
        ),
        (
            "[Leave|Suppose I leave|Say I leave] {p} [of|in] {x} [untouched|alone|unset|as it is][: what|, what|. "
            "What] value does it have?"
        ),
        (
            "[What|Which] [value|default|default value|setting] [comes preloaded|is baked in|is hard-wired|is built "
            "in] for {p} [in|of] {x}?"
        ),
        (
            "[What|Which] [default|default value] [do I find|is there|stands|is written|appears] for {p} in the "
            "[signature|def line|header|parameter list] of {x}?"
        ),
        (
            "[Does the signature|Does the def|Does the header] of {x} [give|assign|list] a default [for|to] {p}[?|, "
            "and which?]"
        ),
        (
            "[Is the default|Is the default value|Is the fallback] [of|for] {p} [in|of] {x} "
            "[None|True|False|zero|empty|some constant][?|, or what?|, or what is it?]"
        ),
        (
            "[Which|What] [constant|literal|expression|value] [is|serves as|acts as] the [default|fallback|default "
            "value] for {p} [in|of] {x}?"
        ),
        "[How|To what] is {p} [preset|defaulted|initialised] in {x}?",
        (
            "[My call|Our call|This call|The call] [to|of] {x} [lacks|omits|has no|skips] {p}[. Which|, which|; "
            "which] value [applies|is used]?"
        ),
        (
            "[In case|Whenever|As long as] {p} is [missing|absent|omitted|left out], {x} [uses|takes|assumes|goes "
            "with] [what|which value]?"
        ),
        (
            "If {p} [were|was] [not given|left out|omitted|absent] [in a call of|when calling] {x}, what would [it "
            "be|its value be]?"
        ),
        (
            "[Quick check|Just checking|One more thing|Small question]: [what is|what's] the "
            "[default|fallback|default value] for {p} [in|of] {x}?"
        ),
        (
            "[Which|What] [value|default] [would|will|does] {x} [give|assign to|put into|set for] {p} [by itself|on "
            "its own|unasked]?"
        ),
    ),
    "type": (
        "[What|Which] [type|data type|datatype|class] [does|must|should] {p} [have|belong to|conform to] in {x}?",
        "[What|Which] [type|data type|class|types] [can|may|should|must] {p} be [in|for] {x}?",
        ("[What|Which] [type annotation|type hint|typing|type declaration] does {p} [have|carry|bear] in {x}?"),
        "[What|Which] [type|types|data type|class of object] does {x} [accept|allow|permit|support|demand] for {p}?",
        "[What|Which] type [is|was] [declared|annotated|specified|stated|written|given|hinted] for {p} in {x}?",
        "[What|Which] type [stands|is written|comes|appears|is] after the colon of {p} in [the signature of |]{x}?",
        (
            "[What|Which] [type|class|kind of object] does {x} [expect as|want as|need as|need for|look for as|ask "
            "for as|expect for] {p}?"
        ),
        "[What|Which] type of [object|thing|value|data|variable|instance] [should|must|can|will] {p} be in {x}?",
        (
            "[What|Which] [kinds|sorts|types] of [values|objects|things|data] [are legal|are valid|are allowed] for "
            "{p} [in|of] {x}?"
        ),
        "What [sort|kind|manner] of [object|thing|value|data|instance] [must|should|can|may] {p} be in {x}?",
        "What [sort|kind|type] of [object|thing|value|data] does {x} [want|expect|take|need|accept] [as|for] {p}?",
        "What['s| is|s] the [data type|datatype|type|static type|typing|type annotation] [of|for] {p} [in|of] {x}?",
        "What['s| is|s] {p} [annotated as|typed as|declared as|hinted as|supposed to be an instance of] in {x}?",
        (
            "What is {p} [in|of] {x}: [a string, a number or what|an int, a str or what|an object, a list or "
            "what|which type]?"
        ),
        (
            "What do I [put|write] as the [type|annotation|type hint] of {p} [when overriding|if I subclass and "
            "override] {x}?"
        ),
        (
            "What does the [annotation|type hint|signature|hint] say [about the type of|regarding the type of|as to "
            "the type of] {p} [in|of] {x}?"
        ),
        "What does {p} have to be an instance of [in|for] {x}?",
        "Which class [is|must be|should be] {p} [an instance of|an object of] in {x}?",
        "Of [what|which] [type|class|data type] [must|should|will] {p} [in|of] {x} be?",
        "As [what|which] type is {p} [annotated|passed|typed|specified|taken|received] in {x}?",
        "An instance of [what|which class|which type] is [expected|wanted|required|needed] for {p} [in|of] {x}?",
        "How is {p} [type hinted|hinted|type annotated|statically typed|declared type-wise] in {x}?",
        "How is the type of {p} [written|given|stated|spelled|declared|annotated|specified] in {x}?",
        "How does {x} [annotate|type|declare the type of|type-hint] {p}?",
        "How [should|must|would] I [type|annotate|declare] a variable that I pass [to {x} as {p}|as {p} to {x}]?",
        (
            "Is {p} [a string|an int|a number|a list|a dict|a bool|a callable|a Path] in {x}[?|, or what type?| or "
            "which type?]"
        ),
        "Is {p} [annotated|typed|type hinted] in {x}[?|, and how?|, and as what?| and with which type?]",
        (
            "Is there a [type hint|type annotation|declared type|type] [for|on] {p} [in|of] {x}[?|, and which?| and "
            "what does it say?]"
        ),
        "Is {p} [of|in] {x} [meant|supposed|expected] to be [a str, an int or what|text, a number or what|which type]?",
        (
            "Is the type of {p} [declared|stated|annotated|given|specified|known] in {x}[?|, and what is it?|, and "
            "which is it?]"
        ),
        "Are there type hints for {p} [in|of] {x}[?|, and which?|, and what do they say?]",
        "Does {p} [of|in] {x} have a [type hint|type annotation|declared type|type][?|, and which?|, and what is it?]",
        "Does {x} [annotate|type|type-hint|declare a type for] {p}[?|, and as what?|, and how?]",
        (
            "Does {x} [want|expect|need|take] {p} as [a string|an int|a list|a dict|bytes|a float], or [which "
            "type|as what type]?"
        ),
        (
            "Does {p} have to be [a string|an integer|a list|a mapping|a function|bytes] in {x}[?|, or which type?|, "
            "or what?]"
        ),
        (
            "Can {p} be [a string|an int|a float|a list|a tuple|a dict|None] in {x}[?|, or which type must it be?| "
            "type-wise?]"
        ),
        "Can I pass [a string|an int|a list|a dict|a tuple|None|bytes|a Path] as {p} to {x}[?|, or what type is it?]",
        (
            "Must I [pass|give|hand over] {p} as [a string|a number|an object|a list] to {x}, or [what type is "
            "it|which type]?"
        ),
        "Should {p} be [str or bytes|int or float|a list or a tuple|a str or a Path|a dict or an object] in {x}?",
        (
            "[Can|Could|Would] you [tell|show|give] me the [type|annotation|type hint|data type] [of|for] {p} in "
            "{x}[?|, please?]"
        ),
        (
            "[Do you know|Any idea|Do we know] [what|which] type {p} [of|in] {x} [is|has|should be|must be|is "
            "declared with]?"
        ),
        (
            "[Give|Show|Tell|Send|Get] me the [type|type hint|annotation|data type|declared type] [of|for] {p} "
            "[in|of] {x}."
        ),
        (
            "[Look up|Find|Check|State|Name|Print|Report] the [type|annotation|type hint|data type] [of|for] {p} "
            "[in|of] {x}."
        ),
        "[Tell me|Say|Remind me|Show me] [what|which] type {p} [of|in] {x} [is|has|should be|must have].",
        (
            "[Tell me|Say|Find out|Check|Figure out] [what|which] type {x} [expects|wants|takes|declares|requires] "
            "for {p}."
        ),
        "[Show me|Tell me|Explain|Say] how {p} is [annotated|typed|type hinted] in {x}[.|, please.]",
        (
            "[Please tell me|Tell me|Let me know] [of what type|of which class|of which type] {p} [is|must be|should "
            "be] in {x}."
        ),
        (
            "[Infer|Determine|Deduce|Read off|Derive] the type of {p} [from the signature of|in|from the annotations "
            "of] {x}."
        ),
        (
            "I [want|need|have|am going|am trying] to pass {p} to {x}[. Which type?|: what type must it have?|, as "
            "what type?]"
        ),
        (
            "I [pass|passed|am passing] a [string|list|number|dict] as {p} to {x}[. Is that the right type?|; which "
            "type is right?]"
        ),
        "I [don't know|am not sure|am unsure|can't tell|have no clue] [what|which] type {p} [is|should be|has] in {x}.",
        "I [forgot|never remember|can't recall|don't remember] the [type|type hint|annotation] of {p} [in|of] {x}.",
        (
            "I need the [type|annotation|type hint|declared type|data type] [of|for] {p} [in|of] {x}[.|, please.|; "
            "what is it?]"
        ),
        "I'm [adding types|adding type hints|writing a stub|writing annotations] for {x}[: what|, what] type is {p}?",
        (
            "I'm [calling|using|mocking|wrapping|porting] {x}[: which|, which|; which] type [does {p} have|do I use "
            "for {p}]?"
        ),
        (
            "I'm [debugging|reviewing|reading|testing] {x}, what [type|class|data type] [is {p}|does {p} have|should "
            "{p} be]?"
        ),
        (
            "[mypy|pyright|The type checker|My IDE|The linter] complains about {p} [in|of] {x}[. Which type is it?|, "
            "what type is right?]"
        ),
        (
            "I got a [TypeError|type error|type mismatch] for {p} [in|of] {x}[. What type should it be?|, which type "
            "is expected?]"
        ),
        (
            "[For the docs|For a code review|For a stub file|For the type checker]: [what type is|the type of] {p} "
            "[in|of] {x}?"
        ),
        "[For a test|For a mock|To call it]: an object of [which|what] type do I [make|build|need] for {p} of {x}?",
        "[If|When] I [call|use|invoke] {x}, [what|which] type [must|should|will|can] {p} [have|be of]?",
        (
            "[When|While] [calling|using|overriding|porting|reading] {x}: [what|which] type [is {p}|has {p}|does {p} "
            "have]?"
        ),
        (
            "[Before I pass|Before passing|To pass] {p} to {x}, [to|into] what type [must|should|do] I "
            "[convert|cast|turn] it?"
        ),
        (
            "To [what|which] type [must|should|do] I [convert|cast|coerce] a value [to pass it|before passing it] as "
            "{p} to {x}?"
        ),
        "[I wonder|I'd like to know|I want to know|I'm curious] [what|which] type {p} [of|in] {x} [is|has|must be].",
        "[Someone asked|A colleague asks|I was asked] [what|which] type {p} [of|in] {x} [is|has|should be].",
        "{x}[: | - |, ][type|annotation|type hint|data type|declared type|class] [of|for] {p}[?|]",
        "{x}[: | - |, ][what|which] type [is {p}|has {p}|does {p} have|should {p} be|do I pass for {p}]?",
        "{x} [expects|wants|takes|accepts|requires|declares] {p} [as what type|of which type|to be of what type]?",
        "{x} [expects|wants|takes|accepts|needs] [what|which] type [for|as] {p}?",
        "{x} {p} [type|type?|annotation|type hint|data type|typing|datatype?|expected type]",
        "{x}, {p}[: type?|: what type?|: which class?|: str, int or what?|: how is it annotated?|: type hint?]",
        "{x}[: | - |, ]is {p} [a str, an int or what|a list or a dict or what|annotated, and how|typed, and as what]?",
        "{p} [in|of|for] {x}[: | - |, ][type|what type|which type|type hint|annotation|data type|instance of what]?",
        "{p} [in|of|for] {x} [is of what type|has which type|is what type|is an instance of what|is typed how]?",
        "{p} [in|of|for] {x} [should|must|has to|can] be [of what type|of which type|an instance of what|what type]?",
        (
            "{p} [in|of|for] {x}[: | - |, ][string or number|str or int|object or dict|list or tuple|int or float], "
            "[or what|which]?"
        ),
        "{p} [type|type hint|annotation|data type|datatype|typing|expected type] [in|of|for] {x}[|?]",
        "[type|type hint|annotation|data type|declared type|expected type] [of|for] {p} [in|of] {x}[|?]",
        (
            "[The type|The annotation|The type hint|The declared type] of {p} [in|of] {x}[: what is it?|, which is "
            "it?|?|, please.]"
        ),
        "[Expected|Declared|Required|Accepted|Correct|Right|Proper|Valid] type [of|for] {p} [in|when calling] {x}?",
        "Passing {p} to {x}[: which type?|, as what type?|: str, int or what?|, what type does it need?|: type?]",
        "[The signature of|The header of|The def of] {x} [gives|declares] {p} [which type|what type|which annotation]?",
        (
            "[The type checker|mypy|pyright|A linter] [would want|expects|wants|accepts] [what|which type] for {p} "
            "[in|of] {x}?"
        ),
        "[Type-wise|Regarding types|In terms of types|As to types], what [should|must|will] {p} [in|of] {x} be?",
        (
            "[Concerning|About|Regarding] {p} [in|of] {x}: [what is its type|which type is it|what type does it "
            "have|typed how]?"
        ),
        (
            "[Is it|Would it be] [a type error|type safe|type correct] to pass [a string|an int|None|a list] as {p} "
            "to {x}?"
        ),
        "A value of [what|which] type [goes|belongs|fits|is put|should go] into {p} [of|in|for] {x}?",
        "Values of [what|which] [type|types|class|data type] [does {x} take as|does {x} accept for|go to {x} as] {p}?",
        (
            "[What|Which] [type|class|interface|protocol] [must|should|can|may] the value [passed|given] as {p} to "
            "{x} [have|be of]?"
        ),
        (
            "[Hi|Hey|Please|Quick one], what['s| is] the [type|type hint|annotation|data type|declared type] "
            "[of|for] {p} [in|of] {x}?"
        ),
        (
            "[Pull up|Dig out|Get|Fetch|Grab|Recall] the [type|type hint|annotation|data type|declared type] "
            "[of|for] {p} [in|of] {x}."
        ),
        (
            "[Which|What] [built-in type|class|type|collection type|protocol] is {p} [declared with|annotated "
            "with|typed with] in {x}?"
        ),
        (
            "[The docs don't say|It is not documented|I can't see|Nobody told me] [what|which] type {p} [of|in] {x} "
            "[is|has|must have]."
        ),
        (
            "[Which|What] [generic|union|optional type|alias|class name|type name] [is|stands|appears] in the "
            "[annotation|type hint] of {p} [in|of] {x}?"
        ),
        (
            "[I treat|I see|We handle|I model] {p} [of|in] {x} as a [string|number|list|dict][. Is|; is] that its "
            "[declared |annotated |]type?"
        ),
        (
            "{p} [in|of|for] {x}: [text|a number|a flag|a collection|an object] or [what type|which type|what data "
            "type|what class]?"
        ),
        (
            "[For|As] {p}, {x} [takes|wants|expects|accepts|needs|demands] [values|objects|instances|things] of "
            "[what|which] [type|class]?"
        ),
        (
            "[What|Which] [type|class|data type] would [mypy|pyright|a type checker|reveal_type] [report|show|give] "
            "for {p} in {x}?"
        ),
        "[Which|What] type [do callers|do people|do we|does one] [have to |need to |]pass for {p} [in|to|of] {x}?",
        "[In|For|Within] {x}, [what|which] [type|data type|declared type|type annotation] does {p} [have|carry|get]?",
        (
            "[In|For|With] {x}, is {p} [a str|an int|a list|a dict|a bool|a float|a function] or [what|which "
            "type|some other type]?"
        ),
        (
            "[What's|What is] the [right|proper|correct|expected|accepted] [type|data type|class] [for|of] {p} "
            "[in|when calling|when using] {x}?"
        ),
        (
            "[Does|Will|Would] {x} [accept|take|work with|allow] [a string|an int|None|a list|a dict] for {p}, or "
            "[what|which] type is right?"
        ),
        (
            "Is {p} [of|in] {x} [Optional|nullable|a Union|a Callable|an Any|a generic], or [what|which] type [is "
            "it|has it]?"
        ),
        (
            "[According to|Going by|Judging by] the [signature|annotations|type hints] of {x}, [what type is|which "
            "type is|which type has] {p}?"
        ),
        (
            "[Calling|Overriding|Stubbing|Annotating|Wrapping] {x}: [what is|what's] the [type|annotation|type hint] "
            "of {p}?"
        ),
    ),
}
