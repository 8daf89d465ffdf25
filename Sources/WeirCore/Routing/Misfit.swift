extension Plan {
    /// Why a target of this plan cannot serve a request, as a clause; `nil` where nothing is known against it.
    ///
    /// Only what is known speaks against a target: one that the catalogue does not know, which only a route
    /// can name, is refused for nothing but what ties the request to its provider.
    package func misfit(_ target: Target, for needs: RequestNeeds, in catalogue: Catalogue) -> String? {
        let isAtHome = primaries.contains { $0.providerIndex == target.providerIndex }
        if !isAtHome, let bond = needs.bond { return bond }
        guard let index = target.entry, catalogue.entries.indices.contains(index) else { return nil }
        let entry = catalogue.entries[index]
        let isSameMaker = primaries.contains { primary in
            primary.entry.map { catalogue.entries[$0].provider == entry.provider } ?? isAtHome
        }
        if !isSameMaker, let name = needs.vendorMembers.first {
            return "it is not known to take \"\(name)\""
        }
        return entry.misfit(for: needs)
    }
}

extension CatalogueEntry {
    /// Why the model cannot serve a request, as a clause: "its context of 200000 tokens is smaller than …".
    ///
    /// `nil` where nothing that is known speaks against it.
    package func misfit(for needs: RequestNeeds) -> String? {
        sizeMisfit(needs) ?? contentMisfit(needs) ?? toolMisfit(needs) ?? thinkingMisfit(needs)
            ?? spellingMisfit(needs)
    }

    private func sizeMisfit(_ needs: RequestNeeds) -> String? {
        if let contextTokens, needs.promptTokens > contextTokens {
            return "its context of \(contextTokens) tokens is smaller than the prompt's about "
                + "\(needs.promptTokens)"
        }
        if let contextTokens, let output = needs.maxOutput,
            needs.promptTokens > contextTokens - min(output, contextTokens)
        {
            return "its context of \(contextTokens) tokens does not hold the prompt's about "
                + "\(needs.promptTokens) and \(output) of output"
        }
        if let maxOutputTokens, let output = needs.maxOutput, output > maxOutputTokens {
            return "it writes at most \(maxOutputTokens) tokens, not \(output)"
        }
        // Anthropic counts images and pages together.
        if let contextTokens, contextTokens <= 200_000, needs.dialect == .anthropic,
            needs.images + needs.documents > 100
        {
            return "it takes at most 100 images and pages"
        }
        return nil
    }

    private func contentMisfit(_ needs: RequestNeeds) -> String? {
        if needs.images > 0, !can("vision") { return "it sees no images" }
        if needs.documents > 0, !can("pdf") { return "it reads no documents" }
        if needs.hasAudio, !can("audio_input") { return "it hears no audio" }
        if needs.hasSystemInside, !can("mid_conversation_system") {
            return "it takes no system message between others"
        }
        if needs.hasPrefill, !flag("assistant_prefill", unless: true) {
            return "it does not continue a message of the assistant"
        }
        if needs.isStructured, !can("json_schema") { return "it writes no structured output" }
        if needs.isStructured, needs.hasTools || needs.isStream, !flag("schema_beside_tools", unless: true) {
            return "it writes no structured output beside tools or as a stream"
        }
        return nil
    }

    private func toolMisfit(_ needs: RequestNeeds) -> String? {
        if needs.hasTools, !can("tools") { return "it calls no tools" }
        if needs.forcesTool, !flag("forced_tool_choice", unless: true) {
            return "it cannot be made to call a tool"
        }
        for type in needs.serverTools {
            if type.hasPrefix("web_search"), !can("web_search") { return "it does not search the web" }
            if type.hasPrefix("computer"), !can("computer_use") { return "it uses no computer" }
            // Freeform tools and whatever else chat requests have are OpenAI's own.
            if needs.dialect == .chat, provider != "openai" {
                return "it is not known to take tools of type \"\(type)\""
            }
        }
        return nil
    }

    private func thinkingMisfit(_ needs: RequestNeeds) -> String? {
        if needs.dialect == .anthropic {
            switch needs.thinking {
            case .adaptive, .betweenTools:
                if !can("adaptive_thinking") { return "it has no adaptive thinking" }
            case .enabled:
                if !flag("manual_thinking", unless: false) { return "it takes no thinking budget" }
            case .disabled:
                if flag("thinking_always_on", unless: false) { return "its thinking cannot be turned off" }
            case nil: break
            }
            if needs.effort != nil, !can("adaptive_thinking"), !flag("effort", unless: false) {
                return "it takes no effort"
            }
            return nil
        }
        guard let effort = needs.effort else { return nil }
        guard can("reasoning") else { return "it takes no reasoning effort" }
        let known = reasoningEfforts.isEmpty ? ["low", "medium", "high"] : reasoningEfforts
        return known.contains(effort) ? nil : "it is not known to take the effort \"\(effort)\""
    }

    /// What some providers name otherwise or do not take.
    private func spellingMisfit(_ needs: RequestNeeds) -> String? {
        if needs.dialect == .anthropic {
            return needs.sampling.flatMap { name in
                flag("sampling_params", unless: true) ? nil : "it takes no \(name)"
            }
        }
        let isOpenAIsReasoning = provider == "openai" && can("reasoning")
        if let name = needs.sampling, isOpenAIsReasoning, needs.effort != "none" {
            return "it takes no \(name) while it reasons"
        }
        guard needs.dialect == .chat else { return nil }
        if needs.hasStop, isOpenAIsReasoning || provider == "xai" && can("reasoning") {
            return "it takes no stop sequences"
        }
        if needs.limitName == "max_tokens", isOpenAIsReasoning {
            return "it takes max_completion_tokens and not max_tokens"
        }
        if needs.limitName == "max_completion_tokens", !Self.takesCompletionLimit.contains(provider) {
            return "it takes max_tokens and not max_completion_tokens"
        }
        return nil
    }

    /// Providers that take OpenAI's newer name for the limit of the output; Mistral answers 422 to it, DeepSeek,
    /// Together and Cerebras know the older one.
    private static let takesCompletionLimit: Set<String> = [
        "openai", "groq", "gemini", "xai", "fireworks", "openrouter",
    ]

    private func can(_ capability: String) -> Bool { capabilities.contains(capability) }

    private func flag(_ name: String, unless standard: Bool) -> Bool { wireFlags[name] ?? standard }
}
