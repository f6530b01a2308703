"""Question forms about calls, second questions about the same definition, questions without an answer, and openings."""

from __future__ import annotations

__all__ = ["FOLLOW_UPS", "FORMS", "OPENINGS", "UNSTATED"]

FORMS: dict[str, tuple[str, ...]] = {
    "callers": (
        (
            "[What|Which code|Which function|Which method|What else] [calls|invokes|triggers|fires] "
            "{x}[?| in this repo?| in our code?]"
        ),
        "[who|what|who exactly] [calls|uses|runs|hits] {x}[?|]",
        (
            "[Who's|Who is|What is|What's|who's] [calling|using|invoking|executing|relying on|consuming] "
            "{x}[?| in the code base?| in the repository?]"
        ),
        ("[What|Who|Which part of the code] [depends|relies|leans|counts] on {x}[?| in this project?| in this code?]"),
        (
            "[Which|What] [functions|methods|places|parts of the code|routines|pieces of code] "
            "[call|invoke|use|reach] {x}[?| in the source?| in our sources?]"
        ),
        (
            "From [where|which functions|which places|what code] "
            "[does one get to|do we reach|do we enter|do we get into] {x}[?| in this repo?| in our code?]"
        ),
        "[Where from|By whom|By what code] is {x} [called|invoked|triggered|executed]?",
        (
            "Where [do we|does the code|does this project|does anything] [call|use|invoke|rely on] "
            "{x}[?| in the code base?| in the repository?]"
        ),
        (
            "Where are the [call sites|callers|usages|uses|invocations|calls|references] of "
            "{x}[?| in this project?| in this code?]"
        ),
        "Where are the calls [to|of|into] {x}[?| in the source?| in our sources?]",
        (
            "[Find|Locate|Dig up|Track down|Look up|grep for] [the|all|all the] "
            "[usages|calls|call sites|references] of {x}."
        ),
        "[Find|Get|Show] me [everything|every function|everyone|anything] that [calls|uses|invokes|touches] {x}[.|]",
        "[List|Enumerate|Print|Collect|Gather|Dump] [all |the |]callers of {x}[.|, please.| for me.|]",
        (
            "[List|Enumerate|Show|Name|Point out] [the|all the] [places|spots|functions|methods] that "
            "[call|use|invoke] {x}."
        ),
        "{x} [callers|usages|call sites|used by|called by|called from|invoked by|references|users|dependents][?|]",
        "{x}: [who calls it|called by whom|called from where|who uses it|used where|callers|any callers]?",
        "{x} - [who calls that|who uses this|any users|what calls it|where is it called|called from]?",
        "[callers|usages|call sites|users|consumers|references|dependents|uses|invocations] of {x}[?|]",
        "[find usages|find references|show callers|incoming calls|reverse dependencies|used by|called by]: {x}",
        "[calls to|incoming calls to|callers for|fan-in of|inbound edges of|references to|uses of] {x}[?|]",
        (
            "What are the [incoming calls|inbound edges|reverse dependencies|dependents|consumers|clients] of "
            "{x}[?| in this repo?| in our code?]"
        ),
        "Who are the [callers|users|clients|consumers|dependents] of {x}[?| in the code base?| in the repository?]",
        (
            "Is {x} [called|used|invoked|referenced|needed|exercised] "
            "[anywhere|by anyone|by anything|at all|somewhere else]?"
        ),
        (
            "Is there [any code|anything|any function|some place|anybody|a function] that [calls|uses|invokes] "
            "{x}[?| in this project?| at all?]"
        ),
        "Is {x} [dead code|unused|orphaned|never called|not used any more], or [who|what] [calls|uses] it?",
        "Is {x} dead, or does [something|anything|someone] still [call|use|reach|need] it?",
        (
            "Does [anything|anyone|any other function|any of our code|something] [call|use|invoke|depend on] "
            "{x}[?| in the source?| in our sources?]"
        ),
        "Do we [still |actually |ever |even |]call {x} [anywhere|somewhere|at all][?|, and where?|, and from where?]",
        "[Are|Aren't] there [any |]callers of {x}[?| left?| in this repo?| in the code base?]",
        "Has {x} got any [callers|users|clients|call sites|dependents]?",
        (
            "What [breaks|would break|will break|might break|stops working] if I "
            "[remove|rename|delete|drop|change] {x}[?| in this repo?| in our code?]"
        ),
        (
            "Who [breaks|would break|is hit|suffers|is affected] [if|when] I [change|rename|remove|touch] "
            "{x}[?| in the code base?| in the repository?]"
        ),
        "If I [change|rename|delete|modify|break] {x}, [which|what] [callers|functions|code] [are|would be] affected?",
        "Can I [delete|remove|drop|get rid of|kill] {x}, or [is it still called|does something still use it]?",
        "Can I safely [rename|remove|change] {x}? [Who calls it?|What uses it?|I need its callers.|Who depends on it?]",
        "Before I [change|rename|delete|refactor|touch] {x}: [who calls it|who uses it|where is it called]?",
        "[While|When] refactoring {x} I [need|want] to know [who calls it|its callers|who uses it|what depends on it].",
        (
            "I am [changing|renaming|removing|refactoring|deprecating] "
            "{x}[. Who calls it?|, what uses it?|; which callers?]"
        ),
        (
            "I'm [about to|going to|planning to] [change|rename|remove|rewrite] {x}, which [callers|call sites] "
            "must I [fix|update]?"
        ),
        (
            "I [want|need|have|would like] to [change|alter|adapt] the signature of {x}, "
            "[who calls it|where is it called]?"
        ),
        (
            "If the signature of {x} changes, [which|what] [functions|call sites|callers|places] [must|need to] "
            "change too?"
        ),
        "What is the [impact|blast radius|ripple effect] of [changing|touching|breaking] {x}: who [calls|uses] it?",
        (
            "I [set|put] a breakpoint in {x}: "
            "[who would be above it on the stack|which callers can I expect in the stack]?"
        ),
        (
            "I'm [debugging|tracing|stepping through|profiling] "
            "{x}[. Who calls it?|: where is it called from?|, what calls it?]"
        ),
        (
            "Who is [above|one level up from|right above|one frame above] {x} in the "
            "[call stack|call graph|call tree|stack]?"
        ),
        "Which [frame|function|method] sits [above|on top of|right before] {x} in the call [stack|chain|tree|graph]?",
        "[Which|What] call [paths|chains|sequences] [lead|end up|go|arrive] [in|at|to] {x}?",
        "How does [control|the flow|the program|execution|one] [get to|reach|arrive at|come to] {x}: who calls it?",
        "[What|Which code] [leads|brings us|takes us|gets us] to {x}[?| in this project?| in this code?]",
        (
            "What [kicks off|sets off|launches|starts|fires off|drives|pulls in|hooks into] "
            "{x}[?| in the source?| in our sources?]"
        ),
        "[Which function|Who|What] is [responsible for calling|the caller of|the one calling|the one that calls] {x}?",
        (
            "Which [code|function|method] [makes use of|takes advantage of|is built on|employs|has recourse to] "
            "{x}[?| in this repo?| in our code?]"
        ),
        (
            "[Which|What] other [functions|methods|classes|parts] [make use of|build on|use|need|employ] "
            "{x}[?| in the code base?| in the repository?]"
        ),
        (
            "For a [code review|refactoring|pull request|migration|clean-up]: [who calls|what uses|who invokes] "
            "{x}[?| in this project?| in this code?]"
        ),
        "For impact analysis [I need|give me|show me|list] the [callers|dependents|users|call sites] of {x}.",
        "[Tell|Show] me [who calls|who uses|what invokes|where we call|where we use|what relies on] {x}[.|, please.]",
        (
            "[Can|Could|Would] you [tell me|show me|find out|list|check] [who calls|what calls|who uses] "
            "{x}[?| in the source?| in our sources?]"
        ),
        (
            "[Could|Can] you [list|find|show|point out] the [places|functions|spots] [where|in which] {x} is "
            "[called|used]?"
        ),
        "[Please|Kindly] [list|show|find|name] the [callers|usages|call sites] of {x}[.|]",
        (
            "[Do you know|Any idea|Any clue|Can you say] [who calls|what calls|who uses|where we call] "
            "{x}[?| in this repo?| in our code?]"
        ),
        "I [wonder|was wondering|am curious|would like to know] [who calls|who uses|what invokes|what needs] {x}.",
        (
            "I [don't see|can't find|cannot spot|fail to find] [a caller of|any caller of|who calls|a use of] "
            "{x}[.|, is there any?]"
        ),
        (
            "I [see|found|came across|stumbled on] {x}, but "
            "[who calls it|where is it called|what uses it|is it ever called]?"
        ),
        "[Point|Direct|Take] me to the [code that calls|callers of|places calling|functions using|users of] {x}.",
        "[Give|Get|Hand|Send] me [the|all the|the known] [callers|usages|call sites|users] of {x}.",
        "{x} is [called|used|invoked|run|executed] by [whom|what|which functions|which code|which methods]?",
        "{x} [gets|is] [called|invoked|triggered|used] [where|from where|by who|from which functions]?",
        "{x} [has|got] [which|what] [callers|users|clients|call sites]?",
        "{x} is [called|used|invoked] in [which|what] [functions|methods|places|other functions|pieces of code]?",
        (
            "{x}, is it [called|used|invoked|referenced] "
            "[anywhere|by anything|at all|elsewhere][?|, and where?|, or is it unused?]"
        ),
        (
            "By [which|what] [functions|methods|code|callers|classes] is {x} "
            "[invoked|called|used|executed|consumed][?| here?| in our code?]"
        ),
        (
            "[In|Inside] which [functions|methods|routines|bodies] "
            "[is {x} called|do we call {x}|does a call to {x} appear]?"
        ),
        "In how many places is {x} [called|used], and [where|which|by whom]?",
        (
            "How many [callers|call sites|usages] does {x} "
            "have[, and which?|, and where are they?|? Which ones?| in this code?]"
        ),
        (
            "How often is {x} [called|used|referenced] in the [code|repo|source|code base], and "
            "[where|by whom|by which code]?"
        ),
        "When [does|will] {x} get [called|invoked|run|executed], and by [whom|what|which code]?",
        "[At what point|On what occasion|At which points] is {x} called, and by [whom|what|which function]?",
        (
            "[Whose|Which function's] [body|code|implementation] [calls|contains a call to|mentions|uses] "
            "{x}[?| in the code base?| in the repository?]"
        ),
        "Which [bodies|functions] [contain|have|include|make] a call [to|of] {x}[?| in this project?| in this code?]",
        (
            "Which [callers|clients|consumers|users] does {x} "
            "have[?| in this repository?| in the project?| in our source?]"
        ),
        (
            "[Which|What] [callers|call sites|usages] of {x} "
            "[exist|are there|do we have|are left|can you find|do you see]?"
        ),
        (
            "[Who|What] [passes through|goes through|ends up in|lands in|delegates to|hands over to|wraps] "
            "{x}[?| in the source?| in our sources?]"
        ),
        (
            "[Who|Which function] [delegates|forwards|hands off|dispatches|passes the work] to "
            "{x}[?| in this repo?| in our code?]"
        ),
        "[Which|What] code [goes|runs|passes] [through|via|by way of] {x}[?| in the code base?| in the repository?]",
        "[Trace|Follow] {x} back to [its callers|whoever calls it|the functions that call it|the code that calls it].",
        "[Walk|Go] up the call [stack|tree|graph|chain] from {x}: [who calls it|what is there|which callers]?",
        "[Who needs|Who wants|Who requires|Who benefits from|Who cares about|Who asks for] {x} in [the|this|our] code?",
        "What would [miss|need|notice the loss of|be lost without] {x} if [it were gone|I deleted it|it went away]?",
        "Usage [examples|sites] of {x} in [the|this] [repo|code base|project]: [where|which functions|who calls it]?",
        (
            "I'd like to see [how others call|real calls of|existing calls to|code that calls] {x}, "
            "[where|which functions]?"
        ),
        "[Reverse|Backward|Inverse] [lookup|search|call graph] for {x}: [who calls it|the callers|which callers]?",
        "Is {x} an entry point, or [is it called by something|does other code call it|who calls it]?",
        "Is {x} only [called|used] [by tests|internally|once|in one place], or [who else|what else] calls it?",
        (
            "[Apart from|Besides|Except for|Other than] the tests, [who|what] [calls|uses|invokes] "
            "{x}[?| in this project?| in this code?]"
        ),
        (
            "[Suppose|Say|Imagine] {x} [is gone|disappears|is deleted], which [functions|callers|code] would "
            "[fail|not work]?"
        ),
        "[Everything|Anything|All the code|Whatever] that [calls|ever calls|calls into] {x}[?|, please.|: list it.]",
        "[All|The] [places|functions|methods|spots] that [call|invoke|use|ever call] {x}[?|, please.|: list them.]",
        "[Functions|Methods|Code|Places] [calling|invoking|using|depending on|that end up in] {x}[?|, please.]",
        (
            "[Am I right that|Is it true that|Do I see it right that] nothing calls {x}, or "
            "[who does|which code does|where is a call]?"
        ),
        "[Somebody|Something|Some code] must [call|use|invoke|trigger] {x}: [who|what|where|which function]?",
        (
            "{x} [must|has to|should] be called "
            "[somewhere|by something|from somewhere][, where?|: by what?|, but by whom?]"
        ),
        "Nobody seems to [call|use|need|invoke] {x}[. Or who does?|, or is there a caller?|, is that so, or who does?]",
        (
            "[My change touches|My patch changes|I broke|I just edited] "
            "{x}[. Who calls it?|, who is affected?|: which callers?]"
        ),
        (
            "A [stack trace|traceback|crash report] ends in "
            "{x}[: who calls it?|, what can have called it?|. Which callers are there?]"
        ),
        "I [want|need|have] to add [a parameter|an argument] to {x}[, which call sites must change?|. Who calls it?]",
        (
            "[Check|See|Find out|Verify] [who calls|whether anything calls|if something uses|what invokes] "
            "{x}[.|, please.| for me.]"
        ),
        "[What|Which other code] [plugs|taps|feeds|calls|reaches] into {x}?",
        (
            "I'm [after|looking for|searching for|collecting] the [callers|call sites|usages|users] of "
            "{x}[.|, which are there?]"
        ),
        "[Upstream|Incoming|Inbound] [calls|callers] of {x}[?|: which ones?|, please.|]",
    ),
    "callees": (
        "[What|Which functions|What all|What else|Which methods] does {x} [call|invoke|trigger|run|fire]?",
        "[what|which functions] [does|will] {x} [call|invoke|run][?|]",
        "[Who|Whom] does {x} [call|invoke|rely on|delegate to|hand the work to|turn to|depend on]?",
        (
            "What [is|gets] [called|executed|run|used] [by|from|inside|within|in the body of] "
            "{x}[?| in the source?| in our sources?]"
        ),
        "[What|Which code|Which functions] [does|would] {x} [depend|rely|lean|count|build] on?",
        "[Which|What] [functions|methods|routines|helpers|procedures] [does|will] {x} [invoke|call|use|need|run]?",
        "[Which|What] other [methods|code|parts|helpers] [does|will] {x} [call|invoke|use|make use of]?",
        "[Which|What] [calls|invocations|function calls|method calls] does {x} [make|contain|issue|perform]?",
        (
            "[Which|What] [calls|function calls|invocations] are [in|inside|within|made by|made in|found in] "
            "{x}[?| in this repo?| in our code?]"
        ),
        (
            "What are the [callees|outgoing calls|dependencies|outbound edges|function calls|inner calls] of "
            "{x}[?| in the code base?| in the repository?]"
        ),
        "{x} [callees|outgoing calls|dependencies|calls what|function calls|invokes what|depends on what][?|]",
        "{x}: [what does it call|which calls does it make|callees|what does it invoke|which functions does it use]?",
        "{x} - [what does it call|which helpers|what calls does it make|any outgoing calls|callees]?",
        "[callees|outgoing calls|dependencies|outbound calls|inner calls|fan-out|function calls] of {x}[?|]",
        "[show callees|outgoing calls|callees|dependencies|calls made by|functions called by]: {x}",
        "[calls made by|calls inside|calls within|functions called by|functions used by|fan-out of] {x}[?|]",
        "[functions|methods|helpers|everything] [called|invoked|used] [by|in|inside] {x}[?|]",
        "[List|Enumerate|Print|Collect|Show|Dump] [all |the |]callees of {x}[.|, please.| for me.|]",
        (
            "[List|Enumerate|Name|Show|Gather] [the|all the] [functions|methods|helpers|routines] {x} "
            "[calls|invokes|uses]."
        ),
        "[List|Show|Give me|Name|Extract] the calls [in|inside|made by|within|made in|that occur in] {x}[.|]",
        "[Find|Get|Show] [everything|every function|all that|whatever|anything] {x} [calls|invokes|uses][.|, please.|]",
        "[Tell|Show] me [what|which functions|which methods|which helpers] {x} [calls|invokes|uses|depends on][.|]",
        "[Can|Could|Would] you [tell me|show me|list|find out] [what|which functions] {x} [calls|invokes|uses]?",
        "[Please|Kindly] [list|show|name|enumerate] [what|the functions that|the methods that] {x} [calls|invokes][.|]",
        "[Do you know|Any idea|Can you say|Do you see] [what|which functions|which methods] {x} [calls|invokes]?",
        (
            "I [wonder|was wondering|am curious|want to know|need to know] [what|which functions] {x} "
            "[calls|invokes|relies on]."
        ),
        (
            "Does {x} [call|invoke|use|depend on|delegate to] "
            "[anything|any other function|other code|any helper][?|, and what?]"
        ),
        "Does {x} [make|contain|issue] any [calls|function calls|calls to other code][?|, and which?|, and to what?]",
        "Is there [anything|any function|any helper|some other code] that {x} [calls|invokes|uses|relies on]?",
        "Are there [any |]calls [to other functions|to helpers|to other code] [in|inside|within] {x}[?|, and which?]",
        "Is {x} a leaf, or does it [call|invoke|use] [something|other functions|anything else]?",
        "Is {x} self-contained[?|,] [or does it call others|or what does it call|or which functions does it need]?",
        (
            "[What|Which functions|Which helpers] [should|do|must|would] I [mock|stub|patch|fake] "
            "[to test|when testing] {x}?"
        ),
        (
            "For a unit test of {x}: [which calls|what calls|which functions it calls] [do I|must I|should I] "
            "[mock|stub|fake]?"
        ),
        (
            "I'm [testing|mocking|isolating|stubbing] "
            "{x}[. What does it call?|: which calls does it make?|, what does it invoke?]"
        ),
        (
            "I'm [debugging|tracing|stepping through|profiling] "
            "{x}[. What does it call?|: which functions can I step into?]"
        ),
        "If I step [into|through] {x}, which [functions|methods|calls] [do|will|can] I [hit|land in|meet|see]?",
        (
            "[Where|Into what|Into which functions] does [the control flow|execution|the debugger] go from "
            "{x}[?| in this project?| in this code?]"
        ),
        (
            "Which [functions|methods|frames] [are|sit|come] [below|under|beneath] {x} in the call "
            "[tree|graph|stack|hierarchy]?"
        ),
        "What is [below|under|one level below|one level down from] {x} in the call [graph|tree|hierarchy|chain]?",
        (
            "[Walk|Go] down the call [tree|graph|chain|hierarchy] from {x}: "
            "[what does it call|which callees|what is there]?"
        ),
        "[Draw|Sketch|Give me|Show] the call [graph|tree] [below|under|starting at|starting from|going out from] {x}.",
        "[Which|What] [edges|arrows|calls] go out [of|from] {x} in the call graph?",
        "[Forward|Outgoing|Downward] call [graph|tree|hierarchy] [of|for|from] {x}[?|, please.|]",
        (
            "Which [helpers|utilities|helper functions|building blocks|primitives] does {x} "
            "[use|employ|call|need|lean on]?"
        ),
        "[On|Upon] [what|which helpers|which other code] does {x} [rely|depend|build|lean]?",
        "[With|With the help of] which [functions|helpers|calls|methods] does {x} [get by|do its work|do the job]?",
        "To [what|whom|which functions|which methods] does {x} [delegate|hand over|pass the work|forward|dispatch]?",
        "[Who|What|Which functions] [does|will] {x} [delegate|hand off|forward|pass the work|farm the work out] to?",
        "[What|Which work|Which part] does {x} leave to other functions, and [which ones|to which]?",
        "[Who|What] does the [real|actual|dirty|heavy] work for {x}: which functions does it [call|use|invoke]?",
        "What [functions|methods] [must|have to|need to] [exist|be there|be defined] for {x} to [call|work|run]?",
        (
            "Which [functions|methods] are [called|invoked|used|executed|hit] [when|while|as] {x} "
            "[runs|is running|executes]?"
        ),
        "[When|While|Once|As] {x} [runs|executes|is at work], [what does it call|which functions does it call]?",
        "When {x} is [called|run|invoked|executed], what does it call [in turn|itself|then|next|on its part]?",
        "What does {x} [in turn|itself|directly|internally|actually|then] [call|invoke|run]?",
        (
            "[Which|What] [functions|methods|things] does {x} [directly|itself|in turn|internally] "
            "[call|invoke|use][?| in its body?]"
        ),
        "{x} calls [what|which functions|whom|which methods|which others|what else]?",
        (
            "{x} [invokes|uses|delegates to|depends on|relies on|makes use of] "
            "[what|which functions|which methods|which helpers|what else]?"
        ),
        "{x} [makes|contains|has] [which|what] [calls|function calls|invocations|outgoing calls]?",
        "{x}, [what does it call|which functions does it call|does it call anything|what calls are in there]?",
        (
            "In {x}, [what is called|which functions are called|what gets invoked|which calls are made|what does "
            "the code call]?"
        ),
        (
            "In the [body|code|implementation|source] of {x}, "
            "[what is called|which functions are called|which calls are there]?"
        ),
        (
            "[Inside|Within] {x}, [which|what] [functions|methods|helpers|routines] are "
            "[used|called|made use of|invoked]?"
        ),
        "The [body|code|implementation] of {x} calls [what|which functions|which methods|which helpers]?",
        (
            "How many [functions|methods|helpers] does {x} "
            "[call|invoke|use][, and which?|, and what are they?|? Which ones?]"
        ),
        (
            "Before I [move|extract|copy|port|lift out] {x}: "
            "[what does it call|which functions does it need|which callees]?"
        ),
        (
            "If I [move|copy|port|extract|lift] {x} [elsewhere|to another project], which [functions|helpers] "
            "must [come|go] along?"
        ),
        (
            "I [want|need|would like|have] to [move|copy|port|extract] {x}, "
            "[what does it call|which functions does it need]?"
        ),
        (
            "I am [porting|moving|rewriting|copying|translating] "
            "{x}[. What does it call?|, what does it use?|; which callees?]"
        ),
        "[While|When] refactoring {x} I [need|want] to know [what it calls|its callees|which functions it uses].",
        "For a [code review|refactoring|rewrite|pull request|port]: [what does {x} call|which functions does {x} use]?",
        "For {x} I [need|want|would like|am after] the [callees|outgoing calls|functions it calls|list of calls].",
        (
            "I [see|found|came across|am reading] {x}, "
            "[what does it call|which functions does it invoke|what calls does it make]?"
        ),
        "[Which|What] [changes|bugs] elsewhere could break {x}: [what does it call|which functions does it depend on]?",
        (
            "[A bug in|A change of|A failure in] which functions would [break|hit|affect|reach] {x}, that is, "
            "what does it call?"
        ),
        "What is {x} [built on|built on top of|based on|made up of|composed of] in terms of [calls|function calls]?",
        (
            "[Which|What] [other code|code outside|code elsewhere] does {x} "
            "[reach out to|reach for|touch|call into|pull in]?"
        ),
        (
            "[Which|What] [functions|methods|helpers] does {x} "
            "[reach for|fall back on|resort to|draw on|tap into|pull in]?"
        ),
        "[Trace|Follow] {x} [down|forward] to [what it calls|the functions it calls|its callees|its helpers].",
        "[Trace|Follow|Track] the calls [that go out from|out of|made by|that start in] {x}[.|, please.]",
        "What [collaborators|helpers|subroutines|dependencies|library functions] does {x} [have|use|call|need]?",
        (
            "[Subroutines|Helpers|Functions|Methods] [used by|called by|called in the body of|invoked by] "
            "{x}[?| in the source?| in our sources?]"
        ),
        "What does {x} [kick off|set off|launch|trigger|start|fire off]?",
        (
            "[Which|What] [constructors|functions|methods|builtins|library calls] "
            "[appear|occur|are called|show up] in {x}[?| in this repo?| in our code?]"
        ),
        "[Everything|All functions|All the things|Whatever] {x} [calls|invokes|ever calls][?|, please.|: list that.]",
        "[Give|Get|Hand] me [all |]the [callees|outgoing calls|calls|functions called] [from|of|in] {x}.",
        "[Downstream|Outbound|Outgoing] [calls|dependencies] of {x}[?|: which ones?|, please.|]",
        (
            "Not the callers of {x}, [the callees|but what it calls itself|but the functions it calls]: "
            "[which|what are they]?"
        ),
        (
            "I [don't need|do not want|know] the callers of {x}[.|,] "
            "[what does it call itself|which functions does it call]?"
        ),
        (
            "Is there [something|a function|another method|some helper] that {x} "
            "[calls|needs to call|has to call|makes use of]?"
        ),
        (
            "By [calling|using|invoking] [what|which functions|which helpers] does {x} "
            "[get its work done|do its work|do it]?"
        ),
        (
            "[All|The] [functions|methods|helpers|routines] that {x} "
            "[calls|invokes|uses|ever calls][?|, please.|: list them.]"
        ),
        "[Calls|Function calls|Method calls] [made|to be found|present|contained] in {x}[?|, please.|: which?]",
        "{x} must [call|use|invoke] [something|other functions|helpers][: which?|, but what?|, which calls are there?]",
        (
            "{x} can't do [it all|everything|that] "
            "alone[: what does it call?|, which functions does it call?|. What does it invoke?]"
        ),
        (
            "I'm [after|looking for|interested in|collecting] the [callees|outgoing calls|dependencies] of "
            "{x}[.|, which are there?]"
        ),
        (
            "[Check|See|Find out|Verify] [what|which functions|which methods] {x} "
            "[calls|invokes|depends on][.|, please.| for me.]"
        ),
        (
            "Reading {x} I [lost track|got lost][: which functions does it call?|, what does it call?|. Which "
            "calls does it make?]"
        ),
        (
            "What [gets|is] [called|invoked|triggered|run] [once|as soon as|when|each time] {x} is "
            "[called|entered|executed]?"
        ),
        (
            "[One level|One step|One call] [deeper|down|further down] from {x}: "
            "[what is called|which functions are there|which callees]?"
        ),
        "[Which|What] [functions|methods|helpers] [get|are] [called|invoked|triggered] [by|from|inside] {x}?",
        "A call of {x} [leads to|results in|causes|sets off] which [other|further|inner] [calls|function calls]?",
        "I [want|need|have] to know {x}'s [callees|outgoing calls|function calls][.|: what does it call?]",
        "Which [names|functions|methods] does the [body|code|source] of {x} [call|invoke]?",
    ),
}

FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    "where": (
        "[And where|Where|where|So where|Ok, where] [is|do I find|can I find|would I find] [it|that|this|this one]?",
        (
            "[And where|Where|where|But where] [is|was] [it|that|this|this one] "
            "[defined|declared|implemented|written|kept]?"
        ),
        "[Where|And where|where] does [it|that|this|this one] [live|sit|reside|come from|hide]?",
        "[Which|What|In which|And which|And in what] file[?| is it?| is that?| is this one?]",
        (
            "[Which|What|And which] [file|module|source file] [has|holds|contains|defines|declares] "
            "[it|that|this|this one]?"
        ),
        "[And its|Its|its] [location|file|path|place|whereabouts|home|module][?|, please.| in the tree?]",
        "[What is|What's|whats] its [path|location|module|file name]?",
        "[Where can I|Where do I|Where should I] [open it|look it up in the code|see its code|read its source]?",
        "Where should I [look for|search for|look to find] [it|that|this|this one]?",
        "[Show me|Tell me|Remind me|And tell me] where [it is|that is|it lives|this is defined|to find it].",
        "[Path|File|Location|Module|Place|Source file] of [it|that|this|this one]?",
        "[Find|Locate|Open|Jump to|Go to] [it|that|this|this one] [for me|in the tree|in the source][.|]",
        "[What|Which] [directory|folder|package|module] is [it|that|this|this one] in?",
        "[I need|Give me|And give me] [the file of it|the path to it|its location|its path|its file].",
        "[Where exactly|Whereabouts|Where in the tree|Where in the repo][?| is it?| is that?]",
        "[Can|Could] you [point|direct|send|take] me to [it|its file|the file|its definition|its source]?",
        "[So|And] [it|that|this one] is in [which|what] [file|module|source file]?",
        "[It|That|This|This one] is [in which file|in which module|defined where|found where]?",
        "[Which|What] file do I [open|edit|have to open|need to edit] for [it|that|this|this one]?",
        "I want to [open|edit|see|patch] [it|that|this one]: [which file|where|what path]?",
        "[Its|And its] definition is [where|in which file|in which module]?",
        "[To see it|To change it|To edit this one|To read that], which file [do I open|is it|must I open]?",
        "[location|file|path|where][?|]",
        "[And the|The] [file|path|location|module][?|, please?]",
        "[In|And in] what part of the [tree|repo|code|project] is [it|that|this|this one]?",
        "[Where's|And where's|wheres] [it|that|this|this one] [defined|located|kept|declared]?",
    ),
    "what": (
        "[And what|What|what|So what|Ok, what] does [it|that|this|this one] do[?| exactly?| in short?| for us?]",
        "[And what|What|what] is [it|that|this|this one] [for|good for|there for|meant for|used for|about]?",
        "[What's|And what's|Whats|So what's] [it|that|this|this one] [for|about|good for|meant to do|supposed to do]?",
        "[Explain|Describe|Sum up|Outline|Characterise] [it|that|this|this one][.| briefly.| please.| in a line.]",
        "[And its|Its|What is its|What's its] [purpose|job|role|aim|point|task|use|intent|mission|responsibility]?",
        "[Why do we|Why would I|Why would one] have [it|that|this|this one]?",
        "[What do we|What do I|What would one|What would I] [need|use|want|have] [it|that|this|this one] for?",
        "[What's the|What is the|And the|And what's the] [point|purpose|idea|use|gist] of [it|that|this|this one]?",
        "[In short|In a word|In plain words|In one sentence|Briefly], what [is it|does it do|is it for|is that for]?",
        "[Tell me|And tell me|Now tell me] [about it|more about it|what it does|what that is|what this one is for].",
        "[Purpose|Role|Meaning|Gist|Point|Description] of [it|that|this|this one]?",
        "[Can|Could|Would] you [explain|describe|summarise|sum up] [it|that|this|this one][?| for me?| briefly?]",
        "[And that|And it|And this one] is [for what|what exactly|meant to do what|there to do what]?",
        "[What does it|What does that|What does this one] [achieve|accomplish|provide|offer|give us]?",
        "[What is it|What's that|What is this one] [supposed|meant|intended|there] to do?",
        "[What|And what] [problem|need|task] does [it|that|this|this one] [solve|address|serve|cover]?",
        "[I have never used it|Never seen it|It's new to me][: what does it do?|, what is it for?|. Explain it.]",
        "[A short|A one line|A quick|A brief] [description|summary|explanation] of [it|that|this one][?|, please.]",
        "[What|And what] would I [use|need|take] [it|that|this|this one] for?",
        "[When|And when] would I [want|use|need|reach for] [it|that|this one], what is it for?",
        "[It|That|This|This one] does what[?| exactly?| in short?]",
        "[purpose|meaning|what for|description][?|]",
        "[Its|And its] [docstring|description|documentation] says what?",
        "[How would you|How do you] [describe|sum up|explain] [it|that|this|this one]?",
        "What is [it|that|this|this one][?| in a nutshell?| in one line?| in plain English?]",
        "[Give me|I need] [the gist|the idea|the purpose|a summary|a description] of [it|that|this|this one].",
    ),
    "how": (
        "[And how|How|how|So how|But how] does [it|that|this|this one] [work|do that|do it|operate|function]?",
        "[And how|How|how] is [it|that|this|this one] [implemented|done|written|coded|built|realised|made]?",
        "[And|What happens|And what happens|What goes on] [inside|internally|under the hood|behind the scenes]?",
        "[Walk|Lead|Talk|Guide|Take] me through [it|that|this|this one][.|, step by step.| please.]",
        (
            "[How exactly does it|By what means does it|In what way does it|How on earth does it] "
            "[work|do that|do its job]?"
        ),
        "[What are|And what are] [its|the] [steps|stages|inner workings|mechanics|internals]?",
        (
            "[Its|And its|Show me its] [internals|implementation|inner "
            "workings|mechanics|algorithm|body|logic][?|, please.]"
        ),
        "[What|And what] goes on [inside it|in its body|in there|under the hood|within it]?",
        "[What|And what] [does it do|happens] step by step?",
        "[Explain|Describe|Show me|Tell me] how [it works|it does that|that is done|this one works|it is implemented].",
        "[Which|What] [algorithm|approach|method|strategy|technique|steps] does [it|that|this|this one] use?",
        "[What|And what] does the [body|code|implementation] of [it|that|this|this one] do?",
        "[How does|And how does] [its|the] [code|body|implementation|logic] [work|go|proceed|run]?",
        (
            "[Can|Could] you [explain|describe|show|outline] "
            "[how it works|its internals|its implementation|how it is done]?"
        ),
        "[Step by step|In detail|In more detail|More details|Go deeper], [how|how does it work|how is it done]?",
        "[What's|What is] [inside|under the hood|going on in there|in its body]?",
        "[Unpack|Dissect|Break down|Demystify] [it|that|this|this one] [for me|step by step][.|, please.]",
        "[How|And how][?| exactly?| internally?| in code?| precisely?]",
        "[What|And what] does [it|that|this|this one] do [inside|internally|under the hood|first and then]?",
        "[How|And how] does [it|that|this one] [get|reach|come to|arrive at|compute|work out] its result?",
        "[I want to|I'd like to|I need to] [understand|know|see] how [it works|that works|it is implemented].",
        "[It|That|This|This one] works how[?| exactly?| inside?]",
        "[The implementation|And the implementation|The internals|And the internals|The mechanics][?|, please.]",
        "[What|And what] [makes it tick|makes it work|is the mechanism|is the trick|is its recipe]?",
        "[how does it work|how so|how is that done|internals|implementation][?|]",
    ),
    "why": (
        "[And why|Why|why|But why|So why] [is there|the|do we see|does it say] `{c}`[?| in it?| there?| in there?]",
        "[And why|Why|why|But why] does [it|that|this|this one] [do|have|use|contain|need|run|execute] `{c}`?",
        "[And why|Why|why] is `{c}` [there|needed|done|necessary|in it|used in it|in there|required]?",
        "[And|And what about|What about] `{c}`[, why?|: why?|, what is the reason?|: what for?| in it, why?]",
        "[What is|What's|And what is] `{c}` [for|good for|there for|doing there|doing in it|for in there]?",
        "[What is|What's] the [reason|rationale|motive|explanation|justification] for `{c}`[?| in it?| there?]",
        "[What is|What's] the [point|idea|sense] of `{c}`[ in it?| in there?| there?]",
        "[Explain|Justify|Motivate] [the line |]`{c}` [in it|there|in there][.|, please.]",
        "[It|That|This|This one] [has|contains|does|says|runs] `{c}`[. Why?|, why?|: what for?|, for what reason?]",
        "[I see|There is|I noticed|I spotted] `{c}` [in it|there|in there][. Why?|, why?|: what for?|, how come?]",
        "`{c}`[, why?|: why?|? Why?|, what for?|: reason?|, what is that doing there?|: why is it there?]",
        "[For what reason|To what end|For which purpose|With what intention] [does it do|does it have|is there] `{c}`?",
        "[How come|How is it that|Why is it that] [it does|it has|there is|it needs|it contains] `{c}`?",
        "[What|And what] [does `{c}` achieve|does `{c}` prevent|is `{c}` meant to do|does `{c}` bring] [in it|there]?",
        "[Is|And is] there a [reason|comment that gives a reason|good reason|rationale] for `{c}`[?| in it?| there?]",
        "[The line|And the line|And the part with|The bit with] `{c}`[, why?|: why?|, what is it for?|: what for?]",
        "[Why|And why] [bother with|go for|put in|include|add] `{c}`[?| there?| in it?]",
        "[What|And what] [is the purpose|is the motive|is the motivation] of `{c}` [there|in it|in there]?",
        "[Do you know|Can you tell me|Can you say|Any idea] why [it has|it does|there is|it needs] `{c}`?",
        (
            "[I don't get|I do not understand|I'm puzzled by|I wonder about] `{c}` "
            "[in it|there][: why?|. Why?|, what for?]"
        ),
        "[Why|And why] [must it|should it|would it|does it have to] [do|run|have|contain] `{c}`?",
        "[What made|What makes] `{c}` necessary [there|in it|in there]?",
        "[Does it need|Is it necessary to have|Must it have] `{c}`[, and why?|? Why?|, and what for?]",
        "[The reason|And the reason|The motive|The rationale] [for|behind] `{c}`[?| in it?| there?]",
        "[Without|If I remove|If I drop] `{c}`, what [goes wrong|would go wrong|breaks in it], why is it there?",
    ),
    "arguments": (
        (
            "[And what|What|what|Which|And which] [arguments|parameters|args|params|inputs] does "
            "[it|that|this|this one] take?"
        ),
        (
            "[And what|What|Which] [arguments|parameters|args|inputs] does [it|that|this one] "
            "[accept|have|need|want|expect]?"
        ),
        (
            "[What|And what|What all] [do I|must I|should I|may I] [pass|give|hand|send|feed] "
            "[to it|to that|to this one]?"
        ),
        "[Its|And its|What is its|What are its] [parameters|arguments|params|args|inputs|formal parameters]?",
        "[Its|And its|What is its|What's its|Show its] [signature|parameter list|argument list|call signature]?",
        "[What does|And what does] [it|that|this|this one] [take|accept|expect|ask for|want as input|take in]?",
        (
            "[How do I|How can I|How should I|And how do I] call "
            "[it|that|this|this one][?|, with what?|: which arguments?]"
        ),
        "[List|Name|Enumerate|Show|Give me] its [parameters|arguments|params|args|inputs][.|]",
        "[With|And with] [what|which arguments|which parameters] do I call [it|that|this|this one]?",
        "[What|Which value|Which thing] goes [in|into it|in as input]?",
        "[The|And the] [arguments|parameters|signature|args|params|inputs][?|, please?]",
        "[Does it|And does it|Does this one] [take|have|accept] [any|some] [arguments|parameters|args][?|, and which?]",
        "[arguments|parameters|signature|args|params][?|]",
        "[Can|Could] you [list|name|show|give] its [parameters|arguments|args|signature]?",
        "[What|Which] [names do its parameters have|are its parameters called|are the names of its arguments]?",
        "[Tell me|And tell me] [its arguments|its parameters|its signature|what it takes|what I pass to it].",
        (
            "[How many|And how many] [arguments|parameters] does it "
            "[take|have][, and which?|? Which?|, and what are they?]"
        ),
        "[I want to|I need to|I have to] call [it|that|this one][: which arguments?|, with what?|. Which parameters?]",
        (
            "[What|Which] [options|knobs|settings|keyword arguments] does [it|that|this one] [take|accept|have] "
            "as parameters?"
        ),
        "[To call it|To use it|To invoke this one], [what do I pass|which arguments do I give|what must I supply]?",
        "[What|And what] [must|do|should] I [supply|provide] [when I call it|as arguments|as its input]?",
        "[It|That|This|This one] takes [what|which arguments|which parameters]?",
        "[And|So] [called with what|which arguments|which parameters|with which args]?",
        "[Parameters|Arguments|Signature|Inputs|Args] of [it|that|this|this one]?",
        "[What|Which] parameters are [there|declared|in its signature|listed in its definition]?",
    ),
    "default": (
        "[And what|What|what|Ok, what] is [the default of|the default for|the default value of] {p}[?| there?| in it?]",
        "[And|What about|And what about] the default [of|for] {p}[?| in it?| there?]",
        "[What|And what|what] does {p} default to[?| there?| in it?| here?]",
        "[What|And what] is {p} by default[?| in it?| there?]",
        "[Which|What|And which|And what] default [has|does it use for|does it give|does it have for] {p}?",
        (
            "[And if I|If I|What if I|What happens if I] [omit|leave out|skip|do not pass|don't give] {p}, what "
            "is its [value|default]?"
        ),
        "[Does|And does] {p} have a default[?|, and which?| value?| value, and which?|? Which one?]",
        "[default|default value|standard value|preset] [of|for] {p}[?|]",
        "{p} [default|by default|default value|defaults to what|when omitted][?|]",
        "{p}: [default|which default|what default value|what if I leave it out]?",
        "[Its|And its|What is its] default for {p}[?|, please?]",
        "[Without|And without] {p}[, which value is used?|, what value does it take?|: what is the default?]",
        (
            "[What|Which] value [does|will|would] {p} [take|get|have] "
            "[if I omit it|when left out|unless I set it|by default]?"
        ),
        "[Must|Do|Should] I [pass|give|set] {p}, or [is there a default|does it have a default|what is the default]?",
        "[Tell me|Say|Name|Give me] the default [of|for] {p}[.| in it.| there.|, please.]",
        "[Can|May] I [leave out|omit|skip] {p}, and what is [its default|the default|it then]?",
        (
            "[Is|And is] {p} optional[?|,] [and what is its default|what is the default|and which value does it "
            "have then]?"
        ),
        "[What|And what] [initial|preset|standard|built-in|fallback] value does {p} have[?| there?| in it?]",
        (
            "[When|If] {p} is [missing|not given|left out|omitted|absent], "
            "[what is it|what is used|which value does it get]?"
        ),
        "[It|That|This|This one] [sets|presets|initialises] {p} to [what|which value] by default?",
        "[What|Which value] is [assumed|used|taken|filled in] for {p} [by default|if I pass nothing|when I omit it]?",
        "[What|And what] does the signature [give|say|set|put] as default for {p}?",
        "[Default|Default value|Standard value|Preset] of its {p}?",
        "[And its|Its] {p}, [what default|which default|by default|default value]?",
        "[What does it|What will it] [assume|use|take|pick] for {p} [by default|if I say nothing|if I pass none]?",
    ),
    "type": (
        "[And what|What|what|Which|And which] type [is|has|is wanted for|is expected for] {p}[?| in it?| there?]",
        "[And|What about|And what about] the type of {p}[?| in it?| there?]",
        "[What|Which|And which] type does [it|that|this|this one] [expect|want|need|require|declare] for {p}?",
        "[What is|What's|Whats] the [type|annotation|type hint|declared type|static type] of {p}[?| there?| in it?]",
        "[type|annotation|type hint|declared type] of {p}[?|]",
        "{p} [type|annotation|type hint|is what type|has which type|typed how][?|]",
        "{p}: [which type|what type|type|how annotated|str or what]?",
        "[What|And what] kind of [value|thing|object|argument|data] is {p}[?| in it?| there?]",
        "[How|And how] is {p} [annotated|typed|declared][?| in it?| there?]",
        "[Its|And its|What is its] type for {p}[?|, please?]",
        "[Must|Should|Can] {p} be [a string|an int|a list|a number], or [what type|which type|of what type]?",
        "[Is|And is] {p} a [string|number|list|dict|bool] or [what|what type|which type|something else]?",
        "[Is|And is] {p} [annotated|typed|declared with a type][?|, and how?|, and as what?|? With what?]",
        "[Tell me|Say|Name|Give me] the type of {p}[.| in it.| there.|, please.]",
        "What do I pass [as|for] {p}[: which type?|, what type of value?|? I mean the type.]",
        "[Does|And does] {p} have a type[?| hint?| annotation?|, and which?| annotation, and which?]",
        "[Which|What] [class|type] of [object|value|thing] [goes in|do I pass|is expected] [for|as] {p}?",
        "[As|And as] {p} [it takes|it wants|it expects] which type?",
        "[What|And what] does the [annotation|type hint|signature] say about the type of {p}?",
        "[It|That|This|This one] [takes|expects|wants|declares] {p} as [what|which|what kind of] type?",
        "[I want to|I have to|I need to] pass {p}[, what type?|: which type?|. What type is it?|, of what type?]",
        "[What|Which] data type [is|has|does it declare for|does it want for] {p}?",
        "[And its|Its] {p}, [what type|which type|how is it typed|of what type]?",
        "[Of what|Of which|And of what] type is {p}[?| there?| in it?]",
        "[Type|Annotation|Type hint|Data type] of its {p}?",
    ),
    "returns": (
        (
            "[And what|What|what|So what|Ok, what] does [it|that|this|this one] "
            "[return|give back|hand back|deliver|yield]?"
        ),
        "[What|And what] [do|will|would|can] I [get|receive|obtain] back[?| from it?| from that?| from this one?]",
        "[Its|And its|What is its|What's its] [return value|result|output|returned value]?",
        "[And the|The|What's the|What is the] [result|return value|output|outcome|returned value][?| of it?| of that?]",
        "[What|And what] [comes|falls|pops|drops] out of [it|that|this|this one]?",
        "[What|And what] comes back [from it|from that|from this one|when I call it|at the end]?",
        "[What|And what] is [returned|handed back|given back|passed back][?| by it?| at the end?| in the end?]",
        "[Does|And does] [it|that|this|this one] return [anything|something|a value|a result][?|, and what?|? What?]",
        "[Tell me|Say|Show me|And tell me] what [it returns|it gives back|that returns|this one returns|comes back].",
        "[Which|What] value does [it|that|this|this one] [return|give back|produce|evaluate to|hand back]?",
        "[return value|returns what|result|output|returns][?|]",
        "[It|That|This|This one] returns [what|which value|what exactly|what in the end]?",
        "[When|Once|After] [it is done|it has run|it finishes|it ends], what [is returned|do I get back|comes back]?",
        "[What's|And what's] in [its|the] return[?| statement?| value?]",
        "[What|And what] does [its|the] return [statement|line|expression] [say|give|look like|contain]?",
        "[If I|When I] call [it|that|this one], what [do I get|comes back|is returned|will I get back]?",
        "[Can|Could] you [tell me|say|show me] what [it returns|it gives back|I get from it]?",
        "[What|And what] does [it|that|this one] [evaluate to|produce as its result|leave me with|send back]?",
        "[What|And what] [would|do|will] I [assign|store] if I write the result of [it|that|this one] to a variable?",
        "[Return value|Result|Output|Returned expression] of [it|that|this|this one]?",
        "[What|And what] does a call [of it|to it|of this one] [return|give|give me|yield|produce]?",
        "[Is|And is] there a return value[?|, and which?|? What is it?|, and what is it?]",
        "[What|And what] do its callers [get|receive|get back] from it?",
        "[I call it|Suppose I call it|Say I call it][: what comes back?|, what do I get?|. What is returned?]",
        "[What|And what] [does it end up returning|does it return in the end|is the final result of it]?",
    ),
    "raises": (
        (
            "[And what|What|what|Which|And which] [exceptions|errors] [can|may|will|might] "
            "[it|that|this one] [raise|throw]?"
        ),
        "[What|And what|what] [does|can|could|might|will] [it|that|this|this one] [raise|throw]?",
        (
            "[Can|Could|Might|And can] [it|that|this|this one] "
            "[fail|raise anything|throw|blow up|raise|crash][?|, and how?]"
        ),
        (
            "[Does|And does] [it|that|this|this one] [raise|throw] "
            "[anything|something|any errors|exceptions][?|, and which?]"
        ),
        (
            "[Which|What] [errors|exceptions] [do I|must I|should I|would I] "
            "[catch|handle|expect|be ready for][?| from it?]"
        ),
        "[Its|And its|What are its] [exceptions|errors|failure modes|failures][?|, please?]",
        "[And the|The] [exceptions|errors|failures|failure modes][?| it raises?| it can raise?]",
        "[How|And how] [can|does|might|could] [it|that|this|this one] [fail|go wrong|blow up|break]?",
        (
            "[What|And what] [happens|is raised|is thrown|error do I get] [when|if] "
            "[it fails|it goes wrong|it cannot do that]?"
        ),
        "[What|And what] [can|could|might|may] go wrong [with it|in it|there|in this one][?|, which errors?]",
        "[Which|What|And which] [error|exception] comes [from it|out of it|from that|from this one]?",
        "[What|Which exceptions|Which errors] [do|should|must] I put in the except[?| clause?| clause around it?]",
        "[exceptions|errors|raises|raises what|throws][?|]",
        "[It|That|This|This one] [raises|throws] [what|which exceptions|which errors|anything]?",
        "[On|In case of] [bad input|failure|an error], what does [it|that|this one] [raise|throw]?",
        "[With|And with] [which|what] [error|exception] does it [fail|stop|give up|end|bail out]?",
        "[Tell me|List|Name|And tell me] [its exceptions|the errors it raises|what it raises|what it can raise].",
        "[Is|And is] it safe to call, or [does it raise|can it raise|does it throw] [something|anything|an error]?",
        (
            "[Do|Should|Must] I [wrap it in a try|guard the call|put a try around it][, and for which "
            "exception?|? For what?]"
        ),
        "[Around|And around] it, [which|what] [errors|exceptions] do I [have to|need to|want to] catch?",
        "[Exceptions|Errors|Failure modes|Error cases] of [it|that|this|this one]?",
        (
            "[Any|And any|Are there any] [exceptions|errors] "
            "[it raises|it can raise|it throws|raised in it|to catch there]?"
        ),
        "[Which|What] exception [classes|types] does [it|that|this|this one] [raise|throw|use when it fails]?",
        "[What|And what] [does it complain with|does it bail out with|errors does it cause|does it throw at me]?",
        "[If|When] [it|that|this one] [fails|breaks|refuses|gives up], [which|what] [error|exception] do I [see|get]?",
    ),
    "bases": (
        ("[And what|What|what|So what] does [it|that|this|this one] [inherit from|extend|derive from|descend from]?"),
        "[What is|What's|And what is|whats] its [base class|parent|superclass|parent class|base|ancestor|super class]?",
        "[What are|And what are] its [base classes|parents|superclasses|bases|ancestors|parent classes]?",
        "[Its|And its] [base class|base classes|parent|parents|superclass|bases|super|ancestry][?|, please?]",
        "[And the|The] [base class|parent class|superclass|parent|bases][?| of it?| of that?]",
        (
            "[Which|What|And which] class does [it|that|this|this one] "
            "[extend|inherit from|derive from|subclass|specialise]?"
        ),
        (
            "[Does|And does] [it|that|this|this one] "
            "[inherit|extend anything|subclass anything|have a base class][?|, and what?]"
        ),
        "[Is|And is] [it|that|this|this one] a subclass[?|, and of what?| of something?| of what?]",
        "[Is|And is] [it|that|this|this one] derived [from something|from another class][?|, and which?|? From what?]",
        "[Who|What] is [its parent|its superclass|the parent of it|the base of it|above it in the class hierarchy]?",
        "[From what|From which class|From which classes|And from what] [does it inherit|is it derived|does it derive]?",
        "[Where|And where] does it sit in the class [hierarchy|tree][?|, what is its parent?|: under which base?]",
        "[base class|parent|superclass|bases|inherits from|extends|subclass of][?|]",
        "[It|That|This|This one] [extends|inherits from|subclasses|derives from] [what|which class|which classes]?",
        "[It|That|This|This one] is a [subclass|child|specialisation] of [what|which class]?",
        "[Tell me|Name|Show me|And tell me] its [base class|base classes|parents|superclass|bases].",
        "[Can|Could] you [name|tell me|show me] its [base classes|parents|superclass|base class]?",
        (
            "[Which|What] classes [are above it|does it build on by inheritance|does it list as bases|stand in "
            "its class line]?"
        ),
        "[Base class|Parent|Superclass|Bases|Ancestors] of [it|that|this|this one]?",
        "[Any|And any|Has it any|Does it have any] [base classes|parents|superclasses|mixins]?",
        "[What|Which class] is [it|that|this one] [a subclass of|a child of|built on as a subclass|derived from]?",
        "[Which|What] [mixins or base classes|parent classes|bases] does [it|that|this one] have?",
        "[Whose|And whose|Which class's] [methods|attributes] does it inherit[?|, from which base?]",
        "[Single or multiple inheritance|Does it have one base or more], and [from what|which|from which classes]?",
        "[What|And what] is in the brackets [after the class name|of its class line], which bases?",
    ),
    "callees": (
        "[And what|What|what|So what] does [it|that|this|this one] [call|invoke|use|rely on|delegate to]?",
        "[And which|Which|What] [functions|methods|helpers|routines] does [it|that|this one] [call|invoke|use|need]?",
        "[Its|And its|What are its] [callees|outgoing calls|dependencies|helpers|function calls]?",
        "[And the|The] [callees|outgoing calls|functions it calls|calls it makes|helpers it uses][?|, please?]",
        "[Which|What|And which] calls does [it|that|this|this one] [make|contain|have|issue]?",
        (
            "[Does|And does] [it|that|this|this one] [call|invoke|use] "
            "[anything|other functions|any helper][?|, and what?]"
        ),
        "[What|And what] [is|gets] [called|invoked] [in it|inside it|by it|from it|by this one]?",
        "[What|And what|Which functions] does it call [in turn|itself|along the way|as it runs|from its body]?",
        "[What|And what] does [it|that|this one] [in turn|itself|then|directly|internally] [call|invoke]?",
        "[Who|Whom|And whom] does [it|that|this|this one] [call|invoke|delegate to|rely on|depend on]?",
        "[callees|outgoing calls|calls what|dependencies|what it calls][?|]",
        "[It|That|This|This one] [calls|invokes|delegates to|depends on] [what|which functions|which methods|whom]?",
        "[List|Name|Show me|Enumerate] [what it calls|its callees|the functions it calls|the calls in it][.|]",
        "[Tell me|And tell me] [what|which functions] [it|that|this|this one] [calls|invokes|depends on].",
        "[Can|Could] you [list|show|name] [what it calls|its callees|the calls it makes|the functions it calls]?",
        "[On what|On which functions|And on what] does [it|that|this|this one] [depend|rely|build]?",
        "[What|Which functions] [must|should|do] I [mock|stub|patch] to test it[?|, what does it call?]",
        "[Callees|Outgoing calls|Dependencies|Function calls] of [it|that|this|this one]?",
        "[What|And what] is [below it|under it|one level down] in the call [graph|tree]?",
        "[Is it a leaf|Is that a leaf|Is it self-contained], or [what does it call|which functions does it call]?",
        "[If I|When I] step into it, [which functions|what] [do I|will I] [get into|see called|meet] next?",
        "[Which|What] [other code|other functions|other methods] does [it|that|this one] [need|reach for|make use of]?",
        "[And from there|And from it|From there], what [is called|does it call|gets called] next?",
        "[Any|And any|Are there any] [calls in it|outgoing calls|calls to helpers in it]?",
        "[To whom|To what|To which functions] does [it|that|this one] [delegate|hand the work|pass the work on]?",
    ),
    "callers": (
        "[Who|who|So who|And what|What] [calls|uses|invokes|needs|depends on] [it|that|this|this one]?",
        "[Who's|Who is|What's|And who is] [calling|using|invoking|relying on] [it|that|this|this one]?",
        "[And where|Where|where] is [it|that|this|this one] [called|used|invoked|needed|referenced]?",
        "[And where|Where|where|From where] is [it|that|this|this one] [called|invoked|reached]?",
        "[Its|And its|What are its|Who are its] [callers|users|call sites|clients|usages|dependents]?",
        "[And the|The] [callers|call sites|usages|users|uses|references][?| of it?|, please?]",
        "[Which|What|And which] [functions|methods|places] [call|use|invoke] [it|that|this|this one]?",
        "[By whom|By what|By which functions|And by whom] is [it|that|this|this one] [called|used|invoked]?",
        (
            "[Is|And is] [it|that|this|this one] [called|used|invoked] "
            "[anywhere|somewhere|at all|by anything][?|, and where?]"
        ),
        "[Does|And does] [anything|anyone|something|any code] [call|use|invoke|depend on] [it|that|this|this one]?",
        "[Do we|Do we still|Do we ever] [call|use|need] [it|that|this one] [anywhere|somewhere|at all]?",
        "[Is|Isn't] [it|that|this one] [dead code|unused|orphaned], or who calls it?",
        "[callers|called by|used by|usages|who calls it|call sites][?|]",
        "[It|That|This|This one] is [called|used|invoked] by [whom|what|which functions|which code]?",
        "[What|And what|Who] [breaks|would break] if I [change|rename|remove|delete] [it|that|this|this one]?",
        "[If I|When I] [change|rename|remove|delete] it, [which callers|which functions] [would break|must change]?",
        (
            "[Can I|May I|Could I] [delete|remove|drop] [it|that|this one], or "
            "[does something call it|who still calls it]?"
        ),
        "[List|Name|Show me|Find] [its callers|who calls it|the call sites|all uses of it|the code that calls it][.|]",
        "[Tell me|And tell me] [who calls it|who uses it|what calls that|where it is called|where we call it].",
        "[Can|Could] you [list|show|find|name] [its callers|its call sites|its users|the functions that call it]?",
        "[Callers|Users|Call sites|Usages|Dependents] of [it|that|this|this one]?",
        "[Who|What] is [above it|over it|one level up] in the call [graph|tree|stack]?",
        "[How|And how] do we [get there|get to it|reach it], who calls it?",
        "[Any|And any|Are there any|Has it any] [callers|users|call sites|usages|uses][?| in this code?| left?]",
        "[Which|What] code [triggers|reaches|runs|executes|goes through] [it|that|this|this one]?",
        "[What|Who] [triggers|kicks off|drives|launches] [it|that|this|this one]?",
    ),
}

