extension PromptChange.Kind {
    /// What to do about a break of this kind, as one sentence.
    package var hint: String {
        switch self {
        case .timestamp:
            "A date or time stands in the cached part; move it to the end of the last message, or cut it to the day."
        case .randomToken:
            "A random id stands in the cached part; leave it out of the prompt, or send it in the last message."
        case .counter:
            "A number that counts up stands in the cached part; move it to the last message."
        case .reorderedTools:
            "The same tools came in another order; sort them, for instance by name, before every request."
        case .changedTools:
            "Tools came or went within a conversation; send all of them from the start, or defer loading some."
        case .whitespace:
            "Only white space differs; write the prompt and its JSON with one serializer and fixed settings."
        case .editedText:
            "Text in the cached part was changed; put what changes behind what stays, as late as it can be."
        case .rewrittenHistory:
            "Earlier messages were removed or replaced; compact seldom and in large steps, and append otherwise."
        case .markerMoved:
            "The caller's markers went elsewhere; keep earlier ones in place and add one at the new end."
        case .model:
            "The model changed, and every model has a cache of its own; keep one model for a conversation."
        case .parameter:
            "A parameter that is part of the cache key changed (thinking, tool_choice, effort); keep it fixed."
        case .provider:
            "Another provider or account served the turn before; keep a conversation on one route and account."
        case .ttlElapsed:
            "The pause was longer than the entry lives; use the one-hour lifetime where such pauses are usual."
        case .belowMinimum:
            "The prefix is shorter than the model caches; nothing is lost unless more can be put in front."
        case .evictionSuspected:
            "The same prefix was sent in time, and the provider read less; nothing to change on this side."
        case .lookBackExceeded:
            "More blocks came than a marker looks back over; place a marker before wide turns, or let Weir do it."
        }
    }
}
