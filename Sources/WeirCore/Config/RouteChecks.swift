/// Checks one route against the providers there are.
struct RouteChecks {
    let providers: [ProviderDraft]

    /// The route, or `nil` after noting what is wrong with it.
    func finish(_ draft: RouteDraft, _ reading: inout ConfigReading) -> Route? {
        guard !draft.targets.isEmpty else {
            if reading.hasProblem(at: draft.path) || reading.hasProblem(at: draft.path + ".targets") {
                return nil
            }
            reading.note(draft.mark, draft.path, "has no targets", write: #"targets: ["provider/model"]"#)
            return nil
        }
        if let star = draft.model.firstIndex(of: "*"), draft.model.index(after: star) != draft.model.endIndex
        {
            reading.note(
                draft.mark, draft.path, "has a * that is not at its end",
                write: #"a whole name, or its beginning and *"#)
        }
        var targets: [Route.Target] = []
        var speaking: [Provider] = []
        for target in draft.targets {
            guard let provider = provider(target, draft, &reading) else { continue }
            speaking.append(provider)
            targets.append(Route.Target(provider: provider.name, model: target.model, weight: target.weight))
        }
        guard speaking.count == draft.targets.count else { return nil }
        if draft.targets.allSatisfy({ $0.weight == 0 }) {
            reading.note(
                draft.mark, draft.path, "has weight 0 at every target, so that nothing could be chosen",
                write: "a weight above 0 at one of them")
        }
        checkDialects(speaking, draft, &reading)
        return Route(
            model: draft.model, targets: targets, auth: draft.auth, promptCache: draft.promptCache,
            keepWarm: draft.keepWarm)
    }

    private func provider(_ target: TargetDraft, _ route: RouteDraft, _ reading: inout ConfigReading)
        -> Provider?
    {
        guard let name = target.provider else {
            if reading.hasProblem(at: target.path + ".provider") { return nil }
            reading.note(
                target.mark, target.path, "names no provider", write: "provider: and a provider's name")
            return nil
        }
        guard let draft = providers.first(where: { $0.name == name }) else {
            let names = providers.map(\.name) + AllProviders.list.map(\.name)
            let near = NearestWord.of(name, among: names).map { "\"\($0)\", or " } ?? ""
            reading.note(
                target.mark, target.path, "\"\(name.prefix(100))\" is no provider",
                write: "\(near)an entry for it under providers")
            return nil
        }
        if draft.isImplied, draft.credential == nil, route.auth == .key, let known = AllProviders.named(name)
        {
            reading.note(
                target.mark, target.path, "\"\(name)\" has no credential",
                write: "credential: ${NAME} under providers.\(name), or set \(known.keyVariable)")
            return nil
        }
        // An incomplete provider has been noted at its own place.
        return draft.provider
    }

    /// All targets of a route must speak one dialect that callers speak, because nothing is translated yet.
    private func checkDialects(_ speaking: [Provider], _ route: RouteDraft, _ reading: inout ConfigReading) {
        let surfaces: [Dialect] = [.anthropic, .chat, .responses]
        guard !surfaces.contains(where: { dialect in speaking.allSatisfy { $0.dialects.contains(dialect) } })
        else {
            return
        }
        var shown: [String] = []
        for provider in speaking {
            let one =
                "\(provider.name) speaks " + provider.dialects.map(\.rawValue).joined(separator: " and ")
            if !shown.contains(one) { shown.append(one) }
        }
        let list = shown.joined(separator: ", ")
        let isForeign = speaking.allSatisfy { !$0.dialects.contains(where: surfaces.contains) }
        reading.note(
            route.targets.first?.mark ?? route.mark, route.path,
            isForeign
                ? "leads only to what no caller speaks (\(list)), and Weir does not translate yet"
                : "mixes dialects (\(list)), and Weir does not translate yet",
            write: isForeign
                ? "a provider that speaks anthropic, chat or responses (gemini does chat at /v1beta/openai)"
                : "targets that all speak one dialect, and a second route name for the others")
    }
}
