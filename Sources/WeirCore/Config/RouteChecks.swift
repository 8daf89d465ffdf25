/// Checks one route against the providers there are.
struct RouteChecks {
    let providers: [ProviderDraft]
    /// The top level's, for what a route does not say.
    let streams: StreamOptions

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
        var route = Route(
            model: draft.model, targets: targets, auth: draft.auth, promptCache: draft.promptCache,
            keepWarm: draft.keepWarm)
        route.cache = draft.cache
        route.semantic = draft.semantic
        route.fallbacks = fallbacks(draft, speaking, &reading)
        route.fallback = draft.fallback
        route.hedge = draft.hedge
        route.streams = draft.streams?.options(over: streams)
        return route
    }

    /// The targets of `fallback`; each must speak what the route's own targets speak.
    private func fallbacks(
        _ draft: RouteDraft, _ speaking: [Provider], _ reading: inout ConfigReading
    ) -> [Route.Target] {
        if draft.auth == .passthrough, let first = draft.fallbacks.first {
            reading.note(
                first.mark, "\(draft.path).fallback",
                "would send the caller's own credential to a provider that did not give it",
                write: "auth: key, or no fallback")
            return []
        }
        let common = Self.surfaces.filter { dialect in
            speaking.allSatisfy { $0.dialects.contains(dialect) }
        }
        var targets: [Route.Target] = []
        for target in draft.fallbacks {
            guard let provider = provider(target, draft, &reading) else { continue }
            guard common.isEmpty || provider.dialects.contains(where: common.contains) else {
                reading.note(
                    target.mark, target.path,
                    "\(provider.name) speaks \(Self.list(provider.dialects)), and the route's targets "
                        + "\(Self.list(common)), and Weir does not translate yet",
                    write: "a provider that speaks \(Self.list(common))")
                continue
            }
            let same = Route.Target(provider: provider.name, model: target.model)
            let isTwice =
                targets.contains(same)
                || draft.targets.contains { $0.provider == same.provider && $0.model == same.model }
            if isTwice {
                reading.note(
                    target.mark, target.path, "is a target of this route already", write: "another target")
            }
            targets.append(same)
        }
        return targets
    }

    private static let surfaces: [Dialect] = [.anthropic, .chat, .responses]

    private static func list(_ dialects: [Dialect]) -> String {
        dialects.map(\.rawValue).joined(separator: " and ")
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
        if draft.isImplied, draft.keys.isEmpty, route.auth == .key, let known = AllProviders.named(name)
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
        let surfaces = Self.surfaces
        guard !surfaces.contains(where: { dialect in speaking.allSatisfy { $0.dialects.contains(dialect) } })
        else {
            return
        }
        var shown: [String] = []
        for provider in speaking {
            let one = "\(provider.name) speaks \(Self.list(provider.dialects))"
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
