/// The words that `Courtesy` knows.
enum CourtesyWords {
    static let greetings = PhraseTable(
        """
        hi | hello | hey | hiya | greetings | good morning | good afternoon | good evening | good day
        hi there | hello there | hey there | um | uh | quick question | a quick question
        one quick question
        i have a question | i have a quick question | just curious | just wondering | i am curious
        excuse me
        hi again | hello again
        """)

    /// Words that may as well be the subject ("OK is a state"): they go before a break or a question word
    /// only.
    static let weakGreetings = PhraseTable(
        """
        dear | so | well | ok | okay | oh | alright | question | sorry | thanks | thank you | morning
        evening | afternoon
        quick one | one more question | another question
        """)

    /// Who may stand after a greeting.
    static let addressees: Set<String> = [
        "all", "assistant", "bot", "chatgpt", "claude", "everybody", "everyone", "folks", "friend", "gpt",
        "guys",
        "team", "there", "sir", "madam",
    ]

    static let sentences = PhraseTable(
        """
        i need help | i need some help | i need your help | i hope someone can help | i hope you can help
        i hope you can help me | hope you can help | hope you can help me | hope someone can help
        hope you are well
        hope you are doing well | i hope you are well | i hope you are doing well | can you help
        can you help me
        can someone help | can someone help me | can anyone help | can anyone help me | could you help
        could you help me | please help | please help me | help | help me | i have a question
        i have a quick question
        quick question | hope this finds you well | i hope this finds you well | i could use some help
        sorry to bother you | sorry to disturb you | sorry for the basic question
        sorry if this is a basic question
        i hope this is the right place to ask | if you do not mind | if you do not mind me asking
        if you have a moment
        when you have a moment | when you get a chance | i am new here | i am new to this
        i have been wondering
        thanks for your time | thank you for your time | hope all is well | i hope all is well
        how are you
        how are you doing | i hope you can help me out | i wonder if you can help
        i was wondering if you could help
        i was wondering if you could help me | maybe you can help | maybe you can help me
        nice to meet you
        """)

    static let wrappers = PhraseTable(
        """
        tell me | please tell me | can you tell me | could you tell me | would you tell me
        can you please tell me
        could you please tell me | would you please tell me | do you know | do you happen to know
        would you know
        would you happen to know | i want to know | i would like to know | i would love to know
        i need to know
        i was wondering | i am wondering | i wonder | may i ask | can i ask | could i ask | might i ask
        i want to ask
        i would like to ask | can anyone tell me | can someone tell me | could someone tell me
        could anyone tell me
        does anyone know | does anybody know | can you let me know | could you let me know
        please let me know
        let me know | any idea | i am trying to find out | i want to find out | i would like to find out
        can you say
        i am curious | i am just wondering | i was just wondering | i just want to know
        please explain to me
        do you have any idea | can you help me understand | could you help me understand
        help me understand
        please help me understand | could you clarify | can you clarify | please clarify | may i know
        i need to find out
        i have been wondering | any chance you could tell me | any chance you know | wondering | curious
        i would be grateful if you could tell me | i would appreciate it if you could tell me
        can somebody tell me
        could somebody tell me | i would be glad to know | would you be able to tell me
        are you able to tell me
        """)

    static let questionWords: Set<String> = [
        "what", "which", "who", "whom", "whose", "when", "where", "why", "how", "if", "whether",
    ]

    /// Verbs that begin a question.
    static let verbs: Set<String> = [
        "is", "are", "was", "were", "do", "does", "did", "can", "could", "should", "must", "may", "will",
        "would", "has", "have",
    ]

    /// What a question or a request begins with, so that what stands before it is no part of it.
    static let openers: Set<String> = questionWords.union(verbs).union([
        "please", "explain", "tell", "give", "show", "list", "describe", "summarise", "summarize", "i", "my",
        "i'm", "we", "our", "translate", "track", "find", "in", "on",
    ])

    /// What makes a request of the verb after it.
    static let requests = PhraseTable(
        """
        please | pls | plz | kindly | can you please | could you please | would you please
        will you please
        can you kindly | could you kindly | would you kindly | please can you | please could you
        i would like you to | i want you to | i need you to | please kindly | can i please ask you to
        i would be grateful if you could | i would appreciate it if you could | would you be so kind as to
        would you be kind enough to | could i ask you to | may i ask you to | can i ask you to
        be so kind as to
        do me a favour and | do me a favor and | any chance you could | would you be able to
        could you possibly
        """)

    /// What makes a request of some verbs only, as "can you swim" is none.
    static func takes(_ words: ArraySlice<QuestionToken>, _ verb: String) -> Bool {
        guard words.dropFirst().first?.word == "you" else { return false }
        switch words.first?.word {
        case "could", "would": return requestVerbs.contains(verb)
        case "can": return requestVerbsOfCan.contains(verb)
        default: return false
        }
    }

    private static let requestVerbs: Set<String> = requestVerbsOfCan.union([
        "calculate", "check", "convert", "create", "draft", "fix", "generate", "make", "name", "provide",
        "rewrite",
        "translate", "write",
    ])

    private static let requestVerbsOfCan: Set<String> = [
        "compare", "describe", "explain", "give", "list", "outline", "recommend", "suggest", "summarise",
        "summarize",
    ]

    static let gerunds: [String: String] = [
        "checking": "check", "comparing": "compare", "describing": "describe", "drafting": "draft",
        "explaining": "explain", "giving": "give", "helping": "help", "listing": "list", "making": "make",
        "naming": "name", "recommending": "recommend", "showing": "show", "suggesting": "suggest",
        "summarising": "summarise", "summarizing": "summarize", "telling": "tell", "translating": "translate",
        "writing": "write",
    ]

    /// What may be said, written or meant: after one of them, thanks are what is asked about.
    static let takesWords: Set<String> = [
        "add", "answer", "called", "call", "hear", "included", "mean", "means", "meaning", "put", "reply",
        "sign",
        "signed", "term", "type", "use", "using", "word", "words", "write", "writing", "written", "wrote",
    ]

    static let thanks = PhraseTable.reversed(
        """
        thanks | thank you | thx | ty | cheers | many thanks | thanks in advance | thank you in advance
        thanks a lot
        many thanks in advance | thank you very much | thank you so much | thanks so much
        thanks very much | please
        pls | plz | any help is appreciated | any help would be appreciated | any help is welcome
        regards
        best regards | kind regards | thanks for your help | thank you for your help | thanks for the help
        much appreciated | thank you for your time | thanks for your time | thank you for any help
        thanks for any help
        thanks again | thank you again | have a nice day | have a great day | have a good day
        i appreciate your help
        i appreciate it | i would appreciate any help | i appreciate any help | i appreciate your time
        help appreciated
        any help appreciated | help would be appreciated | that would be great | thank you for the help
        thanks mate
        if you do not mind | if you would | best wishes
        """)
}
