"""Forms of the questions for the reason of a line, for that of a call, and for the difference of two definitions."""

from __future__ import annotations

FORMS: dict[str, tuple[str, ...]] = {
    "why": (
        (
            "[Why|why|Why exactly|Why on earth|So why] [does|would|must|should] {x} [bother with|include|carry|"
            "insist on|bother to do] `{c}`?"
        ),
        (
            "[Why|why|Why exactly] is `{c}` [in|inside|part of|present in|written in|found in] {x}[| at all| in "
            "the first place]?"
        ),
        "[Why|why] do we [have|keep|want|do|carry|require] `{c}` [in|inside|within] {x}[| at all| anyway]?",
        (
            "[Why|why] [did they|did someone|did the author|would anyone|would anybody|would one] [put|write|"
            "place|stick] `{c}` [in|into|inside] {x}?"
        ),
        "[How come|how come] {x} [has|does|contains|needs|includes|says] `{c}`[| in it]?",
        "[How come|Why] [there is|there's] `{c}` [in|inside] {x}[?| and what does it give us?]",
        "[Wherefore|What for|To what end|For which purpose|With what intention|On what grounds] `{c}` in {x}?",
        (
            "[To what end|For what purpose|On what grounds|With what aim|With what justification] does {x} [do|"
            "have|contain|run|include] `{c}`?"
        ),
        (
            "[What's|What is|whats] the [point|sense|use|benefit|merit|value|good|advantage] of `{c}` [in|inside|"
            "within] {x}?"
        ),
        (
            "[What's|What is|whats] the [idea|thinking|thought|logic|reasoning|story|intent|intention|"
            "motivation] behind `{c}` [in|inside] {x}?"
        ),
        (
            "[What's|What is|whats] the [justification|argument|excuse|grounds|case|need] for [|having |keeping "
            "]`{c}` in {x}?"
        ),
        "What [reason|cause|need|grounds] does {x} have [for `{c}`|to do `{c}`|to contain `{c}`]?",
        "[What's|What is] `{c}` doing [in|inside|in the middle of|in the body of] {x}[?|, why is it there?]",
        "What [role|part] does `{c}` play in {x}?",
        (
            "What [purpose|need|end|goal] does [`{c}`|the line `{c}`|the statement `{c}`] [serve|fulfil|fulfill|"
            "meet] in {x}?"
        ),
        (
            "What does [`{c}`|the line `{c}`|having `{c}`] [buy us|gain us|bring|achieve|accomplish|contribute|"
            "help with|do for us] in {x}?"
        ),
        "What do we [gain|win|get|achieve] [by|from|with] [|having ]`{c}` in {x}?",
        "What [made it necessary|drove someone|prompted someone|led somebody] to [write|put|add|include] `{c}` in {x}?",
        "What [motivates|justifies|explains|warrants|necessitates|calls for|demands] `{c}` in {x}?",
        (
            "What [problem|issue|case|situation|trouble|corner case|edge case] does `{c}` [solve|address|handle|"
            "take care of|cover] in {x}?"
        ),
        (
            "[Which|What] [bug|edge case|corner case|pitfall|problem|race|failure] is `{c}` [guarding against|"
            "there to avoid|meant to prevent|working around] in {x}?"
        ),
        (
            "What is [`{c}`|the line `{c}`] [protecting|guarding|protecting us from|guarding against|defending "
            "against] in {x}?"
        ),
        "What does `{c}` [prevent|avoid|guard against|protect against|make sure of|ensure|guarantee] in {x}?",
        (
            "What [breaks|would break|goes wrong|would go wrong|fails|blows up|stops working] [without|if I drop|"
            "if I delete|if we remove] `{c}` in {x}?"
        ),
        (
            "What [would happen|happens|changes|would be different] if [I remove|I delete|I comment out|we drop|"
            "we skip|someone takes out] `{c}` [from|in] {x}?"
        ),
        (
            "[If I|If we|Suppose I|Say I] [delete|remove|drop|comment out|strip|throw out|cut] `{c}` in {x}, "
            "[what breaks|what goes wrong|what do I lose|what is the harm]?"
        ),
        "Without `{c}`, what [would go wrong|would break|would be missing|would fail|would happen] in {x}?",
        "{x} without `{c}`: [what breaks?|what would go wrong?|what is lost?|would it still be right?|does it matter?]",
        (
            "Would {x} [still work|still be correct|break|misbehave|fail] [without `{c}`|if `{c}` were removed|"
            "if `{c}` was gone|minus `{c}`]?"
        ),
        (
            "[Can|Could|May|Should] [I|we] [remove|delete|drop|get rid of|throw away|cut|leave out|skip] `{c}` "
            "in {x}[?|, or is it needed?| or does something depend on it?]"
        ),
        (
            "[Could|Can|Might|Should] `{c}` [go away|be dropped|be removed|be deleted|disappear|be left out|be "
            "omitted] [in|from|inside] {x}[?| or is there a reason for it?]"
        ),
        (
            "[Is it safe|Is it ok|Is it fine|Would it be fine|Is it dangerous] to [remove|delete|drop|take out|"
            "comment out] `{c}` [in|from] {x}?"
        ),
        (
            "[Is|Isn't] `{c}` [dead weight|redundant|superfluous|a leftover|pointless|useless|dead code|overkill|"
            "unnecessary] in {x}[?|, or what is it there for?]"
        ),
        (
            "Is `{c}` in {x} [really|actually|truly|still|strictly] [needed|necessary|required|useful|"
            "justified][?|, and why?|, and what for?]"
        ),
        (
            "[Is there|Was there|Do you see] [a|a good|any|some|a particular|a special|a deeper] reason [for|"
            "behind] `{c}` in {x}?"
        ),
        (
            "[Is there|Was there] [a|a good|any|some] [motive|rationale|justification|explanation] [for|behind] "
            "`{c}` in {x}?"
        ),
        (
            "Is there [a|any] [comment|note|hint|remark|explanation] [on|that says|telling|about] why {x} [does|"
            "has|needs|contains] `{c}`?"
        ),
        (
            "Does [the comment|a comment|the code|anything|the source] [say|explain|tell|mention|justify] why "
            "`{c}` is in {x}?"
        ),
        (
            "Is `{c}` in {x} [a workaround|a hack|a safety net|an optimisation|a precaution|a fix|a guard] for "
            "something[?|, and for what?]"
        ),
        (
            "`{c}` in {x} [looks|seems|feels|appears] [odd|strange|weird|pointless|redundant|wrong|arbitrary|"
            "unneeded|fishy][. Why is it there?|, why?|: what is it for?|. What's the reason?|. Is it needed?]"
        ),
        (
            "`{c}` in {x}[: why?|: reason?|: what for?|: rationale?|: needed?|: is this needed?| - why?| - what "
            "for?|, but why?|... why?|: purpose of this line?]"
        ),
        "`{c}`: why [is that|is this|is it] [in|needed in|done in|necessary in|part of] {x}?",
        (
            "`{c}` [is there|was put|stands|sits|appears] in {x} [for what reason?|because of what?|to what end?|"
            "why?|for which purpose?]"
        ),
        "{x}[: why| - why|, why|: reason for|: purpose of|: rationale for|: need for|: explain] `{c}`?",
        (
            "{x} [has|contains|does|says|includes] `{c}`[, why?|, what for?|, for what reason?|. Why?|. What is "
            "that for?|. Why is that?|; why is it needed?]"
        ),
        (
            "{x} [has|contains|includes] the line `{c}`[ and I can't see why.| and I don't get why.|, what is "
            "the reason?|. What's its purpose?| - why is it there?]"
        ),
        "why `{c}` [in|inside|within] {x}",
        "[reason for|purpose of|rationale behind|motivation for|need for|meaning of the line|point of] `{c}` in {x}",
        "{x} [reason for|purpose of|why|rationale|why is there|why the] `{c}`",
        (
            "[Explain|Tell me|Clarify|Show me|Help me see|Help me understand|Enlighten me on|Spell out] why {x} "
            "[does|has|needs|contains|uses|includes] `{c}`."
        ),
        (
            "[Explain|Tell me|Clarify|State|Give|Name|Spell out] the [reason|rationale|motive|motivation|need|"
            "justification|grounds] for `{c}` in {x}."
        ),
        (
            "[Give me|I need|I want|I'd like|I am after|Looking for] [the|a] [reason|rationale|justification|"
            "explanation] [for|of] `{c}` in {x}[.|, please.]"
        ),
        "[Defend|Motivate|Rationalise|Justify the existence of|Account for|Shed light on] `{c}` in {x}[.|, please.]",
        (
            "[Can|Could|Would|Will] you [please |kindly |]explain why [`{c}` is in {x}|{x} contains `{c}`|`{c}` "
            "is needed in {x}|{x} has to do `{c}`]?"
        ),
        (
            "[Do you know|Any idea|Any clue|Any hint|Do you happen to know|Anyone know] why [`{c}` is in {x}|{x} "
            "has `{c}`|{x} does `{c}`|`{c}` is needed in {x}]?"
        ),
        (
            "[I wonder|I was wondering|I'm curious|I'd like to know|I want to understand|I would love to know] "
            "why [{x} does `{c}`|{x} has `{c}`|`{c}` is in {x}|`{c}` is necessary in {x}]."
        ),
        (
            "[I don't get|I do not see|I can't figure out|I fail to see|I don't understand|No idea|It's unclear "
            "to me|It is not obvious] why [`{c}` is in {x}|{x} does `{c}`|{x} needs `{c}`|{x} has to do `{c}`][.|"
            ", any explanation?|. Help?]"
        ),
        (
            "[I don't get|I do not see|I fail to see|I am missing|I don't understand] the [point of|reason for|"
            "purpose of|sense of|need for|use of] `{c}` in {x}[.|, can you explain?|. Help?]"
        ),
        (
            "[I'm puzzled by|I'm confused by|I'm baffled by|I tripped over|I'm stuck on|I stumbled on|I came "
            "across|I keep staring at] `{c}` in {x}[. Why is it there?|: why?|, what is it for?|. What's the "
            "reason?|. Is it needed?]"
        ),
        (
            "[I'm debugging|I am reading|I'm reviewing|I'm refactoring|I'm porting|I'm cleaning up|I'm "
            "simplifying|I am rewriting] {x}[ and|, and] [wonder why it has|don't know why it does|can't tell "
            "why it needs|do not see the reason for] `{c}`."
        ),
        (
            "[While|When] [reading|reviewing|debugging|refactoring|porting|studying|stepping through] {x} I [saw|"
            "noticed|found|came across|hit|ran into] `{c}`[. Why is it there?|: why?|. What is the reason?|, "
            "what's it for?|. Is that needed?]"
        ),
        (
            "[In|Inside|Within|Looking at|Regarding|About|Concerning] {x}[:|,] [why `{c}`?|why is there `{c}`?|"
            "what is the reason for `{c}`?|what's `{c}` for?|why do we do `{c}`?|what justifies `{c}`?]"
        ),
        (
            "[In|Inside|Within] {x}, [what is the line `{c}` good for|what does the line `{c}` guard against|"
            "what is `{c}` supposed to achieve|why bother with `{c}`]?"
        ),
        (
            "[About|Regarding|Concerning|As for|On the subject of] `{c}` in {x}[: what is the reason?|: why is "
            "it there?|: why?|, what is the idea?|, is it needed?|: what's the thinking?]"
        ),
        (
            "[The line|The statement|The code|The bit|The piece] `{c}` in {x}[: why?|, what is it for?| - why is "
            "it there?|, is there a reason?|: what's the motivation?| is needed why?| exists for what reason?]"
        ),
        (
            "[The line|The statement|This line] `{c}` [is in|belongs to|sits in|appears in] {x}[. Why?|. What "
            "for?|. Why did they need it?|. What does it prevent?|. What would break without it?]"
        ),
        (
            "[We|You|They] [have|put|wrote] `{c}` in {x}[. Why?|. Reason?|, why?|. What was the thinking?|, but "
            "what for?|. For what?]"
        ),
        (
            "[Somebody|Someone|The author] [wrote|added|put|left|inserted] `{c}` [in|inside] {x}[, for what "
            "reason?|. Why?|. What's the reason?|, what problem does it solve?|. To what end?]"
        ),
        (
            "[There's|There is|I see|I noticed|I spotted|You can see] [this|that|a] [line|statement|bit of code] "
            "[in|inside] {x}: `{c}`. [Why?|What is it for?|What's the reason?|Is it needed?|What does it guard "
            "against?|Why is it there?]"
        ),
        (
            "[I want|I'd like|I am about|I plan|I'm tempted] to [remove|delete|drop|cut] `{c}` [from|in] {x}[. "
            "Why is it there?|: any reason not to?|, is there a reason to keep it?|. What would break?|; what is "
            "it for?]"
        ),
        (
            "[Before I|Before we] [remove|delete|drop|change|touch] `{c}` in {x}[: why is it there?|, what is it "
            "there for?|: what depends on it?|, what was the reason for it?|: is it important?]"
        ),
        (
            "[I thought|I'd have thought|I was sure|I assumed] {x} [could do|would work|could live|would get by] "
            "without `{c}`[. Why is it there?|, why is it needed?|, so why have it?|. What for?]"
        ),
        (
            "[How|In what way|In which cases|When] is `{c}` [justified|needed|helpful|necessary|of use|"
            "important] in {x}[?|, and why?]"
        ),
        (
            "How [important|essential|necessary|critical|vital] is `{c}` [in|for|to] {x}[?|, and why?| and what "
            "would break without it?]"
        ),
        "[How would|How do|How can] [you|we|one] [justify|explain|motivate|defend|account for] `{c}` in {x}?",
        "[Seeing that|Given that] {x} [does|has|contains] `{c}`, what is the [reason|rationale|motivation|purpose]?",
        (
            "`{c}` - [what's that for|what is that good for|why do we need that|why is that there|what's the "
            "deal with that] in {x}?"
        ),
        "[What's|What is|whats] [the deal|the story|up] with `{c}` in {x}?",
        (
            "What was [the author|the developer|the programmer|somebody] [thinking|after|trying to achieve|"
            "trying to avoid] with `{c}` in {x}?"
        ),
        "[What was|What is] [intended|meant|wanted|hoped for|the intention] [with|by] `{c}` in {x}?",
        "[Why care about|Why fuss over|Why worry about] `{c}` in {x}[?|, what is it for?|: why is it there?]",
        "[wtf is|what the heck is|what the hell is] `{c}` [doing in|for in|good for in] {x}?",
        (
            "[Seriously|Honestly|Hm|Huh|Wait|Hmm|Okay], why [does {x} do `{c}`|is `{c}` in {x}|does {x} need "
            "`{c}`|is there `{c}` in {x}]?"
        ),
        (
            "[Sorry if this is obvious|Newbie question|Noob question|Dumb question|Probably trivial|Just "
            "curious][: |, but ]why [does {x} do `{c}`|is `{c}` in {x}|do we need `{c}` in {x}]?"
        ),
        (
            "[Chesterton's fence|Legacy question|Archaeology]: why [is `{c}` in {x}|does {x} have `{c}`|was "
            "`{c}` put in {x}]?"
        ),
        "[Whats|What's] [so important|so special|the big deal] about `{c}` in {x}[?| that we keep it?]",
        (
            "The [reason|rationale|motivation|explanation|purpose|justification] [for|of|behind] `{c}` in {x} "
            "[is|would be|might be] what?"
        ),
        (
            "[It says|It reads|The source says|The code says] `{c}` in {x}[. Why?|, why?|, what is the reason?|: "
            "what for?|. What's the intent?]"
        ),
        "Does {x} [have to|need to|really have to] do `{c}`[?|, and for what reason?|, and why?]",
        (
            "[Because of what|Owing to what|Due to what|Thanks to what] [is `{c}` needed in {x}|must {x} do "
            "`{c}`|does {x} contain `{c}`]?"
        ),
        (
            "[Why not|Why don't we|Why can't we|Why shouldn't I] [just |simply |][drop|delete|leave out|get rid "
            "of|omit] `{c}` in {x}?"
        ),
        (
            "Does {x} [really|actually|truly|genuinely|strictly] need `{c}`[?|, and why?|, and what for?|, or is "
            "that a leftover?]"
        ),
        "Do you know [if|whether] {x} [really|actually|truly] needs `{c}`[?|, and why?|, and what for?]",
        (
            "[Can|Could] [you|anyone|someone|somebody] [tell me|clarify|point out|name] [the point of|the reason "
            "for|the intent of|the purpose of] `{c}` in {x}[?|, please?]"
        ),
        (
            "[For a code review|Code review question|For the review|Review comment|Onboarding question|A "
            "question for the docs|For my notes]: why [does {x} have `{c}`|does {x} do `{c}`|do we need `{c}` in "
            "{x}|is there `{c}` in {x}]?"
        ),
        (
            "[A colleague|My teammate|The reviewer|Someone|My boss|A student of mine] [asked me|asks|asked|wants "
            "to know] why {x} [has|does|needs|contains] `{c}`."
        ),
        (
            "[Is|Was] `{c}` in {x} [intentional|deliberate|on purpose|an accident|a mistake|historical|a relic|"
            "cargo cult|legacy][?|, and what is the reason?|, and why is it there?]"
        ),
        (
            "Does `{c}` [earn its keep|pull its weight|matter|have a purpose|serve a purpose|do anything useful|"
            "make a difference] in {x}[?|, and what for?| or can it go?]"
        ),
        (
            "Is `{c}` [load-bearing|essential|crucial|obsolete|vestigial|there for a reason|just noise|just "
            "boilerplate|there for safety] in {x}[?|, and why?]"
        ),
        (
            "[What's|What is] the [raison d'etre|rationale|necessity|significance|importance|aim|goal|objective|"
            "benefit] of `{c}` in {x}?"
        ),
        (
            "[Nothing seems to need|I see no use for|I can find no reason for|At first sight there is no need "
            "for] `{c}` in {x}[. Why is it there?|, so why keep it?|. What am I missing?|: what is it for?]"
        ),
        (
            "[What would be the harm|What's the risk|What's the danger|What are the consequences|What is the "
            "downside] of [dropping|removing|leaving out|deleting|skipping] `{c}` in {x}?"
        ),
        (
            "[Removing|Deleting|Dropping|Commenting out|Leaving out] `{c}` in {x}[: what breaks?|, any harm?|: "
            "what would go wrong?|, is that safe?|: what are the consequences?]"
        ),
        (
            "[Why|why] [is it that|is it necessary that|is it important that|must it be that] {x} [does|has|"
            "contains] `{c}`?"
        ),
        (
            "[What led to|What's the background of|What's the backstory of|What is the cause of|What called for] "
            "`{c}` [in|being in] {x}?"
        ),
        "[Why|why] does the [author|code|body|implementation] of {x} [do|have|need|contain|bother with] `{c}`?",
        "[Why|why] [the|that|this] `{c}` [in|inside|in the middle of] {x}?",
        "[What|Which] [consideration|thought|concern|requirement|constraint|need] is behind `{c}` in {x}?",
        (
            "[What|Which] [invariant|assumption|condition|guarantee] does `{c}` [keep|uphold|establish|protect|"
            "enforce] in {x}[?|, or why else is it there?]"
        ),
    ),
    "reason": (
        (
            "[Why|why|Why exactly|So why|But why] is `{c}` [called|used|invoked|relied on|run|employed|involved|"
            "wanted] [in|inside|within|by] {x}?"
        ),
        (
            "[Why|why|Why exactly|Why on earth] does {x} [depend on|resort to|turn to|reach for|"
            "bother with|make use of|delegate to|fall back on|go via] `{c}`?"
        ),
        (
            "[Why|why] [must|should|would|does] {x} [call|use|invoke|run|rely on|involve|employ] `{c}`[| at all| "
            "in the first place| here]?"
        ),
        "[Why|why] do we [call|use|want|invoke|rely on|go through] `{c}` [in|inside|within] {x}[| at all]?",
        "[How come|how come] {x} [calls|uses|needs|invokes|relies on|depends on|goes through] `{c}`?",
        (
            "[To what end|For what purpose|On what grounds|With what aim|With what intention] [does {x} call|"
            "does {x} use|does {x} invoke|does {x} rely on] `{c}`?"
        ),
        (
            "[What's|What is|whats] the [point of|purpose of|benefit of|sense of|idea behind|logic behind|"
            "thinking behind|intent of] [calling|using|invoking|the call to|going through] `{c}` [in|inside|"
            "within] {x}?"
        ),
        (
            "[What's|What is|whats] the [reason|rationale|motivation|justification|need|case] for [calling|using|"
            "invoking|the call to|the use of|relying on] `{c}` [in|inside|within] {x}?"
        ),
        "What [forces|causes|leads|drives|pushes|compels|prompts] {x} to [call|use|rely on|invoke|go through] `{c}`?",
        (
            "What [does|would] [calling|using|the call to|a call of|going through] `{c}` [buy us|gain us|bring|"
            "achieve|accomplish|do for us|help with] [in|inside|within] {x}?"
        ),
        "What [reason|need|cause|grounds] does {x} have to [call|use|invoke|run|rely on|go through] `{c}`?",
        "What [does|would] {x} [need|use|want|require|call|invoke] `{c}` for[?| anyway?| exactly?]",
        "What for does {x} [call|use|need|invoke] `{c}`?",
        (
            "What would [break|go wrong|fail|be lost|be different] if {x} [did not call|never called|stopped "
            "calling|no longer used|skipped] `{c}`?"
        ),
        (
            "[Could|Can] {x} [do without|get by without|live without|avoid|skip|dispense with] [`{c}`|the call "
            "to `{c}`|calling `{c}`][?|, or why is it needed?]"
        ),
        (
            "[Is|Isn't] the call [to|of] `{c}` in {x} [redundant|superfluous|dead weight|pointless|necessary|"
            "needed|really needed|overkill][?|, and why?|, or what is it for?]"
        ),
        (
            "[Can|Could|Should] [I|we] [drop|remove|delete|leave out|skip] the call [to|of] `{c}` in {x}[?|, or "
            "is there a reason for it?]"
        ),
        "Does {x} [really|actually|truly] [need|have] to [call|use|invoke|rely on] `{c}`[?|, and why?]",
        (
            "[Is there|Was there|Do you see] [a|any|a good|some|a particular] reason [why|that|for which] {x} "
            "[calls|uses|invokes|relies on|needs] `{c}`?"
        ),
        (
            "[Why|why|So why|But why] `{c}` [and not something else|of all things|rather than anything else|in "
            "particular] in {x}?"
        ),
        (
            "[Why|why] did [they|someone|the author|the developers] [choose|pick|prefer|go for|opt for|settle on|"
            "use] `{c}` [in|inside|within] {x}?"
        ),
        (
            "[Why|why] was `{c}` [picked|selected|preferred|used|favoured|the choice] in {x}[?| over other ways?|"
            " rather than something else?]"
        ),
        (
            "Is there [a|any] [comment|note|hint|remark|explanation] [on|about|telling|that says] why {x} [calls|"
            "uses|needs|relies on] `{c}`?"
        ),
        (
            "[Explain|Tell me|Clarify|Help me understand|Spell out|Justify] why {x} [calls|uses|needs|invokes|"
            "relies on|depends on] `{c}`."
        ),
        (
            "[Explain|Justify|Motivate|Defend|Give the reason for|Account for] the [call to|call of|use of|"
            "reliance on] `{c}` [in|inside|within] {x}."
        ),
        (
            "[Can|Could|Would] you [please |]explain why [{x} calls `{c}`|`{c}` is called in {x}|{x} relies on "
            "`{c}`|{x} uses `{c}`]?"
        ),
        (
            "[Do you know|Any idea|Any clue|Anyone know] why {x} [calls|uses|needs|invokes|goes through|relies "
            "on|depends on] `{c}`?"
        ),
        (
            "[I wonder|I was wondering|I'm curious|I'd like to know|I want to understand|I'd love to know] why "
            "{x} [calls|uses|needs|invokes|relies on] `{c}`."
        ),
        (
            "[I don't get|I do not see|I can't figure out|I fail to see|No idea|I don't understand|It's not "
            "clear to me|I can't tell] why {x} [calls|uses|needs|has to call|relies on] `{c}`."
        ),
        (
            "{x} [calls|uses|invokes|relies on|depends on|makes use of|goes through|resorts to] `{c}`[, why?|. "
            "Why?|, what for?|, for what reason?|. What's the reason?|: reason?|. To what end?]"
        ),
        "{x}[: why|, why| - why] [call|use|invoke|rely on|bother with] `{c}`?",
        "{x}: [reason for calling|purpose of calling|why the call to|rationale for using|need for] `{c}`?",
        (
            "`{c}` in {x}[: why is it called?|: why is it used?|, why rely on it?| - why use it?|: reason for "
            "the call?|, what is it needed for?|: why this one?]"
        ),
        (
            "`{c}` is [called|used|invoked|relied on] in {x}[, why?|. Why?|. For what reason?|, to what end?|. "
            "What's the point?]"
        ),
        (
            "[why call|why use|why bother with|why rely on|rationale for using|reason for calling|purpose of "
            "calling|why invoke|motivation for using] `{c}` in {x}"
        ),
        (
            "[I'm debugging|I am reading|I'm reviewing|I'm refactoring|I'm porting|I'm looking at] {x}[: why "
            "does it call|. Why does it use|, and wonder why it calls|, why does it rely on] `{c}`?"
        ),
        (
            "[While|When] [reading|reviewing|debugging|refactoring|porting] {x} I [saw|noticed|found|came "
            "across] a call [to|of] `{c}`[. Why?|: why?|, what is it for?|. What's the reason?|. Is it needed?]"
        ),
        "[In|Inside|Within|Regarding|About] {x}[:|,] why [call|use|invoke|rely on|bother with] `{c}`?",
        (
            "[In|Inside|Within] {x} there is a call [to|of] `{c}`[. Why?|, why?|, what for?|. What's the reason?|"
            ". What is the need for it?]"
        ),
        (
            "[For a code review|Review question|For my notes|Just curious|Newbie question|Onboarding question|"
            "Sorry if this is obvious]: why does {x} [call|use|need|invoke|rely on] `{c}`?"
        ),
        (
            "[The call to|The call of|The use of|The dependence on] `{c}` in {x}[: why?|, what is it for?|: "
            "reason?| - why is it there?|, is it justified?|: rationale?]"
        ),
        "[What's|What is] `{c}` [needed for|called for|used for|good for|doing] in {x}?",
        "What [motivates|justifies|explains|warrants|necessitates] the [call to|use of|reliance on] `{c}` in {x}?",
        "What [role|part] does the call [to|of] `{c}` play in {x}[?|, why is it made?]",
        "[Because of what|Due to what] does {x} [call|use|need|depend on|rely on] `{c}`?",
        (
            "[A colleague|My teammate|The reviewer|Someone|A student of mine] [asked|asks|wants to know] why {x} "
            "[calls|uses|relies on|needs] `{c}`."
        ),
        (
            "The [reason|rationale|motivation|justification|explanation] for [calling|using|relying on|invoking] "
            "`{c}` in {x} [is|would be] what?"
        ),
        (
            "[What|Which] [problem|issue|need|case|difficulty] does [calling|using|the call to|relying on] `{c}` "
            "[solve|address|take care of] in {x}?"
        ),
        (
            "[Is|Was] the [call to|use of|reliance on] `{c}` [in|inside|within] {x} [intentional|deliberate|on "
            "purpose|historical|a mistake][?|, and what is the reason?|, and why?]"
        ),
        (
            "Without [calling|a call to|the call to|using] `{c}`, what would [go wrong|break|be missing|happen|"
            "fail] [in|inside|within] {x}?"
        ),
        (
            "[I would have expected|I expected|I'd expect] {x} [to do|to get by|to work] without `{c}`[. Why is "
            "it called?|, so why use it?|. What is it needed for?]"
        ),
        (
            "[I'm surprised|It is odd|It's strange|It puzzles me|It surprises me] that {x} [calls|uses|needs|"
            "relies on|invokes] `{c}`[. Why?|, why is that?|. What's the reason?|: what for?]"
        ),
        (
            "[Explain|Tell me|Clarify|State|Spell out] [the reason for|the motive for|the need for|the point of|"
            "the thinking behind] the call [to|of] `{c}` in {x}."
        ),
        (
            "[Is|Isn't] there a way for {x} [to do without|to avoid|not to call|not to rely on|to get by "
            "without] `{c}`[?|, or why is it called?]"
        ),
        (
            "[What's|What is|whats] [the deal|the story|up] with [the call to|calling|the use of] `{c}` in {x}[?|"
            ", why is it there?]"
        ),
        (
            "[I'm tempted|I'd like|I plan|I want] to [remove|drop|delete|cut] the call [to|of] `{c}` in {x}[. "
            "Why is it there?|: what is it for?|, is there a reason to keep it?|. What would break?]"
        ),
    ),
    "difference": (
        (
            "[What's|what's|whats|What is|what is] the [distinction|contrast|discrepancy|divergence|delta|gap|"
            "main difference|key difference|real difference|exact difference] between {x} and {y}?"
        ),
        (
            "[What's|Whats|What is|Where is|Where lies|Wherein lies] the difference [between|of] {x} and {y}[?| "
            "exactly?| in practice?| in short?]"
        ),
        (
            "[What|Which] differences [are there|exist|do you see|can I expect|should I know of|are important] "
            "between {x} and {y}?"
        ),
        (
            "[Is|Isn't] there [a|any|some|a real|a practical|a meaningful|an actual] difference between {x} and "
            "{y}[?|, and what is it?|, and which?]"
        ),
        "[What|Which] [difference|distinction|contrast] is there between {x} and {y}?",
        "What [distinguishes|separates|differentiates|divides|discriminates] {x} from {y}?",
        "What [keeps|tells] {x} apart from {y}?",
        "What [sets|tells|keeps] {x} and {y} apart?",
        "[How|By what|On what basis] do [I|we|you] [tell|keep] {x} and {y} apart?",
        (
            "[How|In what way|In which way|In what respect|In which respects|In what|To what extent] [does|would|"
            "might] {x} differ from {y}?"
        ),
        (
            "[How|In what way|In which way|In what respect|To what extent] is {x} [unlike|distinct from|"
            "different to|dissimilar to|distinguishable from] {y}?"
        ),
        (
            "[How|In which way|Where|At what point] do {x} and {y} [diverge|part ways|deviate|disagree|split|"
            "depart from each other]?"
        ),
        "[How|Where] does {x} [deviate from|depart from|diverge from|part from] {y}?",
        (
            "[How|In what way] does {x} [compare to|compare with|stack up against|measure up against|relate to|"
            "line up with|hold up against] {y}?"
        ),
        (
            "[How|In what way] [is|are] {x} and {y} [different|distinct|unlike|dissimilar|not the same|"
            "distinguishable][?| from each other?]"
        ),
        (
            "[How|In what way] are {x} and {y} [related|connected|alike and unlike|similar, and how different|"
            "similar and different]?"
        ),
        (
            "[Are|Aren't] {x} and {y} [the same|identical|equivalent|interchangeable|synonyms|duplicates|equal|"
            "alike|the same thing][?|, or how do they differ?|, or what differs?| or not?]"
        ),
        (
            "[Is|Isn't] {x} [the same as|identical to|equivalent to|just another name for|a duplicate of|a copy "
            "of|an alias of|interchangeable with] {y}[?|, or how do they differ?|, or what is different?]"
        ),
        (
            "[Do|Don't] {x} and {y} [do the same|do the same thing|overlap|duplicate each other|serve the same "
            "purpose|have the same job][?|, or how do they differ?|, or what's different?]"
        ),
        (
            "Does {x} [do the same as|do the same thing as|behave like|act like|work the same as] {y}[?|, or how "
            "do they differ?|, or not?]"
        ),
        "[Does|Doesn't] {x} differ [|much |a lot |significantly |at all ]from {y}[?|, and how?|, and in what?]",
        (
            "[Can] {x} and {y} [stand in for each other|replace each other|be swapped|trade places|be used "
            "interchangeably][?|, or what differs?]"
        ),
        "[Can|Could|May|Should] I [swap|replace|exchange] {x} with {y}[?|, or do they differ?|, or what would change?]",
        (
            "[Can|Could] I use {x} [in place of|instead of|rather than] {y}[?|, or do they differ?|, or what "
            "would be different?]"
        ),
        (
            "What [changes|would change|happens differently|is different|do I gain or lose] [if|when] I [use|"
            "take|pick|choose] {x} [instead of|rather than|in place of] {y}?"
        ),
        (
            "What [do I gain|do I lose|do I get|would I miss|changes] by [using|taking|picking|choosing] {x} "
            "[over|instead of|rather than] {y}?"
        ),
        "What does {x} [have|offer|do|provide|give me|add] that {y} [does not|doesn't]?",
        "What can {x} do [that|which] {y} [can't|cannot|can not]?",
        "What does {x} [add to|have over|do beyond|bring on top of|do differently from|do in addition to] {y}?",
        "What does {y} lack [that|which] {x} [has|offers|provides]?",
        (
            "What is [special|different|particular|unique|distinctive|new] about {x} [compared to|compared with|"
            "in contrast to|as opposed to|relative to|versus] {y}?"
        ),
        "What do {x} and {y} [have in common|share], and [where|how|in what] do they [differ|diverge]?",
        (
            "[List|Name|Show me|Give me|Enumerate] the [differences|distinctions|contrasts|dissimilarities|"
            "similarities and differences] [between|of] {x} and {y}."
        ),
        (
            "[What are|Which are] the [main|key|important|essential|practical|visible|subtle|relevant|notable|basic] "
            "differences between {x} and {y}?"
        ),
        (
            "What are the [pros and cons|strengths and weaknesses|advantages and drawbacks|tradeoffs|trade-offs] "
            "of {x} [versus|vs|compared to|against] {y}?"
        ),
        (
            "When [should I|do I|would I|must I|would you|do people] [use|prefer|pick|choose|reach for|take|go "
            "with|favour|favor] {x} [over|instead of|rather than] {y}?"
        ),
        (
            "When is {x} [the better choice than|better than|preferable to|more suitable than|more appropriate "
            "than|the right choice over] {y}?"
        ),
        (
            "[When|In which case|In which situation|Under what circumstances] is {x} [right|the one to use|"
            "appropriate|the better pick], and when {y}?"
        ),
        (
            "[Why|When|For what reason] would [I|one|anyone|somebody|you] [use|choose|take|pick|prefer] {x} "
            "[over|instead of|rather than] {y}?"
        ),
        (
            "Why [are there|do we have|do we need|does the code have|keep] both {x} and {y}[?|, what differs?|: "
            "how do they differ?|: what is the difference?]"
        ),
        (
            "Why [have|keep|offer|bother with|maintain] {x} when [there is|there's|we have|we already have] "
            "{y}[?|: what is different?|, how do they differ?]"
        ),
        (
            "[Which|Which one] [should I|do I|would you|must I] [use|choose|take|pick|prefer|go with], {x} or "
            "{y}[?|, and how do they differ?]"
        ),
        (
            "[Which|Which one] is [better|right|more general|more suitable|the more specific|the simpler]: {x} "
            "or {y}[?|, and why?| and what differs?]"
        ),
        (
            "Which of {x} and {y} [does what|is for what|do I want|should I use|is meant for which case|suits "
            "which case|is used when]?"
        ),
        (
            "[Should I|Do I|Must I|Shall I|Would you] [use|choose|take|pick|go with|go for] {x} or {y}[?|, and "
            "what differs?|: how do they differ?]"
        ),
        "[Contrast|Juxtapose|Weigh up|Put side by side|Compare] {x} and {y}[.| for me.| briefly.| please.|, please.]",
        "[Compare|Contrast] {x} [to|against|with] {y}[.| for me.| briefly.| please.| in a few words.]",
        "[Differentiate|Distinguish|Discriminate|Tell me how to choose] between {x} and {y}[.| for me.| please.]",
        (
            "[Set|Hold|Put|Lay|Place] {x} [against|next to|beside|side by side with] {y}[: what differs?|: what "
            "is different?|, how do they differ?|, what changes?]"
        ),
        (
            "[Explain|Tell me|Show me|Describe|Outline|Summarise|Clarify|Spell out|Point out] how {x} [differs "
            "from|is different from|compares to|compares with|deviates from|is unlike|relates to] {y}[.|, "
            "please.]"
        ),
        (
            "[Explain|Clarify|Outline|Spell out|Point out|Highlight|Summarise] [the difference|the differences|"
            "the distinction|the contrast|what differs] between {x} and {y}[.|, please.| in short.]"
        ),
        (
            "[Explain|Tell me|Show me|Say|Clarify] what [distinguishes|separates|differentiates] {x} from {y}[.|"
            ", please.| in one sentence.]"
        ),
        (
            "[Give me|I need|I want|Write|Make] [a comparison|a side by side comparison|a short comparison|a "
            "quick comparison|a side-by-side] of {x} and {y}[.|, please.]"
        ),
        (
            "[Help me|Please help me] [decide|choose|pick|choose wisely] between {x} and {y}[.|: how do they "
            "differ?|, what sets them apart?]"
        ),
        "[Help me|Teach me to|I need to] [tell|keep] {x} and {y} apart.",
        (
            "[Help me|Please help me] [understand|see|grasp|get] [how {x} differs from {y}|the difference "
            "between {x} and {y}|why there is both {x} and {y}|what sets {x} apart from {y}]."
        ),
        "[Diff|Do a diff of|Show a diff in behaviour of] {x} and {y}.",
        (
            "[Can|Could|Would] you [please |kindly |]explain [how {x} differs from {y}|the difference between "
            "{x} and {y}|what sets {x} apart from {y}|what separates {x} from {y}]?"
        ),
        "[Can|Could|Would] you [please |kindly |][compare|contrast] {x} [with|and] {y}[?| for me?| please?]",
        (
            "[Can|Could] [someone|anyone|somebody|you] [tell me|clarify|say] [how {x} and {y} differ|the "
            "difference between {x} and {y}|when to use {x} and when {y}]?"
        ),
        (
            "[Do you know|Any idea|Any clue|Do you happen to know|Anyone know] [how {x} differs from {y}|how {x} "
            "and {y} differ|what the difference between {x} and {y} is|what separates {x} from {y}]?"
        ),
        (
            "[I wonder|I was wondering|I'm curious|I'd like to know|I want to know|I have to know|I need to "
            "know] [how {x} differs from {y}|how {x} and {y} differ|what sets {x} apart from {y}|whether {x} and "
            "{y} are the same]."
        ),
        (
            "I [confuse|mix up|keep mixing up|keep confusing|always confuse|can't tell apart|cannot tell apart|"
            "can never tell apart] {x} and {y}[.|. How do they differ?|, what's the difference?|: which is "
            "which?|, help.]"
        ),
        (
            "[I don't get|I don't understand|I do not see|I fail to see|I can't see|I'm unsure about] the "
            "difference between {x} and {y}[.|, can you explain?|. Help?]"
        ),
        (
            "I [don't get|don't understand|can't figure out|do not see|am not sure] [how {x} differs from {y}|"
            "how {x} and {y} differ|when to use {x} and when {y}]."
        ),
        (
            "I [found|see|have found|came across|stumbled over|noticed|ran into] [both |]{x} and {y}[. How do "
            "they differ?|, what's the difference?|: which is which?|. Are they the same?|, which one do I want?|"
            ": when which?]"
        ),
        (
            "I'm [torn|hesitating|deciding|choosing|undecided] between {x} and {y}[: how do they differ?|, "
            "what's the difference?|. Which is for what?|; what distinguishes them?|, which one fits when?]"
        ),
        (
            "I [already |currently |]use {x}[. What would {y} do differently?|: how is {y} different?|, should I "
            "switch to {y}, and what changes?|. How does {y} compare?|: what would change with {y}?]"
        ),
        (
            "I [know|get|understand|have read] {x}[, but how is {y} different?|; what does {y} do differently?|, "
            "now how does {y} differ from it?|: in what does {y} differ?]"
        ),
        (
            "[I need to|I have to|I must|I want to] [choose|decide|pick] between {x} and {y}[.|: how do they "
            "differ?|, what differs?|. Which one when?|; how do they compare?]"
        ),
        (
            "[There is|There's|We have|The code has|The repo has] {x} and [there is |also |]{y}[: what differs?|"
            ", how do they differ?|. What's the difference?|, which one is for what?|. Why both?|; when do I use "
            "which?]"
        ),
        (
            "[There is|There's|We have] {x}, [so why also|so what is the need for|so what's different in|so what "
            "is new in] {y}?"
        ),
        (
            "{x} and {y} [look|seem|sound|appear|feel] [similar|alike|the same|identical|much the same|"
            "interchangeable] to me[.|, what's the difference?|. How do they differ?|: what differs?|. Are they?|"
            ", what am I missing?]"
        ),
        "{x} [vs|vs.|versus|against|compared to|compared with|as opposed to|in contrast to|or] {y}?",
        (
            "{x} [vs|versus|compared to|against] {y}[: difference?|: differences?|: what differs?|: which one "
            "when?|, what is different?| - how do they differ?| - which one?|: pros and cons?]"
        ),
        "{x} [vs|versus|and] {y} [difference|differences|comparison|compared|distinction]",
        "[difference|differences|distinction|comparison] [between |of ]{x} and {y}",
        (
            "[Difference|Differences|Distinction|Contrast] between {x} and {y}[?|, please.|, in short?|, anyone?|"
            ", briefly?]"
        ),
        (
            "{x} and {y}[: same thing?|: what differs?|: the difference?|, same or different?|: same or not?| - "
            "what's the difference?| - how do they differ?|: which is which?|: how do they compare?|: compare "
            "them.]"
        ),
        (
            "{x} [or|or rather] {y}[?|: which one?|, which one when?|: what would you pick and why?|, which one "
            "do I need?|: what decides?]"
        ),
        (
            "{x}, {y}[: what's the difference?|: how do they differ?| - what sets them apart?|: compare.|: same "
            "or different?|: which one for what?]"
        ),
        (
            "{x}[: how is it different from|, how does it differ from|: how does it compare to|, what sets it "
            "apart from|: in what way is it unlike] {y}?"
        ),
        (
            "{x} [differs from|is different from|is distinct from|deviates from|is unlike] {y} [how?|in what?|in "
            "which way?|in what respect?]"
        ),
        "{x} [is not the same as|isn't the same as] {y}, [right?|or is it?|so what differs?|how so?]",
        (
            "Everything {x} does, {y} [does too|seems to do too|seems to do as well][, or what differs?|. "
            "What's different?|, or not?]"
        ),
        (
            "[For a code review|For the docs|For my notes|Quick one|Interview question|Newbie question|"
            "Onboarding question]: [how do {x} and {y} differ|how does {x} differ from {y}|what's the difference "
            "between {x} and {y}|what separates {x} from {y}]?"
        ),
        (
            "[While refactoring|While reading the code|During a review|When debugging|While porting this] I "
            "[found|saw|noticed|hit] {x} and {y}[. How do they differ?|, what's the difference?|. Are they "
            "duplicates?|: could they be merged?|. What sets them apart?]"
        ),
        (
            "[I'm thinking of|I am considering|We are considering|I'm thinking about] [merging|unifying|folding "
            "together|combining] {x} and {y}[. How do they differ?|: what differs?|, what differences are there?|"
            ". What sets them apart?]"
        ),
        (
            "[I'm|I am] [migrating|switching|moving|porting code] from {x} to {y}[. What is different?|: what "
            "changes?|, what differs?|. What should I know of the differences?|; how do they compare?]"
        ),
        (
            "[Could|Can|Should|Might] {x} and {y} be [merged|unified|folded into one|combined|made one][, or how "
            "do they differ?|, or do they differ?|, or are they too different?|, or what keeps them apart?]"
        ),
        (
            "[Looking at|Reading|Comparing|With regard to|Between] {x} and {y}[: what differs?|, what is "
            "different?|, where do they differ?|: what are the differences?|, what stands out?]"
        ),
        (
            "[Compared to|Compared with|In contrast to|Unlike|As opposed to|Relative to] {x}, what [does {y} do "
            "differently|is different in {y}|is special about {y}|does {y} add|sets {y} apart]?"
        ),
        (
            "[As compared to|Next to|When set beside|Measured against] {x}, how [does {y} differ|is {y} "
            "different|does {y} compare]?"
        ),
        (
            "Is {x} [more general|more specific|stricter|simpler|more powerful|broader|narrower|lower level] "
            "than {y}, [or how do they differ?|or what differs?|and how do they differ?]"
        ),
        (
            "Is {x} [a variant of|a special case of|a stricter version of|a wrapper around|a lighter version of|"
            "a twin of] {y}[, or how do they differ?|, or what is different?|: what differs?|, and what differs?]"
        ),
        (
            "Are {x} and {y} two [names for one thing|ways to do the same|sides of one coin|different things|"
            "flavours of one thing][?|, or how do they differ?]"
        ),
        (
            "[A colleague|My teammate|The reviewer|Someone|A user] [asked|asks|wants to know] [how {x} differs "
            "from {y}|how {x} and {y} differ|what separates {x} from {y}|what's the difference between {x} and "
            "{y}]."
        ),
        (
            "[Apart from|Besides|Beyond|Other than] the name, [what is different|what differs|is there any "
            "difference|what is the difference] between {x} and {y}?"
        ),
        (
            "[What|Which] [behaviour|behavior|part|aspect|feature|detail] [differs|is different|is not the same] "
            "between {x} and {y}?"
        ),
        "[Which one does what|Which is for what|Which is used when|Which suits which case][:|,] {x} or {y}?",
        (
            "[Do|Don't] {x} and {y} [behave differently|give different results|differ in behaviour|differ at all|"
            "clash|contradict each other|complement each other][?|, and how?|, and where do they differ?]"
        ),
        ("[What's|What is] the [nuance|subtlety|trade-off|dividing line|boundary|fine line] between {x} and {y}?"),
        (
            "How [similar|alike|different|close|related] are {x} and {y}[?|, and where do they differ?|, and "
            "what differs?]"
        ),
        (
            "Does {x} [supersede|subsume|replace|supplement|complement|shadow|duplicate|mirror] {y}[, or how do "
            "they differ?|, or what is different?|: what differs between them?]"
        ),
        (
            "[Are|Aren't] {x} and {y} [twins|siblings|cousins|counterparts|opposites|apples and oranges|variants "
            "of one idea|two of a kind][?|, and how do they differ?|, or what differs?]"
        ),
        (
            "[At first glance|On the surface|From the outside] {x} and {y} [look alike|do the same|are the "
            "same][. What differs?|; where do they differ?|, so what's the difference?|. How do they differ?]"
        ),
        "What [speaks|argues] for {x} [over|rather than|instead of] {y}[?|, and how do they differ?]",
        "[What|Which] [properties|traits|features|qualities|aspects] [tell|set] {x} and {y} apart?",
        (
            "[Same or different|Any difference|Are these the same|What differs|How do these compare|Which one "
            "when]: {x} [and|or|vs] {y}?"
        ),
        (
            "[I'd like|I want|I'm after|I'm looking for] [a comparison|the differences|the contrast] [between|"
            "of] {x} and {y}[.|, please.]"
        ),
    ),
}
