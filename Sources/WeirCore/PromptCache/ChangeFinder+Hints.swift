extension ChangeFinder {
    /// One sentence that names the remedy.
    package static func hint(_ kind: PromptChange.Kind) -> String {
        switch kind {
        case .timestamp:
            "Take the date or time out of the prompt's beginning, or put it into the last message."
        case .randomToken:
            "Take the random token out of the prompt's beginning, or make it the same for the conversation."
        case .counter:
            "Take the changing number out of the prompt's beginning, or put it into the last message."
        case .reorderedTools:
            "Send the tools in the same order every time, for instance sorted by name."
        case .changedTools:
            "Keep the set of tools the same through a conversation, or add tools by deferred loading."
        case .whitespace:
            "Write the text with the same spaces and line ends every time."
        case .editedText:
            "Keep the text as it was, and put what is new into the last message."
        case .rewrittenHistory:
            "Append to the conversation and leave sent messages alone; compact rarely and much at a time."
        case .markerMoved:
            "Keep a cache_control marker at or behind the place where the last request had one."
        case .model:
            "Stay on one model through a conversation; each model has a cache of its own."
        case .parameter:
            "Keep tool_choice, thinking, effort and speed the same through a conversation."
        case .provider:
            "Send a conversation to the same provider and account; each account has a cache of its own."
        case .ttlElapsed:
            "Use the longer lifetime where turns come this far apart."
        case .belowMinimum:
            "Nothing to fix: the model does not cache a prompt this short."
        case .evictionSuspected:
            "Nothing to fix in the prompt: the provider dropped the entry before its time."
        case .lookBackExceeded:
            "Place one more marker before the last assistant message when a turn adds many blocks."
        }
    }
}
