"""Forms of questions about what a definition is for and about what happens inside its body."""

from __future__ import annotations

__all__ = ["FORMS"]

FORMS: dict[str, tuple[str, ...]] = {
    "what": (
        # Plain questions.
        (
            "[What does|what does|So what does|And what does|ok what does|Hey, what does|But what does] {x} [do|"
            "actually do|really do|do for us|do exactly|basically do|even do]?"
        ),
        (
            "[What's|What is|whats|what is|So what is|And what is] {x} [for|all about|good for|there for|"
            "meant for|useful for|made for]?"
        ),
        (
            "[What's|What is|whats] the [purpose|role|job|goal|aim|intent|objective|mission|duty|use] of "
            "{x}[?| here?| in this project?| in the codebase?]"
        ),
        "[What|Which] [role|part] does {x} play[| here| in this project| in the codebase| in the design| overall]?",
        "[What|Which] [problem|need|task|use case|concern] does {x} [solve|address|cover|take care of|deal with]?",
        "What is {x} [responsible for|in charge of|accountable for|concerned with|tasked with|dedicated to]?",
        (
            "[What|Which] [responsibility|job|chore|task|duty|work] [falls to|was given to|belongs to|rests on] "
            "{x}[?| here?| in this project?| in the codebase?]"
        ),
        "[What|Which] [service|benefit|functionality|feature|capability] does {x} [provide|offer|add|give us|bring]?",
        "What does {x} [accomplish|achieve|bring about|contribute|take care of|help with|handle|deal with|stand for]?",
        (
            "What does {x} [represent|model|mean|embody|signify|symbolise|denote|encapsulate|abstract][| here| "
            "in the code]?"
        ),
        "[What|Which] [concept|idea|notion|abstraction|thing] [does {x} stand for|is behind {x}|does {x} capture]?",
        "Why [do we have|does the project have|is there|does anyone need|do we need|would one want] {x}[| at all]?",
        (
            "Why does {x} exist[| at all| in the first place| in this codebase]? [What is it for|What does it do|"
            "What is its job]?"
        ),
        (
            "[For what|To what end|For which purpose|With what aim] [was {x} written|was {x} made|does {x} exist|"
            "is {x} there]?"
        ),
        "What [would|will|could] [I|one|you|people|a developer] [use|need|want|employ] {x} for[?| here?| in practice?]",
        "When would [I|one|you|somebody|a developer] [reach for|want|need|bother with|turn to] {x}?",
        "In [which|what] [situation|case|scenario|circumstances] is {x} [useful|helpful|handy|the right tool|of use]?",
        "What [good|use|help] is {x}[| to me| to us| to a user| to a developer| in practice]?",
        (
            "What [would be missing|would we lose|could we not do|would I have to do by hand] without {x}[?| "
            "here?| in this project?| in the codebase?]"
        ),
        "What [kind|sort] of [thing|animal|beast|creature|tool|helper] is {x}[| and what is it for| anyway]?",
        (
            "What am I [looking at|dealing with|supposed to see] when I [read|meet|find|come across] {x}[?| "
            "here?| in this project?| in the codebase?]"
        ),
        "What should I [know|understand|remember|keep in mind] about {x}[| first| in general| as a newcomer]?",
        (
            "What's [the deal with|the story with|the gist of|the idea behind|the thinking behind|the essence "
            "of] {x}[?| here?| in this project?| in the codebase?]"
        ),
        (
            "What's [the big picture of|the high-level view of|the elevator pitch for|the short version of|the "
            "tl;dr on] {x}[?| here?| in this project?| in the codebase?]"
        ),
        (
            "What [do you call|would you say is] the [main|central|primary|core] [purpose|job|task|role] of "
            "{x}[?| here?| in this project?| in the codebase?]"
        ),
        "What [effect|consequence|impact|purpose] does [a call to|using|calling|invoking] {x} have?",
        "What [is {x} trying|does {x} try|does {x} want|does {x} aim|is {x} designed|is {x} intended] to [do|achieve]?",
        "What's [meant by|behind|the meaning of|the sense of|the significance of] {x}[| here| in this code]?",
        (
            "What does {x} [mean|stand for|signify|express] [as a name|in the jargon of this project|in our "
            "domain|as a concept]?"
        ),
        (
            "How would you [describe|sum up|characterise|define|explain|put into words|pitch] {x}[| in one "
            "sentence| in brief| to a colleague| to a user]?"
        ),
        "How would you [explain|introduce|describe] {x} to [a beginner|a colleague|a new hire|a junior|an outsider]?",
        "How does the [documentation|docstring|doc comment|author's comment] [describe|introduce|explain|present] {x}?",
        (
            "What does the [docstring|documentation|doc|description|javadoc|doc comment] [of|for] {x} say[| it "
            "does| it is for]?"
        ),
        (
            "What [would|does|should] the [docstring|first line of the docs|README entry] [for|of] {x} [say|"
            "state|tell me|mention]?"
        ),
        (
            "[Where does {x} fit in|How does {x} fit into the whole|What does {x} add to the picture]: what is "
            "[its job|it for]?"
        ),
        # Yes or no, and "is there".
        "Is there [any|some] [docstring|explanation|description|documentation|short explanation] [for|of] {x}?",
        (
            "Is {x} [important|useful|relevant] and [for what|what does it do|what is its purpose|what would I "
            "need it for]?"
        ),
        "Does anyone [know|understand|remember] what {x} is [for|about|good for|meant to do]?",
        "Do you [know|understand|happen to know] [what {x} does|what {x} is for|the purpose of {x}|the point of {x}]?",
        "Does {x} [do|accomplish|provide] anything [useful|meaningful|important|particular], and if so, what?",
        (
            "[Can|Could|Would] [you|someone|anybody] [clarify|explain|spell out|shed light on] what {x} is [for|"
            "about|meant to do]?"
        ),
        (
            "[Can|Could|May] I [get|have|ask for] [a description|an explanation|a definition|a one-liner|a "
            "summary] of {x}[| please]?"
        ),
        (
            "[Could|Would] you [kindly |please |]give me [the gist|a rough idea|an idea|a quick rundown|the "
            "short version] of {x}?"
        ),
        (
            "Would you mind [telling me|explaining|saying|summarising|clarifying] what {x} [does|is for|is about|"
            "is good for|is meant to do|stands for]?"
        ),
        "Any [idea|clue|hint|thoughts on|guess] what {x} [does|is for|is supposed to do|is about|is there for]?",
        "Anybody [know|knows] what {x} [does|is for|is about|is meant to do]?",
        # Commands.
        (
            "[Explain|Describe|Define|Introduce|Present|Clarify|Document|Sum up] {x}[| for me| for a newcomer| "
            "in plain words]."
        ),
        (
            "[please explain|please describe|explain|describe|define|sum up|tell me about] {x}[| briefly| in a "
            "nutshell| shortly]"
        ),
        ("[Give me|I'd like|I want|Let me have] [the essence|a definition|a quick idea|the short version] of {x}[|.]"),
        (
            "[State|Name|Tell me|Summarise|Spell out|Pin down] the [purpose|role|responsibility|point|intent|aim|"
            "task] of {x}."
        ),
        "[Tell|Teach|Enlighten|Brief|Educate] me about {x}[|, please|, just the basics|, in simple terms|, in short].",
        (
            "[Put|Explain|Sum up|Say] in [a sentence|one line|simple terms|plain English|your own words|a tweet] "
            "what {x} [does|is for|is about|means]."
        ),
        (
            "[Write|Draft|Suggest|Propose] a [docstring|doc comment|one-line comment|description|glossary entry|"
            "summary line|caption] for {x}[|, please]."
        ),
        "[Describe|Explain|Outline|State] [the intention of|the idea of|the motivation behind|the concept of] {x}.",
        (
            "[Help me|I need help to|Please help me] [understand|grasp|get] what {x} [is for|is about|is meant "
            "to do|is good for]."
        ),
        (
            "[Remind me|Tell me again|Refresh my memory]: what [was {x} for|does {x} do|is {x} good for|is the "
            "job of {x}]?"
        ),
        "[Explain|Describe] {x} [like I'm five|to a non-programmer|as if I were new here|without going into the code].",
        "[Complete|Finish|Fill in] the sentence: {x} is [used to|there to|meant to|responsible for] ...",
        # Context before.
        "[I'm new here|I just joined|New to this repo|First day on the project][:|,] what [is {x} for|does {x} do]?",
        (
            "[For a code review|For the docs|For my notes|For the changelog|For onboarding|For a talk|For a "
            "diagram]: what [does {x} do|is {x} for|is the role of {x}]?"
        ),
        (
            "While [reading the code|refactoring|browsing|cleaning up] I [met|came across|ran into] {x}. What is "
            "[it|that] for?"
        ),
        (
            "[I'm documenting|I'm reviewing|I'm writing docs for|I'm studying|I inherited|I maintain] {x}[: what "
            "is its purpose?|. What is it for?]"
        ),
        (
            "[I keep seeing|I keep running into|Everybody mentions|A colleague mentioned] {x}[, what is that?|. "
            "What's it for?]"
        ),
        (
            "Before I [delete|rename|deprecate|touch|reuse|import|wrap] {x}[, what is it for?|: what does it do?|"
            ", what is its job?]"
        ),
        (
            "[Can I reuse {x}|Should I care about {x}|Do I need {x}]? What [does it do|is it for|is it good for|"
            "is its job]?"
        ),
        (
            "{x} as a name [tells me nothing|is not clear to me|is confusing|says little|is cryptic][. What does "
            "it do?|: what is it for?]"
        ),
        (
            "I [don't get|don't see|fail to see|can't figure out|cannot guess] [the point of|what's the use of|"
            "the role of] {x}[|.]"
        ),
        (
            "I [don't know|have no idea|am not sure|can't tell|forgot|wonder|was wondering|never learned] what "
            "{x} is [for|about|meant to do|good for|there for][|.]"
        ),
        "I'm [curious|wondering|asking myself|confused about] what {x} [does|is for|is good for|is supposed to do][|.]",
        (
            "[Autocomplete offers|My IDE suggests|The editor proposes] {x}[, what does it do?|. What is that "
            "for?|: useful for what?]"
        ),
        (
            "[There is|I see|I noticed|I found] {x} [here|in this repo|in the code][, what for?|. What is its "
            "purpose?|. Meaning?]"
        ),
        (
            "[If I call|If I use|By calling|By using] {x}, what [do I achieve|will it do for me|is accomplished|"
            "does it do for me]?"
        ),
        (
            "[What's|What is|Tell me] the [intended|actual|primary|original|real|overall] [use|purpose|meaning|"
            "function|role] of {x}[?| here?| in this code?]"
        ),
        (
            "[What|Which] [benefit|advantage|convenience|help] [do I get from having|does one gain from|is there "
            "in] {x}[|, in a sentence]?"
        ),
        (
            "[I read|I saw|Someone mentioned|The docs mention|A comment mentions|The tests mention] {x}[: what "
            "is it for?|. What does it do?|, what's that?|. Purpose?]"
        ),
        (
            "[Explain|Describe|Summarise|Characterise] the [behaviour|functionality|usefulness|contract|"
            "responsibility] of {x} [in a line|in a sentence|briefly|in short|for the docs]."
        ),
        "What [can|could|may] {x} [do for me|be used for|be good for|help me with|be useful for|serve as]?",
        (
            "What should {x} [do|achieve|provide|accomplish|be used for], [according to its docs|by design|in "
            "theory|by its contract]?"
        ),
        (
            "What [does {x} promise|contract does {x} offer|guarantee does {x} give|is {x} supposed to "
            "guarantee][| to its users| to the outside]?"
        ),
        (
            "[Is {x} a helper|Is {x} a utility|Is {x} an internal detail|Is {x} part of the API], and [what does "
            "it do|what is it for|what is its job]?"
        ),
        (
            "[Assume|Suppose|Pretend] [I know nothing|I'm new|I've never read this code]: [what is {x}|what is "
            "{x} for|what does {x} do]?"
        ),
        (
            "[In the grand scheme of things|From the user's point of view|From the outside|Seen from above], "
            "what [does {x} do|is {x} for|is the role of {x}]?"
        ),
        (
            "[Give|Provide|Show|Offer|Supply] [an explanation|a definition|a description|a one-sentence summary|"
            "a synopsis] of {x}[|.|, please.| for the wiki.]"
        ),
        (
            "[The purpose|The role|The job|The meaning|The aim|The point] of {x} is [what|which|unclear to me: "
            "what is it]?"
        ),
        (
            "[I'd like to know|I want to find out|I'm trying to understand|Let me know|I need to know] what {x} "
            "[is for|does|is about|stands for|is good for][|.|, please.]"
        ),
        (
            "[How come we have|Who needs|What do we gain by having] {x}[: what is it for?|? What does it do?|: "
            "what is its purpose?|? What for?]"
        ),
        (
            "[Found|Stumbled upon|Came across|Discovered|Spotted] {x}[, what is it?|. What is it for?|: purpose?|"
            ". Can you explain it?|, what does it do?]"
        ),
        (
            "What does [having|calling|using|applying|introducing] {x} [give us|buy us|get us|bring us|achieve|"
            "accomplish]?"
        ),
        (
            "[Can|Could|Would|Will] you [tell|show|teach|remind] me what {x} [is for|does|is about|is good for|"
            "is meant to do][?| please?|, in short?]"
        ),
        (
            "[What|Which] [everyday|practical|concrete|typical|real-world] [use|purpose|use case|application] "
            "does {x} have[?| here?| in this project?]"
        ),
        (
            "[Please|Kindly] [explain|describe|define|clarify|introduce] {x}[| in one sentence| in simple words| "
            "to me| for a beginner][.|]"
        ),
        (
            "[In your opinion|According to the docs|From its docstring|Judging by its docs|As far as you know], "
            "what [is {x} for|does {x} do|is the purpose of {x}]?"
        ),
        (
            "[In one sentence|In plain English|In a nutshell|Roughly|Basically|At a high level], what does {x} "
            "[do|stand for]?"
        ),
        "[In a few words|In short|Broadly speaking|Simply put|In layman's terms], what is {x} [for|about|meant to do]?",
        "[Quick one|Stupid question|Sorry for asking|Newbie question|Just checking]: what [is {x} for|does {x} do]?",
        "[So|Okay|Right|Well|Hmm], {x}[: what's that?|, what's that for?|, what is it good for?|, what does it do?]",
        "[What the heck|What on earth|What in the world|wtf] [is {x}|is {x} for|does {x} do|is {x} good for]?",
        "What's {x} [when it's at home|in human words|in layman's terms|in plain words|in everyday language]?",
        "What [hat does {x} wear|does {x} bring to the table|is {x} hired to do|is the raison d'etre of {x}]?",
        "{x} is [there|meant|designed|intended|made|used] for what[|, exactly|, roughly|, in a word]?",
        "{x} does what[| exactly| for me| in a nutshell|, in short|, in a word]?",
        "{x} [is what|stands for what|serves what purpose|solves which problem|has which role|is good for what]?",
        (
            "{x} [- what for?|- what's that?|- what does it do?|- meaning?|- its purpose?|- use case?|- a short "
            "explanation?|- what am I looking at?]"
        ),
        "{x}: [what for?|what's it do?|meaning?|role?|use?|in one sentence?|description?|tl;dr?|any explanation?]",
        (
            "{x}[, what is that good for?|, what's its role?|, what's the idea?|, can you explain it?|, what's "
            "the purpose?]"
        ),
        "{x} [purpose|meaning|description|explanation|explained|overview|docs|docstring|what is it|what does it do]",
        (
            "{x} [seems|looks|sounds] [useful|odd|important|mysterious|pointless|interesting][: what is it for?|"
            ", what does it do?|. Its purpose?]"
        ),
        "[purpose|meaning|explanation|description|definition|documentation|role|intent] of {x}",
        "[meaning of|definition of|about|regarding|concerning] {x}: [what is it for|what does it do|its purpose]?",
        (
            "[Regarding|Concerning|As for|About|Speaking of] {x}[: what's it for?|, what does it do?|, what is "
            "the purpose of it?]"
        ),
    ),
    "how": (
        # Plain questions.
        (
            "[How does|How exactly does|So how does|how does|And how does] {x} [work|function|operate|tick|run|"
            "do its thing]?"
        ),
        (
            "How does {x} [go about it|go about its job|get the job done|pull it off|manage that|proceed|"
            "accomplish its task]?"
        ),
        "How does {x} [arrive at|compute|come up with|get to|work out|derive|build up|obtain] [its result|the result]?",
        "How does {x} [get|go|come] from its [input|arguments|parameters] to [its output|the result|what it returns]?",
        ("How is {x} [implemented|coded|programmed|written|wired up|structured|organised|laid out][| inside]?"),
        "How did [they|the author|somebody|the developers] [implement|code|write|program|realise|build] {x}?",
        "How [are things|is the work|is the job|is it all] done [in|inside|within] {x}?",
        (
            "[What's|What is|whats] the [algorithm|logic|mechanism|recipe|procedure|machinery|trick|magic] "
            "[behind|in|inside] {x}[?| here?| in the code?| exactly?| in detail?]"
        ),
        (
            "What [algorithm|approach|strategy|technique|procedure|logic|recipe] does {x} [use|follow|apply|"
            "implement|run through]?"
        ),
        (
            "What [happens|goes on|takes place|is executed|occurs|is going on] [inside|within|in the body of|in "
            "the depths of] {x}[?| here?| in the code?| exactly?| in detail?]"
        ),
        (
            "What happens [step by step|in detail|in sequence|one after another|internally] "
            "[in|inside|when I call|during] "
            "{x}[?| until it returns?| before it returns?]"
        ),
        (
            "What [goes on|happens] between [the call of {x} and its return|entering and leaving {x}|start and "
            "end of {x}]?"
        ),
        (
            "What does {x} do [step by step|line by line|in detail|internally|in its body|under the bonnet|"
            "behind the curtain]?"
        ),
        (
            "What does {x} do [first, and what then|first and what last|from start to finish|from top to bottom|"
            "in which order]?"
        ),
        (
            "What does {x} do with [its arguments|its input|what I pass to it|the values that it gets|its "
            "parameters|what it is given][| along the way| until it returns]?"
        ),
        (
            "[What|Which] [stages|phases|operations|actions|moves] does {x} [go through|perform|take|"
            "execute|consist of]?"
        ),
        (
            "What are the [internals|inner workings|mechanics|innards|guts|nuts and bolts] of {x}[?| here?| in "
            "the code?| exactly?| in detail?]"
        ),
        (
            "What's the [control flow|flow|order of operations|sequence of steps|execution path|course of "
            "events] in {x}[?| here?| in the code?| exactly?| in detail?]"
        ),
        (
            "What [path|route|way] does [the execution|the code|the data|the input|a call] take through {x}[?| "
            "here?| in the code?| exactly?| in detail?]"
        ),
        "What does the [body|code|implementation|inside] of {x} [do|look like|consist of|boil down to|execute]?",
        (
            "What is [done|executed|carried out|performed|processed] [in the body of|inside|within|internally "
            "by] {x}[?| here?| in the code?| exactly?| in detail?]"
        ),
        (
            "What [sequence|chain|series|succession|string] of [calls|steps|operations|actions] makes up {x}[?| "
            "here?| in the code?| exactly?| in detail?]"
        ),
        "In [what|which] [order|sequence] does {x} [do things|do its work|perform its steps|make its calls|proceed]?",
        (
            "[In what manner|In which way|By what means|By which method|Through which steps] does {x} [work|do "
            "that|proceed]?"
        ),
        "What [makes {x} tick|drives {x} inside|is inside the black box {x}|is {x} doing under the hood]?",
        (
            "What [would I see|does one see|would the debugger show] [when stepping|if I stepped|while stepping] "
            "through {x}[?| here?| in the code?| exactly?| in detail?]"
        ),
        "What would [a trace|an execution trace|a step-by-step run|a flow chart|pseudocode] of {x} look like?",
        (
            "What would I have to [do|write|code] [to reimplement|to rewrite|to port|to mimic|to replicate] {x}[|"
            " by hand]?"
        ),
        (
            "What does {x} [call, raise and return|call and then return|do before it returns|do before returning "
            "anything]?"
        ),
        (
            "What [all|exactly|precisely] happens [inside|in the body of|within] {x}[| until it returns| before "
            "it returns]?"
        ),
        (
            "What is the [implementation|inner logic|internal logic|working principle|inner structure|internal "
            "process] of {x}[?| here?| in the code?| exactly?| in detail?]"
        ),
        (
            "Which [calls, checks and results|steps and calls|checks and calls|calls and errors] [are|happen] in "
            "the body of {x}?"
        ),
        "Once {x} [is called|starts|is running|is entered|kicks off], what happens [next|then|inside|step by step]?",
        "When {x} [is called|runs|is executed|is invoked], what [happens inside|does it do in turn|are the steps]?",
        (
            "[After|On] entering {x}, what [comes first|is done first|happens next] and [what follows|what comes "
            "last|what then]?"
        ),
        "If I [call|invoke|run|trigger|execute] {x}, what [happens internally|goes on inside|happens step by step]?",
        "[From start to finish|From top to bottom|From entry to exit|Line by line|Step by step], what does {x} do?",
        "[Under the hood|Behind the scenes|Internally|Deep down|On the inside], [what does {x} do|how does {x} work]?",
        # Yes or no, and "is there".
        "Is there [a|any] [step-by-step explanation|walkthrough|breakdown|rundown] of [{x}|what {x} does inside]?",
        (
            "Is {x} [complicated|complex|simple|trivial] inside[? How does it work?|, or how does it work?|, how "
            "is it done?]"
        ),
        "Do you [know|understand|see] how {x} [works|is implemented|does it|is done|operates|does that internally]?",
        "Does anyone [know|understand] [how {x} works inside|the internals of {x}|the inner workings of {x}]?",
        "Any [idea|clue|hint] how {x} [works|is implemented|does its job|does it|gets its result|operates internally]?",
        (
            "[Can|Could|Would] you [walk|guide|talk|lead|take|steer] me through [{x}|the body of {x}|the steps "
            "of {x}][| please]?"
        ),
        (
            "[Can|Could|Would] you [explain|show me|spell out|illustrate|sketch] how {x} [works|does it|does its "
            "work|operates]?"
        ),
        (
            "[Can|Could] you [break down|dissect|unpack|take apart|demystify|trace|paraphrase] [{x}|the code of "
            "{x}] for me?"
        ),
        (
            "[Can|May|Could] I [get|have] a [walkthrough of|breakdown of|trace of|play-by-play of|deep dive into|"
            "guided tour through] {x}[| please]?"
        ),
        "Would you mind [explaining|showing|describing|going over] how {x} [works|is implemented|does its job]?",
        # Commands.
        (
            "[Explain|Describe|Show|Outline|Illustrate|Sketch] [how|in detail how|step by step how] {x} [works|"
            "operates|does it]."
        ),
        (
            "[Describe|Explain|Outline|Summarise|Analyse|Paraphrase] the [implementation|body|internals|inner "
            "workings] of {x}."
        ),
        (
            "[Explain|Describe|Go over|Paraphrase|Narrate] the [logic|algorithm|control flow|mechanics|steps] "
            "[of|in|inside] {x}."
        ),
        (
            "[Trace|Follow|Simulate|Play through] [the execution of|a call to|a run of|one call of] {x}[|, "
            "please| for me]."
        ),
        "[Walk|Talk|Guide|Take|Run] me through {x}[| step by step| line by line| slowly|, please| from top to bottom].",
        "[Step through|Dissect|Break down|Unpack|Deconstruct|Take apart|Decompose|Analyse] {x}[| for me|, please].",
        (
            "[Look|Peek|Dive|Go|Drill] [inside|into] {x} and [tell me|describe|report|explain] what happens "
            "[there|in there]."
        ),
        (
            "[Open|Lift|Pop] the [hood|bonnet|lid] of {x}[: how does it work?|: what happens inside?|, what's "
            "going on in there?]"
        ),
        (
            "[List|Enumerate|Number|Name|Write down|Lay out] the [steps|stages|operations] [of|in|inside|that "
            "make up] {x}."
        ),
        (
            "[Write|Sketch|Give me|Show me|Draft] [pseudocode|a pseudo-code version|an algorithm outline|a flow "
            "chart] [for|of] {x}."
        ),
        (
            "[Give me|I need|I'd like|I want] a [play-by-play of|blow-by-blow account of|walkthrough of|"
            "breakdown of|deep dive into|tour through] {x}[|.| please.]"
        ),
        (
            "[Tell me|Say|Explain|Describe] [what goes on inside|what happens inside|the inner life of|the "
            "inside of] {x}[|.]"
        ),
        (
            "[Tell me|Describe|Explain] in [order|sequence|detail] what {x} [does in its body|executes|goes "
            "through|carries out]."
        ),
        (
            "[Teach me|Help me understand|Help me see|Let me know|I'd like to learn] how {x} [works|is done|is "
            "implemented]."
        ),
        (
            "[Demystify|Reverse engineer|Decode|Untangle|Unravel] {x}[: how does it work?|, step by step.| for "
            "me.| please.]"
        ),
        (
            "[Put|Explain|Render] the [body|code|implementation|logic] of {x} [into words|in plain English|in "
            "prose|as steps]."
        ),
        (
            "[please explain how|explain how|describe how|show how|tell me how] {x} [works|is implemented|does "
            "it|operates]"
        ),
        # Context before.
        "[I'm debugging|I'm stepping through|I'm stuck in|I'm tracing] {x}[: what happens inside?|. How does it work?]",
        (
            "[I set a breakpoint in|The debugger stopped in|My stack trace goes through] {x}. What [are its "
            "steps|happens inside]?"
        ),
        (
            "[While debugging|During a review|While profiling|While refactoring] I ended up in {x}. How does it "
            "[work|do its job]?"
        ),
        (
            "[For a code review|For a refactoring|For a port to Rust|For a rewrite]: how [does {x} work|is {x} "
            "implemented]?"
        ),
        (
            "[I have to|I must|I want to|I'm about to] [rewrite|reimplement|port|patch|mock] {x}[: how does it "
            "work?|. Its steps?]"
        ),
        (
            "Before I [change|refactor|optimise|touch|patch|override] {x}[: how does it work inside?|, what are "
            "its steps?]"
        ),
        "I [know|see|understand|get] what {x} is for, but how does it [work|do it|do that|work inside|get there]?",
        (
            "I [can't follow|got lost in|am lost in|struggle with] the [code|logic|body|flow] of {x}[|, how does "
            "it work?|.]"
        ),
        (
            "I [don't understand|don't get|fail to see|can't figure out|have no idea] how {x} [works|does it|is "
            "implemented][|.]"
        ),
        (
            "I'm [curious|wondering|interested in|trying to understand] how {x} [works|is implemented|does its "
            "job][|.| inside.]"
        ),
        (
            "I [want|need|would like|am trying] to [understand|know|learn|grasp|see] how {x} [works|operates|is "
            "done][| inside][|.]"
        ),
        (
            "[I call|Suppose I call|Say I call|Imagine I call|Let's say I run] {x}[: what happens inside?|. What "
            "are the steps?]"
        ),
        (
            "[I use|We use|I treat|We all treat] {x} [as a black box|blindly|without looking inside|without "
            "understanding it]. [How does it work|What's inside]?"
        ),
        (
            "[It looks like magic|This is black magic to me|It's a black box to me]: how does {x} [work|do it|"
            "operate|do that]?"
        ),
        (
            "[Quick one|Stupid question|Deep dive|Just curious|Internals question]: how [does {x} work|is {x} "
            "implemented]?"
        ),
        (
            "[In detail|Technically|Mechanically|In practice|Concretely], how [does {x} work|is {x} done|does "
            "{x} do its job]?"
        ),
        "How the [heck|hell|devil] does {x} [work|do that|do it|manage that|pull that off]?",
        (
            "[What's the secret of {x}|What's the trick in {x}|There must be a trick in {x}]: how [is it done|"
            "does it do it]?"
        ),
        (
            "What does {x} call[, what can it raise and what does it return|, what does it raise, and what comes "
            "out| on the way, and what does it finally return]?"
        ),
        (
            "[What|Which] are the [calls, exceptions and return value|steps, errors and results|calls and the "
            "outcome] [of|in|inside] {x}[, in order|]?"
        ),
        (
            "[Through|By] [which|what] [steps|calls|operations|stages|chain of calls] does {x} [reach its result|"
            "do its job|get there|achieve this|come to its result]?"
        ),
        (
            "[Describe|Explain|Tell me|Show me] [the sequence of calls|the order of the calls|what gets called "
            "and what is returned|the chain of events] in {x}[|.|, please.]"
        ),
        (
            "[What|Which] [work|processing|computation|handling|bookkeeping] [goes on|takes place|is going on] "
            "[inside|within|in the body of] {x}[?| here?| in the code?| exactly?| in detail?]"
        ),
        (
            "[What's|What is] [under the hood|behind the facade|behind the scenes|behind the curtain] [of|in] "
            "{x}[?|, and how does it work?]"
        ),
        (
            "[Explain|Describe|Walk me through] {x} [step by step|line by line|statement by statement|call by "
            "call|in all its steps|from the inside][|.|, please.]"
        ),
        (
            "[Summarise|Paraphrase|Retell|Narrate|Verbalise] what [the body|the code|the implementation] of {x} "
            "does[|.| step by step.| in order.| in prose.]"
        ),
        (
            "[I stepped into|I jumped into|I looked into|I read the code of|I'm staring at] {x}[: what are its "
            "steps?|. What happens there, in order?|, how does it work?]"
        ),
        (
            "[How|In what way|By what trick] does {x} [solve its problem|fulfil its task|make it happen|do the "
            "heavy lifting|do the actual work|carry out its duty]?"
        ),
        (
            "How does {x} [begin, go on and end|start and how does it finish|proceed once it is called|go from "
            "start to end|process what it gets|behave internally]?"
        ),
        (
            "[If you were the interpreter|If you were the debugger|As the interpreter], what would you [execute|"
            "do|run through] [in|inside] {x}[, in order|, step by step|]?"
        ),
        (
            "What [logic|code|sequence of statements|work] [runs|gets executed|is triggered|is performed] [when "
            "{x} is called|once {x} starts|after {x} is entered]?"
        ),
        # Fragments.
        "{x} works how[|, exactly|, internally|, step by step|, roughly]?",
        (
            "{x} [does its job how|is implemented how|goes through which steps|follows which algorithm|proceeds "
            "in what order]?"
        ),
        (
            "{x}: [how?|how does it work?|inner workings?|the steps?|what happens inside?|how is it done?|walk "
            "me through.]"
        ),
        "{x} - [how does it work?|how is it implemented?|what goes on in there?|step by step, please|internals?]",
        (
            "{x}[, how does it do that?|, how's that implemented?|, what are the steps?|, what's under the hood?|"
            ", step by step?]"
        ),
        "{x} [internals|implementation details|inner workings|how it works|under the hood|algorithm|step by step]",
        "{x} [walkthrough|breakdown|control flow|logic explained|execution flow|body explained|mechanics|pseudocode]",
        "{x} is [called|invoked|entered|run][: what happens then, step by step?|, and then? What happens inside?]",
        "[how it works|internals|implementation|inner workings|mechanics|logic|control flow|walkthrough]: {x}",
        "[internals|inner workings|algorithm|implementation|mechanics|execution flow|logic|steps] of {x}",
        (
            "[Regarding|Concerning|As for|About] {x}[: how does it work inside?|, how is it implemented?|, what "
            "are its steps?]"
        ),
        "[inside|within|in the body of] {x}: [what happens?|what is done?|what goes on?|which steps?|what's executed?]",
    ),
}
