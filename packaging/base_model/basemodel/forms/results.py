"""Forms of questions about what a definition returns, which exceptions it raises and which bases a class has."""

from __future__ import annotations

FORMS: dict[str, tuple[str, ...]] = {
    "returns": (
        (
            "[What|What exactly|Just what|So what] does {x} [return|hand back|pass back|send back|give me "
            "back|spit out][?|, please?|, do you know?]"
        ),
        (
            "[What's|Whats|what is] the [outcome of calling|returned value of|return "
            "expression of|return of] {x}[?|, any idea?|, in short?]"
        ),
        (
            "[Which|What] [value|object|thing] [is returned|gets returned|is handed over|is given "
            "back] [by|from] {x}[?|? I can't tell.|? Thanks.]"
        ),
        (
            "What [will|would|does|should] [the caller|a caller|my code|the calling code] [get|receive] from "
            "{x}[?|? I lost track.|? I could not find it.]"
        ),
        "{x} [return value|returns what|returned value|return type and value|output|result|return statement][|?]",
        "{x}: [what comes back|what does it return|what's the return value|what do I get|result|return]?",
        "{x} - [what does that return|what do I get back|what's the output|returns what exactly|what's returned]?",
        "If I [call|invoke|run|execute|trigger|await] {x}, what [do I get|comes back|is handed back|will I get back]?",
        (
            "[When|Once|After] {x} [finishes|completes|terminates|is through], [what does the caller hold|what "
            "is returned]?"
        ),
        (
            "I [call|invoke|am calling|just called] {x}[, what do I get back?|. What comes back?|: what is the "
            "return value?]"
        ),
        ("I [put|store|save|keep] the result of {x} [in a variable|in a local][. What is in it?|, what will it hold?]"),
        (
            "What [ends up|lands|is stored] in [a variable|my variable|res|result] [if|when] I assign the result "
            "of {x} to it[?|, exactly?|, precisely?]"
        ),
        (
            "[Does|Will|Would] {x} [return|give back|hand back] [anything|something|a value][?|, and if so "
            "what?|, or just None?]"
        ),
        (
            "Is there [a|any] [return value|result|output] [from|of] {x}[?|, and what is it?|, or is it None?|, "
            "and which?]"
        ),
        "[Do|Will|Can] I [get|receive] [anything|something] back from {x}[?|, and what?|, or is it void?]",
        (
            "Is {x} [void|a procedure|side effect only|fire and forget][, or does it return something?|, or what "
            "does it return?]"
        ),
        (
            "[Can|Could|Does|May|Will] {x} [ever |sometimes |]return [None|null|nil|nothing|an empty "
            "result|True|False|a tuple]?"
        ),
        (
            "[Tell me|Show me|Let me know|Please say|Remind me|I'd like to know] what {x} [hands "
            "back|returns|gives the caller]."
        ),
        "[Could|Can|Would] you [tell me|explain|show me|say] what [{x} returns|comes out of {x}|is returned by {x}]?",
        "[I wonder|I was wondering|Not sure|I don't know|I can't see|I forgot|No idea] what {x} [returns|gives back].",
        (
            "[I'd like to know|I need to know|I want to see|Let's see|Show] the [return value|return "
            "statement|output] of {x}."
        ),
        "[What's|What is|Whats] in the return statement of {x}[?| please?|, literally?]",
        (
            "[What|Which expression] [follows|stands after|comes after|is behind] the return [keyword |statement "
            "|][in|of] {x}[?| in this code base?| in this project?]"
        ),
        "[Quote|Show|Give me|Print|Copy] the [return line|return statement|returned expression] [of|from|in] {x}.",
        (
            "How does the [return statement|return line|return expression] [of|in] {x} [look|read|go][?|? Be "
            "brief.|? One line is enough.]"
        ),
        "I'm writing [a test|a unit test|an assertion|a spec] for {x}: what [should|must|does] it return?",
        "[To mock|To stub|To fake|For a mock of|For a stub of] {x}, what [should I return|must the return value be]?",
        "[For the docstring|For the docs|For the documentation|For the Returns section] of {x}: what does it return?",
        "For a [code review|review|refactoring|rewrite|port|wrapper]: what [is|would be] the return value of {x}?",
        "While [debugging|refactoring|reading the code|tracing|porting] I met {x}. What [does it return|comes back]?",
        (
            "I'm [stepping through|debugging|wrapping|replacing|rewriting|overriding] {x}[, what does it "
            "return?|. What comes back?]"
        ),
        "What [should|must|does] an override of {x} [return|give back|hand back][?| to be compatible?]",
        (
            "[What|Which value] [does a call to|does calling|does a call of|does invoking] {x} [evaluate "
            "to|yield|result in|give][?|, by the way?|, actually?]"
        ),
        (
            "What does {x} [resolve to|evaluate to|come down to|boil down to|reduce to] [as a value|when "
            "called][?|? I forgot.|? I have to know.]"
        ),
        (
            "What [value|result|object] does {x} [deliver|supply|provide|furnish|emit|return] [to|for] [its|the] "
            "caller[?|, roughly speaking?|, in plain words?]"
        ),
        (
            "With [what|which value|which object|which result] does {x} [return|come "
            "back|answer|reply|respond][?|? I'm new here.|? I did not write it.]"
        ),
        (
            "What is the [answer|reply|response|yield|product|payload] [I get from|that comes from|returned by] "
            "{x}[?|, please?|, do you know?]"
        ),
        (
            "What does {x} [answer|reply|respond with|report back|tell its caller|bring back] [when called|on "
            "return|at the end][?|, any idea?|, in short?]"
        ),
        (
            "What [falls out of|pops out of|drops out of|comes out at the end of|emerges from] {x}[?|? I can't "
            "tell.|? Thanks.]"
        ),
        "What's the [output|end product|final value|outcome] [of|from] {x}[?| when it's done?| at the end?]",
        (
            "What [kind|sort|type|form] of [result|return value|output|object] [does|will|would] {x} "
            "[give|return|hand me][?|? I lost track.|? I could not find it.]"
        ),
        (
            "What['s| is] the [return type|type of the result|shape of the result|result type] of {x}[?|, what "
            "does it give?]"
        ),
        (
            "[As what|In which form|In what shape] does {x} [return its result|give back the result|hand over "
            "its result]?"
        ),
        (
            "[How|In what form] is the [result|outcome|output] of {x} [returned|handed back|given to the "
            "caller|passed back][?|, exactly?|, precisely?]"
        ),
        "[Return value|Returned value|Result|Output|Return] of {x}[|?| please|, please]",
        "[return value of|return type of|what is returned by|result from|what comes out of|output for] {x}[|?]",
        "what u get [back |]from {x}[|?| when calling it?]",
        "{x} gives [what|me what|back what|which value|you what][| in the end| on return| as a result]?",
        "{x} [returns|yields|hands back|produces|gives back] [what|which value|which object|what kind of thing]?",
        "{x} is supposed to [return|give back|hand back] [what|which value], [exactly|please|actually]?",
        "So {x} [returns|gives back|hands back] [what, exactly|what, then|what|which value]?",
        "[By|At] the end of {x}, what [is returned|is handed back|goes back to the caller|gets returned]?",
        (
            "What does the [last line|final line|last statement|end] of {x} [return|give back|hand back][?| in "
            "this code base?| in this project?]"
        ),
        (
            "What [goes|travels|flows|is passed|gets sent] back to [the caller|the call site|the calling code] "
            "from {x}[?|? Be brief.|? One line is enough.]"
        ),
        (
            "What can I do with the [result|output|return value] of {x}[? What is it?|, I mean what is it?|: "
            "what is returned?]"
        ),
        "I need the [output|result|return value] of {x} [in the next step|later|downstream]. What [is it|will it be]?",
        "I ignore what {x} [returns|gives back]. What [am I missing|do I throw away|am I dropping]?",
        (
            "What do I [lose|discard|drop|throw away] if I ignore the [result|return value|output] of {x}[?|, by "
            "the way?|, actually?]"
        ),
        (
            "I [want|plan|try|need] to [chain|pipe|use|reuse|unpack|print] the result of {x}[. What is it?|: "
            "what is returned?]"
        ),
        "What [would|will|does] `print` show me of the [return value|result] of {x}: what [is it|does it return]?",
        (
            "[Into what|How] do I unpack what {x} returns[, what is in it?|: what does it give back?|: which "
            "parts are there?]"
        ),
        "Which [values|items|things|pieces] does {x} [return|hand back|give back][?| to me?| together?]",
        (
            "[What|Which value] is the [return|result|outcome] [when|once|after] {x} [succeeds|works|goes "
            "well|runs fine][?|? I forgot.|? I have to know.]"
        ),
        "If {x} [succeeds|works out|goes well|runs through], what [does it return|is the return value|do I get back]?",
        "On success {x} [returns what|gives back what|hands me what|gives which value]?",
        (
            "[What|Which value] [is|gets] [handed|passed|given|sent] back [by|from|out of] {x}[?|, roughly "
            "speaking?|, in plain words?]"
        ),
        "[Name|State|Specify|Identify|Give me|Describe] the [return value|result|returned object|output] of {x}.",
        "[Describe|Explain|Summarize|Document|Specify] what [is returned by|comes back from|one gets back from] {x}.",
        (
            "What [can|may|should|do] I expect [back |]as [the result|a result|an output|the return value] of "
            "{x}[?|? I'm new here.|? I did not write it.]"
        ),
        (
            "What [am I to expect|should one expect|do we expect] [back from|as result of|as return value of] "
            "{x}[?|, please?|, do you know?]"
        ),
        (
            "[Which|What] result [does|will] {x} [give|produce|deliver|compute and return|come back with|hand "
            "over][?|, any idea?|, in short?]"
        ),
        "What does {x} come [back with|up with in the end|home with][?|? I can't tell.|? Thanks.]",
        "What's [left|there|available] for the caller [after|once|when] {x} [returns|has returned]: which value?",
        "The [return value|result|output] of {x} [is what|would be what|is|looks like what]?",
        "The thing that {x} [returns|hands back|gives back]: [what is it|what's that|what kind of thing is it]?",
        (
            "[About|Regarding|Concerning|With regard to] {x}: [what does it return|what's the return value|what "
            "comes back]?"
        ),
        "[There is|I see|I found|We have] {x} [here|in the code|in the repo], what does it [return|give back]?",
        "[Somebody|A colleague|My code|This script] [calls|uses|invokes] {x}; what [does it get back|is returned]?",
        "I have no type hints [here|at hand]. What [does {x} return|is returned from {x}|comes back from {x}]?",
        "What [would|do] I write after the arrow `->` of {x}[?|, what does it return?|: what is returned?]",
        "Under `Returns:` for {x} one should [write|put|read|state|document] what?",
        "For {x}, what['s| is] the [return value|returned expression|output|result|thing returned]?",
        "In {x}, what [is|gets] [returned|handed back|given back][?| at the end?| to the caller?]",
        (
            "From {x} [I get|we get|one gets|the caller gets|you get] [what|which value|what back][?|? I lost "
            "track.|? I could not find it.]"
        ),
        (
            "What['s| is] it that {x} [returns|gives back|hands out|delivers to its caller|sends back][?|, "
            "exactly?|, precisely?]"
        ),
        (
            "[Do you know|Any idea|Does anybody know|Can someone say|Anyone know] what {x} [returns|gives "
            "back|hands back]?"
        ),
        (
            "What [is|will be] my [return value|result|output|takeaway] [if I call|from calling|when I call|for "
            "calling] {x}[?| in this code base?| in this project?]"
        ),
        "[Looking at|Reading|Consider|Take] {x}: what [is its return value|does it give back|is its output]?",
        "I put [arguments|inputs|something|data] into {x}, and what [comes out|do I get out|comes back|is returned]?",
        "Input aside, what is the [output|result|return value] of {x}?",
        "Does {x} return [a new object|a copy|itself|self|the same object|a list|a string|a bool][?|, or what?]",
        (
            "Is the [return value|result|output] of {x} [a list|a string|a number|a boolean|an object|None|a "
            "dict][?|, or what?]"
        ),
        (
            "I [need|want|have] to [check|compare|log|cache|serialize|test] what {x} returns[. What is it?|: "
            "what comes back?|, so what is it?]"
        ),
        (
            "[Suppose|Assume|Say|Imagine] I [call|run|invoke] {x}[: what is returned?|. What do I get?|; what "
            "comes back?|, what will I receive?]"
        ),
        (
            "[Before|When|If] I [use|call|rely on|build on] {x}, I [should|want to|need to] know [what it "
            "returns|its return value|its output]."
        ),
        (
            "[A call to|One call of|Calling|Invoking] {x} [leaves|gives|hands|brings] me [what|which value|what "
            "sort of value|which object]?"
        ),
        (
            "I can't [figure out|work out|make out|find out|see] what [comes back from|is returned by|one gets "
            "from] {x}[.|, help.|, any hint?]"
        ),
        (
            "[Please|Kindly|Just|Simply|Quickly] [tell me|show me|state|give me] the [return "
            "value|result|output|returned expression] of {x}."
        ),
        (
            "[The docstring|The name|The signature|The comment] of {x} [does not|doesn't] say what it returns[. "
            "What is it?|, so what is it?]"
        ),
        (
            "{x} [got called|was called|ran|has run|is done]; [what is its return value|what did it return|what "
            "came back|the result is what]?"
        ),
        (
            "What [object|value|data|information|thing] [do I have|do I hold|have I got] [in hand|in my hands] "
            "[after|once I called|after calling] {x}[?|? Be brief.|? One line is enough.]"
        ),
        (
            "I'm [interested in|looking for|curious about|after|unsure about] the [return "
            "value|output|result|returned object] of {x}[.|, what is it?]"
        ),
        (
            "[My linter|My type checker|My IDE|mypy|The compiler] [asks|wants to know|does not know] what {x} "
            "returns[, what is it?|. What is it?]"
        ),
        "[let|const|var|auto|val] r = the result of {x}[: what is r?|, what's r?|; r is what?|: r will be what?]",
        (
            "What [would|should|could] a [caller|client|user|consumer] of {x} [see|get|find|read] as [the "
            "result|its result|return value][?|, by the way?|, actually?]"
        ),
    ),
    "raises": (
        (
            "[What|What exactly|What all|Which things] [does|can|could|might|will] {x} [raise|throw][?|? I "
            "forgot.|? I have to know.]"
        ),
        (
            "[Which|What] [errors|exception types|error classes] [can|may|could|does] {x} "
            "[throw|raise|trigger|emit][?|, roughly speaking?|, in plain words?]"
        ),
        (
            "[Which|What] [exception|error] [does|would|will] {x} [throw|raise|signal|report with|give "
            "me|fire][?|? I'm new here.|? I did not write it.]"
        ),
        (
            "[Does|Can|Could|Might|Will|May] {x} [throw|raise|blow up|error out|fail with an exception][?|, and "
            "with what?]"
        ),
        (
            "[Does|Can|Could] {x} [raise|throw] [anything|something|an exception|any errors|errors][?|, and "
            "which?|, if so what?]"
        ),
        "Is there [any|an|some] [exception|error] [raised|thrown|triggered] [in|by|inside] {x}[?|, and which one?]",
        "Are there [any |]exceptions [raised|thrown|coming] [by|from] {x}[?|, and which?| that I should know of?]",
        (
            "Is it [safe|fine|ok|okay] to call {x} without [try/except|a try block|a try|catching][?|, or what "
            "does it raise?]"
        ),
        (
            "What [do|should|must|would] I [put|write|list|name] in the [except|except clause|catch block] "
            "[for|around] {x}[?|, please?|, do you know?]"
        ),
        (
            "[I wrap|I'm wrapping|I want to wrap|Wrapping] {x} in [try/except|a try block|try/catch]: [except "
            "what|catch what]?"
        ),
        "[try around|try/except around|try/catch for] {x}: [which exception|catch what|which error]?",
        "{x} [exceptions|raises what|throws what|raised exceptions|errors raised|raises|throws|error types][|?]",
        "{x}: [which exceptions|what does it raise|which errors|what can it throw|what errors|exceptions]?",
        "{x} - [what does it throw|which exceptions|what errors can come|raises anything|any exceptions]?",
        "[exceptions|errors|exception types|error classes] [raised by|thrown by|from|of] {x}[|?]",
        (
            "[How|In what ways|In which ways] [can|could|might|may] {x} [go wrong|break|blow up|crash|fail][?|, "
            "any idea?|, in short?]"
        ),
        "What [can|could|might|may] go wrong [in|with|inside|when I call|when calling] {x}[?|, which errors?]",
        (
            "What are the [failure modes|error cases|error conditions|failure cases|possible errors|exceptions] "
            "of {x}[?|? I can't tell.|? Thanks.]"
        ),
        "What [is thrown|is raised|gets thrown|gets raised|is fired|gets fired] [by|from|in] {x}[?| on failure?]",
        (
            "What [happens|do I get|is thrown] if {x} [fails|is given garbage|gets bad input|gets a wrong "
            "value]: which error?"
        ),
        (
            "If I [pass|give|feed|hand] [nonsense|garbage|bad input|something invalid|wrong data] to {x}, what "
            "[is raised|error comes]?"
        ),
        (
            "If {x} [fails|cannot go on|goes wrong|gives up|is unhappy], [what is raised|which error comes|what "
            "does it throw]?"
        ),
        "[When|Whenever|In case] {x} [fails|breaks|chokes|gives up], [which exception is it|what do I have to catch]?",
        (
            "[On|In case of|Upon] [failure|an error|invalid input|a problem] {x} [raises what|throws what|throws "
            "which exception]?"
        ),
        (
            "With [what|which|what kind of] [error|exception] [will|does|would|can] {x} [abort|bail out|blow "
            "up|die|crash][?|? I lost track.|? I could not find it.]"
        ),
        (
            "[Which error|Which exception] [would I see|will I get|comes] if {x} [crashes|blows "
            "up|explodes|aborts|bails out][?|, exactly?|, precisely?]"
        ),
        (
            "{x} [crashed|blew up|died|failed|exploded|bailed out] [on me|in my script]. [Which errors can it "
            "raise|What can it throw]?"
        ),
        "I got [a traceback|a stack trace|an exception|an error|a crash] from {x}. What [can|does|may] it raise?",
        (
            "My [traceback|stack trace|log] ends in {x}: which [exceptions|errors] [come from there|does it "
            "raise|can it throw]?"
        ),
        (
            "[Tell me|Show me|Let me know|Please say|Remind me|I need to know] [what|which errors|which "
            "exceptions] {x} raises."
        ),
        (
            "[Could|Can|Would] you [tell me|list|name|show me] [the exceptions of {x}|what {x} throws|the errors "
            "{x} raises]?"
        ),
        (
            "[I wonder|Not sure|I don't know|I forgot|I can't tell|No idea] [which exceptions|what errors] {x} "
            "[raises|can throw]."
        ),
        "[Do you know|Any idea|Does anybody know|Anyone know] [what|which error|which exception] {x} [throws|raises]?",
        (
            "[Enumerate|Give me|Show|Collect|Write down|Print] [all|the] [errors|exceptions] [that |]{x} "
            "[raises|can throw]."
        ),
        (
            "[Show|Find|Quote|Give me|Print] the [raise statements|raise lines|raises|throw statements] "
            "[of|in|inside] {x}."
        ),
        (
            "[Which|What] raise [statements|lines] [are there|do we have|stand|can be found] in {x}[?| in this "
            "code base?| in this project?]"
        ),
        "What [stands|comes|follows|is written] after `raise` in {x}[?|? Be brief.|? One line is enough.]",
        "Is there a `raise` [in|inside|somewhere in] {x}[?|, and of what?|, and which exception?]",
        "I'm writing [a test|a unit test|a negative test] for {x}: what [goes into|do I put in] `pytest.raises`?",
        (
            "[In|For] a `pytest.raises` [test|check] [of|for|around] {x}, which [exception|error|class] [do I "
            "expect|is it]?"
        ),
        (
            "[To test|For testing|For tests of] the [error path|unhappy path|sad path] of {x}: which exception "
            "[comes|is raised]?"
        ),
        "[For the docstring|For the docs|For the Raises section] of {x}: which [exceptions|errors]?",
        "Under `Raises:` for {x} one should [write|list|put|document|name] what?",
        "For a [code review|review|refactoring|port|rewrite]: [what does {x} raise|which errors does {x} throw]?",
        (
            "I'm [hardening|debugging|wrapping|reviewing|porting] [code around|the code that calls] {x}. What "
            "can it [raise|throw]?"
        ),
        (
            "While [debugging|refactoring|testing|reviewing]: which [exceptions|errors] [come out "
            "of|leave|escape from] {x}?"
        ),
        (
            "[Which|What] [exceptions|errors] [bubble up|escape|leak out|propagate|come up] [from|out of] "
            "{x}[?|, by the way?|, actually?]"
        ),
        (
            "[What|Which exception] [reaches|hits|gets to|is thrown at] the caller [if|when] {x} [fails|goes "
            "wrong][?|? I forgot.|? I have to know.]"
        ),
        (
            "What [kind|kinds|sort|type] of [exceptions|errors|failures] [come from|comes from|may come "
            "from|does one get from] {x}[?|, roughly speaking?|, in plain words?]"
        ),
        (
            "[What|Which exceptions] [should|must|do] I [catch|handle|guard against|watch out for|rescue] when "
            "[calling|using] {x}[?|? I'm new here.|? I did not write it.]"
        ),
        (
            "[What|Which errors] do I [have|need] to [catch|handle|trap|intercept] [when I call|if I "
            "use|around|with] {x}[?|, please?|, do you know?]"
        ),
        (
            "[Which|What] error handling [is needed|do I need|is necessary] for {x}: [what does it raise|which "
            "exceptions]?"
        ),
        (
            "What's the [throws clause|throws list|list of exceptions|error contract] of {x}[|, in Java "
            "terms][?|? I can't tell.|? Thanks.]"
        ),
        (
            "Is {x} [noexcept|free of exceptions|no-throw|marked as throwing nothing][, or does it throw "
            "something?|, or what can it throw?]"
        ),
        (
            "Does {x} [panic|throw|raise|abort] [or not|at all|ever|anywhere][?|, and with which error?|: which "
            "exception?]"
        ),
        "In Rust terms, what [is the Err of|errors come from|is the error type of] {x}: what does it raise?",
        "What [does|will|would] {x} [complain|moan|protest] with[?|: which exception?|, I mean which error class?]",
        (
            "How does {x} [complain|protest|report errors|signal failure|report failure|signal an error][?|: "
            "which exception?]"
        ),
        (
            "How does {x} [react to|respond to|reject|refuse] [bad input|invalid values|wrong input]: [with "
            "which error|raising what]?"
        ),
        (
            "[Which|What] [exception class|error class|exception type|error type] [does {x} use|is used by {x}] "
            "to [fail|signal failure][?|? I can't tell.|? Thanks.]"
        ),
        "Does {x} raise [ValueError|TypeError|KeyError|RuntimeError|an OSError] or [something else|what|another one]?",
        (
            "[Can|Could|Will|May] [a ValueError|a TypeError|a KeyError|an exception|an error] [come from|be "
            "raised by] {x}?"
        ),
        (
            "Is it [ValueError|TypeError|KeyError|a custom exception] that {x} [raises|throws][?|, or something "
            "else?|, or what?]"
        ),
        (
            "[Which|What] [custom|own|built-in|specific|special] [exceptions|errors] does {x} [raise|throw][?|? "
            "I lost track.|? I could not find it.]"
        ),
        (
            "[When|On what condition|Under which circumstances] does {x} [throw|raise], and [what|which "
            "exception|which error]?"
        ),
        "What [errors|exceptions] [lurk|hide|are waiting|are lurking] [in|inside] {x}[?|, exactly?|, precisely?]",
        (
            "What [trouble|surprise|nasty surprises|bombs] can {x} [throw at me|give me|throw] in terms of "
            "exceptions[?| in this code base?| in this project?]"
        ),
        (
            "[I call|I use|We call|My code calls] {x}[: which exceptions must I expect?|. What can it throw?|; "
            "what errors are possible?]"
        ),
        "[I handle|I catch|We catch] no [errors|exceptions] around {x}[. Which ones could come?|, which may hit me?]",
        "Before I call {x}: which [exceptions|errors] [should I be ready for|might come|are possible|can hit me]?",
        (
            "[A bare except|except Exception|catch all] around {x} is ugly[. What does it really raise?|, what "
            "should I name instead?]"
        ),
        (
            "[Instead of a bare|Rather than a broad] except around {x}, which [exception|error] should I "
            "[catch|name|list]?"
        ),
        "The [exceptions|errors] [of|from|raised by|thrown by] {x} are [which|what|which ones]?",
        (
            "{x} [can|may|might|could] [raise|throw|fail with|die with|blow up with] [what|which errors|which "
            "exceptions]?"
        ),
        (
            "{x} [raises|throws] [what|which exception|which error|what kind of error][?| when it fails?| in the "
            "worst case?]"
        ),
        "{x} fails [how|with which error|with what exception|by raising what]?",
        "So {x} [throws|raises|fails with|blows up with] [what|which exception|which errors]?",
        "In {x}, [which|what] [exceptions|errors] [are|get|can be] [raised|thrown|triggered]?",
        (
            "From {x}, [which|what] [exceptions|errors] [may come|can I expect|do I see|should I catch][?|? Be "
            "brief.|? One line is enough.]"
        ),
        (
            "[About|Regarding|Concerning] {x}: [does it raise anything|which exceptions does it throw|what "
            "errors are possible]?"
        ),
        "For {x}, what['s| is] the [exception|error] [raised|thrown|to catch|to expect|to handle]?",
        (
            "What [possible|potential] [errors|exceptions|failures] [do we have in|are there in|can come "
            "from|are raised by] {x}[?|, by the way?|, actually?]"
        ),
        (
            "[Explain|Describe|Summarize|Document] [the error behaviour of|how errors are raised in|the failure "
            "modes of] {x}."
        ),
        (
            "[Name|State|Specify|Identify|Give] the [exception|error|exception class] that [{x} raises|{x} "
            "throws|comes from {x}]."
        ),
        (
            "What [gets|is] [raised|thrown] when [a check|validation|a precondition|something] [in|inside] {x} "
            "[fails|goes wrong][?|? I forgot.|? I have to know.]"
        ),
        (
            "Which [guards|checks|preconditions] in {x} [raise|throw|lead to an exception][?|, and what?|, and "
            "which error?]"
        ),
        "[Error|Exception] [classes|types|list|handling] for {x}: [what is raised|which ones|what to catch]?",
        "what to [catch|trap|rescue|handle] [for|with|from|around] {x}[|?]",
        (
            "I want [robust|safe|stable] code [with|around|using] {x}: which [errors|exceptions] [are "
            "possible|can it raise]?"
        ),
        "[Worst case|In the worst case], what does {x} [throw|raise|throw at me|blow up with]?",
        (
            "What [error|exception] would [I|the user|the caller|a caller] [see|get|run into] [from|out of|if I "
            "misuse] {x}[?|, roughly speaking?|, in plain words?]"
        ),
        (
            "[If I misuse|If someone misuses|When one misuses] {x}, what [exception|error] [comes|is thrown|is "
            "raised|results]?"
        ),
        (
            "[Suppose|Assume|Say|Imagine] {x} [fails|goes wrong|breaks|blows up][: which exception is it?|. What "
            "is raised?|, what do I catch?]"
        ),
        (
            "I [need|want|have] to [handle|log|translate|wrap|suppress] the [errors|exceptions] of {x}[. Which "
            "are there?|: which ones?|, name them.]"
        ),
        (
            "[Please|Kindly|Just|Simply] [tell me|list|show me|name] the [exceptions|errors] that [come from|are "
            "raised in|are thrown by] {x}."
        ),
        (
            "[The docs|The comments|The doc comments] of {x} [don't mention|do not list|say nothing about] "
            "[errors|exceptions]. Which are raised?"
        ),
        (
            "[Before|When|If] I [use|call|rely on] {x}, which [exceptions|errors] [should I know|must I think "
            "of|do I have to handle]?"
        ),
        (
            "I'm [worried about|interested in|curious about|unsure about] the [errors|exceptions|failures] of "
            "{x}[: which ones?|. Which can occur?]"
        ),
        (
            "[My service|My script|The server|Our job|The build] [dies|crashes|stops] in {x}[. Which exceptions "
            "does it raise?|: what can it throw?]"
        ),
    ),
    "bases": (
        (
            "[Which class|Which classes|What exactly] does {x} [subclass|extend|derive from|build upon as a "
            "base][?|? I'm new here.|? I did not write it.]"
        ),
        (
            "[What's|Whats|what is] the [super class|parent|parent class|base|base class|supertype] "
            "of {x}[?|, please?|, do you know?]"
        ),
        (
            "[What|Which] are the [superclasses|parent classes|base classes|supertypes|direct bases|parents] of "
            "{x}[?|, any idea?|, in short?]"
        ),
        (
            "[What|Which] [superclass|parent class|base class|base] does {x} [have|use|extend|derive "
            "from][?|? I can't tell.|? Thanks.]"
        ),
        "{x} is a subclass of [which class|whom|which classes|which base][?|, please?|, exactly?]",
        (
            "{x} is [a child of|a descendant of|an heir of|a specialization of|derived from] [what|which "
            "class|which classes]?"
        ),
        (
            "[Of|From] [what|which class|which classes] is {x} a [subclass|child class|child|descendant|derived "
            "class][?|? I lost track.|? I could not find it.]"
        ),
        (
            "[Which class|What|Which parent] is {x} a "
            "[subclass|child|descendant|specialization|subtype|refinement] of[?|, exactly?|, precisely?]"
        ),
        "Does {x} [have a parent class|have a base class|have a superclass|descend from something][?|, and which?]",
        (
            "Is {x} [a subclass|a subtype|a child class|a descendant] of [something|anything|another class][?|, "
            "and of what?]"
        ),
        (
            "Is there a [base class|superclass|parent class|parent] [of|for|behind|above] {x}[?|, and which "
            "one?|, what is it?]"
        ),
        (
            "Does {x} [inherit|derive] from [anything|something|any class|another class|object only][?|, and "
            "from what?|, or what?]"
        ),
        (
            "Does {x} [extend|subclass|specialize] [anything|something|another class|any class][?|, if so "
            "which?|, and what?]"
        ),
        (
            "Does {x} [inherit from|extend|subclass] [Exception|Enum|ABC|dict|Protocol|object|a mixin][?| or "
            "what?|, or what else?]"
        ),
        (
            "Is {x} [standalone|a root class|a plain class|a top level class] or does it [inherit|extend|derive "
            "from] something?"
        ),
        "{x} [base class|superclass|parent class|bases|base classes|inheritance|parents|inherits from|extends][|?]",
        "{x}: [which base class|what's the parent|subclass of what|bases|superclass|inherits from|extends what]?",
        "{x} - [what does it extend|which parent|what base class|subclass of what|what does it inherit from]?",
        "[base class|base classes|superclass|parent class|bases|inheritance|parents|ancestors] [of|for] {x}[|?]",
        "[inheritance|class hierarchy|class tree|type hierarchy] [of|for|above] {x}[|?]",
        (
            "[Where|Which class|What class|What] does {x} inherit [its members|its methods|its behaviour|its "
            "attributes] from?"
        ),
        (
            "[From|Out of] [which|what] [class|classes|base|parent] does {x} [inherit|derive|descend|stem|come "
            "by inheritance][?| in this code base?| in this project?]"
        ),
        (
            "[What|Which class|Who] is the [parent|mother class|father|ancestor|superclass] [of|to|for] {x} [in "
            "the hierarchy|here][?|? Be brief.|? One line is enough.]"
        ),
        (
            "Who are the [parents|ancestors|forebears|forefathers] of {x} [in the class tree|in the hierarchy|by "
            "inheritance]?"
        ),
        (
            "What's the [inheritance|ancestry|lineage|pedigree|family tree|genealogy|class hierarchy] of {x}[?|, "
            "by the way?|, actually?]"
        ),
        (
            "How does the [inheritance|class hierarchy|ancestry|family tree|inheritance chain] of {x} look[?|? I "
            "forgot.|? I have to know.]"
        ),
        (
            "[Show|Draw|Give me|Print|List|Describe] the [inheritance|ancestry|class hierarchy|parents] "
            "[of|above|for] {x}."
        ),
        (
            "[Which|What] classes [are|stand|sit|come] [above|over|directly above|on top of] {x} in the "
            "[hierarchy|class tree][?|, roughly speaking?|, in plain words?]"
        ),
        (
            "[What|Which class] is [above|right above|one level above|directly over] {x} in the "
            "[hierarchy|inheritance tree][?|? I'm new here.|? I did not write it.]"
        ),
        "One level up from {x} in the [class tree|hierarchy|inheritance chain] is [what|which class]?",
        (
            "Which [classes|names|bases] [stand|are|come|are listed] in the [parentheses|brackets] "
            "[after|behind] the name of {x}[?|, please?|, do you know?]"
        ),
        (
            "What's [between|in] the [parentheses|brackets] of the class [statement|header|line|definition] of "
            "{x}[?|, which bases?]"
        ),
        (
            "How does the class [header|line|statement] of {x} [read|look], which [bases|parents] does it "
            "[name|list][?|? I can't tell.|? Thanks.]"
        ),
        (
            "[Which|What] [bases|base classes|parents] are [listed|named|given|declared] [for|in the header "
            "of|in the class statement of] {x}[?|? I can't tell.|? Thanks.]"
        ),
        "What['s| is] in [`__bases__`|`__mro__`|the `__bases__`|the MRO] of {x}[?|, which classes?| as parents?]",
        "`__bases__` of {x}[?| please| - which ones?|: which classes?|, what is in it?]",
        (
            "What [comes|stands|is] right after {x} in [the MRO|the method resolution order], [which base|which "
            "parent][?|? I lost track.|? I could not find it.]"
        ),
        (
            "In {x}, [what class|which class|what] does `super()` [refer to|point to|mean|go to|resolve to][?|, "
            "which base is it?]"
        ),
        "[When|If] {x} calls `super()`, [which class|which parent|which base] is [meant|that|it|addressed]?",
        (
            "I'm [calling|looking at|reading|following] `super()` in {x}[. Which base class is behind it?|: "
            "what's the parent class?]"
        ),
        (
            "[What|Which class] does {x} [specialize|specialise|refine|build on] [by inheritance|as a "
            "subclass|as its base][?|, exactly?|, precisely?]"
        ),
        "[On top of|Upon] [what|which class|which base class] is {x} [built as a subclass|derived|subclassed]?",
        (
            "[What|Which class] [serves|acts|functions|is used] as [the base|the base class|a base|the parent "
            "class] [of|for] {x}[?| in this code base?| in this project?]"
        ),
        (
            "What [is|was] {x} [derived from|subclassed from|inherited from|a subclass of|a subtype of][?|? Be "
            "brief.|? One line is enough.]"
        ),
        "Whose child [class |]is {x}[?| in the hierarchy?| by inheritance?| in terms of classes?]",
        (
            "[Whose|Which class's] [methods|attributes|members|behaviour] does {x} [inherit|get by "
            "inheritance][?|, by the way?|, actually?]"
        ),
        (
            "[What|Which class] [gives|hands down to|bequeaths to|passes on to] {x} its inherited "
            "[methods|members|attributes][?|? I forgot.|? I have to know.]"
        ),
        (
            "[The inherited|Inherited] [methods|attributes|members] of {x} come from [which base class|which "
            "parent|which class]?"
        ),
        (
            "[Which|What] [mixins|mixin classes|mixins and bases] does {x} [use|have|mix in|inherit "
            "from|include][?|, roughly speaking?|, in plain words?]"
        ),
        "Does {x} [use|have|mix in|inherit] [any mixins|a mixin|mixins|several bases][?|, and which bases are there?]",
        (
            "Does {x} [have|use] [multiple inheritance|multiple bases|several parents|more than one base "
            "class][?|, and which?|, or just one base?]"
        ),
        (
            "How many [bases|base classes|parents|superclasses] has {x}[, and which?|, and what are they?| and "
            "what are their names?]"
        ),
        "[Single|Multiple|Single or multiple] inheritance in {x}: [which parents|which bases|from what]?",
        (
            "[Which|What] [interface|interfaces|protocol|abstract class|ABC] does {x} [implement|inherit "
            "from|extend|derive from][?|? I'm new here.|? I did not write it.]"
        ),
        (
            "Does {x} [implement|derive from|extend] an [interface|abstract class|abstract base class|ABC][?|, "
            "and which one?]"
        ),
        "In Java terms: {x} extends [what|which class], [implements what|and implements what]?",
        "{x} [inherits|derives|descends|stems] from [what|which class|which classes|whom|which base]?",
        "{x} [extends|subclasses|specializes|specialises|builds on] [what|which class|which classes|which parent]?",
        "{x} [has|got|uses] [what|which] [parent|base class|superclass|bases|parents|ancestors]?",
        "So {x} [inherits from|extends|subclasses|derives from] [what|which class|what exactly|which base]?",
        (
            "[Tell me|Show me|Let me know|Please say|Remind me|I need to know] what {x} [inherits "
            "from|extends|derives from]."
        ),
        (
            "[Tell me|Show me|I'd like to know|I want to know|Give me] the [superclass|base class|parent "
            "class|bases] of {x}."
        ),
        (
            "[Could|Can|Would] you [tell me|say|show me] [what {x} extends|the bases of {x}|which class {x} "
            "derives from]?"
        ),
        (
            "[Do you know|Any idea|Does anybody know|Anyone know] [what|which class] {x} [inherits "
            "from|extends|subclasses]?"
        ),
        (
            "[I wonder|Not sure|I don't know|I forgot|I can't see|No idea] [what|which class] {x} [inherits "
            "from|extends]."
        ),
        (
            "[Name|State|Identify|Specify|List|Write down] the [superclasses|parent classes|base "
            "classes|ancestors] of {x}."
        ),
        ("[Name|Give me|Find|Look up|Show] the [class|base|parent] that {x} [inherits from|extends|is derived from]."),
        (
            "I'm [reading|documenting|reviewing|looking at] {x}[, what does it inherit from?|. Which base "
            "classes has it?]"
        ),
        (
            "I'm [subclassing|extending|refactoring|mocking] {x}: what does it [itself inherit from|already "
            "extend|derive from]?"
        ),
        (
            "I [found|see|have|use] a method on {x} that is not [in it|defined there]. Which [base class|parent] "
            "does it have?"
        ),
        (
            "I can't find [a method|an attribute|the constructor] in {x}, so what does it [inherit "
            "from|extend|derive from]?"
        ),
        (
            "[For|In] a [class diagram|UML diagram]: [the parent of {x}|what does {x} extend|arrows from {x} to "
            "which bases]?"
        ),
        "In the [UML|class diagram], [to which class|where] does the inheritance arrow of {x} [point|go|lead]?",
        "For a [code review|review|refactoring|port|rewrite]: [what are the bases of {x}|what does {x} inherit from]?",
        "While [debugging|refactoring|reading|porting]: which class [is the parent of {x}|does {x} derive from]?",
        (
            "[About|Regarding|Concerning] {x}: [what's its superclass|what does it inherit from|which base "
            "classes has it]?"
        ),
        "For {x}, what['s| is] the [base class|superclass|parent class|parent|base|supertype]?",
        "[An instance|An object|Every instance] of {x} is also an instance of [what|which class|which base class]?",
        "`isinstance` of {x} is true for which [base classes|parent classes|superclasses|bases]?",
        "`issubclass` of {x}: [true for which bases|which parents|which base classes|against which class]?",
        "To what can I upcast {x}[?|, which base class?|, I mean what's its parent?|: which superclass?]",
        "Is {x} [an exception|an enum|a protocol|an ABC|a dict] by inheritance, [what is|what's] its base class?",
        (
            "What [kind|sort|type] of class is {x} by inheritance, [what's its base|which parent has it|what "
            "does it extend][?|? I can't tell.|? Thanks.]"
        ),
        (
            "[Which|What] [framework class|library class|built-in|abstract class|own class] does {x} [inherit "
            "from|extend|subclass][?|, any idea?|, in short?]"
        ),
        (
            "[Which|What] [generic|abstract|common|shared] [base|base class|parent] does {x} "
            "[have|extend|share|derive from][?|? I can't tell.|? Thanks.]"
        ),
        (
            "[Under|Below|Beneath] which [parent|base class|superclass] does {x} [sit|hang|stand] [in the "
            "hierarchy|in the class tree]?"
        ),
        (
            "What [family|class family|branch of the hierarchy] does {x} belong to[, which base class?|: what's "
            "its parent class?]"
        ),
        "[Parent|Superclass|Base|Base class|Parents|Bases|Ancestor] of {x}[|?| please|, please]",
        (
            "[Which|What] type does {x} [subtype|extend|inherit from|specialize][?|? I lost track.|? I could not "
            "find it.]"
        ),
        "what {x} [extends|inherits from|subclasses|derives from|is a child of][|?| in this repo?]",
        (
            "[Traits|Superclasses|Base types|Supertypes|Mixins] [of|behind|above] {x}: [which ones?|what are "
            "they?|name them.]"
        ),
        "In {x}, which classes [do we|does one] [inherit from|extend|subclass|derive from]?",
        (
            "[Up|Further up] the [chain|hierarchy|tree] from {x}: [what's the parent class|which class is the "
            "base|which ancestors]?"
        ),
        (
            "[Suppose|Say|Assume] I [change|edit|break] the [parent|base class|superclass] of {x}[: which class "
            "is that?|. Which one is it?]"
        ),
        (
            "I [need|want|have] to [find|open|read|check] the [parent|base class|superclass|base] of {x}[. Which "
            "is it?|: what is it?|, which class?]"
        ),
        (
            "[Please|Kindly|Just|Simply] [tell me|name|show me|state] the [base "
            "classes|parents|superclass|ancestors|supertypes] of {x}."
        ),
        (
            "[The docs|The comments|The doc comments] of {x} [don't mention|do not name|hide] its [parent|base "
            "class]. Which is it?"
        ),
        (
            "[Before|When|If] I [use|extend|change|copy] {x}, I [should|want to|need to] know [what it inherits "
            "from|its base classes|its parent]."
        ),
        (
            "I'm [interested in|curious about|looking for|unsure about] the [bases|parents|superclass|ancestry] "
            "of {x}[: which class?|, what is it?]"
        ),
        (
            "[My linter|My IDE|mypy|The compiler] [asks|wants to know] what {x} [inherits from|extends|derives "
            "from][. Which class?|, so what is it?]"
        ),
        (
            "I can't [figure out|work out|make out|see] what {x} [inherits from|extends|derives from|is a "
            "subclass of][.|, help.|, any hint?]"
        ),
        (
            "What [would|should|must] a [copy|clone|replacement|mock|twin] of {x} [inherit from|extend|derive "
            "from] to have the same base[?|, exactly?|, precisely?]"
        ),
        (
            "{x} [gets|takes|inherits|has] [a lot|much|something|a few methods] from its [parent|base][, which "
            "is what class?|: which class is it?]"
        ),
        (
            "The [parent|base class|superclass|base|parent class] of {x} [is what|is which class|is called "
            "what|is named what|would be]?"
        ),
        (
            "[Since|As] {x} [has|must have|seems to have] a [parent|base class|superclass], [which is it|what is "
            "it|what's its name]?"
        ),
        (
            "[Is there something|Is there a class|What is there|Which class is there] [above|behind] {x} [in the "
            "hierarchy|to inherit from]?"
        ),
        (
            "{x} [sits|is|hangs|stands] below [what|which class|which base class|which parent] in the "
            "[hierarchy|class tree|inheritance tree]?"
        ),
        (
            "[Climbing|Going|Moving|Walking] up from {x} in the [hierarchy|class tree|inheritance], which class "
            "[comes first|do I reach|is next]?"
        ),
    ),
}
