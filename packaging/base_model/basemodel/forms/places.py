"""Forms of questions about places: where a definition is, which definition does something, what a file is about."""

from __future__ import annotations

__all__ = ["FORMS"]

FORMS: dict[str, tuple[str, ...]] = {
    "where": (
        "[Where's|Where is|wheres|where's] {x}[?| defined?| at?| hiding?| sitting?| in the repo?| these days?]",
        "Where [on disk|in the tree|in the repo|in the codebase|in this project|in the sources] [is|do I find] {x}?",
        (
            "[Where exactly|Where precisely|Just where|Where in the world|Where on earth] is {x} "
            "[defined|located|written]?"
        ),
        "[Which|What] [file|module|package|source file|script] [houses|hosts|carries|includes|provides|owns] {x}?",
        "[Which|What] [.py file|file name|filename|path|file path] [has|goes with|belongs to] {x}?",
        "{x} [location|file|source file|definition|path|file path|source location|declared in|defined in]",
        "[location|path|file|filename|definition|source] of {x}",
        "[goto|go to|jump to|navigate to|open|find|locate] [definition|the definition|source|declaration] of {x}",
        "[Jump|Take me|Bring me|Lead me|Go straight] to [|the definition of |the declaration of |the source of ]{x}.",
        "[Point|Direct|Send|Steer] me to [|the file with |the file of |the module with |the code of ]{x}[.|, please.]",
        "[Pinpoint|Track down|Hunt down|Dig up|Dig out|Trace] [|the definition of |the home of ]{x}[.| for me.]",
        "[Please|Kindly|Do|Help me to] [locate|find|track down|pinpoint] {x}[ for me|] in the [sources|repo|tree].",
        "[Could you|Can you|Would you] [point me to|show me|name|tell me] the [file|module|path] [of|for|with] {x}?",
        "I [can't|cannot|couldn't|can not] [find|locate|spot|see] {x}[. Where is it?|, which file is it in?|: where?]",
        "I've been [grepping|searching|digging|looking] for {x} [in vain|for ages|all morning]. [Where|Which file]?",
        "I [lost track of|lost|misplaced|forgot the file of] {x}[, where is it?|. Where did it go?|: where is it now?]",
        "[My IDE|My editor|Ctrl-click|Grep|The search] doesn't find {x}[, where is it?|; which file has it?|. Where?]",
        "I want to [edit|change|patch|tweak|fix|touch] {x}[, which file?|. Which file do I open?|: where is it?]",
        (
            "I need to [modify|adjust|rewrite|extend|correct] {x} and [wonder|need to know] [where it "
            "is|which file it is in]."
        ),
        "Which file [do I|should I|must I|would I|do we] [open|edit|touch|visit] to [change|see|read|patch|fix] {x}?",
        "[To look at|To read|To edit|To see|To get to] {x}, [which|what] file [do I open|should I open|do I need]?",
        "I'm debugging and want a breakpoint in {x}[. Which file?|, where is its code?|: where does it sit?]",
        (
            "While [refactoring|reviewing|cleaning up|porting this], I came across {x}. Where is it "
            "[defined|declared|coded]?"
        ),
        "For a [code review|bug report|ticket|commit message|write-up] I need the [path|file|location] of {x}.",
        (
            "{x} [shows up|appears|is mentioned] in a [traceback|log|stack trace]. [Where is it "
            "defined?|Which file has it?]"
        ),
        "I'm new here[.|,] where [do I find|can I find|would I look for|is] {x}?",
        "[Do you know|Any idea|Any clue|Do you happen to know|Does anyone know] [where|in which file] {x} is?",
        "[Any hint|Any pointer|A hint, please,|A pointer, please,] as to where {x} [is|lives|is defined|can be found]?",
        "[I'd like|I would like|I want|I'd love] to know [where|in which file|in what module] {x} is [defined|kept].",
        (
            "I [wonder|was wondering|am wondering|am curious] [where|in which file|in which module] {x} "
            "[lives|sits|resides]."
        ),
        "I have no [idea|clue] [where|in which file|in which folder] {x} [is|is defined|lives].",
        "[Which|What] [folder|directory|subfolder|package|subpackage] [is|do I find] {x} in?",
        "In [what|which] [folder|directory|package|subpackage|submodule|source file] [is|do we keep|do you find] {x}?",
        "[In|Inside|Within] [what|which] [file|module|script] is {x} [written|coded|placed|housed|situated|stored]?",
        "[Under|At] [what|which] path [is|can I find|do I find|would one find] {x}?",
        "[What's|What is|whats] the [file|path|filename|module|full path|relative path] [for|of|containing] {x}?",
        "What [file|module|path] [do I find|will I find|would I find|can one find] {x} in?",
        "What's the [exact location|whereabouts|address|home|definition site|place of definition] of {x}?",
        "[Whereabouts|Place|Definition site|Home|Residence|Address] of {x}?",
        "[Where|In which file] [did we|did you|did they|did somebody|have we|have they] put {x}?",
        "Where did {x} [end up|wind up|land|go] in the [project|tree|repo|code base]?",
        "Where [do|did|does] [we|you|the project|the repo|the code] [keep|store|hide|stash|define|declare|house] {x}?",
        "Where is {x} [tucked away|buried|stashed|parked|housed|situated|hosted|stored|placed|hidden]?",
        "Where does {x} [sit|hide|lie|dwell|belong|originate|lurk|have its home|have its definition|have its body]?",
        "Where [might|could|may|shall|must] [I|one|we] [look|go|turn|search] [for|to find|to read|to see] {x}?",
        "Where [should|do|shall] I [click|go|look|navigate|dig] [to get to|to reach|to see|to find|to open] {x}?",
        "Where [would|can|could] [somebody|a newcomer|one|a reader] [find|come across|locate|read] [|the body of ]{x}?",
        (
            "{x} [lives|sits|resides|is located|is defined|is declared|is found|is housed] [where|in what "
            "file|in which module]?"
        ),
        "{x} is [defined|declared|implemented|to be found|kept] [where|in what file|in which module|under which path]?",
        "{x} - [which file|where|what path|in which module|where is it|location|which module]?",
        (
            "{x}: [file?|path?|location?|in which file?|where to look?|where is the definition?|where in "
            "the repo?|module?]"
        ),
        "{x}... [where was it again?|which file was that in?|where is that one?|where did I see it?|in which module?]",
        "{x}, [where's that|where was that|which file was that in|in what module is it|where do I find it]?",
        "Where was {x} [again|defined again|declared, again|once more|now]?",
        "[Remind me|Refresh my memory|Help me out]: [which file|what module|which path] [has|holds|contains] {x}?",
        "Remind me [in which file|in what module|under what path] {x} [is|was|lives|sits][.|, please.]",
        "[Show|Print|Display|Output|Report] the [path|location|file|filename|module] [of|for] {x}.",
        (
            "[Give|Tell|Send|Show] me the [path|file|exact location|module name|file name|directory] "
            "[of|for] {x}[.|, please.]"
        ),
        (
            "[Tell me|Say|Let me know|Show] [in which file|in what module|under what path|where] {x} "
            "[is|resides|sits|lies]."
        ),
        "[Just the|Only the] [path|file name|file|location] of {x}[.|, please.|, nothing else.]",
        (
            "[Look up|Find out|Figure out|Work out|Check|Determine] [where|in which file|in what module] "
            "{x} is [defined|kept]."
        ),
        "[Help me|Help us|Let's|Let us] [find|locate|track down|pin down] {x}[.| in this repo.| in the code base.]",
        "Is {x} [defined|declared|implemented] in this [repo|project|code base|package], and [where|in which file]?",
        "Is there a [file|module|source file] [that defines|that contains|that holds|with] {x}? Which [one|one is it]?",
        "Is {x} [somewhere|anywhere] in [the sources|the tree|here|this repo]? [Where?|Which file?|Which path?]",
        "Does {x} [exist|live|occur as a definition] in this [repo|tree|project], and if so in [which|what] file?",
        (
            "[Can|Could] I [see|read|open] the file [with|of|that contains|that defines|holding] {x}? Which "
            "[is it|one is it]?"
        ),
        (
            "[Who knows|Can anybody tell me|Can someone tell me|Can you tell me] [where|in what file] {x} "
            "[lives|is defined]?"
        ),
        "The [source|code|definition|body|declaration] of {x} is in [which|what] [file|module]?",
        (
            "[The source|The code|The definition|The declaration|The body] of {x}: [where?|which file?|what "
            "path?|where to look?]"
        ),
        (
            "[Looking|Searching|Hunting] for [|the definition of |the declaration of |the source code of "
            "|the file with ]{x}."
        ),
        "[Need|Want] [the path to|the file of|the location of|to open|to jump to|to get to] {x}.",
        (
            "[How do I|How can I|What path do I take to] [get to|navigate to|jump to|reach] the "
            "[source|definition|file] of {x}?"
        ),
        (
            "[What|Which] [part|corner|area|section|branch] of the [repo|tree|code base|project] "
            "[contains|holds|is home to] {x}?"
        ),
        "[What|Which] [module|file|package] is [home to|the home of|the place of|the owner of] {x}?",
        "[What|Which] [module|file|package] does {x} [belong to|live in|sit in|reside in|come from|originate from]?",
        "[From|Out of] [what|which] [file|module|package] does {x} [come|originate|stem|hail]?",
        "[Which|What] module [do I|must I|would I|should I] import to [get at|get|have|reach] {x}?",
        "[Which|What] file [was|is] {x} [written|declared|implemented|coded|placed|put] in?",
        "[Which|What] file should I [browse|check out|look into|search|scroll through] to see [|the code of ]{x}?",
        "[Name|State|Mention|Cite|Quote] the [file|module|source file|path] [of|with|that declares|that contains] {x}.",
        "[Somewhere|Somewhere in this repo|Somewhere here] there is {x}[. Where?|, but where?|, but in which file?]",
        (
            "There [is|must be|should be|has to be] [a definition of|source code for|code for] {x} "
            "somewhere; [where|which file]?"
        ),
        "[They say|I read|I was told] {x} is [in this repo|in here]. [Where?|In which file?|Under which path?]",
        (
            "[My colleague|The docs|A comment|The changelog] [mentioned|mentions] {x}[, where is it?|. "
            "Which file is it in?]"
        ),
        (
            "[I saw|I noticed|I keep seeing] {x} [in the code|in a comment|in an import][. Where is it "
            "defined?|: defined where?]"
        ),
        "I [know|remember] {x} exists, [but not where|but not in which file|I just don't know where it is].",
        (
            "I need [a link|a pointer|a reference|the path] to [|the source of |the definition of |the file "
            "of ]{x}[.|, please.]"
        ),
        "[Got|Do you have|Have you got] the [path|location|file name|file] [of|for] {x}[?| handy?| at hand?]",
        "[What should|What do|What would] I open [to see|to read|to edit|to look at] {x}[?|, which file?]",
        "[Hey|Hi|Hello|Sorry], where [is|do I find|can I find|did you put] {x}?",
        (
            "[Spot|Fetch|Retrieve|Look for|Search for|Seek] [|the definition of |the file of |the place of "
            "]{x}[.| in the repo.]"
        ),
        "[find|locate|whereis|which file has|file containing|module of|defined in which file:] {x}",
        "[Definition|Declaration|Source code|Code] of {x}: [where?|which file?|in what module?|file?]",
        "Where [are|do I find] the [lines|sources|code lines|lines of code] [of|that define|that make up|for] {x}?",
        (
            "Where [is|will I find] the [source|definition|declaration|implementation|body|code] [of|for] "
            "{x}[| located| kept]?"
        ),
        "Into [which|what] [file|module|package|folder] [was|has been] {x} [put|placed|moved|written]?",
        (
            "[What|Which] [file|tab|buffer|source] [do I need|must I have open|should I have open] to [work "
            "on|edit|read] {x}?"
        ),
        (
            "[Which|What] [file|module|path] do I [give|tell|show|send] my [colleague|reviewer|team|linter] "
            "to [find|get to|see] {x}?"
        ),
        "[Please|Quickly|Just] [tell|show|remind] me [where|in which file|in what module] {x} [is|lives|sits|hides].",
        "[Where|In which file|In what module] [can|could|would|might] [I|we|one|you] [see|find|read|inspect] {x}?",
        (
            "{x} [seems|appears] to [be missing|have moved|have vanished][. Where is it now?|; which file "
            "has it?|: where is it?]"
        ),
        (
            "[I want|I need|We need|We want] to [link to|refer to|cite|quote|mention] {x}[, which path?|; "
            "which file is it in?|: path?]"
        ),
        (
            "[On GitHub|In the browser|In my editor|On disk], [which|what] [file|path] do I "
            "[open|visit|pick] [for|to see] {x}?"
        ),
        (
            "If I [want|wanted|had|need] to [edit|see|read|fix] {x}, [which file would I open|where would I "
            "go|what's its path]?"
        ),
        (
            "[Someone|The reviewer|A test|A teammate] [mentions|names|wants] {x}[; where is that?|. Which "
            "file?|, where is it?]"
        ),
        (
            "[The file|The module|The path|The place] [where|in which] {x} is "
            "[defined|declared|written|implemented][?|, please.]"
        ),
        "[Does anybody|Do you|Does someone] [know|remember|recall] [where|in what file|in which module] {x} [is|was]?",
    ),
    "which": (
        "[how to|how do you|how do we|how can you|how would one|how does one|how might I|how could I] {d}?",
        (
            "[What's|What is] the [way|usual way|right way|proper way|easiest way|intended way|best "
            "way|common way|idiom] to {d}?"
        ),
        "[Which|What] {k} [should|would|could|might|shall] [we|one|you|a caller|somebody] [use|reach for|pick] to {d}?",
        "[Which|What] {k} [takes care to|knows how to|was written to|was built to|allows us to|is supposed to] {d}?",
        (
            "[Is there|Do we have|Do you have|Does the project have|Does this repo have] a {k} [to|that "
            "can|that will] {d}?"
        ),
        "[Is there|Do we have|Have we got] a [ready-made|built-in|helper|utility|convenient|predefined] {k} to {d}?",
        "[Is there|Isn't there] [a helper|a utility|some code|a routine|an API|a shortcut|an easy way] [here |]to {d}?",
        "I'm looking for [a|the|some] {k} [to|that can|that will|which can|with which I can] {d}.",
        "I'm [searching for|hunting for|after|in need of] [something|code|the {k}] [to|that can|that would] {d}.",
        "I'm trying to {d}[. Which|; which|, which] {k} [is it|do I need|helps|should I look at|would do]?",
        "I [must|have to|am supposed to|was asked to|should] {d}[. What do I use?|, but with what?|; what do I call?]",
        "We [want|need|plan|intend|would like] to {d}. [Which|What] {k} [is there|fits|is made for that|do we call]?",
        "My [code|script|plugin|program|test] [needs|has|wants] to {d}. Which {k} [do I call|offers that|is right]?",
        "While [refactoring|debugging|porting|testing] I need to {d}[. Which|, which|; which] {k} is there?",
        "Before I write my own {k} to {d}: [is there one?|does one exist?|do we have one?|what is there already?]",
        "I don't want to reinvent the wheel: [which|what] {k} [can|will|would] {d}?",
        "Suppose I want to {d}[. Which|; which] {k} [do I take|is mine|would you use|would you suggest]?",
        (
            "If [I want|I wanted|one wants|somebody wants|I had] to {d}, [which|what] {k} [would it "
            "be|would that be|fits|is there]?"
        ),
        "[In order to|To] {d}, [which|what] {k} [do I call|do I use|is there|should I use|is needed|do we have]?",
        "To {d}, [what do I call|what should I call|what's there|what does the code offer|where do I turn]?",
        (
            "[Name|Recommend|Suggest|Point out|Tell me|Show me|Give me] [a|the] {k} [with which to|I can "
            "use to|I need to] {d}."
        ),
        "[Find|Look up|Identify|Search for|Pick out] [a|the] {k} that [can|will|would|is able to|is written to] {d}.",
        "[Point|Direct|Steer|Send] me to the {k} [that will|to call to|I would use to|whose job is to|meant to] {d}.",
        "[Can|Could|Would] you [name|show me|find|point me to] [a|the] {k} to {d}[, please|]?",
        (
            "[Who|What] [would|could|might|is going to|is supposed to|has to|gets to] {d} [here|in this "
            "project|in the code]?"
        ),
        "[Who|What] is [asked|told|called|supposed|expected|there] to {d} in [this repo|the code|this project]?",
        "Whose [job|task|duty|responsibility|business|role|work] is it to {d}?",
        (
            "Which {k} [has the job|has the task|has the duty|is trusted|is built|is designed|exists|is "
            "there|is around] to {d}?"
        ),
        (
            "[What's|What is|whats] the [name of the|name of a] {k} [to call to|that is made to|that "
            "will|one calls to] {d}?"
        ),
        "What [is|was] the {k} called [that's meant to|that can|that will|which lets you|which is used to] {d}?",
        (
            "[What|Which] [tool|helper|utility|routine|thing|bit of code|component|code] [can|will|lets "
            "me|is there to] {d}?"
        ),
        "[What|Which] [definition|symbol|API|building block|callable] [can|will|serves to|is there to|is used to] {d}?",
        "Where's the [code|place|logic|spot|helper|bit|routine] [to|that is supposed to|whose job is to] {d}?",
        "Where [in the code|in the repo|in here|in this package] [do we|do they|does it] {d}?",
        "Where [is|lives|do I find|can I find] the {k} [to|that can|that will|made to|with the job to] {d}?",
        "At [what|which] [place|point|spot] [does the program|do we|does the code] {d}?",
        "[By|With|Using|Through] [what|which] {k} [do I|can I|do we|would I|does the code|does one] {d}?",
        "With [what|the help of what|whose help] [do I|can I|could I|do we|shall I] {d}?",
        "[Can|Could|Will|Would] [any|some|one] {k} [here|in this repo|of this project|of yours] {d}? Which[| one]?",
        "[Can|Could|Would] [this library|this package|the code|this project] {d}? [With what|By which call]?",
        "[Am I able|Is it possible|Are we able] to {d} [with this package|with this code|here], and with which {k}?",
        (
            "[I forgot|I can't remember|I don't recall|Remind me] which {k} [I need to|we use to|one uses "
            "to|is there to] {d}."
        ),
        "[Any|Do you know a|Got a|Know of a|Is there any] {k} [to|that can|that will|which would|I could use to] {d}?",
        "[What|What exactly] do I call [if I want|when I want|if I need|when I have|in order|so as] to {d}?",
        "[Which|What] {k} do I [call|invoke|need|use|import|want|reach for|have to know] to {d}?",
        "[need|want] a {k} to {d}",
        "[helper|code|api|way|snippet|utility|routine] to {d}",
        "{k} [to|that can|that will|which can|used to|for when I want to] {d}",
        "[looking for|searching|find|show|search for] {k} to {d}",
        "[Let me know|I'd like to know|I want to know|Tell me] [which|what] {k} [I can use to|is there to|would] {d}.",
        "[I wonder|I was wondering|I'm curious|I'm not sure] [which|what] {k} [is used to|would|is meant to|can] {d}.",
        (
            "There [must|should|has to|ought to] be a {k} to {d}[. Which is it?|, which one?|; what's its "
            "name?|. Name it.]"
        ),
        (
            "[Somewhere|Somewhere in here|Somewhere in this repo] there is a {k} to {d}[. Which?|; which "
            "one?|, but which?]"
        ),
        "[I bet|I think|I guess|I remember] there's a {k} to {d}[, which one was it?|. What's it called?|; its name?]",
        (
            "[Which|Which one] of the [functions|classes|methods|definitions|helpers] [here |]would [I use "
            "to|you use to|help to] {d}?"
        ),
        (
            "[Which|What] {k} [makes it possible|makes it easy|gives me a way|enables me|allows one|is "
            "suited|is fit] to {d}?"
        ),
        "[Which|What] {k} [was|is] [made|intended|used|supposed|designed|put there|implemented] to {d}?",
        "[What should|What would|What must|What could] [I|we|one] [use|call|run|invoke|try|employ] to {d}?",
        "[Help me|Help us] {d}[. Which|; which|: which] {k} [do I need|is it|should it be|is right]?",
        "A user [needs|wants|would like|has] to {d}[: which|; which|. Which] {k} [do I show them|is it|offers that]?",
        "[Best|Proper|Quickest|Simplest|Correct|Preferred] way to {d} [here|in this repo|with this package]?",
        "How [is one|are we|am I|are you] [supposed|meant|expected] to {d}?",
        "How [does|would|can|could|might] [the code|this project|this package|the program|this library] {d}?",
        (
            "[Say|Suppose|Assume|Imagine] we [have|need|want|wish] to {d}[. What would|; what would|: what "
            "would] you call?"
        ),
        "[What|Which] {k} [steps in|gets called|comes into play|is run|runs|is invoked|kicks in] to {d}?",
        "{d} with [which|what] {k}?",
        "{d} [how|by calling what|with the help of what|using what|with what|by which call]?",
        "[Which|What] {k} [matches|fits|answers to|goes with|suits|corresponds to] [this|this description]: {d}?",
        "[Which|What] {k} [is|could be|would be] [described by|meant by|behind] [this|these words|this sentence]: {d}?",
        '[Which|What] {k} [would|could|might|can] [be described as|be summed up as|have the docstring] "{d}"?',
        '[Which|What] {k} [says|claims|documents|promises] "{d}"[?| in its docstring?| in its description?]',
        '[Find|Locate|Search|Look for|Identify|Pick] the {k} [described as|for|documented as|with the purpose] "{d}".',
        "[Find|Name|Identify|Give me|Tell me|Show me|Guess] the {k} [by its description|for this|in question]: {d}.",
        "[Looking|Searching|Hunting] for [a|the] {k} with [this|the following] [purpose|description|job|task]: {d}.",
        "[I need|I want|I'm after|We need|Wanted:] [a|the] {k} for [this|the following|this task|this job]: {d}.",
        "[Task|Job|Wanted|Need|Goal|Requirement|To do]: {d}. [Which|What] {k} [is it|do I use|do I call|covers that]?",
        "[Description|Purpose|Docstring|Hint|Clue|Summary]: {d}. [Which|What] {k} [is it|is that|is meant|fits]?",
        "[What|Which] {k} has [this|the following|such a] [purpose|description|docstring|job|role]: {d}?",
        "[What|Which] {k} [handles|covers|implements|takes care of|deals with|does|provides|performs] this: {d}?",
        "[What|Who] [handles|covers|implements|takes care of|deals with|does|provides|performs] [this|that]: {d}?",
        '[What|Who|Which of the definitions|Which code] [does|implements|provides|is in charge of] "{d}"?',
        '"{d}" - [which|what] {k} [is that|is it|does this|would that be|is this about|is meant]?',
        '"{d}": [which|what] {k} [is that|is it|does this|would that be|fits|is described here]?',
        (
            '[I read|The docs say|My notes say|A comment says|The changelog says] "{d}". [Which|What] {k} '
            "[is that|is meant|does it]?"
        ),
        "{d} - [what is it called|what do I use for that|who takes care of it|what covers it|where]?",
        "{d}... [which|what] {k} [was that|does it|is that again|is it|do I need]?",
        "{d}, [which|what] {k} [is that|does that|would that be|is responsible|handles it|is it]?",
        "{k}: {d}[?|; which one?|, name?]",
        "{k} [with description|whose job is|with this purpose|described as|for this task]: {d}",
        "[Where|How|By what] is [this|the following] [done|handled|implemented|taken care of|accomplished]: {d}?",
        (
            "[I have|There's|I've got] [one sentence|this line|this description] [of|about|for] a {k}: {d}. "
            "Which [is it|one]?"
        ),
        "The {k} I [mean|have in mind|am looking for|remember|want|need] [does this|is for this|is about this]: {d}.",
        "[My|Our|Today's] [task|problem|use case|question|ticket]: {d}. [Is there a|Do we have a|Which] {k} for that?",
        '[Is there|Do we have|Does the repo have] a {k} for "{d}"?',
        "[Is there|Do we have|Does the repo have] a {k} for [this|the following|this purpose]: {d}?",
        "[Match|Connect] [this|the following] [description|text|sentence] with [a|the right] {k}: {d}.",
        "Who [is responsible|is the one|is there|is the specialist] [here|in the code|in this repo] for this: {d}?",
        (
            "[Which|What] {k} [can|could|should|would] [do the work|be called|be used|help|come in handy] "
            "[if|when] [I want|we want|one has] to {d}?"
        ),
        (
            "[I|We] [want|need|have|wish|hope|try] to {d}[. Any|, any|; any] {k} [for it|for that|which "
            "does it|I can call]?"
        ),
        "[What|Which piece of code|Which helper] [lets|helps] [me|us|one|callers|the program] {d}?",
        (
            "[Is|Was] there [not |]a {k} [around |here |in this repo |]to {d}[? Which one?|? What's it "
            "called?|? Its name?]"
        ),
        "[Tell|Show|Teach|Remind] me how [to|I can|we can|one can|you would|the code would] {d}[.|, please.| here.]",
        "[Do you know|Any idea|Any clue|Can you say] [which|what] {k} [I call|we have|to call|to use|one uses] to {d}?",
        "[Please|Kindly|Do] [name|show|find|suggest] [the|a] {k} [to|that can|that will|I can use to] {d}.",
        (
            "[Our|My|The] [service|test|tool|loop|build|job|client|server|hook] [must|has to|needs "
            "to|should] {d}[. Which|; which] {k} [is there|fits]?"
        ),
        "[Which|What] {k} [would|do|should] [you|I|we] [choose|grab|look at|go for|start with] to {d}?",
        (
            "[What|Which routine|Which code] [here|in the repo|in this project] [can|could|will|is there "
            "to|serves to] {d}?"
        ),
        (
            "[Which|What] {k} [would|do|should] [you|I|we] [choose|grab|look at|go for|start with] for "
            "[this|the following]: {d}?"
        ),
        (
            "[This|The following] is what [I need|I want|we need|it does|I have]: {d}. [Which|What] {k} [is "
            "it|does that|is meant]?"
        ),
        "[I|We] [need|want|look for] [the|a] {k} [about|for|concerned with|which is about] [this|the following]: {d}.",
    ),
    "summary": (
        "[What's|What is|whats] {x} [all about|about, in short|about, roughly|here for|good for|doing in this repo]?",
        "[What's|What is|whats] [inside|in|within] {x}?",
        "[What's|What is] the [gist|essence|upshot|idea|theme|main idea|scope|remit|big picture] of {x}?",
        "[What's|What is] the [role|job|function|responsibility|mission|place|part] of {x} in [this project|the repo]?",
        (
            "[Sum up|Recap|Condense|Boil down|Describe|Paraphrase|Sketch|Characterise] [|the file |the "
            "contents of ]{x}[.|, please.]"
        ),
        "[tl;dr|tldr|summary|overview|synopsis|abstract|gist|digest|recap|outline] of {x}",
        "{x} [tl;dr|summary|overview|in short|in a nutshell|gist|contents|purpose|file summary|what's inside]",
        "{x}: [tl;dr?|gist?|contents?|what's in it?|what's it about?|overview?|summary?|what is this file?|topic?]",
        "{x} - [what's that file for|what is in there|what is it about|what's its purpose|what does it cover]?",
        "{x}, [what's in there|what is that file about|what's that file for|what does this file hold|in one sentence]?",
        "[tl;dr|In brief|In short|In a nutshell|Briefly|Roughly|In plain words]: what [is in|does one find in|is] {x}?",
        "[In a sentence|In one line|In two sentences|In a few words|At a high level], what is {x} [about|for]?",
        (
            "[I'd like|I want|Let me have|Show me] [the gist|a rundown|a digest|a synopsis|a quick "
            "tour] of {x}[.|, please.]"
        ),
        "[Give me|Draft|Compose|Prepare|Produce|Provide] [an abstract|a blurb|a brief|a recap|a sketch] of {x}.",
        (
            "[Give me|I need|I only want|Just tell me] the [short version|big picture|highlights|key "
            "points|basics] of {x}."
        ),
        (
            "[Write|Draft|Suggest] [a module docstring|a README entry|a header comment|a one-liner] "
            "[for|that describes] {x}."
        ),
        (
            "[Fill me in|Brief me|Enlighten me|Bring me up to speed|Get me up to speed] on [|the file |the "
            "contents of ]{x}."
        ),
        "Introduce [me to |us to |][|the file ]{x}.",
        "[Make me familiar|Acquaint me|Familiarise me|Familiarize me] with {x}[.|, please.]",
        (
            "[Can|Could|Would] you [summarise|summarize|sum up|outline|sketch|describe] {x}[?| for me?| "
            "briefly?| in a few words?]"
        ),
        (
            "[Can|Could|Would] you [give me|write] [an overview|a rundown|a summary|the gist|a quick intro] "
            "of {x}[, please|]?"
        ),
        "[Please|Kindly] [summarise|summarize|describe|outline|explain] [|the file |the module |the contents of ]{x}.",
        "I'm new [here|to this project|to this repo]. What [is|is in|will I find in|can I expect in] {x}?",
        "I just opened {x}[. What|; what|, what] [is it about|is this file for|am I looking at|does it contain]?",
        "I [landed|ended up|find myself|am lost] in {x}[. What is this file?|; what is it for?|. What's it about?]",
        (
            "I [came across|stumbled upon|ran into|noticed|found] the file {x}[. What is it for?|, what's "
            "in it?|: its purpose?]"
        ),
        (
            "I'm [reviewing|reading|refactoring|cleaning up|splitting up] {x}. What is [it|the file] "
            "[about|for|there for]?"
        ),
        (
            "I'm about to [read|edit|refactor|delete|review|move] {x}[. What's in it?|; what is it for?|, "
            "what does it contain?]"
        ),
        "Before I [open|read|touch|edit|dive into] {x}: what [is it about|is in there|should I expect|does it hold]?",
        (
            "A [traceback|stack trace|log line|commit] [points to|mentions|names] {x}. What is [that "
            "file|this file] [for|about]?"
        ),
        "[For a code review|For the docs|For our wiki|For onboarding|For my notes] I need a summary of {x}.",
        (
            "[The diff|The PR|This change|My branch] touches {x}. What [is that file about|does that file "
            "do|is its purpose]?"
        ),
        (
            "I [never|haven't ever|have never] [looked into|opened|read|understood] {x}[. What's in it?|; "
            "what is it about?]"
        ),
        "I don't [get|understand|know] what {x} is [for|about|meant to be|supposed to hold|there for].",
        "I have no [idea|clue] what [is in|goes in|belongs in] {x}[.|, tell me.|; please summarise it.|. An overview?]",
        "I [wonder|was wondering|am curious] what [is in|one finds in|lives in|is kept in] {x}.",
        "I'd like to [know|learn|understand] what {x} [contains|is about|covers|deals with|is responsible for|offers].",
        "[Do you know|Any idea|Any clue|Do you have an idea] what {x} is [about|for|supposed to contain|meant for]?",
        "What [will|can|do|might] I find [in|inside|when I open|if I open] {x}?",
        "What [lives|resides|is kept|is stored|is housed|sits|is defined|is implemented|is collected|happens] in {x}?",
        "What [sort|kind] of [code|stuff|content|functionality|logic|material] [is|lives|sits|is kept] in {x}?",
        (
            "What [functionality|code|logic|features|tools|content] does {x} "
            "[offer|provide|contain|hold|bundle|implement]?"
        ),
        (
            "What does {x} [cover|deal with|take care of|handle|bundle|offer|bring|house|comprise|consist "
            "of|revolve around]?"
        ),
        (
            "What [things|definitions|stuff|classes and functions|pieces] does {x} "
            "[contain|define|hold|group together|export]?"
        ),
        "What [topic|subject|area|concern|problem|theme|aspect] does {x} [cover|address|treat|deal with|focus on]?",
        (
            "What is {x} [concerned with|responsible for|in charge of|dedicated to|devoted to|composed "
            "of|made of|made up of]?"
        ),
        "What [belongs|goes|fits|should go|is supposed to go] [in|into] {x}?",
        "What [did we|did they|do we|do they] [put|keep|have|collect|bundle|gather] in {x}?",
        "What [do we have|do we need|do people use|would one open] [|the file |the module ]{x} for?",
        "What's the [content|subject matter|topic|story|purpose|reason for being|main concern] of {x}?",
        "What's the [story|deal] with {x}[?| in a few words?|, what's in it?|, what is it for?]",
        "What are the [main parts|key pieces|contents|highlights|main points|ingredients|building blocks] of {x}?",
        "What are the [most important|main|key|central|chief] [things|definitions|parts|ideas] in {x}?",
        "[Which|What] [classes and functions|definitions|names|symbols] [are|live|sit|can be found] in {x}?",
        (
            "[Which|What] [classes and functions|definitions|symbols] does {x} "
            "[have|contain|offer|comprise|provide|export]?"
        ),
        "[Which|What] [purpose|role|function] does [|the file |the module |the source file ]{x} [serve|have|fulfil]?",
        "[Which|What] [task|job|responsibility|duty] [falls to|is left to|belongs to|is assigned to] {x}?",
        "[List|Enumerate|Name|Show|Go over|Run through] the [contents|main parts|definitions|key things] of {x}.",
        "[Tell me|Explain|Show me|Let me know|Say] what [is in|lives in|one finds in|is defined in] {x}[.|, please.]",
        (
            "[Tell me|Explain|Let me know|Say] what {x} [contains|is about|is for|covers|holds|brings "
            "together|deals with]."
        ),
        "[Tell me|Explain|Describe|Say] in [a sentence|one line|plain English|two sentences] what {x} is [about|for].",
        (
            "[Describe|Summarise|Explain|Sum up] {x} in [a sentence|one line|plain English|your own "
            "words|ten words|brief]."
        ),
        "[Describe|Explain|State|Tell me] the [purpose|role|contents|scope|topic|responsibility] of {x}[.|, please.]",
        (
            "[Describe|Explain|Summarise] {x} [to a newcomer|for a beginner|for a new colleague|as for the "
            "docs|like I'm five]."
        ),
        (
            "[Take|Have] a look at {x}[ and sum it up.|: what is it about?|. What's in it?| and describe "
            "it.|; what is it for?]"
        ),
        (
            "[Read|Skim|Scan|Look through|Go through] {x} [and sum it up|and tell me what it is about|for "
            "me and summarise it]."
        ),
        "[Why do we have|Why is there|What's the point of having|Why does the repo need] [a|the] file {x}?",
        "[Is there|Do you have|Can I get] [an overview|a short summary|a description|a quick overview] of {x}?",
        "Is {x} worth [reading|a look|opening]? What [is in it|is it about|is it for|does it contain]?",
        "Does {x} [have|contain|hold] anything [of interest|important|useful|worth knowing]? What's [in it|it about]?",
        "How would you [describe|summarise|summarize|characterise|sum up|outline] [|the file |the module ]{x}?",
        (
            "How [can|could|would] one [sum up|describe|outline|summarise] {x} [in a sentence|in one "
            "line|briefly|in short]?"
        ),
        "How does {x} fit [in|into the project|into the whole], [what is it for|what does it cover|what's in it]?",
        "[The file|The module|The source file] {x}: [what for?|what's in it?|what is it about?|contents?|purpose?]",
        "[This|That|The] [file|module|source file] {x}, [what is it about|what is it for|what's it good for]?",
        "[Overview|Summary|Synopsis|Gist|Outline|Short description|Quick summary] of {x}[.|, please.|?]",
        (
            "[A bird's-eye view|A high-level overview|A quick overview|A rough outline|An executive "
            "summary] of {x}[.|, please.]"
        ),
        "[purpose|contents|summary|description|role|topic] of [file|module] {x}",
        "[summarize|summarise|describe|explain|outline|sum up|recap] [file |module |this file: |]{x}",
        "what is [the file|the module|file|module|this:] {x} [for|about]",
        "[Quick|Short|One-line|Brief|High-level|Concise] [summary|description|overview] of {x}[?|, please.]",
        "[The elevator pitch|One tweet|A caption|A short intro|A one-line label] for {x}[?|, please.]",
        "[Which|What] [sentence|words|headline|title|one-liner] would [describe|sum up|fit|do for] {x}?",
        "If [you|I|one] had to [describe|summarise|sum up|explain] {x} in [a line|a sentence], what would it be?",
        "[Orient me|Give me some orientation|Give me some context]: what is {x} [about|for|there for|meant for]?",
        "[Hey|Hi|Hello|Sorry], what [is in|is the point of|is the purpose of|do we keep in] {x}?",
        (
            "[Someone|A colleague|The reviewer|My boss] [asked|asks] me what {x} is [for|about][.|; what do "
            "I say?|. What do I answer?]"
        ),
        "[What should|What must|What do] I know about {x}[?| before I read it?| before I edit it?| as a newcomer?]",
        "[What can|What could|What would] you [say|tell me|tell us] about {x}?",
        "[What's|What is] [going on|happening|to be found|to be seen|defined|implemented|gathered|bundled] in {x}?",
        "[What's|What is] the [main|primary|overall|general|central] [purpose|topic|job|responsibility|theme] of {x}?",
        "I [need|want|would like] to [understand|know|get|grasp] the [purpose|gist|contents|scope|role] of {x}.",
        "[Need|Want] [a summary|an overview|the gist|a short description|a quick rundown] of {x}[.|, thanks.]",
        "[Break|Cut] {x} down [for me|to its main points|to the essentials|into its main parts].",
        "Say [a bit|a word or two|a little|a sentence] about [|what's in |the contents of |the purpose of ]{x}.",
        "[Can|Could|Would|Will] you [tell|explain to|describe to] [me|us] what {x} [is for|contains|is about|holds]?",
        (
            "[What|Which] [kind|sort|type] of [code|functionality|stuff|logic] [is in|is found in|lives "
            "in|do we keep in] {x}?"
        ),
        (
            "[I|We] [need|want|would like] a [short|brief|quick|rough|terse|readable] "
            "[summary|rundown|recap|outline|description] of {x}."
        ),
        (
            "[Write|Make|Create|Compose|Draft|Show me|Send me] a [short|brief|concise|plain|rough|compact] "
            "[summary|description|synopsis|outline] [of|for] {x}."
        ),
        (
            "[When|Why] would [I|one|you|somebody|a newcomer] [open|read|look into|consult|visit] {x}[?|? "
            "What is in it?|? What is it for?]"
        ),
        (
            "[The tree|The repo|The diff|The package] [has|contains|lists] {x}[. What's that for?|; what is "
            "it about?|, what's in it?]"
        ),
        (
            "[In|Inside|Within] {x}, what [is there|lives|happens|do I find|does one find|can be found|is "
            "defined|is kept]?"
        ),
        (
            "[In|Inside|Within] {x} [there is|one finds|we keep|you will find|you can see] what, [in "
            "short|roughly|by and large]?"
        ),
        (
            "What [can|could|should|may] [I|we|one|a reader|a newcomer] [expect|find|look for|hope for] "
            "[in|inside|from] {x}?"
        ),
        (
            "[Which|What] [part|share|slice|side|bit] of the [project|system|program|code base] [is in|is "
            "covered by|lives in|is done in] {x}?"
        ),
        (
            "[How|In which words] [can|could|should|do|would] [I|we|you] [describe|introduce|present|sum "
            "up] {x} to [others|a newcomer|the team]?"
        ),
        (
            "[Summarise|Summarize|Sketch|Describe] [in short|briefly|roughly|for me] what [is in|is defined "
            "in|one finds in] {x}."
        ),
        (
            "[I'm|We're] [documenting|mapping|auditing|listing|exploring|learning] the "
            "[files|modules|repo]; what is {x} [for|about|there for]?"
        ),
        (
            "[After a first look|At first sight|All in all|On the whole|As a whole|By its "
            "contents|Broadly|Basically|Overall], what is {x} [for|about|there for|meant for]?"
        ),
        (
            "[Anything|What is there|Is there anything] [to know|worth knowing|to say|to note] about [the "
            "file|the module|the contents of|what's in] {x}?"
        ),
    ),
}