UNSTATED: tuple[str, ...] = (  # what source code does not say
    "[Who|Which developer|Which contributor|Which employee] [wrote|authored|typed in|came up with|first wrote] {x}?",
    "[Who is|Who's|who is] the [creator|maintainer|owner|inventor|original author] of {x}?",
    (
        "[Who|Which team|Which person] [maintains|owns|looks after|is on call for|takes care of] {x} "
        "[now|these days|today]?"
    ),
    (
        "[Who|Which colleague] [reviewed|approved|signed off|merged] "
        "[the pull request for|the change to|the patch to] {x}?"
    ),
    "[git blame|author|commit date|last commit|owner|maintainer] [of|for] {x}[?|]",
    "Who [touched|edited|changed|broke|modified|committed to] {x} [last|last week|most recently|most often]?",
    "Whom [do|should|can] I [ask|ping|mail|contact|talk to] about {x}?",
    "[Who|Which person] [knows|understands|remembers] {x} [best|better than anybody else|from the old days]?",
    "[Who|Which manager] [decided|ordered|agreed] [to add|to write|to introduce|to have] {x}?",
    "Did [an intern|a contractor|a volunteer|a bot|an AI|the founder] write {x}?",
    "[When|In which year|On which day|What year] was {x} [written|created|introduced|first committed|born|merged]?",
    "How old is {x}[?| in years?| by now?| compared with the rest?]",
    "How long [has {x} been around|has {x} existed|did it take to write {x}|did the work on {x} take]?",
    "When did [we|they|somebody|the team] [add|introduce|merge|rewrite|last change|last touch] {x}?",
    "[What|Which] [commit|pull request|merge|patch|branch] [brought|introduced|added|last changed|broke] {x}?",
    "[Which|What] release [first had|shipped|brought|first included|dropped] {x}?",
    "Since [when|which version|which release|what year] [do we have|is there|does this project have] {x}?",
    "In [which|what] [release notes|news item|announcement|blog post] [was|is] {x} [mentioned|announced|presented]?",
    "What did {x} look like [a year ago|before the rewrite|in the first version|last month|before the last commit]?",
    "What was {x} called [originally|in earlier releases|in the prototype|before it was renamed]?",
    "[What|Which code] did {x} [replace|supersede|take the place of] [back then|in the old version|when it was added]?",
    "How [many times|often] has {x} been [changed|rewritten|reverted|renamed|refactored|patched]?",
    "[How has|In what way has] {x} [changed|evolved|grown] [over the years|since the last release|since last year]?",
    "[Give me|Show me|Tell me] the [history|commit history|change log|git log|life story] of {x}[.|]",
    "[What is|What's] the [history|origin|story|background|backstory] [of|behind] {x}?",
    "Was {x} [copied from|inspired by|taken from|stolen from] [another project|a book|Stack Overflow|a blog]?",
    "Which [paper|book|talk|course|lecture] [inspired|influenced|first described the idea of] {x}?",
    "How [fast|slow|quick] is {x}[?| in practice?| on a laptop?| on big inputs?| with a million rows?]",
    "How [many seconds|long] does {x} [take|need|run] [on average|in production|on my machine]?",
    "[What is|What's] the [latency|throughput|runtime|speed|p99 latency|response time] of {x}[?| in production?]",
    "How many [calls|requests|operations] per second [does {x} handle|can {x} do|does {x} manage|go through {x}]?",
    "Is {x} [faster|slower|quicker] than [last year|the old version|it was before|the C version|what others have]?",
    "[How much|What amount of] [memory|RAM|CPU time|disk space|energy|bandwidth] does {x} [use|eat|take|burn|consume]?",
    "What does [a profile|the profiler|a flame graph|a benchmark|perf] [say|show] about {x}?",
    "[What are the|Are there any|Give me] [benchmark results|measurements|timings|profiler numbers] [for|of] {x}?",
    "Is {x} [a bottleneck|a hot spot|too slow|slowing us down] [in production|for our customers|at peak hours]?",
    "By [how much|what factor|how many percent] [did the last change speed up|has the rewrite slowed down] {x}?",
    "How does {x} [scale|perform|hold up] [under load|with many users|with large files|at night|on a small machine]?",
    "{x} [benchmark|performance numbers|latency|memory footprint|speed in ms|runtime in seconds][?|]",
    "[What is|What's] the [measured|observed|average|typical] [run time|memory peak|cache hit rate|error rate] of {x}?",
    "How [popular|well known|widely used|famous|beloved|hated] is {x}[?| among developers?| out there?]",
    (
        "How many [people|customers|companies|users|sites|apps] [use|rely on|run|depend on] {x} "
        "[worldwide|today|out there]?"
    ),
    "How many [stars|downloads|likes|votes|mentions] does {x} have[?| by now?| on the web?]",
    "Which [companies|customers|universities|banks|governments] [use|rely on|run|depend on] {x}?",
    "In [which|what] [countries|industries|companies|hospitals|schools] is {x} [in use|used most|common]?",
    "[Who|Which customer] [asked for|requested|demanded|paid for|sponsored|financed] {x}?",
    "How many [users|customers] [complained|asked|wrote to support] about {x}[?| last month?| so far?]",
    "What do [users|customers|developers|people|reviewers|beginners] [think of|say about|complain about in] {x}?",
    "[Do|Did] [users|customers|people|beginners] [like|love|hate|misunderstand|enjoy] {x}?",
    "What does [the community|the team|the lead developer|everybody|your boss] think [of|about] {x}?",
    "Do you [like|love|enjoy|trust|admire] {x}[?| yourself?| personally?]",
    "[Is|Do you find] {x} [elegant|ugly|clever|boring|beautiful]?",
    "[What is|What's] [your opinion|your view|the general opinion|the verdict of the team] [on|about] {x}?",
    "How [good|bad|clean|elegant|mature|trustworthy] is {x}, [in your opinion|honestly|on a scale of one to ten]?",
    "[Who|Which developer] is [proud of|ashamed of|unhappy with|to blame for|fed up with] {x}?",
    "Has [anybody|anyone|somebody on the team] [complained about|criticised|praised|objected to] {x}?",
    "How much did {x} cost[?| to write?| to develop?| the company?| us last year?]",
    "How much [money|profit|revenue|budget] [does {x} make|did {x} save|goes into {x}|is spent on {x}]?",
    "[What is|What's] the [price|cost|budget|licence fee|return on investment|business value] of {x}?",
    (
        "[Do|Must] I [pay|buy a licence|ask a lawyer|sign a contract] [to use|before I use|for] {x} "
        "[at work|in a product]?"
    ),
    "How many [person days|hours|weeks|sprints|story points] [went into|were spent on|did they plan for] {x}?",
    "Who [pays|paid|gets paid] for [work on|the upkeep of|the development of|the hosting of] {x}?",
    "[Which|What] [ticket|issue|bug report|Jira issue|user story|feature request] [is behind|asked for|led to] {x}?",
    "Is there [an open issue|an open bug|a ticket|a pull request|a pending change] [about|for|against] {x}?",
    "How many [bugs|tickets|open issues|pull requests|complaints] [are there about|mention|have been filed for] {x}?",
    "[What is|What's] the [ticket|issue|pull request|bug|Jira] number [of|for] {x}?",
    "[Which|What] [meeting|discussion|mail thread|vote|chat] [led to|decided on|was about|gave us] {x}?",
    "Where was {x} discussed[?| on the mailing list?| first?| in public?]",
    "Was there [a debate|a fight|a vote|a meeting|a long discussion|a design review] about {x}[?| before the merge?]",
    "Which [alternatives|other designs|competing ideas] were [considered|rejected|discussed] before {x} was written?",
    "[What|Which] [design document|RFC|proposal|whiteboard drawing] [preceded|described|led to] {x}?",
    "Has {x} ever [caused an outage|crashed in production|lost data|woken somebody at night|corrupted a database]?",
    "[Which|What] [incident|outage|post-mortem|night call] was [caused by|blamed on|traced to] {x}?",
    "When did {x} last [fail|crash|break|cause trouble|time out] [in production|for a customer|on the live site]?",
    "How often does {x} [fail|crash|time out|get hit|page somebody] in production?",
    "Has {x} [ever|once] had a [CVE|security hole|vulnerability]?",
    "Was {x} [audited|pen tested|certified|checked by a security team|reviewed by experts][?| last year?]",
    "[What|Which] [bugs|problems|vulnerabilities] have [users|customers|hackers] found in {x}[?| so far?| last year?]",
    "[What|Which] [bug|problem] in {x} was [fixed|reported|found] [last|last week|in the last release|most recently]?",
    "What do the [production logs|metrics|dashboards|alerts|error reports|traces] [say|show|tell us] about {x}?",
    "How many [errors|exceptions|alerts|timeouts] did {x} [log|cause|produce] [yesterday|last night|last week|today]?",
    (
        "Will {x} [go away|stay|change|be kept|be dropped|get faster|get a successor] "
        "[soon|next year|in the next release]?"
    ),
    "What are the [plans|future plans|intentions|road map|next steps|ambitions] for {x}[?| next year?]",
    "[What is|What's] [planned|on the road map|coming|in the pipeline|next on the list] for {x}?",
    "When will {x} be [removed|rewritten|replaced]?",
    "Does [anybody|someone] [plan|intend|want|hope] to [rewrite|remove|speed up|replace] {x}?",
    "What will {x} look like in [the next release|a year|version ten|five years|the far future]?",
    "Who [will|is going to|has promised to|volunteered to] [rewrite|fix|finish|take over|document] {x}?",
    "How long will {x} [be supported|be maintained|still exist|stay in the code|live on]?",
    (
        "[What is|What's] the [deadline|due date|release date|estimate|priority] for "
        "[the rewrite of|the work on|finishing] {x}?"
    ),
    "Is [anybody|anyone|someone] [working on|rewriting|fixing|looking into|responsible for] {x} [right now|this week]?",
    "Did the tests [of|for] {x} [pass|fail|run green|succeed] [last night|on the build server|today|in CI]?",
    "[What is|What's] the [test coverage|code coverage|mutation score|failure rate in CI] of {x}?",
    "How many percent of {x} is covered by [tests|the test suite|last night's test run]?",
    "Who [tested|tried out|checked|verified] {x} [by hand|before the release|on Windows|on a real device]?",
    "When [was {x} last tested|did somebody last test {x}|did the tests of {x} last fail]?",
    "Has {x} been [tested|tried|verified|run] on [Windows|a Mac|ARM|a phone|a real cluster|old hardware]?",
    "Is {x} [flaky|failing|red|green|broken] [in CI|on the build server|on the main branch|tonight]?",
    "On [which|what] [server|machine|cluster|cloud|host] is {x} [running|deployed]?",
    "Is {x} [deployed|live|rolled out|in production] [already|now|everywhere|in Europe]?",
    "Who [deployed|rolled out|shipped|released|rolled back] {x}[?| yesterday?| last?| to production?]",
    (
        "[Which|What] [environment|data centre|region|container|stage] [runs|hosts|executes] {x} "
        "[in production|now|today]?"
    ),
    "How many [instances|copies|replicas|machines] [run|serve|execute] {x} [in production|at the moment|at peak]?",
    "How often is {x} [run|executed|hit|called] [in production|per day|by real users|per second at peak]?",
    "What [values|inputs|arguments|data] do [real users|our customers|people in production] [feed|pass|give] to {x}?",
    "[Which|What] [operating systems|browsers|phones|machines] do [the users|customers|fans] of {x} [have|use|run]?",
    "How [large|big|long] [was the largest input|were the inputs] that {x} [ever saw|got in production|saw yesterday]?",
    "[How many|What share of the] [bugs|incidents|complaints] came from {x} [last year|in production|so far]?",
    "How [hard|difficult|easy|painful|much fun] was it to [write|debug|maintain|design|test] {x}?",
    "What [mistakes|wrong turns|failed attempts] were made while writing {x}?",
    "What [lessons|insights] did [the team|the authors|people] [learn|draw|take] from {x}?",
    "Do the [authors|developers|maintainers|founders] [regret|like|still stand by|remember] {x}?",
    "What [was the author|were the authors] [thinking|feeling|drinking|reading] when [writing|designing|naming] {x}?",
    "[Which|What] [editor|computer|keyboard|AI assistant|tool] was {x} written with?",
    "In [which|what] [office|city|country|time zone|company] was {x} [written|developed|designed]?",
    "[Who|Which person] [named|christened|picked the name of|chose the name for] {x}?",
    "[Which|What] [law|regulation|contract|standards body|auditor] [demands|requires|forbids|asked for] {x}?",
    "Is {x} [patented|trademarked|under export control|legally safe|covered by a contract|certified][?| in Europe?]",
    (
        "How does {x} compare [to|with] [its competitors|what other companies have|the version of last "
        "year|other products]?"
    ),
    "How many [contributors|authors|developers|people] have [worked on|edited|contributed to|touched] {x}?",
    "[How reliable|How stable|How dependable|How robust] [has {x} been|has {x} proved to be] [so far|in practice]?",
    (
        "Which [customers|products|users] [would suffer|would complain|would lose money] if {x} "
        "[were down|failed for an hour]?"
    ),
)

OPENINGS: tuple[str, ...] = (
    "Quick one: ",
    "A quick one. ",
    "Hey, ",
    "Hello, ",
    "Hello. ",
    "Hi there, ",
    "Hi all, ",
    "Good morning. ",
    "Morning, ",
    "Ok, ",
    "Okay so, ",
    "So, ",
    "Right, ",
    "Well, ",
    "Now, ",
    "Also, ",
    "By the way, ",
    "Btw, ",
    "Another one: ",
    "Next question: ",
    "One more thing: ",
    "One last thing. ",
    "Just curious: ",
    "Out of curiosity: ",
    "Silly question: ",
    "Maybe a stupid question, ",
    "Newbie here. ",
    "I'm new to this code. ",
    "I am new here, ",
    "Sorry to bother you. ",
    "Sorry, ",
    "Excuse me, ",
    "Help me out here: ",
    "I need your help. ",
    "Question: ",
    "My question: ",
    "Pls, ",
    "Thanks for the last one. ",
    "Reading the code right now. ",
    "For the docs I'm writing: ",
)
